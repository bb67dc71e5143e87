"""Who comes at one moment, and what goes wrong meanwhile: cheap processes stand for playgrounds."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

pytest.importorskip("psutil", reason="nothing is watched without psutil")
from initplay.engine.turn import AT_ONCE, FOLDER
from initplay.serving import house as houses
from initplay.serving import shared
from initplay.serving import visit as visits
from initplay.serving.bounds import Bounds
from initplay.serving.house import House, Rules, Who
from initplay.serving.shared import SharedServer
from initplay.serving.watching import Watchman

LONG = 60
SIZE = (80, 24)


@pytest.fixture(autouse=True)
def waits_for_its_end(monkeypatch):
    """In place of a playground: something that ends as its terminal is taken away."""
    monkeypatch.setattr(visits, "playground_command", lambda options: ["sh", "-c", "read line"])


async def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


@asynccontextmanager
async def opened(folder: Path, *, has_machine: bool = False, **rules: object) -> AsyncIterator[House]:
    # What is no socket is a server that nobody reaches; none is started then.
    house = House(
        folder,
        Rules(**rules),  # type: ignore[arg-type]
        cache=folder,
        fork_server=str(folder / "none"),
        has_machine=has_machine,
    )
    await house.open()
    try:
        yield house
    finally:
        await house.close("It is over.")
        if has_machine and sys.platform == "linux":  # orphans of other tests are none of ours
            ctypes.CDLL(None).prctl(36, 0)


@pytest.fixture
def looks(monkeypatch) -> list[int]:
    """Of every look of a watchman, how many playgrounds it was told of; one follows upon the other."""
    seen = []
    look = Watchman.look

    def counted(self: Watchman, playgrounds, fork_server):
        result = look(self, playgrounds, fork_server)
        seen.append(len(playgrounds))
        return result

    monkeypatch.setattr(Watchman, "look", counted)
    monkeypatch.setattr(houses, "LOOK_AGAIN", 0.0)
    monkeypatch.setattr(houses, "LOOK_RARELY", 0.0)
    return seen


async def test_who_comes_in_while_one_looks_is_no_stray(tmp_path, looks):
    async with opened(tmp_path, has_machine=True, most=12) as house:
        opening = asyncio.gather(*(house.visit(Who(str(number), "1"), SIZE) for number in range(12)))
        found = await asyncio.wait_for(opening, LONG)
        so_far = len(looks)
        await until(lambda: len(looks) > so_far + 3)
        assert len(house.visits) == 12
        assert not any(visit is None or visit.is_over or visit.why_over for visit in found)


async def test_two_lines_of_one_tab_share_a_playground(tmp_path):
    async with opened(tmp_path) as house:
        who = Who("a", "1")
        first, second = await asyncio.gather(house.visit(who, SIZE), house.visit(who, SIZE))
        assert first is not None and first is second
        assert await house.visit(who, SIZE) is first


@pytest.mark.parametrize("named", [None, "/srv/turns"])
@pytest.mark.skipif(sys.platform != "linux", reason="only there one sees the environment of another process")
async def test_all_visitors_wait_in_one_line_for_a_device(tmp_path, monkeypatch, named):
    monkeypatch.setenv(FOLDER, named or "")
    monkeypatch.setenv(AT_ONCE, "3")
    async with opened(tmp_path) as house:
        for visitor in ("a", "b"):
            visit = await house.visit(Who(visitor, "1"), SIZE)
            assert visit is not None
            while not (environment := Path(f"/proc/{visit.pid}/environ").read_text().split("\0"))[0]:
                await asyncio.sleep(0.001)  # it has none while it becomes the playground
            assert f"{FOLDER}={named or tmp_path / 'turns'}" in environment and f"{AT_ONCE}=3" in environment


async def test_who_leaves_while_it_is_opened_does_not_take_it_from_the_other(tmp_path):
    async with opened(tmp_path) as house:
        one = asyncio.create_task(house.visit(Who("a", "1"), SIZE))
        other = asyncio.create_task(house.visit(Who("a", "1"), SIZE))
        await asyncio.sleep(0)
        one.cancel()
        visit = await other
        assert visit is not None and not visit.is_over


@pytest.mark.skipif(sys.platform != "linux", reason="only there one is the parent of orphans")
async def test_what_is_of_no_visit_is_ended_at_the_second_look(tmp_path):
    """In a process of its own, for that is the parent of all orphans from then on."""
    program = """
import os, subprocess, time
from initplay.serving.bounds import Bounds
from initplay.serving.watching import Watchman
watchman = Watchman(Bounds(), has_machine=True)
stray = subprocess.Popen(["sleep", "1000"], start_new_session=True)
playground = subprocess.Popen(["sleep", "1000"], start_new_session=True)
watchman.look([playground.pid], 0)
assert stray.poll() is None and watchman.has_strays
watchman.look([playground.pid], 0)
assert stray.wait() == -9 and playground.poll() is None
playground.kill()
"""
    ended = subprocess.run([sys.executable, "-c", program], timeout=LONG, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


async def test_a_look_that_fails_is_told_once_and_the_next_one_comes(tmp_path, looks, monkeypatch, capsys):
    look, failed = Watchman.look, []

    def fails(self: Watchman, playgrounds, fork_server):
        if len(failed) < 3:
            failed.append(1)
            raise OSError(24, "Too many open files")
        return look(self, playgrounds, fork_server)

    monkeypatch.setattr(Watchman, "look", fails)
    async with opened(tmp_path):
        await until(lambda: len(looks) > 2)
    assert len(failed) == 3
    assert capsys.readouterr().err.count("Too many open files") == 1


async def test_who_cannot_be_let_go_is_reported(tmp_path, caplog, monkeypatch):
    async def broken(*_: object) -> None:
        raise ValueError("no such thing")

    async with opened(tmp_path) as house:
        visit = await house.visit(Who("a", "1"), SIZE)
        assert visit is not None
        with monkeypatch.context() as patch:
            patch.setattr(visit, "end", broken)
            house.look_after(house.clock() + houses.GRACE + 1)
            await until(lambda: "no such thing" in caplog.text)


async def test_a_playground_that_takes_too_much_itself_is_let_go_and_told_why(tmp_path, looks):
    async with opened(tmp_path, bounds=Bounds(memory=2**10)) as house:
        visit = await house.visit(Who("a", "1"), SIZE)
        assert visit is not None
        await until(lambda: not house.visits)
        assert visit.why_over.startswith("The playground was ended: ")


async def test_what_two_lines_type_arrives_whole(tmp_path, monkeypatch):
    """More than the terminal takes at once, while it is not read."""
    program = """
import os, signal, tty
tty.setraw(0)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
os.write(1, b"ready")
signal.sigwait([signal.SIGUSR1])
found = b""
while len(found) < 40000:
    found += os.read(0, 4096)
os.write(1, b"whole" if found == b"a" * 20000 + b"b" * 20000 else b"torn")
os.read(0, 1)
"""
    monkeypatch.setattr(visits, "playground_command", lambda options: [sys.executable, "-S", "-c", program])
    async with opened(tmp_path) as house:
        visit = await house.visit(Who("a", "1"), SIZE)
        assert visit is not None
        shown = bytearray()

        async def show(data: bytes) -> None:
            shown.extend(data)

        looking = asyncio.create_task(visit.look(show))
        await until(lambda: b"ready" in shown)
        typing = asyncio.gather(visit.type("a" * 20000), visit.type("b" * 20000))
        await asyncio.sleep(0)  # both have begun, and the terminal takes no more
        os.kill(visit.pid, signal.SIGUSR1)
        await asyncio.wait_for(typing, LONG)
        await until(lambda: b"whole" in shown or b"torn" in shown)
        assert b"whole" in shown
        looking.cancel()


@pytest.mark.skipif(sys.platform == "darwin", reason="no server is shared there")
async def test_a_fork_server_that_ends_at_once_is_started_later_each_time(monkeypatch):
    monkeypatch.setattr(shared, "worker_command", lambda *_: ["true"])
    now = [1000.0]
    server = SharedServer("", {"PATH": os.environ["PATH"]}, lambda: now[0])
    await server.open()
    try:
        begun = [now[0]]
        while len(begun) < 4:
            before = server.pid
            assert server._process is not None
            await server._process.wait()
            now[0] += 1
            await server.keep()
            if server.pid != before:
                begun.append(now[0])
        assert begun == [1000.0, 1001.0, 1004.0, 1011.0]
    finally:
        await server.close()
