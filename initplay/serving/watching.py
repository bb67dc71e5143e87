"""Looks at the machine's processes, and ends those of a visit that takes too much, or got away from it."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

import psutil

from initplay.engine.orphans import take_in_orphans
from initplay.serving.bounds import Bounds, Row, belonging, below

_ROUNDS = 20
"""Of stopping what was started meanwhile; what is stopped starts nothing."""
_STOPPED = (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)


@dataclass(frozen=True)
class Seen:
    """What there is to do for who asked to look."""

    words: dict[int, str] = field(default_factory=dict)
    """By playground: what its visitor is to know."""
    too_large: dict[int, str] = field(default_factory=dict)
    """Playgrounds that take too much themselves, and what their visitors are to know."""
    stopped: set[int] = field(default_factory=set)
    """Playgrounds that were stopped, and that nobody can call back."""


class Watchman:
    """Looks when asked to; that takes tens of milliseconds, so ask on another thread than the loop's."""

    def __init__(self, bounds: Bounds, *, has_machine: bool) -> None:
        """Who has the machine ends all below it that is of no playground, but for what is there by now."""
        self._bounds = bounds
        self._keeps_orphans = has_machine and take_in_orphans()
        self._known = {pid for pid, row in _processes().items() if row.parent == os.getpid()}
        self._strays: dict[int, float] = {}
        """Of the last look, with when they began."""

    @property
    def has_strays(self) -> bool:
        """Whether there were some that the next look is to end."""
        return bool(self._strays)

    def look(self, playgrounds: Collection[int], fork_server: int) -> Seen:
        """End what takes too much, and what got away from every playground. Raises OSError."""
        table = _processes()
        belongs = belonging(table, os.getpid(), playgrounds, fork_server, self._known)
        seen = Seen(stopped={pid for pid in playgrounds if pid in table and table[pid].is_stopped})
        for playground, all_of in belongs.of.items():
            size = sum(table[one].size for one in all_of)
            if size > self._bounds.memory and len(all_of) <= self._bounds.processes:  # else it takes long
                size = _memory_of(all_of)
            if sentence := self._bounds.too_much(len(all_of), size):
                seen.words[playground] = sentence
                _end_all(all_of, lambda one=playground: self._started_by(one, playgrounds, fork_server))
        for playground in playgrounds:
            own = table[playground].size if playground in table else 0
            if own > self._bounds.memory and (sentence := self._bounds.too_large(_memory_of([playground]))):
                seen.too_large[playground] = sentence
        if self._keeps_orphans:
            orphans = [pid for pid, row in table.items() if row.parent == os.getpid() and row.is_over]
            _reap(pid for pid in orphans if pid not in {*playgrounds, *self._known, fork_server})
            self._end_strays({pid: table[pid].began for pid in belongs.strays})
        return seen

    def _end_strays(self, strays: dict[int, float]) -> None:
        """Those of two looks: what is a stray in one alone may be a playground that is just being opened."""
        twice = {pid for pid, began in strays.items() if self._strays.get(pid) == began}
        self._strays = {pid: began for pid, began in strays.items() if pid not in twice}
        _end_all(twice, lambda: below(_processes(), twice))

    def _started_by(self, playground: int, all_of_them: Collection[int], fork_server: int) -> set[int]:
        return belonging(_processes(), os.getpid(), all_of_them, fork_server, self._known).of[playground]


def _processes() -> dict[int, Row]:
    table = {}
    for process in psutil.process_iter(["ppid", "name", "status", "memory_info", "create_time"]):
        about = process.info  # type: ignore[attr-defined]
        with contextlib.suppress(OSError):  # it has ended
            table[process.pid] = Row(
                about["ppid"] or 0,
                os.getsid(process.pid),
                about["name"] or "",
                about["memory_info"].rss if about["memory_info"] else 0,
                about["status"] in _STOPPED,
                about["status"] == psutil.STATUS_ZOMBIE,
                about["create_time"] or 0.0,
            )
    return table


def _memory_of(pids: Iterable[int]) -> int:
    """Bytes of these, where what they share with others counts by its share, if the system tells.

    It takes milliseconds for each, so ask where the plain sum of sizes is too large.
    """
    total = 0
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            full = psutil.Process(pid).memory_full_info()
            total += getattr(full, "pss", full.uss)
    return total


def _end_all(first: set[int], find: Callable[[], set[int]]) -> None:
    """End these and whatever they start meanwhile: all are stopped before the first one is killed."""
    new, stopped = first, set[int]()
    for _ in range(_ROUNDS):
        if not new:
            break
        _send(signal.SIGSTOP, new)
        stopped |= new
        new = find() - stopped
    _send(signal.SIGKILL, stopped)


def _reap(pids: Iterable[int]) -> None:
    """Take note of the end of orphans, of whom nobody else does."""
    for pid in pids:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def _send(sign: signal.Signals, pids: Iterable[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, sign)
