"""Commands about what the learner has done."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from initplay.commands.output import print_json, say
from initplay.commands.root import Commands, Everywhere, Failure, Wrong, as_json_option, initplay

if TYPE_CHECKING:
    from initplay.learner.calibration import Calibration
    from initplay.learner.progress import LessonState


@initplay.group(cls=Commands, invoke_without_command=True)
@as_json_option
@click.pass_context
def progress(context: click.Context, as_json: bool) -> None:
    """What you have done so far."""
    if context.invoked_subcommand is not None:
        return
    from initplay.learner.progress import Progress

    kept = Progress.open()
    try:
        summary = kept.summary()
        predicted = _calibration(context.obj, map(kept.lesson_state, summary["lessons"]))
    finally:
        kept.close()
    if as_json:
        print_json(summary | {"calibration": asdict(predicted)})
        return
    if summary["warning"]:
        print(f"initplay: {summary['warning']}", file=sys.stderr)
    for line in _progress_lines(summary):
        say(line)
    if words := predicted.in_words():
        say(f"Predictions: {words}")


def _calibration(everywhere: Everywhere, states: Iterable[LessonState]) -> Calibration:
    """How well was predicted what the lessons ask; where there are none, that is said and nothing counts."""
    from initplay.course.course import Course
    from initplay.course.lesson import CourseError
    from initplay.learner.calibration import Calibration, calibrate, predictions_of

    made = [prediction for state in states for prediction in state.predictions]
    try:
        lessons = Course.load(everywhere.lessons).lessons if made else ()
    except CourseError as error:
        print(f"initplay: {error}", file=sys.stderr)
        return Calibration()
    return calibrate(predictions_of(lessons), made)


def _progress_lines(summary: dict[str, Any]) -> Iterator[str]:
    if not summary["lessons"]:
        yield "Nothing begun yet: `initplay` opens the first lesson."
        return
    width = max(len(slug) for slug in summary["lessons"])
    for slug, state in summary["lessons"].items():
        steps = "done" if state["done"] else f"step {state['step']} of {state['total']}"
        parts = [f"{slug:<{width}}  {steps if state['step'] else 'not begun'}"]
        settled = [prediction for prediction in state["predictions"] if prediction["settled"]]
        if settled:
            right = sum(bool(prediction["right"]) for prediction in settled)
            parts.append(f"{right} of {len(settled)} predictions right")
        if state["goals"]:
            parts.append(f"{len(state['goals'])} goal{'' if len(state['goals']) == 1 else 's'} reached")
        if state["exercise_passed"]:
            parts.append("exercise passed")
        yield ", ".join(parts)


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
    if file.exists() and not force:
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
        # Of what is typed, half a surrogate pair is no text.
        file.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise Failure(f"{file} cannot be written ({error.strerror}).") from error
    say(f"Wrote {file}.")


@progress.command()
def reset() -> None:
    """Forget it all, and say where a copy is kept."""
    from initplay.learner.progress import Progress
    from initplay.learner.store import ResetError

    kept = Progress.open()
    try:
        backup = kept.reset()
    except ResetError as error:
        raise Failure(str(error)) from error
    finally:
        kept.close()
    if backup is None:
        raise Failure(kept.warning or "There is no progress file to reset.")
    say(f"You begin anew; what you had done is kept in {backup}.")
