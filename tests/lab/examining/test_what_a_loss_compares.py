"""A loss that holds each output beside the targets of other examples, for torch stretched their shapes; one
that no target counts in."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from initplay.lab import examine


@pytest.fixture(autouse=True)
def _same_weights() -> None:
    torch.manual_seed(0)


def batch() -> tuple[Tensor, Tensor]:
    x = torch.randn(64, 32, generator=torch.Generator().manual_seed(1))
    return x, x[:, 0].clone()


def column() -> nn.Sequential:
    """A regression that gives 64x1."""
    return nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 1))


def by_hand(output: Tensor, y: Tensor) -> Tensor:
    return ((y - output) ** 2).mean()


def by_name(output: Tensor, y: Tensor) -> Tensor:
    return F.huber_loss(target=y, input=output)


@pytest.mark.parametrize("loss", [F.mse_loss, nn.L1Loss(), "l1_loss", by_hand, by_name])
def test_each_output_beside_all_targets_is_a_fault_with_both_shapes_and_the_mend(loss: Any):
    x, y = batch()
    found = examine(column(), x, y, loss=loss, steps=60, lr=0.05)
    [verdict] = found.verdicts
    assert "compares each of 64 outputs with all 64 targets" in verdict.text
    assert "64x64 of an output of shape 64x1 and a target of shape 64:" in verdict.text
    assert "write target.unsqueeze(1), or output.squeeze(1)" in verdict.text
    assert verdict.change == "y = y.unsqueeze(1)"
    mended = examine(column(), x, y.unsqueeze(1), loss=loss, steps=60, lr=0.05)
    assert mended.verdicts == [] and mended.notes == []
    assert mended.facts["loss_last"] < 0.5 * found.facts["loss_last"]


def without_a_dimension(output: Tensor, y: Tensor) -> Tensor:
    return F.mse_loss(F.softmax(output), y)


def test_torch_warns_of_the_loss_itself_and_not_of_what_is_told_here():
    x, y = batch()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        examine(column(), x, y, loss=without_a_dimension, steps=3)
    [warning] = said
    assert "Implicit dimension choice for softmax" in str(warning.message)


def test_the_other_way_round_the_target_is_squeezed():
    x, y = batch()
    found = examine(nn.Sequential(column(), nn.Flatten(0)), x, y.unsqueeze(1), loss=F.mse_loss)
    [verdict] = found.verdicts
    assert "write target.squeeze(1), or output.unsqueeze(1)" in verdict.text
    assert verdict.change == "y = y.squeeze(1)"


class TwoHeads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.policy, self.value = nn.Linear(32, 4), nn.Linear(32, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.policy(x), self.value(x)


def of_both(output: tuple[Tensor, Tensor], y: tuple[Tensor, Tensor]) -> Tensor:
    return F.cross_entropy(output[0], y[0]) + (output[1] - y[1]).square().mean()


def test_of_several_targets_the_one_is_found_and_no_code_is_given_for_all():
    x, y = batch()
    [verdict] = examine(TwoHeads(), x, (torch.arange(64) % 4, y), loss=of_both).verdicts
    assert "write target.unsqueeze(1)" in verdict.text and verdict.change is None


def fits_the_output(output: Tensor, y: Tensor) -> Tensor:
    return F.mse_loss(output.squeeze(1), y)


def fits_the_target(output: Tensor, y: Tensor) -> Tensor:
    return (output - y[:, None]).abs().mean()


def of_all_pairs(output: Tensor, y: Tensor) -> Tensor:
    """As a loss of ranks has it: it is meant."""
    return F.relu((output - output.T) * (y[None] - y[:, None])).mean()


@pytest.mark.parametrize("loss", [fits_the_output, fits_the_target, of_all_pairs])
def test_a_loss_that_fits_the_shapes_itself_is_none(loss: Callable[..., Any]):
    found = examine(column(), *batch(), loss=loss)
    assert found.verdicts == [] and found.notes == []


def test_a_made_up_target_is_no_fault_of_the_loss():
    assert examine(column(), batch()[0], loss=F.mse_loss).verdicts == []


@pytest.mark.parametrize("loss", ["mse", None])
def test_mse_says_that_the_target_got_the_outputs_shape(loss: str | None):
    x, y = batch()
    net = column()
    found = examine(net, x, y, loss=loss)
    assert found.facts["loss"] == pytest.approx(F.mse_loss(net(x), y[:, None]).item(), rel=1e-5)
    [note] = found.notes
    assert "The target of shape 64 was given the output's shape, 64x1" in note
    assert "target.unsqueeze(1)" in note and found.verdicts == []
    assert examine(net, x, y[:, None], loss=loss).notes == []


def test_shapes_that_torch_would_not_take_are_named_alone():
    x, _ = batch()
    net = nn.Sequential(nn.Linear(32, 12), nn.Unflatten(1, (3, 4)))
    [note] = examine(net, x, torch.randn(64, 12), loss="mse").notes
    assert note == "The target of shape 64x12 was given the output's shape, 64x3x4."


def test_one_target_for_several_outputs_is_said_and_no_fault():
    x, y = batch()
    found = examine(nn.Linear(32, 3), x, y[:, None], loss=F.mse_loss)
    [note] = found.notes
    assert "an output of shape 64x3 with a target of shape 64x1" in note and found.verdicts == []


def of_pairs_of_outputs(output: Tensor, y: Tensor) -> Tensor:
    first = output[:, 0]
    return F.cross_entropy(output, y) + 1e-3 * F.l1_loss(first[:, None], first.detach()[None, :])


def of_the_mean_output(output: Tensor, y: Tensor) -> Tensor:
    return F.cross_entropy(output, y) + 1e-3 * F.mse_loss(output, output.mean(0, keepdim=True))


@pytest.mark.parametrize("loss", [of_pairs_of_outputs, of_the_mean_output])
def test_outputs_beside_outputs_are_meant(loss: Callable[..., Any]):
    found = examine(nn.Linear(32, 10), batch()[0], torch.arange(64) % 10, loss=loss)
    assert found.verdicts == [] and found.notes == []


def small_and_crossed(output: Tensor, y: Tensor) -> Tensor:
    return 1e-3 * F.mse_loss(output, torch.zeros(())) + F.mse_loss(output[:, :1], y)


def crossed_and_small(output: Tensor, y: Tensor) -> Tensor:
    return F.mse_loss(output[:, :1], y) + 1e-3 * F.mse_loss(output, torch.zeros(()))


@pytest.mark.parametrize("loss", [small_and_crossed, crossed_and_small])
def test_what_may_be_meant_hides_no_fault(loss: Callable[..., Any]):
    found = examine(nn.Linear(32, 10), *batch(), loss=loss)
    assert "compares each of 64 outputs with all 64 targets" in found.verdicts[0].text


def of_padding(output: Tensor, y: Tensor) -> Tensor:
    return F.cross_entropy(output, y, ignore_index=0)


def of_shares(output: Tensor, y: Tensor) -> Tensor:
    return F.nll_loss(output.log_softmax(-1), y, None, None, 0, None, "sum")


@pytest.mark.parametrize(
    ("loss", "index", "gives"),
    [
        (None, -100, "NaN"),
        ("cross_entropy", -100, "NaN"),
        (nn.CrossEntropyLoss(), -100, "NaN"),
        (of_padding, 0, "NaN"),
        (of_shares, 0, "0"),
    ],
)
def test_where_all_targets_are_ignored_that_alone_is_said(loss: Any, index: int, gives: str):
    x, _ = batch()
    net = nn.Sequential(*[nn.Linear(32, 32) for _ in range(6)], nn.Linear(32, 10))
    y = torch.full((64,), index)
    [verdict] = examine(net, x, y, loss=loss).verdicts
    assert verdict.text.startswith(f"no target counts: all 64 are {index}, which ")
    assert f"so that the loss is {gives} and" in verdict.text and verdict.change is None
    y[0] = 1
    assert [one.layer for one in examine(net, x, y, loss=loss).verdicts] == ["0"]


def none_of_two(output: Tensor, y: Tensor) -> Tensor:
    none = torch.full_like(y, -100)
    return F.cross_entropy(output, none) + 0.1 * F.cross_entropy(output, none, reduction="sum")


def aside_and_all(output: Tensor, y: Tensor) -> Tensor:
    none = torch.full_like(y, -100)
    return 0.1 * F.cross_entropy(output, none, reduction="sum") + F.cross_entropy(output, y)


def all_and_aside(output: Tensor, y: Tensor) -> Tensor:
    none = torch.full_like(y, -100)
    return F.cross_entropy(output, y) + 0.1 * F.cross_entropy(output, none, reduction="sum")


def test_a_part_of_a_loss_that_ignores_all_hides_nothing_else():
    x, y = batch()[0], torch.arange(64) % 10
    for loss in (aside_and_all, all_and_aside):
        assert examine(nn.Linear(32, 10), x, y, loss=loss).verdicts == []
    [verdict] = examine(nn.Linear(32, 10), x, y, loss=none_of_two).verdicts
    assert verdict.text.startswith("no target counts: all 64 are -100")
