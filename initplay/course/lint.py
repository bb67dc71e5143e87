"""Checks for authors, stricter than those of loading."""

from __future__ import annotations

import ast
import math
import os
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from initplay.course.experiment import Experiment, SignatureError, parsed
from initplay.course.folders import folders_at
from initplay.course.lesson import EXERCISE_FILES, Block, CourseError, Goal, Lesson, Problem, Prose, RunBlock
from initplay.course.meanings import lint_meanings
from initplay.course.needs import lint_needs
from initplay.course.prediction import Predict
from initplay.course.reading import read_lessons, read_text
from initplay.course.sweeps import lint_sweeps
from initplay.words.nearest import did_you_mean

_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.]*\d)")
_SHORT_OPTION = 8
"""Characters; below it the words of an option are in many a text."""
_MOST_BYTES = 200_000
"""Of a lesson's text: ten times the longest of the course, and a third of a second of the screen."""
_SMALL = 10
"""Whole numbers up to it are in many a text, too."""


def lint(path: Path | str) -> list[Problem]:
    """Every mistake and every warning in one lesson folder or in a folder of lessons.

    Stricter than loading: a lesson also needs its Sources, what it asks needs a run in the same step, the
    Result values it names must occur in `experiment.py`, each of them needs its meaning, and the exercise's
    files must be Python. Raises CourseError where `path` is no folder or holds no lessons.
    """
    path = Path(path)
    folders = folders_at(path)
    if not folders:
        raise CourseError(f"{path} is no lesson and holds none: start one with `initplay new`.")
    lessons, problems = read_lessons(folders)
    for lesson in lessons:
        problems += _lint(lesson)
    return sorted(problems, key=lambda problem: (problem.path, problem.line))


def _lint(lesson: Lesson) -> Iterator[Problem]:
    """Mistakes that a lesson can be loaded with, and warnings."""
    path = lesson.path / "lesson.md"
    if (size := os.path.getsize(path)) > _MOST_BYTES:
        long = f"{math.ceil(size / 1000):,} kB of text, which the screen takes long to set"
        yield Problem(path, 1, f"{long}: make several lessons of it, or keep it below 200 kB", warning=True)
    if not lesson.sources.strip():
        yield Problem(path, lesson.steps[-1].line, "no sources: close the lesson with `## Sources`")
    yield from _lint_runs(lesson, path)
    yield from _lint_shows(lesson, path)
    yield from _lint_giveaways(lesson, path)
    yield from lint_meanings(lesson)
    yield from lint_sweeps(lesson)
    yield from lint_needs(lesson)
    for block in lesson.blocks:
        yield from _lint_names(lesson, block, path)
        yield from _lint_backticks(block, path)
    if not any(isinstance(block, Predict) for block in lesson.blocks):
        yield Problem(path, 1, "no prediction: ask for one with a `predict` block below a run", warning=True)
    if not any(isinstance(block, Goal) for block in lesson.blocks):
        yield Problem(path, 1, "no goal: add a `goal` block that turning knobs can reach", warning=True)
    if lesson.end is None:
        advice = "close the last step with an `end` block: what the reader can do now, and one thing to try"
        yield Problem(path, lesson.steps[-1].line, f"no end: {advice}", warning=True)
    if lesson.exercise is not None:
        yield from _lint_exercise(lesson)


def _lint_names(lesson: Lesson, block: Block, path: Path) -> Iterator[Problem]:
    """Results and charts that a prediction or a goal names, and that the run above it does not have."""
    if not isinstance(block, (Predict, Goal)) or not block.experiment:
        return
    code, experiment = lesson.code_of(block.experiment)
    file = "experiment.py" if code is lesson else f"{code.folder_name}/experiment.py"
    for name in _result_names(block, experiment):
        if not re.search(rf"\b{re.escape(name)}\b", code.source):
            message = f"{file} yields no Result value {name!r}: name one that it yields"
            yield Problem(path, block.line, message)
    if isinstance(block, Predict) and block.mark not in code.source:
        message = f"{file} draws no chart {block.mark!r}: let mark name one that it draws"
        yield Problem(path, block.line, message)


def _lint_backticks(block: Block, path: Path) -> Iterator[Problem]:
    """Markdown where it is not read: all that a block has to say is shown as it is written."""
    if isinstance(block, Prose):
        return
    for told in fields(block):
        value = getattr(block, told.name)
        texts = value if isinstance(value, tuple) else (value,)
        if any("`" in text for text in texts if isinstance(text, str)):
            name = "try" if told.name == "more" else told.name
            message = f"{name}: what a block says is shown as it is written: leave the backticks out"
            yield Problem(path, block.line, message, warning=True)


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


def _lint_shows(lesson: Lesson, path: Path) -> Iterator[Problem]:
    """What is to be in sight first, where its run draws no such thing, or a guess lies on another chart."""
    for step in lesson.steps:
        run = step.run
        if run is None or not run.shows:
            continue
        code = run.code or lesson
        drawn = _texts_in(code.source)
        if run.shows not in drawn:
            near = did_you_mean(run.shows, drawn)
            file = "experiment.py" if code is lesson else f"{code.folder_name}/experiment.py"
            message = f"shows: {file} draws no chart or table {run.shows!r}{near}: name one that it draws"
            yield Problem(path, run.line, message)
        elif run.shows != step.shows:
            message = f"shows: {step.shows!r} is first here, for a guess lies on it: leave shows out"
            yield Problem(path, run.line, message)


def _texts_in(source: str) -> list[str]:
    """The texts that a program is written with: names of charts and tables are among them."""
    nodes = (node for node in ast.walk(parsed(source, "experiment.py")) if isinstance(node, ast.Constant))
    return [node.value for node in nodes if isinstance(node.value, str)]


def _lint_giveaways(lesson: Lesson, path: Path) -> Iterator[Problem]:
    """Predictions that the text above them, in their step, answers."""
    for step in lesson.steps:
        above = ""
        for block in step.blocks:
            if isinstance(block, Prose) and not block.after:
                above += f"{block.text}\n"
            elif isinstance(block, Predict) and (found := _given_away(block, above)):
                message = (
                    f"predict: the text above says {found!r}, which answers it: put that in an `after` block"
                )
                yield Problem(path, block.line, message)


def _given_away(predict: Predict, above: str) -> str:
    """What the text says of the answer: its number, or the words of the right option; else empty."""
    if predict.answer is None:
        return "" if predict.expected is None else _number_in(above, predict.expected, predict.ask)
    right = predict.options[predict.answer - 1]
    if (number := _NUMBER.fullmatch(right.removeprefix("about "))) is not None:
        return _number_in(above, float(number[0]), predict.ask)
    told = [text for text in predict.options if text.casefold() in above.casefold()]
    named = len(right) >= _SHORT_OPTION and right not in predict.ask
    return right if told == [right] and named else ""  # where all are told, none is given away


def _number_in(text: str, number: float, ask: str) -> str:
    """How the text writes the number, to 1 %; empty where it does not, or the question does so too."""
    if number == round(number) and abs(number) <= _SMALL:
        return ""
    for said in _NUMBER.findall(text.replace(",", "")):
        whole = float(said) == round(float(said)) and number == round(number)
        if said not in ask and abs(float(said) - number) <= (0 if whole else 0.01 * abs(number)):
            return said
    return ""


def _result_names(block: Predict | Goal, experiment: Experiment) -> list[str]:
    """The Result values that a prediction or a goal is judged by."""
    if isinstance(block, Predict):
        return [block.result] if block.result else []
    knobs = experiment.defaults()
    return [name for name in block.targets if name not in knobs]


def _lint_exercise(lesson: Lesson) -> Iterator[Problem]:
    for name in EXERCISE_FILES:
        found: list[Problem] = []
        text = read_text(lesson.path / name, found)
        yield from found
        if text is not None:
            try:
                parsed(text, name)
            except SignatureError as error:
                yield Problem(lesson.path / name, error.line, error.reason)
