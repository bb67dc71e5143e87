"""Files that are there whole or not at all, and names for those that are put aside."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ABANDONED = 24 * 3600
"""Seconds after which nobody is writing a part any more."""

_OF_NAME = 40
"""Characters of a file's name that its part has: of four bytes each they leave room for the rest."""


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path beside it to write to, which takes its place at the end, with the rights of what was there;
    after an error nothing is left of it.

    Raises OSError, which names the path as it was given. Not `tempfile`, whose files nobody else may read.
    """
    real = Path(os.path.realpath(path))  # what a link leads to is written, and the link stays
    beside = real.with_name(f".{real.name[:_OF_NAME]}.{secrets.token_hex(4)}.part")
    try:
        yield beside
        if real.exists():
            shutil.copymode(real, beside)
        os.replace(beside, real)
    except BaseException as error:
        beside.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename in (beside, str(beside)):
            error.filename = str(path)
        raise


def write_whole(path: Path, content: bytes) -> None:
    """Write a file at once. Raises OSError."""
    with whole(path) as beside:
        beside.write_bytes(content)


def dated(path: Path, what: str) -> Path:
    """A name beside `path` that nothing has: `progress.corrupt-20260131-235959.db`."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    for number in range(1000):
        extra = f"-{number}" if number else ""
        free = path.with_name(f"{path.stem}.{what}-{stamp}{extra}{path.suffix}")
        if not free.exists():
            return free
    raise FileExistsError(f"a thousand files named like {path.stem}.{what}-{stamp}")


def remove_abandoned(folder: Path) -> None:
    """Parts that programs left here which were killed as they wrote. Raises OSError."""
    for part in folder.glob(".*.part"):
        try:
            if time.time() - part.stat().st_mtime > _ABANDONED:
                part.unlink()
        except FileNotFoundError:
            continue  # another program was faster
