"""`examine` as a notebook or a script calls it: what it takes, what it shows, and what it says otherwise."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from initplay.lab import examine
from initplay.lab.examining.refused import Refused


@pytest.fixture(autouse=True)
def _same_weights() -> None:
    torch.manual_seed(0)


def test_what_a_prompt_shows_is_the_text():
    found = examine(nn.Linear(8, 3), torch.randn(16, 8), cure=False)
    assert repr(found) == str(found) and str(found).startswith("layer ")


def test_arrays_of_numpy_are_taken():
    net = nn.Linear(8, 3)
    x, y = np.random.default_rng(0).normal(size=(16, 8)), np.arange(16) % 3
    found = examine(net, x, y)
    expected = nn.functional.cross_entropy(net(torch.as_tensor(x).float()), torch.as_tensor(y))
    assert found.facts["loss"] == pytest.approx(expected.item())


LOADER = DataLoader(TensorDataset(torch.zeros(4, 8)))


@pytest.mark.parametrize(
    ("net", "x", "says"),
    [
        (nn.Linear(8, 3), LOADER, r"a DataLoader: give one batch of it"),
        (nn.Linear(8, 3), "words", r"an input of type str: TypeError"),
        (
            nn.Linear(8, 3),
            (torch.zeros(4, 8), torch.zeros(4)),
            r"inputs of shapes 4x8, 4: .*the target is y",
        ),
        (nn.Linear(8, 3), torch.zeros(4, 7), r"shape 4x7: RuntimeError.*x is a tensor, a tuple of several"),
        (nn.Linear, torch.zeros(4, 8), r"The net is the class Linear and no nn\.Module"),
        (len, torch.zeros(4, 8), r"is a builtin_function_or_method and no nn\.Module"),
    ],
)
def test_what_it_does_not_take_is_said_for_who_calls_a_function(net: Any, x: Any, says: str):
    with pytest.raises(Refused, match=says) as refused:
        examine(net, x)
    assert "--input" not in str(refused.value)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"steps": -1}, r"^steps=-1 is no number of steps: it is a whole number from 0 on, such as 100\.$"),
        ({"steps": "5"}, r"^steps='5' is no number of steps: "),
        ({"steps": 2.5}, r"^steps=2\.5 is no number of steps: "),
        ({"steps": None}, r"^steps=None is no number of steps: "),
        ({"lr": "0.1"}, r"^lr='0\.1' is no learning rate: it is a number above 0, such as 0\.01\.$"),
        ({"lr": -1}, r"^lr=-1 is no learning rate: "),
        ({"lr": math.nan, "steps": 5}, r"^lr=nan is no learning rate: "),
        ({"lr": math.inf, "steps": 5}, r"^lr=inf is no learning rate: "),
        ({"loss": 3}, r"^loss is of type int and no loss: give a name, such as cross_entropy or mse, or "),
        ({"loss": None, "lr": None}, r"^lr=None is no learning rate: "),
    ],
)
def test_what_is_asked_for_and_is_no_number_or_no_loss_is_one_sentence(asked: dict[str, Any], says: str):
    with pytest.raises(Refused, match=says):
        examine(nn.Linear(8, 3), torch.randn(4, 8), **asked)


def test_numbers_of_numpy_are_numbers():
    asked: dict[str, Any] = {"steps": np.int64(2), "lr": np.float32(0.5)}
    assert examine(nn.Linear(8, 3), torch.randn(4, 8), **asked).facts["steps"] == 2


def test_hooks_of_the_net_itself_run_and_nobody_is_warned_of_our_own_doing():
    """torch warns where a hook is at a layer that reads the batch, and gradients are taken by parameters."""
    net: Any = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 3))
    seen: list[str] = []
    net[0].register_full_backward_hook(lambda *_: seen.append("0"))
    net[2].register_full_backward_hook(lambda *_: seen.append("2"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        examine(net, torch.randn(4, 8), cure=False)
    assert seen == ["2", "0"]


class Warns(nn.Linear):
    def forward(self, input: Tensor) -> Tensor:
        warnings.warn("mine", UserWarning, stacklevel=1)
        return super().forward(input)


def test_what_the_net_warns_of_is_said():
    with pytest.warns(UserWarning, match="mine"):
        examine(Warns(8, 3), torch.randn(4, 8), cure=False)


def test_what_the_net_warns_of_at_every_step_is_said_once():
    net = nn.Sequential(Warns(8, 3), nn.ReLU(), nn.Linear(3, 3))
    for _ in range(2):  # of each examination
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            examine(net, torch.randn(4, 8), steps=5)
        assert [str(one.message) for one in said] == ["mine"]


class Complex(nn.Module):
    """Its first layers are complex."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = (nn.Linear(i, 60, dtype=torch.complex64) for i in (50, 60))
        nn.init.kaiming_normal_(self.b.weight, nonlinearity="relu")
        self.c = nn.Linear(60, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.c(self.b(torch.tanh(self.a(x.to(torch.complex64)))).abs())


def test_complex_layers_are_measured_by_the_size_of_their_numbers():
    net, x = Complex(), torch.randn(32, 50, dtype=torch.complex64)
    found = examine(net, x, torch.randint(5, (32,)), cure=False)
    a, b, _ = found.layers
    hidden = net.a(x)
    assert a.rms == pytest.approx(hidden.abs().square().mean().sqrt().item(), rel=1e-4)
    assert a.theory_rms == pytest.approx(a.rms, rel=0.2) and b.theory_rms == pytest.approx(b.rms, rel=0.2)
    assert a.grad_rms and a.update_ratio and a.scheme == "torch's default"
    assert b.scheme and "relu" in b.scheme and "kaiming_normal_" in b.scheme
    assert any(note.startswith("a, b: complex weights.") for note in found.notes)
    with pytest.raises(Refused, match=r"complex64 numbers, of which no loss is taken"):
        examine(net.a, x)
