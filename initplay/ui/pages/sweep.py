"""Asks what to sweep the experiment on the bench over."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input, Static

from initplay.ui.keys import bindings
from initplay.ui.pages.over import Over
from initplay.ui.widgets.in_sight import keep_focused_in_sight

ASKS = """\
Run {experiment} at many settings. One knob makes curves, two make a map.

knob=a,b,c            these values
knob=low..high:4      four values from low to high
knob=low..high:4:log  in equal ratios, as width=64..512:4:log
--seeds 1             so many seeds; else curves have 5, maps 1
"""


class Typed(NamedTuple):
    """What stands in the line, and whether it is to be run."""

    text: str
    runs: bool


class SweepScreen(Over[Typed]):
    """Closes with what was typed: to be run once there is nothing to complain of, else only to be kept."""

    BINDINGS = bindings("sweep")

    def __init__(
        self, experiment: str, proposed: str, complaint: Callable[[str], str], in_words: Callable[[str], str]
    ) -> None:
        """`complaint` says what is wrong with a text, or nothing; `in_words` how much it would run, or
        nothing."""
        super().__init__()
        self._experiment = experiment
        self._proposed = proposed
        self._complaint = complaint
        self._in_words = in_words

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", id="sweep", can_focus=False):
            yield Static(ASKS.format(experiment=self._experiment), markup=False)
            yield Input(self._proposed, select_on_focus=False)
            yield Static(self._in_words(self._proposed), id="says", markup=False)

    def on_mount(self) -> None:
        self.query_one("#sweep").border_subtitle = "enter run · esc leave"

    def on_resize(self) -> None:
        keep_focused_in_sight(self.query_one("#sweep"))

    def on_input_changed(self, event: Input.Changed) -> None:
        says = self._in_words(event.value) or self._complaint(event.value)
        self.query_one("#says", Static).update(says)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if complaint := self._complaint(event.value):
            self.query_one("#says", Static).update(complaint)
        else:
            self.dismiss(Typed(event.value, runs=True))

    def action_leave(self) -> None:
        self.dismiss(Typed(self.query_one(Input).value, runs=False))
