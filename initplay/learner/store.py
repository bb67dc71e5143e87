"""The sqlite file in which a learner's progress is kept, whatever is wrong with the file or its folder.

`Store.open` always gives a store that works. Where the disk does not serve, it is one in memory, and its
`warning` says in one sentence what is not kept and where an old file went. It goes back to the disk, with all
that was recorded meanwhile, at the first write that finds it serving again.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from initplay.learner.away import Away, file_id, mark
from initplay.learner.damage import drop_unreadable, unreadable
from initplay.learner.split import follow_splits

KEPT = "Progress is kept in memory only, until it can be written"
"""How the sentence of a disk that does not serve begins."""
SCHEMA_VERSION = 2
_TABLES = {
    "lessons": "slug TEXT PRIMARY KEY, step INTEGER NOT NULL, furthest INTEGER NOT NULL, "
    "total INTEGER NOT NULL, visit INTEGER NOT NULL",
    "predictions": "key TEXT PRIMARY KEY, guess TEXT NOT NULL, outcome TEXT, is_right INTEGER, score REAL, "
    "settled INTEGER NOT NULL, at TEXT NOT NULL",
    "observations": "key TEXT PRIMARY KEY, words TEXT NOT NULL, at TEXT NOT NULL",
    "goals": "key TEXT PRIMARY KEY, run TEXT NOT NULL, at TEXT NOT NULL",
    "exercises": "slug TEXT PRIMARY KEY, at TEXT NOT NULL",
    "edits": "slug TEXT PRIMARY KEY, source TEXT NOT NULL, at TEXT NOT NULL",
    "settings": "name TEXT PRIMARY KEY, value TEXT NOT NULL",
    "exercise_work": "slug TEXT PRIMARY KEY, level INTEGER NOT NULL, hints INTEGER NOT NULL, "
    "solution INTEGER NOT NULL",
    "exercise_passes": "key TEXT PRIMARY KEY, at TEXT NOT NULL",
    "scratches": "key TEXT PRIMARY KEY, source TEXT NOT NULL, at TEXT NOT NULL",
    "shown": "key TEXT PRIMARY KEY, at TEXT NOT NULL",
    "visited": "key TEXT PRIMARY KEY, at TEXT NOT NULL",
    "goal_runs": "key TEXT PRIMARY KEY, runs INTEGER NOT NULL",
    "asked_again": "key TEXT NOT NULL, guess TEXT NOT NULL, is_right INTEGER NOT NULL, at TEXT NOT NULL",
}
_ADDED = ("exercise_work", "exercise_passes", "scratches", "asked_again", "shown", "visited", "goal_runs")
"""Tables that a file of this version may lack: an older initplay made it, and goes on reading it."""
_VISITED_BEFORE = """
WITH RECURSIVE seen (slug, step, at) AS (
    SELECT slug, MIN(furthest, 1000), ? FROM lessons WHERE furthest > 0
    UNION ALL SELECT slug, step - 1, at FROM seen WHERE step > 1
)
INSERT OR IGNORE INTO visited SELECT slug || '/' || step, at FROM seen
"""
"""What an older file does not tell apart: it knows the furthest step, and those before it count as seen."""
_BUSY_SECONDS = 5.0
_LITTLE_ROOM = 2**20
"""Bytes: a disk with fewer than that is as good as full."""


class ResetError(Exception):
    """A reset that was not done, since its backup could not be written."""


class _Damaged(Exception):
    """The file is there, and is no progress file that can be read."""


class _Newer(Exception):
    """The file was written by a version of initplay that this one does not know."""


def data_dir() -> Path:
    """The folder of the learner's data: `$INITPLAY_HOME`, or the platform's place for it."""
    if home := os.environ.get("INITPLAY_HOME"):
        return Path(home)
    from platformdirs import user_data_dir

    return Path(user_data_dir("initplay"))


class Store:
    """Tables that are on disk when a statement returns.

    No statement raises for want of disk: from the first write that fails on, all is kept in memory, and
    `warning` says so, until a later one, or `close`, finds that the disk serves again.
    """

    def __init__(
        self, path: Path, db: sqlite3.Connection, warning: str = "", away: Away | None = None
    ) -> None:
        self.path = path
        self.warning = warning
        self.on_news: Callable[[str], object] = str
        """Is told in a sentence when the disk stops serving, and when it serves again."""
        self._db = db
        self._away = away
        """There while the disk does not serve, unless its file is not ours to write."""
        self.on_disk = _file_of(db) != ""
        self._file = file_id(path)

    @classmethod
    def open(cls, path: Path) -> Store:
        """The store kept in `path`; what is wrong with it is a warning."""
        try:
            return cls(path, *_open_file(path))
        except _Newer:
            why = f"{path} is from a newer initplay and was left as it is"
            return cls.in_memory(path, f"Progress is kept in memory only: {why}; upgrade to use it.")
        except _Damaged:
            return cls._replaced(path)
        except (OSError, sqlite3.Error) as error:
            return cls._without_disk(path, _copy_of(path), error)

    @classmethod
    def in_memory(cls, path: Path, warning: str = "") -> Store:
        """One that lasts until the program ends."""
        return cls(path, _memory(), warning)

    @classmethod
    def _without_disk(cls, path: Path, db: sqlite3.Connection, error: Exception) -> Store:
        """One in memory, until the disk serves."""
        return cls(path, db, _not_saved(path, error), Away(_memory(copy_from=db), file_id(path)))

    @classmethod
    def _replaced(cls, path: Path) -> Store:
        """A new file in place of a damaged one, which is moved aside."""
        try:
            warning = _put_aside(path)
            return cls(path, _open_file(path)[0], warning)
        except (OSError, sqlite3.Error, _Damaged, _Newer) as error:
            return cls._without_disk(path, _memory(), error)

    @property
    def lost(self) -> str:
        """In a sentence, that what was recorded is not on disk; empty where it is."""
        if self._away is None or self._away.is_empty:
            return ""
        return self.warning.replace(KEPT, "Progress was kept in memory only", 1)

    def close(self) -> None:
        """Lets go of the file. Nothing is left to be written, unless `lost` says so."""
        self._leave_a_file_that_is_gone()
        if self._away and not self._away.is_empty:
            self._return_to_disk(patience=_BUSY_SECONDS)
        self._db.close()

    def execute(self, statement: str, *values: Any) -> list[Any]:
        """Runs one statement, on disk or, where the disk fails, in memory until it serves again."""
        if statement.startswith("SELECT"):
            return self._execute(statement, values)
        self._leave_a_file_that_is_gone()
        if self._away and self._away.may_try():
            self._return_to_disk()
        done = self._execute(statement, values)
        if self._away:
            self._away.note(statement, values)
        return done

    def _execute(self, statement: str, values: tuple[Any, ...]) -> list[Any]:
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            if not self.on_disk or isinstance(error, sqlite3.ProgrammingError):
                raise  # no fault of the disk's, then, but a mistake in this module
            self._move_to_memory(error)
            self.on_news(self.warning)
            return self._db.execute(statement, values).fetchall()

    def row(self, statement: str, *values: Any) -> Any:
        rows = self.execute(statement, *values)
        return rows[0] if rows else None

    def reset(self, keep: tuple[str, ...]) -> Path | None:
        """Empties every table but those to keep, and returns where a dated copy of all is.

        None where nothing was on disk. Raises ResetError, with nothing emptied, where the copy cannot be
        written.
        """
        backup = None
        if self.on_disk:
            backup = _dated(self.path, "backup")
            try:
                _back_up(self._db, backup)
            except (OSError, sqlite3.Error) as error:
                raise ResetError(f"Nothing was reset: the backup {backup} failed ({error}).") from None
        for table in _TABLES.keys() - set(keep):
            self.execute(f"DELETE FROM {table}")
        return backup

    def _leave_a_file_that_is_gone(self) -> None:
        """Sqlite would go on writing into a file that has no name any more; what it holds is written anew."""
        if not self.on_disk or file_id(self.path) == self._file:
            return
        self._move_to_memory(FileNotFoundError(f"{self.path} is gone"))
        if self._return_to_disk(said=f"{self.path} was gone: it is written again, with all that it held."):
            return
        self.on_news(self.warning)

    def _move_to_memory(self, error: sqlite3.Error | OSError) -> None:
        """Carries on without the disk, with what can still be read of it."""
        failed, self._db, self.on_disk = self._db, _memory(copy_from=self._db), False
        in_place = file_id(self.path) == self._file
        self._away = Away(_memory(copy_from=self._db), self._file, is_gone=not in_place)
        self.warning = _not_saved(self.path, error)
        failed.close()

    def _return_to_disk(self, said: str = "", patience: float = 0.0) -> bool:
        """Writes all that was recorded meanwhile, and says so; False where the disk does not serve yet, with
        the reason in `warning`. Another copy of initplay is waited for so many seconds."""
        assert self._away is not None, "it was left"
        try:
            db, warning = self._open_again(said, patience)
        except (OSError, sqlite3.Error) as error:
            self.warning = _not_saved(self.path, error)
            return False
        except (_Damaged, _Newer):
            return False  # as `warning` has been saying
        self._db.close()
        self._db, self._away, self.on_disk = db, None, True
        self._file, self.warning = file_id(self.path), ""
        self.on_news(warning)
        return True

    def _open_again(self, said: str, patience: float) -> tuple[sqlite3.Connection, str]:
        """The file with all that was recorded meanwhile, and what to say of that."""
        assert self._away is not None, "it was left"
        said = said or f"Progress is on disk again, with all that you did meanwhile: {self.path}."
        file = file_id(self.path)
        try:
            db, warning = _open_file(self.path, patience)
        except _Damaged:
            warning, file = _put_aside(self.path), None
            db, _ = _open_file(self.path, patience)
        try:
            self._away.write_into(db, file, _TABLES)
            db.execute(f"PRAGMA busy_timeout = {round(1000 * _BUSY_SECONDS)}")
        except sqlite3.Error:
            db.close()
            raise
        return db, " ".join(filter(None, (warning, said)))


def _open_file(path: Path, patience: float = _BUSY_SECONDS) -> tuple[sqlite3.Connection, str]:
    """A connection to a sound file of this version, made if need be, and in a sentence what was wrong.

    Raises _Damaged and _Newer too. Another copy of initplay is waited for so many seconds.
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
        raise _Damaged from error
    except (OSError, _Damaged, _Newer):
        db.close()
        raise


def _decode(text: bytes) -> str:
    """Of what sqlite says of a damaged file, and of the file itself before it was looked through."""
    return text.decode("utf-8", "replace")


def _check_header(path: Path) -> None:
    """Looks at the first bytes without sqlite, which would touch the file of a newer version."""
    with path.open("rb") as file:
        header = file.read(100)
    if header and not (len(header) == 100 and header.startswith(b"SQLite format 3\0")):
        raise _Damaged
    if int.from_bytes(header[60:64], "big") > SCHEMA_VERSION:
        raise _Newer


def _prepare(db: sqlite3.Connection, path: Path, patience: float) -> str:
    """Makes the tables where there are none, and makes sure that they are sound where there are.

    Returns in a sentence what could not be read.
    """
    if _version(db) > SCHEMA_VERSION:
        raise _Newer  # the header was not yet told: the newer version's last writes are in the log
    if _is_foreign(db):
        raise _Damaged
    _use_log(db, patience)
    with db:
        db.execute("BEGIN IMMEDIATE")  # finds out here, not at the first step, that the file is read-only
        return _bring_up_to_date(db, path)  # in here, so that nothing is added to a file that is none of ours


def _bring_up_to_date(db: sqlite3.Connection, path: Path | None = None) -> str:
    """Makes what tables are missing, with what an older file knows of what they hold. Raises _Damaged.

    What cannot be read is dropped, once a copy of the file in `path`, if there is one, is kept; that is what
    is returned, in a sentence.
    """
    is_older = not _has_table(db, "visited")
    _make_tables(db)
    _check_tables(db)
    said = _drop_unreadable(db, path)
    if is_older:
        db.execute(_VISITED_BEFORE, (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),))
    follow_splits(db)
    mark(db)
    return said


def _drop_unreadable(db: sqlite3.Connection, path: Path | None) -> str:
    found = unreadable(db, _TABLES)
    if not found:
        return ""
    aside = _dated(path, "corrupt") if path else None
    if path and aside:
        with closing(sqlite3.connect(path)) as as_it_was:  # `db` is within a transaction
            _back_up(as_it_was, aside)
    drop_unreadable(db, found)
    what = "1 entry" if len(found) == 1 else f"{len(found)} entries"
    return f"The progress file was damaged: it is kept as {aside}, and goes on without {what} of it."


def _back_up(db: sqlite3.Connection, copy: Path) -> None:
    """Raises OSError or sqlite3.Error, and leaves nothing of a copy that was not finished."""
    try:
        with closing(sqlite3.connect(copy)) as target:
            db.backup(target)
    except (OSError, sqlite3.Error):
        copy.unlink(missing_ok=True)
        raise


def _check_tables(db: sqlite3.Connection) -> None:
    """Raises _Damaged where the file is broken inside, or its tables are not this version's."""
    if db.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
        if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise _Damaged
        db.execute("REINDEX")  # a byte of a key: it is found again by what its row says
    for table, columns in _TABLES.items():
        names = [column.split()[0] for column in columns.split(", ")]
        if [row[1] for row in db.execute(f"PRAGMA table_info({table})")] != names:
            raise _Damaged


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


def _make_tables(db: sqlite3.Connection) -> None:
    """All of them in a file that is new, and what an older one lacks; another copy of initplay may have made
    them by now."""
    if _version(db) == 0:
        for table, columns in _TABLES.items():
            db.execute(f"CREATE TABLE {table} ({columns})")
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    elif _version(db) == SCHEMA_VERSION:
        for table in _ADDED:
            db.execute(f"CREATE TABLE IF NOT EXISTS {table} ({_TABLES[table]})")


def _has_table(db: sqlite3.Connection, name: str) -> bool:
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone() is not None


def _is_foreign(db: sqlite3.Connection) -> bool:
    """Whether another program made the file: it has tables, and no version of ours."""
    # In one statement, since another copy of initplay may be making its tables at this moment.
    tables = "SELECT COUNT(*) FROM sqlite_master"
    return db.execute(f"SELECT user_version = 0 AND ({tables}) > 0 FROM pragma_user_version").fetchone() == (
        1,
    )


def _version(db: sqlite3.Connection) -> int:
    return db.execute("PRAGMA user_version").fetchone()[0]


def _file_of(db: sqlite3.Connection) -> str:
    return db.execute("PRAGMA database_list").fetchone()[2]


def _memory(copy_from: sqlite3.Connection | None = None) -> sqlite3.Connection:
    """Progress that lasts until the program ends, beginning with what can be read of another."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.text_factory = _decode
    if copy_from is not None:
        try:
            copy_from.backup(db)
            _bring_up_to_date(db)
            return db
        except (sqlite3.Error, _Damaged):
            db.close()  # nothing can be read of it either: begin with nothing, as the caller's warning says
            return _memory()
    _make_tables(db)
    return db


def _copy_of(path: Path) -> sqlite3.Connection:
    """In memory, what a file holds that can be read but not written."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as file:
            return _memory(copy_from=file)
    except sqlite3.Error:
        return _memory()


def _put_aside(path: Path) -> str:
    """Makes room for a new file in place of a damaged one, and says so."""
    return f"The progress file was damaged: it is kept as {_move_aside(path)}, and a new one was started."


def _move_aside(path: Path) -> Path:
    """Renames a damaged file and its log, and returns the new name."""
    aside = _dated(path, "corrupt")
    for suffix in ("", "-wal", "-shm"):
        old = Path(f"{path}{suffix}")
        if old.exists() or not suffix:
            os.replace(old, f"{aside}{suffix}")
    return aside


def _dated(path: Path, what: str) -> Path:
    """A name beside `path` that nothing has: `progress.corrupt-20260131-235959.db`."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    for number in range(1000):
        extra = f"-{number}" if number else ""
        dated = path.with_name(f"{path.stem}.{what}-{stamp}{extra}{path.suffix}")
        if not dated.exists():
            return dated
    raise FileExistsError(f"a thousand files named like {path.stem}.{what}-{stamp}")


def _not_saved(path: Path, error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    reason = reason or "it cannot be replaced"
    room = "; free some room" if _is_full(path) or "is full" in reason else ""
    return f"{KEPT}: {path} cannot be written ({reason}){room}."


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _LITTLE_ROOM
    except OSError:
        return False  # there is no such folder
