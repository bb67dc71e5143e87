"""The exercise of a lesson, seen from its steps: which of them asks for code, and who writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from initplay.course.lesson import CourseError, ExerciseBlock, Lesson
from initplay.engine.machine import Machine
from initplay.learner.progress import Progress
from initplay.ui.bench.session import Starter
from initplay.ui.exercise.desk import Desk

if TYPE_CHECKING:
    from initplay.ui.exercise.screen import ExerciseScreen


class OwnCode:
    """Has the desk of a lesson's exercise, and the page on which that is seen while the learner writes."""

    def __init__(self, lesson: Lesson, engine: Starter, progress: Progress) -> None:
        self._lesson = lesson
        self._page: ExerciseScreen | None = None
        self.desk: Desk | None = None
        self.trouble = ""
        """Why there is no desk, where the lesson has an exercise."""
        if lesson.exercise is not None:
            try:
                self.desk = Desk(lesson, engine, progress, self._follow)
            except CourseError as error:
                self.trouble = str(error)

    def _follow(self) -> None:
        """The exercise has changed; who writes sees it at once, the lesson when it is in sight again."""
        if self._page:
            self._page.follow()

    def open(self, machine: Machine) -> ExerciseScreen | None:
        """The page to write on, where there is a desk."""
        if self.desk:
            from initplay.ui.exercise.screen import ExerciseScreen  # brings tree-sitter

            self._page = ExerciseScreen(self._lesson, self.desk, machine)
        return self._page

    def close(self) -> None:
        """The page is left."""
        self._page = None

    # Which step asks for it

    def is_asked_in(self, step: int) -> bool:
        """Whether a step, counted from 0, asks for code of the learner's own."""
        return any(isinstance(block, ExerciseBlock) for block in self._lesson.steps[step].blocks)

    @property
    def step(self) -> int | None:
        """The step that asks for it, counted from 1."""
        return next((step + 1 for step in range(len(self._lesson.steps)) if self.is_asked_in(step)), None)

    def can_be_written_in(self, step: int) -> bool:
        return self.desk is not None and self.is_asked_in(step)

    def can_run_in(self, step: int) -> bool:
        """Whether the lesson can run with it."""
        return self.desk is not None and self.is_asked_in(step) and self.desk.can_run_it

    @property
    def invites(self) -> str:
        """What the end of the lesson says of an exercise that has not been passed."""
        if self.desk is None or self.desk.seen.done:
            return ""
        return f" · u writes {self.desk.exercise.name}"
