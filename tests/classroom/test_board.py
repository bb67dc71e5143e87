"""A board is what its learners' files say of the lessons that it knows."""

from __future__ import annotations

from pathlib import Path

import bundled
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated import take_part

from initplay.classroom.board import Board, LessonBoard, board_of
from initplay.classroom.folder import Folder, Seen
from initplay.classroom.learner import Learner, learner_of
from initplay.classroom.line import (
    GoalReached,
    Joined,
    Line,
    Missed,
    Passed,
    Predicted,
    Reached,
    Settled,
    encoded,
)
from initplay.classroom.sheet import headline, overview, page, whole
from initplay.course.course import Course
from initplay.course.scaffold import new_lesson

COURSE = Course.load(Path(__file__).parents[1] / "ui" / "course").lessons
NUMBER, OPTION, GOAL = "climb/1/predict/1", "climb/2/predict/1", "climb/3/goal/1"


def learner(name: str, *lines: Line) -> Learner:
    told = learner_of(f"{name}.jsonl", b"".join(map(encoded, (Joined(name=name), *lines))))
    assert told is not None
    return told


def at(step: int) -> Reached:
    return Reached(lesson="climb", step=step, of=3)


def climb(*learners: Learner) -> LessonBoard:
    return board_of(learners, COURSE).lessons[0]


def text(lines) -> str:
    return "\n".join("".join(part for part, _ in line).rstrip() for line in lines)


def test_everybody_is_at_one_step_the_one_reached_last():
    board = board_of(
        [
            learner("ada", at(1), at(3), at(2)),
            learner("bob", at(2)),
            learner("eve", at(1), Reached(lesson="elsewhere", step=4, of=5)),
            learner("new"),
        ],
        COURSE,
    )
    lesson = board.lessons[0]
    assert [step.here for step in lesson.steps] == [(), ("ada", "bob"), ()]
    assert (lesson.been, lesson.at_end, lesson.here, board.learners, board.elsewhere) == (3, 1, 2, 4, 2)
    assert board.at_none == ("eve", "new") and board.where_most_are == 0


def test_two_of_one_name_are_told_apart_in_the_order_of_their_files():
    told = [learner(name, at(1)) for name in ("owl", "owl 2", "owl", "ada", "owl")]
    lesson = climb(*told)
    assert sorted(lesson.steps[0].here) == ["ada", "owl", "owl 2", "owl 3", "owl 4"]
    assert [one.name for one in told] == ["owl", "owl 2", "owl", "ada", "owl"]


def test_who_reads_a_longer_edition_is_at_the_last_step():
    lesson = climb(learner("ada", Reached(lesson="climb", step=7, of=8)))
    assert [len(step.here) for step in lesson.steps] == [0, 0, 1]
    assert lesson.at_end == 0


def test_options_are_counted_and_the_right_one_is_said_once_a_run_has_shown_it():
    guesses = [Predicted(key=OPTION, guess=guess) for guess in (1.0, 2.0, 2.0, 9.0)]
    told = [learner(f"{number}", guess) for number, guess in enumerate(guesses)]
    question = climb(*told).questions[1]
    assert [(row.label, row.count, row.settled) for row in question.rows] == [
        ("down", 1, False),
        ("up", 2, False),
    ]
    assert (question.said, question.settled, question.value) == (3, 0, None), "there is no option 9"
    told.append(learner("ada", Settled(key=OPTION, guess=2.0, outcome=2.0, right=True)))
    question = climb(*told).questions[1]
    assert [row.settled for row in question.rows] == [False, True]
    assert (question.said, question.settled, question.right, question.value) == (4, 1, 1, "up")


def test_numbers_are_held_against_the_middle_one_of_what_runs_gave():
    told = [
        learner("ada", Settled(key=NUMBER, guess=4.5, outcome=5.0, right=True)),
        learner("bob", Settled(key=NUMBER, guess=50.0, outcome=5.1, right=False)),
        learner("eve", Settled(key=NUMBER, guess=50.0, outcome=4000.0, right=False)),
        learner("joe", Settled(key=NUMBER, guess=7.0, outcome="NaN", right=None)),
        learner("kim", Predicted(key=NUMBER, guess=1.0)),
    ]
    question = climb(*told).questions[0]
    assert question.value == 5.1
    assert (question.said, question.settled, question.right) == (5, 3, 1)
    assert [(row.label, row.count, row.settled) for row in question.rows] == [
        ("1", 1, False),
        ("4.5", 1, True),
        ("7", 1, False),
        ("50", 2, False),
    ]


def test_a_goal_is_counted_among_those_who_came_to_it():
    goal = climb(learner("ada", at(3), GoalReached(key=GOAL)), learner("bob", at(3)), learner("eve", at(2)))
    assert [(one.reached, one.came) for one in goal.goals] == [(1, 2)]


@pytest.fixture
def with_exercise(tmp_path: Path) -> Course:
    new_lesson(tmp_path / "lessons", "first", exercise=True)
    return Course.load(tmp_path / "lessons")


def test_mistakes_are_ranked_by_how_many_made_them_whatever_their_numbers(with_exercise):
    def missed(*says: str) -> Missed:
        return Missed(lesson="first", level=1, says=says)

    board = board_of(
        [
            learner("ada", missed("It is 3.5, not 1e-3: a root."), missed("It is -4, not 2: a root.")),
            learner(
                "bob", missed("It is inf, not 2e+30: a root.", "No return."), Passed(lesson="first", level=2)
            ),
            learner("eve", missed()),
            learner("joe", Passed(lesson="first")),
            learner("kim"),
        ],
        with_exercise.lessons,
    )
    exercise = board.lessons[0].exercise
    assert exercise
    assert (exercise.tried, exercise.passed, exercise.levels) == (4, 2, (0, 1, 0))
    assert [(one.says, one.learners, one.still) for one in exercise.mistakes] == [
        ("It is 3.5, not 1e-3: a root.", 2, 1),
        ("No return.", 1, 0),
    ]
    said = text(page(board.lessons[0], 80))
    assert "4 had it checked, 2 passed: 1 at level 2" in said
    assert "2  It is 3.5, not 1e-3: a root. (1 of them not yet through)" in said


def test_nothing_on_a_page_says_who_unless_that_is_asked():
    lesson = climb(learner("ada", at(2)), learner("bob", at(2)))
    assert "ada" not in text(page(lesson, 80))
    assert "ada, bob" in text(page(lesson, 80, names=True))
    assert "小明" in text(page(climb(learner("小明", at(1))), 80, names=True))


def test_nothing_on_a_page_says_what_is_right_where_that_is_hidden():
    lesson = climb(
        learner("ada", at(1), Settled(key=NUMBER, guess=50.0, outcome=5.0, right=False)),
        learner("bob", at(1), Settled(key=OPTION, guess=1.0, outcome=2.0, right=False)),
    )
    shown, hidden = text(page(lesson, 80)), text(page(lesson, 80, answers=False))
    assert "◆ 5 " in shown and "0 of 1 right, it is 5" in shown and "◆ up" in shown
    assert "◆" not in hidden and "right" not in hidden
    assert "  50 " in hidden and "  up " in hidden


_NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([1.0, 2.0, 5.0])
_LINES = st.one_of(
    st.builds(Joined, name=st.text(max_size=9)),
    st.builds(
        Reached, lesson=st.sampled_from(["climb", "other"]), step=st.integers(1, 5), of=st.integers(1, 5)
    ),
    st.builds(Predicted, key=st.sampled_from([NUMBER, OPTION, GOAL]), guess=_NUMBERS),
    st.builds(
        Settled,
        key=st.sampled_from([NUMBER, OPTION]),
        guess=_NUMBERS,
        outcome=st.none() | _NUMBERS | st.text(max_size=9),
        right=st.none() | st.booleans(),
    ),
    st.builds(Missed, lesson=st.just("climb"), says=st.lists(st.text(max_size=9), max_size=2).map(tuple)),
)


@settings(max_examples=40)
@given(st.lists(st.lists(_LINES, max_size=8), max_size=8), st.booleans(), st.booleans())
def test_whatever_learners_tell_it_is_a_board_that_fits(told, names, answers):
    learners = [learner(f"{number}", *lines) for number, lines in enumerate(told)]
    board = board_of(learners, COURSE)
    assert sum(lesson.here for lesson in board.lessons) + board.elsewhere == len(learners)
    lines = list(whole(Seen(tuple(learners)), board, 80, names=names, answers=answers, ascii=False))
    assert all(len(line) <= 80 for line in text(lines).split("\n"))


@pytest.fixture(scope="module")
def thirty(tmp_path_factory) -> tuple[Board, Seen]:
    """Thirty learners in the real course."""
    place = tmp_path_factory.mktemp("class")
    (place / "class").mkdir()
    lessons = bundled.COURSE.lessons
    for number in range(30):
        take_part(place / "class", number, lessons)
    seen = Folder(place / "class").look()
    return board_of(seen.learners, lessons), seen


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("width", [60, 80, 110])
def test_a_board_of_thirty_fits_its_width(thirty, width, ascii):
    board, seen = thirty
    lines = list(whole(seen, board, width, names=True, answers=True, ascii=ascii))
    assert max(len(line) for line in text(lines).splitlines()) <= width
    assert text(lines).isascii() or not ascii


def test_a_board_of_thirty_has_everybody_on_it_and_each_guess_in_a_row(thirty):
    board, seen = thirty
    assert headline(board, seen) == "30 learners"
    assert sum(lesson.here for lesson in board.lessons) == 30
    questions = [question for lesson in board.lessons for question in lesson.questions]
    assert all(sum(row.count for row in question.rows) == question.said for question in questions)
    assert sum(question.said for question in questions) == sum(len(one.guesses) for one in seen.learners)
    assert len(overview(board, 80)) == 1 + len(board.lessons) <= 22, "all of it in 80x24"
