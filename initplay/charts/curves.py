"""A chart of curves: axes, labels, legend and marks around the lines that plotext draws."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress

from initplay.charts.axes import (
    LEAST_SHARE,
    TWO_HEADER_ROWS,
    Area,
    gutter_of,
    header,
    room,
    up_axis,
    x_axis,
    y_axis,
)
from initplay.charts.crowd import drawn_of
from initplay.charts.dots import Stroke, chosen
from initplay.charts.extent import Extent
from initplay.charts.guess import Guess
from initplay.charts.legend import legend
from initplay.charts.scales import (
    Scale,
    Tick,
    has_place_by_steps,
    is_flat,
    linear,
    linear_to_ends,
    logarithmic,
    logarithmic_to_ends,
)
from initplay.charts.series import NEWEST, Series, series_of, unplottable
from initplay.charts.sheet import Grid, Line, as_columns, cut, span_width
from initplay.charts.strokes import plot
from initplay.recording.run import Chart
from initplay.words.numbers import short

ROWS_FOR_A_LEGEND_ROW = 10
"""The legend may take one row, and one more for so many rows of the chart."""
ONE_HEADER_ROW = 12
"""Below this height the legend stands beside the title where both have room: a row more for the curves."""
FARTHEST_MARK = 3
"""Columns that a mark may stand beside its point, where that has another's mark."""
_NEARER_FIRST = (0, *(by for far in range(1, FARTHEST_MARK + 1) for by in (far, -far)))
_MARKS_OF_MANY = 5
"""Of a curve of many points beside others, with the newest."""
_MOST_MARKS = 12 * _MARKS_OF_MANY
"""Of all curves, where each has so many; one mark is left to each of a crowd."""

_FLOAT32 = (1e-45, 3.5e38)
_DASHES = {"theory": (4, ".", 1), "reference": (8, "-", 4)}
"""How their lines are broken: dots from one dash to the next, the ASCII character, dots in a dash."""
_SAME_X = 1e-13
"""Of an x's size, what floats that are counted up may be off. More is two moments that are near."""
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
    apart: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By the labels of pinned runs, in what they were set otherwise than the one that is shown."""
    series: list[Series] = field(default_factory=list)
    ghosts: list[tuple[str, list[Series]]] = field(default_factory=list)
    drawn: list[Series] = field(default_factory=list)
    """Of the measured series those that are drawn: all but of a crowd."""
    drawn_behind: list[list[Series]] = field(default_factory=list)
    """The same of each of the ghosts."""

    def __post_init__(self) -> None:
        self.series = series_of(self.chart, self.end, self.ascii)
        self.ghosts = [(label, series_of(chart, NEWEST, self.ascii)) for label, chart in self.pinned]
        if self.cursor is not None and not math.isfinite(self.cursor):
            self.cursor = None
        behind = [_measured(pinned) for _, pinned in self.ghosts]
        self.drawn, self.drawn_behind = drawn_of(self.measured, behind, log_y=self.chart.axes.log_y)

    @cached_property
    def measured(self) -> list[Series]:
        return _measured(self.series)

    @property
    def computed(self) -> list[Series]:
        """Theory, then the reference."""
        return [s for role in ("theory", "reference") for s in self.series if s.role == role]

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
        top = self._header(grid, across, up)
        ticks: list[Tick] = []
        if self.series or self.ghosts:
            up, ticks = up_axis(up, self.height - top - 2)
        area = room(grid, top, gutter_of(ticks))
        y_axis(grid, area, ticks)
        return area, across, up

    def _say_undrawn(self, grid: Grid, area: Area) -> None:
        placed = self.guess is not None and self.guess.x is not None
        words = cut(_UNDRAWN if placed else f"{_UNDRAWN}. {_HOW_TO_PLACE}", area.columns, self.ascii)
        grid.put(area.left + (area.columns - len(words)) // 2, area.top + area.rows // 2, words, "muted")

    def _scales(self) -> tuple[Scale, Scale]:
        """The scales of what is shown. The edges of bands and pinned runs widen them while that leaves it
        `LEAST_SHARE` of the frame; what goes beyond is cut off there, and said."""
        axes = self.chart.axes
        shown = self.series or [series for _, pinned in self.ghosts for series in pinned]
        behind = self.drawn_behind if self.series else []
        marked = [x for x in (self.cursor, *_places(self.guess)) if x is not None]
        whole = all(map(float.is_integer, map(float, filter(math.isfinite, marked))))
        whole = whole and all(series.decimation.x.is_whole for series in shown)
        across = widened(
            lambda values: logarithmic_to_ends(values) if axes.log_x else linear(values, whole, _SAME_X),
            [*marked, *self._outermost_x(shown)],
            map(self._outermost_x, behind),
        )
        outermost = self._outermost_y(shown)
        edges = [y for series in shown for y in series.decimation.edges.ends(axes.log_y)]
        if outermost and is_flat(min(outermost), max(outermost)):  # the frame of a flat line is as one likes
            outermost += edges
        # A row of few has a round value by itself: round ends around the curve would leave rows empty.
        by_decades, by_steps = (
            (logarithmic_to_ends, linear_to_ends) if self.height < ONE_HEADER_ROW else (logarithmic, linear)
        )
        counts = all(series.decimation.y.is_whole for series in shown)
        up = widened(
            by_decades if axes.log_y else lambda values: by_steps(values, counts),
            outermost,
            [edges, *(self._outermost_y(pinned, across) for pinned in behind)],
        )
        return across, up

    def _outermost_x(self, several: Sequence[Series]) -> list[float]:
        """The x that the axis depends on."""
        log = self.chart.axes.log_x
        ends = [x for series in several for x in series.decimation.x.ends(log)]
        if log and not all(map(has_place_by_steps, ends)):  # the outermost of the others count then
            return [x for series in several for x in series.curve.x]
        return ends

    def _outermost_y(self, several: Sequence[Series], across: Scale | None = None) -> list[float]:
        """The y that the axis depends on, of what is on an x axis if one is given."""
        return [y for series in several for y in self._ends_of_y(series, across)]

    def _ends_of_y(self, series: Series, across: Scale | None) -> list[float]:
        log = self.chart.axes.log_y
        points = series.decimation
        all_held = across is None or (points.x.is_finite and all(map(across.holds, points.x.ends(log=False))))
        if all_held and (series.is_measured or not log):
            return points.y.ends(log)
        held = Extent()
        if across is None:
            found = _values(series, series.curve.y)
        elif points.x_rises and points.x.is_finite and not across.log:
            x = series.curve.x
            found = series.curve.y[bisect_left(x, across.low) : bisect_right(x, across.high)]
        else:
            x, y = _values(series, series.curve.x), _values(series, series.curve.y)
            found = list(compress(y, across.held(x)))
        held.widen(found if series.is_measured or not log else _within_float32(found))
        return held.ends(log)

    def _draw_strokes(self, grid: Grid, area: Area, across: Scale, up: Scale) -> None:
        cells = plot(self._strokes(across, up), across, up, area.columns, area.rows, self.ascii)
        grid.put_cells(area.left, area.top, cells)

    def _strokes(self, across: Scale, up: Scale) -> list[Stroke]:
        """All lines of the chart, those in the background first."""
        computed = [
            self._constant(s, across, up) if s.role == "reference" and _is_constant(s) else self._formula(s)
            for s in reversed(self.computed)
        ]
        ghosts = [
            _stroke(s, s.numbers(), s.curve.y, "ghost", 0, ":", cut=True)
            for pinned in self.drawn_behind
            for s in pinned
        ]
        edges, later, sofar = [], [], []
        for series in self.drawn:
            curve = series.curve
            after = series.decimation.points(max(series.past - 1, 0), len(curve.index))
            before = series.decimation.points(0, series.past)
            if series.past < len(curve.index):
                later.append(_stroke(series, after, curve.y, "ghost", 0, ":"))
            for edge in (curve.low, curve.high) if curve.is_band else ():
                edges.append(_stroke(series, before, edge, series.role, 2, "'", cut=True))
            sofar.append(_stroke(series, before, curve.y, series.role, 0, series.character))
        return computed + edges + ghosts + later + sofar

    def _formula(self, series: Series) -> Stroke:
        return _stroke(series, series.numbers(), series.curve.y, series.role, *_DASHES[series.role], cut=True)

    def _constant(self, series: Series, across: Scale, up: Scale) -> Stroke:
        """What is the same everywhere, as a line from end to end, however few points were yielded for it."""
        y = series.curve.y[0] if up.holds(series.curve.y[0]) else math.nan
        return Stroke([across.value(0), across.value(1)], [y, y], series.role, *_DASHES[series.role])

    def _draw_marks(self, grid: Grid, area: Area, across: Scale, up: Scale) -> None:
        """The mark of each series: on every point where there are few, else on the newest and some others.
        Where points lie on one another their marks stand beside each other: the legend names all of them."""
        taken: dict[tuple[int, int], str] = {}
        for order, series in enumerate(self.drawn):
            curve = series.curve
            numbers = self._marked(series, area, order)
            places = across.places(chosen(curve.x, numbers)), up.places(chosen(curve.y, numbers))
            for at, level in zip(*places, strict=True):
                if at is not None and level is not None:
                    row = area.row(level)
                    column = _beside(area.column(at), row, series.mark, area, taken)
                    taken[column, row] = series.mark
                    grid.put(column, row, series.mark, series.role)

    def _marked(self, series: Series, area: Area, order: int) -> Sequence[int]:
        """The numbers of the points that have a mark; of a crowd fewer, so that the lines are seen."""
        count = len(self.drawn)
        share = min(_MARKS_OF_MANY, max(_MOST_MARKS // count, 1))
        few = area.columns // max(4, 3 * count) if share == _MARKS_OF_MANY else share
        if series.past <= few:
            return range(series.past)
        pieces = share - 1 if count > 1 else 0
        shift = (order + 1) / (count + 1)
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
        lines = {column for column, *_ in said}
        for column, words, role in said:
            if not _put_beside(grid, area, column, words, role):
                _put_beside(grid, area, column, words, role, lines - {column})

    def _header(self, grid: Grid, across: Scale, up: Scale) -> int:
        """Title, legend and warnings; returns how many rows they took."""
        axes = self.chart.axes
        said = ", ".join(unplottable(self.measured, axes.x, axes.log_x, axes.log_y))
        warning: Line = [(said, "warn")] if said else []
        if len(self.drawn) < len(self.measured):
            warning = [(_of_all(self.drawn, self.measured) + "  " * bool(said), "muted"), *warning]
        rows = self._legend(across, up)
        title = self._title()[:1] if self.height < TWO_HEADER_ROWS else self._title()
        warning += self._bands_beyond(up, self.width - 2 - span_width(title) - span_width(warning))
        both: Line = [*title, ("  ", "label"), *rows[0]]
        beside = len(rows) == 1 and self.height < ONE_HEADER_ROW and self._has_room_for(both, warning)
        if beside or self.height < TWO_HEADER_ROWS:
            room = self.width - 2 - span_width(both) - span_width(warning)
            header(grid, 0, self._with_what_is_apart([both], room)[0], warning)
            return 1
        header(grid, 0, title, warning)
        for number, row in enumerate(self._with_what_is_apart(rows), 1):
            header(grid, number, row, [])
        return 1 + len(rows)

    def _with_what_is_apart(self, rows: Sequence[Line], room: int | None = None) -> list[Line]:
        """The rows of a legend with what pinned runs were set to, as far as that has room, or is no longer
        than `room`: nothing else gives way."""
        labels = (label for label, _ in self.ghosts)
        told: list[Line] = []
        for row in rows:
            left = self.width - span_width(row) if room is None else room
            told.append([])
            for span in row:
                follows_mark = told[-1] and told[-1][-1][1] == "ghost"
                said = _that_fits(self.apart.get(next(labels), ()), left) if follows_mark else ""
                left -= len(said)
                told[-1].append((span[0] + said, span[1]))
        return told

    def _has_room_for(self, left: Line, right: Line) -> bool:
        return span_width(left) + 2 + span_width(right) <= self.width

    def _legend(self, across: Scale, up: Scale) -> list[Line]:
        """The legend: measured series first, then what is computed, then pinned runs and how far they go."""
        ordered = [*self.drawn, *self.computed]
        others: list[Line] = [
            [
                (":" if self.ascii else "─", "ghost"),
                (f" {as_columns(label)}{self._not_shown(_measured(pinned), drawn, across, up)}", "label"),
            ]
            for (label, pinned), drawn in zip(self.ghosts, self.drawn_behind, strict=True)
        ]
        if self.height >= TWO_HEADER_ROWS:
            width, most = self.width, 1 + self.height // ROWS_FOR_A_LEGEND_ROW
        else:  # it stands beside the title
            width, most = max(1, self.width - len(as_columns(self.chart.name)) - 2), 1
        return legend(ordered, others, self.cursor, width, most, ascii=self.ascii)

    def _not_shown(self, pinned: Sequence[Series], drawn: Sequence[Series], across: Scale, up: Scale) -> str:
        """What the chart does not show of a pinned run, in words: "32 of 40 drawn, to 31"."""
        x = _reach([x for series in pinned for x in series.decimation.x.ends(across.log)], across)
        y = _reach(self._outermost_y(drawn, across), up)
        said = [_of_all(drawn, pinned)] if len(drawn) < len(pinned) else []
        said += [f"{self.chart.axes.x} {x}".strip()] if x else []
        said += [y] if y else []
        return f" ({', '.join(said)})" if said else ""

    def _bands_beyond(self, up: Scale, room: int) -> Line:
        """What the frame does not show of bands, as far as there is room to say it; the title does not give
        way."""
        reaches = ((one.name, _reach(one.decimation.edges.ends(up.log), up)) for one in self.measured)
        beyond = [(name, reach) for name, reach in reaches if reach]
        if not beyond:
            return []
        several = [", ".join(f"{name}: band {reach}" for name, reach in beyond), "bands go beyond"]
        ways = several if len(self.measured) > 1 else [f"band {beyond[0][1]}"]
        return next(([(f"  {words}", "muted")] for words in ways if len(words) + 2 <= room), [])

    def _title(self) -> Line:
        axes = self.chart.axes
        name = as_columns(self.chart.name)
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


def _put_beside(
    grid: Grid, area: Area, column: int, words: str, role: str, others: Collection[int] = ()
) -> bool:
    """Words to the right of a vertical line, or left of it, in the first row where they cover nothing, or but
    a row of the other lines; whether there is such a row."""
    for row in range(area.top, area.top + area.rows):
        for start in (column + 2, column - 1 - len(words)):
            inside = area.left <= start <= area.left + area.columns - len(words)
            covered = (place for place in range(start, start + len(words)) if place not in others)
            if inside and all(grid.is_blank(place, row) for place in covered):
                grid.put(start, row, words, role)
                return True
    return False


def _that_fits(words: Sequence[str], room: int) -> str:
    """`, lr 0.2, …`: as many of the words as `room` columns have, the shortest first, and whether there are
    others."""
    for count in range(len(words), 0, -1):
        shortest = sorted(words, key=len)[:count]
        said = ", ".join(["", *(one for one in words if one in shortest), *["…"] * (count < len(words))])
        if len(said) <= room:
            return said
    return ""


def widened(
    scale: Callable[[Sequence[float]], Scale], shown: Sequence[float], others: Iterable[Sequence[float]]
) -> Scale:
    """The scale of what is shown, and of each of the others that leaves it `LEAST_SHARE` of the axis."""
    own = found = scale(shown)
    held = list(shown)
    for values in others:
        both = scale([*held, *values])
        if own.half >= LEAST_SHARE * both.half:
            found, held = both, [*held, *values]
    return found


def _beside(column: int, row: int, mark: str, area: Area, taken: Mapping[tuple[int, int], str]) -> int:
    """The column, or the nearest one beside it that has no other mark in this row; the column itself where
    those near by are taken."""
    for by in _NEARER_FIRST:
        if area.left <= column + by < area.left + area.columns and (
            taken.get((column + by, row), mark) == mark
        ):
            return column + by
    return column


def _measured(several: Sequence[Series]) -> list[Series]:
    return [series for series in several if series.is_measured]


def _of_all(drawn: Sequence[Series], several: Sequence[Series]) -> str:
    return f"{len(drawn)} of {len(several)} drawn"


def _is_constant(series: Series) -> bool:
    return len(set(_values(series, series.curve.y))) == 1


def _reach(ends: Sequence[float], scale: Scale) -> str:
    """How far what ends there goes beyond the ends of an axis, in words: "to 31", "from -2 to 31"."""
    if not ends:
        return ""
    low, high = min(ends), max(ends)
    said = [] if scale.holds(low) else [f"from {short(low)}"]
    said += [] if scale.holds(high) else [f"to {short(high)}"]
    return " ".join(said)


def _values(series: Series, values: Sequence[float]) -> Sequence[float]:
    return chosen(values, series.numbers())


def _within_float32(values: Iterable[float]) -> list[float]:
    """The values that float32 can hold: theory goes on beyond them, measurements do not."""
    return [value for value in values if _FLOAT32[0] <= value <= _FLOAT32[1]]


def _stroke(
    series: Series,
    numbers: Sequence[int],
    values: Sequence[float],
    role: str,
    every: int,
    character: str,
    dash: int = 1,
    *,
    cut: bool = False,
) -> Stroke:
    return Stroke(series.curve.x, values, role, every, character, dash, cut, numbers)
