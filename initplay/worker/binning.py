"""Counting a tensor's values into equal bins, with NaN and the infinities counted apart."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import torch

BINS = 60

Fields = dict[str, Any]
"""The fields of `Bins` but for its chart and position."""
Counted = tuple[list[torch.Tensor], Callable[[list[list[Any]]], Fields]]
"""Small one-dimensional tensors, and what makes fields of them once they have been fetched as lists."""

_WITHIN_A_CACHE = 2**15
"""Values at a time; also few enough that torch calls no other thread to help. `torch.histc` always does, and
waits 8 ms for it when every core is busy, as against 15 us here."""


def bin_values(values: torch.Tensor, edges: tuple[float, float] | None) -> Counted:
    """Count values into `BINS` equal bins between `edges`, or between the least and the greatest of them.

    `values` is one-dimensional, of float32 or float64.
    On an accelerator nothing here waits for the device. On the CPU looking at the extremes first is what
    makes the common case, all finite, cheap.
    """
    if values.numel() == 0:
        low, high = edges or (0.0, 1.0)
        return [], lambda _: {"low": low, "high": high, "counts": [0] * BINS}
    count = _on_cpu if values.device.type == "cpu" else _on_device
    if not edges:
        return count(values, None)
    low, high = edges
    parts, build = count(values, (_rounded(low, values.dtype), _rounded(high, values.dtype)))
    return parts, lambda lists: {**build(lists), "low": low, "high": high}


def _on_cpu(values: torch.Tensor, edges: tuple[float, float] | None) -> Counted:
    least, greatest = (extreme.item() for extreme in values.aminmax())
    fields: Fields = {}
    if not (math.isfinite(least) and math.isfinite(greatest)):
        fields = {
            "nan": int(values.isnan().sum()),
            "posinf": int((values == math.inf).sum()),
            "neginf": int((values == -math.inf).sum()),
        }
        values = values[values.isfinite()]
        least, greatest = (extreme.item() for extreme in values.aminmax()) if len(values) else (0.0, 0.0)
    low, high = edges or _apart(least, greatest)
    if edges:
        below, above = values < low, values > high
        fields |= {"below": int(below.sum()), "above": int(above.sum())}
        values = values[~(below | above)]
    fields |= {"low": low, "high": high}
    if low == high or (least == greatest and not edges):
        return [], lambda _: {**fields, "counts": _middle(values.numel())}
    if not 1e-30 < high - low < 1e38:  # float32 cannot hold the width of such bins
        largest = max(abs(low), abs(high))
        values, low, high = values.double() / largest, low / largest, high / largest
    scale = BINS / (high - low)
    counts = torch.zeros(BINS, dtype=torch.long, device="cpu")
    for part in values.split(_WITHIN_A_CACHE):
        bins = part.sub(low).mul_(scale).int().clamp_(0, BINS - 1)
        counts += torch.bincount(bins, minlength=BINS)
    return [counts], lambda lists: {**fields, "counts": lists[0]}


def _on_device(values: torch.Tensor, edges: tuple[float, float] | None) -> Counted:
    finite = values.isfinite()
    if edges:
        low, high = values.new_tensor(edges[0]), values.new_tensor(edges[1])
    else:
        low = torch.where(finite, values, math.inf).amin()
        high = torch.where(finite, values, -math.inf).amax()
    # Halved first, for the difference of two large floats can be infinite.
    width = high / 2 - low / 2
    share = (values / 2 - low / 2) / torch.where(width > 0, width, 1)
    below, above = finite & (values < low), finite & (values > high)
    inside = finite & ~below & ~above
    bins = torch.where(inside, share * BINS, BINS).clamp(0, BINS).long()
    # The greatest value belongs to the last bin; everything not inside goes to one bin more, dropped below.
    bins = torch.where(inside, bins.clamp(max=BINS - 1), BINS)
    counts = torch.zeros(BINS + 1, dtype=torch.long, device=values.device)
    counts.scatter_add_(0, bins, torch.ones_like(bins))
    others = torch.stack(
        [
            below.sum(),
            above.sum(),
            values.isnan().sum(),
            (values == math.inf).sum(),
            (values == -math.inf).sum(),
        ]
    )

    def fields(lists: list[list[Any]]) -> Fields:
        counted, (under, over, nan, posinf, neginf), (least, greatest) = lists
        counted = counted[:BINS]
        if least > greatest:  # nothing finite
            least = greatest = 0.0
        if least == greatest:
            counted = _middle(sum(counted))
        lowest, highest = edges or _apart(least, greatest)
        return {
            "low": lowest,
            "high": highest,
            "counts": counted,
            "below": under,
            "above": over,
            "nan": nan,
            "posinf": posinf,
            "neginf": neginf,
        }

    return [counts, others, torch.stack([low, high])], fields


def _apart(least: float, greatest: float) -> tuple[float, float]:
    """Edges that are apart even when all values are the same, with those values between them."""
    if least < greatest:
        return least, greatest
    margin = abs(least) / 2 or 0.5
    farthest = sys.float_info.max
    return max(least - margin, -farthest), min(greatest + margin, farthest)


def _rounded(edge: float, dtype: torch.dtype) -> float:
    """The edge as the values' own type holds it, so that each is on the same side of it throughout."""
    farthest = torch.finfo(dtype).max
    return torch.tensor(min(max(edge, -farthest), farthest), dtype=dtype, device="cpu").item()


def _middle(count: int) -> list[int]:
    """All in the one bin that holds values which are all the same."""
    return [0] * (BINS // 2) + [count] + [0] * (BINS - BINS // 2 - 1)
