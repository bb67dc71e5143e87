"""The vertical axis of a chart of few rows, on which each label stands for its row.

A row of few spans much of the axis. So that nothing stands beside a label that it is far from, the value of a
label lies in the middle of its row, and the labels are the same number of rows apart. Where bars stand on 0,
that is the foot of the lowest row: there the value of a label is where its row begins.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import count

from initplay.charts.scales import Scale, Tick, power_of_ten, round_step, tick_label
from initplay.words.numbers import short

FEW = 10
"""From so many rows on, a row is too small a part of the axis to mislead."""
_LABELLED_EACH = 4
"""Up to so many rows each has its label, and beyond that every second one."""
_STEPS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
"""What a row may stand for, and what the first label above 0 may be, within a decade."""
_DECADES = (
    *map(Fraction, ("1/6", "1/3", "1/2", "2/3", "1", "3/2", "2", "5/2", "3", "4", "5", "6", "8", "10", "15")),
    *map(Fraction, (20, 30, 40, 50, 60, 80, 100, 150, 200, 300, 400, 500, 600, 800)),
)
"""What a row of a logarithmic axis may stand for, in decades: powers of ten are the middles of rows."""

_FARTHEST = 300
"""The exponent from which on 5 times a power of ten may be no float."""


def in_rows(scale: Scale, rows: int) -> tuple[Scale, list[Tick]]:
    """The axis with a round value in the middle of each row, hardly longer than it was, and its ticks."""
    first, step, labels = _log_rows(scale, rows) if scale.log else _linear_rows(scale, rows)
    low, high = (first - 0.5) * step, (first + rows - 0.5) * step
    ticks = [((number - first + 0.5) / rows, label) for number, label in labels]
    return Scale(low, high, log=scale.log, whole=scale.whole), ticks


def _linear_rows(scale: Scale, rows: int) -> tuple[int, float, list[tuple[int, str]]]:
    """How many steps from 0 the lowest row is, the step from row to row, and the labels of rows.

    Rows that are left over lie below, unless below 0. No label is beyond the axis: of a share none is 1.2. Of
    what is counted each is a whole number.
    """
    steps = _rounded(_STEPS, (scale.high - scale.low) / (2 * rows))
    if scale.whole:
        steps = filter(lambda step: (step * _every(rows)).is_integer(), steps)
    step = next(step for step in steps if _left_over(scale, rows, step) >= 0)
    if _left_over(scale, rows, rounder := _rounder(step, _every(rows))) <= 1:
        step = rounder
    first, left_over = _first(scale, step), _left_over(scale, rows, step)
    first -= left_over if first >= left_over else 0
    labels = _labels(first, rows, step)
    reached = [(number, label) for number, label in labels if number * step <= scale.high * (1 + 1e-9)]
    return first, step, reached if len(reached) > 1 else labels


def _rounder(step: float, every: int) -> float:
    """The step, or one a quarter longer, where that makes its labels round: 0.1 and 0.2 for 0.08 and 0.16."""
    return step * 1.25 if _is_round(every * step * 1.25) and not _is_round(every * step) else step


def _is_round(label: float) -> bool:
    return math.isclose(round_step(label), label, rel_tol=1e-9)


def _log_rows(scale: Scale, rows: int) -> tuple[int, float, list[tuple[int, str]]]:
    """The same in decades, with two labels at least, and three of rows that are a decade or more; rows that
    are left over lie at both ends."""
    for step in _DECADES:
        least = 3 if rows >= 3 and step >= 1 else 2
        left_over = _left_over(scale, rows, float(step))
        first = _first(scale, float(step)) - left_over // 2
        labels = _log_labels(first, rows, step)
        if left_over >= 0 and len(labels) >= least:
            return first, float(step), labels
    raise ValueError(f"no {rows} rows hold {scale}")  # the last step holds all floats


def from_zero(high: float, rows: int) -> tuple[float, list[Tick]]:
    """The end of an axis that begins at 0 and holds `high`, as near as may be, and its ticks: round values,
    each where its row begins."""
    most = max((rows - 1) // 2, _every(rows))  # three labels at least, where there are three rows
    steps = {each: _step_to(high, rows, each) for each in range(_every(rows), most + 1)}
    least = min(step / each for each, step in steps.items())
    each = max(each for each, step in steps.items() if step / each <= least * (1 + 1e-9))
    step = steps[each]
    numbers = range((rows - 1) // each + 1)
    ticks = [((number * each + 0.5) / rows, tick_label(number * step, _finest(step))) for number in numbers]
    return rows * step / each, ticks


def _step_to(high: float, rows: int, each: int) -> float:
    """The least round value for `each` so many rows, with which all of them hold `high`."""
    least = high * each / rows
    return next(step for step in _rounded(_STEPS, least / 2) if step >= least * (1 - 1e-9))


def _rounded(steps: Sequence[float], least: float) -> Iterator[float]:
    """The steps, in each decade from that of the least on."""
    exponent = math.floor(math.log10(least))
    return (step * 10.0**power for power in count(exponent) for step in steps)


def _first(scale: Scale, step: float) -> int:
    """How many steps from 0 the lowest row is."""
    return math.floor(scale.low / step + 0.5 + 1e-9)


def _left_over(scale: Scale, rows: int, step: float) -> int:
    """How many rows, each a step from the next, are above those that the axis takes; below 0 where there are
    too few."""
    return math.floor(_first(scale, step) + rows - 0.5 + 1e-9 - scale.high / step)


def _every(rows: int) -> int:
    return 1 if rows <= _LABELLED_EACH else 2


def _labels(first: int, rows: int, step: float) -> list[tuple[int, str]]:
    """The labelled rows, 0 among them if it is on the axis, by their steps from 0."""
    every = _every(rows)
    finest = _finest(every * step)
    numbers = range(first, first + rows)
    return [(number, tick_label(number * step, finest)) for number in numbers if number % every == 0]


def _finest(step: float) -> float:
    """What the last digit of a label counts, where one is a step from the next."""
    power = 10.0 ** math.floor(math.log10(step) + 1e-9)
    return power if math.isclose(step / power, round(step / power), rel_tol=1e-9) else power / 10


def _log_labels(first: int, rows: int, step: Fraction) -> list[tuple[int, str]]:
    """Powers of ten; where these are two at most and a row a third or a sixth of a decade, 2 and 5 times them
    too."""
    exponents = {number: number * step for number in range(first, first + rows)}
    every = math.lcm(_every(rows) if step >= 1 else 1, step.denominator)
    whole = [number for number in exponents if number % every == 0]
    if len(whole) <= 2:  # they say little of what lies between them
        whole = [number for number, exponent in exponents.items() if exponent.denominator == 1]
    plain = all(-3 <= exponents[number] <= 4 for number in whole)
    found = {number: power_of_ten(int(exponents[number]), plain) for number in whole}
    if len(whole) <= 2 and every % 3 == 0 and step.numerator == 1:
        found |= {
            number: short(times * 10.0 ** (number // every))
            for number in exponents
            for times, part in ((2, every // 3), (5, 2 * every // 3))
            if number % every == part and abs(number // every) < _FARTHEST
        }
    return sorted(found.items())
