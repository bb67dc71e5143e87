"""Lines and filled steps as characters. plotext draws them; it is imported here alone, at the first drawing.

Its import takes 170 ms, and NaN, infinities and far outliers make it abort, raise or take gigabytes. So what
reaches it is finite, scaled and thinned. A point takes it 3 µs, a dot between two 0.7 µs. So what is dotted,
where there is nothing to draw between the dots, is put as bits, and so are lines that are long together, such
as twelve curves or one of noise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, pairwise
from operator import sub
from typing import Any

from initplay.charts.bits import Bits, dotted, lined, put_bits
from initplay.charts.cells import DOTS_ACROSS, DOTS_UP, FULL, Cells, blank, put
from initplay.charts.dots import GAP, Dots, Stroke, Trace, pieces_of, straightened, trace_of
from initplay.charts.scales import Scale

MOST_POINTS = 900
"""Points that plotext is given at once; each takes it 3 µs. Lines that have more are put as bits."""
MOST_DOTS = 9_000
"""Dots that it draws at once, with each point as `DOTS_LIKE_A_POINT`: 6 ms."""
DOTS_LIKE_A_POINT = 5

_COLOUR = re.compile(r"\x1b\[([0-9;]*)m([^\x1b]*)")
_limited = False


def plot(
    strokes: Iterable[Stroke], across: Scale, up: Scale, columns: int, rows: int, ascii: bool = False
) -> Cells:
    """Cells, row by row, with the strokes drawn over one another, the last on top.

    Takes any numbers and any size: what has no place on a scale is a gap, what lies outside is drawn at the
    edge, and few points reach plotext, which would abort, raise or take gigabytes otherwise.
    """
    cells = blank(columns, rows)
    if columns < 1 or rows < 1:
        return cells
    width, height = (columns, rows) if ascii else (DOTS_ACROSS * columns, DOTS_UP * rows)
    drawn: list[tuple[Stroke, Bits]] = []
    for is_dotted, layer in groupby(strokes, lambda stroke: stroke.every > 0):
        alike = _alike_as_one([(one, trace_of(one, across, up, width, height)) for one in layer])
        paths = None if is_dotted else _within_budget([its for _, its in alike], ascii)
        if is_dotted:
            drawn += [(one, dotted(its, width, height, one.every, one.dash)) for one, its in alike]
        elif paths is None:
            drawn += [(stroke, lined(its, width)) for stroke, its in alike]
        elif any(paths):
            put_bits(cells, drawn, ascii)
            drawn = []
            _put_paths(cells, [stroke for stroke, _ in alike], paths, ascii)
    put_bits(cells, drawn, ascii)
    return cells


def _alike_as_one(layer: Sequence[tuple[Stroke, Trace]]) -> list[tuple[Stroke, list[Trace]]]:
    """Those that follow one another and look alike, such as all of pinned runs, together."""
    alike = groupby(layer, lambda one: (one[0].role, one[0].character, one[0].every, one[0].dash))
    both = (list(group) for _, group in alike)
    return [(group[0][0], [trace for _, trace in group]) for group in both]


def _within_budget(strokes: Sequence[list[Trace]], ascii: bool) -> list[list[Dots]] | None:
    """For each stroke the dots between which plotext draws straight lines; None where that takes too long."""
    if sum(_least_dots(trace) for traces in strokes for trace in traces) > MOST_DOTS:
        return None
    paths: list[list[Dots]] = []
    points = dots = 0
    for traces in strokes:
        paths.append([])
        for piece in chain.from_iterable(map(pieces_of, traces)):
            # A character is too large for a line to be half of one off.
            path = piece if ascii else straightened(piece)
            paths[-1].append(path)
            points += len(path)
            dots += _length(path)
            if points > MOST_POINTS or dots + DOTS_LIKE_A_POINT * points > MOST_DOTS:
                return None
    return paths


def _least_dots(trace: Trace) -> int:
    """No path along it has fewer: how far it goes up and down within its columns, or from the first of them
    to the last."""
    columns, firsts, lasts = trace
    climb = sum(map(abs, map(sub, firsts, lasts)))
    return climb if GAP in columns or not columns else max(climb, columns[-1] - columns[0])


def _length(path: Dots) -> int:
    """How many dots it is from its first one to its last."""
    return sum(max(x1 - x0, abs(y1 - y0)) for (x0, y0), (x1, y1) in pairwise(path))


def _put_paths(cells: Cells, strokes: Sequence[Stroke], paths: Sequence[list[Dots]], ascii: bool) -> None:
    """Lines over what is there, the last on top, as plotext draws them."""
    columns, rows = len(cells[0]), len(cells)
    dots = (columns, rows) if ascii else (DOTS_ACROSS * columns, DOTS_UP * rows)
    roles = list(dict.fromkeys(stroke.role for stroke in strokes))
    figure = _figure(columns, rows, *dots)
    for stroke, of_stroke in zip(strokes, paths, strict=True):
        _draw_paths(figure, stroke, of_stroke, 1 + roles.index(stroke.role), ascii)
    text = figure.build().string()
    _put_cells(cells, text, roles)


def fill(heights: Sequence[int], role: str, columns: int, rows: int) -> Cells:
    """Cells filled up to a height, in dots, in each of their 2 x `columns` columns of dots.

    plotext fills the dots between the tops and the characters below that are full in both their columns: to
    fill those too would take it three times as long.
    """
    if columns < 1 or rows < 1:
        return blank(columns, rows)
    tops = [min(max(height, 0), DOTS_UP * rows) for height in heights]
    full = [min(tops[dot : dot + DOTS_ACROSS]) // DOTS_UP for dot in range(0, len(tops), DOTS_ACROSS)]
    steps = list(_steps(tops, [DOTS_UP * full[dot // DOTS_ACROSS] for dot in range(len(tops))]))
    cells = blank(columns, rows)
    if steps:
        figure = _figure(columns, rows, DOTS_ACROSS * columns, DOTS_UP * rows)
        _fill_steps(figure, steps)
        text = figure.build().string()
        _put_cells(cells, text, [role])
    for column, count in enumerate(full):
        for row in range(rows - count, rows):
            cells[row][column] = (FULL, role)
    return cells


def _put_cells(cells: Cells, text: str, roles: Sequence[str]) -> None:
    """What plotext drew, over what is there. Its colours, of which it has 255, are the roles from 1 on."""
    by_colour = {f"38;5;{number}": role for number, role in enumerate(roles, 1)}
    for line, drawn in zip(cells, text.split("\n"), strict=False):
        column = 0
        for colour, characters in _COLOUR.findall(drawn):
            for place, character in enumerate(characters, column):
                if character != " ":
                    put(line, place, (character, by_colour[colour]))
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


def _draw_paths(figure: Any, stroke: Stroke, paths: Sequence[Dots], colour: int, ascii: bool) -> None:
    """A stroke, in a colour."""
    import plotext

    marker = plotext.marker(stroke.character if ascii else "braille", colour)
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
