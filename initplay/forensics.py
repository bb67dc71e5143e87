"""What became of a run's numbers: where they stopped being finite, how they got there, how theory did.

Pure questions to a `Run`; each answer is a plain sentence.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from initplay.lab.events import Bins
from initplay.numbers import short
from initplay.run import Chart, Curve, Run

FLOAT32_MAX = 3.4028234663852886e38
FLOAT32_TINY = 1.401298464324817e-45
"""The smallest positive number of float32, a subnormal."""


def wreck(run: Run) -> int | None:
    """The first moment at which a measured number is NaN, infinite or, where all were positive, exactly 0."""
    indices = [
        curve.index[place]
        for chart in run.charts.values()
        for curve in _measured(chart)
        if (place := _breaks(curve)) is not None
    ]
    return run.moment_of(min(indices)) if indices else None


def explain(run: Run) -> list[str]:
    """Everything there is to say, chart by chart; empty where nothing is out of the ordinary."""
    said = [sentence for chart in run.charts.values() for sentence in _explain_chart(chart)]
    return list(dict.fromkeys(said))


def _explain_chart(chart: Chart) -> Iterator[str]:
    unit = chart.axes.x or "x"
    for curve in _measured(chart):
        place = _breaks(curve)
        if place is not None:
            yield _break_in_words(chart.name, curve, place, unit)
        factor = growth(curve, place)
        if chart.axes.log_y and factor is not None and not 0.99 < factor < 1.01:
            yield f"{_named(chart.name, curve)} changed by a factor of {short(factor)} per {unit}."
        residual = against_theory(chart, curve)
        if residual is not None:
            yield residual
    yield from _in_histograms(chart, unit)


def _measured(chart: Chart) -> list[Curve]:
    return [curve for curve in chart.curves.values() if not curve.is_theory and len(curve.x)]


def _named(chart: str, curve: Curve) -> str:
    return chart if curve.series == "measured" else f"{chart} ({curve.series})"


def _breaks(curve: Curve) -> int | None:
    """The number of the first point that is not finite, or exactly 0 after none was."""
    for place, y in enumerate(curve.y):
        if not math.isfinite(y):
            return place
        if y == 0 and place and all(before > 0 for before in curve.y[:place]):
            return place if not any(curve.y[place:]) else None
    return None


def _break_in_words(chart: str, curve: Curve, place: int, unit: str) -> str:
    what, where = curve.y[place], f"{unit} {short(curve.x[place])}"
    said = f"{_named(chart, curve)} is {short(what)} from {where} on"
    if place:
        said += f"; at {unit} {short(curve.x[place - 1])} it was {short(curve.y[place - 1])}"
    if what == 0:
        return f"{said}. The smallest number float32 can hold is {short(FLOAT32_TINY)}."
    return f"{said}. The largest number float32 can hold is {short(FLOAT32_MAX)}."


def growth(curve: Curve, until: int | None = None) -> float | None:
    """The factor per unit of x by which a positive curve grew, as a geometric mean over its finite points.

    None where there are fewer than two such points or x did not move.
    """
    end = len(curve.x) if until is None else until
    points = [
        (x, y)
        for x, y in zip(curve.x[:end], curve.y[:end], strict=True)
        if math.isfinite(x) and math.isfinite(y) and y > 0
    ]
    if len(points) < 2 or points[0][0] == points[-1][0]:
        return None
    (first_x, first_y), (last_x, last_y) = points[0], points[-1]
    return math.exp((math.log(last_y) - math.log(first_y)) / (last_x - first_x))


def against_theory(chart: Chart, curve: Curve) -> str | None:
    """How far the newest measured point that theory speaks of lies from it; None where there is none."""
    theory = chart.curves.get("theory")
    if theory is None:
        return None
    at = dict(zip(theory.x, theory.y, strict=True))
    for x, y in zip(reversed(curve.x), reversed(curve.y), strict=True):
        expected = at.get(x)
        if expected is not None and math.isfinite(y) and math.isfinite(expected):
            break
    else:
        return None
    where = f"{chart.axes.x or 'x'} {short(x)}"
    beside = f"{_named(chart.name, curve)} at {where} is {short(y)}, theory {short(expected)}"
    if expected and y / expected > 0:
        return f"{beside}: {short(y / expected)} times as much."
    return f"{beside}: {short(y - expected)} apart."


def _in_histograms(chart: Chart, unit: str) -> Iterator[str]:
    """The first histogram with values that are not finite, and of what kind they are."""
    broken = next((bins for bins in chart.bins.items if bins.nonfinite), None)
    if isinstance(broken, Bins):
        kinds = {"NaN": broken.nan, "inf": broken.posinf, "-inf": broken.neginf}
        counted = ", ".join(f"{count} {kind}" for kind, count in kinds.items() if count)
        yield f"{chart.name} at {unit} {short(broken.at)}: {counted}, of {short(broken.total)} values."
