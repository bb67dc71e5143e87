"""Where a run's numbers stopped being finite, or underflowed, and what float32 has to do with it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from initplay.lab.events import Bins, Picture
from initplay.recording.run import Chart, Curve, Run
from initplay.words.numbers import short

FLOAT32_MAX = 3.4028234663852886e38
FLOAT32_TINY = 1.401298464324817e-45
"""The smallest positive number of float32, a subnormal."""
NEAR_UNDERFLOW = 1e-15
"""A curve that reaches 0 from below this has underflowed; a loss or a share may reach 0 from above it."""
NEAR_OVERFLOW = 1e15
"""From above this the squares in a std overflow in few steps: they do so from 1.8e19 on."""


class Break(NamedTuple):
    """Where a curve breaks: the number of its first point that is not finite, or from which it is 0."""

    place: int
    lasts: bool
    """Whether no finite number came after it."""


def wreck(run: Run) -> int | None:
    """The first moment at which a measured number is NaN or infinite, or has underflowed to 0.

    Curves, histograms and pictures are looked at; None where all is well.
    """
    numbers = [number for chart in run.charts.values() for number in _broken_events(chart)]
    return run.moment_of(min(numbers)) if numbers else None


def breaks(run: Run) -> Iterator[str]:
    """A sentence for each curve that breaks, and for each chart's first histogram and picture that do."""
    for chart in run.charts.values():
        unit = chart.axes.x or "x"
        for curve in measured(chart):
            if (found := first_break(chart, curve)) is not None:
                yield _break_in_words(chart.name, curve, found, unit)
        yield from _in_histograms(chart, unit)
        yield from _in_pictures(chart, unit)


def measured(chart: Chart) -> list[Curve]:
    """The curves that were measured and have a point."""
    return [curve for curve in chart.measured if len(curve.x)]


def named(chart: str, curve: Curve) -> str:
    """A curve by its chart and, where it is one of several, by its own name."""
    return chart if curve.series == "measured" else f"{chart} ({curve.series})"


def _broken_events(chart: Chart) -> Iterator[int]:
    """Of each curve, of the histograms and of the pictures: the number of the first event that is broken."""
    for curve in measured(chart):
        found = first_break(chart, curve)
        if found is not None:
            yield curve.index[found.place]
    for timed in (chart.bins, chart.pictures):
        broken = (number for item, number in zip(timed.items, timed.index, strict=True) if item.nonfinite)
        yield from list(broken)[:1]


def first_break(chart: Chart, curve: Curve) -> Break | None:
    """The first point that is NaN or infinite; else the one from which a falling curve is exactly 0."""
    place = next((place for place, y in enumerate(curve.y) if not math.isfinite(y)), None)
    if place is not None:
        return Break(place, not any(math.isfinite(y) for y in curve.y[place:]))
    dead = _underflow(curve, chart.axes.log_y)
    return None if dead is None else Break(dead, True)


def _underflow(curve: Curve, log_y: bool) -> int | None:
    """The first of the zeros that end a curve which was positive before them.

    On a linear axis they must come after something tiny, since a count or a loss may be 0.
    """
    place = len(curve.y)
    while place and curve.y[place - 1] == 0:
        place -= 1
    if place in (0, len(curve.y)) or min(curve.y[:place]) <= 0:
        return None
    return place if log_y or curve.y[place - 1] < NEAR_UNDERFLOW else None


def _break_in_words(chart: str, curve: Curve, found: Break, unit: str) -> str:
    place = found.place
    what, before = curve.y[place], curve.y[place - 1] if place else math.nan
    said = f"{named(chart, curve)} is {short(what)} {'from' if found.lasts else 'at'} {unit} "
    said += short(curve.x[place]) + (" on" if found.lasts else "")
    if found.lasts and math.isinf(what) and any(map(math.isnan, curve.y[place:])):
        said += ", and NaN later"
    if place:
        said += f"; at {unit} {short(curve.x[place - 1])} it was {short(before)}"
    return f"{said}. {_cause(what, before)}".strip()


def _cause(what: float, before: float) -> str:
    """What float32 has to do with it, as far as that can be told from the two numbers."""
    if what == -math.inf:
        return (
            f"-inf is the log of 0, or lies below {short(-FLOAT32_MAX)}, the lowest number float32 can hold."
        )
    if math.isinf(what) or abs(before) > NEAR_OVERFLOW:
        return f"The largest number float32 can hold is {short(FLOAT32_MAX)}."
    if math.isnan(what):
        return "NaN is what inf - inf, 0 / 0 or the log of a negative number gives."
    if before < NEAR_UNDERFLOW:
        return f"The smallest number float32 can hold is {short(FLOAT32_TINY)}."
    return ""


def _in_histograms(chart: Chart, unit: str) -> Iterator[str]:
    """The first histogram with values that are not finite, and of what kind they are."""
    broken: Bins | None = next((bins for bins in chart.bins.items if bins.nonfinite), None)
    if broken is not None:
        kinds = {"NaN": broken.nan, "inf": broken.posinf, "-inf": broken.neginf}
        counted = ", ".join(f"{short(count)} {kind}" for kind, count in kinds.items() if count)
        yield f"{chart.name} at {unit} {short(broken.at)}: {counted}, of {short(broken.total)} values."


def _in_pictures(chart: Chart, unit: str) -> Iterator[str]:
    """The first picture with values that are not finite."""
    broken: Picture | None = next((shown for shown in chart.pictures.items if shown.nonfinite), None)
    if broken is not None:
        count, total = short(broken.nonfinite), short(broken.n * broken.height * broken.width)
        yield f"{chart.name} at {unit} {short(broken.at)}: {count} of {total} values are not finite."
