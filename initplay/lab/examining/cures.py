"""What to change in a net, as Python with the net as `net`: written, applied to a copy, and nothing else.

What is shown to the user is what was run: a cure is its text.
"""

from __future__ import annotations

import copy
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from initplay.lab.examining.call import Call
from initplay.lab.examining.fan import CONVS, TRANSPOSED, products
from initplay.lab.examining.loose import Loose
from initplay.lab.examining.sizes import tensors_in
from initplay.lab.examining.untouched import own_dice, throw_alike
from initplay.lab.init import gain_of
from initplay.words.numbers import short

_MOST_LISTED = 4
"""Layers that are written out one beside the other."""
_MOST_NAMED = 24
"""Layers that are named one by one, where all but a few of a kind are meant."""


_WIDEST = 32
"""Columns of names in a line: beside a net's text on the screen there is not much more."""


@dataclass(frozen=True)
class Cure:
    """A change of the net, of its input or of its learning rate."""

    change: str
    what: str
    """The same in a few words."""


class NotApplied(Exception):
    """A change that this net does not take."""


class NoCopy(Exception):
    """The net cannot be copied, so that nothing can be tried on it."""


@dataclass
class Patient:
    """A net with what it is shown, as a cure's text names them."""

    net: nn.Module
    x: Any
    y: Any
    lr: float

    def cured(self, cure: Cure) -> Patient:
        """A copy to which the cure was applied. Raises NoCopy and NotApplied."""
        try:
            net = copy.deepcopy(self.net, _without_history(self.net))
        except Exception as error:
            raise NoCopy(_first_sentence(error)) from error
        _keep_hooks(self.net, net)
        names = {"net": net, "nn": nn, "torch": torch, "x": self.x, "y": self.y, "lr": self.lr}
        with own_dice():
            throw_alike(0)
            try:
                exec(cure.change, names)
            except Exception as error:
                raise NotApplied(f"{type(error).__name__}: {_first_sentence(error)}") from error
        return Patient(net, names["x"], names["y"], names["lr"])


def _without_history(net: nn.Module) -> dict[int, Any]:
    """What stands in a copy for each tensor that the net keeps and that was computed, as the old weight_norm
    does: torch copies none of these."""
    kept = [one for module in net.modules() for one in tensors_in(vars(module))]
    return {id(one): one.detach().clone() for one in kept if not one.is_leaf}


def _keep_hooks(net: nn.Module, copied: nn.Module) -> None:
    """torch copies a parameter without its hooks."""
    for own, other in zip(net.parameters(), copied.parameters(), strict=True):
        for hook in (own._backward_hooks or {}).values():
            other.register_hook(hook)


def _first_sentence(error: Exception) -> str:
    said = str(error).strip() or type(error).__name__
    return said.splitlines()[0].partition(". ")[0].rstrip(".")[:200]


def path_to(net: nn.Module, name: str) -> str:
    """The Python that gets to a module or a parameter: `net.features[0].conv`."""
    path, here = "net", net
    for part in name.split(".") if name else []:
        if isinstance(here, (nn.Sequential, nn.ModuleList, nn.ParameterList)):
            path += f"[{part}]"
        elif isinstance(here, (nn.ModuleDict, nn.ParameterDict)):
            path += f"[{part!r}]"
        else:
            path += f".{part}" if part.isidentifier() else f'.get_submodule("{part}")'
        found = here._modules.get(part)
        here = nn.Module() if found is None else found  # one's own may be false, as it has no length
    return path


def drawn_anew(net: nn.Module, calls: Sequence[Call], *, deep: bool = False, biases: bool = True) -> Cure:
    """Each layer's weight drawn for the activation behind it, and its bias 0, where `biases` are filled too;
    but for layers whose size another part of them says. `deep` is for a gradient that has far to go."""
    free = [call for call in calls if not _is_scaled_by_others(call.module)] or calls
    by_line: dict[tuple[str, bool], list[Call]] = {}
    for call in {one.name: one for one in free}.values():
        drawing = _drawing(call, _scheme(call, deep))
        by_line.setdefault((drawing, isinstance(call.module, Loose)), []).append(call)
    parts = [
        _for_each(net, same, _filled(same, line) if biases else line.splitlines())
        for (line, _), same in by_line.items()
    ]
    most = max(by_line.values(), key=len)
    return Cure("\n".join(parts), _scheme(most[0], deep).format("w"))


def _scheme(call: Call, deep: bool) -> str:
    """For tanh, gain 5/3 keeps the signal at 0.65 and lets a gradient grow by 1.08 a layer; gain 1 lets the
    signal sink slowly to where tanh is straight, and keeps the gradient."""
    return "xavier_normal_({})" if deep and call.activation == "tanh" else scheme_for(call)


def _is_scaled_by_others(module: nn.Module) -> bool:
    """Whether a parametrization says how large the weight is, or the spectral_norm of old."""
    if "weight_orig" in module._parameters:
        return True
    ways = module._modules.get("parametrizations")
    return ways is not None and any(
        type(way).__name__ in ("_Orthogonal", "_SpectralNorm") for way in ways.modules()
    )


def _has_no_way_back(module: nn.Module) -> bool:
    """Whether a parametrization makes the weight of one other, and does not say how to set it."""
    ways: Any = module._modules.get("parametrizations")
    if ways is None or "weight" not in ways or not hasattr(ways["weight"], "original"):
        return False
    return any(not hasattr(way, "right_inverse") for way in ways["weight"])


def _drawing(call: Call, scheme: str) -> str:
    """The lines that draw the weight of a layer called `layer`."""
    weight = f"layer.{weight_of(call.module)}"
    # In place it would draw what is made anew at the next call.
    if _has_no_way_back(call.module):
        return f"nn.init.{scheme.format('layer.parametrizations.weight.original')}"
    if "parametrizations" in call.module._modules:
        return f"{weight} = nn.init.{scheme.format(f'torch.empty_like({weight})')}"
    if "weight_g" in call.module._parameters:  # the weight_norm of old: w = g · v / |v|
        return (
            f"nn.init.{scheme.format('layer.weight_v')}\n"
            "layer.weight_g.data = torch.norm_except_dim(layer.weight_v.detach())"
        )
    return f"nn.init.{scheme.format(weight)}"


def scheme_for(call: Call) -> str:
    """The call of nn.init that keeps the layer's signal through its activation, with {} for the weight."""
    module, kind = call.module, call.activation
    known = isinstance(module, (nn.Linear, *CONVS)) and not isinstance(module, TRANSPOSED)
    if known and kind in ("relu", "relu6", "threshold"):
        return 'kaiming_normal_({}, nonlinearity="relu")'
    if known and kind == "leaky_relu":
        return f"kaiming_normal_({{}}, a={call.slope:g})"
    if known and kind == "tanh":
        return "xavier_normal_({}, gain=5 / 3)"
    if known and kind == "sigmoid":
        return "xavier_normal_({}, gain=4.7)" if _reads_sigmoid(call) else "xavier_normal_({})"
    if known and kind in (None, "selu"):
        return 'kaiming_normal_({}, nonlinearity="linear")'
    fan = call.products or products(module, call.entering) or 1
    gain = _gain(kind, call.slope)
    return f"normal_({{}}, std={short(gain)} / {fan:.0f} ** 0.5)"


def _reads_sigmoid(call: Call) -> bool:
    """Whether it stands between two sigmoids. With z from N(0, 1) and gain g, the next z has variance
    g² · Var(σ(z)) = 0.043 g² and a gradient keeps E[σ'(z)²] g² = 0.046 g²: 4.7 keeps both, about zero."""
    return call.activation == "sigmoid" and call.before is not None and call.before.activation == "sigmoid"


def _gain(kind: str | None, slope: float) -> float:
    if kind == "leaky_relu":
        return gain_of(lambda z: F.leaky_relu(z, slope))
    function = getattr(F, kind or "", None)
    if function is None or kind in ("prelu", "rrelu", "threshold", "selu"):
        return gain_of(F.relu) if kind in ("prelu", "rrelu", "threshold") else 1.0
    return gain_of(function)


def _filled(calls: Sequence[Call], drawing: str) -> list[str]:
    """The lines that fill a layer called `layer`."""
    lines = drawing.splitlines()
    known = all(isinstance(call.module, (nn.Linear, *CONVS)) for call in calls)
    if known and any(map(_reads_sigmoid, calls)) and all(call.module.bias is not None for call in calls):
        # What a sigmoid gives has mean 1/2: the bias takes it away again.
        return [*lines, "layer.bias.data = -layer.weight.detach().flatten(1).sum(1) / 2"]
    biased = [isinstance(getattr(call.module, "bias", None), Tensor) for call in calls]
    if all(biased):
        lines.append("nn.init.zeros_(layer.bias)")
    elif any(biased) and not any(isinstance(call.module, Loose) for call in calls):
        lines += ["if layer.bias is not None:", "    nn.init.zeros_(layer.bias)"]
    return lines


def weight_of(module: nn.Module) -> str:
    """The name of the weight that a scheme fills."""
    if "parametrizations" in module._modules or isinstance(getattr(module, "weight", None), Tensor):
        return "weight"
    return next(
        (name for name, own in module._parameters.items() if own is not None and own.dim() >= 2), "weight"
    )


def without_bias(net: nn.Module, calls: Sequence[Call]) -> Cure:
    """Every bias 0."""
    return Cure(_for_each(net, calls, ["nn.init.zeros_(layer.bias)"]), "zeros_(bias)")


def smaller(net: nn.Module, call: Call, std: float) -> Cure:
    """The last layer so small that the net begins with knowing nothing."""
    lines = _drawing(call, f"normal_({{}}, std={std:g})").splitlines()
    if isinstance(getattr(call.module, "bias", None), Tensor):
        lines.append("nn.init.zeros_(layer.bias)")
    return Cure(_for_each(net, [call], lines), f"normal_(w, std={std:g})")


def together(cure: Cure, smaller: Cure, head: str) -> Cure:
    """A change of other layers, and the head's."""
    return Cure(f"{cure.change}\n{smaller.change}", f"{cure.what} with {smaller.what} in {head}")


def slower(cure: Cure, lr: float) -> Cure:
    """A change of the net, with which it wants smaller steps."""
    return Cure(f"{cure.change}\nlr = {lr:g}", f"{cure.what} with lr = {lr:g}")


def shrunk(net: nn.Module, calls: Sequence[Call], blocks: int) -> Cure:
    """The last layer of every residual branch smaller by the root of how many there are."""
    names = {call.name: call for call in calls}
    lines = ["with torch.no_grad():", f"    layer.weight /= {blocks} ** 0.5"]
    return Cure(_for_each(net, list(names.values()), lines), f"w / √{blocks} at the end of each branch")


def _for_each(net: nn.Module, calls: Sequence[Call], lines: list[str]) -> str:
    """The lines for each of the layers; for one layer in place of `layer` its own path."""
    loose = [call for call in calls if isinstance(call.module, Loose)]
    if loose:
        layers = [call for call in calls if call not in loose]
        parts = [_for_each(net, layers, lines)] if layers else []
        return "\n".join([*parts, *_for_parameters(net, loose, lines)])
    if len(calls) == 1:
        path = path_to(net, name_of(net, calls[0]))
        return "\n".join(line.replace("layer.", f"{path}.") for line in lines)
    body = [f"    {line}" for line in lines]
    kinds = {type(call.module) for call in calls}
    if all(getattr(nn, kind.__name__, None) is kind for kind in kinds):
        own = {call.module for call in calls}
        alike = [module for module in net.modules() if type(module) in kinds]
        if len(alike) == len(calls) > 2:
            names = " | ".join(sorted(f"nn.{kind.__name__}" for kind in kinds))
            inner = [f"    {line}" for line in body]
            return "\n".join(["for layer in net.modules():", f"    if isinstance(layer, {names}):", *inner])
        left_out = [name for name, module in net.named_modules() if module in alike and module not in own]
        if len(calls) > _MOST_NAMED and len(left_out) <= _MOST_LISTED:
            names = " | ".join(sorted(f"nn.{kind.__name__}" for kind in kinds))
            inner = [f"    {line}" for line in body]
            others = ", ".join(f'"{name}"' for name in left_out)
            head = f"    if isinstance(layer, {names}) and name not in [{others}]:"
            return "\n".join(["for name, layer in net.named_modules():", head, *inner])
    if (container := _container_of(net, calls)) is not None:
        return "\n".join([f"for layer in {container}:", *body])
    if len(calls) <= _MOST_LISTED:
        paths = ", ".join(path_to(net, name_of(net, call)) for call in calls)
        return "\n".join([f"for layer in [{paths}]:", *body])
    names = _quoted(" ".join(name_of(net, call) for call in calls))
    return "\n".join([f"for name in {names}.split():", "    layer = net.get_submodule(name)", *body])


def _container_of(net: nn.Module, calls: Sequence[Call]) -> str | None:
    """The Python that gets to the list whose layers these are, all of them."""
    own = {call.module for call in calls}
    for name, module in net.named_modules():
        if name and isinstance(module, nn.ModuleList | nn.Sequential) and set(module) == own:
            return path_to(net, name)
    return None


def _quoted(names: str) -> str:
    """A string of Python, in several lines where one would be cut on a screen."""
    lines = textwrap.wrap(names, _WIDEST, break_long_words=False, break_on_hyphens=False)
    if len(lines) == 1:
        return f'"{names}"'
    return "\n".join(['"""', *(f"    {line}" for line in lines), '"""'])


def _for_parameters(net: nn.Module, calls: Sequence[Call], lines: list[str]) -> Iterator[str]:
    """The same for parameters that no layer owns: first for the weights, then for the biases."""
    names = {id(own): name for name, own in net.named_parameters()}
    for kind in ("weight", "bias"):
        own = [getattr(call.module, kind) for call in calls]
        paths = [path_to(net, names[id(one)]) for one in own if one is not None]
        body = [line for line in lines if f"layer.{kind}" in line or line.startswith("with ")]
        if not paths or not any(f"layer.{kind}" in line for line in body):
            continue
        if len(paths) == 1:
            yield from (line.strip() if kind == "bias" else line for line in _with(body, kind, paths[0]))
        else:
            yield f"for {kind} in [{', '.join(paths)}]:"
            yield from (f"    {line}" for line in _with(body, kind, kind))


def _with(lines: list[str], kind: str, path: str) -> list[str]:
    return [line.replace(f"layer.{kind}", path) for line in lines]


def name_of(net: nn.Module, call: Call) -> str:
    """The path of the call's module in a net; empty for the net itself."""
    return next((name for name, module in net.named_modules() if module is call.module), call.name)
