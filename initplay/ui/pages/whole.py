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


class WholeScreen(Over[None]):
    """Shows it as it stood when it was last fitted to the page; what is longer than that is scrolled."""

    BINDINGS = bindings("whole")

    def __init__(self, draw: Callable[[int, int], list[Line]], colours: Widget) -> None:
        """`draw` makes lines of a width: as many as there are, or so many as fit the height where there may
        be any number. `colours` are those of a plot."""
        super().__init__()
        self._draw = draw
        self._colours = colours

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", id="whole"):
            yield Plot(self._colours)

    def on_mount(self) -> None:
        dialog = self.query_one("#whole")
        dialog.border_subtitle = "↑↓ scroll · esc closes"
        dialog.focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        room = self.query_one("#whole").scrollable_content_region
        plot = self.query_one(Plot)
        lines = self._draw(room.width, room.height)
        plot.styles.height = len(lines)
        plot.show(lines)
