"""What verdicts say of layers and of looks: names, schemes, activations and losses in words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import torch
from torch import Tensor

from initplay.lab.examining import cures
from initplay.lab.examining.call import Call
from initplay.lab.examining.schemes import schemes_of
from initplay.lab.examining.xray import Xray
from initplay.words.numbers import short


def span(calls: Sequence[Call]) -> str:
    """`fc1 … fc6 (6 layers)`, or the one layer's name."""
    if len(calls) == 1:
        return calls[0].title
    return f"{calls[0].title} … {calls[-1].title} ({len(calls)} layers)"


def said_scheme(calls: Sequence[Call]) -> str:
    """What the layers' weights look like, in words, each judged beside the others; where they differ what
    most do."""
    weights = {call.module: weight for call in calls if (weight := weight_at(call)) is not None}
    schemes = [scheme for scheme in schemes_of(weights).values() if scheme.values.kind != "few"]
    often = Counter(scheme.text for scheme in schemes).most_common()
    if not often:
        return "weights"
    (most, _), *others = often
    return f"{most} and others" if others or len(schemes) < len(weights) else most


def weight_at(call: Call) -> Tensor | None:
    """The weight of the called layer, as it multiplies by it; None where it has none, or an empty one."""
    weight = getattr(call.module, cures.weight_of(call.module), None)
    if not isinstance(weight, Tensor) or not weight.numel():
        return None
    return weight if weight.layout is torch.strided else weight.to_dense()


_IN_WORDS = {
    None: "with no activation",
    "leaky_relu": "under leaky ReLU",
    "relu": "under ReLU",
    "gelu": "under GELU",
    "silu": "under SiLU",
}


def named(activation: str | None) -> str:
    """The activation as a text names it."""
    return _IN_WORDS.get(activation, f"under {activation}").removeprefix("under ")


def under(call: Call) -> str:
    """`under ReLU`, behind the name of a scheme."""
    return _IN_WORDS.get(call.activation, f"under {call.activation}")


def said_loss(xray: Xray) -> str:
    """The first loss, beside that of a net that knows nothing."""
    if xray.loss is None:
        return "no loss"
    beside = "" if xray.unknowing is None else f" (knowing nothing: {short(xray.unknowing, 4)})"
    return f"a first loss of {short(xray.loss, 4)}{beside}"


def in_word(size: float) -> str:
    """What a size that is not finite is called."""
    return "NaN" if math.isnan(size) else "infinite"
