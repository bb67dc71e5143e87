"""What forward makes or fills anew at each call is never trained; what it changes otherwise is no fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from initplay.lab import examine


@pytest.fixture(autouse=True)
def _same_weights() -> None:
    torch.manual_seed(0)


class Net(nn.Module):
    """Does something to itself at each call."""

    def __init__(self, before: Callable[[Any], object]) -> None:
        super().__init__()
        self.a, self.b, self.before = nn.Linear(784, 100), nn.Linear(100, 10), before

    def forward(self, x: Tensor) -> Tensor:
        self.before(self)
        return self.b(torch.relu(self.a(x)))


def examined(before: Callable[[Any], object], **how: Any) -> list[Any]:
    return examine(Net(before), torch.randn(64, 784), torch.randint(10, (64,)), **how).verdicts


def layer(net: Any) -> None:
    net.a = nn.Linear(784, 100)


def weight(net: Any) -> None:
    net.a.weight = nn.Parameter(torch.randn(100, 784) * 0.05)


def transposed(net: Any) -> None:
    net.a.weight = nn.Parameter(net.a.weight.flip(0))


ANEW: dict[str, tuple[Callable[[Any], object], str]] = {
    "layer": (layer, "a: forward makes it anew at each call, so that no step trains it"),
    "weight": (weight, "a.weight: forward makes it anew at each call, so that no step trains it"),
    "made of itself": (transposed, "a.weight: forward makes it anew at each call, so that no step trains it"),
    "zeros": (lambda net: nn.init.zeros_(net.a.weight), "a.weight: forward fills it anew at each call"),
    "data": (lambda net: net.a.weight.data.normal_(0, 0.05), "a.weight: forward fills it anew at each call"),
    "reset": (lambda net: net.a.reset_parameters(), "a: forward fills it anew at each call"),
}


@pytest.mark.parametrize(("before", "text"), ANEW.values(), ids=ANEW)
def test_what_forward_makes_anew_is_told_as_never_trained(before: Callable[[Any], object], text: str):
    [verdict] = examined(before)
    assert verdict.text.startswith(text) and verdict.text.endswith("once, in __init__.")


class Teacher(Net):
    """A copy that follows slowly, and is trained by nobody."""

    def __init__(self) -> None:
        super().__init__(lambda net: net.follow())
        self.slow = nn.Linear(784, 100).requires_grad_(False)

    def follow(self) -> None:
        with torch.no_grad():
            self.slow.weight.lerp_(self.a.weight, 0.1)


class Signs(nn.Linear):
    """Its weight is signs of one that is kept beside it and trained."""

    def forward(self, input: Tensor) -> Tensor:
        if not hasattr(self.weight, "org"):
            self.weight.org = self.weight.data.clone()  # pyrefly: ignore
        self.weight.data = self.weight.org.sign() / 784**0.5  # pyrefly: ignore
        return super().forward(input)


def masked(net: Any) -> None:
    net.a.weight.data.tril_()


def of_length_1(net: Any) -> None:
    net.a.weight.data = nn.functional.normalize(net.a.weight.data, dim=1)


@pytest.mark.parametrize(
    "before",
    [
        lambda _: None,
        masked,
        of_length_1,
        lambda net: net.a.weight.data.clamp_(-0.03, 0.03),
        lambda net: net.a.register_buffer("seen", torch.zeros(1)),
    ],
    ids=["nothing", "masked", "length", "clamped", "buffer"],
)
def test_what_forward_changes_of_weights_that_stay_is_no_fault(before: Callable[[Any], object]):
    assert not any("anew" in verdict.text for verdict in examined(before))


def test_what_is_not_trained_or_trained_beside_is_no_fault():
    x, y = torch.randn(64, 784), torch.randint(10, (64,))
    assert examine(Teacher(), x, y).verdicts == []
    signs = nn.Sequential(Signs(784, 64), nn.ReLU(), nn.Linear(64, 10))
    assert not any("anew" in verdict.text for verdict in examine(signs, x, y).verdicts)
    table = nn.Sequential(nn.Embedding(40, 16, max_norm=1.0), nn.Flatten(), nn.Linear(16 * 4, 10))
    assert examine(table, torch.randint(40, (64, 4)), y).verdicts == []


def test_the_net_is_not_moved_by_it():
    net = Net(lambda _: None)
    before = [own.clone() for own in net.parameters()]
    examine(net, torch.randn(64, 784), torch.randint(10, (64,)))
    assert all(torch.equal(one, own) for one, own in zip(before, net.parameters(), strict=True))
