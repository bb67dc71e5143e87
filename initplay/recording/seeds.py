"""The same experiment over several seeds, as one run: medians with the band that holds 90 % of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from initplay.lab.events import THEORY, Band, Ending, Facts, Finished, Note, Point, Stopped
from initplay.recording.run import Curve, Run, replay

LOW, HIGH = 0.05, 0.95
_ABSENT = object()


class Spread(NamedTuple):
    """The 5 % quantile, the median and the 95 % quantile of one number over seeds."""

    low: float
    mid: float
    high: float


def spread(values: Iterable[float]) -> Spread:
    """Quantiles by linear interpolation. What is NaN counts as beyond everything, as inf does, since a run
    that broke did not end up in the middle; a quantile that falls there is NaN.

    Raises ValueError where there are no values.
    """
    ordered = sorted(math.inf if math.isnan(value) else value for value in values)
    if not ordered:
        raise ValueError("no values have no quantiles")
    return Spread(*(_quantile(ordered, share) for share in (LOW, 0.5, HIGH)))


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    if not (math.isfinite(below) and math.isfinite(above)):
        return math.nan
    part = place - math.floor(place)
    between = below * (1 - part) + above * part  # a difference of the two could overflow
    return min(max(between, below), above)


def fan(runs: Sequence[Run], ending: Ending | None = None) -> Run:
    """One run made of finished runs of one experiment with the same knobs and different seeds.

    Its curves are bands at every x that all runs reached, in the first run's order; its facts are medians
    with their bands; theory and axes are the first run's. It ends as `ending` says, by default as finished
    in the time that all took. Raises ValueError for no runs and for one that never started.
    """
    if not runs or any(run.started is None for run in runs):
        raise ValueError("a fan takes runs, each of which has started")
    first = runs[0]
    combined = replay([first.started] if first.started else [])
    points = [point for _, point in sorted(_points(runs), key=lambda numbered: numbered[0])]
    drawn = {point.chart for point in points}
    for name, chart in first.charts.items():  # in the order in which a single run shows them
        if name in drawn:
            combined.add(chart.axes)
    for point in points:
        combined.add(point)
    combined.add(Facts(_facts(runs)))
    count = f"{len(runs)} seed{'s' if len(runs) > 1 else ''}"
    combined.add(Note(f"{count}: the line is the median, 90 % of the runs lie in the band."))
    seconds = sum(run.ending.seconds for run in runs if isinstance(run.ending, Finished))
    combined.add(ending or Finished(seconds))
    return combined


def so_far(runs: Sequence[Run], *, stopped: bool = False) -> Run:
    """The fan of those that finished, of runs in the order in which they ended; the only one where none did.

    Where the last did not finish, it ends as that one did; with `stopped`, as stopped.
    """
    finished = [run for run in runs if isinstance(run.ending, Finished)]
    if not finished:
        return runs[-1]
    last = runs[-1].ending
    cut_off = Stopped() if stopped else None
    return fan(finished, cut_off if isinstance(last, Finished) else last)


def _points(runs: Sequence[Run]) -> Iterator[tuple[int, Point | Band]]:
    """Each point of the fan with the number of the first run's event that it stands for."""
    for name, chart in runs[0].charts.items():
        for series, curve in chart.curves.items():
            if series == THEORY:
                for x, y, number in zip(curve.x, curve.y, curve.index, strict=True):
                    yield number, Point(name, x, y, THEORY)
            else:
                yield from _bands(name, series, [_values(run, name, series) for run in runs], curve)


def _values(run: Run, chart: str, series: str) -> dict[float, float]:
    """y by x; empty where the run never came to that series."""
    curve = run.charts[chart].curves.get(series) if chart in run.charts else None
    return dict(zip(curve.x, curve.y, strict=True)) if curve else {}


def _bands(
    chart: str, series: str, by_x: Sequence[dict[float, float]], first: Curve
) -> Iterator[tuple[int, Band]]:
    for x, number in dict(zip(first.x, first.index, strict=True)).items():
        if all(x in values for values in by_x):
            yield number, Band(chart, x, *spread(values[x] for values in by_x), series)


def _facts(runs: Sequence[Run]) -> dict[str, Any]:
    """Of each number that all runs report: its median, and its band as `NAME_band`.

    Of text, switches, lists and None: what all runs agree on.
    """
    facts: dict[str, Any] = {"seeds": len(runs)}
    for name, value in runs[0].facts.items():
        values = [run.facts.get(name, _ABSENT) for run in runs]
        if all(isinstance(one, int | float) and not isinstance(one, bool) for one in values):
            low, facts[name], high = spread(float(one) for one in values)
            facts[f"{name}_band"] = [low, high]
        elif all(one == value for one in values):
            facts[name] = value
    return facts


def verdicts(one: Run, other: Run) -> list[str]:
    """For two fans, each fact whose bands part, in words; silence where they overlap proves nothing."""
    found = []
    for name in one.facts:
        mine, theirs = _band(one, name), _band(other, name)
        if mine is None or theirs is None:
            continue
        if mine[1] < theirs[0]:
            found.append(f"{name.replace('_', ' ')} is smaller here, in more than nine runs of ten")
        elif theirs[1] < mine[0]:
            found.append(f"{name.replace('_', ' ')} is larger here, in more than nine runs of ten")
    return found


def _band(run: Run, name: str) -> tuple[float, float] | None:
    """None also where an experiment has a fact of its own by the name of a band."""
    band = run.facts.get(f"{name}_band")
    if isinstance(band, list) and len(band) == 2 and all(isinstance(end, int | float) for end in band):
        return band[0], band[1]
    return None
