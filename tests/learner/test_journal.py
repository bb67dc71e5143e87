"""What a learner did as one Markdown text: asked, said, it was, seen; goals, code, runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from bundled import COURSE

from initplay.course.exercise import exercise_of
from initplay.course.lesson import Goal, Lesson
from initplay.course.prediction import Predict
from initplay.learner.exercises import path_of
from initplay.learner.journal import PASSED_OUTSIDE, journal
from initplay.learner.progress import Progress


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    return COURSE.find("blowup")


@pytest.fixture
def progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Progress:
    monkeypatch.setenv("INITPLAY_HOME", str(tmp_path))
    return Progress.open()


def test_who_did_nothing_has_an_empty_page(lesson, progress):
    assert journal([lesson], progress) == "# What you did in initplay\n\nNothing begun yet.\n"


def test_all_that_was_said_is_there_in_the_order_of_the_lesson(lesson, progress):
    asked = [block for block in lesson.blocks if isinstance(block, Predict)]
    number = next(one for one in asked if not one.options and one.unit == "layers")
    choice = next(one for one in asked if one.options)
    progress.reach("blowup", 4, len(lesson.steps))
    progress.settled(number.key, 20.0, 28, False, 0.8)
    progress.observed(number.key, "a straight line, then nothing")
    progress.settled(choice.key, choice.answer, None, True, 1.0)
    progress.predicted(asked[-1].key, 3)
    text = journal([lesson], progress)
    assert text.startswith("# What you did in initplay\n\n## 02 Random weights blow up\n\nAt step 4 of ")
    assert f"**{number.ask}**\n\n- You said: 20 layers\n- It was: 28 layers\n- That is not right." in text
    assert "- You saw: a straight line, then nothing" in text
    assert choice.answer is not None
    picked = choice.options[choice.answer - 1]
    assert f"- You said: {picked}\n- It was: {picked}\n- That is right.\n- Why: {choice.why}" in text
    assert "- No run has settled it yet." in text and asked[-1].why not in text, "that would give it away"
    assert text.index(choice.ask) < text.index(number.ask)


def test_goals_exercises_and_runs_are_there(lesson, progress, tmp_path):
    goals = [block for block in lesson.blocks if isinstance(block, Goal)]
    progress.goal_reached(goals[0].key, "first_layer weight_std=0.0357, seed 42")
    exercise = exercise_of(lesson)
    progress.exercise_passed("blowup", 2)
    path = path_of(exercise, 2)
    path.parent.mkdir(parents=True)
    path.write_text("def rms(x):\n    return x\n", encoding="utf-8")
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "blowup-chain-seed42.jsonl").touch()
    (tmp_path / "runs" / "other-chain-seed42.jsonl").touch()
    text = journal([lesson], progress)
    assert f"### Goals reached\n\n- {goals[0].ask} Reached by first_layer weight_std=0.0357, seed 42." in text
    assert f"### Goals still open\n\n- {goals[1].ask}" in text
    assert "### Exercise `rms`, passed: write the body\n\n```python\ndef rms(x):\n    return x\n```" in text
    assert f"### Runs saved\n\n- `{tmp_path / 'runs' / 'blowup-chain-seed42.jsonl'}`\n" in text
    path.unlink()
    assert "cannot be read" in journal([lesson], progress)


def test_an_exercise_that_passed_with_a_file_of_no_level_has_passed_and_its_text_is_not_there(
    lesson, progress
):
    progress.exercise_passed("blowup")
    assert f"### Exercise `rms`, passed\n\n{PASSED_OUTSIDE}" in journal([lesson], progress)
    progress.exercise_passed("blowup", 2)
    assert PASSED_OUTSIDE not in journal([lesson], progress)


def test_what_belongs_to_no_lesson_is_kept_too(progress):
    progress.settled("gone/1/predict/1", 3.0, 4.0, None, 0.0)
    text = journal([], progress)
    assert "## gone (not in this course)" in text and "**gone/1/predict/1**" in text
    assert "- You said: 3\n- It was: 4\n- That is not settled." in text
