"""What counts as the same, and how it is shown."""

from __future__ import annotations

import math
from typing import Any

import numpy
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from initplay.lab.plain import Array, alike, plain, shown

SCALARS = st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(-(2**60), 2**60)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_any_value_is_like_itself_and_can_be_shown(value: Any) -> None:
    assert alike(plain(value), plain(value), 1e-5, 0)
    assert isinstance(shown(plain(value)), str)


@given(VALUES, VALUES)
def test_any_two_values_can_be_compared(one: Any, other: Any) -> None:
    assert alike(plain(one), plain(other), 0, 0) in (True, False)


@pytest.mark.parametrize(
    ("got", "right", "same"),
    [
        (1, 1.0, True),
        (1.000001, 1.0, True),
        (1.001, 1.0, False),
        (True, 1.0, False),
        (1.0, True, False),
        ("1", 1.0, False),
        (None, 0.0, False),
        (math.nan, math.nan, True),
        (math.inf, -math.inf, False),
        (torch.tensor(2.0), 2.0, True),
        (torch.tensor(2, dtype=torch.float64), numpy.float32(2), True),
        (torch.tensor([2.0]), 2.0, False),
        (numpy.ones((2, 2)), torch.ones(2, 2, dtype=torch.bfloat16), True),
        (torch.ones(2, 2), torch.ones(4), False),
        (torch.nn.Parameter(torch.ones(3)), torch.ones(3), True),
        ((1, 2), [1, 2], True),
        ([1, 2], [1, 2, 3], False),
        ({"std": 1}, {"std": 1.0}, True),
        ({"std": 1}, {"rms": 1.0}, False),
        (object(), 1.0, False),
    ],
)
def test_what_is_the_same(got: Any, right: Any, same: bool) -> None:
    assert alike(plain(got), plain(right), 1e-5, 1e-6) is same


def test_a_tolerance_by_name_is_of_that_name_alone() -> None:
    within = {"std": 0.1}
    assert alike({"std": 1.05, "n": 3.0}, {"std": 1.0, "n": 3.0}, within, 0)
    assert not alike({"std": 1.0, "n": 3.1}, {"std": 1.0, "n": 3.0}, within, 0)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (torch.tensor([[0.0, 2.0], [13.0, 30.0]]), "(2, 2): 0, 2, 13, 30"),
        (torch.arange(9.0), "0, 1, 2, 3, 4, 5 …"),
        (torch.empty(0), "no numbers"),
        ({"std": 0.04993, "uniform": True}, "std 0.04993, uniform yes"),
        ([1.0, None], "1, None"),
        ({1}.__class__, "<type>"),
        (torch.ones(10**5), "<a tensor of 100,000 numbers>"),
        (torch.ones(1, dtype=torch.complex64), "<a tensor of complex numbers>"),
    ],
)
def test_how_it_is_shown(value: Any, words: str) -> None:
    assert shown(plain(value)) == words


def test_an_array_is_its_shape_and_its_numbers() -> None:
    assert plain(torch.tensor([[1, 2]])) == Array((1, 2), (1.0, 2.0))
