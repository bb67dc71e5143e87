"""The playground under Textual's Pilot: opening it, waiting for what it shows, and reading its screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from time import monotonic
from weakref import WeakSet

from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Resize
from textual.geometry import Offset, Size
from textual.pilot import Pilot
from textual.widget import Widget

from initplay.course.course import Course
from initplay.course.own_net import OwnNet
from initplay.learner.progress import Progress
from initplay.look import ANY_TERMINAL, Look
from initplay.recording.run import Run
from initplay.ui.app import Playground
from initplay.ui.bench.bench import Bench
from initplay.ui.bench.session import Session
from initplay.ui.lesson.screen import LessonScreen
from initplay.ui.terminal.entered import SMALLEST

CHECKOUT = Path(__file__).parents[2]
COURSE = Path(__file__).parent / "course"
WIDE = (140, 40)
NARROW = (80, 24)
LONG = 90
"""Seconds; a limit for what takes two."""
made = 0
"""Playgrounds in this process since it last let go of those that are over."""


def playground(
    home: Path,
    *,
    lessons: Path = COURSE,
    recording: Run | None = None,
    net: OwnNet | None = None,
    look: Look = ANY_TERMINAL,
) -> Playground:
    """A playground whose progress is kept in `home`, with nothing that moves by itself."""
    global made
    made += 1
    app = Playground(
        _read_once(lessons) if lessons.is_relative_to(CHECKOUT) else Course.load(lessons),
        Progress.open(home / "progress.db"),
        data="embedded",
        device="cpu",
        recording=recording,
        net=net,
        look=look,
    )
    app.animation_level = "none"
    return app


@cache
def _read_once(lessons: Path) -> Course:
    """A course that no test writes to; its records are frozen, so that all playgrounds may share them."""
    return Course.load(lessons)


def read_to(progress: Progress, lesson: str, step: int, total: int) -> None:
    """Every step of a lesson up to that one was seen."""
    for seen in range(1, step + 1):
        progress.reach(lesson, seen, total)


@asynccontextmanager
async def playing(
    home: Path,
    *,
    size: tuple[int, int] = WIDE,
    lessons: Path = COURSE,
    recording: Run | None = None,
    net: OwnNet | None = None,
    look: Look = ANY_TERMINAL,
) -> AsyncIterator[Pilot[None]]:
    """A playground that runs, at its first screen."""
    app = playground(home, lessons=lessons, recording=recording, net=net, look=look)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot


@asynccontextmanager
async def in_lesson(
    home: Path, slug: str = "climb", *, step: int = 1, size: tuple[int, int] = WIDE, lessons: Path = COURSE
) -> AsyncIterator[Pilot[None]]:
    """A playground with a lesson open at a step, counted from 1."""
    async with playing(home, size=size, lessons=lessons) as pilot:
        app = pilot.app
        assert isinstance(app, Playground)
        app.push_screen(
            LessonScreen(app.course.find(slug), app.engine, app.machine, app.progress, step=step - 1)
        )
        await until(pilot, lambda: lesson(pilot).prose.border_title)
        await pilot.pause()
        yield pilot


async def until(pilot: Pilot[None], true: Callable[[], object]) -> None:
    """Wait until `true()` is, and until every widget has done what it was told by then: the screen is whole.

    After a minute that is a failure that shows the screen.
    """
    began = monotonic()
    while not _holds(pilot, true):
        if pilot.app._exception is not None:
            raise pilot.app._exception
        now = monotonic()
        if now > began + LONG:
            raise AssertionError("waited in vain; the screen shows:\n" + screen(pilot))
        # To look may be to draw the screen: what takes long is looked at less often.
        await asyncio.sleep(min(max(0.005, (now - began) / 8), 0.03))
    for _ in range(2):  # what the first one did may have told others
        if pilot.app.is_running:
            await pilot._wait_for_screen()


def tap(pilot: Pilot[None], *keys: str) -> None:
    """Press keys without waiting for the app to be idle, which it is not while something runs."""
    for key in keys:
        pilot.app.simulate_key(key)


async def resize(pilot: Pilot[None], width: int, height: int) -> None:
    """As a terminal does it, also while something runs: wait for the layout, not for an idle moment."""
    driver, size = pilot.app._driver, Size(width, height)
    assert isinstance(driver, HeadlessDriver)
    driver._size = size
    pilot.app.post_message(Resize(size, size))
    drawn = Size(max(width, SMALLEST.width), max(height, SMALLEST.height))
    await until(pilot, lambda: pilot.app.screen.outer_size == drawn)


def _holds(pilot: Pilot[None], true: Callable[[], object]) -> bool:
    try:
        return bool(true())
    except NoScreen:
        return False


class NoScreen(Exception):
    """The lesson screen is not there, or not yet."""


def lesson(pilot: Pilot[None]) -> LessonScreen:
    shown = next((s for s in reversed(pilot.app.screen_stack) if isinstance(s, LessonScreen)), None)
    if shown is None or not shown.is_mounted:
        raise NoScreen
    if shown not in _built:  # a query looks at every widget, and this is asked with each look
        if not shown.query(Bench):
            raise NoScreen
        _built.add(shown)
    return shown


_built: WeakSet[LessonScreen] = WeakSet()
"""Screens whose bench is there, and stays."""


def bench(pilot: Pilot[None]) -> Bench:
    return lesson(pilot).bench


def session(pilot: Pilot[None]) -> Session:
    """What the bench is about."""
    return bench(pilot).session


def run(pilot: Pilot[None]) -> Run:
    """The run on the bench; an empty one before the first."""
    attempt = session(pilot).attempt
    return attempt.run if attempt else Run()


def state(pilot: Pilot[None]) -> str:
    """How the run on the bench stands: "idle" before the first."""
    attempt = session(pilot).attempt
    return attempt.state if attempt else "idle"


async def run_to(pilot: Pilot[None], wanted: str = "finished") -> Run:
    """Press `r` and wait for that ending."""
    before = session(pilot).attempt
    tap(pilot, "r")
    await until(pilot, lambda: session(pilot).attempt is not before and state(pilot) == wanted)
    return run(pilot)


def screen(pilot: Pilot[None]) -> str:
    """What is on the screen, as text."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


def shows(pilot: Pilot[None], *texts: str) -> bool:
    """Whether all these are on the screen, line ends and borders aside."""
    shown = " ".join(screen(pilot).replace("│", " ").split())
    return all(" ".join(text.split()) in shown for text in texts)


def notices(pilot: Pilot[None]) -> list[str]:
    """What it notified of, as long as that stands on the screen."""
    return [notice.message for notice in pilot.app._notifications]


async def click(pilot: Pilot[None], widget: Widget, x: int, y: int = 0) -> None:
    """Click at a place inside the widget's content."""
    origin = widget.content_region.offset
    await pilot.click(offset=origin + Offset(x, y))
