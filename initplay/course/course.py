"""Where lessons are found, loaded and checked; `initplay.course.lesson` says what one is made of.

A lesson is a folder `NN_slug` with `lesson.md` (see `initplay.course.lesson_md` for its format) and
`experiment.py`; one with an exercise has `exercise.py`, `solution.py` and `checks.py` as well.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import initplay
from initplay.course.lesson import (
    EXERCISE_FILES,
    Block,
    CourseError,
    ExerciseBlock,
    Goal,
    Lesson,
    Predict,
    Problem,
    Prose,
    RunBlock,
    Step,
    Target,
    Verdict,
)

if TYPE_CHECKING:
    from initplay.course.experiment import Experiment

# What reads lessons is imported where they are read: the first frame comes before that.

__all__ = [
    "Block",
    "Course",
    "CourseError",
    "ExerciseBlock",
    "Goal",
    "Lesson",
    "Predict",
    "Problem",
    "Prose",
    "RunBlock",
    "Step",
    "Target",
    "Verdict",
    "find_lessons_dir",
    "lint",
]

_FOLDER = re.compile(r"(\d{2,})_([a-z][a-z0-9_]*)")


class Course:
    """The lessons of one folder, read when they are first asked for: the first frame comes before that."""

    def __init__(self, path: Path, folders: Sequence[Path]) -> None:
        self.path = path
        self._folders = folders

    @classmethod
    def load(cls, path: Path | str | None = None) -> Course:
        """The course under `path`, by default `find_lessons_dir()`.

        Raises CourseError where the folder cannot be read or holds no lesson folder at all.
        """
        path = find_lessons_dir() if path is None else Path(path)
        folders = _lesson_folders(path)
        if not folders:
            raise CourseError(f"{path} holds no lessons: a lesson is a folder such as 01_normalize in it.")
        return cls(path, folders)

    @cached_property
    def _read(self) -> tuple[tuple[Lesson, ...], tuple[Problem, ...]]:
        lessons, problems = _load(self._folders)
        return tuple(lessons), tuple(problems)

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """Those that are right, by number."""
        return self._read[0]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The mistakes of those that are left out."""
        return self._read[1]

    def find(self, name: str) -> Lesson:
        """The lesson by slug (`blowup`), folder name (`02_blowup`) or number (`2`). Raises CourseError."""
        wanted = name.strip().rstrip("/").rpartition("/")[2]
        for lesson in self.lessons:
            by_number = wanted.isdecimal() and int(wanted) == lesson.number
            if wanted in (lesson.slug, lesson.folder_name) or by_number:
                return lesson
        for problem in self.problems:
            folder = problem.path.name if problem.path.is_dir() else problem.path.parent.name
            if wanted and wanted in (folder, folder.partition("_")[2], folder.partition("_")[0].lstrip("0")):
                raise CourseError(f"Lesson {name} has a mistake: {problem}.")
        from initplay.words.nearest import did_you_mean

        slugs = [lesson.slug for lesson in self.lessons]
        raise CourseError(f"No lesson {name!r}{did_you_mean(wanted, slugs)}: there are {', '.join(slugs)}.")

    def find_experiment(self, name: str) -> tuple[Lesson, Experiment]:
        """The lesson and experiment of `blowup/chain`. Raises CourseError."""
        lesson_name, slash, experiment = name.strip().rpartition("/")
        if not slash:
            lesson = self.find(name)
            choices = " or ".join(f"{lesson.slug}/{found.name}" for found in lesson.experiments)
            raise CourseError(f"{name!r} is a lesson: name one of its experiments, {choices}.")
        lesson = self.find(lesson_name)
        return lesson, lesson.experiment(experiment)


def find_lessons_dir() -> Path:
    """The lessons inside the installed package, or the folder `lessons` beside it in a checkout."""
    package = Path(initplay.__file__).resolve().parent
    for path in (package / "lessons", package.parent / "lessons"):
        if path.is_dir():
            return path
    raise CourseError(
        f"No lessons in {package}: install initplay again, or name a folder with --lessons DIR."
    )


def lint(path: Path | str) -> list[Problem]:
    """Every mistake and every warning in one lesson folder or in a folder of lessons.

    Stricter than loading: a lesson also needs its Sources, the Result values it names must occur in
    `experiment.py`, and the exercise's files must be Python. Raises CourseError where `path` is no folder or
    holds no lessons.
    """
    path = Path(path)
    one_lesson = (path / "lesson.md").exists() or (path / "experiment.py").exists()
    folders = [path.resolve()] if one_lesson else _lesson_folders(path)
    if not folders:
        raise CourseError(f"{path} is no lesson and holds none: start one with `initplay new`.")
    lessons, problems = _load(folders)
    for lesson in lessons:
        problems += _lint(lesson)
    return sorted(problems, key=lambda problem: (problem.path, problem.line))


def _lesson_folders(path: Path) -> list[Path]:
    try:
        entries = sorted(path.iterdir())
    except OSError as error:
        raise CourseError(f"Cannot read the lessons in {path}: {error.strerror}.") from None
    return [entry for entry in entries if entry.is_dir() and not entry.name.startswith((".", "_"))]


def _load(folders: Iterable[Path]) -> tuple[list[Lesson], list[Problem]]:
    """The lessons that are right, by number, and the problems of all the others."""
    lessons: list[Lesson] = []
    problems: list[Problem] = []
    for folder in folders:
        lesson, found = _read_lesson(folder)
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


def _read_lesson(folder: Path) -> tuple[Lesson | None, list[Problem]]:
    name = _FOLDER.fullmatch(folder.name)
    if name is None:
        message = "a lesson's folder is a number and a slug, such as 02_blowup: rename it"
        return None, [Problem(folder, 1, message)]
    problems: list[Problem] = []
    markdown = _read_text(folder / "lesson.md", problems)
    source = _read_text(folder / "experiment.py", problems)
    found = _read_experiments(folder / "experiment.py", source, problems)
    if markdown is None:
        return None, problems
    from initplay.course.lesson_md import Reader

    reader = Reader(folder, slug=name[2], experiments=found)
    reader.read(markdown)
    problems += reader.problems
    if problems or source is None or found is None:
        return None, problems
    lesson = Lesson(
        number=int(name[1]),
        slug=name[2],
        path=folder,
        title=reader.title,
        summary=reader.summary,
        part=reader.part,
        minutes=reader.minutes,
        steps=reader.steps,
        sources=reader.sources,
        source=source,
        experiments=tuple(found),
    )
    return lesson, []


def _read_text(path: Path, problems: list[Problem]) -> str | None:
    """The text of a file with its line ends as \\n, or None with the reason among `problems`."""
    try:
        raw = path.read_bytes()
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
    from initplay.course.experiment import SignatureError, experiments

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


def _lint(lesson: Lesson) -> Iterator[Problem]:
    """What is not fatal to a lesson, but keeps it out of the course (or, as a warning, does not)."""
    path = lesson.path / "lesson.md"
    if not lesson.sources.strip():
        yield Problem(path, lesson.steps[-1].line, "no sources: close the lesson with `## Sources`")
    for block in lesson.blocks:
        for name in _result_names(lesson, block):
            if not re.search(rf"\b{re.escape(name)}\b", lesson.source):
                message = f"experiment.py yields no Result value {name!r}: name one that it yields"
                yield Problem(path, block.line, message)
        if isinstance(block, Predict) and block.mark not in lesson.source:
            message = f"experiment.py draws no chart {block.mark!r}: let mark name one that it draws"
            yield Problem(path, block.line, message)
    if not any(isinstance(block, Predict) for block in lesson.blocks):
        yield Problem(path, 1, "no prediction: ask for one with a `predict` block below a run", warning=True)
    if not any(isinstance(block, Goal) for block in lesson.blocks):
        yield Problem(path, 1, "no goal: add a `goal` block that turning knobs can reach", warning=True)
    if lesson.exercise is not None:
        yield from _lint_exercise(lesson)


def _result_names(lesson: Lesson, block: Block) -> list[str]:
    """The Result values that a prediction or a goal is judged by."""
    if isinstance(block, Predict):
        return [block.result] if block.result else []
    if isinstance(block, Goal):
        knobs = lesson.experiment(block.experiment).defaults()
        return [name for name in block.targets if name not in knobs]
    return []


def _lint_exercise(lesson: Lesson) -> Iterator[Problem]:
    for name in EXERCISE_FILES:
        found: list[Problem] = []
        text = _read_text(lesson.path / name, found)
        yield from found
        if text is not None:
            try:
                ast.parse(text)
            except (SyntaxError, ValueError) as error:
                line = getattr(error, "lineno", None) or 1
                yield Problem(lesson.path / name, line, f"this is not Python: {error.args[0]}")
