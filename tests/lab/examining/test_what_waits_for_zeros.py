"""What begins with zeros passes no gradient on before it has moved: what waits for that is told, and no more
than was seen."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from initplay.lab import examine
from initplay.lab.examining.examination import Examination


@pytest.fixture(autouse=True)
def _same_weights() -> None:
    torch.manual_seed(0)


def examined(net: nn.Module, **options: Any) -> Examination:
    return examine(net, torch.randn(32, 8), torch.randint(3, (32,)), **options)


def in_a_line(found: Examination) -> str:
    return " ".join(str(found).split())


class Waiting(nn.Module):
    """A gate, the end of a branch, a normalization or a head begins with zeros."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Linear(8, 16), nn.Linear(16, 16), nn.Linear(16, 3)
        self.norm = nn.LayerNorm(16) if what == "norm" else nn.Identity()
        self.gate = nn.Parameter(torch.zeros(16)) if "gate" in what else torch.ones(16)
        self.what = what
        zeros = {"head": self.c, "norm": self.norm, "branch": self.b}.get(what)
        if isinstance(zeros, nn.Linear | nn.LayerNorm):
            nn.init.zeros_(zeros.weight)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x).relu()
        y = self.norm(self.b(x))
        match self.what:
            case "gate in tanh":
                return self.c(x + self.gate.tanh() * y)
            case "gate of all":
                return self.c(self.gate * y)
            case "gate by lerp":
                return self.c(torch.lerp(x, y, self.gate))
            case "gate by lerp, named":
                return self.c(x.lerp(y, weight=self.gate))
            case "gate by addcmul":
                return self.c(torch.addcmul(x, y, self.gate))
            case "gate squared":
                return self.c(x + self.gate**2 * y)
        return self.c(x + self.gate.view(1, -1) * y)


BEGINNING = [
    ("head", "c"),
    ("norm", "norm"),
    ("gate", "gate"),
    ("gate of all", "gate"),
    ("gate in tanh", "gate"),
    ("gate by lerp", "gate"),
    ("gate by lerp, named", "gate"),
    ("gate by addcmul", "gate"),
]


@pytest.mark.parametrize(("what", "name"), BEGINNING)
def test_what_begins_with_zeros_is_told_and_no_fault(what: str, name: str):
    """And nowhere that no layer loses its gradient, for those before it have none at the first step."""
    found = examined(Waiting(what))
    silent = [layer.name for layer in found.layers if layer.grad_rms == 0]
    assert found.verdicts == [] and silent
    [note] = [note for note in found.notes if "zeros" in note]
    assert note.startswith(f"{name} begins with zeros: no gradient passes through it before it has moved.")
    assert note.endswith(
        f"{', '.join(silent)}: a gradient of 0 now; on a copy whose zeros follow their gradients one comes "
        "after 1 step."
    )
    assert found.facts["begins_with_zeros"] == name
    assert found.facts["waits_for_zeros"] == ", ".join(silent)
    assert "where a gradient is 0, it waits for what begins with zeros to move" in in_a_line(found)
    assert "its gradient," not in in_a_line(found)


@pytest.mark.parametrize(("what", "name"), BEGINNING)
def test_what_was_not_tried_is_told_as_not_tried(what: str, name: str):
    found = examined(Waiting(what), cure=False)
    assert found.verdicts == []
    [note] = [note for note in found.notes if "zeros" in note]
    assert note.startswith(f"{name} begins with zeros: no gradient passes through it before it has moved.")
    assert note.endswith("a gradient of 0 now; whether one comes once it has moved was not tried.")
    assert "it may wait for what begins with zeros to move, which was not seen" in in_a_line(found)
    assert "waits for" not in in_a_line(found) and found.facts["waits_for_zeros"] is None


class NoCopies(Waiting):
    def __deepcopy__(self, memo: object) -> NoCopies:
        raise RuntimeError("this net holds an open file")


def test_what_cannot_be_copied_is_told_as_not_tried():
    assert "was not tried" in " ".join(examined(NoCopies("head")).notes)


def test_a_branch_of_one_layer_that_begins_with_zeros_holds_nothing_back():
    found = examined(Waiting("branch"))
    assert found.verdicts == [] and found.facts["waits_for_zeros"] is None
    assert "b begins with zeros: no gradient passes through it before it has moved." in found.notes
    assert "no layer loses its signal or its gradient" in in_a_line(found)


def test_zeros_that_nothing_waits_for_are_told_alone():
    """As in a pooling that begins by weighing all places alike."""

    class Pooled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc, self.head = nn.Linear(8, 16), nn.Linear(16, 3)
            self.query = nn.Parameter(torch.zeros(16))

        def forward(self, x: Tensor) -> Tensor:
            x = self.fc(x).tanh().view(-1, 4, 16)
            share = (x @ self.query).softmax(-1)
            return self.head((share[..., None] * x).sum(1)).repeat_interleave(4, 0)

    found = examined(Pooled())
    assert found.verdicts == []
    assert "query begins with zeros: no gradient passes through it before it has moved." in found.notes
    assert "Nothing is found wrong: no layer loses its signal or its gradient" in in_a_line(found)


@pytest.mark.parametrize(
    ("what", "stay"),
    [
        ("gate of all", "c, gate begin with zeros and get a gradient of 0 themselves"),
        ("gate squared", "gate begins with zeros and gets a gradient of 0 itself"),
    ],
)
def test_zeros_that_never_move_are_a_fault_with_their_names(what: str, stay: str):
    net = Waiting(what)
    if what == "gate of all":
        nn.init.zeros_(net.c.weight)
    texts = [verdict.text for verdict in examined(net).verdicts]
    assert any("a gradient of 0 reaches" in text and stay in text for text in texts)


class Nested(nn.Module):
    """Each branch lies in the one before it, and each begins with a gate of zeros."""

    def __init__(self, depth: int) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(8, 16), nn.Linear(16, 3)
        self.inner = nn.ModuleList(nn.Linear(16, 16) for _ in range(depth))
        self.gates = nn.ParameterList(nn.Parameter(torch.zeros(16)) for _ in range(depth))

    def forward(self, x: Tensor) -> Tensor:
        x = y = self.first(x)
        for layer, gate in zip(self.inner, self.gates, strict=True):
            y = x + gate * layer(y)
        return self.last(y)


class Chained(Nested):
    def forward(self, x: Tensor) -> Tensor:
        x = y = self.first(x)
        for layer, gate in zip(self.inner, self.gates, strict=True):
            y = gate * layer(y)
        return self.last(x + y)


@pytest.mark.parametrize("kind", [Nested, Chained])
@pytest.mark.parametrize("depth", [2, 5, 12])
def test_a_zero_behind_a_zero_waits_as_many_steps_as_there_are(kind: type[Nested], depth: int):
    found = examined(kind(depth))
    assert found.verdicts == []
    assert f"one comes after 1 to {depth} steps." in " ".join(found.notes)


def test_of_more_zeros_in_a_row_than_are_tried_it_is_said_that_they_wait_yet():
    found = examined(Chained(30))
    assert found.verdicts == []
    assert "none came in 24 steps, and zeros move yet." in " ".join(found.notes)
    assert found.facts["may_wait_for_zeros"].startswith("inner.0, inner.1")
    assert "or it may wait for what begins with zeros to move, which was not seen" in in_a_line(found)


class Modulated(nn.Module):
    """A diffusion transformer in small: what scales, shifts and gates its blocks begins with zeros, and so
    does its end."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.time, self.last = nn.Linear(8, 16), nn.Linear(8, 16), nn.Linear(16, 3)
        self.norms = nn.ModuleList(nn.LayerNorm(16, elementwise_affine=False) for _ in range(3))
        says = [nn.Linear(16, size) for size in (48, 48, 32)]
        self.says = nn.ModuleList(says)
        self.does = nn.ModuleList(nn.Linear(16, 16) for _ in range(2))
        for layer in (*says, self.last):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = x.view(8, 4, 8)  # eight examples of four places
        x, time = self.first(x), nn.functional.silu(self.time(x[:, 0]))
        for norm, say, do in zip(self.norms, self.says, self.does, strict=False):
            shift, scale, gate = say(time)[:, None].chunk(3, -1)
            x = x + gate * do(norm(x) * (1 + scale) + shift)
        shift, scale = self.says[2](time)[:, None].chunk(2, -1)
        return self.last(self.norms[2](x) * (1 + scale) + shift).flatten(0, 1)


@pytest.mark.parametrize("cure", [True, False])
def test_zeros_that_wait_are_not_called_one_unit_for_ever(cure: bool):
    found = examined(Modulated(), cure=cure)
    assert found.verdicts == []
    assert found.facts["begins_with_zeros"] == "says.0, says.1, says.2, last"


def test_units_that_are_alike_behind_a_head_of_zeros_stay_alike():
    alike: Any = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 3))
    for layer in (alike[0], alike[2]):
        nn.init.constant_(layer.weight, 0.1)
        nn.init.zeros_(layer.bias)
    nn.init.zeros_(alike[4].weight)
    [verdict] = examined(alike).verdicts
    assert verdict.text.startswith("0 … 2 (2 layers): constant_, 0.1 makes every unit of a layer the same")


@pytest.mark.parametrize("cure", [True, False])
@pytest.mark.parametrize("depth", [2, 5])
def test_zeros_that_nothing_goes_around_are_a_fault_though_each_moves_in_the_end(depth: int, cure: bool):
    """Biases alone go through: every example is the same one."""
    deep: Any = nn.Sequential(*(part for _ in range(depth) for part in (nn.Linear(8, 8), nn.ReLU())))
    net = deep.append(nn.Linear(8, 3))
    for layer in net[::2]:
        nn.init.zeros_(layer.weight)
    verdict = examined(net, cure=cure).verdicts[0]
    assert (
        "(" in verdict.text and f"({depth} layers): zeros_ gives the same whatever comes in" in verdict.text
    )
    assert f"what goes into {2 * depth} is the same for every example" in verdict.text
    exec(verdict.change or "", {"net": net, "nn": nn})
    assert "the same whatever" not in in_a_line(examined(net))


def test_a_table_of_zeros_gates_what_it_is_multiplied_with():
    class Conditioned(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.c = nn.Linear(8, 16), nn.Linear(16, 16), nn.Linear(16, 3)
            self.kinds, self.places = nn.Embedding(4, 16), nn.Embedding(4, 16)
            nn.init.zeros_(self.kinds.weight)
            nn.init.zeros_(self.places.weight)

        def forward(self, x: Tensor) -> Tensor:
            ids = torch.arange(len(x)) % 4
            x = self.a(x) + self.places(ids)  # which is added, and holds nothing back
            return self.c(x + self.kinds(ids) * self.b(x))

    found = examined(Conditioned())
    assert found.facts["begins_with_zeros"] == "kinds" and found.facts["waits_for_zeros"] == "b"


def test_a_zero_at_the_end_of_attention_is_one_too():
    class Attending(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm, self.mix = nn.LayerNorm(8), nn.MultiheadAttention(8, 2, batch_first=True)
            self.head = nn.Linear(8, 3)
            nn.init.zeros_(self.mix.out_proj.weight)

        def forward(self, x: Tensor) -> Tensor:
            x = x[None]
            y = self.norm(x)
            return self.head(x + self.mix(y, y, y)[0])[0]

    found = examined(Attending())
    assert found.facts["begins_with_zeros"] == "mix" and found.facts["waits_for_zeros"] == "norm"


def test_what_is_frozen_at_zero_is_not_told_to_move():
    net = Waiting("gate")
    net.gate.requires_grad_(False)
    assert examined(net).facts["begins_with_zeros"] is None
