"""The engine from opening to closing: nothing is left behind, and every run gets an ending."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import psutil
import pytest
from recorder import COUNT, DEADLINE, HOLD_THE_INTERPRETER, SPIN, Lab, are_gone, children

from initplay.engine.order import Order
from initplay.engine.supervisor import MAX_FAILED_STARTS, NO_FILES
from initplay.lab.events import Failed, Finished, Note, Recorded, Stopped


async def test_from_opening_to_closing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A run asked for before torch is loaded begins when it is, whatever else is called torch where one is.

    Nothing of the worker reaches the terminal, whatever the experiment writes where. What is left by closing
    is neither a spinning run nor a child of it, nor a file or pipe of ours.
    """
    for name in ("torch", "random", "initplay"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('shadowed')\n")
    monkeypatch.chdir(tmp_path)
    gc.collect()  # what tests before this one have left is not of this one
    before = psutil.Process().num_fds()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", ResourceWarning)
        async with Lab.opened() as lab:
            assert lab.engine.state == "loading"
            run = await lab.run(
                """
                import os, sys
                def go():
                    os.write(1, b"to 1"); os.write(2, b"to 2")
                    os.system("echo from a child; echo and to its errors >&2")
                    print("to __stdout__", file=sys.__stdout__, flush=True)
                    print("printed")
                    yield Note("done")
                """
            )
            assert isinstance(run.ending, Finished)
            assert run.printed == ["printed\n"]
            assert lab.ready is not None
            assert lab.ready.devices[0].name == "cpu"
            nicer = min(psutil.Process().nice() + 10, 19)
            assert lab.server.nice() == nicer
            run_id = lab.start(
                """
                import os, subprocess, time
                def go():
                    subprocess.Popen(["sleep", "1000"])
                    os.system("sleep 1000 &")
                    if os.fork() == 0:
                        time.sleep(1000)
                    yield Note("started")
                    while True:
                        pass
                """
            )
            await lab.said(run_id, "started")
            process = await lab.process(run_id)
            assert process.nice() == nicer
            if sys.platform == "linux":
                assert Path(f"/proc/{process.pid}/oom_score_adj").read_text().strip() == "1000"
            session = os.getsid(lab.server.pid)
            family = [process for process in psutil.process_iter() if _session(process.pid) == session]
            assert len(family) >= 4
        assert not process.is_running()
        await are_gone(family)
        await lab.engine.close()  # twice does no harm
        del lab
        gc.collect()
    assert [str(warning.message) for warning in warned if warning.category is ResourceWarning] == []
    assert psutil.Process().num_fds() <= before
    assert capfd.readouterr() == ("", "")


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


@pytest.mark.parametrize(
    "turns", [0, 20, *(pytest.param(turns, marks=pytest.mark.long) for turns in (1, 2, 3, 5))]
)
async def test_closing_while_a_fork_server_starts_leaves_none(turns: int) -> None:
    """At whatever point of the start it comes, here of the second one after the first was killed."""
    lab = Lab()
    await lab.engine.open()
    os.kill(children()[0].pid, signal.SIGKILL)
    await lab.until(lambda: bool(lab.lost))
    for _ in range(turns):
        await asyncio.sleep(0)
    await lab.engine.close()
    assert children() == []


async def test_a_torch_that_does_not_load_is_said_once_and_runs_fail_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A torch that does not load is not tried for ever; who asks for a run is told why there is none."""
    (tmp_path / "torch.py").write_text("raise ImportError('libtorch.so: cannot open shared object file')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    async with Lab.opened() as lab:
        early = lab.start(COUNT)
        await lab.until(lambda: bool(lab.broken))
        reason = "torch cannot be loaded: libtorch.so: cannot open shared object file."
        assert lab.broken == [reason]
        assert lab.events[early] == [Failed(reason)]
        run = await lab.run(COUNT)
        assert run.ending == Failed(reason)


async def test_a_fork_server_that_dies_while_it_starts_is_tried_again_and_then_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch.py").write_text("import os\nos._exit(9)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    async with Lab.opened() as lab:
        await lab.until(lambda: bool(lab.broken))
        assert len(lab.lost) == MAX_FAILED_STARTS - 1
        assert lab.broken == ["The lab does not start: its process ended with exit code 9."]


async def test_a_lab_that_was_given_up_is_tried_again_when_somebody_asks_for_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = tmp_path / "torch.py"
    torch.write_text("import os\nos._exit(9)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    async with Lab.opened() as lab:
        await lab.until(lambda: bool(lab.broken))
        torch.unlink()
        run = await lab.run(COUNT)
        assert isinstance(run.ending, Finished)
        assert lab.engine.state == "ready" and len(lab.broken) == 1


async def test_a_lab_that_could_not_even_be_begun_is_tried_again_too(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = Lab()
    with monkeypatch.context() as without:
        without.setattr(sys, "executable", "/nowhere/python")
        with pytest.raises(OSError, match="No such file"):
            await lab.engine.open()
        assert lab.broken == ["The lab cannot be started: No such file or directory."]
    try:
        run = await lab.run(COUNT)
        assert isinstance(run.ending, Finished)
        assert lab.engine.state == "ready" and len(lab.broken) == 1
    finally:
        await lab.engine.close()


@pytest.mark.skipif(sys.platform == "darwin", reason="its shells count otherwise")
def test_where_no_file_may_be_written_it_is_said_what_to_do() -> None:
    code = "from initplay.engine.supervisor import _without_files; print(_without_files())"
    said = {
        limit: subprocess.run(
            ["sh", "-c", f'ulimit -f {limit}; exec "$0" -c "$1"', sys.executable, code],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout.strip()
        for limit in ("0", "unlimited")
    }
    assert said == {"0": NO_FILES.strip(), "unlimited": ""}


async def test_a_process_that_cannot_be_started_again_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Lab.opened() as lab:
        waiting = lab.start(COUNT)
        monkeypatch.setattr(sys, "executable", "/nowhere/python")
        os.kill(children()[0].pid, signal.SIGKILL)
        await lab.until(lambda: waiting in lab.events)
        assert lab.broken == ["The lab cannot be started again: No such file or directory."]
        assert lab.events[waiting] == [Failed(lab.broken[0])]


async def test_what_a_listener_raises_is_not_swallowed(shares_a_fork_server: None) -> None:
    lab = Lab()

    def engine_ready(ready: object) -> None:
        raise LookupError("a mistake of the screen")

    lab.engine_ready = engine_ready
    await lab.engine.open()
    task = lab.engine._supervisor._task
    assert task is not None
    await asyncio.wait([task], timeout=DEADLINE)
    with pytest.raises(LookupError, match="a mistake of the screen"):
        await lab.engine.close()
    assert children() == []


@pytest.mark.parametrize("goes_on", [True, False], ids=["in the middle", "in its last batch"])
async def test_a_run_whose_events_cannot_be_taken_has_an_ending_all_the_same(
    shares_a_fork_server: None, goes_on: bool
) -> None:
    """Its process ends, the next run works, and closing raises what was raised."""
    lab = Lab()
    heard: list[Recorded] = []

    def take(events: list[Recorded]) -> None:
        heard.extend(events)
        if Note("spinning") in events:
            raise LookupError("a mistake of the screen")

    await lab.engine.open()
    order = Order(
        lesson="trouble",
        experiment="go",
        filename="experiment.py",
        source="from initplay.lab import Note\n"
        + (SPIN if goes_on else "def go():\n    yield Note('spinning')"),
        knobs={},
        seeds=(1,),
    )
    running = lab.engine.start(order, take)
    await lab.run("def go():\n    yield Note('beside it')\n")
    while running.live:
        await asyncio.sleep(0.01)
    said = "initplay itself failed on an event: LookupError: a mistake of the screen."
    assert heard[-1] == Failed(said)
    await lab.is_sound()
    with pytest.raises(LookupError, match="a mistake of the screen"):
        await lab.engine.close()
    assert children() == []


PARENT = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from recorder import Lab

async def main():
    lab = Lab()
    await lab.engine.open()
    for source in sys.argv[2:]:
        await lab.said(lab.start(source), "spinning")
    print(lab.server.pid, (await lab.process(0)).pid, (await lab.process(1)).pid, flush=True)
    await asyncio.sleep(1000)

asyncio.run(main())
"""


async def test_no_process_outlives_a_killed_parent() -> None:
    """Not by a second, though its experiment spins, or lets no other thread of it run."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(Path(__file__).parent), SPIN, HOLD_THE_INTERPRETER],
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        family = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        assert len(family) == 3 and all(process.is_running() for process in family)
        parent.kill()
        await asyncio.wait_for(are_gone(family), timeout=1)


async def test_a_stop_before_the_lab_is_ready_ends_the_run_that_waits(shares_a_fork_server: None) -> None:
    async with Lab.opened() as lab:
        run_id = lab.start(COUNT)
        lab.stop(run_id)
        assert lab.events[run_id] == [Stopped("It was stopped before it began.")]
        following = lab.start(COUNT)
        lab.runs[following].slow(1000)
        run = await lab.ended(following)
        assert isinstance(run.ending, Finished)
        assert Note("4") in run.events


def test_the_screens_side_loads_neither_torch_nor_numpy_nor_textual() -> None:
    assert not loaded_by("initplay.engine.engine") & {"torch", "numpy", "textual", "initplay.worker.child"}


def test_what_lessons_import_loads_neither_screen_nor_engine_nor_torch() -> None:
    assert not loaded_by("initplay.lab") & {"torch", "numpy", "textual", "initplay.engine"}


def loaded_by(module: str) -> set[str]:
    """What a fresh interpreter has loaded once it has imported this."""
    program = f"import sys, {module}; print(*sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    return set(said.stdout.split())


async def test_a_run_stopped_before_its_first_word_ends_at_once_and_says_nothing_after_that(
    shares_a_fork_server: None,
) -> None:
    """Its process may still be made or warmed, and would hear of it late."""
    async with Lab.opened(ready=True) as lab:
        stopped = [lab.start(COUNT) for _ in range(3)]
        for run_id in stopped:
            lab.stop(run_id)
            assert lab.events[run_id] == [Stopped("It was stopped before it began.")]
        assert isinstance((await lab.run(COUNT)).ending, Finished)
        assert {len(lab.events[run_id]) for run_id in stopped} == {1}
