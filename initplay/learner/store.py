"""The sqlite file in which a learner's progress is kept, whatever is wrong with the file or its folder.

`Store.open` always gives a store that works. Where the disk does not serve, it is one in memory, and its
`warning` says in one sentence what is not kept and where an old file went. It goes back to the disk, with all
that was recorded meanwhile, at the first write that finds it serving again.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from initplay.learner.away import Away, file_id
from initplay.learner.progress_file import (
    BUSY_SECONDS,
    back_up,
    copy_of,
    file_of,
    memory,
    open_file,
    put_aside,
)
from initplay.learner.schema import TABLES, Damaged, Newer
from initplay.words.whole import dated

KEPT = "Progress is kept in memory only, until it can be written"
"""How the sentence of a disk that does not serve begins."""
_LITTLE_ROOM = 2**20
"""Bytes: a disk with fewer than that is as good as full."""


class ResetError(Exception):
    """A reset that was not done, since its backup could not be written."""


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
        self.on_disk = file_of(db) != ""
        self._file = file_id(path)

    @classmethod
    def open(cls, path: Path) -> Store:
        """The store kept in `path`; what is wrong with it is a warning."""
        try:
            return cls(path, *open_file(path))
        except Newer:
            why = f"{path} is from a newer initplay and was left as it is"
            return cls.in_memory(path, f"Progress is kept in memory only: {why}; upgrade to use it.")
        except Damaged:
            return cls._replaced(path)
        except (OSError, sqlite3.Error) as error:
            return cls._without_disk(path, copy_of(path), error)

    @classmethod
    def in_memory(cls, path: Path, warning: str = "") -> Store:
        """One that lasts until the program ends."""
        return cls(path, memory(), warning)

    @classmethod
    def _without_disk(cls, path: Path, db: sqlite3.Connection, error: Exception) -> Store:
        """One in memory, until the disk serves."""
        return cls(path, db, _not_saved(path, error), Away(memory(copy_from=db), file_id(path)))

    @classmethod
    def _replaced(cls, path: Path) -> Store:
        """A new file in place of a damaged one, which is moved aside."""
        try:
            warning = put_aside(path)
            return cls(path, open_file(path)[0], warning)
        except (OSError, sqlite3.Error, Damaged, Newer) as error:
            return cls._without_disk(path, memory(), error)

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
            self._return_to_disk(patience=BUSY_SECONDS)
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
            backup = dated(self.path, "backup")
            try:
                back_up(self._db, backup)
            except (OSError, sqlite3.Error) as error:
                raise ResetError(f"Nothing was reset: the backup {backup} failed ({error}).") from None
        for table in TABLES.keys() - set(keep):
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
        failed, self._db, self.on_disk = self._db, memory(copy_from=self._db), False
        in_place = file_id(self.path) == self._file
        self._away = Away(memory(copy_from=self._db), self._file, is_gone=not in_place)
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
        except (Damaged, Newer):
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
            db, warning = open_file(self.path, patience)
        except Damaged:
            warning, file = put_aside(self.path), None
            db, _ = open_file(self.path, patience)
        try:
            self._away.write_into(db, file, TABLES, now=self._db)
            db.execute(f"PRAGMA busy_timeout = {round(1000 * BUSY_SECONDS)}")
        except sqlite3.Error:
            db.close()
            raise
        return db, " ".join(filter(None, (warning, said)))


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
