"""What a layer makes of its input's mean, and what of that its bias takes away."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from initplay.lab.examining.sizes import size_of, unseen


@dataclass(frozen=True)
class Means:
    """Over a batch and the places in it."""

    entering: float
    """The mean square of the features' means: what of the input's mean square is none of its scatter."""
    leaving: Tensor
    """The mean of each unit, of shape (units,)."""


def bias_of(module: nn.Module) -> Tensor | None:
    """What a layer adds to its products: its `bias`, or the only vector among its parameters."""
    bias = getattr(module, "bias", None)
    if isinstance(bias, Tensor):
        return bias
    vectors = [own for own in module._parameters.values() if own is not None and own.dim() == 1]
    return vectors[0] if len(vectors) == 1 else None


def means_of(entering: Tensor | None, leaving: Tensor, unit: int) -> Means | None:
    """Of what goes into a layer and comes out of it, whose features and units are in dimension `unit`, from
    the end; None where these are no real numbers in rows."""
    if entering is None or entering.dim() != leaving.dim():
        return None
    if not _is_in_rows(entering, unit) or not _is_in_rows(leaving, unit):
        return None
    return Means(size_of(_by_unit(entering, unit)) ** 2, _by_unit(leaving, unit))


def _is_in_rows(tensor: Tensor, unit: int) -> bool:
    real = tensor.is_floating_point() and tensor.layout is torch.strided and not tensor.is_nested
    return real and tensor.dim() >= -unit and tensor.numel() > 0


@unseen
def _by_unit(tensor: Tensor, unit: int) -> Tensor:
    tensor = tensor.detach()
    tensor = tensor if tensor.dtype == torch.float64 else tensor.float()
    others = [dim for dim in range(tensor.dim()) if dim != tensor.dim() + unit]
    return tensor.mean(others) if others else tensor


def share_and_rest(bias: Tensor, means: Means | None, expected: float) -> tuple[float, float]:
    """A bias as a multiple of what the weights make of the mean input, and the rms of what it is beside that.

    The share is -1 where the bias takes that mean away, and about 0 where it was drawn without regard to the
    weights. The fit is by least squares over the units. What the weights make of the mean is taken to have a
    mean square of at least a quarter of the `expected` one: one unit alone may by chance make nothing of it.
    """
    if means is None or bias.numel() != means.leaving.numel():
        return 0.0, size_of(bias)
    own = bias.detach().reshape(-1).to(means.leaving.dtype)
    of_mean = means.leaving - own
    least = max(torch.dot(of_mean, of_mean).item(), expected / 4 * bias.numel())
    share = torch.dot(own, of_mean).item() / least if least else math.nan
    if not math.isfinite(share):  # the mean input is 0, or what comes out is not finite
        return 0.0, size_of(bias)
    return share, size_of(own - share * of_mean)
