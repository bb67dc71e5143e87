"""A sheet of character cells with roles, and the lines it becomes.

A role says what a piece of text is ("axis", "warn", "s0"); a screen gives it a colour, a pipe does not.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

from initplay.words.spelling import spelled

Span = tuple[str, str]
"""A text and its role."""
Line = list[Span]

SERIES = tuple(f"s{number}" for number in range(8))
"""One hue for each of the series of a chart; the ninth series begins again."""
LEVELS = 16
"""Shades of a picture: "shade:15/0" is a half block, its upper half brightest, its lower half darkest."""
BLANK: Span = (" ", "label")


def one_cell_each(text: str, ascii: bool = False) -> str:
    """`text` with every character exactly one column wide: no control characters, none that is wide or zero.

    With `ascii`, what has no ASCII spelling becomes a question mark.
    """
    if ascii:
        text = spelled(text, dot="-")
    elif text.isascii() and text.isprintable():
        return text
    return "".join(_one_cell(c) for c in unicodedata.normalize("NFC", text))


def _one_cell(character: str) -> str:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return ""
    if unicodedata.east_asian_width(character) in "WF":
        return "?"
    return character if character.isprintable() else " "


def cut(text: str, width: int, ascii: bool = False) -> str:
    """At most `width` columns of `text`; where something is left out, the end says so."""
    if len(text) <= width:
        return text
    mark = "~" if ascii else "…"
    return text[: max(width - 1, 0)].rstrip() + mark if width > 0 else ""


def cut_spans(spans: Line, width: int, ascii: bool = False) -> Line:
    """At most `width` columns of the spans; where something is left out, the end says so."""
    rest = span_width(spans)
    if rest <= width:
        return list(spans)
    kept: Line = []
    for text, role in spans:
        rest -= len(text)
        if len(text) + rest > width and len(text) >= width:
            kept.append((cut(text + " " * (rest > 0), width, ascii), role))
            return kept
        kept.append((text, role))
        width -= len(text)
    return kept


def span_width(spans: Line) -> int:
    return sum(len(text) for text, _ in spans)


class Grid:
    """Cells to draw on. Whatever falls outside is not drawn."""

    def __init__(self, width: int, height: int, ascii: bool = False) -> None:
        self.width = width
        self.height = height
        self.ascii = ascii
        self._cells = [[BLANK] * width for _ in range(height)]

    def put(self, column: int, row: int, text: str, role: str) -> None:
        """Write `text`, whose characters are one column each, from `column` on."""
        if not 0 <= row < self.height:
            return
        cells = self._cells[row]
        for at, character in enumerate(text, column):
            if 0 <= at < self.width:
                cells[at] = (character, role)

    def put_spans(self, column: int, row: int, spans: Line) -> None:
        for text, role in spans:
            self.put(column, row, text, role)
            column += len(text)

    def put_cells(self, left: int, top: int, cells: Sequence[Sequence[Span]]) -> None:
        """Lay rows of cells over what is there; a blank cell leaves it as it is."""
        for own, line in zip(self._cells[top:], cells, strict=False):
            for column, cell in enumerate(line, left):
                if cell[0] != " " and 0 <= column < self.width:
                    own[column] = cell

    def put_if_blank(self, column: int, row: int, character: str, role: str) -> None:
        if self.is_blank(column, row):
            self.put(column, row, character, role)

    def is_blank(self, column: int, row: int) -> bool:
        return 0 <= row < self.height and 0 <= column < self.width and self._cells[row][column][0] == " "

    def lines(self) -> list[Line]:
        """Exactly `height` lines of exactly `width` columns, neighbours of one role joined."""
        return [_joined(cells) for cells in self._cells]


def _joined(cells: list[Span]) -> Line:
    return [("".join([text for text, _ in alike]), role) for role, alike in groupby(cells, itemgetter(1))]


def sentence(text: str, width: int, height: int, ascii: bool = False, role: str = "muted") -> list[Line]:
    """A sheet with nothing but `text`, in the middle: where there is nothing to draw, or no room."""
    grid = Grid(width, height, ascii)
    text = cut(one_cell_each(text, ascii), width, ascii)
    grid.put((width - len(text)) // 2, (height - 1) // 2, text, role)
    return grid.lines()
