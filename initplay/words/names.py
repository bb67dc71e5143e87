"""How the names of a program stand in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def spelled(name: str) -> str:
    """`final_std` as it is read: final std."""
    return name.replace("_", " ")


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
