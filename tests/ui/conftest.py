"""Every test of the screens has a home and a cache of its own, and the embedded digits."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shares_a_fork_server: None) -> Path:
    """The folder that progress is kept in."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("INITPLAY_HOME", str(folder))
    monkeypatch.setenv("INITPLAY_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    return folder
