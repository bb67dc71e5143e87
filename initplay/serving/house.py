"""All visits: each has a home and a place, and is let go when nobody is there, or when it takes too much."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from initplay.engine.own_server import SHARED
from initplay.engine.patience import within
from initplay.engine.turn import AT_ONCE, FOLDER
from initplay.serving.bounds import Bounds
from initplay.serving.places import Places
from initplay.serving.shared import SharedServer
from initplay.serving.visit import PATIENCE, Visit
from initplay.serving.watching import Watchman

GRACE = 30.0
"""Seconds for which a playground waits for its page: that is reloaded, or its line broke."""
LOOK_AGAIN = 0.5
"""Seconds between two looks at the processes of all visits."""
LOOK_RARELY = 5.0
"""Seconds more for which nobody looks where there is no visit."""
AT_MOST = 2.0
"""Seconds to leave in, for a playground that takes too much memory."""
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
    AT_ONCE,
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
    tabs: int = 4
    """Of one visitor at once, so that nobody takes all places by mistake."""
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
        self.places: Places[Who] = Places(rules.most, rules.tabs, lambda who: who.visitor)
        self.clock = clock
        self.visits: dict[Who, Visit] = {}
        self.on_word: Callable[[Who, str], None] = lambda who, sentence: None
        """Is told what a visitor should know."""
        self._folder = folder
        self._cache = cache
        self._fork_server = SharedServer(fork_server, self._passed_on(), clock)
        self._watchman: Watchman | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._opening: dict[Who, asyncio.Task[Visit | None]] = {}
        self._door = asyncio.Lock()
        """Held while a process begins that is not among the visits yet, and while processes are looked at."""
        self._somebody = asyncio.Event()
        """Set when a visit begins."""
        self._is_closed = False
        self._said: set[str] = set()

    async def open(self) -> None:
        """Start the fork server, where there is none to join, and begin to watch. Raises OSError."""
        # The watchman is first: what is a child of ours, and of nobody's visit, later on got away from one.
        self._watchman = Watchman(self.rules.bounds, has_machine=self._has_machine)
        await self._fork_server.open()
        self._begin(self._watch(self._watchman))

    async def close(self, why: str) -> None:
        """End every visit, with what it is to keep kept, and the fork server."""
        self._is_closed = True
        for task in list(self._tasks):
            task.cancel()
        if pending := {*self._tasks, *self._opening.values()}:
            await asyncio.wait(pending)
        await asyncio.gather(*(self._let_go(who, visit, why) for who, visit in list(self.visits.items())))
        await self._fork_server.close()

    async def visit(self, who: Who, size: tuple[int, int]) -> Visit | None:
        """Their playground, opened where it is not; None where there is no place. Raises OSError.

        Who asks while it is being opened, as two lines of one tab may, waits for the same one.
        """
        if (visit := self.visits.get(who)) and not visit.is_over and not visit.why_over:
            visit.resize(*size)
            return visit
        if who not in self._opening:
            self._opening[who] = asyncio.create_task(self._open(who, size))
            self._opening[who].add_done_callback(lambda _: self._opening.pop(who, None))
        return await asyncio.shield(self._opening[who])  # which goes on for the other if one of them leaves

    async def _open(self, who: Who, size: tuple[int, int]) -> Visit | None:
        if (before := self.visits.get(who)) is not None:
            await self._let_go(who, before, "")
        if self._is_closed or not self.places.take(who, self.clock()):
            return None
        home = self._folder / "visitors" / who.visitor
        try:
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            async with self._door:
                visit = await Visit.begin(self.rules.options, home, self._environment(home), size, self.clock)
                self.visits[who] = visit
        except BaseException:
            self.places.leave(who)
            raise
        self._somebody.set()
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
            if not self.visits and not watchman.has_strays:
                self._somebody.clear()
                with suppress(asyncio.TimeoutError):
                    await within(LOOK_RARELY, self._somebody.wait())
            self.look_after(self.clock())
            for work in (self._keep_fork_server, partial(self._look, watchman)):
                await self._try(work)

    async def _try(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except (OSError, RuntimeError) as error:  # there is no room for a thread, or for open files
            self._say_once(f"initplay: nobody could look after the playgrounds for a moment: {error}")

    async def _keep_fork_server(self) -> None:
        async with self._door:
            await self._fork_server.keep()

    async def _look(self, watchman: Watchman) -> None:
        async with self._door:
            playgrounds = {visit.pid: visit for visit in self.visits.values() if not visit.is_over}
            seen = await asyncio.to_thread(watchman.look, list(playgrounds), self._fork_server.pid)
        whose = {visit: who for who, visit in self.visits.items()}
        for pid, sentence in seen.words.items():
            if who := whose.get(playgrounds[pid]):
                self.on_word(who, sentence)
        for pid in seen.stopped:
            playgrounds[pid].go_on()
        for pid, sentence in seen.too_large.items():
            if who := whose.get(playgrounds[pid]):
                self._begin(self._let_go(who, playgrounds[pid], sentence, AT_MOST))

    def _say_once(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            print(sentence, file=sys.stderr, flush=True)

    async def _let_go(self, who: Who, visit: Visit, why: str, patience: float = PATIENCE) -> None:
        if self.visits.get(who) is visit:
            await visit.end(why, patience)
        if self.visits.get(who) is visit:
            del self.visits[who]
            self.places.leave(who)

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Have it reported, as asyncio does by itself once nobody holds the task any more."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            context = {"message": "a playground is not looked after", "exception": error, "task": task}
            task.get_loop().call_exception_handler(context)

    def _passed_on(self) -> dict[str, str]:
        """What the environment of the fork server and of every playground has in common."""
        kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return kept | {
            "HOME": str(self._folder),
            "INITPLAY_CACHE": str(self._cache),
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
        }

    def _environment(self, home: Path) -> dict[str, str]:
        return self._passed_on() | {
            "HOME": str(home),
            "INITPLAY_HOME": str(home),
            "INITPLAY_MEMORY": str(self.rules.bounds.memory),
            SHARED: self._fork_server.path,
            FOLDER: os.environ.get(FOLDER) or str(self._folder / "turns"),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
        }
