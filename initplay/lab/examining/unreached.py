"""What no gradient reaches: frozen or cut off, called or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate

from torch import nn

from initplay.lab.examining.call import Call
from initplay.lab.examining.cures import Cure
from initplay.lab.examining.finding import Finding, listed, one_or_more
from initplay.lab.examining.silence import Silence, is_left_out
from initplay.lab.examining.sizes import has_size
from initplay.lab.examining.xray import Xray
from initplay.lab.examining.zeros import without_gradient


def no_gradient(net: nn.Module, xray: Xray, silence: Silence, *, is_known: bool = False) -> Iterator[Finding]:
    """Layers that are called, and that the loss knows nothing of; what is frozen is no fault, nor is what
    waits for others to move, or what the dice left out. Where it is known why a gradient is 0, it is told of
    functions of steps alone."""
    left_out = {id(net.get_parameter(name)) for name in silence.left_out}
    missed = {id(net.get_parameter(name)) for name in xray.unused} - left_out
    calls = [call for call in xray.calls if call.number == 1]
    silent = [
        call for call in calls if missed and _trained(call) and missed.issuperset(map(id, _trained(call)))
    ]
    flat = [
        call
        for call in without_gradient(xray)
        if call.name not in silence.waiting and not is_left_out(call, left_out)
    ]
    if is_known or any(call.cut.endswith(_FLAT) for call in flat):
        flat = [call for call in flat if call.cut.endswith(_FLAT)]
    for found, what in ((silent, "no gradient reaches"), (flat, "a gradient of 0 reaches")):
        if not found:
            continue
        it = "it" if len(found) == 1 else "them"
        cut = next((call for call in reversed(found) if call.cut), None)
        but = ", but by a choice or a comparison, which passes none on" if xray.trace.chooses else ""
        lost = f"the loss does not depend on what {one_or_more(found, 'it gives', 'they give')}{but}: let it"
        if found is flat and not cut:
            lost = _multiplied_away(xray, found[-1], silence)
            lost += ", or give a larger batch where a router chooses" if _are_some(net, found, xray) else ""
        why = f"{cut.cut.format(cut.title)}: take that out" if cut else lost
        names = listed([call.title for call in found])
        yield Finding(
            found[0].name,
            f"{names}: called, and {what} {it}, for {why}, or freeze {it} by requires_grad_(False) where "
            f"{one_or_more(found, 'it is', 'they are')} not to learn",
        )


def _multiplied_away(xray: Xray, last: Call, silence: Silence) -> str:
    """Behind which layer, the last of several, a gradient becomes 0, and what may do that."""
    if xray.loss == 0:
        return "the loss of this batch is 0 already: give one that there is something to learn from"
    behind = xray.calls[xray.calls.index(last) + 1 :]
    after = next((call for call in behind if call.rms_gradient), None)
    still = (
        f"from the end, {after.title} is the last layer that gets one" if after else "no later layer has one"
    )
    why = "a factor of 0, a mask of zeros, a softmax over one number or Dropout(1.0)"
    if silence.stuck:  # each gets its gradient through another one, or by its own square
        stay = one_or_more(
            silence.stuck,
            "begins with zeros and gets a gradient of 0 itself",
            "begin with zeros and get a gradient of 0 themselves",
        )
        why = f"zeros that stay zeros ({listed(silence.stuck)} {stay}), {why}"
    return f"it is cut behind {last.title} ({still}): look there for {why}"


def _are_some(net: nn.Module, found: list[Call], xray: Xray) -> bool:
    """Whether something chooses, and one of them is in a list of modules beside others that get a gradient,
    as an expert is."""
    if not xray.trace.chooses:
        return False
    silent = {id(own) for call in found for own in call.module.parameters()}
    names = {part for call in found for part in accumulate(call.name.split("."), "{}.{}".format)}
    lists = (net.get_submodule(above) for name in names if (above := _in_a_list(net, name)))
    others = (own for one in lists for own in one.parameters() if id(own) not in silent)
    return any(own in xray.gradients for own in others)


_FLAT = ("round", "floor", "ceil", "trunc", "sign")
"""What functions are called whose gradient is 0 wherever there is one."""


def _trained(call: Call) -> list[nn.Parameter]:
    return [own for own in call.module.parameters() if own.requires_grad]


def unused(net: nn.Module, xray: Xray, silence: Silence) -> Iterator[Finding]:
    """Parameters that the pass did not get to, by the largest part of the net that has no others."""
    called = {id(own) for call in xray.calls for own in call.module.parameters()}
    unused = [name for name in xray.unused if name not in silence.left_out]
    missed = {id(own) for name in unused if id(own := net.get_parameter(name)) not in called}
    names = parts_of(net, unused, missed)
    if not names:
        return
    it = one_or_more(names, "it", "them")
    lists = [net.get_submodule(above) for name in names if (above := _in_a_list(net, name))]
    if lists and xray.trace.chooses and not missed.issuperset(map(id, lists[0].parameters())):
        text = (
            f"{listed(names)}: this batch does not get to {it}, and does to others in the same list: where a "
            f"router chooses, a larger batch tells; else call {it} in forward, or take {it} out"
        )
    else:
        learns = one_or_more(names, "it never learns", "they never learn")
        text = (
            f"{listed(names)}: the loss does not depend on {it}, so that {learns}: call {it} in forward, or "
            f"take {it} out"
        )
    yield Finding(names[0], text)


def parts_of(net: nn.Module, names: Iterable[str], missed: set[int]) -> list[str]:
    """The largest modules that have no parameters but these."""
    return [part for part in dict.fromkeys(_largest(net, name, missed) for name in names) if part]


def _largest(net: nn.Module, name: str, missed: set[int]) -> str:
    """The largest module around a parameter that has none but these; empty where the parameter is none."""
    if id(net.get_parameter(name)) not in missed:
        return ""
    while above := name.rpartition(".")[0]:
        if not missed.issuperset(map(id, net.get_submodule(above).parameters())):
            break
        name = above
    return name


def _in_a_list(net: nn.Module, name: str) -> str:
    """The name of the list or dict of modules that it is directly in; empty where it is in none."""
    above = name.rpartition(".")[0]
    return above if above and isinstance(net.get_submodule(above), nn.ModuleList | nn.ModuleDict) else ""


def stuck(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    """No gradient at all: each parameter is frozen, or the forward pass keeps no way back."""
    if not xray.stuck:
        return
    if not any(own.requires_grad for own in net.parameters()):
        yield _frozen(net)
    else:
        cut = next((call for call in reversed(xray.calls) if call.cut), None)
        why = f", for {cut.cut.format(cut.title)}" if cut else ""
        yield Finding("", f"{xray.stuck}{why}: {xray.mend}")


def _frozen(net: nn.Module) -> Finding:
    """Thawed are the numbers that can learn, if there are any."""
    whole = [own for own in net.parameters() if not has_size(own)]
    if len(whole) == len(list(net.parameters())):
        text = (
            f"every parameter is of {whole[0].dtype} numbers, and only floats learn: make them of "
            "torch.float32 before they are trained, and whole numbers of these behind that"
        )
        return Finding("", text)
    change = "net.requires_grad_(True)"
    if whole:
        change = "for own in net.parameters():\n    own.requires_grad_(own.is_floating_point())"
    thaw = Cure(change, change if not whole else "requires_grad_(True) of what is floats")
    return Finding(
        "",
        "every parameter is frozen, so that the net never learns",
        [thaw],
        lambda after: (not after.stuck, "gradients"),
    )
