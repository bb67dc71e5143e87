"""The TOML in a live block of lesson.md, and the sentence about a key that is wrong."""

from __future__ import annotations

from typing import Any

from initplay.course.pieces import Mistake, Piece
from initplay.course.toml import NotToml, line_of, table_of
from initplay.words.nearest import did_you_mean


class LiveBlock:
    """The TOML of one live block, with the line of each key at hand."""

    def __init__(self, piece: Piece) -> None:
        self.kind, _, self.name = (part.strip() for part in piece.head.partition(" "))
        self.line = piece.line
        self._lines = piece.body.split("\n")
        try:
            self.table: dict[str, Any] = table_of(piece.body)
        except NotToml as error:
            message = f"the {self.kind} block is not TOML: {error.reason}"
            raise Mistake(piece.line + error.line, message) from None

    def line_of(self, key: str) -> int:
        """The line in lesson.md that sets `key`; the block's own where none does."""
        return self.line + (line_of(key, self._lines) or 0)

    def wrong(self, key: str, message: str) -> Mistake:
        """The mistake of one key, at its line."""
        return Mistake(self.line_of(key), f"{self.kind}: {message}")

    def allow(self, *keys: str) -> None:
        """Refuses every other key."""
        for key in self.table:
            if key not in keys:
                listed = ", ".join(keys)
                raise self.wrong(key, f"unknown key {key!r}{did_you_mean(key, keys)}: allowed are {listed}")

    def text(self, key: str, *, required: bool = False) -> str:
        """The string at `key`, stripped; empty where it is not there and need not be."""
        value = self.table.get(key, "")
        if not isinstance(value, str):
            raise self.wrong(key, f'{key} is text: write {key} = "..."')
        if required and not value.strip():
            raise self.wrong(key, f'{key} is empty or missing: write {key} = "..."')
        return value.strip()
