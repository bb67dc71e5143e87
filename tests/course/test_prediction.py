"""How a guess is placed, and how it is judged."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initplay.course.prediction import NUDGES, Predict


def predict(**answer) -> Predict:
    return Predict(key="a/1/predict/1", ask="?", experiment="chain", line=1, **answer)


@pytest.mark.parametrize(
    ("span", "log", "x", "placed"),
    [
        ((1, 100), False, 40.4, 40),
        ((1, 100), False, -3, 1),
        ((1, 100), False, 1e9, 100),
        ((1, 1000), True, 31.7, 32),
        ((0.0, 1.0), False, 0.31836, 0.318),
        ((0, 1.0), False, 0.31836, 0.318),
        ((0.0, 2e4), False, 1234.5, 1230),
        ((1e-6, 1.0), True, 3.14159e-4, 3.14e-4),
        ((1.2345, 2.3456), False, 9.0, 2.3456),
    ],
)
def test_a_place_stands_for_a_guess_within_the_range_and_no_finer_than_one_can_point(span, log, x, placed):
    assert predict(result="n", mark="c", span=span, log=log).placed(x) == pytest.approx(placed, rel=1e-12)


@pytest.mark.parametrize(
    ("typed", "unit", "guess"),
    [("70%", "", 0.7), ("70%", "%", 70), ("70", "%", 70), ("ln 10", "", math.log(10)), (" 3e-8 ", "m", 3e-8)],
)
def test_a_guess_may_be_typed_as_arithmetic(typed, unit, guess):
    assert predict(result="n", unit=unit).read(typed) == pytest.approx(guess)


@pytest.mark.parametrize("typed", ["", "-", "1e", "1e999", "nan", "inf", "9" * 400, "1/2π", "0,5"])
def test_what_is_no_finite_number_is_no_guess(typed):
    with pytest.raises(ValueError, match=r"^is .*[^.]$"):
        predict(result="n").read(typed)


@pytest.mark.parametrize(
    ("span", "log", "guess", "by", "moved"),
    [
        ((1, 100), False, None, 1, 50),
        ((1, 100), False, 40, 1, 42),
        ((1, 100), False, 40, -1, 38),
        ((1, 100), False, 100, 1, 100),
        ((1, 100), False, 700, -1, 98),
        ((0, 10), False, 3, 1, 4),
        ((0, 10), False, 3, -1, 2),
        ((0.0, 1.0), False, 0.5, 1, 0.52),
        ((1, 10_000), True, None, -1, 100),
        ((1, 10_000), True, 2, 1, 3),
        ((1e-4, 1.0), True, 0.01, 1, 0.012),
    ],
)
def test_a_nudge_is_a_fiftieth_of_the_range_in_whole_numbers_where_it_is_whole(span, log, guess, by, moved):
    assert predict(result="n", mark="c", span=span, log=log).nudged(guess, by) == pytest.approx(moved)


@given(st.floats(1e-6, 1e6), st.floats(1.5, 1e6), st.booleans(), st.sampled_from([0.1, -0.1, 1.0, -1.0]))
def test_no_nudge_leaves_a_guess_where_it_is_but_at_the_end_of_the_range(low, times, log, by):
    """A tenth of one was less than the last digit that is kept, on a log axis of a decade."""
    asked = predict(result="n", mark="c", span=(low, low * times), log=log)
    guess = asked.nudged(None, by)
    for _ in range(5):
        before, guess = guess, asked.nudged(guess, by)
        assert (guess > before) == (by > 0) != (guess < before) or guess in (low, low * times)


@given(st.integers(-1000, 1000), st.integers(1, 10_000), st.floats(-2000, 20_000), st.sampled_from([1, -1]))
def test_nudges_lead_from_anywhere_to_either_end_of_a_whole_range(low, length, guess, by):
    asked = predict(result="n", mark="c", span=(low, low + length))
    for _ in range(NUDGES * 3):
        guess = asked.nudged(guess, by)
    assert guess == (low + length if by > 0 else low)


@pytest.mark.parametrize(
    ("guess", "outcome", "right", "score"),
    [
        (28, 28, True, 1.0),
        (30, 28, True, 0.97),
        (280, 28, False, 0.0),
        (2.8, 28, False, 0.0),
        (28000, 28, False, 0.0),
        (-28, 28, False, 0.0),
        (0, 0.0, True, 1.0),
        (0, 28, False, 0.0),
        (-3.1, -3, True, 0.986),
        (1e300, 1e-300, False, 0.0),
        (1, math.nan, None, 0.0),
        (1, math.inf, None, 0.0),
        (math.inf, 3, False, 0.0),
        (1, None, None, 0.0),
        (1, "never", None, 0.0),
        (1, True, None, 0.0),
    ],
)
def test_a_number_is_judged_on_a_log_scale(guess, outcome, right, score):
    verdict = predict(result="mean").judge(guess, outcome)
    assert verdict.right is right
    assert verdict.score == pytest.approx(score, abs=1e-3)


def test_an_option_is_right_or_not():
    question = predict(options=("down", "up"), answer=2)
    assert question.judge(2) == (True, 1.0)
    assert question.judge(1) == (False, 0.0)


@pytest.mark.parametrize(
    ("within", "guess", "right"),
    [
        (0.25, 3.7, True),
        (0.25, 3.8, False),
        (0.25, 2.4, True),
        (0.25, 2.39, False),
        (0.05, 3.15, True),
        (0.05, 3.2, False),
        (0, 3, True),
        (0, 3.0001, False),
        (1, 6, True),
        (1, 1.49, False),
    ],
)
def test_a_number_may_be_off_by_the_share_that_the_lesson_allows(within, guess, right):
    assert predict(result="mean", within=within).judge(guess, 3.0).right is right


def test_where_one_draw_scatters_a_guess_is_held_against_theory():
    """The right derivation is right, whatever this draw gave, be it no number at all."""
    asked = predict(result="rms", expected=2**-25)
    for outcome in (1.9e-8, 2**-25, 1.0, math.nan, None):
        assert asked.judge(2**-25, outcome) == (True, 1.0)
        assert asked.judge(1.9e-8, outcome).right is False


def test_options_are_in_an_order_that_the_learner_and_the_question_draw():
    """Ever the same for both; over 3,000 learners each order of three comes 500 times, give or take 15 %."""
    asked = predict(options=("a", "b", "c"), answer=1)
    orders = [asked.options_in_order(learner) for learner in range(3000)]
    assert orders == [asked.options_in_order(learner) for learner in range(3000)]
    counts = Counter(orders)
    assert len(counts) == 6
    assert all(count == pytest.approx(500, rel=0.15) for count in counts.values())
