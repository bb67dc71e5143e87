"""What the open step asks, what the learner answered, and what the runs made of it."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass

from initplay.course.knob import Value
from initplay.course.lesson import Goal, Lesson, Target
from initplay.course.prediction import Predict, Verdict
from initplay.learner.progress import Prediction, Progress
from initplay.ui.bench.attempt import Attempt
from initplay.words.numbers import short, short_fact

MOST_MISSED = 3
"""How many of what was wrong are told again at the end."""
EDITED = "The source is edited, so this run settles nothing here. ctrl+l in the editor: the lesson's own."
NOTHING_MISSED = "You got nothing wrong here: every prediction held. Well seen."
SOME_UNANSWERED = "What you predicted held; {} of the {} questions here have no answer of yours."
NOTHING_SETTLED = "No run has settled a prediction of yours here yet: guess, then press r."
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
    """Whether a run of this step has shown it, though nobody had guessed."""
    order: tuple[int, ...] = ()
    """The numbers of the options, as this learner sees them from top to bottom."""
    seen: str = ""
    """What the learner saw, in words of their own."""
    asking: bool = False
    """Whether a run has just settled it, and the why waits for what was seen."""
    waits: str = ""
    """Why the last run did not settle it, in a sentence."""

    @classmethod
    def of(cls, predict: Predict, earlier: Prediction | None, learner: int = 0) -> Answer:
        """As it was kept, where it was; `learner` draws the order of the options."""
        answer = cls(predict, order=predict.options_in_order(learner))
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

    def settle(self, facts: Mapping[str, object]) -> Verdict:
        """Hold the guess against what a run found out."""
        assert self.guess is not None, "there is a guess to settle"
        predict = self.predict
        self.verdict = self._hold_against(
            predict.answer if predict.result is None else facts.get(predict.result)
        )
        self.asking, self.waits = bool(predict.why), ""
        return self.verdict

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
        """The guess beside what came out, or beside what theory says and this draw gave; empty until a run
        has settled it."""
        predict, guess, verdict = self.predict, self.guess, self.verdict
        if guess is None or verdict is None:
            return ""
        if predict.answer is not None:
            return "Right." if verdict.right else f"It was: {predict.options[predict.answer - 1]}."
        said, was = short_fact(guess), short_fact(self.outcome)
        if verdict.right is None:
            return f"You said {_counted(said, predict.unit)}; this run gave no number for it."
        if said == was and not verdict.right and isinstance(self.outcome, int | float):
            said, was = _told_apart(guess, self.outcome)
        if verdict.right and said == was:
            words = f"Right: {_counted(was, predict.unit)}"
        else:
            close = "Close" if verdict.right else "You were off"
            words = f"{close}: you said {said}, it {'is' if predict.expected is not None else 'was'} "
            words += _counted(was, predict.unit)
        if self.measured is not None and short_fact(self.measured) != short_fact(self.outcome):
            words += f", and in this draw {short_fact(self.measured)}"
        return f"{words}."


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


@dataclass(eq=False)
class Challenge:
    """A goal, and whether a run of the learner's has reached it."""

    goal: Goal
    reached: bool = False
    says: str = ""
    """What there is to say of it: why it was reached, what is missing, or a hint."""

    def judge(self, values: Mapping[str, object]) -> None:
        """Hold a run's knobs and results against the goal."""
        missed = self.goal.missed(dict(values))
        if missed:
            self.says = "Not yet: " + ", ".join(_gap(name, values, self.goal) for name in missed) + "."
        else:
            self.reached, self.says = True, self.goal.why

    def hint(self) -> None:
        self.says = self.goal.hint or "No hint here; the prose above has what it takes."


def _gap(name: str, values: Mapping[str, object], goal: Goal) -> str:
    """What a target was, and what it should be."""
    value, target = values.get(name), goal.targets[name]
    return f"{name.replace('_', ' ')} is {short_fact(value)} and should be {_wanted(target, value)}"


def _wanted(target: Target, value: object) -> str:
    """What a value that missed its target should be: the end that it is beyond, or the range."""
    if not isinstance(target, tuple):
        return short_fact(target)
    low, high = target
    if math.isinf(high):
        return f"{short(low)} or more"
    if math.isinf(low):
        return f"{short(high)} or less"
    if isinstance(value, int | float) and value > high:
        return f"{short(high)} or less"
    if isinstance(value, int | float) and value < low:
        return f"{short(low)} or more"
    return f"between {short(low)} and {short(high)}"


class Answers:
    """Of one step at a time; what is settled, reached or seen is kept at once."""

    def __init__(self, lesson: Lesson, progress: Progress) -> None:
        self._lesson = lesson
        self._progress = progress
        self._asked: Mapping[str, Value] = {}
        self._learner = _number_of_learner(progress)
        self.predictions: list[Answer] = []
        self.goals: list[Challenge] = []

    def open_step(self, step: int, asked: Mapping[str, Value]) -> None:
        """Turn to a step, counted from 0; `asked` are the knobs that its predictions are about."""
        state = self._progress.lesson_state(self._lesson.slug)
        earlier = {prediction.key: prediction for prediction in state.predictions}
        blocks = self._lesson.steps[step].blocks
        self._asked = dict(asked)
        self.predictions = [
            Answer.of(block, earlier.get(block.key), self._learner)
            for block in blocks
            if isinstance(block, Predict)
        ]
        self.goals = [
            Challenge(block, block.key in state.goals) for block in blocks if isinstance(block, Goal)
        ]

    @property
    def missed_in_words(self) -> str:
        """What the learner got wrong in this lesson, by what is kept: question, answer, and what it was."""
        state = self._progress.lesson_state(self._lesson.slug)
        earlier = {prediction.key: prediction for prediction in state.predictions}
        asked = [block for block in self._lesson.blocks if isinstance(block, Predict)]
        answers = [Answer.of(predict, earlier.get(predict.key), self._learner) for predict in asked]
        settled = [answer for answer in answers if answer.verdict and answer.verdict.right is not None]
        missed = [answer for answer in settled if answer.verdict and not answer.verdict.right]
        if not settled:
            return NOTHING_SETTLED if asked else ""
        if not missed:
            left = len(asked) - len(settled)
            return SOME_UNANSWERED.format(left, len(asked)) if left else NOTHING_MISSED
        said = [f"› {answer.predict.ask} {answer.missed_in_words}" for answer in missed[-MOST_MISSED:]]
        more = len(missed) - len(said)
        return "\n".join(["What surprised you:", *said, *([f"And {more} more."] if more else [])])

    def commit(self, answer: Answer, guess: float) -> None:
        """Answer; until a run has settled it, another answer may take its place."""
        answer.guess, answer.waits = guess, ""
        self._progress.predicted(answer.predict.key, guess)

    def see(self, answer: Answer, words: str) -> None:
        """The learner looked at what came out, and said what was seen or, with no words, nothing."""
        answer.asking, answer.seen = False, words
        if words:
            self._progress.observed(answer.predict.key, words)

    def settle(self, attempt: Attempt) -> list[str]:
        """Judge what a run decides, and say it in a sentence each: nothing where it did not finish."""
        if attempt.run.state != "finished":
            return []
        if attempt.order.edited:
            return self._leave_open()
        return [*self._settle_predictions(attempt), *self._judge_goals(attempt)]

    def _leave_open(self) -> list[str]:
        """Settle nothing: what ran is another program than the one that is asked about."""
        waiting = [answer for answer in self.predictions if answer.open and answer.guess is not None]
        open_goals = [challenge for challenge in self.goals if not challenge.reached]
        for answer in waiting:
            answer.waits = EDITED
        for challenge in open_goals:
            challenge.says = EDITED
        return [EDITED] if waiting or open_goals else []

    def _settle_predictions(self, attempt: Attempt) -> list[str]:
        said = []
        for answer in self.predictions:
            predict = answer.predict
            about_this = predict.experiment in (None, self._named(attempt))
            if not (answer.open and about_this):
                continue
            other_knobs = self._other_knobs(attempt)
            if answer.guess is None:
                answer.shown = answer.shown or not other_knobs
                continue
            if other_knobs:
                answer.waits = f"That was another run: your guess is about {other_knobs}."
            else:
                verdict = answer.settle(attempt.run.facts)
                self._progress.settled(predict.key, answer.guess, answer.found, verdict.right, verdict.score)
                said.append(f"◆ {answer.in_words}")
        return said

    def is_another_run(self, attempt: Attempt) -> bool:
        """Whether it is not the run that the predictions are about: it has other knobs, or another text."""
        return attempt.order.edited or bool(self._other_knobs(attempt))

    def _named(self, attempt: Attempt) -> str:
        """What was run, as this lesson names it."""
        name = attempt.experiment.name
        return name if attempt.is_of(self._lesson, name) else f"{attempt.lesson.slug}/{name}"

    def _other_knobs(self, attempt: Attempt) -> str:
        """The knobs as the step set them, of those that the run had otherwise."""
        knobs, asked = attempt.order.knobs, self._asked
        return ", ".join(
            f"{knob.name.replace('_', ' ')} {knob.format(asked[knob.name])}"
            for knob in attempt.experiment.knobs
            if knob.name in asked and knobs[knob.name] != asked[knob.name]
        )

    def _judge_goals(self, attempt: Attempt) -> list[str]:
        said = []
        for challenge in self.goals:
            if challenge.reached or challenge.goal.experiment != self._named(attempt):
                continue
            challenge.judge({**attempt.order.knobs, **attempt.run.facts})
            if challenge.reached:
                self._progress.goal_reached(challenge.goal.key, attempt.described)
                said.append("◆ Goal reached.")
        return said


def _number_of_learner(progress: Progress) -> int:
    """Drawn once and kept: the order of options follows from it."""
    number = progress.setting("learner")
    if not isinstance(number, int):
        number = random.randrange(2**31)
        progress.set_setting("learner", number)
    return number
