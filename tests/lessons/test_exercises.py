"""The course's exercises: right answers pass, however they are written; wrong ones get a fitting sentence.

`answers/SLUG.py` has both: RIGHT by name, and WRONG by name with what the sentence must say (a pattern).
"""

from __future__ import annotations

import re

import pytest
from runs import course, perform, perform_with_solution
from tried import answers, tried

from initplay.course.exercise import LEVELS, Exercise, exercise_of
from initplay.course.lesson import Lesson
from initplay.recording.agreement import agreement

WITH_EXERCISE = [lesson for lesson in course().lessons if lesson.exercise]
IDS = [lesson.slug for lesson in WITH_EXERCISE]


CASES = [
    pytest.param(lesson, kind, name, id=f"{lesson.slug}-{kind}-{name}")
    for lesson in WITH_EXERCISE
    for kind in ("RIGHT", "WRONG")
    for name in getattr(answers(lesson.slug), kind)
]


@pytest.mark.parametrize(("lesson", "kind", "name"), CASES)
def test_right_answers_pass_and_wrong_ones_are_known(lesson: Lesson, kind: str, name: str) -> None:
    given = getattr(answers(lesson.slug), kind)[name]
    if kind == "RIGHT":
        assert [check for check in tried(lesson, given) if not check.passed] == []
        return
    text, says = given
    failed = [check for check in tried(lesson, text) if not check.passed and check.reached]
    assert failed, "it passes"
    assert re.search(says, failed[0].says), failed[0].says
    assert all(check.says for check in failed)


@pytest.mark.parametrize("lesson", WITH_EXERCISE, ids=IDS)
def test_there_are_enough_answers_of_both_kinds(lesson: Lesson) -> None:
    given = answers(lesson.slug)
    assert len(given.WRONG) >= 12 and len(given.RIGHT) >= 5
    texts = [text for text, _ in given.WRONG.values()] + list(given.RIGHT.values())
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("lesson", WITH_EXERCISE, ids=IDS)
def test_the_solution_passes_and_no_level_does_before_it_is_filled_in(lesson: Lesson) -> None:
    exercise: Exercise = exercise_of(lesson)
    assert all(check.passed for check in tried(lesson, exercise.solution))
    starts = [exercise.start(level) for level in LEVELS]
    assert len(set(starts)) == len(LEVELS)
    for start in starts:
        assert not all(check.passed for check in tried(lesson, start))


@pytest.mark.parametrize("lesson", WITH_EXERCISE, ids=IDS)
def test_there_are_three_hints_and_an_experiment_to_run_with_what_was_written(lesson: Lesson) -> None:
    assert len(exercise_of(lesson).hints) == 3
    assert exercise_of(lesson).experiment in [experiment.name for experiment in lesson.experiments]


@pytest.mark.parametrize("lesson", WITH_EXERCISE, ids=IDS)
def test_nothing_is_cut_off_at_80_columns(lesson: Lesson) -> None:
    """The editor does not wrap, and its line numbers and its scrollbar take five columns."""
    exercise = exercise_of(lesson)
    for text in (*map(exercise.start, LEVELS), exercise.answer):
        assert [line for line in text.splitlines() if len(line) > 75] == []


BESIDE_THE_ANSWER = {
    "neuron": ("def layer(x, w, b):\n    return (x @ w + b).relu()", ["x, w and b are as they were"]),
    "normalize": (
        "def normalize(train, valid):\n    return train / train.std(1), valid",
        ["train and valid are as they were"],
    ),
    "relu_halving": (
        "import torch\ndef gain_for(f):\n    return f(torch.randn(200_000))",
        ["ReLU, eight times: close to one another"],
    ),
    "kaiming": (
        "def kaiming_normal_(w, a=0.0, mode='fan_in'):\n    return w.normal(0, 1)",
        ["what it gives back", "two calls in a row"],
    ),
}


@pytest.mark.parametrize("slug", BESIDE_THE_ANSWER)
def test_what_is_asked_beside_the_answer_is_not_reached_where_there_is_none(slug: str) -> None:
    text, beside = BESIDE_THE_ANSWER[slug]
    found = tried(course().find(slug), text)
    assert [check.name for check in found if not check.reached] == beside
    assert not any(check.passed for check in found if check.name in beside)


@pytest.mark.parametrize(
    ("slug", "experiment", "apart"),
    [
        ("neuron", "layer", "“your layer”"),
        (
            "normalize",
            "leak",
            "“change of one digit” and “accuracy”, where “training's” and “yours” are one line",
        ),
        ("sqrt_n", "schemes", "“forward rms” and “backward rms”"),
        ("relu_halving", "chain", "“rms by layer”"),
        ("kaiming", "chain", "“rms by layer”, where “torch's” and “yours” are one line"),
        ("deep", "lsuv", "“std by layer”, where “yours” and “1” are one line"),
    ],
)
def test_what_the_learner_s_code_draws_leaves_the_lesson_s_own_numbers(
    slug: str, experiment: str, apart: str
) -> None:
    """Else a right answer that draws would be told that the results are others."""
    words = agreement(perform(slug, experiment), perform_with_solution(slug, experiment))
    assert words.startswith(f"yours is shown beside it, in {apart}; the rest has the same results")
    assert "other numbers" not in words
