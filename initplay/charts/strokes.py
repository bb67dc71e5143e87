"""Lines and filled steps as characters. plotext draws them; it is imported here alone, at the first drawing.

Its import takes 170 ms, and NaN, infinities and far outliers make it abort, raise or take gigabytes. So what
reaches it is finite, scaled and thinned. A point takes it 5 µs, so that the dots of dotted lines, between
which there is nothing to draw, are put here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter, le
from threading import Lock
from typing import Any

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

MOST_POINTS = 320
"""Points that plotext is given at once, about; each takes it 5 µs."""
STROKES_AT_FULL_DETAIL = 6
"""Of more than these the eye cannot follow each dot."""
_LAST = 1 - 1e-9
"""From here on a place lies on the last dot of an axis, however many there are."""

_COLOUR = re.compile(r"\x1b\[([0-9;]*)m([^\x1b]*)")
_plotext_lock = Lock()
_limited = False


def plot(
    strokes: Iterable[Stroke], across: Scale, up: Scale, columns: int, rows: int, ascii: bool = False
) -> Cells:
    """Cells, row by row, with the strokes drawn over one another, the last on top.

    Takes any numbers and any size: what has no place on a scale is a gap, what lies outside is drawn at the
    edge, and at most two points a column reach plotext, which would abort, raise or take gigabytes otherwise.
    """
    cells = _blank(columns, rows)
    if columns < 1 or rows < 1:
        return cells
    width, height = (columns, rows) if ascii else (DOTS_ACROSS * columns, DOTS_UP * rows)
    pieces = [(stroke, list(_pieces(stroke, across, up, width, height))) for stroke in strokes]
    for is_dotted, layer in groupby(pieces, lambda one: one[0].every > 0):
        (_put_dots if is_dotted else _put_lines)(cells, list(layer), ascii)
    return cells


def _put_dots(cells: Cells, layer: Sequence[tuple[Stroke, list[Dots]]], ascii: bool) -> None:
    """Dotted strokes over what is there."""
    for stroke, pieces in layer:
        for x, y in (dot for piece in pieces for dot in _dotted(_thin(piece, 1), stroke.every, stroke.dash)):
            if ascii:
                column, row, character = x, len(cells) - 1 - y, stroke.character
            else:
                column, row = x // DOTS_ACROSS, len(cells) - 1 - y // DOTS_UP
                character = chr(_BRAILLE + _DOTS[x % DOTS_ACROSS][y % DOTS_UP])
            cells[row][column] = _joined(cells[row][column], (character, stroke.role))


def _put_lines(cells: Cells, layer: Sequence[tuple[Stroke, list[Dots]]], ascii: bool) -> None:
    """Whole strokes over what is there, the last on top."""
    paths = _within_budget([pieces for _, pieces in layer], ascii)
    drawn = [(stroke, of_stroke) for (stroke, _), of_stroke in zip(layer, paths, strict=True) if of_stroke]
    drawn = _alike_as_one(drawn)
    if not drawn:
        return
    columns, rows = len(cells[0]), len(cells)
    dots = (columns, rows) if ascii else (DOTS_ACROSS * columns, DOTS_UP * rows)
    with _plotext_lock:
        figure = _figure(columns, rows, *dots)
        for number, (stroke, of_stroke) in enumerate(drawn, 1):
            _draw_paths(figure, stroke, of_stroke, number, ascii)
        text = figure.build().string()
    _put_cells(cells, text, [stroke.role for stroke, _ in drawn])


def _alike_as_one(drawn: list[tuple[Stroke, list[Dots]]]) -> list[tuple[Stroke, list[Dots]]]:
    """Those that follow one another and look alike, such as all of pinned runs, as one stroke in pieces."""
    alike = groupby(drawn, lambda one: (one[0].role, one[0].character))
    both = (list(group) for _, group in alike)
    return [(group[0][0], [piece for _, pieces in group for piece in pieces]) for group in both]


def _within_budget(strokes: Sequence[list[Dots]], ascii: bool) -> list[list[Dots]]:
    """The pieces of each stroke as plotext draws them: the coarser, the more there is to draw."""
    each = 1 + len(strokes) // STROKES_AT_FULL_DETAIL
    thin = _thinned(strokes, each)
    paths = _paths(thin, ascii)
    count = sum(len(path) for of_stroke in paths for path in of_stroke)
    if count <= MOST_POINTS:
        return paths
    return _paths(_thinned(thin, each * -(-count // MOST_POINTS)), ascii)


def _thinned(strokes: Sequence[list[Dots]], each: int) -> list[list[Dots]]:
    return [[_thin(piece, each) for piece in pieces] for pieces in strokes]


def _paths(strokes: list[list[Dots]], ascii: bool) -> list[list[Dots]]:
    """For each stroke the dots between which there are straight lines."""
    if ascii:  # a character is too large for a line to be half of one off
        return strokes
    return [[_straightened(piece) for piece in pieces] for pieces in strokes]


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


def _pieces(stroke: Stroke, across: Scale, up: Scale, width: int, height: int) -> Iterator[Dots]:
    """The unbroken pieces of a stroke, in dots of a raster of `width` by `height`."""
    piece: Dots = []
    x, y = _by_x(stroke.x, stroke.y)
    for column, level in zip(_dots(x, across, width), _dots(y, up, height), strict=True):
        if column is None:
            continue
        if level is not None:
            piece.append((column, level))
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def _by_x(x: Sequence[float], y: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
    if all(map(le, x, x[1:])):
        return x, y
    placed = sorted(((a, b) for a, b in zip(x, y, strict=True) if math.isfinite(a)), key=itemgetter(0))
    return [a for a, _ in placed], [b for _, b in placed]


def _dots(values: Sequence[float], scale: Scale, size: int) -> list[int | None]:
    """On which of `size` dots along an axis the values lie; None for one that has no place."""
    last = size - 1
    return [
        None if at is None else last if at > _LAST else int(at * size)  # `min` would take twice as long
        for at in scale.places(values)
    ]


def _thin(piece: Dots, each: int) -> Dots:
    """The lowest and the highest dot of so many columns each, in the order in which they came."""
    thin: Dots = []
    low = high = piece[0]
    rising, here = True, piece[0][0] // each
    for dot in piece:
        if dot[0] // each != here:
            thin += _ends(low, high, rising)
            low = high = dot
            rising, here = True, dot[0] // each
        elif dot[1] < low[1]:
            low, rising = dot, False
        elif dot[1] > high[1]:
            high, rising = dot, True
    thin += _ends(low, high, rising)
    return thin if thin[-1][0] == piece[-1][0] else [*thin, piece[-1]]


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


def _dotted(piece: Dots, every: int, dash: int) -> Iterator[tuple[int, int]]:
    """Dashes of so many dots, at even distances along the path."""
    yield piece[0]
    travelled = 0
    for (x0, y0), (x1, y1) in pairwise(piece):
        length = max(abs(x1 - x0), abs(y1 - y0))
        for step in (step for step in range(1, length + 1) if (travelled + step) % every < dash):
            yield (x0 + round((x1 - x0) * step / length), y0 + round((y1 - y0) * step / length))
        travelled += length


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
