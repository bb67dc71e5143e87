"""A program in a real pseudo-terminal, its output timed as it arrives."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import tempfile
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.figures import Unmeasured

ROOT = Path(__file__).parents[1]

_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # window title, colours
    r"|\x1b[P_^][^\x1b]*\x1b\\"  # questions to the terminal
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # colours, cursor, modes
    r"|\x1b[ -/]*[0-~]"
    r"|\x1b[^\x1b]{0,40}$"  # one that has not arrived whole
)
_TEXT = re.compile(r"\S")


class Terminal:
    """Runs a command at `columns` x `rows`; what it paints is read only while somebody waits."""

    def __init__(
        self, command: Sequence[str], environment: dict[str, str], *, columns: int, rows: int
    ) -> None:
        self.output = bytearray()
        """What was painted since `forget`."""
        self.began = time.perf_counter()
        self._is_over = False
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(command[0], list(command), environment)

    def worked(self) -> float:
        """Seconds on the processor until now, of this process alone, in hundredths."""
        spent = psutil.Process(self.pid).cpu_times()
        return spent.user + spent.system

    @property
    def sleeps(self) -> bool:
        """Whether it waits for something, and not for a processor."""
        return psutil.Process(self.pid).status() == psutil.STATUS_SLEEPING

    def press(self, key: str) -> None:
        os.write(self.descriptor, key.encode())

    def forget(self) -> None:
        self.output.clear()

    def text(self) -> str:
        """What was painted since `forget`, without colours and places."""
        return _ESCAPES.sub("", self.output.decode(errors="replace"))

    def read(self, duration: float) -> None:
        """Take what is painted for so many seconds."""
        until = time.perf_counter() + duration
        while (left := until - time.perf_counter()) > 0:
            self._take(left)

    def wait_for(self, wanted: str | re.Pattern[str] = _TEXT, patience: float = 60.0) -> float:
        """The moment (perf_counter) at which text painted since `forget` first holds it."""
        pattern = re.compile(re.escape(wanted)) if isinstance(wanted, str) else wanted
        for arrived in self.paintings(patience):
            if pattern.search(self.text()):
                return arrived
        raise Unmeasured(f"No {pattern.pattern!r} in {patience:.0f} s, but {self.text()[-300:]!r}.")

    def paintings(self, patience: float) -> Iterator[float]:
        """The moment of each piece of output, until patience ends."""
        until = time.perf_counter() + patience
        while (left := until - time.perf_counter()) > 0:
            if self._take(left):
                yield time.perf_counter()

    def _take(self, patience: float) -> bool:
        if not select.select([self.descriptor], [], [], patience)[0]:
            return False
        self.take()
        return True

    def take(self) -> None:
        """Take what is painted next, once there is something. Raises Unmeasured where it has ended."""
        try:
            self.output += os.read(self.descriptor, 1 << 16)
        except OSError as error:  # Linux says EIO where others say end of file
            raise Unmeasured(f"The program has ended; its last words: {self.text()[-500:]!r}") from error

    def wait(self) -> int:
        """Its exit code, once it has ended by itself."""
        _, status = os.waitpid(self.pid, 0)
        self._is_over = True
        return os.waitstatus_to_exitcode(status)

    def close(self) -> None:
        os.close(self.descriptor)
        if not self._is_over:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()


@contextmanager
def terminal(command: Sequence[str], *, columns: int = 120, rows: int = 40) -> Iterator[Terminal]:
    """The command as a learner would start it, in an empty home of its own."""
    with tempfile.TemporaryDirectory(prefix="initplay-bench-") as home:
        opened = Terminal(command, environment(home), columns=columns, rows=rows)
        try:
            yield opened
        finally:
            opened.close()


def environment(home: str) -> dict[str, str]:
    """What every measured program gets: colours, this checkout, and nobody's settings.

    Nor that by which Python keeps nothing that it has compiled: what pip installs is compiled, and this
    checkout would be compiled anew at every start.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TEXTUAL", "INITPLAY", "NO_COLOR", "TMUX", "PYTHONDONTWRITE"))
    }
    ours = {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "INITPLAY_HOME": home,
        "INITPLAY_CACHE": home,
        "PYTHONPATH": str(ROOT),
    }
    return {**kept, **ours}
