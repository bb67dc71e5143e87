"""Layers that people make from torch's: with a second weight beside the first, one that is made anew at each
call, or the activation in them."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrize

from initplay.lab import examine
from initplay.lab.examining.examination import Examination
from initplay.lab.examining.sizes import size_of


@pytest.fixture(autouse=True)
def _same_weights() -> None:
    torch.manual_seed(0)


class Lora(nn.Linear):
    """Frozen, with a product of two small matrices beside it; `merged` says whether these are added to the
    weight or to what comes out."""

    def __init__(self, size: int, *, merged: bool) -> None:
        super().__init__(size, size)
        self.weight.requires_grad_(False)
        self.lora_a = nn.Parameter(torch.randn(4, size) / size**0.5)
        self.lora_b = nn.Parameter(torch.randn(size, 4) / 100)
        self.merged = merged

    def forward(self, input: Tensor) -> Tensor:
        if self.merged:
            return F.linear(input, self.weight + self.lora_b @ self.lora_a, self.bias)
        return super().forward(input) + input @ self.lora_a.T @ self.lora_b.T * 2


class Standardized(nn.Conv2d):
    def forward(self, input: Tensor) -> Tensor:
        w = self.weight - self.weight.mean((1, 2, 3), keepdim=True)
        return self._conv_forward(input, w / w.std((1, 2, 3), keepdim=True) / 3, self.bias)


class Dense(nn.Linear):
    """With its activation in it."""

    def forward(self, input: Tensor) -> Tensor:
        return F.leaky_relu(super().forward(input), 0.2)


def behind_each(make: Any) -> Any:
    return nn.Sequential(*(part for _ in range(4) for part in (make(), nn.ReLU())))


def seen(net: nn.Module, x: Tensor) -> dict[str, float]:
    """The rms of what each module gives, by hand."""
    found: dict[str, float] = {}
    hooks = [
        one.register_forward_hook(lambda _m, _i, out, name=name: found.__setitem__(name, size_of(out)))
        for name, one in net.named_modules()
        if name
    ]
    net(x)
    for hook in hooks:
        hook.remove()
    return found


def agrees_with_theory(found: Examination) -> bool:
    """But for an end of few units, of which one net shows little."""
    wide = [one for one in found.layers if one.shape[0] > 3]
    return all(one.rms == pytest.approx(one.theory_rms, rel=0.2) for one in wide)


@pytest.mark.parametrize("merged", [False, True])
def test_a_layer_with_lora_is_one_layer_with_its_weight(merged: bool):
    """It is found where its signal is lost, and nothing is said of what would be between its weights."""
    net = behind_each(lambda: Lora(64, merged=merged)).append(nn.Linear(64, 3))
    x = torch.randn(64, 64)
    found, by_hand = examine(net, x), seen(net, x)
    assert [one.rms for one in found.layers] == pytest.approx([by_hand[one.name] for one in found.layers])
    assert agrees_with_theory(found) and not any("weights of its own" in note for note in found.notes)
    verdict = found.verdicts[0]
    assert verdict.text.startswith("0 … 6 (4 layers): torch's default under ReLU") and verdict.change
    exec(verdict.change, {"net": net, "nn": nn, "torch": torch})
    assert not [one for one in examine(net, x, cure=False).verdicts if "the signal" in one.text]


def test_theory_goes_by_the_weight_that_a_layer_really_multiplies_by():
    net = nn.Sequential(Standardized(3, 16, 3), nn.ReLU(), Standardized(16, 16, 3), nn.Flatten())
    assert agrees_with_theory(examine(net, torch.randn(16, 3, 8, 8)))


def test_an_activation_in_a_layer_is_that_layers_own():
    """Its rms is that before the activation, as of all others; and the layer before it has none."""
    head: Any = nn.Linear(64, 64)
    net: Any = nn.Sequential(head, *(Dense(64, 64) for _ in range(4)), nn.Linear(64, 3))
    for one in net:
        nn.init.normal_(one.weight, std=0.05)
    x = torch.randn(64, 64)
    found = examine(net, x)
    assert agrees_with_theory(found)
    h = F.linear(head(x), net[1].weight, net[1].bias)
    assert found.layers[1].rms == pytest.approx(size_of(h), rel=1e-4)
    [verdict] = found.verdicts
    assert "out of 4" in verdict.text and "behind its leaky ReLU" in verdict.text
    assert verdict.change and "a=0.2" in verdict.change
    assert 'net[0].weight, nonlinearity="linear"' in verdict.change
    exec(verdict.change, {"net": net, "nn": nn})
    assert not examine(net, x, cure=False).verdicts


class Added(nn.Module):
    """As peft wraps a layer: zeros at the end of what is scaled and added."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.base, self.a, self.b = nn.Linear(size, size), nn.Linear(size, 4), nn.Linear(4, size, bias=False)
        nn.init.zeros_(self.b.weight)

    def forward(self, x: Tensor) -> Tensor:
        return self.base(x) + self.b(self.a(x)) * 2


def test_zeros_whose_gradients_differ_are_no_units_that_stay_alike():
    """Nor are the equal weights of a filter that is not trained, each over a channel of its own."""
    assert examine(nn.Sequential(Added(64), nn.ReLU(), nn.Linear(64, 3)), torch.randn(64, 64)).verdicts == []
    between: Any = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.Linear(64, 3))
    nn.init.zeros_(between[2].weight)
    assert not any("same unit" in one.text for one in examine(between, torch.randn(64, 64)).verdicts)
    blur = nn.Conv2d(8, 8, 3, groups=8, bias=False).requires_grad_(False)
    nn.init.constant_(blur.weight, 1 / 9)
    net = nn.Sequential(nn.Conv2d(3, 8, 3), blur, nn.ReLU(), nn.Flatten(), nn.Linear(8 * 16, 3))
    assert examine(net, torch.randn(16, 3, 8, 8)).verdicts == []


class TwoRanks(nn.Module):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.a, self.b = nn.Parameter(torch.randn(4, size)), nn.Parameter(torch.zeros(size, 4))

    def forward(self, weight: Tensor) -> Tensor:
        return weight + self.b @ self.a


def test_a_weight_that_cannot_be_set_is_drawn_where_it_is_kept():
    """What a parametrization has no way back for is a function of its `original`."""
    net = behind_each(lambda: nn.Linear(64, 64)).append(nn.Linear(64, 3))
    for place in (0, 2, 4, 6):
        parametrize.register_parametrization(net[place], "weight", TwoRanks(64))
    x = torch.randn(64, 64)
    [verdict] = examine(net, x).verdicts
    assert verdict.change and "layer.parametrizations.weight.original" in verdict.change
    exec(verdict.change, {"net": net, "nn": nn, "torch": torch})
    assert not examine(net, x, cure=False).verdicts


class Heads(nn.Module):
    """Two ends, of which the first is no layer on the way to anything."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU())
        self.advantage, self.value = nn.Linear(64, 4), nn.Linear(64, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.body(x)
        a = self.advantage(h)
        return self.value(h) + a - a.mean(1, keepdim=True)


def test_every_end_of_a_net_is_for_the_loss_to_size():
    assert examine(Heads(), torch.randn(32, 8)).verdicts == []


def test_a_gradient_that_is_spread_over_places_is_not_lost():
    """Behind each convolution there are fewer places, so that the rms falls on the way back and the length
    does not."""
    convs = [nn.Conv2d(i, o, 4, 2, 1) for i, o in pairwise([3, 32, 64, 128])]
    net: Any = nn.Sequential(*(part for one in convs for part in (one, nn.LeakyReLU(0.2))), nn.Flatten())
    net.append(nn.Linear(128 * 16, 1))
    for one in convs:
        nn.init.kaiming_normal_(one.weight, a=0.2)
    found = examine(net, torch.randn(32, 3, 32, 32))
    rms = [one.grad_rms or math.nan for one in found.layers]
    assert rms[0] < rms[-1] / 100 and found.verdicts == []
