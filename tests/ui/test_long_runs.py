"""A run that has gone on for long is not lost to one slip of the finger."""

from __future__ import annotations

import pytest
from pilots import NARROW, WIDE, bench, in_lesson, lesson, run, session, shows, state, tap, until

from initplay.ui.home import HomeScreen
from initplay.ui.lesson import held_back
from initplay.ui.lesson.screen import LessonScreen
from initplay.ui.lesson.steps import StepsScreen


@pytest.fixture
def any_run_is_long(monkeypatch):
    monkeypatch.setattr(held_back, "LONG_RUN", 0.0)


async def start_waiting(pilot) -> None:
    """See a run that lasts, of the experiment that the third step puts up too."""
    await bench(pilot).put_up("wait", {})
    tap(pilot, "r")
    await until(pilot, lambda: run(pilot).moments > 3)


def quits(pilot) -> bool:
    return pilot.app._exit


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_q_says_first_what_would_be_lost_and_quits_the_second_time(home, any_run_is_long, size):
    async with in_lesson(home, size=size) as pilot:
        await start_waiting(pilot)
        tap(pilot, "q")
        await until(pilot, lambda: shows(pilot, "q again stops the run", "so far, and quits"))
        assert state(pilot) == "running" and not quits(pilot)
        tap(pilot, "q")
        await until(pilot, lambda: quits(pilot))


async def test_escape_leaves_the_lesson_the_second_time(home, any_run_is_long):
    async with in_lesson(home) as pilot:
        await start_waiting(pilot)
        attempt = session(pilot).attempt
        tap(pilot, "escape")
        await until(pilot, lambda: shows(pilot, "esc again stops the run", "so far, and leaves"))
        assert attempt and attempt.live
        tap(pilot, "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, HomeScreen))
        await until(pilot, lambda: attempt.run.state == "stopped")


async def test_any_other_key_takes_it_back(home, any_run_is_long):
    async with in_lesson(home) as pilot:
        await start_waiting(pilot)
        for key, held in (("q", "q"), ("down", ""), ("q", "q"), ("escape", "esc"), ("q", "q")):
            tap(pilot, key)
            await until(pilot, lambda held=held: lesson(pilot)._held_back.key == held)
        assert not quits(pilot) and isinstance(pilot.app.screen, LessonScreen) and state(pilot) == "running"


async def test_so_it_is_with_a_step_whose_experiment_is_another(home, any_run_is_long):
    async with in_lesson(home) as pilot:
        await start_waiting(pilot)
        tap(pilot, "n")
        await until(pilot, lambda: shows(pilot, "n again stops the run", "so far, and turns there"))
        assert shows(pilot, "step 1 of 3") and state(pilot) == "running"
        attempt = session(pilot).attempt
        tap(pilot, "n")
        await until(pilot, lambda: shows(pilot, "step 2 of 3"))
        await until(pilot, lambda: attempt and attempt.run.state == "stopped")


@pytest.mark.parametrize(("key", "does"), [("r", "begins anew"), ("f", "begins several")])
async def test_so_it_is_with_another_run(home, any_run_is_long, key, does):
    async with in_lesson(home) as pilot:
        await start_waiting(pilot)
        attempt = session(pilot).attempt
        tap(pilot, key)
        await until(pilot, lambda: shows(pilot, f"{key} again stops the run", f"so far, and {does}"))
        assert attempt and attempt.live and session(pilot).kept.begun == 1
        tap(pilot, key)
        await until(pilot, lambda: attempt.run.state == "stopped" and session(pilot).kept.begun > 1)


async def test_so_it_is_with_a_step_from_the_list(home, any_run_is_long):
    async with in_lesson(home) as pilot:
        await start_waiting(pilot)
        attempt = session(pilot).attempt
        for last in (False, True):
            tap(pilot, "j")
            await until(pilot, lambda: isinstance(pilot.app.screen, StepsScreen))
            tap(pilot, "down", "enter")
            await until(pilot, lambda: isinstance(pilot.app.screen, LessonScreen))
            if not last:
                await until(pilot, lambda: shows(pilot, "j again stops the run", "so far, and turns there"))
                assert attempt and attempt.live
        await until(pilot, lambda: shows(pilot, "step 2 of 3"))
        await until(pilot, lambda: attempt and attempt.run.state == "stopped")


async def test_a_run_that_has_just_begun_holds_nobody_back(home):
    async with in_lesson(home) as pilot:
        await start_waiting(pilot)
        tap(pilot, "q")
        await until(pilot, lambda: quits(pilot))


async def test_ctrl_q_quits_at_once(home, any_run_is_long):
    async with in_lesson(home) as pilot:
        await start_waiting(pilot)
        tap(pilot, "ctrl+q")
        await until(pilot, lambda: quits(pilot))
