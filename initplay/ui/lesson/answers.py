"""What the open step asks, what the learner answered, and what the runs made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from initplay.course.experiment import Experiment
from initplay.course.knob import Value
from initplay.course.lesson import Goal, Lesson
from initplay.course.prediction import Predict
from initplay.course.shortfall import shortfall
from initplay.learner.answer import Answer, settled_answers
from initplay.learner.progress import Progress
from initplay.ui.bench.attempt import Attempt

MOST_MISSED = 3
"""How many of what was wrong are told again at the end."""
EDITED = "Edited source settles nothing. e, then ctrl+l: the lesson's own text."
"""In one line at 80 columns, for where there is room for one."""
NOTHING_MISSED = "You got nothing wrong here: every prediction held. Well seen."
SOME_UNANSWERED = "What you predicted held; {} of the {} questions here have no answer of yours."
SOME_AFTER_RUN = "You got nothing wrong here; of {} questions you answered {} after the run."
NOTHING_SETTLED = "No run has settled a prediction of yours here yet: guess, then press r."


@dataclass(eq=False)
class Challenge:
    """A goal, and whether a run of the learner's has reached it."""

    goal: Goal
    given: Mapping[str, Value]
    """What the step sets the knobs to."""
    reached: bool = False
    verdict: str = ""
    """Why it was reached, or what is missing."""
    hinted: bool = False
    """Whether its hint was asked for."""
    runs: int = 0
    """How many have been held against it, of earlier starts too."""

    @property
    def in_runs(self) -> str:
        """The score of one that was reached: " in 3 runs"; empty where none were counted then."""
        return f" in {self.runs} run{'s' * (self.runs > 1)}" if self.reached and self.runs else ""

    def judge(self, attempt: Attempt, runs: int) -> None:
        """Hold a run's knobs and results against the goal; `runs` were, with it."""
        self.runs = runs
        values = {**attempt.order.knobs, **attempt.run.facts}
        meanings = attempt.lesson.meanings.get(attempt.experiment.name, {})
        missing = shortfall(self.goal, values, attempt.experiment.knobs, meanings, self.given)
        self.reached = not missing
        self.verdict = missing or self.goal.why

    @property
    def says(self) -> str:
        """What there is to say of it, the hint first."""
        hint = self.goal.hint or "No hint here; the prose above has what it takes."
        return "\n".join(filter(None, (hint if self.hinted and not self.reached else "", self.verdict)))


class Answers:
    """Of one step at a time; what is settled, reached or seen is kept at once."""

    def __init__(
        self,
        lesson: Lesson,
        progress: Progress,
        attempts: Callable[[], Iterable[Attempt]] = tuple,
        before_answer: Callable[[], None] = lambda: None,
    ) -> None:
        """`attempts` has those of the open step. `before_answer` is called before an answer is kept."""
        self._attempts = attempts
        self._before_answer = before_answer
        self._lesson = lesson
        self._progress = progress
        self._asked: Mapping[str, Value] = {}
        self._learner = progress.learner
        self.predictions: list[Answer] = []
        self.goals: list[Challenge] = []

    def open_step(self, step: int, asked: Mapping[str, Value]) -> None:
        """Turn to a step, counted from 0; `asked` are the knobs that its predictions are about."""
        state = self._progress.lesson_state(self._lesson.slug)
        earlier = {prediction.key: prediction for prediction in state.predictions}
        blocks = self._lesson.steps[step].blocks
        self._asked = dict(asked)
        self.predictions = [
            Answer.of(block, earlier.get(block.key), self._learner, shown=block.key in state.shown)
            for block in blocks
            if isinstance(block, Predict)
        ]
        self.goals = [
            self._challenge(block, block.key in state.goals) for block in blocks if isinstance(block, Goal)
        ]

    def asked(self, experiment: Experiment) -> Mapping[str, Value]:
        """The knobs of such an experiment that the step's predictions are about."""
        return {knob.name: self._asked[knob.name] for knob in experiment.knobs if knob.name in self._asked}

    def _challenge(self, goal: Goal, reached: bool) -> Challenge:
        """As it was left, in this start or an earlier one."""
        says = goal.why if reached else ""
        return Challenge(goal, self._asked, reached, says, runs=self._progress.goal_runs(goal.key))

    @property
    def missed_in_words(self) -> str:
        """What the learner got wrong in this lesson, by what is kept: question, answer, and what it was."""
        state = self._progress.lesson_state(self._lesson.slug)
        asked = [block for block in self._lesson.blocks if isinstance(block, Predict)]
        settled = settled_answers(self._lesson, state, self._learner)
        missed = [answer for answer in settled if answer.missed]
        if not settled:
            return NOTHING_SETTLED if asked else ""
        if not missed:
            left = len(asked) - len(settled)
            if late := sum(answer.shown for answer in settled):
                open_ = f" {left} have no answer of yours." if left else ""
                return SOME_AFTER_RUN.format(len(asked), late) + open_
            return SOME_UNANSWERED.format(left, len(asked)) if left else NOTHING_MISSED
        said = [f"› {answer.surprise_in_words}" for answer in missed[-MOST_MISSED:]]
        more = len(missed) - len(said)
        return "\n".join(["What surprised you:", *said, *([f"And {more} more."] if more else [])])

    @property
    def running(self) -> bool:
        """Whether a run of this step goes on."""
        return any(attempt.live for attempt in self._attempts())

    @property
    def settled(self) -> bool:
        """Whether the step asks something, and has all of it: then it needs no run any more."""
        done = [not answer.open for answer in self.predictions] + [goal.reached for goal in self.goals]
        return bool(done) and all(done)

    @property
    def waiting(self) -> bool:
        """Whether a run of the first draw would show what is asked here, before the learner has answered."""
        return any(
            answer.open and answer.guess is None and not answer.shown
            for answer in self.predictions
            if not (answer.predict.look or answer.predict.new_seed)
        )

    def commit(self, answer: Answer, guess: float) -> None:
        """Answer; until a run has settled it, another answer may take its place. What its run has shown by
        then is no prediction any more, and a diagnosis is settled by the run that was looked at."""
        self._before_answer()
        if any(attempt.run.moments and self._is_about(answer, attempt) for attempt in self._attempts()):
            self._show(answer)
        answer.guess, answer.waits = guess, ""
        self._let_go_of_another(answer.predict)
        self._progress.predicted(answer.predict.key, guess)
        looked_at = (one for one in self._attempts() if answer.predict.look and self._settles(answer, one))
        if attempt := next(looked_at, None):
            attempt.verdicts = [*attempt.verdicts, self._settle_by(answer, attempt)]

    def see(self, answer: Answer, words: str) -> None:
        """The learner looked at what came out, and said what was seen or, with no words, nothing."""
        answer.asking, answer.seen = False, words
        if words:
            self._progress.observed(answer.predict.key, words)

    def settle(self, attempt: Attempt) -> list[str]:
        """Judge what a run decides, and say it in a sentence each: nothing where it did not finish."""
        if attempt.run.state != "finished":
            self._take_as_shown(attempt)
            return []
        if attempt.order.edited:
            return self._leave_open()
        return [*self._settle_predictions(attempt), *self._judge_goals(attempt)]

    def results_wanted(self, attempt: Attempt) -> list[str]:
        """Which results the open goals ask of such a run, in their order."""
        knobs = {knob.name for knob in attempt.experiment.knobs}
        goals = (challenge.goal for challenge in self.goals if not challenge.reached)
        asked = (goal.targets for goal in goals if goal.experiment == self._named(attempt))
        return [name for targets in asked for name in targets if name not in knobs]

    def _leave_open(self) -> list[str]:
        """Settle nothing: what ran is another program than the one that is asked about."""
        waiting = [answer for answer in self.predictions if answer.open and answer.guess is not None]
        open_goals = [challenge for challenge in self.goals if not challenge.reached]
        for answer in waiting:
            answer.waits = EDITED
        for challenge in open_goals:
            challenge.verdict = EDITED
        return [EDITED] if waiting or open_goals else []

    def _settle_predictions(self, attempt: Attempt) -> list[str]:
        self._take_as_shown(attempt)
        said = []
        for answer in self.predictions:
            predict = answer.predict
            if not (answer.open and answer.guess is not None):
                continue
            if not self._is_of(answer, attempt):
                another = self._named(attempt)
                answer.waits = f"That was {another}: your guess is about {predict.experiment}."
            elif other_knobs := self._other_knobs(attempt):
                answer.waits = f"That was another run: your guess is about {other_knobs}."
            elif predict.new_seed and not attempt.new_draw:
                answer.waits = f"That was seed {attempt.seed} again: s draws a new one, then r."
            else:
                said.append(self._settle_by(answer, attempt))
        return said

    def _settles(self, answer: Answer, attempt: Attempt) -> bool:
        """Whether a run of the learner's is the very one that was asked about, and came to its end."""
        finished = attempt.run.state == "finished" and not attempt.swept
        return finished and self._is_about(answer, attempt)

    def _settle_by(self, answer: Answer, attempt: Attempt) -> str:
        """Hold an answer against a run, and keep what came of it; in a sentence."""
        assert answer.guess is not None, "there is a guess to settle"
        verdict = answer.settle(attempt.run.facts)
        self._progress.settled(answer.predict.key, answer.guess, answer.found, verdict.right, verdict.score)
        return f"◆ {answer.in_words}"

    def _take_as_shown(self, attempt: Attempt) -> None:
        """Note which questions a run has answered that the learner had not."""
        for answer in self.predictions:
            unanswered = answer.open and answer.guess is None
            if unanswered and attempt.run.moments and self._is_about(answer, attempt):
                self._show(answer)

    def _show(self, answer: Answer) -> None:
        if not answer.shown and not answer.predict.look:
            answer.shown = True
            self._let_go_of_another(answer.predict)
            self._progress.shown(answer.predict.key)

    def _let_go_of_another(self, predict: Predict) -> None:
        """An earlier version of the lesson asked something else here, whose verdict would stay; that of this
        very question, which another playground may have settled by now, does."""
        state = self._progress.lesson_state(self._lesson.slug)
        earlier = next((one for one in state.predictions if one.key == predict.key), None)
        if earlier is not None and earlier.settled and Answer.of(predict, earlier).open:
            self._progress.asks_another(predict.key)

    def _is_of(self, answer: Answer, attempt: Attempt) -> bool:
        """Whether it is the experiment that the question is about."""
        return answer.predict.experiment in (None, self._named(attempt))

    def _is_about(self, answer: Answer, attempt: Attempt) -> bool:
        """Whether it is the very run that the question is about, or a sweep that had that one."""
        if attempt.swept:
            had = any(self._has_what_is_asked(cell.knobs, attempt) for cell in attempt.cells)
            return had and self._is_of(answer, attempt) and not attempt.order.edited
        if answer.predict.new_seed and not attempt.new_draw:
            return False
        return self._is_of(answer, attempt) and not self.is_another_run(attempt)

    def is_another_run(self, attempt: Attempt) -> bool:
        """Whether it is not the run that the predictions are about: it has other knobs, or another text."""
        return attempt.order.edited or bool(self._other_knobs(attempt))

    def _has_what_is_asked(self, swept: Mapping[str, Value], attempt: Attempt) -> bool:
        """Whether a run of a sweep had the knobs as the step set them."""
        knobs = {**attempt.order.knobs, **swept}
        return all(knobs.get(name, value) == value for name, value in self._asked.items())

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
            challenge.judge(attempt, self._progress.goal_tried(challenge.goal.key))
            if challenge.reached:
                self._progress.goal_reached(challenge.goal.key, f"{attempt.described}{challenge.in_runs}")
                said.append(f"◆ Goal reached{challenge.in_runs}.")
        return said
