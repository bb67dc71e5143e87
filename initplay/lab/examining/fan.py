"""How many products a layer's output sums, by what its weight's shape and the layer itself say."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

from torch import Tensor, nn

from initplay.lab.examining.loose import Loose

CONVS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
_Conv = nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d


class Fans(NamedTuple):
    """One way to read a weight's shape."""

    fan_in: float
    fan_out: float
    note: str = ""
    """What is special in this way; empty where it is how torch.nn.init reads a shape."""


def ways_to_read(module: nn.Module, weight: Tensor) -> list[Fans]:
    """How a scheme may have read the fans: torch's own way first, then those of the layer's real wiring."""
    if weight.dim() < 2:
        return [Fans(max(weight.numel(), 1), max(weight.numel(), 1))]
    first, second, *kernel = weight.shape
    taps = math.prod(kernel)
    ways = [Fans(second * taps, first * taps)]
    if isinstance(module, TRANSPOSED):
        ways.append(Fans(first // module.groups * taps, second * taps, "as a transposed layer is wired"))
    elif isinstance(module, CONVS):
        if module.groups > 1:
            ways.append(Fans(second * taps, first // module.groups * taps, "by group"))
    elif isinstance(module, nn.RNNBase | nn.RNNCellBase):
        if first != module.hidden_size:
            ways.append(Fans(second, module.hidden_size, "a gate"))
    elif isinstance(module, nn.MultiheadAttention):
        if first == 3 * second:
            ways.append(Fans(second, second, "a projection"))
    elif isinstance(module, Loose) and kernel and module.products:  # several matrices, of which one is used
        others = sorted(weight.shape[-2:], key=lambda size: size == module.products)
        ways = [Fans(module.products, others[0]), *ways]
    elif not isinstance(module, nn.Linear | nn.Bilinear | nn.Embedding | nn.EmbeddingBag) and not kernel:
        ways.append(Fans(first, second, "kept (in, out)"))
    return ways


def products(module: nn.Module, entering: tuple[int, ...]) -> float | None:
    """How many products an output of the layer sums on average, with what padding leaves out; None where the
    layer's kind is not known. `entering` is the shape of its input."""
    if isinstance(module, nn.Linear):
        return module.in_features
    if isinstance(module, CONVS):
        shares = [
            taps_inside(size, k, s, p, d) if module.padding_mode == "zeros" else k
            for size, k, s, p, d in _dimensions(module, entering)
        ]
        return module.in_channels / module.groups * math.prod(shares)
    if isinstance(module, TRANSPOSED):
        return module.in_channels / module.groups * math.prod(_landing(module, entering))
    return None


def _dimensions(module: _Conv, entering: tuple[int, ...]) -> list[tuple[int, int, int, int, int]]:
    """Size, kernel, stride, padding and dilation of each of the layer's dimensions."""
    many = len(module.kernel_size)
    if module.padding == "same":
        padding = tuple(d * (k - 1) // 2 for d, k in zip(module.dilation, module.kernel_size, strict=True))
    else:
        padding = (0,) * many if isinstance(module.padding, str) else module.padding
    sizes = entering[-many:]
    return list(zip(sizes, module.kernel_size, module.stride, padding, module.dilation, strict=True))


@lru_cache(maxsize=4096)
def taps_inside(size: int, kernel: int, stride: int, padding: int, dilation: int) -> float:
    """How many taps of a kernel lie on the input and not on its padding, on average over the outputs."""
    reach = dilation * (kernel - 1) + 1
    starts = range(-padding, size + padding - reach + 1, stride)
    inside = sum(0 <= start + tap * dilation < size for start in starts for tap in range(kernel))
    return inside / max(len(starts), 1)


def _landing(module: _Conv, entering: tuple[int, ...]) -> list[float]:
    """For each dimension of a transposed layer, how many inputs land on one output, on average."""
    found = []
    output_padding = module.output_padding
    for number, (size, kernel, stride, padding, dilation) in enumerate(_dimensions(module, entering)):
        out = (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + output_padding[number] + 1
        places = (start * stride + tap * dilation - padding for start in range(size) for tap in range(kernel))
        found.append(sum(0 <= place < out for place in places) / max(out, 1))
    return found
