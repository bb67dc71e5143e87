"""Print the table: `python -m benchmarks [--quick] [NAME ...]`.

The exit code says whether everything could be measured, not what came of it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator

from benchmarks import drawing, engine, keys, launch, leaderboard, memory, output, runs
from benchmarks.figures import Figure, Unmeasured

BENCHMARKS: dict[str, Callable[[bool], Iterator[Figure]]] = {
    "frame": launch.first_frame,
    "lab": launch.lab_ready,
    "version": launch.version,
    "imports": launch.imports,
    "keys": keys.latency,
    "runs": engine.runs,
    "seeds": engine.seeds,
    "restarts": engine.restarts,
    "pictures": engine.pictures,
    "leaderboard": leaderboard.leaderboard,
    "screen": runs.on_screen,
    "output": output.output,
    "memory": memory.memory,
    "drawing": drawing.drawing,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure initplay's budgets.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, under a minute")
    asked = parser.parse_args()
    unknown = sorted(set(asked.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}: there are {', '.join(BENCHMARKS)}")

    began = time.monotonic()
    print(line("what", "measured", "budget", ""))
    failed = False
    for name in asked.names or BENCHMARKS:
        try:
            for figure in BENCHMARKS[name](asked.quick):
                verdict = "" if figure.kept is None else "ok" if figure.kept else "OVER"
                print(line(figure.what, figure.measured, figure.budget, verdict), flush=True)
        except Unmeasured as problem:
            failed = True
            print(f"{name} could not be measured: {problem}", file=sys.stderr)
    print(f"{time.monotonic() - began:.0f} s")
    return int(failed)


def line(what: str, measured: str, budget: str, verdict: str) -> str:
    return f"{what:<66} {measured:<38} {budget:<26} {verdict}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
