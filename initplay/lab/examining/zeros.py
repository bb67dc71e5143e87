"""What begins with zeros and holds gradients back until it has moved: heads, ends of branches, gates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from torch import nn

from initplay.lab.examining.call import Call
from initplay.lab.examining.chains import is_plain
from initplay.lab.examining.kinds import NORMS
from initplay.lab.examining.saying import weight_at
from initplay.lab.examining.sizes import size_of
from initplay.lab.examining.xray import Xray

STEPS = 3
"""Steps after which a gradient has come through, where zeros lie behind zeros."""


def zeros(net: nn.Module, xray: Xray) -> list[str]:
    """The layers and gates that begin with zeros: what reads them gives them a gradient, and they pass none
    on before they have moved."""
    found = [call.name for call in xray.calls if _gives_nothing(call) or _has_zeros(call, xray)]
    own = {id(one) for call in xray.calls for one in call.module.parameters() if call.name in found}
    gates = (name for name in xray.trace.factors if _moves(net.get_parameter(name), xray))
    return list(dict.fromkeys([*found, *(name for name in gates if id(net.get_parameter(name)) not in own)]))


def _gives_nothing(call: Call) -> bool:
    """Whether it is the layer's own doing that its output is 0."""
    return call.rms == 0 and (isinstance(call.module, nn.Embedding) or (is_plain(call) and call.rms_in > 0))


def _has_zeros(call: Call, xray: Xray) -> bool:
    weight = weight_at(call) if is_plain(call) or isinstance(call.module, NORMS) else None
    return isinstance(weight, nn.Parameter) and _moves(weight, xray)


def _moves(own: nn.Parameter, xray: Xray) -> bool:
    """Whether it is all zeros, and the first step changes that."""
    gradient = xray.gradients.get(own)
    return gradient is not None and size_of(own) == 0 and size_of(gradient) > 0


def may_open(xray: Xray) -> bool:
    """Whether gradients of 0 may wait for zeros that move: for parameters of zeros that get a gradient."""
    return any(_moves(own, xray) for own in xray.gradients)


def without_gradient(xray: Xray) -> list[Call]:
    """The layers that are called and trained, and get a gradient that is 0 everywhere."""
    passed = {call.name for call in xray.calls if call.rms_gradient != 0}
    return [
        call
        for call in xray.calls
        if call.number == 1 and call.name not in passed and _gets_zeros(call, xray)
    ]


def _gets_zeros(call: Call, xray: Xray) -> bool:
    own = [one for one in call.module.parameters() if one.requires_grad]
    found = [xray.gradients.get(one) for one in own]
    return bool(own) and all(one is not None and size_of(one) == 0 for one in found)


def waiting(now: Xray, later: Iterable[Xray]) -> Iterator[str]:
    """Of the layers without a gradient those that get one at one of the looks that follow."""
    left = {call.name for call in without_gradient(now)}
    for xray in later:
        still = {call.name for call in without_gradient(xray)}
        yield from left - still
        left &= still
        if not left:
            return
