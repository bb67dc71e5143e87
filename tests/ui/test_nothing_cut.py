"""At 80x24 nothing that matters is cut: it is shortened, or left out whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bundled import COURSE
from pilots import NARROW, in_lesson, lesson, playing, read_to, run_to, shows, tap, until
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

from initplay.learner.progress import Progress
from initplay.ui.app import Playground
from initplay.ui.bench.knobs import KnobView
from initplay.ui.bench.status import fitting
from initplay.ui.editor.editor import Editor
from initplay.ui.lesson.predict_card import PredictCard
from initplay.ui.lesson.screen import LessonScreen
from initplay.ui.lesson.steps import StepsScreen


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (60, "✓ run 2 · against run 1: scale 1 → 0.1 · same seed"),
        (45, "✓ run 2 · against run 1: scale 1 → 0.1"),
        (12, "✓ run 2"),
        (3, "✓ run 2"),
    ],
)
def test_what_matters_least_of_a_line_is_left_out_whole(width, words):
    assert fitting("✓ run 2 · against run 1: scale 1 → 0.1 · same seed", width) == words


async def test_the_list_of_steps_has_a_line_for_each_with_all_that_is_open_in_it(home):
    progress = Progress.open(home / "progress.db")
    for found in COURSE.lessons:
        read_to(progress, found.slug, len(found.steps), len(found.steps))
    progress.close()
    async with playing(home, size=NARROW, lessons=COURSE.path) as pilot:
        app = pilot.app
        assert isinstance(app, Playground)
        for found in app.course.lessons:
            app.push_screen(LessonScreen(found, app.engine, app.machine, app.progress))
            await until(pilot, lambda: lesson(pilot).prose.border_title)
            tap(pilot, "j")
            await until(pilot, lambda: isinstance(app.screen, StepsScreen) and shows(pilot, "steps, and"))
            steps = app.screen
            assert isinstance(steps, StepsScreen)
            room = steps.query_one("OptionList").scrollable_content_region.width
            assert len(steps._lines()) == len(found.steps)
            assert max(len(line.plain.rstrip()) for line in steps._lines()) <= room, found.slug
            for _ in range(2):  # the page, and the lesson
                await app.pop_screen()


def cut_borders(pilot: Pilot[None]) -> list[str]:
    """The texts in borders on the screen that have not room for all of them."""
    borders = [
        (widget.outer_size.width - 6 * (widget.styles.border.left[0] != ""), str(label))
        for widget in pilot.app.screen.walk_children(Widget)
        for label in (widget.border_title, widget.border_subtitle)
        if label and widget.outer_size.width
    ]
    assert borders, "else there is nothing to be cut"
    return [label for room, label in borders if len(label) > room]


PAGES = ("e ctrl+f", "k enter", "M", "i", "j", "j x", "j 9", "question_mark", "m", "C", "w", "e ctrl+g")
"""What is pressed for each page."""


async def test_no_text_in_a_border_is_cut(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await run_to(pilot)
        below = pilot.app.screen
        for keys in PAGES:
            for key in keys.split():
                await until(pilot, lambda: not cut_borders(pilot))
                if key.startswith("ctrl"):  # the editor has the keyboard in a moment
                    await until(pilot, lambda: isinstance(pilot.app.focused, Editor))
                tap(pilot, key)
            await until(pilot, lambda: pilot.app.screen is not below and pilot.app.screen.query(".dialog"))
            await until(pilot, lambda: not cut_borders(pilot))
            await back_to(pilot, below)


async def back_to(pilot: Pilot[None], below: Screen[object]) -> None:
    """Out of all pages, and of the editor and the knobs."""
    while pilot.app.screen is not below or pilot.app.focused is not None:
        before = pilot.app.screen, pilot.app.focused
        tap(pilot, "escape")
        await until(pilot, lambda before=before: (pilot.app.screen, pilot.app.focused) != before)


async def test_all_answers_are_in_sight_once_the_run_that_is_to_be_looked_at_has_ended(home):
    async with in_lesson(home, "sandbox", step=2, size=NARROW, lessons=COURSE.path) as pilot:
        await run_to(pilot)
        card = lesson(pilot).query_one(PredictCard)
        options = card.answer.predict.options
        await until(pilot, lambda: shows(pilot, card.answer.predict.ask, *options))


async def test_a_choice_leaves_out_its_place_before_it_is_cut(home):
    async with in_lesson(home, "optimizer", step=7, size=NARROW, lessons=COURSE.path) as pilot:
        await pilot.press("tab")
        await until(pilot, lambda: shows(pilot, "‹ scheduler first › 2/2"))
        view = next(view for view in lesson(pilot).query(KnobView) if view.knob.name == "order")
        longer = "scheduler, and then the rest"
        view.put_up(replace(view.knob, options=("optimizer first", longer)), longer)
        assert view.render().plain.rstrip().endswith(f"‹ {longer} ›")
