"""Counting a tensor's values into equal bins, with NaN and the infinities counted apart."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

BINS = 60

Fields = dict[str, Any]
"""The fields of `Bins` but for its chart and position."""
Counted = tuple[list[torch.Tensor], Callable[[list[list[Any]]], Fields]]
"""Small one-dimensional tensors, and what makes fields of them once they have been fetched as lists."""

_WITHIN_A_CACHE = 2**15
"""Values at a time. No other thread is asked for help, as `torch.histc` asks, which waits 8 ms for it when
every core is busy."""


_FARTHEST = float(np.finfo(np.float32).max)


def bin_values(values: torch.Tensor, edges: tuple[float, float] | None) -> Counted:
    """Count values into `BINS` equal bins between `edges`, or between the least and the greatest of them.

    `values` is one-dimensional, of float32 or float64.
    On an accelerator nothing here waits for the device.
    """
    if values.is_cpu:
        fields = count_values(values.numpy(force=True), edges)
        return [], lambda _: fields
    if values.numel() == 0:
        return [], lambda _: _none(edges)
    parts, build = _on_device(values, _held(edges, is_double=values.dtype == torch.float64))
    return parts, lambda lists: _between(build(lists), edges)


def count_values(values: np.ndarray, edges: tuple[float, float] | None) -> Fields:
    """The same of values on the CPU, at once.

    Looking at the extremes first is what makes the common case, all finite, cheap; and so does numpy, whose
    calls cost a third of torch's.
    """
    if values.size == 0:
        return _none(edges)
    return _between(_on_cpu(values, _held(edges, is_double=values.dtype == np.float64)), edges)


def _none(edges: tuple[float, float] | None) -> Fields:
    low, high = edges or (0.0, 1.0)
    return {"low": low, "high": high, "counts": [0] * BINS}


def _held(edges: tuple[float, float] | None, *, is_double: bool) -> tuple[float, float] | None:
    """The edges as the values' own type holds them, so that each value is on the same side throughout."""
    if edges is None or is_double:
        return edges
    low, high = (float(np.float32(min(max(edge, -_FARTHEST), _FARTHEST))) for edge in edges)
    return low, high


def _between(fields: Fields, edges: tuple[float, float] | None) -> Fields:
    """With the edges as they were asked for."""
    return fields if edges is None else {**fields, "low": edges[0], "high": edges[1]}


def _on_cpu(values: np.ndarray, edges: tuple[float, float] | None) -> Fields:
    least, greatest = _extremes(values)
    fields: Fields = {}
    if not (math.isfinite(least) and math.isfinite(greatest)):
        fields = {
            "nan": int(np.isnan(values).sum()),
            "posinf": int((values == math.inf).sum()),
            "neginf": int((values == -math.inf).sum()),
        }
        values = values[np.isfinite(values)]
        least, greatest = _extremes(values) if len(values) else (0.0, 0.0)
    low, high = edges or _apart(least, greatest)
    if least < low or greatest > high:
        below, above = values < low, values > high
        fields |= {"below": int(below.sum()), "above": int(above.sum())}
        values = values[~(below | above)]
    fields["low"], fields["high"] = low, high
    if low == high or (least == greatest and not edges):
        return {**fields, "counts": _middle(len(values))}
    if not 1e-30 < high - low < 1e38:  # float32 cannot hold the width of such bins
        largest = max(abs(low), abs(high))
        values, low, high = values.astype(np.float64) / largest, low / largest, high / largest
    counts = _counts(values[:_WITHIN_A_CACHE], low, high)
    for start in range(_WITHIN_A_CACHE, len(values), _WITHIN_A_CACHE):
        counts += _counts(values[start : start + _WITHIN_A_CACHE], low, high)
    fields["counts"] = in_bins = counts.tolist()
    at_high = in_bins.pop()
    in_bins[-1] += at_high
    return fields


def _extremes(values: np.ndarray) -> tuple[float, float]:
    """The least and the greatest, both NaN where one is. To find where they are takes numpy a quarter of the
    time that `min` and `max` take, for these go by way of Python."""
    return values.item(values.argmin()), values.item(values.argmax())


def _counts(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """How many of the values, all between `low` and `high`, lie in each bin; after the last, how many are
    `high` itself, or are rounded to it."""
    places = values - low
    places *= BINS / (high - low)
    return np.bincount(places.astype(np.intp), minlength=BINS + 1)


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


def _middle(count: int) -> list[int]:
    """All in the one bin that holds values which are all the same."""
    return [0] * (BINS // 2) + [count] + [0] * (BINS - BINS // 2 - 1)
