"""What a lesson is made of: plain records, filled by reading its folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from initplay.course.prediction import Predict
from initplay.course.trouble import CourseError

if TYPE_CHECKING:
    from initplay.course.experiment import Experiment

Target: TypeAlias = tuple[float, float] | int | float | str | bool
Needs: TypeAlias = Mapping[str, Mapping[str, Mapping[str, tuple[Any, ...]]]]
"""By experiment and by knob: what each other knob must be one of for it to do anything."""

_ITALIC = re.compile(r"(?<![*\w])\*([^*\s][^*]*)\*(?![*\w])")

EXERCISE_FILES = ("exercise.py", "solution.py", "checks.py")


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
class ReadySweep:
    """What is typed behind an experiment's name."""

    over: tuple[str, ...]
    facts: tuple[str, ...] = ()
    seeds: int = 1
    levels: Mapping[str, float] = field(default_factory=dict)
    """Of some facts, a value that parts the settings in two: it is marked, whatever is swept."""


@dataclass(frozen=True)
class Code:
    """What of a lesson runs, which steps of other lessons may run as well."""

    slug: str
    path: Path
    """The lesson's folder."""
    source: str
    """The text of `experiment.py`."""
    experiments: tuple[Experiment, ...]
    meanings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What each Result means: by experiment, then by its name."""
    sweeps: Mapping[str, ReadySweep] = field(default_factory=dict)
    """What each experiment is to be swept over where nothing else is asked."""
    needs: Needs = field(default_factory=dict)
    """Which knobs do something only where others are set so."""

    @property
    def folder_name(self) -> str:
        return self.path.name

    @property
    def source_path(self) -> Path:
        return self.path / "experiment.py"

    @property
    def filename(self) -> str:
        """As tracebacks show it: `02_blowup/experiment.py`."""
        return f"{self.folder_name}/{self.source_path.name}"

    @property
    def examines(self) -> bool:
        """Whether its text has a net that is examined, and no experiments of its own."""
        return False

    def read(self, text: str) -> list[Experiment]:
        """The experiments of another text in place of its own. Raises SignatureError."""
        from initplay.course.experiment import experiments

        return experiments(text)

    def experiment(self, name: str) -> Experiment:
        """The experiment of that name; CourseError names the nearest where there is none."""
        for found in self.experiments:
            if found.name == name:
                return found
        from initplay.course.experiment import yields_nothing
        from initplay.words.nearest import did_you_mean

        names = [found.name for found in self.experiments]
        if yields_nothing(name, self.source):
            raise CourseError(
                f"Lesson {self.slug} has a function {name!r} that yields nothing, so that it is no "
                f"experiment: it has {', '.join(names)}."
            )
        raise CourseError(
            f"Lesson {self.slug} has no experiment {name!r}{did_you_mean(name, names)}: "
            f"it has {', '.join(names)}."
        )


@dataclass(frozen=True)
class Prose:
    """Markdown, as the author wrote it."""

    text: str
    line: int
    after: bool = False
    """Whether it waits until what its step predicts above it is settled: it may give the answer away."""


@dataclass(frozen=True)
class RunBlock:
    """What the bench is set to when its step opens."""

    experiment: str
    knobs: Mapping[str, int | float | str | bool]
    """The knobs that the lesson sets, checked; the others keep their defaults."""
    line: int
    code: Code | None = None
    """Whose experiment it is, where that is another lesson."""
    shows: str = ""
    """The chart or table of it that is in sight first; empty where that is the one it draws first."""

    @property
    def address(self) -> str:
        """As the lesson names it: `chain`, or `blowup/chain` where that is another lesson's."""
        return f"{self.code.slug}/{self.experiment}" if self.code else self.experiment


@dataclass(frozen=True)
class Goal:
    """What the learner's own run must reach: every target at once."""

    key: str
    """`slug/step/goal/n`, the same from one start to the next."""
    ask: str
    experiment: str
    """As its run is named: `chain`, or `blowup/chain` where that is another lesson's."""
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
    """What the learner is to define."""
    line: int
    hint: str = ""
    hint_2: str = ""
    hint_3: str = ""
    """From a nudge to nearly the answer."""
    run: RunBlock | None = None
    """What runs with the learner's code once it passes."""

    @property
    def experiment(self) -> str:
        """The experiment that runs with the learner's code; empty where none does."""
        return self.run.experiment if self.run else ""

    @property
    def hints(self) -> tuple[str, ...]:
        return tuple(hint for hint in (self.hint, self.hint_2, self.hint_3) if hint)


@dataclass(frozen=True)
class End:
    """What closes a lesson, with what the learner got wrong in it."""

    can: str
    """What the learner can do now: the rest of a sentence that begins with "You can"."""
    more: str
    """One thing to try."""
    line: int


Block: TypeAlias = Prose | RunBlock | Predict | Goal | ExerciseBlock | End


@dataclass(frozen=True)
class Step:
    """One screenful: what stands under one `## ` heading."""

    title: str
    blocks: tuple[Block, ...]
    line: int

    @property
    def run(self) -> RunBlock | None:
        """What the bench is set to when the step opens."""
        runs = [block for block in self.blocks if isinstance(block, RunBlock)]
        mine = [block.run for block in self.blocks if isinstance(block, ExerciseBlock) and block.run]
        return next(iter(runs + mine), None)

    @property
    def shows(self) -> str:
        """The chart or table that is in sight first: one on which a guess lies, or the one its run says."""
        marks = (block.mark for block in self.blocks if isinstance(block, Predict))
        return next(filter(None, marks), self.run.shows if self.run else "")

    @property
    def names(self) -> tuple[str, ...]:
        """What its text has in italics, in order: so charts and tables are called by their names."""
        texts = (" ".join(block.text.split()) for block in self.blocks if isinstance(block, Prose))
        return tuple(dict.fromkeys(name for text in texts for name in _ITALIC.findall(text)))


@dataclass(frozen=True, kw_only=True)
class Lesson(Code):
    """One lesson, read and found right."""

    number: int
    title: str
    summary: str
    part: str
    """The part of the course it belongs to, as a heading; empty where the course has no parts."""
    minutes: int | None
    """How long it takes by the author's word; None where the lesson does not say."""
    steps: tuple[Step, ...]
    sources: str
    """The Markdown under the closing `## Sources`."""
    in_course: bool = True
    """Whether the learner comes by it on their way: else it is made for one saved run, or for one file."""

    @property
    def blocks(self) -> Iterator[Block]:
        """Every block of every step, in reading order."""
        return (block for step in self.steps for block in step.blocks)

    @property
    def end(self) -> End | None:
        """What closes it, where the author wrote that."""
        return next((block for block in self.steps[-1].blocks if isinstance(block, End)), None)

    @property
    def exercise_block(self) -> ExerciseBlock | None:
        """That of the lesson's exercise, where it has one."""
        return next((block for block in self.blocks if isinstance(block, ExerciseBlock)), None)

    @property
    def exercise(self) -> str | None:
        """The name of the lesson's exercise, where it has one."""
        block = self.exercise_block
        return block.name if block is not None else None

    def code_of(self, address: str) -> tuple[Code, Experiment]:
        """An experiment that its steps run: `chain`, or `blowup/chain` where that is another lesson's."""
        lent = {block.address: block.code for block in self.blocks if isinstance(block, RunBlock)}
        code = lent.get(address) or self
        return code, code.experiment(address.rpartition("/")[2])
