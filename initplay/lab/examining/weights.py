"""What stands for each parameter of a net in a forward pass: itself, and what is made of it."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.utils.weak import WeakTensorKeyDictionary

from initplay.lab.examining.call import Call
from initplay.lab.examining.loose import Loose
from initplay.lab.examining.signals import Signal
from initplay.lab.examining.sizes import tensors_in


class Weights:
    """The parameters by name, as they are followed through functions."""

    def __init__(self, net: nn.Module) -> None:
        self._names: Any = WeakTensorKeyDictionary()
        """What stands for each parameter, also by what is made of it."""
        self._gates: Any = WeakTensorKeyDictionary()
        """The parameters that went through a function that keeps zeros, by what came of them."""
        for name, parameter in net.named_parameters():
            if not nn.parameter.is_lazy(parameter):
                self._names[parameter] = name

    def name_of(self, tensor: Tensor) -> str | None:
        """Which parameter it stands for."""
        return self._names.get(tensor)

    def has(self, value: Any) -> bool:
        """Whether it stands for a parameter."""
        return isinstance(value, Tensor) and value in self._names

    def has_in(self, layer: nn.Module, value: Any) -> bool:
        """The same for what has the shape of the weight of the layer that is called: it was made of that,
        whatever way, as where it is standardized first."""
        own = layer._parameters.get("weight")
        return self.has(value) or (
            isinstance(value, Tensor) and own is not None and own.dim() > 1 and own.shape == value.shape
        )

    def make(self, weight: Tensor, args: tuple[Any, ...], result: Any) -> None:
        """What is reshaped of a parameter, or a multiple of it, is still that parameter."""
        if all(not isinstance(one, Tensor) or one.numel() == 1 for one in args[1:]):
            for one in tensors_in(result):
                self._names[one] = self._names[weight]

    def gate(self, tensor: Tensor, signal: Signal | None) -> str | None:
        """The parameter that it is, or is made of by a function that keeps zeros, or is looked up in by the
        layer that it comes from."""
        own: Any = tensor
        if signal and signal.call and signal == Signal(signal.call) and _is_table(signal.call):
            own = signal.call.module.weight
        return self._names.get(own) or self._gates.get(own)

    def make_gate(self, gate: str, result: Any) -> None:
        """A function that keeps zeros gave this of a gate."""
        self._gates[result] = gate


def _is_table(call: Call) -> bool:
    return isinstance(call.module, nn.Embedding) or (isinstance(call.module, Loose) and call.products is None)
