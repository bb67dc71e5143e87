"""Who resizes the window reads on where they read, and the bench keeps its room."""

from __future__ import annotations

import pytest
from pilots import CHECKOUT, NARROW, WIDE, in_lesson, lesson, resize, until

from initplay.ui.lesson.step import StepPane

LESSONS = CHECKOUT / "lessons"


def at_top(pilot):
    """The part of the text that stands at its top, and how much of its height is above."""
    prose = lesson(pilot).prose
    return prose._part_at(round(prose.scroll_y))


def asks_in_sight(prose: StepPane) -> bool:
    """Whether the question that has no answer is."""
    return prose.unanswered is not None and prose.is_in_sight(prose.unanswered)


async def scrolled(pilot, lines: int) -> None:
    prose = lesson(pilot).prose
    prose.scroll_to(y=lines, animate=False)
    await until(pilot, lambda: prose.scroll_y == lines)


async def resized(pilot, size: tuple[int, int]) -> None:
    """And laid out: the text has its place again."""
    prose = lesson(pilot).prose
    await resize(pilot, *size)
    await until(pilot, lambda: prose._size_of_top == prose.size)


@pytest.mark.parametrize("size", [(79, 24), (60, 20), (50, 24), (80, 18)])
async def test_the_text_stands_where_it_stood(home, size):
    async with in_lesson(home, "blowup", step=6, size=NARROW, lessons=LESSONS) as pilot:
        prose = lesson(pilot).prose
        await scrolled(pilot, 4)
        before, part = prose.scroll_y, at_top(pilot)
        assert part is not None
        await resized(pilot, size)
        there = at_top(pilot)
        assert there is not None and there[0] is part[0]
        assert abs(there[1] - part[1]) * there[0].virtual_region.height <= 1  # line
        await resized(pilot, NARROW)
        assert prose.scroll_y == before


async def test_a_window_that_shows_all_of_the_text_for_a_while_takes_no_place(home):
    async with in_lesson(home, "blowup", step=6, size=NARROW, lessons=LESSONS) as pilot:
        prose = lesson(pilot).prose
        await scrolled(pilot, 3)
        await resized(pilot, (80, 60))
        assert prose.scroll_y == 0
        await resized(pilot, NARROW)
        assert prose.scroll_y == 3


async def test_the_question_above_the_bench_stays_there_and_takes_no_more_room(home):
    async with in_lesson(home, "blowup", step=6, size=NARROW, lessons=LESSONS) as pilot:
        screen = lesson(pilot)
        await pilot.press("r")
        await until(pilot, lambda: screen.session.state == "finished" and not screen.prose.unread)
        height = screen.prose.size.height
        for width in (81, 80, 79, 80):
            await resized(pilot, (width, 24))
            assert screen.prose.size.height == height
            assert asks_in_sight(screen.prose)


async def test_a_window_that_becomes_narrow_shows_the_question_above_the_bench(home):
    async with in_lesson(home, "blowup", step=6, size=WIDE, lessons=LESSONS) as pilot:
        screen = lesson(pilot)
        await pilot.press("r")
        await until(pilot, lambda: screen.session.state == "finished")
        await resized(pilot, NARROW)
        assert screen.room.is_split
        await until(pilot, lambda: asks_in_sight(screen.prose))


async def test_where_nothing_is_open_the_end_of_the_text_stands_above_the_bench_and_not_its_sources(home):
    async with in_lesson(home, "blowup", step=8, size=NARROW, lessons=LESSONS) as pilot:
        prose = lesson(pilot).prose
        await pilot.press("r")
        await until(pilot, lambda: lesson(pilot).session.state == "finished" and lesson(pilot).room.is_split)
        await until(pilot, lambda: prose.lines_below == 0 and prose.sources_below)
