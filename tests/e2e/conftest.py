"""These tests need a system with pseudo-terminals."""

from __future__ import annotations

import sys

import pytest

from initplay.engine.own_server import SHARED

collect_ignore_glob = ["test_*.py"] if sys.platform == "win32" else []


@pytest.fixture(autouse=True)
def joined(shares_a_fork_server: None) -> None:
    """No test here waits for a torch of its own, if it is not marked `own_fork_server`."""


@pytest.fixture(scope="session")
def joins(request: pytest.FixtureRequest) -> dict[str, str | None]:
    """The environment of a playground that several tests share: it is opened before `joined` is."""
    if sys.platform != "linux":
        return {}
    return {SHARED: str(request.getfixturevalue("fork_server_of_all"))}
