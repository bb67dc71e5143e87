"""Whatever an experiment does, the app says so in a sentence and the next run works."""

from __future__ import annotations

import pytest
from pilots import bench, in_lesson, run, run_to, session, shows, state, tap, until
from textual.widgets import Log

STEPS = {"raises": 1, "exits": 2, "spins": 3, "no_event": 4, "flood": 5, "prints": 6}


async def the_next_run_works(pilot) -> None:
    await bench(pilot).put_up("fine", {})
    assert (await run_to(pilot)).facts == {"fine": True}
    await until(pilot, lambda: shows(pilot, "fine true") or shows(pilot, "fine yes"))


@pytest.mark.parametrize(
    ("experiment", "sentence"),
    [
        ("raises", "RuntimeError: the author's mistake"),
        ("exits", "its process ended with exit code 7"),
        ("no_event", "42"),
    ],
)
async def test_a_failure_is_said_and_the_next_run_works(home, experiment, sentence):
    async with in_lesson(home, "trouble", step=STEPS[experiment]) as pilot:
        await run_to(pilot, "failed")
        await until(pilot, lambda: shows(pilot, "✗ run 1", sentence))
        assert run(pilot).charts["before"].curve("measured").y[0] == 1, "what came before is there"
        await the_next_run_works(pilot)


async def test_a_loop_that_never_yields_is_stopped_by_force(home):
    async with in_lesson(home, "trouble", step=STEPS["spins"]) as pilot:
        tap(pilot, "r")
        await until(pilot, lambda: run(pilot).notes.items == ["spinning from here"])
        tap(pilot, "x")
        await until(pilot, lambda: state(pilot) == "stopped")
        await until(pilot, lambda: shows(pilot, "It did not answer, so its process was ended."))
        assert run(pilot).notes.items == ["spinning from here"]
        await the_next_run_works(pilot)


async def test_keys_work_while_points_pour_in(home):
    async with in_lesson(home, "trouble", step=STEPS["flood"]) as pilot:
        tap(pilot, "r")
        await until(pilot, lambda: run(pilot).moments > 10_000)
        tap(pilot, "x")
        await until(pilot, lambda: state(pilot) == "stopped")
        assert run(pilot).moments < 300_000
        await the_next_run_works(pilot)


async def test_three_hundred_thousand_points_are_drawn_and_scrubbed(home):
    async with in_lesson(home, "trouble", step=STEPS["flood"]) as pilot:
        await run_to(pilot)
        assert run(pilot).moments == 300_000
        await until(pilot, lambda: shows(pilot, "300000 of 300000") or shows(pilot, "299999 of 299999"))
        await pilot.press("home")
        await until(pilot, lambda: session(pilot).cursor == 0)


async def test_what_is_printed_has_a_tab_that_keeps_the_newest_lines(home):
    async with in_lesson(home, "trouble", step=STEPS["prints"]) as pilot:
        await run_to(pilot)
        assert shows(pilot, "printed ●")
        await pilot.press("o")
        log = bench(pilot).query_one(Log)
        await until(pilot, lambda: shows(pilot, "is not kept"))
        assert log.line_count <= 5_001
        await the_next_run_works(pilot)
