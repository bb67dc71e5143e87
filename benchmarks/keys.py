"""From a key press to the repaint it asked for, while an experiment and others want every core."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.figures import Figure, Unmeasured, percentile, seconds
from benchmarks.playing import playground, training
from benchmarks.terminal import Terminal
from initplay.worker.manners import NICENESS

P95, P99 = 0.050, 0.100


@dataclass
class Key:
    """A key that is pressed again and again, and what its repaint says.

    A running experiment paints all the time, so a repaint counts only when it says something new, in the
    pattern's first group; a pattern without one is painted for no other reason than the key.
    """

    name: str
    presses: tuple[str, ...]
    """Pressed in turn."""
    shows: re.Pattern[str]
    before: str = ""
    """What is pressed once, to get there."""
    after: str = ""
    undo: tuple[str, ...] = ()
    """What is pressed after each press, and not measured."""
    rest: float = 0.0
    """Seconds after its repaint in which it still has something to do: who presses it once does not wait."""
    last: str | None = None

    def note(self, text: str) -> None:
        """What the screen says before the key is pressed."""
        for match in self.shows.finditer(text):
            if self.shows.groups:
                self.last = match[1]

    def answered(self, text: str) -> bool:
        for match in self.shows.finditer(text):
            if not self.shows.groups:
                return True
            if match[1] != self.last:
                self.last = match[1]
                return True
        return False


LEFT, RIGHT, ESCAPE = "\x1b[D", "\x1b[C", "\x1b"


def keys_of_a_lesson() -> list[Key]:
    return [
        Key("scrub", (LEFT, RIGHT), re.compile(r"step ([\d.e]+) of"), before=LEFT * 5),
        Key("knob", (LEFT, RIGHT), re.compile(r"seconds\s+━*●─* (\d+)"), before="k", after=ESCAPE),
        Key("page", ("n", "b"), re.compile(r"step (\d) of 2\b")),
        Key("theme", ("t",), re.compile(r"A training run that keeps going"), rest=0.4),
        Key("help", ("?",), re.compile(r"esc closes"), undo=("?",)),
        Key("formulas", ("i",), re.compile(r"esc closes"), undo=("i",)),
        Key("why", ("w",), re.compile(r"esc closes"), undo=("w",)),
        Key("edit", ("e",), re.compile(r"cross_entropy"), undo=(ESCAPE, "c")),
    ]


def keys_of_home() -> list[Key]:
    return [Key("open a lesson", ("\r",), re.compile(r"step 1 of 2\b"), undo=(ESCAPE,))]


def latency(quick: bool) -> Iterator[Figure]:
    each = 15 if quick else 60
    taken: list[float] = []
    by_key: list[Figure] = []
    for place, keys in ((playground, keys_of_home()), (training, keys_of_a_lesson())):
        with place() as opened, busy_cores():
            for key in keys:
                of_key, worked = press_again_and_again(opened, key, each)
                taken += of_key
                by_key.append(Figure(f"  of these: {key.name}", f"{said(of_key)}, works {seconds(worked)}"))
    yield Figure(
        f"key press to repaint, every core busy: {len(taken)} presses",
        said(taken),
        f"p95 <= {seconds(P95)}, p99 <= {seconds(P99)}",
        percentile(taken, 95) <= P95 and percentile(taken, 99) <= P99,
    )
    yield from by_key


def said(taken: list[float]) -> str:
    return ", ".join(f"p{percent} {seconds(percentile(taken, percent))}" for percent in (50, 95, 99))


def press_again_and_again(opened: Terminal, key: Key, times: int) -> tuple[list[float], float]:
    """The seconds of each press, and the mean of those on the processor, which a busy machine changes less.

    The first press, which shows where the key begins, is not counted.
    """
    opened.press(key.before)
    opened.read(0.5)
    opened.forget()  # a scrubber, too, may have said "step 2 of 2"
    taken, worked = [], 0.0
    for number in range(times + 1):
        waited, spent = pressed(opened, key, key.presses[number % len(key.presses)])
        if number:
            taken.append(waited)
            worked += spent
        for stroke in key.undo:
            opened.press(stroke)
            opened.read(0.4)
        opened.read(key.rest)
    opened.press(key.after)
    opened.read(0.5)
    return taken, worked / times


def pressed(opened: Terminal, key: Key, stroke: str) -> tuple[float, float]:
    """Seconds by the clock, and on the processor."""
    opened.read(random.uniform(0.03, 0.13))  # at no fixed moment of the charts' ten a second
    key.note(opened.text())
    opened.forget()
    before = opened.worked()
    began = time.perf_counter()
    opened.press(stroke)
    for arrived in opened.paintings(patience=10.0):
        if key.answered(opened.text()):
            return arrived - began, opened.worked() - before
    raise Unmeasured(f"The key {key.name} was not answered; painted was {opened.text()[-300:]!r}.")


# Linux may share the cores out among sessions first, and weigh niceness within each alone.
_BURN = f"""
import contextlib, os
os.nice({NICENESS})
with contextlib.suppress(OSError), open("/proc/self/autogroup", "w") as session:
    session.write("{NICENESS}")
while True:
    pass
"""


@contextmanager
def busy_cores() -> Iterator[None]:
    """A process for each core that does nothing but use it, as nice as the worker is."""
    burning = [
        subprocess.Popen([sys.executable, "-c", _BURN], start_new_session=True)
        for _ in range(os.cpu_count() or 1)
    ]
    try:
        yield
    finally:
        for process in burning:
            process.kill()
            process.wait()
