"""How well the learner predicts, over the whole course: choices by how many were right, numbers by ratio."""

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
"""Below it a median says nothing."""
_EVEN = 1.05
"""What lies within this factor is as good as right."""
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
    after_run: int = 0
    """How many more were answered when their run had been seen: they say nothing of how one predicts."""

    def in_words(self) -> str:
        """One line; empty where nothing is settled yet."""
        said = []
        if self.choices:
            said.append(f"{self.right} of {self.choices} choices right")
        if self.off is not None:
            said.append(f"numbers typically {_distance(self.off, self.lean)}")
        if self.after_run:
            said.append(f"{self.after_run} answered after the run")
        return " · ".join(said)


def predictions_of(lessons: Iterable[Lesson]) -> Iterator[Predict]:
    """Every prediction that a course asks for."""
    return (block for lesson in lessons for block in lesson.blocks if isinstance(block, Predict))


def calibrate(asked: Iterable[Predict], made: Iterable[Prediction]) -> Calibration:
    """How good the predictions `made` are, of those that are settled and that the course still asks."""
    by_key = {predict.key: predict for predict in asked}
    choices: list[bool] = []
    pairs: list[tuple[float, float]] = []
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
            pairs.append((prediction.guess, outcome))
    ratios = [_log_ratio(guess, outcome) for guess, outcome in pairs]
    leans = [ratio for ratio in ratios if math.isfinite(ratio)]
    return Calibration(
        choices=len(choices),
        right=sum(choices),
        numbers=len(pairs),
        off=_median_factor([abs(ratio) for ratio in ratios]),
        lean=_median_factor(leans),
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


def _median_factor(logs: list[float]) -> float | None:
    if len(logs) < FEWEST_NUMBERS:
        return None
    return math.exp(min(max(median(logs), -700.0), 700.0))


def _distance(off: float, lean: float | None) -> str:
    if off <= _EVEN:
        return "right"
    far = "far off" if off > _LARGEST else f"{short(float(f'{off:.2g}'))} times off"
    if lean is None:
        return far
    if 1 / _EVEN <= lean <= _EVEN:
        return f"{far}, high or low"
    return f"{far}, mostly too {'low' if lean < 1 else 'high'}"
