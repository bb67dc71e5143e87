"""The command that checks what a learner wrote for an exercise."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from initplay.commands.output import is_plain
from initplay.commands.root import Everywhere, Failure, Wrong, initplay
from initplay.commands.runs import choose_one, perform_as_json, perform_as_text

if TYPE_CHECKING:
    from initplay.course.course import Course
    from initplay.course.exercise import Exercise
    from initplay.recording.run import Run


@initplay.command()
@click.argument("lesson", metavar="LESSON")
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--level", type=click.IntRange(1, 3), help="Whose file, where none is named: the furthest you have begun."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per event per line.")
@click.option("--plain", is_flag=True, help="Text without colours, as in a pipe.")
@click.pass_obj
def check(
    everywhere: Everywhere, lesson: str, file: Path | None, level: int | None, as_json: bool, plain: bool
) -> int:
    """Check your code for a lesson's exercise. It is in FILE, or in your own file of that level.

    Exit code 0 if every check passes, which your progress remembers; 1 if one does not.
    """
    from initplay.engine.order import to_check
    from initplay.learner.exercises import NotReadable, read

    choose_one(as_json, plain)
    exercise = _exercise(everywhere.course(), lesson)
    level = level or _furthest_begun(exercise)
    path = file or _own_file(exercise, level)
    try:
        text = read(path)
    except NotReadable as error:
        raise Wrong(str(error)) from error
    if file is None and text == exercise.start(level):
        print(f"initplay: {path} is as it was handed out: nothing is written in it yet.", file=sys.stderr)
    order = to_check(exercise, text, str(path))

    def keep(run: Run) -> None:
        if _is_passed(run) or (everywhere.class_folder and run.state != "stopped"):
            missed = None if _is_passed(run) else [check.says for check in run.checks]
            _remember(everywhere, exercise, path, missed)

    run = perform_as_json(order, keep) if as_json else perform_as_text(order, is_plain(plain), keep)
    return 0 if _is_passed(run) else 1


def _is_passed(run: Run) -> bool:
    return run.state == "finished" and bool(run.checks) and all(check.passed for check in run.checks)


def _remember(everywhere: Everywhere, exercise: Exercise, path: Path, missed: list[str] | None) -> None:
    """Note the pass or, for a class, what was missed, as the playground does: at its level where the text is
    the learner's own file of it."""
    from initplay.course.exercise import LEVELS
    from initplay.learner.exercises import path_of

    own = {path_of(exercise, level).resolve(): level for level in LEVELS}
    progress = everywhere.progress()
    try:
        if missed is None:
            progress.exercise_passed(exercise.lesson, own.get(path.resolve()))
        else:
            progress.exercise_missed(exercise.lesson, own.get(path.resolve()), missed)
    finally:
        progress.close()
    for sentence in progress.warning.splitlines():
        print(f"initplay: {sentence}", file=sys.stderr)


def _exercise(course: Course, name: str) -> Exercise:
    from initplay.course.exercise import exercise_of
    from initplay.course.lesson import CourseError

    try:
        lesson = course.find(name)
        if lesson.exercise_block is None:
            others = ", ".join(one.slug for one in course.lessons if one.exercise_block)
            where = f"; there are some in {others}" if others else ""
            raise Wrong(f"Lesson {lesson.slug} has no exercise{where}.")
        return exercise_of(lesson)
    except CourseError as error:
        raise Wrong(str(error)) from error


def _furthest_begun(exercise: Exercise) -> int:
    """The highest level that the learner has written something for; the last where there is none."""
    from initplay.course.exercise import LEVELS
    from initplay.learner.exercises import NotReadable, path_of, read

    for level in sorted(LEVELS, reverse=True):
        with contextlib.suppress(NotReadable):  # who checks it hears why
            if os.path.exists(path := path_of(exercise, level)) and read(path) != exercise.start(level):
                return level
    return max(LEVELS)


def _own_file(exercise: Exercise, level: int) -> Path:
    from initplay.learner.exercises import begin
    from initplay.learner.saved import NotKept

    try:
        return begin(exercise, level)
    except NotKept as error:
        raise Failure(str(error)) from error
