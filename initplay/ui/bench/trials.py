"""The runs of one bench: asked of the lab one at a time, and recorded as the lab tells of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from initplay.course.lesson import Lesson
from initplay.engine.lab import Lab, LabError, Take
from initplay.lab.events import Recorded
from initplay.recording.run import Run
from initplay.ui.bench.attempt import Attempt, FanAttempt

SLOW_MOTION = 4.0
"""Moments a second."""
MAX_ATTEMPTS = 20
MAX_PINNED = 4


class Trials:
    """Begins runs and keeps them. `heard` is told of a run whenever something was heard of it, `refused`
    why one that was due could not begin."""

    def __init__(
        self, lesson: Lesson, lab: Lab, heard: Callable[[Attempt], None], refused: Callable[[str], None]
    ) -> None:
        self._lesson = lesson
        self._lab = lab
        self._heard = heard
        self._refused = refused
        self.attempts: list[Attempt] = []
        """The latest, oldest first."""
        self.pinned: list[Attempt] = []
        """Those that stay behind the next ones, the latest pin last."""

    @property
    def next_number(self) -> int:
        return self.attempts[-1].number + 1 if self.attempts else 1

    @property
    def going(self) -> Attempt | None:
        """The run that the lab works at; it is always the latest."""
        return next((attempt for attempt in self.attempts[-1:] if attempt.live), None)

    def begin(self, attempt: Attempt, source: str) -> None:
        """Have the lab run it, with every seed where it is a fan. Raises LabError where nothing can run."""
        self.stop_fan()  # whose next member would take this run's place
        if isinstance(attempt, FanAttempt):
            take: Take = partial(self._take_member, attempt, attempt.run)
        else:
            take = partial(self._take, attempt)
        self._ask(attempt, take, source, attempt.seed)
        self.add(attempt)

    def add(self, attempt: Attempt) -> None:
        """Keep a run; the oldest is forgotten where there are too many."""
        self.attempts = [*self.attempts, attempt][-MAX_ATTEMPTS:]

    def stop(self) -> None:
        """Stop what goes on."""
        if self.going:
            self.stop_fan()
            self._lab.stop()

    def stop_fan(self) -> None:
        """Stop a fan that goes on; a single run is left to go on."""
        if isinstance(self.going, FanAttempt):
            self.going.give_up()
            self._lab.stop()

    def toggle_pin(self, attempt: Attempt) -> None:
        """Keep a run behind the next ones, or let it go."""
        if attempt in self.pinned:
            self.pinned = [pinned for pinned in self.pinned if pinned is not attempt]
        else:
            self.pinned = [*self.pinned, attempt][-MAX_PINNED:]

    def _ask(self, attempt: Attempt, take: Take, source: str, seed: int) -> None:
        self._lab.run(
            take,
            lesson=self._lesson.slug,
            experiment=attempt.experiment.name,
            filename=f"{self._lesson.folder_name}/experiment.py",
            source=source,
            knobs=attempt.knobs,
            seed=seed,
            device=attempt.device,
            pace=SLOW_MOTION if attempt.slow else None,
            paused=attempt.paused,
        )

    def _take(self, attempt: Attempt, events: list[Recorded]) -> None:
        for event in events:
            attempt.run.add(event)
        self._heard(attempt)

    def _take_member(self, attempt: FanAttempt, member: Run, events: list[Recorded]) -> None:
        """Record one run of a fan, and begin the next when it ends."""
        for event in events:
            member.add(event)
        if member.ending is not None:
            attempt.take_member(member)
            if attempt.live:
                self._begin_member(attempt)
        self._heard(attempt)

    def _begin_member(self, attempt: FanAttempt) -> None:
        take = partial(self._take_member, attempt, Run())
        try:
            self._ask(attempt, take, attempt.source, attempt.next_seed)
        except LabError as error:
            attempt.over = True
            self._refused(str(error))
