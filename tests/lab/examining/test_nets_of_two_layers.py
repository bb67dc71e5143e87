"""Nets too short for what a layer keeps in the mean: what they lose at once is found, and nothing else is."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from initplay.lab import examine


class Between(nn.Module):
    """Two layers, and what forward does between them."""

    def __init__(self, between: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.a, self.o = nn.Linear(32, 64), nn.Linear(64, 10)
        self.between = between

    def forward(self, x: Tensor) -> Tensor:
        return self.o(self.between(F.relu(self.a(x))))


class Faint(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return gradients[0] * 1e-20


class FaintAndHidden(Faint):
    """What it gives cannot be followed from what it takes."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return torch.from_numpy(x.detach().numpy() * 1)


def batch(seed: int = 0) -> tuple[Tensor, Tensor]:
    dice = torch.Generator().manual_seed(seed)
    return torch.randn(64, 32, generator=dice), torch.randint(10, (64,), generator=dice)


def test_weights_that_leave_nothing_of_the_signal_are_found_and_drawn_anew():
    torch.manual_seed(0)
    net = Between(lambda x: x)
    nn.init.normal_(net.a.weight, std=1e-9)
    nn.init.zeros_(net.a.bias)
    [verdict] = examine(net, *batch()).verdicts
    assert verdict.layer == "a" and "the signal falls from rms 1" in verdict.text
    assert verdict.change and "kaiming_normal_(net.a.weight" in verdict.change


@pytest.mark.parametrize(
    ("between", "what"),
    [
        (lambda x: x * 1e-8, "a factor"),
        (Faint.apply, "a backward, a hook or a saturated function"),
        (FaintAndHidden.apply, "a backward, a hook or a saturated function"),
    ],
)
def test_what_is_lost_between_them_is_laid_to_neither(between: Callable[[Tensor], Tensor], what: str):
    torch.manual_seed(0)
    found = examine(Between(between), *batch())
    [verdict] = found.verdicts
    assert verdict.text.startswith("between a and o the gradient is lost: its length falls from ")
    assert f"look for {what}" in verdict.text
    assert ("the signal from rms" in verdict.text) == (what == "a factor")
    assert verdict.layer == "a" and verdict.change is None
    a, o = found.layers
    assert a.grad_rms and o.grad_rms and a.grad_rms < 1e-6 * o.grad_rms


@pytest.mark.parametrize("bias", [15.0, -15.0])
def test_a_sigmoid_at_its_ends_is_no_backward_of_somebody(bias: float):
    torch.manual_seed(0)
    first = nn.Linear(32, 64)
    nn.init.constant_(first.bias, bias)
    [verdict] = examine(nn.Sequential(first, nn.Sigmoid(), nn.Linear(64, 10)), *batch()).verdicts
    assert "under sigmoid leaves up to 100% of the values at its ends" in verdict.text


def test_a_softmax_at_its_end_is_named_among_what_may_have_lost_it():
    torch.manual_seed(0)
    net = Between(lambda x: F.softmax(x, -1))
    with torch.no_grad():
        net.a.bias[0] = 25.0
    [verdict] = examine(net, *batch()).verdicts
    assert (
        "look for a backward, a hook or a saturated function, such as softmax, between them" in verdict.text
    )


class Scaled(nn.Module):
    """A branch that begins next to 0, as with LayerScale, beside what it reads."""

    def __init__(self, join: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self.a, self.h = nn.Linear(32, 32), nn.Linear(32, 10)
        self.scale = nn.Parameter(torch.full((32,), 1e-7))
        self.join = join

    def forward(self, x: Tensor) -> Tensor:
        return self.h(self.join(x, F.relu(self.a(x)), self.scale))


@pytest.mark.parametrize(
    "join",
    [
        lambda x, branch, scale: x + scale * branch,
        lambda x, branch, scale: torch.addcmul(x, scale, branch),
        lambda x, branch, scale: torch.cat([x[:, :16], (scale * branch)[:, 16:]], 1),
        lambda x, branch, scale: torch.cat([x[:, :16], branch[:, 16:] * scale.mean().item()], 1),
    ],
)
def test_a_branch_that_begins_next_to_0_is_no_fault(join: Callable[[Tensor, Tensor, Tensor], Tensor]):
    torch.manual_seed(0)
    assert not [one for one in examine(Scaled(join), *batch()).verdicts if one.layer != "scale"]


@pytest.mark.parametrize("deeper", [False, True])
def test_a_batch_norm_of_examples_that_are_all_the_same_gives_next_to_nothing(deeper: bool):
    torch.manual_seed(0)
    more = [nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU()] if deeper else []
    net = nn.Sequential(nn.Linear(32, 64), nn.BatchNorm1d(64), nn.ReLU(), *more, nn.Linear(64, 10))
    [verdict] = examine(net, torch.ones(64, 32), batch()[1]).verdicts
    assert verdict.layer == "1" and "give a batch of examples that differ" in verdict.text
    assert (" (and so 4)" in verdict.text) == deeper


def test_of_small_examples_that_are_all_the_same_eps_is_not_the_reason():
    torch.manual_seed(0)
    net = nn.Sequential(nn.BatchNorm1d(32), nn.Linear(32, 10))
    [verdict] = examine(net, torch.full((64, 32), 0.002), batch()[1]).verdicts
    assert "give a batch of examples that differ" in verdict.text and "eps" not in verdict.text


def test_a_norm_over_one_number_and_one_of_a_tiny_input_say_so():
    x, y = batch()
    torch.manual_seed(0)
    alone = nn.Sequential(nn.Linear(32, 1), nn.LayerNorm(1), nn.ReLU(), nn.Linear(1, 10))
    assert "let it have several that differ" in examine(alone, x, y).verdicts[0].text
    tiny: Any = nn.Sequential(nn.Linear(32, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 10))
    nn.init.normal_(tiny[0].weight, std=1e-9)
    nn.init.zeros_(tiny[0].bias)
    [verdict] = examine(tiny, x, y).verdicts
    assert "small beside √eps = 0.00316, so draw larger weights before it" in verdict.text
    first = nn.Sequential(nn.BatchNorm1d(32), nn.Linear(32, 10))
    [verdict] = examine(first, 1e-6 * x, y).verdicts
    assert verdict.text.endswith("small beside √eps = 0.00316, so give the net larger numbers.")


def kaiming(*layers: nn.Module) -> nn.Sequential:
    for layer in layers:
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    return nn.Sequential(*layers)


def with_a_head_of(std: float) -> nn.Sequential:
    head = nn.Linear(64, 10)
    nn.init.normal_(head.weight, std=std)
    nn.init.zeros_(head.bias)
    return nn.Sequential(nn.Linear(32, 64), nn.ReLU(), head)


HEALTHY: dict[str, Callable[[], nn.Module]] = {
    "default": lambda: Between(lambda x: x),
    "no activation": lambda: nn.Sequential(nn.Linear(32, 64), nn.Linear(64, 10)),
    "one layer": lambda: nn.Linear(32, 10),
    "kaiming": lambda: kaiming(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 10)),
    "tanh": lambda: nn.Sequential(nn.Linear(32, 64), nn.Tanh(), nn.Linear(64, 10)),
    "sigmoid": lambda: nn.Sequential(nn.Linear(32, 64), nn.Sigmoid(), nn.Linear(64, 10)),
    "batch norm": lambda: nn.Sequential(nn.Linear(32, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 10)),
    "kaiming, batch norm": lambda: kaiming(
        nn.Linear(32, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 10)
    ),
    "layer norm first": lambda: nn.Sequential(
        nn.LayerNorm(32), nn.Linear(32, 64), nn.GELU(), nn.Linear(64, 10)
    ),
    "dropout": lambda: nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 10)),
    "a small head": lambda: with_a_head_of(0.001),
    "a tiny head": lambda: with_a_head_of(1e-9),
    "a head of zeros": lambda: with_a_head_of(0.0),
}


@pytest.mark.parametrize("what", HEALTHY)
def test_a_healthy_one_has_no_finding(what: str):
    for seed in range(4):
        torch.manual_seed(seed)
        assert examine(HEALTHY[what](), *batch(seed)).verdicts == []


@pytest.mark.parametrize("activation", [nn.ReLU, nn.Tanh])
def test_a_healthy_regression_has_none(activation: type[nn.Module]):
    for seed in range(4):
        torch.manual_seed(seed)
        x, _ = batch(seed)
        net = nn.Sequential(nn.Linear(32, 64), activation(), nn.Linear(64, 1))
        assert examine(net, x, x[:, :1] * math.sqrt(2)).verdicts == []
