"""The same experiment over several seeds, as one run: medians with the band that holds 90 % of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from initplay.lab.events import THEORY, Axes, Band, Facts, Finished, Note, Point
from initplay.run import Curve, Run, replay

LOW, HIGH = 0.05, 0.95


class Spread(NamedTuple):
    """The 5 % quantile, the median and the 95 % quantile of one number over seeds."""

    low: float
    mid: float
    high: float


def spread(values: Iterable[float]) -> Spread:
    """Quantiles by linear interpolation. What is NaN counts as beyond everything, as inf does, since a run
    that broke did not end up in the middle; a quantile that falls there is NaN."""
    ordered = sorted(math.inf if math.isnan(value) else value for value in values)
    return Spread(*(_quantile(ordered, share) for share in (LOW, 0.5, HIGH)))


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    if below == above:
        return below if math.isfinite(below) else math.nan
    if not (math.isfinite(below) and math.isfinite(above)):
        return math.nan
    return below + (above - below) * (place - math.floor(place))


def fan(runs: Sequence[Run]) -> Run:
    """One run made of finished runs of one experiment with the same knobs and different seeds.

    Its curves are bands at every x that all runs reached, its facts medians with their bands; theory and
    axes are the first run's. Raises ValueError for fewer than two runs.
    """
    if len(runs) < 2:
        raise ValueError("a fan takes at least two runs")
    first = runs[0]
    if first.started is None:
        raise ValueError("a fan takes runs that have started")
    combined = replay([msgspec.structs.replace(first.started, knobs=dict(first.started.knobs))])
    for name, chart in first.charts.items():
        if not chart.curves:
            continue
        axes = chart.axes
        combined.add(Axes(name, axes.x, axes.y, axes.log_x, axes.log_y))
        for series, curve in chart.curves.items():
            if series == THEORY:
                points = [Point(name, x, y, THEORY) for x, y in zip(curve.x, curve.y, strict=True)]
            else:
                points = _bands(name, series, _curves(runs, name, series))
            for point in points:
                combined.add(point)
    combined.add(Facts(_facts(runs)))
    combined.add(Note(f"{len(runs)} seeds: the line is the median, 90 % of the runs lie in the band."))
    combined.add(Finished(sum(run.ending.seconds for run in runs if isinstance(run.ending, Finished))))
    return combined


def _curves(runs: Sequence[Run], chart: str, series: str) -> list[Curve]:
    charts = [run.charts[chart] for run in runs if chart in run.charts]
    return [found.curves[series] for found in charts if series in found.curves]


def _bands(chart: str, series: str, curves: Sequence[Curve]) -> list[Band]:
    by_x = [dict(zip(curve.x, curve.y, strict=True)) for curve in curves]
    shared = [x for x in by_x[0] if all(x in other for other in by_x)]
    return [Band(chart, x, *spread(values[x] for values in by_x), series) for x in shared]


def _facts(runs: Sequence[Run]) -> dict[str, object]:
    """Of each number that all runs report: its median, and its band as `NAME_band`."""
    facts: dict[str, object] = {"seeds": len(runs)}
    for name in runs[0].facts:
        values = [run.facts.get(name) for run in runs]
        if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
            found = spread(float(value) for value in values)  # type: ignore[arg-type]
            facts[name] = found.mid
            facts[f"{name}_band"] = [found.low, found.high]
    return facts


def verdicts(one: Run, other: Run) -> list[str]:
    """For two fans, each fact whose bands part, in words; silence where they overlap proves nothing."""
    found = []
    for name in one.facts:
        mine, theirs = one.facts.get(f"{name}_band"), other.facts.get(f"{name}_band")
        if not (isinstance(mine, list) and isinstance(theirs, list)):
            continue
        if mine[1] < theirs[0]:
            found.append(f"{name.replace('_', ' ')} is smaller here, in more than nine runs of ten")
        elif theirs[1] < mine[0]:
            found.append(f"{name.replace('_', ' ')} is larger here, in more than nine runs of ten")
    return found
