"""A histogram as bars of block characters."""

from __future__ import annotations

import math
from collections.abc import Sequence

from initplay.charts.axes import Area, header, x_axis
from initplay.charts.scales import Scale
from initplay.charts.sheet import Grid, Line, sentence, span_width
from initplay.lab.events import Bins
from initplay.recording.run import Chart
from initplay.words.numbers import short

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_ASCII_EIGHTHS = " ...::|##"
_LARGEST = 1e300
"""Beyond it a difference of two could overflow."""
ROWS_BESIDE_PINNED = 4
"""What a histogram must keep when those of pinned runs stand below it."""


def rebin(counts: Sequence[float], columns: int, low: float = 0.0, high: float = 1.0) -> list[float]:
    """The counts shared out over equal `columns`, each bin in proportion to its overlap with a column.

    The bins take the part of the columns from `low` to `high`, all of it by default. The sum stays what it
    was, so that bars are even and true whatever the numbers are.
    """
    shared = [0.0] * columns
    if not counts or columns < 1:
        return shared
    per_bin = columns * (high - low) / len(counts)
    for number, count in enumerate(counts):
        if count:
            begin = columns * low + number * per_bin
            first = min(int(begin + 1e-9), columns - 1)
            last = min(math.ceil(begin + per_bin - 1e-9), columns)
            if last - first <= 1:  # also where the bin is narrower than a float can say
                shared[first] += count
                continue
            for column in range(first, last):
                overlap = min(begin + per_bin, column + 1) - max(begin, column)
                shared[column] += count * max(overlap, 0.0) / per_bin
    return shared


def bars(heights: Sequence[float], rows: int, ascii: bool = False, highest: float | None = None) -> list[str]:
    """Rows of text, the top one first, with one bar a column; `highest`, by default of these, takes all rows.

    Heights are proportional, in eighths of a row; what is not 0 is never drawn as nothing.
    """
    blocks = _ASCII_EIGHTHS if ascii else _EIGHTHS
    highest = max(heights, default=0) if highest is None else highest
    eighths = [max(round(8 * rows * height / highest), 1) if height > 0 else 0 for height in heights]
    return ["".join(blocks[min(max(e - 8 * row, 0), 8)] for e in eighths) for row in range(rows - 1, -1, -1)]


def draw_histogram(
    chart: Chart,
    width: int,
    height: int,
    end: int,
    ascii: bool,
    pinned: Sequence[tuple[str, Chart]] = (),
) -> list[Line]:
    """The newest histogram before event `end`; values outside its bins are counted in words.

    Below it stand the histograms of pinned runs at the same position, the latest pin first, as many as there
    is room for. All share one value axis, and bars of the same height are the same share of the values.
    """
    bins = chart.bins.last(end)
    if bins is None:
        return sentence(f"{chart.name}: nothing yet", width, height, ascii)
    grid = Grid(width, height, ascii)
    top = _header(grid, chart, bins)
    area = Area(0, top, width, height - top - 2)
    others = [(label, other) for label, one in reversed(pinned) if (other := _same_place(one, bins))]
    shown = [("", bins), *others][: max(area.rows // ROWS_BESIDE_PINNED, 1)]
    low, high = _common_range([one for _, one in shown])
    shares = [_shares(one, low, high, width) for _, one in shown]
    highest = max(max(share) for share in shares)
    rows = (area.rows - len(shown) + 1) // len(shown)  # each pinned one has a row for its label besides
    row = top + area.rows - rows * len(shown) - len(shown) + 1
    for (label, one), share in zip(shown, shares, strict=True):
        grid.put(0, row, label, "label")
        row += bool(label)
        _put_bars(grid, row, rows, share, highest, one, "ghost" if label else "s0")
        row += rows
    x_axis(grid, area, _value_ticks(low, high, width), chart.axes.y, corner=False)
    return grid.lines()


def _same_place(chart: Chart, bins: Bins) -> Bins | None:
    return next((other for other in reversed(chart.bins.items) if other.at == bins.at), None)


def _common_range(shown: Sequence[Bins]) -> tuple[float, float]:
    """The range that holds all of the histograms; those without values do not count."""
    full = [bins for bins in shown if _is_placed(bins)] or shown[:1]
    return max(min(bins.low for bins in full), -_LARGEST), min(max(bins.high for bins in full), _LARGEST)


def _is_placed(bins: Bins) -> bool:
    """Whether it has values and usable edges: a saved file may hold anything."""
    return sum(bins.counts) > 0 and not math.isnan(bins.low) and not math.isnan(bins.high)


def _shares(bins: Bins, low: float, high: float, columns: int) -> list[float]:
    """The share of its binned values that lies in each column of the range."""
    total = sum(bins.counts)
    if not total:
        return [0.0] * columns
    if not (low < high and _is_placed(bins)):
        return [count / total for count in rebin(bins.counts, columns)]
    begin, end = ((min(max(edge, low), high) - low) / (high - low) for edge in (bins.low, bins.high))
    return [count / total for count in rebin(bins.counts, columns, begin, end)]


def _put_bars(
    grid: Grid, top: int, rows: int, shares: Sequence[float], highest: float, bins: Bins, role: str
) -> None:
    if not sum(bins.counts):
        words = _why_empty(bins)
        grid.put((grid.width - len(words)) // 2, top + rows // 2, words[: grid.width], "muted")
        return
    for row, text in enumerate(bars(shares, rows, grid.ascii, highest), top):
        grid.put(0, row, text, role)


def _why_empty(bins: Bins) -> str:
    if bins.below + bins.above:
        return "no value in this range"
    return "no finite values" if bins.nonfinite else "no values"


def _value_ticks(low: float, high: float, width: int) -> list[tuple[float, str]]:
    if not low < high:
        return [(0.5, short(low))]
    if high - low <= 1e-5 * max(abs(low), abs(high)) or high - low < 1e-300:
        return [(0.0, short(low)), (1.0, short(high))]
    return Scale(low, high).ticks(max(width // 9, 2))


def _header(grid: Grid, chart: Chart, bins: Bins) -> int:
    """Title, count of values, and what lies outside the bins; returns how many rows it took."""
    place = f" at {chart.axes.x} {short(bins.at)}".replace("  ", " ") if len(chart.bins.items) > 1 else ""
    left: Line = [(chart.name + place, "title")]
    count = f" · {short(bins.total)} values"
    odd: Line = [(", ".join(outside(bins)), "warn")] if bins.total > sum(bins.counts) else []
    needed = span_width(left) + 1 + span_width(odd)
    if needed > grid.width and grid.height >= 8:
        header(grid, 0, left, [])
        header(grid, 1, odd, [])
        return 2
    header(grid, 0, [*left, (count, "muted")], odd)
    return 1


def outside(bins: Bins) -> list[str]:
    """What lies outside the bins, in words: "12 NaN", "3 inf", "5 below -2"."""
    said = [
        (bins.nan, "NaN"),
        (bins.posinf, "inf"),
        (bins.neginf, "-inf"),
        (bins.below, f"below {short(bins.low)}"),
        (bins.above, f"above {short(bins.high)}"),
    ]
    return [f"{short(count)} {what}" for count, what in said if count]
