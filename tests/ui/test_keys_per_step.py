"""How many keys each step of the course takes in a terminal of 80x24, for one who lets `enter` lead, and how
often text and bench turn by themselves."""

from __future__ import annotations

import pytest
from bundled import COURSE
from pilots import NARROW, lesson, playing, until
from scripted import ScriptedEngine

from initplay.lab.events import Facts, Finished, Point
from initplay.ui.app import Playground
from initplay.ui.lesson.onward import Onward
from initplay.ui.lesson.screen import LessonScreen

MOST = 6
ANSWERS = {
    Onward.TYPE: ("1", "enter"),
    Onward.PLACE: ("1", "enter"),
    Onward.CHOOSE: ("1",),
    Onward.GOAL: ("n",),
}
"""What is pressed where `enter` alone does not do; a goal is left open."""


class Taken:
    """What is done on the way through a step, a word for each key, and how often it turned."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self._had_bench: list[bool] = []

    def look(self, *, has_bench: bool) -> None:
        if self._had_bench[-1:] != [has_bench]:
            self._had_bench.append(has_bench)

    @property
    def turns(self) -> int:
        return len(self._had_bench) - 1


def end_with_a_number_each(engine: ScriptedEngine, screen: LessonScreen) -> None:
    """End the run with all its results, so that what is said of goals is as long as after a real one."""
    setting = screen.session.setting
    names = setting.lesson.meanings.get(setting.experiment.name, {})
    points = (Point("c", x, x) for x in range(3))
    engine.runs[-1].begin(*points, Facts(dict.fromkeys(names, 1.25)), Finished(0.1))


async def walk(pilot, screen: LessonScreen, engine: ScriptedEngine) -> list[Taken]:
    """Through the lesson, step by step."""
    taken = [Taken() for _ in screen.lesson.steps]
    while pilot.app.screen is screen:
        await pilot.pause()
        here = taken[screen.step]
        here.look(has_bench=screen.room.has_bench)
        if screen.onward is Onward.WAIT:
            end_with_a_number_each(engine, screen)
            continue
        await until(pilot, lambda: screen.prose.border_subtitle == screen.enter_in_words)
        prose = screen.prose
        onward, end = screen.onward, prose.scroll_offset.y + prose.size.height
        keys = ANSWERS.get(onward, ("enter",))
        here.keys += [onward.name] * len(keys)
        assert len(here.keys) < 20, "it leads on"
        await pilot.press(*keys)
        await pilot.pause()
        if onward is Onward.READ and taken[screen.step] is here:
            assert prose.scroll_offset.y <= end, "no line is passed over"
    return taken


def _long(slug: str) -> object:
    return slug if slug == "blowup" else pytest.param(slug, marks=pytest.mark.long)


@pytest.mark.parametrize("slug", [_long(lesson.slug) for lesson in COURSE.lessons])
async def test_no_step_takes_more_than_six_keys_or_turns_twice(home, slug):
    async with playing(home, size=NARROW, lessons=COURSE.path) as pilot:
        app, engine = pilot.app, ScriptedEngine()
        assert isinstance(app, Playground)
        course = app.course.find(slug)
        screen = LessonScreen(course, engine, app.machine, app.progress)
        app.push_screen(screen)
        await until(pilot, lambda: lesson(pilot).prose.border_title)
        taken = await walk(pilot, screen, engine)
        over = {number: here.keys for number, here in enumerate(taken, 1) if not 0 < len(here.keys) <= MOST}
        assert not over
        assert {number: here.turns for number, here in enumerate(taken, 1) if here.turns > 1} == {}
        assert app.progress.lesson_state(slug).done
