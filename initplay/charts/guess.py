"""A prediction that is a place on the x axis of a chart, as the chart shows it."""

from __future__ import annotations

from dataclasses import dataclass

from initplay.lab.events import Axes
from initplay.recording.run import Chart


@dataclass(frozen=True)
class Guess:
    """What the learner predicted and, once a run has settled it, the outcome."""

    chart: str
    x: float | None = None
    """None while nothing is placed."""
    outcome: float | None = None
    """None until a run has settled it."""
    span: tuple[float, float] | None = None
    """From where to where it may be placed; None where it may not, or not any more."""
    log: bool = False
    """Whether the span is one of decades."""
    unit: str = ""
    """What is counted along x."""
    committed: bool = True
    """False while it is still being placed."""


def frame(guess: Guess) -> Chart:
    """The empty chart that a guess is about, before any run has drawn it: its name and its x axis."""
    chart = Chart(guess.chart)
    chart.axes = Axes(guess.chart, x=guess.unit, log_x=guess.log)
    return chart
