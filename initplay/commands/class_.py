"""The instructor's command: the board of a class."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from initplay.commands.output import is_ascii, is_plain, width
from initplay.commands.root import Everywhere, Failure, Wrong, initplay
from initplay.commands.runs import choose_one, reporter, write_line
from initplay.words.numbers import without_nonfinite

if TYPE_CHECKING:
    from initplay.classroom.board import Board, LessonBoard
    from initplay.classroom.folder import Folder, Seen


@initplay.command("class")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--names", is_flag=True, help="Who stands where, by the names that they chose.")
@click.option("--hide-answers", is_flag=True, help="Nothing that says what is right; s shows it.")
@click.option("--json", "as_json", is_flag=True, help="How it stands now: one JSON object a line.")
@click.option("--plain", is_flag=True, help="How it stands now, as text without colours, as in a pipe.")
@click.pass_obj
def class_(
    everywhere: Everywhere, folder: Path, names: bool, hide_answers: bool, as_json: bool, plain: bool
) -> int:
    """The board of a class. Its learners tell of themselves in DIR with `initplay --class DIR`.

    Live in a terminal: a page for each lesson, with where people are, what they predict, and what they get
    wrong. Without names unless asked.
    """
    choose_one(as_json, plain)
    from initplay.classroom.board import board_of
    from initplay.classroom.folder import Folder

    if not os.path.isdir(folder):
        raise Wrong(f"{folder} is no folder: make one that every learner can write in.")
    course, reading = everywhere.course(), Folder(folder)
    if not (as_json or is_plain(plain)):
        return _open(everywhere, reading, names=names, answers=not hide_answers)
    seen = reading.look()
    if seen.trouble:
        raise Failure(seen.trouble)
    board = board_of(seen.learners, course.lessons)
    if as_json:
        for fields in _objects(board, seen, names=names, answers=not hide_answers):
            write_line(json.dumps(without_nonfinite(fields), ensure_ascii=False))
        return 0
    from initplay.classroom.sheet import whole

    reporter(plain=True).write(
        whole(seen, board, width(), names=names, answers=not hide_answers, ascii=is_ascii())
    )
    return 0


def _open(everywhere: Everywhere, folder: Folder, *, names: bool, answers: bool) -> int:
    from initplay.opening import CannotOpen, open_board

    try:
        return open_board(folder, everywhere.lessons, everywhere.look, names=names, answers=answers)
    except CannotOpen as error:
        raise Wrong(str(error)) from error


def _objects(board: Board, seen: Seen, *, names: bool, answers: bool) -> Iterator[dict[str, Any]]:
    """What the board shows, each with its `type`; what is right is left out where that is to be hidden."""
    for lesson in board.lessons:
        if lesson.is_begun:
            yield from _of_lesson(lesson, names=names, answers=answers)
    yield {
        "type": "finished",
        "learners": board.learners,
        "elsewhere": board.elsewhere,
        "strange_files": seen.strange,
        "broken_lines": seen.broken,
    }


def _of_lesson(lesson: LessonBoard, *, names: bool, answers: bool) -> Iterator[dict[str, Any]]:
    of = {"lesson": lesson.slug}
    counts = {"here": lesson.here, "been": lesson.been, "at_end": lesson.at_end}
    yield {"type": "lesson", **of, "number": lesson.number, "title": lesson.title, **counts}
    for number, step in enumerate(lesson.steps, 1):
        here = {"names": list(step.here)} if names else {}
        yield {"type": "step", **of, "step": number, "title": step.title, "here": len(step.here), **here}
    for question in lesson.questions:
        fields: dict[str, Any] = asdict(question)
        if not answers:
            fields = {name: fields[name] for name in ("key", "step", "ask", "unit", "said")}
            rows = [row for row in question.rows if row.count]
            fields["rows"] = [{"label": row.label, "count": row.count} for row in rows]
        yield {"type": "question", **of, **fields}
    yield from ({"type": "goal", **of, **asdict(goal)} for goal in lesson.goals)
    if lesson.exercise:
        exercise: dict[str, Any] = asdict(lesson.exercise)
        mistakes = exercise.pop("mistakes")
        yield {"type": "exercise", **of, **exercise}
        yield from ({"type": "mistake", **of, **mistake} for mistake in mistakes)
