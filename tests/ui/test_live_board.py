"""The instructor's board: live, on 80x24, whatever becomes of the folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pilots import COURSE, NARROW, resize, screen, shows, tap, until
from textual.pilot import Pilot

from initplay.classroom.folder import Folder
from initplay.classroom.line import Joined, Line, Reached, Settled, encoded
from initplay.course.course import Course
from initplay.look import ANY_TERMINAL, Look
from initplay.ui import board
from initplay.ui.board import BoardApp


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is read as soon as may be."""
    monkeypatch.setattr(board, "EVERY", 0.02)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "class"
    path.mkdir()
    return path


def tell(folder: Path, name: str, *lines: Line) -> None:
    with (folder / f"{name}.jsonl").open("ab") as file:
        file.write(b"".join(map(encoded, (Joined(name=name), *lines))))


def at(step: int, lesson: str = "climb", of: int = 3) -> Reached:
    return Reached(lesson=lesson, step=step, of=of)


@asynccontextmanager
async def shown(
    folder: Path, *, size: tuple[int, int] = NARROW, look: Look = ANY_TERMINAL, **how: bool
) -> AsyncIterator[Pilot[None]]:
    app = BoardApp(Folder(folder), Course.load(COURSE), look, **how)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: shows(pilot, "learner"))
        yield pilot


async def test_before_anybody_is_there_it_says_how_to_join(folder):
    async with shown(folder) as pilot:
        await until(pilot, lambda: shows(pilot, "Nobody is here yet.", "initplay --class", "0 learners"))
        await pilot.press("m", "right", "n", "s")
        await until(pilot, lambda: shows(pilot, "0 learners · names · answers hidden"))
        tell(folder, "ada", at(2))
        await until(pilot, lambda: shows(pilot, "1 learner", "01 A line that climbs █"))
        tell(folder, "bob")
        await until(pilot, lambda: shows(pilot, "2 learners", "At no step of this course bob"))


async def test_it_follows_what_learners_tell(folder):
    tell(folder, "ada", at(1))
    async with shown(folder) as pilot:
        await until(pilot, lambda: shows(pilot, "1 learner"))
        await pilot.press("m")
        await until(pilot, lambda: shows(pilot, "1 here, 1 have been", "1 How high ████████████████████ 1"))
        tell(folder, "bob", at(2), Settled(key="climb/1/predict/1", guess=50.0, outcome=5.0, right=False))
        await until(pilot, lambda: shows(pilot, "2 here", "2 Which way ████████████████████ 1"))
        await until(pilot, lambda: shows(pilot, "1 said, 0 of 1 right, it is 5 units", "◆ 5 ·", "50 ███"))


async def test_names_and_answers_are_on_the_page_where_they_are_asked_for(folder):
    tell(folder, "ada", at(1), Settled(key="climb/1/predict/1", guess=50.0, outcome=5.0, right=False))
    async with shown(folder, answers=False) as pilot:
        await until(pilot, lambda: shows(pilot, "1 learner", "answers hidden", "here now"))
        assert not shows(pilot, "ada")
        await pilot.press("n")
        await until(pilot, lambda: shows(pilot, "here now", "ada"))
        await pilot.press("n", "m")
        await until(pilot, lambda: shows(pilot, "1 said"))
        assert not shows(pilot, "ada") and not shows(pilot, "◆")
        await pilot.press("n", "s")
        await until(pilot, lambda: shows(pilot, "ada", "◆ 5"))


async def test_keys_lead_through_the_lessons_that_somebody_has_begun_and_the_overview(folder):
    tell(folder, "ada", at(3), at(1, "trouble", 1))
    async with shown(folder) as pilot:
        await until(pilot, lambda: shows(pilot, "here now"))
        for key, title in (("right", "A line that climbs"), ("right", "Things that go wrong")):
            await pilot.press(key)
            await until(pilot, lambda title=title: shows(pilot, title, "Where they are"))
        await pilot.press("right")
        await until(pilot, lambda: shows(pilot, "here now"))
        await pilot.press("left", "home")
        await until(pilot, lambda: shows(pilot, "here now"))


async def test_enter_opens_where_most_are_then_the_next_and_escape_goes_back(folder):
    tell(folder, "ada", at(3), at(1, "trouble", 1))
    tell(folder, "bob", at(1, "trouble", 1))
    async with shown(folder) as pilot:
        await until(pilot, lambda: shows(pilot, "2 learners", "here now"))
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "Things that go wrong", "Where they are"))
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "here now"))
        await pilot.press("right", "escape")
        await until(pilot, lambda: shows(pilot, "here now"))


async def test_a_question_mark_opens_the_keys_and_the_class_goes_on_under_them(folder):
    tell(folder, "ada", at(1))
    async with shown(folder) as pilot:
        await until(pilot, lambda: shows(pilot, "1 learner", "? help"))
        await pilot.press("question_mark")
        await until(
            pilot, lambda: shows(pilot, "the lesson that most are in", "quit; the folder is left as it is")
        )
        tell(folder, "bob", at(2))
        await until(pilot, lambda: shows(pilot, "2 learners"))
        await resize(pilot, 100, 30)
        await pilot.press("escape")
        await until(pilot, lambda: shows(pilot, "01 A line that climbs █") and not shows(pilot, "esc closes"))
        assert pilot.app.is_running


async def test_a_long_page_scrolls(folder):
    for number in range(8):
        guesses = [
            Settled(key=f"climb/{step}/predict/1", guess=guess, outcome=2.0)
            for step, guess in ((1, 3.0**number), (2, 1.0 + number % 2))
        ]
        tell(folder, f"{number}", at(1), *guesses)
    async with shown(folder) as pilot:
        await until(pilot, lambda: shows(pilot, "8 learners"))
        await pilot.press("m")
        await until(pilot, lambda: shows(pilot, "Where they are"))
        assert not shows(pilot, "Goals reached")
        await pilot.press("pagedown")
        await until(pilot, lambda: shows(pilot, "Goals reached"))
        await pilot.press("pageup")
        await until(pilot, lambda: shows(pilot, "Where they are"))


async def test_a_folder_that_is_gone_is_said_and_the_board_stays(folder, tmp_path):
    tell(folder, "ada", at(2))
    async with shown(folder) as pilot:
        await until(pilot, lambda: shows(pilot, "1 learner"))
        folder.rename(tmp_path / "elsewhere")
        gone = "cannot be read (No such file or directory)"
        await until(pilot, lambda: shows(pilot, gone, "01 A line that climbs █"))
        (tmp_path / "elsewhere").rename(folder)
        await until(pilot, lambda: not shows(pilot, "cannot be read"))


async def test_a_reading_that_fails_is_said_and_the_next_goes_on(folder, monkeypatch):
    tell(folder, "ada", at(2))
    async with shown(folder) as pilot:
        await until(pilot, lambda: shows(pilot, "1 learner"))
        with monkeypatch.context() as broken:
            broken.setattr(board, "board_of", lambda learners, lessons: 1 / 0)
            await until(pilot, lambda: shows(pilot, "(ZeroDivisionError", "01 A line that climbs █"))
        tell(folder, "bob", at(1))
        await until(pilot, lambda: shows(pilot, "2 learners") and not shows(pilot, "cannot be read"))


async def test_in_ascii_it_is_ascii(folder):
    tell(folder, "ada", at(2), Settled(key="climb/2/predict/1", guess=2.0, outcome=2.0, right=True))
    async with shown(folder, look=Look(ascii=True)) as pilot:
        await until(pilot, lambda: shows(pilot, "1 learner", "enter"))
        assert "? open" not in screen(pilot), "? is the key for help"
        await pilot.press("m")
        await until(pilot, lambda: shows(pilot, "* up"))
        assert "█" not in screen(pilot)


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
async def test_one_key_ends_it(folder, key):
    async with shown(folder) as pilot:
        tap(pilot, key)
        await until(pilot, lambda: not pilot.app.is_running)
