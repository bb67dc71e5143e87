"""A turn at a device that takes so many runs at once, among all playgrounds that name the same folder.

The line is a folder with a file for each turn that is taken or waited for, which its owner holds locked: the
lock goes when the owner does, however that ends. Nobody waits for a lock here: what is locked just now is
looked at again later.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from initplay.engine.contexts import room_for

FOLDER = "INITPLAY_TURNS"
"""The variable with the folder of the line. Without it nobody waits for a device."""
AT_ONCE = "INITPLAY_AT_ONCE"
"""The variable with how many runs each device takes at once, the CPU too."""


def at_once(memory: int | None, environment: Mapping[str, str]) -> int | None:
    """How many runs a device with so many bytes takes at once; None where there is no line for it."""
    asked = environment.get(AT_ONCE, "")
    if not environment.get(FOLDER):
        return None
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    return None if memory is None else max(1, room_for(memory))  # a small lesson fits where none has room


class Line:
    """All turns at one device."""

    def __init__(self, folder: Path, at_once: int) -> None:
        self.folder = folder
        self.at_once = at_once

    def is_half_taken(self) -> bool:
        """Whether half of the turns are taken or more, also where that cannot be seen now. Raises OSError."""
        with self.counter() as is_free:
            return not is_free or 2 * len(self.numbers()) >= self.at_once

    def is_waited_for(self) -> bool:
        """Whether somebody waits for a turn, where that can be seen now. Raises OSError."""
        with self.counter() as is_free:
            return is_free and len(self.numbers()) > self.at_once

    @contextlib.contextmanager
    def counter(self) -> Iterator[bool]:
        """Be the only one to take or look at numbers; False where somebody else is that now."""
        # Learners with accounts of their own share it: everybody may add and remove files.
        with contextlib.suppress(FileExistsError):  # another was first
            self.folder.mkdir(parents=True)
            self.folder.chmod(0o777)
        descriptor = _open(self.folder / "counter")
        try:
            yield _locked(descriptor)
        finally:
            os.close(descriptor)

    def numbers(self) -> list[int]:
        """Of the turns that are taken or waited for. Whoever is gone without a word loses theirs."""
        return [int(path.name) for path in self.folder.iterdir() if path.name.isdecimal() and _is_held(path)]


class Turn:
    """It comes once fewer than `at_once` of those that were there before have not left."""

    def __init__(self, line: Line) -> None:
        self.before = 0
        """How many of those that wait come first."""
        self._line = line
        self._number = 0
        self._held = -1

    def has_come(self) -> bool:
        """The first call takes a number. Raises OSError."""
        with self._line.counter() as is_free:
            if not is_free:
                return False
            numbers = self._line.numbers()
            if self._held < 0:
                self._number = max(numbers, default=0) + 1
                self._held = _open(self._path)
                _locked(self._held)
        ahead = sum(number < self._number for number in numbers)
        self.before = max(0, ahead - self._line.at_once)
        return ahead < self._line.at_once

    def leave(self) -> None:
        """Twice does no harm."""
        if self._held >= 0:
            self._path.unlink(missing_ok=True)
            os.close(self._held)
            self._held = -1

    @property
    def _path(self) -> Path:
        return self._line.folder / str(self._number)


def _open(path: Path) -> int:
    """Others' files too, to see whether they are locked; made where it is not there."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
    with contextlib.suppress(PermissionError):  # it is another's, who has done so
        os.fchmod(descriptor, 0o644)
    return descriptor


def _locked(descriptor: int) -> bool:
    """Whether this has the lock now, until it is closed."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_held(path: Path) -> bool:
    """Whether its owner is still there; else it is removed."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:  # its owner has just left
        return False
    try:
        if not _locked(descriptor):
            return True
        path.unlink(missing_ok=True)
        return False
    finally:
        os.close(descriptor)
