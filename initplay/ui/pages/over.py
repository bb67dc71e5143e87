"""A page over another screen, which stays in sight behind it, dimmed."""

from __future__ import annotations

from functools import lru_cache

from rich.console import RenderableType
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.color import Color
from textual.css.styles import RulesMap
from textual.screen import ScreenResultType
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

from initplay.ui.terminal.textual_private.frames import lines_of
from initplay.ui.terminal.textual_private.page_first import PageFirst


class Over(PageFirst[ScreenResultType]):
    """Textual's, but that what is behind it is dimmed a style at a time.

    Textual dims each piece of text by itself, again for each frame of a live chart, which takes longer than
    all else that a page needs.
    """

    def render(self) -> RenderableType:
        stack = self.app.screen_stack
        below = stack[stack.index(self) - 1] if self in stack[1:] else None
        lines = below and lines_of(below)
        # A Visual is what Textual draws everything by; the type it declares here is older than that.
        return Dimmed(lines, self.styles.background) if lines else super().render()  # type: ignore[return-value]


class Dimmed(Visual):
    """Lines of a screen under a colour that lets them through."""

    def __init__(self, lines: list[Strip], color: Color) -> None:
        self._lines = lines
        self._color = color

    def visualize(self) -> Dimmed:
        return self

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        return [self._dimmed(line).adjust_cell_length(width) for line in self._lines[:height]]

    def _dimmed(self, line: Strip) -> Strip:
        color = self._color
        return Strip(
            [Segment(text, style and dimmed(style, color), control) for text, style, control in line],
            line.cell_length,
        )

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        return container_width

    def get_height(self, rules: RulesMap, width: int) -> int:
        return len(self._lines)


@lru_cache(4096)
def dimmed(style: RichStyle, color: Color) -> RichStyle:
    """The style under the colour, without what a click on it would do."""
    return style.clear_meta_and_links() + RichStyle(
        color=(Color.from_rich_color(style.color) + color).rich_color if style.color else None,
        bgcolor=(Color.from_rich_color(style.bgcolor) + color).rich_color if style.bgcolor else None,
    )
