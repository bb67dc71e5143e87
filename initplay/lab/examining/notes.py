"""What is said of a look beside its faults: what could not be seen, and what is meant to be as it is."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from initplay.lab.examining.call import Call
from initplay.lab.examining.circles import KEEP_IT_APART, circles
from initplay.lab.examining.finding import listed
from initplay.lab.examining.kinds import is_layer
from initplay.lab.examining.silence import Silence
from initplay.lab.examining.unreached import parts_of
from initplay.lab.examining.xray import Xray
from initplay.words.numbers import short


def what_is_not_seen(net: nn.Module, xray: Xray) -> Iterator[str]:
    yield from xray.trace.unseen
    if xray.trace.attention:
        yield (
            f"{xray.trace.attention} calls of scaled_dot_product_attention: what goes in and out is seen, "
            "the attention "
            "itself is not."
        )
    loose = [name for name in _loose(net, xray) if net.get_parameter(name).dim() > 1]
    if loose:
        what, it = ("a parameter", "it") if len(loose) == 1 else ("parameters", "them")
        yield (
            f"{listed(loose)}: {what} of no layer, used in a way that is not followed: what is made of "
            f"{it} is not seen, and the gradient is that by {it}."
        )
    complex_ = [call.name for call in xray.calls if call.number == 1 and _is_complex(call)]
    if complex_:
        yield (
            f"{listed(complex_)}: complex weights. Sizes are of |z|, and a scheme is told by real and "
            "imaginary parts together."
        )
    recurrent = [call.name for call in xray.calls if call.number == 1 and isinstance(call.module, nn.RNNBase)]
    if recurrent:
        yield f"{', '.join(recurrent)}: all time steps are one call, and what is between them is not seen."
    frozen = [call.name for call in xray.calls if call.number == 1 and _is_frozen(call)]
    if frozen and len(frozen) < len({call.name for call in xray.calls}):
        is_, it = ("is", "it is") if len(frozen) == 1 else ("are", "they are")
        yield f"{listed(frozen)} {is_} frozen (requires_grad is False): {it} not trained, which is no fault."
    if held := circles(net):
        yield (
            f"{listed(held)}: a module that it is in itself, through which net.to(), net.train() and "
            f"net.state_dict() go without an end: {KEEP_IT_APART}."
        )
    if not net.training and any(module for module in net.modules() if hasattr(module, "running_mean")):
        yield "The net is in eval mode: its normalizations go by running statistics and not by this batch."
    owners: dict[int, list[str]] = {}
    for name, module in net.named_modules():
        for own, parameter in module.named_parameters(recurse=False):
            owners.setdefault(id(parameter), []).append(f"{name}.{own}" if name else own)
    tied = [names for names in owners.values() if len(names) > 1]
    yield from (f"{names[1]} is {names[0]}: one weight, with the gradients of both." for names in tied)


def of_silence(net: nn.Module, xray: Xray, begin: list[str], silence: Silence) -> Iterator[str]:
    """Why layers have no gradient where that is no fault: of those that `begin` with zeros, and of dice."""
    names = {what: listed(found) for what, found in _silent(xray, silence).items()}
    if begin or silence.waiting:
        yield _of_zeros(begin, names, silence)
    if parts := _left_out(net, silence):
        are, they = ("is", "it is") if len(parts) == 1 else ("are", "they are")
        yield (
            f"{listed(parts)} {are} left out of this look by the dice, as by layer drop: with other dice "
            f"{they} reached."
        )


def _of_zeros(begin: list[str], names: dict[str, str], silence: Silence) -> str:
    it_has, it = ("it has", "it") if len(begin) == 1 else ("they have", "them")
    said = []
    if begin:
        verb = "begins" if len(begin) == 1 else "begin"
        said.append(
            f"{listed(begin)} {verb} with zeros: no gradient passes through {it} before {it_has} moved."
        )
    if silence.came:
        first, last = min(silence.came.values()), max(silence.came.values())
        steps = f"{last} step{'s' if last > 1 else ''}" if first == last else f"{first} to {last} steps"
        said.append(
            f"{names['came']}: a gradient of 0 now; on a copy whose zeros follow their gradients one comes "
            f"after {steps}."
        )
    if silence.still:
        said.append(
            f"{names['still']}: a gradient of 0 now; on a copy whose zeros follow their gradients none came "
            f"in {silence.steps} steps, and zeros move yet."
        )
    if silence.untried:
        said.append(
            f"{names['untried']}: a gradient of 0 now; whether one comes once {it_has} moved was not tried."
        )
    return " ".join(said)


def facts_of_silence(net: nn.Module, xray: Xray, begin: list[str], silence: Silence) -> dict[str, str | None]:
    """The same in names, where there are any."""
    names = _silent(xray, silence)
    found = {
        "waits_for_zeros": listed(names["came"]),
        "may_wait_for_zeros": listed(names["still"] + names["untried"]),
        "left_out": listed(_left_out(net, silence)),
    }
    # Of zeros it is said that none waits for them, too.
    always = {"begins_with_zeros": listed(begin) or None} | ({"waits_for_zeros": None} if begin else {})
    return always | {name: said for name, said in found.items() if said}


def _silent(xray: Xray, silence: Silence) -> dict[str, list[str]]:
    """The layers of each kind in the order of the pass."""
    order = dict.fromkeys(call.name for call in xray.calls)
    kinds = {"came": silence.came, "still": silence.still, "untried": silence.untried}
    return {kind: [name for name in order if name in found] for kind, found in kinds.items()}


def _left_out(net: nn.Module, silence: Silence) -> list[str]:
    own = {id(net.get_parameter(name)) for name in silence.left_out}
    return parts_of(net, (name for name, _ in net.named_parameters() if name in silence.left_out), own)


def of_made_up_input(xray: Xray) -> str:
    """That the net makes something else of it before its first layer, as by / 255, for then its batches are
    not made like this one; empty where it does not."""
    first, size = next(iter(xray.calls), None), xray.trace.input_rms
    if first is None or not size > 0 or not first.rms_in > 0 or 0.1 < first.rms_in / size < 10:
        return ""
    return (
        f"Before {first.title} the net makes rms {short(first.rms_in)} of its input's {short(size)}: it "
        "wants other numbers than those that are made up. --batch gives it some of its own."
    )


def _loose(net: nn.Module, xray: Xray) -> Iterator[str]:
    """The parameters that belong to no layer and were not seen to be used, but trained."""
    seen = {id(own) for call in xray.calls for own in call.module.parameters()}
    if all(id(own) in seen for own in xray.gradients):
        return
    layers = {id(own) for one in net.modules() if is_layer(one) for own in one.parameters()}
    for name, own in net.named_parameters():
        if id(own) not in seen and id(own) not in layers and own in xray.gradients:
            yield name


def _is_complex(call: Call) -> bool:
    return any(own.is_complex() for own in call.module.parameters())


def _is_frozen(call: Call) -> bool:
    own = list(call.module.parameters())
    return bool(own) and not any(one.requires_grad for one in own)
