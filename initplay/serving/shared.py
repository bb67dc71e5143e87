"""The fork server of all playgrounds: started where there is none to join, and again where it has ended."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path

from initplay.engine.own_server import worker_command
from initplay.engine.peer import process_of

AT_ONCE = 10.0
"""Seconds; a server that ends sooner is likely to do so again."""
LONGEST_WAIT = 300.0
"""Seconds until the next one is started, where each has ended at once."""


class SharedServer:
    """One at a time. `close` must be called at the end.

    On macOS, where no process with torch in it can fork, there is none: each playground has its own.
    """

    def __init__(self, path: str, environment: Mapping[str, str], clock: Callable[[], float]) -> None:
        """`path` is the socket of one to join, or empty; whichever is started has this environment."""
        self.path = path
        self._environment = environment
        self._clock = clock
        self._process: asyncio.subprocess.Process | None = None
        self._folder = ""
        """In /tmp, for the path of a socket must be short."""
        self._numbers = count(1)
        self._began = 0.0
        self._wait = 0.0
        """Seconds between the beginnings of the last one and the next."""

    async def open(self) -> None:
        """Start one, where there is none to join. Raises OSError."""
        if not self.path and sys.platform != "darwin":
            await self._start()

    async def keep(self) -> None:
        """Start one where the last one has ended, later each time that it did so at once. Raises OSError."""
        if self._process is None or self._process.returncode is None:
            return
        if self._clock() - self._began >= self._wait:
            await self._start()

    async def _start(self) -> None:
        now = self._clock()
        soon = self._wait + AT_ONCE
        self._wait = min(2 * self._wait + 1, LONGEST_WAIT) if now - self._began < soon else 1.0
        self._began = now
        self._folder = self._folder or tempfile.mkdtemp(prefix="initplay-")
        self.path = str(Path(self._folder, f"{next(self._numbers)}"))
        self._process = await asyncio.create_subprocess_exec(
            *worker_command("shared_server", self.path, os.getpid(), "auto"),
            stdin=asyncio.subprocess.DEVNULL,
            env=self._environment,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """0 where there is none, or nobody tells."""
        if self._process is not None:
            return self._process.pid
        if not self.path:
            return 0
        with socket.socket(socket.AF_UNIX) as line, suppress(OSError):
            line.connect(self.path)
            return process_of(line)
        return 0

    async def close(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
