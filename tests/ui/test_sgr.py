"""Fewer bytes, and the same cells in the same styles."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color
from rich.style import Style

from initplay.ui.terminal.sgr import without_repeats

COLUMNS, ROWS = 12, 3


def cells(*painted: str) -> list[list[pyte.screens.Char]]:
    """What a terminal shows of it, style and all."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.Stream(screen)
    for text in painted:
        stream.feed(text)
    return [[screen.buffer[row][column] for column in range(COLUMNS)] for row in range(ROWS)]


colours = st.one_of(
    st.none(),
    st.integers(0, 255).map(Color.from_ansi),
    st.tuples(*[st.integers(0, 255)] * 3).map(lambda rgb: Color.from_rgb(*rgb)),
)
weights = st.fixed_dictionaries(
    {name: st.sampled_from((None, True)) for name in ("bold", "italic", "underline", "reverse", "strike")}
)
styles = st.builds(
    lambda colour, ground, weight: Style(color=colour, bgcolor=ground, **weight), colours, colours, weights
)
texts = st.text("ab █", max_size=3)
by_rich = st.builds(lambda style, text: style.render(text), styles, texts)
places = st.builds(lambda row, column: f"\x1b[{row};{column}H", st.integers(1, ROWS), st.integers(1, COLUMNS))
parameters = st.lists(
    st.sampled_from(
        ["", "0", "1", "3", "4", "22", "24", "27", "31", "39", "44", "49", "97", "38;5;9", "48;5;0"]
    ),
    max_size=4,
).map(";".join)
by_anybody = st.builds(lambda chosen, text: f"\x1b[{chosen}m{text}", parameters, texts)
erased = st.sampled_from(["\x1b[K", "\x1b[2J", "\x1b[?2026h", "\x1b]2;a title\x07"])


def joined(*pieces: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(st.one_of(*pieces), max_size=12).map("".join)


@given(joined(by_rich, places, texts))
def test_what_rich_writes_looks_the_same(painted):
    fewer = without_repeats(painted)
    assert cells(fewer) == cells(painted)
    assert len(fewer) <= len(painted)


@given(st.lists(joined(by_rich, by_anybody, places, texts, erased), max_size=4))
def test_whatever_is_written_looks_the_same_write_by_write(writes):
    assert cells(*map(without_repeats, writes)) == cells(*writes)


@pytest.mark.parametrize(
    ("painted", "fewer"),
    [
        ("plain", "plain"),
        ("\x1b[1;31ma\x1b[0m", "\x1b[1;31ma\x1b[0m"),
        ("\x1b[0m\x1b[31;40ma\x1b[0m\x1b[32;40mb\x1b[0m", "\x1b[0;31;40ma\x1b[32mb\x1b[0m"),
        ("\x1b[0m\x1b[31;40ma\x1b[0m\x1b[2;1H\x1b[31;40mb\x1b[0m", "\x1b[0;31;40ma\x1b[2;1Hb\x1b[0m"),
        ("\x1b[0m\x1b[31ma\x1b[0m\x1b[1;31mb\x1b[0m", "\x1b[0;31ma\x1b[1mb\x1b[0m"),
        ("\x1b[0m\x1b[1;31ma\x1b[0m\x1b[31mb\x1b[0m", "\x1b[0;1;31ma\x1b[0;31mb\x1b[0m"),
        # Dim is another weight than bold, and the colour of an underline has numbers that are no weights.
        ("\x1b[0m\x1b[1ma\x1b[0m\x1b[2mb\x1b[0m", "\x1b[0;1ma\x1b[0;2mb\x1b[0m"),
        ("\x1b[0m\x1b[1ma\x1b[0m\x1b[1;2mb\x1b[0m", "\x1b[0;1ma\x1b[2mb\x1b[0m"),
        ("\x1b[0m\x1b[31ma\x1b[0m\x1b[58;5;0;31;1mb\x1b[0m", "\x1b[0;31ma\x1b[0;58;5;0;31;1mb\x1b[0m"),
        # One on top of another is the terminal's affair.
        ("\x1b[0m\x1b[1ma\x1b[22mb\x1b[1mc", "\x1b[0;1ma\x1b[22mb\x1b[1mc"),
        ("\x1b[0m\x1b[31;40ma\x1b[0m\x1b[31mb\x1b[0mc", "\x1b[0;31;40ma\x1b[0;31mb\x1b[0mc"),
    ],
)
def test_what_is_known_is_not_said_again(painted, fewer):
    assert without_repeats(painted) == fewer
