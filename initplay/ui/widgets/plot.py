"""Drawn lines on the screen: cached strips, and repaints of only the cells that changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import zip_longest

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from initplay.charts.sheet import FILLER, LEVELS, OVER, SERIES, Line, Span, has_ground, without_fillers
from initplay.ui.terminal.textual_private.frames import forget_what_was_dirty
from initplay.ui.themes import legible

PLAIN_ROLES = (
    "axis",
    "label",
    "title",
    "muted",
    "cursor",
    "warn",
    "theory",
    "reference",
    "ghost",
    "expected",
    "outline",
    *SERIES,
)

WORTH_A_JUMP = 10
"""Cells that are painted again rather than skipped: to go to the next one and name its colours is as long."""
_NO_CELL = ("", "")


COLOURS = {f"plot--{role}" for role in PLAIN_ROLES} | {"plot--dark", "plot--bright"}
"""Component classes for a widget that plots are in. One has them for all its plots: Textual styles each class
of each widget by itself, and four plots that had them took longer than the rest of a lesson."""


class Plot(Widget):
    """Shows lines of (text, role) spans; the colour of a role is the class `plot--ROLE` of `colours`."""

    ALLOW_SELECT = False

    def __init__(self, colours: Widget, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._colours = colours
        self._lines: list[Line] = []
        self._strips: dict[int, Strip] = {}
        self._styles: dict[str, Style] = {}

    @property
    def lines(self) -> list[Line]:
        return self._lines

    def show(self, lines: list[Line]) -> None:
        """Take new lines; cells that stay as they were are not painted again."""
        before, self._lines = self._lines, lines
        for row, (old, new) in enumerate(zip_longest(before, lines, fillvalue=())):
            if old != new:
                self._strips.pop(row, None)
                for start, end in changed(old, new):
                    self.refresh(Region(start, row, end - start, 1))

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()
        self._strips.clear()
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        lines = super().render_lines(crop)
        forget_what_was_dirty(self)
        return lines

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        strip = self._strips.get(y)
        if strip is None:
            line = self._lines[y] if y < len(self._lines) else []
            spans = ((without_fillers(text), role) for text, role in with_fewer_colours(line))
            strip = Strip([Segment(text, self._style(role)) for text, role in spans])
            self._strips[y] = strip
        if strip.cell_length < width:  # until it is drawn anew
            return strip.adjust_cell_length(width, self.rich_style)
        return strip.crop(0, width)

    def _style(self, role: str) -> Style:
        if role not in self._styles:
            if role.startswith("shade:"):
                self._styles[role] = self._shade(role)
            elif role.endswith(OVER):
                self._styles[role] = self._on_filled(role.removesuffix(OVER))
            else:
                self._styles[role] = self._colours.get_component_rich_style(f"plot--{role}")
        return self._styles[role]

    def _on_filled(self, role: str) -> Style:
        """On a ground of the hue of what is filled, darker than its dots, that the line is seen on."""
        line, filled = (Color.from_rich_color(self._style(of).color) for of in (role, "s0"))
        empty, text = (self._colours.get_component_styles(f"plot--{of}").color for of in ("dark", "bright"))
        ground = _blend(empty, filled, LEVELS // 3)
        hue = legible(line, ground, text)
        return self._style(role) + Style(color=hue.rich_color, bgcolor=ground.rich_color)

    def _shade(self, role: str) -> Style:
        """A half block: the upper half is the foreground, the lower half the background."""
        upper, lower = (int(level) for level in role.removeprefix("shade:").split("/"))
        dark = self._colours.get_component_styles("plot--dark").color
        bright = self._colours.get_component_styles("plot--bright").color
        return Style.from_color(
            _blend(dark, bright, upper).rich_color, _blend(dark, bright, lower).rich_color
        )


def with_fewer_colours(line: Sequence[Span]) -> Line:
    """The line with blanks joined to what stands before them: a colour's name has more bytes than a word."""
    joined: Line = []
    for text, role in line:
        if joined and (role == joined[-1][1] or (text.isspace() and not has_ground(joined[-1][1]))):
            joined[-1] = (joined[-1][0] + text, joined[-1][1])
        else:
            joined.append((text, role))
    return joined


def changed(old: Sequence[Span], new: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """The stretches of cells, as start and end, in which two lines differ; near ones are one stretch."""
    start = end = -1
    for column, (before, after) in enumerate(zip_longest(_cells(old), _cells(new), fillvalue=_NO_CELL)):
        if before == after:
            continue
        if start >= 0 and column - end > WORTH_A_JUMP:
            yield start, end
            start = column
        start, end = (column if start < 0 else start), column + 1
    if start >= 0:
        yield start, end


def _cells(line: Sequence[Span]) -> Iterator[tuple[str, str]]:
    """Of what is wide each half stands for the whole: both change with it."""
    for text, role in line:
        before = ""
        for character in text:
            before = before + FILLER if character == FILLER else character
            yield before, role


@lru_cache(maxsize=512)
def _blend(dark: Color, bright: Color, level: int) -> Color:
    return dark.blend(bright, level / (LEVELS - 1))
