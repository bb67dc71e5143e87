"""A shell for tests: arguments in, both streams and the exit code out, each time in a process of its own.

That process is forked by one that has imported the commands: a Python that begins anew takes longer to do
that than most commands take. What Python reads of its environment as it begins is as it was there.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import pkgutil
import socket
import struct
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LONG = 60
"""Seconds; a limit for what takes two."""
_LENGTH = struct.Struct(">I")
_CODE = struct.Struct(">i")
_lines: list[socket.socket] = []
"""The line to the process that forks, while there is one and it has nothing to do."""


def initplay(
    *arguments: object, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the program to its end, without input."""
    asked = {
        "arguments": [str(argument) for argument in arguments],
        "env": dict(os.environ if env is None else env),
        "cwd": str(cwd or Path.cwd()),
    }
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, open(os.devnull, "rb") as nothing:
        code = _ask(json.dumps(asked).encode(), [nothing.fileno(), out.fileno(), err.fileno()])
        said = [(stream.seek(0), stream.read().decode())[1] for stream in (out, err)]
    return subprocess.CompletedProcess(asked["arguments"], code, *said)


def _ask(order: bytes, streams: list[int]) -> int:
    line = _lines.pop() if _lines else _start()
    socket.send_fds(line, [_LENGTH.pack(len(order))], streams)
    line.sendall(order)
    (code,) = _CODE.unpack(_read(line, _CODE.size))
    _lines.append(line)  # not where that failed: another is started then
    return code


def _start() -> socket.socket:
    ours, theirs = socket.socketpair()
    ours.settimeout(LONG)
    with theirs:
        forking = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())], pass_fds=[theirs.fileno()]
        )
    atexit.register(_end, ours, forking)
    return ours


def _end(line: socket.socket, forking: subprocess.Popen[bytes]) -> None:
    line.close()
    forking.kill()
    forking.wait()


def _read(line: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = line.recv(size - len(data))
        if not part:
            raise EOFError("the other side is gone")
        data += part
    return data


def _serve(line: socket.socket) -> None:
    """In the process that forks: until nobody is there to ask."""
    del sys.path[0]  # this folder, which no `initplay` has there
    _load("initplay.commands")
    _load("initplay.charts")
    importlib.import_module("initplay.engine.headless")
    importlib.import_module("initplay.learner.progress")
    while True:
        head, streams, _, _ = socket.recv_fds(line, _LENGTH.size, 3)
        if not head:
            return
        asked = json.loads(_read(line, *_LENGTH.unpack(head)))
        pid = os.fork()
        if pid == 0:
            _be(asked, streams)
        for stream in streams:
            os.close(stream)
        _, status = os.waitpid(pid, 0)
        line.sendall(_CODE.pack(os.waitstatus_to_exitcode(status)))


def _load(name: str) -> None:
    package = importlib.import_module(name)
    for module in pkgutil.iter_modules(package.__path__, f"{name}."):
        importlib.import_module(module.name)


def _be(asked: dict[str, Any], streams: list[int]) -> None:
    """The program, in the process that was forked for it; it ends here."""
    from initplay.cli import main

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, 64)
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115 these stay open to the end
    sys.stdout, sys.stderr = (open(number, "w", encoding="utf-8") for number in (1, 2))  # noqa: SIM115
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    sys.argv = ["initplay", *asked["arguments"]]
    code = 1
    try:
        main()
        code = 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else bool(ending.code)
    except BaseException:  # noqa: BLE001 what a Python of its own would say at its end
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
