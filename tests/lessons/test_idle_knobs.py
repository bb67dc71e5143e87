"""What `knobs.toml` says of a knob is so: it changes nothing while another leaves it out, else it does."""

from __future__ import annotations

from typing import Any

import pytest
from runs import SHORT, course, perform

from initplay.course.knob import Knob, Value
from initplay.course.lesson import Lesson
from initplay.recording.run import Run

NEEDED = [
    pytest.param(lesson, experiment, knob, other, values, id=f"{lesson.slug}/{experiment}-{knob}-{other}")
    for lesson in course().lessons
    for experiment, knobs in lesson.needs.items()
    for knob, others in knobs.items()
    for other, values in others.items()
]


def other_than(knob: Knob, value: Value) -> Value:
    return next(moved for by in (1, -1) if (moved := knob.stepped(value, by)) != value)


def numbers(run: Run) -> tuple[Any, ...]:
    curves = [
        (name, curve.series, list(curve.y))
        for name, chart in run.charts.items()
        for curve in chart.curves.values()
    ]
    return run.facts, curves


@pytest.mark.parametrize(("lesson", "experiment", "knob", "other", "values"), NEEDED)
def test_a_knob_that_is_left_out_changes_nothing(
    lesson: Lesson, experiment: str, knob: str, other: str, values: tuple[Value, ...]
) -> None:
    knobs = {one.name: one for one in lesson.experiment(experiment).knobs}
    moved: dict[str, Any] = {knob: other_than(knobs[knob], knobs[knob].default)}
    lacking = next(one for one in knobs[other].options or (True, False) if one not in values)
    for value, same in ((lacking, True), (values[0], False)):
        setting: dict[str, Any] = {other: value, **SHORT.get((lesson.slug, experiment), {})}
        run = perform(lesson.slug, experiment, **setting)
        again = perform(lesson.slug, experiment, **setting, **moved)
        assert (repr(numbers(run)) == repr(numbers(again))) is same, value


def test_the_course_has_such_knobs() -> None:
    assert {case.id for case in NEEDED} >= {
        "normalize/train-centre-normalized",
        "optimizer/triple-lr-optimizer",
    }
