"""The lesson on which a saved run is shown, and the step of it."""

from __future__ import annotations

from pathlib import Path

from initplay.course.course import Course
from initplay.course.experiment import Experiment, SignatureError, experiments
from initplay.course.knob import Knob
from initplay.course.lesson import CourseError, Lesson, Prose, RunBlock, Step
from initplay.course.own_net import OwnNet, own_net
from initplay.lab.events import EXAMINE, Started
from initplay.recording.run import Run

TITLE = "A saved run"


def place_of(run: Run, course: Course) -> tuple[Lesson, int]:
    """The lesson on which a saved run is shown, and the step of it, counted from 0.

    Of the steps that have its experiment on their bench, in lessons too that borrow it, it is the one whose
    knobs are nearest to the run's; of several the first, its own lesson's before others.
    """
    started, lesson = run.started, lesson_of(run, course)
    assert started is not None, "a file without a start is refused when it is loaded"
    lessons = (lesson, *course.lessons) if lesson.in_course else ()
    places = [
        (_turned(one, step.run, started), one, number)
        for one in lessons
        for number, step in enumerate(one.steps)
        if step.run and _is_run_by(step.run, one, started)
    ]
    if not places:
        return lesson, 0
    _, nearest, number = min(places, key=lambda place: place[0])
    return nearest, number


def _is_run_by(block: RunBlock, lesson: Lesson, started: Started) -> bool:
    return ((block.code or lesson).slug, block.experiment) == (started.lesson, started.experiment)


def _turned(lesson: Lesson, block: RunBlock, started: Started) -> int:
    """How many knobs the run had otherwise than the step sets them."""
    experiment = (block.code or lesson).experiment(block.experiment)
    asked = {**experiment.defaults(), **block.knobs}
    return sum(started.knobs.get(name) != value for name, value in asked.items())


def lesson_of(run: Run, course: Course) -> Lesson:
    """The lesson a saved run belongs to; one made of what the run says where the course has none such.

    A run whose source is missing or is no Python is shown all the same, with its knobs as it had them.
    """
    started = run.started
    assert started is not None, "a file without a start is refused when it is loaded"
    if started.lesson == EXAMINE:
        return _net_of(started)
    try:
        lesson = course.find(started.lesson)
    except CourseError:
        return _lesson_of_its_own(started)
    return lesson if lesson.slug == started.lesson else _lesson_of_its_own(started)  # found by its number


def _net_of(started: Started) -> OwnNet:
    """A net that was examined, to be examined again: its text as it was, beside the file it came from."""
    words = "This examination was saved. `r` runs it again, on the text and with the options of then."
    if not started.source:
        words = "This examination was saved without the text of its file: it can be read, and not run again."
    return own_net(
        started.filename or started.experiment, started.source, words, experiment=started.experiment
    )


def _lesson_of_its_own(started: Started) -> Lesson:
    words = "This run was saved from a lesson that is not in this course."
    found: list[Experiment] = []
    try:
        found = experiments(started.source)
        words += " Its source is all there." if started.source else " Its source was not saved with it."
    except SignatureError as error:
        words += f" Its source cannot be run again: line {error.line}, {error.reason}."
    if started.experiment not in [experiment.name for experiment in found]:
        found = [_as_recorded(started), *found]
    return Lesson(
        number=0,
        slug=started.lesson,
        path=Path(started.lesson),
        title=TITLE,
        summary="",
        part="",
        minutes=None,
        steps=(Step(TITLE, (Prose(words, 1),), 1),),
        sources="",
        in_course=False,
        source=started.source,
        experiments=tuple(found),
    )


def _as_recorded(started: Started) -> Experiment:
    """The experiment with the knobs that the run had, where no source tells of them."""
    knobs = tuple(
        Knob(name, "switch" if isinstance(value, bool) else "input", value)
        for name, value in started.knobs.items()
        if isinstance(value, bool | int | float | str)
    )
    return Experiment(started.experiment, knobs, doc="", line=1)
