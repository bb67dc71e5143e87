"""The last step ends with what one can do now, what one got wrong, and one thing to try."""

from __future__ import annotations

import bundled
import pytest
from pilots import COURSE, NARROW, WIDE, in_lesson, lesson, run_to, screen, shows, until

from initplay.course.course import Course
from initplay.course.prediction import Predict
from initplay.learner.progress import Progress
from initplay.ui.lesson.answers import MOST_MISSED, NOTHING_MISSED, NOTHING_SETTLED, Answers
from initplay.ui.lesson.onward import Onward

WRITTEN = COURSE.parent / "written"
FIRST, SECOND = "climb/1/predict/1", "climb/2/predict/1"


@pytest.fixture
def progress(home):
    kept = Progress.open(home / "progress.db")
    yield kept
    kept.close()


def missed(progress: Progress) -> str:
    return Answers(Course.load(COURSE).find("climb"), progress).missed_in_words


def test_before_anything_is_settled_it_says_how_to_begin(progress):
    assert missed(progress) == NOTHING_SETTLED
    progress.predicted(FIRST, 40.0)
    assert missed(progress) == NOTHING_SETTLED


def test_who_got_nothing_wrong_is_told_so(progress):
    progress.settled(FIRST, 5.0, 5.0, True, 1.0)
    progress.settled(SECOND, 2.0, 2, True, 1.0)
    assert missed(progress) == NOTHING_MISSED


def test_what_was_wrong_is_told_with_the_question_the_answer_and_what_it_was(progress):
    progress.settled(FIRST, 40.0, 5.0, False, 0.1)
    progress.settled(SECOND, 1.0, 2, False, 0.0)
    assert missed(progress).split("\n") == [
        "What surprised you:",
        "› What is the last value? You were off: you said 40, it was 5 units.",
        "› Which way does it go? You said: down. It was: up.",
    ]


def test_a_question_whose_options_end_its_sentence_is_told_with_dots(progress):
    progress.settled("scatter/5/predict/1", 1.0, 3, False, 0.0)
    said = Answers(bundled.COURSE.find("scatter"), progress).missed_in_words
    assert said.endswith("The bell of the logarithm gets … You said: wider. It was: neither.")


def test_what_no_run_could_tell_is_not_held_against_anybody(progress):
    progress.settled(FIRST, 40.0, None, None, 0.0)
    assert missed(progress) == NOTHING_SETTLED


def test_of_many_the_last_are_told_and_the_others_counted(progress):
    found = next(
        lesson
        for lesson in bundled.COURSE.lessons
        if sum(isinstance(block, Predict) for block in lesson.blocks) > 4
    )
    asked = [block for block in found.blocks if isinstance(block, Predict)]
    for predict in asked:
        wrong = 1 + predict.answer % len(predict.options) if predict.answer else -12345.0
        progress.settled(predict.key, wrong, predict.answer or 1.0, False, 0.0)
    lines = Answers(found, progress).missed_in_words.split("\n")
    assert lines[0] == "What surprised you:"
    assert lines[-1] == f"And {len(asked) - MOST_MISSED} more."
    assert [
        line.startswith(f"› {predict.ask}") for line, predict in zip(lines[1:-1], asked[-3:], strict=True)
    ]


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_the_last_step_ends_with_three_lines_above_the_sources(home, progress, size):
    progress.settled(SECOND, 1.0, 2, False, 0.0)
    async with in_lesson(home, step=3, size=size) as pilot:
        lesson(pilot).prose.scroll_end(animate=False)
        said = (
            "What you take along",
            "You can follow a line to its end.",
            "You said: down.",
            "Try: a slope below 0, with the sign down.",
            "Sources",
        )
        await until(pilot, lambda: all(shows(pilot, words) for words in said))
        places = [screen(pilot).index(words) for words in said]
        assert places == sorted(places)


async def test_a_step_before_the_last_has_no_end(home):
    async with in_lesson(home, step=2) as pilot:
        assert not shows(pilot, "What you take along")


async def test_the_line_at_the_end_names_the_exercise_and_its_key_until_it_is_passed(home, progress):
    async with in_lesson(home, "double", step=2, size=NARROW, lessons=WRITTEN) as pilot:
        here = lesson(pilot)
        await run_to(pilot)
        await pilot.press("tab")
        here.prose.scroll_end(animate=False)
        await until(pilot, lambda: here.onward is Onward.LEAVE)
        await until(pilot, lambda: shows(pilot, "⏎ back to the course · u writes double"))
    progress.exercise_passed("double", 1)
    async with in_lesson(home, "double", step=2, size=NARROW, lessons=WRITTEN) as pilot:
        here = lesson(pilot)
        here.prose.scroll_end(animate=False)
        await until(pilot, lambda: here.onward in (Onward.LEAVE, Onward.RUN))
        await until(pilot, lambda: here.prose.border_subtitle and not shows(pilot, "u writes double"))
