"""The course's formulas and words on one page, one key away from everywhere."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll

from initplay.look import ANY_TERMINAL, Look
from initplay.ui.pages.over import Over
from initplay.ui.widgets.page import Page


class ReferenceScreen(Over[None]):
    """Shows `reference.md` of the course."""

    BINDINGS = [Binding("escape,i,q", "dismiss(None)", "close")]

    def __init__(self, course: Path, look: Look = ANY_TERMINAL) -> None:
        super().__init__()
        self._file = course / "reference.md"
        self._look = look

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", id="reference"):
            yield Page(self._look.markdown(self._text()))

    def on_mount(self) -> None:
        page = self.query_one("#reference")
        page.border_title = "formulas and words"
        page.border_subtitle = "↑↓ scroll · esc closes"
        page.focus()

    def _text(self) -> str:
        try:
            return self._file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return f"This course has no page of formulas: there is no text in {self._file}."
