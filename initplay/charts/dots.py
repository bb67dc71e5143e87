"""Strokes on a raster of dots: where their points lie, and which of those a line needs."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import le
from typing import cast

from initplay.charts.scales import Scale


@dataclass(frozen=True)
class Stroke:
    """A line through points, in order of x; a point that has no place on the axes leaves a gap."""

    x: Sequence[float]
    y: Sequence[float]
    role: str
    every: int = 0
    """Dots from one dash to the next of a dotted line; 0 for a line that is whole."""
    character: str = "*"
    """What it is drawn with where there is nothing but ASCII."""
    dash: int = 1
    """Dots in a dash."""
    cut: bool = False
    """Whether it has a gap where it is outside the axes, rather than go along their edge."""


Dots = list[tuple[int, int]]
Trace = tuple[Sequence[int], Sequence[int], Sequence[int]]
"""A line: its columns, and from which dot to which it goes in each, counted from the bottom.

No tuple for each column and no list for each piece: to make thousands of those would take as long as to draw
them. So where it has a gap, there is `GAP` in place of a column.
"""
GAP = -9


MOST_KEPT = 128
"""Traces that are kept for the next drawing, in which most are the same: those of pinned runs."""


def trace_of(stroke: Stroke, across: Scale, up: Scale, width: int, height: int) -> Trace:
    """The stroke in dots: the lowest and the highest of each column, in the order in which they came."""
    x, y = array("d", stroke.x).tobytes(), array("d", stroke.y).tobytes()
    return _trace_of(x, y, across, up, width, height, stroke.cut)


@lru_cache(MOST_KEPT)
def _trace_of(x: bytes, y: bytes, across: Scale, up: Scale, width: int, height: int, cut: bool) -> Trace:
    columns = _columns_of(x, across, width, cut)
    values = array("d", y).tolist()
    if columns.numbers is not None:
        values = list(map(values.__getitem__, columns.numbers))
    levels = up.dots(values, height, cut)
    if None in levels or not levels:
        return _thinned(columns.of_each, levels)
    return columns.thinned(cast("list[int]", levels))


@lru_cache(MOST_KEPT)
def _columns_of(x: bytes, across: Scale, width: int, cut: bool) -> _Columns:
    """Most strokes of a chart have the same x."""
    return _Columns(array("d", x).tolist(), across, width, cut)


def forget() -> None:
    """Keep nothing of what was drawn so far."""
    _trace_of.cache_clear()
    _columns_of.cache_clear()


class _Columns:
    """In which columns points lie, in order of x."""

    def __init__(self, x: Sequence[float], across: Scale, width: int, cut: bool) -> None:
        numbers: Sequence[int] = range(len(x))
        in_order = all(map(le, x, x[1:]))
        if not in_order:
            numbers = sorted((number for number in numbers if math.isfinite(x[number])), key=x.__getitem__)
            x = [x[number] for number in numbers]
        placed = across.dots(x, width, cut)
        self.of_each = [column for column in placed if column is not None]
        self.numbers: list[int] | None = None
        """Which of the points these are, where they are not all in order."""
        if not in_order or len(self.of_each) < len(placed):
            self.numbers = [n for n, column in zip(numbers, placed, strict=True) if column is not None]
        self._begin: list[int] | None = None
        self._last: list[int] = []
        self._distinct: list[int] = []
        self._crowded: list[tuple[int, int, int]] = []

    def thinned(self, levels: Sequence[int]) -> Trace:
        """The same as `_thinned`, of a line without a gap."""
        begin = self._begin or self._group()
        firsts, lasts = list(map(levels.__getitem__, begin)), list(map(levels.__getitem__, self._last))
        for number, start, stop in self._crowded:
            here = levels[start:stop]
            low, high = min(here), max(here)
            is_rising = here.index(low) <= here.index(high)
            firsts[number], lasts[number] = (low, high) if is_rising else (high, low)
        return self._distinct, firsts, lasts

    def _group(self) -> list[int]:
        """Find which point is the first in each column, which the last, and where there are more than two."""
        columns = self.of_each
        begin = [0, *(n for n in range(1, len(columns)) if columns[n] != columns[n - 1])]
        end = [*begin[1:], len(columns)]
        both = enumerate(zip(begin, end, strict=True))
        self._crowded = [(number, start, stop) for number, (start, stop) in both if stop - start > 2]
        self._last = [stop - 1 for stop in end]
        self._distinct = [columns[n] for n in begin]
        self._begin = begin
        return begin


def _thinned(columns: Sequence[int], levels: Sequence[int | None]) -> Trace:
    """The lowest and the highest dot of each column, in the order in which they came; None is a gap."""
    distinct: list[int] = []
    firsts: list[int] = []
    lasts: list[int] = []
    here, low, high, rising = GAP, 0, 0, True
    for column, level in zip(columns, levels, strict=True):
        if column == here and level is not None:
            if level < low:
                low, rising = level, False
            elif level > high:
                high, rising = level, True
        elif here != GAP or level is not None:
            distinct.append(here)
            firsts.append(low if rising else high)
            lasts.append(high if rising else low)
            here, rising = (GAP, True) if level is None else (column, True)
            low = high = level or 0
    distinct.append(here)
    firsts.append(low if rising else high)
    lasts.append(high if rising else low)
    return distinct, firsts, lasts


def pieces_of(trace: Trace) -> Iterator[Dots]:
    """The ends of the line in each column; it is straight between them. One list for each piece."""
    dots: Dots = []
    for column, first, last in zip(*trace, strict=True):
        if column == GAP:
            if dots:
                yield dots
                dots = []
            continue
        dots.append((column, first))
        if first != last:
            dots.append((column, last))
    if dots:
        yield dots


def straightened(dots: Dots) -> Dots:
    """The dots without those that the line between their neighbours passes within half a dot."""
    kept = dots[:1]
    (x0, y0), last = dots[0], dots[0]
    least, most = -math.inf, math.inf
    for x, y in dots[1:]:
        run = x - x0
        if not run or not least <= (y - y0) / run <= most:
            if last != kept[-1]:
                kept.append(last)
            (x0, y0), run = last, x - last[0]
            least, most = -math.inf, math.inf
        if run:
            flattest, steepest = (y - y0 - 0.5) / run, (y - y0 + 0.5) / run
            if flattest > least:  # `max` and `min` would take three times as long
                least = flattest
            if steepest < most:
                most = steepest
        else:
            kept.append((x, y))
            x0, y0 = x, y
        last = (x, y)
    return kept if last == kept[-1] else [*kept, last]
