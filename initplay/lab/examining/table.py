"""What was seen of a net, as one record a layer: `Layer` events in the order of the forward pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from torch import Tensor, nn

from initplay.lab.events import Layer
from initplay.lab.examining.kinds import is_layer
from initplay.lab.examining.loose import Loose
from initplay.lab.examining.schemes import Scheme, scheme_of, schemes_of
from initplay.lab.examining.sizes import size_of
from initplay.lab.examining.theory import expected_rms
from initplay.lab.examining.xray import Xray


def layers(net: nn.Module, xray: Xray, lr: float) -> Iterator[Layer]:
    """Every call of a layer, then the layers that were not called and the parameters that belong to none."""
    looks = _looks([call.module for call in xray.calls])
    for call in xray.calls:
        shape, scheme, sure = looks[call.module]
        yield Layer(
            name=call.title,
            kind="Parameter" if isinstance(call.module, Loose) else type(call.module).__name__,
            shape=shape,
            scheme=scheme,
            sure=sure,
            rms=call.rms,
            theory_rms=expected_rms(call),
            grad_rms=call.rms_gradient,
            dead=call.dead,
            saturated=call.saturated,
            update_ratio=update_of(call.module, xray, lr),
        )
    covered = {own for call in xray.calls for own in call.module.parameters()}
    for name, module in net.named_modules():
        if is_layer(module) and module not in looks and not covered.issuperset(module.parameters()):
            shape, scheme, sure = _looks([module])[module]
            yield Layer(name=name, kind=type(module).__name__, shape=shape, scheme=scheme, sure=sure)
            covered.update(module.parameters())
    for name, own in net.named_parameters():
        if own not in covered:
            found = scheme_of(nn.Module(), own)
            gradient = xray.gradients.get(own)
            yield Layer(
                name=name,
                kind="Parameter",
                shape=list(own.shape),
                scheme=found.text,
                sure=found.sure,
                grad_rms=None if gradient is None else size_of(gradient),
                update_ratio=_ratio(own, xray, lr),
            )


def weights_of(module: nn.Module) -> list[tuple[str, Tensor]]:
    """The layer's weights, the one that it is known by first."""
    first = [
        name
        for name in ("weight", "in_proj_weight", "q_proj_weight", "weight_ih_l0", "weight_ih")
        if _is(module, name)
    ]
    others = [name for name, own in module._parameters.items() if own is not None and own.dim() >= 2]
    names = list(dict.fromkeys([*first, *others])) or [
        name for name, own in module._parameters.items() if own is not None
    ]
    return [(name, getattr(module, name)) for name in names if isinstance(getattr(module, name), Tensor)]


def _is(module: nn.Module, name: str) -> bool:
    return isinstance(getattr(module, name, None), Tensor)


_Look = tuple[list[int], str | None, float | None]
"""A weight's shape, its scheme in words, and how sure that is."""


def _looks(modules: Iterable[nn.Module]) -> dict[nn.Module, _Look]:
    """What the modules' weights look like, each judged beside the others."""
    weights = {module: found for module in dict.fromkeys(modules) if (found := weights_of(module))}
    schemes = schemes_of({module: found[0][1] for module, found in weights.items()})
    looks: dict[nn.Module, _Look] = {}
    for module in dict.fromkeys(modules):
        looks[module] = [], None, None
        if module in weights:
            (_, main), *others = weights[module]
            scheme = schemes[module]
            looks[module] = list(main.shape), _with_others(module, scheme, others), scheme.sure
    return looks


def _with_others(module: nn.Module, scheme: Scheme, others: list[tuple[str, Tensor]]) -> str:
    """The scheme of the first weight, and those of the others where they differ."""
    text = scheme.text
    for name, weight in _apart(module, others):
        other = scheme_of(_owner(module, name), weight)
        if other.text != scheme.text:
            text += f"; {name} {other.text}"
    return text


def _apart(module: nn.Module, others: list[tuple[str, Tensor]]) -> Iterator[tuple[str, Tensor]]:
    """The other weights that are worth a word: of recurrent layers the recurrent one, of attention the
    last, and none of which the weight is made at each call."""
    if isinstance(module, nn.RNNBase | nn.RNNCellBase):
        yield from (one for one in others if one[0] in ("weight_hh_l0", "weight_hh"))
    elif isinstance(module, nn.MultiheadAttention):
        yield "out_proj", module.out_proj.weight
    elif {"weight_g", "weight_orig"}.isdisjoint(module._parameters.keys()):
        yield from others[:2]


def _owner(module: nn.Module, name: str) -> nn.Module:
    part = getattr(module, name, None)
    return part if isinstance(part, nn.Module) else module


def update_of(module: nn.Module, xray: Xray, lr: float) -> float | None:
    """Of the weight that the layer is known by, or of the largest parameter that this is made of."""
    own = next((weight for _, weight in weights_of(module)), None)
    if not isinstance(own, nn.Parameter):
        own = max(module.parameters(), key=Tensor.numel, default=None)
    return None if own is None else _ratio(own, xray, lr)


def _ratio(own: Tensor, xray: Xray, lr: float) -> float | None:
    gradient = xray.gradients.get(own) if isinstance(own, nn.Parameter) else None
    if gradient is None:
        return None
    weight = size_of(own)
    return lr * size_of(gradient) / weight if weight else None
