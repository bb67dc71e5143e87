"""What a step is about is the first of what its run shows, from the first event to the last."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pilots import NARROW, WIDE, bench, lesson, playing, screen, tap, until
from scripted import ScriptedEngine
from textual.pilot import Pilot

from initplay.course.lesson import Lesson, RunBlock
from initplay.lab.events import Cells, Facts, Finished, Point, Recorded
from initplay.recording.run import Run, replay
from initplay.ui.app import Playground
from initplay.ui.bench.tiles import Tile, TilePlot, Tiles, View, in_order, with_place_kept
from initplay.ui.lesson.screen import LessonScreen

STD, MEAN, SUMS = Tile("chart", "std"), Tile("chart", "mean"), Tile("table", "sums")
BEGINNING: list[Recorded] = [Point("std", x, 1.0) for x in range(3)]
ENDING: list[Recorded] = [Cells("sums", {"of": "four", "sum": 10.0}), Facts({"last": 1.0}), Finished(0.1)]


@pytest.mark.parametrize(
    ("shows", "named", "order"),
    [
        ("", (), [STD, MEAN, SUMS]),
        ("", ("sums",), [STD, SUMS, MEAN]),
        ("sums", (), [SUMS, STD, MEAN]),
        ("mean", ("sums", "mean"), [MEAN, SUMS, STD]),
        ("mean", ("std",), [MEAN, STD, SUMS]),
        ("what is not there", ("sums",), [STD, SUMS, MEAN]),
    ],
)
def test_first_is_what_the_step_shows_and_then_what_its_text_names(shows, named, order):
    assert in_order([STD, MEAN, SUMS], shows, named) == order


def test_nothing_is_in_order():
    assert in_order([], "std", ("mean",)) == []


def test_of_two_with_one_name_the_one_that_came_first_is_shown():
    table = Tile("table", "std")
    assert in_order([MEAN, STD, table], "std", ()) == [STD, MEAN, table]


def test_a_place_is_kept_for_what_comes_late_and_only_as_long_as_it_may_come():
    goes_on, over = replay(BEGINNING), replay([*BEGINNING, *ENDING])
    awaited = Tile("awaited", "sums")
    assert with_place_kept([STD], View(goes_on, shows="sums")) == [awaited, STD]
    assert with_place_kept([SUMS, STD], View(goes_on, shows="sums")) == [SUMS, STD]
    assert with_place_kept([STD], View(goes_on)) == [STD]
    assert with_place_kept([STD], View(over, shows="what it did not draw")) == [STD]
    assert with_place_kept([], View(Run(), shows="sums")) == [], "what is said before the first event stays"


def that_shows(found: Lesson, shows: str) -> Lesson:
    """The lesson with that in sight first in its first step."""
    first, *others = found.steps
    blocks = [replace(block, shows=shows) if isinstance(block, RunBlock) else block for block in first.blocks]
    return replace(found, steps=(replace(first, blocks=tuple(blocks)), *others))


@asynccontextmanager
async def in_step_that_shows(
    home: Path, shows: str, size: tuple[int, int]
) -> AsyncIterator[tuple[Pilot[None], ScriptedEngine]]:
    async with playing(home, size=size) as pilot:
        app, engine = pilot.app, ScriptedEngine()
        assert isinstance(app, Playground)
        found = that_shows(app.course.find("climb"), shows)
        app.push_screen(LessonScreen(found, engine, app.machine, app.progress))
        await until(pilot, lambda: lesson(pilot).prose.border_title)
        yield pilot, engine


def large(pilot: Pilot[None]) -> str:
    tile = bench(pilot).query_one("#large", TilePlot).tile
    return tile.name if tile else ""


def drawn(pilot: Pilot[None]) -> str:
    """The first line of the large one, as it was last drawn."""
    lines = bench(pilot).query_one("#large", TilePlot).lines
    return "".join(text for line in lines[:1] for text, _ in line)


async def run_that(pilot: Pilot[None], engine: ScriptedEngine, *events: Recorded) -> None:
    before = len(engine.runs)
    tap(pilot, "r")
    await until(pilot, lambda: len(engine.runs) > before)
    engine.runs[-1].begin(*events)
    await until(pilot, lambda: bench(pilot).session.attempt.run.events)  # pyrefly: ignore


async def is_large(pilot: Pilot[None], name: str) -> None:
    """It is, and what the run has shown by now is in the list."""
    await until(pilot, lambda: large(pilot) == name)
    await pilot.pause()
    assert large(pilot) == name


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_what_there_is_stands_in_sight_until_what_is_first_comes(home, size):
    """Its place in the list is kept, in the first run and in those after it."""
    async with in_step_that_shows(home, "sums", size) as (pilot, engine):
        for _ in range(2):
            await run_that(pilot, engine, *BEGINNING)
            await is_large(pilot, "std")
            await until(pilot, lambda: "std" in drawn(pilot))
            assert [tile.name for tile in bench(pilot).query_one(Tiles)._tiles] == ["sums", "std"]
            engine.runs[-1].send(*ENDING)
            await until(pilot, lambda: "four" in screen(pilot))
            await is_large(pilot, "sums")


async def test_what_the_learner_turned_to_stays(home):
    async with in_step_that_shows(home, "sums", NARROW) as (pilot, engine):
        await run_that(pilot, engine, *BEGINNING)
        await is_large(pilot, "std")
        tap(pilot, "c")
        await until(pilot, lambda: bench(pilot).query_one(Tiles)._picked == STD)
        engine.runs[-1].send(*ENDING)
        await until(pilot, lambda: "sums" in screen(pilot) and bench(pilot).session.state == "finished")
        await is_large(pilot, "std")
        await run_that(pilot, engine, *BEGINNING, *ENDING)
        await is_large(pilot, "std")
        tap(pilot, "n")  # another step speaks of another chart
        await until(pilot, lambda: lesson(pilot).step == 1)
        await is_large(pilot, "std")
        tap(pilot, "b")
        await until(pilot, lambda: lesson(pilot).step == 0)
        await is_large(pilot, "sums")


async def test_a_run_of_something_else_shows_what_comes_first(home):
    async with in_step_that_shows(home, "sums", NARROW) as (pilot, engine):
        await bench(pilot).put_up("wait", {})
        await run_that(pilot, engine, *BEGINNING)
        await is_large(pilot, "std")


async def test_a_run_that_does_not_show_it_shows_what_it_has(home):
    async with in_step_that_shows(home, "of another text", NARROW) as (pilot, engine):
        await run_that(pilot, engine, *BEGINNING)
        await is_large(pilot, "std")
        engine.runs[-1].send(*ENDING)
        await is_large(pilot, "std")
