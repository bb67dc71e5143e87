"""What is handed to plotext of a line is little, and yet the line; crowded lines are drawn without it."""

from __future__ import annotations

import math
from itertools import accumulate, chain, pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from initplay.charts import strokes
from initplay.charts.bits import dotted, lined
from initplay.charts.cells import Cells
from initplay.charts.dots import Dots, Stroke, Trace, _Columns, _thinned, pieces_of, straightened, trace_of
from initplay.charts.scales import Scale
from initplay.charts.strokes import DOTS_LIKE_A_POINT, MOST_DOTS, MOST_POINTS, plot

COLUMNS, ROWS = 90, 26
rises = st.lists(st.tuples(st.integers(0, 3), st.integers(-9, 9)), max_size=60)


def upright(columns: list[tuple[int, int, int]]) -> Trace:
    """A trace as where it is and from where to where it goes, for each column."""
    return [x for x, _, _ in columns], [first for _, first, _ in columns], [last for _, _, last in columns]


def path(steps: list[tuple[int, int]]) -> Dots:
    dots = [(0, 0)]
    for run, rise in steps:
        dots.append((dots[-1][0] + run, dots[-1][1] + rise))
    return dots


@given(rises)
@example([(1, 0)] * 50)
@example([(0, 5), (0, -5), (2, 1), (0, 3)])
def test_no_dot_that_is_left_out_lies_half_a_dot_off_the_line(steps: list[tuple[int, int]]) -> None:
    dots = path(steps)
    kept = straightened(dots)
    assert (kept[0], kept[-1]) == (dots[0], dots[-1])
    place = 0
    for (x0, y0), (x1, y1) in pairwise(kept):
        place = dots.index((x0, y0), place)
        for x, y in dots[place : dots.index((x1, y1), place) + 1]:
            at = y0 + (y1 - y0) * (x - x0) / (x1 - x0) if x1 > x0 else y
            assert abs(y - at) <= 0.5 + 1e-9


@given(rises)
def test_thinned_a_piece_keeps_its_ends_and_its_extremes(steps: list[tuple[int, int]]) -> None:
    dots = path(steps)
    columns, levels = [x for x, _ in dots], [y for _, y in dots]
    trace = _thinned(columns, levels)
    (thin,) = pieces_of(trace)
    assert [dot for dot in dots if dot in thin], "in the order in which they came"
    assert (thin[0][0], thin[-1][0]) == (0, dots[-1][0])
    for column in {x for x, _ in dots}:
        for extreme in (min, max):
            assert extreme(y for x, y in thin if x == column) == extreme(y for x, y in dots if x == column)
    assert len(thin) <= 2 * (dots[-1][0] + 1)
    width = dots[-1][0] + 1
    alike = _Columns([x + 0.5 for x in columns], Scale(0, width), width, cut=False)
    assert list(pieces_of((alike.distinct, *alike.extremes(levels)))) == [thin]


@given(
    st.lists(st.one_of(st.floats(0, 9), st.floats(-1, 12), st.floats()), min_size=1, max_size=60),
    st.booleans(),
    st.booleans(),
)
@example([1.0, 1.5, 0.5, 2.0, 2.5, 9.0, 0.1], False, False)
@example([1.0] * 12 + [10.0] + [1.0] * 12, False, True)
def test_where_points_are_crowded_a_line_reaches_from_the_lowest_to_the_highest_of_them(
    y: list[float], log: bool, cut: bool
) -> None:
    up, width, height = Scale(-1, 1, log) if log else Scale(0, 9), 4, 90
    stroke = Stroke(list(range(len(y))), y, "s0", cut=cut)
    pieces = list(pieces_of(trace_of(stroke, Scale(0, len(y)), up, width, height)))
    placed = [up.dots([value], height, cut)[0] for value in y]
    for column in range(width):
        here = [dot for x, dot in enumerate(placed) if x * width // len(y) == column and dot is not None]
        drawn = [dot for piece in pieces for x, dot in piece if x == column]
        assert (min(drawn, default=None), max(drawn, default=None)) == (
            min(here, default=None),
            max(here, default=None),
        )


def test_which_way_a_column_is_drawn_does_not_depend_on_how_high_the_chart_is() -> None:
    """Down, as the highest value came before the lowest, though on few dots another is as low and earlier."""
    stroke = Stroke([0, 1, 2, 3, 4], [0.11, 0.5, 0.9, 0.1, 0.5], "s0")
    for height in (4, 400):
        _, (first,), (last,) = trace_of(stroke, Scale(0, 5), Scale(0, 1), 1, height)
        assert first > last


@given(st.lists(st.one_of(st.floats(), st.floats(0, 9)), max_size=30), st.booleans())
def test_what_is_cut_has_a_gap_where_it_is_outside_and_nothing_else_changes(
    y: list[float], cut: bool
) -> None:
    stroke = Stroke(list(range(len(y))), y, "s0", cut=cut)
    pieces = pieces_of(trace_of(stroke, Scale(0, 30), Scale(0, 9), 30, 90))
    dots = {dot for piece in pieces for dot in piece}
    expected = {
        (x, min(max(int(value * 10), 0), 89) if 0 <= value <= 9 else 89 * (value > 9))
        for x, value in enumerate(y)
        if math.isfinite(value) and (0 <= value <= 9 or not cut)
    }
    assert {(x, y) for x, y in dots if (x, y) not in expected} == set()
    assert len(dots) == len(expected)


@given(st.integers(1, 40), st.booleans())
@settings(max_examples=20)
def test_however_many_lines_there_are_plotext_is_given_short_ones(lines: int, ascii: bool) -> None:
    """Each point takes it 3 µs, so that 9,000 would take longer than a key may wait. In pieces or in one."""
    for apart in (1, 3):
        traces = [
            [
                upright([(x, (y := x * (line + 7) % 100), y) for x in range(start, start + apart)])
                for start in range(0, 180, apart)
            ]
            for line in range(lines)
        ]
        paths = strokes._within_budget(traces, ascii)
        whole = [piece for one in chain.from_iterable(traces) for piece in pieces_of(one)]
        given_ = whole if ascii else list(map(straightened, whole))
        points = sum(map(len, given_))
        steps = chain.from_iterable(map(pairwise, given_))
        dots = sum(max(x1 - x0, abs(y1 - y0)) for (x0, y0), (x1, y1) in steps)
        assert (paths is None) == (points > MOST_POINTS or dots + DOTS_LIKE_A_POINT * points > MOST_DOTS)
        assert paths is None or list(chain.from_iterable(paths)) == given_


def test_plotext_is_given_no_line_that_is_too_long_for_it() -> None:
    """Each dot between two points takes it 0.7 µs: a line of noise 18 ms."""
    flat, noise = ([upright([(x, 0, height) for x in range(178)])] for height in (9, 99))
    assert strokes._within_budget([flat], ascii=False) is not None
    assert strokes._within_budget([noise], ascii=False) is None


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 12), st.integers(0, 30))
def test_a_line_drawn_here_has_a_dot_in_each_column_or_row_and_none_half_a_dot_off(
    x0: int, y0: int, run: int, y1: int
) -> None:
    trace = upright([(x0, y0, y0), (x0 + run, y1, y1)] if run else [(x0, y0, y1)])
    dots = dots_in(lined([trace], 50))
    rise = y1 - y0
    assert {(x0, y0), (x0 + run, y1)} <= set(dots)
    assert len(dots) == max(run, abs(rise)) + 1
    if abs(rise) <= run:
        assert [x for x, _ in dots] == list(range(x0, x0 + run + 1))
        assert all(abs(y0 + rise * (x - x0) / max(run, 1) - y) <= 0.5 for x, y in dots)
    else:
        assert sorted(y for _, y in dots) == list(range(min(y0, y1), max(y0, y1) + 1))
        assert all(abs(x0 + run * (y - y0) / rise - x) <= 0.5 + 1 / abs(rise) for x, y in dots)


def dots_in(bits: list[int]) -> list[tuple[int, int]]:
    return [(x, y) for x, column in enumerate(bits) for y in range(column.bit_length()) if column >> y & 1]


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=20),
    st.integers(2, 9),
    st.data(),
)
def test_the_dashes_of_a_line_lie_at_even_distances_along_it(
    steps: list[tuple[int, int, int]], every: int, data: st.DataObject
) -> None:
    dash = data.draw(st.integers(1, every - 1))
    columns = [column - 1 for column in accumulate(run for run, _, _ in steps)]
    trace = columns, [first for _, first, _ in steps], [last for _, _, last in steps]
    (ends,) = pieces_of(trace)
    along = ends[:1]
    for x1, y1 in ends[1:]:
        x0, y0 = along[-1]
        length = max(x1 - x0, abs(y1 - y0))
        for step in range(1, length + 1):
            along.append((x0 + round((x1 - x0) * step / length), y0 + round((y1 - y0) * step / length)))
    expected = {dot for far, dot in enumerate(along) if far % every < dash}
    assert set(dots_in(dotted([trace], columns[-1] + 1, 31, every, dash))) == expected


def waves(count: int) -> list[Stroke]:
    x = list(range(300))
    return [
        Stroke(x, [math.sin(at / 30 + line) for at in x], f"s{line}", character=str(line))
        for line in range(count)
    ]


@pytest.mark.parametrize("ascii", [False, True])
def test_what_is_drawn_here_is_what_plotext_draws(monkeypatch: pytest.MonkeyPatch, ascii: bool) -> None:
    """The characters of each stroke lie beside one another's, but for a few where two meet: what plotext is
    given lies half a dot off at most."""
    drawn = []
    for most in (10**6, -1):
        monkeypatch.setattr(strokes, "MOST_POINTS", most)
        monkeypatch.setattr(strokes, "MOST_DOTS", most)
        drawn.append(plot(waves(4), Scale(0, 299), Scale(-1, 1), COLUMNS, ROWS, ascii))
    for ours, theirs in (drawn, reversed(drawn)):
        for line in range(4):
            near = {
                (column + right, row + down)
                for column, row in cells_of(theirs, f"s{line}")
                for right in (-1, 0, 1)
                for down in (-1, 0, 1)
            }
            cells = cells_of(ours, f"s{line}")
            assert len(cells) > 50
            assert len(cells - near) <= 0.05 * len(cells)


@pytest.mark.parametrize(("ascii", "expected"), [(False, "\u2836"), (True, "b")])
def test_of_crowded_strokes_a_character_has_all_dots_and_the_look_of_the_last(
    monkeypatch: pytest.MonkeyPatch, ascii: bool, expected: str
) -> None:
    monkeypatch.setattr(strokes, "MOST_POINTS", -1)
    lower, upper = (
        Stroke([0, 9], [0.3, 0.3], "s0", character="a"),
        Stroke([0, 9], [0.6, 0.6], "s1", character="b"),
    )
    ((*cells,),) = plot([lower, upper], Scale(0, 9), Scale(0, 1), 5, 1, ascii)
    assert cells == [(expected, "s1")] * 5


def test_crowded_lines_have_no_dot_in_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a value is NaN the line breaks, as far as dots can tell it."""
    monkeypatch.setattr(strokes, "MOST_POINTS", -1)
    y = [math.nan if 40 <= at < 60 else 0.5 for at in range(100)]
    cells = plot([Stroke(list(range(100)), y, "s0")], Scale(0, 100), Scale(0, 1), 50, 4)
    columns = {column for column, _ in cells_of(cells, "s0")}
    assert columns == set(range(20)) | set(range(30, 50))


def cells_of(cells: Cells, role: str) -> set[tuple[int, int]]:
    return {
        (column, row)
        for row, line in enumerate(cells)
        for column, (character, its) in enumerate(line)
        if its == role and character != " "
    }


def test_the_dots_of_a_dotted_line_lie_where_a_whole_one_does() -> None:
    x = list(range(50))
    whole, dotted = (
        plot([Stroke(x, [at * at for at in x], "s0", every)], Scale(0, 49), Scale(0, 2401), COLUMNS, ROWS)
        for every in (0, 3)
    )
    dots = [
        (a, b) for above, below in zip(dotted, whole, strict=True) for a, b in zip(above, below, strict=True)
    ]
    seen = [(ord(a[0]) - 0x2800, ord(b[0]) - 0x2800) for a, b in dots if a[0] != " "]
    assert len(seen) > 30
    assert sum(few & ~many != 0 for few, many in seen) < len(seen) / 4, (
        "a straightened line is half a dot off"
    )
