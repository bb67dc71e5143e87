"""A warmed process has what its run would wait for."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import os, resource, sys
from initplay.worker.torch_import import import_torch
from initplay.worker.warming import MEMORY, warm_child

def first_touches():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def fork(has_memory):
    if os.fork() == 0:
        import torch
        warm_child(has_memory=has_memory)
        before = first_touches()
        torch.ones(MEMORY // 8)
        print(first_touches() - before, flush=True)
        os._exit(0)
    os.wait()

os.environ["THP_MEM_ALLOC_ENABLE"] = "0"  # a huge page would be one touch
import torch
torch.zeros(1)
import_torch("embedded")
fork(False)
fork(True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take freed memory back")
def test_the_first_tensors_of_a_run_lie_where_memory_was_touched_before():
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stderr) == (0, "")
    without, having = map(int, ended.stdout.split())
    assert having < 100 < without
