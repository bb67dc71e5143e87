"""What many people guessed, as a few rows: the options of a question, or stretches of numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from initplay.words.numbers import short

MOST_ROWS = 6
"""Stretches of numbers, the settled value among them or not."""


@dataclass(frozen=True)
class Row:
    """One answer, or a stretch of answers that are near each other."""

    label: str
    count: int
    settled: bool = False
    """Whether what the runs came to lies here."""


def of_options(options: Sequence[str], guesses: Iterable[float], answer: int | None) -> tuple[Row, ...]:
    """A row for each option, as the lesson orders them; `answer` is the number of the right one."""
    counts = Counter(guesses)
    return tuple(Row(option, counts[number], number == answer) for number, option in enumerate(options, 1))


def of_numbers(
    guesses: Iterable[float],
    settled: float | None,
    is_right: Callable[[float], bool] = lambda guess: False,
    most: int = MOST_ROWS,
) -> tuple[Row, ...]:
    """From the smallest to the largest: at most `most` rows, cut where neighbours lie furthest apart by
    ratio, and one more for the settled value where nobody was at it or, as `is_right` has it, near enough."""

    def holds(low: float, high: float) -> bool:
        if settled is None:
            return False
        at_it = low <= settled <= high or short(settled) in (short(low), short(high))
        return at_it or is_right(low) or is_right(high)

    rows = [(one[0], one[-1], len(one)) for one in _stretches(sorted(guesses), most)]
    if settled is not None and not any(holds(low, high) for low, high, _ in rows):
        rows = sorted([*rows, (settled, settled, 0)])
    return tuple(Row(_label(low, high), count, holds(low, high)) for low, high, count in rows)


def _stretches(guesses: Sequence[float], most: int) -> list[list[float]]:
    """Sorted numbers in at most so many pieces; what reads the same stays in one."""
    alike = [list(group) for _, group in groupby(guesses, short)]
    gaps = [_apart(one[-1], other[0]) for one, other in pairwise(alike)]
    cuts = set(sorted(range(len(gaps)), key=lambda at: (-gaps[at], at))[: most - 1])
    pieces: list[list[float]] = []
    for at, group in enumerate(alike):
        if at == 0 or at - 1 in cuts:
            pieces.append([])
        pieces[-1] += group
    return pieces


def _label(low: float, high: float) -> str:
    return short(low) if short(low) == short(high) else f"{short(low)} to {short(high)}"


def _apart(one: float, other: float) -> float:
    """How far two numbers are from each other, the larger last, as predictions are judged: by ratio."""
    if one * other <= 0:
        return math.inf
    return abs(math.log(abs(other)) - math.log(abs(one)))
