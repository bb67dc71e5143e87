"""What stands on the screen of a program in a terminal, and pressing keys by it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pyte

from benchmarks.figures import Unmeasured
from benchmarks.terminal import Terminal

GLANCE = 0.01
"""Seconds of one look at the terminal."""
RESTS_AFTER = 20
"""So many glances in a row in which nothing is painted and the program sleeps. On a busy machine they take
longer, and a program that has something left to do waits for a processor, and does not sleep."""
PATIENCE = 60.0
"""Seconds for the answer to a key."""
_NOT_PAINTED = re.compile(rb"\x1b\[[<>=][\d;]*[a-zA-Z]|\x1b\[\?[\d;]*\$p|\x1b\[\?u")
"""Questions to the terminal and key protocols, which pyte would print as text."""


class Painted:
    """The screen, row by row, as far as it was taken from the terminal."""

    def __init__(self, opened: Terminal, columns: int, rows: int) -> None:
        self._opened = opened
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.rows: list[str] = []

    @property
    def text(self) -> str:
        return "\n".join(self.rows)

    def wait_for(self, true: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
        until = time.perf_counter() + patience
        while not true():
            if (left := until - time.perf_counter()) <= 0:
                raise Unmeasured(f"No {what} in {patience:.0f} s; the screen shows:\n{self.text}")
            self._take(left)

    def press(self, key: str) -> None:
        """Press it, and wait until what comes of it stands there."""
        before = self.text
        self._opened.press(key)
        self.wait_for(lambda: self.text != before, f"answer to {key!r}")
        self.rest()

    def rest(self, patience: float = PATIENCE) -> None:
        """Wait until the program has nothing left to paint, or goes on by itself for long, as a run does."""
        until, quiet = time.perf_counter() + patience, 0
        while quiet < RESTS_AFTER and time.perf_counter() < until:
            before = self.text  # a cursor that blinks changes none
            self._take(GLANCE)
            quiet = quiet + 1 if self.text == before and self._opened.sleeps else 0

    def _take(self, patience: float) -> None:
        if next(self._opened.paintings(patience), None) is not None:
            self._stream.feed(_NOT_PAINTED.sub(b"", bytes(self._opened.output)))
            self._opened.forget()
            self.rows = list(self._screen.display)
