"""What the first run of a process would do first, done while nobody waits for it.

It saves some 40 ms of each run. No number of a run depends on it, for every run begins with its own seed.
"""

from __future__ import annotations

import sys

import numpy.random  # noqa: F401 (numpy imports it when it is first asked for, which every run does)
import torch

from initplay.lab.events import Histogram
from initplay.worker.capture import capture
from initplay.worker.manners import libc

MEMORY = 2**25
"""Bytes that a run's tensors find touched already, for the system takes longest over the first touch of a
page: two copies of the digits as float32. It is 2 to 6 ms of a run of a quarter second."""


def warm_server() -> None:
    """Once, before the forks: kernels are chosen, and memory that was freed is kept for the next tensor."""
    _keep_freed_memory()
    x = torch.randn(64, 64)
    (x @ x).relu().square().mean().sqrt()
    torch.nn.functional.cross_entropy(x, torch.zeros(64, dtype=torch.long))
    torch.set_default_device(None)  # imports what each run would
    capture(Histogram("warm", x))


def warm_child(*, has_memory: bool) -> None:
    """In the process of the next run: what is not inherited by a fork."""
    if has_memory:
        torch.zeros(MEMORY // 4)  # freed at once, and kept for the run's own: see `_keep_freed_memory`
    torch.manual_seed(0)


def _keep_freed_memory() -> None:
    """Have glibc take large tensors from memory that it keeps, rather than ask the system for each anew."""
    if sys.platform != "linux":
        return
    if hasattr(libc(), "mallopt"):
        m_trim_threshold, m_mmap_threshold = -1, -3
        libc().mallopt(m_mmap_threshold, 2**30)
        libc().mallopt(m_trim_threshold, 2**30)
