"""A class on one box: playgrounds in terminals of their own that share a fork server, all read at once."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.figures import Unmeasured
from benchmarks.launch import INITPLAY
from benchmarks.terminal import Terminal, environment
from initplay.engine.own_server import SHARED, worker_command

PATIENCE = 120.0
"""Seconds for anything: thirty that start at once on two cores take half a minute."""
REST = 0.25
"""Seconds without a byte, after which an answer has been painted."""
ESCAPE = "\x1b"
_RESTORED = ("\x1b[?1049l", "\x1b[?25h")
"""The learner's own screen is back, and its cursor."""
_IS_TOLD_APART = sys.platform == "linux"
"""Whether the system says which memory a process shares."""


@dataclass(frozen=True)
class Answer:
    """To one key."""

    what: str
    """The kind of key."""
    waited: float
    """Seconds by the clock."""
    worked: float
    """Seconds on the processor, in hundredths, which a busy machine changes less."""


class Learner:
    """One playground, and what it has painted since `forget`."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.runs = 0
        """How many it has started."""
        self.has_left = False
        self._before = termios.tcgetattr(terminal.descriptor)
        self._painted = asyncio.Event()
        self._last = time.perf_counter()
        """When the last byte came."""
        asyncio.get_running_loop().add_reader(terminal.descriptor, self._take)

    def _take(self) -> None:
        try:
            self.terminal.take()
        except Unmeasured:  # it has ended: whoever waits for more is told
            asyncio.get_running_loop().remove_reader(self.terminal.descriptor)
            self.has_left = True
        self._last = time.perf_counter()
        self._painted.set()

    async def wait_for(self, wanted: str | re.Pattern[str]) -> float:
        """The moment (perf_counter) at which what was painted since `forget` first holds it."""
        pattern = re.compile(re.escape(wanted)) if isinstance(wanted, str) else wanted
        until = time.perf_counter() + PATIENCE
        while not pattern.search(self.terminal.text()):
            await self._something(until, pattern.pattern)
        return self._last

    async def _something(self, until: float, wanted: str) -> None:
        if self.has_left:
            raise Unmeasured(f"A learner's playground ended: {self.terminal.text()[-500:]!r}")
        self._painted.clear()
        try:
            await asyncio.wait_for(self._painted.wait(), until - time.perf_counter())
        except asyncio.TimeoutError:
            said = self.terminal.text()[-300:]
            raise Unmeasured(f"No {wanted!r} in {PATIENCE:.0f} s, but {said!r}.") from None

    async def press(self, key: str, what: str = "") -> Answer:
        """A key, and the last byte of what it paints; for a screen on which nothing else moves."""
        self.terminal.forget()
        before = self.terminal.worked()
        began = time.perf_counter()
        self.terminal.press(key)
        await self._something(began + PATIENCE, f"answer to {key!r}")
        while (rest := self._last + REST - time.perf_counter()) > 0:
            await asyncio.sleep(rest)
        return Answer(what, self._last - began, self.terminal.worked() - before)

    async def run(self) -> float:
        """Seconds from `r` to the word that the run has finished."""
        self.runs += 1
        self.terminal.forget()
        began = time.perf_counter()
        self.terminal.press("r")
        return await self.wait_for(re.compile(rf"run {self.runs} · finished")) - began

    async def leave(self) -> str:
        """Quit as learners do; what was wrong with it, in words, or nothing."""
        for _ in range(2):  # from a page or the editor, and from the lesson
            self.terminal.press(ESCAPE)
            await asyncio.sleep(2 * REST)
        self.terminal.forget()
        self.terminal.press("q")
        until = time.perf_counter() + PATIENCE
        while not self.has_left:
            await self._something(until, "end after q")
        code = await asyncio.to_thread(self.terminal.wait)
        if code:
            return f"exit code {code}"
        if termios.tcgetattr(self.terminal.descriptor) != self._before:
            return "the terminal is not as it was"
        painted = self.terminal.output.decode(errors="replace")
        return "" if all(one in painted for one in _RESTORED) else "the screen was not given back"


class Room:
    """All learners, and the processes behind them."""

    def __init__(self, learners: Sequence[Learner], fork_server: psutil.Process) -> None:
        self.learners = learners
        self.fork_server = fork_server

    def processes(self) -> dict[str, list[psutil.Process]]:
        """By what they are for."""
        servers = self.fork_server.children()
        return {
            "screen": [psutil.Process(one.terminal.pid) for one in self.learners if not one.has_left],
            "server": servers,
            "run": [child for server in servers for child in _below(server)],
            "shared": [self.fork_server],
        }

    def worked(self, *kinds: str) -> float:
        """Seconds on the processor until now, of all that live, or of these kinds alone."""
        found = self.processes()
        times = [process.cpu_times() for kind in kinds or found for process in found[kind]]
        return sum(one.user + one.system for one in times)

    def left_behind(self) -> list[str]:
        """What still runs for those who have left, by name."""
        return [process.name() for process in _below(self.fork_server)]


def _below(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def bytes_of(processes: Sequence[psutil.Process]) -> int:
    """What these hold, of shared pages their share (PSS); all that is resident where there is no PSS."""
    total = 0
    for process in processes:
        try:
            full = process.memory_full_info()
        except psutil.NoSuchProcess:
            continue
        total += full.pss if _IS_TOLD_APART else full.rss
    return total


@asynccontextmanager
async def room(learners: int, options: Sequence[str]) -> AsyncIterator[Room]:
    """So many learners who come at once, each with a home of their own, and one fork server for all."""
    with tempfile.TemporaryDirectory(prefix="initplay-bench-", dir="/tmp") as folder:
        socket = Path(folder, "socket")
        homes = [Path(folder, f"home-{number}") for number in range(learners)]
        server = subprocess.Popen(
            worker_command("shared_server", socket, os.getpid(), "auto"),
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        came: list[Learner] = []
        try:
            while not socket.exists():
                if server.poll() is not None:
                    raise Unmeasured("The shared fork server does not start.")
                await asyncio.sleep(0.01)
            for home in homes:
                home.mkdir()
                ours = environment(str(home)) | {SHARED: str(socket)}
                came.append(Learner(Terminal([*INITPLAY, *options], ours, columns=120, rows=40)))
            yield Room(came, psutil.Process(server.pid))
        finally:
            for learner in came:
                asyncio.get_running_loop().remove_reader(learner.terminal.descriptor)
                learner.terminal.close()
            server.kill()
            server.wait()
