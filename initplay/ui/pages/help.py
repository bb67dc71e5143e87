"""How to read the large chart, and every key that works on the screen below."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from initplay.ui.keys import KeyHelp, bindings
from initplay.ui.pages.over import Over


class HelpScreen(Over[None]):
    """The keys, in the order in which the screen declares them."""

    BINDINGS = bindings("help")

    def __init__(self, keys: Sequence[KeyHelp], reading: str = "") -> None:
        super().__init__()
        self._reading = reading
        self._keys = keys

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", id="help"):
            yield Static(Content("\n").join([*self._how_to_read(), *self._table()]))

    def on_mount(self) -> None:
        self.query_one("#help").border_title = "keys"
        self.query_one("#help").border_subtitle = "esc closes"

    def _how_to_read(self) -> list[Content]:
        return [Content(self._reading), Content()] if self._reading else []

    def _table(self) -> list[Content]:
        # A table of rich's does the same, and is drawn anew for each of several questions about its size.
        width = max((cell_len(key.key) for key in self._keys), default=0)
        return [
            Content.assemble(" " * (width - cell_len(key.key)), (key.key, "bold"), f"  {key.words}")
            for key in self._keys
        ]
