"""What enters from the terminal is such that every widget, file and wire can take it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pilots import in_lesson, lesson, until
from textual import events
from textual.geometry import Size
from textual.widgets import Input

from initplay.ui.editor.editor import Editor
from initplay.ui.terminal.entered import SMALLEST, clean, cleaned

HALF = "\ud83d"
"""Of a surrogate pair."""


@pytest.mark.parametrize(
    ("text", "clean_text"),
    [
        ("", ""),
        ("x = 1\n\ty = 'α 😀'\n", "x = 1\n\ty = 'α 😀'\n"),
        ("a\r\nb\rc\n\rd", "a\nb\nc\n\nd"),
        ("a\u2028b\u2029c\x85d\x0be\x0cf\x1cg", "a\nb\nc\nd\ne\nf\ng"),
        ("a\x00b\x1b[31mc\x7f\x9bd\x07", "ab[31mcd"),
        (f"a{HALF}b", "a\N{REPLACEMENT CHARACTER}b"),
        ("\ufeffx = 1", "x = 1"),
        ("\ude00\ud83d", "\N{REPLACEMENT CHARACTER}" * 2),
    ],
)
def test_text_is_made_clean(text, clean_text):
    assert clean(text) == clean_text


@given(st.text(alphabet=st.characters(codec=None), max_size=60) | st.text("\r\n\x0b\x85\u2028\t\x1b\ud83da"))
def test_clean_text_has_lines_and_tabs_and_no_other_control_and_can_be_written(text):
    made = clean(text)
    made.encode("utf-8")
    assert clean(made) == made
    assert made.split("\n") == [*made.splitlines(), *([""] if made.endswith("\n") or not made else [])]
    assert all(character in "\n\t" or ord(character) >= 32 for character in made)


@pytest.mark.parametrize(
    ("size", "drawn"), [((0, 0), (20, 5)), ((1, 60), (20, 60)), ((300, 1), (300, 5)), ((80, 24), (80, 24))]
)
def test_a_window_too_small_to_draw_in_is_drawn_as_if_it_were_larger(size, drawn):
    event = cleaned(events.Resize(Size(*size), Size(*size)))
    assert isinstance(event, events.Resize)
    assert event.size == Size(*drawn)
    assert event.size.width >= SMALLEST.width and event.size.height >= SMALLEST.height


def test_a_key_that_is_no_character_is_none():
    assert cleaned(events.Key("x", HALF)) is None
    for key in (events.Key("x", "x"), events.Key("up", None), events.Key("ctrl+a", "\x01")):
        assert cleaned(key) is key


async def test_half_a_surrogate_pair_comes_into_the_editor_as_a_sign_for_it(home):
    async with in_lesson(home) as pilot:
        await pilot.press("e")
        await until(pilot, lambda: isinstance(lesson(pilot).focused, Editor))
        editor = lesson(pilot).query_one(Editor)
        pilot.app.post_message(events.Paste(f"# {HALF}a\r\n"))
        pilot.app.post_message(events.Key("x", HALF))
        await until(pilot, lambda: "# \N{REPLACEMENT CHARACTER}a\n" in editor.text)
        await pilot.press("b")
        assert HALF not in editor.text


async def test_and_into_a_line_of_text(home):
    async with in_lesson(home) as pilot:
        await pilot.press("k", "enter")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        line = pilot.app.focused
        assert isinstance(line, Input)
        pilot.app.post_message(events.Paste(f"7{HALF}"))
        pilot.app.post_message(events.Key("x", HALF))
        await until(pilot, lambda: "7\N{REPLACEMENT CHARACTER}" in line.value)
        await pilot.press("8")
        assert HALF not in line.value
