"""The keys of the screens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class KeyHelp:
    """A key, what it does in words, and doing it."""

    key: str
    words: str
    do: Callable[[], Awaitable[object]]
