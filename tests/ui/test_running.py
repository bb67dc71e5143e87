"""Running, holding, stopping and looking back, by key and by mouse."""

from __future__ import annotations

import asyncio

import pytest
from pilots import (
    NARROW,
    bench,
    click,
    in_lesson,
    lesson,
    resize,
    run,
    run_to,
    screen,
    session,
    shows,
    state,
    tap,
    until,
)
from textual.geometry import Offset

from initplay.ui.bench.scrubber import OPEN, Scrubber
from initplay.ui.bench.tiles import TilePlot
from initplay.ui.terminal.entered import SMALLEST
from initplay.ui.terminal.textual_private.frames import paint_now

SIZES = [(200, 60), (140, 40), (100, 30), (80, 24), (20, 5), (1, 1), (80, 24), (200, 60)]


async def start_waiting(pilot) -> None:
    """Put up the experiment that lasts, and see it run."""
    await bench(pilot).put_up("wait", {})
    tap(pilot, "r")
    await until(pilot, lambda: run(pilot).moments > 3)


async def test_r_runs_and_the_screen_says_what_came_out(home):
    async with in_lesson(home) as pilot:
        ended = await run_to(pilot)
        assert ended.facts == {"last": 5.0, "steps": 5}
        await until(pilot, lambda: shows(pilot, "last 5", "› it ended at 5", "✓ run 1 · finished in"))
        await until(pilot, lambda: shows(pilot, "measured", "theory", "spread at 5"))


async def test_pause_step_resume_and_stop(home):
    async with in_lesson(home) as pilot:
        await start_waiting(pilot)
        tap(pilot, "space")
        await until(pilot, lambda: state(pilot) == "paused" and shows(pilot, "‖ run 1 · paused"))
        held = await settled_moments(pilot)
        tap(pilot, "full_stop")
        await until(pilot, lambda: run(pilot).moments == held + 1)
        tap(pilot, "full_stop", "full_stop")
        await until(pilot, lambda: run(pilot).moments == held + 3)
        assert await settled_moments(pilot) == held + 3
        tap(pilot, "space")
        await until(pilot, lambda: run(pilot).moments > held + 10)
        tap(pilot, "x")
        await until(pilot, lambda: state(pilot) == "stopped" and shows(pilot, "■ run 1 · stopped"))
        assert run(pilot).moments > held + 10


async def settled_moments(pilot) -> int:
    """How many moments there are once what was on its way when the run was held has arrived."""
    before = -1
    while run(pilot).moments != before:
        before = run(pilot).moments
        await asyncio.sleep(0.3)  # nine of the worker's flushes
    return before


async def test_slow_motion_holds_each_moment(home):
    async with in_lesson(home) as pilot:
        tap(pilot, "z")
        await start_waiting(pilot)
        assert shows(pilot, "running, in slow motion")
        assert run(pilot).moments < 8
        tap(pilot, "z")
        await until(pilot, lambda: run(pilot).moments > 60)


async def test_a_new_run_takes_the_place_of_one_that_goes_on(home):
    async with in_lesson(home) as pilot:
        await start_waiting(pilot)
        first = session(pilot).attempt
        await bench(pilot).put_up("climb", {})
        tap(pilot, "r")
        await until(pilot, lambda: shows(pilot, "✓ run 2 · finished"))
        assert first is not None and first.run.state == "stopped"


async def test_leaving_the_lesson_stops_its_run(home):
    async with in_lesson(home) as pilot:
        await start_waiting(pilot)
        attempt = session(pilot).attempt
        assert attempt is not None
        tap(pilot, "escape")
        await until(pilot, lambda: attempt.run.state == "stopped")


@pytest.mark.parametrize("editing", [False, True], ids=["charts", "editor"])
async def test_closing_in_the_middle_of_a_run_is_no_error(home, editing):
    async with in_lesson(home) as pilot:
        if editing:
            await pilot.press("e")
            await until(pilot, lambda: lesson(pilot).focused is not None)
            await pilot.press("escape")
        await bench(pilot).put_up("wait", {})
        tap(pilot, "r")
        await until(pilot, lambda: run(pilot).moments > 3)
        pilot.app.exit()


async def test_scrubbing_by_keys(home):
    async with in_lesson(home) as pilot:
        await run_to(pilot)
        for key, place in (
            ("left", 4),
            ("left", 3),
            ("right", 4),
            ("home", 1),
            ("left", 1),
            ("shift+right", 5),
            ("right", 5),
            ("shift+left", 1),
            ("end", 5),
            ("full_stop", 5),
        ):
            await pilot.press(key)
            await until(pilot, lambda: shows(pilot, f"step {place} of 5"))  # noqa: B023
        await pilot.press("home")
        await until(pilot, lambda: shows(pilot, "spread at 1"))
        assert not shows(pilot, "it ended at"), "what was said at the end is not said at the first moment"


async def test_another_step_has_its_first_chart_large_again(home):
    async with in_lesson(home) as pilot:
        await run_to(pilot)
        large = lesson(pilot).query_one("#large", TilePlot)
        await until(pilot, lambda: large.tile and large.tile.name == "height")
        await pilot.press("c")
        await until(pilot, lambda: large.tile and large.tile.title == "spread")
        await pilot.press("n")
        await until(pilot, lambda: lesson(pilot).step == 1 and large.tile and large.tile.name == "height")


async def test_scrubbing_by_mouse(home):
    async with in_lesson(home) as pilot:
        await run_to(pilot)
        scrubber = lesson(pilot).query_one(Scrubber)
        await until(pilot, lambda: scrubber.size.width and shows(pilot, "step 5 of 5"))
        await click(pilot, scrubber, 0)
        await until(pilot, lambda: shows(pilot, "step 1 of 5"))
        origin = scrubber.content_region.offset
        await pilot.mouse_down(offset=origin)
        await pilot.hover(offset=origin + Offset(scrubber._track // 2))
        await until(pilot, lambda: shows(pilot, "step 3 of 5"))
        await pilot.hover(offset=origin + Offset(scrubber._track + 5, -3))
        await pilot.mouse_up(offset=origin + Offset(scrubber._track + 5, -3))
        await until(pilot, lambda: shows(pilot, "step 5 of 5"))
        await pilot.hover(offset=origin)
        await pilot.pause()
        assert shows(pilot, "step 5 of 5"), "the handle was let go of"


async def test_looking_back_while_the_run_goes_on(home):
    async with in_lesson(home) as pilot:
        await start_waiting(pilot)
        tap(pilot, "home")
        await until(pilot, lambda: session(pilot).cursor == 0)
        moments = run(pilot).moments
        await until(pilot, lambda: run(pilot).moments > moments + 5)
        assert session(pilot).cursor == 0
        tap(pilot, "end")
        await until(pilot, lambda: session(pilot).cursor is None)
        await until(pilot, lambda: shows(pilot, f"●{OPEN}"))
        tap(pilot, "x")
        await until(pilot, lambda: state(pilot) == "stopped" and not shows(pilot, OPEN.strip()))


async def test_the_same_seed_gives_the_same_run_and_a_new_one_another(home):
    async with in_lesson(home) as pilot:
        await bench(pilot).put_up("climb", {"noisy": True})
        first = (await run_to(pilot)).facts["last"]
        assert (await run_to(pilot)).facts["last"] == first
        await pilot.press("s")
        seed = session(pilot).setting.seed
        await until(pilot, lambda: shows(pilot, f"r: seed {seed}"))
        assert (await run_to(pilot)).facts["last"] != first
        await until(pilot, lambda: shows(pilot, f"seed {seed}"))
        await pilot.press("S")
        await until(pilot, lambda: shows(pilot, "r: seed 42"))
        assert (await run_to(pilot)).facts["last"] == first


async def test_a_pinned_run_stays_behind_the_next_and_can_be_let_go(home):
    async with in_lesson(home) as pilot:
        await run_to(pilot)
        await pilot.press("p")
        await until(pilot, lambda: shows(pilot, "· pinned"))
        await bench(pilot).put_up("climb", {"steps": 5, "slope": 2.0})
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "run 1", "run 2 · finished"))
        await pilot.press("p", "p")
        await until(pilot, lambda: len(session(pilot).kept.pinned) == 1)


async def test_a_small_chart_becomes_the_large_one_by_key_and_by_click(home):
    async with in_lesson(home) as pilot:
        await run_to(pilot)
        large = lesson(pilot).query_one("#large", TilePlot)
        await until(pilot, lambda: large.tile and large.tile.name == "height")
        await pilot.press("c")
        await until(pilot, lambda: large.tile and large.tile.title == "spread")
        small = lesson(pilot).query_one("#small-0", TilePlot)
        await click(pilot, small, 3, 3)
        await until(pilot, lambda: large.tile and large.tile.title == "height")


async def test_any_size_at_any_time(home):
    async with in_lesson(home) as pilot:
        await start_waiting(pilot)
        for width, height in SIZES:
            await resize(pilot, width, height)
            moments = run(pilot).moments
            await until(pilot, lambda: run(pilot).moments > moments + 3)  # noqa: B023
            drawn = max(height, SMALLEST.height)
            await until(pilot, lambda: len(screen(pilot).split("\n")) == drawn)  # noqa: B023
        for width, height in [(40 + size, 10 + size // 3) for size in range(0, 120, 7)]:
            await resize(pilot, width, height)
        tap(pilot, "x")
        await until(pilot, lambda: state(pilot) == "stopped" and shows(pilot, "■ run 1"))


async def test_every_pane_at_every_size(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await run_to(pilot)
        for key in ("e", "escape", "o", "c", "question_mark", "escape", "k", "enter"):
            await pilot.press(key)
            for width, height in ((20, 5), NARROW):
                await resize(pilot, width, height)
        assert pilot.app.is_running


async def test_the_last_word_is_painted_once_all_have_heard_of_the_end(home, monkeypatch):
    painted: list[str] = []

    def paint(screen) -> None:
        painted.append(state(pilot))
        paint_now(screen)

    monkeypatch.setattr("initplay.ui.bench.bench.paint_now", paint)
    async with in_lesson(home) as pilot:
        await run_to(pilot)
        await until(pilot, lambda: painted)
        assert painted == ["finished"]
