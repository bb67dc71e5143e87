"""Thirty learners on one box, five of whom run something at any time: what they wait for, what they cost."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from pathlib import Path
from statistics import fmean, median

from benchmarks.figures import Figure, percentile, scatter, seconds
from benchmarks.keys import said
from benchmarks.room import ESCAPE, Answer, Learner, Room, bytes_of, room
from benchmarks.runs import LINEAR
from initplay.engine.cores import cores

LEARNERS = 30
AT_ONCE = 5
"""Runs that go on at any time."""
P95 = 0.100
MOST_GIGABYTES = 4.0
MOST_OF_ITS_SHARE = 2.0
"""How much longer a run may take than its share of what the screens leave would make it: more is starving."""
MOST_IDLE_SHARE = 0.003
ENTER, LEFT, RIGHT = "\r", "\x1b[D", "\x1b[C"
TYPED = {
    "page": ("n", "b"),
    "help": ("?", ESCAPE),
    "to the knobs": ("k",),
    "knob": (RIGHT, LEFT, ESCAPE),
    "formulas": ("i", ESCAPE),
    "edit": ("e",),
    "letter": ("x", "y", "z", ESCAPE),
}
"""What a learner types who runs nothing."""
UNTIMED = (ESCAPE,)
"""It is one only once nothing has followed for a while."""
THOUGHT = (0.1, 0.9)
"""Seconds between two keys."""


def class_(quick: bool, learners: int = LEARNERS) -> Iterator[Figure]:
    loop = asyncio.new_event_loop()
    found = figures(learners, 10.0 if quick else 30.0)
    try:
        while (figure := loop.run_until_complete(anext(found, None))) is not None:
            yield figure
    finally:
        loop.run_until_complete(found.aclose())
        loop.close()


async def figures(learners: int, lasting: float) -> AsyncGenerator[Figure, None]:
    with tempfile.TemporaryDirectory(prefix="initplay-bench-") as course:
        put_in_course(Path(course))
        began = time.perf_counter()
        async with room(learners, ["--lessons", course]) as here:
            ready = [await one.wait_for("lab ready") - began for one in here.learners]
            yield Figure(f"{learners} come at once: until the last one's lab is ready", seconds(max(ready)))
            await at_the_bench(here)
            yield await idle(here, 5.0)
            alone = [await here.learners[0].run() for _ in range(3)]
            yield Figure("a run while the others read", seconds(median(alone)), scatter=scatter(alone))
            await asyncio.gather(*(types_once(one) for one in writers_of(here.learners)))
            keys, runs, screens = await lesson_time(here, lasting)
            for figure in keys_waited(keys, here.learners):
                yield figure
            for figure in runs_waited(runs, median(alone), runs_at_once(here.learners), screens):
                yield figure
            async for figure in memory(here):
                yield figure
            yield await all_leave(here)


def put_in_course(course: Path) -> None:
    """A course of two steps, with a run of a second on the bench."""
    lesson = course / LINEAR.lesson.name
    lesson.mkdir()
    (lesson / "experiment.py").write_bytes(LINEAR.path.read_bytes())
    knobs = "\n".join(f"{name} = {value}" for name, value in LINEAR.knobs.items())
    run = f"```run {LINEAR.experiment}\n{knobs}\n```"
    steps = f"## One\n\n{run}\n\nRun.\n\n## Two\n\n{run}\n\nAgain."
    (lesson / "lesson.md").write_text(f"# Run\n\n{steps}\n\n## Sources\n\nNone.\n")


async def at_the_bench(here: Room) -> None:
    """Everybody opens the lesson."""
    for learner in here.learners:
        learner.terminal.forget()
        learner.terminal.press(ENTER)
    for learner in here.learners:
        await learner.wait_for("step 1 of 2")
    await asyncio.sleep(6)  # what comes in rests has come


async def idle(here: Room, watched: float) -> Figure:
    before = here.worked()
    await asyncio.sleep(watched)
    share = (here.worked() - before) / watched / len(here.learners)
    what = "processor time of a learner who reads: screen, server, next run"
    return Figure(what, f"{share:.2%} of a core", f"<= {MOST_IDLE_SHARE:.1%}", share <= MOST_IDLE_SHARE)


async def lesson_time(here: Room, lasting: float) -> tuple[list[Answer], list[float], float]:
    """What each key took, and seconds of each run, while a third of the class types and five others run; and
    how many cores the screens took."""
    writers = writers_of(here.learners)
    others = here.learners[len(writers) :]
    began, before = time.perf_counter(), here.worked("screen")
    until = began + lasting
    keys: list[Answer] = []
    runs: list[float] = []
    turns: asyncio.Queue[Learner] = asyncio.Queue()
    for learner in others:
        turns.put_nowait(learner)
    await asyncio.gather(
        *(types(learner, until, keys) for learner in writers),
        *(runs_in_turns(turns, until, runs) for _ in range(runs_at_once(here.learners))),
    )
    screens = (here.worked("screen") - before) / (time.perf_counter() - began)
    return keys, runs, screens


def writers_of(learners: Sequence[Learner]) -> Sequence[Learner]:
    """Those who type; the others run, in turns."""
    return learners[: max(1, len(learners) // 3)]


def runs_at_once(learners: Sequence[Learner]) -> int:
    return min(AT_ONCE, len(learners) - len(writers_of(learners)))


async def types_once(learner: Learner) -> None:
    """What a key needs when it is first pressed is there afterwards."""
    for keys in TYPED.values():
        for key in keys:
            await learner.press(key, "")


async def types(learner: Learner, until: float, taken: list[Answer]) -> None:
    while True:
        for what, keys in TYPED.items():
            for key in keys:
                await asyncio.sleep(random.uniform(*THOUGHT))
                if time.perf_counter() > until:
                    return
                answer = await learner.press(key, what)
                if key not in UNTIMED:
                    taken.append(answer)


async def runs_in_turns(turns: asyncio.Queue[Learner], until: float, taken: list[float]) -> None:
    """Whose turn it is runs once, then the next one, so that as many run at any time as do this."""
    while time.perf_counter() < until:
        learner = await turns.get()
        taken.append(await learner.run())
        turns.put_nowait(learner)


def keys_waited(keys: Sequence[Answer], learners: Sequence[Learner]) -> Iterator[Figure]:
    waited = [answer.waited for answer in keys]
    typing, running = len(writers_of(learners)), runs_at_once(learners)
    what = f"key to last byte, {typing} type, {running} run: {len(keys)} keys"
    yield Figure(what, said(waited), f"p95 <= {seconds(P95)}", percentile(waited, 95) <= P95)
    for kind in TYPED:
        if of_kind := [answer for answer in keys if answer.what == kind]:
            works = fmean(answer.worked for answer in of_kind)
            words = f"{said([answer.waited for answer in of_kind])}, works {seconds(works)}"
            yield Figure(f"  of these: {kind}", words)


def runs_waited(runs: Sequence[float], alone: float, at_once: int, screens: float) -> Iterator[Figure]:
    """Against a run alone, times what as many as share the cores that screens leave should make of it. They
    come first, and take more the more learners type."""
    left = max(0.1, cores() - screens)
    of_share = [one / alone / max(1.0, at_once / left) for one in runs]
    yield Figure(
        f"the slowest of {len(runs)} runs / alone x its share of the {left:.1f} cores that screens leave",
        f"{max(of_share):.2f} x (median {median(of_share):.2f} x)",
        f"<= {MOST_OF_ITS_SHARE:.2f} x",
        max(of_share) <= MOST_OF_ITS_SHARE,
    )
    times = [one / alone for one in runs]
    yield Figure("  a run / alone", f"median {median(times):.1f} x, slowest {max(times):.1f} x")


async def memory(here: Room) -> AsyncIterator[Figure]:
    processes = here.processes()
    held = {kind: bytes_of(of_kind) / 1e6 for kind, of_kind in processes.items()}
    total = sum(held.values()) / 1e3
    what = f"memory of {len(here.learners)} learners, everything that they share included"
    yield Figure(what, f"{total:.2f} GB", f"<= {MOST_GIGABYTES:g} GB", total <= MOST_GIGABYTES)
    each = {kind: held[kind] / max(1, len(processes[kind])) for kind in held}
    yield Figure("  a learner's screen", f"{each['screen']:.1f} MB")
    yield Figure("  and its part of the fork server", f"{each['server']:.1f} MB")
    yield Figure("  and the process of its next run", f"{each['run']:.1f} MB")


async def all_leave(here: Room) -> Figure:
    wrong = [word for word in await asyncio.gather(*(one.leave() for one in here.learners)) if word]
    until = time.perf_counter() + 5.0
    while (left := here.left_behind()) and time.perf_counter() < until:
        await asyncio.sleep(0.05)
    wrong += [f"{name} is left" for name in left]
    what = f"what {len(here.learners)} leave behind: processes, terminals"
    return Figure(what, ", ".join(sorted(set(wrong))) or "nothing", "nothing", not wrong)
