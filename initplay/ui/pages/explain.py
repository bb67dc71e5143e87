"""Why the numbers of a run are what they are, and a jump to where they stopped being numbers."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from initplay.ui.keys import bindings
from initplay.ui.pages.over import Over


class ExplainScreen(Over[bool]):
    """Shows the sentences; closes with True for a jump to the first broken moment."""

    BINDINGS = bindings("explain")

    def __init__(self, sentences: Sequence[str], can_jump: bool) -> None:
        super().__init__()
        self._sentences = list(sentences)
        self._can_jump = can_jump

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", id="explain"):
            yield Static("\n".join(f"› {sentence}" for sentence in self._sentences), markup=False)

    def on_mount(self) -> None:
        dialog = self.query_one("#explain")
        dialog.border_title = "why"
        dialog.border_subtitle = "enter goes there · esc closes" if self._can_jump else "esc closes"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._can_jump or parameters != (True,)
