"""What a layout moves is painted and told of it, whoever asked before where it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyte
import pytest
from pilots import NARROW, in_lesson, lesson, run_to, until
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from initplay.ui.bench.status import StatusLine
from initplay.ui.bench.tiles import TilePlot


@pytest.fixture
def paints_over_a_slow_line() -> None:
    """Not here, where it is asked what is painted when."""


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


class Beside(App[None]):
    CSS = """
    #above { width: 7; height: 1 }
    Horizontal { height: 1 }
    #b { width: 5 } #c { width: 15 } #d, #e { width: 10 }
    """

    def compose(self) -> ComposeResult:
        yield Static("AAAAAAA", id="above")
        yield Horizontal(Static("b" * 5, id="b"), Static("c" * 15, id="c"))
        yield Horizontal(Static("d" * 10, id="d"), Static("e" * 10, id="e"))

    def on_mount(self) -> None:
        self.query_one("#above").display = False


async def test_what_is_painted_between_a_look_and_its_layout_stands_in_its_new_place(painted):
    """As for a terminal that has just taken the last frame."""
    app = Beside()
    async with app.run_test(size=(20, 4)) as pilot:
        terminal = pyte.Screen(20, 9)
        await pilot.pause()
        above = app.query_one("#above")
        above.display = True
        look_for(above)
        app.screen._compositor_refresh()
        await pilot.pause()
        pyte.Stream(terminal).feed(painted())
        lines = [line.rstrip() for line in terminal.display[:3]]
        assert lines == ["AAAAAAA", "b" * 5 + "c" * 15, "d" * 10 + "e" * 10]


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
