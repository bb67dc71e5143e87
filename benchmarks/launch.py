"""From the command to the first frame, to the lab, and to the version."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, alternate, ratio
from benchmarks.terminal import environment, terminal

INITPLAY = (sys.executable, "-m", "initplay")

_MINIMAL_APP = """
from textual.app import App
from textual.widgets import Label


class Minimal(App):
    def compose(self):
        yield Label("Hello")


Minimal().run()
"""

MOST = 1.25


def first_frame(quick: bool) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="initplay-bench-") as folder:
        minimal = Path(folder) / "minimal.py"
        minimal.write_text(_MINIMAL_APP)

        def painted(command: tuple[str, ...], worked: list[float]) -> float:
            with terminal(command) as opened:
                seconds = opened.wait_for() - opened.began
                worked.append(opened.worked())
                return seconds

        ours: list[float] = []
        theirs: list[float] = []
        taken = alternate(
            lambda: painted(INITPLAY, ours),
            lambda: painted((sys.executable, str(minimal)), theirs),
            3 if quick else 15,
            most=None if quick else MOST,
        )
    yield ratio("launch to first painted frame / minimal Textual app", *taken, MOST)
    yield ratio("  the same in processor time, which a busy machine changes less", ours, theirs)


def lab_ready(quick: bool) -> Iterator[Figure]:
    def ready() -> float:
        with terminal(INITPLAY) as opened:
            return opened.wait_for("lab ready") - opened.began

    taken = alternate(ready, lambda: python("-c", "import torch"), 3 if quick else 7)
    yield ratio("launch to lab ready / import torch", *taken, 1.00)


def version(quick: bool) -> Iterator[Figure]:
    taken = alternate(
        lambda: python("-m", "initplay", "--version"), lambda: python("-c", "pass"), 10 if quick else 30
    )
    yield ratio("initplay --version / python -c pass", *taken, 3.00)


def imports(quick: bool) -> Iterator[Figure]:
    """What the screen's process loads; torch and numpy may not be among it."""
    taken = alternate(
        lambda: python("-c", "import initplay.ui.app"),
        lambda: python("-c", "import textual.app"),
        3 if quick else 9,
    )
    yield ratio("import initplay.ui.app / import textual.app", *taken)
    loaded = subprocess.run(
        [sys.executable, "-c", "import initplay.ui.app, initplay.ui.lesson.screen, sys; print(*sys.modules)"],
        env=environment(tempfile.gettempdir()),
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    heavy = sorted({"torch", "numpy"} & set(loaded))
    what = "heavy modules in the screen's process"
    yield Figure(what, ", ".join(heavy) or "none", "none", not heavy, counted=True)


def python(*arguments: str) -> float:
    """Seconds from start to end of a Python process."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        env=environment(tempfile.gettempdir()),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - began
