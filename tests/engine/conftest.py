from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from recorder import Lab


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def lab() -> AsyncIterator[Lab]:
    """An engine that is ready; the tests of a module share it."""
    async with Lab.opened(ready=True) as lab:
        yield lab
