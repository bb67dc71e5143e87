"""Lines through points as characters. plotext draws them; it is imported here alone, at the first drawing.

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

from initplay.charts.scales import Scale
from initplay.charts.sheet import Span


@dataclass(frozen=True)
class Stroke:
    """A line through points, in order of x; a point that has no place on the axes leaves a gap."""

    x: Sequence[float]
    y: Sequence[float]
    role: str
    every: int = 0
    """Dots from one dot to the next of a dotted line; 0 for a line that is whole."""
    character: str = "*"
    """What it is drawn with where there is nothing but ASCII."""


Dots = list[tuple[int, int]]

_COLOUR = re.compile(r"\x1b\[([0-9;]*)m([^\x1b]*)")
_plotext_lock = Lock()
_limited = False


def plot(
    strokes: Iterable[Stroke], across: Scale, up: Scale, columns: int, rows: int, ascii: bool = False
) -> list[list[Span]]:
    """Cells, row by row, with the strokes drawn over one another, the last on top; blank is (" ", "label").

    Takes any numbers and any size: what has no place on a scale is a gap, what lies outside is drawn at the
    edge, and at most two points a column reach plotext, which would abort, raise or take gigabytes otherwise.
    """
    cells = [[(" ", "label")] * columns for _ in range(rows)]
    if columns < 1 or rows < 1:
        return cells
    width, height = (columns, rows) if ascii else (2 * columns, 4 * rows)
    drawn = [(stroke, list(_paths(stroke, across, up, width, height))) for stroke in strokes]
    drawn = [(stroke, paths) for stroke, paths in drawn if paths]
    if not drawn:
        return cells
    with _plotext_lock:
        text = _rasterize(drawn, columns, rows, width, height, ascii)
    roles = {f"38;5;{number}": stroke.role for number, (stroke, _) in enumerate(drawn, 1)}
    for row, line in enumerate(text.split("\n")[:rows]):
        column = 0
        for colour, characters in _COLOUR.findall(line):
            for character in characters:
                if character != " ":
                    cells[row][column] = (character, roles[colour])
                column += 1
    return cells


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
            yield from _finish(piece, stroke.every)
            piece = []
    if piece:
        yield from _finish(piece, stroke.every)


def _by_x(x: Sequence[float], y: Sequence[float]) -> Iterable[tuple[float, float]]:
    if all(a <= b for a, b in pairwise(x)):
        return zip(x, y, strict=True)
    return sorted(((a, b) for a, b in zip(x, y, strict=True) if math.isfinite(a)), key=lambda point: point[0])


def _finish(piece: Dots, every: int) -> Iterator[Dots]:
    piece = _thin(piece)
    if every:
        for dot in _dotted(piece, every):
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


def _dotted(piece: Dots, every: int) -> Iterator[tuple[int, int]]:
    """Dots at even distances along the path."""
    yield piece[0]
    travelled = 0
    for (x0, y0), (x1, y1) in pairwise(piece):
        length = max(abs(x1 - x0), abs(y1 - y0))
        for step in range(every - travelled % every, length + 1, every):
            yield (x0 + round((x1 - x0) * step / length), y0 + round((y1 - y0) * step / length))
        travelled += length


def _rasterize(
    drawn: list[tuple[Stroke, list[Dots]]], columns: int, rows: int, width: int, height: int, ascii: bool
) -> str:
    """What plotext makes of the dots: lines of characters, each stroke in the colour of its number."""
    global _limited
    import plotext

    if not _limited:
        plotext.terminal.limit(False, False)
        _limited = True
    figure = type(plotext.figure)(parent=plotext.terminal)  # plotext.figure itself is shared by everyone
    figure.theme("colorless").canvas("default").axes(False).plot_size(columns, rows)
    for name, size in (("x", width), ("y", height)):
        figure.ruler(name).frequency(0).lim(0, size).alignment(lim="edge")
    for number, (stroke, paths) in enumerate(drawn, 1):
        marker = plotext.marker(stroke.character if ascii else "braille", number)
        dots = [dot for path in paths for dot in path]
        signal = figure.signal([x + 0.5 for x, _ in dots], [y + 0.5 for _, y in dots], marker=marker)
        signal.lines(not stroke.every)
        start = 0
        for path in paths:
            signal.line(start, False)
            start += len(path)
        figure.draw(signal)
    return figure.build().string()
