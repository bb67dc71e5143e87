"""What the exercise is about: the learner's texts, one for each level, their verdicts, and what was asked for
of the help.

No Textual here: a screen shows a desk, and what the learner does becomes a call on it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial

from initplay.course.exercise import LEVEL_NAMES, LEVELS, Exercise, exercise_of
from initplay.course.lesson import Lesson
from initplay.engine.order import to_check
from initplay.lab.events import Recorded
from initplay.learner.exercises import path_of
from initplay.learner.progress import Progress
from initplay.ui.bench.session import Starter
from initplay.ui.bench.stopwatch import Clock, Stopwatch
from initplay.ui.exercise.own_file import OwnFile
from initplay.ui.exercise.verdict import Verdict


class Desk:
    """The exercise of one lesson. `changed` is called whenever there is something else to show."""

    def __init__(
        self,
        lesson: Lesson,
        engine: Starter,
        progress: Progress,
        changed: Callable[[], None],
        *,
        clock: Clock = time.monotonic,
    ) -> None:
        """Raises CourseError where the lesson has no exercise, or its files cannot be read."""
        self.exercise: Exercise = exercise_of(lesson)
        self.seen = progress.exercise_state(self.exercise.lesson)
        """What was passed and looked up so far, on any day."""
        self.level = self.seen.level if self.seen.level in LEVELS else 1
        self.hint = 0
        """The number of the hint that is shown; 0 for none."""
        self.places: dict[int, tuple[int, int]] = {}
        """Where the cursor stood in the text of each level, as row and column."""
        self._engine = engine
        self._progress = progress
        self._changed = changed
        self._clock = clock
        self._files: dict[int, OwnFile] = {}
        self._verdicts: dict[int, Verdict] = {}
        kept = progress.setting(self._key_of_passed)
        self._passed, self._passed_at = kept if isinstance(kept, list) else (str(kept or ""), 0)
        """The text that passed last, on any day, and the level that it passed at; 0 where none was kept."""

    # The text

    @property
    def file(self) -> OwnFile:
        """The learner's file of the level, begun where there is none."""
        if self.level not in self._files:
            exercise, level = self.exercise, self.level
            self._files[level] = OwnFile(path_of(exercise, level), exercise.start(level))
            if (unkept := self._progress.edit(self._key(level))) is not None:
                self._files[level].put_beside(unkept)
        return self._files[self.level]

    def _key(self, level: int) -> str:
        """Under which a text is kept that its file did not take."""
        return f"{self.exercise.lesson}/exercise/{level}"

    @property
    def _key_of_passed(self) -> str:
        return f"passed/{self.exercise.lesson}"

    @property
    def text(self) -> str:
        return self.file.text

    @property
    def start(self) -> str:
        """What the level begins with."""
        return self.exercise.start(self.level)

    def open_level(self, level: int) -> None:
        """Turn to a level; its text is apart from those of the others."""
        if level == self.level:
            return
        self.leave()
        self.level = level
        self._progress.exercise_at(self.exercise.lesson, level)
        self._look_up()
        self._changed()

    @property
    def next_level(self) -> int:
        """The level after this one, round and round."""
        return self.level % len(LEVELS) + 1

    def edit(self, text: str, level: int | None = None) -> None:
        """Take another text, by default of the level; it is written at the next tick."""
        (self.file if level is None else self._files[level]).edit(text)

    def tick(self) -> bool:
        """Write what was typed, and see what another program wrote; whether the text is another for that."""
        before = (self.file.trouble, self.file.theirs)
        taken = self.file.look()
        for file in (self.file, *self._files.values()):
            file.keep()
        if taken or before != (self.file.trouble, self.file.theirs):
            self._changed()
        return taken

    def settle(self, *, take_theirs: bool) -> None:
        """Choose between the text on the screen and what another program wrote."""
        self.file.settle(take_theirs=take_theirs)
        self._changed()

    def leave(self) -> None:
        """Write the texts, or keep elsewhere what a file does not take, and stop a check that goes on."""
        for level, file in self._files.items():
            if not file.keep():
                self._progress.save_edit(self._key(level), file.text)
            elif self._progress.edit(self._key(level)) is not None:
                self._progress.drop_edit(self._key(level))
        self.stop()

    # Checking it

    @property
    def verdict(self) -> Verdict | None:
        """On the level's text, as it was when it was last checked."""
        return self._verdicts.get(self.level)

    def check(self) -> None:
        """Write the text, and hold it against the checks; a check that goes on is stopped for that."""
        self.file.keep()
        self.stop()
        order = to_check(self.exercise, self.text, str(self.file.path))
        verdict = self._verdicts[self.level] = Verdict(self.text, Stopwatch(self._clock))
        verdict.watch.start()
        verdict.running = self._engine.start(order, partial(self._take, verdict, self.level))
        self._changed()

    def _take(self, verdict: Verdict, level: int, events: list[Recorded]) -> None:
        verdict.take(events)
        if verdict.state == "passed":
            self._passed, self._passed_at = verdict.text, level
            self._progress.set_setting(self._key_of_passed, [verdict.text, level])
            self._progress.exercise_passed(self.exercise.lesson, level)
            self._look_up()
        elif verdict.state in ("missed", "failed"):
            says = [check.says for check in verdict.failures]
            self._progress.exercise_missed(self.exercise.lesson, level, says)
        if verdict is self.verdict:
            self._changed()

    def stop(self) -> None:
        if self.verdict:
            self.verdict.stop()

    @property
    def can_run_it(self) -> bool:
        """Whether the lesson has an experiment that runs with the learner's code, and that has passed."""
        return bool(self.exercise.experiment and self.seen.passed)

    @property
    def passed_text(self) -> str:
        """What passed last, whatever the learner's files hold by now; empty where it was not kept."""
        return self._passed if self.seen.passed else ""

    @property
    def what_runs(self) -> str:
        """Which text runs with the lesson, where that is not what is written now; empty where it is."""
        if self.text == self.passed_text:
            return ""
        where = f", at level {self._passed_at}" if self._passed_at else ""
        return f"This runs your code that passed last{where}: not what level {self.level} has now."

    # Help

    @property
    def hints_left(self) -> bool:
        return self.hint < len(self.exercise.hints)

    @property
    def hint_in_words(self) -> str:
        """The hint that is shown; empty where none is."""
        hints = self.exercise.hints
        return f"Hint {self.hint} of {len(hints)}: {hints[self.hint - 1]}" if self.hint else ""

    def next_hint(self) -> None:
        """Show the next hint, each plainer than the one before."""
        if self.hints_left:
            self.hint += 1
            self._progress.exercise_helped(self.exercise.lesson, self.hint)
            self._look_up()
            self._changed()

    @property
    def solution_is_open(self) -> bool:
        """Whether it may be shown without asking: after a pass, and once it was asked for."""
        return self.seen.done or self.seen.solution

    def see_solution(self) -> None:
        """Note that it was seen; after a pass that is no help any more."""
        if not self.solution_is_open:
            self._progress.exercise_helped(self.exercise.lesson, self.hint, solution=True)
            self._look_up()
            self._changed()

    def _look_up(self) -> None:
        self.seen = self._progress.exercise_state(self.exercise.lesson)

    # What there is to say

    @property
    def levels(self) -> tuple[tuple[str, str], ...]:
        """The number of each level, and what it asks, with a sign where it is passed."""
        return tuple(
            (str(level), f"{level} {name}{' ✓' if level in self.seen.passed else ''}")
            for level, name in zip(LEVELS, LEVEL_NAMES, strict=True)
        )

    @property
    def headline(self) -> str:
        """How the text stands before its checks, in a few words; empty before the first time."""
        verdict = self.verdict
        if verdict is None:
            return ""
        changed = verdict.state != "checking" and verdict.text != self.text
        return verdict.headline + (" · before your last changes" if changed else "")

    @property
    def standing(self) -> str:
        """How far the learner is with the level, in a few words."""
        if self.verdict and self.verdict.state == "missed":
            return self.verdict.count
        if self.level in self.seen.passed:
            return "passed"
        return "begun" if os.path.exists(path_of(self.exercise, self.level)) else "not begun"

    @property
    def helped(self) -> str:
        """What was looked up, for the learner alone; empty where nothing was."""
        parts = [f"{self.seen.hints} of {len(self.exercise.hints)} hints"] if self.seen.hints else []
        parts += ["the solution"] if self.seen.solution else []
        return f"seen: {', '.join(parts)}" if parts else ""
