"""The tables of a progress file: which they are, made where they are missing, and whether they are sound."""

from __future__ import annotations

import sqlite3
import time

SCHEMA_VERSION = 2
TABLES = {
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


class Damaged(Exception):
    """The file is there, and is no progress file that can be read."""


class Newer(Exception):
    """The file was written by a version of initplay that this one does not know."""


def make_tables(db: sqlite3.Connection) -> None:
    """All of them in a file that is new, and what an older one lacks; another copy of initplay may have made
    them by now."""
    if version(db) == 0:
        for table, columns in TABLES.items():
            db.execute(f"CREATE TABLE {table} ({columns})")
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    elif version(db) == SCHEMA_VERSION:
        for table in _ADDED:
            db.execute(f"CREATE TABLE IF NOT EXISTS {table} ({TABLES[table]})")


def check_tables(db: sqlite3.Connection) -> None:
    """Raises Damaged where the file is broken inside, or its tables are not this version's."""
    if db.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
        if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise Damaged
        db.execute("REINDEX")  # a byte of a key: it is found again by what its row says
    for table, columns in TABLES.items():
        names = [column.split()[0] for column in columns.split(", ")]
        if [row[1] for row in db.execute(f"PRAGMA table_info({table})")] != names:
            raise Damaged


def has_table(db: sqlite3.Connection, name: str) -> bool:
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone() is not None


def see_up_to_the_furthest(db: sqlite3.Connection) -> None:
    """Of a file that was older, and had no table of the steps that were seen."""
    db.execute(_VISITED_BEFORE, (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),))


def is_foreign(db: sqlite3.Connection) -> bool:
    """Whether another program made the file: it has tables, and no version of ours."""
    # In one statement, since another copy of initplay may be making its tables at this moment.
    tables = "SELECT COUNT(*) FROM sqlite_master"
    return db.execute(f"SELECT user_version = 0 AND ({tables}) > 0 FROM pragma_user_version").fetchone() == (
        1,
    )


def version(db: sqlite3.Connection) -> int:
    return db.execute("PRAGMA user_version").fetchone()[0]
