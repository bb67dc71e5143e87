"""The last line of the bench."""

from __future__ import annotations

from textual.widgets import Static

from initplay.ui.bench.standing import SIGNS


class StatusLine(Static):
    """How the run stands, in the colour of its state."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", id=id, markup=False)

    def show(self, state: str, words: str) -> None:
        for name in ("idle", *SIGNS):
            self.set_class(name == state, f"-{name}")
        # But for what failed it has one line, and needs no layout.
        self.update(words, layout=state == "failed")
