"""A session without a screen: what each thing that the learner does asks of the engine, and comes to show."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable

import msgspec
import pytest
from scripted import COURSE, Bench

from initplay.course.agreed import FIRST_SEED
from initplay.course.course import Course
from initplay.course.lesson import Code, RunBlock
from initplay.engine.engine import Engine
from initplay.engine.machine import Machine
from initplay.lab.events import Facts, Failed, Finished, Picture, Point, Progress, Stopped
from initplay.recording.run import Run, replay
from initplay.ui.bench import kept
from initplay.ui.bench.session import FAN_SEEDS, SLOW_MOTION, Session
from initplay.ui.bench.standing import instead_of_charts


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def session(bench: Bench) -> Session:
    return bench.session


# What is run


def test_a_run_is_ordered_as_it_stands_on_the_screen(bench, session):
    """Experiment, knobs, seed, text, device and digits are all in the order."""
    session.put_up("climb", {"steps": 7})
    session.turn("slope", 2.0)
    bench.machine.choose_next_device()
    assert session.run()
    order = bench.run.order
    assert (order.lesson, order.experiment, order.seeds) == ("climb", "climb", (FIRST_SEED,))
    assert (order.knobs["steps"], order.knobs["slope"], order.knobs["sign"]) == (7, 2.0, "up")
    assert (order.device, order.data, order.edited) == ("cuda:0", "embedded", False)
    assert order.source == session.setting.lesson.source
    assert order.filename == "01_climb/experiment.py"


def test_what_is_turned_later_is_not_in_an_order_that_was_given(bench, session):
    session.run()
    session.turn("steps", 30)
    assert bench.run.order.knobs["steps"] == 10
    assert session.setting.differs_from(session.attempt) == ["steps 30"]


def test_several_seeds_are_one_order_and_one_attempt_whose_recording_begins_anew(bench, session):
    session.run_seeds()
    assert bench.run.order.seeds == tuple(range(FIRST_SEED, FIRST_SEED + FAN_SEEDS))
    attempt = session.attempt
    bench.run.begin(Progress(0, FAN_SEEDS, "seeds"))
    assert (attempt.state, attempt.seeds_done, attempt.status) == ("running", 0, "0 of 8 seeds")
    bench.time = 3.0
    bench.run.begin(Point("c", 1, 1), Facts({"seeds": 1}), Progress(1, FAN_SEEDS, "seeds"))
    first = attempt.run
    assert attempt.status == "1 of 8 seeds · 21 s left"
    bench.run.begin(Point("c", 1, 2), Facts({"seeds": 2}), Progress(2, FAN_SEEDS, "seeds"))
    assert attempt.run is not first and attempt.run.moments == 1, "made anew, and not added to"
    bench.run.begin(Point("c", 1, 2), Facts({"seeds": 8}), Finished(1.0))
    assert (attempt.state, attempt.status) == ("finished", "8 of 8 seeds")


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        (Stopped(), "stopped after 0 of 8 seeds"),
        (Failed("seed 42: no luck"), "0 of 8 seeds, then failed: seed 42: no luck"),
    ],
)
def test_several_seeds_of_which_none_finished(bench, session, ending, status):
    session.run_seeds()
    bench.run.send(ending)
    assert session.attempt.status == status


def test_a_new_run_stops_the_one_before_and_does_not_wait_for_its_end(bench, session):
    session.run()
    first = bench.run
    first.begin(Point("c", 1, 1))
    session.run()
    assert first.asked == ["stop"] and len(bench.engine.runs) == 2
    assert session.going is session.attempt and session.attempt.number == 2
    bench.run.begin(Point("c", 1, 1))
    first.send(Stopped())
    assert session.attempt.number == 2 and session.attempt.state == "running"
    assert session.kept.attempts[0].state == "stopped" and bench.settled == []


def test_an_edited_text_is_read_when_it_runs(bench, session):
    """Its knobs are taken, those that are gone or out of range fall to their defaults, and the order says
    that the text is not the lesson's own."""
    session.put_up("climb", {"steps": 40, "slope": 3.0})
    session.edit(session.setting.source.replace("steps: Range[1, 50] = 10", "steps: Range[1, 20] = 6"))
    assert session.setting.knobs["steps"] == 40, "it is not read at every key"
    assert session.run()
    assert (bench.run.order.knobs["steps"], bench.run.order.knobs["slope"]) == (6, 3.0)
    assert bench.run.order.edited
    session.edit(session.setting.lesson.source)
    assert session.run() and not bench.run.order.edited
    assert bench.run.order.knobs["steps"] == 6


@pytest.mark.parametrize(
    ("text", "sentence", "line"),
    [
        ("def climb(", "not Python", 1),
        ("def other():\n    yield 1\n", "has no experiment 'climb' any more", None),
    ],
)
def test_a_text_that_cannot_be_run_is_a_trouble_with_its_line(bench, session, text, sentence, line):
    session.edit(text)
    assert not session.run() and not bench.engine.runs
    assert session.trouble is not None and sentence in session.trouble.sentence
    assert (session.trouble.line, session.state) == (line, "failed")
    assert session.status == f"✗ {session.trouble.sentence}"
    session.edit(session.setting.lesson.source)
    assert session.trouble is None and session.run()


def test_what_cannot_be_put_up_leaves_everything_as_it_was(session):
    session.put_up("climb", {"steps": 7})
    for experiment, knobs in (("climb", {"steps": 1000}), ("no_such", {})):
        assert not session.put_up(experiment, knobs) and session.trouble
        assert (session.setting.experiment.name, session.setting.knobs["steps"]) == ("climb", 7)


def test_the_text_is_kept_before_a_run_and_not_where_there_is_none(bench):
    order: list[str] = []
    session = bench.session
    session._before_run = lambda: order.append(f"{len(bench.engine.runs)} runs so far")
    session.edit("def climb(")
    session.run()
    assert order == []
    session.edit(session.setting.lesson.source)
    session.run()
    assert order == ["0 runs so far"]


# By itself, at every turn of a knob


def test_auto_runs_with_a_knob_that_has_come_to_rest_and_once(bench, session):
    session.turn("steps", 5)
    assert not session.run_if_due(), "not without auto"
    session.toggle_auto()
    session.turn("steps", 6)
    session.turn("steps", 7)
    assert session.due and session.run_if_due() and not session.run_if_due()
    assert [run.order.knobs["steps"] for run in bench.engine.runs] == [7]


BETWEEN: list[tuple[str, Callable[[Session], object]]] = [
    ("another step", lambda session: session.begin_step()),
    ("another experiment", lambda session: session.put_up("wait", {})),
    ("a run by hand", lambda session: session.run()),
    ("auto off", lambda session: session.toggle_auto()),
]


@pytest.mark.parametrize("between", [act for _, act in BETWEEN], ids=[name for name, _ in BETWEEN])
def test_a_turn_that_waits_to_be_run_dies_with_whatever_comes_between(bench, session, between):
    """Else the next step's experiment would run before anything was predicted of it."""
    session.toggle_auto()
    session.turn("steps", 6)
    between(session)
    runs = len(bench.engine.runs)
    assert not session.run_if_due() and len(bench.engine.runs) == runs


def test_another_step_lets_go_of_several_seeds_of_verdicts_and_of_auto_but_not_of_a_single_run(
    bench, session
):
    bench.ran()
    assert session.attempt.verdicts == ["◆ settled."]
    session.toggle_auto()
    session.run_seeds()
    session.begin_step()
    assert bench.run.asked == ["stop"] and not session.auto
    assert all(attempt.verdicts == [] for attempt in session.kept.attempts)
    bench.run.send(Stopped())
    session.run()
    session.begin_step()
    assert bench.run.asked == []


# Holding it


def test_pause_resume_step_slow_and_stop_go_to_the_run_that_is_shown(bench, session):
    session.run()
    run = bench.run
    run.begin(Point("c", 1, 1), Point("c", 2, 2))
    session.scrub_to(0)
    session.pause_or_resume()
    assert session.state == "paused" and session.cursor == 0
    session.step()
    assert session.cursor is None, "a step shows the newest moment"
    session.pause_or_resume()
    assert session.state == "running"
    session.toggle_slow()
    session.toggle_slow()
    session.stop()
    assert run.asked == ["pause", "step", "resume", ("slow", SLOW_MOTION), ("slow", None), "stop"]
    run.send(Stopped())
    session.pause_or_resume()
    session.stop()
    assert len(run.asked) == 6, "what has ended is left alone"


def test_slow_motion_is_for_the_next_run_too(bench, session):
    session.toggle_slow()
    session.run()
    assert bench.run.pace == SLOW_MOTION
    bench.run.begin()
    assert session.attempt.status == "running, in slow motion"
    assert session.status.count("slow motion") == 1, "the run says it itself"


@pytest.mark.parametrize(
    ("device", "before", "loading", "says"),
    [
        ("cpu", None, True, "starts as soon as the lab is ready"),
        ("cpu", None, False, "is about to start"),
        ("cuda:0", 2, False, "waits for the GPU: 2 before you"),
        ("cuda:0", 0, False, "waits for the GPU: you are next"),
        ("cpu", 1, False, "waits for the CPU: 1 before you"),
    ],
)
def test_a_run_that_waits_says_for_what_and_how_many_come_first(
    bench, session, device, before, loading, says
):
    """In the line of the bench and where its charts will be, in the same words."""
    bench.machine.device = device
    assert session.run()
    bench.run.waits_behind, bench.run.lab_loads = before, loading
    assert session.status.startswith(f"… run 1 · {says}")
    assert instead_of_charts(session.attempt, session.setting.experiment) == f"the run {says}"


def test_a_seed_that_was_run_or_that_the_course_has_is_no_new_draw(bench, session):
    assert not session.draws_anew, "nobody needs to see seed 42 again"
    session.setting.seed = 7
    session.run()
    assert session.attempt.new_draw
    bench.run.finish()
    session.run()
    assert not session.attempt.new_draw
    bench.run.finish()
    session.run_seeds()
    assert session.attempt.new_draw, "of eight, seven are others"


def test_a_sweep_waits_for_its_turn_as_a_run_does(bench, session):
    async def sweep() -> None:
        assert session.sweep("steps=1,2")
        bench.run.waits_behind = 3
        assert "waits for the CPU: 3 before you" in session.status
        session.stop()

    asyncio.run(sweep())


def test_the_time_left_counts_neither_pauses_nor_waiting(bench, session):
    """Nor does it count the time in which a run that was held is looked at, nor grow before the next epoch
    is late."""
    session.run()
    bench.time = 100.0  # torch is being loaded
    bench.run.begin(Point("c", 1, 1))
    bench.time = 102.0
    bench.run.send(Progress(1, 4, "epochs"))
    assert session.attempt.status == "running · epochs 1 of 4 · 6 s left"
    session.pause_or_resume()
    bench.time = 1000.0
    assert session.attempt.status == "paused · epochs 1 of 4"
    session.pause_or_resume()
    assert session.attempt.status == "running · epochs 1 of 4 · 6 s left"
    bench.time = 1001.0
    session.step()
    bench.time = 2000.0
    session.pause_or_resume()
    assert session.attempt.status == "running · epochs 1 of 4 · 6 s left"
    bench.time = 2004.0
    assert session.attempt.status == "running · epochs 1 of 4 · 10 s left"


def test_the_time_left_is_not_said_while_the_pace_is_none_yet(bench, session):
    """A slow beginning tells nothing of the rest, nor does the next part of a run what came before it."""
    session.run()
    bench.run.begin()
    assert left_at(bench, session, 1.0, 10) != "", "nothing was done before that could tell otherwise"
    assert left_at(bench, session, 2.0, 20) == "", "too soon"
    assert left_at(bench, session, 4.0, 200) == "", "ten times as fast as the first two seconds"
    for second in range(5, 15):
        left_at(bench, session, second, 200 + 100 * (second - 4))
    assert left_at(bench, session, 15.0, 1300) == "20 s left"
    assert left_at(bench, session, 16.0, 1, 9) == ""
    assert left_at(bench, session, 18.0, 2, 9) == "7 s left"


def test_a_run_that_is_held_before_it_begins_counts_nothing(bench, session):
    session.run()
    session.pause_or_resume()
    bench.time = 50.0
    bench.run.begin(Progress(1, 2))
    bench.time = 90.0
    session.pause_or_resume()
    bench.time = 93.0
    assert session.attempt.status == "running · 1 of 2 · 2 s left"


def left_at(bench, session, seconds: float, done: int, total: int = 3000) -> str:
    """What is said of the time left when so much is done."""
    bench.time = seconds
    bench.run.send(Progress(done, total, "steps"))
    last = session.attempt.status.rpartition(" · ")[2]
    return last if last.endswith(" left") else ""


def test_the_time_left_is_reckoned_from_all_that_is_done_and_not_from_one_late_step(bench, session):
    session.run()
    bench.run.begin()
    for tenth in range(1, 100):
        left_at(bench, session, tenth / 10, 2 * tenth)
    assert left_at(bench, session, 10.0, 200) == "2 min left"
    bench.time = 12.0  # the next step is late, as on a machine that is busy
    assert session.attempt.status.endswith("3 min left")
    assert left_at(bench, session, 12.0, 202) == "3 min left"


# What is shown


def test_the_cursor_stays_within_the_run_and_follows_the_end_of_one_that_goes_on(bench, session):
    session.scrub(-1)
    assert session.cursor is None
    session.run()
    bench.run.begin(*(Point("c", x, x) for x in range(5)))
    for by, cursor in ((-1, 3), (-100, 0), (2, 2), (100, None)):
        session.scrub(by)
        assert session.cursor == cursor
    bench.run.send(Finished(0.1))
    session.scrub(100)
    assert session.cursor == 4
    session.step()
    assert session.cursor == 4


def test_the_wreck_is_one_call_away(bench, session):
    session.run()
    bench.run.begin(Point("c", 1, 1), Point("c", 2, float("inf")), Point("c", 3, float("nan")), Finished(0.1))
    session.scrub_to_wreck()
    assert session.cursor == 1


def test_what_r_would_change_names_knobs_seed_device_and_text(bench, session):
    bench.ran()
    session.turn("steps", 6)
    session.setting.seed = 7
    bench.machine.choose_next_device()
    session.edit(session.setting.source + "\n# mine\n")
    assert session.status.startswith("✓ run 1 · r: steps 6, seed 7, device cuda:0, edited source · ")
    bench.ran()
    assert " r: " not in session.status
    session.edit(session.setting.lesson.source)
    assert session.status.startswith("✓ run 2 · edited source · r: the lesson's source · ")


def test_the_course_s_own_seed_is_one_call_away_from_any_other(bench, session):
    assert not session.can("first_seed")
    session.setting.seed = 7
    assert session.can("first_seed")
    changes = bench.changes
    session.go_back_to_first_seed()
    assert session.setting.seed == FIRST_SEED and bench.changes == changes + 1


def test_a_device_that_is_not_known_yet_is_none_that_would_change(bench, session):
    bench.machine.device = "auto"
    session.run()
    assert session.setting.differs_from(session.attempt) == []
    bench.machine.device = "cpu"
    bench.run.begin()
    assert session.setting.differs_from(session.attempt) == []


def test_vary_pins_the_run_and_goes_back_to_its_draw(bench, session):
    bench.ran()
    session.draw_seed()
    session.vary()
    assert session.kept.pinned == [session.attempt] and session.auto
    assert session.setting.seed == FIRST_SEED
    session.vary()
    assert session.kept.pinned == [session.attempt], "pinned it stays"


def test_an_earlier_run_comes_back_with_its_knobs_and_its_seed(bench, session):
    session.put_up("climb", {"steps": 5})
    first = bench.ran() and session.attempt
    session.put_up("climb", {"steps": 9})
    session.setting.seed = 7
    bench.ran()
    assert session.show_attempt(first)
    assert (session.attempt, session.setting.seed, session.setting.knobs["steps"]) == (first, FIRST_SEED, 5)


def test_an_experiment_runs_with_the_learner_s_own_code_until_that_is_taken_back(bench, session):
    assert session.run_with("def rms(x): ...", RunBlock("wait", {}, 1))
    assert (bench.run.order.experiment, bench.run.order.mine) == ("wait", "def rms(x): ...")
    bench.run.finish()
    assert "✓ run 1 · with your own code · finished in 100 ms · seed 42" in session.status
    assert session.parted == ["Your code is in use; U runs the lesson's, to compare."]
    assert session.run_without_mine()
    assert bench.run.order.mine == "" and "r: " not in session.status
    bench.run.finish()
    assert "own code" not in session.status
    assert session.parted == ["The lesson's code beside yours (run 1): the same results and curves."]


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ([Point("c", 0, math.nan), Facts({"last": 2.0})], "the same results and curves."),
        ([Point("c", 0, 1.0), Facts({"last": 2.0})], "the same results, other numbers in “c”."),
        ([Point("c", 0, math.nan), Facts({"last": 2.00001})], "the same results to three digits"),
        (
            [Facts({"last": 9.0, "b": 1, "c": 2, "d": 3})],
            "other results: last 2 → 9, b – → 1, c – → 2 and 1 more",
        ),
    ],
)
def test_it_is_said_whether_the_learner_s_code_does_the_same(bench, session, found, says):
    session.run_without_mine()
    bench.run.begin(Point("c", 0, math.nan), Facts({"last": 2.0}), Finished(0.1))
    session.draw_seed()
    bench.ran()
    session.go_back_to_first_seed()
    session.run_with("def rms(x): ...", RunBlock("climb", {}, 1))
    assert session.parted == [], "while it goes on there is nothing to say"
    bench.run.begin(*found, Finished(0.1))
    (said,) = session.parted
    assert said.startswith(f"Your code beside the lesson's (run 1): {says}")
    session.toggle_pin()
    session.run()
    bench.run.begin(*found, Finished(0.1))
    assert session.parted == [said], "a text of theirs that runs again is held against the same"


@pytest.mark.parametrize("back", ["another step", "an earlier run"])
def test_the_lesson_s_own_code_comes_back(bench, session, back):
    bench.ran()
    first = session.attempt
    session.run_with("def rms(x): ...", RunBlock("climb", {}, 1))
    bench.run.finish()
    second = session.attempt
    if back == "another step":
        session.begin_step()
        assert session.status.startswith("✓ run 2 · with your own code · r: the lesson's own code · ")
    else:
        session.show_attempt(first)
        session.show_attempt(second)
        assert session.setting.mine
        session.show_attempt(first)
    session.run()
    assert bench.run.order.mine == ""


def test_another_experiment_takes_the_run_off_the_bench_and_stops_it(bench, session):
    session.run()
    bench.run.begin(Point("c", 1, 1))
    session.put_up("climb", {"steps": 3})
    assert session.attempt is not None and bench.run.asked == []
    session.put_up("wait", {})
    assert session.attempt is None and bench.run.asked == ["stop"]


def test_only_the_run_that_is_shown_settles_anything(bench, session):
    first = bench.ran() and session.attempt
    session.run()
    going = session.attempt
    session.show_attempt(first)
    bench.run.finish()
    assert bench.settled == [1] and going.verdicts == [] and first.verdicts == ["◆ settled."]


def test_what_is_asked_stands_behind_the_last_verdict(bench, session):
    assert session.verdicts("g: what did you see?") == []
    bench.ran()
    assert session.verdicts("g: what did you see?") == ["◆ settled. g: what did you see?"]


def test_a_recording_is_shown_with_its_text_its_knobs_its_seed_and_all_its_seeds(bench, session):
    bench.session.put_up("climb", {"steps": 4})
    bench.session.edit(session.setting.source + "\n# mine\n")
    session.setting.seed = 9
    session.run_seeds()
    bench.run.begin(Point("c", 1, 1), Finished(0.1))
    recording = replay(session.attempt.run.events)
    other = Bench().session
    other.show_recording(recording)
    assert other.attempt is not None and other.attempt.run is recording and not other.attempt.live
    assert (other.setting.seed, other.setting.knobs["steps"]) == (9, 4)
    assert other.setting.source.endswith("# mine\n") and other.attempt.seed_count == FAN_SEEDS
    assert other.attempt.status == "8 of 8 seeds" and " r: " not in other.status


def test_a_recording_whose_source_is_no_python_is_shown_and_its_trouble_said(bench, session):
    bench.ran()
    events = list(session.attempt.run.events)
    events[0] = msgspec.structs.replace(events[0], source="def climb(:")
    session.show_recording(replay(events))
    assert session.attempt.state == "finished" and "not Python" in session.status


def test_a_recording_of_an_experiment_that_is_no_more_keeps_its_name_and_its_knobs(bench, session):
    bench.ran()
    events = list(session.attempt.run.events)
    events[0] = msgspec.structs.replace(events[0], experiment="old", knobs={"gone": 3}, source="x = 1\n")
    session.show_recording(replay(events))
    shown = session.attempt
    assert (shown.experiment.name, shown.order.experiment, shown.order.knobs) == ("old", "old", {"gone": 3})
    assert "'old'" in session.status and session.setting.experiment.name == "climb"


def test_a_text_is_the_learners_only_where_the_learner_typed_it(bench, session):
    """That of a saved run is not to be kept as an edit."""
    bench.ran()
    events = list(session.attempt.run.events)
    events[0] = msgspec.structs.replace(events[0], source=session.setting.source + "# saved\n")
    session.show_recording(replay(events))
    assert session.setting.edited and not session.setting.typed
    session.edit(session.setting.source + "# mine\n")
    assert session.setting.typed


@pytest.mark.parametrize(
    ("before", "able"),
    [
        ("nothing", set()),
        ("waiting", {"pause", "stop", "step"}),
        ("one moment", {"pause", "stop", "step", "pin", "why", "vary", "copy", "save"}),
        ("finished", {"step", "pin", "why", "vary", "copy", "save", "scrub", "scrub_to"}),
    ],
)
def test_a_key_that_would_do_nothing_is_known(bench, session, before, able):
    if before != "nothing":
        session.run()
    if before == "one moment":
        bench.run.begin(Point("c", 1, 1))
    if before == "finished":
        bench.run.finish()
    gated = ("pause", "stop", "step", "pin", "why", "vary", "copy", "save", "scrub", "scrub_to")
    assert {action for action in gated if session.can(action)} == able
    assert session.can("run") and session.can("device")


def test_whatever_is_done_is_told_and_events_of_a_run_that_goes_on_are_not(bench, session):
    def told(act: Callable[[], object]) -> bool:
        before = bench.changes
        act()
        return bench.changes > before

    for act in (session.run, session.draw_seed, session.toggle_auto, session.toggle_slow, session.begin_step):
        assert told(act), act
    assert told(lambda: session.turn("steps", 3)) and told(lambda: session.edit("x = 1"))
    assert not told(lambda: bench.run.begin(Point("c", 1, 1), Point("c", 2, 2)))
    assert told(lambda: session.scrub(-1)) and told(session.toggle_pin) and told(session.pause_or_resume)
    assert told(lambda: bench.run.send(Finished(1.0)))


# What is kept


def picture_of(size: int) -> Picture:
    return Picture("p", 0, 1, size, 1, 0.0, 1.0, bytes(size))


def heavy(bench: Bench, megabytes: int) -> None:
    """A run that takes so many megabytes."""
    bench.session.run()
    bench.run.begin(picture_of(megabytes * 2**20), Finished(0.1))


def test_runs_are_bounded_in_number_and_numbers_go_on(bench, session):
    for _ in range(kept.MAX_ATTEMPTS + 2):
        bench.ran()
    numbers = [attempt.number for attempt in session.kept.attempts]
    assert numbers == list(range(3, kept.MAX_ATTEMPTS + 3))
    assert session.kept.in_words == f"runs {kept.MAX_ATTEMPTS} of {kept.MAX_ATTEMPTS + 2}"


def test_a_pin_stands_beside_runs_of_its_own_experiment_alone(bench, session):
    """A step may be about another, with other charts; back at its own it is there again."""
    bench.ran()
    session.toggle_pin()
    assert [pin.number for pin in session.pinned] == [1]
    session.put_up("wait", {})
    bench.ran()
    assert session.pinned == [] and "against" not in session.status
    session.put_up("climb", {"steps": 8})
    bench.ran()
    assert [pin.number for pin in session.pinned] == [1] and "against run 1" in session.status
    assert [pin.number for pin in session.kept.pinned] == [1], "it is kept all the while"


def test_runs_are_bounded_in_bytes_the_oldest_go_first_the_pinned_last_and_it_is_said(bench, session):
    """What is on the screen, what goes on and the latest stay."""
    for _ in range(3):
        heavy(bench, 16)
        if len(session.kept.attempts) == 1:
            session.toggle_pin()
    assert session.kept.says == "" and numbers(session) == [1, 2, 3]
    heavy(bench, 16)
    assert numbers(session) == [1, 3, 4]
    assert session.parted[-1] == "Run 2 is forgotten: a bench keeps 64 MB of runs."
    heavy(bench, 31)
    heavy(bench, 31)
    assert numbers(session) == [1, 6]
    assert session.parted[-1] == "Run 4, run 5 are forgotten: a bench keeps 64 MB of runs."
    session.toggle_pin()
    session.run()
    session.show_attempt(session.kept.attempts[0])
    bench.run.begin(picture_of(31 * 2**20), Finished(0.1))
    assert numbers(session) == [1, 7], "what is shown stays, though it is the oldest"
    session.run()
    assert session.kept.says == ""
    bench.run.begin(picture_of(31 * 2**20), Finished(0.1))
    assert numbers(session) == [1, 8] and [pin.number for pin in session.kept.pinned] == [1]
    session.toggle_pin()
    heavy(bench, 31)
    assert numbers(session) == [8, 9] and [pin.number for pin in session.kept.pinned] == [8]


def test_what_a_run_could_not_keep_is_said(bench, session):
    session.run()
    megabyte = picture_of(2**20)
    bench.run.begin(*(msgspec.structs.replace(megabyte, at=at) for at in range(64)), Finished(0.1))
    said = [words for words in session.parted if "To save memory" in words]
    assert said == [session.attempt.run.thinned]
    assert said[0].endswith(" pictures of p.")


def numbers(session: Session) -> list[int]:
    return [attempt.number for attempt in session.kept.attempts]


# With the real engine


@pytest.fixture
async def real() -> AsyncIterator[object]:
    """A session that runs on the real engine, and an event that says that it has changed."""
    machine = Machine(data="embedded", device="cpu")
    engine = Engine(machine, data="embedded")
    changed = asyncio.Event()
    session = Session(Course.load(COURSE).find("climb"), engine, machine, changed.set)
    await engine.open()
    yield session, changed
    await engine.close()


async def ended(session: Session, changed: asyncio.Event) -> Run:
    async def wait() -> None:
        while session.attempt is None or session.attempt.live:
            changed.clear()
            await changed.wait()

    await asyncio.wait_for(wait(), 30)
    assert session.attempt is not None
    return session.attempt.run


async def test_real_runs_one_after_the_other(real):
    """The same seed gives the same run; one that goes on is stopped by the next; eight seeds are one run."""
    session, changed = real
    session.put_up("climb", {"noisy": True})
    session.run()
    first = (await ended(session, changed)).facts["last"]
    session.put_up("wait", {})
    session.run()
    waiting = session.attempt
    session.put_up("climb", {"noisy": True})
    session.run()
    assert (await ended(session, changed)).facts["last"] == first
    while waiting.live:
        changed.clear()
        await asyncio.wait_for(changed.wait(), 30)
    assert waiting.state == "stopped"
    session.run_seeds()
    run = await ended(session, changed)
    assert run.facts["seeds"] == session.attempt.seeds_done == FAN_SEEDS
    assert session.attempt.status == "8 of 8 seeds"


def test_a_cursor_past_what_all_seeds_reached_follows_the_newest_again(bench, session):
    """Seeds of different lengths have in common what the shortest reached, which may be before the cursor."""
    session.run_seeds()
    bench.run.begin(*(Point("c", x, x) for x in range(50)))
    session.scrub_to(47)
    assert session.cursor == 47
    bench.run.begin(*(Point("c", x, x) for x in range(10)))
    assert session.cursor is None
    session.scrub_to(3)
    bench.run.begin(*(Point("c", x, x) for x in range(10)))
    assert session.cursor == 3, "a moment that is still there stays"


def test_slow_motion_is_for_the_run_that_goes_on_whichever_is_shown(bench, session):
    first = bench.ran()
    session.run()
    going = bench.run
    going.begin(Point("c", 1, 1))
    session.show_attempt(session.kept.attempts[0])
    session.toggle_slow()
    assert going.asked[-1] == ("slow", 4.0)
    assert ("slow", 4.0) not in first.asked


# Experiments of another lesson


@pytest.fixture
def trouble() -> Code:
    """Another lesson than the session's."""
    return Bench.lesson("trouble")


def test_an_experiment_of_another_lesson_runs_from_that_lesson_s_text(bench, session, trouble):
    session.put_up("fine", {}, trouble)
    bench.ran()
    order = bench.run.order
    assert (order.lesson, order.experiment, order.source) == ("trouble", "fine", trouble.source)
    assert order.filename == "02_trouble/experiment.py"
    assert not session.setting.edited
    other = session.attempt
    session.put_up("climb", {})
    assert session.attempt is None and session.setting.lesson.slug == "climb"
    bench.ran()
    assert session.show_attempt(other)
    assert session.setting.lesson.slug == "trouble" and session.setting.experiment.name == "fine"


def test_each_lesson_s_text_stays_as_the_learner_left_it(bench, session, trouble):
    """What was typed is kept before the text of another lesson takes its place."""
    kept: list[str] = []
    session._before_run = lambda: kept.append(session.setting.source)
    mine = session.setting.source + "# mine\n"
    session.edit(mine)
    session.put_up("fine", {}, trouble)
    assert kept == [mine]
    assert session.setting.source == trouble.source and not session.setting.edited
    session.edit(trouble.source + "# theirs\n")
    session.put_up("climb", {})
    assert session.setting.source == mine and session.setting.edited
    session.put_up("fine", {}, trouble)
    assert session.setting.source == trouble.source + "# theirs\n"


def test_what_cannot_be_put_up_leaves_the_lesson_too(session, trouble):
    assert not session.put_up("no_such", {}, trouble)
    assert session.setting.lesson.slug == "climb" and session.trouble


def test_what_the_learner_wrote_runs_with_the_lesson_s_own_experiment(bench, session, trouble):
    """With the knobs of its block, unless that experiment stands on the screen with others."""
    session.put_up("fine", {}, trouble)
    block = RunBlock("climb", {"steps": 3}, 1)
    assert session.run_with("x = 1", block)
    assert (bench.run.order.lesson, bench.run.order.knobs["steps"]) == ("climb", 3)
    session.turn("steps", 4)
    assert session.run_with("x = 1", block)
    assert bench.run.order.knobs["steps"] == 4
