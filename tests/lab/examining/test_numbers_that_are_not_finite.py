"""NaN and inf are told of with their place: in a gradient behind a finite pass, in a weight, in a bias."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from initplay.lab import examine
from initplay.lab.events import Layer
from initplay.lab.examining.distribution import distribution_of
from initplay.lab.examining.examination import not_finite


@pytest.fixture(autouse=True)
def _same_weights() -> None:
    torch.manual_seed(0)


def batch() -> tuple[Tensor, Tensor]:
    return torch.randn(32, 784), torch.randint(10, (32,))


def base() -> Any:
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))


class Net(nn.Module):
    """Two layers with something between them."""

    def __init__(self, between: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.a, self.b, self.between = nn.Linear(784, 100), nn.Linear(100, 10), between

    def forward(self, x: Tensor) -> Tensor:
        return self.b(self.between(self.a(x)))


class TimesInf(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x * 1.0

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # pyrefly: ignore
        return gradient * math.inf


def root_of_the_positive(h: Tensor) -> Tensor:
    return torch.where(h > 0, h.sqrt(), torch.zeros_like(h))


def quotient(h: Tensor) -> Tensor:
    return torch.where(h > 0, h / h.relu(), torch.zeros_like(h))


def hooked(h: Tensor) -> Tensor:
    h = h.tanh()
    h.register_hook(lambda gradient: gradient * math.nan)
    return h


BETWEEN: dict[str, tuple[Callable[[Tensor], Tensor], str, str]] = {
    "torch.where": (root_of_the_positive, "NaN", "sqrt makes it so: at some of its numbers it has no finite"),
    "quotient": (quotient, "NaN", "div makes it so: at some of its numbers it has no finite slope"),
    "acos": (
        lambda h: (h / h.abs().detach()).acos() + h,
        "infinite",
        "acos makes it so: at some of its numbers it has no finite slope",
    ),
    "own": (lambda h: TimesInf.apply(h.relu()), "infinite", "the backward of TimesInf makes it so"),
    "hook": (hooked, "NaN", "a hook on what tanh gives makes it so: take that out"),
}


@pytest.mark.parametrize("steps", [0, 3])
@pytest.mark.parametrize(("between", "what", "why"), BETWEEN.values(), ids=BETWEEN)
def test_a_gradient_that_breaks_on_its_way_back_is_told_with_its_place_and_its_function(
    between: Callable[[Tensor], Tensor], what: str, why: str, steps: int
):
    found = examine(Net(between), *batch(), steps=steps)
    [verdict] = found.verdicts
    assert verdict.layer == "a" and verdict.change is None
    start = f"the gradient is {what} from a on, counted from the end: between b, whose own is finite, and a, "
    assert verdict.text.startswith(start + why)
    assert "Nothing is found wrong" not in str(found)
    mend = {"sqrt": ".clamp(min=1e-6).sqrt()", "acos": ".clamp(-1 + 1e-6, 1 - 1e-6) before it"}
    assert mend.get(why.split()[0], "") in verdict.text
    assert not math.isfinite(found.layers[0].grad_rms or 0) and math.isfinite(found.layers[1].grad_rms or 0)


def test_a_full_backward_hook_that_breaks_the_gradient_is_told_as_that():
    net = base()
    net[3].register_full_backward_hook(lambda module, by_input, by_output: (by_input[0] * math.nan,))
    [verdict] = examine(net, *batch()).verdicts
    assert "the gradient is NaN from 1 on, counted from the end: between 3, whose" in verdict.text
    assert "a full backward hook of a module makes it so: take that out" in verdict.text


def test_a_gradient_that_is_broken_at_the_loss_is_told_as_that():
    def rooted(output: Tensor, target: Tensor) -> Tensor:
        return (output - output.detach()).square().sum().sqrt()

    [verdict, *_] = examine(base(), *batch(), loss=rooted).verdicts
    assert "NaN from 3 on, counted from the end: between the loss and 3, sqrt makes it so" in verdict.text


class BreaksOnceMoved(Net):
    """A root of what is above 0 until a step was taken, and masked since."""

    def __init__(self) -> None:
        super().__init__(torch.relu)
        self.register_buffer("begin", self.a.weight.detach().clone())

    def forward(self, x: Tensor) -> Tensor:
        left = 1e-12 - (self.a.weight - self.get_buffer("begin")).abs().sum()
        return super().forward(x) + torch.where(left > 0, left.sqrt(), torch.zeros_like(left))


def test_a_gradient_that_breaks_at_a_later_step_is_told_with_the_step_and_no_rate_is_to_blame():
    assert examine(BreaksOnceMoved(), *batch()).verdicts == []
    [verdict] = examine(BreaksOnceMoved(), *batch(), steps=3).verdicts
    assert verdict.text.startswith("at step 1 the gradient by a.weight is NaN, and that by what each layer")
    assert "sqrt makes it so" in verdict.text and "learning rate" not in verdict.text


def test_a_hook_that_stops_watching_leaves_nothing_behind():
    net = Net(root_of_the_positive)
    examine(net, *batch())
    assert not net.a.weight._backward_hooks and not net.a._forward_hooks and net.a.weight.grad is None


def test_a_table_with_a_number_that_is_not_finite_is_never_passed():
    """Where no rule knows why, as of an update that a rate makes too large for a float."""
    for lr, text in ((0.01, ""), (1e308, "1: its update is inf, and no rule tells why.")):
        found = examine(base(), *batch(), lr=lr, loss=lambda output, y: 1e3 * F.cross_entropy(output, y))
        assert [verdict.text for verdict in found.verdicts] == ([text] if text else [])
    whole = Layer(name="a", kind="Linear", rms=1.0, grad_rms=1.0, update_ratio=0.1)
    assert list(not_finite([whole])) == []
    for broken in (
        Layer(name="b", kind="Linear", rms=math.nan),
        Layer(name="b", kind="Linear", grad_rms=math.inf),
    ):
        assert [verdict.layer for verdict in not_finite([whole, broken, broken])] == ["b"]


def test_one_nan_in_a_weight_so_wide_that_a_part_of_it_is_read_is_seen():
    weight = torch.randn(300, 300)
    assert distribution_of(weight).kind == "normal"
    for place in ((3, 3), (299, 299)):
        broken = weight.clone()
        broken[place] = math.nan
        assert distribution_of(broken).kind == "broken"
    [verdict], layers = broken_at(lambda net: net[1].weight, 1, math.nan)
    assert verdict.text.startswith(
        "1 is the first whose output is NaN: its weight is NaN itself, 1 of 78,400 numbers; kaiming_normal_"
    )
    assert verdict.change == 'nn.init.kaiming_normal_(net[1].weight, nonlinearity="relu")'
    assert layers[0].scheme == "NaN or infinite"


def broken_at(of: Callable[[Any], Tensor], many: int, number: float) -> tuple[list[Any], list[Layer]]:
    net = base()
    of(net).data.view(-1)[:many] = number
    found = examine(net, *batch())
    return found.verdicts, found.layers


def test_a_bias_that_is_broken_is_named_and_the_sound_weight_is_left():
    [verdict], _ = broken_at(lambda net: net[1].bias, 1, math.nan)
    assert "1 is the first whose output is NaN: its bias is NaN itself, 1 of 100 numbers" in verdict.text
    assert verdict.change == "nn.init.zeros_(net[1].bias)"


def test_of_numbers_of_both_kinds_both_are_named():
    net = base()
    net[1].weight.data.view(-1)[:2] = torch.tensor([math.nan, math.inf])
    [verdict] = examine(net, *batch()).verdicts
    assert "its weight is NaN or infinite itself, 2 of 78,400 numbers" in verdict.text


def test_weights_that_are_all_infinite_are_no_units_that_are_alike():
    [verdict], _ = broken_at(lambda net: net[1].weight, 78_400, math.inf)
    assert verdict.text.startswith("1 is the first whose output is")
    assert "its weight is infinite itself, all 78,400 numbers; kaiming_normal_" in verdict.text


def test_all_that_is_broken_is_mended_at_once():
    net = base()
    for own in net.parameters():
        own.data.fill_(math.nan)
    [verdict] = examine(net, *batch()).verdicts
    assert "its weight, bias are NaN themselves, all 78,500 numbers, and so are 3.weight" in verdict.text
    names: dict[str, Any] = {"net": net, "nn": nn, "torch": torch}
    exec(verdict.change or "", names)
    assert all(own.isfinite().all() for own in net.parameters())


def test_norms_and_their_statistics_are_mended_by_what_they_begin_with():
    net: Any = nn.Sequential(nn.Linear(784, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 10)).eval()
    net[1].running_var[3] = math.nan
    [verdict] = examine(net, *batch()).verdicts
    assert "its running_var is NaN itself" in verdict.text
    assert verdict.change == "net[1].reset_running_stats()"
    net[1] = nn.LayerNorm(64)
    net[1].weight.data[0] = math.nan
    [verdict] = examine(net, *batch()).verdicts
    assert verdict.change == "nn.init.ones_(net[1].weight)"


class Table(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table, self.head = nn.Embedding(50, 16), nn.Linear(16, 5)
        self.mask = nn.Parameter(torch.full((5,), -math.inf), requires_grad=False)

    def forward(self, ids: Tensor) -> Tensor:
        y = self.head(self.table(ids))
        return torch.where(ids[:, None] < 50, y, self.mask)


def test_a_row_that_the_batch_does_not_look_up_is_told_and_a_mask_is_none():
    net, ids = Table(), torch.randint(40, (64,))
    assert examine(net, ids, torch.randint(5, (64,))).verdicts == []
    net.table.weight.data[45] = math.nan
    [verdict] = examine(net, ids, torch.randint(5, (64,))).verdicts
    assert "table.weight is NaN itself, 16 of 800 numbers, though this batch shows nothing" in verdict.text


@pytest.mark.parametrize("lr", [1e3, 1e6, 1e10])
def test_a_loss_that_blows_up_is_a_matter_of_the_rate_though_gradients_overflow(lr: float):
    net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 1))
    verdicts = examine(net, torch.randn(64, 20), torch.randn(64, 1), steps=12, lr=lr).verdicts
    assert any(f"at a learning rate of {lr:g}" in verdict.text for verdict in verdicts)
    assert not any("counted from the end" in verdict.text for verdict in verdicts)


class Scaled(Net):
    def __init__(self) -> None:
        super().__init__(torch.relu)
        self.scale = nn.Parameter(torch.tensor(math.nan))

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) * self.scale.exp()


def test_a_parameter_of_no_layer_that_breaks_the_loss_alone_is_named():
    [verdict] = examine(Scaled(), *batch()).verdicts
    assert verdict.text.startswith("scale is NaN itself, and so the loss is NaN")


def test_a_batch_and_a_weight_that_are_broken_are_both_told():
    net, (x, y) = base(), batch()
    net[1].bias.data[0], x[0, 0] = math.nan, math.nan
    first, second = examine(net, x, y).verdicts
    assert "the input itself has NaN" in first.text and "its bias is NaN itself" in second.text
    assert second.change is None  # for nothing shows that it helps


def test_a_deep_net_that_is_nan_throughout_is_told_at_once():
    net = nn.Sequential(*(nn.Linear(16, 16) for _ in range(150)))
    for own in net.parameters():
        own.data.fill_(math.nan)
    [verdict] = examine(net, torch.randn(8, 16), torch.randint(16, (8,))).verdicts
    assert "and so are 1.weight, 1.bias, 2.weight, 2.bias and 294 more" in verdict.text
    assert verdict.change and len(verdict.change.splitlines()) < 9


@pytest.mark.parametrize(
    ("last", "says"),
    [
        (torch.log, "is NaN: look behind l, the last of them, for a division by 0, a log or root"),
        (lambda z: (1000 * z).exp(), "is infinite: look behind l, the last of them, for an exp or a power"),
    ],
)
def test_what_breaks_behind_the_last_layer_is_looked_for_there_and_not_in_the_loss(last, says):
    class Last(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.l = nn.Linear(784, 10)

        def forward(self, x: Tensor) -> Tensor:
            return last(self.l(x))

    [verdict] = examine(Last(), *batch()).verdicts
    assert f"every layer is finite, and the net's output {says}" in verdict.text
