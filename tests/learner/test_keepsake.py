"""The page to keep, and what is open, from what was kept of the learner."""

from __future__ import annotations

from pathlib import Path

import pytest

from initplay.course.course import Course, find_lessons_dir
from initplay.course.reference import formulas, text_of
from initplay.learner.keepsake import NOTHING_MISSED, keepsake
from initplay.learner.open_ends import goals_in_words, open_in_words, step_to_open, unanswered
from initplay.learner.progress import Progress

COURSE = Path(__file__).parents[1] / "ui" / "course"


@pytest.fixture
def progress(tmp_path):
    kept = Progress.open(tmp_path / "progress.db")
    yield kept
    kept.close()


def read_to(progress: Progress, lesson: str, step: int, total: int) -> None:
    for seen in range(1, step + 1):
        progress.reach(lesson, seen, total)


def page(progress: Progress, reference: str = "") -> str:
    lessons = Course.load(COURSE).lessons
    return keepsake(lessons, [progress.lesson_state(lesson.slug) for lesson in lessons], reference)


def test_the_page_has_formulas_counts_and_both_numbers_of_what_was_wrong(progress):
    assert NOTHING_MISSED in page(progress)
    read_to(progress, "climb", 3, 3)
    progress.settled("climb/1/predict/1", 40.0, 5.0, False, 0.1)
    progress.settled("climb/2/predict/1", 1.0, 2, False, 0.0)
    progress.goal_reached("climb/3/goal/1", "run 1")
    said = page(
        progress, "# Formulas\n\n| a | b |\n|---|---|\n| LeCun | 1 / n |\n\n# Glossary\n\n- **fan**: x"
    )
    for words in (
        "- 1 of 2 lessons read to the end",
        "- 1 of 1 goals reached",
        "- 0 of 0 exercises passed",
        "- follow a line to its end.",
        "- **LeCun**: 1 / n",
        "### 01 A line that climbs",
        "- What is the last value? You were off: you said 40, it was 5 units.",
        "- Which way does it go? You said: down. It was: up.",
    ):
        assert words in said.split("\n"), said
    assert "fan" not in said


def test_each_formula_of_the_course_stands_in_a_line():
    text = text_of(find_lessons_dir())
    assert text
    lines = formulas(text).split("\n")
    rows = [line for line in text.partition("# Glossary")[0].split("\n") if line.startswith("| ")]
    entries = [line for line in lines if line.startswith("- **")]
    heads = sum(line.startswith("|---") for line in text.split("\n"))
    assert len(entries) == len(rows) - heads
    assert (
        "- **LeCun**: variance of a weight: 1 / n_in; bound, if uniform: √(3 / n_in); "
        "keeps: linear layers, forward" in entries
    )
    assert not any("|" in line for line in lines)


def test_what_is_open_of_the_steps_that_were_seen(progress):
    lesson = Course.load(COURSE).find("climb")
    assert open_in_words(lesson, progress.lesson_state("climb")) == ""
    read_to(progress, "climb", 2, 3)
    state = progress.lesson_state("climb")
    assert unanswered(lesson, state) == 2
    assert goals_in_words(lesson, state) == "0 of 1 goal"
    assert open_in_words(lesson, state) == "2 predictions open in steps 1, 2"
    read_to(progress, "climb", 3, 3)
    progress.settled("climb/1/predict/1", 5.0, 5.0, True, 1.0)
    assert open_in_words(lesson, progress.lesson_state("climb")) == "1 prediction, 1 goal open in steps 2, 3"
    progress.settled("climb/2/predict/1", 2.0, 2, True, 1.0)
    progress.goal_reached("climb/3/goal/1", "run 1")
    state = progress.lesson_state("climb")
    assert (open_in_words(lesson, state), goals_in_words(lesson, state)) == ("", "")


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        ((), ""),
        ((1,), "1 prediction open in step 1"),
        ((1, 3), "1 prediction, 1 goal open in steps 1, 3 · step 2 not read"),
        ((3,), "1 goal open in step 3 · steps 1, 2 not read"),
        ((3, 2), "1 prediction, 1 goal open in steps 2, 3 · step 1 not read"),
    ],
)
def test_a_step_that_was_passed_over_is_not_done_and_said(progress, seen, words):
    lesson = Course.load(COURSE).find("climb")
    for step in seen:
        progress.reach("climb", step, 3)
    state = progress.lesson_state("climb")
    assert open_in_words(lesson, state) == words
    assert not state.done
    if 3 in seen:
        assert step_to_open(lesson, state) == (0 if 1 not in seen else 1) or state.step == 2
    for step in (1, 2, 3):
        progress.reach("climb", step, 3)
    assert progress.lesson_state("climb").done
