"""The child process: it loads torch, runs lesson code, and reports. Nobody else imports torch.

`engine.client` starts it with two arguments: FD, the pipe for reports, and PARENT, the process id of the UI.
Commands come down stdin.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import gc
import os
import queue
import signal
import sys
import threading
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, BinaryIO

from initplay.engine import wire
from initplay.lab.mnist import dataset
from initplay.worker.control import Control

if TYPE_CHECKING:
    from initplay.worker.pristine import Pristine

NICENESS = 10
"""So that the screen answers while an experiment fills every core."""


def main() -> None:
    reports = os.fdopen(int(sys.argv[1]), "wb")
    _die_with(parent=int(sys.argv[2]))
    faulthandler.enable(all_threads=False)  # a segfault names its line in the log
    os.nice(NICENESS)
    _go_first_when_memory_runs_out()
    commands = _take_stdin()
    _keep_from_children(reports, commands)
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


def threads() -> int:
    """How many torch computes with: one core is left to the screen.

    Threads that wait for a core they cannot have spin, and a training step of a millisecond takes ten.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores - 1)


def _take_stdin() -> BinaryIO:
    """The command pipe, moved where lesson code that reads stdin cannot reach it."""
    commands = os.fdopen(os.dup(0), "rb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return commands


def _keep_from_children(*pipes: BinaryIO) -> None:
    """Let no process that lesson code starts write into our pipes, nor hold them open when we are gone."""
    for pipe in pipes:
        os.set_inheritable(pipe.fileno(), False)

    def forget() -> None:
        null = os.open(os.devnull, os.O_RDWR)
        for pipe in pipes:
            os.dup2(null, pipe.fileno(), inheritable=False)
        os.close(null)

    os.register_at_fork(after_in_child=forget)


def _go_first_when_memory_runs_out() -> None:
    """Where Linux has to kill something, it is to be the experiment and not the screen."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:  # Linux alone has it
        score.write("1000")


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

            from initplay.worker import devices
        except (ImportError, OSError) as error:
            _send(self._reports, wire.Broken(f"torch cannot be loaded: {error}."))
            return False
        torch.set_num_threads(threads())
        warning = dataset.use("auto")
        ready = wire.Ready(str(torch.__version__), devices.available(), dataset.describe(), warning or "")
        _send(self._reports, ready)
        return True

    def work(self) -> None:
        from initplay.worker.pristine import Pristine

        pristine = Pristine()
        gc.freeze()  # what is here now stays; to look through it after each run takes 0.1 s
        process = os.getpid()
        while True:
            start = self._starts.get()
            self._run(start, self._controls[start.run_id], pristine)
            if os.getpid() != process:  # lesson code forked, and its child came out here too
                os._exit(0)
            del self._controls[start.run_id]

    def _run(self, start: wire.Start, control: Control, pristine: Pristine) -> None:
        from initplay.worker.outbox import Outbox, PrintedStream
        from initplay.worker.perform import perform

        outbox = Outbox(start.run_id, self._reports)
        printed = PrintedStream(outbox.print)
        with redirect_stdout(printed), redirect_stderr(printed):
            ending = perform(start, control, outbox)
        pristine.restore()
        outbox.end(ending)
        gc.collect()
