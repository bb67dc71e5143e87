"""What holds for every lesson of the course, whatever it is about."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from runs import LESSONS, LONG, SHORT, course, missed, perform, perform_on
from truth import far_from_theory, odd_corners, unexplained

from initplay.course.experiment import Experiment
from initplay.course.knob import Knob
from initplay.course.lesson import End, Goal, Lesson, RunBlock
from initplay.course.lint import lint
from initplay.course.prediction import Predict
from initplay.recording.run import Run

FOLDERS = sorted(path for path in LESSONS.iterdir() if path.is_dir() and path.name[0] not in "._")
ALL = [(lesson, experiment) for lesson in course().lessons for experiment in lesson.experiments]


def _ends(knob: Knob) -> tuple[Any, ...]:
    if knob.is_slider:
        return (knob.low, knob.high)
    if knob.kind == "choice":
        return knob.options
    return (False, True) if knob.kind == "switch" else ()


REPEATS = ("seeds", "trials")
"""Knobs that say how often: what is largest is done least often, so that no corner takes long."""


def _corners(experiment: Experiment) -> Iterator[dict[str, Any]]:
    """The defaults, all knobs at their first ends and at their last ones but for REPEATS, which are at the
    other end, and every option between those; where there is time also the largest as often as it goes, each
    knob at an end alone, and three settings from anywhere."""
    yield {}
    turned = [knob for knob in experiment.knobs if _ends(knob)]
    for end, other in (0, -1), (-1, 0):
        yield {knob.name: _ends(knob)[other if knob.name in REPEATS else end] for knob in turned}
    if LONG and any(knob.name in REPEATS for knob in turned):
        yield {knob.name: _ends(knob)[-1] for knob in turned}
    for knob in turned:
        alone = _ends(knob) if LONG else _ends(knob)[1:-1]
        yield from ({knob.name: end} for end in alone if end != knob.default)
    if LONG:
        yield from odd_corners(experiment)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_lesson_lints_clean(folder: Path) -> None:
    """No mistake and no warning in any lesson."""
    assert [str(problem) for problem in lint(folder)] == []


def test_no_lesson_is_left_out_of_the_course() -> None:
    """A lesson with a mistake would otherwise be missing from the tests below without a word."""
    assert [lesson.path for lesson in course().lessons] == FOLDERS


@pytest.mark.parametrize(
    ("lesson", "experiment"), ALL, ids=[f"{lesson.slug}/{found.name}" for lesson, found in ALL]
)
def test_every_experiment_runs_at_the_ends_of_its_knobs(lesson: Lesson, experiment: Experiment) -> None:
    """An experiment ends by itself, with something drawn and with a Result whose every name has a meaning,
    wherever its knobs stand. No theory is further from its number than `truth` states, and none is NaN or
    infinite without a note."""
    for knobs in _corners(experiment):
        run = perform(lesson.slug, experiment.name, **(knobs | SHORT.get((lesson.slug, experiment.name), {})))
        assert run.state == "finished", knobs
        assert run.moments > 0, f"nothing was drawn with {knobs}"
        assert run.facts, f"no Result with {knobs}"
        unsaid = set(run.facts) - set(lesson.meanings.get(experiment.name, ()))
        assert not unsaid, f"results.toml says nothing of {unsaid}, which [{experiment.name}] yields"
        assert not unexplained(run), knobs
        assert not far_from_theory(lesson.slug, experiment.name, run), knobs


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
@pytest.mark.parametrize(
    ("lesson", "experiment"), ALL, ids=[f"{lesson.slug}/{found.name}" for lesson, found in ALL]
)
def test_every_experiment_runs_on_a_gpu(lesson: Lesson, experiment: Experiment) -> None:
    """It ends there as on the CPU: with the same names in its Result, and as near to its theory."""
    run = perform_on("cuda:0", lesson.slug, experiment.name)
    assert run.started is not None and run.started.device == "cuda:0"
    assert run.state == "finished"
    assert run.facts.keys() == perform(lesson.slug, experiment.name).facts.keys()
    assert not unexplained(run)
    assert not far_from_theory(lesson.slug, experiment.name, run)


def _settings(lesson: Lesson) -> Iterator[tuple[Predict | Goal, RunBlock]]:
    """Every prediction and goal with the run block it is about."""
    above: RunBlock | None = None
    for block in lesson.blocks:
        if isinstance(block, RunBlock):
            above = block
        elif isinstance(block, Predict | Goal):
            assert above is not None, f"{block.key} stands above any run"
            yield block, above


def _run(lesson: Lesson, block: RunBlock) -> Run:
    knobs: dict[str, Any] = dict(block.knobs)
    return perform((block.code or lesson).slug, block.experiment, **knobs)


@pytest.mark.parametrize("lesson", course().lessons, ids=lambda lesson: lesson.slug)
def test_every_prediction_is_settled_by_its_run(lesson: Lesson) -> None:
    """The run that a lesson sets up yields the number that its prediction asks for."""
    for block, above in _settings(lesson):
        if isinstance(block, Predict) and block.result:
            value = _run(lesson, above).facts[block.result]
            assert isinstance(value, int | float) and math.isfinite(value), f"{block.key}: {value}"
            assert block.judge(value if block.expected is None else block.expected, value).right


@pytest.mark.parametrize("lesson", course().lessons, ids=lambda lesson: lesson.slug)
def test_every_guess_on_a_chart_has_its_chart_and_room_for_what_comes_out(lesson: Lesson) -> None:
    """The marked chart is one of curves, its x axis is of the kind that was announced, and the outcome lies
    within the range."""
    for block, above in _settings(lesson):
        if isinstance(block, Predict) and block.mark:
            run = _run(lesson, above)
            chart, value = run.charts[block.mark], run.facts[block.result or ""]
            assert chart.kind == "curves" and chart.axes.log_x == block.log, block.key
            assert block.span is not None and block.span[0] <= value <= block.span[1], block.key
            assert block.placed(value) == value, f"{block.key} cannot be placed where it comes out"


@pytest.mark.parametrize("lesson", course().lessons, ids=lambda lesson: lesson.slug)
def test_no_goal_is_reached_before_a_knob_is_turned(lesson: Lesson) -> None:
    """The run that a lesson sets up misses each of its goals, and yields every value they are judged by."""
    for block, above in _settings(lesson):
        if isinstance(block, Goal):
            run = _run(lesson, above)
            assert run.started is not None
            assert missed(block, run), f"{block.key} is reached by pressing r"
            assert set(block.targets) <= set(run.facts) | set(run.started.knobs), block.key


@pytest.mark.parametrize("lesson", course().lessons, ids=lambda lesson: lesson.slug)
def test_what_is_there_to_try_at_the_end_is_of_its_bench_or_says_of_which_step(lesson: Lesson) -> None:
    [end] = [block for block in lesson.steps[-1].blocks if isinstance(block, End)]
    named = re.match(r"in step (\d+), ", end.more)
    last, there = lesson.steps[-1].run, lesson.steps[int(named[1]) - 1 if named else -1].run
    assert last and there and (named is None or there.experiment != last.experiment)
    set_to = set(re.findall(r"(\w+) (?:from |= )?\d", end.more))
    knobs = {one.name: {knob.name for knob in one.knobs} for one in lesson.experiments}
    elsewhere = set().union(*knobs.values()) - knobs[there.experiment]
    assert not set_to & elsewhere
