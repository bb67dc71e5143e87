"""A table that an experiment fills: its columns named once, then a line for each row.

texts = Table("theory and you", "quantity", "theory", "you", printed={"the paper": [27.9]})
yield texts.row("std", 28, h.std())
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from initplay.lab.events import Row


class Table:
    """A table by its name and the names of its columns.

    `printed` is what others printed, by who did, a cell for each row in turn: they have columns of their own,
    after the first. Leave it empty where the knobs are not theirs, for then nothing compares.
    """

    def __init__(
        self, name: str, /, *columns: str, printed: Mapping[str, Sequence[Any]] | None = None
    ) -> None:
        self.name = name
        self.columns = columns
        self._printed = printed or {}
        self._rows = 0

    def row(self, *cells: Any) -> Row:
        """The next row, a cell for each column. Raises TypeError where there are more cells or fewer, or
        where others printed fewer rows."""
        if len(cells) != len(self.columns):
            raise TypeError(f"A row of {self.name!r} has {len(self.columns)} cells, not {len(cells)}.")
        number, self._rows = self._rows, self._rows + 1
        if any(number >= len(printed) for printed in self._printed.values()):
            raise TypeError(f"There is nothing printed for row {number + 1} of {self.name!r}: give None.")
        named = list(zip(self.columns, cells, strict=True))
        others = [(source, printed[number]) for source, printed in self._printed.items()]
        return Row(self.name, **dict([*named[:1], *others, *named[1:]]))
