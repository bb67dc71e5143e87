"""The theory column of layers whose bias goes with their weights, against numbers made by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from initplay.lab import examine

WEIGHT = [[1.0, 1.0], [-1.0, 1.0]]
ROWS = torch.tensor([[0.0, 0.0], [0.0, 2.0], [2.0, 0.0], [2.0, 2.0]])
"""Of mean (1, 1) and scatter 1: the weights make (2, 0) of the mean, and mean square 2 of the scatter."""


class Linear(nn.Linear):
    def forward(self, input: Tensor) -> Tensor:
        return torch.sigmoid(F.linear(input, self.weight, self.bias))


class Loose(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight, self.other = nn.Parameter(torch.zeros(2, 2)), nn.Parameter(torch.zeros(2, 2))
        self.bias = nn.Parameter(torch.zeros(2))

    def forward(self, x: Tensor) -> Tensor:
        return (x @ self.weight.T + self.bias) @ self.other


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: nn.Linear(2, 2), (2,)),
        (lambda: Linear(2, 2), (2,)),
        (Loose, (2,)),
        (lambda: nn.Conv1d(2, 2, 1), (2, 1)),
    ],
    ids=["Linear", "with its activation", "without a layer", "Conv1d"],
)
@pytest.mark.parametrize(
    ("bias", "mean_square"),
    [
        ([-2.0, 0.0], 2.0),  # takes the mean away: the scatter is left
        ([2.0, 0.0], 2 * (1 + 4)),  # doubles it: 2² · E[x̄²]
        ([0.0, 2.0], 2 * 2 + 2),  # has nothing to do with it: n · E[x²] + E[b²]
        ([0.0, 0.0], 2 * 2),
    ],
)
def test_a_bias_that_goes_with_the_weights_is_no_independent_number(make, shape, bias, mean_square):
    net = make()
    with torch.no_grad():
        net.weight.copy_(torch.tensor(WEIGHT).reshape(net.weight.shape))
        net.bias.copy_(torch.tensor(bias))
    layer = examine(net, ROWS.reshape(4, *shape), cure=False).layers[0]
    assert layer.theory_rms == pytest.approx(math.sqrt(mean_square))
    assert layer.rms == pytest.approx(layer.theory_rms)


def test_one_unit_that_makes_nearly_nothing_of_the_mean_is_no_measure_of_its_bias():
    net = nn.Linear(2, 1)
    net.weight.data, net.bias.data = torch.tensor([[1.0, -0.99]]), torch.tensor([1.0])
    [layer] = examine(net, ROWS, cure=False).layers
    assert layer.theory_rms == pytest.approx(math.sqrt(2 * 2 + 1), rel=0.01)


def test_a_sigmoid_net_as_the_cure_draws_it_is_as_theory_says():
    torch.manual_seed(0)
    layers = [nn.Linear(64, 64) for _ in range(12)]
    for layer in layers[1:]:
        nn.init.xavier_normal_(layer.weight, gain=4.7)
        layer.bias.data = -layer.weight.detach().flatten(1).sum(1) / 2
    net = nn.Sequential(*(part for layer in layers for part in (layer, nn.Sigmoid())))
    for layer in examine(net, torch.randn(64, 64), cure=False).layers:
        assert layer.rms == pytest.approx(layer.theory_rms, rel=0.1), layer.name
