"""What has the keyboard is in sight, whatever becomes of the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from pilots import NARROW, in_lesson, lesson, playing, resize, screen, shows, tap, until
from textual.widgets import OptionList

from initplay.lab.events import Axes, Facts, Finished, Point, Started
from initplay.recording.run import replay
from initplay.ui.bench.knobs import KnobView
from initplay.ui.editor.editor import Editor
from initplay.ui.lesson.boxes import NumberBox

LESSONS = Path(__file__).parents[2] / "lessons"
SIZES = [(40, 10), (120, 12), NARROW]


async def test_the_knob_that_is_turned_stays_in_sight(home):
    async with in_lesson(home, "sandbox", size=NARROW, lessons=LESSONS) as pilot:
        await pilot.press("k", *["down"] * 5)
        await until(pilot, lambda: isinstance(pilot.app.focused, KnobView) and shows(pilot, "▸last gain"))
        for size in SIZES:
            await resize(pilot, *size)
            await until(pilot, lambda: shows(pilot, "▸last gain"))


async def test_the_number_that_is_typed_and_the_line_that_is_edited_stay_in_sight(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await pilot.press("g", *"12345")
        for size in SIZES:
            await resize(pilot, *size)
            await until(pilot, lambda: isinstance(pilot.app.focused, NumberBox) and shows(pilot, "12345"))
        await resize(pilot, *NARROW)
        await pilot.press("escape", "e")
        await until(pilot, lambda: isinstance(pilot.app.focused, Editor))
        await pilot.press("ctrl+end", *"#here")
        for size in SIZES:
            await resize(pilot, *size)
            await until(pilot, lambda: shows(pilot, "#here"))


async def test_the_line_of_the_page_of_sweeps_stays_in_sight(home):
    async with in_lesson(home, size=NARROW) as pilot:
        tap(pilot, "M")
        await until(pilot, lambda: shows(pilot, "steps=1..50:9"))
        for size in SIZES:
            await resize(pilot, *size)
            await until(pilot, lambda: shows(pilot, "steps=1..50:9"))


async def test_the_chosen_row_of_a_list_stays_in_sight(home):
    async with playing(home, size=NARROW, lessons=LESSONS) as pilot:
        await until(pilot, lambda: shows(pilot, "00 A layer"))
        await pilot.press(*["down"] * 9)
        chosen = pilot.app.screen.query_one(OptionList)
        for size in SIZES:
            await resize(pilot, *size)
            await until(pilot, lambda: shows(pilot, " 09 ") and chosen.highlighted is not None)


async def test_the_chosen_step_stays_in_sight(home):
    async with in_lesson(home, "deep", size=NARROW, lessons=LESSONS) as pilot:
        tap(pilot, "j")
        await until(pilot, lambda: pilot.app.screen is not lesson(pilot) and shows(pilot, "enter goes there"))
        await pilot.press(*["down"] * 13)
        for size in SIZES:
            await resize(pilot, *size)
            await until(pilot, lambda: " 14  " in screen(pilot))


@pytest.mark.parametrize(
    ("slug", "experiment"), [("neuron", "layer"), ("depth", "depth"), ("leaderboard", "program")]
)
async def test_at_80x24_a_chart_has_six_rows_at_least_below_the_text(home, slug, experiment):
    """Beside its text, its results and its knobs."""
    started = Started(lesson=slug, experiment=experiment, knobs={}, seed=42, device="cpu")
    points = [Point("c", layer, float(layer), name) for layer in range(3) for name in ("first", "second")]
    said = Facts({f"what came out {number}": number for number in range(12)})
    recording = replay([started, Axes("c"), *points, said, Finished(1.0)])
    async with playing(home, size=NARROW, lessons=LESSONS, recording=recording) as pilot:
        await until(pilot, lambda: shows(pilot, "● first", "o: all that the run said"))
        rows = [line for line in screen(pilot).splitlines() if line.lstrip(" -.0123456789")[:1] in ("│", "┤")]
        assert len(rows) >= 6


@pytest.mark.parametrize("size", [(40, 10), (40, 12), (40, 16), (60, 17), (100, 12)])
async def test_of_a_few_rows_a_chart_has_some(home, size):
    """Also while a knob is turned."""
    started = Started(lesson="normalize", experiment="train", knobs={}, seed=42, device="cpu")
    said = Facts({f"what came out {number}": number for number in range(12)})
    points = [Point("c", layer, float(layer)) for layer in range(3)]
    recording = replay([started, Axes("c"), *points, said, Finished(1.0)])
    async with playing(home, size=size, lessons=LESSONS, recording=recording) as pilot:
        await until(pilot, lambda: shows(pilot, "● measured", "┤", "└"))
        await pilot.press("k")
        await until(pilot, lambda: shows(pilot, "▸normalized", "lr", "┤", "└"))
