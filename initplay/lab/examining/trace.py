"""One forward pass, seen from outside: which layers are called, in which order, and where their outputs go.

Hooks on modules say when a layer is called. A mode of torch's functions sees what is called without a module
(F.relu, +, scaled_dot_product_attention) and follows each tensor from the layer that made it to the
activation, the normalization and the sum that it goes through. Both are gone when the pass is over, however
it ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakTensorKeyDictionary

from initplay.lab.examining.call import Call, Entered, Sum, Trace
from initplay.lab.examining.functions import (
    AS_RELU,
    FOLLOWED,
    GATING,
    JOINING,
    MAKES_WEIGHTS,
    NORMING,
    PASSIVE,
    READ,
    SCALING,
    SUMS,
    ZERO_AT_ZERO,
    activation_of,
    chooses,
    cut_of,
    factors_of,
    slope_of,
)
from initplay.lab.examining.kinds import NORMS, dimension_of_units, is_layer, is_torchs
from initplay.lab.examining.loose import Loose
from initplay.lab.examining.means import Means, bias_of, means_of
from initplay.lab.examining.shares import dead_share, saturated_share
from initplay.lab.examining.signals import Made, Signal, calls_of, layer_before
from initplay.lab.examining.sizes import has_size, size_of, tensors_in, unseen
from initplay.lab.examining.uses import NAME_THEIR_WEIGHT, USES, Use, use_of
from initplay.lab.examining.weights import Weights

MOST_CALLS = 3
"""Of one module that are kept; where it is called more often, the first two and the last."""


@contextmanager
def tracing(net: nn.Module) -> Iterator[Trace]:
    """Within it a forward pass of the net is written into the trace."""
    tracer = _Tracer(net)
    try:
        with tracer:
            yield tracer.trace
    finally:
        tracer.leave()


class _Tracer(TorchFunctionMode):
    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.trace = Trace()
        self._net = net
        self._signals = self.trace.signals
        self._known: dict[int, tuple[str, nn.Module]] = {}
        self._counts: dict[int, int] = {}
        self._open = self.trace.entered
        self._made: Any = WeakTensorKeyDictionary()
        """What a layer that is being called has made of its products so far, by tensor."""
        self._products: dict[int, dict[str, tuple[float, float | None]]] = {}
        """By layer and by weight of it that it multiplied by in this call: how many products a sum has, and
        how large what it multiplied by is, where that is made of the weight."""
        self._handles: list[Any] = []
        self._weights = Weights(net)
        self._loose: dict[int, Loose] = {}
        self._given: dict[Any, Call] = {}
        """By the node of autograd that a layer's output is of."""
        self._sizes: Any = WeakTensorKeyDictionary()
        """Of each tensor that is still there, its version and how large it was then."""
        inside: set[nn.Module] = set()
        for name, module in net.named_modules():
            if module in inside:
                continue
            if isinstance(module, torch.jit.ScriptModule):
                inside.update(module.modules())
                self.trace.unseen.append(
                    f"{name or 'The net'} is compiled by TorchScript: what is in it is not seen."
                )
            elif is_layer(module):
                inside.update(module.modules())
                self._watch(module, name)

    def leave(self) -> None:
        """Take every hook off."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()

    def _watch(self, module: nn.Module, name: str) -> None:
        self._handles.append(module.register_forward_pre_hook(unseen(self._enter), with_kwargs=True))
        self._handles.append(module.register_forward_hook(unseen(self._leave), with_kwargs=True))
        self._known[id(module)] = (name or type(module).__name__, module)

    def _enter(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        tensors = list(tensors_in((*args, *kwargs.values())))
        first = tensors[0] if tensors else None
        alone = self._alone(tensors[0]) if len(tensors) == 1 else None
        size = self._size(first) if first is not None and has_size(first) else math.nan
        signal = self._signals.get(first) if first is not None else None
        for one in (signal.call, signal.norm, *signal.beside) if signal else ():
            if one:
                one.read = True
        self._open.append(Entered(self._known[id(module)][0], module, first, size, signal, alone))

    def _leave(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        while self._open and self._open[-1].module is not module:  # a call that raised and was caught
            self._open.pop()
        name, _, first, size, signal, alone = self._open.pop()
        number = self._counts[id(module)] = self._counts.get(id(module), 0) + 1
        call = Call(name, module, number, rms_in=size, alone=alone)
        call.entering = tuple(first.shape) if first is not None and not first.is_nested else ()
        products = self._products.pop(id(module), {})
        if len(products) > 1 and is_torchs(module):  # what stands beside its weight, as of LoRA, is added
            products = {own: one for own, one in products.items() if own.rpartition(".")[2] == "weight"}
        if len(products) == 1:
            [(call.products, call.weight_rms)] = products.values()
        if len(products) > 1 and number == 1:
            self.trace.unseen.append(
                f"{name} multiplies by {len(products)} weights of its own in one call: what is between them "
                "is not seen, and would be between layers."
            )
        call.before = layer_before(signal)
        outputs = [one for one in tensors_in(output) if has_size(one)]
        if not outputs:
            self.trace.unseen.append(
                f"{name} gives no tensor of floats that is in one piece: its size is not known."
            )
            return
        call.unit = dimension_of_units(module, outputs[0].dim())
        call.leaving, call.rms = tuple(outputs[0].shape), self._size(outputs[0])
        call.means = _means(module, first, outputs[0])
        made = self._made.get(outputs[0])
        if made and made.activation:
            self._ends_with(call, made, outputs[0])
        self._keep_gradients(call, outputs)
        is_norm = isinstance(module, NORMS)
        if is_norm and signal and signal.call:
            signal.call.normed = True
        for one in outputs:
            own = Signal(call, activated=call.activation is not None)
            self._signals[one] = Signal(signal.call, call) if is_norm and signal else own
        self._keep(call)

    def _ends_with(self, call: Call, made: Made, output: Tensor) -> None:
        """The layer has its activation in it: what it gives is behind that, and its size is that before."""
        call.rms, call.rms_after, call.means = made.rms, call.rms, made.means
        self._shows(call, made.activation, made.slope, output)

    def _shows(self, call: Call, kind: str, slope: float, output: Tensor) -> None:
        call.activation, call.slope = kind, slope
        call.dead = dead_share(kind, output, call.unit) if tuple(output.shape) == call.leaving else None
        call.saturated = saturated_share(kind, output)

    def _size(self, tensor: Tensor) -> float:
        """Its root mean square, measured once as long as nothing is written into it: what one layer gives is
        what the next one gets."""
        if tensor.is_inference():
            return size_of(tensor)
        version, size = self._sizes.get(tensor, (-1, math.nan))
        if version != tensor._version:
            version, size = self._sizes[tensor] = tensor._version, size_of(tensor)
        return size

    def _alone(self, tensor: Tensor) -> Call | None:
        """The layer that a tensor comes from, where each function between takes one tensor: autograd sees a
        constant beside it too, which no layer gave."""
        node = tensor.grad_fn
        while node is not None and node not in self._given:
            following = node.next_functions
            node = following[0][0] if len(following) == 1 else None
        return None if node is None else self._given[node]

    def _keep_gradients(self, call: Call, outputs: list[Tensor]) -> None:
        """Of the loss by each output, once there are any."""
        call.cut = "" if torch.is_grad_enabled() else "{} is called within torch.no_grad()"
        for one in outputs:
            call.gradients.append([])
            if one.grad_fn is not None:
                self._given[one.grad_fn] = call
            if one.requires_grad and one.numel():  # else there is no size to be known
                one.register_hook(_kept_in(call.gradients[-1]))

    def _keep(self, call: Call) -> None:
        if call.number > MOST_CALLS:  # the last one so far makes room
            for place in range(len(self.trace.calls) - 1, -1, -1):
                if self.trace.calls[place].module is call.module:
                    del self.trace.calls[place]
                    break
        self.trace.calls.append(call)

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        # Read before the call, for it may be in place.
        tensors = list(tensors_in(args)) if name in READ else []
        signals = [signal for signal in (self._signals.get(one) for one in tensors) if signal]
        takes_weight = self._weights.has
        if self._open and name in NAME_THEIR_WEIGHT:
            takes_weight = partial(self._weights.has_in, self._open[-1].module)
        in_one_piece = name in USES and not any(one.is_nested for one in tensors_in(args))
        use = use_of(name, args, kwargs, takes_weight) if in_one_piece else None
        if use and self._weights.has(use.entering):  # one weight times another, as of LoRA, is no use yet
            use = None
        made = self._of_products(name, use, tensors, args, kwargs) if self._open else None
        result = func(*args, **kwargs)
        if name == "softmax" and isinstance(result, Tensor):
            self.trace.shares[result] = True
        if name in GATING:
            named = (one for one in kwargs.values() if isinstance(one, Tensor))
            self.trace.factors += filter(None, map(self._gate_of, factors_of(name, [*tensors, *named])))
        self.trace.chooses = self.trace.chooses or chooses(name, args, result)
        if name in ZERO_AT_ZERO and tensors and (gate := self._gate_of(tensors[0])):
            self._weights.make_gate(gate, result)
        if name == "scaled_dot_product_attention":
            self.trace.attention += 1
        if made:
            for one in tensors_in(result):
                self._made[one] = made
        elif use and isinstance(result, Tensor):
            self._used(use, result)
        elif signals and name in FOLLOWED:
            self._follow(name, tensors, signals, args, kwargs, result)
        elif tensors and name in MAKES_WEIGHTS and self._weights.has(tensors[0]):
            self._weights.make(tensors[0], args, result)
        if signals and (cut := cut_of(name, func)):
            for call in (signal.call for signal in signals):
                if call and not call.cut:
                    call.cut = f"the output of {{}} goes through {cut}"
        return result

    def _of_products(
        self, name: str, use: Use | None, tensors: list[Tensor], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Made | None:
        """What a function gives within a layer's call, where it is made of the layer's products: no other
        layer's signal, and its activation is the layer's own."""
        if use:
            self._note(use)
            return Made()
        before = next((found for one in tensors if (found := self._made.get(one))), None)
        if before is None:
            return None
        activation = activation_of(name, args, kwargs)
        if activation and not before.activation:
            means = _means(self._open[-1].module, self._open[-1].first, tensors[0])
            return Made(activation, slope_of(activation, args, kwargs), self._size(tensors[0]), means)
        return before if name in PASSIVE or activation else Made()

    def _gate_of(self, tensor: Tensor) -> str | None:
        return self._weights.gate(tensor, self._signals.get(tensor))

    def _used(self, use: Use, result: Tensor) -> None:
        """A call of the parameter's own, as if a layer had multiplied by it."""
        name = self._weights.name_of(use.weight)
        assert name is not None, "it is a weight, or it would be no use of one"
        module = self._standing_for(name)
        signal = self._signals.get(use.entering)
        number = self._counts[id(module)] = self._counts.get(id(module), 0) + 1
        call = Call(
            name, module, number, rms_in=self._size(use.entering) if has_size(use.entering) else math.nan
        )
        call.entering, call.leaving = tuple(use.entering.shape), tuple(result.shape)
        call.products = module.products = use.products
        call.weight_rms = None if use.weight is module.weight else size_of(use.weight)
        call.before, call.unit, call.rms = layer_before(signal), use.unit, size_of(result)
        call.alone = self._alone(use.entering)
        if isinstance(use.bias, nn.Parameter):
            module.bias = use.bias
        call.means = means_of(use.entering, result, use.unit)
        self._keep_gradients(call, [result])
        if module.weight.requires_grad and not use.weight.requires_grad and not call.cut:
            call.cut = "{} is used by .data or .detach()"
        self._signals[result] = Signal(call)
        self._keep(call)

    def _standing_for(self, name: str) -> Loose:
        parameter = self._net.get_parameter(name)
        return self._loose.setdefault(id(parameter), Loose(parameter))

    def _follow(
        self,
        name: str,
        tensors: list[Tensor],
        signals: list[Signal],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        result: Any,
    ) -> None:
        signal = signals[0]
        activation = activation_of(name, args, kwargs)
        if activation and isinstance(result, Tensor):
            if not signal.activated:
                self._activated(activation, signal, args, kwargs, result)
            signal = replace(signal, activated=True)
        elif name in AS_RELU:
            return
        elif name in JOINING:
            joined = signal.joined or len({id(one.call) for one in signals}) > 1
            signal = replace(signal, joined=joined, beside=calls_of(signals))
        elif name in SCALING:
            if any(isinstance(one, Tensor) and one.numel() > 1 for one in args[1:]) or len(tensors) > 1:
                return
        elif name in SUMS:
            if len(tensors) > 1 and tensors[0].shape == tensors[1].shape:  # else a bias or a number is added
                signal = self._summed(signals, result)
            elif len(tensors) > 1:
                self._biased(signal, tensors, result)
        elif name in NORMING and signal.call:
            signal.call.normed = True
            signal = Signal(signal.call, signal.norm or signal.call)
        for one in tensors_in(result):
            self._signals[one] = signal

    def _activated(
        self, kind: str, signal: Signal, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor
    ) -> None:
        size = self._size(result)
        for call in {id(one): one for one in (signal.call, signal.norm) if one}.values():
            call.rms_after = size
            self._shows(call, kind, slope_of(kind, args, kwargs), result)

    def _summed(self, signals: list[Signal], result: Any) -> Signal:
        branch = max(
            (one.call for one in signals[:2] if one.call and not one.summed),
            key=lambda call: self._order(call),
            default=None,
        )
        for one in signals[:2]:
            if one.call and one.call is branch:
                one.call.summed = True
        self.trace.sums.append(Sum(size_of(result), branch))
        norm = next((one.norm for one in signals[:2] if one.call is branch), None)
        return Signal(branch, norm, summed=True, beside=calls_of(signals))

    def _biased(self, signal: Signal, tensors: list[Tensor], result: Tensor) -> None:
        """A parameter that is added to what another one gave is its bias, and its output is the sum."""
        call, bias = signal.call, next((one for one in tensors[:2] if isinstance(one, nn.Parameter)), None)
        if call is None or signal != Signal(call) or not isinstance(call.module, Loose) or bias is None:
            return
        if call.module.bias is None and bias.numel() == result.shape[call.unit]:
            call.module.bias, call.rms = bias, size_of(result)
            if call.means:
                call.means = replace(call.means, leaving=call.means.leaving + bias.detach().reshape(-1))

    def _order(self, call: Call) -> int:
        return next((place for place, one in enumerate(self.trace.calls) if one is call), -1)

    def _note(self, use: Use) -> None:
        """That a layer multiplies by a weight of its own, and by how large a one where it is made of that."""
        module = self._open[-1].module
        name = self._weights.name_of(use.weight)
        own = name is None or any(one is self._net.get_parameter(name) for one in module._parameters.values())
        if own and use.products is not None:
            made = None if isinstance(use.weight, nn.Parameter) else size_of(use.weight)
            self._products.setdefault(id(module), {})[name or "weight"] = (use.products, made)


def _means(module: nn.Module, entering: Tensor | None, leaving: Tensor) -> Means | None:
    """What goes into a layer with a bias and comes out in the mean; None for one without."""
    if isinstance(module, NORMS) or bias_of(module) is None:
        return None
    return means_of(entering, leaving, dimension_of_units(module, leaving.dim()))


def _kept_in(found: list[float]) -> Callable[[Tensor], None]:
    def keep(gradient: Tensor) -> None:
        found.append(size_of(gradient))

    return keep
