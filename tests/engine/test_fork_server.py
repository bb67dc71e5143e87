"""The fork server: one thread, no device, and a process for whoever asks."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO

import psutil
import pytest
from recorder import COUNT, DEADLINE, SPIN, Lab, are_gone, children, eventually

from initplay.engine import wire
from initplay.engine.order import Order
from initplay.engine.own_server import OwnServer
from initplay.engine.process import Process, connected
from initplay.engine.running import OneRun
from initplay.engine.session import AS_OTHERS
from initplay.engine.spares import Spares
from initplay.lab.events import Failed, Finished, Note, Stopped
from initplay.worker.manners import NICENESS
from initplay.worker.server import REST

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
async def test_it_has_one_thread_and_no_device_whatever_was_run(own_lab: Lab) -> None:
    """Neither torch's pool nor BLAS's nor one of ours; and nothing of /dev but null."""
    server = own_lab.server
    for _ in range(2):
        run = await own_lab.run(
            """
            def go():
                torch.set_num_threads(4)
                big = torch.randn(400, 400)
                yield Result(threads=len(__import__("os").listdir("/proc/self/task")), sum=(big @ big).sum())
            """
        )
        assert isinstance(run.ending, Finished)
        assert run.facts["threads"] > 1, "the run itself has started some"
        assert len(os.listdir(f"/proc/{server.pid}/task")) == 1
        assert {path for path in opened_by(server.pid) if path.startswith("/dev/")} <= {"/dev/null"}
    assert not own_lab.lost


def opened_by(pid: int) -> set[str]:
    found = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since, as the last run's line is
            found.add(os.readlink(path))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
async def test_what_torch_imports_later_it_has_imported_in_a_rest(own_lab: Lab) -> None:
    """So that a run which makes an optimizer does not; and there is still but one thread to fork."""
    source = "import sys\ndef go():\n    yield Result(there='torch._dynamo' in sys.modules)\n"

    async def it_has() -> None:
        while not (await own_lab.run(source)).facts["there"]:
            await asyncio.sleep(2 * REST)  # nothing is asked of it: that is what a rest is

    await asyncio.wait_for(it_has(), DEADLINE)
    assert len(os.listdir(f"/proc/{own_lab.server.pid}/task")) == 1


async def test_where_one_was_started_ahead_no_other_is(own_lab: Lab) -> None:
    """And it ends with the engine that took it, as the one of `own_lab` serves."""
    server = OwnServer.start("auto")
    async with Lab.opened(server=server):
        assert {child.pid for child in children()} == {own_lab.server.pid, server.process.pid}
    assert server.process.returncode is not None and server.log.closed


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="sessions are not weighed here")
async def test_once_it_has_rested_its_session_is_as_nice_as_its_runs(own_lab: Lab) -> None:
    """Else Linux gives it as much of a core as the session of the screen, however nice the runs are."""
    await eventually(lambda: niceness_of_the_session(own_lab.server.pid) == NICENESS)


def niceness_of_the_session(pid: int) -> int:
    return int(Path(f"/proc/{pid}/autogroup").read_text().split()[-1])


AT_REST = """
import socket, sys
from initplay.worker import server

server.REST = 0
sys.modules["torch._dynamo"] = None  # a rest would take seconds for it
print("serving", flush=True)
line = server.Line(socket.socket(fileno=int(sys.argv[1])))
server.Server(line, lambda: print("rested", flush=True)).serve()
"""


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="sessions are not weighed here")
async def test_the_screen_weighs_its_session_before_it_does_so_itself(tmp_path: Path) -> None:
    """However long the screen takes: a class's first waits for a name. It rests once it is joined."""
    ours, theirs = socket.socketpair()
    with ours, (tmp_path / "log").open("w+b") as log:
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-c", AT_REST, str(theirs.fileno())],
                stdout=log,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        with process, ExitStack() as at_last:
            at_last.callback(process.kill)
            server, looked_at = OwnServer(process, ours, log), psutil.Process(process.pid)
            said = Path(log.name).read_text
            await eventually(lambda: bool(said()) and looked_at.status() == psutil.STATUS_SLEEPING)
            await eventually(lambda: server.weigh(AS_OTHERS))
            assert (said(), niceness_of_the_session(process.pid)) == ("serving\n", AS_OTHERS)
            ours.sendall(wire.frame(wire.Join({}, b"")))
            await eventually(lambda: niceness_of_the_session(process.pid) == NICENESS)
            assert said() == "serving\nrested\n"


async def test_a_run_has_a_process_that_nothing_ran_in(own_lab: Lab) -> None:
    """Two runs, two processes; neither is the server, and both are gone afterwards."""
    source = "import os\ndef go():\n    yield Result(pid=os.getpid(), parent=os.getppid())\n"
    first, second = await own_lab.run(source), await own_lab.run(source)
    assert first.facts["pid"] != second.facts["pid"]
    assert first.facts["parent"] == second.facts["parent"] == own_lab.server.pid


async def test_several_seeds_are_several_processes_and_one_recording(own_lab: Lab) -> None:
    """In the order of the seeds, whichever ended first; and it knows of how many it is made."""
    run = await own_lab.run(
        """
        import os, time
        def go():
            x = torch.rand(1).item()
            time.sleep(x / 10)
            yield Point("c", 1, x)
            yield Result(x=x)
        """,
        seeds=(5, 6, 7),
    )
    singles = [
        await own_lab.run("def go():\n    yield Result(x=torch.rand(1).item())\n", seed=seed)
        for seed in (5, 6, 7)
    ]
    assert isinstance(run.ending, Finished)
    assert run.started is not None
    assert run.started.seed == 5
    assert run.facts["seeds"] == 3
    assert run.facts["x"] == sorted(single.facts["x"] for single in singles)[1]


async def test_the_first_seed_that_fails_ends_them_all(own_lab: Lab) -> None:
    run = await own_lab.run(
        """
        def go():
            if torch.initial_seed() == 3:
                raise ValueError("the third")
            yield Result(x=1)
        """,
        seeds=tuple(range(1, 9)),
    )
    message = getattr(run.ending, "message", "")
    assert message.startswith("seed 3: ") and "ValueError: the third" in message
    assert run.facts["seeds"] >= 1


async def test_where_forking_is_not_safe_every_run_has_a_process_of_its_own_all_the_same(
    own_lab: Lab,
) -> None:
    """The same numbers, with processes that were started ahead."""
    others = set(psutil.Process().children())
    lab = Lab(maker=Spares)
    await lab.engine.open()
    try:
        source = "import os\ndef go():\n    yield Result(x=torch.rand(1).item(), pid=os.getpid())\n"
        forked, started = await own_lab.run(source), await lab.run(source)
        assert started.facts["x"] == forked.facts["x"]
        await eventually(lambda: lab.engine._spare is not None)
        assert lab.engine._spare is not None
        assert lab.engine._spare.pid not in (0, started.facts["pid"])
        family = set(psutil.Process().children()) - others
        assert family
    finally:
        await lab.engine.close()
    await are_gone([*family])


async def test_a_spare_process_that_is_killed_costs_no_run_and_is_replaced(own_lab: Lab) -> None:
    source = "import os\ndef go():\n    yield Result(pid=os.getpid())\n"
    await own_lab.run(source)
    spare = await spare_of(own_lab)
    os.kill(spare.pid, signal.SIGKILL)
    await asyncio.wait_for(asyncio.shield(spare.exit), DEADLINE)  # until the fork server has said so
    assert isinstance((await own_lab.run(source)).ending, Finished)
    expected = (await spare_of(own_lab)).pid
    assert (await own_lab.run(source)).facts["pid"] == expected


async def test_a_run_whose_process_dies_before_it_has_begun_takes_another(own_lab: Lab) -> None:
    """Of the death of the one that was made ahead nobody has heard yet."""
    source = "import os\ndef go():\n    yield Result(pid=os.getpid())\n"
    await own_lab.run(source)
    spare = await spare_of(own_lab)
    os.kill(spare.pid, signal.SIGKILL)
    run = await own_lab.run(source)
    assert isinstance(run.ending, Finished)
    assert run.facts["pid"] != spare.pid


class StillBorn:
    """Processes that end before they have said a word."""

    state = "ready"

    def __init__(self) -> None:
        self.made = 0

    def at_hand(self, order: Order) -> None:
        return None

    async def take(self, order: Order, waits: object) -> Process:
        async def start(channel: socket.socket, log: BinaryIO) -> None:
            log.write(b"RuntimeError: can't start new thread\n")

        self.made += 1
        process = await connected(start, lambda sign: None)
        process.exit.set_result(1)
        return process

    def leave(self, process: Process, order: Order, device: str, *, failed: bool) -> None:
        process.kill()

    def is_waited_for(self, device: str) -> bool:
        return False

    def failed(self, error: Exception) -> None:
        raise error


async def test_where_no_process_lives_to_begin_that_is_said_and_no_experiment_blamed() -> None:
    processes, events = StillBorn(), []
    order = Order(lesson="x", experiment="go", filename="x.py", source="", knobs={}, seeds=(1,), device="cpu")
    run = OneRun(order, events.extend, processes, threads=1, paused=False, pace=None)
    await asyncio.wait_for(run.task, DEADLINE)
    assert events == [
        Failed(
            "Its process could not be started: its process ended with exit code 1 "
            "(RuntimeError: can't start new thread)."
        )
    ]
    assert processes.made == 2


async def test_a_folder_that_was_removed_is_no_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    async with Lab.opened(server=OwnServer.start("auto")) as lab:
        run = await lab.run("def go():\n    yield Result(x=torch.ones(2).sum().item())\n")
    assert run.facts["x"] == 2


async def test_a_run_begins_while_the_loop_still_shows_what_the_key_has_changed(
    own_lab: Lab, tmp_path: Path
) -> None:
    """It is in its process before `start` returns: no turn of the loop is waited for."""
    await spare_of(own_lab)
    begun = tmp_path / "begun"
    run_id = own_lab.start(f"def go():\n    open({str(begun)!r}, 'w').close()\n    yield Note('begun')\n")
    deadline = time.monotonic() + DEADLINE
    while not begun.exists():
        assert time.monotonic() < deadline, "it waits for the loop"
        time.sleep(0.001)  # which holds the loop
    assert isinstance((await own_lab.ended(run_id)).ending, Finished)


async def spare_of(lab: Lab) -> Process:
    await eventually(lambda: lab.engine._spare is not None and lab.engine._spare.pid != 0)
    assert lab.engine._spare is not None
    return lab.engine._spare


async def test_a_killed_fork_server_takes_its_runs_along_and_another_starts(own_lab: Lab) -> None:
    """Runs asked for meanwhile are not lost: one begins when torch is there, one withdrawn is told so."""
    running = own_lab.start(SPIN)
    await own_lab.said(running, "spinning")
    process = await own_lab.process(running)
    own_lab.server.kill()
    await own_lab.until(lambda: bool(own_lab.lost))
    withdrawn = own_lab.start(COUNT)
    own_lab.stop(withdrawn)
    assert own_lab.events[withdrawn] == [Stopped("It was stopped before it began.")]
    held = own_lab.start(COUNT)
    own_lab.runs[held].pause()
    assert own_lab.engine.state == "loading"
    ended = await own_lab.ended(running)
    assert isinstance(ended.ending, Failed)
    assert "the fork server was gone" in ended.ending.message
    await are_gone([process])
    await own_lab.until(lambda: own_lab.ready is not None)
    own_lab.runs[held].step()
    await own_lab.said(held, "0")
    assert Note("1") not in own_lab.events[held]
    own_lab.runs[held].resume()
    assert isinstance((await own_lab.ended(held)).ending, Finished)
    own_lab.lost.clear()


async def test_what_python_warns_of_it_warns_of_in_every_run(shares_a_fork_server: None) -> None:
    """Though the server has compiled the text."""
    async with Lab.opened(ready=True) as lab:
        runs = [await lab.run("def go():\n    yield Note(str(1 is 1))\n") for _ in range(3)]
    printed = ["".join(run.printed) for run in runs]
    assert "SyntaxWarning" in printed[0] and printed == [printed[0]] * 3


@pytest.mark.skipif(sys.platform == "darwin", reason="nothing is forked there")
async def test_a_lessons_own_text_is_compiled_once_for_all_its_runs():
    """What a run finds compiled, it has from the server; a text that was edited it compiles for itself."""
    source = """
        from initplay.lab import Note, Result
        from initplay.worker.source import _compiled

        def go():
            yield Result(found=_compiled.cache_info().hits > 0)
    """
    async with Lab.opened(ready=True) as lab:
        first = await lab.run(source)  # its process was there before
        assert [first.facts["found"], (await lab.run(source)).facts["found"]] == [False, True]
        edited = [await lab.run(source, edited=True, filename="other.py") for _ in range(2)]
        assert [run.facts["found"] for run in edited] == [False, False]
        assert isinstance((await lab.run("def go(:\n")).ending, Failed)
        assert (await lab.run(source)).facts["found"]


async def test_what_lessons_import_is_there_before_they_do(lab: Lab) -> None:
    """Each run would take five milliseconds for it. What examines nets is large, and few runs want it."""
    run = await lab.run(
        """
        import sys
        from initplay.lab import _NEEDS_TORCH
        wanted = {*_NEEDS_TORCH.values(), "initplay.lab.init", "initplay.lab.clinic", "torch.utils._device"}
        missing = sorted(wanted - set(sys.modules))
        def go():
            yield Result(missing=missing)
        """
    )
    assert run.facts == {"missing": ["initplay.lab.examining.examination"]}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody takes in orphans")
async def test_what_leaves_its_run_for_a_session_of_its_own_ends_with_it(own_lab: Lab) -> None:
    """The child of a run, and the child of that one, each of which leads a session."""
    source = """
        import os, time
        def go():
            there, back = os.pipe()
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.setsid()
                    os.write(back, str(os.getpid()).encode())
                    time.sleep(1000)
                time.sleep(1000)
            grandchild = int(os.read(there, 100))
            yield Note("left")
            yield Result(pid=grandchild)
        """
    run = await own_lab.run(source)
    assert isinstance(run.ending, Finished), run.ending
    await eventually(lambda: not psutil.pid_exists(run.facts["pid"]))  # reaped, too
    await own_lab.is_sound()
