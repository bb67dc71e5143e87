"""The list of steps, what is open in them, and what a lesson keeps when one leaves it and comes back."""

from __future__ import annotations

import pytest
from pilots import COURSE, NARROW, in_lesson, lesson, playing, read_to, run_to, session, shows, tap, until

from initplay.course.course import Course
from initplay.learner.open_ends import OpenEnds, _steps, open_ends, step_to_open
from initplay.learner.progress import Progress
from initplay.ui.bench.tiles import Tile, TilePlot
from initplay.ui.home import HomeScreen
from initplay.ui.lesson.steps import StepsScreen


async def test_the_list_marks_what_is_open_and_leads_there(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await pilot.press("j")
        await until(pilot, lambda: shows(pilot, "◐ 1 How high 1 prediction"))
        assert shows(pilot, "○ 2 Which way", "○ 3 Higher") and not shows(pilot, "not read")
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: shows(pilot, "step 3 of 3"))
        await pilot.press("j")
        await until(pilot, lambda: shows(pilot, "◐ 1 How high 1 prediction"))
        assert shows(pilot, "○ 2 Which way not read", "◐ 3 Higher 1 goal")
        await pilot.press("up", "up", "enter")
        await until(pilot, lambda: shows(pilot, "step 1 of 3", "What is the last value?"))
        await pilot.press("j", "escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, StepsScreen))
        assert lesson(pilot).step == 0


async def test_to_come_back_to_a_step_draws_what_is_first_there(home):
    """On the same run as before, where only the choice of `c` is another."""
    async with in_lesson(home) as pilot:
        await run_to(pilot)
        plot = lesson(pilot).query_one("#large", TilePlot)

        def drawn() -> str:
            return "".join(text for line in plot.lines[:1] for text, _ in line)

        await until(pilot, lambda: "height" in drawn())
        tap(pilot, "c")
        await until(pilot, lambda: "height" not in drawn())
        tap(pilot, "j", "enter")
        await until(pilot, lambda: plot.tile == Tile("chart", "height") and "height" in drawn())


async def test_to_go_on_past_an_open_goal_is_said_once(home):
    async with in_lesson(home, size=NARROW, step=3) as pilot:
        await pilot.press("n")
        await until(pilot, lambda: shows(pilot, "Still open: n once more leaves it so"))
        await pilot.press("n")
        await until(pilot, lambda: isinstance(pilot.app.screen, HomeScreen))


async def test_escape_leaves_one_thing_at_a_time_and_the_runs_are_there_on_return(home):
    async with playing(home, size=NARROW) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "What is the last value?"))
        await run_to(pilot)
        await pilot.press("p", "e")
        await until(pilot, lambda: shows(pilot, "FACTOR = 1"))
        for there in ("FACTOR = 1", "step 5 of 5", "The line goes up"):
            await pilot.press("escape")
            await until(pilot, lambda: shows(pilot, there))  # noqa: B023
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, HomeScreen))
        await pilot.press("enter", "tab")
        await until(pilot, lambda: shows(pilot, "✓ run 1", "pinned", "step 5 of 5"))
        await run_to(pilot)
        assert [attempt.number for attempt in session(pilot).kept.attempts] == [1, 2]


def test_a_finished_lesson_is_taken_up_at_what_is_open_first(home):
    climb = Course.load(COURSE).find("climb")
    progress = Progress.open(home / "progress.db")
    read_to(progress, "climb", 2, 3)
    assert step_to_open(climb, progress.lesson_state("climb")) == 1, "where it was left"
    read_to(progress, "climb", 3, 3)
    state = progress.lesson_state("climb")
    assert open_ends(climb, state) == [OpenEnds(1), OpenEnds(1), OpenEnds(goals=1)]
    progress.settled("climb/1/predict/1", 5.0, 5.0, True, 1.0)
    assert step_to_open(climb, progress.lesson_state("climb")) == 1
    progress.settled("climb/2/predict/1", 2, 2, True, 1.0)
    progress.goal_reached("climb/3/goal/1", "run 1")
    assert step_to_open(climb, progress.lesson_state("climb")) == 0, "from the beginning"
    progress.close()


@pytest.mark.parametrize(
    ("numbers", "said"),
    [([3], "step 3"), ([3, 4], "steps 3, 4"), ([3, 5, 6, 7, 9], "steps 3, 5-7, 9"), ([1, 2, 3], "steps 1-3")],
)
def test_steps_in_a_row_are_named_by_their_ends(numbers: list[int], said: str) -> None:
    assert _steps(numbers) == said
