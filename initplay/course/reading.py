"""A folder of lessons read into records, each lesson right or with its mistakes.

A lesson is a folder `NN_slug` with `lesson.md` (see `initplay.course.lesson_md` for its format) and
`experiment.py`, and with `results.toml`, which says what its Results mean (see `initplay.course.meanings`);
one with an exercise has `exercise.py`, `solution.py` and `checks.py` as well.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from initplay.course.experiment import Experiment, SignatureError, experiments
from initplay.course.folders import lesson_folders
from initplay.course.lesson import Code, CourseError, Lesson, Problem
from initplay.course.lesson_md import Reader
from initplay.course.meanings import FILE as RESULTS
from initplay.course.meanings import read_meanings
from initplay.course.needs import FILE as KNOBS
from initplay.course.needs import read_needs
from initplay.course.sweeps import FILE as SWEEPS
from initplay.course.sweeps import read_sweeps
from initplay.words.nearest import did_you_mean
from initplay.words.plain_file import contents

_FOLDER = re.compile(r"(\d{2,})_([a-z][a-z0-9_]*)")

_Table = TypeVar("_Table")


class _Read(NamedTuple):
    """A folder as far as it runs: its code, where that could be read, and what is wrong with it."""

    code: Code | None
    problems: list[Problem]


_ReadCode = Callable[[Path], _Read]


def read_lessons(folders: Iterable[Path]) -> tuple[list[Lesson], list[Problem]]:
    """The lessons that are right, by number, and the problems of all the others."""
    lessons: list[Lesson] = []
    problems: list[Problem] = []
    read_code = cache(_read_code)  # of a lesson whose experiments others run, once
    for folder in folders:
        lesson, found = _read_lesson(folder, read_code)
        problems += found
        if lesson is None:
            continue
        twin = next((other for other in lessons if _clash(lesson, other)), None)
        if twin is None:
            lessons.append(lesson)
        else:
            what = "number" if lesson.number == twin.number else "slug"
            message = f"has the same {what} as {twin.folder_name}: rename one of the two folders"
            problems.append(Problem(folder, 1, message))
    return sorted(lessons, key=lambda lesson: lesson.number), problems


def _clash(one: Lesson, other: Lesson) -> bool:
    return one.slug == other.slug or one.number == other.number


def _read_lesson(folder: Path, read_code: _ReadCode) -> tuple[Lesson | None, list[Problem]]:
    name = _FOLDER.fullmatch(folder.name)
    if name is None:
        message = "a lesson's folder is a number and a slug, such as 02_blowup: rename it"
        return None, [Problem(folder, 1, message)]
    problems: list[Problem] = []
    markdown = read_text(folder / "lesson.md", problems)
    code, wrong = read_code(folder)
    problems += wrong
    if markdown is None:
        return None, problems
    reader = Reader(
        folder,
        slug=name[2],
        experiments=None if code is None else list(code.experiments),
        source="" if code is None else code.source,
        neighbor=partial(_beside, folder, read_code),
    )
    reader.read(markdown)
    problems += reader.problems
    if problems or code is None:
        return None, problems
    lesson = Lesson(
        number=int(name[1]),
        slug=code.slug,
        path=folder,
        title=reader.title,
        summary=reader.summary,
        part=reader.part,
        minutes=reader.minutes,
        steps=reader.steps,
        sources=reader.sources,
        source=code.source,
        experiments=code.experiments,
        meanings=code.meanings,
        sweeps=code.sweeps,
        needs=code.needs,
    )
    return lesson, []


def _read_code(folder: Path) -> _Read:
    """What of a lesson runs, in a folder whose name is that of a lesson."""
    problems: list[Problem] = []
    source = read_text(folder / "experiment.py", problems)
    found = _read_experiments(folder / "experiment.py", source, problems)
    meanings = _read_tables(folder / RESULTS, read_meanings, problems)
    sweeps = _read_tables(folder / SWEEPS, read_sweeps, problems)
    needs = _read_tables(folder / KNOBS, read_needs, problems)
    if source is None or found is None:
        return _Read(None, problems)
    return _Read(Code(_slug(folder), folder, source, tuple(found), meanings, sweeps, needs), problems)


def _read_tables(
    path: Path,
    read: Callable[[Path, str], tuple[Mapping[str, _Table], list[Problem]]],
    problems: list[Problem],
) -> Mapping[str, _Table]:
    """What a file of TOML says of a lesson's experiments; nothing where there is no such file."""
    if not os.path.exists(path):
        return {}
    tables, wrong = read(path, read_text(path, problems) or "")
    problems += wrong
    return tables


def _beside(folder: Path, read_code: _ReadCode, slug: str) -> Code:
    """The code of the lesson of that slug beside this one. Raises CourseError where it cannot be read."""
    beside = {_slug(other): other for other in lesson_folders(folder.parent) if _slug(other)}
    if slug not in beside:
        known = [other for other in beside if other != _slug(folder)]
        near = did_you_mean(slug, known)
        raise CourseError(f"there is no lesson {slug!r} beside this one{near}: name one by its slug")
    code, problems = read_code(beside[slug])
    if code is None or problems:
        raise CourseError(f"lesson {slug} cannot run: mend {problems[0]}")
    return code


def _slug(folder: Path) -> str:
    """That of a lesson's folder; empty for any other."""
    name = _FOLDER.fullmatch(folder.name)
    return name[2] if name else ""


def read_text(path: Path, problems: list[Problem]) -> str | None:
    """The text of a file with its line ends as \\n, or None with the reason among `problems`."""
    try:
        raw = contents(path)
    except FileNotFoundError:
        problems.append(Problem(path, 1, "is missing: a lesson has a lesson.md and an experiment.py"))
        return None
    except OSError as error:
        problems.append(Problem(path, 1, f"cannot be read: {error.strerror}"))
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        byte = f"0x{raw[error.start]:02x}"
        problems.append(Problem(path, line, f"is not UTF-8 (byte {byte}): save it as UTF-8"))
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read_experiments(path: Path, source: str | None, problems: list[Problem]) -> list[Experiment] | None:
    if source is None:
        return None
    try:
        found = experiments(source)
    except SignatureError as error:
        problems.append(Problem(path, error.line, error.reason))
        return None
    if not found:
        message = "holds no experiment: write a public function at the top level that yields events"
        problems.append(Problem(path, 1, message))
    return found
