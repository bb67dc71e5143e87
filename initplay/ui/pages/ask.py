"""Asks one question, to be answered with yes or no."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from initplay.ui.keys import bindings
from initplay.ui.pages.over import Over


class AskScreen(Over[bool]):
    """Closes with the answer."""

    AUTO_FOCUS = ""
    BINDINGS = bindings("ask")

    def __init__(self, question: str, yes: str, no: str) -> None:
        """`yes` and `no` say what each answer does."""
        super().__init__()
        self._question = question
        self._answers = f"enter {yes} · esc {no}"

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="ask"):
            yield Static(self._question, markup=False)

    def on_mount(self) -> None:
        self.query_one("#ask").border_subtitle = self._answers
