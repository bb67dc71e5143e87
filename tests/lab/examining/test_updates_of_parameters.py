"""A step that a weight does not take, or that throws it away, is told with the hook that makes it so."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from initplay.lab import examine
from initplay.lab.examining.cures import Cure, Patient
from initplay.words.numbers import short


@pytest.fixture(autouse=True)
def _same_weights() -> None:
    torch.manual_seed(0)


def batch() -> tuple[Tensor, Tensor]:
    return torch.randn(32, 784), torch.randint(10, (32,))


def hooked(hook: Callable[[Tensor], Tensor]) -> Any:
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
    net[1].weight.register_hook(hook)  # pyrefly: ignore
    return net


HOOKS: dict[str, tuple[Callable[[Tensor], Tensor], str]] = {
    "NaN": (
        lambda g: g * math.nan,
        "the gradient by 1.weight is NaN, and that by what each layer gives is fi",
    ),
    "0": (lambda g: g * 0, "1.weight: the gradient by it is 0, though one comes to what its layer gives: "),
    "1e6": (lambda g: g * 1e6, "1.weight: one step of SGD at 0.01 changes it by "),
}


@pytest.mark.parametrize(("hook", "text"), HOOKS.values(), ids=HOOKS)
@pytest.mark.parametrize("cure", [True, False])
def test_a_hook_that_spoils_the_gradient_of_a_weight_is_told(
    hook: Callable[[Tensor], Tensor], text: str, cure: bool
):
    [verdict] = examine(hooked(hook), *batch(), cure=cure).verdicts
    assert verdict.layer == "1" and verdict.text.startswith(text)
    assert "a hook on 1.weight " in verdict.text and ": take that out" in verdict.text


def test_a_step_that_throws_a_weight_away_is_as_large_as_the_table_says():
    found = examine(hooked(lambda g: g * 1e6), *batch())
    ratio = found.layers[0].update_ratio
    assert ratio and f"changes it by {short(ratio)} times its size" in found.verdicts[0].text


@pytest.mark.parametrize(
    "hook", [lambda g: g.clamp(-1e-3, 1e-3), lambda g: g * 2, lambda g: g * (torch.arange(784) > 7)]
)
def test_a_hook_that_clips_or_masks_is_no_fault(hook: Callable[[Tensor], Tensor]):
    assert examine(hooked(hook), *batch(), steps=3).verdicts == []


def test_a_hook_is_told_beside_other_faults():
    net = nn.Sequential(*(layer for _ in range(8) for layer in (nn.Linear(64, 64), nn.ReLU())))
    net[8].weight.register_hook(lambda gradient: gradient * 1e9)  # pyrefly: ignore
    texts = [verdict.text for verdict in examine(net, torch.randn(32, 64), torch.randn(32, 64)).verdicts]
    assert len(texts) > 1 and any("a hook on 8.weight changes the gradient" in text for text in texts)


def test_a_copy_keeps_the_hooks_of_parameters():
    """A copy without them would show how another net learns."""
    net = hooked(lambda g: g * math.nan)
    copied: Any = Patient(net, None, None, 0.01).cured(Cure("", "")).net
    assert copied[1].weight._backward_hooks and copied[1].weight is not net[1].weight
    found = examine(net, *batch(), steps=5)
    assert math.isnan(found.facts["loss_last"]) and found.facts["nan_step"] == 1
    assert len(found.verdicts) == 1  # and none on the rate, at which it is not
    still = examine(hooked(lambda g: g * 0), *batch(), steps=20).facts["loss_last"]
    free = examine(hooked(lambda g: g * 1), *batch(), steps=20).facts["loss_last"]
    assert still > 1.2 * free


class Silent(torch.autograd.Function):
    """A product that is forgotten on the way back to its weight."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(weight)
        return x @ weight.T

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:  # pyrefly: ignore
        [weight] = ctx.saved_tensors
        return gradient @ weight, torch.zeros_like(weight)


class OwnLinear(nn.Linear):
    def forward(self, input: Tensor) -> Tensor:
        return Silent.apply(input, self.weight)


def test_a_weight_to_which_nothing_comes_of_its_layers_gradient_is_told():
    net = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), OwnLinear(64, 64, bias=False), nn.Linear(64, 10))
    [verdict] = examine(net, *batch()).verdicts
    assert verdict.layer == "2" and "look for what multiplies it by 0" in verdict.text


def test_a_loss_so_large_that_a_step_throws_the_weights_away_is_told():
    net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 1))
    x, y = torch.randn(64, 20), torch.randn(64, 1)
    assert examine(net, x, y, loss=lambda out, to: F.mse_loss(out, to, reduction="sum")).verdicts == []
    [verdict] = examine(net, x, y, loss=lambda out, to: 1e7 * F.mse_loss(out, to)).verdicts
    assert "one step of SGD at 0.01 changes" in verdict.text and "make the loss or its target" in verdict.text
