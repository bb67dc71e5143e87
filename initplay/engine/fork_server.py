"""The fork server as the screen's side holds it: it is asked for processes, and says how they ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import tempfile
import time
from functools import partial
from itertools import count
from typing import BinaryIO

from initplay.engine import wire
from initplay.engine.own_server import SHARED, OwnServer
from initplay.engine.patience import within
from initplay.engine.peer import is_of_the_same_user
from initplay.engine.process import PATIENCE, Death, Process, autopsy, connected
from initplay.engine.stream import next_body, stream

_LEFT: set[str] = set()
"""Paths of shared servers that hung up, or speak otherwise."""
PATIENCE_FOR_HELLO = 60.0
"""Seconds that a shared server may take to say what it is: it says nothing before torch is imported."""
_AGAIN = 0.01
"""Seconds until a request that found no room is made again."""


class ForkServer:
    """A line to a server. `notices` must be awaited, for that is what tells of processes that have ended."""

    def __init__(
        self,
        line: socket.socket,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        own: OwnServer | None,
    ) -> None:
        self._line = line
        self._reader = reader
        self._writer = writer
        self._own = own
        self._numbers = count(1)
        self._living: dict[int, Process] = {}
        self._compiled: tuple[str, str] = ("", "")
        """The text that it was last asked to compile, and its name."""
        self._death: Death | None = None
        self._fault = ""
        """What is wrong with it, where it is not just gone."""
        writer.write(wire.frame(wire.Join(dict(os.environb), _folder())))

    @classmethod
    async def open(cls, data: str, own: OwnServer | None = None) -> ForkServer:
        """Join the shared server, or start one, where it is not started yet; returns long before torch is
        loaded. Raises OSError.

        Call it on the main thread: on Linux the server dies with the thread that started it.
        """
        with contextlib.ExitStack() as on_failure:
            ours = None if own else _join(os.environ.get(SHARED, ""))
            if ours is None:
                own = own or OwnServer.start(data)
                on_failure.callback(own.abandon)
                ours = own.line
            # Two handles on one socket: asyncio reads the one, descriptors are sent over the other.
            on_failure.callback(ours.close)
            line = ours.dup()
            on_failure.callback(line.close)
            reader, writer = await stream(ours)
            on_failure.pop_all()
        return cls(line, reader, writer, own)

    def compile(self, source: str, filename: str) -> None:
        """Have a lesson's own text compiled for the processes to come; each does it where that fails."""
        if (source, filename) == self._compiled:
            return
        with contextlib.suppress(OSError, UnicodeEncodeError), tempfile.TemporaryFile() as text:
            text.write(source.encode())
            text.seek(0)
            if self._send(wire.Compile(filename), [text.fileno()]):
                self._compiled = (source, filename)

    async def fresh(self) -> Process:
        """A process that nothing has run in; it exists as soon as torch is loaded. Raises OSError."""
        number = next(self._numbers)
        process = await connected(partial(self._ask_for, number), partial(self._signal, number))
        self._living[number] = process
        return process

    async def _ask_for(self, number: int, channel: socket.socket, log: BinaryIO) -> None:
        while not self._send(wire.Fork(number), [channel.fileno(), log.fileno()]):
            await asyncio.sleep(_AGAIN)

    def _signal(self, number: int, sign: signal.Signals) -> None:
        with contextlib.suppress(OSError):  # the server is gone, and so is all that it has made
            if not self._send(wire.Signal(number, sign), []):
                asyncio.get_running_loop().call_later(_AGAIN, self._signal, number, sign)

    def _send(self, request: wire.Request, descriptors: list[int]) -> bool:
        """False where the server has too much to read; such a small frame goes as a whole, or not at all."""
        try:
            socket.send_fds(self._line, [wire.frame(request)], descriptors)
        except BlockingIOError:
            return False
        return True

    async def notices(self) -> str | None:
        """Take what the server says until its line ends; the sentence it gave if it cannot work."""
        patience = None if self._own else PATIENCE_FOR_HELLO
        try:
            notice = await within(patience, self._notice())
            while True:
                if isinstance(notice, wire.Exited):
                    process = self._living.pop(notice.number)
                    process.unmade = notice.reason
                    process.exit.set_result(notice.code)
                elif isinstance(notice, wire.Forked):
                    self._living[notice.number].pid = notice.pid
                elif isinstance(notice, wire.Broken):
                    return notice.message
                elif notice.protocol != wire.PROTOCOL:
                    self._fault = f"speaks protocol {notice.protocol}, this program {wire.PROTOCOL}"
                    return self._without_it(f"The fork server {self._fault}; install initplay again.")
                notice = await self._notice()
        except EOFError:
            pass
        except asyncio.TimeoutError:
            self._fault = "does not answer"
        except wire.WireError:
            self._fault = "said what is no notice: something else wrote into its socket"
        return self._without_it(None)

    async def _notice(self) -> wire.Notice:
        return wire.notice(await next_body(self._reader))

    def _without_it(self, reason: str | None) -> str | None:
        """Do not join it again where it is shared: one's own takes its place, and nothing is broken."""
        if self._own:
            return reason
        _LEFT.add(os.environ.get(SHARED, ""))
        return None

    async def end(self) -> Death:
        """End it kindly, then firmly, and everything that it has made; how it ended. Twice does no harm."""
        if self._death is None:
            self._death = await self._end()
        return self._death

    async def _end(self) -> Death:
        with contextlib.suppress(OSError, RuntimeError):  # it is gone
            self._writer.write_eof()
        with contextlib.suppress(asyncio.TimeoutError):  # its end: nothing lives
            await within(PATIENCE / 2, self._reader.read())
        self._line.close()
        self._writer.close()
        death = await self._how_it_ended()
        for process in self._living.values():
            process.signal(signal.SIGKILL, "the fork server was gone")
            if process.pid:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
            if not process.exit.done():
                process.exit.set_result(-signal.SIGKILL)
        self._living.clear()
        return death

    async def _how_it_ended(self) -> Death:
        if self._own is None:
            return Death(f"the shared fork server {self._fault or 'is gone'}.", [])
        death = await _end_of(self._own)
        return Death(f"its process was ended because it {self._fault}.", []) if self._fault else death


async def _end_of(own: OwnServer) -> Death:
    """Wait until it is gone, which it is when its line has ended, or nearly so; how it ended."""
    patience_ends = time.monotonic() + PATIENCE / 2
    while (code := own.process.poll()) is None:
        if time.monotonic() > patience_ends:
            own.process.kill()
        await asyncio.sleep(_AGAIN)
    death = autopsy(code, own.log)
    own.log.close()
    return death


def _join(path: str) -> socket.socket | None:
    """A line to the server that is shared at this path; None where there is none, or nobody answers."""
    if not path or path in _LEFT:
        return None
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect(path)
        if is_of_the_same_user(line):  # it is given all that the environment holds
            return line
    except OSError:
        pass
    line.close()
    return None


def _folder() -> bytes:
    try:
        return os.getcwdb()
    except FileNotFoundError:  # it was removed
        return b""
