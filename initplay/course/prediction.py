"""A prediction: what is asked before a run, how a guess is placed, and how it is judged."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import NamedTuple

from initplay.course.arithmetic import read_number
from initplay.words.numbers import short

NUDGES = 50
"""How many nudges lead from one end of a span to the other."""

WITHIN = 0.25
"""How far a number may be off and be right, as a share, where the lesson says nothing else."""


class Verdict(NamedTuple):
    """What became of a prediction."""

    right: bool | None
    """None where the run did not settle it."""
    score: float
    """From 0 to 1."""


@dataclass(frozen=True)
class Predict:
    """A question asked before the run: settled by a Result value, or by the answer the lesson gives."""

    key: str
    """`slug/step/predict/n`, the same from one start to the next."""
    ask: str
    experiment: str | None
    """The experiment whose run settles it; None for options above any `run`."""
    line: int
    result: str | None = None
    expected: float | None = None
    """What theory or many draws say, where one draw scatters: guesses are held against it, and not against
    the run. None where the run settles it."""
    within: float = WITHIN
    """The share by which a number may be off and be right; 0 where it must be exact."""
    unit: str = ""
    mark: str = ""
    """The chart whose x axis the guess is a place on; empty where it is none."""
    span: tuple[float, float] | None = None
    """From where to where on that axis it may be placed; None where it can only be typed."""
    log: bool = False
    """Whether the span is one of decades."""
    options: tuple[str, ...] = ()
    answer: int | None = None
    """Which of the options is right, counted from 1."""
    why: str = ""
    hint: str = ""
    look: bool = False
    """Whether it is a diagnosis: a run is looked at before it is answered, and settles the answer."""
    new_seed: bool = False
    """Whether it is about another draw: only a run with a seed that was not run before settles it."""

    @property
    def whole(self) -> bool:
        """Whether a guess must be a whole number: both ends of the span are."""
        return self.span is not None and all(isinstance(end, int) for end in self.span)

    def read(self, typed: str) -> float:
        """The guess that was typed. Raises ValueError, the end of a sentence about the guess, where `number`
        does and where it is beyond the span."""
        guess = self.number(typed)
        if self.span is not None and not self.span[0] <= guess <= self.span[1]:
            raise ValueError(f"lies outside {short(self.span[0])} to {short(self.span[1])}")
        return guess

    def number(self, typed: str) -> float:
        """The number that was typed, as digits or as arithmetic: a guess in per cent of what is asked in per
        cent is that many. Raises ValueError, the end of a sentence about the guess."""
        number = read_number(typed.strip().removesuffix("%") if self.unit == "%" else typed)
        try:
            guess = float(number)
        except OverflowError:
            raise ValueError("is too large for a number") from None
        if not math.isfinite(guess):
            raise ValueError("is no finite number")
        return guess

    def placed(self, x: float) -> float:
        """The guess at a place on the axis: within the span, rounded to what one can point at."""
        if self.span is None:
            return x
        low, high = self.span
        if self.whole:
            x = round(min(max(x, low), high))
        elif self.log:
            x = float(f"{min(max(x, low), high):.2e}")
        else:
            x = round(min(max(x, low), high), 3 - math.floor(math.log10(high - low)))
        return float(min(max(x, low), high))

    def nudged(self, guess: float | None, by: float) -> float:
        """The guess moved by `by` fiftieths of the span, and at least by what can be placed there at all.

        Where there is no guess yet, it is the middle of the span.
        """
        assert self.span is not None, "a guess that can only be typed is not nudged"
        low, high = self.span
        if guess is None:
            return self.placed(math.sqrt(low * high) if self.log else (low + high) / 2)
        guess = min(max(guess, low), high)
        share = by / NUDGES
        moved = guess * (high / low) ** share if self.log else guess + (high - low) * share
        return self.placed(guess + math.copysign(max(abs(moved - guess), self._finest(guess)), by))

    def _finest(self, guess: float) -> float:
        """How far apart are the places next to it that `placed` has."""
        if self.whole:
            return 1.0
        assert self.span is not None
        low, high = self.span
        return 10.0 ** (
            math.floor(math.log10(guess)) - 2 if self.log else math.floor(math.log10(high - low)) - 3
        )

    def judge(self, guess: float, outcome: object = None) -> Verdict:
        """How good a guess was: the number of an option, or a number against what was expected or, where
        nothing was, the run's Result value.

        Numbers are compared by their ratio, since what is predicted here spans decades: the score falls
        from 1 to 0 over a factor of ten, and a guess `within` is right. Where there is no finite number to
        hold it against, nothing is settled.
        """
        if self.answer is not None:
            return Verdict(guess == self.answer, float(guess == self.answer))
        if self.expected is not None:
            outcome = self.expected
        if isinstance(outcome, bool) or not isinstance(outcome, (int, float)) or not math.isfinite(outcome):
            return Verdict(None, 0.0)
        if guess == outcome:
            return Verdict(True, 1.0)
        if guess * outcome <= 0 or not math.isfinite(guess):
            return Verdict(False, 0.0)
        decades = abs(math.log10(abs(guess)) - math.log10(abs(outcome)))
        # A millionth more, for a guess at the very edge.
        return Verdict(
            decades <= math.log10(1 + self.within) + 1e-6 * (self.within > 0), max(0.0, 1 - decades)
        )

    def options_in_order(self, learner: int) -> tuple[int, ...]:
        """The numbers of the options in the order that this learner sees: drawn, and ever the same."""
        numbers = list(range(1, len(self.options) + 1))
        random.Random(f"{learner} {self.key}").shuffle(numbers)
        return tuple(numbers)
