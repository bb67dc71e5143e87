"""Counts the time that a run really runs: not while it waits for torch, and not while it is held."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Seconds from some fixed moment."""


class Stopwatch:
    """Counts seconds from each start to the next stop."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._counted = 0.0
        self._since: float | None = None

    @property
    def seconds(self) -> float:
        return self._counted + (0.0 if self._since is None else self._clock() - self._since)

    def start(self) -> None:
        if self._since is None:
            self._since = self._clock()

    def stop(self) -> None:
        self._counted, self._since = self.seconds, None
