"""One forward pass as records: the calls of layers, the sums of signals, and where each signal comes from."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from torch import Tensor, nn
from torch.utils.weak import WeakTensorKeyDictionary

from initplay.lab.examining.means import Means


@dataclass
class Call:
    """One call of one layer, with what was measured of it."""

    name: str
    module: nn.Module
    number: int
    """Which call of this module it is, from 1 on."""
    entering: tuple[int, ...] = ()
    """The shape of its first input."""
    leaving: tuple[int, ...] = ()
    rms_in: float = math.nan
    rms: float = math.nan
    rms_after: float | None = None
    """Behind its activation."""
    activation: str | None = None
    slope: float = 0.01
    normed: bool = False
    """Whether a normalization stands between it and its activation, or behind it."""
    summed: bool = False
    """Whether its output is added to another signal, as at the end of a residual branch."""
    dead: float | None = None
    saturated: float | None = None
    before: Call | None = None
    """The layer whose signal it reads, where nothing but its activation and reshaping lies between."""
    alone: Call | None = None
    """The layer whose output is all that its input is made of, by functions of one tensor each."""
    read: bool = False
    """Whether a later layer reads its signal, whatever lies between; what none reads is an end of the net."""
    products: float | None = None
    """How many products an output sums, where a layer of the net's own multiplies by its weight."""
    weight_rms: float | None = None
    """Of what it multiplied by, where that was made of a parameter and is not its `module.weight`."""
    cut: str = ""
    """Why no gradient can come back to it, with {} for its title; empty where nothing was seen."""
    gradients: list[list[float]] = field(default_factory=list)
    """Of the loss by each tensor that it gave; empty for one that the loss does not depend on."""
    unit: int = -1
    """The dimension of its output that counts units."""
    means: Means | None = None
    """What goes in and comes out in the mean, of a layer with a bias."""

    @property
    def title(self) -> str:
        return self.name if self.number == 1 else f"{self.name} (call {self.number})"

    @property
    def values_of_a_unit(self) -> int:
        """How many numbers of the batch are those of one unit."""
        return math.prod(self.leaving) // max(self.leaving[self.unit], 1) if self.leaving else 0

    @property
    def rms_gradient(self) -> float | None:
        """Of the loss by its output: by the first of its tensors that the loss depends on."""
        found = next((one for one in self.gradients if one), [])
        return math.sqrt(sum(one**2 for one in found) / len(found)) if found else None


@dataclass
class Sum:
    """Two signals added: a residual branch comes back into its stream."""

    rms: float
    branch: Call | None
    """The layer that the branch ends with."""


class Entered(NamedTuple):
    """A layer that is being called."""

    name: str
    module: nn.Module
    first: Tensor | None
    """The first tensor that it got."""
    size: float
    signal: Any
    """Where that comes from: a Signal, or None where no layer gave it."""
    alone: Call | None
    """The layer that gave all that it got."""


@dataclass
class Trace:
    """What one forward pass showed."""

    calls: list[Call] = field(default_factory=list)
    entered: list[Entered] = field(default_factory=list, repr=False)
    """The layers that are being called; of a pass that ended early, those that it ended in."""
    sums: list[Sum] = field(default_factory=list)
    attention: int = 0
    """Calls of scaled_dot_product_attention."""
    factors: list[str] = field(default_factory=list)
    """The parameters that a signal was multiplied with number by number, as gates are."""
    chooses: bool = False
    """Whether a function was called that chooses, as a router does: topk, argmax, or a comparison of
    what comes of weights."""
    unseen: list[str] = field(default_factory=list)
    """Sentences about what cannot be looked into."""
    input_rms: float = math.nan
    input_is_broken: bool = False
    """Whether NaN or inf is in what the net is given."""
    input_is_zero: bool = False
    """Whether what the net is given is floats, and all of them 0."""
    signals: Any = field(default_factory=WeakTensorKeyDictionary, repr=False)
    """Of each tensor that is still there, where it comes from."""

    shares: Any = field(default_factory=WeakTensorKeyDictionary, repr=False)
    """The tensors that are there still and that softmax gave."""

    def activation_behind(self, tensor: Tensor) -> str | None:
        """The activation that a tensor comes from, where nothing but reshaping lies between."""
        signal = self.signals.get(tensor)
        return signal.call.activation if signal and signal.call and signal.activated else None
