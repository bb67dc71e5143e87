"""A run that several tests ask for is made once, in whichever process they are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import runs

from initplay.recording.run import Run


def test_of_two_who_ask_at_once_one_makes_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock is of the open file, so that two threads stand for two processes here."""
    monkeypatch.setenv(runs.RUNS_OF_THIS_SESSION, str(tmp_path))
    make, made, both = runs._make, [], Barrier(2)

    def counted(*order: Any) -> bytes:
        made.append(order)
        return make(*order)

    def ask(_: int) -> Run:
        both.wait()
        knobs = (("bias", 0.0), ("relu", False))
        return runs._perform.__wrapped__("neuron", "layer", 7, "embedded", knobs, "")

    monkeypatch.setattr(runs, "_make", counted)
    with ThreadPoolExecutor(2) as two:
        one, other = two.map(ask, range(2))
    assert len(made) == 1
    assert one.facts == other.facts and len(one.events) == len(other.events)
