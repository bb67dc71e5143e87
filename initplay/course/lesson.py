"""What a lesson is made of: plain records, filled by reading its folder."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from initplay.course.experiment import Experiment

Target: TypeAlias = tuple[float, float] | int | float | str | bool

NUDGES = 50
"""How many nudges lead from one end of a span to the other."""

_QUARTER = math.log10(1.25)
EXERCISE_FILES = ("exercise.py", "solution.py", "checks.py")


class CourseError(Exception):
    """A lesson or experiment that is not there; one sentence with the nearest name."""


@dataclass(frozen=True)
class Problem:
    """One mistake in a lesson's files, in a sentence that says what to do."""

    path: Path
    line: int
    message: str
    warning: bool = False
    """True for advice: the lesson works as it is."""

    def __str__(self) -> str:
        kind = "warning: " if self.warning else ""
        return f"{self.path}:{self.line}: {kind}{self.message}"


@dataclass(frozen=True)
class Prose:
    """Markdown, as the author wrote it."""

    text: str
    line: int


@dataclass(frozen=True)
class RunBlock:
    """What the bench is set to when its step opens."""

    experiment: str
    knobs: Mapping[str, int | float | str | bool]
    """The knobs that the lesson sets, checked; the others keep their defaults."""
    line: int


class Verdict(NamedTuple):
    """What became of a prediction."""

    right: bool | None
    """None where the run did not settle it."""
    score: float
    """From 0 to 1."""


@dataclass(frozen=True)
class Predict:
    """A question asked before the run: settled by a Result value, or by the answer the lesson gives."""

    key: str
    """`slug/step/predict/n`, the same from one start to the next."""
    ask: str
    experiment: str | None
    """The experiment whose run settles it; None for options above any `run`."""
    line: int
    result: str | None = None
    unit: str = ""
    mark: str = ""
    """The chart whose x axis the guess is a place on; empty where it is none."""
    span: tuple[float, float] | None = None
    """From where to where on that axis it may be placed; None where it can only be typed."""
    log: bool = False
    """Whether the span is one of decades."""
    options: tuple[str, ...] = ()
    answer: int | None = None
    """Which of the options is right, counted from 1."""
    why: str = ""
    hint: str = ""

    @property
    def whole(self) -> bool:
        """Whether what is placed is a whole number: both ends of the span are written as such."""
        return self.span is not None and all(isinstance(end, int) for end in self.span)

    def placed(self, x: float) -> float:
        """The guess that a place on the axis stands for: within the span, no finer than one can point."""
        if self.span is None:
            return x
        low, high = self.span
        if self.whole:
            x = round(min(max(x, low), high))
        elif self.log:
            x = float(f"{min(max(x, low), high):.2e}")
        else:
            x = round(min(max(x, low), high), 3 - math.floor(math.log10(high - low)))
        return float(min(max(x, low), high))

    def nudged(self, guess: float | None, by: int) -> float:
        """The guess moved by so many fiftieths of the span, at least to the next whole number where those
        are asked for; from nothing, the middle of the span."""
        assert self.span is not None, "a guess that can only be typed is not nudged"
        low, high = self.span
        if guess is None:
            return self.placed(math.sqrt(low * high) if self.log else (low + high) / 2)
        guess = min(max(guess, low), high)
        share = by / NUDGES
        moved = guess * (high / low) ** share if self.log else guess + (high - low) * share
        if self.whole and abs(moved - guess) < 1:
            moved = guess + math.copysign(1, by)
        return self.placed(moved)

    def judge(self, guess: float, outcome: object = None) -> Verdict:
        """How good a guess was: the number of an option, or a number against the run's Result value.

        Numbers are compared by their ratio, since what is predicted here spans decades: the score falls
        from 1 to 0 over a factor of ten, and a guess within a quarter is right. Where the run's value is no
        finite number, nothing is settled.
        """
        if self.answer is not None:
            return Verdict(guess == self.answer, float(guess == self.answer))
        if isinstance(outcome, bool) or not isinstance(outcome, (int, float)) or not math.isfinite(outcome):
            return Verdict(None, 0.0)
        if guess == outcome:
            return Verdict(True, 1.0)
        if guess * outcome <= 0 or not math.isfinite(guess):
            return Verdict(False, 0.0)
        decades = abs(math.log10(abs(guess)) - math.log10(abs(outcome)))
        return Verdict(decades <= _QUARTER, max(0.0, 1 - decades))


@dataclass(frozen=True)
class Goal:
    """What the learner's own run must reach: every target at once."""

    key: str
    """`slug/step/goal/n`, the same from one start to the next."""
    ask: str
    experiment: str
    targets: Mapping[str, Target]
    """By the name of a knob or of a Result value: a closed range, or the value it must equal."""
    line: int
    why: str = ""
    hint: str = ""

    def missed(self, values: Mapping[str, object]) -> tuple[str, ...]:
        """The targets that a run missed, by name; empty where it reached the goal.

        `values` holds the run's knobs and its Result values. A value that is not there is missed.
        """
        return tuple(name for name, target in self.targets.items() if not _meets(values.get(name), target))


def _meets(value: object, target: Target) -> bool:
    if isinstance(target, tuple):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        return target[0] <= value <= target[1]
    return value == target and isinstance(value, bool) == isinstance(target, bool)


@dataclass(frozen=True)
class ExerciseBlock:
    """Where the lesson hands over to its exercise."""

    name: str
    line: int
    hint: str = ""


Block: TypeAlias = Prose | RunBlock | Predict | Goal | ExerciseBlock


@dataclass(frozen=True)
class Step:
    """One screenful: what stands under one `## ` heading."""

    title: str
    blocks: tuple[Block, ...]
    line: int


@dataclass(frozen=True)
class Lesson:
    """One lesson, read and found right."""

    number: int
    slug: str
    path: Path
    title: str
    summary: str
    part: str
    """The part of the course it belongs to, as a heading; empty where the course has no parts."""
    minutes: int | None
    """How long it takes by the author's word; None where the lesson does not say."""
    steps: tuple[Step, ...]
    sources: str
    """The Markdown under the closing `## Sources`."""
    source: str
    """The text of `experiment.py`."""
    experiments: tuple[Experiment, ...]

    @property
    def folder_name(self) -> str:
        return self.path.name

    @property
    def source_path(self) -> Path:
        return self.path / "experiment.py"

    @property
    def blocks(self) -> Iterator[Block]:
        """Every block of every step, in reading order."""
        return (block for step in self.steps for block in step.blocks)

    @property
    def exercise(self) -> str | None:
        """The name of the lesson's exercise, where it has one."""
        return next((block.name for block in self.blocks if isinstance(block, ExerciseBlock)), None)

    def experiment(self, name: str) -> Experiment:
        """The experiment of that name; CourseError names the nearest where there is none."""
        for found in self.experiments:
            if found.name == name:
                return found
        from initplay.words.nearest import did_you_mean

        names = [found.name for found in self.experiments]
        raise CourseError(
            f"Lesson {self.slug} has no experiment {name!r}{did_you_mean(name, names)}: "
            f"it has {', '.join(names)}."
        )
