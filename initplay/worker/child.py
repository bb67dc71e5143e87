"""A process of a run's own: it takes commands from its socket, runs what it is told, and reports there.

It lives until its socket is closed or it is killed. On the CPU that is after one run; with an accelerator,
whose context takes a second to make, it is told to run again as long as the text is the lesson's own.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import queue
import socket
import threading
from typing import TYPE_CHECKING

from initplay.engine import wire
from initplay.worker import manners
from initplay.worker.control import Control

if TYPE_CHECKING:
    from initplay.worker.outbox import Outbox


def live(channel: int, log: int) -> None:
    """Obey the commands on the socket until the process ends; what is written to 1 or 2 goes to the log."""
    _take_standard_streams(log)
    faulthandler.enable(all_threads=False)  # a segfault names its line in the log
    manners.go_first_when_memory_runs_out()
    line = socket.socket(fileno=channel)
    _keep_from_children(line)
    Child(line).work()


def _take_standard_streams(log: int) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(null)
    os.close(log)


def _keep_from_children(line: socket.socket) -> None:
    """Let no process that lesson code starts write into our socket, nor hold it open when we are gone."""
    line.set_inheritable(False)

    def forget() -> None:
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, line.fileno(), inheritable=False)
        os.close(null)

    os.register_at_fork(after_in_child=forget)


class Child:
    """Runs what it is told, one thing after the other; obeys commands while a run goes on.

    A run among many is told nothing while it goes on: no thread is started to listen for it, which would
    take a tenth of what such a run costs beside itself.
    """

    def __init__(self, line: socket.socket) -> None:
        self._commands = line.makefile("rb")
        self._reports = line.makefile("wb")
        self._work: queue.SimpleQueue[wire.Examine | wire.Warm | tuple[wire.Start, Control]]
        self._work = queue.SimpleQueue()
        self._control = Control()
        self._outbox: Outbox | None = None
        """Made ahead, with its thread, for the next run."""
        self._listens = False
        """Whether a thread takes the commands; else they are taken where the next work is looked for."""

    def _listen(self) -> None:
        """Take commands until the other side is gone, then end the process, whatever it is doing."""
        if not self._listens:
            self._listens = True
            threading.Thread(target=self._hear_all, daemon=True).start()

    def _hear_all(self) -> None:
        while True:
            self._hear()

    def _hear(self) -> None:
        """Take one command."""
        prefix = self._commands.read(wire.LENGTH_SIZE)
        if len(prefix) < wire.LENGTH_SIZE:  # the other side is gone
            os._exit(0)
        self._obey(wire.command(self._commands.read(wire.length(prefix))))

    def _obey(self, command: wire.Command) -> None:
        if isinstance(command, wire.Examine | wire.Warm):
            self._work.put(command)
        elif isinstance(command, wire.Start):
            self._control = Control(paused=command.paused, pace=command.pace)
            self._work.put((command, self._control))
        elif isinstance(command, wire.Pause):
            self._control.pause()
        elif isinstance(command, wire.Resume):
            self._control.resume()
        elif isinstance(command, wire.Step):
            self._control.step()
        elif isinstance(command, wire.Pace):
            self._control.slow(command.per_second)
        else:
            self._control.stop()

    def work(self) -> None:
        process = os.getpid()
        while True:
            while not self._listens and self._work.empty():
                self._hear()
            work = self._work.get()
            if isinstance(work, wire.Examine):
                self._examine(work.data, work.measures)
            elif isinstance(work, wire.Warm):
                self._warm(work.data, has_memory=work.has_memory)
            else:
                self._run(*work)
            if os.getpid() != process:  # lesson code forked, and its child came out here too
                os._exit(0)

    def _examine(self, data: str, measures: bool) -> None:
        import torch

        from initplay.lab.mnist import dataset
        from initplay.worker import devices
        from initplay.worker.torch_import import read_digits

        warning = read_digits(data)
        found = devices.available(measures=measures)
        ready = wire.Ready(str(torch.__version__), found, dataset.describe(), warning)
        self._reports.write(wire.frame(ready))
        self._reports.flush()

    def _warm(self, data: str, *, has_memory: bool) -> None:
        from initplay.worker.outbox import Outbox
        from initplay.worker.rehearsal import rehearse_as_fork
        from initplay.worker.warming import warm_child

        self._listen()
        warm_child(has_memory=has_memory)
        rehearse_as_fork(data, has_memory=has_memory)
        self._outbox = Outbox(self._reports)

    def _run(self, start: wire.Start, control: Control) -> None:
        import torch

        from initplay.worker.outbox import FactsBox, Outbox
        from initplay.worker.perform import performed

        if not (start.among_many and manners.DIES_WITH_PARENT):
            self._listen()
        box = FactsBox(self._reports) if start.among_many else self._outbox or Outbox(self._reports)
        self._outbox = None
        box.end(performed(start, control, box))
        if torch.empty(0).device.type != "cpu":  # else it was the only run of this process
            gc.collect()
