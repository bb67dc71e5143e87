"""A sweep on the bench: asked for by a key, drawn while it goes on, stopped, and settling nothing."""

from __future__ import annotations

import asyncio
import math

import pytest
from pilots import (
    NARROW,
    WIDE,
    in_lesson,
    lesson,
    playing,
    run,
    run_to,
    screen,
    session,
    shows,
    state,
    tap,
    until,
)
from scripted import Bench
from textual.widgets import Input

from initplay.course.course import Course, find_lessons_dir
from initplay.course.experiment import experiments
from initplay.course.knob import KnobError
from initplay.engine.running import TOOK_DOWN
from initplay.lab.events import Facts, Failed, Finished, Stopped
from initplay.learner import benches
from initplay.learner.progress import Progress
from initplay.recording.cell import Cell
from initplay.recording.packed import pack, unpack
from initplay.ui.bench.attempt import ENOUGH_RUNS, Attempt
from initplay.ui.bench.left import unpacked
from initplay.ui.bench.runs import described
from initplay.ui.bench.scrubber import Scrubber
from initplay.ui.bench.sweep_line import asked, proposed
from initplay.ui.bench.sweeping import in_words
from initplay.ui.bench.tiles import Tiles
from initplay.ui.lesson.screen import LessonScreen
from initplay.ui.pages.sweep import SweepScreen
from initplay.words.numbers import about


async def ask(pilot, typed: str) -> None:
    """Open the page, put this into its line, and press enter."""
    tap(pilot, "M")
    await until(pilot, lambda: isinstance(pilot.app.screen, SweepScreen) and pilot.app.screen.query(Input))
    pilot.app.screen.query_one(Input).value = typed
    tap(pilot, "enter")


async def test_the_first_chart_is_none_with_fewer_points_than_others(home):
    """Of these settings one alone has a number of steps after which all is zero."""
    async with in_lesson(home, "blowup", step=6, size=NARROW, lessons=find_lessons_dir()) as pilot:
        await ask(pilot, "scale=0.01..1:5:log --seeds 2")
        await until(pilot, lambda: state(pilot) == "finished")
        points = [
            sum(len(curve.x) for curve in chart.curves.values()) for chart in run(pilot).charts.values()
        ]
        assert points[0] == max(points) > min(points)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_two_knobs_grow_a_map_with_its_scale(home, size):
    async with in_lesson(home, size=size) as pilot:
        await ask(pilot, "steps=1..3:3 slope=1,2,4")
        await until(pilot, lambda: state(pilot) == "finished")
        picture = run(pilot).charts["last"].pictures.items[-1]
        assert (picture.rows, picture.columns) == (["1", "2", "3"], ["1", "2", "4"])
        assert (picture.low, picture.high) == (1, 12)
        await until(pilot, lambda: shows(pilot, "12 steps down, slope across", "✓ run 1"))
        assert session(pilot).kept.attempts[0].verdicts == [], "a sweep settles nothing"


WITH_A_GOAL = """\
# Two results

## What is asked

```run two
```

```goal
ask = "Make the second one large, with a slope above 1, and its name right."
slope = [1.0, 10.0]
name = "right"
second = [20.0, 30.0]
```

## Nothing is asked

```run two
```

## Sources

- This lesson is for tests.
"""
TWO_RESULTS = """\
from initplay.lab import LogRange, Range, Result


def two(steps: Range[1, 50] = 10, slope: LogRange[0.1, 10.0] = 1.0):
    yield Result(first=1.0 * steps, name="wrong", second=steps * slope)
"""
OF_ONE = "[two]\nover = ['slope=1,2,4']\nfacts = ['first']\n"


@pytest.fixture
def with_a_goal(tmp_path):
    folder = tmp_path / "lessons" / "01_two"
    folder.mkdir(parents=True)
    (folder / "lesson.md").write_text(WITH_A_GOAL)
    (folder / "experiment.py").write_text(TWO_RESULTS)
    (folder / "sweeps.toml").write_text(OF_ONE)
    return tmp_path / "lessons"


def pictures(pilot) -> list[str]:
    """The large one, and all there are."""
    tiles = lesson(pilot).query_one(Tiles)
    return [tile.title for tile in (tiles._large, *tiles._tiles) if tile and tile.kind == "chart"]


@pytest.mark.parametrize("over", ["steps=1..3:3", "steps=1..3:3 slope=1,2", "slope=1,2,4"])
async def test_the_first_picture_is_that_of_the_result_that_an_open_goal_asks_for(home, with_a_goal, over):
    """Also where it is none of those that the lesson has its sweep show."""
    async with in_lesson(home, "two", lessons=with_a_goal) as pilot:
        await ask(pilot, over)
        await until(pilot, lambda: state(pilot) == "finished")
        await until(pilot, lambda: pictures(pilot) == ["second", "second", "first"])


async def test_where_no_goal_is_open_the_results_come_in_their_own_order(home, with_a_goal):
    async with in_lesson(home, "two", lessons=with_a_goal, step=2) as pilot:
        await ask(pilot, "steps=1..3:3")
        await until(pilot, lambda: state(pilot) == "finished")
        await until(pilot, lambda: pictures(pilot) == ["first", "first", "second"])
    progress = Progress.open(home / "progress.db")
    progress.goal_reached("two/1/goal/1", "a run")
    progress.close()
    async with in_lesson(home, "two", lessons=with_a_goal) as pilot:
        await ask(pilot, "steps=2..4:3")
        await until(pilot, lambda: state(pilot) == "finished")
        await until(pilot, lambda: pictures(pilot) == ["first", "first", "second"])


async def test_what_is_answered_after_a_sweep_of_it_is_no_prediction(home):
    async with in_lesson(home) as pilot:
        await ask(pilot, "steps=4..5:2")
        await until(pilot, lambda: state(pilot) == "finished")
        await pilot.press("5", "enter")
        await until(pilot, lambda: shows(pilot, "This is after its run"))


def test_an_option_of_several_words_is_typed_as_for_a_shell():
    experiment = experiments("def go(rate: Literal['as it came', '0.5'] = '0.5'):\n    yield\n")[0]
    found = asked(experiment, proposed(experiment, ""), {})
    assert found.assignments == ("rate=as it came,0.5",) and found.grid.count == 2
    with pytest.raises(KnobError, match="no second one"):
        asked(experiment, 'rate="as', {})


def test_what_is_proposed_for_any_knob_of_the_course_can_be_swept():
    for one in Course.load(find_lessons_dir()).lessons:
        for experiment in one.experiments:
            for knob in experiment.knobs:
                found = asked(experiment, proposed(experiment, knob.name), experiment.defaults())
                assert list(found.grid.swept) == [knob.name]
                assert knob.kind != "choice" or found.grid.swept[knob.name] == tuple(knob.options)


async def test_it_is_a_sweep_in_the_next_start_too(home):
    async with playing(home) as pilot:
        tap(pilot, "enter")
        await until(pilot, lambda: lesson(pilot).prose.border_title)
        await ask(pilot, "steps=1..3:3 slope=1,2")
        await until(pilot, lambda: state(pilot) == "finished")
        shown = run(pilot).charts["last"].pictures.items
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, LessonScreen))
    async with playing(home) as pilot:
        tap(pilot, "enter")
        await until(pilot, lambda: state(pilot) == "finished")
        assert session(pilot).kept.attempts[0].swept == "steps=1..3:3 slope=1,2"
        assert run(pilot).charts["last"].pictures.items == shown
        assert not session(pilot).can("copy"), "the card has no command for it"


async def test_a_sweep_of_other_settings_shows_nothing_of_the_answer(home):
    async with in_lesson(home) as pilot:
        await ask(pilot, "steps=1..3:3 slope=2,4")
        await until(pilot, lambda: state(pilot) == "finished")
        for key in ("5", "enter", "r"):
            await pilot.press(key)
        await until(pilot, lambda: session(pilot).kept.begun == 2 and state(pilot) == "finished")
        await until(pilot, lambda: shows(pilot, "Right: 5 units."))
        assert not shows(pilot, "no prediction")


async def test_who_is_killed_has_lost_no_run_that_had_ended_and_little_of_a_sweep(home, monkeypatch):
    monkeypatch.setattr("initplay.ui.lesson.earlier.BENCH_KEPT_EVERY", 0.02)

    def on_disk():
        bench = benches.read("climb")
        return bench.runs if bench else ()

    async with playing(home) as pilot:
        tap(pilot, "enter")
        await until(pilot, lambda: lesson(pilot).prose.border_title)
        await run_to(pilot)
        await until(pilot, lambda: [one.number for one in on_disk()] == [1])
        await ask(pilot, "steps=1..50:50 slope=0.1..10:20")
        await until(pilot, lambda: len(on_disk()) == 2 and on_disk()[1].cells)
        swept = on_disk()[1]
        assert isinstance(swept.run.ending, Stopped) and state(pilot) == "running"
        assert len(swept.cells) < 1000
        tap(pilot, "x")
        await until(pilot, lambda: state(pilot) == "stopped")


async def test_one_knob_is_a_curve_over_seeds_and_the_page_proposes_it(home):
    async with in_lesson(home) as pilot:
        assert session(pilot).proposed_sweep == "steps=1..50:9"
        await ask(pilot, "slope=0.1..10:3:log steps=2 noisy=on")
        await until(pilot, lambda: state(pilot) == "finished")
        (curve,) = run(pilot).charts["last"].curves.values()
        assert list(curve.x) == pytest.approx([0.1, 1, 10]) and curve.is_band
        assert run(pilot).tables["last by slope"].items[0]["runs"] == 5
        started = run(pilot).started
        assert started is not None and (started.knobs, started.seed) == (session(pilot).setting.knobs, 42), (
            "as the knobs stood where it was asked for, so that what is saved of it opens there"
        )
        tap(pilot, "r")
        await until(pilot, lambda: session(pilot).kept.begun == 2 and state(pilot) == "finished")
        assert run(pilot).facts["steps"] == session(pilot).setting.knobs["steps"]


async def test_the_page_says_how_many_runs_there_are_and_has_again_what_was_typed(home):
    async with in_lesson(home, size=NARROW) as pilot:
        tap(pilot, "M")
        await until(pilot, lambda: shows(pilot, "9 settings, 5 seeds each: 45 runs", "width=64..512:4:log"))
        pilot.app.screen.query_one(Input).value = "steps=1,2 slope=0.1..10:3:log"
        await until(pilot, lambda: shows(pilot, "6 settings, 1 seed each: 6 runs"))
        tap(pilot, "escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, SweepScreen))
        assert state(pilot) == "idle"
        tap(pilot, "M")
        await until(pilot, lambda: shows(pilot, "steps=1,2 slope=0.1..10:3:log"))


def test_what_was_swept_is_proposed_again_for_its_experiment_alone():
    bench = Bench()
    bench.session.put_up("wait", {})
    other = bench.session.proposed_sweep
    bench.session.keep_typed_sweep("moments=1,2")
    bench.session.put_up("climb", {})
    bench.session.turn("slope", 2.0)
    assert bench.session.proposed_sweep.startswith("slope="), "the knob that was turned last"
    bench.session.put_up("wait", {})
    assert bench.session.proposed_sweep == "moments=1,2" != other


def test_how_long_a_sweep_takes_is_said_by_the_latest_run_of_the_experiment(monkeypatch):
    monkeypatch.setattr("initplay.engine.engine.cores", lambda: 3)
    bench = Bench()
    assert bench.session.sweep_in_words("steps=1,2") == "2 settings, 5 seeds each: 10 runs"
    bench.session.run()
    bench.run.begin(Finished(1.97))
    assert bench.session.sweep_in_words("steps=1,2") == "2 settings, 5 seeds each: 10 runs, about 10 s"
    assert bench.session.sweep_in_words("steps=1") == ""


@pytest.mark.parametrize("typed", ["steps=1,2 --seeds 1", "--seeds=1 steps=1,2"])
async def test_of_a_curve_there_may_be_one_seed(home, typed):
    """Typed as on the command line, and proposed again as it was typed."""
    async with in_lesson(home) as pilot:
        assert session(pilot).sweep_in_words(typed) == "2 settings, 1 seed each: 2 runs"
        await ask(pilot, typed)
        await until(pilot, lambda: state(pilot) == "finished")
        (curve,) = run(pilot).charts["last"].curves.values()
        assert list(curve.x) == [1, 2] and not curve.is_band
        assert [row["runs"] for row in run(pilot).tables["last by steps"].items] == [1, 1]
        assert session(pilot).proposed_sweep == typed
        attempt = session(pilot).attempt
        assert attempt and in_words(attempt).startswith("2 of 2 runs · seed 42")


def test_a_number_of_seeds_may_begin_with_zeros():
    for zeros in (0, 1, 4, 5_000):
        assert asked(GROW, f"bad_seed=1,2 --seeds {'0' * zeros}1000", {}).seeds == 1_000


def test_of_a_map_there_may_be_several_seeds():
    words = Bench().session.sweep_in_words
    assert words("steps=1,2 slope=1,2 --seeds 3") == "4 settings, 3 seeds each: 12 runs"


def test_a_knob_that_is_called_seeds_is_swept_as_any_other():
    experiment = experiments("def go(seeds: Range[1, 8] = 4):\n    yield\n")[0]
    found = asked(experiment, "seeds=1,2,4 --seeds 2", {})
    assert (found.grid.swept, found.seeds, found.runs) == ({"seeds": (1, 2, 4)}, 2, 6)


async def test_how_many_seeds_changes_nothing_of_what_is_shown(home, with_a_goal):
    async with in_lesson(home, "two", lessons=with_a_goal, step=2) as pilot:
        await ask(pilot, "slope=1,2,4 --seeds 2")
        await until(pilot, lambda: state(pilot) == "finished")
        await until(pilot, lambda: pictures(pilot) == ["first", "first"])


async def test_the_list_of_runs_says_what_a_sweep_was(monkeypatch):
    monkeypatch.setattr("initplay.engine.engine.cores", lambda: 2)  # one run after the other
    bench = Bench()
    bench.session.turn("offset", 7.0)
    bench.session.sweep("steps=1,2")
    attempt = bench.session.attempt
    assert attempt
    while attempt.live:
        bench.engine.runs[-1].begin(Facts({"last": 1.0, "most": 2}), Finished(0.1))
    said = " ".join(described(attempt, None, False, False, 100).plain.split())
    assert "climb over steps=1,2 finished with offset 7.0 · 10 of 10 runs · 5 seeds from 42" in said
    assert said.endswith("results: last, most")
    bench.session.run()
    bench.run.finish()
    assert bench.session.attempt
    after = described(bench.session.attempt, attempt, False, False, 100).plain
    assert "against" not in after, "a sweep has no one setting to differ from"


KILLED_ONCE = """\
import os
import signal
from pathlib import Path

from initplay.lab import LogRange, Range, Result

killed = Path({killed!r})


def two(steps: Range[1, 50] = 10, slope: LogRange[0.1, 10.0] = 1.0):
    if steps == 2 and not killed.exists():
        killed.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    yield Result(first=1.0 * steps, name="wrong", second=steps * slope)
"""


async def test_a_run_whose_process_is_killed_is_made_again(home, with_a_goal, tmp_path):
    killed = tmp_path / "killed"
    (with_a_goal / "01_two" / "experiment.py").write_text(KILLED_ONCE.format(killed=str(killed)))
    async with in_lesson(home, "two", lessons=with_a_goal) as pilot:
        await ask(pilot, "steps=1..3:3")
        await until(pilot, lambda: state(pilot) == "finished")
        cells = session(pilot).kept.attempts[0].cells
        assert killed.exists() and len(cells) == 15
        assert sorted({cell.facts["first"] for cell in cells}) == [1, 2, 3]


async def test_one_that_is_killed_each_time_has_failed_and_the_others_go_on(monkeypatch):
    monkeypatch.setattr("initplay.engine.engine.cores", lambda: 2)  # one run after the other
    bench = Bench()
    bench.session.sweep("steps=1,2,3")
    attempt, killed = bench.session.attempt, Failed(f"{TOOK_DOWN}: it was killed")
    assert attempt
    first = bench.run.order
    bench.run.begin(killed)
    assert bench.run.order == first and not attempt.cells
    bench.run.begin(killed)
    assert bench.run.order != first and [cell.message for cell in attempt.cells] == [killed.message]
    bench.session.stop()


async def test_a_run_that_was_killed_waits_while_its_sweep_is_paused(monkeypatch):
    monkeypatch.setattr("initplay.engine.engine.cores", lambda: 2)  # one run after the other
    bench = Bench()
    bench.session.sweep("steps=1,2,3")
    first = bench.run
    bench.session.pause_or_resume()
    first.begin(Failed(f"{TOOK_DOWN}: it was killed"))
    assert bench.run is first
    bench.session.pause_or_resume()
    assert bench.run is not first and bench.run.order == first.order
    bench.session.stop()


async def test_w_says_where_a_sweep_is_least_and_most(home):
    async with in_lesson(home) as pilot:
        await ask(pilot, "steps=1..3:3 slope=1,2,4")
        await until(pilot, lambda: state(pilot) == "finished" and shows(pilot, "w why"))
        tap(pilot, "w")
        said = "last: least 1 at steps 1, slope 1; most 12 at steps 3, slope 4."
        await until(pilot, lambda: shows(pilot, said) and not shows(pilot, "enter goes there"))


async def test_how_long_a_sweep_takes_yet_is_said_once_some_runs_tell_and_holds_still_between_them(
    monkeypatch,
):
    monkeypatch.setattr("initplay.engine.engine.cores", lambda: 2)  # one run after the other
    monkeypatch.setattr("initplay.ui.bench.sweeping.EVERY", 0.0)
    bench = Bench()
    bench.session.sweep("steps=1,2,3,4")
    attempt = bench.session.attempt
    assert attempt
    for done in range(1, 10):
        bench.time += 2.0
        bench.run.begin(Facts({"last": 1.0}), Finished(0.1))
        await asyncio.wait_for(_until_told(attempt, done), 30)
        far = f"running · runs {done} of 20"
        left = f" · {about(2.0 * (20 - done))} left"
        assert attempt.status == far + left * (done > ENOUGH_RUNS + 1), "the first starts the watch"
    before = attempt.status
    bench.time += 100.0
    assert attempt.status == before
    bench.session.stop()


async def _until_told(attempt: Attempt, done: int) -> None:
    while attempt.run.progress is None or attempt.run.progress.done < done:
        await asyncio.sleep(0)


GROW = experiments("def grow_it(bad_seed: int = 3):\n    yield\n")[0]


def test_names_of_a_program_are_spelled_where_they_are_read():
    bench = Bench()
    order = bench.session.setting.order((42,)).with_experiment("grow_it", {"bad_seed": 3})
    attempt = Attempt(1, order, Bench.lesson("climb"), GROW)
    assert attempt.described == "grow_it bad_seed=3 · seed 42", "as the command line takes it"
    assert attempt.in_words == "grow it: bad seed 3 · seed 42"
    grid = asked(GROW, "bad_seed=1,2", {}).grid.spelled()
    assert list(grid.swept) == ["bad seed"]
    assert Cell({"bad_seed": 1}, 0, {"final_std": 2.0}, "finished").spelled() == Cell(
        {"bad seed": 1}, 0, {"final std": 2.0}, "finished"
    )


async def test_what_cannot_be_swept_is_said_on_the_page(home):
    async with in_lesson(home) as pilot:
        await ask(pilot, "steps=1..99:3")
        await until(pilot, lambda: shows(pilot, "out of range"))
        tap(pilot, "escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, SweepScreen))
        assert state(pilot) == "idle" and "sweep" not in screen(pilot)


async def test_keys_are_heard_while_it_goes_on_and_x_ends_it(home):
    async with in_lesson(home) as pilot:
        session(pilot).put_up("wait", {})
        await ask(pilot, "moments=1..2000:40")
        await until(pilot, lambda: shows(pilot, "running", "runs"))
        tap(pilot, "space")
        await until(pilot, lambda: state(pilot) == "paused")
        tap(pilot, "space", "x")
        await until(pilot, lambda: state(pilot) == "stopped")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("steps=3", "Nothing is swept"),
        ("steps=1,2 slope=1,2 noisy=on,off", "three knobs"),
        ("steps=1..50:50 slope=0.1..10:50", "2,500 runs, and the most here is 2,000"),
        ("stpes=1,2", "did you mean 'steps'"),
        ("steps=1..50:50 --seeds 41", "2,050 runs, and the most here is 2,000"),
        *(
            (f"steps=1,2 {seeds}", "--seeds takes a whole number from 1 to 2,000, as in --seeds 1.")
            for seeds in ("--seeds", "--seeds 0", "--seeds=-1", "--seeds=", "--seeds 1.5", "--seeds 99999999")
        ),
        ("steps=1,2 --seeds 1 --seeds=2", "--seeds is named twice: give it one number."),
        ("steps=1,2 --sedes 1", "sets no knob"),
    ],
)
def test_a_complaint_is_a_sentence_and_nothing_runs(typed, says):
    bench = Bench()
    assert says in bench.session.complaint_of_sweep(typed)
    assert not bench.session.sweep(typed)
    assert bench.session.trouble and says in bench.session.trouble.sentence
    assert not bench.engine.runs


async def test_one_that_was_stopped_is_gone_on_with_in_the_next_start_too(monkeypatch):
    monkeypatch.setattr("initplay.engine.engine.cores", lambda: 2)  # one run after the other
    bench = Bench()
    assert bench.session.sweep("steps=1,2 slope=1,2")
    for last in (1.0, math.nan):
        bench.run.begin(Facts({"last": last}), Finished(0.1))
    bench.session.pause_or_resume()
    bench.session.stop()
    bench.run.send(Stopped())
    assert bench.session.status.startswith("■ run 1 · stopped after 2 of 4 runs · M goes on")

    packed, _ = pack(bench.session.leave(0).packed(), 10_000)
    later = Bench()
    later.session.take_back(unpacked(unpack(packed), later.lesson("climb"), later.machine), 0)
    assert later.session.proposed_sweep == "steps=1,2 slope=1,2"
    assert "4 runs, 2 of them done" in later.session.sweep_in_words("steps=1,2 slope=1,2")
    assert "done" not in later.session.sweep_in_words("steps=1,2 slope=1,3"), "that is another"
    assert "done" not in later.session.sweep_in_words("steps=1,2 slope=1,2 --seeds 2"), "and so is that"
    assert "2 of them done" in later.session.sweep_in_words("steps=1,2 slope=1,2 --seeds 1"), "as it was"
    assert later.session.sweep("steps=1,2 slope=1,2")
    for last in (3.0, 4.0):
        later.run.begin(Facts({"last": last}), Finished(0.1))
    assert [run.order.knobs["steps"] for run in later.engine.runs] == [2, 2], "those of 1 are there"
    assert later.session.state == "finished"
    again = later.session.attempt
    assert again
    (picture,) = again.run.charts["last"].pictures.items
    assert (picture.low, picture.high, picture.nonfinite) == (1, 4, 1)
    later.session.turn("offset", 7.0)
    assert "done" not in later.session.sweep_in_words("steps=1,2 slope=1,2")


async def test_what_could_not_begin_is_run_by_the_next_that_goes_on(monkeypatch):
    monkeypatch.setattr("initplay.engine.engine.cores", lambda: 2)  # one run after the other
    bench = Bench()
    assert bench.session.sweep("steps=1,2 slope=1,2")
    bench.run.send(Failed("There was no memory."))
    assert bench.session.state == "failed"
    assert "done" not in bench.session.sweep_in_words("steps=1,2 slope=1,2")
    assert bench.session.sweep("steps=1,2 slope=1,2")
    bench.run.begin(Facts({"last": 1.0}), Finished(0.1))
    bench.session.stop()
    bench.run.send(Stopped())
    assert bench.session.sweep("steps=1,2 slope=1,2")
    bench.run.send(Failed("There was no memory."))
    assert bench.session.state == "failed", "an earlier one began, and this did not"
    packed, _ = pack(bench.session.leave(0).packed(), 10_000)
    later = Bench()
    later.session.take_back(unpacked(unpack(packed), later.lesson("climb"), later.machine), 0)
    assert "4 runs, 1 of them done" in later.session.sweep_in_words("steps=1,2 slope=1,2")


async def drawn(sweep: Attempt) -> None:
    while not sweep.run.charts:
        await asyncio.sleep(0)


@pytest.mark.parametrize("is_drawn", [True, False])
async def test_one_that_is_gone_on_with_shows_what_there_is_before_its_first_run_begins(
    monkeypatch, is_drawn
):
    monkeypatch.setattr("initplay.engine.engine.cores", lambda: 2)  # one run after the other
    bench = Bench()
    assert bench.session.sweep("steps=1,2 slope=1,2")
    bench.run.begin(Facts({"last": 1.0}), Finished(0.1))
    bench.session.stop()
    bench.run.send(Stopped())
    assert bench.session.sweep("steps=1,2 slope=1,2")
    again = bench.session.attempt
    assert again and again.number == 2
    if is_drawn:
        await asyncio.wait_for(drawn(again), 5)
        assert again.live and "1 of 4" in bench.session.status
    bench.session.stop()
    bench.run.send(Stopped())
    assert again.run.charts["last"].pictures
    assert bench.session.status.startswith("■ run 2 · stopped after 1 of 4 runs · M goes on")
    kept = bench.session.leave(0).packed()
    assert [(one.number, len(one.cells)) for one in kept.runs] == [(1, 1), (2, 1)]


async def test_one_that_is_paused_when_the_lesson_is_left_is_there_to_be_gone_on_with(home):
    async with playing(home, size=NARROW) as pilot:
        tap(pilot, "enter")
        await until(pilot, lambda: lesson(pilot).prose.border_title)
        session(pilot).put_up("wait", {})
        await ask(pilot, "moments=1..80:40")
        await until(pilot, lambda: session(pilot).attempt)
        swept = session(pilot).attempt
        assert swept
        await until(pilot, lambda: len(swept.cells) > 2)
        tap(pilot, "space")
        await until(pilot, lambda: state(pilot) == "paused")
        assert not any(map(session(pilot).can, ("scrub", "step", "copy"))), "it has no moments"
        assert not lesson(pilot).query_one(Scrubber).display
        tap(pilot, "right")
        await until(pilot, lambda: shows(pilot, "a sweep is many runs: c leads to its tables"))
        had = len(swept.cells)
        lesson(pilot).dismiss(False)
        await until(pilot, lambda: not isinstance(pilot.app.screen, LessonScreen))
        tap(pilot, "enter")
        await until(pilot, lambda: session(pilot).kept.attempts)
        session(pilot).show_attempt(session(pilot).kept.attempts[0])
        tap(pilot, "tab")
        await until(pilot, lambda: shows(pilot, "of 200 runs · M goes on"))
        tap(pilot, "M")
        await until(pilot, lambda: shows(pilot, "200 runs", "of them done"))
        tap(pilot, "enter")
        await until(pilot, lambda: session(pilot).kept.begun == 2 and state(pilot) == "running")
        again = session(pilot).attempt
        assert again and again.had >= had
        tap(pilot, "x")


async def test_what_failed_is_counted_and_what_was_stopped_keeps_what_there_is():
    bench = Bench()
    bench.session.turn("offset", 7.0)
    assert bench.session.sweep("steps=1..40:40 noisy=on,off")
    attempt = bench.session.attempt
    assert attempt
    first = bench.engine.runs[0]
    assert first.order.knobs["offset"] == 7.0, "the other knobs stay as they are on the bench"
    first.begin(Facts({"last": 1.0, "steps": 1}), Finished(0.1))
    second = bench.engine.runs[-1]
    assert second is not first, "the next begins as one ends"
    second.send(Failed("It raised."))
    bench.session.stop()
    for going in [one for one in bench.engine.runs if "stop" in one.asked]:
        going.send(Stopped())
    assert attempt.state == "stopped"
    assert attempt.run.notes.items == ["1 of 2 runs failed. The first: It raised."]
    picture = attempt.run.charts["last"].pictures.items[-1]
    assert sum(pixel > 0 for pixel in picture.pixels) == 1
