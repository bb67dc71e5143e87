"""An engine whose runs are kept as they come, so that a test can wait for them."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import psutil

from initplay.engine import wire
from initplay.engine.engine import Engine
from initplay.engine.order import Order
from initplay.engine.running import OneRun, Running
from initplay.lab.events import Ending, Failed, Finished, Note, Point, Recorded, Started, Stopped
from initplay.recording.run import Run, replay

DEADLINE = 90.0
"""Seconds after which a test that waits has failed; nothing is slow enough to come near it."""

HEAD = "from initplay.lab import Histogram, Image, Note, Point, Result, Row, Axes\nimport torch\n"
"""The first two lines of every source: what stands in the test begins at line 3."""

SPIN = """
def go():
    yield Note("spinning")
    while True:
        pass
"""
IGNORE_SIGTERM = """
import signal

def go():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    yield Note("spinning")
    while True:
        pass
"""
HOLD_THE_INTERPRETER = """
def go():
    yield Note("spinning")
    sum(range(10**15))
"""
COUNT = """
def go(steps=5):
    for step in range(steps):
        yield Point("c", step, step)
        yield Note(str(step))
"""
SOUND = """
def go():
    torch.nn.init.ones_(torch.empty(1))
    print("sound")
    yield Point("c", 1, torch.relu(torch.tensor(2.0)), series="fine")
"""


async def are_gone(processes: list[psutil.Process]) -> None:
    """Wait until these have ended; a zombie has, though nobody fetched how."""
    await eventually(lambda: not any(map(_lives, processes)))


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait until that holds, of which nobody tells."""

    async def wait() -> None:
        while not holds():
            await asyncio.sleep(0.01)

    await asyncio.wait_for(wait(), DEADLINE)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it ended between the two questions
        return False


def children() -> list[psutil.Process]:
    """What lives of the processes that this one has started, but for those that serve all tests."""
    return [child for child in psutil.Process().children() if _is_of_a_test(child)]


def _is_of_a_test(child: psutil.Process) -> bool:
    try:
        command = " ".join(child.cmdline())
        return "shared_server" not in command and "tests/forking.py" not in command
    except psutil.NoSuchProcess:  # it ended in between, or nobody has asked yet how it ended
        return False


class Lab:
    """An engine and its listener; of each run, by its number, what came of it."""

    def __init__(self, **how: Any) -> None:
        self.engine = Engine(self, **how)
        self.events: dict[int, list[Recorded]] = {}
        self.runs: list[Running] = []
        self.ready: wire.Ready | None = None
        self.lost: list[str] = []
        self.broken: list[str] = []
        self._changed = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def opened(cls, *, ready: bool = False, **how: Any) -> AsyncIterator[Lab]:
        """One that is closed at the end, and if asked for waited for until torch is loaded."""
        lab = cls(**how)
        await lab.engine.open()
        try:
            if ready:
                await lab.until(lambda: lab.ready is not None)
            yield lab
        finally:
            await lab.engine.close()

    def engine_ready(self, ready: wire.Ready) -> None:
        self.ready = ready
        self._changed.set()

    def engine_lost(self, reason: str) -> None:
        self.ready = None
        self.lost.append(reason)
        self._changed.set()

    def engine_broken(self, reason: str) -> None:
        self.broken.append(reason)
        self._changed.set()

    def take(self, run_id: int, events: list[Recorded]) -> None:
        assert run_id not in self.events or not self.ending(run_id), "events after the ending"
        if isinstance(events[0], Started):
            self.events[run_id] = []
        self.events.setdefault(run_id, []).extend(events)
        self._changed.set()

    def start(
        self,
        source: str,
        experiment: str = "go",
        *,
        seed: int = 1,
        paused: bool = False,
        pace: float | None = None,
        among_many: bool = False,
        **asked: Any,
    ) -> int:
        usual: dict[str, Any] = {"knobs": {}, "seeds": (seed,), "lesson": "trouble", "device": "cpu"}
        usual["filename"] = "experiment.py"
        source = HEAD + textwrap.dedent(source).lstrip("\n")
        order = Order(source=source, experiment=experiment, **usual | asked)
        run_id = len(self.runs)
        take = partial(self.take, run_id)
        if among_many:
            self.runs.append(self.engine.start_among_many(order, take))
        else:
            self.runs.append(self.engine.start(order, take, paused=paused, pace=pace))
        return run_id

    def stop(self, run_id: int) -> None:
        self.runs[run_id].stop()

    async def run(self, source: str, experiment: str = "go", **asked: Any) -> Run:
        """Run it to its end."""
        return await self.ended(self.start(source, experiment, **asked))

    async def ended(self, run_id: int) -> Run:
        await self.until(lambda: self.ending(run_id) is not None)
        return replay(self.events[run_id])

    async def said(self, run_id: int, text: str) -> None:
        """Wait until the run has yielded this note."""
        await self.until(lambda: Note(text) in self.events.get(run_id, []))

    async def until(self, holds: Callable[[], bool]) -> None:
        async def wait() -> None:
            while not holds():
                self._changed.clear()
                await self._changed.wait()

        await asyncio.wait_for(wait(), DEADLINE)

    def ending(self, run_id: int) -> Ending | None:
        events = self.events.get(run_id)
        return events[-1] if events and isinstance(events[-1], Finished | Failed | Stopped) else None

    async def is_sound(self) -> None:
        """The next run has its own events and nothing else."""
        run = await self.run(SOUND)
        assert isinstance(run.ending, Finished), run.ending
        assert "".join(run.printed) == "sound\n"
        others = [event for event in run.events[1:-1] if not hasattr(event, "text")]
        assert others == [Point("c", 1.0, 2.0, "fine")]

    async def process(self, run_id: int) -> psutil.Process:
        """The process that a run goes on in. Its number, which the server tells, may come after an event."""
        run = self.runs[run_id]
        assert isinstance(run, OneRun) and run._process is not None
        while not run._process.pid:
            await asyncio.sleep(0.01)
        return psutil.Process(run._process.pid)

    def has_process(self, run_id: int) -> bool:
        run = self.runs[run_id]
        return isinstance(run, OneRun) and run._process is not None and run._process.pid != 0

    @property
    def server(self) -> psutil.Process:
        """The fork server, found from outside."""
        return children()[0]
