"""Nets of parameters and functions alone: each product is looked at as if a layer had made it."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from initplay.lab import examine
from initplay.lab.events import Layer
from initplay.lab.examining.examination import input_for
from initplay.lab.examining.sizes import size_of


@pytest.fixture(autouse=True)
def _same_weights() -> None:
    torch.manual_seed(0)


class ByHand(nn.Module):
    """A net of matrices, with a bias by + and one by F.linear; too small from layer to layer."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.shift = nn.Parameter(torch.randn(20, 64) / 20**0.5), nn.Parameter(torch.ones(64))
        self.hidden = nn.ParameterList(nn.Parameter(torch.randn(64, 64) * 0.05) for _ in range(4))
        self.last, self.bias = nn.Parameter(torch.empty(5, 64)), nn.Parameter(torch.zeros(5))
        nn.init.xavier_uniform_(self.last)
        self.temperature = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(x @ self.first + self.shift)
        for weight in self.hidden:
            x = torch.relu(torch.matmul(x, weight.T))
        return F.linear(x, self.last, self.bias) * self.temperature


def by_name(found: Any) -> dict[str, Layer]:
    return {layer.name: layer for layer in found.layers}


def test_every_product_has_its_size_its_gradient_and_its_theory():
    net, x, y = ByHand(), torch.randn(64, 20), torch.randint(5, (64,))
    found = examine(net, x, y, lr=0.5, cure=False)
    layers = by_name(found)
    assert list(layers) == ["first", *(f"hidden.{n}" for n in range(4)), "last", "temperature"]
    products = [x @ net.first + net.shift]
    for weight in net.hidden:
        products.append(products[-1].relu() @ weight.T)
    products.append(F.linear(products[-1].relu(), net.last, net.bias))
    for one in products:
        one.retain_grad()
    F.cross_entropy(products[-1] * net.temperature, y).backward()
    for layer, product in zip(found.layers, products, strict=False):
        assert layer.kind == "Parameter" and layer.rms == pytest.approx(size_of(product), rel=1e-4)
        assert product.grad is not None and layer.grad_rms == pytest.approx(size_of(product.grad), rel=1e-4)
        assert layer.theory_rms == pytest.approx(layer.rms, rel=0.3)
        own = net.get_parameter(layer.name)
        assert own.grad is not None
        assert layer.update_ratio == pytest.approx(0.5 * size_of(own.grad) / size_of(own), rel=1e-4)
    assert layers["last"].scheme and layers["last"].scheme.startswith("xavier_uniform_")
    assert layers["hidden.1"].scheme == "normal_, std 0.05" and layers["hidden.0"].dead is not None
    # What is used in no product has the gradient by itself.
    assert net.temperature.grad is not None and layers["temperature"].rms is None
    assert layers["temperature"].grad_rms == pytest.approx(size_of(net.temperature.grad), rel=1e-4)


def test_a_fault_is_named_and_the_change_mends_it():
    net, x = ByHand(), torch.randn(64, 20)
    nn.init.zeros_(net.shift)
    verdict = examine(net, x).verdicts[0]
    assert verdict.layer == "first" and verdict.text.startswith("first … hidden.3 (5 layers)")
    assert verdict.change and "for weight in [net.hidden[0], net.hidden[1]" in verdict.change
    cured = copy.deepcopy(net)
    exec(verdict.change, {"net": cured, "nn": nn, "torch": torch})
    assert not any("the signal falls" in one.text for one in examine(cured, x, cure=False).verdicts)


def test_what_such_a_net_takes_is_told_by_its_first_weight():
    class Turned(ByHand):
        def forward(self, x: Tensor) -> Tensor:
            return x @ self.last.T

    assert input_for(ByHand(), None)[0][0].shape == (32, 20)
    assert input_for(Turned(), None)[0][0].shape == (32, 64)


class InOneTensor(nn.Module):
    """Four matrices in one parameter, a table that is looked up in and read out, a multiple, a kernel."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.Parameter(torch.randn(4, 32, 32) * (2 / 32) ** 0.5)
        self.table = nn.Parameter(torch.randn(40, 32) * 0.02)
        self.scaled = nn.Parameter(torch.randn(32, 32))
        self.kernel = nn.Parameter(torch.randn(8, 1, 3))
        self.place = nn.Parameter(torch.randn(1, 6, 32) * 0.02)

    def forward(self, ids: Tensor) -> Tensor:
        x = (self.table[ids] + self.place).sum(1)
        for number in range(4):
            x = torch.einsum("bi,io->bo", x, self.blocks[number]).relu()
        x = x @ (self.scaled * (1 / 32**0.5))
        x = F.conv1d(x[:, None], self.kernel, padding=1).mean(1)
        return x @ self.table.t()


def test_parts_and_multiples_of_a_parameter_are_followed():
    net = InOneTensor()
    found = examine(net, torch.randint(40, (64, 6)), torch.randint(40, (64,)))
    names = [layer.name for layer in found.layers]
    calls = ["blocks", "blocks (call 2)", "blocks (call 4)", "scaled", "kernel", "table (call 2)"]
    assert names == ["table", *calls, "place"]
    layers = by_name(found)
    assert layers["table"].rms == pytest.approx(0.02, rel=0.1) and layers["table"].theory_rms is None
    for name in calls:
        assert layers[name].rms == pytest.approx(layers[name].theory_rms, rel=0.5), name
    assert "relu" in (layers["blocks"].scheme or "") and "std 1" in (layers["scaled"].scheme or "")
    assert layers["place"].rms is None and layers["place"].update_ratio
    [note] = [one for one in found.notes if "no layer" in one]
    assert note.startswith("place: ") and "not seen" in note


class Readout(nn.Module):
    """Tied by a function: the head is the embedding's weight, and no layer."""

    def __init__(self) -> None:
        super().__init__()
        self.token, self.norm = nn.Embedding(50, 32), nn.LayerNorm(32)

    def forward(self, ids: Tensor) -> Tensor:
        return F.linear(self.norm(self.token(ids)), self.token.weight)


def test_a_layers_weight_that_a_function_multiplies_by_is_a_call_of_its_own():
    found = examine(Readout(), torch.randint(50, (4, 8)), torch.randint(50, (4, 8)))
    assert [layer.name for layer in found.layers] == ["token", "norm", "token.weight"]
    head = found.layers[-1]
    assert head.rms == pytest.approx(found.facts["output_rms"]) and head.theory_rms == pytest.approx(
        math.sqrt(32), rel=0.1
    )
    [verdict] = found.verdicts
    assert "against ln 50" in verdict.text and "(net.token.weight, std=0.02)" in (verdict.change or "")


class Equalized(nn.Module):
    """A layer of one's own that multiplies its weight in forward, by a convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(8, channels, 3, 3))
        self.scale = (2 / (9 * channels)) ** 0.5

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight * self.scale, padding=1)


def test_theory_goes_by_what_a_layer_multiplies_by():
    net = nn.Sequential(Equalized(3), nn.ReLU(), Equalized(8), nn.Flatten())
    found = examine(net, torch.randn(8, 3, 8, 8), cure=False)
    assert [layer.kind for layer in found.layers] == ["Equalized", "Equalized"]
    for layer in found.layers:
        assert layer.scheme == "normal_, std 1" and layer.theory_rms == pytest.approx(layer.rms, rel=0.2)


def test_the_networks_own_cell_shows_each_of_its_weights():
    class Cell(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w, self.u = nn.Parameter(torch.randn(8, 16)), nn.Parameter(torch.randn(16, 16))

        def forward(self, x: Tensor, h: Tensor) -> Tensor:
            return torch.tanh(x @ self.w + h @ self.u)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell, self.head = Cell(), nn.Linear(16, 3)

        def forward(self, x: Tensor) -> Tensor:
            h = x.new_zeros(len(x), 16)
            for step in x.unbind(1):
                h = self.cell(step, h)
            return self.head(h)

    names = [layer.name for layer in examine(Net(), torch.randn(8, 2, 8)).layers]
    assert names == ["cell.w", "cell.u", "cell.w (call 2)", "cell.u (call 2)", "head"]
