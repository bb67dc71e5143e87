"""Every number of an examination, held against hooks written by hand; and the net stays as it was."""

from __future__ import annotations

import copy
import math
import warnings
from typing import Any

import pytest
import torch
from examined_nets import (
    CharGPT,
    Gives,
    MyLinear,
    Reader,
    Shared,
    Stream,
    TwoInputs,
    UNet,
    kaiming,
    mlp,
)
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations

from initplay.lab import examine
from initplay.lab.events import Layer
from initplay.lab.examining.examination import examining
from initplay.lab.examining.refused import Refused


def size(x: Tensor) -> float:
    return x.detach().double().square().mean().sqrt().item()


def ids(net_ids: int, *shape: int) -> Tensor:
    return torch.randint(net_ids, shape)


CASES: dict[str, Any] = {
    "mlp": lambda: (mlp(), torch.randn(64, 784), ids(10, 64)),
    "tanh": lambda: (mlp(4, 50, nn.Tanh), torch.randn(32, 784), ids(10, 32)),
    "gpt": lambda: (CharGPT(), ids(65, 4, 32), ids(65, 4, 32)),
    "tied": lambda: (CharGPT(tied=True), ids(65, 4, 32), ids(65, 4, 32)),
    "lstm": lambda: (Reader(), ids(50, 8, 12), ids(5, 8)),
    "unet": lambda: (kaiming(UNet()), torch.randn(2, 3, 32, 32), ids(4, 2, 32, 32)),
    "stream": lambda: (Stream(4), torch.randn(16, 64), ids(10, 16)),
    "own layers": lambda: (
        nn.Sequential(MyLinear(20, 30), nn.ReLU(), MyLinear(30, 4)),
        torch.randn(32, 20),
        ids(4, 32),
    ),
    "transformer": lambda: (
        nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True), 2),
        torch.randn(4, 10, 32),
        torch.randn(4, 10, 32),
    ),
    "batch norm": lambda: (
        nn.Sequential(
            nn.Conv2d(3, 8, 3, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(288, 3),
        ),
        torch.randn(8, 3, 8, 8),
        ids(3, 8),
    ),
    "in three dimensions": lambda: (
        nn.Sequential(
            nn.Conv3d(1, 4, 3),
            nn.LeakyReLU(0.2),
            nn.ConvTranspose3d(4, 2, 2),
            nn.Flatten(),
            nn.LazyLinear(3),
        ),
        torch.randn(4, 1, 6, 6, 6),
        ids(3, 4),
    ),
    "made of others": lambda: (
        nn.Sequential(
            parametrizations.spectral_norm(nn.Linear(20, 30)),
            nn.ReLU(),
            parametrizations.weight_norm(nn.Linear(30, 3)),
        ),
        torch.randn(16, 20),
        ids(3, 16),
    ),
    "bfloat16": lambda: (mlp(3, 40).bfloat16(), torch.randn(16, 784).bfloat16(), ids(10, 16)),
}


def by_hand(
    net: nn.Module, x: Any, y: Any
) -> tuple[list[tuple[str, float, float]], float, dict[str, Tensor]]:
    """Name, rms and gradient of every module's output in order, the loss, and the parameters' gradients."""
    net = copy.deepcopy(net)
    outputs: list[tuple[str, float, Tensor]] = []

    def keep(name: str) -> Any:
        def hook(_module: nn.Module, _args: Any, output: Any) -> Any:
            first = output[0] if isinstance(output, tuple) else output
            outputs.append((name, size(first), first))
            first.retain_grad()
            given = first + 0  # ReLU in place may change this one
            return (given, *output[1:]) if isinstance(output, tuple) else given

        return hook

    for name, module in net.named_modules():
        if name:
            module.register_forward_hook(keep(name))
    out = net(x)
    if y.is_floating_point():
        loss = F.mse_loss(out, y)
    else:
        loss = F.cross_entropy(out.float().movedim(-1, 1) if y.shape == out.shape[:-1] else out.float(), y)
    loss.backward()
    sizes = [
        (name, rms, size(first.grad) if first.grad is not None else math.nan) for name, rms, first in outputs
    ]
    return (
        sizes,
        loss.item(),
        {name: own.grad for name, own in net.named_parameters() if own.grad is not None},
    )


@pytest.mark.parametrize("case", CASES)
def test_every_number_is_that_of_hooks_written_by_hand(case: str):
    torch.manual_seed(1)
    net, x, y = CASES[case]()
    found = examine(net, x, y, cure=False, lr=0.5)
    if case == "in three dimensions":  # what was lazy in the copy that was looked at still is
        assert nn.parameter.is_lazy(net[-1].weight)
        torch.manual_seed(0)
        net(x)
        found = examine(net, x, y, cure=False, lr=0.5)
    hooked, loss, gradients = by_hand(net, x, y)
    precision = 2e-2 if case == "bfloat16" else 1e-4
    assert found.facts["loss"] == pytest.approx(loss, rel=precision)
    measured = [layer for layer in found.layers if layer.rms is not None]
    names = [layer.name for layer in measured]
    assert names == [name for name, *_ in hooked if name in names], "in the order of the forward pass"
    for layer in measured:
        _, rms, gradient = next(one for one in hooked if one[0] == layer.name)
        assert layer.rms == pytest.approx(rms, rel=precision)
        assert layer.grad_rms == pytest.approx(gradient, rel=precision, abs=1e-12)
        weights = net.get_submodule(layer.name).named_parameters()
        weight = max(weights, key=lambda own: own[1].numel()) if case == "made of others" else next(weights)
        if layer.kind != "MultiheadAttention":
            ratio = 0.5 * size(gradients[full(net, layer.name, weight[0])]) / size(weight[1])
            assert layer.update_ratio == pytest.approx(ratio, rel=precision)


def full(net: nn.Module, module: str, own: str) -> str:
    """The parameter's name as `named_parameters` has it, which names a tied weight once."""
    wanted = net.get_submodule(module).get_parameter(own)
    return next(name for name, parameter in net.named_parameters() if parameter is wanted)


@pytest.mark.parametrize("case", CASES)
def test_theory_gives_what_random_weights_measure(case: str):
    """For every layer that reads what does not know its weights, to within what 1 draw scatters."""
    torch.manual_seed(2)
    net, x, y = CASES[case]()
    for layer in examine(net, x, y, cure=False).layers:
        if layer.theory_rms is not None and layer.rms is not None:
            assert layer.rms == pytest.approx(layer.theory_rms, rel=0.5), layer.name


def test_theory_is_the_mean_over_draws():
    """Of 60 nets the mean square of each layer's output is what theory says of it, padding included."""
    torch.manual_seed(0)
    x = torch.randn(2, 3, 6, 6)
    ratios = []
    for _ in range(60):
        net: Any = nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.ConvTranspose2d(4, 3, 4, stride=2, padding=1)
        )
        layers = examine(net, x, torch.randn(2, 3, 12, 12), cure=False).layers
        ratios.append([(layer.rms or 0) ** 2 / (layer.theory_rms or 1) ** 2 for layer in layers])
    mean = torch.tensor(ratios).mean(0)
    assert mean.tolist() == pytest.approx([1, 1], abs=0.15)


@pytest.mark.parametrize("case", CASES)
def test_nothing_of_the_net_is_changed(case: str):
    """Weights, buffers, gradients, modes, hooks and dice are what they were, after cures and steps."""
    torch.manual_seed(3)
    net, x, y = CASES[case]()
    if case != "in three dimensions":
        for own in net.parameters():
            own.grad = torch.ones_like(own)
    before, dice = state(net), torch.get_rng_state()
    examine(net, x, y, steps=1)
    assert same(before, state(net)) and torch.equal(dice, torch.get_rng_state())


def state(net: nn.Module) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, own in [*net.named_parameters(), *net.named_buffers()]:
        lazy = nn.parameter.is_lazy(own)
        found[name] = "lazy" if lazy else own.detach().clone()
        found[f"{name}.grad"] = None if lazy or own.grad is None else own.grad.clone()
    for name, module in net.named_modules():
        hooks = [len(module._forward_hooks), len(module._forward_pre_hooks), len(module._backward_hooks)]
        found[f"{name}:module"] = (module.training, type(module), hooks)
    return found


def same(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return before.keys() == after.keys() and all(
        torch.equal(one, after[name]) if isinstance(one, Tensor) else one == after[name]
        for name, one in before.items()
    )


def test_after_an_error_the_hooks_are_gone_and_the_modes_are_back():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(5, 2)).eval()
    before = state(net)
    with pytest.raises(Refused, match=r"shape 3x4 as far as layer 1, and then layer 2 takes 5 "):
        examine(net, torch.randn(3, 4))
    assert same(before, state(net))


def test_running_statistics_come_back():
    net: Any = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4))
    mean = net[1].running_mean
    examine(net, torch.randn(16, 4) + 3)
    assert net[1].running_mean is mean and mean.abs().max() == 0 and net[1].num_batches_tracked == 0


def layer(found: Any, name: str) -> Layer:
    return next(one for one in found.layers if one.name == name)


def test_dead_units_are_those_that_are_0_for_the_whole_batch():
    """Module or function, in place or not; of a convolution a channel is a unit."""
    torch.manual_seed(0)
    net: Any = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(8 * 36, 10), nn.ReLU()
    )
    with torch.no_grad():
        net[0].bias[:3] = -100
        net[3].bias[:4] = -100
    found = examine(net, torch.randn(32, 1, 8, 8), cure=False)
    assert layer(found, "0").dead == pytest.approx(3 / 8) and layer(found, "3").dead == pytest.approx(4 / 10)
    assert layer(found, "0").saturated is None


def test_saturated_values_are_those_at_the_ends():
    torch.manual_seed(0)
    net: Any = nn.Sequential(nn.Linear(4, 100), nn.Tanh(), nn.Linear(100, 50), nn.Sigmoid())
    nn.init.normal_(net[0].weight, std=2)
    x = torch.randn(64, 4)
    found = examine(net, x, cure=False)
    values = torch.tanh(net[0](x))
    assert layer(found, "0").saturated == pytest.approx((values.abs() > 0.97).float().mean().item())
    assert layer(found, "2").saturated == 0 and layer(found, "0").dead is None


def test_one_layer_called_four_times_is_four_calls():
    """The first two and the last are shown; one that is never called has no numbers."""
    torch.manual_seed(0)
    found = examine(Shared(), torch.randn(32, 16))
    names = [one.name for one in found.layers]
    assert names == ["again", "again (call 2)", "again (call 4)", "head", "never"]
    assert layer(found, "never").rms is None
    assert [verdict.layer for verdict in found.verdicts] == ["never"]


def test_several_inputs_by_place_and_by_name():
    torch.manual_seed(0)
    net = TwoInputs()
    found = examine(net, {"a": torch.randn(16, 8), "b": torch.randn(16, 5)}, ids(4, 16))
    assert [one.name for one in found.layers] == ["left", "right", "both"]
    assert layer(found, "both").theory_rms is None

    class Sum(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(3, 2)

        def forward(self, a: Tensor, b: Tensor) -> Tensor:
            return self.fc(a + b)

    assert examine(Sum(), (torch.randn(4, 3), torch.randn(4, 3))).facts["loss"] is not None


def test_what_cannot_be_seen_is_said():
    torch.manual_seed(0)
    notes = " ".join(examine(CharGPT(tied=True), ids(65, 2, 32), ids(65, 2, 32)).notes)
    assert "6 calls of scaled_dot_product_attention" in notes and "head.weight is token.weight" in notes
    assert "lstm: all time steps are one call" in " ".join(examine(Reader(), ids(50, 4, 12), ids(5, 4)).notes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        compiled: Any = torch.jit.trace(nn.Linear(4, 4), torch.zeros(1, 4))
    scripted = nn.Sequential(compiled, nn.Linear(4, 2))
    assert "compiled by TorchScript" in " ".join(examine(scripted, torch.randn(4, 4)).notes)
    net = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4)).eval()
    found = examine(net, torch.randn(8, 4))
    assert "eval mode" in " ".join(found.notes) and layer(found, "1").theory_rms is None


def test_a_net_without_gradients_is_measured_all_the_same():
    net = mlp(3, 20).requires_grad_(False)
    with torch.no_grad():
        found = examine(net, torch.randn(8, 784))
    assert found.layers[0].rms and found.layers[0].grad_rms is None and found.layers[0].update_ratio is None
    assert "no gradients" in " ".join(found.notes)


class Kept(nn.Linear):
    """Keeps no way back, or loses it on its way."""

    def __init__(self, how: str) -> None:
        super().__init__(4, 3)
        self.how = how

    def forward(self, input: Tensor) -> Tensor:
        out = super().forward(input)
        if self.how == "detached":
            return out.detach()
        power = out.exp()
        power += 1
        return power


@pytest.mark.parametrize(
    ("net", "says", "change"),
    [
        (mlp(3, 20).requires_grad_(False), "every parameter is frozen", "net.requires_grad_(True)"),
        (Kept("detached"), "depends on no parameter that is trained: take torch.no_grad(), .detach()", None),
        (Kept("in place"), "sent back through the net: one of the variables needed for gradient", None),
    ],
)
def test_that_nothing_learns_is_a_fault(net: nn.Module, says: str, change: str | None):
    x = torch.randn(8, next(net.parameters()).shape[1])
    verdict = examine(net, x).verdicts[-1]
    assert says in verdict.text and "Hint" not in verdict.text and verdict.change == change


class Needs(nn.Module):
    """Cannot be called as it is."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 3)
        if what == "mask":
            self.forward = lambda x, mask: self.fc(x) * mask
        elif what == "gpu":
            self.forward = lambda x: _raise(AssertionError("Torch not compiled with CUDA enabled"))


def _raise(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("net", "says"),
    [
        (Needs("forward"), r"Needs has no forward: write `def forward\(self, x\):` in it"),
        (
            Needs("mask"),
            r"required positional argument: 'mask'; x is a tensor, a tuple of several inputs",
        ),
        (Needs("gpu"), r"needs a GPU that is not here .*: take \.cuda\(\) out of it"),
    ],
)
def test_a_net_that_cannot_be_called_is_refused_with_the_mend(net: nn.Module, says: str):
    with pytest.raises(Refused, match=says):
        examine(net, torch.randn(2, 4))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_compiled_net_is_examined_as_it_was_written_where_that_is_known():
    net: Any = torch.compile(mlp(3, 20))
    found = examine(net, torch.randn(8, 784))
    assert [layer.name for layer in found.layers] == ["0", "2", "4", "6"]
    script: Any = torch.jit.script(nn.Linear(4, 3))
    with pytest.raises(Refused, match=r"compiled by TorchScript.*name the net that it was made of"):
        examine(script, torch.randn(2, 4))


def test_a_frozen_part_has_no_update_ratio():
    net = mlp(3, 20)
    net[0].requires_grad_(False)
    found = examine(net, torch.randn(64, 784))
    assert layer(found, "0").update_ratio is None and layer(found, "2").update_ratio


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("dict", r"a dict of logits, hidden and no tensor.*output\['logits'\].*--loss loss"),
        ("tuple", r"a tuple of 2 and no tensor.*output\[0\].*--loss loss"),
        ("nothing", r"gives nothing: let its forward end with `return`"),
        ("classes", r"int64 numbers, through which no gradient flows"),
        ("text", r"a str and no tensor"),
    ],
)
def test_a_net_that_gives_no_tensor_is_refused_with_the_mend(what: str, says: str):
    with pytest.raises(Refused, match=says):
        examine(Gives(what), torch.randn(2, 4), ids(3, 2))


def test_a_loss_of_ones_own_takes_whatever_the_net_gives():
    x, y = torch.randn(8, 4), ids(3, 8)
    net: Any = Gives("dict")
    found = examine(net, x, y, loss=lambda output, target: F.cross_entropy(output["logits"], target))
    assert found.facts["loss"] == pytest.approx(F.cross_entropy(net.fc(x), y).item())
    alone = examine(Gives("tuple"), x, loss=lambda output: output[0].square().mean())
    assert alone.facts["loss"] is not None and alone.facts["loss_of_knowing_nothing"] is None


@pytest.mark.parametrize(
    ("loss", "y", "says"),
    [
        ("cross_entrpy", None, r"did you mean 'cross_entropy'"),
        ("relu", None, r"No loss 'relu'"),
        ("cross_entropy", torch.tensor([9, 0]), r"cannot be taken of 2x3 and a target of 2"),
        (lambda output, y: output, None, r"a tensor of shape 2x3 and no single number"),
    ],
)
def test_a_loss_that_cannot_be_taken_is_refused(loss: Any, y: Any, says: str):
    with pytest.raises(Refused, match=says):
        examine(nn.Linear(4, 3), torch.randn(2, 4), y, loss=loss)


@pytest.mark.parametrize(
    ("out", "y", "name", "unknowing"),
    [
        (3, torch.tensor([0, 1, 2, 0]), "cross_entropy", math.log(3)),
        (3, None, "cross_entropy", math.log(3)),
        (1, None, "mse", None),
        (1, torch.tensor([1.0, 2.0, 3.0, 4.0]), "mse", 1.25),
        (2, torch.tensor([[0.0, 2.0]] * 4), "mse", 1.0),
    ],
)
def test_the_loss_fits_the_target(out: int, y: Any, name: str, unknowing: float | None):
    facts = examine(nn.Linear(5, out), torch.randn(4, 5), y).facts
    assert facts["loss_name"] == name
    if unknowing is not None:
        assert facts["loss_of_knowing_nothing"] == pytest.approx(unknowing)


def test_events_come_as_an_experiments():
    """Charts, a record a layer, facts and verdicts, and with steps the curves over them."""
    net, x, y = CASES["mlp"]()
    events = list(examining(net, x, y, loss=None, lr=0.01, steps=3))
    kinds = [type(event).__name__ for event in events]
    assert kinds.count("Layer") == 7 and "Verdict" in kinds
    charts = {event.axes.chart for event in events if type(event).__name__ == "Drawn"}
    assert charts == {
        "rms by layer",
        "gradient by layer",
        "loss by step",
        "rms by step",
        "update ratio by step",
    }
    found = [one for event in events if type(event).__name__ == "Drawn" for one in event.events]
    losses = {one.series: one.y for one in found if one.chart == "loss by step"}
    assert losses["knowing nothing"] == pytest.approx(math.log(10)) and set(losses) == {
        "measured",
        "knowing nothing",
    }
