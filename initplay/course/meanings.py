"""What each Result of a lesson means: read from `results.toml` beside its experiment.

[chain]                                         # an experiment
nonfinite_after = "multiplications until ..."   # a name in its Result: a line on what the number is
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from initplay.course.lesson import Lesson, Problem
from initplay.course.toml import NotToml, line_of, table_of

Meanings: TypeAlias = Mapping[str, Mapping[str, str]]
"""By experiment, then by the name of a Result."""

FILE = "results.toml"


def read_meanings(path: Path, text: str) -> tuple[Meanings, list[Problem]]:
    """What `results.toml` says, and every mistake in it."""
    try:
        tables = table_of(text)
    except NotToml as error:
        return {}, [Problem(path, max(1, error.line), f"is not TOML: {error.reason}")]
    lines = text.split("\n")
    problems: list[Problem] = []
    for experiment, table in tables.items():
        at = line_of(experiment, lines) or 1
        if not isinstance(table, dict):
            reason = f"stands outside any experiment: write [NAME] above {experiment}"
            problems.append(Problem(path, at, reason))
            continue
        for name, meaning in table.items():
            if not isinstance(meaning, str) or not meaning.strip():
                line = at + (line_of(name, lines[at:]) or 0)
                problems.append(Problem(path, line, f'{name} is a line of text: write {name} = "..."'))
    return ({} if problems else tables), problems


def lint_meanings(lesson: Lesson) -> Iterator[Problem]:
    """Warnings: Results without a meaning, as far as the text shows them, and meanings of none."""
    path = lesson.path / FILE
    yielded = _yielded(lesson.source)
    for experiment in lesson.experiments:
        given = lesson.meanings.get(experiment.name, {})
        for name in yielded[experiment.name]:
            if name not in given:
                advice = f'write {name} = "..." under [{experiment.name}]'
                yield Problem(path, 1, f"no meaning of the Result value {name!r}: {advice}", warning=True)
    names = {experiment.name for experiment in lesson.experiments}
    for experiment, meanings in lesson.meanings.items():
        for name in meanings:
            if experiment not in names or name not in lesson.source:
                reason = (
                    f"{experiment} yields no Result value {name!r}: remove it, or name one that it yields"
                )
                yield Problem(path, 1, reason, warning=True)


def all_results_of(lesson: Lesson, experiment: str) -> list[str]:
    """The same by both, so that a Result without a meaning is among them."""
    by_text = _yielded(lesson.source).get(experiment, [])
    return list(dict.fromkeys([*lesson.meanings.get(experiment, ()), *by_text]))


def results_of(lesson: Lesson, experiment: str) -> list[str]:
    """What an experiment's Result has, by its meanings or by its text; empty where neither shows it."""
    return list(lesson.meanings.get(experiment, ())) or _yielded(lesson.source).get(experiment, [])


def _yielded(source: str) -> dict[str, list[str]]:
    """The names in each top-level function's `Result(...)`."""
    return {
        function.name: [
            keyword.arg
            for call in ast.walk(function)
            if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] == "Result"
            for keyword in call.keywords
            if keyword.arg is not None
        ]
        for function in ast.parse(source).body
        if isinstance(function, ast.FunctionDef)
    }
