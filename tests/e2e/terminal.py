"""A real pseudo-terminal with the playground in it, and pyte to read its screen."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import painting
import psutil
from forking import Forked, Forking

from initplay.engine.own_server import SHARED
from initplay.engine.peer import name_of_server_for

COURSE = Path(__file__).parents[1] / "ui" / "course"
INITPLAY = (sys.executable, "-m", "initplay")
LONG = 90
"""Seconds; a limit for what takes two."""
_MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
_UNFINISHED = re.compile(rb"\x1b(\[[\d;:<>=?$ ]*)?\Z")
"""A sequence of which the rest comes with the next bytes."""
_FOR_OTHER_TERMINALS = re.compile(rb"\x1b\[[<>=][\d;]*[a-zA-Z]|\x1b\[\?[\d;]*\$p|\x1b\[\?u")
"""Requests and key protocols that pyte would print as text."""
MOUSE = frozenset({9, 1000, 1002, 1003, 1005, 1006, 1015, 1016})
CURSOR, ALTERNATE_SCREEN = 25, 1049


class Terminal:
    """One program in a terminal of its own, as its session's leader. Use it in a `with` block."""

    def __init__(
        self,
        home: Path,
        *arguments: str,
        size: tuple[int, int] = (100, 30),
        env: Mapping[str, str | None] | None = None,
        command: Sequence[str] = (*INITPLAY, "--lessons", str(COURSE)),
        anew: bool = False,
    ) -> None:
        """`anew`: a Python that begins with this program, where one that was forked is not the same."""
        columns, rows = size
        self.screen = painting.Screen(columns, rows)
        self.bytes_per_second: int | None = None
        """What the line to the terminal carries; None for as much as comes. To be set once it has started."""
        self._read_at = 0.0
        self.written: bytes | bytearray = bytearray()
        """Everything the program wrote so far."""
        self._text = (-1, "")
        """How much had been written, and what stood on the screen then."""
        self.painted = True
        """Whether what is written is painted on `screen`, which takes longer than to write it."""
        self._stream = painting.Stream(self.screen)
        self._modes: dict[int, bool] = {}
        self._unfinished = b""
        self._master, self._slave = os.openpty()
        self._set_size(columns, rows)
        self.environment = _environment(home, env or {})
        self.settings_before = termios.tcgetattr(self._slave)
        os.set_blocking(self._master, False)
        self.process = self._started([*command, *arguments], anew)

    def _started(self, command: list[str], anew: bool) -> subprocess.Popen[bytes] | Forked:
        if not anew and tuple(command[: len(INITPLAY)]) == INITPLAY and _is_as_forked(self.environment):
            arguments = command[len(INITPLAY) :]
            return _forking.start(arguments, [self._slave] * 3, self.environment, in_a_terminal=True)
        return subprocess.Popen(
            command,
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env=self.environment,
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        for process in [*self.family(), psutil.Process(self.process.pid)] if self.running else []:
            process.kill()
        self.process.wait()
        self.hang_up()
        if self._slave >= 0:
            os.close(self._slave)

    # What one does to it

    def send(self, data: str | bytes) -> None:
        """Write all of it, taking meanwhile what the program writes: neither may wait for the other."""
        data = data.encode() if isinstance(data, str) else data
        deadline = time.monotonic() + LONG
        while data:
            assert time.monotonic() < deadline, "the program does not read its terminal"
            if select.select([], [self._master], [], 0)[1]:
                data = data[os.write(self._master, data) :]
            else:
                self.read()

    def run_first(self) -> None:
        """From Home: open the lesson, and run its experiment."""
        self.send("\r")
        self.wait_for(lambda: re.search(r"initplay +\d\d ", self.screen.display[0]), "the lesson")
        self.send("r")

    def resize(self, columns: int, rows: int) -> None:
        self._set_size(columns, rows)
        self.screen.resize(rows, columns)
        self._text = (-1, "")
        self.process.send_signal(signal.SIGWINCH)

    def hang_up(self) -> None:
        """The terminal goes away."""
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def let_go(self) -> None:
        """Give up this side's hold on the program's end, as a terminal emulator has none."""
        os.close(self._slave)
        self._slave = -1

    def go_on(self, step: int) -> None:
        """To the next step, the one of that number, though a goal is open: that is said once."""
        # The title bar is painted before the text: what the step before said may still stand there.
        self.wait_for(lambda: not self.shows("n once more"), "the text of the step")
        self.send("n")
        shown = f"step {step} of"
        self.wait_for(lambda: self.shows(shown) or self.shows("n once more"), "an answer to n")
        if not self.shows(shown):
            self.send("n")
        self.until(shown)

    # What one sees

    def read(self, seconds: float = 0.02) -> int:
        """Take what the program writes in this time; how many bytes it was."""
        count = 0
        end = time.monotonic() + seconds
        while (
            self._master >= 0 and select.select([self._master], [], [], max(0.0, end - time.monotonic()))[0]
        ):
            try:
                data = self._arrived()
            except OSError:  # nobody has the other end any more
                break
            count += len(data)
            self.written += data
            whole = self._finished(data)
            for numbers, sign in _MODE.findall(whole):
                self._modes.update({int(number): sign == b"h" for number in numbers.split(b";")})
            if self.painted:
                self._stream.feed(_FOR_OTHER_TERMINALS.sub(b"", whole))
            if time.monotonic() >= end:
                break
        return count

    def _finished(self, data: bytes) -> bytes:
        """What has come as far as it ends with no sequence that goes on."""
        data = self._unfinished + data
        unfinished = _UNFINISHED.search(data)
        self._unfinished = unfinished[0] if unfinished else b""
        return data[: len(data) - len(self._unfinished)]

    def _arrived(self) -> bytes:
        """What has come; over a slow line, as much as that carries in a hundredth of a second."""
        if self.bytes_per_second is None:
            return os.read(self._master, 65536)
        time.sleep(0.01)
        now = time.monotonic()
        share, self._read_at = min(now - self._read_at, 0.1), now
        return os.read(self._master, max(1, int(share * self.bytes_per_second)))

    @property
    def text(self) -> str:
        """What stands on the screen."""
        if self._text[0] != len(self.written):
            self._text = len(self.written), self.screen.text
        return self._text[1]

    def shows(self, *texts: str) -> bool:
        shown = " ".join(self.text.replace("│", " ").split())
        return all(text in shown for text in texts)

    def until(self, *texts: str) -> None:
        """Wait until all these are on the screen."""
        self.wait_for(lambda: self.shows(*texts), f"{texts} on the screen")

    def wait_for(self, true: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + LONG
        while not true():
            if time.monotonic() > deadline:
                raise AssertionError(f"waited in vain for {what}; the screen shows:\n{self.text}")
            if not self.running and not self.read():
                raise AssertionError(f"the program ended before {what}; the screen shows:\n{self.text}")
            self.read()

    def silence(self, seconds: float) -> None:
        """Wait until it has written nothing for so long."""
        deadline = time.monotonic() + LONG
        silent_since = time.monotonic()
        while time.monotonic() < silent_since + seconds:
            assert time.monotonic() < deadline, f"it goes on writing; the screen shows:\n{self.text}"
            if self.read():
                silent_since = time.monotonic()

    def on(self, mode: int) -> bool:
        """Whether a private mode of the terminal is switched on."""
        return self._modes.get(mode, mode == CURSOR)

    # The processes

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def family(self) -> list[psutil.Process]:
        """Its fork server if it has its own, the processes of runs, and whatever else it has started."""
        try:
            own = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            own = []
        return [*own, *self._forked()]

    def left(self) -> list[psutil.Process]:
        """What still lives of its session, and of what was forked for it."""
        return [*_session_of(self.process.pid), *self._forked()]

    def _forked(self) -> list[psutil.Process]:
        """What the fork server that tests share has made for it, where it is to join that."""
        name = name_of_server_for(self.process.pid)
        found = []
        for child in _shared_server().children() if SHARED in self.environment else []:
            with suppress(psutil.NoSuchProcess):
                if child.name() == name:
                    found.append(child)
        return found

    def server(self) -> psutil.Process:
        self.wait_for(lambda: self.family(), "the fork server")
        return self.family()[0]

    def wait(self) -> int:
        """Wait for the program's end, taking what it still writes; its exit code."""
        deadline = time.monotonic() + LONG
        while self.running:
            assert time.monotonic() < deadline, f"it does not end; the screen shows:\n{self.text}"
            if self._master >= 0:
                self.read()
            else:
                time.sleep(0.01)
        if self._master >= 0:
            self.read(0.1)
        return self.process.wait()

    def restored(self) -> dict[str, bool]:
        """What a program must leave as it found it, and whether it did."""
        self.read(0.1)
        keys = self.written.count(b"\x1b[>1u") - self.written.count(b"\x1b[<u")
        return {
            "alternate screen left": not self.on(ALTERNATE_SCREEN),
            "cursor shown": self.on(CURSOR),
            "mouse off": not any(self.on(mode) for mode in MOUSE),
            "focus reports off": not self.on(1004),
            "bracketed paste off": not self.on(2004),
            "key protocol left": keys <= 0,
            "line settings as before": termios.tcgetattr(self._slave) == self.settings_before,
        }

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def course_of(folder: Path, name: str, title: str, source: str) -> tuple[str, ...]:
    """The command that opens a course, made in the folder, whose one experiment takes minutes."""
    lesson = folder / "course" / f"01_{name}"
    lesson.mkdir(parents=True)
    (lesson / "lesson.md").write_text(
        f"# {title}\n\n## Wait\n\nIt takes minutes.\n\n```run {name}\n```\n\n## Sources\n\n- None.\n"
    )
    (lesson / "experiment.py").write_text(source)
    return (sys.executable, "-m", "initplay", "--lessons", str(lesson.parent))


def _shared_server() -> psutil.Process:
    """The one that all tests share (tests/conftest.py)."""
    return psutil.Process(int(Path(os.environ["INITPLAY_TEST_SERVER"], "pid").read_text()))


def _session_of(leader: int) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(ProcessLookupError, psutil.NoSuchProcess):
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def gone(processes: Sequence[psutil.Process]) -> bool:
    """Wait for the end of these."""
    _, alive = psutil.wait_procs(processes, timeout=LONG)
    return not alive


_SETTINGS = {
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TEXTUAL_ANIMATIONS": "none",
}


def _environment(home: Path, changes: Mapping[str, str | None]) -> dict[str, str]:
    kept = _common_environment()
    kept |= {"INITPLAY_HOME": str(home / "data"), "INITPLAY_CACHE": str(home / "cache")}
    for name, value in changes.items():
        kept.pop(name, None)
        if value is not None:
            kept[name] = value
    return kept


def _common_environment() -> dict[str, str]:
    unwanted = ("NO_COLOR", "COLUMNS", "LINES", "TMUX", "COLORTERM", "TERM_PROGRAM")
    return {name: value for name, value in os.environ.items() if name not in unwanted} | _SETTINGS


_AT_START = _common_environment()
_forking = Forking("initplay.ui", "initplay.charts", "initplay.commands", env=_AT_START)


def _is_as_forked(environment: Mapping[str, str]) -> bool:
    """Whether what is read when Python begins, and when Textual is imported, is the same there."""

    def read_at_start(given: Mapping[str, str]) -> dict[str, str]:
        prefixes = ("PYTHON", "LANG", "LC_", "TEXTUAL_")
        return {name: value for name, value in given.items() if name.startswith(prefixes)}

    return read_at_start(environment) == read_at_start(_AT_START)
