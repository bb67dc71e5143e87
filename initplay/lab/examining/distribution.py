"""Which distribution a weight's values look as if they came from, by likelihood, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import torch
from torch import Tensor

from initplay.lab.examining.sizes import size_of

Kind = Literal[
    "empty", "broken", "few", "constant", "identity", "orthogonal", "uniform", "normal", "truncated", "other"
]

FEWEST = 3
"""Values that tell anything of what they were drawn from."""
MOST_VALUES = 2**16
"""Of a larger weight so many are drawn: a std is then known to 0.28 %."""
_FOR_SHAPE = 5_000
"""Values that are counted for the distance between the values' distribution and the one they look like."""
_PLACES = 512
"""Where that distance is looked at."""
_FAR = 2.2
"""Of √n · D, Kolmogorov's distance: beyond it one draw in 8,000 lies."""
_CUT = 2.0
"""Where a truncated normal is cut off, in its own stds: as timm, Keras and Flax do."""
_STD_OF_CUT = 0.87962566
"""The std of N(0, 1) cut off at ±2."""
_SPARSE = 0.05


@dataclass(frozen=True)
class Distribution:
    """What the values of one tensor look like."""

    kind: Kind
    n: int
    """How many values it was read off."""
    mean: float = 0.0
    """0 where it does not differ from 0 by more than chance."""
    std: float = 0.0
    """For orthogonal weights the length of a row: their gain."""
    reach: float = 0.0
    """The furthest from the mean that a value lies."""
    kurtosis: float = 0.0
    sure: float = 1.0
    grain: float = 0.0
    """How far its precision may have rounded a value, relative to it."""
    zeros: float = 0.0
    """The share of exact zeros, where that is more than chance; the rest was drawn from `kind`."""

    @property
    def standard_error(self) -> float:
        """Of the estimate of the scale, relative to it: of a uniform's bound 1/n, else √((κ − 1) / 4n)."""
        if self.kind == "uniform":
            return 1 / max(self.n, 1)
        return math.sqrt(max(self.kurtosis - 1, 0.1) / (4 * max(self.n, 1)))


def distribution_of(weight: Tensor) -> Distribution:
    """What a weight's values look like; a weight of fewer than two dimensions is never orthogonal."""
    weight = weight.detach()
    if weight.layout is not torch.strided:
        weight = weight.to_dense()
    if weight.is_complex():
        return _of_complex(torch.view_as_real(weight.resolve_conj()).flatten())
    n = weight.numel()
    if n == 0:
        return Distribution("empty", 0)
    if not math.isfinite(size_of(weight)):  # of all of it: of a wide one the values are a few
        return Distribution("broken", n)
    values = _some_of(weight)
    low, high = (end.item() for end in values.aminmax())
    if low == high and (n > 1 or low in (0, 1)):  # which no dice give, and of others one number may be one
        return Distribution("constant", n, mean=low)
    if n < FEWEST:
        return Distribution("few", n)
    structure = _structure(weight, values)
    if structure:
        return structure
    zeros = 1 - torch.count_nonzero(values).item() / values.numel()
    if zeros > _SPARSE:
        values = values[values != 0]
    grain = torch.finfo(weight.dtype).eps if weight.is_floating_point() else 0.0
    return replace(_drawn(values), zeros=zeros if zeros > _SPARSE else 0.0, grain=grain)


def _of_complex(parts: Tensor) -> Distribution:
    """By real and imaginary parts. torch's uniform_ draws each of the two up to the bound, and its normal_ of
    a std draws numbers of which that is the root of E|z|²: √2 times the std of a part."""
    found = distribution_of(parts)
    if found.kind not in ("normal", "truncated") or found.mean:
        return found
    return replace(found, std=math.sqrt(2) * found.std, reach=math.sqrt(2) * found.reach)


def _some_of(weight: Tensor) -> Tensor:
    """At most MOST_VALUES of them on the CPU in float64, drawn by a generator of their own."""
    flat = weight.reshape(-1)
    if flat.numel() > MOST_VALUES:
        flat = flat[_places(flat.numel()).to(flat.device)]
    return flat.to("cpu", torch.float32).double()


@lru_cache(maxsize=4)
def _places(count: int) -> Tensor:
    """Where to look among so many, the same each time; weights of one size are many in most nets."""
    dice = torch.Generator().manual_seed(0)
    return torch.randint(count, (MOST_VALUES,), generator=dice, device="cpu")


def _structure(weight: Tensor, values: Tensor) -> Distribution | None:
    """Identity and orthogonal matrices: seen in the rows, not in the values."""
    if weight.dim() < 2 or min(weight.shape) < 1:
        return None
    rows, columns = weight.shape[0], weight.numel() // weight.shape[0]
    if min(rows, columns) < 2:
        return None
    matrix = weight.reshape(rows, columns)
    matrix = matrix if rows <= columns else matrix.T
    few = _orthogonal(matrix[:8], weight.dtype)  # of nearly all weights these tell
    found = few and _orthogonal(matrix[:64], weight.dtype)
    if not found:
        return None
    gain, alone = found
    return Distribution(
        "identity" if alone else "orthogonal",
        weight.numel(),
        std=gain,
        kurtosis=3,
        reach=values.abs().max().item(),
    )


def _orthogonal(rows: Tensor, dtype: torch.dtype) -> tuple[float, bool] | None:
    """The length of the rows, and whether each has one entry alone; None where they are not orthogonal, or
    of several lengths."""
    some = rows.to("cpu", torch.float32).double()
    products = some @ some.T
    lengths = products.diagonal()
    length = lengths.mean().item()
    tolerance = 2e-3 if dtype in (torch.float32, torch.float64) else 3e-2
    off = products - torch.diag(lengths)
    if length == 0 or max(off.abs().max().item(), (lengths - length).abs().max().item()) > tolerance * length:
        return None
    return math.sqrt(length), (some != 0).sum(1).max().item() == 1


def _drawn(values: Tensor) -> Distribution:
    n = values.numel()
    mean = values.mean().item()
    squares = (values - mean).square_()
    std = math.sqrt(squares.mean().item())
    if std == 0:
        return Distribution("constant", n, mean=values[0].item())
    kurtosis = squares.square_().mean().item() / std**4
    if abs(mean) < 5 * std / math.sqrt(n):
        mean = 0.0
    low, high = (end.item() for end in values.aminmax())
    reach = max(high - mean, mean - low)
    chances = _chances(n, std, reach)
    kind = max(chances, key=lambda one: chances[one])
    found = Distribution(kind, n, mean, std, reach, kurtosis, chances[kind])
    return found if _fits(values[:_FOR_SHAPE] - mean, found) else replace(found, kind="other", sure=0.0)


def _chances(n: int, std: float, reach: float) -> dict[Kind, float]:
    """How likely each distribution is, where all three were so before one saw the values."""
    cut = std / _STD_OF_CUT
    logs: dict[Kind, float] = {
        "normal": -n * (math.log(std) + math.log(2 * math.pi) / 2 + 0.5),
        "uniform": -n * math.log(2 * reach),
        "truncated": -n * (math.log(cut) + math.log(2 * math.pi) / 2 + math.log(0.9544997))
        - n * std**2 / (2 * cut**2)
        if reach <= _CUT * cut * (1 + 3 / math.sqrt(n))
        else -math.inf,
    }
    logs["truncated"] -= 7  # much rarer than the other two
    best = max(logs.values())
    shares: dict[Kind, float] = {kind: math.exp(log - best) for kind, log in logs.items()}
    total = sum(shares.values())
    return {kind: share / total for kind, share in shares.items()}


def _fits(centred: Tensor, found: Distribution) -> bool:
    """Whether the values' distribution is as near to the one found as chance allows."""
    n = centred.numel()
    if found.kind == "uniform":
        below = (centred / found.reach + 1) / 2
    else:
        cut = found.kind == "truncated"
        below = torch.special.ndtr(centred / (found.std / _STD_OF_CUT if cut else found.std))
        if cut:
            below = (below - 0.02275013) / 0.9544997
    # Were it so, these were spread evenly from 0 to 1. Counting takes a tenth of the time of sorting them.
    shares = torch.histc(below.clamp(0, 1), _PLACES, 0, 1).cumsum(0) / n
    even = torch.arange(1, _PLACES + 1, dtype=torch.float64, device="cpu") / _PLACES
    return (shares - even).abs().max().item() * math.sqrt(n) < _FAR
