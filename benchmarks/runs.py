"""Experiments to measure with, alone and on the screen: from a key press to the last word."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, Unmeasured, alternate, longer, ratio
from benchmarks.launch import INITPLAY
from benchmarks.playing import COURSE
from benchmarks.terminal import ROOT, Terminal, environment, terminal
from initplay.worker.manners import NICENESS

MOST = 1.10
MOST_LONGER = 0.040
"""Seconds that a run of 20 ms may take longer on the screen."""
SEED = 42
BETWEEN_RUNS = 0.3
"""Seconds in which a learner looks at what came of the last run, and the process of the next one is made.

They cost what runs after them more than the engine does: a core that was idle begins slowly, and its cache is
cold. What is compared begins from the same rest."""


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
LAYER = Subject("blowup/first_layer", LESSONS / "02_blowup", "first_layer", {})
CHAIN = Subject("blowup/chain", LESSONS / "02_blowup", "chain", {"depth": 200, "width": 1024, "scale": 0.04})
BURST = Subject("2,400 events with nothing to compute", COURSE / "02_burst", "burst", {})
SPIN = Subject("a run that does not listen", COURSE / "03_trouble", "spin", {})
PICTURES = Subject("400 pictures of 1000x1000", COURSE / "03_trouble", "pictures", {})


def on_screen(quick: bool) -> Iterator[Figure]:
    """The same, drawn while it runs: from the key press to the word that it has finished."""
    taken = _pressed_and_drained(TRAIN, quick, MOST)
    yield ratio(f"{TRAIN.what}: key to last word / generator drained", *taken, MOST)
    taken = _pressed_and_drained(LAYER, quick)
    yield longer(f"{LAYER.what}: key to last word - generator drained", *taken, MOST_LONGER)


def _pressed_and_drained(
    subject: Subject, quick: bool, most: float | None = None
) -> tuple[list[float], list[float]]:
    with tempfile.TemporaryDirectory(prefix="initplay-bench-") as course, bare_process() as bare:
        put_in_course(subject, Path(course))
        with terminal([*INITPLAY, "--lessons", course]) as opened:
            opened.wait_for("lab ready")
            numbers = count(1)
            press_run(opened, next(numbers))
            bare.drain(subject)
            return alternate(
                lambda: press_run(opened, next(numbers)),
                lambda: bare.drain(subject),
                3 if quick else 15,
                within=2 if quick else 25,
                rest=lambda: opened.read(BETWEEN_RUNS),
                most=None if quick else most,
            )


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
    """As nice as a run of ours, so that neither has the better of it."""
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
