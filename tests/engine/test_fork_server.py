"""The fork server: one thread, no device, and a process for whoever asks."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest
from recorder import COUNT, DEADLINE, Lab, are_gone

from initplay.engine.spares import Spares
from initplay.lab.events import Finished

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
async def test_it_has_one_thread_and_no_device_whatever_was_run(lab: Lab) -> None:
    """Neither torch's pool nor BLAS's nor one of ours; and nothing of /dev but null."""
    server = lab.server
    for _ in range(2):
        run = await lab.run(
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
        opened = {os.readlink(path) for path in Path(f"/proc/{server.pid}/fd").iterdir()}
        assert {path for path in opened if path.startswith("/dev/")} <= {"/dev/null"}
    assert not lab.lost


async def test_a_run_has_a_process_that_nothing_ran_in(lab: Lab) -> None:
    """Two runs, two processes; neither is the server, and both are gone afterwards."""
    source = "import os\ndef go():\n    yield Result(pid=os.getpid(), parent=os.getppid())\n"
    first, second = await lab.run(source), await lab.run(source)
    assert first.facts["pid"] != second.facts["pid"]
    assert first.facts["parent"] == second.facts["parent"] == lab.server.pid


async def test_several_seeds_are_several_processes_and_one_recording(lab: Lab) -> None:
    """In the order of the seeds, whichever ended first; and it knows of how many it is made."""
    run = await lab.run(
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
        await lab.run("def go():\n    yield Result(x=torch.rand(1).item())\n", seed=seed)
        for seed in (5, 6, 7)
    ]
    assert isinstance(run.ending, Finished)
    assert run.started is not None
    assert run.started.seed == 5
    assert run.facts["seeds"] == 3
    assert run.facts["x"] == sorted(single.facts["x"] for single in singles)[1]


async def test_the_first_seed_that_fails_ends_them_all(lab: Lab) -> None:
    run = await lab.run(
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


async def test_where_forking_is_not_safe_every_run_has_a_process_of_its_own_all_the_same() -> None:
    """The same numbers, with processes that were started ahead."""
    others = set(psutil.Process().children())
    lab = Lab(maker=Spares)
    await lab.engine.open()
    try:
        source = "import os\ndef go():\n    yield Result(x=torch.rand(1).item(), pid=os.getpid())\n"
        first, second = await lab.run(source), await lab.run(source)
        assert first.facts["x"] == second.facts["x"]
        assert first.facts["pid"] != second.facts["pid"]
        assert isinstance((await lab.run(COUNT)).ending, Finished)
        family = set(psutil.Process().children()) - others
        assert family
    finally:
        await lab.engine.close()
    await are_gone([*family])


async def test_a_spare_process_that_is_killed_costs_no_run_and_is_replaced(lab: Lab) -> None:
    source = "import os\ndef go():\n    yield Result(pid=os.getpid())\n"
    await lab.run(source)
    while lab.engine._spare is None or not lab.engine._spare.pid:
        await asyncio.sleep(0.01)
    spare = lab.engine._spare
    os.kill(spare.pid, signal.SIGKILL)
    await asyncio.wait_for(asyncio.shield(spare.exit), DEADLINE)  # until the fork server has said so
    assert isinstance((await lab.run(source)).ending, Finished)
    while lab.engine._spare is None or not lab.engine._spare.pid:
        await asyncio.sleep(0.01)
    expected = lab.engine._spare.pid
    assert (await lab.run(source)).facts["pid"] == expected
