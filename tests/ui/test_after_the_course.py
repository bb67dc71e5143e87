"""What Home offers when a lesson is done, and later: the page to keep, and what was missed asked again."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from pilots import NARROW, lesson, playground, read_to, shows, until
from textual.widgets import Input

from initplay.learner.progress import Progress
from initplay.ui.home import HomeScreen
from initplay.ui.lesson.screen import LessonScreen
from initplay.ui.pages.keepsake import KeepsakeScreen
from initplay.ui.pages.quiz import QuizScreen

NUMBER, CHOICE = "climb/1/predict/1", "climb/2/predict/1"


@pytest.fixture
def progress(home):
    kept = Progress.open(home / "progress.db")
    read_to(kept, "climb", 3, 3)
    kept.settled(NUMBER, 40.0, 5.0, False, 0.1)
    kept.settled(CHOICE, 1.0, 2, False, 0.0)
    yield kept
    kept.close()


async def test_after_the_last_lesson_comes_the_page_to_keep_which_home_has_too(home, progress):
    read_to(progress, "trouble", 7, 7)
    app = playground(home)
    async with app.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: shows(pilot, "2 of 2 lessons done", "done · 0 of 1 goal", "p your page"))
        await until(pilot, lambda: shows(pilot, "Things that go wrong"))
        await pilot.press("p")
        await until(pilot, lambda: shows(pilot, "What you take along", "2 of 2 lessons read to the end"))
        await pilot.press("escape", "enter")
        await until(pilot, lambda: lesson(pilot).lesson.slug == "trouble")
        while isinstance(here := app.screen, LessonScreen):
            step = here.step
            await pilot.press("n")
            await until(pilot, lambda here=here, step=step: app.screen is not here or here.step > step)
        await until(pilot, lambda: isinstance(app.screen, KeepsakeScreen))
        assert shows(pilot, "What you take along")


async def test_a_week_later_what_was_missed_is_asked_again_and_may_be_refused_for_good(home, progress):
    app = playground(home)
    app._now = lambda: datetime.now(timezone.utc) + timedelta(days=8)
    async with app.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: shows(pilot, "2 questions you once missed: a asks again, A never does"))
        await pilot.press("A")
        await until(pilot, lambda: not shows(pilot, "you once missed"))
        await pilot.press("a")
        assert isinstance(app.screen, HomeScreen)
        await pilot.press("A")
        await until(pilot, lambda: shows(pilot, "2 questions you once missed"))
        await pilot.press("a")
        await until(pilot, lambda: shows(pilot, "asked again · 1 of 2", "What is the last value? (units)"))
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*"five")
        await until(pilot, lambda: shows(pilot, "A number is asked for. esc leaves."))
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "five is"))
        await pilot.press(*["backspace"] * 4, "5", "enter")
        await until(
            pilot, lambda: shows(pilot, "Right: 5 units.", "you said 40", "Each step adds the slope.")
        )
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "asked again · 2 of 2", "Which way does it go?"))
        quiz = app.screen
        assert isinstance(quiz, QuizScreen)
        down = 1 + quiz._questions[1].first.order.index(1)
        await pilot.press(str(down))
        await until(pilot, lambda: shows(pilot, "You said: down. It was: up."))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, HomeScreen))
        await until(pilot, lambda: not shows(pilot, "you once missed"))
    again = [progress.history(key) for key in (NUMBER, CHOICE)]
    assert [[right for _, right in one.again] for one in again if one] == [[True], [False]]
    assert [one.right for one in progress.lesson_state("climb").predictions] == [False, False]
