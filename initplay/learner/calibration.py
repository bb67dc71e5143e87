"""How well the learner predicts, over the whole course: how many are right, and how far off wrong numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median

from initplay.course.lesson import Lesson
from initplay.course.prediction import Predict
from initplay.learner.progress import Prediction
from initplay.words.numbers import short

FEWEST_NUMBERS = 3
"""Below it a median says nothing of them."""
_EVEN = 1.05
"""What lies within this factor is close, though the lesson wants it closer."""
_LARGEST = 1000.0
"""Factors beyond it are no number that says anything."""


@dataclass(frozen=True)
class Calibration:
    """What the settled predictions of a course come to."""

    choices: int = 0
    right: int = 0
    """How many of the choices were right."""
    numbers: int = 0
    off: float | None = None
    """The median of how many times too large or too small a number was, from 1 on; inf where it had the
    wrong sign or was a zero. None while there are too few."""
    lean: float | None = None
    """The median of guess / outcome: below 1 where the learner guesses low. None while there are too few."""
    numbers_right: int = 0
    """How many of the numbers were right, as the lesson judged them."""
    wrong_off: float | None = None
    """`off` of the numbers that were not."""
    wrong_lean: float | None = None
    """`lean` of the numbers that were not."""
    after_run: int = 0
    """How many more were answered when their run had been seen: they say nothing of how one predicts."""

    def in_words(self) -> str:
        """One line; empty where nothing is settled yet."""
        said = []
        if self.choices:
            said.append(f"{self.right} of {self.choices} choices right")
        if self.numbers:
            said.append(self._numbers_in_words)
        if self.after_run:
            said.append(f"{self.after_run} answered after the run")
        return " · ".join(said)

    @property
    def _numbers_in_words(self) -> str:
        """How many were right, and of enough others how far they were off: one median of all would call right
        who has half of them."""
        counted = f"{self.numbers_right} of {self.numbers} numbers"
        if self.wrong_off is None:
            return f"{counted} right"
        distance = _distance(self.wrong_off, self.wrong_lean)
        return f"{counted}, others {distance}" if self.numbers_right else f"{counted} right, {distance}"


def predictions_of(lessons: Iterable[Lesson]) -> Iterator[Predict]:
    """Every prediction that a course asks for."""
    return (block for lesson in lessons for block in lesson.blocks if isinstance(block, Predict))


def calibrate(asked: Iterable[Predict], made: Iterable[Prediction]) -> Calibration:
    """How good the predictions `made` are, of those that are settled and that the course still asks."""
    by_key = {predict.key: predict for predict in asked}
    choices: list[bool] = []
    pairs: list[tuple[float, bool]] = []
    """Of each number its ratio to what came out, as a logarithm, and whether it was right."""
    after_run = 0
    for prediction in made:
        predict = by_key.get(prediction.key)
        if predict is None or not prediction.settled or prediction.right is None:
            continue
        if prediction.after_run:
            after_run += 1
            continue
        outcome = prediction.outcome if predict.expected is None else predict.expected
        if predict.options:
            if outcome == predict.answer:  # else an earlier version of the lesson asked something else there
                choices.append(prediction.right)
        elif _is_number(prediction.guess) and _is_number(outcome):
            pairs.append((_log_ratio(prediction.guess, outcome), prediction.right))
    ratios = [ratio for ratio, _ in pairs]
    wrong = [ratio for ratio, right in pairs if not right]
    return Calibration(
        choices=len(choices),
        right=sum(choices),
        numbers=len(pairs),
        off=_off(ratios),
        lean=_lean(ratios),
        numbers_right=len(pairs) - len(wrong),
        wrong_off=_off(wrong),
        wrong_lean=_lean(wrong),
        after_run=after_run,
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _log_ratio(guess: float, outcome: float) -> float:
    """The natural logarithm of guess / outcome; inf where there is no such ratio."""
    if guess == outcome:
        return 0.0
    if guess == 0 or outcome == 0 or (guess > 0) != (outcome > 0):
        return math.inf
    return math.log(abs(guess)) - math.log(abs(outcome))


def _off(ratios: list[float]) -> float | None:
    return _median_factor([abs(ratio) for ratio in ratios])


def _lean(ratios: list[float]) -> float | None:
    return _median_factor([ratio for ratio in ratios if math.isfinite(ratio)])


def _median_factor(logs: list[float]) -> float | None:
    if len(logs) < FEWEST_NUMBERS:
        return None
    return math.exp(min(max(median(logs), -700.0), 700.0))


def _distance(off: float, lean: float | None) -> str:
    """How far in the middle, and to which side where that is most of it."""
    if off <= _EVEN:
        return "close"
    way = "off"
    if lean is not None and 2 * abs(math.log(lean)) > math.log(min(off, _LARGEST)):
        way = "too low" if lean < 1 else "too high"
    if off > _LARGEST:
        return f"far {way}"
    times = short(float(f"{off:.2g}"))
    return f"off by a factor of {times}" if way == "off" else f"about {times} times {way}"
