"""One process of a run, as the screen's side holds it: its socket, its log, and how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import BinaryIO

from initplay.engine import wire
from initplay.engine.patience import within
from initplay.engine.stream import next_body, stream
from initplay.words.signals import signal_name

PATIENCE = 1.0
"""Seconds that a stop waits for an answer, and then again after SIGTERM, before it is enforced."""
LOG_TAIL = 20_000
"""Bytes; a hundred frames, which is what faulthandler writes of a stack, are less."""
_READ_AHEAD = 2**18
"""Bytes; a longer frame is read in turns."""


@dataclass(frozen=True)
class Death:
    """How a process ended."""

    how: str
    """In words, as the end of a sentence."""
    frames: list[tuple[str, int]]
    """File and line of what it was running, the innermost first, where a signal left that in its log."""

    def line_in(self, filename: str) -> int | None:
        return next((line for file, line in self.frames if file == filename), None)


class Process:
    """A fresh process that obeys commands. `kill` ends it; nothing else has to be tidied away."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        log: BinaryIO,
        signal_it: Callable[[signal.Signals], None],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._log = log
        self._signal_it = signal_it
        self._killed_because = ""
        self.unmade = ""
        """Why there never was one."""
        self.pid = 0
        """0 until it exists."""
        self.exit: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """Its exit code, once it has ended."""

    @property
    def is_doomed(self) -> bool:
        """Whether it has ended, or was told to."""
        return self.exit.done() or bool(self._killed_because)

    def send(self, command: wire.Command) -> None:
        if not self._writer.is_closing():
            self._writer.write(wire.frame(command))

    async def report(self) -> wire.Report:
        """The next thing it says. Raises EOFError at the end, WireError for what is no frame of ours."""
        return wire.report(await next_body(self._reader))

    def signal(self, sign: signal.Signals, because: str) -> None:
        """Signal it and whatever it has started."""
        if not self.exit.done():
            self._killed_because = self._killed_because or because
            self._signal_it(sign)

    def kill(self) -> None:
        """End it now, and whatever it has started; no answer is waited for."""
        self.signal(signal.SIGKILL, "it was no longer needed")
        self._let_go()

    def _let_go(self) -> None:
        self._writer.close()
        self._log.close()

    async def death(self) -> Death:
        """Wait for the end of a process whose socket has ended; how it came to that."""
        try:
            await within(PATIENCE, asyncio.shield(self.exit))
        except asyncio.TimeoutError:  # it closed its socket but lives on, or has not been reaped yet
            was_to_end = bool(self._killed_because)
            self.signal(signal.SIGKILL, "it closed the socket that is for its reports")
            await asyncio.wait([self.exit])
            if self.exit.result() != -signal.SIGKILL and not was_to_end:
                self._killed_because = ""  # it had ended before
        death = self._autopsy(self.exit.result())
        self._let_go()
        return death

    def _autopsy(self, code: int) -> Death:
        """How the process ended, with what its log says of it.

        After a signal that is the stack that faulthandler wrote; else the last line, where an uncaught error
        says its name.
        """
        if self.unmade:
            return Death(f"{self.unmade}.", [])
        if self._killed_because:
            return Death(f"its process was ended because {self._killed_because}.", [])
        return autopsy(code, self._log)


def autopsy(code: int, log: BinaryIO) -> Death:
    """How a process ended that nobody here ended, by its exit code and its log."""
    size = log.seek(0, os.SEEK_END)
    log.seek(max(0, size - LOG_TAIL))
    text = log.read().decode(errors="replace")
    if code < 0:
        frames = [(file, int(line)) for file, line in re.findall(r'^  File "(.*)", line (\d+)', text, re.M)]
        how = f"its process was ended by {signal_name(-code)}"
        if -code == signal.SIGKILL:
            how += ", as a system does that runs out of memory"
        return Death(f"{how}.", frames)
    said = text.strip().splitlines()[-1:]
    how = f"its process ended with exit code {code}"
    return Death(f"{how} ({said[0].strip()[:200]})." if said else f"{how}.", [])


async def connected(
    give: Callable[[socket.socket, BinaryIO], Awaitable[None]], signal_it: Callable[[signal.Signals], None]
) -> Process:
    """A process at the other end of a new socket: `give` hands that end and the log to whoever makes it.

    Raises OSError where there are no descriptors left, or nobody to give them to.
    """
    with contextlib.ExitStack() as on_failure:
        log = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the process)
        on_failure.callback(log.close)
        ours, theirs = socket.socketpair()
        with theirs:
            on_failure.callback(ours.close)
            reader, writer = await stream(ours, _READ_AHEAD)
            on_failure.callback(writer.close)
            await give(theirs, log)
        on_failure.pop_all()
    return Process(reader, writer, log, signal_it)
