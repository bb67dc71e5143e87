"""One press of `r`: what was asked for, and the run that came of it, in words for the screen."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from initplay.course.experiment import Experiment
from initplay.course.lesson import Code
from initplay.engine.order import Order
from initplay.engine.running import Running
from initplay.lab.events import Failed, Finished, Recorded, Started, Stopped
from initplay.recording.agreement import agreement
from initplay.recording.cell import Cell
from initplay.recording.differences import in_words, other_code_alone, same_experiment
from initplay.recording.run import Run
from initplay.recording.seeds import verdicts
from initplay.recording.why import explain
from initplay.sweep.told import told
from initplay.ui.bench.stopwatch import Stopwatch
from initplay.words.names import spelled
from initplay.words.numbers import about, duration, short

OF_ONE_RUN = ("step", "scrub", "scrub_to", "copy")
"""Actions that a sweep has nothing for: it is many runs, and has no moments of its own."""
PACED_EVERY = 0.2
"""Seconds between two moments at which the pace is noted."""
STEADY = 1.5
"""The factor within which the run as a whole, reckoned halfway to now, was to take as long as by now:
else there is no pace yet."""
STEADY_AFTER = 3.0
"""Seconds, of a run that tells of its progress often: the first steps are slower."""
ENOUGH_RUNS = 5
"""Of a sweep, after which it is said how long the others will take."""
OF_AN_ATTEMPT = ("pause", "step", "scrub", "scrub_to", "pin", "why", "vary", "copy", "save")
"""Actions that do nothing without an attempt."""


@dataclass(eq=False)
class Attempt:
    """A run with its number on this bench and the order it was started with."""

    number: int
    order: Order
    lesson: Code
    """Whose experiment it is."""
    experiment: Experiment
    """As the text that ran has it."""
    run: Run = field(default_factory=Run)
    running: Running | None = None
    """Where it is held and stopped; None where it was loaded from a file, and once it has ended."""
    watch: Stopwatch = field(default_factory=Stopwatch)
    verdicts: list[str] = field(default_factory=list)
    """What the run settled, in a sentence each."""
    paused: bool = False
    slow: bool = False
    new_draw: bool = False
    """Whether its seed had not been run before, nor is the one that the course was written with."""
    begun_in: int | None = None
    """The step of the lesson that was open when it was begun, where that is known."""
    swept: str = ""
    """What it goes over, as it was typed, where it is a sweep."""
    cells: list[Cell] = field(default_factory=list)
    """What the runs of a sweep came to, so that one that was stopped can be gone on with."""
    had: int = 0
    """How many of them were there when it began."""
    _paced: list[tuple[float, float]] = field(default_factory=list, init=False, repr=False)
    """How much was done when it told of its progress, and after how many seconds."""
    _paced_from: float = field(default=0.0, init=False, repr=False)
    """From which second of the watch on they count."""
    _uncounted: float = field(default=0.0, init=False, repr=False)
    """How much of a sweep was done when its watch was started, for one hears of it first when a run ends."""
    _reasons: tuple[tuple[int, int], list[str]] = field(default=((0, 0), []), init=False, repr=False)
    """Of which run and how many of its events, and what they are."""
    _agreed: tuple[tuple[int, int, int], str] = field(default=((0, 0, 0), ""), init=False, repr=False)
    """With which other run, at how many events of each, and how far."""

    # What is done to it

    def take(self, events: Sequence[Recorded]) -> None:
        """Record a batch; one that begins with `Started` begins the recording anew."""
        begins = self.run.started is None
        if isinstance(events[0], Started):
            self.run = Run()
            if not self.paused:
                self.watch.start()
        for event in events:
            self.run.add(event)
        done = self.run.progress.done if self.run.progress else 0.0
        self._note_pace(done)
        if begins and self.swept:
            self._uncounted = done
        if not self.live:
            self.watch.stop()
            self.running = None

    def _note_pace(self, done: float) -> None:
        paced, last = self._paced, self._paced[-1][0] if self._paced else 0.0
        if done < last:  # it counts something else from here on
            paced.clear()
            self._paced_from = self.watch.seconds
        elif done > last:
            at = self.watch.seconds - self._paced_from
            if len(paced) > 1 and paced[-1][1] - paced[-2][1] < PACED_EVERY:
                paced.pop()
            paced.append((done, at))

    def pause_or_resume(self) -> None:
        if self.running is None:
            return
        self.paused = not self.paused
        if self.paused:
            self.watch.stop()
            self.running.pause()
        else:
            if self.run.started is not None:
                self.watch.start()
            self.running.resume()

    def step(self) -> None:
        """Go on by one moment, and hold there."""
        if self.running is not None and not self.swept:
            self.paused = True
            self.watch.stop()
            self.running.step()

    def set_pace(self, per_second: float | None) -> None:
        """Let so many moments pass a second; None is full speed."""
        if self.running is not None and not self.swept:
            self.slow = per_second is not None
            self.running.slow(per_second)

    def stop(self) -> None:
        if self.running is not None:
            self.running.stop()

    def can(self, action: str) -> bool:
        """Whether an action would do something now, by the name that its key has."""
        if self.swept and action in OF_ONE_RUN:
            return False
        if action == "pause":
            return self.live
        if self.swept and action == "why":
            return bool(self.cells)
        if action in ("pin", "why", "vary"):
            return self.run.moments > 0
        if action in ("scrub", "scrub_to"):
            return self.run.moments > 1
        if action == "step":
            return self.live or self.run.moments > 1
        if action in ("copy", "save"):
            return self.run.started is not None
        return True

    # What there is to say of it

    @property
    def reasons(self) -> list[str]:
        """Why its numbers are what they are; the key bar asks at every change, so that it is kept."""
        counted, said = self._reasons
        if counted != (key := (id(self.run), len(self.run.events))):
            said = told(self.cells, self.drawn) if self.swept else explain(self.run)
            self._reasons = key, said
        return said

    def agreement_with(self, other: Attempt) -> str:
        """Whether the other came to the same; every point is looked at, so that it is kept."""
        counted, said = self._agreed
        if counted != (key := (id(other.run), len(other.run.events), len(self.run.events))):
            said = agreement(other.run, self.run)
            self._agreed = key, said
        return said

    @property
    def drawn(self) -> list[str]:
        """The results that a sweep shows, in order."""
        of_tables = (name.partition(" by ")[0] for name in self.run.tables)
        return list(dict.fromkeys([*self.run.charts, *of_tables]))

    def is_of(self, lesson: Code, experiment: str) -> bool:
        return (self.lesson.slug, self.experiment.name) == (lesson.slug, experiment)

    @property
    def label(self) -> str:
        return f"run {self.number}"

    @property
    def seed(self) -> int:
        """The first of its seeds."""
        return self.order.seeds[0]

    @property
    def seed_count(self) -> int:
        """Over how many seeds it was to run."""
        return len(self.order.seeds)

    @property
    def seeds_done(self) -> int:
        """How many of several seeds have finished: while they run as the engine tells of its progress, in the
        end as the recording says of which it is."""
        if self.live:
            return int(self.run.progress.done) if self.run.progress else 0
        return len(self.run.started.seeds) if self.run.started else 0

    @property
    def is_whole_fan(self) -> bool:
        """Whether it is of several seeds, and all of them finished."""
        return self.seed_count > 1 and isinstance(self.run.ending, Finished)

    @property
    def device(self) -> str:
        """Where it ran; before it has begun, where it was to."""
        return self.run.started.device if self.run.started is not None else self.order.device

    @property
    def live(self) -> bool:
        return self.run.ending is None

    @property
    def described(self) -> str:
        """`chain depth=100 same_weights=on · seed 42`, as it is typed on the command line."""
        knobs = "".join(
            f" {knob.name}={knob.format(self.order.knobs[knob.name])}" for knob in self.experiment.knobs
        )
        if self.swept:
            return f"{self.experiment.name} over {self.swept}"
        return f"{self.experiment.name}{knobs} · {self._seeds_in_words}"

    @property
    def in_words(self) -> str:
        """`chain: depth 100, same weights on · seed 42`, as it is read."""
        if self.swept:
            return spelled(self.described)
        knobs = ", ".join(
            f"{spelled(knob.name)} {knob.format(self.order.knobs[knob.name])}"
            for knob in self.experiment.knobs
        )
        name = spelled(self.experiment.name)
        return f"{name}{': ' * bool(knobs)}{knobs} · {self._seeds_in_words}"

    @property
    def _seeds_in_words(self) -> str:
        return f"seed {self.seed}" if self.seed_count == 1 else f"{self.seed_count} seeds from {self.seed}"

    @property
    def state(self) -> str:
        """ "waiting", "running", "paused", "finished", "failed" or "stopped"."""
        if not self.live:
            return self.run.state
        if self.run.started is None:
            return "waiting"
        return "paused" if self.paused else "running"

    @property
    def status(self) -> str:
        """How it stands, as one line."""
        if self.state == "waiting":
            return self._waits_for
        return self._status_of_one() if self.seed_count == 1 else self._status_of_several()

    @property
    def _waits_for(self) -> str:
        before = self.running.before if self.running else None
        if before is None:
            awaits_lab = self.running is not None and self.running.awaits_lab
            return "starts as soon as the lab is ready" if awaits_lab else "is about to start"
        place = "the CPU" if self.device == "cpu" else "the GPU"
        return f"waits for {place}: {before} before you" if before else f"waits for {place}: you are next"

    def _status_of_one(self) -> str:
        ending = self.run.ending
        if isinstance(ending, Finished):
            return f"finished in {duration(ending.seconds)}"
        if isinstance(ending, Failed):
            return ending.message
        if isinstance(ending, Stopped) and self.swept:
            return self._status_of_stopped_sweep
        if isinstance(ending, Stopped):
            return f"stopped. {ending.message}" if ending.message else "stopped"
        words = self.state + (", in slow motion" if self.slow and not self.paused else "")
        progress = self.run.progress
        if progress is None or not progress.total > 0:
            return words
        label = f"{progress.label} " if progress.label else ""
        far = f"{label}{short(progress.done)} of {short(progress.total)}"
        return " · ".join([words, far, *self._time_left()])

    @property
    def _status_of_stopped_sweep(self) -> str:
        progress = self.run.progress
        if progress is None:
            return "stopped"
        return f"stopped after {short(progress.done)} of {short(progress.total)} runs"

    def _status_of_several(self) -> str:
        ending = self.run.ending
        done = f"{self.seeds_done} of {self.seed_count} seeds"
        if isinstance(ending, Failed):
            return f"{done}, then failed: {ending.message}"
        if isinstance(ending, Stopped):
            return f"stopped after {done}"
        return " · ".join([done, *self._time_left()])

    def _time_left(self) -> list[str]:
        """About how long it will take yet, at the pace of all that is done: by what it took up to there, so
        that it does not grow before the next is late. Nothing without a steady pace, and while it is held;
        nor of a sweep's first runs, which tell little of the others."""
        progress, done = self.run.progress, (self._paced[-1][0] if self._paced else 0.0) - self._uncounted
        enough = ENOUGH_RUNS if self.swept else 0
        if progress is None or self.paused or not enough < done < progress.total - self._uncounted:
            return []
        each = self._paced[-1][1] / done
        if not self.swept:  # of which several go on at once
            if not self._is_steady:
                return []
            each = max(each, (self.watch.seconds - self._paced_from) / (done + 1))
        return [f"{about(each * (progress.total - progress.done))} left"]

    @property
    def _is_steady(self) -> bool:
        """Whether halfway to now one would have reckoned about the same; so it is where nothing was done by
        then, for then each thing done is a large part."""
        done, now = self._paced[-1]
        by_then = bisect_right(self._paced, now / 2, key=itemgetter(1))
        done_then, then = self._paced[by_then - 1] if by_then else (0.0, 0.0)
        if not then:
            return True
        before = then / done_then
        return now >= STEADY_AFTER and 1 / STEADY < before * done / now < STEADY


def against(other: Attempt, attempt: Attempt) -> str:
    """What an attempt changed of another one, "against run 1: scale 1 → 0.1"; empty where either has not
    begun, or is a sweep, which has no one setting."""
    before, after = other.run.started, attempt.run.started
    if before is None or after is None or other.swept or attempt.swept:
        return ""
    return f"against {other.label}: {in_words(before, after)}"


def parting(pin: Attempt, attempt: Attempt) -> list[str]:
    """Where the bands of an attempt part from those of a pinned one of the same experiment, or that they do
    not; nothing for single runs and while seeds are missing, for a single run proves nothing."""
    if pin is attempt or not (pin.is_whole_fan and attempt.is_whole_fan):
        return []
    before, after = pin.run.started, attempt.run.started
    if before is None or after is None or not same_experiment(before, after):
        return []
    found = verdicts(attempt.run, pin.run)
    return [f"Against {pin.label}: {words}." for words in found or ["no bands part, so no verdict"]]


def beside_other_code(attempt: Attempt, others: Sequence[Attempt]) -> list[str]:
    """Whether the learner's code of the exercise does the same as the lesson's, by the latest run that was
    the same but for that; how to see it where there is none. Nothing where no code of theirs ran."""
    started = attempt.run.started
    if started is None or attempt.state != "finished":
        return []
    alike = (
        one
        for one in reversed(others)
        if one.state == "finished" and one.run.started and other_code_alone(one.run.started, started)
    )
    whose, other = ("Your code", "the lesson's") if started.mine else ("The lesson's code", "yours")
    if found := next(alike, None):
        words = attempt.agreement_with(found)
        return [f"{whose} beside {other} ({found.label}): {words}."]
    return ["Your code is in use; U runs the lesson's, to compare."] if started.mine else []
