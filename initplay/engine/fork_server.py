"""The fork server as the screen's side holds it: it is asked for processes, and says how they ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import tempfile
from functools import partial
from itertools import count
from pathlib import Path
from typing import BinaryIO

import initplay
from initplay.engine import wire
from initplay.engine.process import PATIENCE, Death, Process, autopsy, connected

# Where initplay is found is found again, and where one happens to be is not looked at: a torch.py there must
# not shadow torch. `python -P` does that from 3.11 on, but hides an initplay that is run from its checkout.
_MAIN = """\
import sys
sys.path[:] = [place for place in sys.path if place] + [sys.argv.pop(1)]
from initplay.worker.{module} import main
main()
"""


def worker_command(module: str, *arguments: object) -> list[str]:
    """The command line of a process that runs `main` of a module of the worker's."""
    package = Path(initplay.__file__).parents[1]
    return [sys.executable, "-c", _MAIN.format(module=module), str(package), *map(str, arguments)]


class ForkServer:
    """One server process. `notices` must be awaited, for that is what tells of processes that have ended."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        line: socket.socket,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        log: BinaryIO,
    ) -> None:
        self._process = process
        self._line = line
        self._reader = reader
        self._writer = writer
        self._log = log
        self._numbers = count(1)
        self._living: dict[int, Process] = {}
        self._death: Death | None = None
        self._distrusted = ""
        """Why it was ended, where what it said was no message."""

    @classmethod
    async def open(cls, data: str) -> ForkServer:
        """Start it; returns once the process exists, long before torch is loaded. Raises OSError.

        Call it on the main thread: on Linux the server dies with the thread that started it.
        """
        with contextlib.ExitStack() as on_failure:
            log = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the server)
            on_failure.callback(log.close)
            ours, theirs = socket.socketpair()
            with theirs:
                # Two handles on one socket: asyncio reads the one, descriptors are sent over the other.
                line = ours.dup()
                on_failure.callback(line.close)
                on_failure.callback(ours.close)
                reader, writer = await asyncio.open_unix_connection(sock=ours)
                on_failure.callback(writer.close)
                process = await asyncio.create_subprocess_exec(
                    *worker_command("server", theirs.fileno(), os.getpid(), data),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                )
            on_failure.pop_all()
        return cls(process, line, reader, writer, log)

    async def fresh(self) -> Process:
        """A process that nothing has run in; it exists as soon as torch is loaded. Raises OSError."""
        number = next(self._numbers)
        process = await connected(partial(self._ask_for, number), partial(self._signal, number))
        self._living[number] = process
        return process

    async def _ask_for(self, number: int, channel: socket.socket, log: BinaryIO) -> None:
        socket.send_fds(self._line, [wire.frame(wire.Fork(number))], [channel.fileno(), log.fileno()])

    def _signal(self, number: int, sign: signal.Signals) -> None:
        with contextlib.suppress(OSError):  # the server is gone, and so is all that it has made
            self._line.send(wire.frame(wire.Signal(number, sign)))

    async def notices(self) -> str | None:
        """Take what the server says until its line ends; the sentence it gave if it cannot work."""
        try:
            while True:
                prefix = await self._reader.readexactly(wire.LENGTH_SIZE)
                notice = wire.notice(await self._reader.readexactly(wire.length(prefix)))
                if isinstance(notice, wire.Exited):
                    self._living.pop(notice.number).exit.set_result(notice.code)
                elif isinstance(notice, wire.Forked):
                    self._living[notice.number].pid = notice.pid
                elif isinstance(notice, wire.Broken):
                    return notice.message
                elif notice.protocol != wire.PROTOCOL:
                    return (
                        f"The fork server speaks protocol {notice.protocol}, this program {wire.PROTOCOL}; "
                        "install initplay again."
                    )
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        except wire.WireError:
            self._distrusted = "something wrote into the socket that is for its notices"
            return None

    async def end(self) -> Death:
        """End it kindly, then firmly, and everything that it has made; how it ended. Twice does no harm."""
        if self._death is None:
            self._death = await self._end()
        return self._death

    async def _end(self) -> Death:
        self._line.close()
        self._writer.close()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._process.wait(), PATIENCE / 2)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        code = await self._process.wait()
        for process in self._living.values():
            process.signal(signal.SIGKILL, "the fork server was gone")
            if process.pid:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
            if not process.exit.done():
                process.exit.set_result(-signal.SIGKILL)
        self._living.clear()
        death = autopsy(code, self._log)
        self._log.close()
        if self._distrusted:
            return Death(f"its process was ended because {self._distrusted}.", [])
        return death
