"""rms is right at every scale that a float holds; a typical mean square is what many draws come to."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from initplay.lab import log_mean_square, log_mean_square_of_relu, rms

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


@pytest.mark.parametrize("n", [1, 2, 3, 16, 512])
@pytest.mark.parametrize("relu", [False, True])
def test_a_typical_mean_square_is_that_of_many_draws(n: int, relu: bool) -> None:
    """Mean and variance of its logarithm, over 100,000 draws (10,000 of the widest), within four standard
    errors."""
    generator = torch.Generator().manual_seed(0)
    logs = []
    for _ in range(10 if n < 100 else 1):
        x = torch.randn(10_000, n, generator=generator, dtype=torch.float64)
        mean_square = (2 * x.relu().square() if relu else x.square()).mean(1)
        logs.append(mean_square[mean_square > 0].log())
    found = torch.cat(logs)
    mean, variance = (log_mean_square_of_relu if relu else log_mean_square)(n)
    assert found.mean().item() == approx(mean, abs=4 * math.sqrt(variance / len(found)))
    error = (found - mean).square().std().item() / math.sqrt(len(found))
    assert found.var().item() == approx(variance, abs=4 * error)


def test_wide_layers_are_what_the_simple_formulas_say() -> None:
    """-1/n and 2/n, and with ReLU -5/(2n) and 5/n, to 2 % at 512."""
    assert log_mean_square(512) == approx((-1 / 512, 2 / 512), rel=0.02)
    assert log_mean_square_of_relu(512) == approx((-2.5 / 512, 5 / 512), rel=0.02)
