"""Rows of a progress file that cannot be read: a byte of theirs is another than was written.

Sqlite's own check looks at the pages and the kinds of the cells, not at what the text in them says.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z", re.ASCII)
_JSON = ("guess", "outcome", "value")
_OPTIONAL = ("outcome", "is_right", "score")
_NUMBERS = (
    *("step", "furthest", "total", "visit", "is_right", "score", "settled"),
    *("level", "hints", "solution", "runs"),
)
_NUMBERED = ("visited", "exercise_passes", "scratches")
"""The tables whose keys end with a number."""
_LARGEST = 2**53
"""What is counted stays far below it, and can be counted on."""


class _Text(bytes):
    """A cell that is text to sqlite, whatever its bytes."""


def drop_unreadable(db: sqlite3.Connection, found: Iterable[tuple[str, int]]) -> None:
    for table, row in found:
        db.execute(f"DELETE FROM {table} WHERE rowid = ?", (row,))


def unreadable(db: sqlite3.Connection, tables: Iterable[str]) -> list[tuple[str, int]]:
    """The table and the rowid of each row that cannot be read."""
    decode, db.text_factory = db.text_factory, _Text
    try:
        return [(table, row) for table in tables for row in _unreadable_rows(db, table)]
    finally:
        db.text_factory = decode


def _unreadable_rows(db: sqlite3.Connection, table: str) -> list[int]:
    rows = db.execute(f"SELECT rowid, * FROM {table}")
    names = [column[0] for column in rows.description][1:]
    return [row for row, *cells in rows if not _is_readable(table, names, cells)]


def _is_readable(table: str, names: Sequence[str], cells: Sequence[object]) -> bool:
    try:
        for name, cell in zip(names, cells, strict=True):
            if cell is not None or name not in _OPTIONAL:
                _read(table, name, cell)
    except (ValueError, OverflowError, RecursionError):
        return False
    return True


def _read(table: str, name: str, cell: object) -> None:
    """Raises ValueError, OverflowError or RecursionError where that cannot be done."""
    if name in _NUMBERS:
        if not isinstance(cell, int | float) or (isinstance(cell, int) and abs(cell) > _LARGEST):
            raise ValueError(cell)
        return
    if not isinstance(cell, _Text):
        raise ValueError(cell)
    text = cell.decode()
    if name in _JSON:
        value = json.loads(text)
        if isinstance(value, int):
            float(value)  # a number of more digits than can be reckoned with
    elif name == "at":
        if not (moment := _MOMENT.fullmatch(text)):
            raise ValueError(text)
        year, month, day, hour, minute, second = map(int, moment.groups())
        datetime(year, month, day, hour, minute, second)
    elif name == "key" and table in _NUMBERED:
        int(text.rpartition("/")[2])
