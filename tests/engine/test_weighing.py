"""Sessions are weighed where Linux weighs them, and it is said where one is to be weighed again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from ordinary_user import who_changes_one_session_at_a_time
from recorder import DEADLINE

from initplay.engine.session import AGAIN, weigh


@pytest.fixture
def leader() -> Iterator[int]:
    """A process that leads a session of its own."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, start_new_session=True) as process:
        yield process.pid
        process.kill()


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="sessions are not weighed here")
def test_of_a_machines_sessions_one_is_changed_at_a_time(leader: int) -> None:
    session = Path(f"/proc/{leader}/autogroup")
    with who_changes_one_session_at_a_time():
        assert not all(weigh(leader, 3) for _ in range(100)), "in far less than a hundred tenths of a second"
        gives_up = monotonic() + DEADLINE
        while not weigh(leader, 7):
            assert monotonic() < gives_up
            sleep(AGAIN / 10)
    assert session.read_text().endswith("nice 7\n")


def test_where_there_is_none_there_is_nothing_to_try():
    with subprocess.Popen(["true"]) as ended:
        pass
    assert weigh(ended.pid, 7)
