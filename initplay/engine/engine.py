"""Starts runs: each in a fresh process, which is there before it is asked for.

Everything here happens on one asyncio loop. Nothing is awaited by whoever starts a run, and no run waits for
another to end.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from initplay.engine import wire
from initplay.engine.cores import cores
from initplay.engine.fork_server import ForkServer
from initplay.engine.order import Order
from initplay.engine.own_server import SHARED, OwnServer
from initplay.engine.process import Death, Process
from initplay.engine.running import Broken, OneRun, Running, Take
from initplay.engine.several import SeveralRuns
from initplay.engine.spares import Spares
from initplay.engine.turn import FOLDER, Line, Turn, at_once

MAX_FAILED_STARTS = 2
NO_FILES = " No file may be written here: `ulimit -f unlimited`, then start it again."
_AGAIN = 0.01
"""Seconds until a run asks again for a process."""
_TURN = 0.2
"""Seconds until a run looks again whether its turn at a device has come."""
Maker = ForkServer | Spares


class Listener(Protocol):
    """Who wants to know how the engine is. Called on the loop; must return soon."""

    def engine_ready(self, ready: wire.Ready) -> None:
        """torch is loaded; runs start at once from now on."""

    def engine_lost(self, reason: str) -> None:
        """What makes processes is gone and is started again; the reason is one sentence."""

    def engine_broken(self, reason: str) -> None:
        """No process can be made, until somebody asks for a run again; the reason is one sentence."""


class Engine:
    """Starts runs, each with a process of its own."""

    def __init__(
        self,
        listener: Listener,
        *,
        data: str = "auto",
        maker: type[Maker] | None = None,
        server: OwnServer | None = None,
        measures: bool = False,
    ) -> None:
        """`data` are the digits that most orders will ask for: they are read once for all, by `server` where
        that was started ahead. Who `measures` is told what is free on each device, which takes a context on
        it."""
        self._listener = listener
        self._data = data
        self._measures = measures
        self._kind = maker or (Spares if sys.platform == "darwin" else ForkServer)
        self._server = server
        self._maker: Maker | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        """Set also when it is broken: then nobody waits any more."""
        self._broken = ""
        """Why nothing can be run."""
        self._accelerators: list[str] = []
        self._lines: dict[str, Line] = {}
        """By the name of the device; where nobody waits for it there is none."""
        self._spare: Process | None = None
        """The next run's process."""
        self._preparing: asyncio.Task[None] | None = None
        self._warms = True
        """Whether it is warmed. One among many is not waited for, and may have no use for that."""
        self._kept: dict[str, Process] = {}
        """Processes that hold a context on an accelerator, by its name."""
        self._runs: set[asyncio.Task[None]] = set()
        self._errors: list[Exception] = []
        """What was raised by those who took the events."""

    @property
    def state(self) -> str:
        """ "ready", "loading" or "broken"."""
        if self._broken:
            return "broken"
        return "ready" if self._ready.is_set() else "loading"

    async def open(self) -> None:
        """Begin to load torch; returns long before it is loaded. Raises OSError, once the listener was told.

        Call it on the main thread: on Linux the processes die with the thread that started the first.
        """
        try:
            self._maker = await self._first_maker()
        except OSError as error:
            self._break(f"The lab cannot be started: {error.strerror or error}.{_without_files()}")
            raise
        self._begin_to_supervise(self._maker)

    async def _first_maker(self) -> Maker:
        """Raises OSError."""
        server, self._server = self._server, None
        return await (ForkServer.open(self._data, server) if server else self._kind.open(self._data))

    def start(
        self,
        order: Order,
        take: Take,
        *,
        paused: bool = False,
        pace: float | None = None,
    ) -> Running:
        """Run it. Where nothing can run, `take` is soon given a `Failed` that says why."""
        self._warms = True
        self._try_again_if_broken()
        if len(order.seeds) == 1:
            return self._start(order, take, threads=_threads(1), paused=paused, pace=pace)
        seeds = len(order.seeds)
        threads = _threads(min(seeds, side_by_side(self._device_of(order))))

        def begin(one: Order, take_one: Take, paused: bool, pace: float | None) -> Running:
            return self._start(one, take_one, threads=threads, paused=paused, pace=pace)

        return SeveralRuns(order, take, begin, side_by_side, paused=paused, pace=pace)

    def start_among_many(self, order: Order, take: Take) -> Running:
        """Run an order for one seed, of which many more are to come: on one thread of torch, so that its
        numbers are those of any other machine's cores. Of its events `take` is given the beginning, the facts
        and the ending."""
        self._warms = False
        return self._start(order, take, threads=1, among_many=True)

    def _start(
        self,
        order: Order,
        take: Take,
        *,
        threads: int,
        paused: bool = False,
        pace: float | None = None,
        among_many: bool = False,
    ) -> Running:
        if self._maker and not (order.edited or order.mine or order.examines or order.checks):
            self._maker.compile(order.source, order.filename)
        run = OneRun(order, take, self, threads=threads, paused=paused, pace=pace, among_many=among_many)
        self._runs.add(run.task)
        run.task.add_done_callback(self._runs.discard)
        return run

    async def close(self) -> None:
        """End every process, and wait until all are gone. A run still going gets no ending.

        Raises what a listener raised, or whoever took the events.
        """
        supervisor, self._supervisor = self._supervisor, None
        tasks = [task for task in (supervisor, *self._runs) if task]
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        if self._maker is not None:  # it was only just opened, and the supervisor had not begun
            await self._retire(self._maker)
        for outcome in [*outcomes, *self._errors]:
            if isinstance(outcome, Exception):
                raise outcome

    # For the runs

    def at_hand(self, order: Order) -> Process | None:
        """A process in which this order may begin at once; None where it has to wait for one."""
        if self.state != "ready" or self._maker is None:
            return None
        device = self._device_of(order)
        if device in self._kept:  # it has its turn still
            return _living(self._kept.pop(device))
        return self._take_spare() if device not in self._lines else None

    def _take_spare(self) -> Process | None:
        spare, self._spare = self._spare, None
        return _living(spare)

    async def take(self, order: Order, waits: Callable[[int | None], None]) -> Process:
        """A process for this order, once torch is loaded and it has a turn at its device. Raises Broken.

        `waits` is told how many come first, and None when the turn has come.
        """
        await self._ready.wait()
        if process := self.at_hand(order):
            return process
        device = self._device_of(order)
        turn = Turn(self._lines[device]) if device in self._lines else None
        try:
            if turn:
                await self._until_its(turn, waits)
            process = await self._new()
        except BaseException:
            if turn:
                turn.leave()
            raise
        if turn:
            process.exit.add_done_callback(lambda _: turn.leave())
        return process

    async def _until_its(self, turn: Turn, waits: Callable[[int | None], None]) -> None:
        """Raises Broken."""
        try:
            while not turn.has_come() and not self._broken:
                waits(turn.before)
                await asyncio.sleep(_TURN)
        except OSError as error:
            raise Broken(f"No turn can be had in {os.environ.get(FOLDER)}: {error.strerror}.") from error
        waits(None)

    async def _new(self) -> Process:
        """A process that nothing has run in, made ahead or now. Raises Broken."""
        while True:
            await self._ready.wait()
            if self._broken:
                raise Broken(self._broken)
            if self._maker is None:
                raise Broken("The playground is closing.")
            if spare := self._take_spare():
                return spare
            try:
                return await self._maker.fresh()
            except ConnectionError:  # it is gone, and the supervisor hears of it now
                await asyncio.sleep(_AGAIN)
            except OSError as error:
                raise Broken(f"No process can be started for it: {error.strerror}.") from error

    def _device_of(self, order: Order) -> str:
        """As `Started` will have it, once it is known what there is."""
        device = self._accelerators[0] if order.device == "auto" and self._accelerators else order.device
        return {"cuda": "cuda:0", "auto": "cpu"}.get(device, device)

    def leave(self, process: Process, order: Order, device: str, *, failed: bool) -> None:
        """Keep the process where it holds what is dear, a context, and only ever ran a lesson's own text.

        What failed may have left the context of no use: after an assert on the device, all does that comes.
        """
        dear = (
            device != "cpu"
            and not failed
            and not (order.edited or order.mine or order.examines)
            and device not in self._kept
            and not self._is_wanted(device)
        )
        if dear and not process.is_doomed and self._maker is not None:
            self._kept[device] = process
        else:
            process.kill()
        self._prepare_spare()

    def _is_wanted(self, device: str) -> bool:
        """Whether a process that waits there for its next run may keep others from their turns: who keeps one
        only while less than half is taken leaves the other half to all."""
        try:
            return device in self._lines and self._lines[device].is_half_taken()
        except OSError:  # the folder is gone: the next run says so
            return True

    def is_waited_for(self, device: str) -> bool:
        """Whether others wait for a turn there."""
        try:
            return device in self._lines and self._lines[device].is_waited_for()
        except OSError:  # the folder is gone: the next run says so
            return False

    def failed(self, error: Exception) -> None:
        self._errors.append(error)

    def _prepare_spare(self) -> None:
        """Have the next process made and warmed, now that nothing waits for the core that this takes."""
        if self._spare is None and self._maker and self._ready.is_set() and not self._preparing:
            self._preparing = asyncio.create_task(self._make_spare(self._maker))

    async def _make_spare(self, maker: Maker) -> None:
        try:
            self._spare = await maker.fresh()
            if self._warms or not self._runs:  # or they were the last of the many
                self._spare.send(_warm(self._data))
        except OSError:
            pass  # then the run that wants a process tries again, and says so
        finally:
            self._preparing = None

    # What becomes of the maker

    def _try_again_if_broken(self) -> None:
        """Who asks for a run wants the lab: what kept it from starting may be over by now."""
        supervisor = self._supervisor  # none, where no maker could be opened at all
        over = supervisor is None or (supervisor.done() and not supervisor.exception())
        if self._broken and over:
            self._broken = ""
            self._ready.clear()
            self._listener.engine_lost("it had not started.")
            self._begin_to_supervise()

    def _begin_to_supervise(self, maker: Maker | None = None) -> None:
        self._supervisor = asyncio.create_task(self._supervise(maker))
        self._supervisor.add_done_callback(self._say_how_it_failed)

    async def _supervise(self, maker: Maker | None) -> None:
        """See to it that there is always one that works, this one or, where that is none, a new one first."""
        failed_starts = 0
        try:
            while True:
                maker = self._maker = maker or await self._kind.open(self._data)
                broken = await self._until_over(maker)
                failed_starts = 0 if self._ready.is_set() else failed_starts + 1
                self._ready.clear()
                death = await self._retire(maker)
                if broken or failed_starts >= MAX_FAILED_STARTS:
                    self._break(broken or f"The lab does not start: {death.how}")
                    return
                self._listener.engine_lost(death.how)
                maker = None
        except OSError as error:
            self._break(f"The lab cannot be started again: {error.strerror}.")
        finally:
            if maker:
                await self._retire(maker)

    async def _retire(self, maker: Maker) -> Death:
        """Be rid of it and of the processes that wait; twice does no harm."""
        self._maker = None
        if self._preparing:
            self._preparing.cancel()
        for process in filter(None, (self._spare, *self._kept.values())):
            process.kill()
        self._spare = None
        self._kept.clear()
        return await maker.end()

    async def _until_over(self, maker: Maker) -> str | None:
        """Wait until the maker is gone or of no use; the sentence it gave if it cannot work."""
        notices = asyncio.create_task(maker.notices())
        first_look = asyncio.create_task(self._look_around(maker))
        try:
            await asyncio.wait([notices, first_look], return_when=asyncio.FIRST_COMPLETED)
            if first_look.done() and (broken := first_look.result()):
                return broken
            return await notices
        finally:
            for task in (notices, first_look):
                task.cancel()
            await asyncio.wait([notices, first_look])  # who retires the maker reads its line to the end

    async def _look_around(self, maker: Maker) -> str | None:
        """Ask the first process what there is; why nothing can be run, where that is so."""
        try:
            process = await maker.fresh()
        except ConnectionError:  # the maker is gone already, and its notices end
            return None
        except OSError as error:
            return f"The lab does not start: {error.strerror}."
        process.send(wire.Examine(self._data, self._measures))
        try:
            ready = await process.report()
        except EOFError:
            return f"The lab does not start: {(await process.death()).how}"
        except wire.WireError:
            process.signal(signal.SIGKILL, "what it said of this machine cannot be read")
            return f"The lab does not start: {(await process.death()).how}"
        except asyncio.CancelledError:
            process.kill()
            raise
        if isinstance(ready, wire.Broken):
            process.kill()
            return ready.message
        assert isinstance(ready, wire.Ready), ready
        self._accelerators = [device.name for device in ready.devices if device.name != "cpu"]
        self._lines = {device.name: line for device in ready.devices if (line := _line_at(device))}
        self._ready.set()
        if self._accelerators:  # it has touched them
            process.kill()
            self._prepare_spare()
        else:
            self._spare = process
            process.send(_warm(self._data))
        self._listener.engine_ready(ready)
        return None

    def _break(self, reason: str) -> None:
        self._broken = reason
        self._ready.set()  # who waits is told
        self._listener.engine_broken(reason)

    def _say_how_it_failed(self, supervisor: asyncio.Task[None]) -> None:
        """A listener that raises ends the supervisor: say so now, for `close` raises it only at the end."""
        if not supervisor.cancelled() and (error := supervisor.exception()):
            self._break(f"initplay itself failed on a report: {type(error).__name__}: {error}.")


def _living(process: Process | None) -> Process | None:
    """The process, if there is one that lives; what is left of one that does not is let go."""
    if process and process.is_doomed:
        process.kill()
        return None
    return process


def _line_at(device: wire.Device) -> Line | None:
    """Where one waits for it; None where nobody does."""
    most = at_once(device.memory, os.environ)
    if most is None:
        return None
    return Line(Path(os.environ[FOLDER], device.name.replace(":", "-")), most)


def _warm(data: str) -> wire.Warm:
    """Where many playgrounds share a server, each takes as little memory as it can."""
    return wire.Warm(data, has_memory=not os.environ.get(SHARED))


def _without_files() -> str:
    """What to do, where this shell lets nobody write a file; else empty."""
    most, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    return NO_FILES if most == 0 else ""


def side_by_side(device: str) -> int:
    """How many runs go on side by side: one core is left to the screen, and an accelerator is not shared."""
    return max(1, cores() - 1) if device == "cpu" else 1


def _threads(at_once: int) -> int:
    """How many torch computes with: one core is left to the screen.

    Threads that wait for a core they cannot have spin, and a training step of a millisecond takes ten.
    """
    return max(1, (cores() - 1) // at_once)
