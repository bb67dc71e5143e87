"""In the lesson: what is to be written, how far the learner is, and the keys that lead there."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from initplay.course.exercise import LEVEL_NAMES, LEVELS
from initplay.learner.exercises import path_of
from initplay.ui.exercise.desk import Desk
from initplay.ui.terminal.textual_private.late import is_gone


class ExerciseCard(Vertical):
    """Shows a desk, or why there is none."""

    def __init__(self, desk: Desk | None, trouble: str = "") -> None:
        super().__init__(classes="card")
        self._desk = desk
        self._trouble = trouble

    def compose(self) -> ComposeResult:
        yield Static("", classes="card-title", markup=False)
        yield Static("", classes="card-ask", markup=False)
        yield Static("", classes="card-verdict", markup=False)

    def on_mount(self) -> None:
        self.show()

    def show(self) -> None:
        """Bring the card up to date with its desk."""
        if not self.children or is_gone(self):
            return
        desk = self._desk
        passed = bool(desk and desk.seen.done)
        self.set_class(passed, "-right")
        title = f"Write it: {desk.exercise.name}" if desk else "Write it"
        self.query_one(".card-title", Static).update(f"{'◆' if passed else '◇'} {title}")
        self.query_one(".card-ask", Static).update(
            desk.exercise.task.replace("`", "") if desk else self._trouble
        )
        self.query_one(".card-verdict", Static).update("\n".join(_lines(desk)) if desk else "")


def _lines(desk: Desk) -> list[str]:
    at = [f"level {level}" for level in desk.seen.passed]
    passed = f"✓ passed at {', '.join(at)}" if at else "✓ passed outside the levels" if desk.seen.done else ""
    return [
        f"Level {desk.level} of {len(LEVELS)}, {LEVEL_NAMES[desk.level - 1]}: {desk.standing}",
        *([passed] if passed else []),
        *([desk.helped] if desk.helped else []),
        str(path_of(desk.exercise, desk.level)),
        "u to write it" + (f" · U runs {desk.exercise.experiment} with yours" if desk.can_run_it else ""),
    ]
