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
    ending: Ending | None = None

    def take(self, events: Sequence[Recorded]) -> None:
        for event in events:
            if isinstance(event, Check):
                self.checks.append(event)
            elif isinstance(event, Printed):
                self.printed = (self.printed + event.text)[-MOST_PRINTED:]
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
            return "passed" if self.checks and not self.failures else "missed"
        return "failed" if isinstance(self.ending, Failed) else "stopped"

    @property
    def failures(self) -> list[Check]:
        return [check for check in self.checks if not check.passed]

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
        """`4 of 6 checks pass`"""
        return f"{len(self.checks) - len(self.failures)} of {len(self.checks)} checks pass"

    def _words(self) -> str:
        if self.state == "checking":
            so_far = self.watch.seconds
            return "checking" + (f", {duration(so_far)} so far" if so_far >= LONG else "")
        if self.state == "passed":
            return f"all {len(self.checks)} checks pass"
        if self.state == "missed":
            return self.count
        return "it cannot be run" if self.state == "failed" else "stopped"
