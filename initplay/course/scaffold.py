"""A new lesson to start from: small, right, and worth running as it is."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from initplay.course.lesson import EXERCISE_FILES
from initplay.words.names import spelled

_NAME = re.compile(r"(?:(\d{2,})_)?([a-z][a-z0-9_]*)")
_TEMPLATE = Path(__file__).parent / "template"
_TITLE = "TITLE"  # in the template's lesson.md


class ScaffoldError(Exception):
    """A lesson that was not written; one sentence that says why."""


def new_lesson(lessons: Path | str, slug: str, title: str | None = None, *, exercise: bool = False) -> Path:
    """Writes a lesson into a folder of lessons and returns its own folder.

    `slug` may carry the lesson's number (`13_momentum`); without one it gets the next that is free. Without
    a title, the slug is the title. With an exercise, its three files are there as well. Nothing that
    exists is written over. Raises ScaffoldError.
    """
    lessons = Path(lessons)
    named = _NAME.fullmatch(slug)
    if named is None:
        raise ScaffoldError(
            f"{slug!r} is no name for a lesson: use lower-case letters, digits and _, such as momentum."
        )
    number, word = named.groups()
    title = spelled(word).capitalize() if title is None else title.strip()
    if not title or not title.isprintable():
        raise ScaffoldError("The title is empty or has a line break in it: write one line.")
    try:
        folder = lessons / f"{number or _next_number(lessons)}_{word}"
        _refuse_twin(lessons, folder.name)
        folder.mkdir(parents=True)
        try:
            _fill(folder, title, exercise)
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)  # half a lesson would be in the way of the next try
            raise
    except OSError as error:
        raise ScaffoldError(f"Cannot write the lesson into {lessons}: {error.strerror}.") from None
    return folder


def _fill(folder: Path, title: str, exercise: bool) -> None:
    for name in ("lesson.md", "experiment.py", "results.toml"):
        text = (_TEMPLATE / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace(_TITLE, title), encoding="utf-8")
    if exercise:
        _add_exercise(folder)


def _add_exercise(folder: Path) -> None:
    for name in EXERCISE_FILES:
        (folder / name).write_bytes((_TEMPLATE / "exercise" / name).read_bytes())
    step = (_TEMPLATE / "exercise" / "step.md").read_text(encoding="utf-8")
    lesson = folder / "lesson.md"
    before, end, after = lesson.read_text(encoding="utf-8").partition("```end\n")  # that is to stay the last
    lesson.write_text(before + step + end + after, encoding="utf-8")


def _taken(lessons: Path) -> list[tuple[int, str, str]]:
    """Number, slug and folder name of the lessons that are there."""
    if not os.path.exists(lessons):
        return []
    found = [(_NAME.fullmatch(entry.name), entry.name) for entry in sorted(lessons.iterdir())]
    return [(int(match[1]), match[2], name) for match, name in found if match and match[1]]


def _next_number(lessons: Path) -> str:
    return f"{max((number for number, _, _ in _taken(lessons)), default=0) + 1:02}"


def _refuse_twin(lessons: Path, name: str) -> None:
    number, _, slug = name.partition("_")
    for other_number, other_slug, other in _taken(lessons):
        if other_slug == slug or other_number == int(number):
            what = "lesson" if other_slug == slug else "number"
            raise ScaffoldError(f"{lessons / other} has that {what} already: choose another.")
