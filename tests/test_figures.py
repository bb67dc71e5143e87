"""What `make bench` says of what it measured."""

from __future__ import annotations

import random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.figures import DOUBT, alternate, interval, ratio, tells

times = st.floats(1e-6, 1e3)


@given(st.lists(times, min_size=1, max_size=60))
def test_a_median_lies_within_its_interval(values):
    low, high = interval(values)
    assert min(values) <= low <= median(values) <= high <= max(values)


@pytest.mark.parametrize("count", [6, 9, 15, 25])
def test_the_interval_of_a_median_rarely_misses_it(count):
    """Drawn from a distribution with a long tail, as times are, whose median is 1."""
    draws = random.Random(count)
    missed = 0
    for _ in range(2_000):
        low, high = interval([draws.lognormvariate(0, 0.5) for _ in range(count)])
        missed += not low <= 1 <= high
    assert missed / 2_000 < DOUBT + 0.02  # three standard errors of a count of 2,000 are 0.015


def test_more_measurements_that_lie_as_far_apart_tell_more():
    pairs = [1.00, 1.04, 1.08, 1.12]
    assert not tells(pairs, 1.10)
    assert tells(pairs * 12, 1.10)


@pytest.mark.parametrize(
    ("ours", "kept", "told"),
    [
        ([1.0, 1.0, 1.0, 1.0, 1.0, 1.0], True, True),
        ([1.3, 1.3, 1.3, 1.3, 1.3, 1.3], False, True),
        ([0.9, 0.9, 0.9, 1.3, 1.3, 1.3], True, False),
    ],
)
def test_a_ratio_is_told_where_its_median_is_on_one_side_of_the_budget(ours, kept, told):
    figure = ratio("a run", ours, [1.0] * len(ours), 1.10)
    assert (figure.kept, figure.told) == (kept, told)


@pytest.mark.parametrize(
    ("ours", "most", "pairs"),
    [
        ([1.0] * 8, 1.10, 8),
        ([1.3] * 8, 1.10, 8),
        ([1.0, 1.3] * 12, 1.10, 24),
        ([1.3] * 3 + [1.0] * 21, 1.10, 16),
        ([1.0, 1.3] * 4, None, 8),
    ],
)
def test_pairs_that_do_not_tell_are_measured_again_and_once_more(ours, most, pairs):
    ours, begun = iter(ours), []
    taken = alternate(lambda: next(ours), lambda: 1.0, 8, rest=lambda: begun.append(1), most=most)
    assert [len(of_one) for of_one in taken] == [pairs, pairs]
    assert len(begun) == 2 * pairs
