"""What theory expects in the bins of a histogram."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import torch

from initplay.lab.events import Bins
from initplay.worker.binning import BINS
from initplay.worker.values import EventError

_SHARES = np.linspace(0, 1, BINS + 1)
"""Where the edges of a histogram's bins lie, from its low to its high."""
_HAIR = 1e-6
"""Of a bin: its lower edge is taken so much lower, that what lies at it is within, however it was rounded."""


def with_theory(bins: Bins, theory: Callable[[torch.Tensor], Any] | None, device: torch.device) -> Bins:
    if theory is None:
        return bins
    return msgspec.structs.replace(bins, theory=_expected(theory, bins, device))


def _expected(theory: Callable[[torch.Tensor], Any], bins: Bins, device: torch.device) -> list[float]:
    """The share that theory expects in each bin. A bin holds its lower edge, and the last one both.

    Theory is given the edges where the values are, for there it has made what it reckons with.
    """
    edges = bins.low * _SHARES[::-1] + bins.high * _SHARES
    edges = np.maximum.accumulate(edges)  # rounding must not turn back
    edges -= _HAIR * (bins.high / BINS - bins.low / BINS)
    edges[-1] = math.nextafter(bins.high, math.inf)  # what lies below it holds what lies at it
    try:
        below = torch.as_tensor(_below(theory, edges, device)).numpy(force=True).astype(float)
    except (AttributeError, TypeError, ValueError, RuntimeError) as error:
        reason = str(error).strip().split("\n")[0]
        raise EventError(
            f"Histogram's theory failed on a tensor of {len(edges)} values ({reason})"
        ) from error
    if below.shape != edges.shape:
        raise EventError(
            "Histogram's theory must give the share of the values that lies below each of those it is given, "
            f"so a tensor of shape {tuple(edges.shape)}, not {tuple(below.shape)}"
        )
    expected = below[1:] - below[:-1]
    if not bool(((expected >= -1e-9) & (expected <= 1 + 1e-9)).all()):  # NaN too is not
        raise EventError("Histogram's theory must give shares that rise from 0 to 1")
    return np.maximum(expected, 0).tolist()


def _below(theory: Callable[[torch.Tensor], Any], edges: np.ndarray, device: torch.device) -> Any:
    """The share that lies below each edge; in float64, but where the device has none."""
    if device.type == "cpu":
        return theory(torch.from_numpy(edges))
    with device:
        return theory(torch.from_numpy(edges).to(device, torch.float32 if device.type == "mps" else None))
