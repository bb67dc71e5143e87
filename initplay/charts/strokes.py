"""Lines and filled steps as characters. plotext draws them; it is imported here alone, at the first drawing.

Its import takes 170 ms, and NaN, infinities and far outliers make it abort, raise or take gigabytes. So what
reaches it is finite, scaled and thinned.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
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
    if columns < 1 or rows < 1:
        return _blank(columns, rows)
    width, height = (columns, rows) if ascii else (DOTS_ACROSS * columns, DOTS_UP * rows)
    drawn = [(stroke, list(_paths(stroke, across, up, width, height))) for stroke in strokes]
    drawn = [(stroke, paths) for stroke, paths in drawn if paths]
    if not drawn:
        return _blank(columns, rows)
    with _plotext_lock:
        figure = _figure(columns, rows, width, height)
        for number, (stroke, paths) in enumerate(drawn, 1):
            _draw_paths(figure, stroke, paths, number, ascii)
        text = figure.build().string()
    return _cells(text, [stroke.role for stroke, _ in drawn], columns, rows)


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
        cells = _cells(text, [role], columns, rows)
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
    dots, more = ord(below[0]) - _BRAILLE, ord(above[0]) - _BRAILLE
    if above[0] == " ":
        return below
    if below[0] == _FULL or not (0 < dots < 256 and 0 < more < 256):
        return above
    return chr(_BRAILLE + (dots | more)), above[1]


def _blank(columns: int, rows: int) -> Cells:
    return [[BLANK] * columns for _ in range(rows)]


def _cells(text: str, roles: Sequence[str], columns: int, rows: int) -> Cells:
    """What plotext drew, with the role of each colour, which is the number of the stroke, counted from 1."""
    cells = _blank(columns, rows)
    by_colour = {f"38;5;{number}": role for number, role in enumerate(roles, 1)}
    for row, line in enumerate(text.split("\n")[:rows]):
        column = 0
        for colour, characters in _COLOUR.findall(line):
            for character in characters:
                if character != " ":
                    cells[row][column] = (character, by_colour[colour])
                column += 1
    return cells


def _steps(tops: Sequence[int], bases: Sequence[int]) -> Iterator[tuple[int, int, int, int]]:
    """What is to be filled, as first and last column, base and top: neighbours that are alike go together."""
    start = 0
    for end in range(1, len(tops) + 1):
        if end < len(tops) and (tops[end], bases[end]) == (tops[start], bases[start]):
            continue
        if tops[start] > bases[start]:
            yield start, end - 1, bases[start], tops[start]
        start = end


def _paths(stroke: Stroke, across: Scale, up: Scale, width: int, height: int) -> Iterator[Dots]:
    """The unbroken pieces of a stroke, in dots of a raster of `width` by `height`, thinned."""
    piece: Dots = []
    for x, y in _by_x(stroke.x, stroke.y):
        at = across.at(x)
        if at is None:
            continue
        level = up.at(y)
        if level is not None:
            piece.append((min(int(at * width), width - 1), min(int(level * height), height - 1)))
        elif piece:
            yield from _finish(piece, stroke)
            piece = []
    if piece:
        yield from _finish(piece, stroke)


def _by_x(x: Sequence[float], y: Sequence[float]) -> Iterable[tuple[float, float]]:
    if all(a <= b for a, b in pairwise(x)):
        return zip(x, y, strict=True)
    return sorted(((a, b) for a, b in zip(x, y, strict=True) if math.isfinite(a)), key=lambda point: point[0])


def _finish(piece: Dots, stroke: Stroke) -> Iterator[Dots]:
    piece = _thin(piece)
    if stroke.every:
        for dot in _dotted(piece, stroke.every, stroke.dash):
            yield [dot]
    else:
        yield piece


def _thin(piece: Dots) -> Dots:
    """The lowest and the highest dot of each column, in the order in which they came."""
    thin: Dots = []
    start = 0
    for end in range(1, len(piece) + 1):
        if end == len(piece) or piece[end][0] != piece[start][0]:
            run = [level for _, level in piece[start:end]]
            low, high = run.index(min(run)), run.index(max(run))
            thin.extend(piece[start + number] for number in sorted({low, high}))
            start = end
    return thin


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
    if not stroke.every:
        signal.lines(True)
        start = 0
        for path in paths:
            signal.line(start, False)
            start += len(path)
    figure.draw(signal)


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
    figure.draw(top)
