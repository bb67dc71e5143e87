"""Logarithmic axes: where they end, and that two labels at least tell of the distance."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from initplay.charts.scales import logarithmic, logarithmic_to_ends


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ([0.36, 1.2], (0.2, 2)),
        ([1.0, 1.0], (0.5, 2)),
        ([2, 5], (2, 5)),
        ([3, 29], (2, 50)),
        ([1, 10], (1, 10)),
        ([0.4, 4.1], (0.1, 10)),
        ([2e-40, 3e-40], (2e-40, 5e-40)),
    ],
)
def test_a_y_axis_of_less_than_a_decade_ends_at_1_2_or_5(values, ends):
    """Whole decades around 0.36 to 1.2 left half of the rows empty."""
    scale = logarithmic(values)
    assert (scale.value(0), scale.value(1)) == pytest.approx(ends, rel=0.01)
    assert all(map(scale.holds, values)) and len(scale.ticks(4)) >= 2


@pytest.mark.parametrize(
    ("values", "ends", "labels"),
    [
        ([1, 4000], (1, 4000), ["1", "10", "100", "1000"]),
        ([1, 1000], (1, 1000), ["1", "10", "100", "1000"]),
        ([0.02, 3], (0.02, 3), ["0.1", "1"]),
        ([8, 64], (8, 70), ["10", "20", "50"]),
        ([2, 4], (2, 4), ["2", "4"]),
        ([3, 3], (2.12, 4.24), ["2.12", "4.24"]),
    ],
)
def test_an_x_axis_ends_where_its_data_end(values, ends, labels):
    scale = logarithmic_to_ends(values)
    assert (scale.value(0), scale.value(1)) == pytest.approx(ends, rel=0.01)
    assert [label for _, label in scale.ticks(3)] == labels


@example([2.0, 0.6], 2)
@example([1e299, 1.7e308], 6)
@given(st.lists(st.floats(1e-299, 1.7e308), min_size=1, max_size=5), st.integers(2, 12))
def test_it_holds_what_it_shows_in_little_more_room_with_two_labels_in_order(values, most):
    scale = logarithmic_to_ends(values)
    assert all(scale.holds(value) for value in values)
    ticks = scale.ticks(most)
    assert len(ticks) >= 2 and ticks == sorted(ticks) and all(0 <= at <= 1 for at, _ in ticks)
    assert len({at for at, _ in ticks}) == len(ticks)
    whole = logarithmic(values)
    assert scale.high - scale.low <= whole.high - whole.low + 0.4


def test_an_axis_of_nothing_is_one_decade():
    assert logarithmic_to_ends([]) == logarithmic([]) == logarithmic_to_ends([-1.0, 0.0])
