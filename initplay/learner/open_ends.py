"""What of a lesson is still open: predictions that no run has settled, goals that none has reached."""

from __future__ import annotations

from dataclasses import dataclass

from initplay.course.lesson import ExerciseBlock, Goal, Lesson
from initplay.course.prediction import Predict
from initplay.learner.progress import LessonState


@dataclass(frozen=True)
class OpenEnds:
    """Of one step."""

    predictions: int = 0
    goals: int = 0
    exercise: bool = False

    def __bool__(self) -> bool:
        return bool(self.predictions or self.goals or self.exercise)

    @property
    def in_words(self) -> str:
        """ "1 prediction, 2 goals open"; empty where nothing is."""
        return f"{self.counted} open" if self else ""

    @property
    def counted(self) -> str:
        """ "1 prediction, 2 goals"; empty where nothing is open."""
        counted = ((self.predictions, "prediction"), (self.goals, "goal"), (int(self.exercise), "exercise"))
        return ", ".join(f"{count} {what}{'s' * (count > 1)}" for count, what in counted if count)


def open_ends(lesson: Lesson, state: LessonState) -> list[OpenEnds]:
    """Of each step, in order."""
    settled = {prediction.key for prediction in state.predictions if prediction.settled}
    return [
        OpenEnds(
            sum(isinstance(block, Predict) and block.key not in settled for block in step.blocks),
            sum(isinstance(block, Goal) and block.key not in state.goals for block in step.blocks),
            not state.exercise_passed and any(isinstance(block, ExerciseBlock) for block in step.blocks),
        )
        for step in lesson.steps
    ]


def goals_in_words(lesson: Lesson, state: LessonState) -> str:
    """ "2 of 3 goals"; empty where the lesson has none, or all are reached."""
    keys = [block.key for block in lesson.blocks if isinstance(block, Goal)]
    reached = sum(key in state.goals for key in keys)
    return f"{reached} of {len(keys)} goal{'s' * (len(keys) > 1)}" if reached < len(keys) else ""


def unanswered(lesson: Lesson, state: LessonState) -> int:
    """How many predictions of the steps that were seen no run has settled."""
    return sum(ends.predictions for step, ends in _seen(lesson, state))


def unread(lesson: Lesson, state: LessonState) -> list[int]:
    """The steps that were not seen, counted from 1."""
    return [step for step in range(1, len(lesson.steps) + 1) if step not in state.visited]


def passed_over(lesson: Lesson, state: LessonState) -> list[int]:
    """Those before the furthest that was seen."""
    return [step for step in unread(lesson, state) if step < state.furthest]


def _seen(lesson: Lesson, state: LessonState) -> list[tuple[int, OpenEnds]]:
    """What is open in each step that was seen; steps count from 1."""
    found = enumerate(open_ends(lesson, state), 1)
    return [(step, ends) for step, ends in found if step in state.visited]


def open_in_words(lesson: Lesson, state: LessonState) -> str:
    """ "1 prediction, 2 goals open in steps 3, 5 · steps 4, 6 not read": what is open in the steps that were
    seen, and those that were passed over; empty where nothing is, and for a lesson that is not begun."""
    left_out = passed_over(lesson, state)
    not_read = f"{_steps(left_out)} not read" if left_out else ""
    return " · ".join(filter(None, (_open_in_steps(lesson, state), not_read)))


def _open_in_steps(lesson: Lesson, state: LessonState) -> str:
    seen = _seen(lesson, state)
    where = [number for number, ends in seen if ends]
    if not where:
        return ""
    whole = OpenEnds(
        sum(ends.predictions for _, ends in seen),
        sum(ends.goals for _, ends in seen),
        any(ends.exercise for _, ends in seen),
    )
    return f"{whole.in_words} in {_steps(where)}"


def _steps(numbers: list[int]) -> str:
    """ "steps 3, 5, 7-9": of rising numbers, so that ten of them have room in a line."""
    stretches: list[list[int]] = []
    for number in numbers:
        if stretches and number == stretches[-1][-1] + 1:
            stretches[-1].append(number)
        else:
            stretches.append([number])
    parts = [f"{one[0]}-{one[-1]}" if len(one) > 2 else ", ".join(map(str, one)) for one in stretches]
    return f"step{'s' * (len(numbers) > 1)} {', '.join(parts)}"


def step_to_open(lesson: Lesson, state: LessonState) -> int:
    """Where a lesson is taken up, counted from 0: where it was left; where that is its end, at the first
    step that was passed over; once it is done, at what is open."""
    if state.done:
        found = (step for step, ends in enumerate(open_ends(lesson, state)) if ends)
        return next(found, 0)
    if state.step >= len(lesson.steps) and (left_out := passed_over(lesson, state)):
        return left_out[0] - 1
    return min(max(0, state.step - 1), len(lesson.steps) - 1)
