"""A layer that one draw of the dice drops is told as that; one that no draw reaches is a fault."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from initplay.lab import examine
from initplay.lab.examining.examination import Examination
from initplay.lab.examining.xray import SEED


@pytest.fixture(autouse=True)
def _same_weights() -> None:
    torch.manual_seed(0)


class Dropping(nn.Module):
    """Six residual blocks, each of which is left out of a step at times: not called, or multiplied by 0."""

    def __init__(self, how: str, *, zeros: bool = False) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(8, 16), nn.Linear(16, 3)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 16)) for _ in range(6)
        )
        self.gates = nn.ParameterList(nn.Parameter(torch.full((16,), float(not zeros))) for _ in range(6))
        self.how = how

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        for block, gate in zip(self.blocks, self.gates, strict=True):
            if self.how == "called":
                if self.training and torch.rand(()) < 0.3:
                    continue
                x = x + gate * block(x)
            else:
                x = x + gate * block(x) * (torch.rand(()) > 0.3 if self.training else 1)
        return self.last(x)


def examined(net: nn.Module, *, cure: bool = True) -> Examination:
    return examine(net, torch.randn(32, 8), torch.randint(3, (32,)), cure=cure)


@pytest.mark.parametrize("cure", [True, False])
@pytest.mark.parametrize("how", ["called", "multiplied"])
def test_a_block_that_this_draw_dropped_is_told_as_dropped(how: str, cure: bool):
    net = Dropping(how)
    found = examined(net, cure=cure)
    assert found.verdicts == []
    names = found.facts["left_out"]
    dropped = {layer.name for layer in found.layers if not layer.grad_rms and layer.kind == "Linear"}
    assert dropped and {name.rpartition(".")[0] for name in dropped} <= set(names.split(", "))
    assert any(
        note.startswith(f"{names} are left out of this look by the dice, as by layer drop")
        for note in found.notes
    )
    text = " ".join(str(found).split())
    assert "where a gradient is 0 or missing, the dice left the layer out" in text
    assert "its gradient" not in text


def test_without_dice_nothing_is_dropped():
    found = examined(Dropping("called").eval())
    assert found.verdicts == [] and "left_out" not in found.facts


@pytest.mark.parametrize("how", ["called", "multiplied"])
def test_what_waits_for_zeros_and_is_dropped_is_no_fault(how: str):
    found = examined(Dropping(how, zeros=True))
    assert found.verdicts == [] and found.facts["waits_for_zeros"].startswith("blocks.0.0, blocks.0.2")


class Moody(Dropping):
    """Raises with other dice than those of the first look."""

    def forward(self, x: Tensor) -> Tensor:
        if torch.rand(()) != torch.rand((), generator=torch.Generator().manual_seed(SEED)):
            raise ValueError("not in this mood")
        return super().forward(x)


def test_a_net_that_takes_no_other_dice_is_examined_all_the_same():
    found = examined(Moody("called", zeros=True))
    assert found.layers and "left_out" not in found.facts
    assert found.facts["waits_for_zeros"].startswith("blocks.0.0, blocks.0.2")


class DroppingOneForEver(Dropping):
    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.never = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) + 0 * self.never(x)


@pytest.mark.parametrize("how", ["called", "multiplied"])
def test_what_no_draw_reaches_is_a_fault_beside_what_is_dropped(how: str):
    found = examined(DroppingOneForEver(how))
    assert found.facts["left_out"]
    [verdict] = found.verdicts
    assert verdict.text.startswith("never: called, and a gradient of 0 reaches it")
