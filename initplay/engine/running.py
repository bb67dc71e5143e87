"""The address of a run: what can be done to it while it goes on, and what comes of it."""

from __future__ import annotations

import asyncio
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol

from initplay.engine import wire
from initplay.engine.order import Order
from initplay.engine.process import PATIENCE, Death, Process
from initplay.engine.size import too_long
from initplay.lab.events import Ending, Failed, Finished, Recorded, Started, Stopped

Take = Callable[[list[Recorded]], None]
"""Is given each batch of a recording's events, the ending last; a batch that begins with `Started` begins the
recording anew."""


HELD_AT_MOST = 60.0
"""Seconds that a run may be held where others wait for a turn: they wait for the memory that it keeps."""
_LOOK = 2.0
"""Seconds between two looks whether others wait."""
NOT_BEGUN = "It was stopped before it began."
TOOK_DOWN = "The experiment took its process down"
"""How the sentence of a run begins whose process ended before it did."""
NEVER_BEGUN = "Its process could not be started"
"""The same of a run that had not begun, in a second process neither."""
RETRIES = 1
"""Of many runs one whose process was killed is made again: what kills it may have been this machine's lack of
memory."""


def was_killed(message: str) -> bool:
    """Whether that is why a run failed, by the words of its ending."""
    return message.startswith((TOOK_DOWN, NEVER_BEGUN))


class Broken(Exception):
    """Nothing can be run; one sentence."""


class Running(ABC):
    """A run that was asked for. However it goes, it gets exactly one ending."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.live = True
        """Whether its ending is still to come."""
        self.refused = False
        """Whether its process lives and would not begin: what was asked for is not to be had here."""

    @property
    def before(self) -> int | None:
        """How many come first, while it waits for a turn at its device; else None."""
        return None

    @property
    def awaits_lab(self) -> bool:
        """Whether it cannot begin before torch is loaded."""
        return False

    @abstractmethod
    def pause(self) -> None:
        """Hold it at its next event. What a run is told before it has begun holds from its beginning."""

    @abstractmethod
    def resume(self) -> None: ...

    @abstractmethod
    def step(self) -> None:
        """Go on to the end of the next moment and hold there."""

    @abstractmethod
    def slow(self, per_second: float | None) -> None:
        """Let so many moments pass a second; None is full speed."""

    @abstractmethod
    def stop(self) -> None:
        """End it: by request, after a second by SIGTERM, after another by SIGKILL.

        One that has not begun is ended at once, and so is one among many.
        """


class Processes(Protocol):
    """Where a run gets its process, and where it leaves it."""

    @property
    def state(self) -> str:
        """ "ready", "loading" or "broken"."""
        ...

    def at_hand(self, order: Order) -> Process | None:
        """A process in which this order may begin at once; None where it has to wait for one."""
        ...

    async def take(self, order: Order, waits: Callable[[int | None], None]) -> Process:
        """A process for this order, once torch is loaded and it has a turn at its device. Raises Broken.

        `waits` is told how many come first, and None when the turn has come.
        """
        ...

    def leave(self, process: Process, order: Order, device: str, *, failed: bool) -> None:
        """The order has run in it, on that device."""

    def is_waited_for(self, device: str) -> bool:
        """Whether others wait for a turn there."""
        ...

    def failed(self, error: Exception) -> None:
        """Whoever took the events raised this."""


class OneRun(Running):
    """An order for one seed, in a process of its own."""

    def __init__(
        self,
        order: Order,
        take: Take,
        processes: Processes,
        *,
        threads: int,
        paused: bool,
        pace: float | None,
        among_many: bool = False,
    ) -> None:
        """`among_many`: it reports its facts alone."""
        super().__init__(order)
        self._take = take
        self._processes = processes
        self._first: list[wire.Command] = [
            wire.Start(
                order=order,
                seed=order.seeds[0],
                threads=threads,
                paused=paused,
                pace=pace,
                among_many=among_many,
            )
        ]
        """What it is told as soon as it has a process; until it has begun, for it may take a second one."""
        self._listens = not among_many
        """Whether its process hears what it is told while it goes on."""
        self._process: Process | None = None
        """None while it waits for one."""
        self._started = False
        self._is_second_try = False
        self._unsendable = ""
        """Why nothing could be sent."""
        self._before: int | None = None
        self._device = "cpu"
        self._failed = True
        """Until it is said that it did not."""
        self._is_stopped = False
        self._stopping: asyncio.Task[None] | None = None
        self._making_room: asyncio.Task[None] | None = None
        """While it is held."""
        self._why_stopped = ""
        if process := processes.at_hand(order):
            # Now, and not when the loop comes to the task: it shows the bench first, which takes 15 ms.
            self._begin(process)
        self.task = asyncio.create_task(self._go())
        self.task.add_done_callback(lambda _: self._hold_no_more())
        if paused:
            self._hold()

    @property
    def before(self) -> int | None:
        return self._before

    @property
    def awaits_lab(self) -> bool:
        return self.live and self._process is None and self._processes.state == "loading"

    def pause(self) -> None:
        self._tell(wire.Pause())
        self._hold()

    def resume(self) -> None:
        self._tell(wire.Resume())
        self._hold_no_more()

    def step(self) -> None:
        self._tell(wire.Step())
        self._hold()

    def slow(self, per_second: float | None) -> None:
        self._tell(wire.Pace(per_second))

    def stop(self) -> None:
        if not self.live or self._is_stopped:
            return
        self._is_stopped = True
        if self._process is None:
            self.task.cancel()
            self._end(Stopped(NOT_BEGUN))
        elif self._started:
            self._process.send(wire.Stop())
            self._stopping = asyncio.create_task(self._enforce_stop(self._process))
        else:  # nothing of it would be kept, and a process that is still being made hears it late
            self._process.signal(signal.SIGKILL, "it was stopped")
            self._end(Stopped(NOT_BEGUN if self._listens else ""))

    async def _enforce_stop(self, process: Process) -> None:
        """Cancelled as soon as the run has ended."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            await asyncio.sleep(PATIENCE)
            process.signal(sign, "it did not answer when it was asked to stop")

    def _hold(self) -> None:
        """Be held from now on, for as long as nobody waits for the room that it takes."""
        self._hold_no_more()
        if self.live:
            self._making_room = asyncio.create_task(self._make_room())

    def _hold_no_more(self) -> None:
        if self._making_room:
            self._making_room.cancel()
            self._making_room = None

    async def _make_room(self) -> None:
        await asyncio.sleep(HELD_AT_MOST)
        while not (self._process and self._processes.is_waited_for(self._device)):
            await asyncio.sleep(_LOOK)
        self._why_stopped = f"It was paused while others waited for {self._device}, and made room for them."
        self.stop()

    def _wait_behind(self, before: int | None) -> None:
        self._before = before

    def _tell(self, command: wire.Command) -> None:
        if not self._started:
            self._first.append(command)
        if self._process and self.live:
            self._process.send(command)

    def _begin(self, process: Process) -> None:
        self._process = process
        try:
            for command in self._first:
                process.send(command)
        except wire.WireError:  # a text of megabytes
            self._unsendable = too_long(self.order)

    async def _go(self) -> None:
        if self._process is None:
            await self._take_one()
        while self._process:
            await self._go_on_in(self._process)
            if not self.live:
                return
            # Its process died before it had begun, which is no fault of the experiment's.
            self._process, self._is_second_try = None, True
            await self._take_one()

    async def _take_one(self) -> None:
        """Wait for a process, and begin in it."""
        try:
            process = await self._processes.take(self.order, self._wait_behind)
        except Broken as error:
            self._end(Failed(str(error)))
        else:
            self._begin(process)

    async def _go_on_in(self, process: Process) -> None:
        try:
            if self._unsendable:
                self._end(Failed(self._unsendable))
            else:
                await self._listen(process)
        except Exception as error:  # noqa: BLE001 (whoever takes the events may raise anything)
            process.kill()
            self._processes.failed(error)
            self._end(Failed(f"initplay itself failed on an event: {type(error).__name__}: {error}."))
        finally:
            self._processes.leave(process, self.order, self._device, failed=self._failed)

    async def _listen(self, process: Process) -> None:
        """Hand over what the process says until its run has ended, by its own word or with the process; or
        until the process has died though the run may still be tried in another one."""
        while self.live:
            try:
                report = await process.report()
            except EOFError:
                death = await process.death()
                if self._has_begun or self._is_second_try or self._is_stopped:
                    self._end(self._ending_by(death))
                return
            except wire.WireError:  # nothing after that can be trusted
                process.signal(signal.SIGKILL, "something wrote into the socket that is for its reports")
                self._end(self._ending_by(await process.death()))
                return
            if isinstance(report, wire.Broken):  # a spare that could not import torch
                self._end(Failed(report.message))
                return
            assert isinstance(report, wire.Events), report
            if self.live:  # else it was ended before its first word arrived
                self._deliver(report.events)
            await asyncio.sleep(0)  # keys come first

    def _deliver(self, events: list[Recorded]) -> None:
        first = events[0]
        if isinstance(first, Started):
            self._started, self._device = True, first.device
            self._first.clear()
        elif isinstance(first, Failed) and not self._started:
            self.refused = True
        if not isinstance(events[-1], Finished | Failed | Stopped):
            self._take(events)
            return
        self._failed = isinstance(events[-1], Failed)
        if self._why_stopped and isinstance(events[-1], Stopped):
            events = [*events[:-1], Stopped(self._why_stopped)]
        if len(events) > 1:  # apart from the ending, which can be said though they may be too much
            self._take(events[:-1])
        self._over()
        self._take(events[-1:])

    def _end(self, ending: Ending) -> None:
        """The run has ended without saying so itself."""
        if self.live:
            self._over()
            try:
                self._take([ending])
            except Exception as error:  # noqa: BLE001 (see `_go`)
                self._processes.failed(error)

    def _over(self) -> None:
        self.live = False
        self._hold_no_more()
        if self._stopping:
            self._stopping.cancel()

    @property
    def _has_begun(self) -> bool:
        """Whether it may have: one among many says all that it says at its end."""
        return self._started or not self._listens

    def _ending_by(self, death: Death) -> Ending:
        """What is to be said of a run whose process died."""
        if self._is_stopped:
            return Stopped("It did not answer, so its process was ended.")
        line = death.line_in(self.order.filename)
        where = f" at line {line}" if line else ""
        return Failed(f"{TOOK_DOWN if self._has_begun else NEVER_BEGUN}{where}: {death.how}", line)
