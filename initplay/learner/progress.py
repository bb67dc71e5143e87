"""What the learner has done, on disk the moment it happens.

One file in the platform's data folder (or in `$INITPLAY_HOME`); `store` keeps it.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from initplay.learner.store import Store, data_dir
from initplay.words.numbers import without_nonfinite

QUIZ_OFF = "quiz_off"
"""The setting of those who do not want to be asked again."""
_KEPT_BY_A_RESET = ("settings",)
_TIME = "%Y-%m-%dT%H:%M:%SZ"
"""UTC."""


@dataclass(frozen=True)
class Prediction:
    """What the learner guessed and, once a run has settled it, what came out."""

    key: str
    guess: Any
    outcome: Any = None
    right: bool | None = None
    score: float | None = None
    settled: bool = False
    seen: str = ""
    """What the learner saw in the run that settled it, in one line; empty where nothing was said."""
    after_run: bool = False
    """Whether its run had been seen before this guess was made, which predicts nothing then."""


@dataclass(frozen=True)
class LessonState:
    """How far the learner is with one lesson; steps count from 1, and 0 means not begun."""

    step: int
    furthest: int
    total: int
    """How many steps the lesson had when it was last open."""
    predictions: tuple[Prediction, ...]
    goals: tuple[str, ...]
    """The keys of the goals that were reached."""
    exercise_passed: bool
    visited: tuple[int, ...] = ()
    """The steps that were seen, in order."""
    shown: tuple[str, ...] = ()
    """The keys of the predictions whose run was seen before they were answered."""

    @property
    def done(self) -> bool:
        """Whether every step was seen."""
        return self.total > 0 and set(range(1, self.total + 1)) <= set(self.visited)


@dataclass(frozen=True)
class ExerciseState:
    """How far the learner is with a lesson's exercise. What was seen of its help is for the learner alone."""

    level: int = 1
    """The one that was worked on last."""
    passed: tuple[int, ...] = ()
    """The levels at which every check passed."""
    hints: int = 0
    """How many were seen."""
    solution: bool = False
    """Whether the solution was seen before the first pass."""
    done: bool = False
    """Whether every check passed once: at a level, or with a text of none, as `initplay check` takes."""


@dataclass(frozen=True)
class History:
    """When a prediction was settled, and how it was answered since when it was asked again."""

    settled: datetime
    again: tuple[tuple[datetime, bool], ...] = ()
    """Each moment, the oldest first, and whether the answer was right."""


class Progress:
    """The learner's progress: every call that changes something has committed it when it returns.

    Lessons are named by slug; the keys of predictions and goals begin with the slug and a slash. No call
    raises for want of disk: from the first write that fails on, everything is kept in memory, and `warning`
    says so, until a later write finds that the disk serves again.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @classmethod
    def open(cls, path: Path | str | None = None) -> Progress:
        """The progress kept in `path`, by default `progress.db` in `data_dir()`; a bad file is a warning."""
        return cls(Store.open(data_dir() / "progress.db" if path is None else Path(path)))

    @property
    def path(self) -> Path:
        return self._store.path

    @property
    def warning(self) -> str:
        """In one sentence, what is not kept and where an old file went; empty where all is well."""
        return self._store.warning

    @property
    def lost(self) -> str:
        """In one sentence, that what was done is not on disk; empty where it is. Read it after `close`."""
        return self._store.lost

    def on_news(self, tell: Callable[[str], object]) -> None:
        """Have somebody told, in a sentence, when the disk stops serving and when it serves again."""
        self._store.on_news = tell

    def close(self) -> None:
        """Lets go of the file. Nothing is left to be written, unless `lost` says so."""
        self._store.close()

    def reach(self, lesson: str, step: int, total_steps: int) -> None:
        """The learner is at a step, counted from 1, of a lesson that has `total_steps`."""
        self._store.execute(
            "INSERT INTO lessons VALUES (?, ?, ?, ?, (SELECT COALESCE(MAX(visit), 0) + 1 FROM lessons)) "
            "ON CONFLICT (slug) DO UPDATE SET step = excluded.step, "
            "furthest = MAX(furthest, excluded.furthest), total = excluded.total, visit = excluded.visit",
            lesson,
            step,
            step,
            total_steps,
        )
        self._store.execute("INSERT OR IGNORE INTO visited VALUES (?, ?)", f"{lesson}/{step}", _now())

    def predicted(self, key: str, guess: Any) -> None:
        """The learner committed to a guess (any JSON value); it replaces an earlier one of that key, unless a
        run has settled that, in this playground or another."""
        self._store.execute(
            "INSERT INTO predictions VALUES (?, ?, NULL, NULL, NULL, 0, ?) ON CONFLICT (key) DO UPDATE SET "
            "guess = excluded.guess, at = excluded.at WHERE NOT settled",
            key,
            json.dumps(guess),
            _now(),
        )

    def settled(self, key: str, guess: Any, outcome: Any, right: bool | None, score: float) -> None:
        """A run settled a prediction; `right` is None where it could not tell. The first verdict stays."""
        self._store.execute(
            "INSERT INTO predictions VALUES (?, ?, ?, ?, ?, 1, ?) ON CONFLICT (key) DO UPDATE SET "
            "guess = excluded.guess, outcome = excluded.outcome, is_right = excluded.is_right, "
            "score = excluded.score, settled = 1, at = excluded.at WHERE NOT settled",
            key,
            json.dumps(guess),
            json.dumps(outcome),
            right,
            score,
            _now(),
        )

    def shown(self, key: str) -> None:
        """A run has shown what a prediction asks before it was answered: what is said now is none.

        Of one that was settled by then, in another playground, that is no news.
        """
        self._store.execute(
            "INSERT OR IGNORE INTO shown SELECT ?, ? "
            "WHERE NOT EXISTS (SELECT 1 FROM predictions WHERE key = ? AND settled)",
            key,
            _now(),
            key,
        )

    def asks_another(self, key: str) -> None:
        """The lesson asks another question there than the one that was settled, whose verdict goes."""
        self._store.execute("DELETE FROM predictions WHERE key = ?", key)

    def observed(self, key: str, words: str) -> None:
        """What the learner saw in the run that settled a prediction; it replaces what was said before."""
        self._store.execute("INSERT OR REPLACE INTO observations VALUES (?, ?, ?)", key, _text(words), _now())

    def goal_tried(self, key: str) -> int:
        """A run was held against a goal, in this start or an earlier one; how many that makes."""
        self._store.execute(
            "INSERT INTO goal_runs VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET runs = runs + 1", key
        )
        return self.goal_runs(key)

    def goal_runs(self, key: str) -> int:
        """How many runs were held against a goal until one reached it."""
        row = self._store.row("SELECT runs FROM goal_runs WHERE key = ?", key)
        return row[0] if row else 0

    def goal_reached(self, key: str, run: str) -> None:
        """A run, described in a few words, reached a goal. The first one to do so is remembered."""
        self._store.execute("INSERT OR IGNORE INTO goals VALUES (?, ?, ?)", key, run, _now())

    def exercise_passed(self, lesson: str, level: int | None = None) -> None:
        """The learner's code passed every check of the lesson's exercise, begun at that level."""
        self._store.execute("INSERT OR IGNORE INTO exercises VALUES (?, ?)", lesson, _now())
        if level is not None:
            self._store.execute(
                "INSERT OR IGNORE INTO exercise_passes VALUES (?, ?)", f"{lesson}/{level}", _now()
            )

    def exercise_missed(self, lesson: str, level: int | None, says: Sequence[str]) -> None:
        """Not every check passed, as these sentences say. Nothing of that is kept: a class may be told."""

    def exercise_at(self, lesson: str, level: int) -> None:
        """The learner works on the lesson's exercise at that level."""
        self._store.execute(
            "INSERT INTO exercise_work VALUES (?, ?, 0, 0) "
            "ON CONFLICT (slug) DO UPDATE SET level = excluded.level",
            lesson,
            level,
        )

    def exercise_helped(self, lesson: str, hints: int, solution: bool = False) -> None:
        """The learner has seen so many hints of the lesson's exercise, and maybe its solution."""
        self._store.execute(
            "INSERT INTO exercise_work VALUES (?, 1, ?, ?) ON CONFLICT (slug) DO UPDATE SET "
            "hints = MAX(hints, excluded.hints), solution = MAX(solution, excluded.solution)",
            lesson,
            hints,
            solution,
        )

    def exercise_state(self, lesson: str) -> ExerciseState:
        """What is known of the lesson's exercise."""
        passes = self._store.execute(
            "SELECT key FROM exercise_passes WHERE key GLOB ? || '/*' ORDER BY key", lesson
        )
        passed = tuple(int(key.rpartition("/")[2]) for (key,) in passes)
        work = "SELECT level, hints, solution FROM exercise_work WHERE slug = ?"
        level, hints, solution = self._store.row(work, lesson) or (1, 0, 0)
        return ExerciseState(level, passed, hints, bool(solution), self._is_exercise_passed(lesson))

    def _is_exercise_passed(self, lesson: str) -> bool:
        return self._store.row("SELECT 1 FROM exercises WHERE slug = ?", lesson) is not None

    def lesson_state(self, slug: str) -> LessonState:
        """What is known of one lesson; all zero for one that was never open."""
        row = self._store.row("SELECT step, furthest, total FROM lessons WHERE slug = ?", slug)
        step, furthest, total = row or (0, 0, 0)
        goals = self._store.execute("SELECT key FROM goals WHERE key GLOB ? || '/*' ORDER BY key", slug)
        return LessonState(
            step=step,
            furthest=furthest,
            total=total,
            predictions=self._predictions(slug),
            goals=tuple(key for (key,) in goals),
            exercise_passed=self._is_exercise_passed(slug),
            visited=self._visited(slug),
            shown=self._shown(slug),
        )

    def goals_reached(self, lesson: str) -> dict[str, str]:
        """The goals of a lesson that were reached, by key, with the run that first did so in a few words."""
        rows = self._store.execute("SELECT key, run FROM goals WHERE key GLOB ? || '/*' ORDER BY key", lesson)
        return dict(rows)

    def last_place(self) -> tuple[str, int] | None:
        """The lesson and step that the learner reached last, or None at the very beginning."""
        return self._store.row("SELECT slug, step FROM lessons ORDER BY visit DESC LIMIT 1")

    def summary(self) -> dict[str, Any]:
        """Everything, as values that JSON can hold; NaN and inf are the strings "nan", "inf" and "-inf"."""
        slugs = self._store.execute(
            "SELECT slug FROM lessons UNION SELECT slug FROM exercises "
            "UNION SELECT substr(key, 1, instr(key, '/') - 1) FROM predictions "
            "UNION SELECT substr(key, 1, instr(key, '/') - 1) FROM goals ORDER BY 1"
        )
        place = self.last_place()
        return {
            "path": str(self.path),
            "saved": self._store.on_disk,
            "warning": self.warning,
            "last_place": {"lesson": place[0], "step": place[1]} if place else None,
            "lessons": {
                slug: _json_state(self.lesson_state(slug), self.exercise_state(slug)) for (slug,) in slugs
            },
        }

    def reset(self) -> Path | None:
        """Forgets everything but settings, and returns where a dated copy of it is kept.

        None where nothing was on disk. Raises ResetError, with nothing forgotten, where the copy cannot be
        written.
        """
        return self._store.reset(keep=_KEPT_BY_A_RESET)

    def setting(self, name: str) -> Any:
        """The value kept under a name, or None."""
        row = self._store.row("SELECT value FROM settings WHERE name = ?", name)
        return json.loads(row[0]) if row else None

    def set_setting(self, name: str, value: Any) -> None:
        """Keeps a JSON value under a name."""
        self._store.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, json.dumps(value))

    @property
    def learner(self) -> int:
        """A number drawn once and kept: the order of options follows from it."""
        number = self.setting("learner")
        if not isinstance(number, int):
            number = random.randrange(2**31)
            self.set_setting("learner", number)
        return number

    def asked_again(self, key: str, guess: float, right: bool, at: datetime) -> None:
        """A question that was missed was answered again, at that moment; the first verdict stays."""
        self._store.execute(
            "INSERT INTO asked_again VALUES (?, ?, ?, ?)", key, json.dumps(guess), right, at.strftime(_TIME)
        )

    def history(self, key: str) -> History | None:
        """When a prediction was settled, and what became of it since; None where it is not."""
        row = self._store.row("SELECT at FROM predictions WHERE key = ? AND settled", key)
        if row is None:
            return None
        settled = _moment(row[0])
        rows = self._store.execute(
            "SELECT at, is_right FROM asked_again WHERE key = ? AND at >= ? ORDER BY at, rowid", key, row[0]
        )
        return History(settled, tuple((_moment(at), bool(right)) for at, right in rows))

    def edit(self, lesson: str) -> str | None:
        """The learner's own source for a lesson, or None where the lesson's is in use."""
        row = self._store.row("SELECT source FROM edits WHERE slug = ?", lesson)
        return row[0] if row else None

    def save_edit(self, lesson: str, text: str) -> None:
        """Keeps the learner's source for a lesson."""
        self._store.execute("INSERT OR REPLACE INTO edits VALUES (?, ?, ?)", lesson, _text(text), _now())

    def drop_edit(self, lesson: str) -> None:
        """Goes back to the lesson's own source."""
        self._store.execute("DELETE FROM edits WHERE slug = ?", lesson)

    def set_edit_aside(self, lesson: str) -> str | None:
        """Make a scratch copy of the learner's source for a lesson, whose own text is in use again.

        Returns its name, or None where there was no such source.
        """
        source = self.edit(lesson)
        if source is None:
            return None
        numbers = {text: number for number, text in reversed(self._scratches(lesson))}
        number = numbers.get(source) or max(numbers.values(), default=0) + 1
        key = f"{lesson}/{number}"
        self._store.execute("INSERT OR REPLACE INTO scratches VALUES (?, ?, ?)", key, source, _now())
        self.drop_edit(lesson)
        return f"scratch {number}"

    def scratches(self, lesson: str) -> dict[str, str]:
        """The scratch copies of a lesson's source by their names, the newest first."""
        return {f"scratch {number}": source for number, source in self._scratches(lesson)}

    def _scratches(self, lesson: str) -> list[tuple[int, str]]:
        rows = self._store.execute("SELECT key, source FROM scratches WHERE key GLOB ? || '/*'", lesson)
        numbered = ((int(key.rpartition("/")[2]), source) for key, source in rows)
        return sorted(numbered, reverse=True)

    def _visited(self, slug: str) -> tuple[int, ...]:
        rows = self._store.execute("SELECT key FROM visited WHERE key GLOB ? || '/*'", slug)
        return tuple(sorted(int(key.rpartition("/")[2]) for (key,) in rows))

    def _shown(self, slug: str) -> tuple[str, ...]:
        rows = self._store.execute("SELECT key FROM shown WHERE key GLOB ? || '/*' ORDER BY key", slug)
        return tuple(key for (key,) in rows)

    def _predictions(self, slug: str) -> tuple[Prediction, ...]:
        rows = self._store.execute(
            "SELECT key, guess, outcome, is_right, score, settled, COALESCE(words, ''), shown.key "
            "FROM predictions LEFT JOIN observations USING (key) LEFT JOIN shown USING (key) "
            "WHERE predictions.key GLOB ? || '/*' ORDER BY predictions.key",
            slug,
        )
        return tuple(
            Prediction(
                key,
                json.loads(guess),
                None if outcome is None else json.loads(outcome),
                None if right is None else bool(right),
                score,
                bool(settled),
                seen,
                shown is not None,
            )
            for key, guess, outcome, right, score, settled, seen, shown in rows
        )


def _text(typed: str) -> str:
    """What was typed, as sqlite takes it: a paste from a terminal may hold half a surrogate pair."""
    return typed.encode("utf-8", "replace").decode("utf-8")


def _now() -> str:
    return time.strftime(_TIME, time.gmtime())


def _moment(at: str) -> datetime:
    return datetime.strptime(at, _TIME).replace(tzinfo=timezone.utc)


def _json_state(state: LessonState, exercise: ExerciseState) -> dict[str, Any]:
    return {
        "step": state.step,
        "furthest": state.furthest,
        "total": state.total,
        "visited": list(state.visited),
        "done": state.done,
        "exercise_passed": state.exercise_passed,
        "exercise_levels": list(exercise.passed),
        "goals": list(state.goals),
        "predictions": [
            {
                "key": prediction.key,
                "guess": without_nonfinite(prediction.guess),
                "outcome": without_nonfinite(prediction.outcome),
                "right": prediction.right,
                "score": without_nonfinite(prediction.score),
                "settled": prediction.settled,
                "seen": prediction.seen,
                "after_run": prediction.after_run,
            }
            for prediction in state.predictions
        ],
    }
