"""The lab without a screen: one run from its request to its ending, or a look at what the lab can do."""

from __future__ import annotations

import asyncio
import itertools
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from types import FrameType
from typing import Any

from initplay.engine import wire
from initplay.engine.client import Client
from initplay.lab.events import Failed, Finished, Recorded, Started
from initplay.recording.run import Run
from initplay.recording.seeds import so_far

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What ends a program from outside: Ctrl-C, `kill`, and a terminal that is gone."""


class Refused(Exception):
    """The run could not begin as it was asked for, such as on a device that is not here; one sentence."""


class LabBroken(Exception):
    """The worker cannot be started; one sentence."""


@dataclass(frozen=True)
class Request:
    """What to run."""

    lesson: str
    experiment: str
    filename: str
    """The name that tracebacks show."""
    source: str
    knobs: dict[str, Any]
    seed: int
    device: str
    data: str


def perform(request: Request, take: Callable[[Recorded], None]) -> Run:
    """Run it and hand over each event as it comes, the ending last.

    The first of SIGNALS stops the experiment, which then ends as `Stopped`; the second raises
    KeyboardInterrupt. Raises Refused, before any event, and whatever `take` raises; the worker is gone then.
    """
    return asyncio.run(_perform([request], take))[0]


def perform_fan(request: Request, seeds: int, done: Callable[[int], None]) -> Run:
    """Run it over so many seeds, from the request's on, and return the fan of those that finished.

    `done` is told after each how many have. It ends with the first that does not finish, as that one did, or
    as stopped where a signal came between two. Signals and errors are those of `perform`.
    """
    finished = itertools.count(1)

    def count(event: Recorded) -> None:
        if isinstance(event, Finished):
            done(next(finished))

    runs = asyncio.run(_perform([replace(request, seed=request.seed + n) for n in range(seeds)], count))
    return so_far(runs, stopped=len(runs) < seeds)


def wake(patience: float) -> wire.Ready:
    """Start the lab, ask what it found, and end it. Raises LabBroken, also after `patience` seconds."""
    return asyncio.run(_wake(patience))


async def _perform(requests: Iterable[Request], take: Callable[[Recorded], None]) -> list[Run]:
    """One after the other in one worker, until one does not finish or a signal stops it."""
    runs: list[Run] = []
    lab = _Lab()
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True  # also where the run has just finished, and so cannot be stopped any more
        lab.client.stop()

    with _on_signal(stop):
        try:
            for request in requests:
                lab.client.run(**asdict(request))  # before all else, so that a signal always finds a run
                if not runs:
                    await lab.open()
                runs.append(await _recorded(lab, take))
                if stopped or not isinstance(runs[-1].ending, Finished):
                    break
        finally:
            await lab.client.close()
    return runs


async def _recorded(lab: _Lab, take: Callable[[Recorded], None]) -> Run:
    run = Run()
    while run.ending is None:
        batch = await lab.events.get()
        if isinstance(batch, Refused):
            raise batch
        for event in batch:
            run.add(event)
            take(event)
    return run


async def _wake(patience: float) -> wire.Ready:
    lab = _Lab()
    try:
        await lab.open()
        return await asyncio.wait_for(lab.found, patience)
    except asyncio.TimeoutError:
        raise LabBroken(f"torch was not loaded within {patience:.0f} seconds.") from None
    finally:
        await lab.client.close()


class _Lab:
    """Listens to the client, and keeps what it says until somebody awaits it."""

    def __init__(self) -> None:
        self.client = Client(self)
        self.found: asyncio.Future[wire.Ready] = asyncio.get_running_loop().create_future()
        self.events: asyncio.Queue[list[Recorded] | Refused] = asyncio.Queue()
        self._begun = False

    async def open(self) -> None:
        try:
            await self.client.open()
        except OSError as error:
            raise LabBroken(f"{sys.executable} cannot be started ({error.strerror}).") from error

    def lab_ready(self, ready: wire.Ready) -> None:
        if not self.found.done():
            self.found.set_result(ready)

    def lab_lost(self, reason: str) -> None:
        """Nothing to add: the run's ending has said so, and without a run another worker starts."""

    def lab_broken(self, reason: str) -> None:
        if not self.found.done():
            self.found.set_exception(LabBroken(reason))
            self.found.exception()  # looked at, lest asyncio complain where only a run is awaited

    def run_events(self, run_id: int, events: list[Recorded]) -> None:
        first = events[0]
        self._begun = self._begun or isinstance(first, Started)
        if isinstance(first, Failed) and not self._begun and self.client.ready:
            # The worker lives and would not begin: what was asked for is not to be had.
            self.events.put_nowait(Refused(first.message))
        else:
            self.events.put_nowait(events)


@contextmanager
def _on_signal(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` on the loop at the first of SIGNALS.

    Plain handlers, for they also run while a write waits for a reader that has fallen asleep: there the
    second signal gets through. What was ignored (nohup) stays ignored.
    """
    loop = asyncio.get_running_loop()
    asked = False

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        loop.call_soon_threadsafe(stop)

    before = {number: signal.getsignal(number) for number in SIGNALS}
    heeded = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in heeded:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number in heeded:
            signal.signal(number, before[number])
