"""The live blocks of a step: what is predicted, and what is to be reached."""

from __future__ import annotations

import math

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from initplay.charts.guess import Guess
from initplay.course.lesson import Goal, Target
from initplay.course.prediction import Predict, Verdict
from initplay.learner.progress import Prediction
from initplay.words.numbers import short_fact

ASK_WHAT_WAS_SEEN = "What did you see? A line, or just enter: then the why."
LONGEST_LINE = 200
"""Characters of what was seen."""


class NumberBox(Input):
    """Where the number of a prediction is typed or, where it is a place on a chart, placed by the arrows."""

    BINDINGS = [
        Binding("enter", "submit", "commit", tooltip="commit to this number"),
        Binding("up", "nudge(1)", "place", key_display="↑↓", tooltip="move your guess on the chart"),
        Binding("down", "nudge(-1)", "", show=False),
        Binding("escape", "screen.home", "leave", tooltip="leave the number as it was"),
    ]

    def __init__(self, predict: Predict, guess: float | None) -> None:
        unit = f" ({predict.unit})" if predict.unit else ""
        how = "g, type or ↑↓, enter" if predict.span else "g, type, enter"
        super().__init__(
            "" if guess is None else _written(guess),
            placeholder=f"a number{unit}: {how}",
            type="number",
            compact=True,
        )
        self._predict = predict

    @property
    def number(self) -> float | None:
        """What stands in the box; None where that is no finite number."""
        try:
            number = float(self.value)
        except ValueError:
            return None
        return number if math.isfinite(number) else None

    def put(self, number: float) -> None:
        self.value = _written(number)
        self.cursor_position = len(self.value)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._predict.span is not None if action == "nudge" else True

    def action_nudge(self, by: int) -> None:
        self.put(self._predict.nudged(self.number, by))


class SeenBox(Input):
    """Where the learner says what was seen."""

    BINDINGS = [
        Binding("enter", "submit", "why", tooltip="keep the line, and see why"),
        Binding("escape", "screen.home", "leave", tooltip="leave the line"),
    ]

    def __init__(self) -> None:
        super().__init__(placeholder="g to type it", max_length=LONGEST_LINE, compact=True)


class PredictCard(Vertical):
    """Asks before the run, is settled by it, and shows the why once the learner has looked.

    Announces `Placed`, `Guessed` and `Seen`.
    """

    class Placed(Message):
        """The guess that stands in the box is another, and not committed to yet."""

    class Guessed(Message):
        """The learner committed to an answer: the number of an option, or a number."""

        def __init__(self, predict: Predict, guess: float) -> None:
            self.predict = predict
            self.guess = guess
            super().__init__()

    class Seen(Message):
        """The learner looked at what came out, and said what was seen or, with no words, nothing."""

        def __init__(self, predict: Predict, words: str) -> None:
            self.predict = predict
            self.words = words
            super().__init__()

    def __init__(self, predict: Predict, earlier: Prediction | None) -> None:
        super().__init__(classes="card")
        self.predict = predict
        self.guess: float | None = None
        self.asking = False
        """Whether a run has just settled it, and the why waits for what was seen."""
        self._seen = ""
        self._verdict: Verdict | None = None
        self._outcome: object = None
        if earlier is not None and isinstance(earlier.guess, int | float):
            self.guess = earlier.guess
            if earlier.settled:
                self._verdict, self._outcome = Verdict(earlier.right, earlier.score or 0.0), earlier.outcome
                self._seen = earlier.seen

    def compose(self) -> ComposeResult:
        yield Static("◆ Predict", classes="card-title", markup=False)
        yield Static(self.predict.ask, classes="card-ask", markup=False)
        for number, option in enumerate(self.predict.options, 1):
            yield Option(number, option)
        if self.predict.result is not None:
            yield NumberBox(self.predict, self.guess)
        yield Static("", classes="card-verdict", markup=False)

    def on_mount(self) -> None:
        self._show()

    @property
    def open(self) -> bool:
        """Whether no run has settled it yet."""
        return self._verdict is None

    @property
    def takes_number(self) -> bool:
        return self.open and self.predict.result is not None

    @property
    def on_chart(self) -> Guess | None:
        """The guess as a place on the chart that the lesson names; None where it names none, or there is
        neither a guess nor a way to place one."""
        predict, x = self.predict, self.guess
        if not predict.mark:
            return None
        for box in self.query(NumberBox) if self.open else ():
            x = box.number
        span = predict.span if self.open else None
        if x is None and span is None:
            return None
        outcome = self._outcome if isinstance(self._outcome, int | float) else None
        return Guess(predict.mark, x, outcome, span, predict.log, predict.unit, committed=x == self.guess)

    def choose(self, number: int) -> None:
        """Commit to an option; what a run has settled stays."""
        if self.open and 1 <= number <= len(self.predict.options):
            self._commit(float(number))

    def place(self, x: float, *, final: bool) -> None:
        """Take a place on the chart's x axis for the guess."""
        guess = self.predict.placed(x)
        self.query_one(NumberBox).put(guess)
        if final:
            self.screen.set_focus(None)
            self._commit(guess)

    def ask(self) -> None:
        """Put the cursor where the number goes or, once that is settled, what was seen."""
        for box in self.query(SeenBox) if self.asking else self.query(NumberBox):
            box.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if isinstance(event.input, NumberBox):
            self.post_message(self.Placed())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if isinstance(event.input, SeenBox):
            self._see(event.value.strip())
            return
        guess = self.query_one(NumberBox).number
        if guess is None:
            self.query_one(".card-verdict", Static).update("A number, such as 40 or 1e-3.")
            return
        self.screen.set_focus(None)
        self._commit(guess)

    def on_option_picked(self, message: Option.Picked) -> None:
        message.stop()
        self.choose(message.number)

    def pass_over(self, wanted: str) -> None:
        """Say that a run has settled nothing here, for the guess is about one with other knobs."""
        self.query_one(".card-verdict", Static).update(f"That was another run: your guess is about {wanted}.")

    def settle(self, verdict: Verdict, outcome: object) -> None:
        self._verdict, self._outcome = verdict, outcome
        self.asking = bool(self.predict.why)
        if self.asking:
            self.mount(SeenBox())
        self._show()

    def _see(self, words: str) -> None:
        self.asking, self._seen = False, words
        self.screen.set_focus(None)
        self.query(SeenBox).remove()
        self._show()
        self.post_message(self.Seen(self.predict, words))

    def _commit(self, guess: float) -> None:
        self.guess = guess
        self._show()
        self.post_message(self.Guessed(self.predict, guess))

    def _show(self) -> None:
        for option in self.query(Option):
            right = not self.open and option.number == self.predict.answer
            option.show(chosen=option.number == self.guess, right=right)
        for box in self.query(NumberBox):
            box.disabled = not self.open
        self.query_one(".card-verdict", Static).update(self._words())
        self.set_class(self._verdict is not None and self._verdict.right is True, "-right")
        self.set_class(self._verdict is not None and self._verdict.right is False, "-wrong")

    def _words(self) -> str:
        if self.guess is None:
            return ""
        if self._verdict is None:
            return "Now run it: r"
        if self.asking:
            return f"{self.verdict}\n{ASK_WHAT_WAS_SEEN}"
        if self._seen:
            return f"{self.verdict}\nYou saw: {self._seen}\n{self.predict.why}"
        return f"{self.verdict} {self.predict.why}".strip()

    @property
    def verdict(self) -> str:
        """The guess beside what came out, in words; empty until a run has settled it."""
        if self.guess is None or self._verdict is None:
            return ""
        return said(self.predict, self.guess, self._verdict, self._outcome)


def _written(number: float) -> str:
    """A number as one would type it."""
    return f"{number:.12g}"


def said(predict: Predict, guess: float, verdict: Verdict, outcome: object) -> str:
    """The guess beside what came out, in words."""
    if predict.answer is not None:
        answer = predict.options[predict.answer - 1]
        return "Right." if verdict.right else f"It was: {answer}."
    unit = f" {predict.unit}" if predict.unit else ""
    if verdict.right is None:
        return f"You said {short_fact(guess)}{unit}; this run gave no number for it."
    close = "Right" if guess == outcome else "Close" if verdict.right else "You were off"
    return f"{close}: you said {short_fact(guess)}, it was {short_fact(outcome)}{unit}."


class Option(Static):
    """One of the answers of a prediction. Announces `Picked`."""

    class Picked(Message):
        def __init__(self, number: int) -> None:
            self.number = number
            super().__init__()

    def __init__(self, number: int, text: str) -> None:
        super().__init__(classes="option")
        self.number = number
        self._text = text

    def show(self, *, chosen: bool, right: bool) -> None:
        """Say which was chosen and, once it is settled, which is right: by a sign as well as a hue."""
        self.set_class(chosen, "-chosen")
        self.set_class(right, "-right")
        sign = "✓" if right else "›" if chosen else " "
        self.update(Text.assemble(f"{sign} ", (f"{self.number} ", "bold"), self._text))

    def on_click(self) -> None:
        self.post_message(self.Picked(self.number))


class GoalCard(Vertical):
    """A challenge for the learner's own run."""

    def __init__(self, goal: Goal, reached: bool) -> None:
        super().__init__(classes="card")
        self.goal = goal
        self.reached = reached

    def compose(self) -> ComposeResult:
        yield Static("", classes="card-title", markup=False)
        yield Static(self.goal.ask, classes="card-ask", markup=False)
        yield Static("", classes="card-verdict", markup=False)

    def on_mount(self) -> None:
        self._show("")

    def judge(self, values: dict[str, object]) -> bool:
        """Hold a run's knobs and results against the goal; whether it is reached by now."""
        missed = self.goal.missed(values)
        if not missed:
            self.reached = True
            self._show(self.goal.why)
        elif not self.reached:
            self._show("Not yet: " + ", ".join(_gap(name, values, self.goal) for name in missed) + ".")
        return self.reached

    def hint(self) -> None:
        self._show(self.goal.hint or "No hint here; the prose above has what it takes.")

    def _show(self, words: str) -> None:
        self.set_class(self.reached, "-right")
        self.query_one(".card-title", Static).update("◆ Goal · reached" if self.reached else "◇ Goal")
        self.query_one(".card-verdict", Static).update(words)


def _gap(name: str, values: dict[str, object], goal: Goal) -> str:
    """What a target was, and what it should be."""
    return f"{name.replace('_', ' ')} is {short_fact(values.get(name))}, not {_wanted(goal.targets[name])}"


def _wanted(target: Target) -> str:
    if not isinstance(target, tuple):
        return short_fact(target)
    low, high = target
    if math.isinf(high):
        return f"{low:g} or more"
    return f"{high:g} or less" if math.isinf(low) else f"{low:g} to {high:g}"
