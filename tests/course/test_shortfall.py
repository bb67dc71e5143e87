"""What is said of a run that missed its goal: what to set, and what came out, in words."""

from __future__ import annotations

import math

import pytest
from bundled import COURSE

from initplay.course.knob import Knob
from initplay.course.lesson import Goal
from initplay.course.shortfall import shortfall

DEPTH = Knob("depth", "range", 100, low=1, high=200)
RELU = Knob("relu", "switch", False)


@pytest.mark.parametrize(
    ("target", "value", "words"),
    [
        ((0.0, 1.5), 7.93, "true loss is 7.93 and should be 1.5 or less"),
        ((0.99, 1.01), 1.014, "true loss is 1.014 and should be 1.01 or less"),
        ((0.99, 1.01), 0.98996, "true loss is 0.98996 and should be 0.99 or more"),
        ((20.0, 30.0), 10, "true loss is 10 and should be 20 or more"),
        ((1e7, math.inf), 15_680, "true loss is 15680 and should be 1e7 or more"),
        ((1e7, math.inf), math.nan, "true loss is NaN and should be 1e7 or more"),
        ((1e7, math.inf), None, "true loss should be 1e7 or more, and this run has no such number"),
        ((-math.inf, 1.5), None, "true loss should be 1.5 or less, and this run has no such number"),
        ((20.0, 30.0), math.nan, "true loss is NaN and should be between 20 and 30"),
        (True, False, "true loss should be yes"),
    ],
)
def test_a_result_that_missed_is_said_with_what_it_is_and_should_be(target, value, words):
    goal = Goal("a/1/goal/1", "?", "chain", {"true_loss": target}, 1)
    assert shortfall(goal, {"true_loss": value}) == f"Not yet: {words}."


def test_a_result_goes_by_what_it_means():
    meanings = {
        "changed": "number of knobs that are not as they came",
        "rms": "rms, after the last layer: the middle one",
        "passed": "whether the mean lies near 0",
    }
    goal = Goal("a/1/goal/1", "?", "chain", {"changed": 1, "rms": (1.0, 2.0), "passed": True}, 1)
    assert shortfall(goal, {"changed": 0, "rms": 3.0, "passed": False}, (), meanings) == (
        "Not yet: turn 1 knob, none is turned so far; "
        "the rms, after the last layer, is 3 and should be 2 or less; it is asked that the mean lies near 0."
    )


@pytest.mark.parametrize(
    ("target", "turned", "words"),
    [
        (1, 0, "turn 1 knob, none is turned so far"),
        (2, 1, "turn 2 knobs, 1 is turned so far"),
        (1, 3, "turn 1 knob alone, 3 are turned"),
        (0, 1, "turn 0 knobs alone, 1 is turned"),
    ],
)
def test_of_knobs_that_are_counted_it_is_said_how_many_to_turn(target, turned, words):
    goal = Goal("a/1/goal/1", "?", "clinic", {"changed": target}, 1)
    meanings = {"changed": "number of knobs that are not as they came"}
    assert shortfall(goal, {"changed": turned}, (), meanings) == f"Not yet: {words}."


def test_of_a_knob_it_is_said_what_to_set_it_to():
    goal = Goal("a/1/goal/1", "?", "chain", {"depth": (1.0, 50.0), "relu": True}, 1)
    assert shortfall(goal, {"depth": 100, "relu": False}, (DEPTH, RELU)) == (
        "Not yet: set depth to 50 or less (it was 100); switch relu on."
    )
    assert shortfall(goal, {"depth": 50, "relu": True}, (DEPTH, RELU)) == ""


INIT = Knob("init", "choice", "normal", options=("normal", "he", "cosine"))


@pytest.mark.parametrize(
    ("ask", "target", "given", "words"),
    [
        ("Not one random number.", "cosine", {}, "init is not what is asked yet (it was he)"),
        ("Not one random number.", "cosine", {"init": "he"}, "init is not what is asked yet (it was he)"),
        ("No cosines.", "cosine", {}, "init is not what is asked yet (it was he)"),
        ("With Cosine, then.", "cosine", {}, "set init to cosine (it was he)"),
        ("Cure it.", "cosine", {"init": "cosine"}, "set init to cosine (it was he)"),
        ("Cure it.", "normal", {}, "set init to normal (it was he)"),
    ],
)
def test_a_choice_is_named_only_where_the_task_or_the_step_has_it(ask, target, given, words):
    goal = Goal("a/1/goal/1", ask, "chain", {"init": target}, 1)
    assert shortfall(goal, {"init": "he"}, (INIT,), given=given) == f"Not yet: {words}."


TO_BE_FOUND = {
    ("optimizer", 7, "order"),
    ("deep", 2, "activation"),
    ("deep", 16, "fan out"),
    ("sandbox", 15, "inputs"),
    ("sandbox", 16, "init"),
}


def test_the_choices_that_the_course_lets_one_find_are_not_named():
    hidden = set()
    for lesson in COURSE.lessons:
        for number, step in enumerate(lesson.steps, 1):
            for goal in step.blocks:
                if isinstance(goal, Goal) and step.run is not None:
                    of, _, name = goal.experiment.rpartition("/")
                    knobs = (COURSE.find(of) if of else lesson).experiment(name).knobs
                    said = shortfall(goal, {}, knobs, given=step.run.knobs)
                    parts = said.removeprefix("Not yet: ").split("; ")
                    unnamed = [part.split(" is not ")[0] for part in parts if "is not what is asked" in part]
                    hidden |= {(lesson.slug, number, knob) for knob in unnamed}
    assert hidden == TO_BE_FOUND


def test_no_goal_of_the_course_names_a_result_by_a_word_of_the_program():
    for lesson in COURSE.lessons:
        for goal in lesson.blocks:
            if not isinstance(goal, Goal):
                continue
            of, _, name = goal.experiment.rpartition("/")
            code = COURSE.find(of) if of else lesson
            knobs = {knob.name for one in code.experiments if one.name == name for knob in one.knobs}
            for target in set(goal.targets) - knobs:
                meaning = code.meanings[name][target]
                assert not meaning.startswith(("the same", "how many", "by ")), (lesson.slug, target, meaning)
