"""All histograms of a chart side by side: how a spread grows or dies from layer to layer."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from initplay.charts.axes import gutter_of, header, room, up_ticks, x_axis, y_axis
from initplay.charts.pictures import put_pixels
from initplay.charts.scales import Scale, SymmetricLog, Tick, linear, round_step, tick_label
from initplay.charts.series import infinity
from initplay.charts.sheet import LEVELS, Grid, Line, sentence
from initplay.charts.steps import LARGEST
from initplay.lab.events import Bins
from initplay.recording.run import Chart
from initplay.words.numbers import short

_MANY_DECADES = 1e3
"""From this ratio of the widest to the narrowest histogram on, a linear axis would show only the widest."""
_OFF = 1e-6
"""Of a step, what a position may be off a round value for what computing it has lost."""
_APART = 9
"""Columns from one label of a position to the next, at least."""


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
    up = value_scale(items[:: strips_of(len(items), width).stride])  # all that are drawn, and some more
    rows = height - 3
    ticks = up_ticks(up, rows)
    area = room(grid, 1, gutter_of(ticks))
    y_axis(grid, area, ticks)
    strips = strips_of(len(items), area.columns)
    past = chart.bins.until(end) if end is not None else len(items)
    columns = [shades(bins, up, 2 * rows) for bins in items[:: strips.stride]]
    _put_history(grid, area.left, columns, strips, -(-past // strips.stride))
    broken = [number for number, bins in enumerate(items) if bins.nonfinite]
    _mark_nonfinite(grid, area.left, broken, strips)
    x_axis(grid, area, _position_ticks(items, strips, area.columns), chart.axes.x)
    if past and end is not None:
        grid.put(area.left + strips.middle(past - 1), 1 + rows, "^" if ascii else "▲", "cursor")
    header(grid, 0, _history_title(chart, up, strips.stride), _history_warning(chart, broken))
    return grid.lines()


def value_scale(items: Sequence[Bins]) -> Scale | SymmetricLog:
    """One value axis for all of the histograms: symmetric log if some are more than 1,000 times wider."""
    # A saved file may hold any edges.
    drawn = [bins for bins in items if any(bins.counts) and -LARGEST <= bins.low <= bins.high <= LARGEST]
    lows, highs = [bins.low for bins in drawn], [bins.high for bins in drawn]
    ends = [min(lows, default=0.0), max(highs, default=0.0)]
    sizes = [size for size in map(max, map(abs, lows), map(abs, highs)) if size > 1 / LARGEST]
    if not sizes or max(sizes) <= min(sizes) * _MANY_DECADES:
        return linear(ends)
    knee = 10.0 ** math.floor(math.log10(min(sizes)))
    scale = SymmetricLog(knee, 0.0, 1.0)
    low, high = min(*ends, 0.0), max(*ends, 0.0)
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


@dataclass(frozen=True)
class Strips:
    """Which columns each histogram's strip takes, of those from the left on."""

    stride: int
    """From one drawn histogram to the next."""
    edges: Sequence[int]
    """Where each strip begins, and the last of them ends."""

    def place(self, number: int) -> slice:
        """The columns of histogram `number`, or of the drawn one that it was skipped for."""
        strip = number // self.stride
        return slice(self.edges[strip], self.edges[strip + 1])

    def middle(self, number: int) -> int:
        """The column in the middle of them, the left one of two."""
        taken = self.place(number)
        return (taken.start + taken.stop - 1) // 2


def strips_of(count: int, columns: int) -> Strips:
    """Room for `count` histograms and a few more: all of it, though some strips are a column wider then.

    It changes in steps, so that the picture holds still while a run grows.
    """
    stride = 1
    while -(-count // stride) > columns:
        stride *= 2
    strips = -(-count // stride)
    capacity = min(next((room for room in _CAPACITIES if room >= strips), strips), columns)
    return Strips(stride, [columns * strip // capacity for strip in range(capacity + 1)])


def _put_history(grid: Grid, left: int, columns: list[list[int]], strips: Strips, past: int) -> None:
    """Draw the strips side by side from the second row on, those from number `past` on dim."""
    widths = [after - before for before, after in pairwise(strips.edges)]
    dim = [[level // 3 for level in levels] for levels in columns[past:]]
    with_widths = zip((*columns[:past], *dim), widths, strict=False)  # there may be room for more strips
    pixels = [levels for levels, width in with_widths for _ in range(width)]
    put_pixels(grid, left, 1, list(zip(*pixels, strict=True)))


def _mark_nonfinite(grid: Grid, left: int, broken: Sequence[int], strips: Strips) -> None:
    """A mark on top of each column with a histogram, drawn or skipped, that holds NaN or inf."""
    mark = "x" if grid.ascii else "×"
    for number in broken:
        taken = strips.place(number)
        grid.put(left + taken.start, 1, mark * (taken.stop - taken.start), "warn")


def _position_ticks(items: Sequence[Bins], strips: Strips, columns: int) -> list[Tick]:
    """A tick under each of the histograms; of many, under those that were taken at round positions, and where
    there are few of these, under every so many of all."""
    most = max(columns // _APART, 2)
    found = _round_ones(items, strips.stride, most) if len(items) > most else []
    if not found:
        found = [(number, items[number].at) for number in range(0, len(items), -(-len(items) // most))]
    labels = _told_apart([position for _, position in found])
    places = [(strips.middle(number) + 0.5) / columns for number, _ in found]
    return list(zip(places, labels, strict=True))


def _told_apart(positions: Sequence[float]) -> list[str]:
    """Short labels, with more digits where two of them would be the same."""
    labels = [short(position) for position in positions]
    gaps = [abs(after - before) for before, after in pairwise(positions)]
    if len(set(labels)) == len(labels) or not all(0 < gap < math.inf for gap in gaps):
        return labels
    return [tick_label(position, min(gaps)) for position in positions]


def _round_ones(items: Sequence[Bins], stride: int, most: int) -> list[tuple[int, float]]:
    """Which of them were taken at multiples of a round step that leaves at most so many, with these; none
    where they are fewer than three or lie in a half of all, as where positions double, or where the positions
    do not rise."""
    first, last = items[0].at, items[-1].at
    rises = all(before.at < after.at < math.inf for before, after in pairwise(items[::stride]))
    if not (rises and -LARGEST < first < last < LARGEST):
        return []
    widest = round_step(max((last - first) / most, 1 / LARGEST))
    for step in (widest, round_step(widest * 0.4)):
        times = range(math.ceil(first / step - _OFF), math.floor(last / step + _OFF) + 1)
        near = ((_nearest(step * one, items), step * one) for one in times)
        found = [(number, at) for number, at in near if abs(items[number].at - at) <= step * _OFF]
        if len(found) >= min(most, 3) and found[-1][0] - found[0][0] >= (len(items) - 1) / 2:
            return found
    return []


def _nearest(position: float, items: Sequence[Bins]) -> int:
    """The number of the histogram that was taken nearest to it."""
    after = bisect_left(items, position, key=lambda bins: bins.at)
    beside = range(max(after - 1, 0), min(after + 1, len(items)))
    return min(beside, key=lambda number: abs(items[number].at - position))


def _history_title(chart: Chart, up: Scale | SymmetricLog, stride: int) -> Line:
    said = ["strong = many"]
    said += ["symmetric log" if isinstance(up, SymmetricLog) else ""]
    said += [f"1 in {stride}" if stride > 1 else ""]
    words = ", ".join(word for word in said if word)
    return [(chart.name, "title"), (f" · {words}", "muted")]


def _history_warning(chart: Chart, broken: Sequence[int]) -> Line:
    if not broken:
        return []
    first = chart.bins.items[broken[0]]
    signs = [math.inf] * (first.posinf > 0) + [-math.inf] * (first.neginf > 0)
    what = "NaN" if first.nan else infinity(signs)
    return [(f"{what} from {chart.axes.x} {short(first.at)}".replace("  ", " "), "warn")]
