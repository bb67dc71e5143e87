"""Values up to the largest float: they stand where they belong, though their differences may be no floats."""

from __future__ import annotations

import math
import sys
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pixels import chart_of, text

from initplay.charts.axes import up_axis
from initplay.charts.draw import draw, place_of
from initplay.charts.scales import Scale, linear, logarithmic_to_ends
from initplay.charts.steps import own_range
from initplay.lab.events import Band, Bins, Point

LARGEST = sys.float_info.max
large = st.floats(1e290, LARGEST) | st.floats(-LARGEST, -1e290) | st.floats(-9, 9)


def place_on(scale: Scale, value: float) -> float:
    place = scale.at(value)
    assert place is not None
    return place


@example([-LARGEST, LARGEST], 1)
@example([LARGEST, -1.5000000015000001e307], 1)
@example([1.7e308], 4)
@example([1.6e308, 1.7e308], 4)
@given(st.lists(large, min_size=1, max_size=4), st.integers(1, 9))
def test_each_value_has_its_place_and_each_label_too(values, most):
    scale = linear(values)
    low, width = Fraction(scale.low), Fraction(scale.high) - Fraction(scale.low)

    def exact(value: float) -> float:
        return float((Fraction(value) - low) / width)

    assert scale.places(values) == pytest.approx([exact(value) for value in values], abs=1e-9)
    assert scale.dots(values, 1000) == pytest.approx([min(int(1000 * exact(v)), 999) for v in values], abs=1)
    ticks = scale.ticks(most)
    assert len(ticks) >= 2
    for at, label in ticks:
        assert at == pytest.approx(exact(float(label)), abs=1e-3), "to the last digit of the label"
    assert scale.value(place_on(scale, values[0])) == pytest.approx(values[0], abs=float(width / 2) * 1e-9)


@example([1e290, -1.0000000000000002e290], 2)
@given(st.lists(large, min_size=1, max_size=4), st.integers(2, 30))
def test_an_axis_of_any_height_holds_them_and_has_two_labels(values, rows):
    scale, ticks = up_axis(linear(values), rows)
    assert math.isfinite(scale.low) and math.isfinite(scale.high)
    slack = 1e-6 * max(map(abs, values))
    assert scale.low - slack <= min(values) and max(values) <= scale.high + slack and len(ticks) >= 2


@pytest.mark.parametrize("height", [9, 16, 30])
@pytest.mark.parametrize("low", [0.0, -1.6e308])
@pytest.mark.parametrize("is_band", [False, True])
def test_the_marks_of_a_curve_stand_on_the_rows_of_its_values(height, low, is_band):
    values = [low, 0.3e308, 0.8e308, 1.2e308, 1.7e308]
    events = [
        Band("c", x, y - 0.05e308, y, y, "a") if is_band else Point("c", x, y, "a")
        for x, y in enumerate(values)
    ]
    inside = [line for line in text(draw(chart_of(*events), 60, height)) if "│" in line or "┤" in line]
    found = sorted((line.index("●"), len(inside) - 1 - row) for row, line in enumerate(inside) if "●" in line)
    scale = linear([*values, low - 0.05e308] if is_band else values)
    expected = [int(place_on(scale, value) * len(inside)) for value in values]
    assert [row for _, row in found] == sorted(set(expected))
    assert len(found) >= 3


def test_a_band_whose_width_is_no_float_goes_from_edge_to_edge():
    bands = [Band("c", x, -1.7e308, 1e308 * (x / 15 - 1), 1.7e308) for x in range(30)]
    inside = text(draw(chart_of(*bands), 60, 20))[2:-2]
    full = [row for row, line in enumerate(inside) if sum("⠀" < c <= "⣿" for c in line[8:]) > 40]
    scale = linear([-1.7e308, 1.7e308])
    assert full == [
        len(inside) - 1 - int(place_on(scale, edge) * len(inside)) for edge in (1.7e308, -1.7e308)
    ]


def test_a_pinned_run_twice_as_large_is_held_though_the_distance_is_no_float():
    here = chart_of(*(Point("c", x, y, "a") for x, y in enumerate([0.0, 1.7e308])))
    other = chart_of(*(Point("c", x, y, "a") for x, y in enumerate([-1.7e308, 1.7e308])))
    assert "from" not in "".join(text(draw(here, 60, 20, pinned=[("run 1", other)])))


def test_the_place_of_a_column_is_on_an_axis_of_large_x():
    chart = chart_of(*(Point("c", x, 1.0, "a") for x in (-1.7e308, 0.0, 1.7e308)))
    left, middle, right = (place_of(column, chart, 60, 12) for column in (0, 33, 59))
    assert left is not None and middle is not None and right is not None
    assert left < -1.6e308 and abs(middle) < 1e307 and right > 1.6e308


@pytest.mark.parametrize("high", [1.2e308, 1.7e308, LARGEST])
@pytest.mark.parametrize("most", [2, 4, 8])
def test_the_labels_of_a_log_axis_rise_to_its_end(high: float, most: int) -> None:
    scale = logarithmic_to_ends([high / 1e3, high])
    labels = [float(label) for _, label in scale.ticks(most)]
    assert len(labels) >= 2 and labels == sorted(set(labels))
    assert high <= scale.value(1.0) * (1 + 1e-12)


def test_a_histogram_as_narrow_as_a_float_can_be_has_an_axis() -> None:
    smallest = math.ulp(0.0)
    narrow, wide = (Bins("c", at, 0.0, high, [1] * 60) for at, high in ((0, smallest), (1, 2 * smallest)))
    assert own_range(narrow, [narrow, wide]) == (0.0, 2 * smallest)
