"""A run in the program against the same experiment on its own."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from initplay.engine.client import Client
from initplay.worker.worker import NICENESS

from benchmarks.figures import Figure, Unmeasured, alternate, ratio
from benchmarks.launch import INITPLAY
from benchmarks.playing import COURSE
from benchmarks.terminal import ROOT, Terminal, environment, terminal
from initplay.engine import wire
from initplay.lab.events import Ending, Failed, Finished, Recorded
from initplay.recording.run import Run

MOST = 1.10
SEED = 42


@dataclass(frozen=True)
class Subject:
    """An experiment, with knobs that make it last."""

    what: str
    lesson: Path
    experiment: str
    knobs: dict[str, Any]

    @property
    def path(self) -> Path:
        return self.lesson / "experiment.py"


LESSONS = ROOT / "lessons"
TRAIN = Subject("normalize/train", LESSONS / "01_normalize", "train", {})
LINEAR = Subject("mylinear/train", LESSONS / "06_mylinear", "train", {"epochs": 10})
CHAIN = Subject("blowup/chain", LESSONS / "02_blowup", "chain", {"depth": 200, "width": 1024, "scale": 0.04})
BURST = Subject("2,400 events with nothing to compute", COURSE / "02_burst", "burst", {})


def runs(quick: bool) -> Iterator[Figure]:
    def compared(ours: Callable[[], float], theirs: Callable[[], float]) -> tuple[list[float], list[float]]:
        ours()  # torch's first use of anything is slow
        theirs()
        return alternate(ours, theirs, 3 if quick else 9, within=2 if quick else 12)

    with bare_process() as bare, engine() as lab:
        for subject in (TRAIN, LINEAR, CHAIN):
            taken = compared(partial(lab.run, subject), partial(bare.drain, subject))
            yield ratio(f"{subject.what}: engine / generator drained", *taken, MOST)
        for subject in (TRAIN, LINEAR):
            taken = compared(partial(lab.run, subject), partial(bare.loop, subject))
            yield ratio(f"{subject.what}: engine / loop without events", *taken, MOST)
        taken = compared(partial(bare.drain, TRAIN), partial(bare.loop, TRAIN))
        yield ratio(f"{TRAIN.what}: generator drained / loop without events", *taken)
        taken = compared(partial(lab.run, BURST), partial(bare.drain, BURST))
        yield ratio(f"{BURST.what}: engine / generator drained", *taken)


def on_screen(quick: bool) -> Iterator[Figure]:
    """The same, drawn while it runs: from the key press to the word that it has finished."""
    with tempfile.TemporaryDirectory(prefix="initplay-bench-") as course, bare_process() as bare:
        put_in_course(TRAIN, Path(course))
        with terminal([*INITPLAY, "--lessons", course]) as opened:
            opened.wait_for("lab ready")
            numbers = count(1)
            press_run(opened, next(numbers))
            bare.drain(TRAIN)
            taken = alternate(
                lambda: press_run(opened, next(numbers)),
                lambda: bare.drain(TRAIN),
                3 if quick else 9,
                within=2 if quick else 15,
            )
    yield ratio(f"{TRAIN.what}: key to last word / generator drained", *taken, MOST)


def put_in_course(subject: Subject, course: Path) -> None:
    """A course of one step, with this experiment on the bench."""
    lesson = course / subject.lesson.name
    lesson.mkdir()
    (lesson / "experiment.py").write_bytes(subject.path.read_bytes())
    step = f"## Run\n\n```run {subject.experiment}\n```\n\nRun."
    (lesson / "lesson.md").write_text(f"# Run\n\n{step}\n\n## Sources\n\nNone.\n")


def press_run(opened: Terminal, number: int) -> float:
    opened.forget()
    began = time.perf_counter()
    opened.press("r")
    return opened.wait_for(re.compile(rf"run {number} · finished")) - began


class Bare:
    """Experiments in a process without the program."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def drain(self, subject: Subject) -> float:
        return self._measure(subject, events=True)

    def loop(self, subject: Subject) -> float:
        return self._measure(subject, events=False)

    def _measure(self, subject: Subject, *, events: bool) -> float:
        assert self._process.stdin and self._process.stdout
        order = {"path": str(subject.path), "experiment": subject.experiment, "knobs": subject.knobs}
        print(json.dumps({**order, "seed": SEED, "events": events}), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise Unmeasured(f"{subject.what} failed on its own; what it said is above.")
        return float(answer)


@contextmanager
def bare_process() -> Iterator[Bare]:
    """As nice as the worker, so that neither has the better of it."""
    with tempfile.TemporaryDirectory(prefix="initplay-bench-") as home:
        process = subprocess.Popen(
            ["nice", "-n", str(NICENESS), sys.executable, "-m", "benchmarks.bare"],
            env=environment(home),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield Bare(process)
        finally:
            process.kill()
            process.wait()


class Engine:
    """The lab without a screen: records a run as the playground does."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.client = Client(self)
        self.ready = loop.create_future()
        self._recording = Run()
        self._ended: asyncio.Future[Ending] = loop.create_future()

    def run(self, subject: Subject) -> float:
        """Seconds from asking for a run to having all of it."""
        return self._loop.run_until_complete(self._run(subject))

    async def _run(self, subject: Subject) -> float:
        self._recording = Run()
        self._ended = self._loop.create_future()
        began = time.perf_counter()
        self.client.run(
            lesson=subject.lesson.name,
            experiment=subject.experiment,
            filename=str(subject.path),
            source=subject.path.read_text(encoding="utf-8"),
            knobs=dict(subject.knobs),
            seed=SEED,
            data="embedded",
        )
        ending = await self._ended
        if not isinstance(ending, Finished):
            raise Unmeasured(ending.message)
        return time.perf_counter() - began

    def lab_ready(self, ready: wire.Ready) -> None:
        self.ready.set_result(ready)

    def lab_lost(self, reason: str) -> None:
        """The run's ending says it."""

    def lab_broken(self, reason: str) -> None:
        self.ready.set_exception(Unmeasured(reason))

    def run_events(self, run_id: int, events: list[Recorded]) -> None:
        for event in events:
            self._recording.add(event)
        if isinstance(events[-1], Finished | Failed):
            self._ended.set_result(events[-1])


@contextmanager
def engine() -> Iterator[Engine]:
    """With torch loaded."""
    loop = asyncio.new_event_loop()
    lab = Engine(loop)
    loop.run_until_complete(lab.client.open())
    try:
        loop.run_until_complete(lab.ready)
        yield lab
    finally:
        loop.run_until_complete(lab.client.close())
        loop.close()
