"""One checking of a text: what was found so far, and how it is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from initplay.engine.running import Running
from initplay.lab.events import Check, Ending, Failed, Finished, Printed, Recorded
from initplay.ui.bench.stopwatch import Stopwatch
from initplay.words.numbers import duration

LONG = 1.0
"""Seconds after which it is said how long it goes on."""
CUT = "…\n"
"""In place of what is left out."""
STOPS = "esc stops it, and leaves"
SIGNS = {"checking": "…", "passed": "✓", "missed": "✗", "failed": "✗", "stopped": "■"}
MOST_PRINTED = 20_000
"""Characters that are kept of what the code printed: the last ones."""


@dataclass(eq=False)
class Verdict:
    """Of one text; it is complete once there is an ending."""

    text: str
    watch: Stopwatch = field(default_factory=Stopwatch)
    running: Running | None = None
    """Where it is stopped; None once it has ended."""
    checks: list[Check] = field(default_factory=list)
    printed: str = ""
    """Begins with a line `…` where its start is left out."""
    ending: Ending | None = None
    has_led: bool = False
    """Whether the cursor was put where something is left to be filled in: once, when the verdict came."""

    def take(self, events: Sequence[Recorded]) -> None:
        for event in events:
            if isinstance(event, Check):
                self.checks.append(event)
            elif isinstance(event, Printed):
                self.printed = _newest(self.printed + event.text)
            elif isinstance(event, Ending):
                self.ending, self.running = event, None
                self.watch.stop()

    def stop(self) -> None:
        if self.running is not None:
            self.running.stop()

    @property
    def state(self) -> str:
        """ "checking", "passed", "missed", "failed" where it could not be checked, or "stopped"."""
        if self.ending is None:
            return "checking"
        if isinstance(self.ending, Finished):
            return "passed" if self.checks and self._passed == len(self.checks) else "missed"
        return "failed" if isinstance(self.ending, Failed) else "stopped"

    @property
    def failures(self) -> list[Check]:
        """Those that did not pass of themselves."""
        return [check for check in self.checks if check.failed]

    @property
    def _passed(self) -> int:
        return sum(check.passed for check in self.checks)

    @property
    def line(self) -> int | None:
        """The line of the text, counted from 1, at which it could not be run."""
        return self.ending.line if isinstance(self.ending, Failed) else None

    @property
    def headline(self) -> str:
        """How it stands, in a few words."""
        return f"{SIGNS[self.state]} {self._words()}"

    @property
    def count(self) -> str:
        """`4 of 6 checks pass`, `3 of 6 checks pass, 1 not reached`"""
        unreached = sum(not check.reached for check in self.checks)
        rest = f", {unreached} not reached" if unreached else ""
        return f"{self._passed} of {len(self.checks)} checks pass{rest}"

    def _words(self) -> str:
        if self.state == "checking":
            so_far = self.watch.seconds
            return "checking" + (f", {duration(so_far)} so far · {STOPS}" if so_far >= LONG else "")
        if self.state == "passed":
            return f"all {len(self.checks)} checks pass"
        if self.state == "missed":
            return self.count
        return "it cannot be run" if self.state == "failed" else "stopped"


def _newest(printed: str) -> str:
    """The last whole lines of it, or the end of one that is longer, with a sign that there was more."""
    if len(printed) <= MOST_PRINTED:
        return printed
    first, end, rest = printed[-MOST_PRINTED + len(CUT) :].partition("\n")
    return CUT + (rest if end and rest else first + end)
