"""A process that answers for the learner's code.

What that does to torch, to the checks or to its process stays there; only plain numbers and text come back.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import resource
import signal
import sys
import types
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import msgspec
import torch

from initplay.engine.order import Order
from initplay.lab.checking import Answer, Probe, answer
from initplay.lab.events import Failed
from initplay.lab.plain import Array
from initplay.words.blanks import blanks_in
from initplay.words.signals import signal_name
from initplay.worker import manners, source

CPU_SECONDS = 2
"""What an exercise may compute in all."""
PATIENCE = 30
"""Seconds for one answer, on a machine that does other things too."""
MEMORY = 2 * 2**30
"""Bytes beyond what the process has at first."""
MOST_PRINTED = 10_000
"""Characters of what each answer printed."""


class Reply(msgspec.Struct):
    """What the pupil says to a probe."""

    value: Any
    raised: str
    said: str
    line: int
    printed: str


class Pupil:
    """The learner's text in a process of its own, with the same probes as the judge has."""

    def __init__(self, order: Order, right: Any, say: Callable[[str], object]) -> None:
        """Starts it. Raises `CannotBegin` where the text cannot be run as a module."""
        self.right = right
        self._say = say
        how = "fork" if sys.platform == "linux" else "spawn"
        ours, theirs = multiprocessing.Pipe()
        # On the CPU and alone with its core: an exercise is small, and a forked torch has no threads.
        self._process = multiprocessing.get_context(how).Process(
            target=_answer_for, args=(theirs, order), daemon=True
        )
        self._process.start()
        theirs.close()
        self._line = ours
        self._trouble = ""
        failure = self._hear(Failed | None)
        if isinstance(failure, Failed):
            raise CannotBegin(failure)
        self.blanks = [blank.line for blank in blanks_in(order.source)]  # it is Python, since it was run

    def of(self, number: int, _probe: Probe) -> Answer:
        """What the learner's code answers to that probe."""
        if not self._trouble:
            with contextlib.suppress(OSError):  # gone; the silence says so
                self._line.send_bytes(msgspec.msgpack.encode(number))
        reply = self._hear(Reply)
        if not isinstance(reply, Reply):
            return Answer(trouble=self._trouble)
        if reply.printed:
            self._say(reply.printed)
        return Answer(_unpacked(reply.value), reply.raised, reply.said, reply.line)

    def close(self) -> None:
        """End the process and what it left running."""
        self._line.close()
        self._process.kill()
        self._process.join()

    def _hear(self, kind: Any) -> Any:
        """The next message; None, and the trouble noted, where there is none or it is no such thing."""
        if self._trouble:
            return None
        try:
            if not self._line.poll(PATIENCE):
                self._trouble = f"It gave no answer within {PATIENCE} seconds: does a loop in it end?"
                return None
            return msgspec.msgpack.decode(self._line.recv_bytes(), type=kind)
        except (EOFError, OSError):
            self._process.join(PATIENCE)
            self._trouble = _ended(self._process.exitcode)
        except msgspec.MsgspecError:
            self._trouble = "It wrote into the line that its answers take."
        return None


class CannotBegin(Exception):
    """The learner's text cannot be run at all."""

    def __init__(self, failure: Failed) -> None:
        super().__init__(failure.message)
        self.failure = failure


def _ended(code: int | None) -> str:
    if code in (-signal.SIGPROF, -signal.SIGXCPU):
        return f"It was still computing after {CPU_SECONDS} seconds of processor time: does a loop in it end?"
    if code is not None and code < 0:
        return f"Its process was ended by {signal_name(-code)}."
    return f"It ended its process (exit code {code})."


def _answer_for(line: Connection, order: Order) -> None:
    """The process: load the probes, then the learner's text, and answer until nobody asks."""
    manners.die_with(os.getppid())
    _limit()
    torch.set_num_threads(1)
    torch.set_default_device(None)
    warnings.filterwarnings("ignore", message="coroutine .* was never awaited")  # the answer says so
    probes = source.load_as("checks", order.checks, "checks.py").PROBES
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        mine = _load(line, order)
        process = os.getpid()
        while True:
            try:
                number = msgspec.msgpack.decode(line.recv_bytes(), type=int)
            except EOFError:
                return
            given = answer(probes[number], mine, order.filename)
            if os.getpid() != process:  # the learner's code forked, and its child came out here too
                os._exit(0)
            said = printed.getvalue()
            printed.seek(0)
            printed.truncate()
            reply = Reply(_packed(given.value), given.raised, given.said, given.line, _cut(said))
            line.send_bytes(msgspec.msgpack.encode(reply))


def _load(line: Connection, order: Order) -> types.ModuleType:
    failure = None
    mine = types.ModuleType(source.MODULE)
    try:
        mine = source.load(order.source, order.filename)
    except BaseException as error:  # noqa: BLE001 (lesson code may raise anything)
        failure = source.explain(error, order.filename, os.path.basename(order.filename))
    line.send_bytes(msgspec.msgpack.encode(failure))
    return mine


def _limit() -> None:
    # The timer is exact, where a limit counts whole seconds; the limit is for who handles the timer's signal.
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as sizes:
            pages = int(sizes.read().split()[0])
        most = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _cut(printed: str) -> str:
    if len(printed) <= MOST_PRINTED:
        return printed
    whole = printed.rfind("\n", 0, MOST_PRINTED) + 1 or MOST_PRINTED  # a line that is longer than all is cut
    lines = printed[:whole] if printed[whole - 1] == "\n" else f"{printed[:whole]}\n"
    return f"{lines}… and {len(printed) - whole:,} characters more\n"


def _packed(value: Any) -> Any:
    """The plain value as msgpack has it: lists and dicts and arrays told apart by their first item."""
    if isinstance(value, Array):
        return ["array", value.shape, value.numbers]
    if isinstance(value, list):
        return ["list", [_packed(item) for item in value]]
    if isinstance(value, dict):
        return ["dict", {name: _packed(item) for name, item in value.items()}]
    return value


def _unpacked(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    if value[0] == "array":
        return Array(tuple(value[1]), tuple(map(float, value[2])))
    if value[0] == "list":
        return [_unpacked(item) for item in value[1]]
    return {name: _unpacked(item) for name, item in value[1].items()}
