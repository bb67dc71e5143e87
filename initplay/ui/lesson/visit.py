"""Which steps of a lesson the learner has seen."""

from __future__ import annotations

from initplay.course.lesson import Lesson
from initplay.learner.progress import Progress


class Visit:
    """Notes the steps that are opened. Who merely looks at a saved run visits nothing, for its lesson is
    only where it is shown: that visit begins with the first thing that they answer or run, or as they go to
    write the exercise."""

    def __init__(self, lesson: Lesson, progress: Progress, *, begun: bool) -> None:
        self._lesson = lesson
        self._progress = progress
        self._begun = begun
        self._step = 0
        """The step that is open, counted from 0."""

    def open_step(self, step: int) -> None:
        self._step = step
        if self._begun and self._lesson.in_course:
            self._progress.reach(self._lesson.slug, step + 1, len(self._lesson.steps))

    def begin(self) -> None:
        """The learner does something here."""
        if not self._begun:
            self._begun = True
            self.open_step(self._step)
