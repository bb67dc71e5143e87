"""What the page of formulas says is what torch does."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import nn

from initplay.lab import init

LESSONS = Path(__file__).parents[2] / "lessons"
PAGE = (LESSONS / "reference.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("said", "nonlinearity", "param", "gain"),
    [
        ("| linear, sigmoid | 1 |", "linear", None, 1),
        ("| linear, sigmoid | 1 |", "sigmoid", None, 1),
        ("| tanh | 5/3 |", "tanh", None, 5 / 3),
        ("| relu | √2 |", "relu", None, math.sqrt(2)),
        ("| leaky relu, slope a | √(2 / (1 + a²)) |", "leaky_relu", 0.3, math.sqrt(2 / (1 + 0.3**2))),
        ("| selu | 3/4 |", "selu", None, 3 / 4),
    ],
)
def test_the_gains_are_those_that_torch_gives(
    said: str, nonlinearity, param: float | None, gain: float
) -> None:
    assert said in PAGE
    assert nn.init.calculate_gain(nonlinearity, param) == pytest.approx(gain)
    assert init.calculate_gain(nonlinearity, param) == pytest.approx(gain)


@pytest.mark.parametrize(
    ("said", "functions"),
    [
        ("| linear, sigmoid | 1 | {:.3g}, {:.3g} |", (lambda z: z, torch.sigmoid)),
        ("| tanh | 5/3 | {:.3g} |", (torch.tanh,)),
        ("| selu | 3/4 | {:.3g} |", (nn.functional.selu,)),
        ("| gelu, silu | none | {:.3g}, {:.3g} |", (nn.functional.gelu, nn.functional.silu)),
    ],
)
def test_the_derived_gains_follow_from_the_functions(said: str, functions) -> None:
    assert said.format(*map(init.gain_of, functions)) in PAGE
    assert init.gain_of(torch.relu) == pytest.approx(math.sqrt(2))
    assert "| relu | √2 | √2 |" in PAGE


@pytest.mark.parametrize(
    "word", ["batch", "epoch", "fan", "gradient", "learning rate (lr)", "loss", "momentum", "rms", "seed"]
)
def test_the_glossary_has_the_words_that_every_lesson_uses(word: str) -> None:
    assert f"- **{word}**: " in PAGE


@pytest.mark.parametrize(
    ("f", "flat"), [(torch.tanh, (-4.0, 4.0)), (torch.sigmoid, (-6.0, 6.0)), (torch.relu, (-4.0, -0.1))]
)
def test_a_function_is_saturated_where_it_is_nearly_flat(f, flat: tuple[float, float]) -> None:
    """Far out on tanh and sigmoid, below 0 on ReLU, the slope is less than a twentieth of the steepest."""
    assert "far out on tanh or sigmoid, below 0\n  on ReLU" in PAGE
    z = torch.tensor([*flat, 0.01], requires_grad=True)
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    assert (slope < slope[-1] / 20).tolist() == [True, True, False]


def test_what_lsuv_is_called_stands_in_the_glossary_and_where_it_is_used() -> None:
    assert "- **LSUV**: layer-sequential unit variance, " in PAGE
    lesson = (LESSONS / "13_deep" / "lesson.md").read_text(encoding="utf-8")
    assert "**LSUV** (layer-sequential unit variance) measures it" in lesson


def test_the_glossary_is_in_the_order_of_the_alphabet() -> None:
    entries = [line[4:].partition("**")[0] for line in PAGE.split("\n") if line.startswith("- **")]
    assert entries == sorted(entries, key=str.casefold)
    assert f"ln 10 = {math.log(10):.2f}" in PAGE


N_IN, N_OUT = 400, 200


def _fill_by_fan_out(weight: torch.Tensor) -> torch.Tensor:
    return nn.init.kaiming_uniform_(weight, mode="fan_out")


def _fill_as_linear(weight: torch.Tensor) -> torch.Tensor:
    return weight.copy_(nn.Linear(N_IN, N_OUT).weight)


@pytest.mark.parametrize(
    ("said", "fill", "bound"),
    [
        ("√(3 / n_in)", init.lecun_uniform_, math.sqrt(3 / N_IN)),
        ("√(6 / (n_in + n_out))", nn.init.xavier_uniform_, math.sqrt(6 / (N_IN + N_OUT))),
        ("gain · √(3 / n_in)", nn.init.kaiming_uniform_, math.sqrt(2) * math.sqrt(3 / N_IN)),
        ("gain · √(3 / n_out)", _fill_by_fan_out, math.sqrt(2) * math.sqrt(3 / N_OUT)),
        ("1 / √n_in", _fill_as_linear, 1 / math.sqrt(N_IN)),
    ],
    ids=["LeCun", "Xavier", "Kaiming fan_in", "Kaiming fan_out", "nn.Linear"],
)
def test_the_bounds_are_reached_and_not_passed(said: str, fill, bound) -> None:
    """The largest of 80,000 draws lies within 0.1 % below the bound that the page gives."""
    assert said in PAGE
    torch.manual_seed(0)
    with torch.no_grad():
        largest = fill(torch.empty(N_OUT, N_IN)).abs().max().item()
    assert 0.999 < largest / bound <= 1 + 1e-6


def test_the_fans_are_those_of_linear_and_convolution() -> None:
    assert "| Conv, kept as (out, in, k, k) | in · k · k | out · k · k |" in PAGE
    assert init.fans(torch.empty(5, 3)) == (3, 5)
    assert init.fans(torch.empty(5, 3, 7, 7)) == (3 * 7 * 7, 5 * 7 * 7)


def test_the_ends_of_float32_are_where_the_page_puts_them() -> None:
    info = torch.finfo(torch.float32)
    smallest = torch.nextafter(torch.zeros(()), torch.ones(()), out=torch.empty(()))
    for value in (info.max, info.smallest_normal, smallest.item()):
        assert f"| {value:.1e} |".replace("e+", "e") in PAGE


def test_layers_of_torch_and_relu_leave_a_power_of_six() -> None:
    """Over 200 stacks of three layers, biases aside: 6⁻³ of the mean square, within 10 %."""
    assert "| k layers of torch's nn.Linear and ReLU | 6⁻ᵏ, biases aside |" in PAGE
    torch.manual_seed(0)
    left = 0.0
    with torch.no_grad():
        for _ in range(200):
            x = torch.ones(1, 100)
            for _ in range(3):
                x = (x @ nn.Linear(100, 100).weight.T).relu()
            left += x.square().mean().item() / 200
    assert left == pytest.approx(6**-3, rel=0.1)


@pytest.mark.parametrize("classes", [10, 100])
def test_the_first_loss_is_that_of_outputs_that_know_nothing(classes: int) -> None:
    """ln C + σ²/2 within 3 % up to σ = 1, for 10 classes and for 100; two differ less."""
    assert "| first loss, C classes, outputs of std σ ≤ 1 | about ln C + σ²/2 |" in PAGE
    torch.manual_seed(0)
    for std in (0.1, 1.0):
        out, label = std * torch.randn(20_000, classes), torch.randint(classes, (20_000,))
        loss = nn.functional.cross_entropy(out, label).item()
        assert loss == pytest.approx(math.log(classes) + std**2 / 2, rel=0.03)
