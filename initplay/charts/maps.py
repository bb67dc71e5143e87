"""A table of numbers as shades: a cell for each setting of two knobs, with the shades' scale above it."""

from __future__ import annotations

from collections.abc import Sequence

from initplay.charts.axes import header
from initplay.charts.sheet import LEVELS, Grid, Line, Span, as_columns, cut
from initplay.lab.events import NO_NUMBER, NOT_THERE, SHADES_FROM, Picture
from initplay.recording.level import first_shade_at
from initplay.recording.run import Chart
from initplay.words.numbers import short, short_apart

_ASCII_SHADES = ".:-=+*#%@"
_TOP = 2
"""Rows above the map: its title, and the scale."""
_BORDER, _BORDER_ASCII = "▁▕", "_|"
"""Where the level is crossed: below a cell, right of a cell."""
_WIDEST_CELL = 8
"""Where there is no room for a taller one that is square to the eye."""
_LARGEST_CELL = 24
_WIDEST_LABEL = 11


def draw_map(chart: Chart, picture: Picture, width: int, height: int, ascii: bool) -> list[Line]:
    """The map as exactly `height` lines. Where there is no room for each setting, some stand for others."""
    grid = Grid(width, height, ascii)
    said = [f"{picture.nonfinite} NaN or inf"] * bool(picture.nonfinite)
    said += [f"{picture.zeros} of 0 as the lowest"] * bool(picture.zeros)
    warning: Line = [(", ".join(said), "warn")] if said else []
    header(grid, 0, [(chart.name, "title")], [*_level_in_words(picture, ascii), *warning])
    labels = [as_columns(row, ascii) for row in picture.rows]
    gutter = min(max(map(len, labels), default=0), _WIDEST_LABEL, width // 3)
    columns, rows = width - gutter - 1, height - _TOP - 1
    if columns < 1 or rows < 1:
        return grid.lines()
    _put_scale(grid, chart, picture)
    tallest = max(1, rows // max(picture.height, 1))
    across, cell = _fitted(picture.width, columns, max(_WIDEST_CELL, min(2 * tallest, _LARGEST_CELL)))
    down, lines = _fitted(picture.height, rows, max(1, cell // 2))
    for place, row in enumerate(down):
        top = _TOP + place * lines
        label = cut(labels[row], gutter, ascii)
        grid.put(gutter - len(label), top + (lines - 1) // 2, label, "axis")
        spans = [_cell(picture.pixels[row * picture.width + column], ascii) for column in across]
        cells = [span for span in spans for _ in range(cell)]
        for line in range(lines):
            grid.put_spans(gutter + 1, top + line, cells)
    if picture.level is not None:
        _put_border(grid, picture, (down, across), (lines, cell), gutter + 1)
    _put_column_labels(grid, picture, across, cell, gutter + 1, _TOP + len(down) * lines)
    return grid.lines()


def _level_in_words(picture: Picture, ascii: bool) -> Line:
    """What the border on the map is, or on which side of the level all of it lies."""
    if picture.level is None:
        return []
    level = short(picture.level)
    if picture.low >= picture.level or picture.high < picture.level:
        side = "above" if picture.low >= picture.level else "below"
        return [(f"all {side} {level} ", "muted")]
    return [(_BORDER_ASCII if ascii else _BORDER, "label"), (f" where it crosses {level} ", "muted")]


def _put_border(
    grid: Grid, picture: Picture, shown: tuple[Sequence[int], Sequence[int]], size: tuple[int, int], left: int
) -> None:
    """Draw a line between neighbors on two sides of the level: under the upper one, right of the left one."""
    (down, across), (lines, cell) = shown, size
    for place, row in enumerate(down):
        bottom = _TOP + (place + 1) * lines - 1
        for number, column in enumerate(across):
            pixel = picture.pixels[row * picture.width + column]
            start = left + number * cell
            side = _side(picture, row, column)
            is_right = number + 1 < len(across) and _parts(side, _side(picture, row, across[number + 1]))
            if is_right:
                for line in range(lines):
                    grid.put_spans(start + cell - 1, bottom - line, [_border(1, pixel, grid.ascii)])
            if place + 1 < len(down) and _parts(side, _side(picture, down[place + 1], column)):
                # As a shade has to be seen under it, in ASCII every other character is left as it was.
                wide = max(1, cell - is_right)
                for at in range(wide % 2 == 0, wide, 2) if grid.ascii else range(wide):
                    grid.put_spans(start + at, bottom, [_border(0, pixel, grid.ascii)])


def _parts(side: bool | None, other: bool | None) -> bool:
    return None not in (side, other) and side != other


def _side(picture: Picture, row: int, column: int) -> bool | None:
    """Whether a setting lies at or above the level; None for no number."""
    pixel = picture.pixels[row * picture.width + column]
    if pixel < SHADES_FROM or picture.level is None:
        return None
    return pixel >= first_shade_at(picture.level, picture.low, picture.high, picture.log)


def _border(kind: int, pixel: int, ascii: bool) -> Span:
    """A line at the bottom (0) or at the right (1) of a cell, as dark or bright as its shade is not."""
    if ascii:
        return _BORDER_ASCII[kind], "label"
    shade = (pixel - SHADES_FROM) * LEVELS // (256 - SHADES_FROM)
    ink = 0 if shade >= LEVELS // 2 else LEVELS - 1
    return _BORDER[kind], f"shade:{ink}/{shade}"


def rows_of(picture: Picture) -> int:
    """How many lines show every setting."""
    return _TOP + picture.height + 1


def _put_scale(grid: Grid, chart: Chart, picture: Picture) -> None:
    """`0.1 ░▒▓ 0.9   depth down, init across`: the shades first, for nothing can be read without them; which
    knob goes which way in fewer signs, or not at all, rather than half."""
    low, high = short_apart(picture.low, picture.high)
    shades = _ASCII_SHADES if grid.ascii else range(LEVELS)
    ramp = [_shaded(number, grid.ascii) for number in range(len(shades))]
    scale: Line = [(f"{low} ", "axis"), *ramp, (f" {high}", "axis")]
    scale += [(" in ratios", "muted")] if picture.log else []
    taken = sum(len(text) for text, _ in scale)
    grid.put_spans(0, 1, scale)
    down, across = chart.axes.y, chart.axes.x
    said = (f"{down} down, {across} across", f"{down} ↓ {across} →", f"{across} →")
    names = (as_columns(words, grid.ascii) for words in said)
    whole = next((words for words in names if len(words) <= grid.width - taken - 3), "")
    grid.put(taken + 3, 1, whole, "muted")


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
        label = as_columns(picture.columns[column], grid.ascii)
        start = min(left + place * cell + max(0, (cell - len(label)) // 2), grid.width - len(label))
        if start >= free:
            grid.put(start, row, label, "axis")
            free = start + len(label) + 1
