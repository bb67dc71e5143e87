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
from initplay.worker.perform import performed
from initplay.worker.control import Control
from initplay.worker.outbox import FactsBox
from initplay.worker.rehearsal import rehearse_as_fork, rehearse_to_fork

text = "from initplay.lab import *\\ndef go():\\n    yield Result(fact=1)\\n"
order = Order(lesson="a", experiment="go", filename="a.py", source=text,
              knobs={}, seeds=(1,), device="cpu", data="embedded")

def pages_of_a_run(rehearses=False):
    there, back = os.pipe()
    if os.fork() == 0:
        if rehearses:
            as_it_was = modules_lines_threads_digits()
            rehearse_as_fork("embedded")
            assert modules_lines_threads_digits() == as_it_was
        box = FactsBox(io.BytesIO())
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        ending = performed(Start(order=order, seed=1, threads=1), Control(), box)
        pages = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
        os.write(back, str(pages if type(ending).__name__ == "Finished" else ending).encode())
        os._exit(0)
    os.wait()
    return os.read(there, 1000).decode()

def asked():
    raise AssertionError("the driver was asked")

def modules_lines_threads_digits():
    ours = {name for name in sys.modules if name.startswith("initplay")}
    return ours, set(linecache.cache), threading.active_count(), dataset.describe()

unrehearsed = pages_of_a_run()
as_it_was = modules_lines_threads_digits()
asks, torch.cuda.is_available = torch.cuda.is_available, asked
rehearse_to_fork("embedded")
torch.cuda.is_available = asks
assert devices.available()[0].name == "cpu"
assert modules_lines_threads_digits() == as_it_was
print(unrehearsed, pages_of_a_run(), pages_of_a_run(rehearses=True))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked, or it is counted otherwise")
def test_a_run_copies_fewer_pages_and_no_trace_is_left():
    """Nor is a device's driver asked for anything: a process that has done that may not be forked."""
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stderr) == (0, "")
    unrehearsed, forked_from_one_that_has, has_itself = map(int, ended.stdout.split())
    assert has_itself < forked_from_one_that_has < unrehearsed


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
