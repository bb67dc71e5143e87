"""One press of `r`: what was asked for, and the run that came of it, in words for the screen."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from initplay.fan import fan
from initplay.lab.events import Failed, Finished, Stopped
from initplay.numbers import duration, short
from initplay.run import Run
from initplay.signature import Experiment, Value


@dataclass
class Attempt:
    """A run with its number on this bench and what it was started with."""

    number: int
    lesson: str
    experiment: Experiment
    knobs: Mapping[str, Value]
    seed: int
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
            return f"stopped. {ending.message}".strip()
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
    members: list[Run] = field(default_factory=list)
    """The runs that have finished."""
    over: bool = False

    @property
    def live(self) -> bool:
        return not self.over

    @property
    def described(self) -> str:
        return f"{super().described.rpartition(' · ')[0]} · {len(self.seeds)} seeds from {self.seed}"

    def take_member(self, member: Run) -> None:
        """A member has ended: take it in, or end with what there is."""
        if member.state == "finished":
            self.members.append(member)
        self.over = member.state != "finished" or len(self.members) == len(self.seeds)
        if len(self.members) > 1:
            self.run = fan(self.members)
        elif self.over:
            self.run = member

    def status(self, now: float) -> str:
        if self.over and len(self.members) < 2:
            return super().status(now)
        done = f"{len(self.members)} of {len(self.seeds)} seeds"
        if self.over:
            return done if len(self.members) == len(self.seeds) else f"stopped after {done}"
        left = (now - self.began) / max(1, len(self.members)) * (len(self.seeds) - len(self.members))
        return f"{done}" + (f" · {duration(left)} left" if self.members else "")


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
