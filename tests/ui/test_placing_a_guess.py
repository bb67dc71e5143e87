"""A guess that is a place on a chart is placed there: by arrows, by the mouse, before and after a run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pilots import NARROW, WIDE, bench, lesson, playing, run_to, shows, until
from textual.geometry import Offset
from textual.pilot import Pilot

from initplay.course.course import find_lessons_dir
from initplay.learner.progress import Progress
from initplay.ui.app import Playground
from initplay.ui.bench.tiles import TilePlot
from initplay.ui.lesson.boxes import NumberBox
from initplay.ui.lesson.screen import LessonScreen

UNDRAWN = "the run will draw here"


@asynccontextmanager
async def multiplying(home, size: tuple[int, int] = WIDE) -> AsyncIterator[Pilot[None]]:
    """The step of the course that asks after how many layers the std is no finite number."""
    async with playing(home, size=size, lessons=find_lessons_dir()) as pilot:
        app = pilot.app
        assert isinstance(app, Playground)
        app.push_screen(
            LessonScreen(app.course.find("blowup"), app.engine, app.machine, app.progress, step=2)
        )
        await until(pilot, lambda: lesson(pilot).prose.border_title)
        await pilot.pause()
        yield pilot


def made(home):
    progress = Progress.open(home / "progress.db")
    try:
        return progress.lesson_state("blowup").predictions
    finally:
        progress.close()


def large(pilot) -> list[str]:
    """The rows of the large chart."""
    plot = lesson(pilot).query_one("#large", TilePlot)
    return ["".join(text for text, _ in line) for line in plot.lines]


def column(pilot, sign: str) -> int | None:
    """The column of a sign on the x axis of the large chart."""
    axis = next((row for row in large(pilot) if sign in row and "─" in row), "")
    return axis.index(sign) if axis else None


def at(pilot, columns: int, rows: int = 5) -> Offset:
    """A place on the large chart, as one on the screen."""
    return lesson(pilot).query_one("#large").content_region.offset + Offset(columns, rows)


async def test_before_any_run_the_chart_is_an_empty_frame_over_the_range(home):
    async with multiplying(home) as pilot:
        await until(pilot, lambda: shows(pilot, UNDRAWN, "Place your guess: click, or g and the arrows"))
        assert large(pilot)[0].startswith("std by layer")
        assert large(pilot)[-1].split() == ["0", "20", "40", "60", "80", "100"]
        assert column(pilot, "◆") is None, "nothing is placed yet"
        await pilot.press("n")
        await until(pilot, lambda: shows(pilot, "step 4 of") and not shows(pilot, UNDRAWN))


async def test_g_then_arrows_then_enter_are_enough(home):
    async with multiplying(home) as pilot:
        await pilot.press("g")
        await until(pilot, lambda: isinstance(lesson(pilot).focused, NumberBox))
        await pilot.press("up")
        await until(pilot, lambda: "50?" in "".join(large(pilot)))
        middle = column(pilot, "◆")
        assert middle is not None
        await pilot.press(*["down"] * 10)
        await until(pilot, lambda: "30?" in "".join(large(pilot)))
        moved = column(pilot, "◆")
        assert moved is not None and moved < middle
        assert made(home) == (), "it is not committed to yet"
        await pilot.press("enter")
        await until(pilot, lambda: "you said 30" in "".join(large(pilot)))
        assert [prediction.guess for prediction in made(home)] == [30]
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "Close: you said 30, it was 28 layers."))
        await until(pilot, lambda: "it was 28" in "".join(large(pilot)))
        assert "you said 30" in "".join(large(pilot))
        was, said = column(pilot, "■"), column(pilot, "◆")
        assert was is not None and said is not None and was < said


async def test_what_is_typed_moves_the_line_as_well(home):
    async with multiplying(home) as pilot:
        await pilot.press("g", "7")
        await until(pilot, lambda: "7?" in "".join(large(pilot)))
        before = column(pilot, "◆")
        await pilot.press("0")
        await until(pilot, lambda: "70?" in "".join(large(pilot)))
        after = column(pilot, "◆")
        assert before is not None and after is not None and before < after
        await pilot.press("up", "2", "9")
        await until(pilot, lambda: "29?" in "".join(large(pilot)))  # what was placed by arrows begins anew


async def test_what_was_placed_moves_along_its_axis_too_and_what_is_typed_is_edited(home):
    async with multiplying(home) as pilot:
        await pilot.press("g", "right")
        await until(pilot, lambda: "50?" in "".join(large(pilot)))
        await pilot.press("right", "right", "left", "left", "left")
        await until(pilot, lambda: "49?" in "".join(large(pilot)))
        await pilot.press("2", "9", "left", "8")
        await until(pilot, lambda: "28" in lesson(pilot).query_one(NumberBox).value)
        assert lesson(pilot).query_one(NumberBox).value == "289"


async def test_a_guess_beyond_the_chart_is_not_taken_and_moves_no_axis(home):
    async with multiplying(home) as pilot:
        await pilot.press("g", *"5428", "enter")
        await until(pilot, lambda: shows(pilot, "Your guess lies outside 1 to 100."))
        assert made(home) == () and column(pilot, "◆") is None
        assert large(pilot)[-1].split()[-1] == "100"
        await pilot.press("down")  # from the end that it is beyond
        await until(pilot, lambda: "98?" in "".join(large(pilot)))


async def test_a_click_on_the_frame_places_the_guess_and_commits_to_it(home):
    async with multiplying(home) as pilot:
        await until(pilot, lambda: shows(pilot, UNDRAWN))
        await pilot.click(offset=at(pilot, 30))
        await until(pilot, lambda: column(pilot, "◆") == 30)
        (prediction,) = made(home)
        assert prediction.guess == int(prediction.guess) and 1 < prediction.guess < 100
        assert lesson(pilot).query_one(NumberBox).value == str(int(prediction.guess))
        assert shows(pilot, "Now run it: r")


async def test_a_drag_moves_the_guess_and_commits_where_the_button_is_let_go(home):
    async with multiplying(home) as pilot:
        await until(pilot, lambda: shows(pilot, UNDRAWN))
        await pilot.mouse_down(offset=at(pilot, 30))
        await until(pilot, lambda: column(pilot, "◆") == 30)
        await pilot.hover(offset=at(pilot, 50))
        await until(pilot, lambda: column(pilot, "◆") == 50)
        assert made(home) == (), "the button is still down"
        await pilot.mouse_up(offset=at(pilot, 60))
        await until(pilot, lambda: column(pilot, "◆") == 60 and made(home))
        placed = made(home)[0].guess
        await pilot.hover(offset=at(pilot, 20))
        await pilot.pause()
        assert made(home)[0].guess == placed and column(pilot, "◆") == 60


async def test_on_the_chart_of_an_earlier_run_a_click_places_it_too_until_it_is_settled(home):
    async with multiplying(home) as pilot:
        await run_to(pilot)
        await until(pilot, lambda: "NaN from layer" in "".join(large(pilot)))
        assert made(home) == (), "nothing was guessed, and so nothing settled"
        assert large(pilot)[-1].split()[-1] == "100", "there is room for any guess"
        await pilot.click(offset=at(pilot, 25))
        await until(pilot, lambda: column(pilot, "◆") == 25)
        placed = made(home)[0].guess
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, f"you said {int(placed)}, it was 28 layers."))
        await until(pilot, lambda: column(pilot, "■") is not None)
        settled = column(pilot, "◆")
        await pilot.click(offset=at(pilot, 40))
        await pilot.pause()
        assert column(pilot, "◆") == settled and made(home)[0].guess == placed


async def test_a_narrow_screen_shows_the_frame_with_the_question_above_it(home):
    async with multiplying(home, NARROW) as pilot:
        await pilot.press("g", "up")
        await until(pilot, lambda: shows(pilot, "512 wide, scale 1:", UNDRAWN, "50?"))
        await pilot.click(offset=at(pilot, 40))
        await until(pilot, lambda: column(pilot, "◆") == 40 and made(home))


async def test_arrows_scroll_the_text_where_there_is_no_chart_to_place_a_guess_on(home):
    async with multiplying(home) as pilot:
        await pilot.press("b", "b")
        await until(pilot, lambda: shows(pilot, "step 1 of"))
        await pilot.press("g")
        await until(pilot, lambda: isinstance(lesson(pilot).focused, NumberBox))
        await pilot.press("up")
        await pilot.pause()
        assert lesson(pilot).query_one(NumberBox).value == ""
        assert bench(pilot).guess is None
