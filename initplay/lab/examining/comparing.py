"""What a loss compares: the shapes of an output and a target that torch stretches to fit each other, and
targets of which none counts."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakTensorKeyDictionary

from initplay.lab.examining.sizes import tensors_in

_LOSSES = {"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "poisson_nll_loss"}
"""Functions of torch that take the difference of two tensors, or what is like it, number by number."""
_OF_CLASSES = {"cross_entropy", "nll_loss"}
_DIFFERENCES = {"sub", "subtract", "rsub", "__sub__", "__rsub__"}


@dataclass(frozen=True)
class Compared:
    """The shapes of an output and a target that differ, and were compared number by number."""

    output: tuple[int, ...]
    target: tuple[int, ...]

    @property
    def both(self) -> tuple[int, ...]:
        """The shape that both are stretched to."""
        return tuple(torch.broadcast_shapes(self.output, self.target))

    @property
    def is_crossed(self) -> bool:
        """Whether torch makes more of the two than either has: an output is held beside several targets, and
        a target beside several outputs."""
        return math.prod(self.both) > max(math.prod(self.output), math.prod(self.target))

    @property
    def is_stretched(self) -> bool:
        return math.prod(self.both) > min(math.prod(self.output), math.prod(self.target))


@dataclass(frozen=True)
class Ignored:
    """Targets that all are the one number which a loss of classes ignores."""

    targets: int
    index: int
    loss: str


class Comparing(TorchFunctionMode):
    """Within it a comparison of two shapes that differ is written down, the first that is crossed before
    others: by a loss of torch's, or by a difference of the output itself and the target itself."""

    def __init__(self, output: Any, target: Any) -> None:
        super().__init__()
        self._outputs = {id(one) for one in tensors_in(output)}
        self._targets = {id(one) for one in tensors_in(target)}
        self.found: Compared | None = None
        self.ignored: Ignored | None = None
        """Of a loss of classes, as long as every one of the pass ignored all of its targets."""
        self._counts = False
        """Whether one of them did not."""
        self._made_of: Any = WeakTensorKeyDictionary()
        """Of each tensor that is still there, whether output or target is in it."""
        for name, value in (("output", output), ("target", target)):
            for one in tensors_in(value):
                self._made_of[one] = self._parts(one) | {name}

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)  # before the look, for it says what does not fit at all
        name = getattr(func, "__name__", "")
        taken = list(tensors_in((*args, *kwargs.values())))
        if name in _LOSSES | _DIFFERENCES:
            self._keep(self._compared(name, taken[:2]))
        elif name in _OF_CLASSES and not self._counts:
            self.ignored = _ignored(name, args, kwargs)
            self._counts = self.ignored is None
        if made_of := frozenset().union(*map(self._parts, taken)):
            for one in tensors_in(result):
                self._made_of[one] = made_of
        return result

    def _parts(self, tensor: Tensor) -> frozenset[str]:
        return self._made_of.get(tensor, frozenset())

    def _keep(self, found: Compared | None) -> None:
        """A fault before what may be meant, and the first of several."""
        if found and (self.found is None or (found.is_crossed and not self.found.is_crossed)):
            self.found = found

    def _compared(self, name: str, two: list[Tensor]) -> Compared | None:
        if len(two) < 2 or any(one.is_nested for one in two):
            return None
        if name in _DIFFERENCES:
            if id(two[0]) in self._targets:
                two.reverse()
            if id(two[0]) not in self._outputs or id(two[1]) not in self._targets:
                return None
        elif all(self._parts(one) == {"output"} for one in two):  # there is no target in it
            return None
        output, target = (tuple(one.shape) for one in two)
        found = Compared(output, target)
        # A difference with one number for all, or for each column, is as often meant as not.
        return found if found.is_crossed or (name in _LOSSES and found.is_stretched) else None


def _ignored(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Ignored | None:
    """Of a call of torch's loss of that name."""
    target = args[1] if len(args) > 1 else kwargs.get("target")
    index = args[4] if len(args) > 4 else kwargs.get("ignore_index", -100)
    if not isinstance(target, Tensor) or target.is_floating_point() or not target.numel():
        return None
    return Ignored(target.numel(), index, name) if bool((target == index).all()) else None
