"""Pictures of screens, taken of saved runs: nothing on them depends on this machine or on the clock.

After a wanted change: `pytest tests/ui/test_pictures.py --snapshot-update`, and look at the pictures.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pilots import NARROW, WIDE, bench, lesson, playground, read_to, session, shows, until
from textual.pilot import Pilot

from initplay.lab.events import Stopped
from initplay.learner.progress import Progress
from initplay.look import Look
from initplay.recording.run import Run, replay
from initplay.recording.saved import load
from initplay.ui.bench.tiles import TilePlot

RUNS = Path(__file__).parent / "runs"


@pytest.fixture(autouse=True)
def one_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key bar has a key for the next device where there is one."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")


def at_rest(*texts: str) -> Any:
    """Wait until the lab is ready, these are on the screen, and everything is drawn."""

    async def wait(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: shows(pilot, "lab ready", *texts))
        await until(pilot, lambda: not any(plot.dirty and plot.display for plot in _plots(pilot)))
        await pilot.pause()

    return wait


def _plots(pilot: Pilot[None]) -> list[TilePlot]:
    return list(pilot.app.screen.query(TilePlot))


def recorded(name: str) -> Run:
    return load(RUNS / f"{name}.jsonl")


def test_home_with_a_lesson_begun_and_one_done(home, snap_compare):
    progress = Progress.open(home / "progress.db")
    read_to(progress, "climb", 3, 3)
    progress.settled("climb/1/predict/1", 4.5, 5.0, True, 0.95)
    read_to(progress, "trouble", 2, 7)
    progress.close()
    assert snap_compare(playground(home), terminal_size=(100, 24), run_before=at_rest("1 of 2 lessons done"))


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_lesson_with_its_run(home, snap_compare, size):
    app = playground(home, recording=recorded("climb"))
    assert snap_compare(app, terminal_size=size, run_before=at_rest("step 10 of 10"))


def test_a_lesson_on_a_light_ground_at_an_earlier_moment(home, snap_compare):
    async def look_back(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: shows(pilot, "step 10 of 10"))
        await pilot.press("t", "left", "left", "left")
        await at_rest("step 7 of 10")(pilot)

    app = playground(home, recording=recorded("climb"))
    assert snap_compare(app, terminal_size=WIDE, run_before=look_back)


def test_a_failed_run(home, snap_compare):
    app = playground(home, recording=recorded("failed"))
    assert snap_compare(app, terminal_size=NARROW, run_before=at_rest("the author's mistake"))


@pytest.mark.parametrize(
    "size", [NARROW, (100, 30), WIDE, (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}"
)
def test_the_real_run_at_every_size(home, snap_compare, size):
    app = playground(home, recording=recorded("chain"))
    assert snap_compare(app, terminal_size=size, run_before=at_rest("NaN", "✓ run 1"))


@pytest.mark.parametrize("ascii", [False, True], ids=["no colour", "no colour, ascii"])
def test_without_colours(home, snap_compare, monkeypatch, ascii):
    monkeypatch.setenv("NO_COLOR", "1")
    app = playground(home, recording=recorded("chain"), look=Look(ascii=ascii))
    assert snap_compare(app, terminal_size=(100, 30), run_before=at_rest("NaN", "run 1"))


@pytest.mark.parametrize("state", ["waiting", "running", "paused", "stopped"])
def test_each_state_of_a_run(home, snap_compare, state):
    """Half of a saved run, as if the other half were still to come."""
    whole = recorded("climb").events
    events = {"waiting": [], "stopped": [*whole[: len(whole) // 2], Stopped("You stopped it.")]}
    half = replay(events.get(state, whole[: len(whole) // 2]))

    async def halfway(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: shows(pilot, "step 10 of 10"))
        shown = session(pilot).attempt
        assert shown is not None
        shown.run, shown.paused = half, state == "paused"
        bench(pilot).follow()
        lesson(pilot).refresh_bindings()
        lesson(pilot)._show_onward()
        sign = {"waiting": "… run 1", "running": "▶ run 1", "paused": "‖ run 1", "stopped": "■ run 1"}
        await until(pilot, lambda: lesson(pilot).prose.border_subtitle == lesson(pilot).enter_in_words)
        await at_rest(sign[state])(pilot)

    app = playground(home, recording=recorded("climb"))
    assert snap_compare(app, terminal_size=(100, 30), run_before=halfway)


def test_before_the_first_run(home, snap_compare):
    async def open_it(pilot: Pilot[None]) -> None:
        await at_rest("A line that climbs")(pilot)
        await pilot.press("enter")
        await at_rest("press r to run")(pilot)

    assert snap_compare(playground(home), terminal_size=(100, 30), run_before=open_it)


def test_a_pinned_histogram_over_the_run_s_own(home, snap_compare):
    async def compare(pilot: Pilot[None]) -> None:
        await at_rest("NaN")(pilot)
        first = session(pilot).attempt
        assert first is not None
        session(pilot).toggle_pin()
        await bench(pilot).show_recording(recorded("chain"))
        await pilot.press("c", *["left"] * 8)
        await at_rest("against run 1: the same in everything")(pilot)

    app = playground(home, recording=recorded("chain"))
    assert snap_compare(app, terminal_size=(120, 36), run_before=compare)


@pytest.mark.parametrize(("key", "title"), [("question_mark", "keys"), ("w", "why")])
def test_a_page_over_the_bench(home, snap_compare, key, title):
    async def open_it(pilot: Pilot[None]) -> None:
        await at_rest("NaN")(pilot)
        await pilot.press(key)
        await at_rest(title)(pilot)

    app = playground(home, recording=recorded("chain"))
    assert snap_compare(app, terminal_size=(100, 30), run_before=open_it)
