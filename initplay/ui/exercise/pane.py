"""Beside the text: what the checks say of it, hints, and what the code printed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from initplay.ui.exercise import report
from initplay.ui.exercise.desk import Desk
from initplay.ui.exercise.verdict import Verdict


class VerdictPane(VerticalScroll, can_focus=False):
    """Shows a desk; the text keeps the keyboard."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: tuple[object, ...] = ()
        """All that decides what is seen: most keys in the text change none of it."""
        self._verdict: tuple[Verdict | None, str] = (None, "")
        self._hint = 0

    def compose(self) -> ComposeResult:
        for name in ("problem", "outcome", "hint", "printed", "checks", "helped"):
            yield Static(id=name, markup=False)

    def show(self, desk: Desk, problem: str, *, compact: bool) -> None:
        """Bring it up to date; `problem` is why the text could not be kept, or another editor not be used."""
        verdict = desk.verdict
        width = self.scrollable_content_region.width if compact else None
        found = (len(verdict.checks), len(verdict.printed)) if verdict else ()
        shown = (verdict, found, desk.headline, desk.hint, desk.helped, desk.can_run_it, problem, width)
        if shown == self._shown:
            return
        self._shown = shown
        self._put("problem", Content(f"! {problem}" if problem else ""))
        self._put("outcome", report.outcome(desk))
        self._put("hint", Content(desk.hint_in_words))
        self._put("checks", report.checks(verdict, width))
        self._put("printed", report.printed(verdict))
        self._put("helped", Content(desk.helped))
        if self._verdict != (verdict, verdict.state if verdict else ""):
            self._verdict = (verdict, verdict.state if verdict else "")
            self.scroll_home(animate=False)
        if desk.hint > self._hint:
            self.call_after_refresh(self.query_one("#hint").scroll_visible, animate=False)
        self._hint = desk.hint

    def _put(self, name: str, content: Content) -> None:
        """Nothing takes no room."""
        part = self.query_one(f"#{name}", Static)
        part.display = bool(content.plain)
        part.update(content)
