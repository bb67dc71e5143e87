"""Whether all units of a layer are one and the same, and stay so."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from initplay.lab.examining.call import Call
from initplay.lab.examining.saying import weight_at
from initplay.lab.examining.xray import Xray


def is_constant(call: Call) -> bool:
    """Whether all numbers of the layer's weight are the same, which makes of several units one."""
    weight = weight_at(call)
    if weight is None or weight.dim() < 2 or weight.shape[0] < 2:
        return False
    if weight.is_complex():
        return bool((weight == weight.flatten()[0]).all())
    return bool(weight.min() == weight.max() and weight.isfinite().all())


_BY_ROUNDING = 1e-6
"""Of gradients that cancel each other a float keeps what its rounding left, which differs by chance: so much
of the largest one in the net."""


def is_told_apart(call: Call, xray: Xray, by_rounding: float = _BY_ROUNDING) -> bool:
    """Whether the units' gradients differ, so that one step makes them differ, as in LoRA's zeros; or whether
    nothing of them is trained, so that they are meant to be alike."""
    weight = weight_at(call)
    if not isinstance(weight, nn.Parameter):
        return False
    gradient = xray.gradients.get(weight)
    if gradient is None:
        return not weight.requires_grad
    rows = _rows(gradient)
    noise = by_rounding * max(one.detach().abs().max().item() for one in xray.gradients.values())
    return bool((rows - rows[:1]).abs().max() > max(1e-3 * rows.abs().max().item(), noise))


_NEARLY = 0.3
"""Of the size of the gradient of all units, what is not the same in each."""


def is_told_by_bias_alone(call: Call, xray: Xray) -> bool:
    """Whether the units differ by their bias, and so little that nearly the same gradient comes to each: then
    they stay nearly the same unit. Zeros are what a gradient parts at once, where one comes."""
    weight, bias = weight_at(call), getattr(call.module, "bias", None)
    if not isinstance(weight, nn.Parameter) or not isinstance(bias, Tensor) or not weight.any():
        return False
    gradient = xray.gradients.get(weight)
    if gradient is None or weight.is_complex():
        return False
    rows = _rows(gradient)
    return bool((rows - rows.mean(0)).norm() < _NEARLY * rows.norm())


def _rows(gradient: Tensor) -> Tensor:
    """A row for each unit."""
    return (gradient if gradient.layout is torch.strided else gradient.to_dense()).detach().flatten(1)
