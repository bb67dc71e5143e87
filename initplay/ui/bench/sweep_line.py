"""The line that says what to sweep, typed as for a shell: knobs with their values, and how many seeds."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from initplay.course.experiment import Experiment
from initplay.course.knob import Knob, KnobError, Value
from initplay.sweep.grid import Grid, read_grid
from initplay.words.numbers import whole_number

POINTS = 9
"""Values of a knob that are proposed."""
SEEDS = "--seeds"
"""As the command line has it: a knob may be called seeds."""
SEEDS_OF_A_CURVE = 5
"""For a band around it; a map has one seed, for it has many settings."""
MOST = 2_000
"""Runs of a sweep here; in a shell there may be more, and they are kept."""


@dataclass(frozen=True)
class Asked:
    """What a line asks for."""

    grid: Grid
    seeds: int
    """At each setting."""
    assignments: tuple[str, ...] = field(compare=False)
    """The knobs and their values, as they were typed."""

    @property
    def runs(self) -> int:
        return self.grid.count * self.seeds

    @property
    def named(self) -> set[str]:
        """The knobs that it says anything of."""
        return {assignment.partition("=")[0] for assignment in self.assignments}


def asked(experiment: Experiment, typed: str, knobs: Mapping[str, Value]) -> Asked:
    """What was typed, with the other knobs where they stand on the bench. Raises KnobError."""
    assignments, seeds = _split(typed)
    grid = read_grid(experiment, assignments)
    if not grid.swept:
        raise KnobError("Nothing is swept: give a knob several values, as knob=a,b,c or knob=low..high:5.")
    if len(grid.swept) > 2:
        raise KnobError("Of three knobs there is no picture: sweep one or two.")
    found = Asked(grid, seeds or (SEEDS_OF_A_CURVE if len(grid.swept) == 1 else 1), tuple(assignments))
    if found.runs > MOST:
        raise KnobError(f"That is {found.runs:,} runs, and the most here is {MOST:,}.")
    fixed = {name: value if name in found.named else knobs[name] for name, value in grid.fixed.items()}
    return replace(found, grid=replace(grid, fixed=fixed))


def _split(typed: str) -> tuple[list[str], int | None]:
    """Into assignments, as a shell does, for an option may be several words; and the seeds, if it says how
    many. Raises KnobError."""
    try:
        words = iter(shlex.split(typed))
    except ValueError:
        raise KnobError("A quotation mark has no second one.") from None
    assignments: list[str] = []
    seeds: int | None = None
    for word in words:
        name, equals, count = word.partition("=")
        if name == SEEDS:
            if seeds is not None:
                raise KnobError(f"{SEEDS} is named twice: give it one number.")
            seeds = _count(count if equals else next(words, ""))
        else:
            assignments.append(word)
    return assignments, seeds


def _count(typed: str) -> int:
    if count := whole_number(typed, MOST):
        return count
    raise KnobError(f"{SEEDS} takes a whole number from 1 to {MOST:,}, as in {SEEDS} 1.")


def proposed(experiment: Experiment, turned: str) -> str:
    """What a sweep may go over: the knob that was turned last or the first that can be, from end to end."""
    knobs = [knob for knob in experiment.knobs if knob.kind != "input"]
    first = [knob for knob in knobs if knob.name == turned] or knobs[:1]
    return _whole_range(first[0]) if first else ""


def _whole_range(knob: Knob) -> str:
    if knob.kind == "switch":
        return f"{knob.name}=on,off"
    if knob.kind == "choice":
        return shlex.quote(f"{knob.name}={','.join(map(str, knob.options))}")
    low, high = (knob.format(knob.check(end)) for end in (knob.at(0), knob.at(1)))
    return f"{knob.name}={low}..{high}:{POINTS}{':log' * (knob.kind == 'log range')}"
