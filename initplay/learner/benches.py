"""What each lesson's bench held when it was left, as a file each in the folder of the learner's data."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from initplay.learner.saved import NotKept
from initplay.learner.store import data_dir
from initplay.recording.packed import Bench, PackedError, pack, unpack
from initplay.words.lock import locked
from initplay.words.plain_file import contents
from initplay.words.whole import dated, remove_abandoned, whole

MAX_BYTES = 8 * 2**20
"""Of one lesson, roughly."""
MAX_BYTES_IN_ALL = 64 * 2**20
"""Of all lessons; those that were left longest ago go first."""
MOST_ASIDE = 5
"""Files of a lesson that were put aside; the oldest go first."""
_SUFFIX = ".bench"
_ASIDE, _LOCK = ".kept", ".lock"


def path_of(lesson: str) -> Path:
    """Where the bench of a lesson is kept, or would be."""
    return data_dir() / "benches" / f"{re.sub(r'[^A-Za-z0-9_-]+', '_', lesson)}{_SUFFIX}"


class NotRead(Exception):
    """What was kept of a bench cannot be read; the message is one sentence."""


class KeptByAnother(NotKept):
    """Another playground keeps the lesson's runs."""


class Written(NamedTuple):
    """What became of a bench that was written."""

    left_out: list[int]
    """The numbers of the runs for which there was no room."""
    aside: Path | None
    """Where another file lies now that was in its place."""


def read(lesson: str) -> Bench | None:
    """What was kept of a lesson's bench; None where there is nothing. Raises NotRead."""
    path = path_of(lesson)
    try:
        if path.stat().st_size > 2 * MAX_BYTES:
            raise PackedError("it is too large")
        return unpack(contents(path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, PackedError) as error:
        why = (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
        said = f"The runs that this lesson had kept cannot be read ({why}): they stay in {path}"
        raise NotRead(f"{said}, and are put aside when there are new ones.") from error


_Identity = tuple[int, int, int]


def _identity(path: Path) -> _Identity | None:
    """Which file it is, and as it was written when; None where none is seen."""
    try:
        seen = path.stat()
    except OSError:  # who reads or writes it says so
        return None
    return seen.st_ino, seen.st_mtime_ns, seen.st_size


class Benches:
    """All lessons' benches, as one playground reads and writes them.

    What it neither read nor wrote itself is never written over: a file that could not be read, or another
    playground's. It is put aside, under a name that `forget` does not remove.
    """

    def __init__(self) -> None:
        self._known: dict[str, _Identity | None] = {}
        """Which file was read or written last."""
        self._locks: dict[str, int] = {}
        self._others: set[str] = set()
        """Lessons whose runs another playground keeps, to the end of this one, as was said."""

    def read(self, lesson: str) -> Bench | None:
        """What was kept of a lesson's bench; None where there is nothing. Raises NotRead."""
        there = _identity(path_of(lesson))
        self._known.pop(lesson, None)
        found = read(lesson)
        self._known[lesson] = there
        return found

    def write(self, lesson: str, bench: Bench) -> Written:
        """Keep a lesson's bench, whole or not at all, in place of what was kept of it. Raises NotKept."""
        path = path_of(lesson)
        data, left_out = pack(bench, MAX_BYTES)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not self._is_ours(lesson):
                raise KeptByAnother(
                    f"Another playground keeps the runs of {lesson}: those of this one are kept until you "
                    "quit, not longer. ctrl+s saves one as a file."
                )
            aside = None
            with whole(path) as beside:
                beside.write_bytes(data)
                if _identity(path) not in (None, self._known.get(lesson)):
                    aside = _put_aside(path)
            self._known[lesson] = _identity(path)
            _make_room(path)
        except OSError as error:
            folder = path.parent
            raise NotKept(
                f"Runs are kept until you quit, not longer: {folder} cannot be written ({error.strerror})."
            ) from error
        return Written(left_out, aside)

    def _is_ours(self, lesson: str) -> bool:
        """Whether no other playground keeps the lesson's runs; also where nobody can tell. Raises OSError."""
        path = path_of(lesson).with_suffix(_LOCK)
        if lesson in self._others:
            return False
        if lesson in self._locks:
            if _is_still(self._locks[lesson], path):
                return True
            os.close(self._locks.pop(lesson))  # it went with its folder
        try:
            lock = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
        except PermissionError:  # it is another user's
            return True
        if not locked(lock):
            os.close(lock)
            self._others.add(lesson)
            return False
        self._locks[lesson] = lock
        return True

    def close(self) -> None:
        """Let another playground keep the runs from now on."""
        while self._locks:
            os.close(self._locks.popitem()[1])


def _is_still(lock: int, path: Path) -> bool:
    seen = _seen(path)
    return seen is not None and os.path.samestat(os.fstat(lock), seen)


def _put_aside(path: Path) -> Path:
    """Under another name, which it returns, beside the last few. Raises OSError."""
    real = Path(os.path.realpath(path))  # as it is what a link leads to that is written
    aside = dated(real.with_suffix(_ASIDE), "unread")
    os.replace(real, aside)
    others = real.parent.glob(f"{real.stem}.unread-*{_ASIDE}")
    found = [(seen.st_mtime_ns, other) for other in others if (seen := _seen(other)) and other.is_file()]
    for _, old in sorted(found)[:-MOST_ASIDE]:
        old.unlink(missing_ok=True)
    return aside


def asides() -> list[Path]:
    """The files that were put aside, of all lessons."""
    return sorted((data_dir() / "benches").glob(f"*{_ASIDE}"))


def forget() -> int:
    """Remove what was kept of every bench; how many that were. Raises OSError."""
    found = list((data_dir() / "benches").glob(f"*{_SUFFIX}"))
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def _seen(path: Path) -> os.stat_result | None:
    """None where another playground has removed it meanwhile. Raises OSError."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _make_room(latest: Path) -> None:
    """Let go of what was left longest ago, and never of the latest. Raises OSError."""
    remove_abandoned(latest.parent)
    found = [(seen, path) for path in latest.parent.glob(f"*{_SUFFIX}") if (seen := _seen(path))]
    size = sum(seen.st_size for seen, _ in found)
    for stat, path in sorted(found, key=lambda one: one[0].st_mtime_ns):
        if size > MAX_BYTES_IN_ALL and path != latest:
            path.unlink(missing_ok=True)
            size -= stat.st_size
