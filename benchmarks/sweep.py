"""A sweep of short runs, from the command line: how much of what the cores do is the runs themselves."""

from __future__ import annotations

import importlib.util
import json
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure, Unmeasured, seconds
from benchmarks.launch import INITPLAY
from benchmarks.playing import COURSE
from benchmarks.terminal import ROOT, environment
from initplay.engine.cores import cores

LEAST, LEAST_ON_A_CLUSTER = 0.70, 0.60
"""Of all cores over the whole time."""
RUNS, RUNS_IF_QUICK = 1_000, 200
AT_FIRST = 20
"""Runs of a sweep that is measured to know what its start takes, in each of its workers."""


@dataclass(frozen=True)
class Swept:
    """What a sweep took, in seconds."""

    own: float
    """Of the cores, by the runs' own code."""
    cpu: float
    """Of the cores, by all of the sweep's processes."""
    wall: float

    def without(self, other: Swept) -> Swept:
        return Swept(self.own - other.own, self.cpu - other.cpu, self.wall - other.wall)


def sweep(quick: bool) -> Iterator[Figure]:
    """On all cores of this machine: by threads of the command's own, and by a cluster of Dask's."""
    count = RUNS_IF_QUICK if quick else RUNS
    yield from _figures("on all cores", count, LEAST)
    if importlib.util.find_spec("distributed") is None:
        raise Unmeasured("Dask is not installed here: pip install 'initplay[cluster]'.")
    yield from _figures("on a cluster of Dask's here", count, LEAST_ON_A_CLUSTER, "--cluster", "local")


def _figures(where: str, count: int, least: float, *options: str) -> Iterator[Figure]:
    start, whole = _swept(AT_FIRST, *options), _swept(count, *options)
    runs = whole.without(start)
    what = f"{count:,} runs of {seconds(whole.own / count)} {where}"
    share = runs.own / (cores() * runs.wall)
    yield Figure(f"{what}: of the cores' time", f"{share:.0%}", f">= {least:.0%}", share >= least)
    beside = (runs.cpu - runs.own) / (count - AT_FIRST)
    yield Figure(
        f"{what}: of the time that it used", f"{runs.own / runs.cpu:.0%} ({seconds(beside)} more a run)"
    )
    of_all = whole.own / (cores() * whole.wall)
    yield Figure(f"{what}: the start included", f"{of_all:.0%} ({seconds(start.wall)} to start)")


def _swept(count: int, *options: str) -> Swept:
    """A sweep of so many runs, each of which is kept in a file."""
    with tempfile.TemporaryDirectory(prefix="initplay-bench-") as home:
        asked = ["short/short", f"k=0..1:{count}", "--save", f"{home}/kept.jsonl"]
        before, began = _cpu_of_children(), time.perf_counter()
        ended = subprocess.run(
            [*INITPLAY, "--lessons", str(COURSE), "sweep", *asked, *options, "--json"],
            cwd=ROOT,
            env=environment(home),
            capture_output=True,
            text=True,
        )
        wall, cpu = time.perf_counter() - began, _cpu_of_children() - before
        if ended.returncode:
            raise Unmeasured(f"the sweep failed: {ended.stderr.strip() or ended.stdout.strip()[-300:]}")
        kept = Path(home, "kept.jsonl").read_text(encoding="utf-8").splitlines()[1:]
        return Swept(sum(json.loads(line)["facts"]["cpu"] for line in kept), cpu, wall)


def _cpu_of_children() -> float:
    """Seconds of processes that have ended, with all that they started and waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
