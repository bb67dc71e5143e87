"""Numbers that say how large the values of a tensor are."""

from __future__ import annotations

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
