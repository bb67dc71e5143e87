"""A histogram as steps: which stretch of an axis each covers, and how densely the values lie there."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from initplay.charts.scales import round_step
from initplay.lab.events import Bins

LARGEST = 8e307
"""Beyond it a difference of two could overflow."""
MOST_LOOKED_AT = 500
"""Histograms of a chart that are looked at for what they have in common."""
_WIDER = 4.0
"""How many times wider than the narrowest histogram of a chart the axis of all may be."""


@dataclass(frozen=True)
class Steps:
    """Bins on an axis from 0 to 1. No step is narrower than a dot: neighbouring bins are counted together.

    So a spike stays within its own bins, and equal counts are equally high.
    """

    edges: Sequence[float]
    """Where the steps begin and, one more, where the last of them ends."""
    levels: Sequence[float]
    """For each the share of the finite values in it, divided by its width."""
    theory: Sequence[float]
    """The same as theory expects it; empty where there is none."""

    @property
    def highest(self) -> float:
        return max(self.levels, default=0.0)

    def heights(self, dots: int, highest: float, full: int) -> list[int]:
        """The height of each of so many columns of dots, `full` for a level of `highest`; what is not 0 is
        never drawn as nothing."""
        heights = [0] * dots
        for begin, end, level in zip(self.edges, self.edges[1:], self.levels, strict=False):
            if level > 0:
                height = max(round(min(level / highest, 1.0) * full), 1)
                for dot in range(_nearest(begin * dots), min(_nearest(end * dots), dots)):
                    heights[dot] = height
        return heights


def _nearest(place: float) -> int:
    return math.floor(place + 0.5 + 1e-9)


def steps_of(bins: Bins, low: float, high: float, dots: int) -> Steps:
    """The bins on an axis from `low` to `high` that is so many columns of dots wide.

    What lies outside the axis is left out. Of bins without values there are no steps.
    """
    binned = sum(bins.counts)
    if not binned or dots < 1:
        return Steps((), (), ())
    finite = binned + bins.below + bins.above
    theory = bins.theory if has_theory(bins) else []
    begin, end = _place(bins.low, low, high), _place(bins.high, low, high)
    if not (end - begin) * dots >= 1:  # NaN too is not
        return _in_one_dot(begin, binned / finite, sum(theory), dots) if 0 <= begin < 1 else Steps((), (), ())
    if not math.isfinite(end - begin):
        return Steps((), (), ())
    bounds = _bounds(len(bins.counts), (end - begin) * dots)
    edges = [begin + (end - begin) * (bound / len(bins.counts)) for bound in bounds]
    return _within(
        edges, *(_levels(shares, bounds, edges, of) for shares, of in ((bins.counts, finite), (theory, 1)))
    )


def _place(value: float, low: float, high: float) -> float:
    """Where a value lies on an axis, 0 for `low` and 1 for `high`; not cut off at its ends."""
    return (_within_limits(value) - low) / (high - low)


def _in_one_dot(place: float, share: float, theory: float, dots: int) -> Steps:
    """All bins as one step, where they are narrower than a dot together."""
    dot = int(place * dots)
    return Steps((dot / dots, (dot + 1) / dots), (share * dots,), (theory * dots,) if theory else ())


def _bounds(count: int, dots: float) -> list[int]:
    """The numbers of the bins at which steps begin, and `count`: equally many in each step but the last."""
    each = max(math.ceil(count / dots - 1e-9), 1)
    bounds = list(range(0, count, each))
    if len(bounds) > 1 and (count - bounds[-1]) * dots < count:  # the last would be narrower than a dot
        bounds.pop()
    return [*bounds, count]


def _levels(
    shares: Sequence[float], bounds: Sequence[int], edges: Sequence[float], total: float
) -> list[float]:
    if not shares:
        return []
    return [
        sum(shares[bounds[step] : bounds[step + 1]]) / total / (edges[step + 1] - edges[step])
        for step in range(len(bounds) - 1)
    ]


def _within(edges: list[float], levels: list[float], theory: list[float]) -> Steps:
    """The steps that lie on the axis, the outermost cut off at its ends."""
    inside = [step for step in range(len(levels)) if edges[step + 1] > 0 and edges[step] < 1]
    if not inside:
        return Steps((), (), ())
    kept = [max(edges[step], 0.0) for step in inside] + [min(edges[inside[-1] + 1], 1.0)]
    return Steps(kept, [levels[step] for step in inside], [theory[step] for step in inside] if theory else ())


def is_placed(bins: Bins) -> bool:
    """Whether it has values and usable edges: a saved file may hold anything."""
    return sum(bins.counts) > 0 and -LARGEST <= bins.low < bins.high <= LARGEST


def has_theory(bins: Bins) -> bool:
    """Whether there is a share for each bin that can be drawn."""
    return len(bins.theory) == len(bins.counts) and all(0 <= share <= 1 for share in bins.theory)


def own_range(bins: Bins, all_of_chart: Sequence[Bins]) -> tuple[float, float]:
    """The range of the axis under a histogram: that of all of its chart where they are about as wide.

    Then the axis holds still from one moment to the next, and what changes is the shape.
    """
    low, high = bins.low, bins.high
    placed = [one for one in all_of_chart if is_placed(one)] if len(all_of_chart) <= MOST_LOOKED_AT else []
    if placed:
        lowest, highest = min(one.low for one in placed), max(one.high for one in placed)
        narrowest = min(one.high - one.low for one in placed)
        if highest - lowest <= _WIDER * narrowest:
            fixed = all((one.low, one.high) == (bins.low, bins.high) for one in placed)
            return (low, high) if fixed else _rounded(lowest, highest)
    return low, high


def _rounded(low: float, high: float) -> tuple[float, float]:
    """A little outwards, so that the axis of a run that goes on moves in steps."""
    if (high - low) / 40 < sys.float_info.min:  # of which there is no round step
        return low, high
    step = round_step((high - low) / 40)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step


def _within_limits(value: float) -> float:
    """The value, or the nearest of which a difference of two cannot overflow."""
    return min(max(value, -LARGEST), LARGEST)
