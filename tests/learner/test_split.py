"""Steps that became two: nobody loses what they did in the one."""

import sqlite3
from contextlib import closing

import pytest
from bundled import COURSE

from initplay.course.lesson import Goal
from initplay.course.prediction import Predict
from initplay.learner.open_ends import unread
from initplay.learner.progress import Progress
from initplay.learner.split import DONE, SPLITS


@pytest.fixture
def before(tmp_path):
    """A file of before the splits: both lessons were read to the end, and all was answered and reached."""
    progress = Progress.open(tmp_path / "progress.db")
    for slug, total in (("scatter", 4), ("sandbox", 15)):
        for step in range(1, total + 1):
            progress.reach(slug, step, total)
    for key, guess in (("3/predict/1", 0.22), ("3/predict/2", 2), ("4/predict/1", 3)):
        progress.predicted(f"scatter/{key}", guess)
        progress.settled(f"scatter/{key}", guess, guess, True, 1.0)
        progress.observed(f"scatter/{key}", f"saw {key}")
    for key in ("scatter/3/goal/1", "scatter/4/goal/1", *(f"sandbox/15/goal/{n}" for n in (1, 2, 3, 4))):
        progress.goal_tried(key)
        progress.goal_reached(key, f"was {key}")
    progress.close()
    with closing(sqlite3.connect(progress.path)) as db, db:
        db.execute("DELETE FROM settings WHERE name = ?", (DONE,))
    return progress.path


def test_what_was_answered_and_reached_stands_where_it_is_asked_now(before):
    progress = Progress.open(before)
    state = progress.lesson_state("scatter")
    told = [(one.key, one.guess, one.seen) for one in state.predictions]
    assert told == [
        ("scatter/3/predict/1", 0.22, "saw 3/predict/1"),
        ("scatter/4/predict/1", 2, "saw 3/predict/2"),
        ("scatter/5/predict/1", 3, "saw 4/predict/1"),
    ]
    assert progress.goals_reached("scatter") == {
        "scatter/4/goal/1": "was scatter/3/goal/1",
        "scatter/5/goal/1": "was scatter/4/goal/1",
    }
    assert progress.goals_reached("sandbox") == {
        "sandbox/15/goal/1": "was sandbox/15/goal/1",
        "sandbox/15/goal/2": "was sandbox/15/goal/2",
        "sandbox/16/goal/1": "was sandbox/15/goal/3",
        "sandbox/16/goal/2": "was sandbox/15/goal/4",
    }
    assert progress.goal_runs("sandbox/16/goal/2") == 1


@pytest.mark.parametrize("slug", [split.lesson for split in SPLITS])
def test_a_lesson_that_was_done_is_done_and_has_no_step_that_was_not_read(before, slug):
    progress = Progress.open(before)
    lesson, state = COURSE.find(slug), progress.lesson_state(slug)
    assert state.done and state.furthest == state.total == len(lesson.steps)
    assert unread(lesson, state) == []
    asked = {block.key for block in lesson.blocks if isinstance(block, (Goal, Predict))}
    assert {*state.goals, *(one.key for one in state.predictions)} <= asked


def test_it_is_done_once_though_an_older_initplay_goes_on_with_the_file(before):
    Progress.open(before).close()
    older = Progress.open(before)
    older.reach("scatter", 4, 4)
    older.close()
    again = Progress.open(before)
    assert [one.key for one in again.lesson_state("scatter").predictions][-1] == "scatter/5/predict/1"
    assert "scatter/6" not in str(again.lesson_state("scatter"))


def test_who_was_on_the_way_is_where_they_were(before):
    with closing(sqlite3.connect(before)) as db, db:
        db.execute("UPDATE lessons SET step = 2, furthest = 2 WHERE slug = 'scatter'")
        db.execute("DELETE FROM visited WHERE key IN ('scatter/3', 'scatter/4')")
    state = Progress.open(before).lesson_state("scatter")
    assert (state.step, state.furthest, state.visited, state.done) == (2, 2, (1, 2), False)


def test_a_new_file_needs_none_of_it(tmp_path):
    progress = Progress.open(tmp_path / "progress.db")
    progress.reach("scatter", 4, 4)
    progress.goal_reached("scatter/4/goal/1", "run 1")
    progress.close()
    assert Progress.open(progress.path).goals_reached("scatter") == {"scatter/4/goal/1": "run 1"}
