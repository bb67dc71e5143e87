"""One line of the table, and the arithmetic of measuring two things side by side."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

DOUBT = 0.05
"""How often, at most, the interval that a median is said to lie in may miss it."""


class Unmeasured(Exception):
    """A benchmark could not run; one sentence."""


@dataclass(frozen=True)
class Figure:
    """What was measured, and whether it keeps within its budget."""

    what: str
    measured: str
    budget: str = ""
    kept: bool | None = None
    """None where there is no budget."""
    scatter: float | None = None
    """How far what it is the median of lies apart; None where it is of one measurement."""
    told: bool = True
    """Whether the measurements say on which side of the budget their median lies."""
    counted: bool = False
    """Whether it is a count, which is the same on a busy machine."""


ROUNDS = 3
"""Times that pairs are measured which do not tell enough. It is not looked at after each pair whether they
do: whoever stops at the first moment that pleases finds one by chance."""


def alternate(
    ours: Callable[[], float],
    theirs: Callable[[], float],
    pairs: int,
    within: float = math.inf,
    rest: Callable[[], object] = lambda: None,
    most: float | None = None,
) -> tuple[list[float], list[float]]:
    """Both measured `pairs` times, in turns, so that what else the machine does meets both alike.

    Who comes first changes from pair to pair, and each begins from the same `rest`. After `within` seconds
    three pairs have to do. Where they do not tell on which side of `most` the median of their ratios lies, as
    many are measured again, and once more.
    """
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        began = time.monotonic()
        for pair in range(pairs):
            if pair >= 3 and time.monotonic() - began > within:
                break
            for which in (0, 1) if pair % 2 == 0 else (1, 0):
                rest()
                taken[which].append((ours, theirs)[which]())
        if most is None or tells(_ratios(*taken), most):
            break
    return taken


def _ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    return [a / b for a, b in zip(ours, theirs, strict=True)]


def ratio(what: str, ours: Sequence[float], theirs: Sequence[float], most: float | None = None) -> Figure:
    """The median of the pairs' ratios of seconds, with both medians beside it."""
    ratios = _ratios(ours, theirs)
    times = statistics.median(ratios)
    measured = f"{times:.2f} x ({seconds(statistics.median(ours))} / {seconds(statistics.median(theirs))})"
    if most is None:
        return Figure(what, measured, scatter=scatter(ratios))
    return Figure(what, measured, f"<= {most:.2f} x", times <= most, scatter(ratios), tells(ratios, most))


def longer(what: str, ours: Sequence[float], theirs: Sequence[float], most: float) -> Figure:
    """The median of how many seconds longer ours took in each pair, with both medians beside it."""
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    figure = median(what, differences, most)
    both = f"({seconds(statistics.median(ours))} / {seconds(statistics.median(theirs))})"
    return replace(figure, measured=f"{figure.measured} {both}")


def median(what: str, taken: Sequence[float], most: float | None = None) -> Figure:
    """The median of seconds that were measured one after the other."""
    middle = statistics.median(taken)
    if most is None:
        return Figure(what, seconds(middle), scatter=scatter(taken))
    kept = middle <= most
    return Figure(what, seconds(middle), f"<= {seconds(most)}", kept, scatter(taken), tells(taken, most))


def scatter(values: Sequence[float]) -> float | None:
    """The interquartile range relative to the median: what half of the values keep within."""
    if len(values) < 3:
        return None
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / middle


def tells(values: Sequence[float], most: float) -> bool:
    """Whether the median of what these were drawn from is known to be below `most`, or known to be above."""
    low, high = interval(values)
    return not low <= most <= high


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Where the median of what these were drawn from lies, whatever its distribution: between two of them.

    Each value is below that median as often as a coin falls heads, so that the k-th least is above it where
    fewer than k of n coins do (the sign test). Of five or fewer no two values are far enough apart; these
    are the least and the greatest then.
    """
    ordered, n = sorted(values), len(values)
    k, missed = 0, 2 / 2**n
    while missed <= DOUBT:
        k += 1
        missed += 2 * math.comb(n, k) / 2**n
    k = max(k, 1)
    return ordered[k - 1], ordered[n - k]


def percentile(values: Sequence[float], percent: float) -> float:
    """The least of the values that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * percent // 100) - 1)]


def seconds(value: float) -> str:
    if abs(value) >= 1:
        return f"{value:.2f} s"
    return f"{value * 1000:.3g} ms" if abs(value) >= 0.001 else f"{value * 1_000_000:.3g} µs"
