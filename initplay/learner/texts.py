"""What the learner wrote, of which nothing is lost where two playgrounds write in the same place."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

_WORDS = {"edits": ("slug", "source"), "scratches": ("key", "source"), "observations": ("key", "words")}
"""The tables that have such texts, with what a row goes by and its text."""
_ALSO = " · "
"""Between two observations of one run: they are read in one line."""
Text = tuple[str, str, str]
"""Its table, what its row goes by, and what was written."""


def texts(db: sqlite3.Connection) -> dict[Text, str]:
    """With the moment of each."""
    return {
        (table, key, words): at
        for table, (name, column) in _WORDS.items()
        for key, words, at in db.execute(f"SELECT {name}, {column}, at FROM {table}")
    }


def keep(db: sqlite3.Connection, found: Mapping[Text, str]) -> None:
    """Find another place for each whose own is taken; the oldest first."""
    for (table, key, words), at in sorted(found.items(), key=lambda text: (text[1], text[0])):
        if table == "observations":
            _keep_beside(db, key, words)
        elif table == "edits" and "/" in key:
            _keep_if_newer(db, key, words, at)
        else:
            _keep_as_scratch(db, key.partition("/")[0], words, at)


def _keep_beside(db: sqlite3.Connection, key: str, words: str) -> None:
    """Both are of one run, and may be read together."""
    for (there,) in db.execute("SELECT words FROM observations WHERE key = ?", (key,)).fetchall():
        if words not in (there, *there.split(_ALSO)):
            db.execute("UPDATE observations SET words = ? WHERE key = ?", (there + _ALSO + words, key))


def _keep_if_newer(db: sqlite3.Connection, key: str, source: str, at: str) -> None:
    """Of an exercise's level the newer text stays. It is held against the level's file when that is opened,
    and the learner asked which of the two to go on with: for a third there is no place."""
    db.execute(
        "INSERT INTO edits VALUES (?, ?, ?) ON CONFLICT (slug) DO UPDATE SET "
        "source = excluded.source, at = excluded.at WHERE excluded.at > at",
        (key, source, at),
    )


def _keep_as_scratch(db: sqlite3.Connection, lesson: str, source: str, at: str) -> None:
    """Unless the lesson has the same as its edit or as another scratch copy."""
    copies = dict(db.execute("SELECT key, source FROM scratches WHERE key GLOB ? || '/*'", (lesson,)))
    edit = db.execute("SELECT source FROM edits WHERE slug = ?", (lesson,)).fetchone()
    if source not in copies.values() and (source,) != edit:
        number = 1 + max((int(key.rpartition("/")[2]) for key in copies), default=0)
        db.execute("INSERT INTO scratches VALUES (?, ?, ?)", (f"{lesson}/{number}", source, at))
