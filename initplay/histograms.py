"""A histogram as bars of block characters."""

from __future__ import annotations

import math
from collections.abc import Sequence

from initplay.frame import Area, floor, header
from initplay.grid import Grid, Line, sentence, span_width
from initplay.lab.events import Bins
from initplay.numbers import short
from initplay.run import Chart
from initplay.scales import Scale

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_ASCII_EIGHTHS = " ...::|##"


def rebin(counts: Sequence[float], columns: int) -> list[float]:
    """The counts shared out over equal `columns`, each bin in proportion to its overlap with a column.

    The sum stays what it was, so that bars are even and true whatever the two numbers are.
    """
    shared = [0.0] * columns
    if not counts or columns < 1:
        return shared
    per_bin = columns / len(counts)
    for number, count in enumerate(counts):
        if count:
            begin, end = number * per_bin, (number + 1) * per_bin
            for column in range(int(begin), min(math.ceil(end - 1e-9), columns)):
                overlap = min(end, column + 1) - max(begin, column)
                shared[column] += count * max(overlap, 0.0) / per_bin
    return shared


def bars(heights: Sequence[float], rows: int, ascii: bool = False) -> list[str]:
    """Rows of text, the top one first, with one bar a column; the highest takes all `rows`.

    Heights are proportional, in eighths of a row; what is not 0 is never drawn as nothing.
    """
    blocks = _ASCII_EIGHTHS if ascii else _EIGHTHS
    highest = max(heights, default=0)
    eighths = [max(round(8 * rows * height / highest), 1) if height > 0 else 0 for height in heights]
    return ["".join(blocks[min(max(e - 8 * row, 0), 8)] for e in eighths) for row in range(rows - 1, -1, -1)]


def draw_histogram(chart: Chart, width: int, height: int, end: int, ascii: bool, title: bool) -> list[Line]:
    """The newest histogram before event `end`; what is in none of its bins is said."""
    bins = chart.bins.last(end)
    if bins is None:
        return sentence(f"{chart.name}: nothing yet", width, height, ascii)
    grid = Grid(width, height, ascii)
    top = _header(grid, chart, bins, title)
    area = Area(0, top, width, height - top - 2)
    if sum(bins.counts) == 0:
        words = _why_empty(bins)
        grid.put((width - len(words)) // 2, top + area.rows // 2, words[:width], "muted")
    else:
        for row, text in enumerate(bars(rebin(bins.counts, width), area.rows, ascii), top):
            grid.put(0, row, text, "s0")
    floor(grid, area, _value_ticks(bins, width), chart.axes.y, corner=False)
    return grid.lines()


def _why_empty(bins: Bins) -> str:
    if bins.below + bins.above:
        return "no value in this range"
    return "no finite values" if bins.nonfinite else "no values"


def _value_ticks(bins: Bins, width: int) -> list[tuple[float, str]]:
    low, high = max(bins.low, -1e300), min(bins.high, 1e300)
    if not low < high:
        return [(0.5, short(bins.low))]
    if high - low <= 1e-5 * max(abs(low), abs(high)) or high - low < 1e-300:
        return [(0.0, short(low)), (1.0, short(high))]
    return Scale(low, high).ticks(max(width // 9, 2))


def _header(grid: Grid, chart: Chart, bins: Bins, title: bool) -> int:
    """Where and of how many values the histogram is, and how many are in no bin; returns the rows it took."""
    place = f" at {chart.axes.x} {short(bins.at)}".replace("  ", " ") if len(chart.bins.items) > 1 else ""
    left: Line = [(chart.name, "title")] if title else []
    left += [(place if title else place.strip(), "title" if title else "label")]
    count = f"{' · ' * bool(title or place)}{short(bins.total)} values"
    odd: Line = [(", ".join(outside(bins)), "warn")] if bins.total > sum(bins.counts) else []
    needed = span_width(left) + 1 + span_width(odd)
    if needed > grid.width and grid.height >= 8:
        header(grid, 0, left, [])
        header(grid, 1, odd, [])
        return 2
    header(grid, 0, [*left, (count, "muted")], odd)
    return 1


def outside(bins: Bins) -> list[str]:
    """What a histogram holds beside its bins, in words: "12 NaN", "3 inf", "5 below -2"."""
    said = [
        (bins.nan, "NaN"),
        (bins.posinf, "inf"),
        (bins.neginf, "-inf"),
        (bins.below, f"below {short(bins.low)}"),
        (bins.above, f"above {short(bins.high)}"),
    ]
    return [f"{short(count)} {what}" for count, what in said if count]
