"""`initplay serve` as a process: what it refuses to begin, what it says, and how it ends."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

pytest.importorskip("textual_serve", reason="nothing is served without textual-serve")
from aiohttp import ClientSession, CookieJar
from browser import LONG, Page

REPO = Path(__file__).parents[2]
COURSE = REPO / "tests" / "ui" / "course"
TOKEN = "a-token-of-real-length"


def command(*arguments: str, before: tuple[str, ...] = ("--lessons", str(COURSE))) -> list[str]:
    return [sys.executable, "-m", "initplay", *before, "serve", "--port", "0", *arguments]


def refused(folder: Path, *arguments: str) -> str:
    ended = subprocess.run(
        command("--folder", str(folder), *arguments), capture_output=True, text=True, cwd=REPO, timeout=LONG
    )
    assert ended.returncode == 2 and not ended.stdout
    return ended.stderr


def test_another_address_needs_a_token_of_real_length(tmp_path):
    assert "INITPLAY_SERVE_TOKEN" in refused(tmp_path, "--host", "0.0.0.0")
    assert "can be guessed" in refused(tmp_path, "--host", "0.0.0.0", "--token", TOKEN[:15])
    assert "INITPLAY_SERVE_TOKEN" in refused(tmp_path, "--host", "0.0.0.0", "--no-token")
    assert "one of the two" in refused(tmp_path, "--no-token", "--token", TOKEN)
    assert not (tmp_path / "secret").exists()


def test_a_port_that_is_taken_is_a_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        ended = subprocess.run(
            command("--folder", str(tmp_path), "--port", port),
            capture_output=True,
            text=True,
            cwd=REPO,
            timeout=LONG,
        )
    assert ended.returncode == 1 and ended.stderr == (
        f"initplay: Port {port} is taken: choose another with --port.\n"
    )


@dataclass
class Serving:
    process: asyncio.subprocess.Process
    site: str
    link: str
    """With the token, if it is told."""
    said: str


@asynccontextmanager
async def serving(
    folder: Path, *arguments: str, before: tuple[str, ...] = ("--lessons", str(COURSE))
) -> AsyncIterator[Serving]:
    process = await asyncio.create_subprocess_exec(
        *command("--folder", str(folder), *arguments, before=before),
        cwd=REPO,
        env=os.environ | {"INITPLAY_HOME": str(folder / "own")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        said = (await asyncio.wait_for(process.stdout.readline(), LONG)).decode()
        found = re.search(r":(\d+)/(\S*)", said)
        assert found, said
        site = f"http://localhost:{found[1]}"
        yield Serving(process, site, f"{site}/{found[2]}", said)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_sigterm_ends_every_visit_with_its_work_kept(tmp_path, shares_a_fork_server):
    """A token, an address of others and the warning on the way."""
    async with serving(tmp_path, "--host", "0.0.0.0", "--token", TOKEN) as at:
        assert "?token=" in at.said and TOKEN not in at.said
        family = psutil.Process(at.process.pid)
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
            async with session.get(f"{at.site}/?token={TOKEN}") as page:
                assert page.status == 200
            async with Page(session, at.site, "1" * 32) as page:
                await page.until("lab ready")
                await page.send("\r")
                await page.until("step 1 of 3")
                await page.send("r")
                await page.until("run 1 · finished")
                started = family.children(recursive=True)
                assert started
                at.process.send_signal(signal.SIGTERM)
                assert await page.closed() == "The server was stopped. Your work is kept."
        assert await asyncio.wait_for(at.process.wait(), LONG) == 0
        assert not psutil.wait_procs(started, timeout=LONG)[1]
        assert len(list(tmp_path.glob("visitors/*/benches/climb.bench"))) == 1
        assert at.process.stderr is not None
        warning = (await at.process.stderr.read()).decode()
        assert "runs code of theirs on this machine" in warning and "Traceback" not in warning


async def test_no_token_lets_everybody_of_this_machine_in(tmp_path, shares_a_fork_server):
    async with serving(tmp_path, "--no-token") as at, ClientSession() as session:
        assert at.link == f"{at.site}/"
        async with session.get(at.site) as page:
            assert page.status == 200


async def test_a_token_is_drawn_where_none_is_given(tmp_path, shares_a_fork_server):
    """Else every other account of the machine could come in, and run code as this one."""
    async with serving(tmp_path) as at, ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        async with session.get(at.site) as page:
            assert page.status == 403
        async with session.get(at.link) as page:
            assert page.status == 200
        at.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(at.process.wait(), LONG) == 0


FORKS = """
import os, time
from initplay.lab import Note, Point
def forks():
    for number in range(1000):
        if os.fork() == 0:
            if number % 2:
                os.setsid()
            if os.fork() == 0 or number % 3:
                time.sleep(1000)
            os._exit(0)
    while True:
        time.sleep(0.05)
        yield Point("c", 1, 1)
"""


@pytest.mark.long
@pytest.mark.own_fork_server
async def test_two_thousand_processes_in_and_out_of_the_visit_are_ended(tmp_path):
    """Some lose their parent, some leave their session, and some do both."""
    lesson = tmp_path / "course" / "01_forks"
    lesson.mkdir(parents=True)
    (lesson / "lesson.md").write_text(
        "# T\n\n## Wait\n\nIt does.\n\n```run forks\n```\n\n## Sources\n\n- None.\n"
    )
    (lesson / "experiment.py").write_text(FORKS)
    before = ("--lessons", str(lesson.parent))
    async with serving(tmp_path, before=before) as at:
        family = psutil.Process(at.process.pid)
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
            assert (await session.get(at.link)).ok
            async with Page(session, at.site, "1" * 32) as page:
                await page.until("lab ready")
                await page.send("\r")
                await page.until("step 1 of 1")
                usual = len(family.children(recursive=True))
                await page.send("r")
                await page.wait_for(lambda: page.words, "a word")
                await page.until("ended by SIGKILL")
                deadline = time.monotonic() + LONG
                while len(family.children(recursive=True)) > usual:  # of which the page hears nothing
                    assert time.monotonic() < deadline
                    await asyncio.sleep(0.1)
        at.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(at.process.wait(), LONG) == 0


async def test_what_is_no_request_is_refused_and_nothing_of_it_is_said(tmp_path, shares_a_fork_server):
    """A line of 9,000 characters, as no browser of a visitor sends."""
    async with serving(tmp_path) as server, ClientSession() as browser:
        async with browser.get(f"{server.site}/{'a' * 9_000}") as answer:
            assert answer.status == 400
        server.process.terminate()
        _, complaints = await asyncio.wait_for(server.process.communicate(), LONG)
        assert (server.process.returncode, complaints) == (0, b"")
