"""The runs that a bench keeps, and which of them it lets go: their recordings may be large."""

from __future__ import annotations

from collections.abc import Iterator

from initplay.ui.bench.attempt import Attempt

MAX_ATTEMPTS = 20
MAX_PINNED = 4
MAX_BYTES = 64 * 2**20
"""Of all recordings together, roughly."""


class Kept:
    """The latest attempts, and those that are pinned to stay behind the next ones."""

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []
        """Oldest first."""
        self.pinned: list[Attempt] = []
        """The latest pin last."""
        self.begun = 0
        """How many there were in all; the number of the latest."""
        self.says = ""
        """Which runs the last `trim` let go for want of room, in a sentence."""

    @property
    def in_words(self) -> str:
        """`runs 20 of 23`: how many are kept, and of how many where some had to go."""
        count = len(self.attempts)
        of = f" of {self.begun}" if self.begun > count else ""
        return f"runs {count}{of}" if count else "runs"

    @property
    def size(self) -> int:
        """Bytes of all recordings, roughly."""
        return sum(attempt.run.size for attempt in {*self.attempts, *self.pinned})

    @property
    def all(self) -> list[Attempt]:
        """The latest and the pinned ones, oldest first."""
        return sorted({*self.attempts, *self.pinned}, key=lambda attempt: attempt.number)

    def put_before(self, earlier: Kept) -> None:
        """Put runs of an earlier visit before those of this one, which are numbered on from there."""
        for attempt in self.all:
            attempt.number += earlier.begun
        self.begun += earlier.begun
        self.attempts = [*earlier.attempts, *self.attempts][-MAX_ATTEMPTS:]
        self.pinned = [*earlier.pinned, *self.pinned][-MAX_PINNED:]

    def add(self, attempt: Attempt) -> None:
        self.begun = attempt.number
        self.attempts = [*self.attempts, attempt][-MAX_ATTEMPTS:]

    def toggle_pin(self, attempt: Attempt) -> None:
        """Keep an attempt behind the next ones, or let it go."""
        if attempt in self.pinned:
            self.pinned.remove(attempt)
        else:
            self.pinned = [*self.pinned, attempt][-MAX_PINNED:]

    def trim(self, shown: Attempt | None) -> None:
        """Let go of the oldest until what is left has room, the pinned ones last; what is on the screen, what
        goes on and the latest stay."""
        size = self.size
        gone = []
        for attempt in list(self._dispensable(shown)):
            if size <= MAX_BYTES:
                break
            size -= attempt.run.size
            self.attempts = [other for other in self.attempts if other is not attempt]
            self.pinned = [other for other in self.pinned if other is not attempt]
            gone.append(attempt.label)
        self.says = _forgotten(gone) if gone else ""

    def _dispensable(self, shown: Attempt | None) -> Iterator[Attempt]:
        free = [one for one in self.attempts[:-1] if one is not shown and not one.live]
        yield from (one for one in free if one not in self.pinned)
        yield from (one for one in self.pinned if one is not shown and not one.live)


def _forgotten(labels: list[str]) -> str:
    verb = "is" if len(labels) == 1 else "are"
    words = f"{', '.join(labels)} {verb} forgotten".capitalize()
    return f"{words}: a bench keeps {MAX_BYTES // 2**20} MB of runs."
