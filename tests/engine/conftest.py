from __future__ import annotations

import sys
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from recorder import Lab

from initplay.engine.own_server import SHARED, OwnServer


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def lab(request: pytest.FixtureRequest) -> AsyncIterator[Lab]:
    """An engine that is ready; the tests of a module share it, and all of them a fork server."""
    with pytest.MonkeyPatch.context() as patch:
        if sys.platform == "linux":
            patch.setenv(SHARED, str(request.getfixturevalue("fork_server_of_all")))
        async with Lab.opened(ready=True) as lab:
            yield lab


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def own_lab() -> AsyncIterator[Lab]:
    """One with a fork server of its own that was started ahead, for those who look at that."""
    async with Lab.opened(ready=True, server=OwnServer.start("auto")) as lab:
        yield lab
