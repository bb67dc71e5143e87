"""The page of formulas and words, one key away, and what is searched for on it."""

from __future__ import annotations

import pytest
from pilots import NARROW, WIDE, playing, screen, shows, tap, until
from textual.widgets import Input

from initplay.course.course import find_lessons_dir
from initplay.ui.home import HomeScreen
from initplay.ui.pages.reference import ReferenceScreen


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_word_is_searched_for_and_escape_leads_back_a_step_at_a_time(home, size):
    async with playing(home, size=size, lessons=find_lessons_dir()) as pilot:
        tap(pilot, "i")
        await until(pilot, lambda: shows(pilot, "formulas and words", "/ to search", "n_in is how many"))
        assert not shows(pilot, "momentum: a step goes on")
        await pilot.press("/", *"momentum")
        await until(pilot, lambda: shows(pilot, "Glossary", "momentum: a step goes on"))
        assert not shows(pilot, "n_in is how many")
        await pilot.press(*"qi")
        await until(pilot, lambda: shows(pilot, "Nothing here says momentumqi."))
        await pilot.press("escape")
        await until(pilot, lambda: shows(pilot, "n_in is how many"))
        assert isinstance(pilot.app.screen, ReferenceScreen) and not isinstance(pilot.app.focused, Input)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, HomeScreen))


async def test_enter_goes_from_what_is_sought_to_what_is_found(home):
    async with playing(home, lessons=find_lessons_dir()) as pilot:
        tap(pilot, "i")
        await until(pilot, lambda: shows(pilot, "/ to search"))
        await pilot.press("/", *"kaiming", "enter")
        await until(pilot, lambda: shows(pilot, "Kaiming (He)") and "LeCun" not in screen(pilot))
        assert not isinstance(pilot.app.focused, Input)
        await pilot.press("i")
        await until(pilot, lambda: shows(pilot, "n_in is how many"))
