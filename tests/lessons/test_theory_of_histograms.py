"""Where a lesson says how the values of a histogram should lie, they lie so, wherever its knobs stand."""

from __future__ import annotations

import math
from itertools import accumulate
from typing import Any

import msgspec
import pytest
from runs import perform

from initplay.lab.events import Bins

WITH_THEORY: list[tuple[str, str, str, dict[str, Any]]] = [
    ("sqrt_n", "dot", "w @ x", {}),
    ("sqrt_n", "dot", "w @ x", {"n": 2}),
    ("sqrt_n", "dot", "w @ x", {"n": 1024, "trials": 10}),
    ("sqrt_n", "chain", "activations", {}),
    ("sqrt_n", "chain", "activations", {"width": 32, "depth": 200}),
    ("sqrt_n", "chain", "activations", {"width": 1024, "depth": 1}),
    *(
        ("sqrt_n", "schemes", "weights", {"scheme": scheme, "form": form, **fans})
        for scheme in ("LeCun", "Xavier", "1/n_out")
        for form in ("normal", "uniform")
        for fans in ({}, {"n_in": 16, "n_out": 16}, {"n_in": 1024})
    ),
    ("relu_halving", "dot", "relu(w @ x)", {}),
    ("relu_halving", "dot", "relu(w @ x)", {"n": 2}),
    ("relu_halving", "dot", "relu(w @ x)", {"n": 1024, "trials": 10}),
    ("relu_halving", "chain", "activations", {}),
    ("relu_halving", "chain", "activations", {"gain": 0.5, "depth": 100}),
    ("relu_halving", "chain", "activations", {"gain": 2.0, "depth": 100, "width": 1024}),
    ("relu_halving", "chain", "activations", {"width": 2}),
    *(
        ("kaiming", "shifted", "relu(a @ x), shifted", {"subtract": subtract, "n": n, "trials": 10})
        for subtract in (0.0, 0.5, 0.6, 0.8, 1.0)
        for n in (2, 512)
    ),
    *(
        ("kaiming", "leaky", "uniform: ours, torch's", knobs)
        for knobs in ({}, {"a": 0.0}, {"a": 3.0}, {"fan_in": 16})
    ),
    *(
        ("scatter", "factors", "factor of one layer", knobs)
        for knobs in ({}, {"width": 32}, {"width": 1024, "depth": 64})
    ),
    *(("mylinear", "bounds", "torch's, LeCun's", knobs) for knobs in ({}, {"fan_in": 8}, {"fan_in": 1024})),
    *(("mylinear", "compare", "yours, nn.Linear's", {"bias": bias}) for bias in (True, False)),
    ("activations", "bell", "f(z) of a bell", {}),
    *(
        ("activations", "saturation", chart, {"input_std": std})
        for chart in ("tanh(z)", "slope at z")
        for std in (0.1, 1.0, 50.0)
    ),
]
SMALLEST_NORMAL = 1.2e-38
"""Below it float32 has too few numbers for a bell."""


def distance(bins: Bins) -> float:
    """The largest gap between the shares of the finite values found and expected below an edge."""
    finite = sum(bins.counts) + bins.below + bins.above
    symmetric = bins.low == -bins.high  # else nothing lies below the edges
    outside = (1 - sum(bins.theory)) / 2 if symmetric else 0.0
    found = accumulate(bins.counts, initial=bins.below)
    expected = accumulate(bins.theory, initial=outside)
    return max(abs(a / finite - b) for a, b in zip(found, expected, strict=True))


def allowed(bins: Bins) -> float:
    """What the distance of so many true draws exceeds once in a billion times (Massart's bound)."""
    return math.sqrt(math.log(2e9) / 2 / (sum(bins.counts) + bins.below + bins.above))


@pytest.mark.parametrize(("lesson", "experiment", "chart", "knobs"), WITH_THEORY)
def test_the_values_of_a_histogram_lie_as_its_theory_says(lesson, experiment, chart, knobs) -> None:
    found = perform(lesson, experiment, **knobs).charts[chart].bins.items
    assert found and all(len(bins.theory) == len(bins.counts) for bins in found)
    for bins in found:
        if bins.high > 100 * SMALLEST_NORMAL:
            assert distance(bins) <= allowed(bins), f"at {bins.at}"


@pytest.mark.parametrize(("lesson", "experiment", "chart"), sorted({case[:3] for case in WITH_THEORY}))
def test_a_theory_of_another_width_would_be_noticed(lesson, experiment, chart) -> None:
    """The distance tells the theory from the same one twice as wide."""
    bins = perform(lesson, experiment).charts[chart].bins.items[-1]
    wrong = msgspec.structs.replace(bins, theory=_widened(bins))
    assert distance(wrong) > 2 * distance(bins)


def _widened(bins: Bins) -> list[float]:
    """The theory spread over twice the width around 0."""
    count = len(bins.theory)
    zero = round(-bins.low / (bins.high - bins.low) * count)
    return [bins.theory[zero + (number - zero) // 2] / 2 for number in range(count)]


def test_with_one_matrix_again_and_again_there_is_no_theory() -> None:
    """x has gone through the matrix before, so the next layer is no bell of its rms."""
    run = perform("sqrt_n", "chain", same_weights=True, depth=3)
    assert [bins.theory for bins in run.charts["activations"].bins.items] == [[]] * 3
