"""A layer that is called and learns nothing is a fault with its place; what is frozen on purpose is none."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from initplay.lab import examine


@pytest.fixture(autouse=True)
def _same_weights() -> None:
    torch.manual_seed(0)


class Cut(nn.Module):
    """Loses the way back behind its second layer."""

    def __init__(self, how: str = "") -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Linear(8, 16), nn.Linear(16, 16), nn.Linear(16, 3)
        self.how = how

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.a(x))
        with torch.set_grad_enabled(self.how != "no_grad"):
            x = self.b(x)
        if self.how == "detach":
            x = x.detach()
        elif self.how == "data":
            x = x.data
        elif self.how == "argmax":
            x = F.one_hot(x.argmax(-1), 16).float()
        return self.c(x)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("no_grad", "b is called within torch.no_grad()"),
        ("detach", "the output of b goes through .detach()"),
        ("data", "the output of b goes through .data"),
        ("argmax", "the output of b goes through argmax"),
    ],
)
def test_a_layer_that_is_called_and_gets_no_gradient_is_a_fault_with_its_place(how: str, why: str):
    found = examine(Cut(how), torch.randn(8, 8), torch.randint(3, (8,)))
    [verdict] = found.verdicts
    assert verdict.layer == "a" and verdict.text.startswith("a, b: called, and no gradient reaches them")
    assert f"for {why}: take that out" in verdict.text
    assert [layer.grad_rms is None for layer in found.layers] == [True, True, False]


def test_a_layer_that_is_only_compared_is_told_as_that():
    class Compared(Cut):
        def forward(self, x: Tensor) -> Tensor:
            return self.c((self.b(self.a(x)) > 0).float())

    [verdict] = examine(Compared(), torch.randn(8, 8), torch.randint(3, (8,))).verdicts
    assert "a, b: called, and no gradient reaches them, for the loss does not depend on" in verdict.text
    assert "they give, but by a choice or a comparison, which passes none on: let it" in verdict.text


class Rounded(Cut):
    def forward(self, x: Tensor) -> Tensor:
        return self.c(self.b(self.a(x)).round())


def test_a_gradient_of_0_behind_a_function_of_steps_is_a_fault_too():
    [verdict] = examine(Rounded(), torch.randn(8, 8), torch.randint(3, (8,))).verdicts
    assert "b: called, and a gradient of 0 reaches it, for the output of b goes through round" in verdict.text


class Multiplied(Cut):
    """Its signal is multiplied by 0 behind its first layer, its second, or all of them."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x).relu()
        x = self.b(x * torch.zeros_like(x) if self.how == "mask" else x).relu()
        y = self.c(F.dropout(x, 1.0) if self.how == "dropout" else x)
        return y * 0 + 1 if self.how == "scale" else y


@pytest.mark.parametrize(
    ("how", "names", "place"),
    [
        ("scale", "a, b, c", "behind c (no later layer has one)"),
        ("dropout", "a, b", "behind b (from the end, c is the last layer that gets one)"),
        ("mask", "a", "behind a (from the end, b is the last layer that gets one)"),
    ],
)
def test_a_gradient_of_0_everywhere_is_a_fault_with_its_place(how: str, names: str, place: str):
    found = examine(Multiplied(how), torch.randn(32, 8), torch.randint(3, (32,)))
    [verdict] = found.verdicts
    assert verdict.layer == "a"
    assert verdict.text.startswith(f"{names}: called, and a gradient of 0 reaches ")
    assert f"it is cut {place}: look there for a factor of 0, a mask of zeros" in verdict.text
    assert "Nothing is found wrong" not in str(found)


def test_experts_that_no_example_of_the_batch_chose_are_told_as_that():
    """Where all of them are called, and what the others give is multiplied by 0."""

    class Dense(Mixture):
        def forward(self, x: Tensor) -> Tensor:
            share, chosen = self.gate(x).softmax(-1).max(-1)
            shares = F.one_hot(chosen, 8) * share[:, None]
            return x + sum(shares[:, [number]] * expert(x) for number, expert in enumerate(self.experts))

    few = examine(Dense(), torch.randn(4, 8), torch.randn(4, 8))
    assert "or give a larger batch where a router chooses, or freeze them" in few.verdicts[0].text
    assert examine(Dense(), torch.randn(512, 8), torch.randn(512, 8)).verdicts == []


def test_a_list_of_modules_is_no_router():
    """Where nothing chooses, one that is forgotten or multiplied by 0 is told of by itself."""

    class Listed(nn.Module):
        def __init__(self, *, called: bool) -> None:
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(8, 8) for _ in range(4))
            self.called = called

        def forward(self, x: Tensor) -> Tensor:
            *layers, last = self.layers
            x = x + sum(layer(x) for layer in layers)
            return x + 0 * last(x) if self.called else x

    for called, what in ((True, "a gradient of 0 reaches it"), (False, "so that it never learns")):
        found = examine(Listed(called=called), torch.randn(32, 8) / 4, torch.randint(8, (32,)))
        [verdict] = found.verdicts
        assert verdict.text.startswith("layers.3") and what in verdict.text
        assert "router" not in verdict.text and "larger batch" not in verdict.text


def test_experts_by_a_threshold_are_told_as_experts():
    class Thresholds(Mixture):
        def forward(self, x: Tensor) -> Tensor:
            y = torch.zeros_like(x)
            for share, expert in zip(self.gate(x).softmax(-1).unbind(-1), self.experts, strict=True):
                if (rows := share > 0.2).any():
                    y = y + (rows * share)[:, None] * expert(x)
            return x + y

    [verdict] = examine(Thresholds(), torch.randn(3, 8), torch.randn(3, 8)).verdicts
    assert "where a router chooses, a larger batch tells" in verdict.text


def test_a_loss_of_0_leaves_nothing_to_learn():
    class Copied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.student, self.teacher = nn.Linear(8, 4), nn.Linear(8, 4).requires_grad_(False)
            self.teacher.load_state_dict(self.student.state_dict())

        def forward(self, x: Tensor) -> Tensor:
            return (self.student(x) - self.teacher(x)).square().mean()

    [verdict] = examine(Copied(), torch.randn(8, 8)).verdicts
    assert verdict.text.startswith("student: called, and a gradient of 0 reaches it")
    assert (
        "for the loss of this batch is 0 already: give one that there is something to learn" in verdict.text
    )


def test_what_is_frozen_on_purpose_is_told_and_no_fault():
    net = Cut()
    net.a.requires_grad_(False)
    found = examine(net, torch.randn(8, 8), torch.randint(3, (8,)))
    assert found.verdicts == []
    assert any(note.startswith("a is frozen (requires_grad is False)") for note in found.notes)
    # Frozen and behind a .detach(): not a fault either, but what lies before it and is trained is.
    net = Cut("detach")
    net.b.requires_grad_(False)
    [verdict] = examine(net, torch.randn(8, 8), torch.randint(3, (8,))).verdicts
    assert verdict.text.startswith("a: called, and no gradient reaches it")


class Aside(nn.Module):
    """Its second head is called, and the loss takes the first."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(8, 3), nn.Linear(8, 2)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"one": self.one(x), "two": self.two(x)}


def test_an_output_that_the_loss_leaves_out_is_named():
    found = examine(Aside(), torch.randn(8, 8), loss=lambda out: out["one"].square().mean())
    [verdict] = found.verdicts
    assert (
        "two: called, and no gradient reaches it, for the loss does not depend on what it gives"
        in verdict.text
    )


def test_that_the_whole_net_is_cut_off_is_said_with_the_place():
    class Classes(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(4, 3)

        def forward(self, x: Tensor) -> Tensor:
            return F.one_hot(self.fc(x).argmax(-1), 3).float()

    [verdict] = examine(Classes(), torch.randn(8, 4)).verdicts
    assert "is trained, for the output of fc goes through argmax: take" in verdict.text


class Mixture(nn.Module):
    """Each example goes to one expert of eight."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(8, 8)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 8)) for _ in range(8)
        )

    def forward(self, x: Tensor) -> Tensor:
        share, chosen = self.gate(x).softmax(-1).max(-1)
        y = torch.zeros_like(x)
        for number, expert in enumerate(self.experts):
            rows = (chosen == number).nonzero()[:, 0]
            if len(rows):
                y = y.index_add(0, rows, share[rows, None] * expert(x[rows]))
        return x + y


def test_experts_that_this_batch_does_not_reach_are_told_as_that():
    """By the largest part that has nothing else; a router is no fault."""
    found = examine(Mixture(), torch.randn(3, 8))
    [verdict] = found.verdicts
    assert verdict.layer.count(".") == 1 and "does to others in the same list" in verdict.text
    assert "a larger batch tells" in verdict.text
    assert examine(Mixture(), torch.randn(256, 8)).verdicts == []


class Whole(nn.Module):
    """Weights that are kept as whole numbers."""

    def __init__(self, bias: torch.dtype) -> None:
        super().__init__()
        weight = torch.randint(-3, 4, (3, 8), dtype=torch.int8)
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.bias = nn.Parameter(torch.ones(3, dtype=bias), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight.float(), self.bias.float())


@pytest.mark.parametrize("cure", [True, False])
def test_what_cannot_learn_is_offered_no_way_that_fails(cure: bool):
    [verdict] = examine(Whole(torch.int8), torch.randn(8, 8), cure=cure).verdicts
    assert verdict.text.startswith("every parameter is of torch.int8 numbers, and only floats learn: make")
    assert verdict.change is None
    net = Whole(torch.float32)  # of which the bias can
    [verdict] = examine(net, torch.randn(8, 8), cure=cure).verdicts
    assert verdict.text.startswith("every parameter is frozen") and "tried" not in verdict.text
    exec(verdict.change or "", {"net": net})
    assert net.bias.requires_grad and not net.weight.requires_grad
