"""Decimation: the few points of a long curve that give the same drawing as all of them.

A curve of 300,000 points is drawn into a few hundred columns, many times a second. So each block of points
is read once, when it is complete, and only the extremes of each block are kept.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Sequence
from operator import le
from weakref import WeakKeyDictionary

from initplay.charts.extent import Extent
from initplay.recording.run import Curve

_GLANCE = 256
"""Points looked at together for what is odd among them; where the sum is finite, all are."""
DRAWN_WHOLE = 4_096
"""Up to this many points a curve is drawn point by point: curves with the same x share most of what that
takes, while the extremes of each have an x of their own."""
_SMALLEST = 4
"""Points of a block. Of fewer, most would be among its extremes."""
_MOST_BLOCKS = 512
"""Then each is made of two: few to draw, yet never fewer than half of these, which is more than a chart has
columns."""


class _Blocks:
    """The extremes of each whole block of `size` points."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._kept = array("q")
        self._ends = array("q", [0])

    def update(self, columns: Sequence[array[float]], count: int) -> None:
        for start in range((len(self._ends) - 1) * self.size, count - self.size + 1, self.size):
            self._keep(columns, range(start, start + self.size))

    def _keep(self, columns: Sequence[array[float]], numbers: Sequence[int]) -> None:
        self._kept.extend(sorted({i for column in columns for i in _extremes(column, numbers)}))
        self._ends.append(len(self._kept))

    def coarser(self, columns: Sequence[array[float]]) -> _Blocks:
        """Blocks twice as large; what stands out in one stands out in its half."""
        coarser = _Blocks(2 * self.size)
        for first in range(0, len(self._ends) - 2, 2):
            coarser._keep(columns, self._kept[self._ends[first] : self._ends[first + 2]])
        return coarser

    def points(self, first: int, last: int) -> Sequence[int]:
        begin, end = -(-first // self.size), last // self.size
        if begin >= end:
            return range(first, last)
        whole = self._kept[self._ends[begin] : self._ends[end]]
        return array("q", range(first, begin * self.size)) + whole + array("q", range(end * self.size, last))


class Decimation:
    """The extremes of a curve, block by block, and which of its points cannot be drawn."""

    def __init__(self) -> None:
        self.nan = array("q")
        self.inf = array("q")
        self.zero = array("q")
        self.negative = array("q")
        """Numbers of the points whose y is NaN, infinite, zero, negative."""
        self.without_x = 0
        """Of how many points the x is NaN or infinite."""
        self.without_x_on_log = 0
        """Of how many it is 0 or less, which a logarithmic axis has no place for."""
        self.x_rises = True
        """Whether no x is less than the one before."""
        self.x, self.y = Extent(), Extent()
        self.edges = Extent()
        """Of the lower and the upper edge of a band."""
        self.without_lower_edge = 0
        """Of how many points a logarithmic axis shows the middle and not the lower edge of the band."""
        self._seen = 0
        self._edges_seen = False
        self._blocks: _Blocks | None = None

    def update(self, curve: Curve) -> None:
        """Read the points that were added since the last time."""
        count = len(curve.index)
        if count == self._seen:
            return
        self._note_oddities(curve.y, self._seen, count)
        self._note_extents(curve, self._seen, count)
        self._seen = count
        if count <= DRAWN_WHOLE:
            return
        columns = [curve.y, curve.low, curve.high] if curve.is_band else [curve.y]
        if self._blocks is None:
            doubled = (_SMALLEST << times for times in range(sys.maxsize.bit_length()))
            self._blocks = _Blocks(next(size for size in doubled if count <= _MOST_BLOCKS * size))
        self._blocks.update(columns, count)
        while count > _MOST_BLOCKS * self._blocks.size:
            self._blocks = self._blocks.coarser(columns)

    def _note_extents(self, curve: Curve, start: int, stop: int) -> None:
        x = curve.x[start:stop]
        if not math.isfinite(sum(x)):
            self.without_x += sum(not math.isfinite(one) for one in x)
        self.x_rises = self.x_rises and all(
            map(le, curve.x[max(start - 1, 0) : stop - 1], curve.x[start or 1 : stop])
        )
        self.x.widen(x)
        if self.x.low <= 0:
            self.without_x_on_log += sum(-math.inf < one <= 0 for one in x)
        self.y.widen(curve.y[start:stop])
        if curve.is_band:
            first = start if self._edges_seen else 0  # it may have been a line so far
            self._edges_seen = True
            self.edges.widen(curve.low[first:stop])
            self.edges.widen(curve.high[first:stop])
            low, mid = curve.low[start:stop], curve.y[start:stop]
            self.without_lower_edge += sum(map(lambda low, mid: low <= 0 < mid, low, mid))

    def _note_oddities(self, y: array[float], start: int, stop: int) -> None:
        for first in range(start, stop, _GLANCE):
            block = y[first : min(first + _GLANCE, stop)]
            if math.isfinite(sum(block)) and min(block) > 0:
                continue
            for number, value in enumerate(block, first):
                if value != value:
                    self.nan.append(number)
                elif value in (math.inf, -math.inf):
                    self.inf.append(number)
                elif value == 0:
                    self.zero.append(number)
                elif value < 0:
                    self.negative.append(number)

    @property
    def is_decimated(self) -> bool:
        """Whether some of the points stand for all."""
        return self._blocks is not None

    def points(self, first: int, last: int) -> Sequence[int]:
        """Indices, ascending, of the points to draw among those from `first` up to, not including, `last`."""
        return self._blocks.points(first, last) if self._blocks else range(first, last)


def _extremes(values: array[float], numbers: Sequence[int]) -> set[int]:
    """Of these numbers, those of the lowest, lowest positive and highest value, and of the first and last
    non-finite one."""
    if isinstance(numbers, range):
        block = values[numbers.start : numbers.stop]
    else:
        block = array("d", [values[number] for number in numbers])
    kept: set[int] = set()
    finite = block
    if not math.isfinite(sum(block)):
        finite = array("d", filter(math.isfinite, block))
        odd = [number for number, value in zip(numbers, block, strict=True) if not math.isfinite(value)]
        kept.update(odd[:1] + odd[-1:])
    if not finite:
        return kept
    wanted = {min(finite), max(finite), min((value for value in finite if value > 0), default=max(finite))}
    kept.update(numbers[block.index(value)] for value in wanted)
    return kept


_kept: WeakKeyDictionary[Curve, Decimation] = WeakKeyDictionary()


def decimation_of(curve: Curve) -> Decimation:
    """The decimation of the curve as it is now; kept for as long as the curve exists."""
    kept = _kept.get(curve) or _kept.setdefault(curve, Decimation())
    kept.update(curve)
    return kept
