"""How near a run came to its theory."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from initplay.lab.events import THEORY
from initplay.recording.breakage import first_break, measured, named
from initplay.recording.run import Chart, Curve, Run
from initplay.words.numbers import short

FAR = 1.5
"""A factor between a measurement and theory from which on it wants a reason."""
NEAR = 1.1
"""A factor up to which it all went as theory says."""
MANY_BARS = 3.0
"""So many error bars from a theory of 0 is far from it: a bar is two standard errors."""
YOURS = "you"
"""The column of a table that stands beside its theory."""
ERROR = "error"
"""The column that says how far either way the measured one may be off."""
ROUNDING = 1e-15
"""Below this a number of theory is a 0 that was computed in float64."""
ACROSS_LAYERS = "layer"
"""The x axis along which a signal runs up, and a gradient down."""


class Residual(NamedTuple):
    """A measured point beside what theory says of it."""

    said: str
    """Both numbers, in a sentence without its end."""
    factor: float | None
    """How many times theory's the measured one is; None where theory says 0, which has no scale."""
    bars: float | None = None
    """How many of its error bars lie between them; None where it has none."""
    is_in_band: bool = False
    """Whether theory lies within the band that the lesson has drawn around it: an error bar, or a range of
    nets."""

    @property
    def in_words(self) -> str:
        """Both numbers and how they compare, without an end."""
        return self.said if self.factor is None else f"{self.said}: {short(self.factor)} times as much"

    @property
    def decades(self) -> float:
        """How far apart they are: 0 where that has no scale."""
        return abs(math.log10(self.factor)) if self.factor and self.factor > 0 else 0.0

    @property
    def is_far(self) -> bool:
        if self.is_in_band or (self.bars is not None and self.bars <= 1):
            return False
        if self.factor is None:
            return self.bars is not None and self.bars > MANY_BARS
        return not 1 / FAR < self.factor < FAR

    @property
    def has_scale(self) -> bool:
        """Whether anything says what is near: beside a theory of 0 an error bar does, or a band around it."""
        return self.factor is not None or self.bars is not None or self.is_in_band

    @property
    def is_near(self) -> bool:
        """An error bar, where there is one, says better than a factor what is near."""
        if self.bars is not None:
            return self.bars <= 1
        return self.factor is None or 1 / NEAR <= self.factor <= NEAR


def residuals(run: Run) -> Iterator[Residual]:
    """For each curve that theory speaks of: how near it came where the signal arrives."""
    for chart in run.charts.values():
        for curve in measured(chart):
            found = first_break(chart, curve)
            until = None if found is None else found.place
            # Over several seeds a band is of draws, of which any may lie far from theory.
            residual = against_theory(chart, curve, until, band_excuses=not is_of_several(run))
            if residual is not None:
                yield residual


def is_of_several(run: Run) -> bool:
    """Whether it is of several seeds."""
    return run.started is not None and len(run.started.seeds) > 1


def residuals_in_tables(run: Run) -> Iterator[Residual]:
    """For each row with a number of theory and one that was measured."""
    for name, table in run.tables.items():
        for row in table.items:
            y, expected = _number(row.get(YOURS)), _number(row.get(THEORY))
            if y is not None and expected is not None:
                error = _number(row.get(ERROR))
                bar = "" if error is None else f" ± {short(error)}"
                yield Residual(
                    f"{_row_named(name, row)} is {short(y)}{bar}, theory {short(expected)}",
                    _times(y, expected, ROUNDING),
                    _bars(y, expected, error or None),
                )


def _number(cell: object) -> float | None:
    """The finite number in a cell, which may be written out; else None."""
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        return None
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _row_named(table: str, row: Mapping[str, object]) -> str:
    """A row by what stands first in it, and by its table, where that says more than what its columns do."""
    column, first = next(iter(row.items()))
    if column in (THEORY, YOURS):
        return table
    return f"“{first}”" if table == f"{THEORY} and {YOURS}" else f"“{first}” ({table})"


def where_theory_stands(run: Run) -> list[str]:
    """The charts and the tables that have any, by name."""
    charts = [
        chart.name
        for chart in run.charts.values()
        if THEORY in chart.curves or any(bins.theory for bins in chart.bins.items)
    ]
    tables = [
        name for name, table in run.tables.items() if any(row.get(THEORY) is not None for row in table.items)
    ]
    return charts + tables


def references(run: Run) -> list[str]:
    """What is drawn to hold the measured against, and is no theory of it."""
    found = (chart.axes.reference for chart in run.charts.values() if chart.axes.reference in chart.curves)
    return list(dict.fromkeys(found))


def against_theory(
    chart: Chart, curve: Curve, until: int | None = None, *, band_excuses: bool = True
) -> Residual | None:
    """The newest measured point that theory speaks of, of all or of the first `until`; of gradients that are
    drawn over layers the one in the lowest layer, which they reach last.

    None where there is no such point, and where theory came with the points of another curve. `band_excuses`:
    whether a theory within the curve's band is not far from it.
    """
    theory = chart.curves.get(THEORY)
    if theory is None or not speaks_of(theory, curve, chart):
        return None
    at = dict(zip(theory.x, theory.y, strict=True))
    shared = [
        (x, place)
        for place, (x, y) in enumerate(zip(curve.x[:until], curve.y[:until], strict=True))
        if x in at and math.isfinite(y) and math.isfinite(at[x])
    ]
    if not shared:
        return None
    x, place = min(shared) if runs_back(chart) else shared[-1]
    y, expected = curve.y[place], at[x]
    where = f"{chart.axes.x or 'x'} {short(x)}"
    band = f" ({short(curve.low[place])} to {short(curve.high[place])})" if curve.is_band else ""
    said = f"{named(chart.name, curve)} at {where} is {short(y)}{band}, theory {short(expected)}"
    is_in_band = band_excuses and curve.is_band and curve.low[place] <= expected <= curve.high[place]
    # A log axis is of numbers that may be as small as they like.
    factor = _times(y, expected, 0.0 if chart.axes.log_y else ROUNDING)
    return Residual(said, factor, _bars(y, expected, None), is_in_band)


def _bars(y: float, expected: float, bar: float | None) -> float | None:
    if y == expected:
        return 0.0
    return None if bar is None else abs(y - expected) / bar


def _times(y: float, expected: float, rounding: float) -> float | None:
    return None if abs(expected) <= rounding else y / expected


def runs_back(chart: Chart) -> bool:
    """Whether it is of gradients over layers, which run from the last layer to the first."""
    return chart.axes.x == ACROSS_LAYERS and "gradient" in chart.name


def speaks_of(theory: Curve, curve: Curve, chart: Chart) -> bool:
    """Whether the theory is about this curve: its points follow right upon those of the curve that they came
    with, where they came with one; else it is about all."""
    before = {number - 1 for number in theory.index}
    spoken_of = [one for one in measured(chart) if not before.isdisjoint(one.index)]
    return not spoken_of or curve in spoken_of
