"""A learner's progress that a class is told of as well."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from initplay.classroom.line import (
    MOST_SENTENCES,
    GoalReached,
    Missed,
    Passed,
    Predicted,
    Reached,
    Settled,
    clean_name,
    clean_sentence,
    plain_outcome,
)
from initplay.classroom.member import Member
from initplay.classroom.names import made_up
from initplay.learner.progress import Progress

_SETTING = "class"
_FILE = re.compile(r"learner-[0-9a-f]{8}\.jsonl")


class ClassProgress(Progress):
    """Keeps everything as ever, and then tells the class what was predicted, reached and solved."""

    member: Member
    """Set by `join`."""

    @classmethod
    def join(
        cls,
        folder: Path,
        *,
        name: str | None = None,
        ask: Callable[[str], str] | None = None,
        path: Path | None = None,
    ) -> ClassProgress:
        """Take part in the class of that folder; nothing of the folder is touched in this thread.

        The name is the one given, or the one that was kept, or what `ask` answers when it is handed a
        made-up one. `path` is that of the progress, by default the learner's.
        """
        progress = cls.open(path)
        assert isinstance(progress, ClassProgress)
        file, kept = progress._identity()
        chosen = clean_name(name or kept)
        if not chosen and ask:
            chosen = clean_name(ask(made_up(file))) or made_up(file)
        if chosen != kept:
            progress.set_setting(_SETTING, {"file": file, "name": chosen})
        progress.member = Member(folder / file, chosen or made_up(file))
        return progress

    def _identity(self) -> tuple[str, str]:
        """The name of the learner's file, drawn once and kept, and their own, empty before they chose one.

        Two learners of one name have two files for that.
        """
        kept = self.setting(_SETTING)
        kept = kept if isinstance(kept, dict) else {}
        file, name = str(kept.get("file", "")), str(kept.get("name", ""))
        if not _FILE.fullmatch(file):
            file = f"learner-{secrets.token_hex(4)}.jsonl"
            self.set_setting(_SETTING, {"file": file, "name": name})
        return file, name

    @property
    def warning(self) -> str:
        """Of the progress and of the class, a line each."""
        return "\n".join(filter(None, (super().warning, self.member.trouble)))

    def close(self) -> None:
        super().close()
        self.member.close()

    def reach(self, lesson: str, step: int, total_steps: int) -> None:
        super().reach(lesson, step, total_steps)
        self.member.tell(Reached(lesson=lesson, step=step, of=total_steps))

    def predicted(self, key: str, guess: Any) -> None:
        settled = self._is_settled(key)
        super().predicted(key, guess)
        if not settled and not self._was_shown(key):
            self.member.tell(Predicted(key=key, guess=guess))

    def settled(self, key: str, guess: Any, outcome: Any, right: bool | None, score: float) -> None:
        settled = self._is_settled(key)
        super().settled(key, guess, outcome, right, score)
        if not settled and not self._was_shown(key):
            self.member.tell(Settled(key=key, guess=guess, outcome=plain_outcome(outcome), right=right))

    def _is_settled(self, key: str) -> bool:
        """Whether it was settled before, in another playground: the board has the first verdict as well."""
        return self.history(key) is not None

    def _was_shown(self, key: str) -> bool:
        """Whether a run had shown it before it was answered: the board has what was believed."""
        return key in self._shown(key.partition("/")[0])

    def goal_reached(self, key: str, run: str) -> None:
        super().goal_reached(key, run)
        self.member.tell(GoalReached(key=key))

    def exercise_passed(self, lesson: str, level: int | None = None) -> None:
        super().exercise_passed(lesson, level)
        self.member.tell(Passed(lesson=lesson, level=level))

    def exercise_missed(self, lesson: str, level: int | None, says: Sequence[str]) -> None:
        super().exercise_missed(lesson, level, says)
        told = tuple(dict.fromkeys(clean_sentence(sentence) for sentence in says if sentence))
        self.member.tell(Missed(lesson=lesson, level=level, says=told[:MOST_SENTENCES]))
