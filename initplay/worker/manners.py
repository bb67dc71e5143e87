"""How a process behaves towards the machine it runs on: it goes first, and it leaves with its parent."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import resource
import signal
import sys
from functools import lru_cache

from initplay.engine import session

NICENESS = session.BEHIND
"""So that the screen answers while an experiment fills every core."""
MEMORY = "INITPLAY_MEMORY"
"""The variable with how many bytes a run's process may take, beyond what it was forked with."""
DIES_WITH_PARENT = sys.platform == "linux"
"""Whether the system ends a process with its parent. Elsewhere it must listen for the end of its socket."""


def die_with(parent: int) -> None:
    """End when the parent does, on Linux even while lesson code holds the interpreter.

    The end of a socket says the same everywhere, but only to a thread that gets to run.
    """
    if DIES_WITH_PARENT:
        pr_set_pdeathsig = 1
        libc().prctl(pr_set_pdeathsig, signal.SIGKILL)
    if os.getppid() != parent:  # it was gone before we could ask
        os._exit(0)


def children() -> list[int]:
    """The processes that have this one as their parent; none where the system does not list them."""
    with contextlib.suppress(OSError), open(f"/proc/self/task/{os.getpid()}/children") as pids:
        return [int(pid) for pid in pids.read().split()]
    return []


def be_nice() -> None:
    """Let the screen go first where there are too few cores."""
    os.nice(NICENESS)


def have_the_session_be_nice() -> bool:
    """The same for one's session, if one leads it; False where it has to be tried again."""
    return os.getsid(0) != os.getpid() or session.weigh(os.getpid(), NICENESS)


def go_first_when_memory_runs_out() -> None:
    """Where Linux has to kill something, it is to be the experiment and not the screen."""
    with contextlib.suppress(OSError):  # Linux alone has it
        score = os.open("/proc/self/oom_score_adj", os.O_WRONLY)  # `open` would copy 30 pages of memory
        os.write(score, b"1000")
        os.close(score)


def be_called(name: str) -> None:
    """Have a list of processes show this name, on Linux."""
    if sys.platform == "linux":
        pr_set_name = 15
        libc().prctl(pr_set_name, name.encode())


def stay_within(size: str) -> None:
    """Be refused more bytes than these beyond what there is, on Linux; no limit where it is no number.

    RLIMIT_DATA counts what only this process can write to. RLIMIT_AS would count torch's libraries, and what
    CUDA reserves without using it.
    """
    if not size.isdecimal() or sys.platform != "linux":
        return
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:
        has = re.search(r"^VmData:\s+(\d+) kB", status.read(), re.M)
    if has:
        most = int(has[1]) * 1024 + int(size)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def have_environment(environment: dict[bytes, bytes]) -> None:
    """That of the playground that one works for, and nothing that torch has added to it."""
    if dict(os.environb) != environment:
        os.environb.clear()
        os.environb.update(environment)


def enter(folder: bytes) -> None:
    """Be where the playground is, if that is still there and may be entered."""
    with contextlib.suppress(OSError):
        os.chdir(folder)


@lru_cache
def libc() -> ctypes.CDLL:
    """Opened once, for all that are forked."""
    return ctypes.CDLL(None)
