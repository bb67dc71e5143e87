"""So many runs at once on a device: the others come in the order in which they took their numbers."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorder import Lab, eventually

from initplay.engine.contexts import EACH, room_for
from initplay.engine.engine import Engine
from initplay.engine.turn import AT_ONCE, FOLDER, Line, Turn, at_once
from initplay.lab.events import Finished, Stopped

HOLDS = """
import time
def go():
    yield Note("in")
    for step in range(10**6):
        time.sleep(0.01)
        yield Point("c", step, 1.0)
"""
STEPS = st.sampled_from(["come", "look", "leave", "die"])
ENDS = "def go():\n    yield Result(x=1)\n"


@pytest.mark.parametrize(
    ("memory", "environment", "most"),
    [
        (None, {}, None),
        (80 * 2**30, {}, None),
        (80 * 2**30, {AT_ONCE: "3"}, None),
        (80 * 2**30, {FOLDER: "/srv"}, 99),
        (2**20, {FOLDER: "/srv"}, 1),
        (None, {FOLDER: "/srv"}, None),
        (None, {FOLDER: "/srv", AT_ONCE: "2"}, 2),
        (80 * 2**30, {FOLDER: "/srv", AT_ONCE: "2"}, 2),
        (None, {FOLDER: "/srv", AT_ONCE: "0"}, None),
        (None, {FOLDER: "/srv", AT_ONCE: "many"}, None),
    ],
)
def test_there_is_a_line_where_a_folder_is_named_and_a_number_is_known(memory, environment, most):
    assert at_once(memory, environment) == most


@given(st.integers(0, 2**40))
def test_as_many_fit_as_have_room(memory):
    fit = room_for(memory)
    assert fit * EACH <= memory < (fit + 1) * EACH


@settings(max_examples=60)
@given(st.integers(1, 3), st.lists(st.tuples(STEPS, st.integers(0, 5))))
def test_never_more_than_so_many_have_their_turn_and_all_come_in_order(most, steps):
    """Against a list of who is there, in the order in which they came."""
    with tempfile.TemporaryDirectory() as folder:
        there: list[Turn] = []
        for step, which in steps:
            if step == "come":
                there.append(Turn(Line(Path(folder), most)))
                there[-1].has_come()
            elif which < len(there):
                turn = there[which]
                if step == "leave":
                    turn.leave()
                elif step == "die":
                    os.close(turn._held)  # as the system does
                if step != "look":
                    there.remove(turn)
            for place, turn in enumerate(there):
                assert turn.has_come() == (place < most)
                assert turn.before == max(0, place - most)
            assert Line(Path(folder), most).is_half_taken() == (2 * len(there) >= most)
        for turn in there:
            turn.leave()


def test_while_another_is_at_the_counter_nobody_waits_for_it(tmp_path):
    turn, line = Turn(Line(tmp_path, 1)), Line(tmp_path, 1)
    with line.counter() as is_free:
        assert is_free and not turn.has_come() and line.is_half_taken()
    assert turn.has_come()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_accounts_of_their_own_wait_in_one_line():
    """Whoever comes first makes the files; who is gone without a word is passed over by another account."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o1777)
        come = (
            "import os, sys\n"
            "from pathlib import Path\n"
            "from initplay.engine.turn import Line, Turn\n"
            "os.umask(0o077)\n"
            "os.setuid(int(sys.argv[2]))\n"
            "turn = Turn(Line(Path(sys.argv[1], 'cuda-0'), 1))\n"
            "print(turn.has_come(), turn.before)\n"
        )

        def come_as(user: int) -> str:
            command = [sys.executable, "-c", come, folder, str(user)]
            return subprocess.run(
                command, capture_output=True, text=True, check=True, timeout=120
            ).stdout.strip()

        assert [come_as(user) for user in (65533, 65534, 65533)] == ["True 0"] * 3
        mine = Turn(Line(Path(folder, "cuda-0"), 1))
        assert mine.has_come() and come_as(65534) == "False 0"
        mine.leave()
        assert come_as(65533) == "True 0"


async def test_a_run_waits_for_its_turn_says_who_comes_first_and_may_be_stopped(
    shares_a_fork_server, monkeypatch, tmp_path
):
    """Of two playgrounds; the CPU stands for a device that takes one run at once."""
    unopened = Lab()
    assert unopened.runs[unopened.start(ENDS)].awaits_lab, "nothing is loaded"
    await unopened.engine.close()
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(AT_ONCE, "1")
    async with Lab.opened(ready=True) as one, Lab.opened(ready=True) as other:
        first = one.start(HOLDS)
        await one.said(first, "in")
        second = other.start(ENDS)
        while other.runs[second].before != 0:
            await asyncio.sleep(0.01)
        assert not other.runs[second].awaits_lab, "it is there"
        third = one.start(ENDS)
        while one.runs[third].before != 1:
            await asyncio.sleep(0.01)
        one.stop(third)
        assert isinstance((await one.ended(third)).ending, Stopped)
        assert not other.events.get(second)
        one.stop(first)
        assert isinstance((await other.ended(second)).ending, Finished)
        assert other.runs[second].before is None


async def test_a_run_that_is_paused_makes_room_once_others_wait(shares_a_fork_server, monkeypatch, tmp_path):
    """Held for as long as one likes where nobody waits, and a step begins the time anew."""
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(AT_ONCE, "1")
    monkeypatch.setattr("initplay.engine.running.HELD_AT_MOST", 0.05)
    monkeypatch.setattr("initplay.engine.running._LOOK", 0.01)
    looks: list[bool] = []
    look = Engine.is_waited_for
    monkeypatch.setattr(Engine, "is_waited_for", lambda *of: looks.append(look(*of)) or looks[-1])
    async with Lab.opened(ready=True) as one, Lab.opened(ready=True) as other:
        first = one.start(HOLDS)
        await one.said(first, "in")
        for hold in (one.runs[first].pause, one.runs[first].step):
            looks.clear()
            hold()
            await eventually(lambda: len(looks) > 3)
            assert one.runs[first].live and not any(looks)
        one.runs[first].resume()
        second = other.start(ENDS)
        await eventually(lambda: other.runs[second].before == 0)
        assert one.runs[first].live, "it goes on, and so has its turn"
        one.runs[first].pause()
        assert isinstance((await other.ended(second)).ending, Finished)
        assert (await one.ended(first)).ending == Stopped(
            "It was paused while others waited for cpu, and made room for them."
        )


async def test_where_the_line_cannot_be_kept_the_run_says_so(shares_a_fork_server, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(FOLDER, str(tmp_path / "file"))
    monkeypatch.setenv(AT_ONCE, "1")
    async with Lab.opened(ready=True) as lab:
        ending = (await lab.run(ENDS)).ending
        assert f"No turn can be had in {tmp_path / 'file'}" in getattr(ending, "message", "")
