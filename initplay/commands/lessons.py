"""Commands about lessons: which there are, whether they are right, and a new one."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from initplay.commands.output import print_json, say
from initplay.commands.root import Everywhere, Failure, Wrong, as_json_option, initplay

if TYPE_CHECKING:
    from initplay.course.experiment import Experiment
    from initplay.course.lesson import Lesson, Problem


@initplay.command("list")
@as_json_option
@click.pass_obj
def list_lessons(everywhere: Everywhere, as_json: bool) -> None:
    """The lessons, and the experiments that `run` takes."""
    course = everywhere.course()
    if as_json:
        print_json(
            {
                "path": str(course.path),
                "lessons": [_lesson_fields(lesson) for lesson in course.lessons],
                "problems": [str(problem) for problem in course.problems],
            }
        )
        return
    for lesson in course.lessons:
        minutes = f"  ({lesson.minutes} min)" if lesson.minutes else ""
        say(f"{lesson.folder_name}  {lesson.title}{minutes}")
        for experiment in lesson.experiments:
            say(f"    {lesson.slug}/{experiment.name}  {_defaults(experiment)}".rstrip())
    for problem in course.problems:
        print(f"initplay: left out: {problem}", file=sys.stderr)


def _defaults(experiment: Experiment) -> str:
    return " ".join(f"{knob.name}={knob.format(knob.default)}" for knob in experiment.knobs)


def _lesson_fields(lesson: Lesson) -> dict[str, Any]:
    return {
        "number": lesson.number,
        "slug": lesson.slug,
        "folder": lesson.folder_name,
        "title": lesson.title,
        "summary": lesson.summary,
        "minutes": lesson.minutes,
        "steps": len(lesson.steps),
        "experiments": [asdict(experiment) for experiment in lesson.experiments],
        "exercise": lesson.exercise,
    }


@initplay.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.pass_obj
def lint(everywhere: Everywhere, folder: Path | None) -> int:
    """Check lessons. Says what is wrong in DIR, a lesson or a folder of them, and how to mend it."""
    from initplay.course.course import find_lessons_dir
    from initplay.course.lesson import CourseError
    from initplay.course.lint import lint

    try:
        folder = folder or everywhere.lessons or find_lessons_dir()
        problems = lint(folder)
    except CourseError as error:
        raise Wrong(str(error)) from error
    problems += _exercise_problems(folder)
    for problem in problems:
        say(str(problem))
    mistakes = sum(not problem.warning for problem in problems)
    if not mistakes:
        say(f"{folder}: no mistakes.")
    return 1 if mistakes else 0


def _exercise_problems(folder: Path) -> list[Problem]:
    """What running the exercises shows: solutions that fail, levels that pass as they are."""
    from initplay.course.exercise import LEVELS, exercises_in
    from initplay.course.lesson import Problem
    from initplay.engine.headless import EngineBroken, perform
    from initplay.engine.order import to_audit
    from initplay.lab.events import Failed

    exercises = exercises_in(folder)
    if not exercises:
        return []
    asked = [[str(e.path), e.checks, e.solution, [e.start(level) for level in LEVELS]] for e in exercises]
    try:
        run = perform(to_audit(asked), lambda _batch, _run: None)
    except EngineBroken as error:
        raise Failure(str(error)) from error
    found = [Problem(Path(check.name), 1, check.says.rstrip(".")) for check in run.checks if not check.passed]
    if isinstance(run.ending, Failed):
        found.append(Problem(folder, 1, f"an exercise cannot be checked: {run.ending.message}"))
    return found


@initplay.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--exercise", is_flag=True, help="With an exercise: its task, its solution and its checks.")
def new(folder: Path, exercise: bool) -> None:
    """Write a lesson to start from. DIR is its folder, such as lessons/13_mine."""
    from initplay.course.scaffold import ScaffoldError, new_lesson

    try:
        made = new_lesson(folder.parent, folder.name, exercise=exercise)
    except ScaffoldError as error:
        raise Wrong(str(error)) from error
    say(f"{made} is a lesson that works: edit it, check it with `initplay lint {made}`,")
    say(f"and see it with `initplay --lessons {made.parent}`.")
