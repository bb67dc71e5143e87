"""Lines that carry less than is drawn: keys are answered, and the screen is right in the end."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from terminal import Terminal, course_of

SLOW = 60_000
"""Bytes a second, of which the course below draws more than twice as many."""
KERNEL = 64 * 1024
"""What a pseudo-terminal may hold that has been written and not been read."""
FRAME = 40_000
"""More than a whole screen of 120x40 takes."""
STORM = [(200 - turn * 53 % 161, 60 - turn * 17 % 51) for turn in range(50)]
"""Between 200x60 and 40x10."""


@pytest.fixture
def course(tmp_path):
    """A course whose one experiment draws more than a slow line carries, for minutes."""
    command = course_of(
        tmp_path,
        "noise",
        "Noise",
        "import time\n\nimport torch\n\nfrom initplay.lab import Axes, Histogram, Point\n\n\n"
        "def noise(moments: int = 100_000):\n"
        '    yield Axes("noise", x="moment", y="value")\n'
        "    for moment in range(moments):\n"
        '        yield Point("noise", moment, torch.randn(()), series="one")\n'
        '        yield Point("noise", moment, torch.randn(()), series="other")\n'
        '        yield Histogram("draws", torch.randn(100), at=moment)\n'
        "        time.sleep(0.01)\n",
    )
    return (*command, "--fps", "60")


@pytest.fixture
def at_work(tmp_path, course):
    """A playground in the middle of a run that fills every line."""
    with Terminal(tmp_path, command=course, size=(120, 40)) as terminal:
        terminal.until("Noise", "lab ready")
        terminal.send("r")
        terminal.until("running", "moment")
        yield terminal


def settle(terminal: Terminal) -> None:
    """Stop the run, and wait until everything is written."""
    terminal.send("x")
    terminal.until("■ run 1 · stopped")
    terminal.silence(0.5)


def assert_right(terminal: Terminal) -> None:
    """What was painted piece by piece is what a whole new screen shows."""
    shown = terminal.text
    before = len(terminal.written)
    terminal.send("tt")
    terminal.wait_for(lambda: len(terminal.written) > before, "two repaints")
    terminal.silence(0.5)
    assert shown == terminal.text


def storm(terminal: Terminal) -> None:
    """Of resizes, which end in a right screen."""
    for size in STORM:
        terminal.resize(*size)
        terminal.read(0.01)
    terminal.resize(110, 35)
    terminal.until("▶ run 1 · running", "? help")
    settle(terminal)
    assert_right(terminal)
    assert {len(line) for line in terminal.text.splitlines()[1:-1]} == {110}


def test_over_a_slow_line_a_key_is_answered_next_and_a_storm_of_resizes_is_weathered(at_work):
    """A key's frame waits for what the kernel holds and for the frame that is being written, for no other."""
    at_work.bytes_per_second = SLOW
    at_work.read(3)
    for key, shown in (("?", True), ("\x1b", False)):
        before = len(at_work.written)
        at_work.send(key)
        at_work.wait_for(lambda shown=shown: at_work.shows("esc closes") == shown, f"an answer to {key!r}")
        assert len(at_work.written) - before < KERNEL + 3 * FRAME
        at_work.read(0.3)
    storm(at_work)


@pytest.mark.long
def test_over_a_fast_line_a_storm_of_resizes_is_weathered(at_work):
    storm(at_work)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_attached_again_at_another_size_tmux_shows_a_right_screen(tmp_path, course):
    tmux = ["tmux", "-u", "-S", str(tmp_path / "socket")]

    def shown() -> str:
        return subprocess.run(
            [*tmux, "capture-pane", "-p"], capture_output=True, text=True, check=True
        ).stdout

    try:
        with Terminal(tmp_path, size=(140, 40), command=[*tmux, "new-session", *course]) as terminal:
            terminal.until("Noise", "lab ready")
            terminal.send("r")
            terminal.until("▶ run 1 · running", "moment")
            terminal.send("\x02d")
            assert terminal.wait() == 0
        with Terminal(tmp_path, size=(100, 30), command=[*tmux, "attach-session"]) as terminal:
            terminal.until("▶ run 1 · running", "? help")
            settle(terminal)
            before = shown()
            assert max(map(len, before.splitlines())) == 100
            assert_right(terminal)
            assert shown() == before
    finally:
        subprocess.run([*tmux, "kill-server"], capture_output=True, check=False)
