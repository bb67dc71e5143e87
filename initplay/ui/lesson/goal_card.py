"""What is to be reached by the learner's own run."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from initplay.ui.lesson.answers import Challenge
from initplay.ui.lesson.says import Says
from initplay.ui.terminal.textual_private.late import is_gone


class GoalCard(Vertical):
    """A goal for the learner's own run."""

    def __init__(self, challenge: Challenge) -> None:
        super().__init__(classes="card")
        self.challenge = challenge

    def compose(self) -> ComposeResult:
        yield Static("", classes="card-title", markup=False)
        yield Static(self.challenge.goal.ask, classes="card-ask", markup=False)
        yield Says()

    def on_mount(self) -> None:
        self.show()

    def show(self) -> None:
        """Bring the card up to date with its challenge."""
        if not self.children or is_gone(self):
            return
        reached = self.challenge.reached
        self.set_class(reached, "-right")
        title = f"◆ Goal · reached{self.challenge.in_runs}" if reached else "◇ Goal"
        self.query_one(".card-title", Static).update(title)
        self.query_one(Says).say(self.challenge.says)

    def remind(self) -> None:
        """Say that it is open, to who goes on."""
        self.query_one(Says).say("Still open: n once more leaves it so, h is a hint.")
