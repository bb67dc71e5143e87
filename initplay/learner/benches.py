"""What each lesson's bench held when it was left, as a file each in the folder of the learner's data."""

from __future__ import annotations

import os
import re
from pathlib import Path

from initplay.learner.saved import NotKept
from initplay.learner.store import data_dir
from initplay.recording.packed import Bench, PackedError, pack, unpack
from initplay.words.plain_file import contents
from initplay.words.whole import dated, remove_abandoned, write_whole

MAX_BYTES = 8 * 2**20
"""Of one lesson, roughly."""
MAX_BYTES_IN_ALL = 64 * 2**20
"""Of all lessons; those that were left longest ago go first."""
_SUFFIX = ".bench"
_ASIDE = ".kept"
"""Of a file that was put aside: neither `forget` nor who needs room removes it."""


def path_of(lesson: str) -> Path:
    """Where the bench of a lesson is kept, or would be."""
    return data_dir() / "benches" / f"{re.sub(r'[^A-Za-z0-9_-]+', '_', lesson)}{_SUFFIX}"


def write(lesson: str, bench: Bench, *, unread: bool = False) -> list[int]:
    """Keep a lesson's bench, whole or not at all, in place of what was kept of it; where that was never read
    it is put aside first. Raises NotKept.

    Returns the numbers of the runs for which there was no room.
    """
    path = path_of(lesson)
    data, left_out = pack(bench, MAX_BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if unread and path.exists():
            _put_aside(path)
        write_whole(path, data)
        _make_room(path)
    except OSError as error:
        folder = path.parent
        raise NotKept(
            f"Runs are kept until you quit, not longer: {folder} cannot be written ({error.strerror})."
        ) from error
    return left_out


class NotRead(Exception):
    """What was kept of a bench cannot be read; the message is one sentence."""

    def __init__(self, said: str, *, stays: bool) -> None:
        super().__init__(said)
        self.stays = stays
        """Whether the file is where it was: who writes the bench must put it aside."""


def read(lesson: str) -> Bench | None:
    """What was kept of a lesson's bench; None where there is nothing.

    Raises NotRead. What is no bench of this version is put aside then; what the system would not read stays,
    for the next start may read it.
    """
    path = path_of(lesson)
    try:
        if path.stat().st_size > 2 * MAX_BYTES:
            raise PackedError("it is too large")
        return unpack(contents(path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise NotRead(f"{_NOT_READ} now ({why}): they stay in {path}.", stays=True) from error
    except PackedError as error:
        raise _without(path, f"{_NOT_READ} ({error})") from error


_NOT_READ = "The runs that this lesson had kept cannot be read"


def _without(path: Path, said: str) -> NotRead:
    """Put aside what is no bench, and say so."""
    try:
        aside = _put_aside(path)
    except OSError as error:
        return NotRead(f"{said}, and {path} cannot be put aside: {error.strerror}.", stays=True)
    return NotRead(f"{said}: they lie in {aside}.", stays=False)


def _put_aside(path: Path) -> Path:
    """Under another name, which it returns. Raises OSError."""
    aside = dated(path.with_suffix(_ASIDE), "unread")
    os.replace(path, aside)
    return aside


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
