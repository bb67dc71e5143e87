"""These tests need a system with pseudo-terminals."""

from __future__ import annotations

import sys

import pytest

collect_ignore_glob = ["test_*.py"] if sys.platform == "win32" else []


@pytest.fixture(autouse=True)
def joined(shares_a_fork_server: None) -> None:
    """No test here waits for a torch of its own, if it is not marked `own_fork_server`."""
