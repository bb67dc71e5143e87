"""The engine against the same experiment on its own; several seeds, restarts, and large recordings."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks.figures import Figure, Unmeasured, alternate, median, ratio
from benchmarks.runs import (
    BETWEEN_RUNS,
    BURST,
    CHAIN,
    LINEAR,
    MOST,
    PICTURES,
    SEED,
    SPIN,
    TRAIN,
    Subject,
    bare_process,
)
from initplay.engine import wire
from initplay.engine.cores import cores
from initplay.engine.engine import Engine
from initplay.engine.order import Order
from initplay.engine.running import Running
from initplay.lab.events import Failed, Finished, Recorded, Started, Stopped
from initplay.recording.run import Run

SEEDS = 8
MOST_RESTART = 0.1
"""Seconds from asking for the next run, of one that does not listen, to its first event."""
MOST_GROWTH = 120


def runs(quick: bool) -> Iterator[Figure]:
    def compared(
        ours: Callable[[], float], theirs: Callable[[], float], pairs: int = 9, most: float | None = None
    ) -> tuple[list[float], list[float]]:
        ours()  # torch's first use of anything is slow
        theirs()
        if quick:
            return alternate(ours, theirs, 3, 2, driver.rest)
        return alternate(ours, theirs, pairs, 1.5 * pairs, driver.rest, most)

    with bare_process() as bare, driven() as driver:
        for subject in (TRAIN, LINEAR, CHAIN):
            taken = compared(partial(driver.run, subject), partial(bare.drain, subject), 25, MOST)
            yield ratio(f"{subject.what}: engine / generator drained", *taken, MOST)
        for subject in (TRAIN, LINEAR):
            taken = compared(partial(driver.run, subject), partial(bare.loop, subject), most=MOST)
            yield ratio(f"{subject.what}: engine / loop without events", *taken, MOST)
        taken = compared(partial(bare.drain, TRAIN), partial(bare.loop, TRAIN))
        yield ratio(f"{TRAIN.what}: generator drained / loop without events", *taken)
        taken = compared(partial(driver.run, BURST), partial(bare.drain, BURST))
        yield ratio(f"{BURST.what}: engine / generator drained", *taken)


def seeds(quick: bool) -> Iterator[Figure]:
    """Several seeds side by side against one run."""
    with driven() as driver:
        driver.run(TRAIN)
        several, one = partial(driver.run, TRAIN, SEEDS), partial(driver.run, TRAIN)
        taken = alternate(several, one, 3 if quick else 7, within=20, rest=driver.rest)
    most = 1.2 * SEEDS / max(1, cores() - 1)
    yield ratio(f"{TRAIN.what}: {SEEDS} seeds on {cores()} cores / one run", *taken, most)


def restarts(quick: bool) -> Iterator[Figure]:
    """How soon the next run begins while the one before does not even listen."""
    with driven() as driver:
        driver.run(TRAIN)
        taken = [driver.restart() for _ in range(3 if quick else 9)]
    yield median(f"stopping {SPIN.what}, to the next run's first event", taken, MOST_RESTART)


def pictures(quick: bool) -> Iterator[Figure]:
    """What a recording that yields more than memory should hold makes of this process."""
    with driven() as driver:
        driver.run(TRAIN)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        driver.run(PICTURES)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / 1e6
    yield Figure(
        f"{PICTURES.what}: growth of the screen's side",
        f"{grown:.0f} MB",
        f"<= {MOST_GROWTH} MB",
        grown <= MOST_GROWTH,
    )


class Driver:
    """The engine without a screen: records a run as the playground does."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.engine = Engine(self, data="embedded")
        self.ready = loop.create_future()
        self.recording = Run()

    def run(self, subject: Subject, seed_count: int = 1) -> float:
        """Seconds from asking for a run to having all of it."""
        return self._loop.run_until_complete(self._run(subject, seed_count))

    def rest(self) -> None:
        """As a learner does who looks at what came; the process of the next run is made meanwhile."""
        self._loop.run_until_complete(asyncio.sleep(BETWEEN_RUNS))

    async def _run(self, subject: Subject, seed_count: int) -> float:
        order = _order(subject, seed_count)
        began = time.perf_counter()
        _, ended = self._start(order)
        ending = await ended
        if not isinstance(ending, Finished):
            raise Unmeasured(f"{subject.what}: {ending}")
        return time.perf_counter() - began

    def restart(self) -> float:
        """Seconds from stopping a run that spins to the first event of the next."""
        return self._loop.run_until_complete(self._restart())

    async def _restart(self) -> float:
        spinning, ended = self._start(_order(SPIN))
        following = _order(TRAIN)
        while not self.recording.notes.items:
            await asyncio.sleep(0.001)
        began = time.perf_counter()
        spinning.stop()
        running, _ = self._start(following)
        while self.recording.started is None:
            await asyncio.sleep(0)
        taken = time.perf_counter() - began
        running.stop()
        await ended
        return taken

    def _start(self, order: Order) -> tuple[Running, asyncio.Future[Finished | Failed | Stopped]]:
        run = self.recording = Run()
        ended: asyncio.Future[Finished | Failed | Stopped] = self._loop.create_future()

        def take(events: list[Recorded]) -> None:
            nonlocal run
            if isinstance(events[0], Started) and run.started is not None:
                run = self.recording = Run()
            for event in events:
                run.add(event)
            if run.ending is not None:
                ended.set_result(run.ending)

        return self.engine.start(order, take), ended

    def engine_ready(self, ready: wire.Ready) -> None:
        self.ready.set_result(ready)

    def engine_lost(self, reason: str) -> None:
        """The run's ending says it."""

    def engine_broken(self, reason: str) -> None:
        self.ready.set_exception(Unmeasured(reason))


def _order(subject: Subject, seed_count: int = 1) -> Order:
    return Order(
        lesson=subject.lesson.name,
        experiment=subject.experiment,
        filename=str(subject.path),
        source=subject.path.read_text(encoding="utf-8"),
        knobs=dict(subject.knobs),
        seeds=tuple(range(SEED, SEED + seed_count)),
        device="cpu",
        data="embedded",
    )


@contextmanager
def driven() -> Iterator[Driver]:
    """With torch loaded."""
    loop = asyncio.new_event_loop()

    async def made() -> Driver:
        driver = Driver(loop)
        await driver.engine.open()
        await driver.ready
        return driver

    driver = loop.run_until_complete(made())
    try:
        yield driver
    finally:
        loop.run_until_complete(driver.engine.close())
        loop.close()
