"""What no examination can be made of is one sentence with the mend, and what is empty is told as that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn

from initplay.lab import examine
from initplay.lab.examining.called import call_once
from initplay.lab.examining.nesting import shortened
from initplay.lab.examining.net import net_of, wants_gpu
from initplay.lab.examining.refused import Refused


class Does(nn.Module):
    """A net whose forward is what it is told to do with its layer's output."""

    def __init__(self, what: Callable[[Any, Tensor], object]) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 3)
        self.what = what

    def forward(self, x: Tensor) -> object:
        return self.what(self, self.fc(x))


class Beside(nn.Module):
    """A layer, beside others that nothing calls."""

    def __init__(self, **others: nn.Module) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 3)
        for name, other in others.items():
            self.add_module(name, other)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x)


class Two(NamedTuple):
    policy: Tensor
    value: Tensor


def nested(parts: list[Tensor], layout: torch.layout = torch.strided) -> Tensor:
    return torch.nested.as_nested_tensor(parts, layout=layout)


def asks(_net: Any, _y: Tensor) -> object:
    raise EOFError("EOF when reading a line")


ENDED = iter(())


def takes_the_next(_net: Any, y: Tensor) -> Tensor:
    return y + next(ENDED)


def raises_without_a_word(_net: Any, y: Tensor) -> Tensor:
    raise ValueError


@pytest.mark.parametrize(
    ("net", "says"),
    [
        (
            Does(takes_the_next),
            r"^The net's forward takes the next of an iterator that has ended \(StopIterat",
        ),
        (Does(raises_without_a_word), r"does not take an input of shape 2x4: ValueError; x is a tensor"),
        (Does(lambda net, y: net(y[:, :1].repeat(1, 4))), r"calls itself without an end: let it return"),
        (Does(asks), r"asks for input .*, and nobody answers: take that out"),
        (Does(lambda _, y: y.repeat(2**42, 1)), r"not enough memory for a pass of this net: examine fewer"),
        (Does(lambda _, y: y.mean().item()), r"a float and no tensor: let its forward return the tensor"),
        (Does(lambda _, y: (one for one in y)), r"a generator and no tensor: let its forward return"),
        (nn.Linear(4, 3, device="meta"), r"on the meta device, where tensors have a shape and no numbers"),
        (Does(lambda _, y: y.to("meta")), r"gives tensors on the meta device, which have a shape and no num"),
        (Does(lambda _, y: (y.sigmoid(), y)), r"functional.mse_loss\(output\[0\], y\)` into the file"),
        (Does(lambda _, y: Two(y.softmax(-1), y)), r"functional.nll_loss\(output.policy.log\(\), y\)` into"),
        (
            Beside(l=nn.LazyLinear(4)),
            r"^l is never called, so its weights never get a shape: call it in ",
        ),
        (Beside(l=nn.LazyConv1d(4, 3), m=nn.LazyBatchNorm1d()), r"^l, m are never called, so their weights"),
        (
            Does(lambda _, y: nested([y, y[:1]])),
            r"^The net gives a nested tensor, .* let it return torch",
        ),
        (Does(lambda _, y: nested([y], layout=torch.jagged)), r"^The net gives a nested tensor, "),
    ],
)
@pytest.mark.filterwarnings("ignore:.*nested")
def test_it_is_one_sentence_with_the_mend(net: nn.Module, says: str):
    with pytest.raises(Refused, match=says) as refused:
        examine(net, torch.zeros(2, 4))
    assert "\n" not in str(refused.value)


def asks_for_no_such_name(_net: Any, y: Tensor) -> object:
    return softmaxx(y)  # type: ignore  # noqa: F821


@pytest.mark.parametrize(
    ("what", "says"),
    [
        (lambda net, y: net.fcc(y), "AttributeError in line {} of {}, 'Does' object has no attribute 'fcc'"),
        (asks_for_no_such_name, "NameError in line {} of {}, name 'softmaxx' is not defined"),
    ],
)
def test_a_name_that_is_not_there_is_said_with_its_line_and_no_other_input_is_asked_for(what, says: str):
    with pytest.raises(Refused) as refused:
        examine(Does(what), torch.zeros(2, 4))
    code = what.__code__
    line = max(line for *_, line in code.co_lines() if line)
    assert says.format(line, Path(code.co_filename).name) in str(refused.value)
    assert "shape" not in str(refused.value) and "--input" not in str(refused.value)


def test_what_the_input_lacks_is_of_the_input():
    with pytest.raises(Refused, match="does not take an input of shape 2x4: AttributeError"):
        examine(Does(lambda _, y: y.input_ids), torch.zeros(2, 4))  # type: ignore


FLAT = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(100, 10))
CHANNELS = nn.Sequential(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(16, 8, 3))
CUT_UP = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten(), nn.Linear(72, 10))


@pytest.mark.parametrize(
    ("net", "says"),
    [
        (
            FLAT,
            "2x784 as far as layer 0, and then layer 2 takes 100 numbers and gets 50 from layer 0: let it "
            "take 50, or layer 0 give 1",
        ),
        (
            CHANNELS,
            "2x1x28x28 as far as layer 1, and then layer 3 takes 16 channels and gets 8 from layer 1: let it "
            "take 8, or layer 1 give",
        ),
        (
            CUT_UP,
            "2x1x28x28 as far as layer 0, and then layer 2 takes 72 numbers and gets 5408 from layer 0: let "
            "it take 5408",
        ),
    ],
)
def test_layers_that_do_not_fit_one_another_are_told_and_the_input_is_not_blamed(net: nn.Module, says: str):
    """However many the layer before gives, where what it gave was cut up: that goes with the input."""
    shape = says.partition(" ")[0].removeprefix("2x")
    x = torch.zeros(2, *map(int, shape.split("x")))
    for look in (lambda: call_once(net, ((x,), {})), lambda: examine(net, x)):
        with pytest.raises(Refused) as refused:
            look()
        assert says in str(refused.value) and "not take an input" not in str(refused.value)


def test_a_function_that_two_signals_do_not_fit_is_told_with_the_layer_before_it():
    net = Does(lambda _, y: y + torch.zeros(2, 5))
    with pytest.raises(
        Refused, match="takes an input of shape 2x4 as far as fc: RuntimeError, The size of ten"
    ):
        examine(net, torch.zeros(2, 4))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: torch.zeros(0, 4), "is empty, of shape 0x4: give a batch with examples"),
        (lambda: torch.zeros(2, 4, device="meta"), "is on the meta device"),
        (
            lambda: torch.quantize_per_tensor(torch.zeros(2, 4), 0.1, 0, torch.qint8),
            r"is quantized: .*\.dequantize\(\)",
        ),
        (lambda: torch.nested.nested_tensor([torch.zeros(2, 4)]), "is a nested tensor.*to_padded_tensor"),
    ],
)
def test_a_batch_without_numbers_is_one_sentence(make: Callable[[], Tensor], says: str):
    for batch, which in (((make(), None), "x"), ((torch.zeros(2, 4), make()), "y")):
        with pytest.raises(Refused, match=f"^{which} {says}") as refused:
            examine(nn.Linear(4, 3), *batch)
        assert "\n" not in str(refused.value)


def test_one_example_is_too_few_for_a_batch_norm():
    net = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))
    with pytest.raises(Refused, match=r"normalization in 1 goes by .* give two examples or more\.$"):
        examine(net, torch.randn(1, 4))


@pytest.mark.filterwarnings("ignore:.*nested")
@pytest.mark.parametrize("layout", [torch.strided, torch.jagged])
def test_a_nested_tensor_on_the_way_is_told_and_no_failure(layout: torch.layout):
    def in_and_out(net: Any, y: Tensor) -> Tensor:
        return torch.cat(net.inner(nested([y, y[:1]], layout)).unbind())

    net = Does(in_and_out)
    net.inner = nn.Linear(3, 3)
    found = examine(net, torch.randn(2, 4))
    assert any(note.startswith("inner gives no tensor of floats that is in") for note in found.notes)


def test_a_batch_of_zeros_is_told_and_no_net_without_a_fault():
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    [verdict, *_] = examine(net, torch.zeros(8, 4)).verdicts
    assert verdict.text.startswith("the input is all zeros: no signal goes into 0, and no gradient by a wei")
    ids = nn.Sequential(nn.Embedding(3, 8), nn.Flatten(), nn.Linear(8, 3))
    assert not any("zeros" in one.text for one in examine(ids, torch.zeros(8, 1, dtype=torch.long)).verdicts)


@pytest.mark.filterwarnings("ignore:Initializing zero-element")
def test_a_layer_without_units_and_an_output_without_examples_are_told_as_that():
    nothing: Any = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))
    nothing[0] = nn.Linear(4, 0)
    nothing[1] = nn.Linear(0, 2)
    [verdict] = examine(nothing, torch.randn(8, 4)).verdicts
    assert verdict.layer == "0" and "0 gives no numbers: its output has shape 8x0" in verdict.text
    [verdict] = examine(Does(lambda _, y: y[:0]), torch.randn(8, 4)).verdicts
    assert "the net gives no numbers: its output has shape 0x3" in verdict.text


def test_a_word_with_mps_in_it_wants_no_gpu():
    assert not wants_gpu(AttributeError("module 'json' has no attribute 'dumps_'"))
    assert wants_gpu(RuntimeError("Expected one of cpu, cuda, mps device type"))


class Around(nn.Module):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x)


def around(times: int) -> nn.Module:
    net: nn.Module = nn.Linear(4, 3)
    for _ in range(times):
        net = Around(net)
    return net


@pytest.mark.parametrize(
    ("times", "reached"),
    [(400, r"they ended \d+ modules deep, in inner\.inner\.…\.inner"), (1200, "those to")],
)
def test_a_net_that_is_nested_too_deep_is_told_as_that_and_its_name_is_short(times: int, reached: str):
    """It calls nothing without an end, and a name of all its parts would fill a screen."""
    with pytest.raises(Refused, match=rf"nested too deep: Python takes .* and {reached}") as told:
        examine(around(times), torch.randn(2, 4))
    assert "without an end" not in str(told.value) and len(str(told.value)) < 300
    with pytest.raises(Refused, match="nested too deep"):
        call_once(net_of(module_of(around(times)), None)[0], ((torch.randn(2, 4),), {}))


def module_of(net: nn.Module) -> ModuleType:
    module = ModuleType("a_file")
    module.net = net  # pyrefly: ignore
    return module


def test_a_net_is_looked_at_as_deep_as_it_runs():
    """Nothing of what looks on is a call within each of its calls."""
    assert examine(around(150), torch.randn(8, 4)).verdicts == []


def test_a_long_name_is_told_by_its_ends():
    assert shortened("net.blocks.3.proj") == "net.blocks.3.proj"
    assert shortened(".".join(["inner"] * 99 + ["last"])) == "inner.inner.….last"
    assert shortened("a" * 99) == "a" * 99
