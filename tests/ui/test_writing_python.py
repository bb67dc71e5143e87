"""The editor is a place to write Python."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.app import App, ComposeResult
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets.text_area import Selection

from initplay.ui.editor.editor import Editor
from initplay.ui.editor.find import FindScreen

TEXT = "def f(x):\n    return x\n\nz = (1, [2])\n"


class Alone(App[None]):
    """An editor and nothing else."""

    def compose(self) -> ComposeResult:
        yield Editor(TEXT)


@asynccontextmanager
async def writing() -> AsyncIterator[tuple[Pilot[None], Editor]]:
    async with Alone().run_test() as pilot:
        editor = pilot.app.query_one(Editor)
        editor.focus()
        await pilot.pause()
        yield pilot, editor


async def test_a_line_begins_where_python_wants_it_and_backspace_steps_out():
    async with writing() as (pilot, editor):
        editor.move_cursor((0, 9))
        await pilot.press("enter", "y", "enter", "backspace", "z")
        assert editor.text == TEXT.replace("x):\n", "x):\n    y\nz\n")
        await pilot.press("backspace")
        assert editor.text == TEXT.replace("x):\n", "x):\n    y\n\n"), "elsewhere it takes a letter"
        editor.selection = Selection((0, 9), (2, 0))
        await pilot.press("enter")
        assert editor.text == TEXT.replace("x):\n", "x):\n    \n"), "what was selected gives way"


async def test_tab_goes_to_the_next_step_and_takes_selected_lines_along():
    async with writing() as (pilot, editor):
        editor.move_cursor((3, 1))
        await pilot.press("tab")
        assert editor.document.get_line(3) == "z    = (1, [2])" and editor.cursor_location == (3, 4)
        editor.selection = Selection((2, 0), (0, 2))
        await pilot.press("tab")
        assert editor.text.startswith("    def f(x):\n        return x\n\nz")
        assert editor.selection == Selection((2, 0), (0, 6))
        await pilot.press("shift+tab", "shift+tab")
        assert editor.text.startswith("def f(x):\nreturn x\n\nz")
        await pilot.press("ctrl+z", "ctrl+z", "ctrl+z")
        assert editor.text == TEXT.replace("z ", "z    "), "each is one step to undo"


@pytest.mark.parametrize("key", ["ctrl+slash", "ctrl+underscore"])
async def test_lines_are_commented_out_and_in_again(key):
    """Terminals write ctrl+/ in two ways."""
    async with writing() as (pilot, editor):
        editor.move_cursor((1, 4))
        await pilot.press(key)
        assert editor.document.get_line(1) == "    # return x" and editor.cursor_location == (1, 6)
        await pilot.press(key)
        assert editor.text == TEXT


async def test_a_text_is_found_one_place_after_the_other():
    async with writing() as (pilot, editor):
        await pilot.press("f3")
        await pilot.pause()
        assert isinstance(pilot.app.screen, FindScreen), "nothing was looked for yet"
        await pilot.press("x", "enter", "escape")
        await pilot.pause()
        places = [editor.selection.start]
        for key in ("f3", "f3", "shift+f3"):
            await pilot.press(key)
            places.append(editor.selection.start)
        assert places == [(0, 6), (1, 11), (0, 6), (1, 11)] and editor.selected_text == "x"


async def test_enter_goes_from_place_to_place_and_the_keyboard_stays_until_escape():
    async with writing() as (pilot, editor):
        await pilot.press("ctrl+f")
        await pilot.pause()
        await pilot.press("x")
        places = []
        for _ in range(3):
            await pilot.press("enter")
            await pilot.pause()
            places.append(editor.selection.start)
        assert places == [(0, 6), (1, 11), (0, 6)] and editor.text == TEXT
        assert isinstance(pilot.app.screen, FindScreen)
        await pilot.press("escape", "y")
        await pilot.pause()
        assert editor.text == TEXT.replace("x", "y", 1), (
            "what is typed then takes the place of what was found"
        )


@pytest.mark.parametrize(("typed", "row"), [(":3", 2), (":99", 4), (":0", 0)])
async def test_a_line_is_found_by_its_number(typed, row):
    async with writing() as (pilot, editor):
        await pilot.press("ctrl+f")
        await pilot.pause()
        await pilot.press(*typed, "enter")
        await pilot.pause()
        assert editor.cursor_location == (row, 0)


async def test_what_is_not_there_is_said_and_moves_nothing():
    async with writing() as (pilot, editor):
        await pilot.press("ctrl+f")
        await pilot.pause()
        await pilot.press(*"kaiming", "enter")
        await pilot.pause()
        assert [note.message for note in pilot.app._notifications] == [
            "'kaiming' does not stand in this text."
        ]
        assert editor.cursor_location == (0, 0)


async def test_the_bracket_that_belongs_to_the_cursor_s_is_known():
    async with writing() as (_, editor):
        editor.move_cursor((3, 4))
        assert editor.match_cursor_bracket and editor.matching_bracket_location == (3, 11)


@pytest.mark.parametrize("lines", [1, 12, 30, 200])
async def test_what_was_pasted_is_taken_back_and_put_again_wherever_the_cursor_was(lines):
    """Also where the text is then as high as the editor, or lower: Textual asks for the cursor between."""
    pasted = "".join(f"a{number} = {number}\n" for number in range(lines))
    async with writing() as (pilot, editor):
        for key in ("f7", None):
            editor.text = TEXT
            await pilot.pause()
            if key:
                await pilot.press(key)
            else:
                editor.move_cursor((1, 4))
            pilot.app.post_message(Paste(pasted))
            await pilot.pause()
            put = editor.text
            assert pasted in put
            await pilot.press("ctrl+z")
            assert editor.text == TEXT
            await pilot.press("ctrl+y")
            assert editor.text == put
            await pilot.press("f7", "backspace", "ctrl+z", "ctrl+y", "ctrl+z")
            assert editor.text == put and editor.document.line_count > editor.cursor_location[0]
