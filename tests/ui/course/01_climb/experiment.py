from __future__ import annotations

import time
from typing import Literal

import torch

from initplay.lab import Axes, Histogram, LogRange, Note, Point, Range, Result

FACTOR = 1


def climb(
    steps: Range[1, 50] = 10,
    slope: LogRange[0.1, 10.0] = 1.0,
    sign: Literal["up", "down"] = "up",
    noisy: bool = False,
    offset: float = 0.0,
):
    """Walk up a slope."""
    yield Axes("height", x="step", y="height")
    value = torch.tensor(offset)
    for step in range(1, steps + 1):
        value = value + slope * FACTOR * (1 if sign == "up" else -1)
        if noisy:
            value = value + torch.randn(())
        yield Point("height", step, value)
        yield Point("height", step, slope * step, series="theory")
        yield Histogram("spread", value + torch.randn(500), at=step)
    yield Note(f"it ended at {value:.3g}")
    yield Result(last=value, steps=steps)


def wait(moments: Range[1, 100_000] = 20_000):
    """Go on for minutes, a hundred moments a second."""
    yield Axes("time", x="moment", y="value")
    for moment in range(moments):
        yield Point("time", moment, moment)
        time.sleep(0.01)
