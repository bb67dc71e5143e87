"""The axes around a drawing: lines, ticks and labels, and where the drawing goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from initplay.charts.rows import FEW, in_rows
from initplay.charts.scales import Scale, SymmetricLog, Tick
from initplay.charts.sheet import Grid, Line, as_columns, cut, cut_spans, span_width

TWO_HEADER_ROWS = 8
"""From this height on the legend has a row of its own under the title."""
LEAST_SHARE = 1 / 3
"""Of the frame that is left to what is shown, where pinned runs or the edges of a band go far beyond it."""
NARROWEST_GUTTER = 5
"""Columns left of the axis: enough for most labels, so that the drawing does not shift when one grows."""
WIDEST_GUTTER = 11
"""Enough for every label of an axis whose ends are told apart: -1.000002e9."""


@dataclass(frozen=True)
class Area:
    """The cells inside the axes."""

    left: int
    top: int
    columns: int
    rows: int

    def column(self, at: float) -> int:
        """The column on the sheet of a place from 0 to 1 along x."""
        return self.left + min(int(at * self.columns), self.columns - 1)

    def at(self, column: int) -> float:
        """The place from 0 to 1 in the middle of a column of the sheet: the way back from `column`."""
        return min(max((column - self.left + 0.5) / self.columns, 0.0), 1.0)

    def row(self, at: float) -> int:
        """The row on the sheet of a place from 0 (bottom) to 1 (top) along y."""
        return self.top + self.rows - 1 - min(int(at * self.rows), self.rows - 1)


def up_axis(up: Scale, rows: int) -> tuple[Scale, list[Tick]]:
    """A vertical axis of lines and its ticks; of few rows, one whose rows have round values."""
    return in_rows(up, rows) if 2 <= rows < FEW and up.may_grow else (up, up_ticks(up, rows))


def up_ticks(up: Scale | SymmetricLog, rows: int) -> list[Tick]:
    """Ticks of a vertical axis, about one in three rows."""
    return up.ticks(max(min(rows // 3 + 1, 6), 2))


def gutter_of(up: list[Tick]) -> int:
    """The columns that the labels of a vertical axis want."""
    widest = max((len(label) for _, label in up), default=0)
    return min(max(widest, NARROWEST_GUTTER), WIDEST_GUTTER)


def room(grid: Grid, top: int, gutter: int, bottom: int = 2) -> Area:
    """What is left for a drawing under `top` rows and to the right of `gutter` columns and an axis."""
    gutter = min(gutter, max(grid.width // 3, 1))
    return Area(gutter + 1, top, grid.width - gutter - 1, grid.height - top - bottom)


def y_axis(grid: Grid, area: Area, up: list[Tick]) -> None:
    """Draw the vertical axis left of the area with its ticks, no two of them in one row."""
    gutter = area.left - 1
    line, tick = "|+" if grid.ascii else "│┤"
    for row in range(area.top, area.top + area.rows):
        grid.put(gutter, row, line, "axis")
    taken: set[int] = set()
    for at, label in up:
        row = area.row(at)
        if row not in taken:
            taken.add(row)
            label = cut(label, gutter, grid.ascii)
            grid.put(gutter - len(label), row, label, "axis")
            grid.put(gutter, row, tick, "axis")


def x_axis(
    grid: Grid, area: Area, ticks: list[Tick], name: str, corner: bool = True, keep_free: Sequence[int] = ()
) -> None:
    """Draw the horizontal axis under the area, with its name in the line and its labels in the row below.

    keep_free: columns that the name must leave free, because a mark will stand there.
    """
    line, tick, angle = "-++" if grid.ascii else "─┬└"
    row = area.top + area.rows
    grid.put(area.left, row, line * area.columns, "axis")
    if corner:
        grid.put(area.left - 1, row, angle, "axis")
    columns = [area.column(at) for at, _ in ticks]
    for column in columns:
        grid.put(column, row, tick, "axis")
    _name_axis(grid, area, row, name, columns, keep_free)
    taken = 0
    for column, (_, label) in zip(columns, ticks, strict=True):
        start = min(max(column - (len(label) - 1) // 2, 0), grid.width - len(label))
        if start >= taken:
            grid.put(start, row + 1, label, "axis")
            taken = start + len(label) + 1


def _name_axis(
    grid: Grid, area: Area, row: int, name: str, columns: Sequence[int], keep_free: Sequence[int]
) -> None:
    """Write the name into the axis line, at its right end but left of a tick or a mark there."""
    name = f" {as_columns(name, grid.ascii)} "
    right = area.left + area.columns - 1
    last = max((column for column in columns if column >= right - 2), default=right + 1)
    end = last - 1
    for column in sorted(keep_free, reverse=True):
        if end - len(name) <= column < end:
            end = column
    if name.strip() and len(name) <= area.columns // 2 and end - len(name) >= area.left:
        grid.put(end - len(name), row, name, "muted")


def header(grid: Grid, row: int, left: Line, right: Line) -> None:
    """One row with `left` at its left and `right` at its right end.

    Where both do not fit, `left` first loses what is "muted", then its end; of its first words, which say
    what this is, as much stays as has room in a third of the row.
    """
    left, right = ([(as_columns(text, grid.ascii), role) for text, role in part] for part in (left, right))
    name = min(span_width(left[:1]), grid.width // 3)
    right = cut_spans(right, grid.width - name - (1 if name else 0), grid.ascii)
    taken = span_width(right)
    room = grid.width - taken - (1 if taken else 0)
    if span_width(left) > room:
        left = [span for span in left if span[1] != "muted"]
    grid.put_spans(0, row, cut_spans(left, room, grid.ascii))
    grid.put_spans(grid.width - taken, row, right)
