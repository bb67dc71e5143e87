"""A lesson's exercise: what the learner starts from at each level, and what their answer is held against.

`exercise.py` is the easiest level: the code with a blank or two, written `...`. The others are made of it. At
the second level the bodies are gone and signatures and docstrings stay; at the third only the task stands,
which is the text's own docstring.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from initplay.course.experiment import SignatureError, parsed
from initplay.course.folders import folders_at
from initplay.course.lesson import EXERCISE_FILES, CourseError, Lesson, Problem
from initplay.course.reading import read_lessons, read_text

LEVELS = (1, 2, 3)
LEVEL_NAMES = ("fill the blanks", "write the body", "write it all")


@dataclass(frozen=True)
class Exercise:
    """The three files of a lesson's exercise."""

    lesson: str
    """The lesson's slug."""
    path: Path
    """The lesson's folder."""
    name: str
    """What the learner is to define."""
    starter: str
    solution: str
    checks: str
    hints: tuple[str, ...]
    """From a nudge to nearly the answer."""
    experiment: str
    """What runs with the learner's code once it passes; empty where nothing does."""

    @property
    def task(self) -> str:
        """What is to be written, in a sentence or two: the first paragraph of the text's docstring."""
        docstring = ast.get_docstring(ast.parse(self.starter)) or f"Write `{self.name}`."
        return " ".join(docstring.split("\n\n")[0].split())

    @property
    def answer(self) -> str:
        """The solution below the task, as it would stand in the learner's file."""
        if ast.get_docstring(ast.parse(self.solution)) is not None:
            return self.solution
        docstring = [node for node in ast.parse(self.starter).body[:1] if isinstance(node, ast.Expr)]
        lines = self.starter.splitlines()
        task = [line for node in docstring for line in lines[node.lineno - 1 : node.end_lineno]]
        between = [""] * (2 if self.solution.startswith(("def ", "class ", "@")) else 1)
        return "\n".join([*task, *(between if task else []), self.solution])

    def start(self, level: int) -> str:
        """What stands in the learner's file at first."""
        if level == 1:
            return self.starter
        return without_bodies(self.starter) if level == 2 else task_alone(self.starter)


def exercise_of(lesson: Lesson) -> Exercise:
    """Read the lesson's exercise. Raises CourseError where it has none, or a file cannot be read."""
    block = lesson.exercise_block
    if block is None:
        raise CourseError(f"Lesson {lesson.slug} has no exercise.")
    problems: list[Problem] = []
    texts = [read_text(lesson.path / name, problems) for name in EXERCISE_FILES]
    if problems:
        raise CourseError(f"{problems[0]}.")
    starter, solution, checks = (text or "" for text in texts)
    # Not the checks, which are far longer, and read where they run.
    _refuse_no_python(lesson, "exercise.py", starter)
    _refuse_no_python(lesson, "solution.py", solution)
    return Exercise(
        lesson.slug, lesson.path, block.name, starter, solution, checks, block.hints, block.experiment
    )


def _refuse_no_python(lesson: Lesson, name: str, text: str) -> None:
    """Raises CourseError."""
    try:
        parsed(text, name)
    except SignatureError as error:
        raise CourseError(f"{lesson.path / name}:{error.line}: {error.reason}.") from error


def exercises_in(path: Path) -> list[Exercise]:
    """The exercises of one lesson's folder or of a folder of lessons; none of a lesson with mistakes, or
    whose files are no Python."""
    lessons, _ = read_lessons(folders_at(path))
    found: list[Exercise] = []
    for lesson in lessons:
        with suppress(CourseError):  # `lint` says which
            exercise = exercise_of(lesson)
            _refuse_no_python(lesson, "checks.py", exercise.checks)
            found.append(exercise)
    return found


def without_bodies(text: str) -> str:
    """The text with `...` for the body of every function, below its docstring."""
    lines = text.splitlines()
    for function in reversed(list(_functions(ast.parse(text)))):
        body = function.body[ast.get_docstring(function) is not None :]
        if body:
            first, last = body[0], body[-1]
            lines[first.lineno - 1 : last.end_lineno] = [lines[first.lineno - 1][: first.col_offset] + "..."]
    return "\n".join(lines) + "\n"


def _functions(tree: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef]:
    """Functions and methods from top to bottom, without those inside of others."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node)


def task_alone(text: str) -> str:
    """The task, imports and constants: the text without the functions and classes that are to be written."""
    lines = text.splitlines()
    for node in reversed(ast.parse(text).body):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            lines[first - 1 : node.end_lineno] = []
    return re.sub(r"\n{3,}", "\n\n\n", "\n".join(lines)).rstrip() + "\n\n\n"
