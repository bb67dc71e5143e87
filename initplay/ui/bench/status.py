"""The last line of the bench."""

from __future__ import annotations

from textual.widgets import Static

from initplay.ui.bench.standing import SIGNS

PARTS = " · "


class StatusLine(Static):
    """How the run stands, in the colour of its state."""

    _words = ""
    _is_whole = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", id=id, markup=False)

    def show(self, state: str, words: str) -> None:
        for name in ("idle", *SIGNS):
            self.set_class(name == state, f"-{name}")
        self._words, self._is_whole = words, state == "failed"
        self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        # But for what failed it has one line, and needs no layout.
        width = self.content_size.width
        words = self._words if self._is_whole or not width else fitting(self._words, width)
        self.update(words, layout=self._is_whole)


def fitting(words: str, width: int) -> str:
    """The parts that a line has room for, each of them whole: the last ones matter least."""
    while len(words) > width and PARTS in words:
        words = words.rpartition(PARTS)[0]
    return words
