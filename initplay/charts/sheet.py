"""A sheet of character cells with roles, and the lines it becomes.

A role says what a piece of text is ("axis", "warn", "s0"); a screen gives it a colour, a pipe does not.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

from rich.cells import cell_len

from initplay.words.spelling import spelled

Span = tuple[str, str]
"""A text and its role."""
Line = list[Span]

SERIES = tuple(f"s{number}" for number in range(8))
"""One hue for each of the series of a chart; the ninth series begins again."""
LEVELS = 16
"""Shades of a picture: "shade:15/0" is a half block, its upper half brightest, its lower half darkest."""
OVER = "-over"
"""Ends the role of a line that goes over what is filled: its ground is of the hue of that."""
BLANK: Span = (" ", "label")


FILLER = "\u200b"
"""Follows a character that is two columns wide, so that a text has as many characters as columns. It has no
width by itself: what paints a line paints its text `without_fillers`."""


def has_ground(role: str) -> bool:
    """Whether a blank in that role would be painted too."""
    return role.startswith("shade:") or role.endswith(OVER)


def as_columns(text: str, ascii: bool = False) -> str:
    """`text` with as many characters as columns: no control characters, none without width, and a `FILLER`
    behind each that is wide.

    With `ascii`, what has no ASCII spelling becomes a question mark.
    """
    if ascii:
        text = spelled(without_fillers(text), dot="-")
    elif text.isascii() and text.isprintable():
        return text
    return "".join(_in_cells(c) for c in unicodedata.normalize("NFC", text))


def without_fillers(text: str) -> str:
    """`text` as it is painted."""
    return text if text.isascii() else text.replace(FILLER, "")


def _in_cells(character: str) -> str:
    if not character.isprintable():
        return "" if unicodedata.category(character) == "Cf" else " "
    return (character + FILLER)[: cell_len(character)]


def cut(text: str, width: int, ascii: bool = False) -> str:
    """At most `width` columns of `text`; where something is left out, the end says so."""
    if len(text) <= width:
        return text
    if width <= 0:
        return ""
    end = width - 1
    if text[end] == FILLER:  # it goes with what it is behind
        end = max(end - 1, 0)
    return text[:end].rstrip() + ("~" if ascii else "…")


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
        self._wide: set[int] = set()
        """The rows that have, or had, something wide."""

    def put(self, column: int, row: int, text: str, role: str) -> None:
        """Write `text`, which has as many characters as columns, from `column` on."""
        if not 0 <= row < self.height:
            return
        if FILLER in text:
            self._wide.add(row)
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
        for row in self._wide:
            self._cells[row] = _mended(self._cells[row])
        return [_joined(cells) for cells in self._cells]


def _mended(cells: list[Span]) -> list[Span]:
    """The cells without halves of what is wide, the other half of which was cut off or drawn over."""
    mended = []
    for (before, _), cell, (after, _) in zip([BLANK, *cells], cells, [*cells[1:], BLANK], strict=False):
        is_behind = cell[0] == FILLER
        is_half = cell_len(before) < 2 if is_behind else cell_len(cell[0]) > 1 and after != FILLER
        mended.append(BLANK if is_half else cell)
    return mended


def _joined(cells: list[Span]) -> Line:
    return [("".join([text for text, _ in alike]), role) for role, alike in groupby(cells, itemgetter(1))]


def sentence(text: str, width: int, height: int, ascii: bool = False, role: str = "muted") -> list[Line]:
    """A sheet with nothing but `text`, in the middle: where there is nothing to draw, or no room."""
    grid = Grid(width, height, ascii)
    text = cut(as_columns(text, ascii), width, ascii)
    grid.put((width - len(text)) // 2, (height - 1) // 2, text, role)
    return grid.lines()
