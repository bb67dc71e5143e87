"""An answer to a prediction, the verdict on it, and both in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from initplay.course.lesson import Lesson
from initplay.course.prediction import Predict, Verdict
from initplay.learner.progress import LessonState, Prediction
from initplay.words.numbers import rounds_to, short, short_fact

AFTER_RUN = "Answered after its run, so it counts as no prediction."
_PLURAL = re.compile(r"(?<=\w\w[^\Waius])s$")
"""The s of steps and layers, not that of loss, bias or ms."""


@dataclass(eq=False)
class Answer:
    """The answer to a prediction: committed to before the run, and settled by it."""

    predict: Predict
    guess: float | None = None
    """The number of an option, or a number; None until the learner commits to one."""
    verdict: Verdict | None = None
    """None until a run has settled it."""
    outcome: object = None
    """What it was held against."""
    measured: object = None
    """What the run gave, where the guess was held against theory or many draws."""
    shown: bool = False
    """Whether a run had shown it before it was answered: the answer is no prediction then."""
    order: tuple[int, ...] = ()
    """The numbers of the options, as this learner sees them from top to bottom."""
    seen: str = ""
    """What the learner saw, in words of their own."""
    asking: bool = False
    """Whether a run has just settled it, and the why waits for what was seen."""
    waits: str = ""
    """Why the last run did not settle it, in a sentence."""

    @classmethod
    def of(
        cls, predict: Predict, earlier: Prediction | None, learner: int = 0, *, shown: bool = False
    ) -> Answer:
        """As it was kept, where it was; `learner` draws the order of the options."""
        answer = cls(predict, order=predict.options_in_order(learner), shown=shown)
        if earlier is not None and isinstance(earlier.guess, int | float) and _is_of(predict, earlier):
            answer.guess = earlier.guess
            if earlier.settled:
                answer.verdict = answer._hold_against(earlier.outcome)
                if predict.expected is None:  # as it was said then; against theory it may not have been
                    answer.verdict = Verdict(earlier.right, earlier.score or 0.0)
                answer.seen = earlier.seen
        return answer

    @property
    def open(self) -> bool:
        return self.verdict is None

    @property
    def missed(self) -> bool:
        """Whether it was settled, and wrong; one that no run could tell is neither."""
        return self.verdict is not None and self.verdict.right is False

    def settle(self, facts: Mapping[str, object]) -> Verdict:
        """Hold the guess against what a run found out."""
        assert self.guess is not None, "there is a guess to settle"
        predict = self.predict
        self.verdict = self._hold_against(
            predict.answer if predict.result is None else facts.get(predict.result)
        )
        self.asking, self.waits = bool(predict.why), ""
        return self.verdict

    def again(self, guess: float) -> Answer:
        """Another guess of the same learner, held against what settled this one, which stays as it is."""
        other = Answer(self.predict, guess, order=self.order)
        other.verdict = other._hold_against(self.found)
        return other

    def _hold_against(self, found: object) -> Verdict:
        """Take what a run found and, where there is one, what theory expects in its place."""
        assert self.guess is not None, "there is a guess to hold against it"
        self.outcome = found
        if self.predict.expected is not None:
            self.outcome, self.measured = self.predict.expected, found
        return self.predict.judge(self.guess, self.outcome)

    @property
    def found(self) -> object:
        """What the run itself gave: this is kept, for theory is in the lesson."""
        return self.outcome if self.predict.expected is None else self.measured

    @property
    def surprise_in_words(self) -> str:
        """What was asked, with dots where an option would end its sentence, and how it came out."""
        ask = self.predict.ask
        dots = "" if ask.endswith((".", "?", "!", ":")) else " …"
        return f"{ask}{dots} {self.missed_in_words}"

    @property
    def missed_in_words(self) -> str:
        """What was said beside what it was, of one that was settled and wrong."""
        if self.predict.answer is None or self.guess is None:
            return self.in_words
        return f"You said: {self.predict.options[int(self.guess) - 1]}. {self.in_words}"

    @property
    def tells_more(self) -> bool:
        """Whether what waits behind the prediction may be read: it is settled, and what was seen is said."""
        return (not self.open and not self.asking) or self.shown

    @property
    def in_words(self) -> str:
        """The guess beside what came out, or beside what theory says and its run gave, and whether it was a
        prediction at all; empty until a run has settled it."""
        words = self._verdict_in_words
        return f"{words} {AFTER_RUN}" if words and self.shown else words

    @property
    def _verdict_in_words(self) -> str:
        predict, guess, verdict = self.predict, self.guess, self.verdict
        if guess is None or verdict is None:
            return ""
        if predict.answer is not None:
            return "Right." if verdict.right else f"It was: {predict.options[predict.answer - 1]}."
        said, was = short_fact(guess), short_fact(self.outcome)
        if verdict.right is None:
            return f"You said {_counted(said, predict.unit)}; the run gave no number for it."
        if said == was and not verdict.right and isinstance(self.outcome, int | float):
            said, was = _told_apart(guess, self.outcome)
        is_it = said == was or (isinstance(self.outcome, int | float) and rounds_to(self.outcome, guess))
        if verdict.right and is_it:
            words = f"Right: {_counted(was, predict.unit)}"
        else:
            close = "Close" if verdict.right else "You were off"
            words = f"{close}: you said {said}, it {'is' if predict.expected is not None else 'was'} "
            words += _counted(was, predict.unit)
        if self.measured is not None and short_fact(self.measured) != short_fact(self.outcome):
            words += f"; the run that settled it gave {short_fact(self.measured)}"  # not one that came later
        return f"{words}."


def settled_answers(lesson: Lesson, state: LessonState, learner: int = 0) -> list[Answer]:
    """The answers in a lesson that are right or wrong, in reading order."""
    earlier = {prediction.key: prediction for prediction in state.predictions}
    asked = (block for block in lesson.blocks if isinstance(block, Predict))
    answers = (
        Answer.of(predict, earlier.get(predict.key), learner, shown=predict.key in state.shown)
        for predict in asked
    )
    return [answer for answer in answers if answer.verdict and answer.verdict.right is not None]


def _is_of(predict: Predict, earlier: Prediction) -> bool:
    """Whether what was kept can answer this question: an earlier version of the lesson may have asked another
    in its place."""
    if predict.answer is None:
        return True
    is_option = earlier.guess in range(1, len(predict.options) + 1)
    return is_option and (not earlier.settled or earlier.outcome == predict.answer)


def _told_apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers that are alike in three digits, with as many as tell them apart."""
    texts = [(short(one, digits), short(other, digits)) for digits in range(4, 18)]
    return next(((mine, its) for mine, its in texts if mine != its), texts[-1])


def _counted(number: str, unit: str) -> str:
    """A number with its unit, of which one is one: 1 step, 2 steps."""
    return f"{number} {_PLURAL.sub('', unit) if number == '1' else unit}".rstrip()
