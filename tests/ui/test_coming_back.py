"""What is on the bench of a lesson is there when the learner comes back, in this start and in the next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pilots import NARROW, lesson, notices, playing, run, run_to, session, shows, until
from scripted import Bench
from textual.pilot import Pilot

from initplay.course.experiment import experiments
from initplay.lab.events import Finished, Point
from initplay.learner import benches
from initplay.recording.packed import pack, unpack
from initplay.ui.bench.left import Left, unpacked
from initplay.ui.bench.session import Session
from initplay.ui.bench.shelf import Shelf
from initplay.ui.home import HomeScreen


@asynccontextmanager
async def climbing(home: Path) -> AsyncIterator[Pilot[None]]:
    """A playground with its first lesson opened from Home, as a learner does it."""
    async with playing(home, size=NARROW) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: lesson(pilot).prose.border_title)
        yield pilot


async def leave(pilot: Pilot[None]) -> None:
    while not isinstance(pilot.app.screen, HomeScreen):
        await pilot.press("escape")


async def test_runs_pins_knobs_seed_and_cursor_are_there_in_the_next_start(home):
    async with climbing(home) as pilot:
        await run_to(pilot)
        await pilot.press("p", "s")
        await run_to(pilot)
        session(pilot).turn("slope", 2.0)
        await pilot.press("left", "left")
        seed = session(pilot).setting.seed
        await leave(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "What is the last value?"))
        before = session(pilot)
        assert (before.cursor, before.setting.knobs["slope"], before.setting.seed) == (2, 2.0, seed)
        await leave(pilot)
    async with climbing(home) as pilot:
        await until(pilot, lambda: session(pilot).kept.attempts)
        now = session(pilot)
        assert [attempt.number for attempt in now.kept.attempts] == [1, 2]
        assert [attempt.number for attempt in now.kept.pinned] == [1]
        assert now.attempt is now.kept.attempts[1] and run(pilot).facts["last"] == 5
        assert (now.cursor, now.setting.knobs["slope"], now.setting.seed) == (2, 2.0, seed)
        await pilot.press("tab")
        await until(pilot, lambda: shows(pilot, "step 3 of 5", "─ run 1", "✓ run 2 · r: slope 2.0"))
        await run_to(pilot)
        assert [attempt.number for attempt in now.kept.attempts] == [1, 2, 3]


async def test_a_run_that_goes_on_when_the_playground_is_quit_is_kept_up_to_there(home):
    async with climbing(home) as pilot:
        session(pilot).put_up("wait", {})
        await pilot.press("r")
        await until(pilot, lambda: run(pilot).moments)
    kept = benches.read("climb")
    assert kept and [(one.run.state, one.run.moments > 0) for one in kept.runs] == [("stopped", True)]


async def test_a_damaged_file_is_put_aside_and_the_lesson_goes_on_without(home):
    benches.path_of("climb").parent.mkdir()
    benches.path_of("climb").write_bytes(b"initplay bench 1\n1234\x80")
    async with climbing(home) as pilot:
        await until(pilot, lambda: notices(pilot))
        said = notices(pilot)
        assert len(said) == 1 and said[0].startswith("The runs that this lesson had kept cannot be read")
        assert session(pilot).kept.begun == 0
        await run_to(pilot)
        assert session(pilot).kept.begun == 1
    kept = benches.read("climb")
    assert kept and len(kept.runs) == 1


async def test_where_nothing_can_be_written_it_is_said_once_and_all_goes_on(home):
    (home / "benches").write_text("in the way")
    async with climbing(home) as pilot:
        await run_to(pilot)
        for _ in range(2):
            await leave(pilot)
            await pilot.press("enter")
            await until(pilot, lambda: session(pilot).kept.attempts)
        said = notices(pilot)
        assert len(said) == 1 and said[0].startswith("Runs are kept until you quit, not longer: ")


# Without a screen


def left_by(bench: Bench, step: int = 0) -> Left:
    """What comes back of a bench from the disk."""
    packed = unpack(pack(bench.session.leave(step).packed(), 2**20)[0])
    return unpacked(packed, bench.lesson("climb"), bench.machine)


def ran(**knobs: int) -> Bench:
    bench = Bench()
    bench.session.put_up("climb", knobs)
    bench.ran()
    return bench


def test_what_the_learner_did_meanwhile_stays_on_the_screen_and_is_numbered_on():
    before, now = ran(steps=7), ran(steps=9)
    shown = now.session.attempt
    now.session.take_back(left_by(before), 0)
    assert [attempt.number for attempt in now.session.kept.attempts] == [1, 2]
    assert now.session.attempt is shown and shown is not None and shown.label == "run 2"
    assert now.session.setting.knobs["steps"] == 9


@pytest.mark.parametrize(
    ("step", "experiment", "steps"), [(0, "climb", 7), (1, "climb", 10), (0, "wait", None)]
)
def test_knobs_come_back_to_the_step_that_they_were_turned_at(step, experiment, steps):
    before, now = ran(steps=7), Bench()
    now.session.put_up(experiment, {})
    now.session.take_back(left_by(before), step)
    assert now.session.setting.knobs.get("steps") == steps
    assert (now.session.attempt is None) == (experiment == "wait"), (
        "a run of another experiment is in the list"
    )
    assert len(now.session.kept.attempts) == 1


@pytest.mark.parametrize(
    "change", [("def climb(", "def clamber("), ("slope", "incline"), ("[1, 50] = 10", "[1, 6] = 5")]
)
def test_runs_of_an_experiment_or_knob_that_is_gone_are_left_out(change):
    """And so are knobs; the lesson opens as if they had not been."""
    before = ran(steps=7)
    lesson = before.lesson("climb")
    source = lesson.source.replace(*change)
    changed = replace(lesson, source=source, experiments=tuple(experiments(source)))
    left = unpacked(before.session.leave(0).packed(), changed, before.machine)
    assert left.kept.attempts == [] and left.shown is None
    now = Session(changed, before.engine, before.machine, lambda: None)
    knobs = dict(now.setting.knobs)
    now.take_back(left, 0)
    assert now.setting.knobs == knobs and now.trouble is None


def test_a_run_of_the_learners_own_text_comes_back_with_its_own_knobs():
    bench = Bench(source="def climb(extra: int = 3):\n    yield extra\n")
    bench.session.run()
    bench.run.order.knobs["extra"] = 4
    bench.run.begin(Point("c", 1, 1))
    bench.run.send(Finished(0.1))
    (back,) = left_by(bench).kept.attempts
    assert back.described == "climb extra=4 · seed 42"


def test_a_cursor_beyond_the_run_is_its_last_moment():
    bench = ran()
    left = left_by(bench)
    now = Bench()
    now.session.take_back(replace(left, cursor=99), 0)
    assert now.session.cursor == 2


async def test_a_run_for_which_there_is_no_room_on_disk_is_named_once(home, monkeypatch):
    monkeypatch.setattr(benches, "MAX_BYTES", 2000)
    said: list[str] = []
    shelf = Shelf(said.append)
    bench = ran()
    bench.session.run()
    bench.run.begin(*(Point("c", x, x) for x in range(2000)), Finished(0.1))
    for _ in range(2):
        shelf.put("climb", bench.session.leave(0))
        while shelf._tasks:
            await asyncio.gather(*shelf._tasks)
    kept = benches.read("climb")
    assert kept and [one.number for one in kept.runs] == [1]
    assert len(said) == 1 and "Of climb, run 2 will not be there in the next start" in said[0]


async def test_a_bench_that_cannot_be_read_is_said_and_the_lesson_opens_without(home):
    path = benches.path_of("climb")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no bench")
    said: list[str] = []
    found: list[object] = []
    shelf = Shelf(said.append)
    shelf.fetch("climb", found.append)
    while shelf._tasks:
        await asyncio.gather(*shelf._tasks)
    assert found == [None]
    assert len(said) == 1 and said[0].startswith("The runs that this lesson had kept cannot be read (")


async def test_what_the_system_would_not_read_is_put_aside_when_the_bench_is_written_and_not_before(home):
    path = benches.path_of("climb")
    path.mkdir(parents=True)
    said: list[str] = []
    shelf = Shelf(said.append)
    shelf.fetch("climb", lambda packed: None)
    while shelf._tasks:
        await asyncio.gather(*shelf._tasks)
    assert len(said) == 1 and f"cannot be read (is a directory): they stay in {path}, and" in said[0]
    assert path.is_dir()
    for _ in range(2):
        shelf.put("climb", ran().session.leave(0))
        while shelf._tasks:
            await asyncio.gather(*shelf._tasks)
    kept = benches.read("climb")
    assert kept and len(kept.runs) == 1
    (aside,) = path.parent.glob("*.kept")
    assert aside.is_dir() and said[1:] == [
        f"What was kept of climb before, and not read here, lies in {aside}."
    ]
    await shelf.close()


async def test_of_two_playgrounds_one_says_that_the_other_keeps_the_runs(home):
    said: tuple[list[str], list[str]] = ([], [])
    first, second = (Shelf(of_one.append) for of_one in said)
    for shelf in (first, second, second):
        shelf.put("climb", ran().session.leave(0))
        while shelf._tasks:
            await asyncio.gather(*shelf._tasks)
    assert said[0] == [] and len(said[1]) == 1
    assert said[1][0].startswith("Another playground keeps the runs of climb:")
    assert (first.kept_by_another, second.kept_by_another) == ([], ["climb"])
    await first.close()
    await second.close()


async def test_where_no_module_can_be_opened_that_is_said_and_the_lesson_opens_without(home, monkeypatch):
    said: list[str] = []
    found: list[object] = []
    shelf = Shelf(said.append)

    def refuse(*_: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(shelf, "_opened", refuse)
    shelf.fetch("climb", found.append)
    while shelf._tasks:
        await asyncio.gather(*shelf._tasks)
    assert found == [None] and said == ["Runs are neither read nor kept now (too many open files)."]


@pytest.mark.parametrize(("ends", "state"), [(True, "finished"), (False, "stopped")])
async def test_a_run_that_had_not_ended_is_written_when_all_is_closed(home, ends, state):
    said: list[str] = []
    shelf = Shelf(said.append)
    bench = ran()
    bench.session.run()
    bench.run.begin(Point("c", 1, 1))
    shelf.put("climb", bench.session.leave(0))
    if ends:
        bench.run.send(Finished(0.1))
    await shelf.close()
    kept = benches.read("climb")
    assert kept and [one.run.state for one in kept.runs] == ["finished", state] and not said
