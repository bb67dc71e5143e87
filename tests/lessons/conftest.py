"""The digits that claims are tested on: the embedded ones always, the full MNIST where it is at hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

MNIST = Path(os.environ.get("INITPLAY_MNIST", Path(__file__).resolve().parents[3] / "shared" / "mnist"))


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tensors here are small, and threads that wait for one another crawl on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def full_mnist() -> str:
    if not MNIST.is_dir():
        pytest.skip(f"the full MNIST is not at {MNIST}: set INITPLAY_MNIST to its folder")
    return str(MNIST)


@pytest.fixture(params=["embedded", "full"])
def data(request: pytest.FixtureRequest) -> str:
    """What `perform` takes as `data`, once for each of the two sets."""
    return "embedded" if request.param == "embedded" else request.getfixturevalue("full_mnist")
