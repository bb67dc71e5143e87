"""Commands about what the learner has done."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from initplay.commands.output import print_json, say
from initplay.commands.root import Commands, Everywhere, Failure, Wrong, as_json_option, initplay
from initplay.words.whole import write_whole

if TYPE_CHECKING:
    from initplay.course.lesson import Lesson
    from initplay.learner.calibration import Calibration
    from initplay.learner.progress import LessonState, Progress


@initplay.group(cls=Commands, invoke_without_command=True)
@as_json_option
@click.option("--page", is_flag=True, help="The page to keep, as Markdown: formulas, what surprised you.")
@click.pass_context
def progress(context: click.Context, as_json: bool, page: bool) -> None:
    """What you have done so far."""
    if context.invoked_subcommand is not None:
        return
    if page and as_json:
        raise Wrong("The page is Markdown: leave out --json, or --page.")
    from initplay.learner.progress import Progress

    kept = Progress.open()
    try:
        if page:
            _say_page(context.obj, kept)
            return
        summary = kept.summary()
        states = {slug: kept.lesson_state(slug) for slug in summary["lessons"]}
    finally:
        kept.close()
    lessons = _lessons(context.obj) if states else {}
    predicted = _calibration(lessons, states.values())
    if as_json:
        for slug, lesson in lessons.items():
            if slug in states:
                summary["lessons"][slug] |= _open(lesson, states[slug])
        print_json(summary | {"calibration": asdict(predicted)})
        return
    if summary["warning"]:
        print(f"initplay: {summary['warning']}", file=sys.stderr)
    for line in _progress_lines(summary, lessons, states):
        say(line)
    if words := predicted.in_words():
        say(f"Predictions: {words}")


def _say_page(everywhere: Everywhere, kept: Progress) -> None:
    from initplay.course.reference import text_of
    from initplay.learner.keepsake import keepsake

    course = everywhere.course()
    states = [kept.lesson_state(lesson.slug) for lesson in course.lessons]
    say(keepsake(course.lessons, states, text_of(course.path) or ""))
    if kept.warning:
        print(f"initplay: {kept.warning}", file=sys.stderr)


def _lessons(everywhere: Everywhere) -> Mapping[str, Lesson]:
    """By slug; where there are none, that is said."""
    from initplay.course.course import Course
    from initplay.course.lesson import CourseError

    try:
        return {lesson.slug: lesson for lesson in Course.load(everywhere.lessons).lessons}
    except CourseError as error:
        print(f"initplay: {error}", file=sys.stderr)
        return {}


def _calibration(lessons: Mapping[str, Lesson], states: Iterable[LessonState]) -> Calibration:
    """How well was predicted what the lessons ask."""
    from initplay.learner.calibration import calibrate, predictions_of

    made = [prediction for state in states for prediction in state.predictions]
    return calibrate(predictions_of(lessons.values()), made)


def _open(lesson: Lesson, state: LessonState) -> dict[str, int]:
    from initplay.course.lesson import Goal
    from initplay.learner.open_ends import unanswered

    goals = [block.key for block in lesson.blocks if isinstance(block, Goal)]
    return {
        "number": lesson.number,
        "goals_open": sum(key not in state.goals for key in goals),
        "predictions_open": unanswered(lesson, state),
    }


def _progress_lines(
    summary: dict[str, Any], lessons: Mapping[str, Lesson], states: Mapping[str, LessonState]
) -> Iterator[str]:
    if not summary["lessons"]:
        yield "Nothing begun yet: `initplay` opens the first lesson."
        return
    numbered = {slug: f"{lesson.number:02} " for slug, lesson in lessons.items()}
    names = {slug: numbered.get(slug, "") + slug for slug in summary["lessons"]}
    width = max(map(len, names.values()))
    for slug in sorted(names, key=lambda slug: (slug not in numbered, names[slug])):
        state = summary["lessons"][slug]
        steps = "done" if state["done"] else f"step {state['step']} of {state['total']}"
        parts = [f"{names[slug]:<{width}}  {steps if state['step'] else 'not begun'}"]
        answered = [prediction for prediction in state["predictions"] if prediction["settled"]]
        settled = [prediction for prediction in answered if not prediction["after_run"]]
        if settled:
            right = sum(bool(prediction["right"]) for prediction in settled)
            parts.append(f"{right} of {len(settled)} predictions right")
        if late := len(answered) - len(settled):
            parts.append(f"{late} answered after the run")
        parts += _ends(lessons.get(slug), states[slug])
        if state["exercise_passed"]:
            parts.append("exercise passed")
        yield ", ".join(parts)


def _ends(lesson: Lesson | None, state: LessonState) -> Iterator[str]:
    """How many predictions wait, and how many goals are reached, of how many where that is known."""
    from initplay.learner.open_ends import goals_in_words, passed_over, unanswered

    if lesson and (unread := passed_over(lesson, state)):
        yield f"{len(unread)} not read"
    if lesson and (waiting := unanswered(lesson, state)):
        yield f"{waiting} unanswered"
    if lesson and (goals := goals_in_words(lesson, state)):
        yield goals
    elif state.goals:
        yield f"{len(state.goals)} goal{'' if len(state.goals) == 1 else 's'} reached"


@progress.command()
@click.argument("file", metavar="FILE.md", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Write over the file that is there.")
@click.pass_obj
def export(everywhere: Everywhere, file: Path, force: bool) -> None:
    """Your predictions, what you saw, goals, code and saved runs as one Markdown file."""
    from initplay.learner.journal import journal
    from initplay.learner.progress import Progress

    if file.suffix != ".md":
        raise Wrong(f"{file} does not end in .md: the file is Markdown, name it so.")
    if os.path.exists(file) and not force:
        raise Wrong(f"{file} is there already: name another, or write over it with --force.")
    lessons = everywhere.course().lessons
    kept = Progress.open()
    try:
        text = journal(lessons, kept)
    finally:
        kept.close()
    if kept.warning:
        print(f"initplay: {kept.warning}", file=sys.stderr)
    try:
        write_whole(file, text.encode(errors="replace"))  # half a surrogate pair, as typed, is no text
    except OSError as error:
        raise Failure(f"{file} cannot be written ({error.strerror}).") from error
    say(f"Wrote {file}.")


@progress.command()
def reset() -> None:
    """Forget what you did, and the runs on benches; say where a copy is kept, and what stays."""
    from initplay.learner import benches
    from initplay.learner.progress import Progress
    from initplay.learner.store import ResetError, data_dir

    kept = Progress.open()
    try:
        backup = kept.reset()
    except ResetError as error:
        raise Failure(str(error)) from error
    finally:
        kept.close()
    if backup is None:
        raise Failure(kept.warning or "There is no progress file to reset.")
    runs = benches.forget()
    say(f"Gone are the runs on {runs} bench{'es' * (runs != 1)}.")
    if aside := benches.asides():
        say(f"What was put aside of them stays in {aside[0].parent}.")
    say(f"Settings, saved runs and the code you wrote for exercises stay in {data_dir()}.")
    say(f"You begin anew; what you had done is kept in {backup}.")
