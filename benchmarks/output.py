"""What a live and an idle screen cost: bytes to the terminal, time on the processor."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.playing import playground, training
from benchmarks.terminal import Terminal
from initplay.ui import ahead, garbage

MOST_KILOBYTES, MOST_KILOBYTES_SLOW = 20, 6.5
MOST_IDLE_SHARE = 0.003
LIVE = 8.0
"""Seconds of a live run, of which the first few, whose axes still move, paint half as much again."""


def output(quick: bool) -> Iterator[Figure]:
    still = 3.0 if quick else 8.0
    with training() as opened:
        painted, busy = watch(opened, LIVE)
        yield rate("terminal output of a live run, 120 x 40", painted / LIVE / 1000, MOST_KILOBYTES)
        yield Figure("processor time of the screen meanwhile", f"{busy:.1%} of a core")
        opened.forget()
        opened.press("x")
        opened.wait_for("stopped")
        yield from idle("idle after a run", opened, still)
        opened.press("e")
        opened.wait_for("leave the editor")
        yield from idle("idle with the editor open", opened, still)
    with training("--slow-line") as opened:
        painted, _ = watch(opened, LIVE)
        yield rate("a live run with --slow-line", painted / LIVE / 1000, MOST_KILOBYTES_SLOW)
    with playground() as opened:
        yield from idle("idle at home", opened, still)


def rate(what: str, kilobytes: float, most: float) -> Figure:
    return Figure(what, f"{kilobytes:.1f} KB/s", f"<= {most} KB/s", kilobytes <= most)


def idle(what: str, opened: Terminal, watched: float) -> Iterator[Figure]:
    # What was asked for before may finish, what will be needed be imported, and garbage be collected.
    opened.read(garbage.REST * (len(ahead.MODULES) + 1) + 4)
    painted, busy = watch(opened, watched)
    yield Figure(f"{what}: terminal output", f"{painted} bytes in {watched:.0f} s", "0 bytes", painted == 0)
    kept = busy <= MOST_IDLE_SHARE
    yield Figure(f"{what}: processor time", f"{busy:.2%} of a core", f"<= {MOST_IDLE_SHARE:.1%}", kept)


def watch(opened: Terminal, duration: float) -> tuple[int, float]:
    """Bytes painted and share of a core used by the screen's process within so many seconds."""
    opened.forget()
    before = opened.worked()
    opened.read(duration)
    return len(opened.output), (opened.worked() - before) / duration
