"""A table that an experiment fills: its columns named once, then a line for each row.

texts = Table("theory and you", "quantity", "theory", "you")
yield texts.row("std", 28, h.std())
"""

from __future__ import annotations

from typing import Any

from initplay.lab.events import Row


class Table:
    """A table by its name and the names of its columns."""

    def __init__(self, name: str, /, *columns: str) -> None:
        self.name = name
        self.columns = columns

    def row(self, *cells: Any) -> Row:
        """A row, a cell for each column. Raises TypeError where there are more cells or fewer."""
        if len(cells) != len(self.columns):
            raise TypeError(f"A row of {self.name!r} has {len(self.columns)} cells, not {len(cells)}.")
        return Row(self.name, **dict(zip(self.columns, cells, strict=True)))
