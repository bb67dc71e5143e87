"""The values of a picture as shades: a byte each, between the least and the greatest."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

Shades = tuple[float, float, bytes, int]
"""The least and the greatest finite value, a byte for each value, from the one to the other, and how many are
not finite."""


def shades(values: np.ndarray) -> Shades:
    """By numpy, whose calls cost a third of torch's."""
    finite = np.isfinite(values)
    bad = finite.size - int(np.count_nonzero(finite))
    if bad == finite.size:
        return 0.0, 0.0, bytes(finite.size), bad
    low, high = (values[finite].min(), values[finite].max()) if bad else (values.min(), values.max())
    if bad:
        values = np.where(finite, values, low)
    half = high / 2 - low / 2  # halved first, for the difference of two large floats can be infinite
    pixels = np.rint((values / 2 - low / 2) / (half if half > 0 else 1) * 255).astype(np.uint8)
    return float(low), float(high), pixels.tobytes(), bad


def shade_on_device(values: torch.Tensor) -> tuple[list[torch.Tensor], Callable[[list[list[Any]]], Shades]]:
    """The same where nothing is waited for: what is to be fetched, and what makes the shades of it then."""
    finite = values.isfinite()
    low = torch.where(finite, values, math.inf).amin()
    high = torch.where(finite, values, -math.inf).amax()
    half = high / 2 - low / 2  # 0 also where the difference is the least that there is
    shaded = ((values / 2 - low / 2) / torch.where(half > 0, half, 1) * 255).round()
    pixels = torch.where(finite, shaded, 0).to(torch.uint8)

    def read(lists: list[list[Any]]) -> Shades:
        bytes_, (lowest, highest), (bad,) = lists
        if lowest > highest:  # nothing finite
            lowest = highest = 0.0
        return lowest, highest, bytes(bytes_), int(bad)

    return [pixels, torch.stack([low, high]), (~finite).sum().reshape(1)], read
