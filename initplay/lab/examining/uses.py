"""What a function of torch does with a parameter that it is given by itself, and not by a layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from torch import Tensor

from initplay.lab.examining.fan import taps_inside

_MATMULS = {"matmul", "__matmul__", "__rmatmul__", "mm", "bmm"}
_ADDED = {"addmm", "baddbmm"}
_CONVS = {"conv1d", "conv2d", "conv3d"}
_TRANSPOSED = {"conv_transpose1d", "conv_transpose2d", "conv_transpose3d"}
USES = {*_MATMULS, *_ADDED, *_CONVS, *_TRANSPOSED, "linear", "einsum", "embedding", "__getitem__"}
"""Functions whose output is measured where a parameter is what they multiply by, or look up in."""
NAME_THEIR_WEIGHT = {*_CONVS, *_TRANSPOSED, "linear"}
"""Functions that have a place for a weight, so that what is given there is one."""
_OF_CONV = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")


class Use(NamedTuple):
    """What a function does with a weight."""

    weight: Tensor
    entering: Tensor
    products: float | None
    """How many products an output sums; None where it sums none, or nobody knows."""
    unit: int = -1
    """The dimension of the output that counts units, from the end."""
    bias: Any = None


def use_of(
    name: str, args: Sequence[Any], kwargs: dict[str, Any], is_weight: Callable[[Any], bool]
) -> Use | None:
    """What the function of that name does with the parameter among its arguments; None without one."""
    if name == "linear":
        entering, weight, bias = _three(args, kwargs)
        return Use(weight, entering, entering.shape[-1], -1, bias) if is_weight(weight) else None
    if name in _CONVS or name in _TRANSPOSED:
        return _of_convolution(name, dict(zip(_OF_CONV, args, strict=False)) | kwargs, is_weight)
    if name == "einsum":
        return _of_einsum(args, is_weight)
    if name == "embedding":
        entering, weight, _ = _three(args, kwargs)
        return Use(weight, entering, None) if is_weight(weight) else None
    if name == "__getitem__":
        looks_up = len(args) > 1 and isinstance(args[1], Tensor) and is_weight(args[0])
        return Use(args[0], args[1], None) if looks_up else None
    factors = list(args[1:3]) if name in _ADDED else list(args[:2])
    if len(factors) < 2:
        return None
    left, right = reversed(factors) if name == "__rmatmul__" else factors
    if is_weight(right) and isinstance(left, Tensor):
        return Use(right, left, left.shape[-1], -1, args[0] if name in _ADDED else None)
    if is_weight(left) and isinstance(right, Tensor):
        return Use(left, right, left.shape[-1], -1 if right.dim() < 2 else -2)
    return None


def _three(args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[Any, Any, Any]:
    named = dict(zip(("input", "weight", "bias"), args, strict=False)) | kwargs
    return named.get("input"), named.get("weight"), named.get("bias")


def _of_convolution(name: str, named: dict[str, Any], is_weight: Callable[[Any], bool]) -> Use | None:
    entering, weight = named.get("input"), named.get("weight")
    if not is_weight(weight) or not isinstance(weight, Tensor) or not isinstance(entering, Tensor):
        return None
    kernel = tuple(weight.shape[2:])
    unit, bias = -1 - len(kernel), named.get("bias")
    if name in _TRANSPOSED:
        return Use(weight, entering, None, unit, bias)
    dilation = _each(named.get("dilation", 1), kernel)
    padding = named.get("padding", 0)
    if isinstance(padding, str):
        padding = [d * (k - 1) // 2 * (padding == "same") for d, k in zip(dilation, kernel, strict=True)]
    wiring = (kernel, _each(named.get("stride", 1), kernel), _each(padding, kernel), dilation)
    sizes = entering.shape[-len(kernel) :]
    landing = [taps_inside(size, *one) for size, *one in zip(sizes, *wiring, strict=True)]
    return Use(weight, entering, weight.shape[1] * math.prod(landing), unit, bias)


def _each(value: Any, kernel: tuple[int, ...]) -> Sequence[int]:
    return (
        value
        if isinstance(value, (tuple, list)) and len(value) == len(kernel)
        else [_one(value)] * len(kernel)
    )


def _one(value: Any) -> int:
    return value[0] if isinstance(value, (tuple, list)) else value


def _of_einsum(args: Sequence[Any], is_weight: Callable[[Any], bool]) -> Use | None:
    """Of two operands; the sum runs over the letters that are not in the output."""
    if not args or not isinstance(args[0], str):
        return None
    operands = args[1] if len(args) == 2 and isinstance(args[1], (tuple, list)) else args[1:]
    if len(operands) != 2 or not all(isinstance(one, Tensor) for one in operands):
        return None
    place = next((place for place in (1, 0) if is_weight(operands[place])), None)
    if place is None:
        return None
    entering, weight = operands[1 - place], operands[place]
    read, arrow, out = args[0].replace(" ", "").partition("->")
    letters = read.split(",")
    if not arrow or len(letters) != 2:
        return Use(weight, entering, None)
    sizes: dict[str, int] = {}
    for said, one in zip(letters, operands, strict=True):
        before, _, after = said.partition("...")
        sizes |= dict(zip(before, one.shape, strict=False))
        sizes |= dict(zip(reversed(after), reversed(one.shape), strict=False))
    summed = math.prod(size for letter, size in sizes.items() if letter not in out)
    units = [at - len(out) for at, letter in enumerate(out) if letter in letters[place]]
    return Use(weight, entering, summed, units[-1] if units else -1)
