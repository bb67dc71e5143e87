"""How a line to a process was lost is told to whoever reads it, and is kept for nobody else.

Asyncio complains on the terminal of an error that nobody has looked at.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from pathlib import Path

import pytest
from recorder import COUNT, Lab, eventually

from initplay.engine import wire
from initplay.engine.fork_server import ForkServer
from initplay.engine.own_server import SHARED
from initplay.engine.running import OneRun


def unheard() -> list[object]:
    """What asyncio would complain of if it were freed now."""
    loop = asyncio.get_running_loop()
    futures = [found for found in gc.get_objects() if isinstance(found, asyncio.Future)]
    return [future for future in futures if future.get_loop() is loop and future._log_traceback]


async def test_of_a_fork_server_that_dies_at_its_start_no_error_is_left_unheard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies as one without memory does, before it has read what it was sent."""
    (tmp_path / "torch.py").write_text("import os\nos._exit(9)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delenv(SHARED, raising=False)
    server = await ForkServer.open("auto")
    assert await server.notices() is None
    assert (await server.end()).how == "its process ended with exit code 9."
    assert unheard() == []


async def test_of_a_process_that_dies_with_commands_unread_neither(shares_a_fork_server: None) -> None:
    async with Lab.opened(ready=True) as lab:
        run_id = lab.start(COUNT, paused=True)
        await lab.until(lambda: bool(lab.events.get(run_id)))
        running = lab.runs[run_id]
        assert isinstance(running, OneRun)
        process = running._process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        process.send(wire.Pace(1.0))
        os.kill(process.pid, signal.SIGKILL)
        run = await lab.ended(run_id)
        assert run.state == "failed"
        await eventually(process._writer.is_closing)
        assert unheard() == []
