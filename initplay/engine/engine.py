"""Starts runs: each in a fresh process, which is there before it is asked for.

Everything here happens on one asyncio loop. Nothing is awaited by whoever starts a run, and no run waits for
another to end.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from initplay.engine import wire
from initplay.engine.cores import cores
from initplay.engine.fork_server import ForkServer
from initplay.engine.order import Order
from initplay.engine.own_server import SHARED, OwnServer
from initplay.engine.process import Process
from initplay.engine.running import Broken, OneRun, Running, Take
from initplay.engine.several import SeveralRuns
from initplay.engine.spares import Spares
from initplay.engine.supervisor import Listener, Maker, Supervisor
from initplay.engine.turn import FOLDER, Line, Turn, at_once

_AGAIN = 0.01
"""Seconds until a run asks again for a process."""
_TURN = 0.2
"""Seconds until a run looks again whether its turn at a device has come."""


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
        self._data = data
        self._server = server
        self._supervisor = Supervisor(
            listener,
            data,
            maker or (Spares if sys.platform == "darwin" else ForkServer),
            measures=measures,
            found=self._begin_with,
            gone=self._drop_all,
        )
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
        return self._supervisor.state

    async def open(self) -> None:
        """Begin to load torch; returns long before it is loaded. Raises OSError, once the listener was told.

        Call it on the main thread: on Linux the processes die with the thread that started the first.
        """
        server, self._server = self._server, None
        await self._supervisor.open(server)

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
        self._supervisor.try_again_if_broken()
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
        maker = self._supervisor.maker
        if maker and order.is_of_lesson:
            maker.compile(order.source, order.filename)
        run = OneRun(order, take, self, threads=threads, paused=paused, pace=pace, among_many=among_many)
        self._runs.add(run.task)
        run.task.add_done_callback(self._runs.discard)
        return run

    async def close(self) -> None:
        """End every process, and wait until all are gone. A run still going gets no ending.

        Raises what a listener raised, or whoever took the events.
        """
        tasks = [*self._supervisor.let_go(), *self._runs]
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        await self._supervisor.close()
        for outcome in [*outcomes, *self._errors]:
            if isinstance(outcome, Exception):
                raise outcome

    # For the runs

    def at_hand(self, order: Order) -> Process | None:
        """A process in which this order may begin at once; None where it has to wait for one."""
        if self.state != "ready" or self._supervisor.maker is None:
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
        await self._supervisor.ready.wait()
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
            while not turn.has_come() and not self._supervisor.broken:
                waits(turn.before)
                await asyncio.sleep(_TURN)
        except OSError as error:
            raise Broken(f"No turn can be had in {os.environ.get(FOLDER)}: {error.strerror}.") from error
        waits(None)

    async def _new(self) -> Process:
        """A process that nothing has run in, made ahead or now. Raises Broken."""
        while True:
            await self._supervisor.ready.wait()
            if self._supervisor.broken:
                raise Broken(self._supervisor.broken)
            if (maker := self._supervisor.maker) is None:
                raise Broken("The playground is closing.")
            if spare := self._take_spare():
                return spare
            try:
                return await maker.fresh()
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
            and order.is_of_lesson
            and device not in self._kept
            and not self._is_wanted(device)
        )
        if dear and not process.is_doomed and self._supervisor.maker is not None:
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
        maker, is_ready = self._supervisor.maker, self._supervisor.ready.is_set()
        if self._spare is None and maker and is_ready and not self._preparing:
            self._preparing = asyncio.create_task(self._make_spare(maker))

    async def _make_spare(self, maker: Maker) -> None:
        try:
            self._spare = await maker.fresh()
            if self._warms or not self._runs:  # or they were the last of the many
                self._spare.send(_warm(self._data))
        except OSError:
            pass  # then the run that wants a process tries again, and says so
        finally:
            self._preparing = None

    def _begin_with(self, ready: wire.Ready, process: Process) -> None:
        """Take what there is, and the process that looked as the first that is there ahead."""
        self._accelerators = [device.name for device in ready.devices if device.name != "cpu"]
        self._lines = {device.name: line for device in ready.devices if (line := _line_at(device))}
        if self._accelerators:  # it has touched them
            process.kill()
            self._prepare_spare()
        else:
            self._spare = process
            process.send(_warm(self._data))

    def _drop_all(self) -> None:
        """Be rid of the processes that wait: what made them is gone."""
        if self._preparing:
            self._preparing.cancel()
        for process in filter(None, (self._spare, *self._kept.values())):
            process.kill()
        self._spare = None
        self._kept.clear()


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


def side_by_side(device: str) -> int:
    """How many runs go on side by side: one core is left to the screen, and an accelerator is not shared."""
    return max(1, cores() - 1) if device == "cpu" else 1


def _threads(at_once: int) -> int:
    """How many torch computes with: one core is left to the screen.

    Threads that wait for a core they cannot have spin, and a training step of a millisecond takes ten.
    """
    return max(1, (cores() - 1) // at_once)
