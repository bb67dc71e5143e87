"""rms: right at every scale that a float holds, over all values or some dimensions; distributions."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from initplay.lab import normal, rectified, rms, uniform

FLOATS = st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)


@given(st.lists(FLOATS, min_size=1, max_size=30))
def test_it_is_the_root_of_the_mean_of_the_squares(values: list[float]) -> None:
    """For whatever float64 holds, though the squares of most of it overflow or underflow."""
    largest = max(map(abs, values)) or 1.0
    expected = largest * math.sqrt(math.fsum((value / largest) ** 2 for value in values) / len(values))
    assert rms(torch.tensor(values, dtype=torch.float64)).item() == approx(expected, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("scale", [1e-38, 1e-25, 1.0, 1e25, 8e37])
def test_no_square_overflows_or_underflows_in_float32(scale: float) -> None:
    assert rms(torch.tensor([3.0, -4.0, 0.0, 0.0]) * scale).item() == approx(2.5 * scale, rel=1e-5)


def test_what_is_no_number_stays_so() -> None:
    """0 for zeros, inf where an entry is inf, NaN where one is NaN, whatever stands beside it."""
    assert rms(torch.zeros(3)).item() == 0
    assert rms(torch.tensor([1.0, -math.inf])).item() == math.inf
    assert math.isnan(rms(torch.tensor([1.0, math.nan, math.inf])).item())


@pytest.mark.parametrize("dim", [0, -1, (1, 2), (0, 1, 2)])
def test_over_some_dimensions_it_is_that_of_each_slice(dim: int | tuple[int, ...]) -> None:
    """Each slice has a scale of its own; its dimensions are gone from the shape."""
    x = torch.randn(2, 3, 4) * torch.tensor([1.0, 1e30])[:, None, None]
    expected = x.double().square().mean(dim).sqrt()
    assert rms(x, dim).shape == expected.shape
    torch.testing.assert_close(rms(x, dim).double(), expected, rtol=1e-5, atol=0)


def test_it_records_no_gradient() -> None:
    assert not rms(torch.ones(3, requires_grad=True)).requires_grad


def test_a_number_alone_is_its_own_size() -> None:
    assert rms(torch.tensor(-3.0)).item() == 3


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
