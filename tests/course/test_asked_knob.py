"""The knob that a question is about is found in what it asks."""

from __future__ import annotations

from typing import Any

import pytest

from initplay.course.asked_knob import asked_knob
from initplay.course.experiment import experiments
from initplay.course.lesson import Goal
from initplay.course.prediction import Predict

EXPERIMENT = """
from typing import Literal
from initplay.lab import Range

def chain(depth: Range[1, 100] = 10, same_weights: bool = False, n: Range[1, 9] = 2, gain: float = 1.0):
    yield
"""


def asked(ask: str, **targets: Any) -> str:
    (chain,) = experiments(EXPERIMENT)
    goal = Goal("a/1/goal/1", ask, "chain", targets, 1)
    return asked_knob(goal, chain.knobs, chain.defaults())


@pytest.mark.parametrize(
    ("ask", "targets", "knob"),
    [
        ("Make it hold.", {"rms": (0.9, 1.1)}, ""),
        ("Make it hold.", {"rms": (0.9, 1.1), "gain": 2.0}, "gain"),
        ("At depth 10, find a gain for which it holds.", {"rms": (0.9, 1.1), "depth": 10}, "gain"),
        ("Find a gain for depth 50.", {"rms": (0.9, 1.1), "depth": (40, 60)}, "depth"),
        ("Without same weights, at any depth.", {"rms": (0.9, 1.1)}, "same_weights"),
        ("Keep it at depth 10.", {"rms": (0.9, 1.1), "depth": 10}, "same_weights"),
        ("Find a slope that comes to 1/√n.", {"rms": (0.9, 1.1)}, ""),
        ("Find the n whose rms is 1; nothing again.", {"rms": (0.9, 1.1)}, "n"),
    ],
)
def test_a_goal_names_the_knob_that_is_to_be_elsewhere_and_else_the_first_in_its_text(ask, targets, knob):
    assert asked(ask, **targets) == knob


def test_a_prediction_names_it_in_its_text():
    (chain,) = experiments(EXPERIMENT)
    question = Predict(key="a/1/predict/1", ask="What gain keeps it?", experiment="chain", line=1, result="n")
    assert asked_knob(question, chain.knobs, chain.defaults()) == "gain"
