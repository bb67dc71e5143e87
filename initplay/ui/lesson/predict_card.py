"""A prediction: asked before the run, settled by it, and explained."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from initplay.charts.guess import Guess
from initplay.learner.answer import Answer
from initplay.ui.lesson.answers import Answers
from initplay.ui.lesson.boxes import NumberBox, SeenBox, takes_letters
from initplay.ui.lesson.onward import Onward
from initplay.ui.lesson.says import Says
from initplay.ui.terminal.textual_private.late import is_gone

ASK_WHAT_WAS_SEEN = "What did you see? A line, or just enter: then the why."
SUCH_AS = "40, 70%, 1/10, ln 10, √512 or 2**-25"

NO_NUMBER = f"A number is asked for, such as {SUCH_AS}. After esc, letters are keys again."

BY_A_NUMBER = "A number is asked for: g begins it."
"""Where the keyboard is elsewhere, so that a digit begins none."""
OTHER_FIRST = "Answer the other question too, then run it: r"
"""While another one of the step has no answer, which after the run would be no prediction."""
IT_RUNS = "A run goes on."
"""In place of the key that would begin one."""
IS_TYPED_IN = "Letters are typed now; once that is left, r runs it."
"""The same while another line is open, or a text."""
IS_ASKED_FOR = "enter takes the number, esc leaves it."
"""The same while this card's own is."""
NOT_TAKEN = "{} is not your guess yet: g, then enter, takes it."
"""Of a number that was typed and left."""


class PredictCard(Vertical):
    """Asks before the run, shows what the run made of it, and the why once the learner has looked.

    Announces `Changed`.
    """

    class Changed(Message):
        """The answer is another, committed to or not, or what was seen is said."""

        def __init__(self, told: PredictCard | None = None) -> None:
            """`told` is the card, where it tells its why from here on."""
            self.told = told
            super().__init__()

    def __init__(self, answer: Answer, answers: Answers) -> None:
        super().__init__(classes="card")
        self.answer = answer
        self._answers = answers

    def compose(self) -> ComposeResult:
        predict = self.answer.predict
        yield Static("◆ Predict", classes="card-title", markup=False)
        yield Static(predict.ask, classes="card-ask", markup=False)
        for place, number in enumerate(self.answer.order, 1):
            yield Option(place, number, predict.options[number - 1])
        if predict.result is not None:
            yield NumberBox(predict, self.answer.guess, self._take_number)
        yield Says()

    def on_mount(self) -> None:
        self.show()

    @property
    def takes_number(self) -> bool:
        return self.answer.open and self.answer.predict.result is not None

    @property
    def asks(self) -> Onward:
        """How it takes an answer."""
        if not self.takes_number:
            return Onward.CHOOSE
        return Onward.PLACE if self.answer.predict.span else Onward.TYPE

    def begin(self, digit: str) -> None:
        """Begin to type a number, in place of what stands there."""
        for box in self.query(NumberBox):
            box.begin(digit)

    def say_how(self) -> None:
        """Say by which keys it is answered."""
        options = f"Answer by its number: 1 to {len(self.answer.order)}"
        self.query_one(Says).say(BY_A_NUMBER if self.takes_number else options)

    @property
    def on_chart(self) -> Guess | None:
        """The guess as a place on the chart that the lesson names; None where it names none, or there is
        neither a guess nor a way to place one."""
        predict, x = self.answer.predict, self.answer.guess
        if not predict.mark:
            return None
        for box in self.query(NumberBox) if self.answer.open else ():
            x = x if box.has(x) else box.number
        span = predict.span if self.answer.open else None
        if x is None and span is None:
            return None
        found = self.answer.outcome if self.answer.measured is None else self.answer.measured
        outcome = found if isinstance(found, int | float) else None
        committed = x == self.answer.guess
        return Guess(predict.mark, x, outcome, span, predict.log, predict.unit, committed=committed)

    def choose(self, place: int) -> bool:
        """Commit to the option at a place, counted from 1 at the top; what a run has settled stays. Whether
        there is one to choose."""
        there = self.answer.open and 1 <= place <= len(self.answer.order)
        if there:
            self._commit(float(self.answer.order[place - 1]))
        return there

    def place(self, x: float, *, final: bool) -> None:
        """Take a place on the chart's x axis for the guess."""
        guess = self.answer.predict.placed(x)
        for box in self.query(NumberBox):
            box.put(guess)
        if final:
            self.screen.set_focus(None)
            self._commit(guess)

    def ask(self) -> None:
        """Put the cursor where the number goes or, once that is settled, what was seen."""
        for box in self.query(SeenBox) if self.answer.asking else self.query(NumberBox):
            box.select_all()
            self.screen.set_focus(box)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if isinstance(event.input, NumberBox):
            if event.input.has_focus:
                self.query_one(Says).say(NO_NUMBER if event.input.is_none else self._words())
            self.post_message(self.Changed())

    def on_input_blurred(self, event: Input.Blurred) -> None:
        """What is no number goes with the keyboard; what is one may be gone on with, and is no guess yet."""
        event.stop()
        if isinstance(event.input, NumberBox):
            if event.input.is_none or not event.input.value.strip():
                event.input.put(self.answer.guess)
            self.show()

    def _take_what_was_seen(self) -> None:
        self.see(self.query_one(SeenBox).value.strip())

    def _take_number(self) -> None:
        """Take the number in the box, or say why it is none."""
        box = self.query_one(NumberBox)
        try:
            guess = box.read()
        except ValueError as error:
            why = f"Your guess {error}." if box.value.strip() else f"A number, such as {SUCH_AS}."
            self.query_one(Says).say(why)
            return
        self.screen.set_focus(None)
        self._commit(guess)

    def on_option_picked(self, message: Option.Picked) -> None:
        message.stop()
        self.choose(message.place)

    def see(self, words: str) -> None:
        """Take what was seen, which may be no words, and show the why."""
        self._answers.see(self.answer, words)
        self.screen.set_focus(None)
        self.show()
        self.post_message(self.Changed(told=self))

    def _commit(self, guess: float) -> None:
        self._answers.commit(self.answer, guess)
        self.show()
        self.post_message(self.Changed())

    def show(self) -> None:
        """Bring the card up to date with its answer."""
        if not self.children or is_gone(self):
            return  # what comes before its parts are there, is shown with them
        answer = self.answer
        for option in self.query(Option):
            right = not answer.open and option.number == answer.predict.answer
            option.show(chosen=option.number == answer.guess, right=right)
        for box in self.query(NumberBox):
            box.disabled = not answer.open
        if not answer.asking:
            self.query(SeenBox).remove()
        elif not self.query(SeenBox):
            self.mount(SeenBox(self._take_what_was_seen))
        self.query_one(Says).say(self._words())
        right = None if answer.verdict is None else answer.verdict.right
        self.set_class(right is True, "-right")
        self.set_class(right is False, "-wrong")
        self.set_class(not answer.open, "-settled")

    @property
    def _is_typed_in(self) -> bool:
        """Whether the keyboard is with its number."""
        return any(box is self.screen.focused for box in self.query(NumberBox))

    @property
    def _left(self) -> str:
        """What there is to say of a number that was typed and left, and is not the guess; empty where none
        was."""
        for box in self.query(NumberBox) if self.answer.open and not self._is_typed_in else ():
            if not box.has(self.answer.guess):
                try:
                    box.read()
                except ValueError as error:
                    return f"Your guess {error}."
                return NOT_TAKEN.format(box.value.strip())
        return ""

    def _words(self) -> str:
        answer = self.answer
        if left := self._left:
            return left
        if answer.guess is None:
            return ""
        if answer.open:
            worked_out = " ".join(box.worked_out for box in self.query(NumberBox))
            late = "This is after its run, and counts as no prediction." if answer.shown else ""
            if self._answers.running:
                now = IT_RUNS
            elif takes_letters(self.screen.focused):
                now = IS_ASKED_FOR if self._is_typed_in else IS_TYPED_IN
            elif self._answers.waiting:
                now = OTHER_FIRST
            elif answer.predict.new_seed:
                now = "Now draw a new seed, and run it: s, then r"
            else:
                now = "Run it again: r" if answer.shown else "Now run it: r"
            return answer.waits or " ".join(filter(None, (worked_out, late, now)))
        if answer.asking:
            return f"{answer.in_words}\n{ASK_WHAT_WAS_SEEN}"
        if answer.seen:
            return f"{answer.in_words}\nYou saw: {answer.seen}\n{answer.predict.why}"
        return f"{answer.in_words} {answer.predict.why}".strip()


class Option(Static):
    """One of the answers of a prediction. Announces `Picked`."""

    class Picked(Message):
        def __init__(self, place: int) -> None:
            self.place = place
            super().__init__()

    def __init__(self, place: int, number: int, text: str) -> None:
        super().__init__(classes="option")
        self.place = place
        """Counted from 1 at the top: the key that chooses it."""
        self.number = number
        """Its number in the lesson, by which it is kept."""
        self.text = text

    def show(self, *, chosen: bool, right: bool) -> None:
        """Say which was chosen and, once it is settled, which is right: by a sign as well as a hue."""
        self.set_class(chosen, "-chosen")
        self.set_class(right, "-right")
        sign = "✓" if right else "›" if chosen else " "
        self.update(Text.assemble(f"{sign} ", (f"{self.place} ", "bold"), self.text))

    def on_click(self) -> None:
        self.post_message(self.Picked(self.place))
