"""What a key will need is imported before it is pressed, one module a rest, and torch from the beginning."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from pathlib import Path

import pytest
from pilots import COURSE, playing, until

from initplay.course.course import Course
from initplay.engine.own_server import BEHIND, OwnServer
from initplay.learner.progress import Progress
from initplay.ui import garbage
from initplay.ui.ahead import MODULES, Ahead
from initplay.ui.app import Playground


def test_each_is_there_and_is_taken_once():
    assert all(find_spec(name) for name in MODULES)
    ahead = Ahead()
    assert [ahead.take_one() for _ in range(len(MODULES) + 1)] == [True] * len(MODULES) + [False]


async def test_the_first_rests_have_no_key_before_them(home, monkeypatch):
    monkeypatch.setattr(garbage, "REST", 0.05)
    async with playing(home) as pilot:
        app = pilot.app
        assert isinstance(app, Playground)
        await until(pilot, lambda: not app._ahead._left)


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="sessions are not weighed here")
async def test_the_fork_server_comes_behind_the_first_frame_and_has_its_share_from_then_on(home):
    server = OwnServer.start("embedded")
    session = Path(f"/proc/{server.process.pid}/autogroup")
    app = Playground(Course.load(COURSE), Progress.open(home / "progress.db"), server=server)
    while not session.read_text().endswith(f"nice {BEHIND}\n"):  # one in a tenth of a second may be changed
        server.weigh(BEHIND)
    await asyncio.sleep(0.1)  # until one may be changed again
    async with app.run_test() as pilot:
        await until(pilot, lambda: session.read_text().endswith("nice 0\n"))
    assert server.process.returncode is not None
