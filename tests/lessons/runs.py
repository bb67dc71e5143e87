"""Runs of the course's experiments, made in this process by the engine itself from the lesson's source."""

from __future__ import annotations

import fcntl
import io
import os
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from bundled import COURSE

from initplay.course.course import Course
from initplay.course.exercise import exercise_of
from initplay.course.lesson import Goal
from initplay.course.prediction import Predict
from initplay.engine.order import Order
from initplay.engine.wire import LENGTH_SIZE, Events, Start, length, report
from initplay.lab.events import Failed, Recorded
from initplay.lab.yours import yours_of
from initplay.recording.run import Run, replay
from initplay.worker.control import Control
from initplay.worker.outbox import Outbox
from initplay.worker.perform import perform as perform_in_engine

RUNS_OF_THIS_SESSION = "INITPLAY_TEST_RUNS"
"""Names the folder where the processes that share the tests find the runs that one of them has made."""
LESSONS = Path(__file__).resolve().parents[2] / "lessons"
LONG = "INITPLAY_LONG" in os.environ
SEEDS = (0, 1, 2, 3, 42) if LONG else (0, 42)
"""42 is the seed that a first start runs with."""
MORE_SEEDS = (*range(10), 42) if LONG else (*range(5), 42)
"""For what scatters from draw to draw."""

SHORT: dict[tuple[str, str], dict[str, Any]] = {
    ("leaderboard", "table"): {"iterations": 50},
    ("deep", "angle"): {"width": 128},
    ("deep", "lsuv"): {"depth": 6},
    ("deep", "phase"): {"depth": 12},
    ("deep", "fixup"): {"steps": 10},
    ("deep", "edge"): {"steps": 10},
    ("deep", "function"): {"depth": 4},
    ("deep", "norm"): {"steps": 10},
    ("deep", "coordinate"): {"width": 256},
    ("deep", "transfer"): {"width": 64, "steps": 5},
    ("sandbox", "net"): {"steps": 2},
    ("sandbox", "clinic"): {"steps": 2},
}
"""What would take long, where its other knobs are turned, each to its ends."""


def course() -> Course:
    return COURSE


def perform(lesson: str, experiment: str, *, seed: int = 42, data: str = "embedded", **knobs: Any) -> Run:
    """The finished run, with the knobs given and the defaults of the others. AssertionError if it failed."""
    return perform_with("", lesson, experiment, seed=seed, data=data, **knobs)


def perform_anew(lesson: str, experiment: str, *, seed: int, **knobs: Any) -> Run:
    """The same, though it was made before."""
    checked = course().find(lesson).experiment(experiment).check(knobs)
    return _recorded(_make(lesson, experiment, seed, "embedded", checked))


def perform_on(device: str, lesson: str, experiment: str, *, seed: int = 42) -> Run:
    """The run on a device of this machine's, with every knob at its default."""
    checked = course().find(lesson).experiment(experiment).check({})
    try:
        return _recorded(_make(lesson, experiment, seed, "embedded", checked, device=device))
    finally:
        torch.set_default_device(None)  # a process of the engine makes nothing else


def perform_with(
    mine: str, lesson: str, experiment: str, *, seed: int = 42, data: str = "embedded", **knobs: Any
) -> Run:
    """The run with this text as what the learner wrote for the lesson's exercise."""
    checked = course().find(lesson).experiment(experiment).check(knobs)
    return _perform(lesson, experiment, seed, data, tuple(checked.items()), mine)


def perform_with_solution(lesson: str, experiment: str, **more: Any) -> Run:
    """The run with the exercise's solution."""
    return perform_with(exercise_of(course().find(lesson)).solution, lesson, experiment, **more)


@lru_cache(maxsize=128)
def _perform(
    lesson: str, experiment: str, seed: int, data: str, knobs: tuple[tuple[str, Any], ...], mine: str
) -> Run:
    address = (lesson, experiment, seed, data, knobs, mine, torch.get_num_threads())
    kept = Path(os.environ[RUNS_OF_THIS_SESSION], sha256(repr(address).encode()).hexdigest())
    with kept.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # who comes second waits and reads
        file.seek(0)
        frames = file.read()
        if not frames:
            frames = _make(lesson, experiment, seed, data, dict(knobs), mine)
            file.write(frames)
    return _recorded(frames)


def _make(
    lesson: str,
    experiment: str,
    seed: int,
    data: str,
    knobs: dict[str, Any],
    mine: str = "",
    device: str = "cpu",
) -> bytes:
    """What goes up the pipe in one run."""
    found = course().find(lesson)
    order = Order(
        lesson=lesson,
        experiment=experiment,
        filename=str(found.source_path),
        source=found.source,
        knobs=knobs,
        seeds=(seed,),
        device=device,
        data=data,
        mine=mine,
    )
    start = Start(order=order, seed=seed, threads=torch.get_num_threads())
    pipe = io.BytesIO()
    outbox = Outbox(pipe)
    try:
        outbox.end(perform_in_engine(start, Control(), outbox))
    finally:
        if mine:
            yours_of(ModuleType("nobody's"))  # a process of the engine makes one run and ends
    return pipe.getvalue()


def _recorded(frames: bytes) -> Run:
    run = replay(_received(frames))
    assert not isinstance(run.ending, Failed), f"{run.ending.message}\n{run.ending.traceback}"
    return run


def _received(frames: bytes) -> list[Recorded]:
    """The events in what went up the pipe."""
    events: list[Recorded] = []
    while frames:
        end = LENGTH_SIZE + length(frames[:LENGTH_SIZE])
        message = report(frames[LENGTH_SIZE:end])
        assert isinstance(message, Events)
        events += message.events
        frames = frames[end:]
    return events


def answer(lesson: str, words: str) -> str:
    """The option that the lesson says is right, for its one prediction whose question contains `words`."""
    (asked,) = (b for b in course().find(lesson).blocks if isinstance(b, Predict) and words in b.ask)
    assert asked.answer is not None
    return asked.options[asked.answer - 1]


def goal(lesson: str, target: str) -> Goal:
    """The lesson's one goal that has this target."""
    (found,) = (b for b in course().find(lesson).blocks if isinstance(b, Goal) and target in b.targets)
    return found


def missed(goal: Goal, run: Run) -> tuple[str, ...]:
    """The targets of the goal that the run missed, judged as the screen judges them."""
    assert run.started is not None
    return goal.missed({**run.started.knobs, **run.facts})
