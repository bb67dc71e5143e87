"""A page of Markdown as one widget, so that the next step is shown at once."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.selection import Selection
from textual.widget import Widget

from initplay.ui.widgets.typeset import STYLES, Row, parse, typeset


class Page(Widget):
    """Shows Markdown. Textual's own widget mounts one for each paragraph, which takes a tenth of a second."""

    COMPONENT_CLASSES = {f"page--{name}" for name in STYLES}

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self._tree = parse(markdown)
        self._width = 0
        self._rows: list[Row] = []

    def show(self, markdown: str) -> None:
        """Another text in its place."""
        self._tree, self._width = parse(markdown), 0
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._rows_of(width))

    def render(self) -> Content:
        return Content("\n").join(row.content for row in self._rows_of(self.size.width))

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text as it was written: joined where only the edge of the page parted it."""
        text = ""
        for number, row in enumerate(self._rows):
            if (span := selection.get_span(number)) is not None:
                start, end = span
                words = row.content.plain[max(start, row.margin) : None if end == -1 else end]
                text += (row.glue if text else "") + words.rstrip()
        return text, "\n"

    def _rows_of(self, width: int) -> list[Row]:
        if width != self._width:
            self._width, self._rows = width, typeset(self._tree, width)
        return self._rows
