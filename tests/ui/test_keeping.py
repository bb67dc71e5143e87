"""Copying and saving a run: the screen goes on meanwhile, and what was kept is said."""

from __future__ import annotations

import threading

import pytest
from pilots import in_lesson, notices, run_to, session, shows, tap, until

from initplay.learner import saved
from initplay.recording.run import Run
from initplay.recording.saved import load


@pytest.mark.parametrize(
    ("key", "step", "folder", "says"),
    [("ctrl+s", "save_run", "runs", "Saved as"), ("y", "hand_to_tmux", "cards", "Copied. It is also in")],
)
async def test_a_slow_disk_or_tmux_holds_no_key_up_and_a_second_press_changes_nothing(
    home, monkeypatch, key, step, folder, says
):
    gate, calls = threading.Event(), []
    real = getattr(saved, step)

    def slow(what: object) -> object:
        calls.append(what)
        assert gate.wait(30)
        return real(what)

    monkeypatch.setattr(saved, step, slow)
    async with in_lesson(home) as pilot:
        await run_to(pilot)
        tap(pilot, key)
        await until(pilot, lambda: calls)
        seed = session(pilot).setting.seed
        tap(pilot, key, "s", key)
        await until(pilot, lambda: session(pilot).setting.seed != seed)
        assert notices(pilot) == [], "nothing is said before it is done"
        gate.set()
        await until(pilot, lambda: notices(pilot))
        await pilot.pause()
        assert len(calls) == 1 and len(notices(pilot)) == 1 and notices(pilot)[0].startswith(says)
        assert len(list((home / folder).iterdir())) == 1
        tap(pilot, key)
        await until(pilot, lambda: len(list((home / folder).iterdir())) == 2)


async def test_leaving_the_lesson_keeps_what_is_being_saved(home, monkeypatch):
    gate, asked = threading.Event(), threading.Event()
    real = saved.save_run

    def slow(run: Run) -> object:
        asked.set()
        assert gate.wait(30)
        return real(run)

    monkeypatch.setattr(saved, "save_run", slow)
    async with in_lesson(home) as pilot:
        recorded = await run_to(pilot)
        tap(pilot, "ctrl+s")
        await until(pilot, asked.is_set)
        tap(pilot, "escape")
        await until(pilot, lambda: shows(pilot, "Things that go wrong"))
        gate.set()
        await until(pilot, lambda: notices(pilot))
    (path,) = (home / "runs").iterdir()
    assert load(path).facts == recorded.facts


async def test_what_cannot_be_kept_is_said(home):
    (home / "runs").write_text("a file where the folder should be", encoding="utf-8")
    async with in_lesson(home) as pilot:
        await run_to(pilot)
        tap(pilot, "ctrl+s")
        await until(pilot, lambda: notices(pilot))
        assert notices(pilot)[0].startswith("Nothing can be written in")


async def test_a_card_of_an_edited_text_has_the_edit(home):
    """The command alone would yield something else."""
    async with in_lesson(home) as pilot:
        session(pilot).edit(session(pilot).setting.source.replace("FACTOR = 1", "FACTOR = 2"))
        await run_to(pilot)
        tap(pilot, "y")
        await until(pilot, lambda: notices(pilot))
    (path,) = (home / "cards").iterdir()
    text = path.read_text(encoding="utf-8")
    assert "-FACTOR = 1" in text and "+FACTOR = 2" in text and "the command runs the lesson's own" in text
