"""A text of one line, drawn as it is."""

from __future__ import annotations

from rich.segment import Segment
from rich.text import Text
from textual.strip import Strip
from textual.widget import Widget


class OneLine(Widget):
    """Shows the first line of what `render` gives, cut with an ellipsis where there is not room for all.

    Textual takes each text apart, wraps it and measures it, which for the bars of a screen took a third of
    the time that a key needs.
    """

    ALLOW_SELECT = False

    def render(self) -> Text:
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        width, ground = self.size.width, self.visual_style.rich_style
        if y:
            return Strip.blank(width, ground)
        line = self.render().split("\n", allow_blank=True)[0]  # a copy
        line.expand_tabs(8)
        line.truncate(width, overflow="ellipsis")
        line.end = ""
        segments = Segment.apply_style(line.render(self.app.console), ground)
        return Strip(segments).adjust_cell_length(width, ground)
