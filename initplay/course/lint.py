"""Checks for authors, stricter than those of loading."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from initplay.course.course import lesson_folders
from initplay.course.lesson import EXERCISE_FILES, Block, CourseError, Goal, Lesson, Problem, RunBlock
from initplay.course.prediction import Predict
from initplay.course.reading import read_lessons, read_text


def lint(path: Path | str) -> list[Problem]:
    """Every mistake and every warning in one lesson folder or in a folder of lessons.

    Stricter than loading: a lesson also needs its Sources, what it asks needs a run in the same step, the
    Result values it names must occur in `experiment.py`, and the exercise's files must be Python. Raises
    CourseError where `path` is no folder or holds no lessons.
    """
    path = Path(path)
    one_lesson = (path / "lesson.md").exists() or (path / "experiment.py").exists()
    folders = [path.resolve()] if one_lesson else lesson_folders(path)
    if not folders:
        raise CourseError(f"{path} is no lesson and holds none: start one with `initplay new`.")
    lessons, problems = read_lessons(folders)
    for lesson in lessons:
        problems += _lint(lesson)
    return sorted(problems, key=lambda problem: (problem.path, problem.line))


def _lint(lesson: Lesson) -> Iterator[Problem]:
    """Mistakes that a lesson can be loaded with, and warnings."""
    path = lesson.path / "lesson.md"
    if not lesson.sources.strip():
        yield Problem(path, lesson.steps[-1].line, "no sources: close the lesson with `## Sources`")
    yield from _lint_runs(lesson, path)
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


def _lint_runs(lesson: Lesson, path: Path) -> Iterator[Problem]:
    """Predictions and goals about a run of an earlier step: by now the bench may be set to anything."""
    for step in lesson.steps:
        if any(isinstance(block, RunBlock) for block in step.blocks):
            continue
        for block in step.blocks:
            if isinstance(block, (Predict, Goal)) and block.experiment is not None:
                kind = type(block).__name__.lower()
                message = f"{kind}: its run stands in an earlier step: put a `run` block above it in this one"
                yield Problem(path, block.line, message)


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
        text = read_text(lesson.path / name, found)
        yield from found
        if text is not None:
            try:
                ast.parse(text)
            except (SyntaxError, ValueError) as error:
                line = getattr(error, "lineno", None) or 1
                yield Problem(lesson.path / name, line, f"this is not Python: {error.args[0]}")
