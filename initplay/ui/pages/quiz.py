"""A few questions that the learner once missed, asked again one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from initplay.course.arithmetic import may_become_number
from initplay.learner.answer import Answer
from initplay.learner.progress import Progress
from initplay.learner.quiz import Question
from initplay.look import ANY_TERMINAL, Look
from initplay.ui.keys import bindings
from initplay.ui.pages.over import Over
from initplay.ui.widgets.page import Page

LONGEST = 40
"""Characters of a number."""
NO_NUMBER = "A number is asked for. esc leaves."


class QuizScreen(Over[None]):
    """Keeps each answer as it comes; closes after the last question."""

    BINDINGS = bindings("quiz")

    def __init__(
        self,
        questions: Sequence[Question],
        progress: Progress,
        now: Callable[[], datetime],
        look: Look = ANY_TERMINAL,
    ) -> None:
        super().__init__()
        self._questions = questions
        self._progress = progress
        self._now = now
        self._look = look
        self._at = 0
        self._answer: Answer | None = None
        """To the question in sight; None until it is given."""

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", id="quiz", can_focus=False):
            yield Static(id="asked", markup=False)
            yield Input(placeholder="a number, or 1/28", max_length=LONGEST, compact=True)
            yield Static(id="again", markup=False)
            yield Static(id="place", markup=False)
            yield Page("")

    def on_mount(self) -> None:
        self._show()

    @property
    def _question(self) -> Question:
        return self._questions[self._at]

    def _show(self) -> None:
        """The question in sight, and the text it was asked in below it."""
        question, answer = self._question, self._answer
        dialog, box = self.query_one("#quiz"), self.query_one(Input)
        options = question.first.order
        takes_number = not options
        box.display = takes_number and answer is None
        self.set_focus(box if box.display else None)
        how = f"1 to {len(options)} answer" if options else "enter answers"
        last = self._at + 1 == len(self._questions)
        onward = how if answer is None else "enter closes" if last else "enter goes on"
        dialog.border_title = f"asked again · {self._at + 1} of {len(self._questions)}"
        dialog.border_subtitle = onward + ("" if answer and last else " · esc leaves")
        self._say("#asked", self._asked(question))
        self._say("#again", self._verdict(question, answer))
        self._say("#place", f"From {question.place}:")
        self.query_one(Page).show(self._look.markdown(question.context))
        dialog.scroll_home(animate=False)

    def _say(self, where: str, words: str) -> None:
        self.query_one(where, Static).update(Content(self._look.words(words)))

    def _asked(self, question: Question) -> str:
        predict, order = question.first.predict, question.first.order
        lines = [f"  {place}  {predict.options[number - 1]}" for place, number in enumerate(order, 1)]
        unit = f" ({predict.unit})" if predict.unit and not order else ""
        return "\n".join([f"{predict.ask}{unit}", *lines, ""])

    def _verdict(self, question: Question, answer: Answer | None) -> str:
        if answer is None:
            return ""
        said = answer.missed_in_words if answer.missed else answer.in_words
        parts = [said, f"The first time: {question.first.missed_in_words}", question.first.predict.why]
        return "\n".join([*filter(None, parts), ""])

    def _take(self, guess: float) -> None:
        answer = self._answer = self._question.first.again(guess)
        right = not answer.missed
        self._progress.asked_again(answer.predict.key, guess, right, self._now())
        self._show()

    def action_choose(self, number: int) -> None:
        order = self._question.first.order
        if self._answer is None and number <= len(order):
            self._take(float(order[number - 1]))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._answer is None:
            self._say("#again", "" if may_become_number(event.value) else f"{NO_NUMBER}\n")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if not event.value.strip() or self._answer is not None:
            return
        try:
            guess = self._question.first.predict.read(event.value)
        except ValueError as error:
            self._say("#again", f"{event.value.strip()} {error}.\n")
            return
        self.query_one(Input).value = ""
        self._take(guess)

    def action_onward(self) -> None:
        """The next question, once this one is answered; after the last one, back."""
        if self._answer is None:
            return
        if self._at + 1 == len(self._questions):
            self.dismiss(None)
            return
        self._at, self._answer = self._at + 1, None
        self._show()
