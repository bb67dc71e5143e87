"""How far the values of a curve go, reckoned as they come."""

from __future__ import annotations

import math
from collections.abc import Sequence


class Extent:
    """The outermost of the finite values so far."""

    def __init__(self) -> None:
        self.low = self.least_positive = math.inf
        self.high = -math.inf
        self.is_finite = self.is_whole = True
        """Whether all values are finite; whether those that are, are whole numbers."""

    def widen(self, values: Sequence[float]) -> None:
        if values and not math.isfinite(sum(values)):  # which large ones may come to, too
            finite = list(filter(math.isfinite, values))
            self.is_finite = self.is_finite and len(finite) == len(values)
            values = finite
        if not values:
            return
        self.low, self.high = min(self.low, min(values)), max(self.high, max(values))
        if self.low > 0:
            self.least_positive = self.low
        else:
            above = (value for value in values if value > 0)
            self.least_positive = min(self.least_positive, min(above, default=math.inf))
        self.is_whole = self.is_whole and all(map(float.is_integer, values))

    def ends(self, log: bool) -> list[float]:
        """The outermost of the values that an axis has a place for; none where there are none."""
        low = self.least_positive if log else self.low
        return [low, self.high] if low <= self.high else []
