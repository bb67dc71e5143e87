"""One's own editor gets the terminal and gives it back: its screen, its keys, and the run that went on."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from terminal import ALTERNATE_SCREEN, COURSE, INITPLAY, Terminal, course_of, gone

SIZE = (140, 40)
NOTE = "ctrl+r run · ctrl+g diff"
NOTE_OR_PROBLEM = "^r run this text"
PASTE = 2004
"""The mode of bracketed paste, the last that the playground switches on."""
OPEN, CLOSE = "\x0f", "\x1b"
UNDO, RUN, RESET = "\x1a", "\x12", "\x0c"


def editor(folder: Path, *lines: str) -> str:
    """What to set $EDITOR to, for these lines of Python to be run on the file."""
    script = folder / "my editor.py"
    heading = ("import os, pathlib, signal, sys, termios, time, tty", "file = pathlib.Path(sys.argv[-1])")
    script.write_text("\n".join((*heading, *lines)))
    return f"{sys.executable} '{script}'"


class Shared(NamedTuple):
    """A playground for several tests, each with an editor of its own."""

    terminal: Terminal
    folder: Path

    def edits_with(self, *lines: str) -> None:
        editor(self.folder, *lines)


@pytest.fixture(scope="module")
def opened(tmp_path_factory, joins) -> Iterator[Shared]:
    """Left in good order when all are done."""
    folder = tmp_path_factory.mktemp("editor")
    env = {"EDITOR": editor(folder), "VISUAL": None}
    with Terminal(folder, size=SIZE, env=env | joins) as terminal:
        in_the_editor(terminal)
        yield Shared(terminal, folder)
        terminal.send(CLOSE)
        terminal.until("? help")
        terminal.send("q")
        assert terminal.wait() == 0
        assert all(terminal.restored().values()), terminal.restored()


@pytest.fixture
def shared(opened) -> Shared:
    """In the editor, with the lesson's own text."""
    terminal = opened.terminal
    terminal.send(CLOSE)
    terminal.until("? help")
    terminal.send("e")
    terminal.until(NOTE_OR_PROBLEM)
    terminal.send(RESET)
    terminal.wait_for(lambda: not terminal.shows("source (edited)"), "the lesson's own text")
    return opened


def in_the_editor(terminal: Terminal) -> None:
    terminal.until("A line that climbs", "lab ready")
    terminal.send("\r")
    terminal.until("step 1 of")
    terminal.send("e")
    terminal.until(NOTE, "FACTOR = 1")


def moment(terminal: Terminal) -> int:
    """The newest of a run that goes on."""
    found = re.search(r"moment (\d+)", terminal.text)
    return int(found[1]) if found else 0


def test_what_is_typed_behind_the_key_for_it_is_kept(tmp_path, joins):
    """An editor that ends at once, and keys that come while the terminal changes hands."""
    # What the terminal itself would echo meanwhile stands anywhere in what the playground writes.
    silent = ("sh", "-c", 'stty -echo && exec "$@"', "sh", *INITPLAY, "--lessons", str(COURSE))
    env = {"EDITOR": "true", "VISUAL": None}
    with Terminal(tmp_path, size=SIZE, env=env | joins, command=silent) as terminal:
        in_the_editor(terminal)
        for turn in range(6):
            terminal.send(OPEN)
            for letter in f"#{turn}bcdefghij":
                time.sleep(0.0004 * (turn % 4))  # as a hand does, so that some come at each point of it
                terminal.send(letter)
            terminal.until(f"#{turn}bcdefghij")


def test_what_it_saves_is_an_edit_that_runs_and_can_be_undone(shared):
    terminal = shared.terminal
    shared.edits_with(
        "print('hello from the editor', end='', flush=True)",
        "assert input() == 'go'",
        "file.write_text(file.read_text().replace('FACTOR = 1', 'FACTOR = 3'))",
    )
    terminal.send(OPEN)
    terminal.until("hello from the editor")
    assert not terminal.on(ALTERNATE_SCREEN) and not any(map(terminal.on, (1000, 1003, 1004, PASTE)))
    terminal.send("go\n")
    terminal.until(NOTE, "FACTOR = 3", "source (edited)")
    assert terminal.on(ALTERNATE_SCREEN) and terminal.on(1000)
    terminal.send(RUN)
    terminal.until("finished", "last 15")
    terminal.send("e")
    terminal.until(NOTE)
    terminal.send(UNDO)
    terminal.until("FACTOR = 1")
    terminal.wait_for(lambda: not terminal.shows("source (edited)"), "the lesson's own text")


def test_a_run_goes_on_meanwhile_and_is_all_there(tmp_path):
    release = tmp_path / "release"
    command = editor(
        tmp_path,
        "print('hello from the editor', end='', flush=True)",
        f"while not pathlib.Path({str(release)!r}).exists(): time.sleep(0.01)",
    )
    slow = course_of(
        tmp_path,
        "wait",
        "A slow one",
        "import time\n\nfrom initplay.lab import Point\n\n\n"
        "def wait(moments: int = 100_000):\n"
        "    for moment in range(moments):\n"
        '        yield Point("time", moment, moment)\n'
        "        time.sleep(0.01)\n",
    )
    with Terminal(tmp_path, size=SIZE, env={"VISUAL": command}, command=slow) as terminal:
        terminal.until("A slow one", "lab ready")
        terminal.send("r")
        terminal.wait_for(lambda: moment(terminal) > 10, "a run that goes on")
        before = moment(terminal)
        terminal.send("e")
        terminal.until(NOTE_OR_PROBLEM)  # the line of keys has changed too
        terminal.send(OPEN)
        terminal.until("hello from the editor")
        terminal.written = b""
        terminal.read(1)
        assert terminal.written == b"", "nothing is painted over the editor"
        release.touch()
        # What stood there before the editor still does: of a second screen pyte knows nothing.
        terminal.wait_for(lambda: terminal.on(PASTE), "the playground in its terminal")
        terminal.until(NOTE, "▶ run 1 · running")
        terminal.send(CLOSE)
        terminal.until("? help")
        terminal.send("c")
        terminal.wait_for(lambda: moment(terminal) > before + 50, "what came while the editor was open")
        terminal.send("x")
        terminal.until("■ run 1 · stopped")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["file.write_text('lost')", "sys.exit(3)"], "ended with exit code 3, so the text stays as it was."),
        (["tty.setraw(0)", "os.kill(os.getpid(), signal.SIGKILL)"], "ended with SIGKILL"),
    ],
    ids=["fails", "dies and leaves the terminal raw"],
)
def test_an_editor_that_ends_badly_leaves_text_and_terminal_right(shared, lines, says):
    terminal = shared.terminal
    shared.edits_with(*lines)
    terminal.send(OPEN)
    terminal.until(says, "FACTOR = 1")
    assert terminal.on(ALTERNATE_SCREEN) and terminal.on(1000)
    terminal.send("# typed ")
    terminal.until("# typed", "source (edited)")


def test_an_editor_that_is_not_installed(tmp_path):
    with Terminal(tmp_path, size=SIZE, env={"EDITOR": "no-such-editor", "VISUAL": None}) as terminal:
        in_the_editor(terminal)
        terminal.send(OPEN)
        terminal.until("The editor 'no-such-editor' cannot be started", "FACTOR = 1")


def test_the_interrupt_key_reaches_the_editor_and_not_the_playground(shared):
    terminal = shared.terminal
    shared.edits_with(
        "def caught(*_):",
        "    file.write_text(file.read_text() + '# interrupted\\n')",
        "    sys.exit(0)",
        "signal.signal(signal.SIGINT, caught)",
        "print('hello from the editor', end='', flush=True)",
        "signal.pause()",
    )
    terminal.send(OPEN)
    terminal.until("hello from the editor")
    terminal.send("\x03")
    terminal.until(NOTE, "# interrupted")


def test_a_playground_that_is_ended_ends_the_editor(tmp_path):
    command = editor(tmp_path, "print('editor', os.getpid(), flush=True)", "signal.pause()")
    with Terminal(tmp_path, size=SIZE, env={"EDITOR": command, "VISUAL": None}) as terminal:
        in_the_editor(terminal)
        terminal.send(OPEN)
        terminal.wait_for(lambda: re.search(r"editor (\d+)", terminal.text), "the editor")
        said = re.search(r"editor (\d+)", terminal.text)
        family = terminal.family()
        assert said and int(said[1]) in [process.pid for process in family]
        assert len(family) > 1, "the editor is there, and what runs experiments"
        os.kill(terminal.process.pid, signal.SIGTERM)
        terminal.wait()
        assert all(terminal.restored().values()), terminal.restored()
        assert gone(family)
