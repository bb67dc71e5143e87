"""How well the learner predicts, said in one line."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initplay.course.prediction import Predict
from initplay.learner.calibration import Calibration, calibrate
from initplay.learner.progress import Prediction

ROOM_AT_80_COLUMNS = 74
"""What Home's margins leave of a line."""


def number(key: str) -> Predict:
    return Predict(key=key, ask="?", experiment="chain", line=1, result="n")


def choice(key: str) -> Predict:
    return Predict(key=key, ask="?", experiment="chain", line=1, options=("a", "b"), answer=1)


def of_numbers(*pairs: tuple[Any, Any]) -> Calibration:
    """The calibration of (guess, outcome) pairs, judged as the lesson judges them."""
    made = []
    for place, (guess, outcome) in enumerate(pairs):
        verdict = number("").judge(guess, outcome)
        made.append(Prediction(f"a/{place}", guess, outcome, verdict.right, verdict.score, settled=True))
    return calibrate([number(prediction.key) for prediction in made], made)


def of_choices(*right: bool) -> Calibration:
    made = [Prediction(f"c/{n}", 1.0 if r else 2.0, 1, r, float(r), True) for n, r in enumerate(right)]
    return calibrate([choice(prediction.key) for prediction in made], made)


HALF_WRONG = of_numbers(*[(1, 1)] * 13, *[(1, 1.8)] * 4, *[(1, 400)] * 5)
"""Of whom the median of all says that the numbers are right."""
BOTH_WAYS = of_numbers((20, 10), (5, 10), (40, 10), (2.5, 10), (10, 10))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Calibration(), ""),
        (of_choices(True), "1 of 1 choices right"),
        (of_choices(*[True] * 12, *[False] * 3), "12 of 15 choices right"),
        (of_numbers((40, 28), (10, 20)), "0 of 2 numbers right"),
        (of_numbers((6, 10), (6, 10), (10, 10)), "1 of 3 numbers right"),
        (of_numbers((6, 10), (6, 10), (6, 10)), "0 of 3 numbers right, about 1.7 times too low"),
        (HALF_WRONG, "13 of 22 numbers, others about 400 times too low"),
        (of_numbers((10, 10), (28, 28.5), (1, 1)), "3 of 3 numbers right"),
        (BOTH_WAYS, "1 of 5 numbers, others off by a factor of 2.8"),
        (of_numbers((2, 1), (3, 1), (30, 1)), "0 of 3 numbers right, about 3 times too high"),
        (of_numbers((-2, -1), (-3, -1), (-4, -1)), "0 of 3 numbers right, about 3 times too high"),
        (of_numbers((0, 1), (1, 0), (-1, 1)), "0 of 3 numbers right, far off"),
        (
            of_numbers((1, 1e9), (1, 1e9), (1, 1e9)),
            "0 of 3 numbers right, far too low",
        ),
        (of_numbers((0, 0), (0, 0), (1, 1)), "3 of 3 numbers right"),
    ],
)  # fmt: skip
def test_a_calibration_in_words(found, words):
    assert found.in_words() == words


def test_both_kinds_in_one_line_that_fits_80_columns():
    numbers = of_numbers(*[(6, 10)] * 9, *[(10, 10)] * 13)
    both = replace(numbers, choices=15, right=12)
    assert both.in_words() == "12 of 15 choices right · 13 of 22 numbers, others about 1.7 times too low"
    assert len(both.in_words()) <= ROOM_AT_80_COLUMNS


def test_what_is_open_unsettled_no_number_or_of_another_course_does_not_count():
    made = [
        Prediction("a/1", 40, 28, True, 1.0, settled=False),
        Prediction("a/2", 40, None, None, 0.0, settled=True),
        Prediction("a/3", "forty", 28, False, 0.0, settled=True),
        Prediction("a/4", 40, math.nan, None, 0.0, settled=True),
        Prediction("a/5", 40, True, False, 0.0, settled=True),
        Prediction("gone", 40, 28, True, 1.0, settled=True),
    ]
    assert calibrate([number(f"a/{n}") for n in range(1, 6)], made) == Calibration()


def test_a_number_is_held_against_theory_where_the_lesson_names_it():
    """And not against the one draw that is kept."""
    asked = [
        Predict(key=f"a/{n}", ask="?", experiment="chain", line=1, result="n", expected=35) for n in range(3)
    ]
    made = [Prediction(predict.key, 35.0, 60, True, 1.0, settled=True) for predict in asked]
    assert calibrate(asked, made).off == 1


def test_a_number_kept_where_options_are_asked_now_is_no_choice():
    assert calibrate([choice("a/1")], [Prediction("a/1", 3.0, 2.8, True, 0.9, settled=True)]) == Calibration()


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(finite, finite), max_size=8))
def test_any_numbers_give_a_factor_from_1_on_and_one_line(pairs):
    found = of_numbers(*pairs)
    assert found.numbers == len(pairs)
    assert (found.off is None) == (len(pairs) < 3)
    assert found.off is None or found.off >= 1
    assert found.lean is None or found.lean > 0
    assert "\n" not in found.in_words()


@given(st.lists(st.floats(1e-6, 1e6), min_size=3, max_size=9), st.floats(0.01, 100))
def test_one_who_is_always_off_by_the_same_factor_is_told_so(outcomes, factor):
    found = of_numbers(*((outcome * factor, outcome) for outcome in outcomes))
    assert found.lean == pytest.approx(factor)
    assert found.off == pytest.approx(max(factor, 1 / factor))
