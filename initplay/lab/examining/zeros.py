"""What begins with zeros and holds gradients back until it has moved: heads, ends of branches, gates."""

from __future__ import annotations

from torch import nn

from initplay.lab.examining.call import Call
from initplay.lab.examining.chains import is_plain
from initplay.lab.examining.kinds import NORMS
from initplay.lab.examining.saying import weight_at
from initplay.lab.examining.sizes import size_of
from initplay.lab.examining.xray import Xray


def zeros(net: nn.Module, xray: Xray) -> dict[str, list[nn.Parameter]]:
    """The layers and gates that begin with zeros and are trained, each with these: no gradient passes through
    them before they have moved."""
    found = {call.name: own for call in xray.calls if (own := _zeros_of(call, xray))}
    told = {id(one) for own in found.values() for one in own}
    gates = {name: net.get_parameter(name) for name in xray.trace.factors}
    found |= {
        _said(net, name): [own] for name, own in gates.items() if id(own) not in told and _is_zeros(own, xray)
    }
    return found


def _said(net: nn.Module, name: str) -> str:
    """A gate's name: of what is looked up in an embedding that of the layer."""
    above = name.rpartition(".")[0]
    return above if above and isinstance(net.get_submodule(above), nn.Embedding) else name


def _zeros_of(call: Call, xray: Xray) -> list[nn.Parameter]:
    if isinstance(call.module, nn.MultiheadAttention):
        weight = call.module.out_proj.weight
    else:
        weight = weight_at(call) if is_plain(call) or isinstance(call.module, NORMS) else None
    if weight is None or size_of(weight) != 0:
        return []
    made_of = [weight] if isinstance(weight, nn.Parameter) else call.module.parameters()
    return [own for own in made_of if _is_zeros(own, xray)]


def _is_zeros(own: nn.Parameter, xray: Xray) -> bool:
    return own in xray.gradients and size_of(own) == 0


def moving(xray: Xray) -> set[int]:
    """The parameters, by id, that are zeros and that a step changes."""
    return {
        id(own) for own, gradient in xray.gradients.items() if size_of(own) == 0 and size_of(gradient) > 0
    }


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
