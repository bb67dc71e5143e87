"""A progress file as sqlite has it open: a sound one, or one that is made in its place; and copies of it.

Nothing here decides what to do where that fails.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from initplay.learner.away import mark
from initplay.learner.damage import drop_unreadable, unreadable
from initplay.learner.schema import (
    SCHEMA_VERSION,
    TABLES,
    Damaged,
    Newer,
    check_tables,
    has_table,
    is_foreign,
    make_tables,
    see_up_to_the_furthest,
    version,
)
from initplay.learner.split import follow_splits
from initplay.words.whole import dated

BUSY_SECONDS = 5.0


def open_file(path: Path, patience: float = BUSY_SECONDS) -> tuple[sqlite3.Connection, str]:
    """A connection to a sound file of this version, made if need be, and in a sentence what was wrong.

    Raises Damaged and Newer too. Another copy of initplay is waited for so many seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        _check_header(path)
    db = sqlite3.connect(path, timeout=patience, isolation_level=None)
    db.text_factory = _decode
    try:
        return db, _prepare(db, path, patience)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        db.close()
        if isinstance(error, sqlite3.OperationalError):
            raise
        # "file is not a database", "disk image is malformed"; the message itself may be no text any more
        raise Damaged from error
    except (OSError, Damaged, Newer):
        db.close()
        raise


def _decode(text: bytes) -> str:
    """Of what sqlite says of a damaged file, and of the file itself before it was looked through."""
    return text.decode("utf-8", "replace")


def _check_header(path: Path) -> None:
    """Looks at the first bytes without sqlite, which would touch the file of a newer version."""
    if not (path.is_file() or path.is_dir()):  # of a pipe sqlite would wait for the first byte
        raise Damaged
    with path.open("rb") as file:
        header = file.read(100)
    if header and not (len(header) == 100 and header.startswith(b"SQLite format 3\0")):
        raise Damaged
    if int.from_bytes(header[60:64], "big") > SCHEMA_VERSION:
        raise Newer


def _prepare(db: sqlite3.Connection, path: Path, patience: float) -> str:
    """Makes the tables where there are none, and makes sure that they are sound where there are.

    Returns in a sentence what could not be read.
    """
    if version(db) > SCHEMA_VERSION:
        raise Newer  # the header was not yet told: the newer version's last writes are in the log
    if is_foreign(db):
        raise Damaged
    _use_log(db, patience)
    with db:
        db.execute("BEGIN IMMEDIATE")  # finds out here, not at the first step, that the file is read-only
        said = _bring_up_to_date(db, path)  # in here, so that nothing is added to a file that is none of ours
        mark(db)  # a copy in memory is no file, and has the mark of the one that it was made from
        return said


def _bring_up_to_date(db: sqlite3.Connection, path: Path | None = None) -> str:
    """Makes what tables are missing, with what an older file knows of what they hold. Raises Damaged.

    What cannot be read is dropped, once a copy of the file in `path`, if there is one, is kept; that is what
    is returned, in a sentence.
    """
    is_older = not has_table(db, "visited")
    make_tables(db)
    check_tables(db)
    said = _drop_unreadable(db, path)
    if is_older:
        see_up_to_the_furthest(db)
    follow_splits(db)
    return said


def _drop_unreadable(db: sqlite3.Connection, path: Path | None) -> str:
    found = unreadable(db, TABLES)
    if not found:
        return ""
    aside = dated(path, "corrupt") if path else None
    if path and aside:
        with closing(sqlite3.connect(path)) as as_it_was:  # `db` is within a transaction
            back_up(as_it_was, aside)
    drop_unreadable(db, found)
    what = "1 entry" if len(found) == 1 else f"{len(found)} entries"
    return f"The progress file was damaged: it is kept as {aside}, and goes on without {what} of it."


def _use_log(db: sqlite3.Connection, patience: float) -> None:
    """Write-ahead logging: readers never wait for a writer, and a kill leaves nothing half done."""
    deadline = time.monotonic() + patience
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            # Two first starts at once: sqlite does not wait by itself while the other one switches.
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    db.execute("PRAGMA synchronous = NORMAL")  # a power cut may lose the last moment, a kill -9 nothing


def file_of(db: sqlite3.Connection) -> str:
    return db.execute("PRAGMA database_list").fetchone()[2]


def memory(copy_from: sqlite3.Connection | None = None) -> sqlite3.Connection:
    """Progress that lasts until the program ends, beginning with what can be read of another."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.text_factory = _decode
    if copy_from is not None:
        try:
            copy_from.backup(db)
            _bring_up_to_date(db)
            return db
        except (sqlite3.Error, Damaged):
            db.close()  # nothing can be read of it either: begin with nothing, as the caller's warning says
            return memory()
    make_tables(db)
    return db


def copy_of(path: Path) -> sqlite3.Connection:
    """In memory, what a file holds that can be read but not written."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as file:
            return memory(copy_from=file)
    except sqlite3.Error:
        return memory()


def put_aside(path: Path) -> str:
    """Makes room for a new file in place of a damaged one, and says so."""
    return f"The progress file was damaged: it is kept as {_move_aside(path)}, and a new one was started."


def _move_aside(path: Path) -> Path:
    """Renames a damaged file and its log, and returns the new name."""
    aside = dated(path, "corrupt")
    for suffix in ("", "-wal", "-shm"):
        old = Path(f"{path}{suffix}")
        if old.exists() or not suffix:
            os.replace(old, f"{aside}{suffix}")
    return aside


def back_up(db: sqlite3.Connection, copy: Path) -> None:
    """Raises OSError or sqlite3.Error, and leaves nothing of a copy that was not finished."""
    try:
        with closing(sqlite3.connect(copy)) as target:
            db.backup(target)
    except (OSError, sqlite3.Error):
        copy.unlink(missing_ok=True)
        raise
