"""What the screen's process holds after run upon run."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import psutil

from benchmarks.figures import Figure, slope
from benchmarks.playing import playground

MOST_MEGABYTES = 120
DOWN = "\x1b[B"


def memory(quick: bool) -> Iterator[Figure]:
    """Runs with 3,000 events, one after the other, as fast as they end."""
    lasting = 6.0 if quick else 45.0
    times: list[float] = []
    megabytes: list[float] = []
    with playground() as opened:
        opened.press(DOWN)
        process = psutil.Process(opened.pid)
        began = time.monotonic()
        while time.monotonic() - began < lasting:
            opened.forget()
            opened.press("r")
            opened.wait_for(re.compile(rf"run {len(times) + 1} · finished"))
            times.append(time.monotonic() - began)
            megabytes.append(process.memory_info().rss / 1e6)
    yield Figure(
        f"resident memory of the screen after {len(times)} runs",
        f"{megabytes[-1]:.1f} MB",
        f"<= {MOST_MEGABYTES} MB",
        megabytes[-1] <= MOST_MEGABYTES,
    )
    later = len(times) // 3  # what is loaded at first use is no growth
    if len(times) - later > 1:
        per_minute = slope(times[later:], megabytes[later:]) * 60
        yield Figure("  its growth, after the first third", f"{per_minute:+.2f} MB a minute")
