"""A distribution gives the share of the values that lies below, for what is drawn from it."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from pytest import approx

from initplay.lab import normal, rectified, uniform

X = torch.linspace(-7, 7, 1001, dtype=torch.float64)
DISTRIBUTIONS = {
    "bell": (normal(0.5, 1.5), lambda n: torch.randn(n, dtype=torch.float64) * 1.5 + 0.5),
    "uniform": (uniform(-1, 3), lambda n: torch.rand(n, dtype=torch.float64) * 4 - 1),
    "relu of a bell": (rectified(normal(0, 2)), lambda n: (torch.randn(n, dtype=torch.float64) * 2).relu()),
    "relu of a uniform": (
        rectified(uniform(-3, 1)),
        lambda n: (torch.rand(n, dtype=torch.float64) * 4 - 3).relu(),
    ),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_distribution_gives_the_share_of_the_values_that_lies_below(name: str) -> None:
    """A million values come within five standard errors of it everywhere."""
    share_below, drawn = DISTRIBUTIONS[name]
    torch.manual_seed(0)
    values = drawn(1_000_000).sort().values
    found = torch.searchsorted(values, X).double() / len(values)
    assert (share_below(X) - found).abs().max() < 5 * 0.5 / 1000
    assert share_below(X).diff().min() >= 0 and share_below(X).min() >= 0 and share_below(X).max() <= 1


def test_what_a_relu_cuts_off_lies_at_0() -> None:
    below = rectified(normal())(torch.tensor([-1.0, 0.0, 1e-9, 9.0], dtype=torch.float64))
    assert below.tolist() == approx([0, 0, 0.5, 1])


@pytest.mark.parametrize(
    "make",
    [
        lambda: normal(0, 0),
        lambda: normal(0, -1),
        lambda: normal(math.nan, 1),
        lambda: normal(0, math.inf),
        lambda: uniform(1, 1),
        lambda: uniform(0, math.nan),
    ],
)
def test_what_is_no_distribution_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        make()
