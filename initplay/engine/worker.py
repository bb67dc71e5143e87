"""The child process: it loads torch, runs lesson code, and reports. Nobody else imports torch.

    python -m initplay.engine.worker FD PARENT

FD is the pipe for reports, PARENT the process id of the UI. Commands come down stdin.
"""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import os
import queue
import signal
import sys
import threading
from contextlib import redirect_stderr, redirect_stdout
from typing import BinaryIO

from initplay.engine import wire
from initplay.engine.control import Control
from initplay.lab import mnist

NICENESS = 10
"""So that the screen answers while an experiment fills every core."""


def main() -> None:
    reports = os.fdopen(int(sys.argv[1]), "wb")
    _die_with(parent=int(sys.argv[2]))
    faulthandler.enable(all_threads=False)  # a segfault names its line in the log
    os.nice(NICENESS)
    commands = _take_stdin()
    _send(reports, wire.Hello(wire.PROTOCOL))
    worker = Worker(reports)
    threading.Thread(target=worker.listen, args=(commands,), daemon=True).start()
    if worker.load_torch():
        worker.work()


def _die_with(parent: int) -> None:
    """End when the UI does, on Linux even while lesson code holds the interpreter.

    The end of stdin says the same everywhere, but only to a thread that gets to run.
    """
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
    if os.getppid() != parent:  # it was gone before we could ask
        os._exit(0)


def _take_stdin() -> BinaryIO:
    """The command pipe, moved where lesson code that reads stdin cannot reach it."""
    commands = os.fdopen(os.dup(0), "rb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return commands


def _send(reports: BinaryIO, message: wire.Report) -> None:
    reports.write(wire.frame(message))
    reports.flush()


class Worker:
    """Runs one experiment after the other; obeys commands while one runs."""

    def __init__(self, reports: BinaryIO) -> None:
        self._reports = reports
        self._starts: queue.SimpleQueue[wire.Start] = queue.SimpleQueue()
        self._controls: dict[int, Control] = {}

    def listen(self, commands: BinaryIO) -> None:
        """Take commands until the UI is gone, then end the process, whatever it is doing."""
        while len(prefix := commands.read(wire.LENGTH_SIZE)) == wire.LENGTH_SIZE:
            self._obey(wire.command(commands.read(wire.length(prefix))))
        os._exit(0)

    def _obey(self, command: wire.Command) -> None:
        if isinstance(command, wire.Start):
            self._controls[command.run_id] = Control(paused=command.paused, pace=command.pace)
            self._starts.put(command)
            return
        control = self._controls.get(command.run_id)
        if control is None:  # that run has ended meanwhile
            return
        if isinstance(command, wire.Pause):
            control.pause()
        elif isinstance(command, wire.Resume):
            control.resume()
        elif isinstance(command, wire.Step):
            control.step()
        elif isinstance(command, wire.Pace):
            control.slow(command.per_second)
        else:
            control.stop()

    def load_torch(self) -> bool:
        """Import torch and say what this machine can run on; False when that cannot be."""
        try:
            import torch

            from initplay.engine import devices
        except (ImportError, OSError) as error:
            _send(self._reports, wire.Broken(f"torch cannot be loaded: {error}."))
            return False
        warning = mnist.use("auto")
        ready = wire.Ready(str(torch.__version__), devices.available(), mnist.describe(), warning or "")
        _send(self._reports, ready)
        return True

    def work(self) -> None:
        while True:
            start = self._starts.get()
            self._run(start, self._controls[start.run_id])
            del self._controls[start.run_id]

    def _run(self, start: wire.Start, control: Control) -> None:
        from initplay.engine.outbox import Outbox, PrintedStream
        from initplay.engine.perform import perform

        outbox = Outbox(start.run_id, self._reports)
        printed = PrintedStream(outbox.print)
        with redirect_stdout(printed), redirect_stderr(printed):
            ending = perform(start, control, outbox)
        outbox.end(ending)
        gc.collect()


if __name__ == "__main__":
    main()
