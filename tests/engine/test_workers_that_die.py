"""A worker that is lost takes its run with it and nothing else: the screen is told, and another one starts.

A restart costs about two seconds, so there are few of these tests, and they share a client.
"""

from __future__ import annotations

import asyncio
import textwrap
from pathlib import Path

import psutil
import pytest
from recorder import COUNT, IGNORE_SIGTERM, SPIN, Lab, are_gone

from initplay.lab.events import Failed, Finished, Note, Stopped

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEATHS = {
    "os._exit": (
        "import os\ndef go():\n    yield Note('alive')\n    os._exit(7)\n",
        None,
        "The experiment took the lab down: its process ended with exit code 7.",
    ),
    "a segfault": (
        """
        import ctypes
        def crash():
            ctypes.string_at(0)
        def go():
            yield Note("alive")
            crash()
        """,
        5,
        "The experiment took the lab down at line 5: its process was ended by SIGSEGV.",
    ),
    "garbage in the pipe for reports": (
        """
        import os, time
        def go():
            yield Note("alive")
            for fd in range(3, 64):
                try:
                    if os.readlink(f"/proc/self/fd/{fd}").startswith("pipe:"):
                        os.write(fd, b"\\xff" * 100)
                except OSError:
                    pass
            time.sleep(60)
        """,
        None,
        "its process was ended because something wrote into the pipe that is for its reports.",
    ),
    "the pipe for reports closed": (
        """
        import os, time
        def go():
            yield Note("alive")
            os.closerange(3, 64)
            time.sleep(60)
        """,
        None,
        "its process was ended because it closed the pipe that is for its reports.",
    ),
    "a child that lives on": (
        """
        import os, time
        def go():
            if os.fork() == 0:
                time.sleep(1000)
            yield Note("alive")
            os._exit(8)
        """,
        None,
        "its process ended with exit code 8",
    ),
}


def _gated(source: str, folder: Path) -> tuple[str, Path]:
    """The source, which after its "alive" waits for the gate: the test must look at it before it dies."""
    gate = folder / "gate"
    waits = "\ndef wait_for_gate():\n    from os.path import exists\n"
    waits += f"    while not exists({str(gate)!r}): pass\n"
    lines = textwrap.dedent(source).splitlines()
    gated = [f"{line}; wait_for_gate()" if "yield Note" in line else line for line in lines]
    return "\n".join(gated) + waits, gate


@pytest.mark.parametrize("name", DEATHS)
async def test_the_run_ends_with_a_sentence_and_another_worker_starts(
    lab: Lab, name: str, tmp_path: Path
) -> None:
    """What came before is kept, nothing that the old worker started is left, and the next run waits."""
    source, line, said = DEATHS[name]
    source, gate = _gated(source, tmp_path)
    await lab.until(lambda: lab.ready is not None)
    worker, lost = lab.worker, len(lab.lost)
    run_id = lab.start(source)
    await lab.said(run_id, "alive")
    family = [worker, *worker.children()]
    gate.touch()
    run = await lab.ended(run_id)
    assert isinstance(run.ending, Failed)
    assert said in run.ending.message
    assert run.ending.line == line
    assert lab.events[run_id][1] == Note("alive")
    await are_gone(family)
    await lab.until(lambda: len(lab.lost) > lost)
    assert not lab.client.ready
    await lab.is_sound()
    assert lab.worker != worker


@pytest.mark.parametrize(
    ("source", "by"), [(SPIN, "SIGTERM"), (IGNORE_SIGTERM, "SIGKILL")], ids=["spins", "ignores SIGTERM"]
)
async def test_an_experiment_that_does_not_listen_is_ended_all_the_same(
    lab: Lab, source: str, by: str
) -> None:
    run_id = lab.start(source)
    await lab.said(run_id, "spinning")
    worker = lab.worker
    began = asyncio.get_running_loop().time()
    lab.client.stop()
    run = await lab.ended(run_id)
    took = asyncio.get_running_loop().time() - began
    assert run.ending == Stopped("It did not answer, so the lab was restarted.")
    assert (took < 2) == (by == "SIGTERM")
    assert not psutil.pid_exists(worker.pid)
    assert lab.lost[-1] == "its process was ended because it did not answer when it was asked to stop."
    await lab.is_sound()


async def test_a_run_that_hangs_while_it_cleans_up_gives_way_to_the_next(lab: Lab) -> None:
    """Asking for a run is asking the one before to stop, whatever that takes."""
    run_id = lab.start(
        """
        def go():
            try:
                yield Note("one")
                while True:
                    yield Note("on")
            finally:
                while True:
                    pass
        """
    )
    await lab.said(run_id, "one")
    following = lab.start(COUNT)
    assert isinstance((await lab.ended(run_id)).ending, Stopped)
    run = await lab.ended(following)
    assert isinstance(run.ending, Finished)
    assert run.moments == 5


async def test_while_the_lab_restarts_runs_can_be_asked_for_held_and_withdrawn(lab: Lab) -> None:
    """None is lost: the last begins as soon as torch is there, the others are told that they will not."""
    await lab.until(lambda: lab.ready is not None)
    await lab.run("import os\ndef go():\n    yield Note('alive')\n    os._exit(7)\n")
    withdrawn = lab.start(COUNT)
    lab.client.stop()
    assert lab.events[withdrawn] == [Stopped("It was stopped before it began.")]
    replaced = lab.start(COUNT)
    held = lab.start(COUNT)
    assert lab.events[replaced] == [Stopped("Another run took its place before it began.")]
    lab.client.pause()
    assert not lab.client.ready
    await lab.until(lambda: lab.ready is not None)
    lab.client.step()
    await lab.said(held, "0")
    assert Note("1") not in lab.events[held]
    lab.client.resume()
    assert isinstance((await lab.ended(held)).ending, Finished)


async def test_what_a_run_has_started_does_not_report_in_its_place(lab: Lab) -> None:
    """A child that comes out of the fork as a second experiment is heard nowhere and does not stay."""
    await lab.until(lambda: lab.ready is not None)
    worker = lab.worker
    run = await lab.run(
        "import os\ndef go():\n    os.fork()\n    for n in range(100):\n        yield Note(str(n))\n"
    )
    assert list(run.events[1:-1]) == [Note(str(n)) for n in range(100)]
    await are_gone(worker.children())
    await lab.is_sound()
    assert lab.worker == worker
