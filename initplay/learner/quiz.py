"""Which of one's own misses are asked again today: a week after the miss, and three weeks after that.

No clock is read here: the moment is the caller's, in UTC as the progress has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from initplay.course.lesson import Lesson, Prose, Step
from initplay.course.prediction import Predict
from initplay.learner.answer import Answer, settled_answers
from initplay.learner.progress import QUIZ_OFF as OFF
from initplay.learner.progress import History, Progress

MOST = 5
"""Questions within a day."""
_DAY = timedelta(days=1)
_WAITS = (timedelta(weeks=1), timedelta(weeks=3))
"""After the miss, and after the first right answer; after the second it is known."""


@dataclass(frozen=True)
class Question:
    """One that was missed, and where it was asked."""

    lesson: Lesson
    step: Step
    first: Answer
    """The answer of then, with its verdict."""

    @property
    def place(self) -> str:
        return f"{self.lesson.number:02} {self.lesson.title} · {self.step.title}"

    @property
    def context(self) -> str:
        """The Markdown that stood above the question."""
        blocks = self.step.blocks
        above = blocks[: blocks.index(self.first.predict)]
        return "\n\n".join(block.text for block in above if isinstance(block, Prose) and not block.after)


def due_at(history: History) -> datetime | None:
    """When a miss is to be asked again; None once it is known."""
    last, known = history.settled, 0
    for moment, right in history.again:
        last, known = moment, known + 1 if right else 0
    return last + _WAITS[known] if known < len(_WAITS) else None


def due(histories: Iterable[tuple[str, History]], now: datetime) -> list[str]:
    """The keys of the misses to ask now, those that wait longest first; what was answered within a day counts
    among the `MOST` of that day."""
    histories = list(histories)
    just_asked = sum(now - moment < _DAY for _, history in histories for moment, _ in history.again)
    waiting = [(at, key) for key, history in histories if (at := due_at(history)) and at <= now]
    return [key for _, key in sorted(waiting)][: max(0, MOST - just_asked)]


def questions_due(lessons: Iterable[Lesson], progress: Progress, now: datetime) -> list[Question]:
    """What to ask the learner now; nothing where they want no quiz."""
    if progress.setting(OFF):
        return []
    missed = _missed(lessons, progress)
    histories = ((key, history) for key in missed if (history := progress.history(key)))
    return [missed[key] for key in due(histories, now)]


def _missed(lessons: Iterable[Lesson], progress: Progress) -> dict[str, Question]:
    """By key."""
    learner = progress.learner
    found = {}
    for lesson in lessons:
        answers = settled_answers(lesson, progress.lesson_state(lesson.slug), learner)
        missed = {answer.predict.key: answer for answer in answers if answer.missed}
        for step in lesson.steps:
            keys = [block.key for block in step.blocks if isinstance(block, Predict)]
            found |= {key: Question(lesson, step, missed[key]) for key in keys if key in missed}
    return found
