"""The page that one keeps of the course: its formulas, what one can do now, what one had predicted wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from initplay.course.lesson import ExerciseBlock, Goal, Lesson
from initplay.course.reference import formulas
from initplay.learner.answer import settled_answers
from initplay.learner.calibration import calibrate, predictions_of
from initplay.learner.progress import LessonState

NOTHING_MISSED = "Nothing: no run has proven a prediction of yours wrong."


def keepsake(lessons: Sequence[Lesson], states: Sequence[LessonState], reference: str) -> str:
    """As Markdown. `states` are those of the lessons; `reference` is the course's own page of formulas, and
    may be empty."""
    return "\n\n".join(
        [
            "# What you take along",
            "\n".join(f"- {line}" for line in _counts(lessons, states)),
            *_abilities(lessons, states),
            *([formulas(reference)] if reference.strip() else []),
            "## What surprised you",
            *(_surprises(lessons, states) or [NOTHING_MISSED]),
        ]
    )


def _counts(lessons: Sequence[Lesson], states: Sequence[LessonState]) -> Iterator[str]:
    """How much of the course is done."""
    pairs = list(zip(lessons, states, strict=True))
    goals = [
        block.key in state.goals
        for lesson, state in pairs
        for block in lesson.blocks
        if isinstance(block, Goal)
    ]
    exercises = [
        state.exercise_passed
        for lesson, state in pairs
        if any(isinstance(block, ExerciseBlock) for block in lesson.blocks)
    ]
    yield f"{sum(state.done for state in states)} of {len(states)} lessons read to the end"
    yield f"{sum(goals)} of {len(goals)} goals reached"
    yield f"{sum(exercises)} of {len(exercises)} exercises passed"
    made = [prediction for state in states for prediction in state.predictions]
    if words := calibrate(predictions_of(lessons), made).in_words():
        yield words


def _abilities(lessons: Sequence[Lesson], states: Sequence[LessonState]) -> list[str]:
    pairs = zip(lessons, states, strict=True)
    can = [f"- {lesson.end.can}" for lesson, state in pairs if state.done and lesson.end]
    return ["## What you can do now", "\n".join(can)] if can else []


def _surprises(lessons: Sequence[Lesson], states: Sequence[LessonState]) -> list[str]:
    """For each lesson its title and what was missed there, with what was said and what it was."""
    parts = []
    for lesson, state in zip(lessons, states, strict=True):
        missed = [answer for answer in settled_answers(lesson, state) if answer.missed]
        if missed:
            entries = (f"- {answer.surprise_in_words}" for answer in missed)
            parts += [f"### {lesson.number:02} {lesson.title}", "\n".join(entries)]
    return parts
