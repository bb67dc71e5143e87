"""A histogram as a filled density, with what theory expects and what pinned runs had as lines over it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from initplay.charts.axes import LEAST_SHARE, TWO_HEADER_ROWS, Area, header, room, up_ticks, x_axis, y_axis
from initplay.charts.cells import DOTS_ACROSS, DOTS_UP, Cells, over
from initplay.charts.dots import Stroke
from initplay.charts.legend import in_a_row
from initplay.charts.rows import FEW, from_zero
from initplay.charts.scales import Scale, Tick, is_flat, linear, tick_label
from initplay.charts.series import theory_of
from initplay.charts.sheet import Grid, Line, cut, sentence
from initplay.charts.steps import LARGEST, MOST_LOOKED_AT, Steps, has_theory, is_placed, own_range, steps_of
from initplay.charts.strokes import fill, plot
from initplay.lab.events import Bins
from initplay.recording.run import Chart
from initplay.words.numbers import short

_ASCII_EIGHTHS = " ...::|##"
_ASCII_THEORY, _ASCII_PINNED = "o", "x"
_JUMP = 1 / 4
"""Of the frame: tops of neighbouring steps farther apart are not joined, for the line would hide a bar."""
_GUTTER, _WIDE_GUTTER = 6, 8
"""Columns for the labels of the density, as many at each moment."""
_PLAIN = (1e-7, 1e7)
"""Widths of histograms whose densities go into the first of the two."""
_LABELLED = (1e-290, 1e290)
"""Densities that an axis can be labelled with."""


def bars(eighths: Sequence[int], rows: int) -> list[str]:
    """Rows of ASCII, the top one first, with one bar a column of so many eighths of a row."""
    return [
        "".join(_ASCII_EIGHTHS[min(max(e - 8 * row, 0), 8)] for e in eighths)
        for row in range(rows - 1, -1, -1)
    ]


def draw_histogram(
    chart: Chart,
    width: int,
    height: int,
    end: int,
    ascii: bool,
    pinned: Sequence[tuple[str, Chart]] = (),
) -> list[Line]:
    """The newest histogram before event `end`; values outside its bins are counted in words.

    Over it lie theory's density and, as outlines, the histograms of pinned runs at the same position. Up is
    the density: equal areas are equal shares of the finite values, also of those outside the bins.
    """
    bins = chart.bins.last(end)
    if bins is None:
        return sentence(f"{chart.name}: nothing yet", width, height, ascii)
    others = [(label, other) for label, one in pinned if (other := _same_place(one, bins))]
    return _Histogram(chart, bins, others, width, height, ascii).lines()


def _same_place(chart: Chart, bins: Bins) -> Bins | None:
    return next((other for other in reversed(chart.bins.items) if other.at == bins.at), None)


@dataclass
class _Histogram:
    """The drawing of one histogram."""

    chart: Chart
    bins: Bins
    pinned: Sequence[tuple[str, Bins]]
    width: int
    height: int
    ascii: bool
    low: float = field(init=False)
    high: float = field(init=False)
    """The ends of the axis."""

    def __post_init__(self) -> None:
        self.low, self.high = own_range(self.bins, self.chart.bins.items)
        placed = [other for _, other in self.pinned if is_placed(other)]
        low, high = (
            min([self.low, *(one.low for one in placed)]),
            max([self.high, *(one.high for one in placed)]),
        )
        if self.high - self.low >= LEAST_SHARE * (high - low):
            self.low, self.high = low, high

    def lines(self) -> list[Line]:
        grid = Grid(self.width, self.height, self.ascii)
        if not is_placed(self.bins):
            words = cut(_why_empty(self.bins), self.width, self.ascii)
            self._header(grid, [])
            grid.put((self.width - len(words)) // 2, (1 + self.height) // 2, words, "muted")
            return grid.lines()
        gutter = _GUTTER if self._is_plain else _WIDE_GUTTER
        area = room(grid, 2 if self._has_legend else 1, gutter)
        dots = area.columns * (1 if self.ascii else DOTS_ACROSS)
        own = steps_of(self.bins, self.low, self.high, dots)
        others = [(label, one, steps_of(one, self.low, self.high, dots)) for label, one in self.pinned]
        highest, ticks = self._up(own, [steps for _, _, steps in others], area.rows)
        y_axis(grid, area, ticks)
        x_axis(grid, area, value_ticks(self.low, self.high, area.columns), self.chart.axes.y)
        lines = self._lines(own, [one for *_, one in others], highest, area)
        grid.put_cells(area.left, area.top, over(self._filled(own, highest, area), lines))
        beyond = [(label, self._beyond(one, steps, highest)) for label, one, steps in others]
        self._header(grid, beyond, _theory_beyond(own, highest))
        return grid.lines()

    @property
    def _of_chart(self) -> Sequence[Bins]:
        """Those that the frame is made for, whichever of them is shown."""
        return [*self.chart.bins.items[:MOST_LOOKED_AT], self.bins]

    @property
    def _is_plain(self) -> bool:
        """Whether no density of the chart needs an exponent of more than a digit."""
        widths = [one.high - one.low for one in self._of_chart if is_placed(one)]
        return all(_PLAIN[0] < width < _PLAIN[1] for width in (*widths, self.high - self.low))

    @property
    def _has_legend(self) -> bool:
        """Whether there is a row for it: for all histograms of the chart or for none, so that none jumps."""
        return self.height >= TWO_HEADER_ROWS and (
            bool(self.pinned) or any(one.theory or _is_odd(one) for one in self._of_chart)
        )

    def _up(self, own: Steps, others: Sequence[Steps], rows: int) -> tuple[float, list[Tick]]:
        """The level at the top of the frame, and the ticks of the density.

        Pinned runs may make the frame higher, and theory, which may have a spike, as long as what is shown
        keeps a third of it.
        """
        highest = own.highest
        theory = max(own.theory, default=0.0)
        for other in (theory, *(steps.highest for steps in others)):
            if own.highest >= LEAST_SHARE * other:
                highest = max(highest, other)
        width = self.high - self.low
        density = highest / width
        if not _LABELLED[0] < density < _LABELLED[1]:
            return highest, []
        if 2 <= rows < FEW:
            end, ticks = from_zero(density, rows)
            return end * width, ticks
        up = linear([0.0, density])
        return up.high * width, up_ticks(up, rows)

    def _filled(self, own: Steps, highest: float, area: Area) -> Cells:
        if not self.ascii:
            heights = own.heights(DOTS_ACROSS * area.columns, highest, DOTS_UP * area.rows)
            return fill(heights, "s0", area.columns, area.rows)
        eighths = own.heights(area.columns, highest, 8 * area.rows)
        return [[(character, "s0") for character in row] for row in bars(eighths, area.rows)]

    def _lines(self, own: Steps, others: Sequence[Steps], highest: float, area: Area) -> Cells:
        """Pinned runs and, on top, theory."""
        strokes = [_outline(steps, highest, "outline", _ASCII_PINNED) for steps in others]
        strokes.append(_curve(own, highest))
        return plot(strokes, Scale(0.0, 1.0), Scale(0.0, highest), area.columns, area.rows, self.ascii)

    def _beyond(self, other: Bins, steps: Steps, highest: float) -> str:
        """What the frame does not show of a pinned run, in words."""
        if not is_placed(other):
            return _why_empty(other)
        said = []
        slack = (self.high - self.low) * 1e-9
        if other.low < self.low - slack or other.high > self.high + slack:
            said.append(f"from {short(other.low)} to {short(other.high)}")
        if steps.highest > highest * (1 + 1e-9):
            said.append("goes higher")
        return ", ".join(said)

    def _header(self, grid: Grid, others: Sequence[tuple[str, str]], of_theory: str = "") -> None:
        """Title, count of values, legend, and what lies outside the bins."""
        chart, bins = self.chart, self.bins
        place = f" at {chart.axes.x} {short(bins.at)}".replace("  ", " ") if len(chart.bins.items) > 1 else ""
        values = f"{_count(bins.total)} value{'s' * (bins.total != 1)}"
        left: Line = [(chart.name + place, "title"), (f" · {values}, density", "muted")]
        odd: Line = [(", ".join(outside(bins)), "warn")] if _is_odd(bins) else []
        if not self._has_legend:
            header(grid, 0, left, odd)
            return
        header(grid, 0, left, [])
        header(grid, 1, self._legend(others, of_theory), odd)

    def _legend(self, others: Sequence[tuple[str, str]], of_theory: str) -> Line:
        line, square, pinned = (_ASCII_THEORY, "#", _ASCII_PINNED) if self.ascii else ("┄", "█", "─")
        if not (has_theory(self.bins) or others):
            return []
        told = [((square, "s0"), "measured", "")]
        if has_theory(self.bins):
            told.append(((line, "expected"), theory_of(edited=self.chart.edited), of_theory))
        told += [((pinned, "outline"), label, beyond) for label, beyond in others]
        entries: list[Line] = [
            [sign, (f" {name}{f' ({beyond})' if beyond else ''}", "label")] for sign, name, beyond in told
        ]
        return in_a_row(entries)


def value_ticks(low: float, high: float, columns: int) -> list[Tick]:
    """Ticks of an axis of values whose ends need not be round."""
    width = high - low
    if width < 1e-300:
        return [(0.0, short(low)), (1.0, short(high))]
    if is_flat(low, high):
        return list(zip((0.0, 1.0), _told_apart(low, high), strict=True))
    return Scale(low, high).ticks(max(columns // 9, 2))


def _told_apart(low: float, high: float) -> list[str]:
    """Labels of two ends that are near each other: where they are and how far apart, to a tenth of that."""
    width = high - low
    labels = [tick_label(end, width) for end in (low, high)]
    off = [float(label) - end for label, end in zip(labels, (low, high), strict=True)]
    if max(abs(off[0]), abs(off[1]), abs(off[1] - off[0])) > width / 10:
        labels = [tick_label(end, width / 10) for end in (low, high)]
    return labels


def _theory_beyond(own: Steps, highest: float) -> str:
    """What the frame does not show of theory, in words."""
    most = max(own.theory, default=math.nan)
    if most == 0:
        return "0 here"
    return "goes higher" if most > highest * (1 + 1e-9) else ""


def _outline(steps: Steps, highest: float, role: str, character: str) -> Stroke:
    """Along the top of every step that is not empty and down to the next, with a gap at a jump."""
    x: list[float] = []
    y: list[float] = []
    before = 0.0
    for begin, end, level in zip(steps.edges, [*steps.edges[1:], 1.0], [*steps.levels, 0.0], strict=False):
        here = level if level <= highest else math.nan
        joined = (before or here) and abs(here - before) <= _JUMP * highest  # NaN is not
        x, y = [*x, begin, begin], [*y, *((before, here) if joined else (math.nan, math.nan))]
        if here:
            x, y = [*x, begin, end], [*y, here, here]
        before = here
    return Stroke(x, y, role, 0, character)


def _curve(steps: Steps, highest: float) -> Stroke:
    """Theory through the middle of each step, with a gap at a jump, where a line would hide what it is of."""
    x: list[float] = []
    y: list[float] = []
    levels = [0.0, *steps.theory, 0.0]
    for number in range(len(steps.theory)):
        before, here, after = levels[number : number + 3]
        begin, end = steps.edges[number : number + 2]
        if not (before or here or after) or here > highest:
            x, y = [*x, begin], [*y, math.nan]
            continue
        falls = [abs(here - beside) > _JUMP * highest for beside in (before, after)]
        if here == 0 and any(falls):
            continue
        places = [begin] * falls[0] + [(begin + end) / 2] + [end - (end - begin) * 1e-6] * falls[1]
        x += [begin] * falls[0] + places
        y += [math.nan] * falls[0] + [here] * len(places)
    return Stroke(x, y, "expected", 2, _ASCII_THEORY)


def _is_odd(bins: Bins) -> bool:
    """Whether it has values that are in no bin."""
    return bool(bins.below or bins.above or bins.nan or bins.posinf or bins.neginf)


def _count(number: int) -> str:
    return f"{number:,}" if number < 100_000 else short(number)


def _why_empty(bins: Bins) -> str:
    if sum(bins.counts):
        is_large = -math.inf < bins.low < bins.high < math.inf
        return f"values beyond {short(LARGEST)} have no room" if is_large else "its edges are no range"
    if bins.below + bins.above:
        return "no value in this range"
    return "no finite values" if bins.nonfinite else "no values"


def outside(bins: Bins) -> list[str]:
    """What lies outside the bins, in words: "12 NaN", "3 inf", "5 below -2"."""
    said = [
        (bins.nan, "NaN"),
        (bins.posinf, "inf"),
        (bins.neginf, "-inf"),
        (bins.below, f"below {short(bins.low)}"),
        (bins.above, f"above {short(bins.high)}"),
    ]
    return [f"{_count(count)} {what}" for count, what in said if count]
