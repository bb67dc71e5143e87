"""Asks what to look for in a text."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from initplay.ui.keys import bindings
from initplay.ui.pages.over import Over


class FindScreen(Over[str | int | None]):
    """Closes with the text to look for, or with the number of the line to go to."""

    BINDINGS = bindings("find")

    def __init__(self, sought: str) -> None:
        super().__init__()
        self._sought = sought

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("find a text, or a line by its number: :12", markup=False)
            yield Input(self._sought, select_on_focus=True)

    def on_mount(self) -> None:
        self.query_one(".dialog").border_subtitle = "enter goes there, F3 to the next · esc closes"

    def on_input_submitted(self, event: Input.Submitted) -> None:
        number = event.value.removeprefix(":")
        is_line = event.value.startswith(":") and number.isdecimal()
        self.dismiss(int(number) if is_line else event.value or None)
