"""What an experiment is to be swept over where nothing else is asked: read from `sweeps.toml` beside it.

[depth]                                        # an experiment
over = ["init=default,he", "depth=2..16:4"]    # as `initplay sweep` has it
facts = ["accuracy"]                           # which of its Results to keep; all numbers if left out
seeds = 3                                      # of `initplay sweep`; 1 if left out
levels = {gradient_left = 1}                   # where a fact crosses this, it is marked, whatever is swept
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from initplay.course.lesson import Lesson, Problem, ReadySweep
from initplay.course.meanings import all_results_of
from initplay.course.toml import NotToml, line_of, table_of
from initplay.words.nearest import did_you_mean

FILE = "sweeps.toml"


def read_sweeps(path: Path, text: str) -> tuple[Mapping[str, ReadySweep], list[Problem]]:
    """What `sweeps.toml` says, by experiment, and every mistake in it."""
    try:
        tables = table_of(text)
    except NotToml as error:
        return {}, [Problem(path, max(1, error.line), f"is not TOML: {error.reason}")]
    lines = text.split("\n")
    ready: dict[str, ReadySweep] = {}
    problems: list[Problem] = []
    for experiment, table in tables.items():
        if reason := _wrong(table):
            problems.append(Problem(path, line_of(experiment, lines) or 1, f"[{experiment}] {reason}"))
        else:
            over, facts = tuple(table["over"]), tuple(table.get("facts", ()))
            seeds, levels = table.get("seeds", 1), table.get("levels", {})
            ready[experiment] = ReadySweep(over, facts, seeds, levels)
    return ({} if problems else ready), problems


def lint_sweeps(lesson: Lesson) -> Iterator[Problem]:
    """What a sweep is of that there is not: an experiment, a knob of it, or a fact that its Result has."""
    path = lesson.path / FILE
    known = {experiment.name: experiment for experiment in lesson.experiments}
    lines = path.read_text(encoding="utf-8").split("\n") if lesson.sweeps else []
    for name, sweep in lesson.sweeps.items():
        at = line_of(name, lines) or 1
        if name not in known:
            yield Problem(path, at, f"[{name}] is no experiment of this lesson{did_you_mean(name, known)}")
            continue
        knobs = list(known[name].defaults())
        for knob in (axis.partition("=")[0] for axis in sweep.over):
            if knob not in knobs:
                yield Problem(path, at, f"[{name}] has no knob {knob!r}{did_you_mean(knob, knobs)}")
        results = all_results_of(lesson, name)
        for fact in dict.fromkeys([*sweep.facts, *sweep.levels]) if results else ():
            if fact not in results:
                reason = f"[{name}] yields no Result value {fact!r}{did_you_mean(fact, results)}"
                yield Problem(path, at, f"{reason}: name one that it yields")


def _wrong(table: Any) -> str:
    """What is wrong with one of them, as the end of a sentence; empty where nothing is."""
    if not isinstance(table, dict) or not _are_texts(table.get("over")):
        return 'says over what: write over = ["KNOB=A,B,C"]'
    if unknown := sorted(set(table) - {"over", "facts", "seeds", "levels"}):
        return f"has {unknown[0]}, which means nothing: over, facts, seeds and levels do"
    if "facts" in table and not _are_texts(table["facts"]):
        return 'has facts that are no names: write facts = ["NAME"]'
    seeds = table.get("seeds", 1)
    if not isinstance(seeds, int) or isinstance(seeds, bool) or seeds < 1:
        return "has seeds that are no number of them: write seeds = 3"
    levels = table.get("levels", {})
    if not isinstance(levels, dict) or not all(_is_number(level) for level in levels.values()):
        return "has levels that are no numbers: write levels = {FACT = 1}"
    return ""


def _is_number(value: Any) -> bool:
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) <= sys.float_info.max
    return isinstance(value, float) and math.isfinite(value)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)
