import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initplay.words.numbers import about, duration, rounds_to, short, short_fact, whole_number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (-0.0, "0"), (1, "1"), (1.0, "1"), (-3, "-3"), (99_999, "99999"), (99_999.0, "99999"),
        (100_000, "1e5"), (123_456, "1.23e5"), (-51_200_000, "-5.12e7"), (0.318309886, "0.318"),
        (0.5, "0.5"), (27.5, "27.5"), (27.456, "27.5"), (999.9, "1000"), (1234.5, "1234"), (99_999.6, "1e5"),
        (0.00318, "0.00318"), (0.000318, "3.18e-4"), (2.98e-8, "2.98e-8"), (1e30, "1e30"), (1.2e5, "1.2e5"),
        (3.4e38, "3.4e38"), (5e-324, "4.94e-324"), (-1.23456e-5, "-1.23e-5"),
        (10**400, "inf"), (-(10**400), "-inf"),
        (math.nan, "NaN"), (math.inf, "inf"), (-math.inf, "-inf"),
    ],
)  # fmt: skip
def test_three_digits_that_matter(value, text):
    assert short(value) == text


@pytest.mark.parametrize(
    ("value", "guess", "whether"),
    [
        (0.3536, 0.35, True), (0.3536, 0.36, False), (0.3536, 0.4, False), (9.3132, 9.3, True),
        (0.2236, 0.22, True), (28.4, 28, True), (28, 30, False), (31, 30, False), (104, 100, False),
        (2.98e-8, 3e-8, False), (2.98e-8, 3.0e-8, False), (-0.3536, -0.35, True), (-0.3536, 0.35, False),
        (0.3536, 0.35355339, False), (0.125, 0.13, True), (1e300, 1.1e300, False), (math.inf, 1.5, False),
        (1.5, math.nan, False), (0.004, 0.0, False),
    ],
)  # fmt: skip
def test_a_guess_is_the_value_in_fewer_digits(value, guess, whether):
    assert rounds_to(value, guess) is whether


@given(st.floats(1e-300, 1e300), st.integers(2, 15))
def test_what_is_rounded_is_what_it_was_rounded_from(value, digits):
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    rounded = float(f"{mantissa}e{power}")
    assert rounds_to(value, rounded) is (len(mantissa.rstrip("0")) > 2), "1. is one digit, 1.2 has two"


@given(st.floats(-1e308, 1e308))
def test_short_is_short_and_within_half_a_percent(value):
    text = short(value)
    assert len(text) <= 10
    assert math.isclose(float(text), value, rel_tol=5.1e-3)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.39412, 4, "0.3941"), (1.23456e-8, 5, "1.2346e-8"), (123_456, 6, "123456"),
        (100_049.0, 5, "1.0005e5"), (1234.56, 4, "1235"), (1234.56, 5, "1234.6"),
        (99_999.6, 3, "1e5"), (99_999.6, 6, "99999.6"),
    ],
)  # fmt: skip
def test_as_many_digits_as_are_asked_for(value, digits, text):
    assert short(value, digits) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (True, "yes"),
        (False, "no"),
        (0.31830988, "0.318"),
        ("relu", "relu"),
        ([], "[]"),
        ([[19.0, 22.0], [43.0, 50.0]], "[[19, 22], [43, 50]]"),
        (list(range(100)), "[0, 1, 2, 3, 4, 5, 6, 7, … 92 more]"),
    ],
)
def test_facts_are_written_for_reading(value, text):
    assert short_fact(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (6.4, "6 s"), (99.4, "99 s"), (99.6, "2 min"), (2820, "47 min"), (5960, "99 min"),
     (5980, "2 h"), (360_000, "100 h")],
)  # fmt: skip
def test_a_length_of_time_that_is_only_reckoned_has_two_digits(seconds, text):
    assert about(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 ms"), (0.00042, "0.42 ms"), (0.038, "38 ms"), (0.9996, "1.0 s"), (4.2, "4.2 s"),
        (9.96, "10 s"),
        (59.7, "1 min"), (185, "3 min 5 s"), (3600, "1 h"), (7620, "2 h 7 min"),
        (math.nan, "–"), (math.inf, "–"), (-1, "–"),
    ],
)  # fmt: skip
def test_durations(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("digits", "number"),
    [
        ("0", 0), ("7", 7), ("0007", 7), ("100", 100), ("101", None), ("9" * 5_000, None), ("0" * 5_000, 0),
        ("", None), ("-1", None), ("1.0", None), (" 1", None), ("1e1", None), ("٣", 3), ("²", None),
    ],
)  # fmt: skip
def test_whole_numbers_up_to_the_most_are_read_and_nothing_else(digits, number):
    assert whole_number(digits, 100) == number
