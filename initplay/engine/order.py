"""The one record of what to run: every front makes one, and every process gets one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from initplay.lab.events import EXAMINE, Started


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One experiment of a source text with everything that its numbers depend on."""

    lesson: str
    """The lesson's slug."""
    experiment: str
    filename: str
    """The name that tracebacks show."""
    source: str
    knobs: dict[str, Any]
    seeds: tuple[int, ...]
    """One run for each, and one recording of all of them."""
    device: str = "auto"
    """As torch calls it; "auto" is the first accelerator, or the CPU where there is none."""
    data: str = "auto"
    """"auto", "embedded", "full" or a path."""
    checks: str = ""
    """The text of the exercise's checks, where the source is what a learner wrote for it and not a lesson."""
    solution: str = ""
    """The exercise's solution, which is what the checks go by."""
    mine: str = ""
    """What the learner wrote for the lesson's exercise, where the experiment is to run with it."""
    edited: bool = False
    """Whether the text is not the lesson's own, or not what is in the user's file."""
    examines: bool = False
    """Whether the text is a file of the user's with a net in it, which is examined as the knobs say."""

    @property
    def is_of_lesson(self) -> bool:
        """Whether what runs is a lesson's own text and nothing else."""
        return not (self.edited or self.mine or self.examines or self.checks)

    def with_seed(self, seed: int) -> Order:
        """The same for one seed alone."""
        return msgspec.structs.replace(self, seeds=(seed,))

    def on(self, device: str) -> Order:
        """The same on another device."""
        return msgspec.structs.replace(self, device=device)

    def with_experiment(self, name: str, knobs: dict[str, Any]) -> Order:
        """The same text with another experiment of it."""
        return msgspec.structs.replace(self, experiment=name, knobs=knobs)

    def beginning(self, first: Started) -> Started:
        """That of all that is made of the order, by one of its runs, whatever knobs and seed that had."""
        return msgspec.structs.replace(first, knobs=dict(self.knobs), seed=self.seeds[0])


class Checked(Protocol):
    """An exercise, as far as its checks go."""

    @property
    def lesson(self) -> str: ...

    @property
    def name(self) -> str:
        """What the learner is to define."""
        ...

    @property
    def checks(self) -> str: ...

    @property
    def solution(self) -> str: ...


def to_check(exercise: Checked, source: str, filename: str) -> Order:
    """What a learner wrote for the exercise, to be held against its checks."""
    return Order(
        lesson=exercise.lesson,
        experiment=exercise.name,
        filename=filename,
        source=source,
        knobs={},
        seeds=(42,),
        device="cpu",
        data="embedded",
        checks=exercise.checks,
        solution=exercise.solution,
    )


def to_examine(
    filename: str,
    source: str,
    knobs: Mapping[str, Any],
    *,
    seeds: tuple[int, ...],
    device: str,
    edited: bool = False,
) -> Order:
    """The net of a user's file, to be examined as the knobs say, which go to
    `initplay.lab.examining.experiment.examined`; `edited` where the file itself has another text."""
    name = knobs.get("name", "")
    return Order(
        lesson=EXAMINE,
        experiment=f"{os.path.basename(filename)}{f':{name}' if name else ''}",
        filename=filename,
        source=source,
        knobs=dict(knobs),
        seeds=seeds,
        device=device,
        data="embedded",
        edited=edited,
        examines=True,
    )


def to_audit(exercises: list[Any]) -> Order:
    """Whether exercises can be learned from: see `initplay.lab.checking.audited`."""
    return Order(
        lesson="lint",
        experiment="audited",
        filename="audited.py",
        source="from initplay.lab.checking import audited",
        knobs={"exercises": exercises},
        seeds=(42,),
        device="cpu",
        data="embedded",
    )
