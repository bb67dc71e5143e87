"""All that a learner said and did, as one Markdown text: questions, answers, what they saw, code, runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from initplay.course.exercise import LEVEL_NAMES, LEVELS
from initplay.course.lesson import Goal, Lesson
from initplay.course.prediction import Predict
from initplay.learner.exercises import NotReadable, path_at, read
from initplay.learner.progress import LessonState, Prediction, Progress
from initplay.learner.saved import runs_folder
from initplay.words.numbers import short_fact

VERDICTS = {True: "right", False: "not right", None: "not settled"}
PASSED_OUTSIDE = "With a text that is of none of its levels, and is not kept here."
AFTER_RUN = ", answered after its run"


def journal(lessons: Iterable[Lesson], progress: Progress) -> str:
    """One section for each lesson that was begun, in the order of the course; then what else was kept."""
    parts = ["# What you did in initplay"]
    known = {lesson.slug: lesson for lesson in lessons}
    begun = progress.summary()["lessons"]
    for slug in [*(slug for slug in known if slug in begun), *(slug for slug in begun if slug not in known)]:
        parts += _lesson(slug, known.get(slug), progress)
    if len(parts) == 1:
        parts.append("Nothing begun yet.")
    return "\n\n".join(parts) + "\n"


def _lesson(slug: str, lesson: Lesson | None, progress: Progress) -> Iterator[str]:
    state = progress.lesson_state(slug)
    yield f"## {lesson.number:02} {lesson.title}" if lesson else f"## {slug} (not in this course)"
    yield _how_far(state)
    asked = {one.key: one for one in lesson.blocks if isinstance(one, Predict)} if lesson else {}
    if predictions := [_prediction(one, asked.get(one.key)) for one in _in_order(state.predictions, asked)]:
        yield "### Predictions"
        yield from predictions
    goals = {one.key: one for one in lesson.blocks if isinstance(one, Goal)} if lesson else {}
    if reached := progress.goals_reached(slug):
        yield "### Goals reached"
        yield "\n".join(_goal(key, run, goals.get(key)) for key, run in reached.items())
    if open_goals := [goal for key, goal in goals.items() if key not in reached]:
        yield "### Goals still open"
        yield "\n".join(f"- {goal.ask}" for goal in open_goals)
    yield from _exercise(slug, lesson, progress)
    if runs := _runs_of(slug):
        yield "### Runs saved"
        yield "\n".join(f"- `{run}`" for run in runs)


def _how_far(state: LessonState) -> str:
    if state.done:
        return f"Read to the end: {state.total} steps."
    return f"At step {state.step} of {state.total}." if state.step else "Not begun."


def _in_order(predictions: Iterable[Prediction], asked: Mapping[str, Predict]) -> list[Prediction]:
    """In that of the lesson; those that it does not ask any more come last."""
    places = {key: place for place, key in enumerate(asked)}
    return sorted(predictions, key=lambda one: places.get(one.key, len(places)))


def _prediction(one: Prediction, question: Predict | None) -> str:
    lines = [f"**{question.ask if question else one.key}**", ""]
    lines.append(f"- You said: {_in_words(one.guess, question)}")
    if one.settled:
        lines += [
            f"- It was: {_outcome(one, question)}",
            f"- That is {VERDICTS[one.right]}{AFTER_RUN * one.after_run}.",
        ]
        if question and question.why:
            lines.append(f"- Why: {question.why}")
    else:
        lines.append("- No run has settled it yet.")
    if one.seen:
        lines.append(f"- You saw: {one.seen}")
    return "\n".join(lines)


def _outcome(one: Prediction, question: Predict | None) -> str:
    if question and question.answer is not None:
        return question.options[question.answer - 1]
    if question and question.expected is not None:
        return _in_words(question.expected, question)
    return _in_words(one.outcome, question)


def _in_words(value: Any, question: Predict | None) -> str:
    """An option by its text, a number with its unit."""
    if question and question.options:
        named = isinstance(value, int | float) and 1 <= value <= len(question.options)
        return question.options[int(value) - 1] if named else str(value)
    return f"{short_fact(value)} {question.unit if question else ''}".strip()


def _goal(key: str, run: str, goal: Goal | None) -> str:
    return f"- {goal.ask if goal else key}" + (f" Reached by {run}." if run else "")


def _exercise(slug: str, lesson: Lesson | None, progress: Progress) -> Iterator[str]:
    state = progress.exercise_state(slug)
    name = lesson.exercise if lesson and lesson.exercise else "exercise"
    if state.done and not state.passed:
        yield f"### Exercise `{name}`, passed"
        yield PASSED_OUTSIDE
    for level in (level for level in LEVELS if level in state.passed):
        yield f"### Exercise `{name}`, passed: {LEVEL_NAMES[level - 1]}"
        try:
            yield f"```python\n{read(path_at(slug, name, level)).strip()}\n```"
        except NotReadable as error:
            yield str(error)


def _runs_of(slug: str) -> list[Path]:
    return sorted(runs_folder().glob(f"{slug}-*.jsonl"))
