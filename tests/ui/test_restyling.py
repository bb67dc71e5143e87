"""What is styled once, later, or by somebody else for speed looks as if Textual styled all of it anew."""

from __future__ import annotations

from typing import Any

import pytest
from pilots import in_lesson, lesson, playing, tap, until
from textual.app import App
from textual.screen import Screen

from initplay.ui.lesson.screen import LessonScreen
from initplay.ui.pages.over import Over
from initplay.ui.terminal.textual_private import styles

TEXTUALS = vars(Screen)["_on_screen_resume"]


@pytest.fixture(autouse=True)
def replaced(monkeypatch):
    """As in a terminal, for one test alone."""
    monkeypatch.setattr(Screen, "_on_screen_resume", TEXTUALS)
    styles.style_a_new_screen_once()
    assert "textual_private" in vars(Screen)["_on_screen_resume"].__module__


def styles_of(screen: Screen) -> dict[Any, Any]:
    """The rules of every widget of a screen and of its component classes."""
    return {
        node: (
            dict(node.styles.base.get_rules()),
            {
                name: dict(node.get_component_styles(name).get_rules())
                for name in node._get_component_classes()
            },
        )
        for node in screen.walk_children(with_self=True)
    }


def styled_anew(app: App[Any], screen: Screen) -> dict[Any, Any]:
    """By Textual's own stylesheet, which remembers nothing."""
    plain = app.stylesheet.copy()
    plain.parse()
    plain.update(screen)
    return styles_of(screen)


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (40, 15)])
async def test_a_new_screen_is_styled_by_its_mounting(home, size):
    """At every size, with its text, its bench, and a page over it."""
    async with in_lesson(home, size=size) as pilot:
        for _page in (None, "question_mark", "i"):
            if _page:
                tap(pilot, _page)
                await until(pilot, lambda: isinstance(pilot.app.screen, Over))
            await pilot.pause()
            before = styles_of(pilot.app.screen)
            assert styled_anew(pilot.app, pilot.app.screen) == before
            if _page:
                tap(pilot, "escape")
                await until(pilot, lambda: isinstance(pilot.app.screen, LessonScreen))


async def test_the_classes_of_a_size_are_those_that_textual_takes(home):
    async with playing(home, size=(100, 32)) as pilot:
        tap(pilot, "enter")
        await until(pilot, lambda: lesson(pilot).prose.border_title)
        await pilot.pause()
        shown = lesson(pilot)
        taken = [name for name in ("narrow", "wide", "low", "middle", "high") if shown.has_class(f"-{name}")]
        assert taken == ["wide", "high"]


async def test_a_theme_reaches_the_screens_below(home):
    """The one on top at once, those under it after that; and back to what was."""
    async with in_lesson(home) as pilot:
        stack = pilot.app.screen_stack
        first = then = [styles_of(screen) for screen in stack]
        for _light in (True, False):
            tap(pilot, "t")
            await until(pilot, lambda _light=_light: pilot.app.current_theme.dark is not _light)
            for screen, before in zip(stack, then, strict=True):
                await until(pilot, lambda screen=screen, before=before: styles_of(screen) != before)
            await pilot.pause()
            then = [styles_of(screen) for screen in stack]
            assert then == [styled_anew(pilot.app, screen) for screen in stack]
            assert (then == first) is not _light


async def test_a_theme_is_parsed_once(home):
    async with in_lesson(home) as pilot:
        stylesheet = pilot.app.stylesheet
        dark = list(stylesheet.rules)
        tap(pilot, "t")
        await until(pilot, lambda: not pilot.app.current_theme.dark)
        await pilot.pause()
        assert not {id(rule) for rule in dark} & {id(rule) for rule in stylesheet.rules}
        tap(pilot, "t")
        await until(pilot, lambda: pilot.app.current_theme.dark)
        await pilot.pause()
        assert [id(rule) for rule in stylesheet.rules] == [id(rule) for rule in dark]
