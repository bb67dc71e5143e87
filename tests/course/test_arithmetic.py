"""Numbers as people type them, read without executing anything."""

import ast
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from initplay.course.arithmetic import as_typed, constant, may_become_number, read_number


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
    assert all(may_become_number(text[:end]) for end in range(len(text) + 1))
    assert type(read_number(text)) is type(number)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("70%", 0.7),
        ("70 %", 0.7),
        ("-5%", -0.05),
        ("2 * 50% * 3", 3),
        ("1/50%", 2),
        ("(1/4)%", 0.0025),
        ("1 - 0.5%", 0.995),
        ("(70%) - 0.5", 0.2),
        ("7 % 4", 3),
        ("ln 10", math.log(10)),
        ("LN(10)", math.log(10)),
        ("-ln(0.1)", math.log(10)),
        ("ln 10 / 2", math.log(10) / 2),
        ("ln 10 + 1/2", math.log(10) + 0.5),
        ("log10 1000", 3),
        ("exp(-1)", 1 / math.e),
        ("1/e", 1 / math.e),
        ("√512", math.sqrt(512)),
        ("√ 512 / 2", math.sqrt(512) / 2),
        ("-√2", -math.sqrt(2)),
        ("√√16", 2),
        ("√(512/(2*π))", math.sqrt(512 / (2 * math.pi))),
        ("sqrt 2 * sqrt(2)", 2),
        ("√2⁵⁰", 2**25),
        ("1.1⁵⁰", 1.1**50),
        ("1.1^50", 1.1**50),
        ("2⁻²⁵", 2**-25),
        ("5·10⁻⁸", 5e-8),
        ("3 × 4 ÷ 6", 2),
        ("−1/4", -0.25),
        ("½", 0.5),
        ("2**-2**2", 2**-4),
        ("-2**2", -4),
        ("π", math.pi),
        ("2*pi", 2 * math.pi),
    ],
)
def test_numbers_are_read_as_people_write_them(text, number):
    assert read_number(text) == pytest.approx(number, rel=1e-12)
    assert all(may_become_number(text[:end]) for end in range(len(text) + 1)), "while it is typed"


@pytest.mark.parametrize("text", ["n", "b", "j", "nbj", "5 j", "1e3x", "lnx", "40 layers", "?", "Ln q"])
def test_what_can_become_no_number_is_known_before_its_end(text):
    assert not may_become_number(text)


@pytest.mark.parametrize("text", ["s", "sq", "l", "log", "E", "1e", "2*p", "-", "(", "7 /"])
def test_what_may_become_one_is_waited_for(text):
    assert may_become_number(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1/2π", "is written '1/2π', where a * is missing before π"),
        ("2√3", "where a * is missing before √"),
        ("2½", "where a * is missing before ½"),
        ("3 4", "where a * is missing before 4"),
        ("2(3)", "where a * is missing before ("),
        ("ln 2**3", "which can be read in two ways: put what ln is of into parentheses"),
        ("exp 2²", "which can be read in two ways"),
        ("5% - 2", "where % stands before a sign: put the percentage into parentheses"),
        ("log 10", "where log may be ln or log10"),
        ("0,5", "with a comma: write 1000 for a thousand, 0.5 for a half"),
        ("ln(0)", "which has no value (only numbers above 0 have a logarithm)"),
        ("log10(-1)", "which has no value (only numbers above 0 have a logarithm)"),
        ("sqrt(-1)", "which has no value (a number below 0 has no root)"),
        ("exp(1000)", "which has no value (it is too large)"),
        ("2**550*2**550", "which has no value (it is too large)"),
        ("10.0**400", "which has no value (it is too large)"),
        ("", "is not a number"),
        ("9 # 10", "is written '9 # 10', where a number is needed"),
        ("5 units", "is written '5 units', where a number is needed"),
        ("~5", "where a number is needed"),
        ("'5'", "where a number is needed"),
        ("1__0", "where a number is needed"),
        ("1.2.3", "where a * is missing before .3"),
        ("sqrt", "where a number is needed"),
        ("(1", "where a number is needed"),
        ("1)", "where a number is needed"),
        ("1 +", "where a number is needed"),
        ("ln(2) 3", "where a * is missing before 3"),
        ("1+" * 60, "is too long to be a number"),
        ("(" * 79 + "1", "where a number is needed"),
    ],
)
def test_what_could_be_read_in_two_ways_or_in_none_is_refused_in_a_sentence(text, reason):
    with pytest.raises(ValueError) as caught:
        read_number(text)
    assert reason in str(caught.value)
    assert str(caught.value).startswith("is ") and "\n" not in str(caught.value)


_NUMBERS = st.integers(0, 99).map(str) | st.floats(0, 100).map(lambda x: f"{x:.3g}")
_PYTHON = st.recursive(
    _NUMBERS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", "-", "*", " / ", "//", "**"]), inner).map("".join),
        inner.map("({})".format),
        inner.map("-{}".format),
    ),
    max_leaves=6,
)


@settings(max_examples=60)
@given(_PYTHON.filter(lambda text: len(text) <= 80))
def test_arithmetic_of_python_is_what_python_makes_of_it(text):
    """Or is refused, where Python has no finite real number for it."""
    try:
        number = constant(ast.parse(text, mode="eval").body)
    except ValueError as error:
        with pytest.raises(ValueError, match=r"^is written") as caught:
            read_number(text)
        assert str(caught.value).rpartition(", ")[2] == str(error).rpartition(", ")[2]
    else:
        assert read_number(text) == number
        assert type(read_number(text)) is type(number)


@settings(max_examples=60)
@given(st.text(max_size=8) | st.text("0123456789.eE+-*/%()√πlnsqrtx, ²⁻½", max_size=12))
def test_any_text_is_a_number_or_a_sentence(text):
    try:
        assert isinstance(read_number(text), int | float)
    except ValueError as error:
        assert str(error).startswith("is ")


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
