"""Huge pages hold what the small ones held, and a child's writes stay its own."""

from __future__ import annotations

import ctypes
import mmap
import subprocess
import sys
from pathlib import Path

import pytest

from initplay.worker.huge_pages import SIZE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="huge pages are Linux's here")
_MADV_COLLAPSE = 25


def can_be_had() -> bool:
    """Whether this system makes huge pages of written memory when it is asked to."""
    room = mmap.mmap(-1, 2 * SIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    room.write(b"\1" * 2 * SIZE)
    at = -(-ctypes.addressof(ctypes.c_char.from_buffer(room)) // SIZE) * SIZE
    return ctypes.CDLL(None).madvise(ctypes.c_void_p(at), ctypes.c_size_t(SIZE), _MADV_COLLAPSE) == 0


PROGRAM = """
import os, re
from initplay.worker.huge_pages import put_on_huge_pages

def kilobytes():
    with open("/proc/self/smaps_rollup") as rollup:
        return int(re.search(r"AnonHugePages:\\s+(\\d+) kB", rollup.read())[1])

held = bytearray(os.urandom(1 << 20) * 16)
was = bytes(held)
put_on_huge_pages()
assert held == was
print(kilobytes())
child = os.fork()
if child == 0:
    try:
        held[:] = bytes(len(held))
    finally:
        os._exit(held == was)
assert os.waitpid(child, 0)[1] == 0
assert held == was
"""


def test_memory_holds_what_it_held_and_is_on_huge_pages_where_there_are_any():
    """And what a child writes is not its parent's."""
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stderr) == (0, "")
    if not can_be_had():
        pytest.skip("this system makes none")
    assert int(ended.stdout) >= (16 << 10) - 2 * SIZE // 1024


def test_where_the_system_has_none_nothing_happens():
    """As in a process that may have none (PR_SET_THP_DISABLE)."""
    pr_set_thp_disable = 41
    text = (
        "import ctypes; from initplay.worker.huge_pages import put_on_huge_pages;"
        f"ctypes.CDLL(None).prctl({pr_set_thp_disable}, 1, 0, 0, 0);"
        "held = bytearray(b'ab' * 2**22); put_on_huge_pages(); assert held == b'ab' * 2**22"
    )
    ended = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stderr) == (0, "")


LARGE_TENSOR = """
import os
from initplay.worker.torch_import import import_torch

before = dict(os.environ)
import_torch("embedded")
assert dict(os.environ) == before, "what the lesson's code sees is as it was"

import torch

large = torch.ones(16, 1024, 1024)
middle = large.data_ptr() + large.nbytes // 2
asked = False
for line in open("/proc/self/smaps", encoding="utf-8", errors="replace"):
    first = line.split()[0]
    if "-" in first and not first.endswith(":"):
        begin, end = (int(number, 16) for number in first.split("-"))
        within = begin <= middle < end
    elif within and first == "VmFlags:":
        asked = "hg" in line.split()
print(asked)
"""


@pytest.mark.skipif(not Path("/sys/kernel/mm/transparent_hugepage").exists(), reason="there are none here")
def test_a_large_tensor_asks_for_huge_pages():
    ended = subprocess.run([sys.executable, "-c", LARGE_TENSOR], capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stdout) == (0, "True\n"), ended.stderr
