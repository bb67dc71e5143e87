"""Runs without a screen: from an order to its ending, or a look at what this machine can do."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from initplay.engine import wire
from initplay.engine.engine import Engine
from initplay.engine.order import Order
from initplay.engine.patience import within
from initplay.engine.running import Running
from initplay.lab.events import Failed, Recorded, Started
from initplay.recording.run import Run

Watch = Callable[[list[Recorded], Run], None]
"""Is given each batch of events, and the recording with these in it."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What ends a program from outside: Ctrl-C, `kill`, and a terminal that is gone."""


class Refused(Exception):
    """The run could not begin as it was asked for, such as on a device that is not here; one sentence."""


class EngineBroken(Exception):
    """Nothing can be run here; one sentence."""


def perform(order: Order, watch: Watch) -> Run:
    """Run it, hand over each batch of events as it comes, and return the recording.

    The first of SIGNALS stops the experiment, which then ends as `Stopped`; the second raises
    KeyboardInterrupt. Raises Refused, before any event, and whatever `watch` raises; no process is left then.
    """
    return asyncio.run(_perform(order, watch))


def wake(patience: float) -> wire.Ready:
    """Load torch, ask what there is, and end it. Raises EngineBroken, also after `patience` seconds."""
    return asyncio.run(_wake(patience))


async def _perform(order: Order, watch: Watch) -> Run:
    listener = _Listener()
    engine = Engine(listener, data=order.data)
    batches: asyncio.Queue[list[Recorded]] = asyncio.Queue()
    running = engine.start(order, batches.put_nowait)  # before all else: a signal always finds a run
    with _on_signal(running.stop):
        try:
            await _open(engine)
            return await _recorded(batches, running, watch)
        finally:
            await engine.close()


async def _recorded(batches: asyncio.Queue[list[Recorded]], running: Running, watch: Watch) -> Run:
    run = Run()
    while run.ending is None:
        batch = await batches.get()
        first = batch[0]
        if isinstance(first, Started):
            run = Run()
        elif isinstance(first, Failed) and running.refused:
            raise Refused(first.message)
        for event in batch:
            run.add(event)
        watch(batch, run)
    return run


async def _wake(patience: float) -> wire.Ready:
    listener = _Listener()
    engine = Engine(listener, measures=True)
    try:
        await _open(engine)
        return await within(patience, listener.found)
    except asyncio.TimeoutError:
        raise EngineBroken(f"torch was not loaded within {patience:.0f} seconds.") from None
    finally:
        await engine.close()


async def _open(engine: Engine) -> None:
    try:
        await engine.open()
    except OSError as error:
        raise EngineBroken(f"{sys.executable} cannot be started ({error.strerror}).") from error


class _Listener:
    """Keeps what the engine says until somebody awaits it."""

    def __init__(self) -> None:
        self.found: asyncio.Future[wire.Ready] = asyncio.get_running_loop().create_future()

    def engine_ready(self, ready: wire.Ready) -> None:
        if not self.found.done():
            self.found.set_result(ready)

    def engine_lost(self, reason: str) -> None:
        """Nothing to add: the run's ending has said so, and without a run another one starts."""

    def engine_broken(self, reason: str) -> None:
        if not self.found.done():
            self.found.set_exception(EngineBroken(reason))
            self.found.exception()  # looked at, lest asyncio complain where only a run is awaited


@contextmanager
def _on_signal(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` on the loop at the first of SIGNALS.

    Plain handlers, for they also run while a write waits for a reader that has fallen asleep: there the
    second signal gets through.
    """
    loop = asyncio.get_running_loop()
    asked = False

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        loop.call_soon_threadsafe(stop)

    with on_signals(handle):
        yield


@contextmanager
def on_signals(handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Handle SIGNALS so; what was ignored (nohup) stays ignored."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    heeded = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in heeded:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number in heeded:
            signal.signal(number, before[number])
