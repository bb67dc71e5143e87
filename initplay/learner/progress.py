"""What the learner has done, written to disk the moment it happens.

One sqlite file in the platform's data folder (or in `$INITPLAY_HOME`). Whatever is wrong with the file or the
folder, `Progress.open` gives a working `Progress`: it keeps what it can in memory, and its `warning` says in
one sentence what is not kept and where an old file went.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from initplay.words.numbers import without_nonfinite

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
}
_ADDED = {2: ("observations",)}  # the tables that a version brought
_BUSY_SECONDS = 5.0
_KEPT_BY_A_RESET = ("settings",)


class ProgressError(Exception):
    """A reset that was not done, since its backup could not be written."""


class _Damaged(Exception):
    """The file is there, and is no progress file that can be read."""


class _Newer(Exception):
    """The file was written by a version of initplay that this one does not know."""


@dataclass(frozen=True)
class Prediction:
    """What the learner guessed and, once a run has settled it, what came out."""

    key: str
    guess: Any
    outcome: Any = None
    right: bool | None = None
    score: float | None = None
    settled: bool = False
    seen: str = ""
    """What the learner saw in the run that settled it, in one line; empty where nothing was said."""


@dataclass(frozen=True)
class LessonState:
    """How far the learner is with one lesson; steps count from 1, and 0 means not begun."""

    step: int
    furthest: int
    total: int
    """How many steps the lesson had when it was last open."""
    predictions: tuple[Prediction, ...]
    goals: tuple[str, ...]
    """The keys of the goals that were reached."""
    exercise_passed: bool

    @property
    def done(self) -> bool:
        """Whether the last step was reached."""
        return 0 < self.total <= self.furthest


def data_dir() -> Path:
    """The folder of the learner's data: `$INITPLAY_HOME`, or the platform's place for it."""
    if home := os.environ.get("INITPLAY_HOME"):
        return Path(home)
    from platformdirs import user_data_dir

    return Path(user_data_dir("initplay"))


class Progress:
    """The learner's progress: every call that changes something has committed it when it returns.

    Lessons are named by slug; the keys of predictions and goals begin with the slug and a slash. No call
    raises for want of disk: from the first write that fails on, everything is kept in memory, and `warning`
    says so.
    """

    def __init__(self, path: Path, db: sqlite3.Connection, warning: str = "") -> None:
        self.path = path
        self.warning = warning
        self._db = db
        self._on_disk = _file_of(db) != ""

    @classmethod
    def open(cls, path: Path | str | None = None) -> Progress:
        """The progress kept in `path`, by default `progress.db` in `data_dir()`; a bad file is a warning."""
        path = data_dir() / "progress.db" if path is None else Path(path)
        try:
            return cls(path, _open_file(path))
        except _Newer:
            why = f"{path} is from a newer initplay and was left as it is"
            return cls(path, _memory(), f"Progress is kept in memory only: {why}; upgrade to use it.")
        except _Damaged:
            return cls._replaced(path)
        except (OSError, sqlite3.Error) as error:
            return cls(path, _copy_of(path), _not_saved(path, error))

    @classmethod
    def _replaced(cls, path: Path) -> Progress:
        """A new file in place of a damaged one, which is moved aside."""
        try:
            aside = _move_aside(path)
            warning = f"The progress file was damaged: it is kept as {aside}, and a new one was started."
            return cls(path, _open_file(path), warning)
        except (OSError, sqlite3.Error, _Damaged, _Newer) as error:
            return cls(path, _memory(), _not_saved(path, error))

    def close(self) -> None:
        """Lets go of the file. Nothing is left to be written."""
        self._db.close()

    def reach(self, lesson: str, step: int, total_steps: int) -> None:
        """The learner is at a step, counted from 1, of a lesson that has `total_steps`."""
        self._execute(
            "INSERT INTO lessons VALUES (?1, ?2, ?2, ?3, (SELECT COALESCE(MAX(visit), 0) + 1 FROM lessons)) "
            "ON CONFLICT (slug) DO UPDATE SET step = ?2, furthest = MAX(furthest, ?2), total = ?3, "
            "visit = excluded.visit",
            lesson,
            step,
            total_steps,
        )

    def predicted(self, key: str, guess: Any) -> None:
        """The learner committed to a guess (any JSON value); it replaces an earlier one of that key."""
        self._execute(
            "INSERT OR REPLACE INTO predictions VALUES (?, ?, NULL, NULL, NULL, 0, ?)",
            key,
            json.dumps(guess),
            _now(),
        )

    def settled(self, key: str, guess: Any, outcome: Any, right: bool | None, score: float) -> None:
        """A run settled a prediction; `right` is None where it could not tell."""
        self._execute(
            "INSERT OR REPLACE INTO predictions VALUES (?, ?, ?, ?, ?, 1, ?)",
            key,
            json.dumps(guess),
            json.dumps(outcome),
            right,
            score,
            _now(),
        )

    def observed(self, key: str, words: str) -> None:
        """What the learner saw in the run that settled a prediction; it replaces what was said before."""
        self._execute("INSERT OR REPLACE INTO observations VALUES (?, ?, ?)", key, _text(words), _now())

    def goal_reached(self, key: str, run: str) -> None:
        """A run, described in a few words, reached a goal. The first one to do so is remembered."""
        self._execute("INSERT OR IGNORE INTO goals VALUES (?, ?, ?)", key, run, _now())

    def exercise_passed(self, lesson: str) -> None:
        """The learner's code passed every check of the lesson's exercise."""
        self._execute("INSERT OR IGNORE INTO exercises VALUES (?, ?)", lesson, _now())

    def lesson_state(self, slug: str) -> LessonState:
        """What is known of one lesson; all zero for one that was never open."""
        row = self._row("SELECT step, furthest, total FROM lessons WHERE slug = ?", slug)
        step, furthest, total = row or (0, 0, 0)
        goals = self._execute("SELECT key FROM goals WHERE key GLOB ? || '/*' ORDER BY key", slug)
        return LessonState(
            step=step,
            furthest=furthest,
            total=total,
            predictions=self._predictions(slug),
            goals=tuple(key for (key,) in goals),
            exercise_passed=self._row("SELECT 1 FROM exercises WHERE slug = ?", slug) is not None,
        )

    def last_place(self) -> tuple[str, int] | None:
        """The lesson and step that the learner reached last, or None at the very beginning."""
        return self._row("SELECT slug, step FROM lessons ORDER BY visit DESC LIMIT 1")

    def summary(self) -> dict[str, Any]:
        """Everything, as values that JSON can hold; NaN and inf are the strings "nan", "inf" and "-inf"."""
        slugs = self._execute(
            "SELECT slug FROM lessons UNION SELECT slug FROM exercises "
            "UNION SELECT substr(key, 1, instr(key, '/') - 1) FROM predictions "
            "UNION SELECT substr(key, 1, instr(key, '/') - 1) FROM goals ORDER BY 1"
        )
        place = self.last_place()
        return {
            "path": str(self.path),
            "saved": self._on_disk,
            "warning": self.warning,
            "last_place": {"lesson": place[0], "step": place[1]} if place else None,
            "lessons": {slug: _json_state(self.lesson_state(slug)) for (slug,) in slugs},
        }

    def reset(self) -> Path | None:
        """Forgets everything but settings, and returns where a dated copy of it is kept.

        None where nothing was on disk. Raises ProgressError, with nothing forgotten, where the copy cannot
        be written.
        """
        backup = None
        if self._on_disk:
            backup = _dated(self.path, "backup")
            try:
                with _closing(sqlite3.connect(backup)) as copy:
                    self._db.backup(copy)
            except (OSError, sqlite3.Error) as error:
                backup.unlink(missing_ok=True)
                raise ProgressError(f"Nothing was reset: the backup {backup} failed ({error}).") from None
        for table in _TABLES.keys() - _KEPT_BY_A_RESET:
            self._execute(f"DELETE FROM {table}")
        return backup

    def setting(self, name: str) -> Any:
        """The value kept under a name, or None."""
        row = self._row("SELECT value FROM settings WHERE name = ?", name)
        return json.loads(row[0]) if row else None

    def set_setting(self, name: str, value: Any) -> None:
        """Keeps a JSON value under a name."""
        self._execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, json.dumps(value))

    def edit(self, lesson: str) -> str | None:
        """The learner's own source for a lesson, or None where the lesson's is in use."""
        row = self._row("SELECT source FROM edits WHERE slug = ?", lesson)
        return row[0] if row else None

    def save_edit(self, lesson: str, text: str) -> None:
        """Keeps the learner's source for a lesson."""
        self._execute("INSERT OR REPLACE INTO edits VALUES (?, ?, ?)", lesson, _text(text), _now())

    def drop_edit(self, lesson: str) -> None:
        """Goes back to the lesson's own source."""
        self._execute("DELETE FROM edits WHERE slug = ?", lesson)

    def _predictions(self, slug: str) -> tuple[Prediction, ...]:
        rows = self._execute(
            "SELECT key, guess, outcome, is_right, score, settled, COALESCE(words, '') FROM predictions "
            "LEFT JOIN observations USING (key) WHERE key GLOB ? || '/*' ORDER BY key",
            slug,
        )
        return tuple(
            Prediction(
                key,
                json.loads(guess),
                None if outcome is None else json.loads(outcome),
                None if right is None else bool(right),
                score,
                bool(settled),
                seen,
            )
            for key, guess, outcome, right, score, settled, seen in rows
        )

    def _execute(self, statement: str, *values: Any) -> list[Any]:
        """Runs one statement, on disk or, where the disk fails, in memory from then on."""
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            if not self._on_disk or isinstance(error, sqlite3.ProgrammingError):
                raise  # no fault of the disk's, then, but a mistake in this module
            self._move_to_memory(error)
            return self._db.execute(statement, values).fetchall()

    def _row(self, statement: str, *values: Any) -> Any:
        rows = self._execute(statement, *values)
        return rows[0] if rows else None

    def _move_to_memory(self, error: sqlite3.Error) -> None:
        """Carries on without the disk, with what can still be read of it."""
        failed, self._db, self._on_disk = self._db, _memory(copy_from=self._db), False
        self.warning = _not_saved(self.path, error)
        failed.close()


def _open_file(path: Path) -> sqlite3.Connection:
    """A connection to a sound file of this version, made if need be. Raises _Damaged and _Newer too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        _check_header(path)
    db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        _prepare(db)
    except sqlite3.DatabaseError as error:
        db.close()
        if isinstance(error, sqlite3.OperationalError):
            raise
        raise _Damaged from error  # "file is not a database", "disk image is malformed"
    except (_Damaged, _Newer):
        db.close()
        raise
    return db


def _check_header(path: Path) -> None:
    """Looks at the first bytes without sqlite, which would touch the file of a newer version."""
    with path.open("rb") as file:
        header = file.read(100)
    if header and not (len(header) == 100 and header.startswith(b"SQLite format 3\0")):
        raise _Damaged
    if int.from_bytes(header[60:64], "big") > SCHEMA_VERSION:
        raise _Newer


def _prepare(db: sqlite3.Connection) -> None:
    """Makes the tables where there are none, and makes sure that they are sound where there are."""
    if _version(db) > SCHEMA_VERSION:
        raise _Newer  # the header was not yet told: the newer version's last writes are in the log
    if _is_foreign(db):
        raise _Damaged
    _use_log(db)
    with db:
        db.execute("BEGIN IMMEDIATE")  # finds out here, not at the first step, that the file is read-only
        _bring_up_to_date(db)
    _check_tables(db)


def _check_tables(db: sqlite3.Connection) -> None:
    """Raises _Damaged where the file is broken inside, or its tables are not this version's."""
    if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise _Damaged
    for table, columns in _TABLES.items():
        names = [column.split()[0] for column in columns.split(", ")]
        if [row[1] for row in db.execute(f"PRAGMA table_info({table})")] != names:
            raise _Damaged


def _use_log(db: sqlite3.Connection) -> None:
    """Write-ahead logging: readers never wait for a writer, and a kill leaves nothing half done."""
    deadline = time.monotonic() + _BUSY_SECONDS
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


def _bring_up_to_date(db: sqlite3.Connection) -> None:
    """Makes the tables that a file of an earlier version lacks, or all of them in a new one."""
    version = _version(db)
    if version == SCHEMA_VERSION:
        return
    added = [table for number in range(version + 1, SCHEMA_VERSION + 1) for table in _ADDED.get(number, ())]
    for table in added if version else _TABLES:
        db.execute(f"CREATE TABLE {table} ({_TABLES[table]})")
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


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
    if copy_from is not None:
        try:
            copy_from.backup(db)
            _bring_up_to_date(db)
            _check_tables(db)
            return db
        except (sqlite3.Error, _Damaged):
            db.close()  # nothing can be read of it either: begin with nothing, as the caller's warning says
            return _memory()
    _bring_up_to_date(db)
    return db


def _copy_of(path: Path) -> sqlite3.Connection:
    """In memory, what a file holds that can be read but not written."""
    try:
        with _closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as file:
            return _memory(copy_from=file)
    except sqlite3.Error:
        return _memory()


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
    return f"Progress is kept in memory only, until you quit: {path} cannot be written ({reason})."


def _text(typed: str) -> str:
    """What was typed, as sqlite takes it: a paste from a terminal may hold half a surrogate pair."""
    return typed.encode("utf-8", "replace").decode("utf-8")


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


@contextmanager
def _closing(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield db
    finally:
        db.close()


def _json_state(state: LessonState) -> dict[str, Any]:
    return {
        "step": state.step,
        "furthest": state.furthest,
        "total": state.total,
        "done": state.done,
        "exercise_passed": state.exercise_passed,
        "goals": list(state.goals),
        "predictions": [
            {
                "key": prediction.key,
                "guess": without_nonfinite(prediction.guess),
                "outcome": without_nonfinite(prediction.outcome),
                "right": prediction.right,
                "score": without_nonfinite(prediction.score),
                "settled": prediction.settled,
                "seen": prediction.seen,
            }
            for prediction in state.predictions
        ],
    }
