"""Beside the bench of an own net: what is wrong with it and what to change, and how to go on."""

from __future__ import annotations

from textual.widget import Widget

from initplay.recording.run import Run
from initplay.ui.lesson.step import StepPane
from initplay.ui.own_net.found import found
from initplay.ui.widgets.page import Page


class FoundPane(StepPane):
    """Shows what the run on the bench found, above the words of the lesson that was made for the file."""

    _found: Page | None = None
    _shown = ""

    def _widgets(self, step: int) -> list[Widget]:
        self._shown = found(None)
        self._found = Page(self._shown)
        return [self._found, *super()._widgets(step)]

    def point(self, spot: Widget | None = None) -> None:
        """Nothing is asked here: what was found comes first."""
        self.begin()

    def show_found(self, run: Run | None) -> None:
        """Put up what there is of a run by now, from its beginning."""
        words = found(run)
        if self._found is not None and words != self._shown:
            self._shown = words
            self._found.show(words)
            self.begin()
