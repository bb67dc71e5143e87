"""At 80x24 one chart or table has the room: what a step asks for stands on it when its run has ended."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import pytest
from runs import course, perform

from initplay.course.lesson import Goal, Lesson, Step
from initplay.course.prediction import Predict
from initplay.recording.run import Run
from initplay.ui.bench.tiles import Tile, View, in_order, lines_of, tiles_of

AT_80x24 = (78, 9)
"""Columns and rows that the first chart or table has at least, once a run has ended."""
OFF = 0.006
"""By how much of itself a number on the screen may be off: three digits of it are written."""
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")

NOT_AS_A_NUMBER = {
    ("sqrt_n", 8, "largest_over_std"): "the largest weight and the std, one below the other",
    ("kaiming", 1, "rms"): "the histograms are to be looked at; the number is among the results",
    ("kaiming", 6, "growth_per_layer"): "the slope of the curve",
    ("mylinear", 9, "agreeing"): "a yes in each row",
    ("scatter", 3, "factor_std"): "the width of the histogram",
    ("activations", 2, "tanh_square"): "the histogram is to be looked at; the number is among the results",
    ("activations", 5, "gradient_left"): "one end of the curve, by the other",
    ("backward", 2, "rounds"): "asked second: the table it is in is one key behind",
    ("backward", 7, "differences"): "a shape, (64, 64)",
    ("depth", 7, "first_loss"): "where the curve begins",
    ("leaderboard", 5, "z_normal_tanh"): "a long run, to be watched; it is among the results",
    ("leaderboard", 2, "floor"): "what the curve cannot pass",
    ("sandbox", 16, "accuracy"): "no chart has it; the loss is what falls with it",
}
"""What is asked for and stands on the first chart in another way, and in which."""

OF_OPTIONS = {
    "neuron": {2: "shapes", 7: "calls"},
    "normalize": {2: "theory and you", 4: "the digit's pixels", 8: "first layer"},
    "blowup": {2: "theory and you", 4: "what broke first"},
    "sqrt_n": {1: "error bar of the mean", 4: "rms with each broken", 6: "seven more matrices"},
    "relu_halving": {1: "mean", 5: "factor on the mean square"},
    "kaiming": {2: "mean square"},
    "mylinear": {8: "what each version does"},
    "scatter": {4: "ln of the mean square", 5: "ln of the mean square"},
    "activations": {10: "largest difference of two units"},
    "backward": {3: "gradient of w1", 9: "the label 3"},
    "depth": {1: "accuracy", 4: "accuracy", 5: "accuracy", 6: "update / weight", 8: "loss"},
    "optimizer": {1: "weight", 3: "weight", 9: "gradients, plain and asked"},
    "leaderboard": {1: "accuracy", 3: "accuracy", 4: "accuracy"},
    "deep": {8: "cosine by layer", 17: "theory and you"},
    "sandbox": {1: "saturated", 12: "step 0", 13: "update / weight over time"},
}
"""Steps that ask to choose among words, and what of their run that is to be read from."""


def run_of(lesson: Lesson, step: Step) -> Run:
    assert step.run
    knobs: dict[str, Any] = dict(step.run.knobs)
    return perform((step.run.code or lesson).slug, step.run.experiment, **knobs)


def first_of(step: Step, run: Run) -> Tile:
    return in_order(tiles_of(run), step.shows, step.names)[0]


def steps(holds: Any) -> list[Any]:
    return [
        pytest.param(lesson, number, step, id=f"{lesson.slug}-{number}")
        for lesson in course().lessons
        for number, step in enumerate(lesson.steps, 1)
        if step.run and holds(step)
    ]


def asked_of(step: Step) -> Iterator[str]:
    """The results by which its predictions are settled; where it has none, those that its goals are about."""
    predictions = [block for block in step.blocks if isinstance(block, Predict)]
    for predict in predictions:
        if predict.result:
            yield predict.result
    for goal in step.blocks if not predictions else ():
        if isinstance(goal, Goal):
            yield from goal.targets


def stands_on(tile: Tile, run: Run, number: float) -> bool:
    """Whether a number is written on the tile, or is where a point of one of its curves lies."""
    written = "\n".join("".join(text for text, _ in line) for line in lines_of(tile, View(run), *AT_80x24))
    there = [float(found) for found in NUMBER.findall(written)]
    if tile.kind == "chart":
        for curve in run.charts[tile.name].curves.values():
            there += [*curve.x, *curve.y]
    return any(math.isclose(found, number, rel_tol=OFF, abs_tol=1e-9) for found in there)


@pytest.mark.parametrize(("lesson", "number", "step"), steps(lambda step: step.run.shows))
def test_what_is_to_be_in_sight_first_is_there(lesson: Lesson, number: int, step: Step) -> None:
    assert first_of(step, run_of(lesson, step)).title == step.shows


@pytest.mark.parametrize(("lesson", "number", "step"), steps(lambda step: any(asked_of(step))))
def test_the_number_that_is_asked_for_is_in_sight(lesson: Lesson, number: int, step: Step) -> None:
    run = run_of(lesson, step)
    first = first_of(step, run)
    for name in asked_of(step):
        value = run.facts.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            continue  # a knob, or a yes
        otherwise = (lesson.slug, number, name) in NOT_AS_A_NUMBER
        assert otherwise or stands_on(first, run, value), (name, value, first)


@pytest.mark.parametrize(
    ("slug", "number", "name"),
    [(slug, number, name) for slug, steps in OF_OPTIONS.items() for number, name in steps.items()],
)
def test_what_a_choice_is_about_is_in_sight(slug: str, number: int, name: str) -> None:
    lesson = course().find(slug)
    step = lesson.steps[number - 1]
    assert first_of(step, run_of(lesson, step)).title == name
