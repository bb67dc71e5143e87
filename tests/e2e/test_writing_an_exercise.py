"""A learner writes an exercise in a real terminal, and runs the lesson with it."""

from __future__ import annotations

import sys
from pathlib import Path

from terminal import Terminal

INITPLAY = (sys.executable, "-m", "initplay")
DOWN, ENTER, F5 = "\x1b[B", "\r", "\x1b[15~"
CTRL_N, CTRL_O, CTRL_S, CTRL_U = "\x0e", "\x0f", "\x13", "\x15"
MISTAKE = "def rms(x):\rreturn x.std()"
MENDED = (
    "    largest = x.abs().max()\rif largest == 0:\rreturn largest\rreturn largest * (x / largest).square()"
)


def test_rms_from_an_empty_page(tmp_path: Path) -> None:
    own_editor = tmp_path / "editor.py"
    own_editor.write_text(
        "import pathlib, sys\nfile = pathlib.Path(sys.argv[-1])\n"
        "file.write_text(file.read_text() + '.mean().sqrt()')\n"
    )
    mine = tmp_path / "data" / "exercises" / "blowup" / "rms_3.py"
    env = {"EDITOR": f"{sys.executable} {own_editor}", "VISUAL": None}
    with Terminal(tmp_path, size=(80, 24), command=INITPLAY, env=env) as terminal:
        terminal.until("Press r now", "A layer", "lab ready")
        terminal.send(DOWN + DOWN + ENTER)
        terminal.until("Random weights", "step 1 of")
        step = 1
        while not terminal.shows("Write it: rms"):
            terminal.send("n")
            step += 1
            terminal.until(f"step {step} of")
        terminal.until("Level 1 of 3, fill the blanks: not begun")
        terminal.send("u")
        terminal.until("3 write it all", "ctrl+s writes it")
        for level in (2, 3):
            terminal.send(CTRL_N)
            terminal.wait_for(mine.with_name(f"rms_{level}.py").exists, f"level {level}")
        terminal.send(MISTAKE + CTRL_S)
        terminal.until("takes the mean away first: 2.872 where 2.5 is right", "expected 2.5 got 2.872")
        assert mine.read_text().endswith("def rms(x):\n    return x.std()"), "it stood where Python wants it"
        terminal.send(CTRL_U)
        terminal.wait_for(lambda: "std" not in mine.read_text(), "the file without that line")
        terminal.send(MENDED)
        terminal.wait_for(lambda: "square()" in mine.read_text(), "the file with what was typed")
        terminal.send(CTRL_O)
        terminal.until("✓ all 8 checks pass", "3 write it all ✓", "F5 runs chain with yours")
        assert mine.read_text().endswith("    return largest * (x / largest).square().mean().sqrt()")
        terminal.send(F5)
        terminal.until("finished", "with your own code · seed 42")
        terminal.send("U")
        terminal.wait_for(
            lambda: terminal.shows("run 2", "finished") and not terminal.shows("with your own code"),
            "the lesson's own code",
        )
        terminal.send("q")
        assert terminal.wait() == 0
