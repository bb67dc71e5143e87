"""Lines and filled steps as characters. plotext draws them; it is imported here alone, at the first drawing.

Its import takes 170 ms, and NaN, infinities and far outliers make it abort, raise or take gigabytes. So what
reaches it is finite, scaled and thinned. A point takes it 5 µs. So what is dotted, between whose dots there
is nothing to draw, is put here, and so are lines that together have many points, such as twelve curves.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import cycle, groupby
from operator import itemgetter, le, or_
from threading import Lock
from typing import Any, cast

from initplay.charts.scales import Scale
from initplay.charts.sheet import BLANK, Span


@dataclass(frozen=True)
class Stroke:
    """A line through points, in order of x; a point that has no place on the axes leaves a gap."""

    x: Sequence[float]
    y: Sequence[float]
    role: str
    every: int = 0
    """Dots from one dash to the next of a dotted line; 0 for a line that is whole."""
    character: str = "*"
    """What it is drawn with where there is nothing but ASCII."""
    dash: int = 1
    """Dots in a dash."""


Dots = list[tuple[int, int]]
Cells = list[list[Span]]
"""Rows of characters with their roles; blank is (" ", "label")."""

DOTS_ACROSS, DOTS_UP = 2, 4
"""Dots in a character of braille."""
_BRAILLE = 0x2800
"""The code of the character without dots; the dots are the bits above it."""
_FULL = "⣿"
_DOTS = (0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08)
"""The dots of its left and its right column, from the bottom up."""

_CHARACTERS = {
    f"{left:x}{right:x}": chr(
        _BRAILLE
        + sum(_DOTS[0][up] for up in range(DOTS_UP) if left >> up & 1)
        + sum(_DOTS[1][up] for up in range(DOTS_UP) if right >> up & 1)
    )
    for left in range(16)
    for right in range(16)
}
"""Of each of its columns, as a hexadecimal digit, to the character."""

Raster = list[int]
"""Of each column of dots which of them are drawn, as bits, the lowest for the dot at the bottom."""

MOST_POINTS = 900
"""Points that plotext is given at once; each takes it 5 µs. Lines that have more are drawn here."""

_COLOUR = re.compile(r"\x1b\[([0-9;]*)m([^\x1b]*)")
_plotext_lock = Lock()
_limited = False


def plot(
    strokes: Iterable[Stroke], across: Scale, up: Scale, columns: int, rows: int, ascii: bool = False
) -> Cells:
    """Cells, row by row, with the strokes drawn over one another, the last on top.

    Takes any numbers and any size: what has no place on a scale is a gap, what lies outside is drawn at the
    edge, and few points reach plotext, which would abort, raise or take gigabytes otherwise.
    """
    cells = _blank(columns, rows)
    if columns < 1 or rows < 1:
        return cells
    width, height = (columns, rows) if ascii else (DOTS_ACROSS * columns, DOTS_UP * rows)
    placed = _Placed(across, up, width, height)
    pieces = [(stroke, [_thin(piece) for piece in placed.pieces(stroke)]) for stroke in strokes]
    rasters: list[tuple[Stroke, Raster]] = []
    for is_dotted, layer in groupby(pieces, lambda one: one[0].every > 0):
        alike = _alike_as_one([one for one in layer if one[1]])
        paths = None if is_dotted else _within_budget([its for _, its in alike], ascii)
        if paths is None:
            draw = _dotted if is_dotted else _lined
            rasters += [(stroke, draw(stroke, its, width)) for stroke, its in alike]
        elif paths:
            _put_rasters(cells, rasters, ascii)
            rasters = []
            _put_paths(cells, [stroke for stroke, _ in alike], paths, ascii)
    _put_rasters(cells, rasters, ascii)
    return cells


def _alike_as_one(layer: Sequence[tuple[Stroke, list[Dots]]]) -> list[tuple[Stroke, list[Dots]]]:
    """Those that follow one another and look alike, such as all of pinned runs, as one stroke in pieces."""
    alike = groupby(layer, lambda one: (one[0].role, one[0].character, one[0].every, one[0].dash))
    both = (list(group) for _, group in alike)
    return [(group[0][0], [piece for _, pieces in group for piece in pieces]) for group in both]


def _within_budget(strokes: Sequence[list[Dots]], ascii: bool) -> list[list[Dots]] | None:
    """For each stroke the dots between which plotext draws straight lines; None where they are too many."""
    paths: list[list[Dots]] = []
    left = MOST_POINTS
    for pieces in strokes:
        paths.append([])
        for piece in pieces:
            # A character is too large for a line to be half of one off.
            paths[-1].append(piece if ascii else _straightened(piece))
            left -= len(paths[-1][-1])
            if left < 0:
                return None
    return paths


def _lined(stroke: Stroke, pieces: Sequence[Dots], width: int) -> Raster:
    """The dots of straight lines from each dot of a piece to the next."""
    raster = [0] * width
    for piece in pieces:
        x0, y0 = piece[0]
        raster[x0] |= 1 << y0
        for x1, y1 in piece[1:]:
            if x0 == x1:
                raster[x0] |= _upright(y0, y1)
            elif abs(y1 - y0) <= x1 - x0:
                _flat(raster, x0, y0, x1, y1)
            else:
                _steep(raster, x0, y0, x1, y1)
            x0, y0 = x1, y1
    return raster


def _upright(y0: int, y1: int) -> int:
    """All dots of a column from one to the other."""
    return (2 << y1) - (1 << y0) if y0 < y1 else (2 << y0) - (1 << y1)


def _flat(raster: Raster, x0: int, y0: int, x1: int, y1: int) -> None:
    """A line that has one dot in each column."""
    run, rise = x1 - x0, y1 - y0
    for step in range(run + 1):
        raster[x0 + step] |= 1 << y0 + (2 * step * rise + run) // (2 * run)


def _steep(raster: Raster, x0: int, y0: int, x1: int, y1: int) -> None:
    """A line that has one dot in each row: in each column those up to halfway to the next."""
    run, rise = x1 - x0, abs(y1 - y0)
    up = 1 if y1 > y0 else -1
    begin = 0
    for step in range(run):
        end = (2 * step + 1) * rise // (2 * run)
        raster[x0 + step] |= _upright(y0 + up * begin, y0 + up * end)
        begin = end + 1
    raster[x1] |= _upright(y0 + up * begin, y1)


def _dotted(stroke: Stroke, pieces: Sequence[Dots], width: int) -> Raster:
    """Dashes of so many dots, at even distances along each piece."""
    raster = [0] * width
    for piece in pieces:
        x0, y0 = piece[0]
        raster[x0] |= 1 << y0
        apart = cycle([*[1] * (stroke.dash - 1), stroke.every - stroke.dash + 1])  # each dot and the next
        ahead = next(apart)
        for x1, y1 in piece[1:]:
            length = max(x1 - x0, abs(y1 - y0))
            while ahead <= length:
                x, y = x0 + round((x1 - x0) * ahead / length), y0 + round((y1 - y0) * ahead / length)
                raster[x] |= 1 << y
                ahead += next(apart)
            ahead -= length
            x0, y0 = x1, y1
    return raster


def _put_paths(cells: Cells, strokes: Sequence[Stroke], paths: Sequence[list[Dots]], ascii: bool) -> None:
    """Lines over what is there, the last on top, as plotext draws them."""
    columns, rows = len(cells[0]), len(cells)
    dots = (columns, rows) if ascii else (DOTS_ACROSS * columns, DOTS_UP * rows)
    with _plotext_lock:
        figure = _figure(columns, rows, *dots)
        for number, (stroke, of_stroke) in enumerate(zip(strokes, paths, strict=True), 1):
            _draw_paths(figure, stroke, of_stroke, number, ascii)
        text = figure.build().string()
    _put_cells(cells, text, [stroke.role for stroke in strokes])


def _put_rasters(cells: Cells, rasters: Sequence[tuple[Stroke, Raster]], ascii: bool) -> None:
    """Strokes over what is there, the last on top: a character has the dots of all, and the role of the last
    that has one in it."""
    rows = len(cells)
    strokes = [stroke for stroke, _ in reversed(rasters)]
    columns = list(zip(*(raster for _, raster in reversed(rasters)), strict=True))
    lefts, rights = (columns, columns) if ascii else (columns[::2], columns[1::2])
    bottoms = int("1" * rows, 2 if ascii else 16)  # the lowest dot of each character
    for column, both in enumerate(zip(lefts, rights, strict=True)):
        if not any(map(any, both)):
            continue
        left, right = (f"{reduce(or_, dots):0{rows}x}"[::-1] for dots in both)
        free = bottoms
        for stroke, own_left, own_right in zip(strokes, *both, strict=True):
            own = _characters_with(own_left | own_right, ascii) & free
            free ^= own
            while own:
                top = own.bit_length() - 1
                own ^= 1 << top
                row = top if ascii else top // DOTS_UP
                character = stroke.character if ascii else _CHARACTERS[left[row] + right[row]]
                line = cells[rows - 1 - row]
                below = line[column]
                cell = character, stroke.role
                line[column] = cell if below is BLANK else _joined(below, cell)


def _characters_with(dots: int, ascii: bool) -> int:
    """Of each character of a column, as its lowest bit, whether it has any of the dots; mind no other bit."""
    return dots if ascii else dots | dots >> 1 | dots >> 2 | dots >> 3


def fill(heights: Sequence[int], role: str, columns: int, rows: int) -> Cells:
    """Cells filled up to a height, in dots, in each of their 2 x `columns` columns of dots.

    plotext fills the dots between the tops and the characters below that are full in both their columns: to
    fill those too would take it three times as long.
    """
    if columns < 1 or rows < 1:
        return _blank(columns, rows)
    tops = [min(max(height, 0), DOTS_UP * rows) for height in heights]
    full = [min(tops[dot : dot + DOTS_ACROSS]) // DOTS_UP for dot in range(0, len(tops), DOTS_ACROSS)]
    steps = list(_steps(tops, [DOTS_UP * full[dot // DOTS_ACROSS] for dot in range(len(tops))]))
    cells = _blank(columns, rows)
    if steps:
        with _plotext_lock:
            figure = _figure(columns, rows, DOTS_ACROSS * columns, DOTS_UP * rows)
            _fill_steps(figure, steps)
            text = figure.build().string()
        _put_cells(cells, text, [role])
    for column, count in enumerate(full):
        for row in range(rows - count, rows):
            cells[row][column] = (_FULL, role)
    return cells


def over(filled: Cells, lines: Cells) -> Cells:
    """Lines over what is filled: cut out of the characters that are full, joined to those at its edge."""
    return [
        [_over(*both) for both in zip(below, above, strict=True)]
        for below, above in zip(filled, lines, strict=True)
    ]


def _over(below: Span, above: Span) -> Span:
    if above[0] == " ":
        return below
    return above if below[0] == _FULL else _joined(below, above)


def _joined(below: Span, above: Span) -> Span:
    """The dots of both, in the role of the one above; that one alone where one of them is no braille."""
    dots, more = ord(below[0]) - _BRAILLE, ord(above[0]) - _BRAILLE
    if not (0 < dots < 256 and 0 < more < 256):
        return above
    return chr(_BRAILLE + (dots | more)), above[1]


def _blank(columns: int, rows: int) -> Cells:
    return [[BLANK] * columns for _ in range(rows)]


def _put_cells(cells: Cells, text: str, roles: Sequence[str]) -> None:
    """What plotext drew, over what is there, with the role of each colour, which is the number of the stroke,
    counted from 1."""
    by_colour = {f"38;5;{number}": role for number, role in enumerate(roles, 1)}
    for line, drawn in zip(cells, text.split("\n"), strict=False):
        column = 0
        for colour, characters in _COLOUR.findall(drawn):
            for place, character in enumerate(characters, column):
                if character != " ":
                    cell = character, by_colour[colour]
                    line[place] = cell if line[place] is BLANK else _joined(line[place], cell)
            column += len(characters)


def _steps(tops: Sequence[int], bases: Sequence[int]) -> Iterator[tuple[int, int, int, int]]:
    """What is to be filled, as first and last column, base and top: neighbours that are alike go together."""
    start = 0
    for end in range(1, len(tops) + 1):
        if end < len(tops) and (tops[end], bases[end]) == (tops[start], bases[start]):
            continue
        if tops[start] > bases[start]:
            yield start, end - 1, bases[start], tops[start]
        start = end


class _Placed:
    """Strokes in dots of a raster."""

    def __init__(self, across: Scale, up: Scale, width: int, height: int) -> None:
        self.across, self.up = across, up
        self.width, self.height = width, height
        self._columns: dict[tuple[float, ...], list[int | None]] = {}

    def pieces(self, stroke: Stroke) -> Iterator[Dots]:
        """The unbroken pieces of a stroke."""
        columns, levels = self._columns_and_levels(stroke)
        if columns and None not in columns and None not in levels:  # as most are
            yield cast("Dots", list(zip(columns, levels, strict=True)))
            return
        piece: Dots = []
        for column, level in zip(columns, levels, strict=True):
            if column is None:
                continue
            if level is not None:
                piece.append((column, level))
            elif piece:
                yield piece
                piece = []
        if piece:
            yield piece

    def _columns_and_levels(self, stroke: Stroke) -> tuple[list[int | None], list[int | None]]:
        x, y = tuple(stroke.x), stroke.y
        if x not in self._columns:  # most strokes of a chart have the same
            if not all(map(le, x, x[1:])):
                x, y = _by_x(x, y)
                return self.across.dots(x, self.width), self.up.dots(y, self.height)
            self._columns[x] = self.across.dots(x, self.width)
        return self._columns[x], self.up.dots(y, self.height)


def _by_x(x: Sequence[float], y: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
    placed = sorted(((a, b) for a, b in zip(x, y, strict=True) if math.isfinite(a)), key=itemgetter(0))
    return [a for a, _ in placed], [b for _, b in placed]


def _thin(piece: Dots) -> Dots:
    """The lowest and the highest dot of each column, in the order in which they came."""
    if len(piece) < 3:
        return piece
    thin: Dots = []
    low = high = piece[0]
    rising, here = True, piece[0][0]
    for dot in piece:
        if dot[0] != here:
            thin += _ends(low, high, rising)
            low = high = dot
            rising, here = True, dot[0]
        elif dot[1] < low[1]:
            low, rising = dot, False
        elif dot[1] > high[1]:
            high, rising = dot, True
    return thin + _ends(low, high, rising)


def _ends(low: tuple[int, int], high: tuple[int, int], rising: bool) -> Dots:
    if low[1] == high[1]:
        return [low]
    return [low, high] if rising else [high, low]


def _straightened(piece: Dots) -> Dots:
    """The piece without the dots that the line between their neighbours passes within half a dot."""
    kept = piece[:1]
    (x0, y0), last = piece[0], piece[0]
    least, most = -math.inf, math.inf
    for x, y in piece[1:]:
        run = x - x0
        if not run or not least <= (y - y0) / run <= most:
            if last != kept[-1]:
                kept.append(last)
            (x0, y0), run = last, x - last[0]
            least, most = -math.inf, math.inf
        if run:
            flattest, steepest = (y - y0 - 0.5) / run, (y - y0 + 0.5) / run
            if flattest > least:  # `max` and `min` would take three times as long
                least = flattest
            if steepest < most:
                most = steepest
        else:
            kept.append((x, y))
            x0, y0 = x, y
        last = (x, y)
    return kept if last == kept[-1] else [*kept, last]


def _figure(columns: int, rows: int, width: int, height: int) -> Any:
    """An empty drawing of `columns` by `rows` characters, with places from 0 to `width` and `height`."""
    global _limited
    import plotext

    if not _limited:
        plotext.terminal.limit(False, False)
        _limited = True
    figure = type(plotext.figure)(parent=plotext.terminal)  # plotext.figure itself is shared by everyone
    figure.theme("colorless").canvas("default").axes(False).plot_size(columns, rows)
    for name, size in (("x", width), ("y", height)):
        figure.ruler(name).frequency(0).lim(0, size).alignment(lim="edge")
    return figure


def _draw_paths(figure: Any, stroke: Stroke, paths: Sequence[Dots], number: int, ascii: bool) -> None:
    """A stroke, in the colour of its number."""
    import plotext

    marker = plotext.marker(stroke.character if ascii else "braille", number)
    dots = [dot for path in paths for dot in path]
    signal = figure.signal([x + 0.5 for x, _ in dots], [y + 0.5 for _, y in dots], marker=marker)
    signal.lines(True)
    start = 0
    for path in paths:
        signal.line(start, False)
        start += len(path)
    _draw(figure, signal)


def _fill_steps(figure: Any, steps: Sequence[tuple[int, int, int, int]]) -> None:
    """Steps from their bases to their tops, in the first colour."""
    import plotext

    marker = plotext.marker("braille", 1)
    ends = [(x, *step[2:]) for step in steps for x in dict.fromkeys(step[:2])]
    x = [place + 0.5 for place, _, _ in ends]
    base = figure.signal(x, [low + 0.5 for _, low, _ in ends], marker=marker)
    top = figure.signal(x, [high - 0.5 for _, _, high in ends], marker=marker).fill(base)
    number = 0
    for first, last, _, _ in steps:
        if first < last:
            number += 1
            top.line(number, True)  # with the end before it
        number += 1
    _draw(figure, top)


def _draw(figure: Any, signal: Any) -> None:
    # plotext asks it for the colours of all its points, which takes as long as drawing them, so as to give
    # none of those to a signal that comes without. Ours have theirs.
    signal._get_unique_pixels = list
    figure.draw(signal)
