"""The lines to type in: a number, and what was seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.widget import Widget
from textual.widgets import Input

from initplay.course.arithmetic import may_become_number
from initplay.course.prediction import Predict
from initplay.ui.keys import bindings
from initplay.words.numbers import short

LONGEST_LINE = 200
"""Characters of what is typed."""
FINELY = 1 / 10
"""Of what up and down move a guess, that left and right do; of a whole number it is 1."""


class LineBox(Input):
    """A line to type in."""

    def __init__(self, take: Callable[[], None], text: str = "", **options: Any) -> None:
        """`take` is called when it is ended by enter."""
        super().__init__(text, max_length=LONGEST_LINE, compact=True, **options)
        self._take = take

    async def action_submit(self) -> None:
        self._take()


class NumberBox(LineBox):
    """Where the number of a prediction is typed or, where it is a place on a chart, placed by the arrows."""

    BINDINGS = bindings("number")

    def __init__(self, predict: Predict, guess: float | None, take: Callable[[], None]) -> None:
        unit = f" ({predict.unit})" if predict.unit else ""
        how = "type it, or g ↑↓" if predict.span else "type it"
        super().__init__(
            take,
            "" if guess is None else _written(guess),
            placeholder=f"a number{unit}: {how}",
            select_on_focus=False,  # a number begun by a digit goes on behind it
        )
        self._predict = predict

    def begin(self, digit: str) -> None:
        """Begin a number, in place of what stands here."""
        self.put_text(digit)
        self.screen.set_focus(self)

    def put_text(self, text: str) -> None:
        self.value = text
        self.cursor_position = len(text)

    def read(self) -> float:
        """What stands in the box. Raises ValueError, the end of a sentence about the guess."""
        return self._predict.read(self.value)

    @property
    def number(self) -> float | None:
        """What stands in the box; None where that is no guess."""
        return self._or_none(self._predict.read)

    def has(self, guess: float | None) -> bool:
        """Whether that guess stands in it, as it was typed or, to a dozen digits, as it was put there."""
        typed = self.value.strip()
        return not typed if guess is None else typed == _written(guess) or self.number == guess

    def _or_none(self, read: Callable[[str], float]) -> float | None:
        try:
            return read(self.value)
        except ValueError:
            return None

    @property
    def is_none(self) -> bool:
        """Whether what stands in the box can become no number, whatever is typed behind it."""
        return not may_become_number(self.value)

    @property
    def worked_out(self) -> str:
        """What the arithmetic in the box comes to, as a sentence; empty where digits stand there."""
        number, typed = self.number, self.value.strip()
        if number is None or _is_plain(typed):
            return ""
        return f"{typed} is {short(number, 4)}."

    def put(self, number: float | None) -> None:
        """Put a number there, or none."""
        self.put_text("" if number is None else _written(number))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._predict.span is not None if action == "nudge" else True

    def action_nudge(self, by: float) -> None:
        self.put(self._predict.nudged(self._or_none(self._predict.number), by))
        self.select_all()  # a number that is typed then takes its place

    def action_cursor_left(self, select: bool = False) -> None:
        """To the left in what is typed; what was placed moves a little on its axis."""
        if self._is_placed and not select:
            self.action_nudge(-FINELY)
        else:
            super().action_cursor_left(select)

    def action_cursor_right(self, select: bool = False) -> None:
        if self._is_placed and not select:
            self.action_nudge(FINELY)
        else:
            super().action_cursor_right(select)

    @property
    def _is_placed(self) -> bool:
        """Whether it is a place on a chart of which no digit is being typed."""
        start, end = sorted(self.selection)
        return self._predict.span is not None and (start, end) == (0, len(self.value))


class SeenBox(LineBox):
    """Where the learner says what was seen."""

    BINDINGS = bindings("seen")

    def __init__(self, take: Callable[[], None]) -> None:
        super().__init__(take, placeholder="g to type it")


def takes_letters(focused: Widget | None) -> bool:
    """Whether a letter is typed there, and is no key."""
    return focused is not None and focused.check_consume_key("r", "r")


def _is_plain(typed: str) -> bool:
    """Whether it is digits, and no arithmetic."""
    try:
        float(typed)
    except ValueError:
        return False
    return True


def _written(number: float) -> str:
    """A number as one would type it."""
    return f"{number:.12g}"
