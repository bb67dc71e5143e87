"""Each cell of the screen has a character of ASCII that is as wide."""

from __future__ import annotations

import io
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pilots import bench, lesson, playing, run_to, screen, session, shows, tap, until
from rich.cells import cell_len
from textual.color import Color
from textual.scrollbar import ScrollBarRender
from textual.widgets import Input, TextArea

from initplay.look import Look, look_for, why_ascii
from initplay.ui.terminal.ascii import AsciiFilter, in_cells
from initplay.words.spelling import CELLS

ASCII = Look(ascii=True)


@given(st.text())
@example("é́")
@example("👨‍👩‍👧 ❤️ 日本 ｆ")
def test_any_text_keeps_its_width(text):
    shown = in_cells(text)
    assert shown.isascii() and cell_len(shown) == cell_len(text)


@pytest.mark.parametrize("character", CELLS)
def test_what_stands_for_a_character_is_as_wide(character):
    assert CELLS[character].isascii() and len(CELLS[character]) == cell_len(character)


def test_marks_that_are_told_apart_stay_apart():
    for marks in ("●◐○", "✓✗■▶", "←→↑↓", "━●─"):
        assert len({in_cells(mark) for mark in marks}) == len(marks)


def test_a_scrollbar_is_of_its_colours_alone():
    """Its ends were a `_` or a `#` behind the last letter of a line, and read with it."""
    bar = ScrollBarRender.render_bar(size=10, virtual_size=35, window_size=10, position=3).segments
    assert any(not segment.text.isascii() for segment in bar)
    drawn = AsciiFilter().apply(list(bar), Color(0, 0, 0))
    assert all(segment.text == " " for segment in drawn)
    assert [segment.style for segment in drawn] == [segment.style for segment in bar]


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (40, 10)])
async def test_every_screen_is_ascii(home, size):
    async with playing(home, look=ASCII, size=size) as pilot:
        assert screen(pilot).isascii() and shows(pilot, "enter open")
        tap(pilot, "enter")
        await until(pilot, lambda: lesson(pilot).prose.border_title)
        await run_to(pilot)
        for keys in ("?", "w", "i", "ctrl+p", "e", "l", "o", "c", "k"):
            tap(pilot, keys)
            await pilot.pause()
            assert screen(pilot).isascii(), keys
            tap(pilot, "escape")
            await pilot.pause()


async def test_what_an_experiment_says_is_spelled(home):
    async with playing(home, look=ASCII) as pilot:
        tap(pilot, "enter")
        await until(pilot, lambda: lesson(pilot).prose.border_title)
        session(pilot).setting.source = session(pilot).setting.source.replace("it ended", "√16 · it ended")
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "> sqrt(16) - it ended at 5"))


async def test_over_a_slow_line_nothing_moves(home):
    async with playing(home, look=look_for(ascii=False, slow_line=True)) as pilot:
        assert pilot.app.animation_level == "none"


async def test_no_cursor_blinks_where_one_types(home):
    async with playing(home) as pilot:
        tap(pilot, "enter")
        await until(pilot, lambda: lesson(pilot).prose.border_title)
        await bench(pilot).open_source()
        await until(pilot, lambda: lesson(pilot).query(TextArea))
        editor = lesson(pilot).query_one(TextArea)
        await until(pilot, lambda: editor.has_focus and not editor.cursor_blink)
        tap(pilot, "ctrl+f")
        await until(pilot, lambda: type(typed := pilot.app.focused) is Input and not typed.cursor_blink)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({}, ""),
        ({"LANG": "C"}, ""),
        ({"LANG": "en_US.UTF-8"}, ""),
        ({"LC_ALL": "C.utf8", "LANG": "de_DE.ISO-8859-1"}, ""),
        ({"LC_ALL": "", "LC_CTYPE": "de_DE.ISO-8859-15@euro"}, "LC_CTYPE is de_DE.ISO-8859-15@euro"),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "en_US.ISO-8859-1"}, "LANG is en_US.ISO-8859-1"),
        ({"TERM": "linux", "LANG": "en_US.UTF-8"}, "TERM is linux"),
        ({"TERM": "xterm-256color", "LANG": "en_US.UTF-8"}, ""),
    ],
)
def test_what_a_terminal_says_of_itself(environment, words):
    assert why_ascii(environment) == words


@pytest.mark.parametrize(("encoding", "ascii"), [("ascii", True), ("latin-1", True), ("utf-8", False)])
def test_where_python_writes_no_unicode_nothing_but_ascii_is_drawn(monkeypatch, encoding, ascii):
    for variable in ("TERM", "LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(sys, "__stderr__", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert look_for().ascii is ascii
