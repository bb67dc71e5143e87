"""What the learner makes of a lesson's text: kept as they type, and a scratch copy at the next visit."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual.timer import Timer

from initplay.learner.progress import Progress
from initplay.ui.bench.setting import Setting

KEPT_AFTER = 0.5
"""Seconds without typing."""


class Edits:
    """Keeps the text of a setting, and says what became of it."""

    def __init__(self, progress: Progress, setting: Callable[[], Setting], say: Callable[..., None]) -> None:
        """`setting` finds what stands on the screen, `say` is a screen's `notify`."""
        self._progress = progress
        self._setting = setting
        self._say = say
        self._set_aside: list[str] = []
        """The names of scratch copies that were just made."""

    def begin(self, every: Callable[..., Timer]) -> None:
        """`every` calls something once in so many seconds."""
        # Not at every key, but soon after the last one.
        self._timer = every(KEPT_AFTER, self.keep, pause=True)

    def typed(self) -> None:
        self._timer.reset()
        self._timer.resume()

    def keep(self) -> None:
        """Keep the learner's text, so that the next start has it too."""
        self._timer.pause()
        setting = self._setting()
        if not setting.typed:
            return
        setting.typed = False
        if setting.edited:
            self._progress.save_edit(setting.lesson.slug, setting.source)
        else:
            self._progress.drop_edit(setting.lesson.slug)

    def keep_now(self) -> None:
        """Keep it, and say where it is: who presses the key of editors expects a file."""
        self.keep()
        if self._setting().source == self._setting().lesson.source:
            self._say("This is the lesson's own text; yours is kept as you type.", markup=False)
        elif self._progress.warning:
            self._say(f"Your text stays here. {self._progress.warning}", severity="warning", markup=False)
        else:
            kept = f"Your text is kept in {self._progress.path}: the next time f4 takes it up."
            self._say(f"{kept} After esc, ctrl+s saves the run.", markup=False)

    def set_aside(self, slug: str) -> Mapping[str, str]:
        """A lesson speaks of its own text, so a visit begins with that; what the learner made of it before is
        a scratch copy. All of those there are, by name."""
        if name := self._progress.set_edit_aside(slug):
            self._set_aside.append(name)
        return self._progress.scratches(slug)

    def say_what_was_set_aside(self) -> None:
        for name in self._set_aside:
            self._say(f"Your edit of the source is kept as {name}: e, then f4, takes it up.", markup=False)
        self._set_aside.clear()
