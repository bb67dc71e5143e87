"""What the screen's process holds after run upon run."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psutil

from benchmarks.figures import Figure
from benchmarks.playing import playground

MOST_MEGABYTES = 120
DOWN = "\x1b[B"


def memory(quick: bool) -> Iterator[Figure]:
    """Runs with 3,000 events, one after the other, as fast as they end.

    Garbage is let go in one piece now and then, so that what is held rises and falls by 20 MB within 200
    runs: only its highest of many runs can be compared.
    """
    runs = 90 if quick else 2_000
    megabytes: list[float] = []
    with playground() as opened:
        opened.press(DOWN)
        process = psutil.Process(opened.pid)
        for run in range(1, runs + 1):
            opened.forget()
            opened.press("r")
            opened.wait_for(re.compile(rf"run {run} · finished"))
            megabytes.append(process.memory_info().rss / 1e6)
    most = max(megabytes)
    yield Figure(
        f"most resident memory of the screen, {runs} runs",
        f"{most:.1f} MB",
        f"<= {MOST_MEGABYTES} MB",
        most <= MOST_MEGABYTES,
    )
    third = runs // 3  # the first is no measure: much is loaded at its first use
    grown = max(megabytes[-third:]) - max(megabytes[third : 2 * third])
    yield Figure("  the last third's most over the middle third's", f"{grown:+.1f} MB")
