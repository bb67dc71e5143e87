"""Who takes a process's commands: itself until a run is to hear some, then a thread of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import os, socket, tempfile
from initplay.engine import wire
from initplay.engine.order import Order
from initplay.worker.torch_import import import_torch

import_torch("embedded")
from initplay.worker.child import live

ours, theirs = socket.socketpair()
log = tempfile.TemporaryFile()
child = os.fork()
if child == 0:
    ours.close()
    live(theirs.detach(), log.fileno())
theirs.close()
reports = ours.makefile("rb")

def order(**how):
    source = '''
import threading
from initplay.lab import Note, Result

def go():
    yield Result(threads=threading.active_count())
    while {goes_on}:
        yield Note("on")
'''
    made = Order(
        lesson="l", experiment="go", filename="l.py", source=source.format(goes_on=how.pop("goes_on")),
        knobs={}, seeds=(1,), device="cpu", data="embedded",
    )
    ours.sendall(wire.frame(wire.Start(order=made, seed=1, threads=1, **how)))

def until_the_end():
    facts = {}
    while True:
        for event in wire.report(reports.read(wire.length(reports.read(wire.LENGTH_SIZE)))).events:
            kind = type(event).__name__
            facts |= event.values if kind == "Facts" else {}
            if kind in ("Finished", "Failed", "Stopped"):
                return kind, facts.get("threads", 0)

for _ in range(2):
    order(goes_on=False, among_many=True)
    print(*until_the_end())
order(goes_on=True, paused=True)
ours.sendall(wire.frame(wire.Stop()))
print(until_the_end()[0])
order(goes_on=False)
print(until_the_end()[0])
order(goes_on=False, among_many=True)
print(until_the_end()[0])
ours.shutdown(socket.SHUT_RDWR)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every run must listen for its parent's end")
def test_runs_among_many_and_others_in_one_process():
    """As with an accelerator, whose process is kept: neither hears less for what came before it."""
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stderr) == (0, "")
    said = ["Finished 1", "Finished 1", "Stopped", "Finished", "Finished", "0"]
    assert ended.stdout.splitlines() == said
