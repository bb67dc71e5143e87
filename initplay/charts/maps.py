"""A table of numbers as shades: a cell for each setting of two knobs, with the shades' scale above it."""

from __future__ import annotations

from collections.abc import Sequence

from initplay.charts.axes import header
from initplay.charts.sheet import LEVELS, Grid, Line, Span, cut, one_cell_each
from initplay.lab.events import NO_NUMBER, NOT_THERE, SHADES_FROM, Picture
from initplay.recording.run import Chart
from initplay.words.numbers import short

_ASCII_SHADES = ".:-=+*#%@"
_TOP = 2
"""Rows above the map: its title, and the scale."""
_WIDEST_CELL = 8
_WIDEST_LABEL = 11


def draw_map(chart: Chart, picture: Picture, width: int, height: int, ascii: bool) -> list[Line]:
    """The map as exactly `height` lines. Where there is no room for each setting, some stand for others."""
    grid = Grid(width, height, ascii)
    warning: Line = [(f"{picture.nonfinite} NaN or inf", "warn")] if picture.nonfinite else []
    header(grid, 0, [(chart.name, "title")], warning)
    gutter = min(max((len(label) for label in picture.rows), default=0), _WIDEST_LABEL, width // 3)
    columns, rows = width - gutter - 1, height - _TOP - 1
    if columns < 1 or rows < 1:
        return grid.lines()
    _put_scale(grid, chart, picture)
    across, cell = _fitted(picture.width, columns, _WIDEST_CELL)
    down, lines = _fitted(picture.height, rows, max(1, cell // 2))
    for place, row in enumerate(down):
        top = _TOP + place * lines
        label = cut(one_cell_each(picture.rows[row], ascii), gutter, ascii)
        grid.put(gutter - len(label), top + (lines - 1) // 2, label, "axis")
        spans = [_cell(picture.pixels[row * picture.width + column], ascii) for column in across]
        cells = [span for span in spans for _ in range(cell)]
        for line in range(lines):
            grid.put_spans(gutter + 1, top + line, cells)
    _put_column_labels(grid, picture, across, cell, gutter + 1, _TOP + len(down) * lines)
    return grid.lines()


def rows_of(picture: Picture) -> int:
    """How many lines show every setting."""
    return _TOP + picture.height + 1


def _put_scale(grid: Grid, chart: Chart, picture: Picture) -> None:
    """`0.1 ░▒▓ 0.9   depth down, init across`: the shades first, for nothing can be read without them."""
    low, high = short(picture.low), short(picture.high)
    shades = _ASCII_SHADES if grid.ascii else range(LEVELS)
    ramp = [_shaded(number, grid.ascii) for number in range(len(shades))]
    scale: Line = [(f"{low} ", "axis"), *ramp, (f" {high}", "axis")]
    scale += [(" in ratios", "muted")] if picture.log else []
    taken = sum(len(text) for text, _ in scale)
    grid.put_spans(0, 1, scale)
    names = f"{chart.axes.y} down, {chart.axes.x} across"
    names = cut(one_cell_each(names, grid.ascii), grid.width - taken - 3, grid.ascii)
    grid.put(taken + 3, 1, names, "muted")


def _shaded(level: int, ascii: bool) -> Span:
    return (_ASCII_SHADES[level], "label") if ascii else ("▀", f"shade:{level}/{level}")


def _cell(pixel: int, ascii: bool) -> Span:
    if pixel == NOT_THERE:
        return (" " if ascii else "·"), "muted"
    if pixel == NO_NUMBER:
        return ("x" if ascii else "×"), "warn"
    levels = len(_ASCII_SHADES) if ascii else LEVELS
    return _shaded((pixel - SHADES_FROM) * levels // (256 - SHADES_FROM), ascii)


def _fitted(count: int, room: int, most: int) -> tuple[Sequence[int], int]:
    """Which of so many to show, evenly spread where not all fit, and how many cells each takes."""
    if count <= room:
        return range(count), min(room // count, most)
    return [place * (count - 1) // max(room - 1, 1) for place in range(room)], 1


def _put_column_labels(
    grid: Grid, picture: Picture, across: Sequence[int], cell: int, left: int, row: int
) -> None:
    """As many as have room, the first of all."""
    free = 0
    for place, column in enumerate(across):
        label = one_cell_each(picture.columns[column], grid.ascii)
        start = min(left + place * cell + max(0, (cell - len(label)) // 2), grid.width - len(label))
        if start >= free:
            grid.put(start, row, label, "axis")
            free = start + len(label) + 1
