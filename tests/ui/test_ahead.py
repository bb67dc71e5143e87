"""What a key will need is imported before it is pressed, one module a rest."""

from __future__ import annotations

from importlib.util import find_spec

from pilots import playing, until

from initplay.ui import garbage
from initplay.ui.ahead import MODULES, Ahead
from initplay.ui.app import Playground


def test_each_is_there_and_is_taken_once():
    assert all(find_spec(name) for name in MODULES)
    ahead = Ahead()
    assert [ahead.take_one() for _ in range(len(MODULES) + 1)] == [True] * len(MODULES) + [False]


async def test_the_first_rests_have_no_key_before_them(home, monkeypatch):
    monkeypatch.setattr(garbage, "REST", 0.05)
    async with playing(home) as pilot:
        app = pilot.app
        assert isinstance(app, Playground)
        await until(pilot, lambda: not app._ahead._left)
