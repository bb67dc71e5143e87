"""Where a tensor comes from: the layer, and what it went through since."""

from __future__ import annotations

import math
from dataclasses import dataclass

from initplay.lab.examining.call import Call
from initplay.lab.examining.means import Means


@dataclass(frozen=True)
class Signal:
    """Where a tensor comes from."""

    call: Call | None
    """The layer with weights."""
    norm: Call | None = None
    """A normalization that it went through since."""
    activated: bool = False
    summed: bool = False
    joined: bool = False
    """Whether it lies side by side with signals of other layers, as behind a skip of a U-Net."""
    beside: tuple[Call, ...] = ()
    """The layers of these, and of what it was added to."""


@dataclass(frozen=True)
class Made:
    """What a layer made of its products before it gave it: with the activation that it ends with, if any."""

    activation: str = ""
    slope: float = 0.01
    rms: float = math.nan
    """Before that."""
    means: Means | None = None


def layer_before(signal: Signal | None) -> Call | None:
    """The layer that a signal comes from, where no normalization, sum or other signal changed its size."""
    return None if signal is None or signal.norm or signal.summed or signal.joined else signal.call


def calls_of(signals: list[Signal]) -> tuple[Call, ...]:
    """The layers that signals come from, each once."""
    found = (one for signal in signals for one in (signal.call, *signal.beside) if one)
    return tuple({id(one): one for one in found}.values())
