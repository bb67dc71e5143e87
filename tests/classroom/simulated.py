"""Learners that take part in a class as the playground would have them, without a screen.

    python tests/classroom/simulated.py DIR

has thirty of them work in DIR, which is made, at the pace of a rehearsal: look with `initplay class DIR`.
"""

from __future__ import annotations

import random
import re
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from initplay.classroom.member import Member
from initplay.classroom.names import made_up
from initplay.classroom.progress import ClassProgress
from initplay.course.course import Course
from initplay.course.lesson import ExerciseBlock, Goal, Lesson
from initplay.course.prediction import Predict
from initplay.learner.progress import Progress
from initplay.learner.store import Store

_SAYS = re.compile(r'Mistake\(\s*"([^"]+)",')
_VALUE = re.compile(r"\{[^}]*\}")


def take_part(
    folder: Path, number: int, lessons: Sequence[Lesson], rest: Callable[[], object] = lambda: None
) -> None:
    """Learner `number` works for a while and leaves; the same number does the same each time.

    `rest` is called before each step.
    """
    draw = random.Random(number)
    progress = ClassProgress(Store.in_memory(folder))
    progress.member = Member(folder / f"learner-{number:08x}.jsonl", made_up(str(number)))
    far = min(len(lessons), 1 + int(draw.triangular(0, 5, 3)))
    for at, lesson in enumerate(lessons[:far], 1):
        last = len(lesson.steps) if at < far else draw.randint(1, len(lesson.steps))
        for step in range(1, last + 1):
            rest()
            _do_step(progress, lesson, step, draw)
    progress.close()


def _do_step(progress: Progress, lesson: Lesson, step: int, draw: random.Random) -> None:
    progress.reach(lesson.slug, step, len(lesson.steps))
    for block in lesson.steps[step - 1].blocks:
        if isinstance(block, Predict) and draw.random() < 0.9:
            _predict(progress, block, draw)
        elif isinstance(block, Goal) and draw.random() < 0.6:
            progress.goal_reached(block.key, "a run")
        elif isinstance(block, ExerciseBlock) and draw.random() < 0.7:
            _exercise(progress, lesson, draw)


def _predict(progress: Progress, predict: Predict, draw: random.Random) -> None:
    if predict.options:
        assert predict.answer is not None
        guess = predict.answer if draw.random() < 0.5 else draw.randint(1, len(predict.options))
        outcome: float = predict.answer
    else:
        outcome = predict.expected if predict.expected is not None else 22.6
        near = outcome * 10 ** draw.choice([0, 0, 0, 0.02, -0.3, 0.5, 1.35, 1.35, -1])
        guess = float(f"{near:.2g}")
    progress.predicted(predict.key, guess)
    if draw.random() < 0.85:
        verdict = predict.judge(guess, outcome)
        progress.settled(predict.key, guess, outcome, verdict.right, verdict.score)


def _exercise(progress: Progress, lesson: Lesson, draw: random.Random) -> None:
    found = _SAYS.findall((lesson.path / "checks.py").read_text(encoding="utf-8"))
    known = [_VALUE.sub(lambda _: f"{draw.random():.3g}", says) for says in found]
    level = draw.randint(1, 3)
    for _ in range(draw.randint(0, 3)):
        if known:
            says = known[min(int(draw.expovariate(1)), len(known) - 1)]
            progress.exercise_missed(lesson.slug, level, [says])
    if draw.random() < 0.6:
        progress.exercise_passed(lesson.slug, level)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lessons = Course.load().lessons
    for number in range(30):
        rest = partial(time.sleep, random.Random(number).uniform(1, 4))
        threading.Thread(target=take_part, args=(folder, number, lessons, rest)).start()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
