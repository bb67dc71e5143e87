"""What is painted for a key, piece by piece, is what a whole new screen shows, colours and all."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from pyte.screens import Char
from terminal import Terminal

LESSONS = Path(__file__).parents[2] / "lessons"


def cells(terminal: Terminal) -> list[list[tuple[object, ...]]]:
    """Each cell of the screen: its sign, and how that looks."""
    columns, rows = terminal.screen.columns, terminal.screen.lines
    return [[look(terminal.screen.buffer[row][column]) for column in range(columns)] for row in range(rows)]


def look(cell: Char) -> tuple[object, ...]:
    """A blank has no ink, whatever its colour and weight: a plot joins blanks to what stands before them."""
    has_ink = cell.data != " " or cell.underscore or cell.strikethrough or cell.reverse
    return tuple(cell if has_ink else cell._replace(fg="", bold=False, italics=False))


def by_another_size(terminal: Terminal) -> None:
    columns, rows = terminal.screen.columns, terminal.screen.lines
    for width in (columns + 1, columns):
        before = len(terminal.written)
        terminal.resize(width, rows)
        terminal.wait_for(lambda before=before: len(terminal.written) > before + 2000, "a whole screen")


def by_another_theme(terminal: Terminal) -> None:
    """Which moves nothing."""
    for _ in range(2):
        before = len(terminal.written)
        terminal.send("t")
        terminal.wait_for(lambda before=before: len(terminal.written) > before + 2000, "a whole screen")


def assert_whole(terminal: Terminal, paint_anew: Callable[[Terminal], None] = by_another_size) -> None:
    """What is painted is what a screen shows that is painted anew."""
    terminal.silence(0.8)  # longer than from one frame to the next
    piece_by_piece, shown = cells(terminal), terminal.text
    paint_anew(terminal)
    terminal.wait_for(lambda: cells(terminal) == piece_by_piece, f"what was painted piece by piece:\n{shown}")


def test_what_keys_paint_is_what_a_whole_screen_shows(tmp_path):
    """The keyboard goes to a knob, into the editor and away; a page opens and closes, and a theme."""
    with Terminal(tmp_path, "--slow-line", size=(120, 40), anew=True) as terminal:
        terminal.until("A line that climbs", "lab ready")
        terminal.send("\r")
        terminal.until("press r to run")
        terminal.send("r")
        terminal.until("finished in", "last 5", "measured 5")  # the chart comes last
        for keys, says in (
            ("k", "esc leave"),
            ("\x1b[C", "r: steps 6"),
            ("\x1be\x1b[B", "ctrl+r run"),
            # A bracket and its other one, a line more, and a text that never ends.
            ('(\x1b[D\x1b[B\r"""', "this is not Python"),
            ("\x1b", "? help"),
            ("c?", "esc closes"),
            ("\x1bt", "? help"),
        ):
            terminal.send(keys)
            terminal.until(says)
            assert_whole(terminal)


def test_of_a_first_run_all_is_painted(tmp_path):
    """It brings much to a small screen at once: chart, scrubber, results, notes."""
    command = (sys.executable, "-m", "initplay", "--lessons", str(LESSONS))
    with Terminal(tmp_path, size=(80, 24), anew=True, command=command) as terminal:
        terminal.until("lab ready")
        terminal.send("jj\r")
        terminal.until("step 1 of")
        terminal.send("j" + 5 * "\x1b[B" + "\r")
        terminal.until("step 6 of")
        terminal.send("r")
        terminal.until("finished in", "growth per layer 11")
        assert_whole(terminal, by_another_theme)
