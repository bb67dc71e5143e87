"""What earlier visits left on the bench of a lesson, and what this one leaves there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from textual.timer import Timer

from initplay.course.lesson import Lesson
from initplay.engine.machine import Machine
from initplay.ui.bench.left import Left, unpacked
from initplay.ui.bench.session import Session
from initplay.ui.bench.shelf import Shelf

if TYPE_CHECKING:
    from initplay.recording.packed import Bench

BENCH_KEPT_EVERY = 5.0
"""Seconds, while runs end or a sweep goes on."""


class EarlierVisit:
    """Goes on with it: at once where that was in this start, and else when it has been read, which begins
    once the lesson is on the screen."""

    def __init__(
        self,
        lesson: Lesson,
        machine: Machine,
        shelf: Shelf,
        session: Session,
        *,
        keeps: bool,
        leave: Callable[[], Left],
        take: Callable[[Left], None],
        show: Callable[[], object],
    ) -> None:
        """Unless it `keeps`, nothing is taken back, and nothing left. `leave` says what is on the bench now,
        `take` puts on it what was left, and `show` is called when that came later than the bench."""
        self._lesson = lesson
        self._machine = machine
        self._shelf = shelf
        self._session = session
        self._keeps = keeps
        self._leave = leave
        self._take = take
        self._show = show
        self._state: Literal["unasked", "asked", "taken", "none"] = "unasked" if keeps else "none"
        """Whether it was "asked" for from the disk, or "taken" back."""
        self._is_over = False
        """Whether this visit is."""
        self._told: list[tuple[int, int]] = []
        """What was kept of the bench last."""

    def begin(self, every: Callable[..., Timer]) -> None:
        """`every` calls something once in so many seconds."""
        self._timer = every(BENCH_KEPT_EVERY, self._copy, pause=True)

    def take_back(self) -> bool:
        """Go on with what is in memory; whether there is something."""
        if self._state == "unasked" and (left := self._shelf.take(self._lesson.slug)):
            self._go_on_from(left)
            return True
        return False

    def ask(self) -> None:
        """Have it read from the disk."""
        if self._state == "unasked":
            self._state = "asked"
            self._shelf.fetch(self._lesson.slug, self._take_from_disk)

    def _take_from_disk(self, packed: Bench | None) -> None:
        self._state = "none"
        if packed is not None:
            self._go_on_from(unpacked(packed, self._lesson, self._machine))
        if self._is_over:
            self._put_on_shelf()
        elif packed is not None:
            self._show()

    def _go_on_from(self, left: Left) -> None:
        self._state = "taken"
        self._take(left)

    # What this one leaves

    def keep(self) -> None:
        """Keep what runs have come to, should the playground be killed before the lesson is left."""
        self._timer.resume()

    def _copy(self) -> None:
        if self._keeps and self._state != "asked":
            left = self._leave()
            if left.told != self._told:
                self._told = left.told
                self._shelf.copy(self._lesson.slug, left)
        if self._session.going is None:
            self._timer.pause()

    def end(self) -> None:
        """The lesson is left."""
        self._is_over = True
        self.ask()
        if self._state != "asked":  # else when that is there
            self._put_on_shelf()

    def _put_on_shelf(self) -> None:
        touched = self._session.kept.attempts or self._session.turned or self._state == "taken"
        if touched and self._keeps:
            self._shelf.put(self._lesson.slug, self._leave())
