"""Parameters that forward makes anew, or fills anew, at each call: no step trains them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from initplay.lab.examining.called import call_once
from initplay.lab.examining.cures import Cure, NoCopy, Patient
from initplay.lab.examining.finding import Finding, listed, one_or_more
from initplay.lab.examining.inputs import called_with, moved
from initplay.lab.examining.refused import Refused
from initplay.lab.examining.sizes import has_size, size_of
from initplay.lab.examining.unreached import parts_of
from initplay.lab.examining.untouched import own_dice, throw_alike

_LOOKED_AT = 256
"""Numbers of a parameter, spread over it, that are moved and looked at again."""


@dataclass
class Remade:
    """The trained parameters that do not outlive a pass."""

    objects: list[str] = field(default_factory=list)
    """Each call puts another parameter in its place."""
    numbers: list[str] = field(default_factory=list)
    """Each call writes the same into it, whatever was in it."""


def remade_of(patient: Patient) -> Remade:
    """What two passes of a copy show, before each of which its numbers are moved. Nothing, where there is no
    copy or no pass, or where TorchScript runs it, whose copies have no parameters to be moved."""
    if any(isinstance(module, torch.jit.ScriptModule) for module in patient.net.modules()):
        return Remade()
    try:
        copied = patient.cured(Cure("", ""))
        first, second = _pass(copied, 1), _pass(copied, 2)
    except (NoCopy, Refused):
        return Remade()
    both = [name for name in first if name in second]
    return Remade(
        [name for name in both if first[name] is None and second[name] is None],
        [name for name in both if _are_the_same(first[name], second[name])],
    )


def _are_the_same(one: Tensor | None, other: Tensor | None) -> bool:
    return one is not None and other is not None and torch.equal(one, other)


def _pass(copied: Patient, seed: int) -> dict[str, Tensor | None]:
    """What a pass changes of the parameters that are trained: some numbers of each that it writes into, and
    None for one that it puts another in the place of."""
    own = {name: one for name, one in copied.net.named_parameters() if _is_trained(one)}
    with own_dice():
        throw_alike(seed)
        moved_to = {name: _moved(one) for name, one in own.items()}
        throw_alike(0)
        call_once(copied.net, called_with(copied.net, moved(copied.x, copied.net)))
    after = dict(copied.net.named_parameters())
    found: dict[str, Tensor | None] = {}
    for name, one in own.items():
        if after.get(name) is not one:
            found[name] = None
        elif not torch.equal(moved_to[name], _some(one)) and not _keeps_another(one):
            found[name] = _some(one).clone()
    return found


def _is_trained(own: nn.Parameter) -> bool:
    """And can be moved: torch adds nothing to numbers of 8 bits."""
    if not own.requires_grad or nn.parameter.is_lazy(own) or not has_size(own):
        return False
    return own.layout is torch.strided and own.numel() > 0 and own.dtype.itemsize > 1


def _keeps_another(own: nn.Parameter) -> bool:
    """Whether a tensor is kept at it, which is trained in its place, as that of a weight made of signs."""
    return any(isinstance(one, Tensor) for one in vars(own).values())


def _moved(own: nn.Parameter) -> Tensor:
    some = _some(own)
    some.add_(torch.randn_like(some) * (size_of(some) or 1.0))
    return some.clone()


def _some(own: nn.Parameter) -> Tensor:
    """A view of some of its numbers, or of all where there is no such view."""
    if not own.is_contiguous():
        return own.detach()
    flat = own.detach().view(-1)
    return flat[:: -(-flat.numel() // _LOOKED_AT)]


def never_trained(net: nn.Module, remade: Remade) -> Iterator[Finding]:
    """What forward makes, in place of what __init__ made."""
    names = _parts(net, remade.objects)
    if names:
        it = one_or_more(names, "it", "them")
        text = (
            f"{listed(names)}: forward makes {it} anew at each call, so that no step trains {it}: make {it} "
            "once, in __init__"
        )
        yield Finding(names[0], text)
    names = _parts(net, remade.numbers)
    if names:
        it = one_or_more(names, "it", "them")
        text = (
            f"{listed(names)}: forward fills {it} anew at each call, whatever a step made of {it}, so that "
            f"none trains {it}: fill {it} once, in __init__"
        )
        yield Finding(names[0], text)


def _parts(net: nn.Module, names: list[str]) -> list[str]:
    return parts_of(net, names, {id(net.get_parameter(name)) for name in names})


def without_those_of(remade: Remade, found: list[Finding]) -> list[Finding]:
    """The findings but for those of layers that are made anew, which show nothing of what is trained."""
    above = {name.rpartition(".")[0] for name in (*remade.objects, *remade.numbers)}
    return [one for one in found if not one.layer or one.layer not in above]
