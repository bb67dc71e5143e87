"""Drawn lines as an SVG, for slides: black on white, and as sharp at any size.

Braille dots, half blocks and the lines of axes are shapes, so that they meet and depend on no font; the rest
is monospaced text, each word where its columns are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from html import escape

from initplay.charts.sheet import LEVELS, OVER, SERIES, Line, without_fillers

CELL = (10, 20)
"""Pixels across and down of a character."""
MARGIN = 20
STROKE = 1.4
"""Pixels across of an axis."""
FONT_SIZE = 16.61
"""At which a character of DejaVu Sans Mono is as wide as a cell."""
GROUND = "#ffffff"
# Okabe and Ito, those that a light ground lets stand out.
HUES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#B07D00", "#56B4E9", "#7A4FA3", "#555555")
COLOURS = {
    "title": "#000000",
    "cursor": "#000000",
    "expected": "#000000",
    "warn": "#A03000",
    "reference": "#999999",
    "ghost": "#bbbbbb",
    **dict(zip(SERIES, HUES, strict=True)),
}
GREY = "#555555"
"""Of every role that has no colour of its own."""
BRAILLE = range(0x2800, 0x2900)
DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of the dot that each bit of a braille character stands for."""

STROKES = {"│": "ud", "─": "lr", "└": "ur", "┘": "ul", "┌": "dr", "┐": "dl"}
STROKES |= {"├": "udr", "┤": "udl", "┬": "dlr", "┴": "ulr", "┼": "udlr"}
"""Where the strokes of a box character lead from its middle: up, down, left, right."""


def as_svg(lines: Sequence[Line], title: str) -> str:
    """The lines as the text of an SVG file."""
    columns = max((sum(len(text) for text, _ in line) for line in lines), default=0)
    width, height = columns * CELL[0] + 2 * MARGIN, len(lines) * CELL[1] + 2 * MARGIN
    dots: dict[str, list[str]] = defaultdict(list)
    grounds: list[str] = []
    """Of lines over what is filled: below all else."""
    shapes: list[str] = []
    for row, line in enumerate(lines):
        column = 0
        for text, role in line:
            x, y = MARGIN + column * CELL[0], MARGIN + row * CELL[1]
            column += len(text)
            if role.startswith("shade:"):
                shapes += _half_blocks(text, role, x, y)
            else:
                if role.endswith(OVER):
                    grounds.append(_box(x, y, len(text)))
                    role = role.removesuffix(OVER)
                dots[_colour(role)] += _shapes(text, x, y)
                shapes += _words(text, role, x, y)
    paths = [(_colour("s0"), grounds), *dots.items()]
    drawn = [f'<path fill="{colour}" d="{"".join(one)}"/>' for colour, one in paths if one]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}">',
            f"<title>{_escaped(title)}</title>",
            f'<rect width="{width}" height="{height}" fill="{GROUND}"/>',
            f'<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="{FONT_SIZE}">',
            *drawn,
            *shapes,
            "</g>",
            "</svg>\n",
        ]
    )


def _colour(role: str) -> str:
    return COLOURS.get(role, GREY)


def _escaped(text: str) -> str:
    """For XML, which has no control characters, not even by number."""
    return escape("".join(c if c.isprintable() else " " for c in without_fillers(text)))


def _shapes(text: str, x: int, y: int) -> Iterator[str]:
    """What braille and box characters are made of, as pieces of a path."""
    for number, character in enumerate(text):
        left = x + number * CELL[0]
        if ord(character) in BRAILLE:
            yield from _dots(ord(character), left, y)
        for side in STROKES.get(character, ""):
            yield _stroke(side, left + CELL[0] / 2, y + CELL[1] / 2)


def _dots(braille: int, x: int, y: int) -> Iterator[str]:
    """Its dots, each as large as its part of the cell: those that are neighbours meet."""
    across, down = CELL[0] / 2, CELL[1] / 4
    for bit, (column, row) in enumerate(DOTS):
        if braille >> bit & 1:
            yield f"M{x + column * across:g} {y + row * down:g}h{across:g}v{down:g}h-{across:g}z"


def _box(x: int, y: int, columns: int) -> str:
    """So many cells, as if all their dots were there."""
    return f"M{x:g} {y:g}h{columns * CELL[0]:g}v{CELL[1]:g}h-{columns * CELL[0]:g}z"


def _stroke(side: str, x: float, y: float) -> str:
    """From the middle of a cell to its edge, and a little beyond the middle, where it meets another."""
    length, half = (CELL[1] if side in "ud" else CELL[0]) / 2 + STROKE / 2, STROKE / 2
    if side in "ud":
        top = y - CELL[1] / 2 if side == "u" else y - half
        return f"M{x - half:g} {top:g}h{STROKE:g}v{length:g}h-{STROKE:g}z"
    left = x - CELL[0] / 2 if side == "l" else x - half
    return f"M{left:g} {y - half:g}h{length:g}v{STROKE:g}h-{length:g}z"


def _words(text: str, role: str, x: int, y: int) -> Iterator[str]:
    """What is no shape, word by word."""
    plain = "".join(" " if ord(one) in BRAILLE or one in STROKES else one for one in text)
    weight = ' font-weight="bold"' if role in ("title", "cursor", "warn") else ""
    begin = 0
    for word in plain.split(" "):
        if word:
            place = f'x="{x + begin * CELL[0]}" y="{y + 15}" textLength="{len(word) * CELL[0]}"'
            yield f'<text {place} fill="{_colour(role)}"{weight}>{_escaped(word)}</text>'
        begin += len(word) + 1


def _half_blocks(text: str, role: str, x: int, y: int) -> Iterator[str]:
    """The upper half in one shade, the lower half in another; the brightest is white. Of a border on a map,
    the line in the one and its cell in the other."""
    ink, ground = (round(255 * int(level) / (LEVELS - 1)) for level in role.removeprefix("shade:").split("/"))
    width, height = len(text) * CELL[0], CELL[1]
    if text[:1] not in ("▁", "▕"):
        yield _rectangle(x, y, width, height // 2, ink)
        yield _rectangle(x, y + height // 2, width, height // 2, ground)
        return
    yield _rectangle(x, y, width, height, ground)
    if text[0] == "▁":
        yield _rectangle(x, y + height - STROKE, width, STROKE, ink)
    else:
        yield _rectangle(x + width - STROKE, y, STROKE, height, ink)


def _rectangle(x: float, y: float, width: float, height: float, grey: int) -> str:
    size = f'width="{width:g}" height="{height:g}"'
    return f'<rect x="{x:g}" y="{y:g}" {size} fill="#{grey:02x}{grey:02x}{grey:02x}"/>'
