"""A fork server of one's own: its process, and the line to it.

Only what is quickly imported is imported here, so that one can be started first of all: it then imports torch
while this process imports what it draws with.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO, NamedTuple

import initplay
from initplay.engine import session
from initplay.engine.cores import cores

SHARED = "INITPLAY_FORK_SERVER"
"""The variable with the path of a shared server's socket. Where nobody answers, one's own is started."""

# Where initplay is found is found again, and where one happens to be is not looked at: a torch.py there must
# not shadow torch. `python -P` does that from 3.11 on, but hides an initplay that is run from its checkout.
_MAIN = """\
import sys
sys.path[:] = [place for place in sys.path if place] + [sys.argv.pop(1)]
from initplay.worker.{module} import main
main()
"""


def worker_command(module: str, *arguments: object) -> list[str]:
    """The command line of a process that runs `main` of a module of the worker's."""
    package = Path(initplay.__file__).parents[1]
    return [sys.executable, "-c", _MAIN.format(module=module), str(package), *map(str, arguments)]


def folder_that_is_there() -> str | None:
    """Where a process is to start, None for here: in a folder that was removed torch cannot be loaded."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return "/"
    return None


class OwnServer(NamedTuple):
    """A server that serves nobody else. It ends with its line, and on Linux with who started it."""

    process: subprocess.Popen[bytes]
    line: socket.socket
    log: BinaryIO

    @classmethod
    def start(cls, data: str) -> OwnServer:
        """`data` are the digits that it reads ahead. Raises OSError.

        Call it on the main thread: on Linux the server dies with the thread that started it.
        """
        with contextlib.ExitStack() as on_failure:
            log = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the server)
            on_failure.callback(log.close)
            ours, theirs = socket.socketpair()
            on_failure.callback(ours.close)
            with theirs:
                process = subprocess.Popen(
                    worker_command("server", theirs.fileno(), os.getpid(), data),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                    cwd=folder_that_is_there(),
                )
            on_failure.pop_all()
        return cls(process, ours, log)

    def abandon(self) -> None:
        """End it before it has made anything, such as where nobody waits for it any more."""
        self.process.kill()
        self.process.wait()
        self.log.close()

    def weigh(self, niceness: int) -> bool:
        """Weigh its session, which is one of its own, as `session.weigh` does."""
        return session.weigh(self.process.pid, niceness)


def start_ahead(data: str) -> OwnServer | None:
    """One for an engine that is still to come; None where that is to start its own, or to say why it cannot.

    The screen's first frame comes first where there are too few cores: until then the server is `BEHIND`.
    """
    if sys.platform == "darwin" or os.environ.get(SHARED) or cores() == 1:
        return None
    with contextlib.suppress(OSError):
        server = OwnServer.start(data)
        # Once: a second try would keep the frame for longer than the server does.
        server.weigh(session.BEHIND)
        return server
    return None
