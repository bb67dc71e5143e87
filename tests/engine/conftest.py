from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from recorder import Lab


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def lab() -> AsyncIterator[Lab]:
    """A client that is ready; the tests of a module share it and leave it ready or getting ready."""
    lab = Lab()
    await lab.client.open()
    try:
        await lab.until(lambda: lab.ready is not None)
        yield lab
    finally:
        await lab.client.close()
