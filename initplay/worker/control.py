"""How a running experiment is held, stepped, slowed and ended, always at a `yield`."""

from __future__ import annotations

import threading
from time import monotonic  # by name, for lessons may replace what time holds


class StopRun(Exception):
    """The run was asked to stop."""


class Control:
    """Set from the thread that reads commands, obeyed by the thread that runs the experiment."""

    def __init__(self, *, paused: bool = False, pace: float | None = None) -> None:
        self._changed = threading.Condition()
        self._paused = paused
        self._steps = 0
        """Moments that may still be gone through while paused."""
        self._pace = pace
        self._stopped = False
        self._moment_begun = False
        """Whether something of the step's moment has passed, so that the next moment ends the step."""
        self._last_moment = monotonic()
        self.held_seconds = 0.0
        """How long the run was held here, so that its own time can be told."""
        self.holds = self._is_in_the_way
        """Whether an event has to pass the gate: to ask is cheaper than to pass."""

    @property
    def _is_in_the_way(self) -> bool:
        return self._stopped or self._paused or bool(self._pace)

    def pause(self) -> None:
        with self._changed:
            self._paused, self._steps = True, 0
            self._tell()

    def resume(self) -> None:
        with self._changed:
            self._paused = self._moment_begun = False
            self._tell()

    def step(self) -> None:
        with self._changed:
            self._steps = self._steps + 1 if self._paused else 1
            self._paused = True
            self._tell()

    def slow(self, per_second: float | None) -> None:
        with self._changed:
            self._pace = per_second
            self._tell()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._tell()

    def _tell(self) -> None:
        self.holds = self._is_in_the_way
        self._changed.notify_all()

    def gate(self, *, new_moment: bool) -> None:
        """Wait here as long as the run is held; call it before each event, saying whether it begins a moment,
        as long as it `holds`.

        Raises StopRun once the run was asked to stop.
        """
        arrived = monotonic()
        with self._changed:
            if new_moment and self._moment_begun:
                self._steps = max(0, self._steps - 1)
                self._moment_begun = False
            while not self._may_pass(new_moment):
                self._changed.wait(self._until_due(new_moment))
            self._moment_begun = self._paused
            if new_moment:
                self._last_moment = monotonic()
        self.held_seconds += monotonic() - arrived
        if self._stopped:
            raise StopRun

    def _may_pass(self, new_moment: bool) -> bool:
        if self._stopped:
            return True
        if self._paused:
            return self._steps > 0
        return self._until_due(new_moment) is None

    def _until_due(self, new_moment: bool) -> float | None:
        """Seconds until slow motion lets the next moment pass; None when it would not hold this event."""
        if self._paused or not self._pace or not new_moment:
            return None
        remaining = self._last_moment + 1 / self._pace - monotonic()
        return remaining if remaining > 0 else None
