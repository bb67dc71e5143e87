"""Steps that a weight does not take though a gradient comes to its layer, or that throw it far away."""

from __future__ import annotations

import math
from collections.abc import Iterator

from torch import nn

from initplay.lab.examining.call import Call
from initplay.lab.examining.chains import is_plain
from initplay.lab.examining.finding import Finding, layer_of, listed, one_or_more
from initplay.lab.examining.saying import weight_at
from initplay.lab.examining.sizes import size_of
from initplay.lab.examining.xray import Xray
from initplay.words.numbers import short

_LEAPS = 1000.0
"""By so many times its own size, or that of a usual weight where this is larger, a step throws a parameter
away. Where a loss is summed over a batch and its pixels, it stays below."""
_LEAPS_BY_HOOK = 100.0
_UNDERFLOWS = 1e-30


def no_update(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    """Parameters with a gradient of 0, of layers to which signal and gradient come."""
    often = {id(call.module) for call in xray.calls if call.number > 1}
    calls = [call for call in xray.calls if id(call.module) not in often and _hears(call)]
    names = {id(own): name for name, own in net.named_parameters()}
    found = [own for call in calls for own in _still(call, xray) if id(own) in names]
    if not found:
        return
    said = [names[id(one)] for one in found]
    it = one_or_more(said, "it", "them")
    text = (
        f"{listed(said)}: the gradient by {it} is 0, though one comes to what "
        f"{one_or_more(said, 'its layer gives', 'their layers give')}: "
    )
    why = _by_hook(found, said, "look for what multiplies it by 0")
    are = one_or_more(said, "it is", "they are")
    freeze = f"or freeze {it} by requires_grad_(False) where {are} not to learn"
    yield Finding(layer_of(said[0]), f"{text}{why}, {freeze}")


def _hears(call: Call) -> bool:
    product = call.rms_in * (call.rms_gradient or 0.0)
    return _UNDERFLOWS < product < math.inf


def _still(call: Call, xray: Xray) -> Iterator[nn.Parameter]:
    """Of a layer that is no product a gradient of 0 is no news, but where a hook may make it so."""
    weight = weight_at(call) if is_plain(call) else None
    for own in call.module.parameters():
        gradient = xray.gradients.get(own)
        if gradient is not None and (own is weight or own._backward_hooks) and size_of(gradient) == 0:
            yield own


def leaps(net: nn.Module, xray: Xray, lr: float, *, by_hooks_alone: bool) -> Iterator[Finding]:
    """Parameters that one step makes other ones: by their hooks, or for whatever reason."""
    usual = {id(weight_at(call)): _usual(call) for call in xray.calls if is_plain(call)}
    far: dict[str, float] = {}
    for name, own in net.named_parameters():
        gradient = xray.gradients.get(own)
        step = 0.0 if gradient is None else lr * size_of(gradient)
        times = step / max(size_of(own), usual.get(id(own), 1.0)) if step else 0.0
        least = math.inf if by_hooks_alone else _LEAPS
        if (_LEAPS_BY_HOOK if own._backward_hooks else least) < times < math.inf:
            far[name] = step / (size_of(own) or usual.get(id(own), 1.0))
    if not far:
        return
    worst = max(far, key=lambda name: far[name])
    said = list(far)
    it = "it" if len(said) == 1 else worst
    mend = "make the loss or its target smaller, or the learning rate"
    text = f"{listed(said)}: one step of SGD at {lr:g} changes {it} by {short(far[worst])} times its size: "
    yield Finding(layer_of(worst), text + _by_hook([net.get_parameter(name) for name in said], said, mend))


def _usual(call: Call) -> float:
    weight = weight_at(call)
    if weight is None or weight.dim() < 2:
        return 1.0
    return 1 / math.sqrt(weight[0].numel())


def _by_hook(found: list[nn.Parameter], names: list[str], else_: str) -> str:
    hooked = [name for own, name in zip(found, names, strict=True) if own._backward_hooks]
    return f"a hook on {listed(hooked)} changes the gradient: take that out" if hooked else else_
