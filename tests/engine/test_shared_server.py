"""A fork server that several playgrounds share: each has processes of its own, and none sees another."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from recorder import DEADLINE, Lab, are_gone, children, eventually

from initplay.engine import fork_server, wire
from initplay.engine.own_server import SHARED
from initplay.engine.peer import name_of_server_for
from initplay.engine.stream import stream
from initplay.lab.events import Finished
from initplay.worker.manners import NICENESS

PARENT = "import os\ndef go():\n    yield Result(parent=os.getppid(), x=torch.rand(1).item())\n"
FOREVER = """
import time
def go():
    yield Note("it goes on")
    while True:
        time.sleep(0.01)
        yield Point("c", 1, 1)
"""


async def test_two_playgrounds_have_servers_made_by_one_and_their_own_numbers(shares_a_fork_server):
    async with Lab.opened(ready=True) as one, Lab.opened(ready=True) as other:
        first, second = await one.run(PARENT), await other.run(PARENT)
        servers = [psutil.Process(int(run.facts["parent"])) for run in (first, second)]
        assert servers[0] != servers[1] and servers[0].ppid() == servers[1].ppid()
        assert {server.name() for server in servers} == {name_of_server_for(os.getpid())}
        assert first.facts["x"] == second.facts["x"]
        assert children() == []


async def test_a_process_has_the_environment_and_the_folder_of_its_playground(
    shares_a_fork_server, tmp_path, monkeypatch
):
    source = "import os\ndef go():\n    yield Result(env=os.environ.get('WHOSE', ''), folder=os.getcwd())\n"
    seen = []
    for whose in ("one's", "the other's"):
        folder = tmp_path / whose
        folder.mkdir()
        monkeypatch.chdir(folder)
        monkeypatch.setenv("WHOSE", whose)
        async with Lab.opened(ready=True) as lab:
            seen.append((await lab.run(source)).facts)
    assert [facts["env"] for facts in seen] == ["one's", "the other's"]
    assert [Path(str(facts["folder"])).name for facts in seen] == ["one's", "the other's"]


async def test_a_playground_that_ends_takes_its_own_processes_along_and_no_others(shares_a_fork_server):
    async with Lab.opened(ready=True) as stays:
        kept = stays.start(FOREVER)
        await stays.said(kept, "it goes on")
        async with Lab.opened(ready=True) as leaves:
            number = leaves.start(FOREVER)
            await leaves.said(number, "it goes on")
            process = await leaves.process(number)
        await are_gone([process])
        assert (await stays.process(kept)).is_running()
        stays.stop(kept)
        await stays.ended(kept)


async def test_who_comes_first_has_what_all_share_and_one_of_its_own_where_that_is_gone(
    tmp_path, monkeypatch, start_shared_server
):
    """Who comes while torch is imported waits for all of it: a class would else import the rest thirty times.

    The server is killed under a run: that says so. That the one that is started then makes runs, another test
    shows.
    """
    path = tmp_path / "socket"
    server = start_shared_server(path)
    monkeypatch.setenv(SHARED, str(path))
    async with Lab.opened(ready=True) as lab:
        source = "import sys\ndef go():\n    yield Result(has='torch._dynamo' in sys.modules)\n"
        assert (await lab.run(source)).facts["has"]
        number = lab.start(FOREVER)
        await lab.said(number, "it goes on")
        server.kill()
        server.wait()
        run = await lab.ended(number)
        assert "the fork server was gone" in getattr(run.ending, "message", "")
        await lab.until(lambda: bool(lab.lost))
        assert lab.lost == ["the shared fork server is gone."]
        await eventually(lambda: bool(children()))
        assert not any("shared_server" in word for word in lab.server.cmdline())
        assert lab.engine.state == "loading" and not lab.broken


async def test_a_run_that_kills_its_parent_costs_its_playground_one_server_and_others_nothing(
    shares_a_fork_server, monkeypatch
):
    """That runs work on the server of its own that it starts then, another test shows."""
    monkeypatch.setattr(fork_server, "_LEFT", set())
    async with Lab.opened(ready=True) as stays:
        kept = stays.start(FOREVER)
        await stays.said(kept, "it goes on")
        async with Lab.opened(ready=True) as lab:
            await lab.run("import os\ndef go():\n    os.kill(os.getppid(), 9)\n    yield\n")
            await lab.until(lambda: bool(lab.lost))
            await eventually(lambda: bool(children()))
            assert lab.engine.state == "loading" and not lab.broken
            assert isinstance((await stays.run(PARENT)).ending, Finished)
        assert (await stays.process(kept)).is_running()
        stays.stop(kept)
        await stays.ended(kept)


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="sessions are not weighed here")
async def test_a_runs_session_is_as_nice_as_the_run(shares_a_fork_server):
    """Else Linux gives it as much of a core as the session of a learner's screen, however nice the run is."""
    source = "def go():\n    yield Result(session=open('/proc/self/autogroup').read())\n"
    async with Lab.opened(ready=True) as lab:

        async def it_is() -> None:  # of all sessions, one in a tenth of a second may be changed
            while not str((await lab.run(source)).facts["session"]).endswith(f"nice {NICENESS}\n"):
                pass

        await asyncio.wait_for(it_is(), DEADLINE)


async def test_a_run_may_take_as_much_memory_as_its_playground_says(shares_a_fork_server, monkeypatch):
    monkeypatch.setenv("INITPLAY_MEMORY", str(200 * 2**20))
    source = "def go():\n    yield Result(size=torch.ones(int({mb} * 2**20 / 4)).numel())\n"
    async with Lab.opened(ready=True) as lab:
        assert isinstance((await lab.run(source.format(mb=100))).ending, Finished)
        refused = (await lab.run(source.format(mb=300))).ending
        assert "allocate" in getattr(refused, "message", "")


@pytest.mark.parametrize(
    "says",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        *(pytest.param(says, marks=pytest.mark.long) for says in (None, b"", b"\xff" * 200, bytes(64))),
    ],
)
async def test_whoever_is_no_fork_server_is_not_joined_again(tmp_path, monkeypatch, says):
    """It hangs up, says nothing, or something else: it may be of another version, or another program's.

    That runs work on the fork server that is started then, another test shows.
    """
    path = tmp_path / "socket"
    monkeypatch.setenv(SHARED, str(path))
    monkeypatch.setattr(fork_server, "PATIENCE_FOR_HELLO", 0.3)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        async with Lab.opened() as lab:
            line, _ = listener.accept()
            with line:
                if says is None:
                    line.close()
                elif says:
                    line.sendall(says)
                await lab.until(lambda: bool(lab.lost))
            assert "shared fork server" in lab.lost[0]
            await eventually(lambda: bool(children()))
            assert not any("shared_server" in word for word in lab.server.cmdline())
            assert lab.engine.state == "loading" and not lab.broken


async def test_a_run_that_leaves_its_group_ends_with_its_playground_and_holds_nobody_up(shares_a_fork_server):
    async with Lab.opened(ready=True) as leaves:
        number = leaves.start("import os\nos.setpgid(0, os.getpgid(os.getppid()))\n" + FOREVER)
        await leaves.said(number, "it goes on")
        process = await leaves.process(number)
    await are_gone([process])
    async with Lab.opened(ready=True) as lab:
        assert isinstance((await lab.run(PARENT)).ending, Finished)


def answer_to(fork_server: Path, *frames: bytes) -> bytes:
    """What it says to these bytes until it hangs up."""
    answer = b""
    with socket.socket(socket.AF_UNIX) as line, suppress(ConnectionResetError):
        line.connect(str(fork_server))
        for frame in frames:
            line.sendall(frame)
        line.shutdown(socket.SHUT_WR)
        line.settimeout(20)
        while part := line.recv(65536):
            answer += part
    return answer


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [b"\0"],
        [struct.pack(">I", 4) + b"nope"],
        [struct.pack(">I", 2**31)],
        [b"\xff" * 5000],
        [wire.frame(wire.Fork(1))],
        [wire.frame(wire.Signal(1, 9999))],
    ],
    ids=["nothing", "half a length", "no message", "too long", "garbage", "no descriptors", "no signal"],
)
async def test_whoever_talks_nonsense_is_hung_up_on_and_nobody_else(
    fork_server_of_all, shares_a_fork_server, frames
):
    hello = wire.frame(wire.Hello(wire.PROTOCOL))
    assert answer_to(fork_server_of_all, *frames) in (hello, b"")
    async with Lab.opened(ready=True) as lab:
        assert isinstance((await lab.run(PARENT)).ending, Finished)


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="only root can be somebody else")
def test_another_user_is_refused(fork_server_of_all):
    """What it asks for would run in the name of whoever started the server."""
    code = (
        "import os, socket, sys\n"
        "line = socket.socket(socket.AF_UNIX)\n"
        "os.chdir(os.path.dirname(sys.argv[1]))\n"
        "os.setuid(65534)\n"
        "try:\n"
        "    line.connect('socket')\n"
        "    print(line.recv(100))\n"
        "except PermissionError:\n"
        "    print('refused')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(fork_server_of_all)], capture_output=True, text=True, timeout=120
    )
    assert done.stdout.strip() in ("b''", "refused"), done


@pytest.mark.parametrize("later", range(8))
async def test_who_leaves_as_the_server_says_what_it_is_has_left(later):
    """Whatever comes first: nobody who quits waits for the next notice, which does not come."""
    ours, theirs = socket.socketpair()
    reader, writer = await stream(ours)
    server = fork_server.ForkServer(ours.dup(), reader, writer, own=None)
    notices = asyncio.create_task(server.notices())
    for _ in range(3):  # until it waits for the first notice
        await asyncio.sleep(0)
    reader.feed_data(wire.frame(wire.Hello(wire.PROTOCOL)))
    for _ in range(later):
        await asyncio.sleep(0)
    notices.cancel()
    await asyncio.wait([notices], timeout=DEADLINE)
    assert notices.cancelled()
    theirs.close()
    await server.end()
