"""Charts of few rows: what stands on a row is near its label, and no sign of the legend is hidden."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from initplay.charts.draw import draw
from initplay.charts.rows import FEW, from_zero, in_rows
from initplay.charts.scales import linear, linear_to_ends, logarithmic, logarithmic_to_ends
from initplay.lab.events import Axes, Bins, Point
from initplay.recording.run import Chart, replay

VALUES = st.one_of(st.just(0.0), st.floats(1e-90, 1e9), st.floats(-1e9, -1e-90))
"""No label is beyond what a float holds, even where a row stands for a hundred decades."""


def chart_of(ys: list[list[float]], *, log_y: bool = False) -> Chart:
    """A chart with a curve for each list."""
    points = [Point("c", x, y, f"series {n}") for n, one in enumerate(ys, 1) for x, y in enumerate(one, 1)]
    return replay([Axes("c", x="step", log_y=log_y), *points]).charts["c"]


def drawn(chart: Chart, height: int) -> list[str]:
    return ["".join(piece for piece, _ in line) for line in draw(chart, 76, height)]


def row_of_label(lines: list[str], label: str) -> int:
    return next(number for number, line in enumerate(lines) if line.split("┤")[0].strip() == label)


def last_row_of(lines: list[str], mark: str) -> int:
    """The row in which the last mark of a series stands, the farthest to the right; below the legend."""
    return max(range(2, len(lines)), key=lambda number: lines[number].rfind(mark))


@pytest.mark.parametrize("rows", range(3, FEW))
@pytest.mark.parametrize(("least", "most", "bound"), [(75.0, 98.0, 100), (0.0, 1.0, 1), (0.42, 0.97, 1)])
def test_of_a_share_no_row_is_labelled_beyond_all(least, most, bound, rows):
    for own in (linear([least, most]), linear_to_ends([least, most])):
        _, ticks = in_rows(own, rows)
        assert max(float(label) for _, label in ticks) <= bound


@example(2.6, 5)
@example(34.0, 7)
@given(st.floats(1e-90, 1e90), st.integers(3, FEW - 1))
def test_what_grows_from_zero_leaves_no_half_of_few_rows_empty(most, rows):
    """A loss that went from 2.6 down to 0.5 had three of six rows, and an axis up to 5."""
    scale, _ = in_rows(linear_to_ends([most / 9, most]), rows)
    reached = scale.at(most)
    assert reached is not None and reached * rows >= 0.6 * rows - 0.5


@given(st.lists(st.integers(0, 300), min_size=1, max_size=4), st.integers(5, 24))
def test_of_what_is_counted_each_label_is_a_whole_number(counts, height):
    lines = drawn(chart_of([list(map(float, counts))]), height)
    labels = [line.split("┤")[0].strip() for line in lines if "┤" in line]
    assert len(labels) >= 2 and all(label.lstrip("-").isdecimal() for label in labels)


@pytest.mark.parametrize("series", [2, 3, 4])
@pytest.mark.parametrize("points", [12, 17, 21])
def test_of_points_near_one_another_the_marks_do_not_make_a_row(series, points):
    """Three series over 16 layers had their marks side by side from end to end."""
    curves = [[(0.5 + 0.02 * n) ** x for x in range(points)] for n in range(series)]
    row = max(re.findall("[●▲■◆]+", "\n".join(drawn(chart_of(curves, log_y=True), 9)[2:])), key=len)
    assert len(row) <= series


@example([-11.0, 50.0], 4, False, False)
@example([1.6, 2.4], 5, False, False)
@example([0.414, 1.0], 4, True, False)
@given(
    st.lists(VALUES, min_size=1, max_size=4),
    st.integers(2, FEW - 1),
    st.booleans(),
    st.booleans(),
)
def test_a_label_is_the_value_in_the_middle_of_its_row_and_labels_are_equally_far_apart(
    values, rows, log, to_ends
):
    own = logarithmic(values) if log else linear_to_ends(values) if to_ends else linear(values)
    scale, ticks = in_rows(own, rows)
    assert scale.low <= own.low + 1e-6 * abs(own.low) and own.high - 1e-6 * abs(own.high) <= scale.high
    assert len(ticks) >= 2
    for at, _ in ticks:
        assert (at * rows) % 1 == pytest.approx(0.5, abs=1e-6)
    apart = {round((after - before) * rows) for (before, _), (after, _) in itertools.pairwise(ticks)}
    assert len(apart) == 1
    for at, label in ticks:
        value = scale.at(float(label))
        assert value is not None and int(value * rows) == int(at * rows), "its dots are in that row"


@example(0.0, 3.0, 5)
@example(1.5, 3.0, 4)
@given(st.floats(-30, 30), st.floats(0.5, 200), st.integers(3, FEW - 1))
def test_on_a_log_axis_whose_rows_are_decades_three_rows_are_labelled(low, decades, rows):
    """Of two labels that are decades apart nobody reads what lies between them."""
    scale, ticks = in_rows(logarithmic([10.0**low, 10.0 ** (low + decades)]), rows)
    if (scale.high - scale.low) / rows > 0.99:
        assert len(ticks) >= 3


@pytest.mark.parametrize("rows", [4, 7])
def test_what_is_below_zero_stands_below_the_row_of_zero(rows):
    lines = drawn(chart_of([[19.0, -11.0], [50.0, 20.0]]), rows + 4)
    assert last_row_of(lines, "●") > row_of_label(lines, "0")
    lifted = drawn(chart_of([[19.0, 0.0], [-11.0, 0.0], [50.0, 20.0]]), rows + 4)
    assert last_row_of(lifted, "●") == row_of_label(lifted, "0")


def test_on_a_log_axis_of_few_rows_no_value_stands_beside_a_label_four_times_smaller():
    lines = drawn(chart_of([[0.414] * 3], log_y=True), 8)
    assert last_row_of(lines, "●") == row_of_label(lines, "0.5")


def test_marks_of_points_that_lie_on_one_another_stand_beside_each_other():
    lines = drawn(chart_of([[0.0, 19.0], [0.0, 22.0], [0.0, 43.0], [0.0, 50.0]]), 8)
    below_the_legend = "".join(lines[2:])
    assert all(below_the_legend.count(mark) == 2 for mark in "●▲■◆")


@example(0.15, 6)
@example(1.5000001, 6)
@given(st.floats(1e-280, 1e280), st.integers(2, FEW - 1))
def test_of_few_rows_that_begin_at_zero_each_label_is_what_its_row_begins_with(high, rows):
    end, ticks = from_zero(high, rows)
    assert high <= end * (1 + 1e-6) and end <= high * 2
    numbers = [at * rows - 0.5 for at, _ in ticks]
    assert numbers == pytest.approx([round(number) for number in numbers])
    assert len({round(b - a) for a, b in itertools.pairwise(numbers)}) == 1
    assert len(ticks) >= min(rows, 3) and ticks[0][1] == "0"
    for number, (_, label) in zip(numbers, ticks, strict=True):
        assert float(label) == pytest.approx(number * end / rows), "to the last digit"
        assert len(label) <= 8


def bars_of(levels: list[int], height: int, ascii: bool) -> tuple[list[str], list[str]]:
    """The labels of a histogram with such bars, of ten columns each, and its rows, the lowest first."""
    chart = replay([Bins("c", 0, 0.0, float(len(levels)), levels)]).charts["c"]
    lines = [
        "".join(piece for piece, _ in line) for line in draw(chart, 7 + 10 * len(levels), height, ascii=ascii)
    ]
    tick, line = "+|" if ascii else "┤│"
    rows = [row[:7].replace(tick, line).split(line)[0].strip() for row in lines[1:-2]]
    return rows[::-1], [row[7:] for row in lines[1:-2]][::-1]


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("height", range(5, FEW + 3))
def test_labels_of_a_histogram_are_equally_far_apart_and_a_bar_reaches_the_row_of_its_density(height, ascii):
    labels, rows = bars_of([100, 55, 30, 14, 1], height, ascii)
    labelled = [number for number, label in enumerate(labels) if label]
    assert len({b - a for a, b in itertools.pairwise(labelled)}) == 1
    each = float(labels[labelled[1]]) / labelled[1]
    for number, density in enumerate([0.5, 0.275, 0.15, 0.07, 0.005]):
        reached = [row[10 * number + 5] for row in rows]
        full = sum(character in "⣿#" for character in reached)
        assert density / each - 1 <= full <= density / each + 0.2, "but for half a dot"
        assert reached[0] != " ", "what is not 0 is not drawn as nothing"


@given(st.floats(-40, 40), st.floats(1, 100), st.integers(3, FEW - 1))
def test_a_log_axis_of_few_rows_leaves_a_third_of_it_at_least_to_the_curve(low, decades, rows):
    """It went up to 1e20 where nothing was above 100."""
    own = logarithmic_to_ends([10.0**low, 10.0 ** (low + decades)])
    scale, _ = in_rows(own, rows)
    assert scale.high - scale.low <= 3 * (own.high - own.low)


@example(1.5e-221, 1e300, 2)
@example(5e-324, 1.7e308, 2)
@given(st.floats(5e-324, 1.7e308), st.floats(5e-324, 1.7e308), st.integers(2, FEW - 1))
def test_any_two_floats_are_held_by_any_number_of_rows(one: float, other: float, rows: int):
    for own in (logarithmic([one, other]), logarithmic_to_ends([one, other])):
        scale, ticks = in_rows(own, rows)
        assert scale.low <= own.low <= own.high <= scale.high and len(ticks) >= 2
