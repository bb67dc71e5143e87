"""Waiting for so many seconds: what comes, what is late, and a cancellation that is never lost."""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress

import pytest
from recorder import DEADLINE

from initplay.engine.patience import within


@pytest.mark.parametrize("seconds", [None, 0, DEADLINE])
async def test_what_is_there_is_given_and_what_fails_fails(seconds):
    there: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    there.set_result("it")
    assert await within(seconds, there) == "it"
    failed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    failed.set_exception(ConnectionResetError())
    with pytest.raises(ConnectionResetError):
        await within(seconds, failed)


async def test_what_is_late_has_ended_when_that_is_said():
    ended = []

    async def late() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    with pytest.raises(asyncio.TimeoutError):
        await within(0.01, late())
    assert ended


async def test_nobody_hears_what_became_of_what_is_late():
    async def fails_late() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError

    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, said: complaints.append(said))
    with pytest.raises(asyncio.TimeoutError):
        await within(0.01, fails_late())
    gc.collect()
    assert not complaints


@pytest.mark.parametrize("later", range(6))
@pytest.mark.parametrize("fails", [False, True])
async def test_who_is_cancelled_while_it_comes_is_cancelled(later, fails):
    comes: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def first_this_then_for_ever() -> None:
        with suppress(ValueError):
            await within(DEADLINE, asyncio.shield(comes))
        await asyncio.Event().wait()

    waiting = asyncio.create_task(first_this_then_for_ever())
    await asyncio.sleep(0)  # it has begun to wait
    if fails:
        comes.set_exception(ValueError())
    else:
        comes.set_result(None)
    for _ in range(later):
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting], timeout=DEADLINE)
    assert waiting.cancelled()


async def test_a_task_that_was_cancelled_waits_no_longer_than_it_says_while_it_tidies_up():
    said = []

    async def tidies_up() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            try:
                await within(0.01, asyncio.Event().wait())
            except asyncio.TimeoutError:
                said.append("late")

    task = asyncio.create_task(tidies_up())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task], timeout=DEADLINE)
    assert task.cancelled() and said == ["late"]
