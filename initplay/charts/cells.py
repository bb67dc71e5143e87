"""Characters with their roles, row by row, and how those of braille are joined."""

from __future__ import annotations

from initplay.charts.sheet import BLANK, OVER, Span

Cells = list[list[Span]]
"""Rows of characters with their roles; blank is (" ", "label")."""

DOTS_ACROSS, DOTS_UP = 2, 4
"""Dots in a character of braille."""
FULL = "⣿"
_BRAILLE = 0x2800
"""The code of the character without dots; the dots are the bits above it."""
_DOTS = (0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08)
"""The dots of its left and its right column, from the bottom up."""

CHARACTERS = {
    f"{left:x}{right:x}": chr(
        _BRAILLE
        + sum(_DOTS[0][up] for up in range(DOTS_UP) if left >> up & 1)
        + sum(_DOTS[1][up] for up in range(DOTS_UP) if right >> up & 1)
    )
    for left in range(16)
    for right in range(16)
}
"""Of the dots of each of its columns, as a hexadecimal digit, to the character."""


def blank(columns: int, rows: int) -> Cells:
    return [[BLANK] * columns for _ in range(rows)]


def over(filled: Cells, lines: Cells) -> Cells:
    """Lines over what is filled: on the hue of the characters that are full, joined to those at its edge."""
    return [
        [_over(*both) for both in zip(below, above, strict=True)]
        for below, above in zip(filled, lines, strict=True)
    ]


def _over(below: Span, above: Span) -> Span:
    if above[0] == " ":
        return below
    return (above[0], above[1] + OVER) if below[0] == FULL else joined(below, above)


def put(row: list[Span], column: int, cell: Span) -> None:
    """A character over what is there."""
    below = row[column]
    row[column] = cell if below is BLANK else joined(below, cell)


def joined(below: Span, above: Span) -> Span:
    """The dots of both, in the role of the one above; that one alone where one of them is no braille."""
    dots, more = ord(below[0]) - _BRAILLE, ord(above[0]) - _BRAILLE
    if not (0 < dots < 256 and 0 < more < 256):
        return above
    return chr(_BRAILLE + (dots | more)), above[1]
