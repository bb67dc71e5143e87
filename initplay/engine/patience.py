"""Waiting for so many seconds and no longer.

Before Python 3.12 `asyncio.wait_for` gives what it waited for where that comes together with a cancellation,
which is lost then: who has cancelled it waits for ever (python/cpython#86296). And `asyncio.timeout`, in
3.11, raises the wrong error in a task that was cancelled and still has to tidy up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def within(seconds: float | None, awaited: Awaitable[T]) -> T:
    """What is awaited, for so many seconds, or for ever. Raises `asyncio.TimeoutError`. What is late, or no
    longer waited for, is cancelled and has ended when this ends; nobody hears what became of it."""
    waited_for = asyncio.ensure_future(awaited)
    try:
        await asyncio.wait([waited_for], timeout=seconds)
        if not waited_for.done():
            raise asyncio.TimeoutError
        return waited_for.result()
    finally:
        if waited_for.cancel():
            await asyncio.wait([waited_for])
        if not waited_for.cancelled():
            waited_for.exception()  # or asyncio complains that nobody has looked at it
