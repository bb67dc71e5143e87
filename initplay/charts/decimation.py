"""Decimation: the few points of a long curve that give the same drawing as all of them.

A curve of 300,000 points is drawn into a few hundred columns, many times a second. So each block of points
is read once, when it is complete, and only the extremes of each block are kept.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Sequence
from itertools import chain
from threading import Lock
from weakref import WeakKeyDictionary

from initplay.recording.run import Curve

_GLANCE = 256
"""Points looked at together for what is odd among them; where the sum is finite, all are."""
DRAWN_WHOLE = 4_096
"""Up to this many points a curve is drawn point by point."""
_LEVELS = ((32_768, 16), (sys.maxsize, 128))
"""Up to how many points how many make a block: few to draw, yet more blocks than a screen has columns."""


class _Blocks:
    """The extremes of each whole block of `size` points."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._kept = array("q")
        self._ends = array("q", [0])

    def update(self, columns: Sequence[array[float]], count: int) -> None:
        size = self.size
        for start in range((len(self._ends) - 1) * size, count - size + 1, size):
            self._kept.extend(
                sorted({i for column in columns for i in _extremes(column, start, start + size)})
            )
            self._ends.append(len(self._kept))

    def points(self, first: int, last: int) -> Sequence[int]:
        begin, end = -(-first // self.size), last // self.size
        if begin >= end:
            return range(first, last)
        whole = self._kept[self._ends[begin] : self._ends[end]]
        return list(chain(range(first, begin * self.size), whole, range(end * self.size, last)))


class Decimation:
    """The extremes of a curve, block by block, and which of its points cannot be drawn."""

    def __init__(self) -> None:
        self.nan = array("q")
        self.inf = array("q")
        self.zero = array("q")
        self.negative = array("q")
        """Numbers of the points whose y is NaN, infinite, zero, negative."""
        self._seen = 0
        self._blocks: _Blocks | None = None

    def update(self, curve: Curve) -> None:
        """Read the points that were added since the last time."""
        count = len(curve.index)
        self._note_oddities(curve.y, self._seen, count)
        self._seen = count
        if count <= DRAWN_WHOLE:
            return
        size = next(size for most, size in _LEVELS if count <= most)
        if self._blocks is None or self._blocks.size != size:
            self._blocks = _Blocks(size)
        self._blocks.update([curve.y, curve.low, curve.high] if curve.is_band else [curve.y], count)

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

    def points(self, first: int, last: int) -> Sequence[int]:
        """Indices, ascending, of the points to draw among those from `first` up to, not including, `last`."""
        return self._blocks.points(first, last) if self._blocks else range(first, last)


def _extremes(values: array[float], start: int, stop: int) -> set[int]:
    """Indices of a block's lowest, lowest positive, highest, and first and last non-finite values."""
    block = values[start:stop]
    kept: set[int] = set()
    finite = block
    if not math.isfinite(sum(block)):
        finite = array("d", filter(math.isfinite, block))
        odd = [number for number, value in enumerate(block) if not math.isfinite(value)]
        kept.update(start + number for number in (odd[:1] + odd[-1:]))
    if not finite:
        return kept
    wanted = {min(finite), max(finite), min((value for value in finite if value > 0), default=max(finite))}
    kept.update(start + block.index(value) for value in wanted)
    return kept


_kept: WeakKeyDictionary[Curve, Decimation] = WeakKeyDictionary()
_lock = Lock()


def decimation_of(curve: Curve) -> Decimation:
    """The decimation of the curve as it is now; kept for as long as the curve exists."""
    with _lock:
        kept = _kept.setdefault(curve, Decimation())
        kept.update(curve)
        return kept
