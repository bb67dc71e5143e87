"""Of a line whose other end is gone all is read that it said, and the error by which it was lost is kept for
nobody: asyncio complains on the terminal of one that nobody has looked at.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from recorder import COUNT, Lab, eventually

from initplay.engine import wire
from initplay.engine.fork_server import ForkServer
from initplay.engine.own_server import SHARED, OwnServer
from initplay.engine.running import OneRun
from initplay.engine.stream import stream

WORDS = b"last words"
MANY = 20_000
"""More words than are read at once, and than are read ahead."""


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter, socket.socket]]:
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * len(MANY * WORDS))
    reader, writer = await stream(ours)
    with theirs:
        yield reader, writer, theirs
    writer.close()


@pytest.mark.parametrize("count", [0, 1, MANY])
async def test_a_line_that_is_closed_with_bytes_of_ours_unread_is_read_to_its_end(count):
    async with opened() as (reader, writer, theirs):
        writer.write(b"nobody reads this")
        await writer.drain()
        theirs.sendall(count * WORDS)
        theirs.close()
        if count < MANY:  # the error comes before anybody reads, or while somebody does
            await eventually(writer.is_closing)
        assert await reader.read() == count * WORDS


@pytest.mark.parametrize("count", [0, 1, MANY])
async def test_a_line_that_is_written_to_when_it_is_closed_is_read_to_its_end(count):
    async with opened() as (reader, writer, theirs):
        theirs.sendall(count * WORDS)
        theirs.close()
        writer.write(b"it cannot be sent")
        assert await reader.read() == count * WORDS
        assert writer.is_closing()


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


async def test_a_server_that_could_not_work_and_is_gone_when_it_is_joined_has_said_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one is that was started ahead, where the screen took longer than it did."""
    (tmp_path / "torch.py").write_text("raise ImportError('no libtorch')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    own = OwnServer.start("auto")
    await asyncio.to_thread(own.process.wait)
    server = await ForkServer.open("auto", own)
    assert await server.notices() == "torch cannot be loaded: no libtorch."
    await server.end()
    assert unheard() == []
