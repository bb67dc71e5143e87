"""A text area that makes and paints no line anew which is as it was.

Textual makes and paints all that are in sight for each letter, and paints all at a move of the cursor.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from textual.cache import LRUCache
from textual.geometry import Region, Spacing
from textual.strip import Strip
from textual.widgets import TextArea


class LightTextArea(TextArea):
    """For a text whose lines are not wrapped."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._drawn: dict[int, Strip] = {}
        """What each line in sight was when it was painted last."""
        self._handed: set[int] = set()
        """The lines that are to be painted whole, as was asked for last."""
        self._owed: set[int] = set()
        """Lines of which a part may have been painted alone, because of something over it."""
        self._paints = False
        self._lines: _KeptLines | None = None
        of_texts = ("_line_cache", "_highlights", "_build_highlight_map")
        if all(hasattr(self, name) for name in of_texts):
            self._line_cache = self._lines = _KeptLines()

    def _line_of(self, y: int) -> Strip:
        """What there is to see in a line of the widget."""
        if self._lines is not None:
            row = self.scroll_offset.y + y
            text = self.document.get_line(row) if row < self.document.line_count else ""
            colours = tuple(self._highlights[row]) if row in self._highlights else ()
            self._lines.look = (text, colours, self.virtual_size.width, self.gutter_width)
        return self.dressed(y, super().render_line(y))

    def dressed(self, y: int, strip: Strip) -> Strip:
        """What else there is to see in a line of the widget."""
        return strip

    def render_line(self, y: int) -> Strip:
        strip = self._line_of(y)
        if self._paints:
            if self._drawn.get(y) != strip and y not in self._handed:
                self._owed.add(y)
            self._drawn[y] = strip
        return strip

    def render_lines(self, crop: Region) -> list[Strip]:
        self._paints = True
        try:
            return super().render_lines(crop)
        finally:
            self._paints = False
            self._handed.difference_update(crop.line_range)

    def edit(self, edit: Any) -> Any:
        if self._lines is not None:
            self._lines.outlive_an_edit = not self.soft_wrap
        try:
            return super().edit(edit)
        finally:
            if self._lines is not None:
                self._lines.outlive_an_edit = False

    def notify_style_update(self) -> None:
        self._drawn.clear()
        super().notify_style_update()

    def _exchange_repaint_regions(self) -> Collection[Region]:
        regions = super()._exchange_repaint_regions()
        if self.styles.gutter != Spacing():  # there is more to it than its lines
            return regions
        width, height = self.size
        rows = {y for region in regions for y in region.line_range if 0 <= y < height}
        drawn, owed = self._drawn, self._owed
        # Not what is to be styled anew, which it is when it is painted.
        self._handed = {y for y in rows if y not in drawn or y in owed or drawn[y] != self._line_of(y)}
        self._owed -= self._handed
        return [Region(0, y, width, 1) for y in self._handed]


class _KeptLines(LRUCache[tuple[object, ...], Strip]):
    """Textual's lines of a text, each with what it was made from: an edit leaves what is as it was."""

    outlive_an_edit = False
    look: tuple[object, ...] = ()
    """Of the line that is asked for."""

    def __init__(self) -> None:
        super().__init__(1024)

    def get(self, key: tuple[object, ...], default: Any = None) -> Any:
        return super().get((key, self.look), default)

    def __setitem__(self, key: tuple[object, ...], value: Strip) -> None:
        super().__setitem__((key, self.look), value)

    def clear(self) -> None:
        if not self.outlive_an_edit:
            super().clear()
