"""Steps of the course that became two. Progress goes by the numbers of steps: what was kept of such a step is
kept of both, and what stood behind it moves on by one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

DONE = "split_steps"
"""The setting with the lessons of a file in which it has been done: once, whatever version wrote last."""
KEYED = ("predictions", "observations", "goals", "goal_runs", "shown", "asked_again")
"""The tables whose keys are lesson/step/kind/number."""


@dataclass(frozen=True)
class Split:
    """One that became two."""

    lesson: str
    step: int
    """Its number; the second one's is the next."""
    total: int
    """How many steps the lesson had before."""
    moved: Mapping[str, str]
    """Of what it asked, what the second one asks now, and as what."""


SPLITS = (
    Split("scatter", 3, 4, {"predict/2": "predict/1", "goal/1": "goal/1"}),
    Split("sandbox", 15, 15, {"goal/3": "goal/1", "goal/4": "goal/2"}),
)


def follow_splits(db: sqlite3.Connection) -> None:
    """Bring a file up to date, within the transaction that is open."""
    row = db.execute("SELECT value FROM settings WHERE name = ?", (DONE,)).fetchone()
    done = json.loads(row[0]) if row else []
    done = [lesson for lesson in done if isinstance(lesson, str)] if isinstance(done, list) else []
    for split in SPLITS:
        if split.lesson not in done:
            _follow(db, split)
    all_done = json.dumps(sorted({*done, *(split.lesson for split in SPLITS)}))
    db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (DONE, all_done))


def _follow(db: sqlite3.Connection, split: Split) -> None:
    lesson, step = split.lesson, split.step
    row = db.execute("SELECT total FROM lessons WHERE slug = ?", (lesson,)).fetchone()
    if row != (split.total,):
        return  # it was not open, or when it was made otherwise
    for number in range(split.total, step, -1):  # the last one first, so that each finds its place free
        _rename(db, "visited", f"{lesson}/{number}", f"{lesson}/{number + 1}")
        for table in KEYED:
            below = db.execute(f"SELECT key FROM {table} WHERE key GLOB ?", (f"{lesson}/{number}/*",))
            for (key,) in below.fetchall():
                asked = key.removeprefix(f"{lesson}/{number}/")
                _rename(db, table, key, f"{lesson}/{number + 1}/{asked}")
    for before, now in split.moved.items():
        for table in KEYED:
            _rename(db, table, f"{lesson}/{step}/{before}", f"{lesson}/{step + 1}/{now}")
    both = f"{lesson}/{step + 1}", f"{lesson}/{step}"
    db.execute("INSERT OR IGNORE INTO visited SELECT ?, at FROM visited WHERE key = ?", both)
    db.execute(
        "UPDATE lessons SET step = step + (step > ?), furthest = furthest + (furthest >= ?), "
        "total = total + 1 WHERE slug = ?",
        (step, step, lesson),
    )


def _rename(db: sqlite3.Connection, table: str, key: str, new: str) -> None:
    db.execute(f"UPDATE OR REPLACE {table} SET key = ? WHERE key = ?", (new, key))
