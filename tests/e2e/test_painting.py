"""What is painted by the short ways is what pyte itself paints."""

from __future__ import annotations

import painting
import pyte
from hypothesis import example, given
from hypothesis import strategies as st

COLOURS = ("", "0", "1;31", "38;2;1;2;3", "48;5;200;7", "38;2", ";4", "27", "90000")
MODES = (
    "\x1b[?5h",
    "\x1b[?5l",
    "\x1b[4h",
    "\x1b[4l",
    "\x1b[?7l",
    "\x1b[?7h",
    "\x1b(0",
    "\x1b(B",
    "\x0e",
    "\x0f",
)
OTHERS = (
    "\x1b[5n",
    "\x1b[K",
    "\x1b[2J",
    "\x1b[3;4H",
    "\x1b[",
    "\x1b[3",
    "\x1b]0;title\x07",
    "\x1bM",
    "\x1b%@",
)
TEXTS = (*"a │█é漢\u0301\u200b\x00\x07\t\r\n\b", "plain text", "a line that is longer than the screen")
PIECES = [*TEXTS, *(f"\x1b[{numbers}m" for numbers in COLOURS), *MODES, *OTHERS, "\x1b%G"]


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=12), max_size=6))
@example([["\x1b[4h", "a"], ["\x1b[1;31m", "漢"]])
@example([["漢", "漢", "\b", "a"]])
def test_any_stream_however_it_is_cut(parts):
    """Cell by cell: pyte's `display` is made of these, and of half a wide character it makes an error."""
    kinds = [(pyte.Screen, pyte.ByteStream), (painting.Screen, painting.Stream)]
    screens = []
    for make_screen, make_stream in kinds:
        screen = make_screen(20, 5)
        stream = make_stream(screen)
        for part in parts:
            stream.feed("".join(part).encode())
        screens.append(screen)
    pyte_s, ours = (
        (
            [[screen.buffer[row][column] for column in range(20)] for row in range(5)],
            (screen.cursor.x, screen.cursor.y, screen.cursor.attrs),
        )
        for screen in screens
    )
    assert ours == pyte_s
