"""Strokes on a raster of dots: where their points lie, and which of those a line needs."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import compress, pairwise
from operator import le, ne
from typing import TypeVar, cast

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
    numbers: Sequence[int] | None = None
    """Which of the points it goes through; None for all."""

    def through(self, values: Sequence[float]) -> Sequence[float]:
        """Of the values of all points, those of the points that it goes through."""
        return values if self.numbers is None else chosen(values, self.numbers)


Number = TypeVar("Number", int, float)
Dots = list[tuple[int, int]]
Trace = tuple[Sequence[int], Sequence[int], Sequence[int]]
"""A line: its columns, and from which dot to which it goes in each, counted from the bottom.

No tuple for each column and no list for each piece: to make thousands of those would take as long as to draw
them. So where it has a gap, there is `GAP` in place of a column.
"""
GAP = -9


def chosen(values: Sequence[float], numbers: Sequence[int]) -> Sequence[float]:
    """The values with these numbers, which mostly are all from one on."""
    if isinstance(numbers, range):
        return values[numbers.start : numbers.stop]
    return list(map(values.__getitem__, numbers))


MOST_KEPT = 64
"""Traces that are kept for the next drawing, in which most are the same: those of three pinned runs of twelve
curves. Each holds 60 kB for 4,000 points, and what a live run draws fills all places within seconds."""
_MOST_COLUMNS = 8
"""Of different x that are kept: most curves of a chart have the same."""


def trace_of(stroke: Stroke, across: Scale, up: Scale, width: int, height: int) -> Trace:
    """The stroke in dots: the lowest and the highest of each column, in the order in which they came."""
    x, y = (array("d", stroke.through(values)).tobytes() for values in (stroke.x, stroke.y))
    return _trace_of(x, y, across, up, width, height, stroke.cut)


@lru_cache(MOST_KEPT)
def _trace_of(x: bytes, y: bytes, across: Scale, up: Scale, width: int, height: int, cut: bool) -> Trace:
    columns = _columns_of(x, across, width, cut)
    values = array("d", y).tolist()
    if columns.numbers is not None:
        values = list(map(values.__getitem__, columns.numbers))
    if len(values) > 2 * len(columns.distinct) and not math.isnan(sum(values)):
        firsts, lasts = columns.extremes(values)  # before they are placed, for they are fewer than all
        levels = up.dots([*firsts, *lasts], height, cut)
        if None not in levels:
            placed = cast("list[int]", levels)
            return columns.distinct, placed[: len(firsts)], placed[len(firsts) :]
    levels = up.dots(values, height, cut)
    if None in levels:
        return _thinned(columns.of_each, levels)
    return columns.distinct, *columns.extremes(cast("list[int]", levels))


@lru_cache(_MOST_COLUMNS)
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

    @cached_property
    def _bounds(self) -> list[int]:
        """The numbers of the points at which columns begin, and how many there are."""
        columns = self.of_each
        begin = compress(range(1, len(columns)), map(ne, columns, columns[1:]))
        return [0, *begin, len(columns)] if columns else [0]

    @cached_property
    def distinct(self) -> list[int]:
        """Each column that has a point."""
        return [self.of_each[number] for number in self._bounds[:-1]]

    @cached_property
    def _points(self) -> list[slice]:
        """Which points each of the distinct columns has."""
        return [slice(start, stop) for start, stop in pairwise(self._bounds)]

    @cached_property
    def _is_crowded(self) -> bool:
        """Whether a column has more than two."""
        return any(points.stop - points.start > 2 for points in self._points)

    def extremes(self, values: Sequence[Number]) -> tuple[list[Number], list[Number]]:
        """The lowest and the highest value of each column, in the order in which they came: the first of them
        and the last."""
        if not self._is_crowded:
            return [values[at] for at in self._bounds[:-1]], [values[at - 1] for at in self._bounds[1:]]
        firsts: list[Number] = []
        lasts: list[Number] = []
        for points in self._points:
            here = values[points]
            low = high = here[0]
            is_rising = True
            for value in here:  # faster than `min`, `max` and `index` of so few
                if value < low:
                    low, is_rising = value, False
                elif value > high:
                    high, is_rising = value, True
            firsts.append(low if is_rising else high)
            lasts.append(high if is_rising else low)
        return firsts, lasts


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
