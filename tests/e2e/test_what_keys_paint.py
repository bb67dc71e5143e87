"""What is painted for a key, piece by piece, is what a whole new screen shows, colours and all."""

from __future__ import annotations

from pyte.screens import Char
from terminal import Terminal

SIZE = (120, 40)


def painted(terminal: Terminal) -> list[list[tuple[object, ...]]]:
    """Each cell of the screen: its sign, and how that looks."""
    terminal.silence(0.8)  # longer than from one frame to the next
    columns, rows = SIZE
    return [[look(terminal.screen.buffer[row][column]) for column in range(columns)] for row in range(rows)]


def look(cell: Char) -> tuple[object, ...]:
    """A blank has no ink, whatever its colour: a plot joins blanks to what stands before them."""
    has_ink = cell.data != " " or cell.underscore or cell.strikethrough or cell.reverse
    return tuple(cell if has_ink else cell._replace(fg=""))


def painted_anew(terminal: Terminal) -> list[list[tuple[object, ...]]]:
    """By a window that is another for a moment."""
    columns, rows = SIZE
    for width in (columns + 1, columns):
        before = len(terminal.written)
        terminal.resize(width, rows)
        terminal.wait_for(lambda before=before: len(terminal.written) > before + 2000, "a whole screen")
    return painted(terminal)


def test_what_keys_paint_is_what_a_whole_screen_shows(tmp_path):
    """The keyboard goes to a knob, into the editor and away; a page opens and closes, and a theme."""
    # Over a slow line no cursor blinks; of that a variable tells Textual before it is imported.
    with Terminal(tmp_path, "--slow-line", size=SIZE, anew=True) as terminal:
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
            piece_by_piece = painted(terminal)
            anew = painted_anew(terminal)
            differing = [
                (row, column, cell, anew[row][column])
                for row, line in enumerate(piece_by_piece)
                for column, cell in enumerate(line)
                if cell != anew[row][column]
            ]
            assert not differing, keys
