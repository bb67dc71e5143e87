"""A saved run in the playground: what was recorded is shown, with no run being made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pilots import COURSE, lesson, playing, run, run_to, screen, session, shows, state, until
from scripted import Bench

from initplay.course.course import Course, find_lessons_dir
from initplay.course.knob import Value
from initplay.course.lesson import Prose
from initplay.lab.events import Started
from initplay.learner.progress import Progress
from initplay.recording.run import replay
from initplay.recording.saved import load
from initplay.ui.app import Playground
from initplay.ui.home import HomeScreen
from initplay.ui.replay import lesson_of, place_of

RUNS = Path(__file__).parent / "runs"
LESSONS = find_lessons_dir()
NOTHING_TURNED: Mapping[str, Value] = {}


async def test_a_saved_run_opens_on_its_lesson(home):
    async with playing(home, recording=load(RUNS / "climb.jsonl")) as pilot:
        await until(pilot, lambda: shows(pilot, "A line that climbs", "step 10 of 10"))
        assert session(pilot).setting.experiment.name == "climb" and state(pilot) == "finished"
        await pilot.press("left")
        await until(pilot, lambda: shows(pilot, "step 9 of 10"))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, HomeScreen))


async def test_the_bench_is_set_as_the_saved_run_was(home):
    recording = load(RUNS / "failed.jsonl")
    async with playing(home, recording=recording) as pilot:
        await until(pilot, lambda: state(pilot) == "failed")
        assert recording.started is not None
        assert session(pilot).setting.experiment.name == recording.started.experiment
        assert session(pilot).setting.knobs == recording.started.knobs


async def test_r_repeats_a_saved_run(home):
    recording = load(RUNS / "climb.jsonl")
    async with playing(home, recording=recording) as pilot:
        await until(pilot, lambda: shows(pilot, "step 10 of 10"))
        await pilot.press("r")
        await until(pilot, lambda: run(pilot) is not recording and state(pilot) == "finished")
        assert run(pilot).facts == recording.facts


async def test_a_saved_run_of_a_lesson_that_is_not_here_has_its_source(home, tmp_path):
    text = (RUNS / "climb.jsonl").read_text(encoding="utf-8").replace('"climb"', '"gone"', 1)
    (tmp_path / "run.jsonl").write_text(text, encoding="utf-8")
    async with playing(home, recording=load(tmp_path / "run.jsonl")) as pilot:
        await until(pilot, lambda: shows(pilot, "saved from a lesson that is not in", "step 10 of 10"))
        await pilot.press("e")
        assert "Walk up a slope" in session(pilot).setting.source
        await until(pilot, lambda: shows(pilot, "def climb("))
        await pilot.press("escape", "escape", "escape")  # the editor, the pane, the lesson
        await until(pilot, lambda: isinstance(pilot.app.screen, HomeScreen))


CANNOT_BE_RUN = {
    "": "Its source was not saved with it.",
    "def climb(:\n": "Its source cannot be run again: line 1, this is not Python",
    "x = 1\n": "saved from a lesson that is not in",
    "def other(n: int = 1):\n    yield n\n": "saved from a lesson that is not in",
    "def climb(steps):\n    yield steps\n": "Its source cannot be run again: line 1",
}


async def test_a_saved_run_is_shown_though_its_source_cannot_be_run(home):
    """Of a lesson that is not here: with its charts and its knobs, as they were recorded."""
    async with playing(home) as pilot:
        app = pilot.app
        assert isinstance(app, Playground)
        for source, said in CANNOT_BE_RUN.items():
            events = list(load(RUNS / "climb.jsonl").events)
            assert isinstance(events[0], Started)
            events[0] = msgspec.structs.replace(events[0], lesson="gone", source=source)
            app._open_recording(replay(events))
            await until(pilot, lambda: shows(pilot, "step 10 of 10"))
            prose = [block.text for block in lesson(pilot).lesson.blocks if isinstance(block, Prose)]
            assert said in " ".join(prose), source
            assert session(pilot).setting.knobs == events[0].knobs, source
            assert state(pilot) == "finished", source
            lesson(pilot).dismiss()
            await until(pilot, lambda: isinstance(app.screen, HomeScreen))


async def test_a_saved_run_of_a_lesson_that_is_here_is_shown_though_its_source_is_no_python(home):
    events = list(load(RUNS / "climb.jsonl").events)
    assert isinstance(events[0], Started)
    events[0] = msgspec.structs.replace(events[0], source="def climb(:\n")
    async with playing(home, recording=replay(events)) as pilot:
        await until(pilot, lambda: shows(pilot, "step 10 of 10", "this is not Python"))


@pytest.fixture(scope="module")
def course() -> Course:
    return Course.load(COURSE)


@given(
    started=st.builds(
        Started,
        lesson=st.text(max_size=5).map("gone {}".format),
        experiment=st.text(max_size=5),
        knobs=st.dictionaries(
            st.text(max_size=3),
            st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.none())),
        ),
        seed=st.integers(0, 9),
        device=st.just("cpu"),
        source=st.text(max_size=20) | st.just("def a(b: int = 1):\n    yield b\n"),
    )
)
def test_whatever_a_file_says_there_is_a_lesson_with_its_experiment(course, started):
    run = replay([started])
    assert run.started is not None
    assert lesson_of(run, course).experiment(run.started.experiment)


@pytest.mark.parametrize(
    ("what", "turned", "place"),
    [
        ("blowup/first_layer", {}, ("blowup", 1)),
        ("blowup/chain", {}, ("blowup", 3)),
        ("blowup/chain", {"scale": 0.01}, ("blowup", 5)),
        ("blowup/chain", {"width": 128, "depth": 37}, ("blowup", 6)),
        ("blowup/chain", {"same_weights": False, "scale": 0.044}, ("blowup", 7)),
        ("scatter/coin", {}, ("scatter", 2)),
        ("kaiming/regression", {}, ("backward", 8)),
        ("depth/depth", {"init": "xavier", "depth": 16}, ("depth", 4)),
    ],
)
def test_a_saved_run_is_shown_at_the_step_that_it_is_nearest_to(what, turned, place):
    """In a lesson that borrows its experiment where its own has it in no step."""
    course = Course.load(LESSONS)
    lesson, step = place_of(replay([started_of(course, what, turned)]), course)
    assert (lesson.slug, step + 1) == place


def test_whatever_experiment_of_the_course_is_saved_there_is_a_step_that_runs_it():
    course = Course.load(LESSONS)
    for owner in course.lessons:
        for experiment in owner.experiments:
            run = replay([started_of(course, f"{owner.slug}/{experiment.name}")])
            shown, step = place_of(run, course)
            block = shown.steps[step].run
            assert block is not None and block.experiment == experiment.name, experiment.name


def started_of(course: Course, what: str, turned: Mapping[str, Value] = NOTHING_TURNED) -> Started:
    """The beginning of a run with these knobs, and the others at their defaults."""
    lesson, experiment = course.find_experiment(what)
    return Started(
        lesson=lesson.slug,
        experiment=experiment.name,
        knobs={**experiment.defaults(), **turned},
        seed=42,
        device="cpu",
        source=lesson.source,
    )


def test_a_run_of_what_a_step_borrows_is_shown_with_its_text_and_no_other_lesson_gets_that(course):
    """Also where a step of another lesson is open than the one whose run it is."""
    bench = Bench("trouble")
    climb = course.find("climb")
    bench.session.put_up("climb", {}, climb)
    started = started_of(course, "climb/climb", {"steps": 7})
    bench.session.show_recording(replay([started]))
    setting = bench.session.setting
    assert (setting.lesson.slug, setting.knobs["steps"], setting.edited) == ("climb", 7, False)

    own = msgspec.structs.replace(
        started_of(course, "trouble/fine"), source=bench.lesson("trouble").source + "#"
    )
    bench.session.show_recording(replay([own]))
    assert (setting.lesson.slug, setting.experiment.name, setting.edited) == ("trouble", "fine", True)
    bench.session.put_up("climb", {}, climb)
    assert not setting.edited, "the text of the saved run is not taken for that of the other lesson"


async def test_a_saved_run_leaves_what_the_learner_did_alone(home):
    async with playing(home, recording=load(RUNS / "climb.jsonl")) as pilot:
        await until(pilot, lambda: shows(pilot, "step 10 of 10"))
        assert lesson(pilot).step == 2, "it has ten steps, as that one asks"
        assert "Not yet" not in screen(pilot)


def visited(home: Path) -> tuple[int, ...]:
    progress = Progress.open(home / "progress.db")
    try:
        return progress.lesson_state("climb").visited
    finally:
        progress.close()


async def test_to_look_at_a_saved_run_is_no_visit_of_its_lesson_and_to_run_it_is(home):
    async with playing(home, recording=load(RUNS / "climb.jsonl")) as pilot:
        await until(pilot, lambda: shows(pilot, "step 10 of 10", "step 3 of 3"))
        await pilot.press("left", "b")
        await until(pilot, lambda: shows(pilot, "step 2 of 3"))
        assert visited(home) == ()
        await run_to(pilot)
        assert visited(home) == (2,)
        await pilot.press("b")
        await until(pilot, lambda: shows(pilot, "step 1 of 3"))
        assert visited(home) == (1, 2), "from there on it is a visit as others are"


async def test_to_answer_beside_a_saved_run_is_a_visit_and_its_run_settles_it(home):
    events = list(load(RUNS / "climb.jsonl").events)
    assert isinstance(events[0], Started)
    events[0] = msgspec.structs.replace(events[0], knobs={**events[0].knobs, "steps": 5})
    async with playing(home, recording=replay(events)) as pilot:
        await until(pilot, lambda: shows(pilot, "step 1 of 3"))
        await pilot.press("5")
        assert visited(home) == ()
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "This is after its run", "Run it again: r"))
        assert visited(home) == (1,)
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "Right: 5 units. Answered after its run"))
