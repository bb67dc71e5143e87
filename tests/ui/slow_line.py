"""A terminal at the end of a slow line: it takes two frames a second, and the rest are left out.

Most of what a playground under a Pilot computed were frames that nobody looked at. What a test reads from the
screen is drawn when it reads it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from textual.drivers.headless_driver import HeadlessDriver

BETWEEN_FRAMES = 0.5
"""Seconds."""


class SlowLine:
    """As `initplay.ui.terminal.output.Output` is for a driver, without a terminal."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._free_at = self._loop.time()
        self.when_taken: Callable[[], object] | None = None

    @property
    def busy(self) -> bool:
        """Whether the last frame is still on its way; if not, the next one is now."""
        if self._loop.time() < self._free_at:
            return True
        self._free_at = self._loop.time() + BETWEEN_FRAMES
        self._loop.call_at(self._free_at, self._take)
        return False

    def _take(self) -> None:
        if self.when_taken is not None:
            self.when_taken()


def paint_over_a_slow_line(monkeypatch: pytest.MonkeyPatch) -> None:
    start = HeadlessDriver.start_application_mode

    def start_over_a_slow_line(driver: HeadlessDriver) -> None:
        driver.output = SlowLine()  # type: ignore[attr-defined]
        start(driver)

    monkeypatch.setattr(HeadlessDriver, "start_application_mode", start_over_a_slow_line)
