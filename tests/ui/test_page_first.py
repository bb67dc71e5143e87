"""A page is painted before what is around it is dimmed, and nothing is laid out twice for it."""

from __future__ import annotations

import pytest
from pilots import in_lesson, lesson, tap, until
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Region
from textual.screen import Screen

from initplay.ui.lesson.screen import LessonScreen
from initplay.ui.pages.over import Over
from initplay.ui.terminal.textual_private import styles

TEXTUALS = vars(Screen)["_screen_resized"]


def place_of(update: object) -> Region | None:
    """What a frame paints: None for all of a screen."""
    assert isinstance(update, LayoutUpdate | ChopsUpdate)
    if isinstance(update, LayoutUpdate):
        return None
    return Region.from_union([Region(left, y, right - left, 1) for y, left, right in update.spans])


@pytest.mark.parametrize("key", ["question_mark", "i"])
async def test_the_dialog_is_painted_first_and_then_all(home, key, monkeypatch):
    async with in_lesson(home, size=(140, 40)) as pilot:
        painted = []
        display = App._display

        def note(app, screen, update):
            if update is not None and isinstance(screen, Over):
                painted.append(place_of(update))
            display(app, screen, update)

        monkeypatch.setattr(App, "_display", note)
        tap(pilot, key)
        await until(pilot, lambda: None in painted)
        dialog = pilot.app.screen.query_one(".dialog").region
        assert painted[0] == dialog
        assert painted.count(None) == 1


async def test_a_page_has_nothing_behind_it_laid_out_anew_and_a_new_size_all(home, monkeypatch):
    laid_out = []

    def note(screen, size):
        laid_out.append(screen)
        TEXTUALS(screen, size)

    monkeypatch.setattr(Screen, "_screen_resized", note)
    styles.lay_out_a_screen_once()
    async with in_lesson(home, size=(140, 40)) as pilot:
        behind = lesson(pilot)
        laid_out.clear()
        tap(pilot, "question_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, Over) and pilot.app.screen.size)
        await pilot.pause()
        assert laid_out == []
        await pilot.resize_terminal(90, 30)
        await until(pilot, lambda: {behind, pilot.app.screen} <= set(laid_out))
        assert behind.size == (90, 30)
        assert isinstance(behind, LessonScreen)
        assert behind.has_class("-narrow")
