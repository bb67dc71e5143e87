"""Weight initialization from scratch, under the names, signatures and errors of `torch.nn.init`.

    from initplay.lab import init                 # in place of: from torch.nn import init

Read from the top: how many numbers a unit sums (`fans`), what a nonlinearity takes away (`calculate_gain`,
`gain_of`), what follows for a weight (`_variance_scaling_`), and the six schemes that are a line each. Then
the plain fills, the orthogonal matrix, and what few nets need.

Every function fills the tensor it is given in place, records no gradient, and returns that tensor. A weight
is read as torch keeps it: `(out, in)` for a linear layer, `(out, in, *kernel)` for a convolution. With the
same seed the values are those of torch, but for `trunc_normal_`, which samples in another way.

Beyond torch: `fans` and `gain_of` are public, `lecun_normal_` and `lecun_uniform_` exist, `sparse_` takes its
zeros from `generator` too, `orthogonal_` fills float16, bfloat16 and non-contiguous tensors, and
`trunc_normal_` refuses a std below 0. The names that torch has deprecated are in `init_compat.py`.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Generator, Tensor

from initplay.lab.init_compat import by_old_name

# Those of torch's without an underscore at the end are deprecated, and come by `__getattr__`.
# ruff: noqa: F822
__all__ = [
    "calculate_gain",
    "constant",
    "constant_",
    "dirac",
    "dirac_",
    "eye",
    "eye_",
    "fans",
    "gain_of",
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


def fans(tensor: Tensor) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight: how many products each output sums, and how many each input feeds.

    `(out, in)` gives (in, out); `(out, in, *kernel)` gives both times the kernel's size. A weight kept as
    `(in, out)`, for `x @ w`, or that of a transposed convolution, has the two swapped.

    The shape does not show everything, and torch reads no more of it: in a convolution of g groups an input
    feeds only out / g channels, so that the fan_out given here is g times too large and `mode="fan_out"`
    draws weights √g too small; a stride divides what an input feeds once more. fan_in is right in both.

    Raises ValueError below 2 dimensions.
    """
    if tensor.dim() < 2:
        raise ValueError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions, "
            f"and this one has shape {tuple(tensor.shape)}: use zeros_, uniform_ or normal_ for a bias"
        )
    out_channels, in_channels, *kernel = tensor.shape
    return in_channels * math.prod(kernel), out_channels * math.prod(kernel)


_LINEAR = ["linear", *(f"conv{t}{n}d" for t in ("", "_transpose") for n in (1, 2, 3))]


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """What to multiply a weight's std by to make up for what the nonlinearity takes away: torch's table.

                                         torch               `gain_of` the function
    linear, conv and conv_transpose 1-3d 1                   1
    relu                                 √2                  √2     half of the mean square is gone
    leaky_relu                           √(2 / (1 + slope²)) same   the half below 0 keeps slope²
    tanh                                 5/3                 1.59   torch's by experience
    sigmoid                              1                   1.85   torch's by habit
    selu                                 3/4                 1      self-normalizing nets take "linear"

    He et al. 2015, eqs. 10 and 15. `param` is the slope, 0.01 where it is None. Raises ValueError for any
    other name.
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


def gain_of(f: Callable[[Tensor], Tensor]) -> float:
    """The gain that a nonlinearity calls for, derived: 1 / √E[f(z)²] for z from N(0, 1).

    Where the sums z of one layer have mean square 1, the next layer, which reads f(z), has that again if its
    weights have variance gain² / fan_in. √2 of relu, 1.593 of tanh, 1.534 of gelu, 1.846 of the sigmoid.

    `f` takes a float64 tensor and works on each entry by itself. The mean is a midpoint sum over ±12 stds:
    right to 1e-6 where f bends or jumps at a multiple of 1/10,000, as at 0. Raises ValueError where f(z)² has
    no mean, or the mean 0.
    """
    per_std, stds = 10_000, 12
    z = (torch.arange(2 * stds * per_std, dtype=torch.float64, device="cpu") + 0.5) / per_std - stds
    density = torch.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    with torch.no_grad():
        mean_square = (density * f(z).square()).sum().item() / per_std
    if not 0 < mean_square < math.inf:  # of NaN, no comparison holds
        raise ValueError(f"no gain brings f(z) to a mean square of 1: E[f(z)²] is {mean_square:g}")
    return 1 / math.sqrt(mean_square)


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
    return _by_one_fan_(tensor, "fan_in", "linear", 0, "normal", generator)


def lecun_uniform_(tensor: Tensor, generator: Generator | None = None) -> Tensor:
    """U(−√(3/fan_in), √(3/fan_in)), the variance of `lecun_normal_`."""
    return _by_one_fan_(tensor, "fan_in", "linear", 0, "uniform", generator)


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

    `mode` "fan_in" keeps the mean square of activations, "fan_out" that of gradients (see `fans` for grouped
    convolutions); `a` is the slope of leaky_relu below 0, and other nonlinearities ignore it.
    """
    return _by_one_fan_(tensor, mode, nonlinearity, a, "normal", generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """U(−bound, bound), bound = gain · √(3 / fan), the variance of `kaiming_normal_`."""
    return _by_one_fan_(tensor, mode, nonlinearity, a, "uniform", generator)


def _by_one_fan_(
    tensor: Tensor,
    mode: str,
    nonlinearity: str,
    a: float,
    distribution: Literal["normal", "uniform"],
    generator: Generator | None,
) -> Tensor:
    """LeCun and Kaiming: scaled by one of the two fans. Without an element there is nothing to fill, and a
    warning says so to the caller of the scheme."""
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
        return tensor
    fan = _chosen_fan(tensor, mode)
    return _variance_scaling_(tensor, fan, calculate_gain(nonlinearity, a), distribution, generator)


def _chosen_fan(tensor: Tensor, mode: str) -> int:
    mode = mode.lower()
    modes = ["fan_in", "fan_out"]
    if mode not in modes:
        raise ValueError(f"Mode {mode} not supported, please use one of {modes}")
    return fans(tensor)[modes.index(mode)]


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


def _expect_dimensions(tensor: Tensor, allowed: set[int], spoken: str) -> None:
    if tensor.dim() not in allowed:
        raise ValueError(
            f"Only tensors with {spoken} dimensions are supported, not shape {tuple(tensor.shape)}"
        )


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
    Random Variate Generation", II.2). Beyond 37 std, where Φ is too small for a float64, the tail is drawn as
    that of a Rayleigh distribution, whose density differs by less than 0.1 % there (Marsaglia 1964).

    Warns when the mean is more than 2 std outside [a, b]. Raises RuntimeError where a > b, std is negative, a
    number is NaN, or the mean, the std or both bounds on one side are infinite; and ZeroDivisionError, as
    torch does, where std is 0: then nothing is left to draw.
    """
    if not tensor.is_floating_point():
        raise NotImplementedError(f"trunc_normal_ is not implemented for {tensor.dtype}: use a float dtype")
    bounds = a <= b and a < math.inf and b > -math.inf  # of NaN, no comparison holds
    if not (bounds and 0 < std < math.inf and math.isfinite(mean)):
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
        smallest = torch.finfo(dtype).tiny
        p = torch.empty_like(tensor, dtype=dtype)
        if flat:  # Φ(low) and Φ(high) have hardly a digit that differs
            return tensor.copy_(p.uniform_(a, b, generator=generator).clamp_(a, b))
        if _normal_cdf(high) < 1e6 * smallest:  # below it Φ loses its digits, and soon is 0
            high = max(high, -1e150)  # further out it has no square, and all is the bound
            # exp(-z²/2), drawn evenly between its values at the bounds, as a share of that at the nearer one
            p.uniform_(math.exp((high - low) * (high + low) / 2), 1, generator=generator)
            z = -(high * high - 2 * p.clamp_(min=smallest).log()).sqrt()
        else:
            p.uniform_(_normal_cdf(low), _normal_cdf(high), generator=generator)
            z = torch.special.ndtri(p.clamp_(min=smallest))  # Φ⁻¹(0) would be -inf
        x = mean - std * z if mirrored else mean + std * z
        return tensor.copy_(x.clamp_(a, b))


def _normal_cdf(z: float) -> float:
    """Φ(z), the share of N(0, 1) below z; by erfc, as 1 + erf loses every digit of a left tail."""
    return math.erfc(-z / math.sqrt(2)) / 2


def __getattr__(name: str) -> Any:
    """The deprecated and the private names of torch.nn.init: code written for that imports them still."""
    return by_old_name(name, globals())
