"""What came out of one run, without its recording: all that a sweep keeps of a thousand of them.

`outcome_of` is a plain function of an order, to be submitted to any `concurrent.futures.Executor`: threads of
this process, or processes of a cluster. Each process that it is called in has one engine for all its calls.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
from concurrent.futures import CancelledError, Future
from typing import Any

import msgspec

from initplay.engine import wire
from initplay.engine.engine import Engine
from initplay.engine.order import Order
from initplay.engine.running import RETRIES, was_killed
from initplay.lab.events import Facts, Failed, Finished, Recorded, Stopped


class Outcome(msgspec.Struct, frozen=True):
    """The facts of a run, and how it ended."""

    facts: dict[str, Any]
    ending: str
    """ "finished", "failed" or "stopped"."""
    message: str = ""
    """Where it did not finish, why, in one sentence."""
    seconds: float = 0.0
    """What the run took by itself, where it finished."""


def outcome_of(order: Order) -> Outcome:
    """Run it as one among many (`Engine.start_among_many`); blocks.

    May be called from several threads at once. Never raises for what the run does.
    """
    engine = _engine_of_this_process(order.data)
    for _ in range(RETRIES):
        outcome = engine.run(order)
        if not was_killed(outcome.message):
            return outcome
    return engine.run(order)


def close() -> None:
    """End the engine of this process, if there is one, and every run that is still going."""
    global _engine
    with _lock:
        engine, _engine = _engine, None
    if engine:
        engine.close()


class _Background:
    """An engine on a loop in a thread of its own."""

    def __init__(self, data: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="engine", daemon=True)
        self._thread.start()
        self._asked: set[Future[Outcome]] = set()
        self._asking = threading.Lock()
        self._closed = False
        self._engine: Engine = asyncio.run_coroutine_threadsafe(self._open(data), self._loop).result()

    async def _open(self, data: str) -> Engine:
        engine = Engine(_Nobody(), data=data)
        await engine.open()
        return engine

    def run(self, order: Order) -> Outcome:
        """Raises CancelledError where the engine is closed, or is so meanwhile."""
        with self._asking:
            if self._closed:
                raise CancelledError
            asked = asyncio.run_coroutine_threadsafe(self._run(order), self._loop)
            self._asked.add(asked)
        asked.add_done_callback(self._asked.discard)
        return asked.result()

    async def _run(self, order: Order) -> Outcome:
        ended: asyncio.Future[Outcome] = self._loop.create_future()
        facts: dict[str, Any] = {}

        def take(batch: list[Recorded]) -> None:
            for event in batch:
                if isinstance(event, Facts):
                    facts.update(event.values)
            if not ended.done() and (outcome := _ended(batch[-1], facts)):
                ended.set_result(outcome)

        self._engine.start_among_many(order, take)
        return await ended

    def close(self) -> None:
        with self._asking:
            self._closed = True  # what is asked from now on would never be answered
        for asked in list(self._asked):
            asked.cancel()
        asyncio.run_coroutine_threadsafe(self._engine.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def _ended(event: Recorded, facts: dict[str, Any]) -> Outcome | None:
    """What the last event of a run makes of it; None for any other."""
    if isinstance(event, Finished):
        return Outcome(facts, "finished", seconds=event.seconds)
    if isinstance(event, Failed):
        return Outcome(facts, "failed", event.message)
    if isinstance(event, Stopped):
        return Outcome(facts, "stopped", event.message or "It was stopped.")
    return None


class _Nobody:
    """Whoever waits for a run hears of a broken engine by its ending."""

    def engine_ready(self, ready: wire.Ready) -> None: ...

    def engine_lost(self, reason: str) -> None: ...

    def engine_broken(self, reason: str) -> None: ...


_lock = threading.Lock()
_engine: _Background | None = None


def _engine_of_this_process(data: str) -> _Background:
    global _engine
    with _lock:
        if _engine is None:
            _engine = _Background(data)
            atexit.register(close)
        return _engine
