"""What becomes of the maker of processes: there is always one that works, or it is said why none does."""

from __future__ import annotations

import asyncio
import resource
import signal
from collections.abc import Callable
from typing import Protocol

from initplay.engine import wire
from initplay.engine.fork_server import ForkServer
from initplay.engine.own_server import OwnServer
from initplay.engine.process import Death, Process
from initplay.engine.spares import Spares

MAX_FAILED_STARTS = 2
NO_FILES = " No file may be written here: `ulimit -f unlimited`, then start it again."
Maker = ForkServer | Spares


class Listener(Protocol):
    """Who wants to know how the engine is. Called on the loop; must return soon."""

    def engine_ready(self, ready: wire.Ready) -> None:
        """torch is loaded; runs start at once from now on."""

    def engine_lost(self, reason: str) -> None:
        """What makes processes is gone and is started again; the reason is one sentence."""

    def engine_broken(self, reason: str) -> None:
        """No process can be made, until somebody asks for a run again; the reason is one sentence."""


class Supervisor:
    """Opens a maker, has its first process look around, and opens another where that one is gone."""

    def __init__(
        self,
        listener: Listener,
        data: str,
        kind: type[Maker],
        *,
        measures: bool,
        found: Callable[[wire.Ready, Process], None],
        gone: Callable[[], None],
    ) -> None:
        """`found` is given what there is, and the process that looked. `gone` is called when the processes of
        a maker are of no use any more."""
        self._listener = listener
        self._data = data
        self._kind = kind
        self._measures = measures
        self._found = found
        self._gone = gone
        self.maker: Maker | None = None
        self.ready = asyncio.Event()
        """Set also when it is broken: then nobody waits any more."""
        self.broken = ""
        """Why nothing can be run."""
        self._task: asyncio.Task[None] | None = None
        self._was_opened = False

    @property
    def state(self) -> str:
        """ "ready", "loading" or "broken"."""
        if self.broken:
            return "broken"
        return "ready" if self.ready.is_set() else "loading"

    async def open(self, server: OwnServer | None) -> None:
        """Open the first maker, by `server` where that was started ahead. Raises OSError, once the listener
        was told."""
        try:
            self.maker = await (
                ForkServer.open(self._data, server) if server else self._kind.open(self._data)
            )
        except OSError as error:
            self._break_unopened(error)
            raise
        self._begin(self.maker)

    def let_go(self) -> list[asyncio.Task[None]]:
        """What is to be cancelled and awaited before it is closed."""
        task, self._task = self._task, None
        return [task] if task else []

    async def close(self) -> None:
        if self.maker is not None:  # it was only just opened, and the task had not begun
            await self._retire(self.maker)

    def try_again_if_broken(self) -> None:
        """Who asks for a run wants the lab: what kept it from starting may be over by now."""
        task = self._task  # none, where no maker could be opened at all
        over = task is None or (task.done() and not task.exception())
        if self.broken and over:
            self.broken = ""
            self.ready.clear()
            self._listener.engine_lost("it had not started.")
            self._begin()

    def _begin(self, maker: Maker | None = None) -> None:
        self._task = asyncio.create_task(self._supervise(maker))
        self._task.add_done_callback(self._say_how_it_failed)

    async def _supervise(self, maker: Maker | None) -> None:
        """See to it that there is always one that works, this one or, where that is none, a new one first."""
        failed_starts = 0
        try:
            while True:
                maker = self.maker = maker or await self._kind.open(self._data)
                self._was_opened = True
                broken = await self._until_over(maker)
                failed_starts = 0 if self.ready.is_set() else failed_starts + 1
                self.ready.clear()
                death = await self._retire(maker)
                if broken or failed_starts >= MAX_FAILED_STARTS:
                    self._break(broken or f"The lab does not start: {death.how}")
                    return
                self._listener.engine_lost(death.how)
                maker = None
        except OSError as error:
            self._break_unopened(error)
        finally:
            if maker:
                await self._retire(maker)

    async def _retire(self, maker: Maker) -> Death:
        """Be rid of it and of the processes that wait; twice does no harm."""
        self.maker = None
        self._gone()
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
        self.ready.set()
        self._found(ready, process)
        self._listener.engine_ready(ready)
        return None

    def _break_unopened(self, error: OSError) -> None:
        again = " again" if self._was_opened else ""
        self._break(f"The lab cannot be started{again}: {error.strerror or error}.{_without_files()}")

    def _break(self, reason: str) -> None:
        self.broken = reason
        self.ready.set()  # who waits is told
        self._listener.engine_broken(reason)

    def _say_how_it_failed(self, supervisor: asyncio.Task[None]) -> None:
        """A listener that raises ends the supervisor: say so now, for `close` raises it only at the end."""
        if not supervisor.cancelled() and (error := supervisor.exception()):
            self._break(f"initplay itself failed on a report: {type(error).__name__}: {error}.")


def _without_files() -> str:
    """What to do, where this shell lets nobody write a file; else empty."""
    most, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    return NO_FILES if most == 0 else ""
