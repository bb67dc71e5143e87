"""What a layout moves is painted and told of it, whoever asked before where it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pilots import NARROW, in_lesson, lesson, run_to, until
from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from initplay.ui.bench.status import StatusLine
from initplay.ui.bench.tiles import TilePlot


class Told(Static):
    """Counts the sizes that it is told."""

    sizes = 0

    def on_resize(self) -> None:
        self.sizes += 1


class Two(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("the first", id="first")
        yield Told("the second", id="second")

    def on_mount(self) -> None:
        self.query_one(Told).display = False


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """What has been written to the terminal, as a terminal is sent it."""
    written: list[str] = []

    def write(app: App[Any], screen: Screen[Any], update: Any) -> None:
        if update is not None:
            written.append(update.render_segments(app.console))

    monkeypatch.setattr(App, "_display", write)
    return lambda: "".join(written)


def look_for(widget: Widget) -> None:
    """Between a change and its layout, after something new or a scroll, for which Textual looks up all."""
    widget.screen._compositor._full_map_invalidated = True
    assert widget.region


async def test_what_was_looked_for_before_its_layout_is_painted_and_told_its_size(painted):
    app = Two()
    async with app.run_test() as pilot:
        second = app.query_one(Told)
        await pilot.pause()
        assert "the second" not in painted()
        second.display = True
        look_for(second)
        await pilot.pause()
        await until(pilot, lambda: "the second" in painted())
        assert second.sizes == 1


async def test_what_was_away_for_a_moment_is_painted_and_told_its_size(painted):
    app = Two()
    async with app.run_test() as pilot:
        second = app.query_one(Told)
        second.display = True
        await until(pilot, lambda: "the second" in painted() and second.sizes == 1)
        before = len(painted())
        second.display = False
        look_for(app.query_one("#first"))
        assert not second.size.area
        second.display = True
        look_for(second)
        await until(pilot, lambda: "the second" in painted()[before:] and second.sizes == 2)


async def test_a_chart_is_drawn_anew_where_something_takes_room_from_it(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await run_to(pilot)
        plot, status = lesson(pilot).query_one("#large", TilePlot), lesson(pilot).query_one(StatusLine)
        await until(pilot, lambda: plot.lines and not plot.dirty)
        status.display = False
        await until(pilot, lambda: not status.region and len(plot.lines) == plot.size.height)
        tall = plot.size.height
        status.display = True
        look_for(status)
        await until(pilot, lambda: len(plot.lines) == plot.size.height < tall)
