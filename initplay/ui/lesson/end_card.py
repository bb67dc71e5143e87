"""What comes after the answers: the rest of a step, and the end of a lesson."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from initplay.course.lesson import End
from initplay.learner.answer import Answer
from initplay.ui.lesson.answers import Answers
from initplay.ui.terminal.textual_private.late import is_gone
from initplay.ui.widgets.page import Page


class Afterwards(Vertical):
    """What may be read once the predictions above it are settled; until then, a line that says so."""

    def __init__(self, markdown: str, answers: list[Answer]) -> None:
        super().__init__()
        self._markdown = markdown
        self._answers = answers

    def compose(self) -> ComposeResult:
        yield Static("… the rest, once your prediction is settled", classes="waits", markup=False)
        yield Page(self._markdown)

    def on_mount(self) -> None:
        self.show()

    def show(self) -> None:
        """Bring it up to date with the answers it waits for."""
        if not self.children or is_gone(self):
            return
        told = all(answer.tells_more for answer in self._answers)
        self.query_one(Page).display = told
        self.query_one(".waits").display = not told


class EndCard(Vertical):
    """The end of a lesson: what the learner can do now, got wrong, and may try."""

    def __init__(self, end: End, answers: Answers) -> None:
        super().__init__(classes="card")
        self._end = end
        self._answers = answers

    def compose(self) -> ComposeResult:
        yield Static("◆ What you take along", classes="card-title", markup=False)
        yield Static(f"You can {self._end.can}", classes="card-ask", markup=False)
        yield Static("", classes="card-missed", markup=False)
        yield Static(f"Try: {self._end.more}", classes="card-ask", markup=False)

    def on_mount(self) -> None:
        self.show()

    def show(self) -> None:
        """Bring it up to date with the learner's record."""
        if self.children and not is_gone(self):
            self.query_one(".card-missed", Static).update(self._answers.missed_in_words)
