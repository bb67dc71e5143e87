"""The lesson on which a saved run is shown."""

from __future__ import annotations

from pathlib import Path

from initplay.course.course import Course
from initplay.course.experiment import Experiment, SignatureError, experiments
from initplay.course.knob import Knob
from initplay.course.lesson import CourseError, Lesson, Prose, Step
from initplay.lab.events import Started
from initplay.recording.run import Run

TITLE = "A saved run"


def lesson_of(run: Run, course: Course) -> Lesson:
    """The lesson a saved run belongs to; one made of what the run says where the course has none such.

    A run whose source is missing or is no Python is shown all the same, with its knobs as it had them.
    """
    started = run.started
    assert started is not None, "a file without a start is refused when it is loaded"
    try:
        lesson = course.find(started.lesson)
    except CourseError:
        return _lesson_of_its_own(started)
    return lesson if lesson.slug == started.lesson else _lesson_of_its_own(started)  # found by its number


def _lesson_of_its_own(started: Started) -> Lesson:
    words = "This run was saved from a lesson that is not in this course."
    if started.lesson == "examine":
        words = "A net of your own, as `initplay examine` found it: its layers, and what to change."
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
