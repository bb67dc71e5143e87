"""The series of a chart: how they are told apart, and which of their values no line can show."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from initplay.charts.decimation import Decimation, decimation_of
from initplay.charts.sheet import SERIES, as_columns
from initplay.lab.events import THEORY
from initplay.recording.run import Chart, Curve
from initplay.words.numbers import short

NEWEST = 2**62
"""An end before which every event lies."""

_LOOKED_AT = 20
"""Infinite values whose sign is looked at."""
_MARKS = "●▲■◆▼○△□"
_ASCII_MARKS = "*+xo#%@&"


@dataclass(frozen=True)
class Series:
    """One curve, measured or theory or the reference, as its role says: with what it is drawn with, and how
    much of it lies before the cursor."""

    curve: Curve
    decimation: Decimation
    role: str
    mark: str
    """What its points are marked with, and its name in the legend."""
    character: str
    """What its line is drawn with where there is nothing but ASCII."""
    past: int
    """How many of its points came before the end."""
    edited: bool = False
    """Whether it is what an edited text calls theory: the lesson does not answer for that."""

    @cached_property
    def name(self) -> str:
        """As the legend has it."""
        return theory_of(edited=self.edited) if self.role == "theory" else as_columns(self.curve.series)

    @property
    def is_measured(self) -> bool:
        return self.role not in ("theory", "reference")

    def numbers(self) -> Sequence[int]:
        """Indices, ascending, of the points to draw."""
        return self.decimation.points(0, len(self.curve.index))


def theory_of(*, edited: bool) -> str:
    """What theory is called."""
    return f"{THEORY} as edited" if edited else THEORY


def series_of(chart: Chart, end: int, ascii: bool) -> list[Series]:
    """The chart's curves that have points, each measured one with a hue and a mark of its own."""
    marks = _ASCII_MARKS if ascii else _MARKS
    found = []
    number = 0
    for curve in chart.curves.values():
        if not len(curve.index):
            continue
        past = curve.until(end)
        if curve.is_theory:
            dash = "." if ascii else "┄"
            found.append(Series(curve, decimation_of(curve), "theory", dash, ".", past, chart.edited))
            continue
        if chart.is_reference(curve):
            found.append(Series(curve, decimation_of(curve), "reference", "-" if ascii else "╌", "-", past))
            continue
        # The ninth has the first one's mark in the second one's hue: none is like another up to 64.
        role, place = SERIES[(number + number // len(marks)) % len(SERIES)], number % len(marks)
        found.append(Series(curve, decimation_of(curve), role, marks[place], _ASCII_MARKS[place], past))
        number += 1
    return found


def unplottable(measured: Sequence[Series], x_name: str, log_x: bool, log_y: bool) -> list[str]:
    """What no line can show, in words: "NaN from layer 28", "3 negative values not shown"."""
    named = len(measured) > 1
    return [
        f"{series.curve.series}: {words}" if named else words
        for series in measured
        for words in _oddities(series, x_name, log_x, log_y)
    ]


def _oddities(series: Series, x_name: str, log_x: bool, log_y: bool) -> Iterator[str]:
    found = series.decimation
    yield from _where(series, found.inf, _infinity(series, found.inf), x_name)
    yield from _where(series, found.nan, "NaN", "" if len(found.inf) else x_name)
    if count := found.without_x:
        yield f"{count} point{'s' if count > 1 else ''} not shown: {x_name or 'x'} is NaN or inf"
    if log_x and (count := found.without_x_on_log):
        yield f"{count} point{'s' if count > 1 else ''} not shown: {x_name or 'x'} is 0 or less"
    if log_y:
        yield from _where(series, found.zero, "0", x_name)
        if len(found.negative):
            count = len(found.negative)
            yield f"{count} negative value{'s' if count > 1 else ''} not shown"
        if count := found.without_lower_edge:
            yield f"band down to 0 or less at {count} point{'s' if count > 1 else ''}"


def _infinity(series: Series, numbers: Sequence[int]) -> str:
    """By the signs of the first few and of the last: there may be a hundred thousand."""
    return infinity({series.curve.y[number] for number in (*numbers[:_LOOKED_AT], *numbers[-1:])})


def infinity(values: Collection[float]) -> str:
    """What infinite values are called: "inf", "-inf", "inf and -inf"."""
    if -math.inf not in values:
        return "inf"
    return "inf and -inf" if math.inf in values else "-inf"


def _where(series: Series, numbers: Sequence[int], what: str, x_name: str) -> Iterator[str]:
    """ "NaN from layer 28" if all that follows is so, "NaN at layer 28 and 3 more" if it comes and goes."""
    if not len(numbers):
        return
    count, to_the_end = len(numbers), len(series.curve.index) - numbers[0]
    place = f"{x_name} {short(series.curve.x[numbers[0]])}".strip()
    if count == to_the_end:
        yield f"{what} from {place}"
    elif count == 1:
        yield f"{what} at {place}"
    else:
        yield f"{what} at {place} and {count - 1} more"
