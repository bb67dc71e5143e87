"""Weight initialization from scratch, under the names, signatures and errors of `torch.nn.init`.

    from initplay.lab import init                 # in place of: from torch.nn import init

Every function fills the tensor it is given in place, records no gradient, and returns that tensor. A weight
is read as torch keeps it: `(out, in)` for a linear layer, `(out, in, *kernel)` for a convolution. With the
same seed the values are those of torch, but for `trunc_normal_`, which samples in another way.

Beyond torch: `fans` is public, `lecun_normal_` and `lecun_uniform_` exist, `sparse_` takes its zeros from
`generator` too, and `orthogonal_` fills float16, bfloat16 and non-contiguous tensors.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Literal, ParamSpec

import torch
from torch import Generator, Tensor

__all__ = [
    "calculate_gain",
    "constant",
    "constant_",
    "dirac",
    "dirac_",
    "eye",
    "eye_",
    "fans",
    "kaiming_normal",
    "kaiming_normal_",
    "kaiming_uniform",
    "kaiming_uniform_",
    "lecun_normal_",
    "lecun_uniform_",
    "normal",
    "normal_",
    "ones_",
    "orthogonal",
    "orthogonal_",
    "sparse",
    "sparse_",
    "trunc_normal_",
    "uniform",
    "uniform_",
    "xavier_normal",
    "xavier_normal_",
    "xavier_uniform",
    "xavier_uniform_",
    "zeros_",
]

_LINEAR = ["linear", *(f"conv{t}{n}d" for t in ("", "_transpose") for n in (1, 2, 3))]


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill with draws from U(a, b): mean (a + b) / 2, variance (b − a)² / 12."""
    with torch.no_grad():
        return tensor.uniform_(a, b, generator=generator)


def normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill with draws from N(mean, std²)."""
    with torch.no_grad():
        return tensor.normal_(mean, std, generator=generator)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one value. Right for a bias; as weights it leaves every unit of a layer the same unit."""
    with torch.no_grad():
        return tensor.fill_(val)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones."""
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros."""
    return constant_(tensor, 0.0)


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Fill with draws from N(mean, std²), given that they lie in [a, b].

    The bounds are values, not multiples of std. Cutting the tails lowers the variance: at ±2 std the
    standard deviation that is left is 0.88 std.

    A probability drawn evenly between Φ(low) and Φ(high) is mapped back by Φ⁻¹ (Devroye 1986, "Non-Uniform
    Random Variate Generation", II.2). Warns when the mean is more than 2 std outside [a, b]. Raises
    RuntimeError where a > b, std is negative, or a number is NaN or an infinite mean or std, and, as torch
    does, ZeroDivisionError where std is 0.
    """
    if not tensor.is_floating_point():
        raise NotImplementedError(f"trunc_normal_ is not implemented for {tensor.dtype}: use a float dtype")
    if not (a <= b and 0 < std < math.inf and math.isfinite(mean)):  # of NaN, no comparison holds
        error = ZeroDivisionError if std == 0 else RuntimeError
        raise error(
            "trunc_normal_ expects a finite mean, a finite std > 0 and bounds a <= b, "
            f"but found {mean=}, {std=}, {a=}, {b=}"
        )
    if tensor.is_meta:
        return tensor
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. "
            "The distribution of values may be incorrect.",
            stacklevel=2,
        )
    low, high = (a - mean) / std, (b - mean) / std
    # The logarithm of the density changes by less than this from one bound to the other.
    flat = (high - low) * max(abs(low), abs(high), 1.0) < 1e-6
    # Far to the right of the mean Φ rounds to 1, far to the left it stays exact: sample the mirror image.
    mirrored = low + high > 0
    if mirrored:
        low, high = -high, -low
    with torch.no_grad():
        # Φ⁻¹ needs float64 to reach the tails; Apple's GPUs have none.
        dtype = torch.float32 if tensor.device.type == "mps" else torch.float64
        p = torch.empty_like(tensor, dtype=dtype)
        if flat:  # Φ(low) and Φ(high) have hardly a digit that differs
            return tensor.copy_(p.uniform_(a, b, generator=generator).clamp_(a, b))
        p.uniform_(_normal_cdf(low), _normal_cdf(high), generator=generator)
        z = torch.special.ndtri(p.clamp_(min=torch.finfo(dtype).tiny))  # Φ⁻¹(0) would be -inf
        x = mean - std * z if mirrored else mean + std * z
        return tensor.copy_(x.clamp_(a, b))


def _normal_cdf(z: float) -> float:
    """Φ(z), the share of N(0, 1) below z; by erfc, as 1 + erf loses every digit of a left tail."""
    return math.erfc(-z / math.sqrt(2)) / 2


def eye_(tensor: Tensor) -> Tensor:
    """Fill a matrix with the identity: `w @ x` is x, as far as the shape allows."""
    _expect_dimensions(tensor, {2}, "2")
    with torch.no_grad():
        tensor.zero_().diagonal().fill_(1)
    return tensor


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Fill a convolution's weight (3 to 5 dimensions) so that it hands its input on unchanged.

    The identity over channels at the kernel's centre and zero elsewhere; with `groups` > 1, once per group
    of output channels (Zagoruyko & Komodakis 2017, "DiracNets").
    """
    _expect_dimensions(tensor, {3, 4, 5}, "3, 4, or 5")
    out_channels = tensor.shape[0]
    if out_channels % groups != 0:
        raise ValueError(f"dim 0 must be divisible by groups, and {out_channels} is not by {groups}")
    centre = tuple(size // 2 for size in tensor.shape[2:])
    with torch.no_grad():
        tensor.zero_()
        channels = tensor[(..., *centre)]  # a view, (out, in)
        for group in channels.split(out_channels // groups):
            group.diagonal().fill_(1)
    return tensor


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> Tensor:
    """Fill a matrix with N(0, std²), then set ⌈sparsity · rows⌉ random entries of each column to zero.

    Fewer connections may each be larger (Martens 2010, "Deep learning via Hessian-free optimization").
    Martens limits the connections *into* a unit, which are a row of (out, in): pass `w.T` for that.
    """
    _expect_dimensions(tensor, {2}, "2")
    rows, columns = tensor.shape
    zeros = math.ceil(sparsity * rows)
    normal_(tensor, 0.0, std, generator)
    with torch.no_grad():
        for column in range(columns):
            chosen = torch.randperm(rows, generator=generator, device=tensor.device)[:zeros]
            tensor[chosen, column] = 0
    return tensor


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator | None = None) -> Tensor:
    """Fill with a random matrix whose rows (or columns, if they are fewer) are orthogonal and `gain` long.

    Every singular value is `gain`, so that a deep linear net neither stretches nor shrinks any direction
    (Saxe et al. 2014, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks"). Beyond two dimensions, all but the first are flattened: (out, in · kernel).
    """
    if tensor.dim() < 2:
        raise ValueError(
            f"Only tensors with 2 or more dimensions are supported, not shape {tuple(tensor.shape)}"
        )
    if tensor.numel() == 0:
        return tensor
    rows = tensor.shape[0]
    columns = tensor.numel() // rows
    z = normal_(tensor.new_empty(rows, columns), generator=generator)
    z = z.to(torch.promote_types(z.dtype, torch.float32))  # QR knows no half precision
    q, r = torch.linalg.qr(z if rows >= columns else z.T)
    # QR leaves the signs to its algorithm; R's diagonal made positive, Q is uniform over all rotations
    # and reflections (Mezzadri 2007, "How to generate random matrices from the classical compact groups").
    q = q * r.diagonal().sign()
    q = q if rows >= columns else q.T
    with torch.no_grad():
        return tensor.copy_(gain * q.reshape(tensor.shape))


def fans(tensor: Tensor) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight: how many products each output sums, and how many each input feeds.

    `(out, in)` gives (in, out); `(out, in, *kernel)` gives both times the kernel's size. A weight kept as
    `(in, out)`, for `x @ w`, or that of a transposed convolution, has the two swapped. Raises ValueError
    below 2 dimensions.
    """
    if tensor.dim() < 2:
        raise ValueError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions, "
            f"and this one has shape {tuple(tensor.shape)}: use zeros_, uniform_ or normal_ for a bias"
        )
    out_channels, in_channels, *kernel = tensor.shape
    return in_channels * math.prod(kernel), out_channels * math.prod(kernel)


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """What to multiply a weight's std by to make up for what the nonlinearity takes away.

    linear, conv{1,2,3}d, conv_transpose{1,2,3}d   1
    sigmoid      1
    tanh         5/3                  by experience: tanh shrinks what is not near 0
    relu         √2                   half of the mean square is gone (He et al. 2015, eq. 10)
    leaky_relu   √(2 / (1 + slope²))  the half below 0 keeps slope² (eq. 15); `param` is the slope, 0.01
    selu         3/4                  by experience; for self-normalizing nets, take "linear" (variance 1/n)
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"negative_slope {slope} not a valid number: give an int or a float")
        return math.sqrt(2 / (1 + slope**2))
    gains = dict.fromkeys(_LINEAR, 1.0) | {"sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4}
    if nonlinearity not in gains:
        raise ValueError(
            f"Unsupported nonlinearity {nonlinearity}: choose from leaky_relu, {', '.join(gains)}"
        )
    return gains[nonlinearity]


def _variance_scaling_(
    tensor: Tensor,
    fan: float,
    gain: float,
    distribution: Literal["normal", "uniform"],
    generator: Generator | None,
) -> Tensor:
    """Fill with mean 0 and variance gain² / fan; a scheme is a choice of fan and gain.

    An output sums fan_in products w·x, so its mean square is fan_in · Var(w) · E[x²]: variance 1/fan_in keeps
    it. On the way back an input's gradient sums fan_out products. The gain answers the nonlinearity.

                         fan                     gain               keeps
    LeCun                fan_in                  1                  activations of a linear layer
    Xavier               (fan_in + fan_out) / 2  1, or one's own    a compromise with gradients
    Kaiming, fan_in      fan_in                  √(2 / (1 + a²))    activations through a (leaky) ReLU
    Kaiming, fan_out     fan_out                 √(2 / (1 + a²))    gradients through a (leaky) ReLU
    nn.Linear's default  fan_in                  √(1/3), by a = √5  nothing: its bound is 1/√fan_in

    normal: N(0, std²), std = gain/√fan. uniform: U(−bound, bound) has variance bound²/3, so bound = √3 · std.
    """
    std = gain / math.sqrt(fan)
    if distribution == "normal":
        return normal_(tensor, 0.0, std, generator)
    bound = math.sqrt(3) * std
    return uniform_(tensor, -bound, bound, generator)


def lecun_normal_(tensor: Tensor, generator: Generator | None = None) -> Tensor:
    """N(0, 1/fan_in): a sum of fan_in unit inputs is a unit output (LeCun et al. 1998, "Efficient BackProp",
    §4.6). torch has no such function, and its default for nn.Linear has a third of this variance."""
    if _nothing_to_fill(tensor):
        return tensor
    fan_in, _ = fans(tensor)
    return _variance_scaling_(tensor, fan_in, 1.0, "normal", generator)


def lecun_uniform_(tensor: Tensor, generator: Generator | None = None) -> Tensor:
    """U(−√(3/fan_in), √(3/fan_in)), the variance of `lecun_normal_`."""
    if _nothing_to_fill(tensor):
        return tensor
    fan_in, _ = fans(tensor)
    return _variance_scaling_(tensor, fan_in, 1.0, "uniform", generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """N(0, gain² · 2 / (fan_in + fan_out)) (Glorot & Bengio 2010, "Understanding the difficulty of training
    deep feedforward neural networks", eq. 12)."""
    return _variance_scaling_(tensor, sum(fans(tensor)) / 2, gain, "normal", generator)


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """U(−bound, bound), bound = gain · √(6 / (fan_in + fan_out)) (Glorot & Bengio 2010, eq. 16)."""
    return _variance_scaling_(tensor, sum(fans(tensor)) / 2, gain, "uniform", generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """N(0, gain² / fan) (He et al. 2015, "Delving deep into rectifiers", eqs. 10 and 14).

    `mode` "fan_in" keeps the mean square of activations, "fan_out" that of gradients; `a` is the slope of
    leaky_relu below 0, and other nonlinearities ignore it.
    """
    if _nothing_to_fill(tensor):
        return tensor
    fan = _chosen_fan(tensor, mode)
    return _variance_scaling_(tensor, fan, calculate_gain(nonlinearity, a), "normal", generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """U(−bound, bound), bound = gain · √(3 / fan), the variance of `kaiming_normal_`."""
    if _nothing_to_fill(tensor):
        return tensor
    fan = _chosen_fan(tensor, mode)
    return _variance_scaling_(tensor, fan, calculate_gain(nonlinearity, a), "uniform", generator)


def _chosen_fan(tensor: Tensor, mode: str) -> int:
    mode = mode.lower()
    modes = ["fan_in", "fan_out"]
    if mode not in modes:
        raise ValueError(f"Mode {mode} not supported, please use one of {modes}")
    return fans(tensor)[modes.index(mode)]


def _nothing_to_fill(tensor: Tensor) -> bool:
    """Whether the tensor has no element; warns, in the name of the caller's caller, that nothing happens."""
    if 0 not in tensor.shape:
        return False
    warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
    return True


def _expect_dimensions(tensor: Tensor, allowed: set[int], spoken: str) -> None:
    if tensor.dim() not in allowed:
        raise ValueError(
            f"Only tensors with {spoken} dimensions are supported, not shape {tuple(tensor.shape)}"
        )


# Code written for torch.nn.init imports these, although they are private there.
_calculate_fan_in_and_fan_out = fans
_calculate_correct_fan = _chosen_fan
_no_grad_uniform_ = uniform_
_no_grad_normal_ = normal_
_no_grad_trunc_normal_ = trunc_normal_
_no_grad_fill_ = constant_
_no_grad_zero_ = zeros_

_P = ParamSpec("_P")


def _deprecated(init: Callable[_P, Tensor]) -> Callable[_P, Tensor]:
    """The function under the name it had before torch 0.4, without the underscore, and with a warning."""
    name = init.__name__
    old_name = name.removesuffix("_")

    def renamed(*args: _P.args, **kwargs: _P.kwargs) -> Tensor:
        warnings.warn(
            f"`nn.init.{old_name}` is now deprecated in favor of `nn.init.{name}`.",
            FutureWarning,
            stacklevel=2,
        )
        return init(*args, **kwargs)

    renamed.__name__ = renamed.__qualname__ = old_name
    renamed.__doc__ = f"Deprecated: use `{name}`."
    return renamed


constant = _deprecated(constant_)
dirac = _deprecated(dirac_)
eye = _deprecated(eye_)
kaiming_normal = _deprecated(kaiming_normal_)
kaiming_uniform = _deprecated(kaiming_uniform_)
normal = _deprecated(normal_)
orthogonal = _deprecated(orthogonal_)
sparse = _deprecated(sparse_)
uniform = _deprecated(uniform_)
xavier_normal = _deprecated(xavier_normal_)
xavier_uniform = _deprecated(xavier_uniform_)
