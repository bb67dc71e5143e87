"""Parameters that are NaN or infinite themselves: which, how much of them, and numbers in their place."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from initplay.lab.examining import cures
from initplay.lab.examining.broken import is_mended
from initplay.lab.examining.call import Call
from initplay.lab.examining.chains import is_plain
from initplay.lab.examining.cures import Cure
from initplay.lab.examining.finding import Finding, listed, one_or_more
from initplay.lab.examining.kinds import NORMS
from initplay.lab.examining.saying import in_word
from initplay.lab.examining.sizes import has_size, size_of
from initplay.lab.examining.xray import Xray


def broken_weights(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    """The parameters that are not finite, and the running statistics that break an output."""
    found: dict[str, Tensor] = {name: own for name, own in net.named_parameters() if _is_broken(own)}
    first = xray.broken
    if first is not None and not xray.trace.input_is_broken:
        parts = {id(own): name for name, own in net.named_buffers()}
        found |= {parts[id(one)]: one for one in first.module.buffers() if id(one) in parts and _has_nan(one)}
    if not found:
        return
    names = list(found)
    own = [name for name in names if first and _is_of(found[name], first)]
    way = _mended(net, xray, found)
    others = [name for name in names if name not in own]
    so = one_or_more(others, "and so is", "and so are")
    if first and own:
        said = listed([name.removeprefix(f"{first.name}.") for name in own])
        text = (
            f"{first.title} is the first whose output is {in_word(first.rms)}: its {said} "
            f"{one_or_more(own, 'is', 'are')} {_how_much([found[name] for name in own])}"
        )
        text += f", {so} {listed(others)}" if others else ""
    else:
        text = f"{listed(names)} {one_or_more(names, 'is', 'are')} {_how_much(list(found.values()))}"
        text += _seen_in(first, xray)
    yield Finding(first.name if first else names[0], text, [way] if way else [], is_mended)


def _seen_in(first: Call | None, xray: Xray) -> str:
    if first:
        return f", and {first.title} is the first whose output is {in_word(first.rms)}"
    if xray.loss is not None and not math.isfinite(xray.loss):
        return f", and so the loss is {in_word(xray.loss)}"
    return ", though this batch shows nothing of it: every layer gives finite numbers"


def _is_broken(own: nn.Parameter) -> bool:
    """-inf in what is not trained is a mask."""
    if nn.parameter.is_lazy(own) or not has_size(own) or not own.numel():
        return False
    size = size_of(own)
    return math.isnan(size) or (math.isinf(size) and own.requires_grad)


def _has_nan(buffer: Tensor) -> bool:
    return has_size(buffer) and bool(buffer.numel()) and math.isnan(size_of(buffer))


def _is_of(own: Tensor, call: Call) -> bool:
    return any(one is own for one in (*call.module.parameters(), *call.module.buffers()))


def _how_much(broken: list[Tensor]) -> str:
    dense = [one.detach() if one.layout is torch.strided else one.detach().to_dense() for one in broken]
    many = sum(int((~one.isfinite()).sum()) for one in dense)
    of = sum(one.numel() for one in dense)
    nan = sum(int(one.isnan().sum()) for one in dense)
    what = "NaN" if nan == many else "NaN or infinite" if nan else "infinite"
    themselves = one_or_more(broken, "itself", "themselves")
    if of == 1:
        return f"{what} {themselves}"
    return f"{what} {themselves}, {f'{many:,} of' if many < of else 'all'} {of:,} numbers"


def _mended(net: nn.Module, xray: Xray, broken: dict[str, Tensor]) -> Cure | None:
    """New numbers for these and for nothing else; None, where nobody knows which."""
    weights: list[Call] = []
    biases: list[Call] = []
    parts: list[Cure] = []
    for name, own in broken.items():
        above, _, leaf = name.rpartition(".")
        module = net.get_submodule(above)
        call = next((one for one in xray.calls if one.number == 1 and _is_of(own, one)), None)
        if call and leaf == "bias" and call.module is module:
            biases.append(call)
        elif call and is_plain(call):
            weights.append(call)
        elif (part := _by_module(cures.path_to(net, above), module, leaf)) is not None:
            parts.append(part)
        else:
            return None
    if biases:
        parts.insert(0, cures.without_bias(net, biases))
    if weights:
        parts.insert(0, cures.drawn_anew(net, weights, biases=False))
    change = "\n".join(dict.fromkeys(part.change for part in parts))
    return Cure(change, ", ".join(dict.fromkeys(part.what for part in parts)))


def _by_module(path: str, module: nn.Module, leaf: str) -> Cure | None:
    if leaf in ("running_mean", "running_var"):
        return Cure(f"{path}.reset_running_stats()", "reset_running_stats()")
    if isinstance(module, NORMS):
        return Cure(f"nn.init.ones_({path}.weight)", "ones_(w)")
    if leaf == "bias":
        return Cure(f"nn.init.zeros_({path}.bias)", "zeros_(bias)")
    if hasattr(module, "reset_parameters"):
        return Cure(f"{path}.reset_parameters()", "reset_parameters()")
    return None
