"""The large chart or table of the bench with all the room there is."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widget import Widget

from initplay.charts.sheet import Line
from initplay.ui.keys import bindings
from initplay.ui.pages.over import Over
from initplay.ui.widgets.plot import Plot

FOLLOWS_EVERY = 0.5
"""Seconds; all of a page is painted again with what changes on it."""


class WholeScreen(Over[None]):
    """Shows it, of a run that goes on as it grows; what is longer than the page is scrolled."""

    BINDINGS = bindings("whole")

    def __init__(
        self, draw: Callable[[int, int], list[Line]], colours: Widget, drawn_of: Callable[[], object]
    ) -> None:
        """`draw` makes lines of a width: as many as there are, or so many as fit the height where there may
        be any number. `colours` are those of a plot. `drawn_of` is equal as long as there is nothing new
        to draw, and None when no more will come."""
        super().__init__()
        self._draw = draw
        self._colours = colours
        self._drawn_of = drawn_of
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", id="whole"):
            yield Plot(self._colours)

    def on_mount(self) -> None:
        dialog = self.query_one("#whole")
        dialog.border_subtitle = "↑↓ scroll · esc closes"
        dialog.focus()
        self._timer = self.set_interval(FOLLOWS_EVERY, self._follow)

    def _follow(self) -> None:
        if (now := self._drawn_of()) != self._drawn:
            self._fit()
        if now is None:
            self._timer.stop()

    def on_resize(self) -> None:
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        self._drawn = self._drawn_of()
        room = self.query_one("#whole").scrollable_content_region
        plot = self.query_one(Plot)
        lines = self._draw(room.width, room.height)
        plot.styles.height = len(lines)
        plot.show(lines)
