"""The playground with the benchmarks' own lesson running, as a learner would have it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.launch import INITPLAY
from benchmarks.terminal import Terminal, terminal

COURSE = Path(__file__).parent / "course"


@contextmanager
def playground(*options: str) -> Iterator[Terminal]:
    """At home, with the lab ready."""
    with terminal([*INITPLAY, "--lessons", str(COURSE), *options]) as opened:
        opened.wait_for("lab ready")
        yield opened


@contextmanager
def training(*options: str) -> Iterator[Terminal]:
    """In the lesson, training on every core, with some moments to scrub through."""
    with playground(*options) as opened:
        opened.press("r")
        opened.wait_for(re.compile(r"step [1-9]\d+ so far"))
        yield opened
