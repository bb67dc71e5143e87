"""Fresh processes where forking is not safe, as on macOS once its frameworks are loaded.

Each is started anew and imports torch for itself, which takes two seconds: the engine has one started ahead.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from functools import partial
from typing import BinaryIO

from initplay.engine.own_server import folder_that_is_there, worker_command
from initplay.engine.process import Death, Process, connected


class Spares:
    """Stands where a fork server would; there is no process but those of the runs."""

    def __init__(self, data: str) -> None:
        self._data = data
        self._living: set[Process] = set()
        self._watchers: set[asyncio.Task[None]] = set()
        self._over = asyncio.Event()

    @classmethod
    async def open(cls, data: str) -> Spares:
        return cls(data)

    def compile(self, source: str, filename: str) -> None:
        """Nothing that a process that is started anew would have."""

    async def fresh(self) -> Process:
        """A process that nothing has run in. Raises OSError."""
        started: list[asyncio.subprocess.Process] = []
        process = await connected(partial(self._start, started), lambda sign: _signal(started[0].pid, sign))
        process.pid = started[0].pid
        self._living.add(process)
        watcher = asyncio.create_task(self._watch(process, started[0]))
        self._watchers.add(watcher)
        watcher.add_done_callback(self._watchers.discard)
        return process

    async def _start(
        self, started: list[asyncio.subprocess.Process], channel: socket.socket, log: BinaryIO
    ) -> None:
        started.append(
            await asyncio.create_subprocess_exec(
                *worker_command("spare", channel.fileno(), os.getpid(), self._data),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(channel.fileno(),),
                start_new_session=True,
                cwd=folder_that_is_there(),
            )
        )

    async def _watch(self, process: Process, started: asyncio.subprocess.Process) -> None:
        code = await started.wait()
        _signal(started.pid, signal.SIGKILL)  # what it has started may live on without it
        self._living.discard(process)
        process.exit.set_result(code)

    async def notices(self) -> str | None:
        """Nothing but what a process says of itself; over when `end` is called."""
        await self._over.wait()
        return None

    async def end(self) -> Death:
        self._over.set()
        for process in self._living:
            _signal(process.pid, signal.SIGKILL)
        await asyncio.gather(*self._watchers)
        return Death("it was closed.", [])


def _signal(group: int, sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, sign)
