"""Charts of few rows: what stands on a row is near its label, and no sign of the legend is hidden."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from initplay.charts.draw import draw
from initplay.charts.rows import FEW, in_rows
from initplay.charts.scales import linear, logarithmic
from initplay.lab.events import Axes, Point
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


@example([-11.0, 50.0], 4, False)
@example([1.6, 2.4], 5, False)
@example([0.414, 1.0], 4, True)
@given(
    st.lists(VALUES, min_size=1, max_size=4),
    st.integers(2, FEW - 1),
    st.booleans(),
)
def test_a_label_is_the_value_in_the_middle_of_its_row_and_labels_are_equally_far_apart(values, rows, log):
    own = logarithmic(values) if log else linear(values)
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
