"""A process that dies takes its run with it and nothing else: the next run is there at once."""

from __future__ import annotations

import asyncio
import sys
import textwrap
from pathlib import Path

import pytest
from recorder import COUNT, IGNORE_SIGTERM, SPIN, Lab, are_gone, eventually

from initplay.engine import process
from initplay.engine.process import PATIENCE
from initplay.lab.events import Failed, Finished, Note, Stopped

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEATHS = {
    "os._exit": (
        "import os\ndef go():\n    yield Note('alive')\n    os._exit(7)\n",
        None,
        "The experiment took its process down: its process ended with exit code 7.",
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
        "The experiment took its process down at line 5: its process was ended by SIGSEGV.",
    ),
    "a signal without a name": (
        """
        import os
        def go():
            yield Note("alive")
            os.kill(os.getpid(), 40)
            yield Note("unheard")
        """,
        None,
        "The experiment took its process down: its process was ended by signal 40.",
    ),
    "garbage in the socket for reports": (
        """
        import os, time
        def go():
            yield Note("alive")
            for fd in range(3, 64):
                try:
                    if os.readlink(f"/proc/self/fd/{fd}").startswith("socket:"):
                        os.write(fd, b"\\xff" * 100)
                except OSError:
                    pass
            time.sleep(60)
        """,
        None,
        "its process was ended because something wrote into the socket that is for its reports.",
    ),
    "the socket for reports closed": (
        """
        import os, time
        def go():
            yield Note("alive")
            os.closerange(3, 64)
            yield Note("unheard")
        """,
        None,
        "its process ended with exit code 1 (OSError: [Errno 9] Bad file descriptor",
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
async def test_the_run_ends_with_a_sentence_and_the_next_one_works(
    lab: Lab, name: str, tmp_path: Path
) -> None:
    """What came before is kept, and nothing that the process started is left."""
    source, line, said = DEATHS[name]
    source, gate = _gated(source, tmp_path)
    run_id = lab.start(source)
    await lab.said(run_id, "alive")
    process = await lab.process(run_id)
    family = [process, *process.children()]
    gate.touch()
    run = await lab.ended(run_id)
    assert isinstance(run.ending, Failed)
    assert said in run.ending.message
    assert run.ending.line == line
    assert lab.events[run_id][1] == Note("alive")
    await lab.is_sound()
    await are_gone(family)
    assert not lab.lost


async def test_how_it_died_is_told_though_nobody_looks_in_time(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As while the fork server imports what torch imports later, which takes seconds."""
    monkeypatch.setattr(process, "PATIENCE", 0.0)
    for name in ("os._exit", "a segfault"):
        source, _, said = DEATHS[name]
        run = await lab.ended(lab.start(textwrap.dedent(source)))
        assert isinstance(run.ending, Failed) and run.ending.message == said


@pytest.mark.parametrize(
    ("source", "by"), [(SPIN, "SIGTERM"), (IGNORE_SIGTERM, "SIGKILL")], ids=["spins", "ignores SIGTERM"]
)
async def test_an_experiment_that_does_not_listen_is_ended_all_the_same(
    lab: Lab, source: str, by: str
) -> None:
    run_id = lab.start(source)
    await lab.said(run_id, "spinning")
    process = await lab.process(run_id)
    began = asyncio.get_running_loop().time()
    lab.stop(run_id)
    await lab.is_sound()  # which waits for nothing
    assert lab.ending(run_id) is None
    run = await lab.ended(run_id)
    took = asyncio.get_running_loop().time() - began
    assert run.ending == Stopped("It did not answer, so its process was ended.")
    assert took > (PATIENCE if by == "SIGTERM" else 2 * PATIENCE)
    await are_gone([process])


@pytest.mark.parametrize("source", [SPIN, IGNORE_SIGTERM], ids=["spins", "ignores SIGTERM"])
async def test_one_of_many_runs_is_stopped_at_once_for_nothing_of_it_is_kept(lab: Lab, source: str) -> None:
    run_id = lab.start(source, among_many=True)
    await eventually(lambda: lab.has_process(run_id))
    process = await lab.process(run_id)
    began = asyncio.get_running_loop().time()
    lab.stop(run_id)
    run = await lab.ended(run_id)
    assert run.ending == Stopped()
    assert asyncio.get_running_loop().time() - began < PATIENCE
    await are_gone([process])
    await lab.is_sound()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it must listen for the end of its parent")
async def test_one_of_many_runs_has_no_thread_but_its_own(lab: Lab) -> None:
    source = "import os\ndef go():\n    yield Result(threads=len(os.listdir('/proc/self/task')))\n"
    await lab.run(source, among_many=True)  # which may have a process that was warmed for any run
    assert (await lab.run(source, among_many=True)).facts["threads"] == 1


async def test_one_of_many_runs_that_takes_its_process_down_is_not_made_again(
    lab: Lab, tmp_path: Path
) -> None:
    """It has said nothing by then, and has begun all the same."""
    made = tmp_path / "made"
    run = await lab.run(
        f"""
        import os
        def go():
            with open({str(made)!r}, "a") as file:
                file.write("once ")
            yield Note("alive")
            os._exit(7)
        """,
        among_many=True,
    )
    assert run.ending == Failed("The experiment took its process down: its process ended with exit code 7.")
    assert made.read_text() == "once "


async def test_a_run_that_hangs_while_it_cleans_up_keeps_nobody_waiting(lab: Lab) -> None:
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
    lab.stop(run_id)
    assert isinstance((await lab.run(COUNT)).ending, Finished)
    assert lab.ending(run_id) is None
    assert isinstance((await lab.ended(run_id)).ending, Stopped)


async def test_what_a_run_has_started_does_not_report_in_its_place(lab: Lab) -> None:
    """A child that comes out of the fork as a second experiment is heard nowhere and does not stay."""
    run_id = lab.start(
        """
        import os
        def go():
            os.fork()
            for n in range(100):
                yield Note(str(n))
            if os.getppid() != 1:
                yield Note(f"session {os.getsid(0)}")
        """
    )
    run = await lab.ended(run_id)
    assert list(run.events[1:101]) == [Note(str(n)) for n in range(100)]
    assert len(run.events) == 103
    await lab.is_sound()
