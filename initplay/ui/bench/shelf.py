"""The runs of lessons that were left, for when the learner comes back in the same start."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from initplay.ui.bench.attempt import Attempt
    from initplay.ui.bench.kept import Kept

MAX_BYTES = 128 * 2**20
"""Of the recordings of all lessons together, roughly."""


class Shelf:
    """What stands on it longest goes first, when there is no more room."""

    def __init__(self) -> None:
        self._by_lesson: dict[str, tuple[Kept, Attempt | None]] = {}

    def put(self, lesson: str, kept: Kept, shown: Attempt | None) -> None:
        """Keep a lesson's runs, and which of them was shown."""
        self._by_lesson[lesson] = (kept, shown)
        while len(self._by_lesson) > 1 and self._size > MAX_BYTES:
            del self._by_lesson[next(iter(self._by_lesson))]

    def take(self, lesson: str) -> tuple[Kept, Attempt | None] | None:
        """Take them down again; None where there are none."""
        return self._by_lesson.pop(lesson, None)

    @property
    def _size(self) -> int:
        return sum(kept.size for kept, _ in self._by_lesson.values())
