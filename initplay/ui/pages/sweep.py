"""Asks what to sweep the experiment on the bench over."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from initplay.ui.keys import bindings
from initplay.ui.pages.over import Over

ASKS = """\
Run {experiment} at many settings. One knob makes curves, two make a map.

knob=a,b,c        these values
knob=low..high:5  five values; with :log in equal ratios"""


class SweepScreen(Over[str]):
    """Closes with what was typed, once there is nothing to complain of."""

    BINDINGS = bindings("value")

    def __init__(self, experiment: str, proposed: str, complaint: Callable[[str], str]) -> None:
        """`complaint` says what is wrong with a text, or nothing."""
        super().__init__()
        self._experiment = experiment
        self._proposed = proposed
        self._complaint = complaint

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="sweep"):
            yield Static(ASKS.format(experiment=self._experiment), markup=False)
            yield Input(self._proposed, select_on_focus=False)
            yield Static("", id="complaint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#sweep").border_subtitle = "enter run · esc leave"

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if complaint := self._complaint(event.value):
            self.query_one("#complaint", Static).update(complaint)
        else:
            self.dismiss(event.value)
