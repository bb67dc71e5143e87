"""One press of `r`: what was asked for, and the run that came of it, in words for the screen."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from initplay.course.experiment import Experiment
from initplay.course.knob import Value
from initplay.lab.events import Failed, Finished, Stopped
from initplay.recording.differences import differences, in_words, same_experiment
from initplay.recording.run import Run
from initplay.recording.seeds import so_far, verdicts
from initplay.words.numbers import duration, short


@dataclass
class Attempt:
    """A run with its number on this bench and what it was started with."""

    number: int
    lesson: str
    experiment: Experiment
    knobs: Mapping[str, Value]
    seed: int
    device: str
    """All its seeds run there, whatever is chosen meanwhile."""
    run: Run = field(default_factory=Run)
    began: float = field(default_factory=time.monotonic)
    verdicts: list[str] = field(default_factory=list)
    """What the run settled, in a sentence each."""
    paused: bool = False
    slow: bool = False

    @property
    def label(self) -> str:
        return f"run {self.number}"

    @property
    def seed_count(self) -> int:
        """Over how many seeds it was run."""
        return 1

    @property
    def live(self) -> bool:
        return self.run.ending is None

    @property
    def described(self) -> str:
        """`chain depth=100 scale=1 · seed 42`"""
        knobs = "".join(
            f" {knob.name}={knob.format(self.knobs[knob.name])}" for knob in self.experiment.knobs
        )
        return f"{self.experiment.name}{knobs} · seed {self.seed}"

    @property
    def state(self) -> str:
        """ "waiting", "running", "paused", "finished", "failed" or "stopped"."""
        if not self.live:
            return self.run.state
        if self.run.started is None:
            return "waiting"
        return "paused" if self.paused else "running"

    def status(self, now: float) -> str:
        """How it stands, as one line."""
        ending = self.run.ending
        if isinstance(ending, Finished):
            return f"finished in {duration(ending.seconds)}"
        if isinstance(ending, Failed):
            return ending.message
        if isinstance(ending, Stopped):
            return f"stopped. {ending.message}" if ending.message else "stopped"
        if self.state == "waiting":
            return "starts as soon as the lab is ready"
        parts = [self.state + (", in slow motion" if self.slow and not self.paused else "")]
        return " · ".join(parts + self._progress(now))

    def _progress(self, now: float) -> list[str]:
        """How far, and how long it will take yet: what is left, at the pace so far."""
        progress = self.run.progress
        if progress is None or not progress.total > 0:
            return []
        share = min(1.0, max(0.0, progress.done / progress.total))
        label = f"{progress.label} " if progress.label else ""
        parts = [f"{label}{short(progress.done)} of {short(progress.total)}"]
        if 0 < share < 1 and not self.paused:
            parts.append(f"{duration((now - self.began) * (1 - share) / share)} left")
        return parts


@dataclass
class FanAttempt(Attempt):
    """The same experiment over several seeds, one after the other; its run is made anew as each one ends."""

    seeds: Sequence[int] = ()
    source: str = ""
    """What all of them run, whatever is typed meanwhile."""
    done: int = 0
    """How many have finished."""
    members: list[Run] = field(default_factory=list)
    """Those, until the last one has ended: they are too large to keep."""
    cancelled: bool = False
    """Whether no other is to be begun."""
    over: bool = False

    @property
    def seed_count(self) -> int:
        return len(self.seeds)

    @property
    def live(self) -> bool:
        return not self.over

    @property
    def state(self) -> str:
        """As of one run; stopped where some are missing though none failed."""
        state = super().state
        return "stopped" if state == "finished" and self.done < len(self.seeds) else state

    @property
    def described(self) -> str:
        return f"{super().described.rpartition(' · ')[0]} · {len(self.seeds)} seeds from {self.seed}"

    @property
    def next_seed(self) -> int:
        return self.seeds[self.done]

    def take_member(self, member: Run) -> None:
        """A member has ended: take it in, and end with what there is where it is the last."""
        finished = isinstance(member.ending, Finished)
        if finished:
            self.members.append(member)
            self.done += 1
        complete = self.done == len(self.seeds)
        self.over = self.cancelled or complete or not finished
        ended = self.members if finished else [*self.members, member]
        self.run = so_far(ended, stopped=self.cancelled and not complete)
        if self.over:
            self.members = []

    def give_up(self) -> None:
        """Begin no other; the one that runs is taken in if it finishes all the same."""
        self.cancelled = True

    def status(self, now: float) -> str:
        done = f"{self.done} of {len(self.seeds)} seeds"
        ending = self.run.ending
        if self.over and isinstance(ending, Failed):
            return f"{done}, then seed {self.next_seed} failed: {ending.message}"
        if self.over and self.done < len(self.seeds):
            return f"stopped after {done}"
        if self.over or not self.done:
            return done
        left = (now - self.began) / self.done * (len(self.seeds) - self.done)
        return f"{done} · {duration(left)} left"


def against(other: Attempt, attempt: Attempt) -> str:
    """What an attempt changed of another one, "against run 1: scale 1 → 0.1"; empty where either has not
    begun."""
    before, after = other.run.started, attempt.run.started
    if before is None or after is None:
        return ""
    return f"against {other.label}: {_seeds_in_words(other, attempt) or in_words(before, after)}"


def _seeds_in_words(other: Attempt, attempt: Attempt) -> str:
    """Where one is a fan of more seeds than the other: that, and what else differs."""
    before, after = other.seed_count, attempt.seed_count
    if before == after or other.run.started is None or attempt.run.started is None:
        return ""
    count = f"{before} seed{'s' if before > 1 else ''} → {after}"
    return ", ".join([count, *differences(other.run.started, attempt.run.started)])


def parting(pin: Attempt, attempt: Attempt) -> list[str]:
    """Where a fan parts from a pinned fan of the same experiment, or that it does not; nothing for other runs
    and while seeds are missing, for a single run proves nothing."""
    if pin is attempt or not (_is_whole_fan(pin) and _is_whole_fan(attempt)):
        return []
    before, after = pin.run.started, attempt.run.started
    if before is None or after is None or not same_experiment(before, after):
        return []
    found = verdicts(attempt.run, pin.run)
    return [f"Against {pin.label}: {words}." for words in found or ["no bands part, so no verdict"]]


def _is_whole_fan(attempt: Attempt) -> bool:
    return isinstance(attempt, FanAttempt) and attempt.over and attempt.done == len(attempt.seeds)


def position_label(run: Run, cursor: int | None) -> str:
    """Where the cursor stands: "layer 17 of 28" by the name of an x axis, else "moment 2 of 3"."""
    if not run.moments:
        return ""
    cursor = run.moments - 1 if cursor is None else cursor
    name = next((chart.axes.x for chart in run.charts.values() if chart.axes.x), "")
    here, last = run.position(cursor), run.position(run.moments - 1)
    if not name or here is None or last is None:
        return f"moment {cursor + 1} of {run.moments}"
    return f"{name} {short(here)} of {short(last)}"
