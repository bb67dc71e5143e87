"""All visits: each has a home and a place, and is let go when nobody is there, or when it takes too much."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import NamedTuple

from initplay.engine.fork_server import SHARED, worker_command
from initplay.engine.peer import process_of
from initplay.serving.bounds import Bounds
from initplay.serving.places import Places
from initplay.serving.visit import Visit
from initplay.serving.watching import Watchman

GRACE = 30.0
"""Seconds for which a playground waits for its page: that is reloaded, or its line broke."""
LOOK_AGAIN = 0.5
"""Seconds between two looks at the processes of all visits."""
_PASSED_ON = (
    "PATH",
    "LD_LIBRARY_PATH",
    "CUDA_VISIBLE_DEVICES",
    "OMP_NUM_THREADS",
    "VIRTUAL_ENV",
    "TMPDIR",
    "TZ",
    "EDITOR",
    "VISUAL",
)
"""Variables that a visitor's processes have of ours. Others may hold what is not theirs to know."""


class Who(NamedTuple):
    """One page of a visitor: each has a playground of its own, all of one visitor the same home."""

    visitor: str
    tab: str


@dataclass(frozen=True)
class Rules:
    """What holds for every visit."""

    most: int = 8
    """At once."""
    idle: float = 30 * 60.0
    """Seconds without a key or the mouse."""
    bounds: Bounds = field(default_factory=Bounds)
    options: Sequence[str] = ()
    """Of each playground's command line."""


class House:
    """Opens playgrounds for those who have a place, and ends them. `close` must be called at the end."""

    def __init__(
        self,
        folder: Path,
        rules: Rules,
        *,
        cache: Path,
        fork_server: str = "",
        has_machine: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`cache` has the full digits; a fork server's socket, where there is one to join already.

        Who has the machine ends what its process started and what is of no visit.
        """
        self._has_machine = has_machine
        self.rules = rules
        self.places = Places(rules.most)
        self.clock = clock
        self.visits: dict[Who, Visit] = {}
        self.on_word: Callable[[Who, str], None] = lambda who, sentence: None
        """Is told what a visitor should know."""
        self._folder = folder
        self._cache = cache
        self._socket = fork_server
        self._server: asyncio.subprocess.Process | None = None
        self._server_folder = ""
        """In /tmp, for the path of a socket must be short."""
        self._numbers = count(1)
        self._watchman: Watchman | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Start the fork server, where there is none to join, and begin to watch. Raises OSError."""
        # The watchman is first: what is a child of ours, and of nobody's visit, later on got away from one.
        self._watchman = Watchman(self.rules.bounds, has_machine=self._has_machine)
        if not self._socket:
            await self._start_server()
        self._begin(self._watch(self._watchman))

    async def _start_server(self) -> None:
        self._server_folder = self._server_folder or tempfile.mkdtemp(prefix="initplay-")
        self._socket = str(Path(self._server_folder, f"{next(self._numbers)}"))
        self._server = await asyncio.create_subprocess_exec(
            *worker_command("shared_server", self._socket, os.getpid(), "auto"),
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )

    async def close(self, why: str) -> None:
        """End every visit, with what it is to keep kept, and the fork server."""
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await asyncio.gather(*(self._let_go(who, visit, why) for who, visit in list(self.visits.items())))
        if self._server is not None:
            with suppress(ProcessLookupError):
                self._server.kill()
            await self._server.wait()
            shutil.rmtree(self._server_folder, ignore_errors=True)

    async def visit(self, who: Who, size: tuple[int, int]) -> Visit | None:
        """Their playground, opened where it is not; None where there is no place. Raises OSError."""
        if (visit := self.visits.get(who)) and not visit.is_over and not visit.why_over:
            visit.resize(*size)
            return visit
        if visit is not None:
            await self._let_go(who, visit, "")
        if not self.places.take(who, self.clock()):
            return None
        home = self._folder / "visitors" / who.visitor
        try:
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            visit = await Visit.begin(self.rules.options, home, self._environment(home), size, self.clock)
        except BaseException:
            self.places.leave(who)
            raise
        self.visits[who] = visit
        return visit

    def look_after(self, now: float) -> None:
        """Let those go who are gone, or have been away for too long."""
        for who, visit in list(self.visits.items()):
            if visit.why_over:  # it is on its way
                continue
            if visit.is_over:
                self._begin(self._let_go(who, visit, "You left."))
            elif visit.left is not None and now - visit.left > GRACE:
                self._begin(self._let_go(who, visit, "The line to this page broke."))
            elif now - visit.touched > self.rules.idle:
                minutes = f"{self.rules.idle / 60:g} minutes"
                self._begin(self._let_go(who, visit, f"There was no key for {minutes}."))

    async def _watch(self, watchman: Watchman) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            self.look_after(self.clock())
            if self._server is not None and self._server.returncode is not None:
                await self._start_server()
            playgrounds = {visit.pid: who for who, visit in self.visits.items() if not visit.is_over}
            seen = await asyncio.to_thread(watchman.look, list(playgrounds), self._server_pid())
            for pid, sentence in seen.words.items():
                self.on_word(playgrounds[pid], sentence)
            for pid in seen.stopped:
                if visit := self.visits.get(playgrounds[pid]):
                    visit.go_on()

    def _server_pid(self) -> int:
        if self._server is not None:
            return self._server.pid
        with socket.socket(socket.AF_UNIX) as line, suppress(OSError):
            line.connect(self._socket)
            return process_of(line)
        return 0

    async def _let_go(self, who: Who, visit: Visit, why: str) -> None:
        if self.visits.get(who) is visit:
            await visit.end(why)
        if self.visits.get(who) is visit:
            del self.visits[who]
            self.places.leave(who)

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _environment(self, home: Path) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return kept | {
            "HOME": str(home),
            "INITPLAY_HOME": str(home),
            "INITPLAY_CACHE": str(self._cache),
            "INITPLAY_MEMORY": str(self.rules.bounds.memory),
            SHARED: self._socket,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
        }
