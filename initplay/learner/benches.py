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


def path_of(lesson: str) -> Path:
    """Where the bench of a lesson is kept, or would be."""
    return data_dir() / "benches" / f"{re.sub(r'[^A-Za-z0-9_-]+', '_', lesson)}{_SUFFIX}"


def write(lesson: str, bench: Bench) -> list[int]:
    """Keep a lesson's bench, whole or not at all, in place of what was kept of it. Raises NotKept.

    Returns the numbers of the runs for which there was no room.
    """
    path = path_of(lesson)
    data, left_out = pack(bench, MAX_BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
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


def read(lesson: str) -> Bench | None:
    """What was kept of a lesson's bench; None where there is nothing. Raises NotRead, and puts the file aside
    then: the next run is written in its place."""
    path = path_of(lesson)
    try:
        if path.stat().st_size > 2 * MAX_BYTES:
            raise PackedError("it is too large")
        return unpack(contents(path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise NotRead(_put_aside(path, (error.strerror or str(error)).lower())) from error
    except PackedError as error:
        raise NotRead(_put_aside(path, str(error))) from error


def _put_aside(path: Path, why: str) -> str:
    """Under another name, and the sentence that says so."""
    said = f"The runs that this lesson had kept cannot be read ({why})"
    aside = dated(path, "corrupt")
    try:
        os.replace(path, aside)
    except OSError as error:
        return f"{said}, and {path} cannot be put aside: {error.strerror}."
    return f"{said}: they lie in {aside}."


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
