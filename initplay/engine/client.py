"""The UI's side of the lab: one worker process at a time, always being ready or getting ready.

Everything here runs on one asyncio loop. What the worker reports reaches a `Listener`; nothing is awaited
by whoever asks for a run. However the worker ends, its run gets an ending and a new worker starts.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from typing import BinaryIO, Protocol

from initplay.engine import wire
from initplay.lab.events import Ending, Failed, Finished, Recorded, Stopped

PATIENCE = 1.0
"""Seconds that a stop waits for an answer, and then again after SIGTERM, before it is enforced."""
LOG_TAIL = 2_000
MAX_FAILED_STARTS = 2


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
        self._running: int | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._ready = False
        self._closed = False
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
        """Ask for a run and return its number. A run still going is stopped first."""
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
        if self._running is not None:
            self.stop()
        self._start_waiting()
        return self._last_run_id

    def pause(self) -> None:
        self._command(wire.Pause)

    def resume(self) -> None:
        self._command(wire.Resume)

    def step(self) -> None:
        self._command(wire.Step)

    def slow(self, per_second: float | None) -> None:
        if self._running is not None:
            self._send(wire.Pace(self._running, per_second))

    def stop(self) -> None:
        """End the running experiment: by request, after a second by SIGTERM, after another by SIGKILL."""
        if self._running is not None and self._stopping is None:
            self._stopping = asyncio.create_task(self._stop(self._running))

    async def close(self) -> None:
        """End the worker and wait until it is gone."""
        self._closed = True
        for task in (self._supervisor, self._stopping):
            if task:
                task.cancel()
        if self._worker:
            await self._worker.end()

    def _command(self, kind: type[wire.Pause] | type[wire.Resume] | type[wire.Step]) -> None:
        if self._running is not None:
            self._send(kind(self._running))

    def _send(self, command: wire.Command) -> None:
        if self._worker:
            self._worker.send(command)

    def _start_waiting(self) -> None:
        if self._ready and self._running is None and self._waiting is not None:
            start, self._waiting = self._waiting, None
            self._running = start.run_id
            self._send(start)

    async def _stop(self, run_id: int) -> None:
        worker = self._worker
        self._send(wire.Stop(run_id))
        for sign in (signal.SIGTERM, signal.SIGKILL):
            await asyncio.sleep(PATIENCE)
            if self._running != run_id or worker is None:
                return
            worker.signal(sign)

    def _end_run(self, ending: Ending) -> None:
        """The run has ended without saying so."""
        if self._running is not None:
            self._deliver(self._running, [ending])

    def _deliver(self, run_id: int, events: list[Recorded]) -> None:
        if run_id != self._running:
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
            how = await worker.reap()
            if broken or failed_starts >= MAX_FAILED_STARTS:
                reason = broken or f"The lab does not start: {how}"
                self._listener.lab_broken(reason)
                self._fail_waiting(reason)
                return
            if self._stopping:
                self._end_run(Stopped("It did not answer, so the lab was restarted."))
            else:
                self._end_run(Failed(f"The experiment took the lab down: {how}"))
            self._listener.lab_lost(how)
            worker = self._worker = await _Worker.spawn()

    def _fail_waiting(self, reason: str) -> None:
        if self._waiting is not None:
            self._running, self._waiting = self._waiting.run_id, None
        self._end_run(Failed(reason))

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
                    return f"The worker speaks protocol {report.protocol}, this program {wire.PROTOCOL}; reinstall."
        except asyncio.IncompleteReadError:
            return None
        except wire.WireError:
            worker.signal(
                signal.SIGKILL
            )  # lesson code wrote into our pipe; nothing after that can be trusted
            return None


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

    @classmethod
    async def spawn(cls) -> _Worker:
        read_fd, write_fd = os.pipe()
        log = tempfile.TemporaryFile()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "initplay.engine.worker",
                str(write_fd),
                str(os.getpid()),
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=(write_fd,),
                start_new_session=True,
                # A torch.py in the folder one happens to be in must not shadow torch.
                env={**os.environ, "PYTHONSAFEPATH": "1"},
            )
        finally:
            os.close(write_fd)
        reader = asyncio.StreamReader(limit=wire.MAX_FRAME)
        pipe = os.fdopen(read_fd, "rb", buffering=0)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
        return cls(process, reader, transport, log)

    def send(self, command: wire.Command) -> None:
        if self._process.stdin and not self._process.stdin.is_closing():
            self._process.stdin.write(wire.frame(command))

    async def report(self) -> wire.Report:
        prefix = await self._reader.readexactly(wire.LENGTH_SIZE)
        return wire.report(await self._reader.readexactly(wire.length(prefix)))

    def signal(self, sign: signal.Signals) -> None:
        """Signal the worker and whatever it has started."""
        try:
            os.killpg(self._process.pid, sign)
        except ProcessLookupError:
            return  # it is gone already

    async def reap(self) -> str:
        """Wait for the end of the process; how it ended, in words."""
        try:
            await asyncio.wait_for(self._process.wait(), PATIENCE)
        except asyncio.TimeoutError:  # it closed its pipe but lives on
            self.signal(signal.SIGKILL)
            await self._process.wait()
        self._transport.close()
        return self._epitaph(self._process.returncode or 0)

    async def end(self) -> None:
        """End it kindly, then firmly."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), PATIENCE / 2)
        except asyncio.TimeoutError:
            pass
        self.signal(signal.SIGKILL)  # children of lesson code may have outlived it
        await self._process.wait()
        self._transport.close()

    def _epitaph(self, code: int) -> str:
        """How the process ended, with what its log says of it.

        After a signal that is faulthandler's innermost frame, first of its list; else the last line, where
        an uncaught error says its name.
        """
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - LOG_TAIL))
        lines = [
            line.strip() for line in self._log.read().decode(errors="replace").splitlines() if line.strip()
        ]
        self._log.close()
        if code < 0:
            frames = [line for line in lines if line.startswith("File ")]
            how, said = f"its process was ended by {signal.Signals(-code).name}", frames[:1]
        else:
            how, said = f"its process ended with exit code {code}", lines[-1:]
        return f"{how} ({said[0][:200]})." if said else f"{how}."
