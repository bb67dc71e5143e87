"""What the exercise is about: texts, verdicts and help, without a screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripted import ScriptedEngine

from initplay.classroom.folder import Folder
from initplay.classroom.progress import ClassProgress
from initplay.course.course import Course
from initplay.lab.events import Check, Failed, Finished, Printed, Stopped
from initplay.learner.exercises import path_of
from initplay.learner.progress import Progress
from initplay.ui.exercise.desk import Desk

WRITTEN = Path(__file__).parent / "written"
LESSON = Course.load(WRITTEN).find("double")
GOOD, BAD = Check("twice 3", True, "6", "6"), Check("twice 0", False, "0", "1", "It gave 1.")


class Seat:
    """A desk with everything that it is given, at hand for a test."""

    def __init__(self, home: Path) -> None:
        self.engine = ScriptedEngine()
        self.progress = Progress.open(home / "progress.db")
        self.time = 0.0
        self.changes = 0
        self.desk = Desk(LESSON, self.engine, self.progress, self._count, clock=lambda: self.time)

    def _count(self) -> None:
        self.changes += 1

    def write(self, text: str) -> None:
        self.desk.edit(text)
        self.desk.check()

    @property
    def run(self):
        return self.engine.runs[-1]


@pytest.fixture
def seat(home):
    seat = Seat(home)
    yield seat
    seat.progress.close()


@pytest.fixture
def desk(seat):
    return seat.desk


def test_it_begins_with_the_easiest_level_in_a_file_of_the_learner_s(desk, home):
    assert (desk.level, desk.standing) == (1, "not begun")
    assert desk.text == desk.start == LESSON.path.joinpath("exercise.py").read_text()
    assert desk.file.path == home / "exercises" / "double" / "double_1.py"
    assert desk.file.path.read_text() == desk.text and desk.standing == "begun"
    assert desk.exercise.answer.startswith(desk.text.split("def")[0])
    assert desk.exercise.answer.endswith(desk.exercise.solution)
    assert desk.exercise.task == "Write `double(x)`: twice the number."


def test_each_level_has_a_text_of_its_own_and_none_is_lost(seat, desk):
    texts = {}
    for level in (1, 2, 3):
        assert desk.level == level
        texts[level] = f"{desk.text}# mine at {level}\n"
        desk.edit(texts[level])
        desk.open_level(desk.next_level)
    assert len(set(texts.values())) == 3 and desk.level == 1
    again = Desk(LESSON, seat.engine, seat.progress, lambda: None)
    for level in (3, 2, 1):
        again.open_level(level)
        assert again.text == texts[level]
    desk.open_level(3)
    assert Desk(LESSON, seat.engine, seat.progress, lambda: None).level == 3, "where the learner left it"


def test_a_letter_that_comes_late_is_in_the_text_of_its_level(desk):
    assert desk.text
    desk.open_level(desk.next_level)
    desk.edit("late", 1)
    assert desk.text == desk.start
    desk.tick()
    assert path_of(desk.exercise, 1).read_text() == "late"


def test_a_check_is_ordered_with_what_was_written_and_that_is_in_the_file(seat, desk):
    seat.write("def double(x):\n    return x\n")
    order = seat.run.order
    assert (order.lesson, order.experiment, order.source) == ("double", "double", desk.text)
    assert order.filename == str(desk.file.path) and order.checks and order.solution
    assert desk.file.path.read_text() == desk.text


PASSES = (GOOD, GOOD)


@pytest.mark.parametrize(
    ("events", "state", "headline"),
    [
        ((), "checking", "… checking"),
        ((GOOD, BAD), "checking", "… checking"),
        ((*PASSES, Finished(0.1)), "passed", "✓ all 2 checks pass"),
        ((GOOD, BAD, Finished(0.1)), "missed", "✗ 1 of 2 checks pass"),
        ((Failed("double_1.py stopped at line 3.", 3),), "failed", "✗ it cannot be run"),
        ((GOOD, Stopped()), "stopped", "■ stopped"),
        ((Finished(0.1),), "missed", "✗ 0 of 0 checks pass"),
    ],
)
def test_how_a_text_stands_before_its_checks(seat, desk, events, state, headline):
    seat.write("def double(x): ...\n")
    seat.run.begin(*events)
    assert (desk.verdict.state, desk.headline) == (state, headline)
    assert desk.verdict.line == (3 if state == "failed" else None)
    assert desk.seen.passed == ((1,) if state == "passed" else ())
    assert seat.progress.lesson_state("double").exercise_passed == (state == "passed")
    if state != "checking":
        desk.edit("other")
        assert desk.headline == f"{headline} · before your last changes"


def test_a_check_that_goes_on_says_so_and_a_new_one_stops_it(seat, desk):
    seat.write("one")
    seat.time = 3.0
    assert desk.headline == "… checking, 3.0 s so far · esc stops it, and leaves"
    first = seat.run
    seat.write("two")
    assert first.asked == ["stop"] and len(seat.engine.runs) == 2
    first.send(*PASSES, Finished(0.1))
    assert desk.headline == "… checking", "what comes of the first is not shown for the second"
    desk.leave()
    assert seat.run.asked == ["stop"]


def test_what_the_code_printed_is_kept_within_bounds(seat, desk):
    seat.write("print('x')")
    seat.run.begin(Printed("x\n" * 50_000), Printed("end\n"))
    printed = desk.verdict.printed
    assert printed.endswith("x\nend\n") and 20_000 - len("x\n") <= len(printed) <= 20_000
    assert printed.startswith("…\nx\nx\n"), "it says that its start is left out, and begins at a whole line"
    seat.run.begin(Printed("y\n"))
    assert desk.verdict.printed.startswith("…\nx\n") and desk.verdict.printed.endswith("end\ny\n")
    seat.run.begin(Printed("z" * 50_000))
    assert desk.verdict.printed == "…\n" + "z" * 19_998, "a line that is longer than all is cut"


def test_a_check_that_was_not_reached_is_no_failed_one_and_is_counted_so(seat, desk):
    lost = Check("x as it was", False, "nothing", "ValueError", "It was not reached.", reached=False)
    seat.write("one")
    seat.run.begin(lost, GOOD, BAD, Finished(0.1))
    assert desk.headline == "✗ 1 of 3 checks pass, 1 not reached"
    assert desk.verdict.failures == [BAD]
    seat.write("two")
    seat.run.begin(GOOD, lost, Finished(0.1))
    assert desk.verdict.state == "missed", "what was not reached has not passed"


def test_levels_that_are_passed_are_said_and_any_may_be_skipped(seat, desk):
    desk.open_level(3)
    seat.write("def double(x): return x + x\n")
    seat.run.begin(*PASSES, Finished(0.1))
    assert [label for _, label in desk.levels] == [
        "1 fill the blanks",
        "2 write the body",
        "3 write it all ✓",
    ]
    assert desk.standing == "passed"
    seat.write("def double(x): return x\n")
    seat.run.begin(GOOD, BAD, Finished(0.1))
    assert desk.standing == "1 of 2 checks pass" and desk.seen.passed == (3,)


def test_what_passed_can_be_run_with_on_this_day_and_the_next(seat, desk):
    assert not desk.can_run_it and desk.passed_text == ""
    seat.write("good")
    seat.run.begin(*PASSES, Finished(0.1))
    desk.edit("good, but worse")
    assert desk.can_run_it and desk.passed_text == "good" and desk.exercise.experiment == "chart"
    desk.leave()
    again = Desk(LESSON, seat.engine, seat.progress, lambda: None)
    assert again.can_run_it and again.passed_text == "good"


def test_hints_come_one_at_a_time_and_are_noted(seat, desk):
    said = []
    while desk.hints_left:
        desk.next_hint()
        said.append(desk.hint_in_words)
    assert said == ["Hint 1 of 3: What is x + x?", "Hint 2 of 3: A product would do.", "Hint 3 of 3: 2 * x"]
    desk.next_hint()
    assert desk.hint == 3 and desk.helped == "seen: 3 of 3 hints"
    again = Desk(LESSON, seat.engine, seat.progress, lambda: None)
    assert again.helped == "seen: 3 of 3 hints" and again.hint_in_words == "", "it is shown when asked for"


def test_the_solution_is_asked_for_once_and_is_no_help_after_a_pass(seat, desk):
    assert not desk.solution_is_open
    desk.see_solution()
    assert desk.solution_is_open and desk.helped == "seen: the solution"
    assert seat.progress.exercise_state("double").solution


def test_after_a_pass_the_solution_is_open_and_not_noted(seat, desk):
    seat.write("good")
    seat.run.begin(*PASSES, Finished(0.1))
    assert desk.solution_is_open
    desk.see_solution()
    assert desk.helped == ""


def test_a_text_that_its_file_did_not_take_is_there_again_after_the_lesson_was_left(seat, desk):
    path = path_of(desk.exercise, 1)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff")
    desk.edit("typed\n")
    desk.leave()
    again = Desk(LESSON, seat.engine, seat.progress, lambda: None)
    assert again.text == "typed\n" and "not text in UTF-8" in again.file.trouble
    path.write_text("theirs\n")
    assert not again.tick() and again.file.theirs == "theirs\n" and again.text == "typed\n"
    again.settle(take_theirs=False)
    again.leave()
    assert path.read_text() == "typed\n"
    path.write_text("later\n")
    assert Desk(LESSON, seat.engine, seat.progress, lambda: None).text == "later\n"


def test_a_text_that_was_left_and_another_that_came_since_are_both_there(seat, desk):
    path = path_of(desk.exercise, 1)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff")
    desk.edit("typed\n")
    desk.leave()
    path.write_text("theirs\n")
    again = Desk(LESSON, seat.engine, seat.progress, lambda: None)
    assert (again.text, again.file.theirs) == ("typed\n", "theirs\n")


def test_what_has_changed_is_told(seat, desk):
    for do in (
        lambda: desk.open_level(2),
        desk.check,
        lambda: seat.run.begin(GOOD),
        desk.next_hint,
        desk.see_solution,
    ):
        before = seat.changes
        do()
        assert seat.changes > before
    before = seat.changes
    desk.open_level(2)
    assert desk.tick() is False and seat.changes == before


def test_a_class_is_told_what_the_checks_said_and_of_the_pass(home, tmp_path):
    progress = ClassProgress.join(tmp_path, path=home / "progress.db")
    engine = ScriptedEngine()
    desk = Desk(LESSON, engine, progress, lambda: None)
    for events in ((GOOD, BAD, Finished(0.1)), (Failed("It is no Python.", 3),), (GOOD, Stopped())):
        desk.check()
        engine.runs[-1].send(*events)
    desk.open_level(2)
    desk.check()
    engine.runs[-1].send(GOOD, Finished(0.1))
    progress.close()
    (learner,) = Folder(tmp_path).look().learners
    assert learner.missed == {"double": {"It gave 1.": None}}
    assert learner.passed == {"double": {2}}


def test_which_text_runs_is_told_where_it_is_not_the_one_that_is_written_now(seat, desk):
    seat.write("good")
    seat.run.begin(*PASSES, Finished(0.1))
    assert desk.what_runs == ""
    desk.edit("another try")
    assert desk.what_runs == "This runs your code that passed last, at level 1: not what level 1 has now."
    desk.open_level(2)
    assert desk.what_runs == "This runs your code that passed last, at level 1: not what level 2 has now."
    desk.leave()
    again = Desk(LESSON, seat.engine, seat.progress, lambda: None)
    assert again.what_runs == desk.what_runs, "in the next start too"
    again.edit("good")
    assert again.what_runs == ""


def test_a_text_that_passed_and_was_kept_without_its_level_still_runs(seat):
    seat.progress.set_setting("passed/double", "good")
    seat.progress.exercise_passed("double", 1)
    again = Desk(LESSON, seat.engine, seat.progress, lambda: None)
    assert again.can_run_it and again.passed_text == "good"
    assert again.what_runs == "This runs your code that passed last: not what level 1 has now."
