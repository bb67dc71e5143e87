"""Where a course is found, and its lessons and experiments by name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import initplay
from initplay.course.folders import lesson_folders
from initplay.course.trouble import CourseError
from initplay.words.numbers import whole_number

if TYPE_CHECKING:
    from initplay.course.experiment import Experiment
    from initplay.course.lesson import Lesson, Problem

# What reads lessons is imported where they are read: the first frame comes before that.


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
        folders = lesson_folders(path)
        if not folders:
            raise CourseError(f"{path} holds no lessons: a lesson is a folder such as 01_normalize in it.")
        return cls(path, folders)

    @cached_property
    def _read(self) -> tuple[tuple[Lesson, ...], tuple[Problem, ...]]:
        from initplay.course.reading import read_lessons

        lessons, problems = read_lessons(self._folders)
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
        number = whole_number(wanted, 10**6)
        for lesson in self.lessons:
            if wanted in (lesson.slug, lesson.folder_name) or number == lesson.number:
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
            names = [f"{one.slug}/{found.name}" for one in self.lessons for found in one.experiments]
            likely = [name for name in names if name.endswith(f"/{experiment}")]
            if likely and experiment not in [one.slug for one in self.lessons]:
                raise CourseError(f"{name!r} is an experiment: name its lesson too, {' or '.join(likely)}.")
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
