"""Every test of the screens has a home and a cache of its own, and the embedded digits."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pilots
import pytest
from slow_line import paint_over_a_slow_line
from textual import _wait

from initplay.ui.terminal.app import replace_parts_of_textual


@pytest.fixture(scope="session", autouse=True)
def as_in_a_terminal() -> None:
    """What is tested is what a learner has, with the parts of Textual that are replaced there."""
    replace_parts_of_textual()


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Pilot looks each fiftieth of a second whether the app is at rest, for a second while a run paints.

    That was half of the time of these tests; what they wait for is a condition (`until`).
    """
    monkeypatch.setattr(_wait, "SLEEP_GRANULARITY", 1 / 500)
    monkeypatch.setattr(_wait, "SLEEP_IDLE", 1 / 5000)
    monkeypatch.setattr(_wait.wait_for_idle, "__defaults__", (1 / 500, 0.1))


@pytest.fixture(autouse=True)
def paints_over_a_slow_line(monkeypatch: pytest.MonkeyPatch) -> None:
    paint_over_a_slow_line(monkeypatch)


MANY = 450
"""Playgrounds: some 900 MB."""


@pytest.fixture(autouse=True)
def let_go_of_what_is_over() -> Iterator[None]:
    """A playground takes what it has made out of the garbage collector's sight, as it keeps that to its end:
    a thousand of them in one process would be two gigabytes. To look through all that lives takes seconds."""
    yield
    if pilots.made >= MANY:
        pilots.made = 0
        gc.unfreeze()
        gc.collect()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shares_a_fork_server: None) -> Path:
    """The folder that progress is kept in."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("INITPLAY_HOME", str(folder))
    monkeypatch.setenv("INITPLAY_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    return folder
