"""Rows of a run's table as aligned text."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Mapping, Sequence
from copy import copy
from itertools import chain
from operator import attrgetter
from typing import Any

from initplay.charts.sheet import FILLER, Grid, Line, as_columns, cut, sentence
from initplay.words.names import spelled
from initplay.words.numbers import short_fact

_GAP = 2
_NARROWEST_TEXT = 6
"""Columns of text are not cut below this; rather a whole column is left out, and that is said."""

_LONGEST_NAME = 16
"""Columns that the name of a column of text keeps where others can give room."""


def table(
    rows: Sequence[Mapping[str, Any]],
    width: int,
    height: int,
    ascii: bool = False,
    *,
    from_start: bool = False,
) -> list[Line]:
    """Exactly `height` lines of `width` columns: a head, then the rows; numbers right, text left.

    Where there are too many rows the last ones are shown and the others counted above them or, `from_start`,
    the first ones and the others counted below. Where there are
    too many columns, "…" stands for those after the first: the last is what the run itself gave. Text that is
    too long goes on in the lines below; it is cut where that would take the room of a row.
    """
    if width < 1 or height < 1:
        return [[] for _ in range(max(height, 0))]
    names = list(dict.fromkeys(chain.from_iterable(rows)))
    if not names:
        return sentence("no rows yet", width, height, ascii)
    if len(names) > width + 2:  # more than there is room for
        names = [*names[:1], *names[-width - 1 :]]
    room = height - 1
    counted = len(rows) > room > 1
    left_out = max(len(rows) - room + counted, 0)
    shown = rows[: len(rows) - left_out] if from_start else rows[left_out:]
    grid = Grid(width, height, ascii)
    columns = _those_that_fit([_Column(name, shown, ascii) for name in names], width, ascii)
    _narrow(columns, width)
    cells = _wrapped(columns, room - counted) or [column.cells for column in columns]
    _put_columns(grid, columns, cells, width, first_row=2 if counted and not from_start else 1)
    if counted:
        row, where = (height - 1, "below") if from_start else (1, "above")
        grid.put(0, row, cut(f"{left_out} rows {where}", width, ascii), "muted")
    return grid.lines()


def whole_table(rows: Sequence[Mapping[str, Any]], width: int, ascii: bool = False) -> list[Line]:
    """Every row and every column, for where there is room below: what is too wide goes on in further blocks
    under the first, each of which begins with the columns that tell the rows apart."""
    names = list(dict.fromkeys(chain.from_iterable(rows)))
    if not names:
        return sentence("no rows yet", width, 1, ascii)
    lines: list[Line] = []
    for block in _blocks([_Column(name, rows, ascii) for name in names], width):
        columns = _those_that_fit(block, width, ascii)
        _narrow(columns, width)
        cells = _wrapped(columns) or []
        grid = Grid(width, len(cells[0]) + 1, ascii)
        _put_columns(grid, columns, cells, width, first_row=1)
        lines += [[], *grid.lines()] if lines else grid.lines()
    return lines


def _blocks(columns: list[_Column], width: int) -> list[list[_Column]]:
    """The columns as they are drawn under one another: as many in each as there is room for."""
    if _least(columns, cut_names=False) <= width:
        return [columns]
    first = _that_tell_apart(columns)
    if _least(first, cut_names=False) > width // 2:
        first = first[:1]
    blocks = [list(first)]
    for column in columns[len(first) :]:
        if len(blocks[-1]) > len(first) and _least([*blocks[-1], column], cut_names=False) > width:
            blocks.append([copy(column) for column in first])  # each is narrowed for its own block
        blocks[-1].append(column)
    return blocks


def _that_tell_apart(columns: list[_Column]) -> list[_Column]:
    """The fewest from the left by which no two rows are the same; the first alone where there are none."""
    for count in range(1, len(columns)):
        rows = list(zip(*(column.cells for column in columns[:count]), strict=True))
        if len(set(rows)) == len(rows):
            return columns[:count]
    return columns[:1]


class _Column:
    """A name and its cells as text, with the width they need."""

    def __init__(self, name: str, rows: Sequence[Mapping[str, Any]], ascii: bool) -> None:
        values = [row.get(name, "") for row in rows]
        self.name = as_columns(spelled(name), ascii)
        self.cells = [as_columns(short_fact(value), ascii) for value in values]
        self.right = all(isinstance(v, (int, float)) or v is None or v == "" for v in values)
        self.width = max(len(text) for text in (self.name, *self.cells))

    def narrowest(self, *, cut_name: bool) -> int:
        """Columns that it needs with its texts cut, and its name whole or cut too; numbers are not cut."""
        least = _NARROWEST_TEXT if cut_name else max(_NARROWEST_TEXT, min(len(self.name), _LONGEST_NAME))
        return self.width if self.right else min(self.width, least)

    def aligned(self, text: str, ascii: bool) -> str:
        text = cut(text, self.width, ascii)
        return text.rjust(self.width) if self.right else text.ljust(self.width)

    def lines(self, row: int) -> list[str]:
        """The cell in lines of its width."""
        text = self.cells[row]
        if self.right or len(text) <= self.width:
            return [text]
        if FILLER not in text:
            return textwrap.wrap(text, self.width, break_on_hyphens=False)
        # Between the halves of what is wide, too: such a line has its other half in the column left free.
        lines = textwrap.wrap(text, max(self.width - 1, 1), break_on_hyphens=False)
        return [as_columns(line) for line in lines]


def _put_columns(
    grid: Grid, columns: list[_Column], cells: list[list[str]], width: int, first_row: int
) -> None:
    at = 0
    for number, column in enumerate(columns):
        more = number < len(columns) - 1
        if number and at + column.width + (_GAP if more else 0) > width:
            grid.put(width - 1, 0, "~" if grid.ascii else "…", "muted")
            return
        column.width = min(column.width, width - at)
        grid.put(at, 0, column.aligned(column.name, grid.ascii), "title")
        for row, text in enumerate(cells[number], first_row):
            grid.put(at, row, column.aligned(text, grid.ascii), "label")
        at += column.width + _GAP


def _wrapped(columns: Sequence[_Column], most: int = sys.maxsize) -> list[list[str]] | None:
    """Each column's cells from top to bottom, each row in as many lines as its longest text needs; None where
    that makes more than `most` lines."""
    wrapped: list[list[str]] = [[] for _ in columns]
    left = most - len(columns[0].cells)
    for row in range(len(columns[0].cells)):
        cells = [column.lines(row) for column in columns]
        height = max(map(len, cells))
        left -= height - 1
        if left < 0:
            return None
        for lines, cell in zip(wrapped, cells, strict=True):
            lines += [*cell, *[""] * (height - len(cell))]
    return wrapped


def _those_that_fit(columns: list[_Column], width: int, ascii: bool) -> list[_Column]:
    """All of them, or the first and the last ones, with a column of "…" between."""
    over = _least(columns) - width
    if over <= 0 or len(columns) <= 2:
        return columns
    gap = _Column("~" if ascii else "…", [{}] * len(columns[0].cells), ascii)
    over += gap.width + _GAP
    first_kept = 1
    while over > 0 and first_kept < len(columns) - 1:
        over -= columns[first_kept].narrowest(cut_name=True) + _GAP
        first_kept += 1
    return [columns[0], gap, *columns[first_kept:]]


def _least(columns: Sequence[_Column], *, cut_names: bool = True) -> int:
    """The width that they need with their texts cut, and gaps between them."""
    widths = [column.narrowest(cut_name=cut_names) for column in columns]
    return sum(widths) + _GAP * max(len(widths) - 1, 0)


def _narrow(columns: list[_Column], width: int) -> None:
    """Take from the widest column of text until all columns fit or none can give any more: names are cut
    last."""
    for column in columns:
        if not column.right:  # at once, not by one at a time
            column.width = min(column.width, max(width, _LONGEST_NAME))
    over = sum(column.width + _GAP for column in columns) - _GAP - width
    for cut_name in (False, True):
        least = {id(column): column.narrowest(cut_name=cut_name) for column in columns}
        while over > 0 and (wide := [column for column in columns if column.width > least[id(column)]]):
            max(wide, key=attrgetter("width")).width -= 1
            over -= 1
