from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from recorder import Lab


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def lab() -> AsyncIterator[Lab]:
    """An engine that is ready; the tests of a module share it."""
    lab = Lab()
    await lab.engine.open()
    try:
        await lab.until(lambda: lab.ready is not None)
        yield lab
    finally:
        await lab.engine.close()
