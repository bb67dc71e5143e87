"""Which misses are asked again, and when; no clock is read."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initplay.course.course import Course
from initplay.learner.progress import History, Progress
from initplay.learner.quiz import MOST, OFF, due, due_at, questions_due

COURSE = Path(__file__).parents[1] / "ui" / "course"
NUMBER, CHOICE = "climb/1/predict/1", "climb/2/predict/1"
DAY = timedelta(days=1)
THEN = datetime(2026, 1, 1, tzinfo=timezone.utc)


def history(*again: tuple[int, bool]) -> History:
    """A miss of `THEN`, asked again so many days later."""
    return History(THEN, tuple((THEN + days * DAY, right) for days, right in again))


@pytest.mark.parametrize(
    ("again", "days"),
    [
        ((), 7),
        (((9, True),), 9 + 21),
        (((9, False),), 9 + 7),
        (((9, True), (30, False)), 30 + 7),
        (((9, False), (16, True)), 16 + 21),
    ],
)
def test_a_miss_comes_back_after_a_week_and_three_weeks_after_it_was_answered_right(again, days):
    assert due_at(history(*again)) == THEN + days * DAY


def test_what_was_right_twice_in_a_row_is_known():
    assert due_at(history((9, True), (30, True))) is None
    assert due_at(history((9, False), (16, True), (40, True))) is None


def test_those_that_wait_longest_come_first():
    histories = [("late", History(THEN + DAY)), ("early", History(THEN))]
    assert due(histories, THEN + 6 * DAY) == []
    assert due(histories, THEN + 7 * DAY) == ["early"]
    assert due(histories, THEN + 8 * DAY) == ["early", "late"]


answers = st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=6).map(sorted)


@given(st.lists(answers, max_size=12), st.integers(0, 120))
def test_never_more_than_five_are_asked_within_a_day_and_none_before_its_time(misses, days):
    histories = [(str(number), history(*again)) for number, again in enumerate(misses)]
    now = THEN + days * DAY
    asked = due(histories, now)
    today = sum(now - DAY < moment <= now for _, one in histories for moment, _ in one.again)
    assert len(asked) <= max(0, MOST - today)
    for key in asked:
        at = due_at(dict(histories)[key])
        assert at is not None and at <= now


@pytest.fixture
def progress(tmp_path):
    kept = Progress.open(tmp_path / "progress.db")
    yield kept
    kept.close()


def test_the_misses_of_a_course_are_asked_and_the_first_verdict_stays(progress):
    progress.settled(NUMBER, 40.0, 5.0, False, 0.1)
    progress.settled(CHOICE, 2.0, 2, True, 1.0)
    lessons = Course.load(COURSE).lessons
    settled = progress.history(NUMBER)
    assert settled is not None and progress.history("climb/9/predict/1") is None
    assert questions_due(lessons, progress, settled.settled) == []
    now = settled.settled + 7 * DAY
    (question,) = questions_due(lessons, progress, now)
    assert question.place == "01 A line that climbs · How high"
    assert "Where does it end?" in question.context
    assert question.first.missed_in_words == "You were off: you said 40, it was 5 units."
    assert question.first.again(5.0).in_words == "Right: 5 units."
    before = progress.lesson_state("climb")
    progress.asked_again(NUMBER, 5.0, True, now)
    assert progress.lesson_state("climb") == before
    assert questions_due(lessons, progress, now + 20 * DAY) == []
    assert len(questions_due(lessons, progress, now + 21 * DAY)) == 1
    progress.set_setting(OFF, True)
    assert questions_due(lessons, progress, now + 21 * DAY) == []


def test_what_no_run_could_tell_is_never_asked(progress):
    progress.settled(NUMBER, 40.0, None, None, 0.0)
    assert (
        questions_due(Course.load(COURSE).lessons, progress, datetime.max.replace(tzinfo=timezone.utc)) == []
    )
