"""Which modules are layers that are looked at by themselves, and of what kind they are."""

from __future__ import annotations

from torch import nn

NORMS = (
    nn.modules.batchnorm._BatchNorm,
    nn.LayerNorm,
    nn.GroupNorm,
    nn.modules.instancenorm._InstanceNorm,
    *([nn.RMSNorm] if hasattr(nn, "RMSNorm") else []),
)
_OVER_FEATURES = (nn.LayerNorm, *([nn.RMSNorm] if hasattr(nn, "RMSNorm") else []))
WHOLE = (nn.MultiheadAttention, nn.RNNBase, nn.RNNCellBase)
"""Layers that are looked at as one, though they are made of parts."""
_CONTAINERS = (nn.Module, nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict)


def is_layer(module: nn.Module) -> bool:
    """Whether it is looked at by itself: it has parameters of its own and no part has any, or is known as
    one. A module of the user's own with several matrices is not: each of these is looked at instead."""
    if isinstance(module, WHOLE) or "parametrizations" in module._modules:
        return True
    own = [parameter for parameter in module._parameters.values() if parameter is not None]
    if not own or any(True for child in module.children() for _ in child.parameters()):
        return False
    return sum(map(_is_matrix, own)) < 2 or is_torchs(module)


def _is_matrix(parameter: nn.Parameter) -> bool:
    return nn.parameter.is_lazy(parameter) or sum(size > 1 for size in parameter.shape) > 1


def is_torchs(module: nn.Module) -> bool:
    """Whether it is one of torch's own layers, or made from one."""
    kinds = (kind for kind in type(module).__mro__ if kind.__module__.startswith("torch.nn."))
    return any(kind not in _CONTAINERS for kind in kinds)


def dimension_of_units(module: nn.Module, dimensions: int) -> int:
    """Channels of a convolution and of a norm over images, counted from the end; else the last dimension."""
    kernel = getattr(module, "kernel_size", None)
    if isinstance(kernel, tuple) and hasattr(module, "in_channels"):
        return -1 - len(kernel)
    over_images = isinstance(module, NORMS) and not isinstance(module, _OVER_FEATURES)
    return 1 - dimensions if over_images else -1
