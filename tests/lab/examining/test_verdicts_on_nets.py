"""Sick nets get the verdict that names their fault, with code that mends it; healthy ones get none."""

from __future__ import annotations

import copy
import io
import math
import re
from collections import OrderedDict
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from examined_nets import CharGPT, MyLinear, Reader, Stream, UNet, kaiming, mlp
from torch import Tensor, nn

from initplay.lab import Watch, examine
from initplay.lab.events import Verdict
from initplay.lab.examining.examination import Examination

Case = tuple[Any, Any, Tensor]


def batch(n: int = 128, features: int = 784, classes: int = 10) -> tuple[Tensor, Tensor]:
    return torch.randn(n, features), torch.randint(classes, (n,))


def each(net: nn.Module, do: Callable[[Any], object]) -> Any:
    for module in net.modules():
        if isinstance(module, nn.Linear):
            with torch.no_grad():
                do(module)
    return net


def quiet(net: nn.Module) -> Any:
    """Kaiming throughout, and a head that begins with saying nothing."""
    kaiming(net)
    head: Any = list(net.modules())[-1]
    nn.init.normal_(head.weight, std=0.02)
    return net


def default() -> Case:
    return mlp(), *batch()


def too_large() -> Case:
    return each(kaiming(mlp()), lambda layer: layer.weight.mul_(5)), *batch()


def overflowing() -> Case:
    return each(kaiming(mlp(20, 64)), lambda layer: layer.weight.mul_(1e4)), *batch()


def sigmoid() -> Case:
    return mlp(8, 100, nn.Sigmoid), *batch()


def tanh_saturated() -> Case:
    net = mlp(5, 100, nn.Tanh)
    return each(net, lambda layer: nn.init.xavier_normal_(layer.weight, gain=6)), *batch()


def tanh_default() -> Case:
    return mlp(10, 100, nn.Tanh), *batch()


def negative_bias() -> Case:
    net = each(kaiming(mlp()), lambda layer: layer.bias.fill_(-3))
    net[-1].bias.data.zero_()
    return net, *batch()


def raw_pixels() -> Case:
    x, y = batch()
    return quiet(mlp()), x.abs() * 100, y


def loud_head() -> Case:
    net = kaiming(mlp())
    net[-1].weight.data.mul_(10)
    return net, *batch()


def all_alike() -> Case:
    return each(mlp(), lambda layer: layer.weight.fill_(0.01)), *batch()


def growing_stream() -> Case:
    return Stream(), *batch(64, 64)


def tied_at_one() -> Case:
    net = CharGPT(tied=True)
    nn.init.normal_(net.token.weight)
    return net, torch.randint(65, (8, 32)), torch.randint(65, (8, 32))


def far_target() -> Case:
    net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 1))
    x, _ = batch(128, 20)
    return net, x, torch.randn(128, 1) + 50


def broken_weight() -> Case:
    net = kaiming(mlp())
    net[4].weight.data[0, 0] = math.nan
    return net, *batch()


def own_layers() -> Case:
    layers = [layer for _ in range(8) for layer in (MyLinear(64, 64), nn.ReLU())]
    return nn.Sequential(*layers, MyLinear(64, 10)), *batch(128, 64)


def gelu() -> Case:
    return each(mlp(8, 100, nn.GELU), lambda layer: nn.init.normal_(layer.weight, std=0.02)), *batch()


SICK: dict[str, tuple[Callable[[], Case], str, str, str]] = {
    "default": (
        default,
        "0",
        "torch's default under ReLU, 0.",
        'kaiming_normal_(layer.weight, nonlinearity="relu")',
    ),
    "too large": (too_large, "0", "the signal grows", "kaiming_normal_"),
    "overflowing": (overflowing, "0", "the signal grows", "kaiming_normal_"),
    "sigmoid": (sigmoid, "0", "of the gradient a layer", "xavier_normal_(layer.weight, gain=4.7)"),
    "saturated": (tanh_saturated, "0", "at its ends", "xavier_normal_(layer.weight, gain=5 / 3)"),
    "tanh": (tanh_default, "0", "torch's default under tanh", "xavier_normal_(layer.weight, gain=5 / 3)"),
    "bias": (negative_bias, "0", "a bias of -3", "zeros_(layer.bias)"),
    "pixels": (raw_pixels, "", "the input has rms", "x = (x - x.mean()) / x.std()"),
    "head": (loud_head, "12", "against ln 10 = 2.303", "nn.init.normal_(net[12].weight, std="),
    "alike": (all_alike, "0", "the same unit", "kaiming_normal_"),
    "stream": (growing_stream, "second.0", "the residual stream grows", "/= 12 ** 0.5"),
    "tied": (tied_at_one, "head", "against ln 65", "nn.init.normal_(net.head.weight, std=0.02)"),
    "target": (far_target, "2", "the target's variance", "nn.init.constant_(net[2].bias, y.mean().item())"),
    "NaN": (broken_weight, "4", "is the first whose output is NaN: its weight is NaN", "net[4].weight"),
    "own": (own_layers, "0", "under ReLU", "normal_(layer.w, std=1.41 / 64 ** 0.5)"),
    "gelu": (gelu, "0", "under GELU", "std=1.53"),
}  # fmt: skip


def sick(name: str, seed: int) -> tuple[Case, Examination]:
    torch.manual_seed(seed)
    case = SICK[name][0]()
    return case, examine(*case)


def applied(case: Case, verdict: Verdict) -> Case:
    """What the verdict's code makes of a copy of the case, as a user who pastes it gets it."""
    net, x, y = case
    names: dict[str, Any] = {"net": copy.deepcopy(net), "nn": nn, "torch": torch, "x": x, "y": y}
    exec(verdict.change or "", names)
    return names["net"], names["x"], names["y"]


@pytest.mark.parametrize("name", SICK)
def test_a_fault_is_named_and_its_cure_mends_it(name: str):
    """The first verdict names place, fault and code; with the code pasted in, that verdict is gone."""
    _, layer, says, code = SICK[name]
    for seed in (0, 1):
        case, found = sick(name, seed)
        first = found.verdicts[0]
        assert first.layer == layer and says in first.text and code in (first.change or ""), first
        assert " gives " in first.text, "what was measured with the cure is said"
        after = examine(*applied(case, first))
        assert not any(says in verdict.text for verdict in after.verdicts), after.verdicts


def constant_but_for_biases(activation: type[nn.Module], sizes: list[int]) -> nn.Sequential:
    """Weights that are all one number, with the biases that torch draws."""
    parts = [part for size in pairwise(sizes) for part in (nn.Linear(*size), activation())]
    return each(nn.Sequential(*parts[:-1]), lambda layer: nn.init.constant_(layer.weight, 0.1))


@pytest.mark.parametrize("activation", [nn.ReLU, nn.Tanh])
@pytest.mark.parametrize("sizes", [[784, 128, 10], [20, 64, 64, 1], [2, 16, 16, 2]])
def test_units_that_only_their_biases_tell_apart_are_called_nearly_the_same(activation, sizes):
    """The gradient, which is nearly the same for each, would hardly part them: so it is after 100 steps."""
    torch.manual_seed(0)
    net = constant_but_for_biases(activation, sizes)
    x, y = torch.randn(64, sizes[0]), torch.randn(64, sizes[-1])
    said = [verdict for verdict in examine(net, x, y).verdicts if "the same unit" in verdict.text]
    assert said and "nn.init." in (said[0].change or "")
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    for _ in range(100):
        optimizer.zero_grad()
        nn.functional.mse_loss(net(x), y).backward()
        optimizer.step()
    weight: Any = net.get_submodule(said[0].layer).weight
    assert (weight - weight.mean(0)).norm() < 0.3 * weight.norm(), "of weights that are drawn it is all"


def test_units_that_a_head_which_differs_parts_at_once_are_no_fault():
    torch.manual_seed(0)
    net: Any = constant_but_for_biases(nn.ReLU, [784, 128, 10])
    net[2].reset_parameters()
    assert not [verdict for verdict in examine(net, *batch()).verdicts if "same unit" in verdict.text]


def test_one_std_in_all_layers_is_named_and_no_scheme_that_nobody_wrote():
    sizes = [784, *[128] * 12]
    net = nn.Sequential(*(part for size in pairwise(sizes) for part in (nn.Linear(*size), nn.ReLU())))
    for seed in range(4):
        torch.manual_seed(seed)
        each(net, lambda layer: nn.init.normal_(layer.weight, std=0.05))
        found = examine(net, *batch(classes=128))
        assert found.verdicts[0].text.startswith("0 … 22 (12 layers): normal_, std 0.05 under ReLU")


HEALTHY: dict[str, Callable[[], Case]] = {
    "mlp": lambda: (quiet(mlp()), *batch()),
    "deep": lambda: (quiet(mlp(20, 200)), *batch()),
    "gpt": lambda: (CharGPT(), torch.randint(65, (8, 32)), torch.randint(65, (8, 32))),
    "tied gpt": lambda: (CharGPT(tied=True), torch.randint(65, (8, 32)), torch.randint(65, (8, 32))),
    "lstm": lambda: (Reader(), torch.randint(50, (16, 12)), torch.randint(5, (16,))),
    "unet": lambda: (quiet(UNet()), torch.randn(4, 3, 32, 32), torch.randint(4, (4, 32, 32))),
    "regression": lambda: (mlp(2), torch.randn(64, 784), torch.randn(64, 10)),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_net_gets_no_verdict(name: str):
    for seed in range(4):
        torch.manual_seed(seed)
        found = examine(*HEALTHY[name]())
        assert found.verdicts == [] and "Nothing is found wrong" in str(found)


def test_what_a_norm_takes_away_is_no_fault():
    """Raw pixels into a batch normalization, weights of any size before one."""
    torch.manual_seed(0)
    net: Any = nn.Sequential(nn.Linear(784, 50), nn.BatchNorm1d(50), nn.ReLU(), nn.Linear(50, 10))
    nn.init.normal_(net[0].weight, std=3)
    x, y = batch()
    assert examine(net, x.abs() * 100, y).verdicts == []


def test_the_cure_of_torchs_default_is_the_courses():
    """0.4 to 0.6 a layer becomes 0.9 to 1.1, and the number said is the number that one measures by hand."""
    (net, x, y), found = sick("default", 0)
    cured, _, _ = applied((net, x, y), found.verdicts[0])
    sizes = [x]
    for layer in cured[:-1]:
        sizes.append(layer(sizes[-1]))
    rms = [one.square().mean().sqrt().item() for one in sizes[::2]]
    assert 0.9 < (rms[-1] / rms[0]) ** (1 / 6) < 1.1


def held_up_by_biases() -> Case:
    """Nine layers whose weights are far too small, and torch's own biases."""
    net = each(mlp(9, 256), lambda layer: nn.init.normal_(layer.weight, 0, 0.01))
    return nn.Sequential(*net, nn.Softmax(1)), *batch()


@pytest.mark.parametrize("seed", range(3))
def test_a_signal_that_falls_in_its_first_layers_is_told_there_and_so_is_its_gradient(seed: int):
    torch.manual_seed(seed)
    net, x, y = held_up_by_biases()
    examined = examine(net, x, y)
    said = examined.verdicts[0].text
    leap = (
        r"the signal falls in 0, 2(, 4)?, from rms \S+ into 0 to 0\.0[23]\d* into [46], and the other layers"
    )
    assert re.search(leap, said)
    assert (
        "keep what they get, for most of what they give are their biases; of the gradient a layer pa" in said
    )
    assert re.search(r"passes on 0\.1\d*: its length \S+ at 18 is \S+e-11 at 0; kaiming_normal_\(w", said)
    assert " a layer: the signal" not in said
    after = examine(*applied((net, x, y), examined.verdicts[0]))
    assert not any("signal" in verdict.text or "gradient" in verdict.text for verdict in after.verdicts)


def test_one_layer_that_swells_the_signal_is_told_and_a_gradient_that_arrives_is_not():
    net = kaiming(mlp(6))
    with torch.no_grad():
        net[4].weight.mul_(50)
    said = examine(net, *batch()).verdicts[0].text
    assert "the signal grows in 4, from rms" in said and "the other layers keep what they get;" in said
    assert "gradient" not in said and "biases" not in said


def a_little_small() -> Case:
    """Thirty layers that keep four fifths each, which leaves a thousandth."""
    layers = (part for _ in range(30) for part in (nn.Linear(64, 64), nn.ReLU()))
    net = kaiming(nn.Sequential(*layers, nn.Linear(64, 10)))
    return each(net, lambda layer: layer.weight.mul_(0.8)), *batch(64, 64)


@pytest.mark.parametrize("case", [default, a_little_small])
@pytest.mark.parametrize("seed", range(3))
def test_a_signal_that_every_layer_loses_has_its_factor_a_layer(case: Callable[[], Case], seed: int):
    torch.manual_seed(seed)
    said = examine(*case()).verdicts[0].text
    assert " a layer: the signal falls from rms" in said and "keep what they get" not in said


def test_more_precision_is_no_cure_of_a_signal_that_grows():
    """Of what is lost on the way the scheme is the cure: in float32 the same net has a loss of millions."""
    net = each(mlp(8, 64), lambda layer: nn.init.normal_(layer.weight, std=2.0))
    first, *others = examine(net.half(), torch.randn(32, 784).half(), torch.randint(10, (32,))).verdicts
    assert "the signal grows" in first.text and first.change and "kaiming_normal_" in first.change
    assert any("is the first whose output is infinite" in other.text for other in others)
    assert all(other.change is None for other in others)


class Averaged(nn.Module):
    """The mean of an example's words without its padding: of one that is padding alone there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.head = nn.Embedding(20, 16, padding_idx=0), nn.Linear(16, 4)

    def forward(self, ids: Tensor) -> Tensor:
        there = (ids != 0).float()
        return self.head((self.words(ids) * there[..., None]).sum(1) / there.sum(1, keepdim=True))


def test_nan_that_is_made_between_two_layers_is_told_as_that():
    ids = torch.randint(1, 20, (8, 5))
    assert examine(Averaged(), ids).verdicts == []
    ids[0] = 0
    [verdict] = examine(Averaged(), ids).verdicts
    assert verdict.layer == "head" and verdict.change is None and "tried" not in verdict.text
    assert "what goes into it is NaN already, while words gives finite numbers" in verdict.text
    assert "look between the two for a division by 0" in verdict.text


def test_nan_of_attention_is_told_by_its_mask():
    class Attending(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.mix, self.head = nn.MultiheadAttention(8, 2, batch_first=True), nn.Linear(8, 3)

        def forward(self, x: Tensor) -> Tensor:
            padding = (x == 0).all(-1)
            return self.head(x + self.mix(x, x, x, key_padding_mask=padding)[0])

    x = torch.randn(4, 5, 8)
    assert examine(Attending(), x).verdicts == []
    x[1] = 0
    [verdict] = examine(Attending(), x).verdicts
    assert verdict.layer == "mix" and "look for a row that its masks mask whole" in verdict.text


@pytest.mark.parametrize("seed", range(8))
def test_few_units_that_a_batch_of_few_leaves_at_0_are_not_killed_by_their_bias(seed: int):
    """As in the bottleneck of a squeeze and excitation."""
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(16, 4), nn.ReLU(), nn.Linear(4, 16), nn.Sigmoid(), nn.Linear(16, 3))
    for count in (8, 64):
        x = torch.randn(count, 16) / 10
        assert not any(
            "a bias of" in one.text for one in examine(net, x, torch.randint(3, (count,))).verdicts
        )


def test_an_autoencoder_that_ends_with_a_sigmoid_is_seen_as_far_as_that():
    layers = (part for i, o in pairwise([784, 256, 64, 16, 64, 256]) for part in (nn.Linear(i, o), nn.ReLU()))
    x = torch.rand(32, 784)
    verdict = examine(nn.Sequential(*layers, nn.Linear(256, 784), nn.Sigmoid()), x, x).verdicts[0]
    assert verdict.text.startswith("0 … 8 (5 layers): torch's default under ReLU")
    assert verdict.change and "kaiming_normal_" in verdict.change


def test_a_target_that_is_far_off_is_told_by_its_mean():
    torch.manual_seed(0)
    for cure in (True, False):
        [verdict] = examine(*far_target(), cure=cure).verdicts
        assert "and the target's mean is 49.9" in verdict.text
        assert verdict.change == "nn.init.constant_(net[2].bias, y.mean().item())"


class Listed(nn.Module):
    """Layers in a list, and what they are called."""

    def __init__(self, name: str, many: int) -> None:
        super().__init__()
        self.add_module(name, nn.ModuleList(nn.Linear(40, 40) for _ in range(many)))
        self.name, self.out = name, nn.Linear(40, 10)

    def forward(self, x: Tensor) -> Tensor:
        for layer in getattr(self, self.name):
            x = layer(x).relu()
        return self.out(x)


def test_a_change_of_all_layers_in_a_list_goes_through_the_list():
    case: Case = (Listed("layers", 9), *batch(features=40))
    verdict = examine(*case).verdicts[0]
    assert verdict.change is not None and verdict.change.startswith("for layer in net.layers:\n")
    assert not any("signal" in one.text for one in examine(*applied(case, verdict)).verdicts)


def test_names_of_many_layers_stand_in_lines_that_a_narrow_screen_holds():
    case: Case = (nn.Sequential(OrderedDict[str, nn.Module](layers=mlp(9))), *batch())
    verdict = examine(*case).verdicts[0]
    assert verdict.change is not None
    head, *names, end = verdict.change.split(".split()")[0].splitlines()
    assert head == 'for name in """' and end == '"""' and len(names) > 1 and max(map(len, names)) <= 36
    assert not any("signal" in one.text for one in examine(*applied(case, verdict)).verdicts)


def test_where_no_cure_helps_the_verdict_says_what_was_tried():
    """A head that cannot be made smaller by its own weight, for what it reads is huge."""

    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(20, 10)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(x) * 1e6

    torch.manual_seed(0)
    verdict = examine(Scaled(), *batch(64, 20)).verdicts[0]
    assert verdict.change is None
    assert "nothing that was tried is a cure: normal_(w, std=0.02) gives a first loss of" in verdict.text


def test_a_net_that_cannot_be_copied_gets_its_change_untried():
    net, x, y = default()
    net.handle = open(__file__)  # noqa: SIM115 (no file can be copied)
    try:
        verdict = examine(net, x, y).verdicts[0]
    finally:
        net.handle.close()
    assert "cannot be copied" in verdict.text and "kaiming_normal_" in (verdict.change or "")


def test_without_cures_nothing_is_tried():
    case = default()
    verdict = examine(*case, cure=False).verdicts[0]
    assert " gives " not in verdict.text and verdict.change


def test_steps_say_where_nan_begins_and_what_rate_learns():
    torch.manual_seed(0)
    net, (x, y) = quiet(mlp(3, 50)), batch()
    found = examine(net, x, y, steps=30, lr=100.0)
    assert found.facts["nan_step"] is not None or found.facts["loss_last"] > found.facts["loss"]
    assert found.verdicts[0].layer == "" and "at a learning rate of 100" in found.verdicts[0].text
    assert float((found.verdicts[0].change or "").removeprefix("lr = ")) <= 10
    slow = examine(net, x, y, steps=12, lr=1e-4)
    assert "after 12 steps the loss is" in slow.verdicts[0].text
    assert slow.verdicts[0].change in ("lr = 0.001", "lr = 0.01")
    well = examine(net, x, y, steps=12, lr=0.05)
    assert well.verdicts == [] and well.facts["loss_last"] < well.facts["loss"]


def test_a_watch_looks_every_so_many_steps():
    """In a loop of one's own; the net learns as without it, to the last bit."""
    torch.manual_seed(0)
    first, (x, y) = quiet(mlp(2, 30)), batch(32)
    second = copy.deepcopy(first)
    said: list[str] = []
    watch = Watch(first, every=5, say=said.append)
    for net in (first, second):
        dice = torch.Generator().manual_seed(7)
        for step in range(11):
            loss = nn.functional.cross_entropy(net(x + torch.randn(x.shape, generator=dice)), y)
            net.zero_grad()
            loss.backward()
            if net is first:
                watch(step, x, y)
            with torch.no_grad():
                for own in net.parameters():
                    own -= 0.1 * own.grad
    assert sorted(watch.seen) == [0, 5, 10]
    assert [line.partition(":")[0] for line in said] == [
        "step 0",
        "step 5",
        "step 10",
    ]
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
    with pytest.raises(ValueError, match="at least 1"):
        Watch(first, every=0)


def test_a_notebook_shows_the_text():
    """IPython asks for it by this name, and prints with an object of its own."""
    found, shown = examine(mlp(2, 20), torch.randn(8, 784), cure=False), io.StringIO()
    found._repr_pretty_(SimpleNamespace(text=shown.write), cycle=False)
    assert shown.getvalue() == str(found)


def test_as_text_it_has_a_line_for_each_layer_and_the_code():
    _, found = sick("default", 0)
    lines = str(found).splitlines()
    assert lines[0].split()[:2] == ["layer", "kind"] and len(lines[0]) <= 100
    assert [line.split()[0] for line in lines[1:8]] == ["0", "2", "4", "6", "8", "10", "12"]
    assert any("knows nothing has 2.303" in line for line in lines)
    assert any(line.strip().startswith("nn.init.kaiming_normal_") for line in lines)


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_a_batch_that_is_broken_is_named_and_no_weights_are_tried(broken: float):
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    x = torch.randn(8, 4)
    x[0, 0] = broken
    [verdict] = examine(net, x, torch.randint(3, (8,))).verdicts
    assert "the input itself has NaN or inf in it, which no weights mend" in verdict.text
    assert not verdict.change


def test_a_cure_that_leaves_the_loss_broken_is_none():
    def divided(output: Tensor, target: Tensor) -> Tensor:
        return output.square().mean() / 0 * 0

    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    with torch.no_grad():
        net[0].weight[0, 0] = math.nan  # pyrefly: ignore
    [verdict, *_] = examine(net, torch.randn(8, 4), torch.randint(3, (8,)), loss=divided).verdicts
    assert (
        not verdict.change and "gives finite numbers in every layer and a first loss of NaN" in verdict.text
    )
