"""The same experiment over several seeds, as one run: medians, each with a band around it.

Of few seeds the band is the range: every run lies in it. From `ENOUGH` seeds on it reaches from the 5 % to
the 95 % quantile, which say nothing of fewer.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from initplay.lab.events import THEORY, Band, Bins, Ending, Facts, Finished, Note, Point, Started
from initplay.recording.run import Chart, Curve, Run, replay
from initplay.words.names import listed

ENOUGH = 20
"""Seeds from which on the band is one of quantiles."""
LOW, HIGH = 0.05, 0.95
BAND = "_band"
"""What the name of a Result value ends with, where it is the band of the value before it."""
_ABSENT = object()
_COUNTED = ("below", "above", "nan", "posinf", "neginf")
"""What a histogram counts beside its bins."""


class Spread(NamedTuple):
    """The band of one number over seeds, and its median."""

    low: float
    mid: float
    high: float


def spread(values: Iterable[float]) -> Spread:
    """Smallest, median and largest; from `ENOUGH` values on the quantiles, by linear interpolation.

    What is NaN counts as beyond everything, inf too, since a run that broke did not end up in the middle; an
    edge or a median that falls there is NaN. One that falls on inf, or between it and a number, is inf.
    Raises ValueError where there are no values.
    """
    ordered = sorted(values, key=lambda value: (math.isnan(value), value))
    if not ordered:
        raise ValueError("no values have no median")
    low, high = (LOW, HIGH) if len(ordered) >= ENOUGH else (0.0, 1.0)
    return Spread(*(_quantile(ordered, share) for share in (low, 0.5, high)))


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    if below == above:
        return below
    if not (math.isfinite(below) and math.isfinite(above)):
        return below + above  # the infinite one of the two; NaN where one is, or between -inf and inf
    part = place - math.floor(place)
    between = below * (1 - part) + above * part  # a difference of the two could overflow
    return min(max(between, below), above)


def band_in_words(count: int) -> str:
    """What the band of so many seeds is, as the end of a sentence."""
    return "the band 5 % to 95 % of the runs" if count >= ENOUGH else "the band the range of all runs"


def seeds_of(started: Started) -> tuple[int, ...]:
    """The seeds of all the runs that a run is made of."""
    return started.seeds or (started.seed,)


def seeds_in_words(seeds: Sequence[int]) -> str:
    """`seed 42`, `8 seeds, 42 to 49`, or `4 seeds: 1, 3, 7 to 8`."""
    if len(seeds) == 1:
        return f"seed {seeds[0]}"
    stretches = list(_stretches(seeds))
    if len(stretches) == 1:
        return f"{len(seeds)} seeds, {stretches[0]}"
    return f"{len(seeds)} seeds: {', '.join(stretches)}"


def are_consecutive(seeds: Sequence[int]) -> bool:
    """Whether each is the next whole number, as `--seeds` counts them."""
    return tuple(seeds) == tuple(range(seeds[0], seeds[0] + len(seeds)))


def _stretches(seeds: Sequence[int]) -> Iterator[str]:
    """Seeds in order, what is consecutive as "42 to 49"."""
    ordered = sorted(seeds)
    first = 0
    for place, seed in enumerate(ordered):
        if place + 1 == len(ordered) or ordered[place + 1] != seed + 1:
            yield str(seed) if first == place else f"{ordered[first]} to {seed}"
            first = place + 1


def combine(runs: Sequence[Run], ending: Ending | None = None) -> Run:
    """One run made of finished runs of one experiment with the same knobs and different seeds.

    Its curves are bands at every x that all runs reached, in the first run's order; a histogram that all have
    on the same edges is that of all runs' values together; its facts are medians with their bands; theory is
    what all runs have, or the median where each has its own; axes are the first run's. It ends as `ending`
    says, by default as finished in the time that all took.
    Raises ValueError for no runs and for one that never started.
    """
    starts = [run.started for run in runs if run.started]
    if not runs or len(starts) < len(runs):
        raise ValueError("several seeds are combined from runs, each of which has started")
    first = runs[0]
    seeds = tuple(started.seed for started in starts)
    combined = replay([msgspec.structs.replace(starts[0], seeds=seeds)])
    numbered = [*_points(runs), *_histograms(runs)]
    points = [point for _, point in sorted(numbered, key=lambda one: one[0])]
    drawn = {point.chart for point in points}
    for name, chart in first.charts.items():  # in the order in which a single run shows them
        if name in drawn:
            combined.add(chart.axes)
    for point in points:
        combined.add(point)
    combined.add(Facts(_facts(runs)))
    count = len(runs)
    if count == 1:
        combined.add(Note("1 seed: the line is that one run."))
    else:
        combined.add(Note(f"{count} seeds: the line is the median, {band_in_words(count)}."))
    if any(_has_its_own_theory(run, combined) for run in runs):
        combined.add(Note("Theory is another with each seed: its line is their median."))
    if left_out := _left_out(first, combined):
        combined.add(Note(f"Left out are histograms that not all runs have on the same edges: {left_out}."))
    seconds = sum(run.ending.seconds for run in runs if isinstance(run.ending, Finished))
    combined.add(ending or Finished(seconds))
    return combined


def _points(runs: Sequence[Run]) -> Iterator[tuple[int, Point | Band]]:
    """Each point of the combined run with the number of the first run's event that it stands for."""
    for name, chart in runs[0].charts.items():
        for series, curve in chart.curves.items():
            if series == THEORY:
                yield from _theory(name, [_nth_at(run, name) for run in runs], curve)
                continue
            bands = _bands(name, series, [_values(run, name, series) for run in runs], curve)
            if chart.is_reference(curve):  # which is one line, and no draw of anything
                yield from ((number, Point(name, band.x, band.mid, series)) for number, band in bands)
            else:
                yield from bands


def _theory(
    chart: str, of_runs: Sequence[dict[tuple[float, int], float]], first: Curve
) -> Iterator[tuple[int, Point]]:
    """What theory is with any seed; where it is another with each, the median, as far as all runs came."""
    by_place = [(place, [of_run[place] for of_run in of_runs if place in of_run]) for place in of_runs[0]]
    is_one = all(one == said[0] for _, said in by_place for one in said)
    for (place, said), number in zip(by_place, first.index, strict=True):
        if is_one:
            yield number, Point(chart, place[0], said[0], THEORY)
        elif len(said) == len(of_runs):
            yield number, Point(chart, place[0], spread(said).mid, THEORY)


def _nth_at(run: Run, chart: str) -> dict[tuple[float, int], float]:
    """Theory by x, and by how many points of it there were before at the same x."""
    curve = run.charts[chart].curves.get(THEORY) if chart in run.charts else None
    seen: Counter[float] = Counter()
    found = {}
    for x, y in zip(curve.x, curve.y, strict=True) if curve else ():
        found[x, seen[x]] = y
        seen[x] += 1
    return found


def _has_its_own_theory(run: Run, combined: Run) -> bool:
    """Whether it says another thing somewhere than the theory that is shown for all."""
    for name in combined.charts:
        mine = _nth_at(run, name)
        if any(repr(mine.get(place, y)) != repr(y) for place, y in _nth_at(combined, name).items()):
            return True
    return False


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


def _histograms(runs: Sequence[Run]) -> Iterator[tuple[int, Bins]]:
    """The values of all runs counted together, of each histogram that all have on the same edges.

    Of a chart whose edges follow the values those without any agree, and they alone would tell nothing.
    """
    for name, chart in runs[0].charts.items():
        of_runs = [_by_place(run.charts[name].bins.items) if name in run.charts else {} for run in runs]
        pooled = [
            (number, _pooled([of_run[place] for of_run in of_runs]))
            for number, place in zip(chart.bins.index, of_runs[0], strict=True)
            if all(place in of_run for of_run in of_runs)
        ]
        if any(any(bins.counts) for _, bins in pooled):
            yield from pooled


def _left_out(first: Run, combined: Run) -> str:
    """The charts of the first run of which some histograms with values are not in the combined one; empty
    without any."""
    counted = {name: _with_values(chart) for name, chart in combined.charts.items()}
    names = [name for name, chart in first.charts.items() if _with_values(chart) > counted.get(name, 0)]
    return listed(names) if names else ""


def _with_values(chart: Chart) -> int:
    """How many of its histograms have any in their bins."""
    return sum(any(bins.counts) for bins in chart.bins.items)


def _by_place(histograms: Sequence[Bins]) -> dict[tuple[float, ...], Bins]:
    """Each by its position, its edges and, last, how many there were before it with the same."""
    seen: Counter[tuple[float, ...]] = Counter()
    found: dict[tuple[float, ...], Bins] = {}
    for one in histograms:
        place = (one.at, one.low, one.high, len(one.counts))
        found[(*place, seen[place])] = one
        seen[place] += 1
    return found


def _pooled(histograms: Sequence[Bins]) -> Bins:
    """All of them as one, with the theory of the first where they have the same."""
    first = histograms[0]
    sums = {name: sum(getattr(one, name) for one in histograms) for name in _COUNTED}
    counts = [sum(bin) for bin in zip(*(one.counts for one in histograms), strict=True)]
    theory = first.theory if all(one.theory == first.theory for one in histograms) else []
    return msgspec.structs.replace(first, counts=counts, theory=theory, **sums)


def _facts(runs: Sequence[Run]) -> dict[str, Any]:
    """Of each number that all runs report: its median, and its band as `NAME_band`.

    Of text, switches, lists and None: what all runs agree on.
    """
    facts: dict[str, Any] = {"seeds": len(runs)}
    for name, value in runs[0].facts.items():
        values = [run.facts.get(name, _ABSENT) for run in runs]
        if all(isinstance(one, int | float) and not isinstance(one, bool) for one in values):
            low, facts[name], high = spread(float(one) for one in values)
            facts[name + BAND] = [low, high]
        elif all(one == value for one in values):
            facts[name] = value
    return facts


def verdicts(one: Run, other: Run) -> list[str]:
    """For two runs of several seeds, each fact whose bands part, in words; where they overlap, nothing can be
    said."""
    if one.started is None or other.started is None:
        return []
    counts = len(seeds_of(one.started)), len(seeds_of(other.started))
    if min(counts) < 2:
        return []
    where = "in every one of these runs" if max(counts) < ENOUGH else "by the bands of 5 % to 95 %"
    found = []
    for name in one.facts:
        mine, theirs = _band(one, name), _band(other, name)
        if mine is None or theirs is None:
            continue
        if mine[1] < theirs[0]:
            found.append(f"{name.replace('_', ' ')} is smaller here, {where}")
        elif theirs[1] < mine[0]:
            found.append(f"{name.replace('_', ' ')} is larger here, {where}")
    return found


def _band(run: Run, name: str) -> tuple[float, float] | None:
    """None also where an experiment has a fact of its own by the name of a band."""
    band = run.facts.get(name + BAND)
    if isinstance(band, list) and len(band) == 2 and all(isinstance(end, int | float) for end in band):
        return band[0], band[1]
    return None
