"""What a layer's weights, taken as random numbers of their size, make of an input of the size that it got.

An output is a sum of n products w·x and a bias. Where the weights have mean 0 and are independent of each
other, of the bias and of the input, its mean square is n · E[w²] · E[x²] + E[b²]; what is measured differs
where they are not. Of the bias it is known: with x̄ the mean input and b = s · w·x̄ + r, the mean square is
n · E[w²] · (E[x²] - E[x̄²] + (1 + s)² · E[x̄²]) + E[r²].
"""

from __future__ import annotations

import math

from torch import Tensor, nn

from initplay.lab.examining.call import Call
from initplay.lab.examining.fan import products
from initplay.lab.examining.kinds import NORMS
from initplay.lab.examining.loose import Loose
from initplay.lab.examining.means import bias_of, share_and_rest
from initplay.lab.examining.sizes import size_of


def expected_rms(call: Call) -> float | None:
    """The root mean square that theory gives the call's output; None for a layer that it has no formula
    for."""
    module = call.module
    if isinstance(module, NORMS):
        return _of_norm(module)
    if isinstance(module, nn.Embedding):
        return _of_embedding(module)
    if isinstance(module, nn.Bilinear) or (isinstance(module, Loose) and call.products is None):
        return None
    weight = _weight(module, call)
    summed = products(module, call.entering) if call.products is None else call.products
    if weight is None or summed is None or not math.isfinite(call.rms_in):
        return None
    size = size_of(weight) if call.weight_rms is None else call.weight_rms
    bias = bias_of(module)
    if bias is None:
        return math.sqrt(summed) * size * call.rms_in
    of_mean = summed * size**2 * call.means.entering if call.means else 0.0
    share, rest = share_and_rest(bias, call.means, of_mean)
    of_all = summed * size**2 * call.rms_in**2 + ((1 + share) ** 2 - 1) * of_mean
    return math.hypot(math.sqrt(max(of_all, 0.0)), rest)


def _weight(module: nn.Module, call: Call) -> Tensor | None:
    weight = getattr(module, "weight", None)
    if isinstance(weight, Tensor):
        return weight
    matrices = [own for own in module._parameters.values() if own is not None and own.dim() >= 2]
    return matrices[0] if call.products is not None and len(matrices) == 1 else None


def _of_norm(module: nn.Module) -> float | None:
    """What is normalized has mean square 1, and is then scaled and shifted."""
    by_running = getattr(module, "track_running_stats", False) and not module.training
    if by_running:  # these are of other batches: how large this one comes out is not theory's
        return None
    weight, bias = getattr(module, "weight", None), getattr(module, "bias", None)
    scale = size_of(weight) if isinstance(weight, Tensor) else 1.0
    return math.hypot(scale, size_of(bias) if isinstance(bias, Tensor) else 0.0)


def _of_embedding(module: nn.Embedding) -> float | None:
    """Every row is as likely as another, but for the one that stands for padding, which is not looked at."""
    if module.max_norm is not None:
        return None
    padding = module.padding_idx
    total = size_of(module.weight) ** 2 * module.num_embeddings
    rows = module.num_embeddings - (padding is not None)
    return math.sqrt(total / rows) if rows else None
