"""Distributions to hold a histogram against: functions from values to the share of all values below each.

The share within a bin is the difference of two, which is exact where a density has a jump, and finite where
it has a spike.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

Distribution = Callable[[Tensor], Tensor]
"""From values, of any shape, to the share of all values that lies below each."""


def normal(mean: float = 0.0, std: float = 1.0) -> Distribution:
    """The bell: ½ (1 + erf((x - mean) / (std √2))). Raises ValueError unless std > 0."""
    mean, std = _finite(mean, "mean"), _width(std, "std")
    return lambda x: torch.special.ndtr((x - mean) / std)


def uniform(low: float, high: float) -> Distribution:
    """The same everywhere from low to high, and nothing beyond. Raises ValueError unless low < high."""
    low = _finite(low, "low")
    width = _width(high - low, "high - low")
    return lambda x: ((x - low) / width).clamp(0, 1)


def rectified(before: Distribution) -> Distribution:
    """What a ReLU makes of a distribution: all that was below 0 lies at 0, and the rest stays."""
    return lambda x: torch.where(x > 0, before(x), 0)


def _finite(value: float, name: str) -> float:
    value = float(value)
    if not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number, not {value}")
    return value


def _width(value: float, name: str) -> float:
    if not _finite(value, name) > 0:
        raise ValueError(f"{name} must be above 0, not {float(value)}")
    return float(value)
