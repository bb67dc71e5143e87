"""Which knobs do nothing while another is set to what leaves them out: read from `knobs.toml` beside the
experiment.

[train.centre]          # an experiment, and a knob of it
normalized = true       # what another knob is to be for it to do anything: one value, or a list of several
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from initplay.course.experiment import Experiment
from initplay.course.knob import KnobError, Value, is_same
from initplay.course.lesson import Lesson, Needs, Problem
from initplay.course.toml import NotToml, line_of, table_of
from initplay.words.names import spelled

FILE = "knobs.toml"


def read_needs(path: Path, text: str) -> tuple[Needs, list[Problem]]:
    """What `knobs.toml` says, and every mistake in it."""
    try:
        tables = table_of(text)
    except NotToml as error:
        return {}, [Problem(path, max(1, error.line), f"is not TOML: {error.reason}")]
    needs: dict[str, dict[str, dict[str, tuple[Any, ...]]]] = {}
    problems: list[Problem] = []
    for experiment, knobs in tables.items():
        for knob, others in knobs.items() if isinstance(knobs, dict) else [(experiment, None)]:
            if isinstance(others, dict) and others:
                values = {one: tuple(has) if isinstance(has, list) else (has,) for one, has in others.items()}
                needs.setdefault(experiment, {})[knob] = values
            else:
                reason = f"{knob} says no other knob: write [EXPERIMENT.KNOB], and below it OTHER = VALUE"
                problems.append(Problem(path, line_of(knob, text.split("\n")) or 1, reason))
    return ({} if problems else needs), problems


def lint_needs(lesson: Lesson) -> Iterator[Problem]:
    """What is needed of a knob that there is not, or that it cannot be."""
    known = {experiment.name: experiment for experiment in lesson.experiments}
    for name, knobs in lesson.needs.items():
        if name not in known:
            yield Problem(lesson.path / FILE, 1, f"[{name}] is no experiment of this lesson")
            continue
        for knob, others in knobs.items():
            try:
                known[name].knob(knob)
                for other, values in others.items():
                    for value in values:
                        known[name].knob(other).check(value)
            except KnobError as error:
                yield Problem(lesson.path / FILE, 1, f"[{name}.{knob}] {error}")


def idle(
    experiment: Experiment, needs: Mapping[str, Mapping[str, tuple[Any, ...]]], values: Mapping[str, Value]
) -> dict[str, str]:
    """The knobs that do nothing as the others are set, and by which of these: "normalized is off"."""
    found: dict[str, str] = {}
    for knob, others in needs.items():
        for other, wanted in others.items():
            if not any(is_same(values[other], one) for one in wanted):
                said = experiment.knob(other).format(values[other])
                found.setdefault(knob, f"{spelled(other)} is {said}")
    return found
