"""What was gone through once a fork need not learn again, and nothing of it is left."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import io, linecache, os, resource, sys, threading
from initplay.worker.torch_import import import_torch

import_torch("embedded")

import torch
from initplay.engine.order import Order
from initplay.engine.wire import Start
from initplay.lab.mnist import dataset
from initplay.worker import devices
from initplay.worker.child import performed
from initplay.worker.control import Control
from initplay.worker.outbox import FactsBox
from initplay.worker.rehearsal import rehearse

text = "from initplay.lab import *\\ndef go():\\n    yield Result(fact=1)\\n"
order = Order(lesson="a", experiment="go", filename="a.py", source=text,
              knobs={}, seeds=(1,), device="cpu", data="embedded")

def pages_of_a_run():
    there, back = os.pipe()
    if os.fork() == 0:
        box = FactsBox(io.BytesIO())
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        ending = performed(Start(order=order, seed=1, threads=1, among_many=True), Control(), box)
        pages = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
        os.write(back, str(pages if type(ending).__name__ == "Finished" else ending).encode())
        os._exit(0)
    os.wait()
    return os.read(there, 1000).decode()

def asked():
    raise AssertionError("the driver was asked")

unrehearsed = pages_of_a_run()
modules, lines = set(sys.modules), set(linecache.cache)
threads, digits = threading.active_count(), dataset.describe()
asks, torch.cuda.is_available = torch.cuda.is_available, asked
said = rehearse("embedded")
torch.cuda.is_available = asks
assert devices.available()[0].name == "cpu"
assert type(said).__name__ == "Finished", said
assert {name for name in set(sys.modules) - modules if name.startswith("initplay")} == set()
assert set(linecache.cache) == lines
assert (threading.active_count(), dataset.describe()) == (threads, digits)
print(unrehearsed, pages_of_a_run())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked, or it is counted otherwise")
def test_a_run_copies_fewer_pages_and_no_trace_is_left():
    """Nor is a device's driver asked for anything: a process that has done that may not be forked."""
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stderr) == (0, "")
    unrehearsed, rehearsed = map(int, ended.stdout.split())
    assert rehearsed < unrehearsed


FAILS = """
from initplay.worker.server import make_forks_cheap
from initplay.worker.torch_import import import_torch

import_torch("/no/such")
make_forks_cheap("/no/such")
"""


def test_the_log_says_why_one_failed():
    """As where the digits that were asked for cannot be read: such a server forks all the same."""
    ended = subprocess.run([sys.executable, "-c", FAILS], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0
    assert ended.stderr.startswith("the rehearsal failed: /no/such cannot be read")
