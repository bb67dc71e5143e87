"""The value that parts the settings of a map, among its shades."""

from __future__ import annotations

from functools import lru_cache

from initplay.lab.events import SHADES_FROM


@lru_cache(maxsize=16)
def first_shade_at(level: float, low: float, high: float, log: bool) -> int:
    """The lowest of the shades from `SHADES_FROM` (for `low`) to 255 (for `high`) that stands for the level
    or more; 256 where none does. Whoever shades a value takes one on the value's side of it, so that who
    draws the map can tell by the shade alone."""
    if low >= level:
        return SHADES_FROM
    if high < level:
        return 256
    inner = range(SHADES_FROM + 1, 255)
    return next((shade for shade in inner if _value(shade, low, high, log) >= level), 255)


def _value(shade: int, low: float, high: float, log: bool) -> float:
    share = (shade - SHADES_FROM) / (255 - SHADES_FROM)
    return low * (high / low) ** share if log else low + share * (high - low)
