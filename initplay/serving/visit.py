"""One playground in a pseudo-terminal: what it draws goes to whichever browser page looks at it.

Because it is a terminal, everything that the playground does for terminals holds in a browser too: frames are
left out when the line is slow, and its end is a hang-up, at which it writes down where the learner was.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import struct
import sys
import termios
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import initplay
from initplay.engine.patience import within

PATIENCE = 10.0
"""Seconds in which it leaves by itself, on a busy machine too."""
_MOST_AT_ONCE = 65536
LONGEST = 500
"""Columns or lines of a terminal; a page may ask for any."""

# A torch.py in the visitor's folder must not shadow torch: where one happens to be is not looked at.
_MAIN = """\
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
sys.path[:] = [place for place in sys.path if place] + [sys.argv.pop(1)]
from initplay.cli import main
main()
"""


def playground_command(options: Sequence[str]) -> list[str]:
    """The command line of a playground that takes the terminal it is started on for its own."""
    return [sys.executable, "-c", _MAIN, str(Path(initplay.__file__).parents[1]), *options]


class Visit:
    """One playground, whether somebody looks at it or not."""

    def __init__(
        self, process: asyncio.subprocess.Process, terminal: int, clock: Callable[[], float]
    ) -> None:
        self._process = process
        self._terminal = terminal
        """A descriptor; -1 once it is hung up."""
        self._clock = clock
        self._waiting: set[asyncio.Future[None]] = set()
        """For the terminal to take something, or to have something."""
        self._looking: asyncio.Task[None] | None = None
        self._was_seen = False
        self._typing = asyncio.Lock()
        """What two lines type comes one after the other: only one can wait for the terminal."""
        self.touched = clock()
        """When a key came last, or the mouse."""
        self.left: float | None = clock()
        """Since when nobody looks."""
        self.why_over = ""

    @classmethod
    async def begin(
        cls,
        options: Sequence[str],
        home: Path,
        environment: Mapping[str, str],
        size: tuple[int, int],
        clock: Callable[[], float] = time.monotonic,
    ) -> Visit:
        """Open a playground in a folder. Raises OSError."""
        terminal, inside = os.openpty()
        try:
            _set_size(terminal, size)
            os.set_blocking(terminal, False)
            process = await asyncio.create_subprocess_exec(
                *playground_command(options),
                stdin=inside,
                stdout=inside,
                stderr=inside,
                cwd=home,
                env=environment,
                start_new_session=True,
            )
        except BaseException:
            os.close(terminal)
            raise
        finally:
            os.close(inside)
        return cls(process, terminal, clock)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_over(self) -> bool:
        return self._process.returncode is not None

    async def look(self, show: Callable[[bytes], Awaitable[object]]) -> None:
        """Show what it draws, until it is over or somebody else looks.

        Nothing is read while `show` takes its time: the playground then leaves out frames.
        """
        here = asyncio.current_task()
        while self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])
        self._looking, self.left = here, None
        if self._was_seen:  # it sets the terminal up anew, and draws all of it
            self.go_on()
        self._was_seen = True
        try:
            while data := await self._drawn():
                await show(data)
        finally:
            self._looking, self.left = None, self._clock()

    async def ended(self) -> None:
        await self._process.wait()

    async def type(self, text: str) -> None:
        """Send what was typed; returns when the terminal has taken it."""
        self.touched = self._clock()
        data = text.encode(errors="replace")
        async with self._typing:
            while data and self._terminal >= 0:
                try:
                    data = data[os.write(self._terminal, data) :]
                except BlockingIOError:
                    await self._until(asyncio.get_running_loop().add_writer)
                except OSError:  # it is over
                    return

    async def _drawn(self) -> bytes:
        """What it drew next; empty when it is over."""
        while self._terminal >= 0:
            try:
                return os.read(self._terminal, _MOST_AT_ONCE)
            except BlockingIOError:
                await self._until(asyncio.get_running_loop().add_reader)
            except OSError:  # nobody has the other end any more
                break
        return b""

    async def _until(self, ready: Callable[..., object]) -> None:
        """Wait until the terminal can be read from or written to, whichever of the loop's is handed in."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[None] = loop.create_future()
        self._waiting.add(waiting)
        ready(self._terminal, lambda: waiting.done() or waiting.set_result(None))
        try:
            await waiting
        finally:
            self._waiting.discard(waiting)
            if self._terminal >= 0:
                (loop.remove_reader if ready == loop.add_reader else loop.remove_writer)(self._terminal)

    def resize(self, width: int, height: int) -> None:
        """To so many columns and lines; the system tells the playground."""
        if self._terminal >= 0:
            _set_size(self._terminal, (width, height))

    def go_on(self) -> None:
        """Have it go on where it was stopped, and draw all anew."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGCONT)

    def hang_up(self, why: str) -> None:
        """Take its terminal away, at which it keeps what there is to keep and leaves."""
        self.why_over = self.why_over or why
        if self._terminal < 0:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._terminal)
        loop.remove_writer(self._terminal)
        os.close(self._terminal)
        self._terminal = -1
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self.go_on()

    async def end(self, why: str, patience: float = PATIENCE) -> None:
        """Hang up, and wait until it is gone; after so many seconds it is made to go."""
        self.hang_up(why)
        try:
            await within(patience, self._process.wait())
        except asyncio.TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            await self._process.wait()


def _set_size(terminal: int, size: tuple[int, int]) -> None:
    columns, lines = (min(max(1, length), LONGEST) for length in size)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
