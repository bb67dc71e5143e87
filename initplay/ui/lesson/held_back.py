"""Which key is held back: one that would stop a run which has gone on for long, the first time."""

from __future__ import annotations

from collections.abc import Callable

from initplay.course.lesson import RunBlock
from initplay.ui.bench.session import Session
from initplay.words.numbers import duration

LONG_RUN = 10.0
"""Seconds that a run has gone on: from there on it is no small matter to wait for it again, and a slip of the
finger is not to end it."""


class HeldBack:
    """Remembers the key that was pressed last, if it would have stopped a long run and did not."""

    def __init__(self, session: Session, say: Callable[[str], None]) -> None:
        self._session = session
        self._say = say
        self.key = self.does = ""
        self.pressed = ""
        """The key that was pressed last, where it is one of several that do the same."""

    def holds(self, key: str, does: str) -> bool:
        """Whether a key that would stop a run is held back: once, if that has gone on for long, to say what
        would be lost."""
        going = self._session.going
        if going is None or going.watch.seconds < LONG_RUN or self.key == key:
            return False
        self.key, self.does = key, does
        so_far = duration(going.watch.seconds)
        self._say(f"{key} again stops the run, {so_far} so far, and {does}")
        return True

    def holds_to_step(self, key: str, run: RunBlock | None) -> bool:
        """Whether a key that opens a step with that run is held back, since a run that has gone on for long
        cannot go on there."""
        return self._session.ends_in(run) and self.holds(key, "turns there")

    def follow(self, key: str) -> None:
        """A key is pressed; any other one takes back what the last would have stopped."""
        self.pressed = key
        if key != self.key:
            self.key = ""
