"""Every key is declared once: what shows keys, and what reacts to them, is made of that."""

from __future__ import annotations

from pathlib import Path

import pytest
from pilots import in_lesson, lesson, playing, run_to, shows, tap, until
from textual.binding import Binding
from textual.dom import DOMNode

from initplay.ui.app import Playground
from initplay.ui.bench.knobs import KnobView, TypeValue
from initplay.ui.bench.runs import RunsPane
from initplay.ui.board import BoardApp
from initplay.ui.editor.diff import DiffScreen, HunkView
from initplay.ui.editor.editor import Editor
from initplay.ui.editor.find import FindScreen
from initplay.ui.editor.pane import SourcePane
from initplay.ui.exercise.screen import ExerciseScreen
from initplay.ui.home import HomeScreen, LessonList
from initplay.ui.keys import KEYS, as_markdown, is_declared, keys_of
from initplay.ui.lesson.boxes import NumberBox, SeenBox
from initplay.ui.lesson.screen import LessonScreen
from initplay.ui.lesson.steps import StepsScreen
from initplay.ui.pages.ask import AskScreen
from initplay.ui.pages.explain import ExplainScreen
from initplay.ui.pages.help import HelpScreen
from initplay.ui.pages.keepsake import KeepsakeScreen
from initplay.ui.pages.meanings import MeaningsScreen
from initplay.ui.pages.quiz import QuizScreen
from initplay.ui.pages.reference import ReferenceScreen, Sought
from initplay.ui.pages.sweep import SweepScreen
from initplay.ui.pages.whole import WholeScreen

PLACES: dict[str, type[DOMNode]] = {
    "everywhere": Playground,
    "home": HomeScreen,
    "lessons": LessonList,
    "lesson": LessonScreen,
    "number": NumberBox,
    "seen": SeenBox,
    "knob": KnobView,
    "steps": StepsScreen,
    "value": TypeValue,
    "sweep": SweepScreen,
    "runs": RunsPane,
    "editor": SourcePane,
    "exercise": ExerciseScreen,
    "ask": AskScreen,
    "text": Editor,
    "keepsake": KeepsakeScreen,
    "quiz": QuizScreen,
    "board": BoardApp,
    "find": FindScreen,
    "hunk": HunkView,
    "diff": DiffScreen,
    "whole": WholeScreen,
    "help": HelpScreen,
    "meanings": MeaningsScreen,
    "explain": ExplainScreen,
    "reference": ReferenceScreen,
    "sought": Sought,
}


def test_every_place_is_one_that_reacts_to_its_keys():
    assert set(PLACES) == set(KEYS)


@pytest.mark.parametrize("where", KEYS)
def test_each_key_is_bound_where_it_is_declared_and_to_something_that_is_there(where):
    """A key without its action would do nothing and say nothing."""
    place = PLACES[where]
    declared = [binding for binding in place.BINDINGS if isinstance(binding, Binding)]
    assert [(binding.key, binding.action) for binding in declared] == [
        (key.keys, key.action) for key in KEYS[where]
    ]
    for binding in declared:
        assert is_declared(binding)
        name = binding.action.partition("(")[0]
        owner = {"screen.home": LessonScreen, "screen.leave": ReferenceScreen}.get(name, place)
        assert hasattr(owner, f"action_{name.rpartition('.')[2]}"), binding.action


@pytest.mark.parametrize("where", KEYS)
def test_no_key_is_declared_twice_in_a_place_and_what_is_on_the_bar_has_words(where):
    keys = [one for key in KEYS[where] for one in key.keys.split(",")]
    assert len(keys) == len(set(keys))
    assert all(key.words for key in KEYS[where] if key.label)


def test_the_readme_has_every_key():
    """After a change of the keys: python tools/readme_keys.py"""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert as_markdown() in readme
    for key in "nbrhkco":
        assert f"`{key}`" in as_markdown()


async def test_what_a_widget_of_textuals_brings_along_is_not_in_the_help(home):
    """Such as "Scroll Left", while the list of runs or what was printed has the keyboard."""
    async with in_lesson(home, size=(140, 60)) as pilot:
        await run_to(pilot)
        for key in ("l", "o"):
            await pilot.press(key)
            lesson(pilot).bench.query_one("#printed" if key == "o" else "#runs").focus()
            await pilot.pause()
            tap(pilot, "question_mark")
            await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
            await until(pilot, lambda: shows(pilot, "find any of these by name"))
            words = {key.words for place in KEYS.values() for key in place if key.words}
            app = pilot.app
            assert isinstance(app, Playground)
            assert {help_.words for help_ in keys_of(lesson(pilot))} <= words
            assert not shows(pilot, "Scroll Left") and not shows(pilot, "Page Up")
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(pilot.app.screen, LessonScreen))


async def test_ctrl_c_says_how_one_quits(home):
    said = "ctrl+q quits; everything is kept."
    for opened in (playing(home), in_lesson(home)):
        async with opened as pilot:
            await pilot.press("ctrl+c")
            await until(pilot, lambda app=pilot.app: said in [toast.message for toast in app._notifications])
