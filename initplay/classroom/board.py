"""What a class has done so far, lesson by lesson: a pure function of its learners and the course."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median_low
from typing import TypeVar

from initplay.classroom.learner import Guess, Learner
from initplay.classroom.tally import Row, of_numbers, of_options
from initplay.course.exercise import LEVELS
from initplay.course.lesson import ExerciseBlock, Goal, Lesson
from initplay.course.prediction import Predict

_Block = TypeVar("_Block", Predict, Goal, ExerciseBlock)
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?|\bNaN\b|-?\binf\b")


@dataclass(frozen=True)
class StepBoard:
    title: str
    here: tuple[str, ...]
    """The names of those who are at it now."""


@dataclass(frozen=True)
class QuestionBoard:
    """What was predicted."""

    key: str
    step: int
    ask: str
    unit: str
    rows: tuple[Row, ...]
    said: int
    """How many guessed."""
    settled: int
    """For how many of them a run has told whether they were right."""
    right: int
    value: float | str | None
    """What the runs came to: the right option's text, or a number; None while nobody's run has shown one."""


@dataclass(frozen=True)
class GoalBoard:
    key: str
    step: int
    ask: str
    reached: int
    came: int
    """How many came to its step."""


@dataclass(frozen=True)
class Mistake:
    """A sentence of the checks; numbers in it are those of whoever made it first."""

    says: str
    learners: int
    still: int
    """How many of them have not passed since."""


@dataclass(frozen=True)
class ExerciseBoard:
    name: str
    step: int
    tried: int
    """How many had it checked."""
    passed: int
    levels: tuple[int, ...]
    """How many passed at each level."""
    mistakes: tuple[Mistake, ...]
    """The most common first."""


@dataclass(frozen=True)
class LessonBoard:
    slug: str
    number: int
    title: str
    been: int
    """How many opened it."""
    at_end: int
    """How many reached its last step."""
    steps: tuple[StepBoard, ...]
    questions: tuple[QuestionBoard, ...]
    goals: tuple[GoalBoard, ...]
    exercise: ExerciseBoard | None

    @property
    def here(self) -> int:
        return sum(len(step.here) for step in self.steps)

    @property
    def is_begun(self) -> bool:
        return bool(self.been or any(question.said for question in self.questions))


@dataclass(frozen=True)
class Board:
    learners: int
    lessons: tuple[LessonBoard, ...]
    at_none: tuple[str, ...] = ()
    """The names of those who are at no step of this course, or at none yet."""

    @property
    def elsewhere(self) -> int:
        """How many those are."""
        return len(self.at_none)

    @property
    def where_most_are(self) -> int:
        """Which of the lessons, counted from 0."""
        counts = [lesson.here for lesson in self.lessons]
        return counts.index(max(counts)) if counts else 0


def board_of(learners: Sequence[Learner], lessons: Iterable[Lesson]) -> Board:
    """The board of a class that reads these lessons; what others tell of other lessons is left out."""
    learners = list(_told_apart(learners))
    boards = tuple(_lesson(lesson, learners) for lesson in lessons)
    here = {name for lesson in boards for step in lesson.steps for name in step.here}
    at_none = sorted(learner.name for learner in learners if learner.name not in here)
    return Board(len(learners), boards, tuple(at_none))


def _told_apart(learners: Iterable[Learner]) -> Iterator[Learner]:
    """The same, and whoever has the name of one before them has a number behind it: "amber otter 2"."""
    taken: Counter[str] = Counter()
    for learner in learners:
        name = learner.name
        while name in taken:
            taken[learner.name] += 1
            name = f"{learner.name} {taken[learner.name]}"
        taken[name] = 1
        yield replace(learner, name=name)


def _lesson(lesson: Lesson, learners: Sequence[Learner]) -> LessonBoard:
    been = [learner for learner in learners if lesson.slug in learner.furthest]
    exercises = [exercise for _, exercise in _blocks(lesson, ExerciseBlock)]
    return LessonBoard(
        slug=lesson.slug,
        number=lesson.number,
        title=lesson.title,
        been=len(been),
        at_end=sum(learner.at_end(lesson.slug) for learner in been),
        steps=tuple(
            StepBoard(step.title, tuple(sorted(learner.name for learner in _at(lesson, number, been))))
            for number, step in enumerate(lesson.steps, 1)
        ),
        questions=tuple(_question(step, predict, learners) for step, predict in _blocks(lesson, Predict)),
        goals=tuple(
            GoalBoard(
                goal.key,
                step,
                goal.ask,
                reached=sum(goal.key in learner.goals for learner in learners),
                came=sum(
                    learner.furthest.get(lesson.slug, 0) >= step or goal.key in learner.goals
                    for learner in learners
                ),
            )
            for step, goal in _blocks(lesson, Goal)
        ),
        exercise=_exercise(lesson, exercises[0].name, learners) if exercises else None,
    )


def _blocks(lesson: Lesson, kind: type[_Block]) -> Iterator[tuple[int, _Block]]:
    """The blocks of that kind, each with the number of its step."""
    for number, step in enumerate(lesson.steps, 1):
        yield from ((number, block) for block in step.blocks if isinstance(block, kind))


def _at(lesson: Lesson, step: int, learners: Iterable[Learner]) -> Iterator[Learner]:
    """Who is at the step; at the last one also who has an edition of the lesson with more of them."""
    last = len(lesson.steps)
    return (one for one in learners if one.lesson == lesson.slug and min(one.step, last) == step)


def _question(step: int, predict: Predict, learners: Iterable[Learner]) -> QuestionBoard:
    guesses = [learner.guesses[predict.key] for learner in learners if predict.key in learner.guesses]
    if predict.options:
        guesses = [guess for guess in guesses if guess.value in range(1, len(predict.options) + 1)]
    settled = [guess for guess in guesses if guess.settled]
    values = [guess.value for guess in guesses]
    if predict.answer is not None:
        value = predict.options[predict.answer - 1] if settled else None
        rows = of_options(predict.options, values, predict.answer if settled else None)
    else:
        value = _value(predict, settled)
        rows = of_numbers(values, value, lambda guess: predict.judge(guess, value).right is True)
    return QuestionBoard(
        predict.key,
        step,
        predict.ask,
        predict.unit,
        rows,
        said=len(guesses),
        settled=sum(guess.right is not None for guess in settled),
        right=sum(guess.right is True for guess in settled),
        value=value,
    )


def _value(predict: Predict, settled: Sequence[Guess]) -> float | None:
    """What guesses are held against: theory, or the middle one of what the runs gave."""
    if not settled:
        return None
    if predict.expected is not None:
        return predict.expected
    found = [one.outcome for one in settled if isinstance(one.outcome, int | float)]
    found = [outcome for outcome in found if math.isfinite(outcome)]
    return median_low(found) if found else None


def _exercise(lesson: Lesson, name: str, learners: Sequence[Learner]) -> ExerciseBoard:
    slug = lesson.slug
    tried = [one for one in learners if slug in one.passed or slug in one.missed]
    return ExerciseBoard(
        name,
        next(step for step, _ in _blocks(lesson, ExerciseBlock)),
        tried=len(tried),
        passed=sum(slug in one.passed for one in tried),
        levels=tuple(sum(level in one.passed.get(slug, ()) for one in tried) for level in LEVELS),
        mistakes=_mistakes(slug, tried),
    )


def _mistakes(slug: str, learners: Iterable[Learner]) -> tuple[Mistake, ...]:
    """What the checks said to how many; two sentences that differ in their numbers alone are one mistake."""
    first: dict[str, str] = {}
    made: Counter[str] = Counter()
    still: Counter[str] = Counter()
    for learner in learners:
        mine: set[str] = set()
        for says in learner.missed.get(slug, ()):
            mistake = _NUMBER.sub("#", says)
            first.setdefault(mistake, says)
            mine.add(mistake)
        made.update(mine)
        still.update(mine if slug not in learner.passed else ())
    ranked = sorted(made, key=lambda mistake: (-made[mistake], first[mistake]))
    return tuple(Mistake(first[one], made[one], still[one]) for one in ranked)
