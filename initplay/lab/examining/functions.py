"""What torch's functions make of a signal, by their names: an activation, a sum, an end, or what it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

_ACTIVATIONS: dict[str, str] = {
    "relu": "relu", "relu_": "relu", "relu6": "relu6", "leaky_relu": "leaky_relu",
    "leaky_relu_": "leaky_relu", "tanh": "tanh", "tanh_": "tanh", "sigmoid": "sigmoid", "sigmoid_": "sigmoid",
    "gelu": "gelu",
    "silu": "silu", "mish": "mish", "elu": "elu", "elu_": "elu", "selu": "selu", "selu_": "selu",
    "celu": "celu", "softplus": "softplus", "hardswish": "hardswish", "hardtanh": "hardtanh",
    "hardsigmoid": "hardsigmoid", "softsign": "softsign", "prelu": "prelu", "rrelu": "rrelu",
    "logsigmoid": "logsigmoid", "threshold": "threshold",
}  # fmt: skip
PASSIVE = {
    "view", "reshape", "flatten", "unflatten", "permute", "transpose", "swapaxes", "movedim", "contiguous",
    "squeeze", "unsqueeze", "expand", "expand_as", "clone", "to", "float", "half", "bfloat16", "type_as",
    "__getitem__", "chunk", "split", "unbind", "t", "pad", "dropout", "dropout1d", "dropout2d", "dropout3d",
    "alpha_dropout", "feature_alpha_dropout", "max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d",
    "avg_pool2d", "avg_pool3d", "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d",
    "adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d", "boolean_dispatch", "mean",
    "interpolate", "upsample", "pixel_shuffle", "cat", "concat", "stack", "roll", "repeat", "_max_pool2d",
    "__get__", "repeat_interleave",
}  # fmt: skip
"""Functions through which a signal is still that of the layer before."""
SUMS = {"add", "add_", "__add__", "__radd__", "__iadd__"}
NORMING = {"layer_norm", "batch_norm", "group_norm", "instance_norm", "rms_norm", "normalize"}
SCALING = {
    "mul", "mul_", "__mul__", "__rmul__", "__imul__", "div", "div_", "__truediv__", "__itruediv__", "neg",
    "__neg__",
}  # fmt: skip
"""Where the other factor is a number: what makes a weight of a parameter, and through which a signal is still
that of the layer before."""
_CUTS = {
    "detach": ".detach()", "detach_": ".detach_()", "argmax": "argmax", "argmin": "argmin",
    "numpy": ".numpy()", "bernoulli": "bernoulli", "multinomial": "multinomial",
    "long": ".long()", "int": ".int()", "bool": ".bool()",
    "round": "round", "floor": "floor", "ceil": "ceil", "trunc": "trunc", "sign": "sign", "sgn": "sign",
}  # fmt: skip
"""Functions through which no gradient comes back, as they are said. Not comparisons and `.item()`: what they
give more often goes into a log or an `if` than on through the net."""
TIMES = {"mul", "mul_", "multiply", "multiply_", "__mul__", "__rmul__", "__imul__"}
_ADDING_PRODUCTS = {"addcmul", "addcmul_"}
_MIXING = {"lerp", "lerp_"}
GATING = TIMES | _ADDING_PRODUCTS | _MIXING
"""Functions that multiply a signal number by number, as a gate does."""
_CHOICES = {
    "topk", "argmax", "argmin", "sort", "argsort", "multinomial", "nonzero", "bincount", "one_hot",
    "gumbel_softmax",
}  # fmt: skip
_COMPARISONS = {"gt", "ge", "lt", "le", "__gt__", "__ge__", "__lt__", "__le__", "item", "tolist", "__bool__"}
ZERO_AT_ZERO = {
    "tanh", "tanh_", "softsign", "hardtanh", "pow", "__pow__", "square", "abs", "relu", "sin",
}  # fmt: skip
"""What gates are put through that begin with zeros."""
JOINING = {"cat", "concat", "stack"}
AS_RELU = {"clamp", "clamp_", "clip", "clip_", "clamp_min", "clamp_min_"}
"""What is a ReLU where it cuts off at 0 and nowhere else."""
_PRODUCTS = {"linear", "matmul", "__matmul__", "__rmatmul__", "mm", "bmm", "addmm"}
FOLLOWED = PASSIVE | set(_ACTIVATIONS) | AS_RELU | SUMS | NORMING | _PRODUCTS | SCALING
"""Functions of which a signal that goes in is looked for in what comes out."""
MAKES_WEIGHTS = PASSIVE | SCALING | {"detach"}
"""Functions that make of a parameter what still stands for it."""
READ = FOLLOWED | MAKES_WEIGHTS | GATING | ZERO_AT_ZERO | set(_CUTS)
"""Functions whose arguments are looked at."""


def activation_of(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str | None:
    """The activation that a call of torch's function of that name is."""
    if name in AS_RELU:
        low = args[1] if len(args) > 1 else kwargs.get("min")
        high = args[2] if len(args) > 2 else kwargs.get("max")
        return "relu" if high is None and isinstance(low, int | float) and low == 0 else None
    return _ACTIVATIONS.get(name)


def slope_of(kind: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> float:
    """Of a leaky ReLU; that of others is torch's default and stands for nothing."""
    if kind != "leaky_relu":
        return 0.01
    return float(args[1] if len(args) > 1 else kwargs.get("negative_slope", 0.01))


def cut_of(name: str, func: Any) -> str:
    """What lets no gradient back in a call of the function of that name, as it is said."""
    if name == "__get__":  # of the attributes of a tensor, one
        return ".data" if getattr(getattr(func, "__self__", None), "__name__", "") == "data" else ""
    return _CUTS.get(name, "")


def factors_of(name: str, tensors: Sequence[Tensor]) -> Sequence[Tensor]:
    """Of the tensors that a function of GATING takes, those that it multiplies others by."""
    if name in _ADDING_PRODUCTS:
        return tensors[1:]
    if name in _MIXING:
        return tensors[2:]
    return tensors if len(tensors) > 1 else ()


def chooses(name: str, args: tuple[Any, ...], result: Any) -> bool:
    """Whether a call of the function of that name is a choice of some among several, or asks something of
    what comes of weights."""
    if name in _CHOICES or (name in ("max", "min") and isinstance(result, tuple)):
        return True
    return name in _COMPARISONS and any(isinstance(one, Tensor) and one.requires_grad for one in args)
