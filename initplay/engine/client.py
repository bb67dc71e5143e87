"""The UI's side of the lab: one worker process at a time, always being ready or getting ready.

Everything here runs on one asyncio loop. What the worker reports reaches a `Listener`; nothing is awaited
by whoever asks for a run. However the worker ends, its run gets an ending and a new worker starts.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

import initplay
from initplay.engine import wire
from initplay.lab.events import Ending, Failed, Finished, Recorded, Stopped

PATIENCE = 1.0
"""Seconds that a stop waits for an answer, and then again after SIGTERM, before it is enforced."""
LOG_TAIL = 20_000
"""Bytes; a hundred frames, which is what faulthandler writes of a stack, are less."""
MAX_FAILED_STARTS = 2

# Where initplay is found is found again, and where one happens to be is not looked at: a torch.py there must
# not shadow torch. `python -P` does that from 3.11 on, but hides an initplay that is run from its checkout.
_START_WORKER = """\
import sys
sys.path[:] = [place for place in sys.path if place] + [sys.argv.pop(1)]
from initplay.worker.worker import main
main()
"""


class Listener(Protocol):
    """Who wants to know what the lab does. Called on the loop; must return soon."""

    def lab_ready(self, ready: wire.Ready) -> None:
        """torch is loaded; runs start at once from now on."""

    def lab_lost(self, reason: str) -> None:
        """The worker is gone and another is starting; the reason is one sentence."""

    def lab_broken(self, reason: str) -> None:
        """No worker can be started; the reason is one sentence."""

    def run_events(self, run_id: int, events: list[Recorded]) -> None:
        """New events of a run, in order; the last one of a run is its ending."""


class Client:
    """Starts the worker, sends commands, and delivers events."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._worker: _Worker | None = None
        self._waiting: wire.Start | None = None
        """A run asked for before torch was loaded, or while the last one is being stopped."""
        self._running: wire.Start | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._ready = False
        self._broken: str | None = None
        """Why there will be no worker any more."""
        self._last_run_id = 0

    @property
    def ready(self) -> bool:
        return self._ready

    async def open(self) -> None:
        """Start the worker; returns once the process exists, long before torch is loaded.

        Call it on the main thread: on Linux the worker dies with the thread that started it.
        """
        self._worker = await _Worker.spawn()
        self._supervisor = asyncio.create_task(self._supervise(self._worker))
        self._supervisor.add_done_callback(self._say_how_it_failed)

    def run(
        self,
        *,
        lesson: str,
        experiment: str,
        filename: str,
        source: str,
        knobs: dict[str, object],
        seed: int,
        device: str = "cpu",
        data: str = "auto",
        paused: bool = False,
        pace: float | None = None,
    ) -> int:
        """Ask for a run and return its number. A run still going, or still waiting for torch, is stopped."""
        self._drop_waiting(Stopped("Another run took its place before it began."))
        self._last_run_id += 1
        self._waiting = wire.Start(
            run_id=self._last_run_id,
            lesson=lesson,
            experiment=experiment,
            filename=filename,
            source=source,
            knobs=knobs,
            seed=seed,
            device=device,
            data=data,
            paused=paused,
            pace=pace,
        )
        if self._running:
            self._stop_running()
        elif self._broken:  # not at once, for whoever asks does not know the number yet
            asyncio.get_running_loop().call_soon(self._drop_waiting, Failed(self._broken))
        self._start_waiting()
        return self._last_run_id

    def pause(self) -> None:
        """Hold the run at its next event; one that waits for torch will begin held."""
        if self._waiting:
            self._waiting = msgspec.structs.replace(self._waiting, paused=True)
        elif self._running:
            self._send(wire.Pause(self._running.run_id))

    def resume(self) -> None:
        if self._waiting:
            self._waiting = msgspec.structs.replace(self._waiting, paused=False)
        elif self._running:
            self._send(wire.Resume(self._running.run_id))

    def step(self) -> None:
        """Go on to the end of the next moment and hold there; a run that waits for torch begins held."""
        if self._waiting:
            self.pause()
        elif self._running:
            self._send(wire.Step(self._running.run_id))

    def slow(self, per_second: float | None) -> None:
        """Let so many moments pass a second; None is full speed."""
        if self._waiting:
            self._waiting = msgspec.structs.replace(self._waiting, pace=per_second)
        elif self._running:
            self._send(wire.Pace(self._running.run_id, per_second))

    def stop(self) -> None:
        """End the running experiment: by request, after a second by SIGTERM, after another by SIGKILL.

        One that waits for torch is ended at once.
        """
        self._drop_waiting(Stopped("It was stopped before it began."))
        if self._running:
            self._stop_running()

    async def close(self) -> None:
        """End the worker and whatever it has started, and wait until all are gone.

        A run still going gets no ending. Raises what a listener raised.
        """
        tasks = [task for task in (self._supervisor, self._stopping) if task]
        self._supervisor = self._stopping = None
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        worker, self._worker = self._worker, None
        if worker:
            await worker.end()
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome

    def _send(self, command: wire.Command) -> None:
        if self._worker:
            self._worker.send(command)

    def _start_waiting(self) -> None:
        if self._ready and self._waiting and not self._running:
            start, self._waiting = self._waiting, None
            self._running = start
            self._send(start)

    def _drop_waiting(self, ending: Ending) -> None:
        if self._waiting:
            start, self._waiting = self._waiting, None
            self._listener.run_events(start.run_id, [ending])

    def _stop_running(self) -> None:
        if self._running and self._worker and not self._stopping:
            self._send(wire.Stop(self._running.run_id))
            self._stopping = asyncio.create_task(self._enforce_stop(self._worker))

    async def _enforce_stop(self, worker: _Worker) -> None:
        """Cancelled as soon as the run has ended."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            await asyncio.sleep(PATIENCE)
            worker.signal(sign, "it did not answer when it was asked to stop")

    def _end_run(self, ending: Ending) -> None:
        """The run has ended without saying so."""
        if self._running:
            self._deliver(self._running.run_id, [ending])

    def _deliver(self, run_id: int, events: list[Recorded]) -> None:
        if not self._running or run_id != self._running.run_id:
            return
        ended = isinstance(events[-1], Finished | Failed | Stopped)
        if ended:
            self._running = None
            if self._stopping:
                self._stopping.cancel()
                self._stopping = None
        self._listener.run_events(run_id, events)
        if ended:
            self._start_waiting()

    async def _supervise(self, worker: _Worker) -> None:
        """Take the worker's reports until it is gone, then see to the next one."""
        failed_starts = 0
        while True:
            broken = await self._take_reports(worker)
            failed_starts = 0 if self._ready else failed_starts + 1
            self._ready = False
            death = await worker.reap()
            self._end_run(self._ending_by(death))
            if broken or failed_starts >= MAX_FAILED_STARTS:
                self._break(broken or f"The lab does not start: {death.how}")
                return
            self._listener.lab_lost(death.how)
            try:
                worker = self._worker = await _Worker.spawn()
            except OSError as error:
                self._break(f"The lab cannot be started again: {error.strerror}.")
                return

    def _ending_by(self, death: _Death) -> Ending:
        """What is to be said of the run that was going when the worker died."""
        if self._stopping:
            return Stopped("It did not answer, so the lab was restarted.")
        line = death.line_in(self._running.filename) if self._running else None
        where = f" at line {line}" if line else ""
        return Failed(f"The experiment took the lab down{where}: {death.how}", line)

    def _break(self, reason: str) -> None:
        self._broken = reason
        self._listener.lab_broken(reason)
        self._drop_waiting(Failed(reason))

    def _say_how_it_failed(self, supervisor: asyncio.Task[None]) -> None:
        """A listener that raises ends the supervisor: say so now, for `close` raises it only at the end."""
        if not supervisor.cancelled() and (error := supervisor.exception()):
            self._running = None
            self._break(f"initplay itself failed on a report of the lab: {type(error).__name__}: {error}.")

    async def _take_reports(self, worker: _Worker) -> str | None:
        """Deliver what the worker says until its pipe ends; the sentence it gave if it cannot work."""
        try:
            while True:
                report = await worker.report()
                if isinstance(report, wire.Events):
                    self._deliver(report.run_id, report.events)
                    await asyncio.sleep(0)  # keys come first
                elif isinstance(report, wire.Ready):
                    self._ready = True
                    self._listener.lab_ready(report)
                    self._start_waiting()
                elif isinstance(report, wire.Broken):
                    return report.message
                elif report.protocol != wire.PROTOCOL:
                    return (
                        f"The worker speaks protocol {report.protocol}, this program {wire.PROTOCOL}; "
                        "install initplay again."
                    )
        except asyncio.IncompleteReadError:
            return None
        except wire.WireError:
            # Nothing after that can be trusted.
            worker.signal(signal.SIGKILL, "something wrote into the pipe that is for its reports")
            return None


@dataclass(frozen=True)
class _Death:
    """How a worker ended."""

    how: str
    """In words, after "The experiment took the lab down: "."""
    frames: list[tuple[str, int]]
    """File and line of what it was running, the innermost first, where a signal left that in its log."""

    def line_in(self, filename: str) -> int | None:
        return next((line for file, line in self.frames if file == filename), None)


class _Worker:
    """One worker process and its pipes."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        transport: asyncio.BaseTransport,
        log: BinaryIO,
    ) -> None:
        self._process = process
        self._reader = reader
        self._transport = transport
        self._log = log
        self._killed_because = ""

    @classmethod
    async def spawn(cls) -> _Worker:
        read_fd, write_fd = os.pipe()
        pipe = os.fdopen(read_fd, "rb", buffering=0)
        log = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the worker)
        with contextlib.ExitStack() as on_failure, os.fdopen(write_fd, "wb"):
            on_failure.callback(log.close)
            on_failure.callback(pipe.close)
            # The limit is not a frame's: a longer one is read in turns.
            reader = asyncio.StreamReader(limit=2**18)
            transport, _ = await asyncio.get_running_loop().connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(reader), pipe
            )
            on_failure.callback(transport.close)
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                _START_WORKER,
                str(Path(initplay.__file__).parents[1]),
                str(write_fd),
                str(os.getpid()),
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=(write_fd,),
                start_new_session=True,
            )
            on_failure.pop_all()
        return cls(process, reader, transport, log)

    def send(self, command: wire.Command) -> None:
        if self._process.stdin and not self._process.stdin.is_closing():
            self._process.stdin.write(wire.frame(command))

    async def report(self) -> wire.Report:
        prefix = await self._reader.readexactly(wire.LENGTH_SIZE)
        return wire.report(await self._reader.readexactly(wire.length(prefix)))

    def signal(self, sign: signal.Signals, because: str) -> None:
        """Signal the worker and whatever it has started, which may live on without it."""
        if self._process.returncode is None:
            self._killed_because = self._killed_because or because
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS refuses to signal zombies
            os.killpg(self._process.pid, sign)

    async def reap(self) -> _Death:
        """Wait for the end of the process; how it ended."""
        try:
            await asyncio.wait_for(self._process.wait(), PATIENCE)
        except asyncio.TimeoutError:  # it closed its pipe but lives on
            self.signal(signal.SIGKILL, "it closed the pipe that is for its reports")
        await self._clear_away()
        death = self._autopsy(self._process.returncode or 0)
        self._log.close()
        return death

    async def end(self) -> None:
        """End it kindly, then firmly."""
        if self._process.stdin:
            self._process.stdin.close()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._process.wait(), PATIENCE / 2)
        await self._clear_away()
        self._log.close()

    async def _clear_away(self) -> None:
        """Leave no process of the worker's, and nothing of ours that was open for it."""
        self.signal(signal.SIGKILL, "the lab was closed")
        await self._process.wait()
        self._transport.close()
        if self._process.stdin:
            self._process.stdin.close()
            with contextlib.suppress(ConnectionError):  # commands it did not live to read
                await self._process.stdin.wait_closed()

    def _autopsy(self, code: int) -> _Death:
        """How the process ended, with what its log says of it.

        After a signal that is the stack that faulthandler wrote; else the last line, where an uncaught error
        says its name.
        """
        if self._killed_because:
            return _Death(f"its process was ended because {self._killed_because}.", [])
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - LOG_TAIL))
        log = self._log.read().decode(errors="replace")
        if code < 0:
            frames = [
                (file, int(line)) for file, line in re.findall(r'^  File "(.*)", line (\d+)', log, re.M)
            ]
            how = f"its process was ended by {signal.Signals(-code).name}"
            if -code == signal.SIGKILL:
                how += ", as a system does that runs out of memory"
            return _Death(f"{how}.", frames)
        said = log.strip().splitlines()[-1:]
        how = f"its process ended with exit code {code}"
        return _Death(f"{how} ({said[0].strip()[:200]})." if said else f"{how}.", [])
