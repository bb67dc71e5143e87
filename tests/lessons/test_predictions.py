"""Every prediction of the course is fair: who derives the answer is right, whatever the draw."""

from __future__ import annotations

import math
import re
from statistics import median
from typing import Any

import pytest
from runs import LONG, SEEDS, course, perform

from initplay.course.lesson import Goal, Lesson, RunBlock
from initplay.course.prediction import Predict

DERIVED = {
    "neuron/1": 3 * 6 + 4 * 8,
    "neuron/3": 2,
    "neuron/5": 2 * 4,
    "neuron/6": 256 * 784 * 10,
    "normalize/5": 0.65,
    "normalize/6": math.log(10),
    "normalize/7": 0.7 / 2,
    "blowup/1": math.sqrt(784),
    "blowup/3": math.floor(math.log(3.4e38) / math.log(math.sqrt(512))),
    "blowup/5": math.ceil(math.log(1.4e-45) / math.log(0.01 * math.sqrt(512))),
    "sqrt_n/2": 512,
    "sqrt_n/3": 1 / 28,
    "sqrt_n/5": 1.1**50,
    "sqrt_n/7": math.sqrt(1024 / 256),
    "sqrt_n/8": math.sqrt(3),
    "relu_halving/2": 0.399 * 22.6,
    "relu_halving/4": 2**-25,
    "kaiming/1": 1,
    "scatter/1": math.exp(-5 * 50 / 100 / 4),
    "scatter/2": (1.2 * 0.8) ** 25,
    "scatter/3": math.sqrt(5 / 100),
    "kaiming/4": math.sqrt(64 / 512),
    "kaiming/6": math.sqrt(9),
    "kaiming/7": math.sqrt(1.25) ** 20,
    "mylinear/1": 1.5 * 9,
    "mylinear/4": 0.5,
    "mylinear/7": math.sqrt(1 / 3) ** 10,
    "mylinear/9": 9,
    "backward/1": 2 * (5 - 3) * 1 * 2,
    "backward/2": 4,
    "backward/4": 4,
    "backward/7": 64 * 64,
    "backward/10": 2**-25,
    "depth/2": 1 / 10,
    "depth/3": (1 / 6) ** (10 / 2),
    "depth/7": math.log(10) + 1 / 2,
    "optimizer/2": 1,
    "optimizer/4": 35,
    "optimizer/5": 9 * (1 + 4 + 9 + 16) / 4,
    "optimizer/7": 0.1 / 2,
    "activations/1": 1 / 4,
    "activations/2": 0.39,
    "activations/3": 0.16,
    "activations/4": 0.23,
    "activations/5": 0.39**20,
    "activations/6": math.erfc(2.09 / 28 / math.sqrt(2)),
    "activations/7": 30,
    "activations/8": 1,
    "leaderboard/2": -math.log(math.e / (math.e + 9)),
    "leaderboard/5": 9.4,
    "deep/1": 0.95,
    "deep/2": 2 ** (-20 / 2),
    "deep/4": 1,
    "deep/5": (math.sqrt(2) + 1.59) / 2,
    "deep/6": 2 ** (50 / 2),
    "deep/15": math.sqrt(1 / (1 - 0.5)) ** 20,
    "deep/16": math.sqrt(1 / 4) ** 4,
}
"""By lesson and step, what a learner who thinks it through comes to, a fence-post off included."""


def _asked(lesson: Lesson) -> list[tuple[str, Predict, RunBlock]]:
    """Every number that a lesson asks for, with the run that it is about."""
    found = []
    for step, blocks in enumerate((one.blocks for one in lesson.steps), 1):
        run = next((block for block in blocks if isinstance(block, RunBlock)), None)
        for block in blocks:
            if isinstance(block, Predict) and block.result is not None:
                assert run is not None
                found.append((f"{lesson.slug}/{step}", block, run))
    return found


ASKED = [one for lesson in course().lessons for one in _asked(lesson)]


def _outcomes(predict: Predict, run: RunBlock, seeds: tuple[int, ...]) -> list[float]:
    lesson = run.code.slug if run.code else predict.key.partition("/")[0]
    knobs: dict[str, Any] = dict(run.knobs)
    return [perform(lesson, run.experiment, seed=s, **knobs).facts[predict.result or ""] for s in seeds]


def test_every_number_that_is_asked_for_can_be_derived() -> None:
    assert {place for place, _, _ in ASKED} == set(DERIVED)


@pytest.mark.parametrize(("place", "predict", "run"), ASKED, ids=[place for place, _, _ in ASKED])
def test_the_right_derivation_is_right_with_every_draw(place: str, predict: Predict, run: RunBlock) -> None:
    """Over 20 seeds where there is time, else over two; where a draw scatters, against what the lesson says
    for it."""
    if predict.expected is not None:
        assert predict.judge(DERIVED[place], math.nan).right
        return
    for outcome in _outcomes(predict, run, tuple(range(20)) if LONG else SEEDS):
        assert predict.judge(DERIVED[place], outcome).right, outcome


@pytest.mark.parametrize(
    ("place", "predict", "run"),
    [one for one in ASKED if one[1].expected is not None],
    ids=[place for place, predict, _ in ASKED if predict.expected is not None],
)
def test_the_answer_that_a_lesson_gives_is_that_of_many_draws(
    place: str, predict: Predict, run: RunBlock
) -> None:
    """The middle one of five lies within the share that the lesson allows a guess."""
    seeds = (42,) if place.startswith("leaderboard") else SEEDS  # a table has seeds enough of its own
    assert predict.judge(median(_outcomes(predict, run, seeds))).right
    assert predict.expected is not None and predict.expected > 0


def test_the_right_option_is_not_the_second_one_most_of_the_time() -> None:
    """Over 200 learners and all questions, the right one of three is in each place in a third of cases."""
    places = [0, 0, 0]
    options = [
        b for lesson in course().lessons for b in lesson.blocks if isinstance(b, Predict) and b.options
    ]
    for predict in options:
        for learner in range(200):
            if len(predict.options) == 3:
                places[predict.options_in_order(learner).index(predict.answer or 0)] += 1
    assert all(count / sum(places) == pytest.approx(1 / 3, abs=0.03) for count in places)


def test_a_question_that_names_a_key_is_settled_by_nothing_less():
    """Of the keys that change what runs: a question that tells to draw anew has to mean it."""
    asked = [
        block for lesson in course().lessons for block in lesson.blocks if isinstance(block, Predict | Goal)
    ]
    named = [one.key for one in asked if re.search(r"\b[Pp]ress\b|`[a-zA-Z]`", one.ask)]
    assert not named, "a question is what is asked; keys are in the text"
    assert [one.key for one in asked if isinstance(one, Predict) and one.new_seed] == ["blowup/2/predict/1"]
