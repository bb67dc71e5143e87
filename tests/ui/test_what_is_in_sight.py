"""What is drawn of the screen alone, and drawn again where a colour changed, is what Textual would show."""

from __future__ import annotations

import pytest
from pilots import bench, in_lesson, run_to, tap, until
from rich.segment import Segment
from textual._compositor import Compositor
from textual.app import App
from textual.color import Color
from textual.geometry import Region

from initplay.ui.bench.tiles import TilePlot
from initplay.ui.pages.over import Over
from initplay.ui.terminal.textual_private.frames import draw_what_is_in_sight, lines_of
from initplay.ui.terminal.textual_private.styles import differ_in_colour

TEXTUALS = vars(Compositor)["_render_chops"]


@pytest.fixture(autouse=True)
def replaced(monkeypatch):
    """As in a terminal, for one test alone."""
    monkeypatch.setattr(Compositor, "_render_chops", TEXTUALS)
    draw_what_is_in_sight()
    assert vars(Compositor)["_render_chops"] is not TEXTUALS


def shown(app: App) -> list[list[Segment]]:
    lines = lines_of(app.screen)
    assert lines
    return [list(Segment.simplify(line)) for line in lines]


def drawn_anew(app: App) -> list[list[Segment]]:
    for screen in app.screen_stack:
        for widget in screen.walk_children(with_self=True):
            widget.refresh()
    return shown(app)


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
async def test_the_screen_is_what_textual_would_draw(home, size, monkeypatch):
    """A lesson, with cards and charts, and pages over it; the pieces of some of its lines, too."""
    async with in_lesson(home, size=size) as pilot:
        for page in ("", "question_mark", "i"):
            if page:
                tap(pilot, page)
                await until(pilot, lambda: isinstance(pilot.app.screen, Over))
                await pilot.pause()
            compositor = pilot.app.screen._compositor
            some = Region(0, 5, size[0], 7), lambda y: y in (5, 9, 11)
            ours = shown(pilot.app), compositor._render_chops(*some)
            with monkeypatch.context() as textual:
                textual.setattr(Compositor, "_render_chops", TEXTUALS)
                theirs = shown(pilot.app), compositor._render_chops(*some)
            assert ours[0] == theirs[0]
            assert [ours[1][y] for y in (5, 9, 11)] == [theirs[1][y] for y in (5, 9, 11)]
            if page:
                tap(pilot, "escape")
                await until(pilot, lambda: not isinstance(pilot.app.screen, Over))


async def test_each_theme_is_drawn_everywhere(home):
    async with in_lesson(home) as pilot:
        for theme in ("textual-light", "dracula", "ansi-dark", "textual-dark"):
            pilot.app.theme = theme
            await pilot.pause()
            before = shown(pilot.app)
            assert before == drawn_anew(pilot.app), theme


async def test_what_was_to_be_drawn_of_a_chart_is_forgotten_once_it_is(home):
    """Each stretch of cells that a live chart changed was kept for good: megabytes in an hour."""
    async with in_lesson(home) as pilot:
        await run_to(pilot)
        large = bench(pilot).query_one("#large", TilePlot)
        await until(pilot, lambda: large.lines and not large.dirty)
        large.show([[("other", "label")], *large.lines[1:]])
        assert large._dirty_regions
        await until(pilot, lambda: not large._dirty_regions)


def test_a_colour_is_told_from_what_may_take_room():
    red, blue = Color.parse("red"), Color.parse("blue")
    assert differ_in_colour(red, blue)
    assert differ_in_colour(("round", red), ("round", blue))
    assert not differ_in_colour(("round", red), ("", blue))
    assert not differ_in_colour(None, red)
    assert not differ_in_colour(1, 2)
