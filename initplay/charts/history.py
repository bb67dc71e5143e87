"""All histograms of a chart side by side: how a spread grows or dies from layer to layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from initplay.charts.axes import gutter_of, header, room, up_ticks, x_axis, y_axis
from initplay.charts.pictures import put_pixels
from initplay.charts.scales import Scale, SymmetricLog, linear
from initplay.charts.sheet import LEVELS, Grid, Line, sentence
from initplay.lab.events import Bins
from initplay.recording.run import Chart
from initplay.words.numbers import short

_MANY_DECADES = 1e3
"""From this ratio of the widest to the narrowest histogram on, a linear axis would show only the widest."""
_LARGEST = 1e300
"""Beyond it a sum of two could overflow."""


def history(chart: Chart, width: int, height: int, end: int | None = None, ascii: bool = False) -> list[Line]:
    """All histograms of a chart side by side: position along x, value along y, log of the count as shade.

    The value axis is common to all of them, so a spread that grows or dies is seen at a glance. What comes
    after event `end` is dim, and the newest histogram before it is marked.
    """
    if width < 1 or height < 1:
        return [[] for _ in range(max(height, 0))]
    items: list[Bins] = chart.bins.items
    if width < 12 or height < 5:
        return sentence(f"{chart.name}: {len(items)} histograms", width, height, ascii, "label")
    if not items:
        return sentence(f"{chart.name}: nothing yet", width, height, ascii)
    grid = Grid(width, height, ascii)
    up = value_scale(items)
    rows = height - 3
    ticks = up_ticks(up, rows)
    area = room(grid, 1, gutter_of(ticks))
    y_axis(grid, area, ticks)
    stride, columns_each = _pace(len(items), area.columns)
    shown = items[::stride]
    past = chart.bins.until(end) if end is not None else len(items)
    strips = [shades(bins, up, 2 * rows) for bins in shown]
    _put_history(grid, area.left, strips, columns_each, -(-past // stride))
    _mark_nonfinite(grid, area.left, items, stride, columns_each)
    x_axis(grid, area, _position_ticks(shown, columns_each, area.columns), chart.axes.x)
    if past and end is not None:
        column = area.left + (past - 1) // stride * columns_each + columns_each // 2
        grid.put(column, 1 + rows, "^" if ascii else "▲", "cursor")
    header(grid, 0, _history_title(chart, up, stride), _history_warning(chart))
    return grid.lines()


def value_scale(items: Sequence[Bins]) -> Scale | SymmetricLog:
    """One value axis for all of the histograms: symmetric log if some are more than 1,000 times wider."""
    drawn = [
        bins for bins in items if any(bins.counts) and math.isfinite(bins.low) and math.isfinite(bins.high)
    ]
    edges = [min(max(edge, -_LARGEST), _LARGEST) for bins in drawn for edge in (bins.low, bins.high)]
    sizes = [max(abs(low), abs(high)) for low, high in zip(edges[::2], edges[1::2], strict=True)]
    sizes = [size for size in sizes if size > 1 / _LARGEST]
    if not sizes or max(sizes) <= min(sizes) * _MANY_DECADES:
        return linear(edges)
    knee = 10.0 ** math.floor(math.log10(min(sizes)))
    scale = SymmetricLog(knee, 0.0, 1.0)
    low, high = min(*edges, 0.0), max(*edges, 0.0)
    return SymmetricLog(knee, -math.ceil(-scale.place(low)), math.ceil(scale.place(high)))


def shades(bins: Bins, up: Scale | SymmetricLog, pixel_rows: int) -> list[int]:
    """One column of pixels, the top one first: 0 where there is no value, the brighter the more there are."""
    mass = [0.0] * pixel_rows
    shares = [number / len(bins.counts) for number in range(len(bins.counts) + 1)] if bins.counts else []
    places = up.places([bins.low * (1 - share) + bins.high * share for share in shares])
    bounds = [None if at is None else round(at * pixel_rows, 9) for at in places]
    for count, (first, last) in zip(bins.counts, pairwise(bounds), strict=True):
        if count and first is not None and last is not None:
            _spread(mass, count, first, last)
    full = math.log1p(sum(mass))
    levels = [1 + int((LEVELS - 2) * math.log1p(m) / full + 0.5) if m > 0 else 0 for m in mass]
    return levels[::-1]


def _spread(mass: list[float], count: float, first: float, last: float) -> None:
    """Divide a bin's count among the pixels it covers, from a place in one of them to one in another."""
    lowest = min(int(first), len(mass) - 1)
    if last <= lowest + 1:
        mass[lowest] += count
        return
    mass[lowest] += count * (lowest + 1 - first) / (last - first)
    highest = min(math.ceil(last), len(mass)) - 1
    for row in range(lowest + 1, highest):
        mass[row] += count / (last - first)
    if highest > lowest:
        mass[highest] += count * (last - highest) / (last - first)


_CAPACITIES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300)


def _pace(count: int, columns: int) -> tuple[int, int]:
    """The stride from one drawn histogram to the next, and how many columns each takes.

    Both change in steps, so that the picture holds still while a run grows.
    """
    room = next((capacity for capacity in _CAPACITIES if capacity >= count), count)
    if room <= columns:
        return 1, columns // room
    if count <= columns:
        return 1, 1
    stride = -(-count // columns)
    return 1 << (stride - 1).bit_length(), 1


def _put_history(grid: Grid, left: int, strips: list[list[int]], columns_each: int, past: int) -> None:
    """Draw the strips side by side from the second row on, those from number `past` on dim."""
    dim = [[level // 3 for level in levels] for levels in strips[past:]]
    columns = [levels for levels in (*strips[:past], *dim) for _ in range(columns_each)]
    put_pixels(grid, left, 1, list(zip(*columns, strict=True)))


def _mark_nonfinite(grid: Grid, left: int, items: Sequence[Bins], stride: int, columns_each: int) -> None:
    """A mark on top of each column with a histogram, drawn or skipped, that holds NaN or inf."""
    mark = "x" if grid.ascii else "×"
    for number, bins in enumerate(items):
        if bins.nonfinite:
            grid.put(left + number // stride * columns_each, 1, mark * columns_each, "warn")


def _position_ticks(shown: Sequence[Bins], columns_each: int, columns: int) -> list[tuple[float, str]]:
    """A tick under some of the histograms, with the position at which it was taken."""
    every = max(1, -(-9 // columns_each))
    while len(shown) / every > max(columns // 9, 2):
        every += 1
    return [
        ((number * columns_each + columns_each // 2 + 0.5) / columns, short(shown[number].at))
        for number in range(0, len(shown), every)
    ]


def _history_title(chart: Chart, up: Scale | SymmetricLog, stride: int) -> Line:
    said = ["strong = many"]
    said += ["symmetric log" if isinstance(up, SymmetricLog) else ""]
    said += [f"1 in {stride}" if stride > 1 else ""]
    words = ", ".join(word for word in said if word)
    return [(chart.name, "title"), (f" · {words}", "muted")]


def _history_warning(chart: Chart) -> Line:
    first = next((bins for bins in chart.bins.items if bins.nonfinite), None)
    if first is None:
        return []
    what = "NaN" if first.nan else "inf" if first.posinf else "-inf"
    return [(f"{what} from {chart.axes.x} {short(first.at)}".replace("  ", " "), "warn")]
