"""What of the figures is the machine's: how it treats memory that was left alone for a while."""

from __future__ import annotations

import mmap
import time

from benchmarks.runs import BETWEEN_RUNS

PAGES = 4096
MOST = 1e-6
"""Seconds a page. The system's own tables are walked in a tenth of that."""


def forgetting() -> str:
    """One sentence where this machine takes longer over each page that was left alone, else empty.

    One that runs inside another virtual machine may: the tables by which the outer one finds the inner one's
    memory are let go within a second, and each page costs a fault again. Whatever rests before it is measured
    has that in it, by the pages that it touches, and more processes touch more.
    """
    with mmap.mmap(-1, PAGES * mmap.PAGESIZE) as memory:
        for place in range(0, len(memory), mmap.PAGESIZE):
            memory[place] = 1
        at_once = _walk(memory)
        time.sleep(BETWEEN_RUNS)
        later = _walk(memory)
    if later < MOST:
        return ""
    return (
        f"This machine takes {later * 1e6:.1f} µs over a page of memory left alone for {BETWEEN_RUNS} s, "
        f"and {at_once * 1e6:.2f} right after: what begins after a rest has that in it."
    )


def _walk(memory: mmap.mmap) -> float:
    """Seconds a page."""
    began = time.perf_counter()
    for place in range(0, len(memory), mmap.PAGESIZE):
        memory[place]
    return (time.perf_counter() - began) / PAGES
