"""A histogram as steps: every value is in one of them, and each is as high as it is dense."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initplay.charts.steps import own_range, steps_of
from initplay.lab.events import Bins

counts = st.lists(st.one_of(st.just(0), st.integers(0, 10**7)), min_size=1, max_size=90)
full = 400


def bins(counts: list[int], low: float = 0.0, high: float = 1.0, below: int = 0, above: int = 0) -> Bins:
    return Bins("h", 0, low, high, counts, below, above)


@given(counts, st.integers(1, 300), st.integers(0, 1000), st.integers(0, 1000))
def test_the_area_of_all_steps_is_the_share_of_the_values_that_are_binned(counts, dots, below, above):
    binned = sum(counts)
    steps = steps_of(bins(counts, below=below, above=above), 0.0, 1.0, dots)
    widths = [end - begin for begin, end in zip(steps.edges, steps.edges[1:], strict=False)]
    area = sum(width * level for width, level in zip(widths, steps.levels, strict=True))
    assert area == pytest.approx(binned / (binned + below + above) if binned else 0.0)


@given(counts, st.integers(1, 300))
def test_no_step_is_narrower_than_a_dot_and_all_but_the_last_are_as_wide(counts, dots):
    steps = steps_of(bins([*counts, 1]), 0.0, 1.0, dots)
    widths = [end - begin for begin, end in zip(steps.edges, steps.edges[1:], strict=False)]
    assert min(widths) * dots >= 1 - 1e-9
    assert widths[:-1] == pytest.approx([widths[0]] * (len(widths) - 1))


@given(counts, st.integers(1, 300))
def test_what_is_not_zero_has_a_dot_and_what_is_zero_has_none(counts, dots):
    steps = steps_of(bins([*counts, 1]), 0.0, 1.0, dots)
    heights = steps.heights(dots, steps.highest, full)
    drawn = [heights[min(int((begin + end) / 2 * dots), dots - 1)]
             for begin, end in zip(steps.edges, steps.edges[1:], strict=False)]  # fmt: skip
    assert [height > 0 for height in drawn] == [level > 0 for level in steps.levels]
    assert max(heights) == full and len(heights) == dots


@given(counts, st.integers(1, 300))
def test_heights_are_proportional_to_the_dot(counts, dots):
    steps = steps_of(bins([*counts, 1]), 0.0, 1.0, dots)
    for level, height in zip(steps.levels, _drawn(steps, dots), strict=True):
        assert abs(height - level / steps.highest * full) <= 1
    assert set(steps.heights(dots, steps.highest, full)) <= {0, *_drawn(steps, dots)}


def _drawn(steps, dots):
    heights = steps.heights(dots, steps.highest, full)
    middles = ((a + b) / 2 for a, b in zip(steps.edges, steps.edges[1:], strict=False))
    return [heights[min(int(middle * dots), dots - 1)] for middle in middles]


@pytest.mark.parametrize("dots", range(1, 260, 7))
def test_a_spike_stays_beside_an_empty_bin(dots):
    """One full bin between empty ones is one stretch of one height, however wide the drawing is."""
    counts = [0] * 60
    counts[8] = 1_000_000
    heights = steps_of(bins(counts), 0.0, 1.0, dots).heights(dots, 1.0, full)
    assert len({height for height in heights if height}) == 1
    assert sum(height > 0 for height in heights) <= math.ceil(2 * dots / 60)


@pytest.mark.parametrize("dots", range(1, 260, 7))
def test_equal_counts_are_equally_high(dots):
    steps = steps_of(bins([7] * 60), 0.0, 1.0, dots)
    assert set(steps.heights(dots, steps.highest, full)) == {full}


@given(counts, st.floats(-5, 5), st.floats(0.01, 9), st.integers(1, 200))
def test_what_lies_outside_the_axis_is_left_out(counts, low, width, dots):
    """Wherever the axis begins and ends: heights are within the frame, edges rise and stay within it."""
    steps = steps_of(bins([*counts, 1], -1.0, 1.0), low, low + width, dots)
    assert list(steps.edges) == sorted(steps.edges)
    assert all(-1e-9 <= edge <= 1 + 1e-9 for edge in steps.edges)
    assert len(steps.heights(dots, steps.highest or 1.0, full)) == dots


def test_bins_narrower_than_a_dot_are_one_dot_that_holds_all_of_them():
    steps = steps_of(bins([1, 2, 1], 0.5, 0.5001), 0.0, 1.0, 100)
    assert (steps.edges, steps.levels) == ((0.5, 0.51), (100.0,))


def test_theory_lies_in_the_same_steps():
    steps = steps_of(Bins("h", 0, 0.0, 1.0, [9, 1, 0, 0], theory=[0.5, 0.25, 0.25, 0.0]), 0.0, 1.0, 2)
    assert (list(steps.levels), list(steps.theory)) == ([2.0, 0.0], [1.5, 0.5])


@pytest.mark.parametrize("theory", [[0.5], [math.nan, 0.5], [-1.0, 0.5], [math.inf, 0.0]])
def test_a_theory_that_is_none_is_left_out(theory):
    assert steps_of(Bins("h", 0, 0.0, 1.0, [1, 1], theory=theory), 0.0, 1.0, 10).theory == ()


def test_histograms_that_are_about_as_wide_share_an_axis_and_others_do_not():
    near = [bins([1], -one, one) for one in (1.0, 1.1, 1.27)]
    (axis,) = {own_range(one, near) for one in near}
    assert axis == pytest.approx((-1.3, 1.3))
    far = [bins([1], -one, one) for one in (1.0, 22.0)]
    assert [own_range(one, far) for one in far] == [(-1.0, 1.0), (-22.0, 22.0)]


def test_edges_that_the_lesson_fixed_are_the_axis():
    fixed = [bins([1], -0.77, 3.1), bins([2], -0.77, 3.1)]
    assert own_range(fixed[0], fixed) == (-0.77, 3.1)
