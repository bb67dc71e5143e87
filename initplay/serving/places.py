"""So many places, and a line of those who wait for one. Moments are handed in, in seconds of one clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

HELD = 20.0
"""Seconds for which a place is held for somebody who was told to come."""
PATIENCE = 12.0
"""Seconds after which one who no longer asks has left the line."""
LONGEST_LINE = 500

Who = TypeVar("Who")


class Places(Generic[Who]):
    """At most `most` are in at once; others come in the order in which they asked first."""

    def __init__(
        self, most: int, each: int | None = None, whose: Callable[[Who], object] = lambda who: who
    ) -> None:
        """At most `each` of those that have the same `whose` are in, or wait."""
        self._most = most
        self._each = most if each is None else each
        self._whose = whose
        self._taken: set[Who] = set()
        self._held: dict[Who, float] = {}
        """Until when."""
        self._line: dict[Who, float] = {}
        """When they asked last; in the order in which they came."""

    def ask(self, who: Who, now: float) -> int:
        """0 where there is a place, which is held for them; else where in the line they are."""
        if who in self._taken:
            return 0
        self._forget(now)
        if self._has_enough(who):
            return LONGEST_LINE + 1
        if who not in self._held and (who in self._line or len(self._line) < LONGEST_LINE):
            self._line[who] = now
        for first in list(self._line)[: max(0, self._free())]:
            del self._line[first]
            self._held[first] = now + HELD
        if who in self._held:
            return 0
        return list(self._line).index(who) + 1 if who in self._line else LONGEST_LINE + 1

    def has_enough(self, who: Who, now: float) -> bool:
        """Whether as many as may be with the same `whose` are in or wait already, and this one not."""
        self._forget(now)
        return self._has_enough(who)

    def _has_enough(self, who: Who) -> bool:
        known = {*self._taken, *self._held, *self._line}
        return who not in known and [*map(self._whose, known)].count(self._whose(who)) >= self._each

    def take(self, who: Who, now: float) -> bool:
        """Whether they are in now: they have a place that was held, or nobody else wants it."""
        if self.ask(who, now):
            return False
        self._held.pop(who, None)
        self._taken.add(who)
        return True

    def leave(self, who: Who) -> None:
        self._taken.discard(who)

    def _free(self) -> int:
        return self._most - len(self._taken) - len(self._held)

    def _forget(self, now: float) -> None:
        self._held = {who: until for who, until in self._held.items() if until > now}
        self._line = {who: asked for who, asked in self._line.items() if asked > now - PATIENCE}
