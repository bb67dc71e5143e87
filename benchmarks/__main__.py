"""Print the table: `python -m benchmarks [--quick] [NAME ...]`.

`python -m benchmarks class [--learners N]` has a class on this box, `python -m benchmarks walk` goes through
the whole course; they are in no other table.

The exit code says whether everything could be measured, not what came of it. Where others used the machine
before or after, or what was measured lies so far apart that its median may be on either side of the budget,
there is no verdict.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

import psutil

from benchmarks import (
    class_,
    drawing,
    engine,
    events,
    examining,
    keys,
    launch,
    leaderboard,
    memory,
    output,
    runs,
    sweep,
    walk,
)
from benchmarks.figures import Figure, Unmeasured
from benchmarks.machine import forgetting

BENCHMARKS: dict[str, Callable[[bool], Iterator[Figure]]] = {
    "frame": launch.first_frame,
    "lab": launch.lab_ready,
    "version": launch.version,
    "imports": launch.imports,
    "keys": keys.latency,
    "events": events.events,
    "runs": engine.runs,
    "seeds": engine.seeds,
    "restarts": engine.restarts,
    "pictures": engine.pictures,
    "leaderboard": leaderboard.leaderboard,
    "screen": runs.on_screen,
    "output": output.output,
    "memory": memory.memory,
    "drawing": drawing.drawing,
    "examining": examining.examining,
    "class": class_.class_,
    "sweep": sweep.sweep,
    "walk": walk.walk,
}
BY_NAME_ALONE = {"class", "walk"}
"""Two gigabytes and two minutes; ten minutes: to be asked for."""

TOO_BUSY = "too busy to tell"
MOST_BY_OTHERS = 0.15
"""Share of the machine; where others use more, no verdict is worth anything."""
WATCHED = 0.5
"""Seconds before and after each benchmark in which the machine is watched."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure initplay's budgets.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, under a minute")
    parser.add_argument("--learners", type=int, default=class_.LEARNERS, metavar="N", help="of `class`")
    asked = parser.parse_args()
    unknown = sorted(set(asked.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}: there are {', '.join(BENCHMARKS)}")

    if asked.learners < 2:
        parser.error("a class has two learners or more")

    began = time.monotonic()
    print(line("what", "measured", "scatter", "budget", ""))
    failed = False
    untold = 0
    busiest = others = used_by_others()
    benchmarks = {**BENCHMARKS, "class": partial(class_.class_, learners=asked.learners)}
    for name in asked.names or [name for name in BENCHMARKS if name not in BY_NAME_ALONE]:
        figures, problem = measured(benchmarks[name](asked.quick))
        before, others = others, used_by_others()
        busiest = max(busiest, others)
        for figure in figures:
            verdict = verdict_on(figure, max(before, others))
            untold += verdict == TOO_BUSY
            scatter = "" if figure.scatter is None else f"{figure.scatter:.0%}"
            print(line(figure.what, figure.measured, scatter, figure.budget, verdict), flush=True)
        if problem:
            failed = True
            print(f"{name} could not be measured: {problem}", file=sys.stderr)
    if untold:
        print(f"{TOO_BUSY}, {untold} times: others used up to {busiest:.0%} of the machine before or after")
        print(f"({MOST_BY_OTHERS:.0%} is too much), or its median may be on either side of the budget.")
        print("Measure again when it is at rest.")
    if forgets := forgetting():
        print(forgets)
    print(f"{time.monotonic() - began:.0f} s")
    return int(failed)


def measured(figures: Iterator[Figure]) -> tuple[list[Figure], Unmeasured | None]:
    """The figures as far as they could be measured, and what kept the rest from it."""
    taken: list[Figure] = []
    try:
        for figure in figures:
            taken.append(figure)  # what there is stays, should the next one fail
    except Unmeasured as problem:
        return taken, problem
    return taken, None


def used_by_others() -> float:
    """The share of all cores that is used while nothing of ours runs. The load average would count what the
    benchmark before has used, for a minute."""
    return psutil.cpu_percent(WATCHED) / 100


def verdict_on(figure: Figure, others: float) -> str:
    if figure.kept is None:
        return ""
    if not figure.counted and (others > MOST_BY_OTHERS or not figure.told):
        return TOO_BUSY
    return "ok" if figure.kept else "OVER"


def line(what: str, measured: str, scatter: str, budget: str, verdict: str) -> str:
    return f"{what:<66} {measured:<38} {scatter:>7}  {budget:<26} {verdict}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
