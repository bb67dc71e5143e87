"""Terminals that show ASCII alone: no other byte reaches them, on any screen, and text keeps its meaning."""

from __future__ import annotations

import pytest
from terminal import COURSE, INITPLAY, Terminal

ENTER, ESCAPE, LEFT, DOWN, CTRL_P, CTRL_S = "\r", "\x1b", "\x1b[D", "\x1b[B", "\x10", "\x13"


WIDE = (140, 40)


@pytest.mark.parametrize("size", [WIDE, pytest.param((80, 24), marks=pytest.mark.long)])
def test_a_tour_of_every_screen_writes_nothing_but_ascii(tmp_path, size):
    with Terminal(tmp_path, "--ascii", size=size, command=INITPLAY) as terminal:
        terminal.until("Press enter to begin", "lab ready", "Divide by sqrt(n)")
        terminal.send(DOWN * 5 + ENTER)
        terminal.until("05 sqrt(2/n), and what", "a std of sqrt(2/n)", "* Predict")
        terminal.send("r")
        terminal.until("+ run 1 . finished in", "mean square", "[ ] off")
        if size == WIDE:
            assert_framed(terminal)
        terminal.send(LEFT)
        terminal.until("stage 1 of 2")
        for key, shown in (
            ("?", "esc closes"),
            ("w", "esc closes"),
            ("i", "n_in * v forward"),
            (CTRL_P, "Search for commands"),
        ):
            terminal.send(key)
            terminal.until(shown)
            terminal.send(ESCAPE)
            terminal.wait_for(lambda shown=shown: not terminal.shows(shown), "a page that closes")
        for key, shown in (
            (CTRL_S, "Saved as"),
            ("l", "run 1 layer"),
            ("e", "^r run this text"),
            (ESCAPE, "n next"),
        ):
            terminal.send(key)
            terminal.until(shown)
        terminal.send("tn")
        terminal.until("step 2 of ")
        terminal.send("q")
        assert terminal.wait() == 0
        assert terminal.written.isascii()


def assert_framed(terminal: Terminal) -> None:
    """The frames of the text and of the bench stand under one another: every row is as wide as ever."""
    lines = terminal.screen.display[2:-2]
    edge = lines[0].index("||")
    assert all(line[0] == line[edge] == line[edge + 1] == line[-1] == "|" for line in lines)


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "ascii"},
        pytest.param({"LC_ALL": "en_US.ISO-8859-1"}, marks=pytest.mark.long),
        pytest.param({"LC_ALL": None, "LANG": "de_DE.ISO-8859-15"}, marks=pytest.mark.long),
    ],
)
def test_a_terminal_that_says_so_gets_ascii_unasked(tmp_path, env):
    with Terminal(tmp_path, env=env) as terminal:
        terminal.until("A line that climbs")
        terminal.run_first()
        terminal.until("+ run 1 . finished in", "last 5")
        terminal.send("q")
        assert terminal.wait() == 0
        assert terminal.written.isascii()


@pytest.mark.parametrize(
    "env", [pytest.param({"TERM": "linux"}, marks=pytest.mark.long), {"LC_ALL": "en_US.ISO-8859-1"}]
)
def test_no_ascii_overrules_what_it_says(tmp_path, env):
    with Terminal(tmp_path, "--no-ascii", env=env) as terminal:
        terminal.until("A line that climbs")
        terminal.run_first()
        terminal.until("✓ run 1 · finished in", "last 5")


@pytest.mark.parametrize("command", [("run", "climb/climb"), ("list",), ("--help",)])
def test_the_commands_heed_it_too(tmp_path, command):
    with Terminal(tmp_path, "--lessons", str(COURSE), "--ascii", *command, command=INITPLAY) as terminal:
        assert terminal.wait() == 0
        assert terminal.written.replace(b"\r\n", b"\n").isascii()
