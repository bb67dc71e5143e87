from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def joined(shares_a_fork_server: None) -> None:
    """No test here waits for a torch of its own, if it is not marked `own_fork_server`."""
