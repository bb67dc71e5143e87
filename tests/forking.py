"""A Python that has imported what is needed, and forks a process for each program that is asked for.

A Python that begins anew takes longer to import than most of what tests run in it takes to run. What begins
here is as if it had: streams, environment, folder and arguments are those that were asked for, and `Forked`
is to its caller what `subprocess.Popen` is. What Python reads of its environment only as it begins, such as
its encoding, is as it was when the process that forks began.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import traceback
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

_NUMBER = struct.Struct(">i")


class Forked:
    """A program that runs in a process which was forked for it."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.pid = self._number()
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code once it has ended, negative for the signal that ended it."""
        if self.returncode is None:
            with suppress(BlockingIOError):
                self._line.setblocking(False)
                self._line.recv(1, socket.MSG_PEEK)
                self.wait()
        return self.returncode

    def wait(self, seconds: float | None = None) -> int:
        """Wait until it has ended; its exit code. Raises TimeoutError."""
        if self.returncode is None:
            self._line.settimeout(seconds)
            self.returncode = self._number()
            self._line.close()  # from now on its number may be another's
        return self.returncode

    def send_signal(self, sign: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, sign)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _number(self) -> int:
        return _NUMBER.unpack(_read(self._line, _NUMBER.size))[0]


class Forking:
    """The process that forks. It begins with the first program that is asked for, and ends with the tests."""

    def __init__(self, *packages: str, env: Mapping[str, str] | None = None) -> None:
        """`packages` are imported with all modules in them; `env` is what Python itself is to read."""
        self._packages = packages
        self._env = env
        self._line: socket.socket | None = None

    def start(
        self,
        arguments: Sequence[str],
        streams: Sequence[int],
        env: Mapping[str, str],
        *,
        folder: Path | None = None,
        in_a_terminal: bool = False,
    ) -> Forked:
        """Run `initplay` with these arguments; in a terminal, as the leader of a session that has it."""
        ours, theirs = socket.socketpair()
        asked = {
            "arguments": arguments,
            "env": dict(env),
            "folder": str(folder or Path.cwd()),
            "in_a_terminal": in_a_terminal,
        }
        order = json.dumps(asked).encode()
        if self._line is None:
            self._line = self._begin()
        with theirs:
            head = _NUMBER.pack(len(order))
            socket.send_fds(self._line, [head], [theirs.fileno(), *streams])
        self._line.sendall(order)
        return Forked(ours)

    def _begin(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, __file__, str(theirs.fileno()), *self._packages]
            process = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=self._env)
        atexit.register(self._end, ours, process)
        return ours

    @staticmethod
    def _end(line: socket.socket, process: subprocess.Popen[bytes]) -> None:
        line.close()
        process.wait()


def _read(line: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = line.recv(size - len(data))
        if not part:
            raise EOFError("the other side is gone")
        data += part
    return data


# The other side: the process that forks.


class Asked(NamedTuple):
    """A program to be, and the descriptors that are to be its streams."""

    arguments: list[str]
    env: dict[str, str]
    folder: str
    in_a_terminal: bool
    streams: list[int]


def _next_program(line: socket.socket) -> Asked | None:
    """Fork for whoever asks: in a process that was forked what it is to be, and None once nobody asks."""
    while True:
        head, descriptors, _, _ = socket.recv_fds(line, _NUMBER.size, 4)
        if not head:
            return None
        order = json.loads(_read(line, *_NUMBER.unpack(head)))
        parent, *streams = descriptors
        if os.fork() == 0:
            line.close()
            _be_a_parent(socket.socket(fileno=parent), streams)
            return Asked(**order, streams=streams)
        for descriptor in descriptors:
            os.close(descriptor)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _be_a_parent(line: socket.socket, streams: Sequence[int]) -> None:
    """Fork once more, and return there; here, say the program's number and how it ended, and end.

    Its number stays its own until its end was heard.
    """
    pid = os.fork()
    if pid == 0:
        line.close()
        return
    try:
        for stream in streams:
            os.close(stream)
        line.sendall(_NUMBER.pack(pid))
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert ended is not None
        code = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        line.sendall(_NUMBER.pack(code))
        line.recv(1)  # until it is closed
        os.waitpid(pid, 0)
    except (BrokenPipeError, ConnectionResetError):  # nobody asks any more
        pass
    finally:
        os._exit(0)


def _become(asked: Asked) -> None:
    """Take what was asked for, as it is where Python begins."""
    if asked.in_a_terminal:
        os.setsid()
        fcntl.ioctl(asked.streams[0], termios.TIOCSCTTY, 0)
    for number, stream in enumerate(asked.streams):
        os.dup2(stream, number)
    os.closerange(3, 64)
    # They stay open to the end.
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8")  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", 1, encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
    os.environ.clear()
    os.environ.update(asked.env)
    os.chdir(asked.folder)
    sys.argv = ["initplay", *asked.arguments]


def _run_and_end() -> NoReturn:
    """Without what Python does at last: to free every module is to copy what is shared with the parent."""
    from initplay.cli import main

    code = 1
    try:
        main()
        code = 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else bool(ending.code)
    except BaseException:  # noqa: BLE001 as Python does
        traceback.print_exc()
    for thread in threading.enumerate():
        if not thread.daemon and thread is not threading.current_thread():
            thread.join()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _import(name: str) -> None:
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(getattr(package, "__path__", []), f"{name}."):
        importlib.import_module(module.name)


def _read_the_course() -> None:
    """Read the lessons that come along, which each program would do anew: that takes longer than most run."""
    from initplay.course import reading
    from initplay.course.course import find_lessons_dir
    from initplay.course.folders import lesson_folders

    read, along = reading.read_lessons, lesson_folders(find_lessons_dir())
    found = read(along)

    def read_once(folders: Iterable[Path]) -> tuple[list[Any], list[Any]]:
        return found if folders == along else read(folders)

    reading.read_lessons = read_once


def _main() -> None:
    line, packages = socket.socket(fileno=int(sys.argv[1])), sys.argv[2:]
    del sys.path[0]  # this folder, which no `initplay` has there
    for package in packages:
        _import(package)
    _read_the_course()
    gc.collect()
    gc.freeze()  # what is here now is not looked through in each process that comes of this one
    if asked := _next_program(line):
        _become(asked)
        _run_and_end()


if __name__ == "__main__":
    _main()
