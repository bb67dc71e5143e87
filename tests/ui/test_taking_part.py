"""Taking part in a class: Home says so, the folder is told, and where it is not, nothing is in the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pilots import COURSE, NARROW, shows, until
from textual.pilot import Pilot

from initplay.classroom.folder import Folder
from initplay.classroom.learner import Learner
from initplay.classroom.progress import ClassProgress
from initplay.course.course import Course
from initplay.ui.app import Playground


@asynccontextmanager
async def in_class(folder: Path) -> AsyncIterator[Pilot[None]]:
    progress = ClassProgress.join(folder, name="amber otter")
    app = Playground(Course.load(COURSE), progress, data="embedded", device="cpu", member=progress.member)
    app.animation_level = "none"
    async with app.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: shows(pilot, "A line that climbs"))
        yield pilot


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "class"
    path.mkdir()
    return path


def told(folder: Path) -> Learner | None:
    learners = Folder(folder).look().learners
    return learners[0] if learners else None


def said_by(pilot: Pilot[None]) -> list[str]:
    """What it notified of."""
    return [one.message for one in pilot.app._notifications]


async def test_home_says_that_the_class_is_told_and_by_what_name(folder):
    async with in_class(folder) as pilot:
        await until(pilot, lambda: shows(pilot, "In class as amber otter", "predict, reach and solve."))


async def test_the_class_is_told_of_steps_guesses_and_what_runs_made_of_them(folder):
    async with in_class(folder) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: (one := told(folder)) and one.step == 1)
        await until(pilot, lambda: shows(pilot, "What is the last value?"))
        await pilot.press("g", "5", "0", "enter")
        await until(pilot, lambda: (one := told(folder)) and one.guesses)
        await pilot.press("r")
        await until(pilot, lambda: (one := told(folder)) and one.guesses["climb/1/predict/1"].settled)
        one = told(folder)
        assert one
        guess = one.guesses["climb/1/predict/1"]
        assert (one.name, guess.value, guess.outcome, guess.right) == ("amber otter", 50.0, 5.0, False)


async def test_a_folder_that_is_gone_in_the_middle_is_said_once_and_nothing_is_lost(folder):
    async with in_class(folder) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: told(folder))
        next(folder.iterdir()).unlink()
        folder.rmdir()
        await pilot.press("n")
        await until(pilot, lambda: said_by(pilot))
        await pilot.press("n")
        await until(pilot, lambda: shows(pilot, "step 3 of 3"))
        assert isinstance(pilot.app, Playground)
        assert pilot.app.progress.last_place() == ("climb", 3)
        await pilot.press("escape")
        await until(pilot, lambda: shows(pilot, "! The class does not hear of you"))
        assert len(said_by(pilot)) <= 1  # a notice goes after some seconds
