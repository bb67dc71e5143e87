"""Asks what to look for in a text."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from initplay.learner.exercises import MOST_BYTES
from initplay.ui.keys import bindings
from initplay.ui.pages.over import Over
from initplay.words.numbers import whole_number


class FindScreen(Over[None]):
    """Stays while the text is looked through, which is in sight above it: so no `enter` is a line break there
    before the keyboard is given back."""

    BINDINGS = bindings("find")

    def __init__(
        self, sought: str, go: Callable[[str, bool], None], go_to_line: Callable[[int], None]
    ) -> None:
        """`go` is called with the text to look for, and whether it is to be the next place of one that was
        found; `go_to_line` with a number, counted from 1."""
        super().__init__()
        self._sought = sought
        self._go = go
        self._go_to_line = go_to_line
        self._found = ""
        """What was looked for last, since this was opened."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("find a text, or a line by its number: :12", markup=False)
            yield Input(self._sought, select_on_focus=True)

    def on_mount(self) -> None:
        self.query_one(".dialog").border_subtitle = "enter goes there, and to the next · esc: the text"

    def on_input_submitted(self, event: Input.Submitted) -> None:
        number = whole_number(event.value[1:], MOST_BYTES) if event.value.startswith(":") else None
        if number is not None:
            self._go_to_line(number)
        elif event.value:
            self._go(event.value, event.value == self._found)
            self._found = event.value
        else:
            self.dismiss(None)
