"""The page to keep, after the last lesson and one key away on Home."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from initplay.look import ANY_TERMINAL, Look
from initplay.ui.keys import bindings
from initplay.ui.pages.over import Over
from initplay.ui.widgets.page import Page


class KeepsakeScreen(Over[None]):
    """Shows the Markdown of `learner.keepsake`."""

    BINDINGS = bindings("keepsake")

    def __init__(self, markdown: str, look: Look = ANY_TERMINAL) -> None:
        super().__init__()
        self._markdown = look.markdown(markdown)

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", id="keepsake"):
            yield Page(self._markdown)

    def on_mount(self) -> None:
        dialog = self.query_one("#keepsake")
        dialog.border_title = "your page"
        dialog.border_subtitle = "↑↓ scroll · initplay progress --page prints it · esc closes"
        dialog.focus()
