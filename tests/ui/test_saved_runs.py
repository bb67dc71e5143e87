"""A saved run in the playground: what was recorded is shown, with no run being made."""

from __future__ import annotations

from pathlib import Path

from pilots import lesson, playing, run, screen, session, shows, state, until

from initplay.recording.run import Run
from initplay.ui.home import HomeScreen

RUNS = Path(__file__).parent / "runs"


async def test_a_saved_run_opens_on_its_lesson(home):
    async with playing(home, recording=Run.load(RUNS / "climb.jsonl")) as pilot:
        await until(pilot, lambda: shows(pilot, "A line that climbs", "step 10 of 10"))
        assert session(pilot).setting.experiment.name == "climb" and state(pilot) == "finished"
        await pilot.press("left")
        await until(pilot, lambda: shows(pilot, "step 9 of 10"))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, HomeScreen))


async def test_the_bench_is_set_as_the_saved_run_was(home):
    recording = Run.load(RUNS / "failed.jsonl")
    async with playing(home, recording=recording) as pilot:
        await until(pilot, lambda: state(pilot) == "failed")
        assert recording.started is not None
        assert session(pilot).setting.experiment.name == recording.started.experiment
        assert session(pilot).setting.knobs == recording.started.knobs


async def test_r_repeats_a_saved_run(home):
    recording = Run.load(RUNS / "climb.jsonl")
    async with playing(home, recording=recording) as pilot:
        await until(pilot, lambda: shows(pilot, "step 10 of 10"))
        await pilot.press("r")
        await until(pilot, lambda: run(pilot) is not recording and state(pilot) == "finished")
        assert run(pilot).facts == recording.facts


async def test_a_saved_run_of_a_lesson_that_is_not_here_has_its_source(home, tmp_path):
    text = (RUNS / "climb.jsonl").read_text(encoding="utf-8").replace('"climb"', '"gone"', 1)
    (tmp_path / "run.jsonl").write_text(text, encoding="utf-8")
    async with playing(home, recording=Run.load(tmp_path / "run.jsonl")) as pilot:
        await until(pilot, lambda: shows(pilot, "saved from a lesson that is not in", "step 10 of 10"))
        await pilot.press("e")
        assert "Walk up a slope" in session(pilot).setting.source
        await until(pilot, lambda: shows(pilot, "def climb("))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, HomeScreen))


async def test_a_saved_run_leaves_what_the_learner_did_alone(home):
    async with playing(home, recording=Run.load(RUNS / "climb.jsonl")) as pilot:
        await until(pilot, lambda: shows(pilot, "step 10 of 10"))
        assert lesson(pilot).step == 0
        assert "Not yet" not in screen(pilot)
