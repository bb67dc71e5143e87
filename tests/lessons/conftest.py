"""The digits that claims are tested on: the embedded ones always, the full MNIST where it is at hand."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """One thread: tensors here are small, and threads that wait for one another crawl on a busy machine.

    INITPLAY_TEST_THREADS asks for more, to see that no claim depends on how a sum is divided among them.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(int(os.environ.get("INITPLAY_TEST_THREADS", "1")))
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session", autouse=True)
def memory_that_is_freed_stays_at_hand() -> None:
    """glibc gives large blocks back at once; to be handed them anew, zeroed, takes a tenth of the time."""
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        trim_threshold, mmap_threshold = -1, -3  # malloc.h
        libc.mallopt(trim_threshold, 2**31 - 1)
        libc.mallopt(mmap_threshold, 2**30)


@pytest.fixture(scope="session")
def full_mnist(full_digits: Path) -> str:
    return str(full_digits)


@pytest.fixture(params=["embedded", pytest.param("full", marks=pytest.mark.long)])
def data(request: pytest.FixtureRequest) -> str:
    """What `perform` takes as `data`, once for each of the two sets."""
    return "embedded" if request.param == "embedded" else request.getfixturevalue("full_mnist")
