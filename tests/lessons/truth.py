"""What must hold of a run wherever its knobs stand: no theory far from its number, no NaN without a word."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from typing import Any

from initplay.course.experiment import Experiment
from initplay.course.knob import Knob
from initplay.lab import log_mean_square, log_mean_square_of_relu
from initplay.recording.run import Run

Knobs = dict[str, Any]

SAYS_WHY = ("NaN", "inf", "float32", "too long", "sums were negative")
"""A note with one of these explains a number that is not finite."""
AVERAGES = "averages over draws"
"""A note with these words says that one draw may lie far from theory."""


def odd_corners(experiment: Experiment, count: int = 3) -> Iterator[Knobs]:
    """Settings nobody would think of, the same ones every time."""
    draw = random.Random(experiment.name)
    for _ in range(count if experiment.knobs else 0):
        yield {knob.name: _somewhere(knob, draw) for knob in experiment.knobs}


def _somewhere(knob: Knob, draw: random.Random) -> Any:
    if not knob.is_slider:
        return draw.choice(knob.options or (False, True))
    assert knob.low is not None and knob.high is not None
    if knob.kind == "log range":
        value = knob.low * (knob.high / knob.low) ** draw.random()
    else:
        value = draw.uniform(knob.low, knob.high)
    return round(value) if isinstance(knob.default, int) else value


def unexplained(run: Run) -> list[str]:
    """The Result values and the cells that are NaN or infinite, where no note says why."""
    if any(words in note for note in run.notes.items for words in SAYS_WHY):
        return []
    cells = [
        (table, column, cell)
        for table, rows in run.tables.items()
        for row in rows.items
        for column, cell in row.items()
    ]
    places = [("Result", name, value) for name, value in run.facts.items()] + cells
    return [f"{where}: {name} is {value}" for where, name, value in places if not _all_finite(value)]


def _all_finite(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_all_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def far_from_theory(slug: str, experiment: str, run: Run) -> list[str]:
    """Where a theory stands beside no number, or beside one that is further off than is stated below.

    Numbers are compared by their ratio, and by their difference where there is an error bar (six of it are
    fine) or a slack. A note that theory averages over draws, or that the net died, lifts it.
    """
    assert run.started is not None
    if any(words in note for note in run.notes.items for words in (AVERAGES, "sums were negative")):
        return []
    factor = TOLERANCES.get((slug, experiment), lambda knobs: 1.1)(run.started.knobs)
    slack = SLACK.get((slug, experiment), 1e-37)
    found = [*_in_tables(run), *_at_the_end_of_charts(run)]
    return [
        f"{where}: {you} beside a theory of {theory}, more than {factor:.3g} times or {slack:g} off"
        for where, theory, you, error in found
        if you is None or not _near(theory, you, factor, max(6 * error, slack))
    ]


def _in_tables(run: Run) -> Iterator[tuple[str, float, float | None, float]]:
    """Every theory in a table, the number beside it, and its error bar."""
    for name, table in run.tables.items():
        for row in table.items:
            theory, you = _number(row.get("theory")), _number(row.get("you", row.get("after")))
            if theory is not None:
                yield f"{name}, {next(iter(row.values()))}", theory, you, row.get("error") or 0.0


def _at_the_end_of_charts(run: Run) -> Iterator[tuple[str, float, float | None, float]]:
    """Every theory line's last point, where scatter has added up, and the nearest number beside it."""
    for name, chart in run.charts.items():
        theory = chart.curves.get("theory") if chart.kind == "curves" else None
        if theory is None:
            continue
        x, expected = theory.x[-1], theory.y[-1]
        beside = [
            (curve.y[n], curve.high[n] - curve.y[n] if curve.is_band else 0.0)
            for series, curve in chart.curves.items()
            if series != "theory"
            for n in range(len(curve.x))
            if curve.x[n] == x
        ]
        if not beside:
            yield f"{name} at {x:g}", expected, None, 0.0
        finite = [one for one in beside if math.isfinite(one[0])]
        if finite:
            you, error = min(finite, key=lambda one: abs(one[0] - expected))
            yield f"{name} at {x:g}", expected, you, error


def _number(value: object) -> float | None:
    """Also one that the table has as text, such as 0.1304; None for what is none."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _near(theory: float, you: float, factor: float, error: float) -> bool:
    if abs(theory - you) <= max(error, 1e-4 * abs(theory)):
        return True
    return theory * you > 0 and max(theory / you, you / theory) <= factor


def _scatter(depth: float, variance: float) -> float:
    """Three standard deviations of a log rms after `depth` layers whose log mean square has this variance."""
    return math.exp(3 * math.sqrt(depth * variance) / 2)


EDGE = 5.0
"""The variance of a 5 % quantile of n nets is about this times that of one net, over n."""


def _linear(width: int, depth: float) -> float:
    return _scatter(depth, log_mean_square(width)[1])


def _relu(width: int, depth: float) -> float:
    return _scatter(depth, log_mean_square_of_relu(width)[1])


TOLERANCES: dict[tuple[str, str], Callable[[Knobs], float]] = {
    ("normalize", "train"): lambda k: 1.2,
    ("blowup", "first_layer"): lambda k: 4.0 if k["hidden"] < 10 else 2.5,
    ("blowup", "chain"): lambda k: _linear(k["width"], k["depth"]) * 1.03 ** k["depth"],
    ("sqrt_n", "scalar"): lambda k: 1 + 10 / math.sqrt(k["trials"]),
    ("sqrt_n", "dot"): lambda k: 1 + 15 / math.sqrt(k["n"] * k["trials"]),
    ("sqrt_n", "first_layer"): lambda k: 1.2 if k["hidden"] >= 10 else 3.0,
    ("sqrt_n", "same_draw"): lambda k: 1.05 * _linear(k["width"], (k["depth"] + 1) * EDGE / k["seeds"]),
    ("sqrt_n", "chain"): lambda k: 1.05 * _linear(k["width"], k["depth"] + 1),
    ("sqrt_n", "schemes"): lambda k: 1.03 + 3 / math.sqrt(k["n_in"] * k["n_out"]),
    ("relu_halving", "scalar"): lambda k: 1 + 10 / math.sqrt(k["trials"]),
    ("relu_halving", "dot"): lambda k: 1 + 15 / math.sqrt(k["n"] * k["trials"]),
    ("relu_halving", "layer"): lambda k: 2.0,
    ("relu_halving", "chain"): lambda k: 1.05 * _relu(k["width"], k["depth"] + 1) ** 2,
    ("kaiming", "layer"): lambda k: 2.0,
    ("kaiming", "shifted"): lambda k: 1 + 15 / math.sqrt(k["n"] * k["trials"]),
    ("kaiming", "conv"): lambda k: 1.7,
    ("kaiming", "chain"): lambda k: 1.05 * _relu(k["width"], (k["depth"] + 1) * EDGE / k["seeds"]),
    ("kaiming", "fans"): lambda k: 1.1 * _relu(min(k["n_in"], k["n_out"]) * 16, 8),
    ("kaiming", "leaky"): lambda k: 1.05 * _relu(k["fan_in"] * 8, 20),
    ("scatter", "coin"): lambda k: 1.2 * (1 + k["share"]) / (1 - k["share"]),
    ("scatter", "factors"): lambda k: (
        1.05 * _scatter(k["depth"], 5 / k["width"]) ** (4 / math.sqrt(500)) * 1.3
    ),
    ("mylinear", "train"): lambda k: 2.0,
    ("mylinear", "bounds"): lambda k: 1.05 * _relu(k["fan_in"], 10) if k["relu"] else 1.3,
    ("backward", "flow"): lambda k: 1.05 * _relu(256 * 8, 2 * k["depth"]),
    ("depth", "depth"): lambda k: (_relu if k["activation"] == "relu" else _linear)(100, k["depth"]),
    ("optimizer", "race"): lambda k: 1.05,
    ("activations", "chain"): lambda k: _relu(512, k["depth"]),
    ("activations", "saturation"): lambda k: 1.1 if k["input_std"] > 1.5 else 4.0,
    ("leaderboard", "table"): lambda k: 1.1,
    ("sandbox", "net"): lambda k: 1.1 * _relu(k["width"], k["depth"]),
    ("deep", "angle"): lambda k: _relu(k["width"], k["depth"] + 1),
    ("deep", "orthogonal"): lambda k: (
        _relu(k["width"], k["depth"]) if k["activation"] == "relu" else 1.2 * _linear(k["width"], k["depth"])
    ),
    ("deep", "lsuv"): lambda k: 1.2,
    ("deep", "residual"): lambda k: _relu(k["width"], k["blocks"]) * _linear(k["width"], k["blocks"]),
    ("deep", "function"): lambda k: 1.3,
    ("deep", "norm"): lambda k: _relu(64, k["depth"]) if k["kind"] == "none" else 1.2,
    ("deep", "dropout"): lambda k: _scatter(k["depth"], 5 / k["width"] / (1 - k["p"])),
    ("deep", "groups"): lambda k: 1.1 * _relu(64 * 4, k["depth"]),
    ("deep", "stream"): lambda k: 1.6 if k["scheme"] != "no norm" else _relu(k["width"], 2 * k["blocks"]) * 3,
}
"""By what factor a run may differ from its theory; 1.1 where nothing is said."""

SLACK = {
    ("kaiming", "layer"): 0.15,
    ("relu_halving", "layer"): 0.15,
    ("normalize", "digits"): 1e-4,
    ("scatter", "factors"): 0.03,
    ("activations", "saturation"): 1e-4,
    ("activations", "bell"): 3e-3,
}
"""By how much it may differ in any case; where nothing is said, by what float32 cannot hold in full."""
