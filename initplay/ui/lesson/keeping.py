"""Copies and saves runs off the loop: a long recording takes a second, and tmux may take two."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from textual.screen import Screen

from initplay.learner import saved
from initplay.recording.run import Run
from initplay.recording.text_card import card


class RunKeeper:
    """Keeps one run after the other, and says when it is done. A second press meanwhile changes nothing."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._asked: set[tuple[str, Run]] = set()
        """What is being kept, or waits for its turn."""
        self._turn = asyncio.Lock()
        """Two at once could find the same name free."""

    def copy(self, run: Run, lesson_source: str) -> None:
        """Onto the clipboard by every way there is, and into a file, which is the one that always works."""
        self._ask("copy", run, partial(self._copy, run, lesson_source))

    def save(self, run: Run) -> None:
        self._ask("save", run, partial(self._save, run))

    def _ask(self, what: str, run: Run, keep: Callable[[], Awaitable[str]]) -> None:
        if (what, run) not in self._asked:
            self._asked.add((what, run))
            # The app's worker, not the screen's: to leave the lesson does not cancel it.
            self._screen.app.run_worker(self._keep(what, run, keep), group="keep runs")

    async def _keep(self, what: str, run: Run, keep: Callable[[], Awaitable[str]]) -> None:
        app = self._screen.app
        try:
            async with self._turn:
                app.notify(await keep(), markup=False)
        except saved.NotKept as error:
            app.notify(str(error), severity="warning", markup=False)
        finally:
            self._asked.discard((what, run))

    async def _copy(self, run: Run, lesson_source: str) -> str:
        text = await asyncio.to_thread(card, run, lesson_source)
        self._screen.app.copy_to_clipboard(text)
        await asyncio.to_thread(saved.hand_to_tmux, text)
        return f"Copied. It is also in {await asyncio.to_thread(saved.save_card, run, text)}."

    async def _save(self, run: Run) -> str:
        return f"Saved as {await asyncio.to_thread(saved.save_run, run)}."
