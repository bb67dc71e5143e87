"""How near a run came to its theory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from initplay.lab.events import THEORY
from initplay.recording.breakage import first_break, measured, named
from initplay.recording.run import Chart, Curve, Run
from initplay.words.numbers import short

FAR = 1.5
"""A factor between a measurement and theory from which on it wants a reason."""
ACROSS_LAYERS = "layer"
"""The x axis along which a signal runs up, and a gradient down."""


class Residual(NamedTuple):
    """A measured point beside what theory says of it."""

    said: str
    """Both numbers, in a sentence without its end."""
    factor: float | None
    """How many times theory's the measured one is; None where theory says 0, which has no scale."""

    @property
    def decades(self) -> float:
        """How far apart they are: 0 where that has no scale."""
        return abs(math.log10(self.factor)) if self.factor and self.factor > 0 else 0.0

    @property
    def is_far(self) -> bool:
        return self.factor is not None and not 1 / FAR < self.factor < FAR


def residuals(run: Run) -> Iterator[Residual]:
    """For each curve that theory speaks of: how near it came where the signal arrives."""
    for chart in run.charts.values():
        for curve in measured(chart):
            found = first_break(chart, curve)
            residual = against_theory(chart, curve, None if found is None else found.place)
            if residual is not None:
                yield residual


def against_theory(chart: Chart, curve: Curve, until: int | None = None) -> Residual | None:
    """The newest measured point that theory speaks of, of all or of the first `until`; of gradients that are
    drawn over layers the one in the lowest layer, which they reach last.

    None where there is no such point, and where theory came with the points of another curve.
    """
    theory = chart.curves.get(THEORY)
    if theory is None or not speaks_of(theory, curve, chart):
        return None
    at = dict(zip(theory.x, theory.y, strict=True))
    shared = [
        (x, y, at[x])
        for x, y in zip(curve.x[:until], curve.y[:until], strict=True)
        if x in at and math.isfinite(y) and math.isfinite(at[x])
    ]
    if not shared:
        return None
    x, y, expected = min(shared) if runs_back(chart) else shared[-1]
    where = f"{chart.axes.x or 'x'} {short(x)}"
    said = f"{named(chart.name, curve)} at {where} is {short(y)}, theory {short(expected)}"
    return Residual(said, _times(y, expected))


def _times(y: float, expected: float) -> float | None:
    return None if expected == 0 else y / expected


def runs_back(chart: Chart) -> bool:
    """Whether it is of gradients over layers, which run from the last layer to the first."""
    return chart.axes.x == ACROSS_LAYERS and "gradient" in chart.name


def speaks_of(theory: Curve, curve: Curve, chart: Chart) -> bool:
    """Whether the theory is about this curve: its points follow right upon those of the curve that they came
    with, where they came with one; else it is about all."""
    before = {number - 1 for number in theory.index}
    spoken_of = [one for one in measured(chart) if not before.isdisjoint(one.index)]
    return not spoken_of or curve in spoken_of
