"""Numbers that say how large the values of a tensor are."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor


@torch.no_grad()
def rms(x: Tensor, dim: int | tuple[int, ...] | None = None) -> Tensor:
    """Root mean square, √E[x²]: over all values, or over the dimensions `dim`, which then are gone.

    The largest entry is divided out first, so that no square overflows or underflows: values of 1e30 and of
    1e-30 have an rms. It is inf where an entry is inf, and NaN where one is NaN. No gradient is recorded.
    """
    dims = tuple(range(x.dim())) if dim is None else dim
    largest = x.abs().amax(dims, keepdim=True)
    scale = torch.where((largest > 0) & largest.isfinite(), largest, 1)
    return ((x / scale).square().mean(dims, keepdim=True).sqrt() * scale).squeeze(dims)


def log_mean_square(n: int) -> tuple[float, float]:
    """Mean and variance, over draws, of ln(mean of x²) for n numbers x from N(0, 1).

    The sum of the squares is a chi-square of n degrees, whose logarithm has mean ln 2 + ψ(n/2) and variance
    ψ'(n/2). For wide n that is -1/n and 2/n: the mean square is 1 on average, a typical one a little less.
    """
    half = torch.tensor(n / 2, dtype=torch.float64, device="cpu")
    return torch.digamma(half).item() - math.log(n / 2), torch.polygamma(1, half).item()


def log_mean_square_of_relu(n: int) -> tuple[float, float]:
    """The same for ln(mean of 2·relu(x)²), over the draws that leave at least one of n numbers above 0.

    k of n are above 0, with k binomial; their squares are a chi-square of k degrees. For wide n that is
    -5/(2n) and 5/n.
    """
    k = torch.arange(1, n + 1, dtype=torch.float64, device="cpu")
    ways = math.lgamma(n + 1) - torch.lgamma(k + 1) - torch.lgamma(n - k + 1)
    chance = torch.softmax(ways, 0)  # n over k ways each: the halves to the power n cancel
    means = torch.digamma(k / 2) + math.log(4 / n)
    mean = (chance * means).sum()
    variance = (chance * (torch.polygamma(1, k / 2) + (means - mean).square())).sum()
    return mean.item(), variance.item()


def bell_average(f: Callable[[Tensor], Tensor]) -> float:
    """The average of f(z) over z from N(0, 1), as a sum over a fine grid.

    In float64, for f may be a square: of 1e22 or 1e-23 float32 has none.
    """
    # An even number leaves out 0, where ReLU has its kink.
    z = torch.linspace(-8, 8, 4000, dtype=torch.float64, device="cpu")
    density = torch.exp(-z.square() / 2)
    return ((f(z) * density).sum() / density.sum()).item()
