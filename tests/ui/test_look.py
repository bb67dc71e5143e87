"""How often is drawn, and how much of it is written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pilots import bench, in_lesson, lesson, playing, run_to, tap, until

from initplay.look import ANY_TERMINAL, FPS, Look, look_for
from initplay.ui.app import Playground
from initplay.ui.bench.tiles import BEHIND, TilePlot, Tiles
from initplay.ui.widgets.plot import WORTH_A_JUMP, changed, with_fewer_colours

SPANS = st.lists(
    st.tuples(st.text("ab ", min_size=1, max_size=15), st.sampled_from(["s0", "axis", "shade:1/2"]))
)


def cells(line):
    return [(character, role) for text, role in line for character in text]


@given(SPANS, SPANS)
def test_what_changed_of_a_line_is_painted_and_hardly_more(old, new):
    before, after = cells(old), cells(new)
    width = max(len(before), len(after))
    before, after = ([*line, *[None] * (width - len(line))] for line in (before, after))
    painted = {column for start, end in changed(old, new) for column in range(start, end)}
    different = {column for column in range(width) if before[column] != after[column]}
    assert different <= painted
    assert all(any(abs(column - other) <= WORTH_A_JUMP for other in different) for column in painted)


@given(SPANS)
def test_fewer_colours_change_no_character_and_no_colour_that_is_seen(line):
    joined = cells(with_fewer_colours(line))
    for (character, role), (now, role_now) in zip(cells(line), joined, strict=True):
        assert character == now
        assert role == role_now or (character == " " and "shade:" not in role_now)


def test_what_was_asked_for_is_what_is_drawn():
    assert look_for(ascii=False) == ANY_TERMINAL
    assert look_for(ascii=True).ascii
    assert look_for(ascii=False, fps=30) == Look(fps=30)
    slow = look_for(ascii=False, slow_line=True)
    assert slow.fps < FPS and slow.small_fps < slow.fps
    assert look_for(ascii=False, slow_line=True, fps=5).fps == 5


async def test_over_a_slow_line_what_a_key_asks_for_is_drawn_as_soon_as_ever(home):
    async with playing(home, look=look_for(ascii=False, slow_line=True)) as pilot:
        tap(pilot, "enter")
        await until(pilot, lambda: lesson(pilot).prose.border_title)
        await run_to(pilot)
        tiles = lesson(pilot).query_one(Tiles)
        large = tiles.query_one("#large", TilePlot)
        await until(pilot, lambda: large.lines and not large.dirty)
        assert tiles._fps_of(large) < FPS
        bench(pilot).scrub(-1)
        assert large.asked and tiles._fps_of(large) == FPS
        await until(pilot, lambda: not large.dirty)


async def test_without_an_option_every_tile_is_drawn_as_often(home):
    async with in_lesson(home) as pilot:
        tiles = lesson(pilot).query_one(Tiles)
        assert {tiles._fps_of(plot) for plot in tiles.query(TilePlot)} == {FPS}


async def test_a_chart_waits_for_a_key_that_did_not_ask_for_it_and_behind_a_page(home):
    async with in_lesson(home) as pilot:
        app, lesson_screen = pilot.app, pilot.app.screen
        assert isinstance(app, Playground)
        tiles = lesson_screen.query_one(Tiles)
        large = tiles.query_one("#large", TilePlot)
        large.asked = False
        await until(pilot, lambda: tiles._rest_of(large) == 1 / FPS)
        tap(pilot, "question_mark")
        await until(pilot, lambda: app.screen is not lesson_screen and not app.answering)
        large.asked = False  # a chart of the lesson's may have been shown late, which asks for it
        assert tiles._rest_of(large) == BEHIND
        large.asked = True
        assert tiles._rest_of(large) == 1 / FPS
