"""Python looks through all that lives when nobody waits for an answer, and only then."""

from __future__ import annotations

import gc

import pytest
from pilots import lesson, playing, tap, until

from initplay.ui import garbage
from initplay.ui.home import HomeScreen


@pytest.fixture(autouse=True)
def full_collections(monkeypatch):
    """One entry for each that has begun."""
    threshold = gc.get_threshold()
    gc.set_threshold(700, 10, 10)  # as in a program that has set none: the tests have
    seen: list[str] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if info["generation"] == 2:
            seen.append(phase)

    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)
    gc.set_threshold(*threshold)


async def test_none_comes_while_keys_come(home, monkeypatch, full_collections):
    monkeypatch.setattr(garbage, "REST", 3600)
    async with playing(home) as pilot:
        full_collections.clear()
        for _visit in range(5):
            tap(pilot, "enter")
            await until(pilot, lambda: lesson(pilot).prose.border_title)
            tap(pilot, "escape")
            await until(pilot, lambda: isinstance(pilot.app.screen, HomeScreen))
        assert full_collections == []


async def test_one_comes_with_each_rest(home, monkeypatch, full_collections):
    monkeypatch.setattr(garbage, "REST", 0.05)
    async with playing(home) as pilot:
        for _rest in range(2):
            full_collections.clear()
            tap(pilot, "down")
            await until(pilot, lambda: "stop" in full_collections)


async def test_each_key_has_them_wait_once(home, monkeypatch):
    """A second time would end within the next key."""
    waits: list[float] = []
    monkeypatch.setattr(garbage, "leave_for", waits.append)
    async with playing(home) as pilot:
        for number, key in enumerate(("down", "up", "E"), 1):
            tap(pilot, key)
            await until(pilot, lambda number=number: len(waits) >= number)
            await pilot.pause()  # until it has been all the way
            assert len(waits) == number


async def test_the_young_wait_for_a_key_and_no_longer(home, monkeypatch):
    monkeypatch.setattr("initplay.ui.app.ANSWERED_IN", 3600)
    async with playing(home) as pilot:
        assert gc.isenabled()
        tap(pilot, "down")
        await until(pilot, lambda: not gc.isenabled())
        monkeypatch.setattr("initplay.ui.app.ANSWERED_IN", 0.01)
        tap(pilot, "up")
        await until(pilot, gc.isenabled)
        monkeypatch.setattr("initplay.ui.app.ANSWERED_IN", 3600)
        tap(pilot, "down")
        await until(pilot, lambda: not gc.isenabled())
    assert gc.isenabled()
