"""Pictures in half-block cells, two pixels to a cell: digits, weights, filters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from initplay.charts.axes import header
from initplay.charts.maps import draw_map
from initplay.charts.sheet import LEVELS, Grid, Line, Span, sentence
from initplay.lab.events import Picture
from initplay.recording.run import Chart
from initplay.words.numbers import short, short_apart

_ASCII_SHADES = " .:-=+*#%@"
LEAST_WITH_SCALE = 8
"""Rows from which on the scale may have one of its own."""


_HALF_BLOCKS = [[("▀", f"shade:{above}/{below}") for below in range(LEVELS)] for above in range(LEVELS)]


def put_pixels(grid: Grid, column: int, row: int, pixels: Sequence[Sequence[int]]) -> None:
    """Draw rows of pixels, each a level from 0 to LEVELS - 1, two rows to a row of cells."""
    pairs = zip_longest(pixels[::2], pixels[1::2], fillvalue=[0] * len(pixels[0])) if pixels else ()
    cell = _ascii_cell if grid.ascii else _half_block
    grid.put_cells(column, row, [list(map(cell, upper, lower)) for upper, lower in pairs])


def _half_block(above: int, below: int) -> Span:
    return _HALF_BLOCKS[above][below]


def _ascii_cell(above: int, below: int) -> Span:
    return _ASCII_SHADES[(above + below) * (len(_ASCII_SHADES) - 1) // (2 * (LEVELS - 1))], "label"


def draw_pictures(chart: Chart, width: int, height: int, end: int, ascii: bool) -> list[Line]:
    """The newest pictures before event `end`, as large as they fit, side by side in rows."""
    picture = chart.pictures.last(end)
    if picture is None:
        return sentence(f"{chart.name}: nothing yet", width, height, ascii)
    if picture.rows:
        return draw_map(chart, picture, width, height, ascii)
    grid = Grid(width, height, ascii)
    title, shades, warning = _picture_title(chart, picture), _shades(picture), _picture_warning(picture)
    between = " · "
    taken = len(title + between + shades) + sum(len(text) + 1 for text, _ in warning)
    if taken <= width or len(shades) > width or height < LEAST_WITH_SCALE:
        top = 1
        header(grid, 0, [(title, "title"), (between + shades, "muted")], warning)
    else:  # without its scale a picture says nothing
        top = 2
        header(grid, 0, [(title, "title")], warning)
        header(grid, 1, [(shades, "label")], [])
    if picture.n < 1 or picture.height < 1 or picture.width < 1:
        grid.put(0, top, "no pixels", "muted")
        return grid.lines()
    layout = _layout(picture, width, height - top)
    _put_pictures(grid, picture, top, *layout)
    return grid.lines()


def _picture_title(chart: Chart, picture: Picture) -> str:
    several = len(chart.pictures.items) > 1
    return chart.name + (f" at {chart.axes.x} {short(picture.at)}".replace("  ", " ") if several else "")


def _shades(picture: Picture) -> str:
    low, high = short_apart(picture.low, picture.high)
    return f"faint {low}, strong {high}"


def _picture_warning(picture: Picture) -> Line:
    if not picture.nonfinite:
        return []
    return [(f"{short(picture.nonfinite)} NaN or inf", "warn")]


def _layout(picture: Picture, width: int, rows: int) -> tuple[int, int, int]:
    """How many pictures stand side by side, and the columns and pixel rows of each, as large as possible.

    A column and a row are left free between them, so that ten look like ten.
    """
    best = (0.0, 1, 1, 1)
    for across in range(1, picture.n + 1):
        down = -(-picture.n // across)
        columns, cells = (width - across + 1) // across, (rows - down + 1) // down
        if columns < 1 or cells < 1:
            continue
        size = min(columns / picture.width, 2 * cells / picture.height)
        size = float(int(size)) if size >= 1 else size
        fitted = max(round(picture.width * size), 1), max(round(picture.height * size), 1)
        if size > best[0]:
            best = (size, across, min(fitted[0], columns), min(fitted[1], 2 * cells))
    return best[1:]


def _put_pictures(grid: Grid, picture: Picture, top: int, across: int, columns: int, pixel_rows: int) -> None:
    """The pictures that there is room for, and how many more there are."""
    area = picture.height * picture.width
    pixels = picture.pixels.ljust(picture.n * area, b"\0")
    cells = -(-pixel_rows // 2)
    fit = min(picture.n, across * max((grid.height - top + 1) // (cells + 1), 0))
    for number in range(fit):
        one = pixels[number * area : (number + 1) * area]
        levels = _scaled(one, picture.height, picture.width, pixel_rows, columns)
        put_pixels(grid, number % across * (columns + 1), top + number // across * (cells + 1), levels)
    if fit < picture.n:
        words = f" {picture.n - fit} more "
        grid.put(grid.width - len(words), grid.height - 1, words, "muted")


def _scaled(pixels: bytes, height: int, width: int, to_height: int, to_width: int) -> list[list[int]]:
    """A picture's levels at another size: nearest pixel where it grows, mean of the area where it shrinks."""
    across = [_span(column, width, to_width) for column in range(to_width)]
    scaled: list[list[int]] = []
    before = None
    for down in (_span(row, height, to_height) for row in range(to_height)):
        scaled.append(scaled[-1] if down == before else _means(pixels, width, *down, across))
        before = down
    return scaled


def _span(number: int, size: int, to_size: int) -> tuple[int, int]:
    """The source pixels [begin, end) of one pixel of the target; at least one."""
    begin = number * size // to_size
    return begin, max((number + 1) * size // to_size, begin + 1)


_SAMPLES = 8
"""Of an area larger than this many pixels either way, evenly spread ones stand for it."""


def _means(pixels: bytes, width: int, top: int, bottom: int, across: Sequence[tuple[int, int]]) -> list[int]:
    """The levels of one row of pixels, from rows and columns of the source."""
    rows = [
        pixels[row * width : (row + 1) * width] for row in range(top, bottom, -(-(bottom - top) // _SAMPLES))
    ]
    levels = []
    for left, right in across:
        along = -(-(right - left) // _SAMPLES)
        part = b"".join([row[left:right:along] for row in rows])
        levels.append(min(sum(part) * LEVELS // (len(part) * 256), LEVELS - 1))
    return levels
