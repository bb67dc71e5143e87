"""What a key will need is imported before it is pressed, one module a rest, and torch from the beginning."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from time import sleep

import pytest
from ordinary_user import who_changes_one_session_at_a_time
from pilots import COURSE, playing, until

from initplay.course.course import Course
from initplay.engine.own_server import OwnServer
from initplay.engine.session import AGAIN, BEHIND
from initplay.learner.progress import Progress
from initplay.ui import garbage
from initplay.ui.ahead import MODULES, Ahead
from initplay.ui.app import TRIES, Playground


def test_each_is_there_and_is_taken_once():
    assert all(find_spec(name) for name in MODULES)
    ahead = Ahead()
    assert [ahead.take_one() for _ in range(len(MODULES) + 1)] == [True] * len(MODULES) + [False]


def test_where_too_many_files_are_open_nothing_more_is_imported_ahead(monkeypatch):
    def refuse(name: str) -> None:
        raise OSError(24, "Too many open files", name)

    monkeypatch.setattr("initplay.ui.ahead.import_module", refuse)
    assert not Ahead().take_one()


async def test_the_first_rests_have_no_key_before_them(home, monkeypatch):
    monkeypatch.setattr(garbage, "REST", 0.05)
    async with playing(home) as pilot:
        app = pilot.app
        assert isinstance(app, Playground)
        await until(pilot, lambda: not app._ahead._left)


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="sessions are not weighed here")
async def test_the_fork_server_comes_behind_the_first_frame_and_has_its_share_from_then_on(home, monkeypatch):
    """Though a session has just been changed as that frame comes, and Linux lets no other be for a moment.

    Where others change theirs all the time, it may be in vain.
    """
    server = OwnServer.start("embedded")
    session = Path(f"/proc/{server.process.pid}/autogroup")
    course, progress = Course.load(COURSE), Progress.open(home / "progress.db")
    app = Playground(course, progress, server=server)
    weigh, tries = OwnServer.weigh, []

    def just_after_a_change(server: OwnServer, niceness: int) -> bool:
        while not tries and not weigh(server, BEHIND):
            sleep(AGAIN / 10)
        with who_changes_one_session_at_a_time():
            tries.append(weigh(server, niceness))
        assert not tries[-1] or session.read_text().endswith("nice 0\n")
        return tries[-1]

    monkeypatch.setattr(OwnServer, "weigh", just_after_a_change)
    async with app.run_test() as pilot:
        await until(pilot, lambda: tries and (tries[-1] or len(tries) == TRIES))
        assert not tries[0]
    assert server.process.returncode is not None
