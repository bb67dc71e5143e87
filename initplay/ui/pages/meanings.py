"""What each Result of the experiment on the bench means, beside what this run gave for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from initplay.recording.seeds import BAND
from initplay.ui.keys import bindings
from initplay.ui.pages.over import Over
from initplay.words.names import spelled
from initplay.words.numbers import short_fact

NOTHING = "This experiment yields no Result."
UNSAID = "Nothing is said of this one."
SEEDS = "over how many seeds it ran; each number is the median of them"


class MeaningsScreen(Over[None]):
    """Shows name, value and meaning of each; before a run there are no values."""

    BINDINGS = bindings("meanings")

    def __init__(self, meanings: Mapping[str, str], facts: Mapping[str, object]) -> None:
        super().__init__()
        self._meanings = meanings
        self._facts = facts

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", id="meanings"):
            yield Static(Content("\n").join(self._lines()))  # one for all: there may be thousands

    def _lines(self) -> Iterator[Content]:
        for name in self._facts or self._meanings:
            value = f"  {short_fact(self._facts[name])}" if name in self._facts else ""
            yield Content.assemble((spelled(name), "bold"), value)
            yield Content.styled(meaning_of(name, self._meanings), "dim")
        if not self._facts and not self._meanings:
            yield Content(NOTHING)

    def on_mount(self) -> None:
        dialog = self.query_one("#meanings")
        dialog.border_title = "what the results mean"
        dialog.border_subtitle = "esc closes"
        dialog.focus()


def meaning_of(name: str, meanings: Mapping[str, str]) -> str:
    """The line about a Result, or about what several seeds make of it."""
    if name in meanings:
        return meanings[name]
    of = name.removesuffix(BAND)
    if of != name and of in meanings:
        return f"the band of {of.replace('_', ' ')} over the seeds"
    return SEEDS if name == "seeds" else UNSAID
