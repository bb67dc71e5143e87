"""Guesses as rows: nobody is lost, the order is that of numbers, and the settled value is on it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initplay.classroom.tally import Row, of_numbers, of_options

numbers = st.floats(allow_nan=False, allow_infinity=False)


def labels(rows: tuple[Row, ...]) -> list[tuple[str, int, bool]]:
    return [(row.label, row.count, row.settled) for row in rows]


def test_each_option_has_its_row_also_where_nobody_chose_it():
    rows = of_options(("the mean", "the std", "neither"), [3, 1, 3, 3], answer=3)
    assert labels(rows) == [("the mean", 1, False), ("the std", 0, False), ("neither", 3, True)]


@pytest.mark.parametrize(
    ("guesses", "settled", "expected"),
    [
        ([], None, []),
        ([], 512.0, [("512", 0, True)]),
        ([512, 512, 22.6], None, [("22.6", 1, False), ("512", 2, False)]),
        ([512, 22.6], 512.0, [("22.6", 1, False), ("512", 1, True)]),
        ([1.0, 4.0], 2.0, [("1", 1, False), ("2", 0, True), ("4", 1, False)]),
        ([22.60001, 22.6], 22.61, [("22.6", 2, True)]),
        ([-3, 0, 3], 0.0, [("-3", 1, False), ("0", 1, True), ("3", 1, False)]),
    ],
)
def test_numbers_by_table(guesses, settled, expected):
    assert labels(of_numbers(guesses, settled)) == expected


def test_where_there_are_too_many_numbers_those_nearest_by_ratio_share_a_row():
    rows = of_numbers([1, 1.1, 10, 11, 100, 1000], 10.5, most=4)
    assert labels(rows) == [
        ("1 to 1.1", 2, False),
        ("10 to 11", 2, True),
        ("100", 1, False),
        ("1000", 1, False),
    ]


def test_a_guess_that_is_near_enough_is_at_the_settled_value():
    rows = of_numbers([2.3, 52], 2.33, lambda guess: abs(guess - 2.33) < 0.1)
    assert labels(rows) == [("2.3", 1, True), ("52", 1, False)]


@given(st.lists(numbers, max_size=40), st.none() | numbers, st.integers(1, 8))
def test_nobody_is_lost_and_the_rows_are_few_and_in_order(guesses, settled, most):
    rows = of_numbers(guesses, settled, most=most)
    assert sum(row.count for row in rows) == len(guesses)
    assert sum(row.count > 0 for row in rows) <= most
    assert len(rows) <= most + 1
    assert all(row.count or row.settled for row in rows)
    assert any(row.settled for row in rows) == (settled is not None)
    lows = [float(row.label.split(" to ")[0]) for row in rows]
    assert lows == sorted(lows)
