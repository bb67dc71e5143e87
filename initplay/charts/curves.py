"""A chart of curves: axes, labels, legend and marks around the lines that plotext draws."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from initplay.charts.axes import Area, gutter_of, header, room, up_ticks, x_axis, y_axis
from initplay.charts.guess import Guess
from initplay.charts.legend import legend
from initplay.charts.scales import Scale, linear, logarithmic
from initplay.charts.series import NEWEST, Series, series_of, unplottable
from initplay.charts.sheet import Grid, Line, cut
from initplay.charts.strokes import Stroke, plot
from initplay.recording.run import Chart
from initplay.words.numbers import short

TWO_HEADER_ROWS = 8
"""From this height on the legend has rows of its own under the title."""
ROWS_FOR_A_LEGEND_ROW = 10
"""The legend may take one row, and one more for so many rows of the chart."""

_FLOAT32 = (1e-45, 3.5e38)
_UNDRAWN = "the run will draw here"
_HOW_TO_PLACE = "Place your guess: click, or g and the arrows"


@dataclass
class Curves:
    """The drawing of one chart of curves."""

    chart: Chart
    width: int
    height: int
    end: int
    cursor: float | None
    ascii: bool
    pinned: Sequence[tuple[str, Chart]]
    guess: Guess | None
    series: list[Series] = field(default_factory=list)
    ghosts: list[tuple[str, list[Series]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.series = series_of(self.chart, self.end, self.ascii)
        self.ghosts = [(label, series_of(chart, NEWEST, self.ascii)) for label, chart in self.pinned]
        if self.cursor is not None and not math.isfinite(self.cursor):
            self.cursor = None

    @property
    def measured(self) -> list[Series]:
        return [series for series in self.series if not series.curve.is_theory]

    def lines(self) -> list[Line]:
        grid = Grid(self.width, self.height, self.ascii)
        area, across, up = self.laid_out(grid)
        ticks = across.ticks(max(area.columns // 9, 2))
        x_axis(grid, area, ticks, self.chart.axes.x, keep_free=self._guess_columns(area, across))
        if not self.series:
            self._say_undrawn(grid, area)
        self._draw_strokes(grid, area, across, up)
        self._draw_marks(grid, area, across, up)
        self._mark_unplottable(grid, area, across)
        self._draw_vertical_lines(grid, area, across)
        return grid.lines()

    def laid_out(self, grid: Grid) -> tuple[Area, Scale, Scale]:
        """Draw the header and the y axis; return the area for the curves, and the scales of x and y."""
        across, up = self._scales()
        top = self._header(grid)
        ticks = up_ticks(up, self.height - top - 2) if self.series or self.ghosts else []
        area = room(grid, top, gutter_of(ticks))
        y_axis(grid, area, ticks)
        return area, across, up

    def _say_undrawn(self, grid: Grid, area: Area) -> None:
        placed = self.guess is not None and self.guess.x is not None
        words = cut(_UNDRAWN if placed else f"{_UNDRAWN}. {_HOW_TO_PLACE}", area.columns, self.ascii)
        grid.put(area.left + (area.columns - len(words)) // 2, area.top + area.rows // 2, words, "muted")

    def _scales(self) -> tuple[Scale, Scale]:
        axes = self.chart.axes
        xs: list[float] = [x for x in (self.cursor, *_places(self.guess)) if x is not None]
        ys: list[float] = []
        for series in [*self.series, *(series for _, ghosts in self.ghosts for series in ghosts)]:
            numbers, curve = series.numbers(), series.curve
            xs.extend(curve.x[i] for i in numbers)
            for values in (curve.y, curve.low, curve.high) if curve.is_band else (curve.y,):
                found = [values[i] for i in numbers]
                ys.extend(_within_float32(found) if curve.is_theory and axes.log_y else found)
        whole = all(not math.isfinite(x) or x == int(x) for x in xs)
        across = logarithmic(xs) if axes.log_x else linear(xs, whole)
        return across, logarithmic(ys) if axes.log_y else linear(ys)

    def _draw_strokes(self, grid: Grid, area: Area, across: Scale, up: Scale) -> None:
        cells = plot(self._strokes(up), across, up, area.columns, area.rows, self.ascii)
        grid.put_cells(area.left, area.top, cells)

    def _strokes(self, up: Scale) -> list[Stroke]:
        """All lines of the chart, those in the background first."""
        theory = [
            _stroke(s, [i for i in s.numbers() if up.holds(s.curve.y[i])], s.curve.y, "theory", 4, ".")
            for s in self.series
            if s.curve.is_theory
        ]
        ghosts = [
            _stroke(s, s.numbers(), s.curve.y, "ghost", 0, ":")
            for _, pinned in self.ghosts
            for s in pinned
            if not s.curve.is_theory
        ]
        later, sofar = [], []
        for series in self.measured:
            curve = series.curve
            after = series.decimation.points(max(series.past - 1, 0), len(curve.index))
            before = series.decimation.points(0, series.past)
            if series.past < len(curve.index):
                later.append(_stroke(series, after, curve.y, "ghost", 0, ":"))
            for edge in (curve.low, curve.high) if curve.is_band else ():
                sofar.append(_stroke(series, before, edge, series.role, 2, "'"))
            sofar.append(_stroke(series, before, curve.y, series.role, 0, series.character))
        return theory + ghosts + later + sofar

    def _draw_marks(self, grid: Grid, area: Area, across: Scale, up: Scale) -> None:
        """The mark of each series: on every point where there are few, else on the newest and some others."""
        for order, series in enumerate(self.measured):
            curve = series.curve
            numbers: Sequence[int] = range(series.past)
            if series.past > area.columns // 4:
                numbers = self._sparse(series, area, order)
            for number in numbers:
                at, level = across.at(curve.x[number]), up.at(curve.y[number])
                if at is not None and level is not None:
                    grid.put(area.column(at), area.row(level), series.mark, series.role)

    def _sparse(self, series: Series, area: Area, order: int) -> list[int]:
        if len(self.measured) == 1:
            return [series.past - 1]
        pieces = 4
        shift = (order + 1) / (len(self.measured) + 1)
        return [int((piece + shift) / pieces * series.past) for piece in range(pieces)] + [series.past - 1]

    def _mark_unplottable(self, grid: Grid, area: Area, across: Scale) -> None:
        """A mark where the first NaN or inf is, at the top; for 0 and less on a log axis, at the bottom."""
        nonfinite_mark, low_mark, line = "xv:" if self.ascii else "×▾┊"
        for series in self.measured:
            points = series.decimation
            for number in (*points.inf[:1], *points.nan[:1]):
                at = across.at(series.curve.x[number])
                if at is not None:
                    self._vertical_line(grid, area, area.column(at), line, "warn")
                    grid.put(area.column(at), area.top, nonfinite_mark, "warn")
            for number in (*points.zero[:1], *points.negative[:1]) if self.chart.axes.log_y else ():
                at = across.at(series.curve.x[number])
                if at is not None:
                    grid.put(area.column(at), area.top + area.rows - 1, low_mark, "warn")

    def _vertical_line(self, grid: Grid, area: Area, column: int, character: str, role: str) -> None:
        """A vertical line behind the data."""
        for row in range(area.top, area.top + area.rows):
            grid.put_if_blank(column, row, character, role)

    def _guess_columns(self, area: Area, across: Scale) -> list[int]:
        """The columns of the guess and of the outcome; the cursor, which moves, may cover a name."""
        places = [self.guess.x, self.guess.outcome] if self.guess else []
        at = [across.at(x) for x in places if x is not None]
        return [area.column(place) for place in at if place is not None]

    def _draw_vertical_lines(self, grid: Grid, area: Area, across: Scale) -> None:
        """Vertical lines behind the data: guess, outcome and cursor; words beside the first two."""
        said: list[tuple[int, str, str]] = []
        guess = self.guess or Guess("")
        guess_sign, outcome_sign, cursor_sign = ("!?", ";=", "|^") if self.ascii else ("╎◆", "║■", "│▲")
        for x, (line, foot), role, words in (
            (guess.x, guess_sign, "label", "you said {}" if guess.committed else "{}?"),
            (guess.outcome, outcome_sign, "title", "it was {}"),
            (self.cursor, cursor_sign, "cursor", ""),
        ):
            at = across.at(x) if x is not None else None
            if x is None or at is None:
                continue
            self._vertical_line(grid, area, area.column(at), line, role)
            grid.put(area.column(at), area.top + area.rows, foot, role)
            if words:
                said.append((area.column(at), words.format(short(x)), role))
        for column, words, role in said:
            _put_beside(grid, area, column, words, role)

    def _header(self, grid: Grid) -> int:
        """Title, legend and warnings; returns how many rows they took."""
        said = ", ".join(unplottable(self.measured, self.chart.axes.x, self.chart.axes.log_y))
        warning: Line = [(said, "warn")] if said else []
        rows = self._legend()
        if self.height < TWO_HEADER_ROWS:
            header(grid, 0, [*self._title()[:1], ("  ", "label"), *rows[0]], warning)
        else:
            header(grid, 0, self._title(), warning)
            rows.insert(0, [])
        for number, row in enumerate(rows[1:], 1):
            header(grid, number, row, [])
        return len(rows)

    def _legend(self) -> list[Line]:
        """The legend: measured series first, then theory, then pinned runs."""
        ordered = [*self.measured, *(series for series in self.series if series.curve.is_theory)]
        others: list[Line] = [
            [(":" if self.ascii else "─", "ghost"), (f" {label}", "label")] for label, _ in self.ghosts
        ]
        return legend(ordered, others, self.cursor, self.width, 1 + self.height // ROWS_FOR_A_LEGEND_ROW)

    def _title(self) -> Line:
        axes = self.chart.axes
        name = self.chart.name
        said = [axes.y] if axes.y and axes.y.lower() not in name.lower() else []
        said += ["log scale"] if axes.log_y and "log" not in name.lower() else []
        said += [f"{axes.x or 'x'} on a log scale"] if axes.log_x else []
        title: Line = [(name, "title")]
        if said:
            title.append((" · " + ", ".join(said), "muted"))
        return title


def _places(guess: Guess | None) -> tuple[float | None, ...]:
    """The values of a guess that the x axis must include: its whole span while it can still be placed."""
    return (guess.x, guess.outcome, *(guess.span or ())) if guess else ()


def _put_beside(grid: Grid, area: Area, column: int, words: str, role: str) -> None:
    """Words to the right of a vertical line, or left of it, in the first row where they cover nothing."""
    for row in range(area.top, area.top + area.rows):
        for start in (column + 2, column - 1 - len(words)):
            inside = area.left <= start <= area.left + area.columns - len(words)
            if inside and all(grid.is_blank(start + number, row) for number in range(len(words))):
                grid.put(start, row, words, role)
                return


def _within_float32(values: Iterable[float]) -> list[float]:
    """The values that float32 can hold: theory goes on beyond them, measurements do not."""
    return [value for value in values if _FLOAT32[0] <= value <= _FLOAT32[1]]


def _stroke(
    series: Series, numbers: Sequence[int], values: Sequence[float], role: str, every: int, character: str
) -> Stroke:
    x = series.curve.x
    return Stroke([x[i] for i in numbers], [values[i] for i in numbers], role, every, character)
