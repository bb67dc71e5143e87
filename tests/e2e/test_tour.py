"""A learner's tour of the bench in a real terminal: the real course and engine, and nothing but keys."""

from __future__ import annotations

import base64
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from terminal import INITPLAY, Terminal

WIDE, NARROW = (140, 40), (80, 24)
DOWN, LEFT, RIGHT, HOME, END = "\x1b[B", "\x1b[D", "\x1b[C", "\x1b[H", "\x1b[F"
SHIFT_RIGHT = "\x1b[1;2C"
F4, ENTER, ESCAPE, CTRL_G, CTRL_L, CTRL_R, CTRL_S = "\x1bOS", "\r", "\x1b", "\x07", "\x0c", "\x12", "\x13"
BROKEN = 28
"""The layer from which on the chain's std is no number, with the seed that everyone begins with."""
ENDS = "layer 31 of 31"
"""It stops soon after."""


@contextmanager
def at_the_chain(home: Path, size: tuple[int, int] = WIDE) -> Iterator[Terminal]:
    """Lesson 02 at its third step, which multiplies by a hundred random matrices."""
    with Terminal(home, size=size, command=INITPLAY) as terminal:
        terminal.until("Press enter to begin", "A layer", "lab ready")
        terminal.send(DOWN + DOWN + ENTER)
        terminal.until("Random weights", "step 1 of")
        terminal.go_on(2)
        terminal.go_on(3)
        terminal.until("A hundred layers")
        yield terminal


def run_to_the_end(terminal: Terminal, number: int = 1) -> None:
    terminal.send("r")
    terminal.until(f"✓ run {number} · finished", ENDS)


def click(terminal: Terminal, column: int, row: int) -> None:
    """With the left button, at a cell counted from 0."""
    place = f"{column + 1};{row + 1}"
    terminal.send(f"\x1b[<0;{place}M\x1b[<0;{place}m")


def row_of(terminal: Terminal, pattern: str) -> int:
    return next(row for row, line in enumerate(terminal.screen.display) if re.search(pattern, line))


@pytest.mark.parametrize("size", [NARROW, pytest.param(WIDE, marks=pytest.mark.long)])
def test_a_prediction_is_settled_the_source_is_edited_and_both_are_there_again(tmp_path, size):
    with at_the_chain(tmp_path, size) as terminal:
        predict(terminal)
        terminal.resize(*WIDE)
        make_a_mistake(terminal)
    with Terminal(tmp_path, size=size, command=INITPLAY) as terminal:
        terminal.until("lessons done", "lab ready")
        terminal.send(ENTER)
        terminal.until(f"you said 40, it was {BROKEN} layers.", "You saw: a line")
        terminal.resize(*WIDE)
        find_the_mistake(terminal)


def predict(terminal: Terminal) -> None:
    terminal.send("g")
    terminal.wait_for(lambda: not terminal.shows("n next"), "the cursor to stand where the number goes")
    terminal.send("40" + ENTER)
    terminal.until("Now run it: r")
    run_to_the_end(terminal)
    terminal.until(f"you said 40, it was {BROKEN} layers.", "What did you see?", f"NaN from layer {BROKEN}")
    terminal.wait_for(lambda: len(re.findall("you said 40", terminal.text)) > 1, "the guess on the chart")
    terminal.send("g")
    terminal.wait_for(lambda: not terminal.shows("n next"), "the cursor to stand where the line goes")
    terminal.send("a line" + ENTER)
    terminal.until("You saw: a line", "float32 ends at")


def make_a_mistake(terminal: Terminal) -> None:
    terminal.send("e")
    terminal.until("ctrl+r run", "def chain(")
    terminal.send(ENTER + "raise RuntimeError('my own mistake')" + ENTER)
    terminal.until("source (edited)", "my own mistake")
    terminal.send(CTRL_R)
    terminal.until("stopped at line", "RuntimeError: my own mistake")
    (line,) = set(re.findall(r"stopped at line (\d+)", terminal.text))
    terminal.until(f"{line}✗ raise Runtime")
    terminal.send(CTRL_G)
    terminal.until("your text against the lesson's", "raise RuntimeError", "+")
    terminal.send(ESCAPE)
    terminal.wait_for(lambda: not terminal.shows("your text against"), "the editor again")


def find_the_mistake(terminal: Terminal) -> None:
    """A visit begins with the lesson's own text, and f4 brings back what was edited."""
    terminal.send("e")
    terminal.until("ctrl+r run", "def chain(")
    terminal.wait_for(lambda: not terminal.shows("source (edited)"), "the lesson's own text")
    terminal.send(F4)
    terminal.until("source (edited)", "my own mistake")
    terminal.send(CTRL_L)
    terminal.wait_for(lambda: not terminal.shows("source (edited)"), "the lesson's own text")
    terminal.send(CTRL_R)
    terminal.until("✓ run", "finished", ENDS)


def test_time_is_slowed_and_turned_back_and_a_run_is_saved_replayed_copied_and_repeated(tmp_path):
    with at_the_chain(tmp_path) as terminal:
        turn_time(terminal)
        terminal.send("z")
        run_to_the_end(terminal, 2)
        terminal.send(CTRL_S)
        terminal.until("Saved as")
        terminal.send("y")
        terminal.until("Copied.")
        clipboard = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)", terminal.written)
        env = terminal.environment
    (saved,) = (tmp_path / "data" / "runs").glob("*.jsonl")
    (card,) = (tmp_path / "data" / "cards").glob("*.txt")
    assert base64.b64decode(clipboard[-1]).decode() == card.read_text("utf-8")
    command = next(line for line in card.read_text("utf-8").splitlines() if "initplay run " in line)
    arguments = command[command.index("initplay run ") :].split()[1:]
    for again in (arguments, ["replay", str(saved)]):
        done = subprocess.run([*INITPLAY, *again, "--plain"], capture_output=True, env=env, check=True)
        assert f"NaN from layer {BROKEN}" in done.stdout.decode()
    with Terminal(tmp_path, "replay", str(saved), size=WIDE, command=INITPLAY) as terminal:
        terminal.until("✓ run 1 · finished", ENDS)
        terminal.send(HOME)
        terminal.until("layer 0 of 31")


def turn_time(terminal: Terminal) -> None:
    """Slow a run, hold it, step on, go back, and stop it; then the mouse moves the scrubber."""
    terminal.send("zr")
    terminal.until("▶ run 1 · running, in slow motion")
    terminal.wait_for(lambda: layer(terminal) > 1, "a few layers")
    terminal.send(" ")
    terminal.until("‖ run 1 · paused")
    here = layer(terminal)
    terminal.send("...")
    # Or four: what the run yielded before it was held may come after the word that it is.
    terminal.wait_for(lambda: layer(terminal) >= here + 3, "three layers more")
    terminal.send(HOME)
    terminal.until("layer 0 of")
    terminal.send(RIGHT)
    terminal.until("layer 1 of", "at layer 1 ")
    terminal.send(" ")
    terminal.until("▶ run 1 · running")
    terminal.send("x")
    terminal.until("■ run 1 · stopped")
    terminal.send(HOME + RIGHT + RIGHT)
    terminal.until("layer 2 of", "at layer 2 ")
    terminal.send(END + LEFT)
    terminal.wait_for(lambda: layer(terminal) > 2, "the last layer but one")
    click(terminal, terminal.screen.columns // 2 + 5, row_of(terminal, r"━.*layer \d+ (?:of|so far)"))
    terminal.wait_for(lambda: layer(terminal) < 15, "the scrubber to follow the mouse")


def layer(terminal: Terminal) -> int:
    """Where the scrubber says that it stands."""
    found = re.search(r"layer (\d+) (?:of|so far)", terminal.text)
    return int(found[1]) if found else -1


def test_a_wreck_is_explained_and_runs_are_compared_on_one_draw_and_over_seeds(tmp_path):
    with at_the_chain(tmp_path) as terminal:
        run_to_the_end(terminal)
        terminal.send("w")
        terminal.until("NaN", "3.4")
        terminal.send(ENTER)
        terminal.until(f"layer {BROKEN} of 31")
        terminal.send("?")  # a chart says how to read it
        terminal.until("esc closes", "Across is layer, up is std")
        terminal.send(ESCAPE)
        terminal.until(f"layer {BROKEN} of 31")
        terminal.send(END)
        terminal.until(ENDS)
        terminal.send("v")
        terminal.until("pinned", "auto")
        terminal.send(SHIFT_RIGHT)
        terminal.until("✓ run 2 · finished", "against run 1: scale 1 → ", "─ run 1")
        terminal.send("p")
        terminal.until("✓ run 2", "pinned")
        terminal.send(ESCAPE)
        terminal.wait_for(lambda: not terminal.shows("←→ turn"), "the knob to be left")
        terminal.send("l")
        terminal.until("run 2 chain", "run 1 chain", "pinned")
        terminal.send(DOWN + ENTER)
        terminal.until("✓ run 1", "pinned")
        terminal.send("f")
        terminal.until("8 of 8 seeds", "the line is the median, the band the range of all runs")
        terminal.send("p")
        terminal.until("pinned")
        terminal.send("f")
        terminal.until("✓ run 4 · 8 of 8 seeds", "Against run 3: no bands part, so no verdict.")


@pytest.mark.parametrize(
    "env",
    [
        pytest.param({}, id="colours"),
        pytest.param({"NO_COLOR": "1"}, id="none", marks=pytest.mark.long),
        pytest.param({"TERM": "xterm", "COLORTERM": None}, id="16", marks=pytest.mark.long),
    ],
)
def test_nothing_is_clipped_at_any_size(tmp_path, env):
    """Every line of the panels ends in its border, and what must be seen is, on both grounds."""
    sizes = [(80, 24), (200, 60), (100, 30), (140, 40)]  # up, and down, and up again
    with Terminal(tmp_path, size=sizes[0], command=INITPLAY, env=env) as terminal:
        terminal.until("Press enter to begin", "A layer", "lab ready")
        terminal.send(DOWN + DOWN)
        terminal.run_first()
        terminal.until("✓ run 1 · finished")
        for columns, rows in sizes:
            terminal.resize(columns, rows)
            terminal.send("t")
            terminal.until("Random weights", "✓ run 1 · finished", "n next", "? help", "layer 2 of 2")
            if columns >= 100:  # else one panel has the whole width, and no border
                terminal.wait_for(lambda: set(edge(terminal)) <= set("╮│╯"), "borders at every line's end")


def edge(terminal: Terminal) -> str:
    """The last column between the title bar and the key bar."""
    return "".join(line[-1] for line in terminal.screen.display[1:-1])
