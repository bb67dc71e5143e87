"""Numbers as people type them, read without executing anything."""

import ast
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initplay.course.arithmetic import as_typed, constant, read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        (" 1_000 ", 1000),
        ("1e-3", 0.001),
        ("-1 / 4", -0.25),
        ("2**10", 1024),
        ("1/512**0.5", 1 / 512**0.5),
        ("+(7 // 2) % 2", 1),
    ],
)
def test_digits_and_constant_arithmetic_are_numbers(text, number):
    assert read_number(text) == number
    assert type(read_number(text)) is type(number)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("1 / 0", "is written '1 / 0', which has no value (division by zero)"),
        ("9 ** 9 ** 9", "which has no value (it is too large)"),
        ("(-1) ** 0.5", "which has no value (it is a complex number)"),
        ("1e999 * 2", "which is not finite"),
        ("width", "is written 'width', where a number is needed"),
        ("True", "where a number is needed"),
        ("exit()", "where a number is needed"),
    ],
)
def test_anything_else_is_the_end_of_one_sentence(written, reason):
    for read in (read_number, lambda text: constant(ast.parse(text, mode="eval").body)):
        with pytest.raises(ValueError) as caught:
            read(written)
        assert reason in str(caught.value)
        assert str(caught.value).startswith("is ")


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_what_is_written_is_read_back_as_the_same_type(number):
    again = read_number(as_typed(number, digits=17))
    assert again == number
    assert type(again) is type(number)
    assert math.copysign(1, again) == math.copysign(1, number)
