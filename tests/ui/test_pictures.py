"""Pictures of screens, taken of saved runs: nothing on them depends on this machine or on the clock.

After a wanted change: `pytest tests/ui/test_pictures.py --snapshot-update`, and look at the pictures.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pilots import NARROW, WIDE, playground, shows, until
from textual.pilot import Pilot

from initplay.progress import Progress
from initplay.run import Run
from initplay.ui.tiles import TilePlot

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
    return Run.load(RUNS / f"{name}.jsonl")


def test_home_with_a_lesson_begun_and_one_done(home, snap_compare):
    progress = Progress.open(home / "progress.db")
    progress.reach("climb", 3, 3)
    progress.settled("climb/1/predict/1", 4.5, 5.0, True, 0.95)
    progress.reach("trouble", 2, 7)
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


def test_the_real_experiment_whose_numbers_run_out(home, snap_compare):
    app = playground(home, recording=recorded("chain"))
    assert snap_compare(app, terminal_size=(120, 36), run_before=at_rest("NaN"))


def test_a_failed_run(home, snap_compare):
    app = playground(home, recording=recorded("failed"))
    assert snap_compare(app, terminal_size=NARROW, run_before=at_rest("the author's mistake"))
