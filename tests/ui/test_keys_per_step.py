"""How many keys each step of the course takes in a terminal of 80x24, for one who lets `enter` lead."""

from __future__ import annotations

import pytest
from pilots import NARROW, lesson, playing, until
from scripted import ScriptedEngine

from initplay.course.course import Course, find_lessons_dir
from initplay.course.lesson import Lesson
from initplay.course.prediction import Predict
from initplay.ui.app import Playground
from initplay.ui.lesson.onward import Onward
from initplay.ui.lesson.screen import LessonScreen

LESSONS = find_lessons_dir()
MOST = 6
ANSWERS = {
    Onward.TYPE: ("1", "enter"),
    Onward.PLACE: ("1", "enter"),
    Onward.CHOOSE: ("1",),
    Onward.GOAL: ("n",),
}
"""What is pressed where `enter` alone does not do; a goal is left open."""


async def keys_of_each_step(pilot, screen: LessonScreen, engine: ScriptedEngine) -> list[list[str]]:
    """What is done on the way through the lesson, a word for each key."""
    taken: list[list[str]] = [[] for _ in screen.lesson.steps]
    while pilot.app.screen is screen:
        await pilot.pause()
        if screen.onward is Onward.WAIT:
            engine.runs[-1].finish()
            continue
        await until(pilot, lambda: screen.prose.border_subtitle == screen.enter_in_words)
        keys = ANSWERS.get(screen.onward, ("enter",))
        taken[screen.step] += [screen.onward.name] * len(keys)
        assert len(taken[screen.step]) < 20, "it leads on"
        await pilot.press(*keys)
        await pilot.pause()
    return taken


def allowed(lesson: Lesson, step: int, keys: list[str]) -> int:
    """One more for a second question, and one for a text of more than a page before the run and after."""
    asked = sum(isinstance(block, Predict) for block in lesson.steps[step].blocks)
    return MOST + (asked > 1) + (keys.count("READ") > 1)


def _long(slug: str) -> object:
    return slug if slug == "blowup" else pytest.param(slug, marks=pytest.mark.long)


@pytest.mark.parametrize("slug", [_long(lesson.slug) for lesson in Course.load(LESSONS).lessons])
async def test_no_step_takes_more_than_six_keys(home, slug):
    async with playing(home, size=NARROW, lessons=LESSONS) as pilot:
        app, engine = pilot.app, ScriptedEngine()
        assert isinstance(app, Playground)
        course = app.course.find(slug)
        screen = LessonScreen(course, engine, app.machine, app.progress)
        app.push_screen(screen)
        await until(pilot, lambda: lesson(pilot).prose.border_title)
        taken = await keys_of_each_step(pilot, screen, engine)
        over = {step + 1: keys for step, keys in enumerate(taken) if len(keys) > allowed(course, step, keys)}
        assert not over and all(taken)
        assert app.progress.lesson_state(slug).done
