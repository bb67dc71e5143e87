"""Gradients that are not finite behind a forward pass that is: behind which layer they begin, and by what."""

from __future__ import annotations

import math
from collections.abc import Iterator

from torch import nn

from initplay.lab.examining.call import Call
from initplay.lab.examining.finding import Finding, layer_of, listed
from initplay.lab.examining.saying import in_word
from initplay.lab.examining.sizes import size_of
from initplay.lab.examining.xray import Xray

_LINEAR = {"add", "addmm", "baddbmm", "bmm", "convolution", "mm", "mul", "sub", "sum"}
"""Functions whose slope is finite wherever their numbers are."""

_WITHIN_1 = ", as by .clamp(-1 + 1e-6, 1 - 1e-6) before it"
_AS_BY = {
    "acos": _WITHIN_1,
    "asin": _WITHIN_1,
    "atanh": _WITHIN_1,
    "div": ", as by dividing by what .clamp(min=1e-6) gives",
    "log": ", as by .clamp(min=1e-6).log()",
    "pow": ", as by .clamp(min=1e-6) before it",
    "rsqrt": ", as by .clamp(min=1e-6).rsqrt()",
    "sqrt": ", as by .clamp(min=1e-6).sqrt()",
}
"""How numbers without a finite slope are kept from a function."""


def broken_gradients(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    """The last layer, in the order of the forward pass, whose gradient is NaN or infinite; where there is
    none, the parameters to which such a gradient comes."""
    if not xray.breaks_back:
        return
    last = next((call for call in reversed(xray.calls) if _broken(call)), None)
    yield _from(last, xray) if last else _by_parameters(net, xray)


def _broken(call: Call) -> list[float]:
    """Of the gradients by what it gives those that are not finite."""
    return [one for found in call.gradients for one in found if not math.isfinite(one)]


def _from(last: Call, xray: Xray) -> Finding:
    what = in_word(_broken(last)[0])
    behind = xray.calls[xray.calls.index(last) + 1 :]
    after = next((call for call in behind if call.rms_gradient is not None), None)
    way = f"{after.title}, whose own is finite, and {last.title}" if after else f"the loss and {last.title}"
    text = f"the gradient is {what} from {last.title} on, counted from the end: between {way}, {_why(xray)}"
    return Finding(last.name, text)


def _by_parameters(net: nn.Module, xray: Xray) -> Finding:
    sizes = {name: size_of(xray.gradients[own]) for name, own in _named(net, xray)}
    names = [name for name, size in sizes.items() if not math.isfinite(size)]
    what = in_word(sizes[names[0]])
    hooked = [name for name in names if net.get_parameter(name)._backward_hooks]
    why = f"a hook on {listed(hooked)} makes it so: take that out" if hooked else _why(xray)
    text = f"the gradient by {listed(names)} is {what}, and that by what each layer gives is finite: {why}"
    return Finding(layer_of(names[0]), text)


def _named(net: nn.Module, xray: Xray) -> Iterator[tuple[str, nn.Parameter]]:
    yield from ((name, own) for name, own in net.named_parameters() if own in xray.gradients)


def _why(xray: Xray) -> str:
    """What on the way back makes it so, and what is to be done."""
    name, kind = xray.breaking.name, xray.breaking.kind
    if not kind:
        return "look for a hook, or for a function that divides by 0 on its way back"
    if kind == "hook":
        hook = f"a hook on what {name} gives" if name else "a full backward hook of a module"
        return f"{hook} makes it so: take that out"
    if kind == "own":
        return (
            f"the backward of {name} makes it so, which is an autograd.Function of the net's own: mend that"
        )
    if name in _LINEAR:
        return f"{name} makes it so, by numbers that are too large for a float: make its factors smaller"
    return (
        f"{name} makes it so: at some of its numbers it has no finite slope, and where torch.where takes the "
        f"other side, 0 times that is NaN yet: keep them from it{_AS_BY.get(name, '')}"
    )
