"""What is recorded while the disk does not serve, so that all of it is written once it does."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from initplay.learner.texts import Text, keep, texts

FileId = tuple[int, int] | None
"""What tells one file from another that has its name; None where there is none.

It holds for as long as somebody has the file open. Then a new file may be given the same.
"""
MARK = "file"
"""The setting that no other file has: it was drawn for this one."""
_LEARNER = "learner"
"""That of `Progress.learner`: drawn too, but later, and twice where two ask at once."""
_FURTHER = {
    "lessons": "(slug) DO UPDATE SET furthest = MAX(furthest, excluded.furthest)",
    "predictions": "(key) DO UPDATE SET guess = excluded.guess, outcome = excluded.outcome, "
    "is_right = excluded.is_right, score = excluded.score, settled = 1, at = excluded.at "
    "WHERE excluded.settled AND (NOT settled OR excluded.at < at)",
    "exercise_work": "(slug) DO UPDATE SET "
    "hints = MAX(hints, excluded.hints), solution = MAX(solution, excluded.solution)",
    "goal_runs": "(key) DO UPDATE SET runs = MAX(runs, excluded.runs)",
}
"""What a row from before adds to one that has its key, such as the first verdict; done twice, no more."""
_RESET = ("DELETE FROM edits", ())
"""One statement of those of a reset: all texts are let go of on purpose."""
PAUSE = 2.0
"""Seconds from one try to the next: a try may wait for a slow disk, and the learner with it."""


def file_id(path: Path) -> FileId:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def mark(db: sqlite3.Connection) -> None:
    """Draw its mark, where the file has none yet."""
    db.execute("INSERT OR IGNORE INTO settings VALUES (?, ?)", (MARK, json.dumps(os.urandom(8).hex())))


def _drawn(db: sqlite3.Connection, name: str) -> tuple[str] | None:
    return db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()


class Away:
    """Begins with what the file held when it was left, and takes in every statement since."""

    def __init__(self, before: sqlite3.Connection, file: FileId, *, is_gone: bool = False) -> None:
        """`is_gone`: the file that held that has its name no more."""
        self._before = before
        self._file = None if is_gone else file
        self._is_gone = is_gone
        self._since: list[tuple[str, tuple[Any, ...]]] = []
        self._tried_at = time.monotonic()

    def note(self, statement: str, values: tuple[Any, ...]) -> None:
        self._since.append((statement, values))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be written: nothing was recorded since, and the file is in its place."""
        return not (self._since or self._is_gone)

    def may_try(self) -> bool:
        """Whether it is time for another try, which is noted."""
        if time.monotonic() - self._tried_at < PAUSE:
            return False
        self._tried_at = time.monotonic()
        return True

    def write_into(
        self, db: sqlite3.Connection, file: FileId, tables: Iterable[str], now: sqlite3.Connection
    ) -> None:
        """All at once or, with sqlite3.Error, nothing; `file` is the one that `db` has open, and `now` holds
        what was there before with all that was recorded since.

        It is done again rather than copied: another playground may have gone on in the same file. Of two
        texts of the learner's both are kept.
        """
        with db:
            db.execute("BEGIN IMMEDIATE")
            at_risk = {} if _RESET in self._since else self._texts_of_another(db)
            if not self._is_left(db, file):
                for table in tables:
                    self._add_rows(db, table)
                at_risk |= texts(now)
            for statement, values in self._since:
                db.execute(statement, values)
            keep(db, at_risk)

    def _texts_of_another(self, db: sqlite3.Connection) -> dict[Text, str]:
        """Those that were written meanwhile: what takes the place of one was typed without knowing of it."""
        known = texts(self._before)
        return {text: at for text, at in texts(db).items() if text not in known}

    def _is_left(self, db: sqlite3.Connection, file: FileId) -> bool:
        """Whether this is the file that was left: neither one made anew nor a copy that was put there."""
        if file is None or file != self._file:
            return False
        # An older file has no mark, nor has a copy of the file alone while the mark is in its log.
        drawn = MARK if _drawn(self._before, MARK) else _LEARNER
        return _drawn(self._before, drawn) in (None, _drawn(db, drawn))

    def _add_rows(self, db: sqlite3.Connection, table: str) -> None:
        """Those that a file in place of the one that was left does not have."""
        there = set(db.execute(f"SELECT * FROM {table}"))
        for row in self._before.execute(f"SELECT * FROM {table}"):
            if row not in there:
                cells = ", ".join("?" * len(row))
                conflict = _FURTHER.get(table, "DO NOTHING")
                db.execute(f"INSERT INTO {table} VALUES ({cells}) ON CONFLICT {conflict}", row)
