"""What the learner left on the bench of a lesson, in memory and as it is kept on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from initplay.course.experiment import Experiment, SignatureError, experiments
from initplay.course.knob import KnobError, Value
from initplay.course.lesson import Code, CourseError, Lesson
from initplay.engine.machine import Machine
from initplay.engine.order import Order, to_examine
from initplay.lab.events import EXAMINE, Finished, Started, Stopped
from initplay.recording.cell import Cell
from initplay.recording.packed import Bench, BenchRun
from initplay.recording.run import Run, replay
from initplay.ui.bench.attempt import Attempt
from initplay.ui.bench.kept import MAX_ATTEMPTS, Kept

CLOSED = Stopped("The playground was closed.")


@dataclass(frozen=True)
class Left:
    """Runs, and what stood on the screen: an experiment with its knobs, a seed, a run and a cursor."""

    kept: Kept
    shown: Attempt | None
    cursor: int | None
    step: int
    lesson: str
    """Whose experiment stood there."""
    experiment: str
    knobs: Mapping[str, Value]
    seed: int

    @property
    def live(self) -> bool:
        """Whether a run has not ended yet."""
        return any(attempt.live for attempt in self.kept.all)

    def end_what_goes_on(self) -> None:
        """Where the process of a run is gone, and nothing more can come of it."""
        for attempt in self.kept.all:
            if attempt.live:
                attempt.run.add(CLOSED)

    @property
    def told(self) -> list[tuple[int, int]]:
        """What there is to keep on disk, in short: it is the same while nothing new has come."""
        return [(attempt.number, len(attempt.cells)) for attempt in self._to_keep]

    @property
    def _to_keep(self) -> list[Attempt]:
        """The runs that have ended, and sweeps as far as they are."""
        return [one for one in self.kept.all if one.run.started and (one.swept or not one.live)]

    def packed(self) -> Bench:
        """As it is kept on disk."""
        pinned = self.kept.pinned
        return Bench(
            step=self.step,
            lesson=self.lesson,
            experiment=self.experiment,
            knobs=dict(self.knobs),
            seed=self.seed,
            begun=self.kept.begun,
            shown=self.shown.number if self.shown else None,
            cursor=self.cursor,
            runs=tuple(
                BenchRun(
                    number=attempt.number,
                    seeds=attempt.order.seeds,
                    pin=pinned.index(attempt) if attempt in pinned else None,
                    run=_ended(attempt.run),
                    swept=attempt.swept,
                    cells=_as_kept(attempt),
                    begun_in=attempt.begun_in,
                )
                for attempt in self._to_keep
            ),
        )


def unpacked(bench: Bench, lesson: Lesson, machine: Machine) -> Left:
    """What was kept on disk, without the runs whose experiment or knobs the lesson no longer has."""
    found = [(one, attempt) for one in bench.runs if (attempt := _attempt(one, lesson, machine)) is not None]
    kept = Kept()
    kept.attempts = [attempt for _, attempt in found][-MAX_ATTEMPTS:]
    pinned = sorted((one.pin, attempt.number, attempt) for one, attempt in found if one.pin is not None)
    kept.pinned = [attempt for _, _, attempt in pinned]
    kept.begun = max([bench.begun, *(attempt.number for attempt in kept.attempts)])
    shown = next((attempt for attempt in kept.all if attempt.number == bench.shown), None)
    return Left(
        kept=kept,
        shown=shown,
        cursor=bench.cursor if shown else None,
        step=bench.step,
        lesson=bench.lesson,
        experiment=bench.experiment,
        knobs=bench.knobs,
        seed=bench.seed,
    )


def _attempt(one: BenchRun, lesson: Lesson, machine: Machine) -> Attempt | None:
    """A run with what it is a run of; None where that is no more."""
    started = one.run.started
    if started is None or one.run.ending is None or not one.seeds:
        return None
    code = _code_of(started, lesson)
    if code is None:
        return None
    try:
        experiment = _experiment_of(started, code)
        knobs = experiment.check(started.knobs)
    except (CourseError, SignatureError, KnobError):
        return None
    if code.examines:
        order = to_examine(
            code.filename,
            started.source,
            knobs,
            seeds=one.seeds,
            device=started.device,
            edited=started.edited,
        )
        return Attempt(one.number, order, code, experiment, run=one.run, begun_in=one.begun_in)
    order = Order(
        lesson=code.slug,
        experiment=experiment.name,
        filename=code.filename,
        source=started.source,
        knobs=knobs,
        seeds=one.seeds,
        device=started.device,
        data=machine.data,
        edited=started.edited,
        mine=started.mine,
    )
    cells = list(one.cells)
    return Attempt(
        one.number, order, code, experiment, run=one.run, begun_in=one.begun_in, swept=one.swept, cells=cells
    )


def _as_kept(attempt: Attempt) -> tuple[Cell, ...]:
    """The runs of a sweep that came to no end of its own, and can be gone on with."""
    return () if isinstance(attempt.run.ending, Finished) else tuple(attempt.cells)


def _ended(run: Run) -> Run:
    """A run that goes on as it is, were it to end now."""
    return run if run.ending is not None else replay([*run.events, CLOSED])


def _code_of(started: Started, lesson: Lesson) -> Code | None:
    """The lesson whose experiment was run: this one, or one that a step of it borrows from."""
    if started.lesson == EXAMINE and lesson.examines:
        return lesson
    borrowed = (step.run.code for step in lesson.steps if step.run and step.run.code)
    return next((code for code in (lesson, *borrowed) if code.slug == started.lesson), None)


def _experiment_of(started: Started, code: Code) -> Experiment:
    """In the learner's own text as they ran it, in a lesson's as it is now. Raises CourseError or
    SignatureError."""
    if code.examines:
        return code.experiments[0]
    if not started.edited:
        return code.experiment(started.experiment)
    for found in experiments(started.source):
        if found.name == started.experiment:
            return found
    raise CourseError(f"The text that ran has no experiment {started.experiment!r}.")
