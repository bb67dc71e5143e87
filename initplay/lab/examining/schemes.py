"""Which initialization a weight looks as if it came from: its distribution, its fan and its gain, by Bayes.

Every scheme says of what distribution the values are and how large. A weight of n values shows its scale to
within a standard error (a bound to 1/n, a std to 1/√2n): schemes that lie within it share what is believed,
by how common they are, and what lies with no scheme is believed to be of no known one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor, nn

from initplay.lab.examining.distribution import Distribution, distribution_of
from initplay.lab.examining.fan import Fans, ways_to_read
from initplay.lab.init import gain_of
from initplay.words.numbers import short


class Scheme(NamedTuple):
    """What a weight looks like, in words, and how sure that is."""

    text: str
    sure: float | None
    """From 0 to 1; None where the values look like no scheme."""
    default: bool = False
    """Whether it is what torch gives a layer of this kind."""
    values: Distribution = Distribution("empty", 0)
    candidates: tuple[_Candidate, ...] = ()
    """What it was chosen from."""


class _Candidate(NamedTuple):
    name: str
    scale: float
    """The std of a normal, the bound of a uniform."""
    usual: float
    """How common it is beside the others."""
    default: bool = False


_NEWS = 1 / math.log(1e5)
"""The density of the logarithm of a scale that is of no known scheme: anything from 1e-4 to 10."""
_UNKNOWN = 0.3
"""How common those are."""
_KAIMING = [
    ("relu", math.sqrt(2), 3.0),
    ("linear", 1.0, 1.0),
    ("tanh", 5 / 3, 0.4),
    ("a=0.2", math.sqrt(2 / 1.04), 0.3),
    ("a=0.1", math.sqrt(2 / 1.01), 0.2),
    ("a=√5", math.sqrt(1 / 3), 0.3),
    ("selu", 0.75, 0.2),
]
"""What kaiming_* may have been told, the gain that follows, and how common it is."""
_XAVIER = [
    ("", 1.0, 3.0),
    (", gain √2", math.sqrt(2), 0.5),
    (", gain 5/3", 5 / 3, 0.5),
    (", gain 4", 4.0, 0.2),
]
_STDS = {0.001: 0.4, 0.005: 0.2, 0.01: 1.0, 0.02: 1.0, 0.05: 0.4, 0.1: 0.6, 0.5: 0.2, 1.0: 1.0}
_BOUNDS = {0.001: 0.3, 0.01: 0.6, 0.05: 0.5, 0.08: 0.4, 0.1: 0.8, 0.5: 0.3, 1.0: 0.6}
_MOST_BLOCKS = 96
_SHARED = 6.0
"""How much commoner a scheme is for each other layer of the net that has it, of so many at most."""
_MOST_SHARED = 3
_SURE = 0.95
"""A scheme that is so sure speaks for those of the other layers."""
_NAMED_BESIDE = 0.3
"""Of two schemes that come to the same the second is named where it is so common, beside the first."""


def scheme_of(module: nn.Module, weight: Tensor) -> Scheme:
    """What a weight of the module looks like."""
    values = distribution_of(_without_padding(module, weight))
    return _gate_by_gate(module, weight) or _named(module, weight, values)


def schemes_of(weights: Mapping[nn.Module, Tensor]) -> dict[nn.Module, Scheme]:
    """What the weights of several modules look like, each judged beside the others: most nets have one scheme
    for all."""
    alone = {module: scheme_of(module, weight) for module, weight in weights.items()}
    named = {module: _sure_names(scheme) for module, scheme in alone.items()}
    often = Counter(name for names in named.values() for name in names)
    return {
        module: _beside(module, weights[module], scheme, often - Counter(named[module]))
        for module, scheme in alone.items()
    }


def _sure_names(scheme: Scheme) -> set[str]:
    if scheme.sure is None or scheme.sure <= _SURE:
        return set()
    texts = (scheme.text.replace("either fan", fan) for fan in ("fan_in", "fan_out"))
    return {name for text in texts for name in text.split(" = ")}


def _beside(module: nn.Module, weight: Tensor, scheme: Scheme, others: Mapping[str, int]) -> Scheme:
    """The same weight's scheme once one knows how many other layers surely have which."""
    if scheme.values.kind not in ("uniform", "normal", "truncated") or scheme.values.mean:
        return scheme
    candidates = [
        one._replace(usual=one.usual * _SHARED ** min(others.get(one.name, 0), _MOST_SHARED))
        for one in scheme.candidates
    ]
    return _chosen(module, weight, scheme.values, candidates)


def _named(module: nn.Module, weight: Tensor, values: Distribution) -> Scheme:
    if values.kind == "empty":
        return Scheme("no values", None, values=values)
    if values.kind == "few":
        return Scheme("too few to tell", None, values=values)
    if values.kind == "broken":
        return Scheme("NaN or infinite", 1.0, values=values)
    if values.kind == "constant":
        name = {0.0: "zeros_", 1.0: "ones_"}.get(values.mean, f"constant_, {short(values.mean)}")
        return Scheme(name, 1.0, values=values)
    if values.kind == "identity":
        gain = "" if abs(values.std - 1) < 1e-3 else f" times {short(values.std)}"
        return Scheme(("eye_" if weight.dim() == 2 else "dirac_") + gain, 1.0, values=values)
    if values.kind == "orthogonal":
        gain = "" if abs(values.std - 1) < 2e-3 else f", gain {_in_words(values.std)}"
        return Scheme(f"orthogonal_{gain}", 1.0, values=values)
    if values.kind == "other":
        tails = "heavier" if values.kurtosis > 3 else "lighter"
        text = f"none known: std {short(values.std)}, tails {tails} than a normal's"
        return Scheme(text, None, values=values)
    if values.mean:
        return _shifted(values)
    candidates = list(_candidates(module, weight, values))
    return _chosen(module, weight, values, candidates)._replace(candidates=tuple(candidates))


def _chosen(module: nn.Module, weight: Tensor, values: Distribution, candidates: list[_Candidate]) -> Scheme:
    """The likeliest of the candidates, and how much of the weight is zeros."""
    found = _likeliest(module, weight, values, candidates)
    return found._replace(text=f"sparse, {values.zeros:.0%} zeros: {found.text}") if values.zeros else found


def _in_words(gain: float) -> str:
    known = {math.sqrt(2): "√2", 5 / 3: "5/3"}
    return next((said for value, said in known.items() if abs(gain / value - 1) < 2e-3), short(gain))


def _shifted(values: Distribution) -> Scheme:
    low, high = values.mean - values.reach, values.mean + values.reach
    if values.kind == "uniform":
        text = f"uniform_ from {_round(low, values)} to {_round(high, values)}"
    else:
        text = f"normal_, mean {short(values.mean)}, std {short(values.std)}"
    return Scheme(text, values.sure, values=values)


def _round(bound: float, values: Distribution) -> str:
    """A bound as it was meant, for no value quite reaches it and the mean is known to within its error."""
    slack = 5 * values.std / math.sqrt(values.n)
    tenth = round(bound, 1)
    return short(tenth if abs(bound - tenth) < slack else bound)


def _likeliest(
    module: nn.Module, weight: Tensor, values: Distribution, candidates: list[_Candidate]
) -> Scheme:
    scale = values.reach if values.kind == "uniform" else values.std
    error = values.standard_error
    beliefs = [one.usual * _density(values, one.scale, error) for one in candidates]
    total = sum(beliefs) + _UNKNOWN * _NEWS
    if not candidates or max(beliefs) < _UNKNOWN * _NEWS:
        fan_in = ways_to_read(module, weight)[0].fan_in
        std = scale / math.sqrt(3) if values.kind == "uniform" else scale
        what = f"uniform_ to ±{short(scale)}" if values.kind == "uniform" else f"normal_, std {short(scale)}"
        gain = f" ({short(std * math.sqrt(fan_in))} / √fan_in)"
        return Scheme(what + gain, values.sure * (1 - sum(beliefs) / total), values=values)
    best = max(range(len(candidates)), key=beliefs.__getitem__)
    near = max(1e-3, values.grain, 0.3 * error)
    same = [
        number
        for number, one in enumerate(candidates)
        if beliefs[number] and abs(math.log(one.scale / candidates[best].scale)) < near
    ]
    same.sort(key=lambda number: -candidates[number].usual)
    usual = _NAMED_BESIDE * candidates[same[0]].usual
    names = list(
        dict.fromkeys(candidates[number].name for number in same if candidates[number].usual >= usual)
    )
    notes = [way.note for way in ways_to_read(module, weight) if way.note]
    names = [one for one in names if not any(one == f"{other}, {note}" for other in names for note in notes)]
    twin = (
        names[0].replace("fan_in", "fan_out")
        if "fan_in" in names[0]
        else names[0].replace("fan_out", "fan_in")
    )
    if twin != names[0] and twin in names:
        names = [names[0].replace("fan_in", "either fan").replace("fan_out", "either fan")]
    sure = values.sure * sum(beliefs[number] for number in same) / total
    default = any(candidates[number].default for number in same)
    return Scheme(" = ".join(names[:2]), sure, default, values)


def _density(values: Distribution, scale: float, error: float) -> float:
    """How likely the scale that was seen is, as a density of its logarithm, where the scheme's is `scale`."""
    n = values.n
    if values.kind == "uniform":  # the largest of n values lies below the bound, by 1/n of it on average
        short_by = math.log(scale / values.reach)
        if short_by < -values.grain:
            return 0.0
        return n * math.exp(-min(n * max(short_by - values.grain, 0), 700))
    error = max(error, 1e-4)
    z = math.log(values.std / scale) / error
    return math.exp(-min(z**2 / 2, 700)) / (error * math.sqrt(2 * math.pi))


def _candidates(module: nn.Module, weight: Tensor, values: Distribution) -> Iterator[_Candidate]:
    kind = values.kind
    uniform = kind == "uniform"
    yield from _torchs_own(module, weight, uniform)
    word = {"uniform": "uniform", "normal": "normal", "truncated": "normal"}[kind]
    cut = ", cut at 2 stds" if kind == "truncated" else ""
    wide = math.sqrt(3) if uniform else 1.0
    for fans in ways_to_read(module, weight):
        for name, std, usual in _by_fans(fans, word):
            yield _Candidate(name + cut, wide * std, usual * (0.5 if fans.note else 1.0))
    if uniform:
        for bound, usual in _BOUNDS.items():
            yield _Candidate(f"uniform_ to ±{short(bound)}", bound, usual)
        return
    if not cut:
        yield from _by_depth(ways_to_read(module, weight)[0], values.std)
    shrunk = 0.87962566 if cut else 1.0
    for std, usual in _STDS.items():
        yield _Candidate(
            f"{'trunc_normal_' if cut else 'normal_'}, std {short(std)}{cut}", std * shrunk, usual
        )
    fitting = round((0.02 / values.std) ** 2 / 2) if values.std > 0.02 / 2 / _MOST_BLOCKS else 0
    for blocks in range(max(2, fitting - 1), min(_MOST_BLOCKS, fitting + 1) + 1):
        yield _Candidate(f"normal_, std 0.02 / √{2 * blocks} (GPT-2's)", 0.02 / math.sqrt(2 * blocks), 0.03)


def _by_depth(fans: Fans, std: float) -> Iterator[_Candidate]:
    """Fixup's: He's, smaller by the root of how many residual blocks there are (Zhang et al. 2019)."""
    for mode, fan in (("fan_in", fans.fan_in), ("fan_out", fans.fan_out)):
        blocks = round(2 / fan / std**2)
        if 2 <= blocks <= _MOST_BLOCKS:
            name = f"kaiming_normal_, {mode}, relu / √{blocks} (Fixup's)"
            yield _Candidate(name, math.sqrt(2 / fan / blocks), 0.001)


@cache
def _gain_of_gelu() -> float:
    """Not when this is imported, for it would start torch's threads."""
    return gain_of(nn.functional.gelu)


def _by_fans(fans: Fans, word: str) -> Iterator[tuple[str, float, float]]:
    """Names, stds and how common they are, of the schemes that scale by a fan."""
    note = f", {fans.note}" if fans.note else ""
    for told, gain, usual in _KAIMING:
        for mode, fan, share in (("fan_in", fans.fan_in, 1.0), ("fan_out", fans.fan_out, 0.5)):
            name = f"kaiming_{word}_, {mode}, {told}{note}"
            if told == "linear" and mode == "fan_in":
                name = f"lecun_{word}_{note}"
            yield name, gain / math.sqrt(fan), usual * share
    for told, gain, usual in _XAVIER:
        yield f"xavier_{word}_{told}{note}", gain * math.sqrt(2 / (fans.fan_in + fans.fan_out)), usual
    yield f"gain of gelu / √fan_in{note}", _gain_of_gelu() / math.sqrt(fans.fan_in), 0.1
    if word == "uniform":
        yield f"uniform_ to ±√(6 / fan_in) / 30 (SIREN's){note}", math.sqrt(2 / fans.fan_in) / 30, 0.1


def _torchs_own(module: nn.Module, weight: Tensor, uniform: bool) -> Iterator[_Candidate]:
    """What torch gives a layer of this kind where nobody says otherwise."""
    name = "torch's default"
    if isinstance(module, nn.Embedding | nn.EmbeddingBag):
        if not uniform:
            yield _Candidate(name, 1.0, 4.0, True)
        return
    if not uniform or weight.dim() < 2:
        return
    if isinstance(module, nn.RNNBase | nn.RNNCellBase):
        yield _Candidate(name, 1 / math.sqrt(module.hidden_size), 4.0, True)
    elif isinstance(module, nn.MultiheadAttention):
        first, second = weight.shape
        yield _Candidate(name, math.sqrt(6 / (first + second)), 4.0, True)
    elif isinstance(module, nn.Bilinear):
        yield _Candidate(name, 1 / math.sqrt(weight.shape[1]), 4.0, True)
    elif hasattr(module, "in_features") or hasattr(module, "in_channels"):
        yield _Candidate(name, 1 / math.sqrt(ways_to_read(module, weight)[0].fan_in), 4.0, True)


def _without_padding(module: nn.Module, weight: Tensor) -> Tensor:
    """An embedding's row for padding is zero by definition, and no part of what was drawn."""
    padding = getattr(module, "padding_idx", None)
    if not isinstance(module, nn.Embedding) or padding is None or weight.shape[0] < 2:
        return weight
    return torch.cat((weight[:padding], weight[padding + 1 :]))


def _gate_by_gate(module: nn.Module, weight: Tensor) -> Scheme | None:
    """The scheme of a weight of several gates or projections, where each is a structure of its own."""
    if isinstance(module, nn.RNNBase | nn.RNNCellBase):
        size, one = module.hidden_size, "a gate"
    elif isinstance(module, nn.MultiheadAttention):
        size, one = module.embed_dim, "a projection"
    else:
        return None
    if weight.dim() != 2 or weight.shape[0] <= size or weight.shape[0] % size:
        return None
    parts = [distribution_of(part) for part in weight.detach().split(size)]
    if any(part.kind not in ("orthogonal", "identity") for part in parts):
        return None
    if max(part.std for part in parts) - min(part.std for part in parts) > 2e-3:
        return None
    found = _named(module, weight, parts[0])
    return found._replace(text=f"{found.text}, {one}")
