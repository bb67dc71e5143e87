"""Playgrounds behind a site, as a browser's terminal sees them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

pytest.importorskip("textual_serve", reason="nothing is served without textual-serve")
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer
from browser import LONG, Page

from initplay.serving import house as houses
from initplay.serving.bounds import Bounds
from initplay.serving.doorkeeper import Doorkeeper
from initplay.serving.house import House, Rules
from initplay.serving.site import TAKEN_OVER, Site

COURSE = Path(__file__).parents[1] / "ui" / "course"
FIRST, SECOND = "1" * 32, "2" * 32
"""Tabs."""


class Clock:
    """One that can be put forward."""

    later = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.later


class Served:
    """A site at work, and one visitor's browser."""

    def __init__(self, house: House, clock: Clock, site: str, session: ClientSession) -> None:
        self.house, self.clock, self._site, self._session = house, clock, site, session

    def page(self, tab: str = FIRST, session: ClientSession | None = None) -> Page:
        return Page(session or self._session, self._site, tab)

    async def until(self, true: Callable[[], object]) -> None:
        deadline = time.monotonic() + LONG
        while not true():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)


@asynccontextmanager
async def served(
    folder: Path, fork_server: Path, *, course: Path = COURSE, **rules: object
) -> AsyncIterator[Served]:
    options = ("--lessons", str(course), "--data", "embedded")
    clock = Clock()
    house = House(
        folder,
        Rules(options=options, **rules),  # type: ignore[arg-type]
        cache=folder,
        fork_server=str(fork_server),
        clock=clock,
    )
    await house.open()
    async with (
        TestServer(Site(house, Doorkeeper(b"secret", "")).app, host="localhost") as server,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as session,
    ):
        try:
            yield Served(house, clock, str(server.make_url("/")).rstrip("/"), session)
        finally:
            await house.close("It is over.")


def benches(folder: Path) -> list[Path]:
    return list(folder.glob("visitors/*/benches/*.bench"))


async def test_a_page_that_is_reloaded_is_where_it_was_and_who_quits_comes_back_there(
    tmp_path, fork_server_of_all
):
    async with served(tmp_path, fork_server_of_all) as at:
        async with at.page() as page:
            await page.run_first()
            await page.resize(90, 25)
            await page.until("run 1 · finished")
        async with at.page() as page:
            await page.until("step 1 of 3", "run 1 · finished")
            assert len(at.house.visits) == 1
            async with at.page() as again:  # the same tab once more, as a browser does that copies it
                assert await page.closed() == TAKEN_OVER
                await again.until("step 1 of 3", "run 1 · finished")
                await again.press("\x1b", "predict or run")
                await again.send("q")
                assert await again.closed() == "You left. Your work is kept."
        assert len(benches(tmp_path)) == 1
        async with at.page() as page:
            await page.until("A line that climbs")
            await page.send("\r")
            await page.until("run 1 · finished")


async def test_who_is_idle_or_gone_is_let_go_with_the_work_kept_and_the_next_comes_in(
    tmp_path, fork_server_of_all, monkeypatch
):
    async with (
        served(tmp_path, fork_server_of_all, most=1, idle=3600.0) as at,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as someone_else,
    ):
        async with at.page() as page:
            await page.run_first()
            async with at.page(SECOND) as second:
                assert await second.closed() == "All places are taken. Ask again."
            at.clock.later += 3601
            assert await page.closed() == "There was no key for 60 minutes. Your work is kept."
        await at.until(lambda: not at.house.visits)
        assert len(benches(tmp_path)) == 1
        async with at.page(session=someone_else) as page:
            await page.until("A line that climbs")
            (visit,) = at.house.visits.values()
            process = psutil.Process(visit.pid)
        await at.until(lambda: visit.left is not None)
        at.house.look_after(at.clock() + houses.GRACE / 2)
        assert not visit.why_over
        at.clock.later += houses.GRACE
        await at.until(lambda: not at.house.visits)
        assert not process.is_running()
        assert len(list(tmp_path.glob("visitors/*"))) == 2


FORKS = """
import os, time
from initplay.lab import Note, Point
def forks():
    yield Note("it forks")
    for _ in range({many}):
        if os.fork() == 0:
            time.sleep(1000)
            os._exit(0)
    while True:
        time.sleep(0.05)
        yield Point("c", 1, 1)
"""
FILLS = """
import torch, time
from initplay.lab import Note, Result
def fills():
    kept = []
    for _ in range(3):
        kept.append(torch.ones(150 * 2**18))
    yield Result(bytes=sum(one.numel() for one in kept) * 4)
"""


def course_of(folder: Path, name: str, source: str) -> Path:
    lesson = folder / "course" / f"01_{name}"
    lesson.mkdir(parents=True)
    (lesson / "lesson.md").write_text(
        f"# T\n\n## Wait\n\nIt does.\n\n```run {name}\n```\n\n## Sources\n\n- None.\n"
    )
    (lesson / "experiment.py").write_text(source)
    return lesson.parent


async def test_who_forks_too_many_is_stopped_told_why_and_goes_on(tmp_path, fork_server_of_all):
    course = course_of(tmp_path, "forks", FORKS.format(many=40))
    bounds = Bounds(processes=30)
    async with served(tmp_path, fork_server_of_all, course=course, bounds=bounds) as at, at.page() as page:
        await page.until("lab ready")
        await page.send("\r")
        await page.until("step 1 of 1")
        await page.send("r")
        await page.wait_for(lambda: page.words, "a word")
        assert "more than the 30 allowed" in page.words[0]
        await page.until("ended by SIGKILL")
        (visit,) = at.house.visits.values()
        assert not psutil.Process(visit.pid).children()
        await page.send("\x1b")
        await page.until("predict or run")


async def test_who_fills_memory_is_refused_it_and_goes_on_as_does_one_that_was_stopped(
    tmp_path, fork_server_of_all
):
    """Stopped as by ctrl+z, after which no shell is there to type `fg` in."""
    course = course_of(tmp_path, "fills", FILLS)
    bounds = Bounds(memory=300 * 2**20)
    async with served(tmp_path, fork_server_of_all, course=course, bounds=bounds) as at, at.page() as page:
        await page.until("lab ready")
        await page.send("\r")
        await page.until("step 1 of 1")
        await page.send("r")
        await page.until("RuntimeError", "alloc")
        assert not page.words
        (visit,) = at.house.visits.values()
        psutil.Process(visit.pid).suspend()
        await page.press("?", "esc closes")
