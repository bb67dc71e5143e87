"""Nets as they stand in people's files, each of a kind that was once not seen, not taken or not left as it
was."""

from __future__ import annotations

import random
import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations
from torch.utils.checkpoint import checkpoint

from initplay.lab import examine
from initplay.lab.events import Note
from initplay.lab.examining.examination import examining, input_for
from initplay.lab.examining.experiment import _on
from initplay.lab.examining.inputs import moved, read_batch
from initplay.lab.examining.refused import Refused
from initplay.lab.examining.sizes import size_of


@pytest.fixture(autouse=True)
def _same_weights() -> None:
    torch.manual_seed(0)


class Skips(nn.Module):
    """A U-Net in small: what comes up is joined with what went down."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.ModuleList(nn.Conv2d(i, 8, 3, padding=1) for i in (1, 8, 8, 8, 8))
        self.up = nn.ModuleList(nn.Conv2d(16, 8, 3, padding=1) for _ in range(4))
        self.head = nn.Conv2d(8, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        kept = []
        for layer in self.down:
            x = torch.relu(layer(x))
            kept.append(x)
        for layer, other in zip(self.up, kept[3::-1], strict=True):
            x = torch.relu(layer(torch.cat([x, other], 1)))
        return self.head(x)


def test_a_signal_that_is_lost_before_a_skip_is_seen():
    verdict = examine(Skips(), torch.randn(8, 1, 16, 16)).verdicts[0]
    assert verdict.text.startswith("down.0 … down.4 (5 layers): torch's default under ReLU")
    assert verdict.change and "kaiming_normal_" in verdict.change


def test_a_gradient_that_200_layers_lose_is_a_fault_and_its_cure_keeps_it_over_all_of_them():
    """torch's default passes on 1/√3 a layer under tanh: not much is lost in one, all is in 200."""
    deep: Any = nn.Sequential(*(part for _ in range(200) for part in (nn.Linear(32, 32), nn.Tanh())))
    net = deep.append(nn.Linear(32, 4))
    found = examine(net, torch.randn(16, 32))
    [verdict] = found.verdicts
    assert verdict.text.startswith("0 … 400 (201 layers)") and "xavier_normal_(w) gives" in verdict.text
    assert verdict.change and 'name not in ["400"]' in verdict.change and len(verdict.change) < 300
    exec(verdict.change, {"net": net, "nn": nn})
    assert not examine(net, torch.randn(16, 32), cure=False).verdicts


class Clamped(nn.Module):
    """ReLU written as what it does."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(64, 64) for _ in range(5))
        self.head = nn.Linear(64, 4)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x).clamp(min=0)
        return self.head(x)


def test_clamping_at_0_is_a_relu():
    found = examine(Clamped(), torch.randn(32, 64))
    assert found.layers[0].dead == 0 and "torch's default under ReLU" in found.verdicts[0].text


class AtRandom(nn.Module):
    """As many layers as Python's dice say."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(random.randint(1, 3)):
            x = torch.tanh(self.layer(x))
        return x


def test_two_looks_throw_the_same_dice_and_python_keeps_its_own():
    net, x, dice = AtRandom(), torch.randn(8, 8), random.getstate()
    looks = [len(examine(net, x).layers) for _ in range(6)]
    assert len(set(looks)) == 1 and random.getstate() == dice


class InPlace(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x.div_(100))


def test_a_net_that_works_on_its_input_in_place_leaves_the_batch_alone():
    x = torch.randn(64, 8)
    before = x.clone()
    found = examine(InPlace(), x, steps=2)
    assert torch.equal(x, before) and found.facts["input_rms"] == pytest.approx(size_of(before))


class ByName(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, *, features: Tensor, scale: float = 1.0) -> Tensor:
        return self.fc(features * scale)


class FromADict(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        return self.fc(batch["left"] + batch["right"])


def test_inputs_go_to_the_names_that_the_net_has_for_them():
    x = torch.randn(4, 8)
    alone, batch = examine(ByName(), x), examine(FromADict(), {"left": x, "right": x})
    made, _ = input_for(ByName(), None)
    assert alone.facts["loss"] and batch.facts["loss"] and made[0].shape == (32, 8)


def test_a_file_of_inputs_by_name_keeps_what_stands_beside_x(tmp_path: Any):
    """Such as the edges of a graph beside its nodes."""
    path = str(tmp_path / "graph.pt")
    torch.save({"x": torch.ones(3, 2), "edges": torch.zeros(2, 4), "y": torch.ones(3)}, path)
    x, y = read_batch(path)
    assert set(x) == {"x", "edges"} and y.shape == (3,)


class Scaled(nn.Module):
    """Its first parameter is of another precision than all its others."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1, dtype=dtype))
        self.fc = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x) * self.scale.float()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64, torch.float8_e4m3fn])
def test_a_batch_has_the_precision_of_most_of_the_net(dtype: torch.dtype):
    made, _ = input_for(Scaled(dtype), None)
    assert made[0].dtype is torch.float32
    assert [one.name for one in examine(Scaled(dtype), torch.randn(4, 8).double()).layers] == ["fc", "scale"]
    eights = nn.Sequential(nn.Linear(4, 90), nn.Linear(90, 4))  # more of them, and only kept so
    eights[0].weight = nn.Parameter(torch.ones(90, 4, dtype=torch.float16))
    eights[1].weight = nn.Parameter(torch.ones(4, 90).to(torch.float8_e4m3fn), requires_grad=False)
    assert moved(torch.ones(2), eights).dtype is torch.float16


class Cut(nn.Module):
    """Its first layer reads pieces of a picture."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(48, 5)

    def forward(self, x: Tensor) -> Tensor:
        b, c, h, w = x.shape
        pieces = x.reshape(b, c, h // 4, 4, w // 4, 4).permute(0, 2, 4, 3, 5, 1).reshape(b, -1, 16 * c)
        return self.fc(pieces).mean(1)


def test_a_picture_is_tried_where_the_first_layer_does_not_say_what_comes_in():
    made, said = input_for(Cut(), None)
    assert made[0].shape == (32, 3, 32, 32) and "32x3x32x32" in said


def test_lazy_layers_take_their_shapes_in_a_copy_also_where_they_have_buffers():
    net: Any = nn.Sequential(nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(3))
    made, _ = input_for(net, None)
    found = examine(net, made)
    assert [one.kind for one in found.layers] == ["Conv2d", "BatchNorm2d", "Linear"]
    assert nn.parameter.is_lazy(net[0].weight) and nn.parameter.is_lazy(net[1].running_mean)


class Words(nn.Module):
    """Skip-gram: one vector in, one out, and sparse gradients."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = nn.Embedding(50, 8, sparse=True), nn.Embedding(50, 8, sparse=True)
        nn.init.zeros_(self.right.weight)

    def forward(self, pairs: Tensor) -> Tensor:
        return (self.left(pairs[:, 0]) * self.right(pairs[:, 1])).sum(1)


def test_sparse_gradients_are_measured_and_followed():
    pairs = torch.randint(50, (64, 2))
    found = examine(Words(), pairs, loss=lambda score: -score.sigmoid().log().mean(), steps=3, lr=10)
    by_name = {one.name: one for one in found.layers}
    assert by_name["left"].update_ratio == 0 and found.facts["loss_last"] < found.facts["loss"]
    assert "right begins with zeros" in " ".join(found.notes)
    sparse = torch.sparse_coo_tensor(
        torch.tensor([[0, 0, 2]]), torch.tensor([1.0, 2.0, 4.0]), (5,), check_invariants=True
    )
    assert size_of(sparse) == pytest.approx(size_of(sparse.to_dense()))


class SparseWeight(nn.Module):
    def __init__(self, layout: torch.layout) -> None:
        super().__init__()
        full = torch.randn(64, 64) * (torch.rand(64, 64) < 0.2)
        self.weight = nn.Parameter(full.to_sparse(layout=layout))
        self.head = nn.Linear(64, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head((self.weight @ x.T).T.relu())


@pytest.mark.filterwarnings("ignore:Sparse CSR")
@pytest.mark.parametrize("layout", [torch.sparse_coo, torch.sparse_csr])
def test_a_sparse_weight_is_read_as_what_it_stands_for(layout: Any):
    net, x = SparseWeight(layout), torch.randn(32, 64)
    by_name = {one.name: one for one in examine(net, x).layers}
    assert (by_name["weight"].scheme or "").startswith("sparse, 8") and "std 1" in str(
        by_name["weight"].scheme
    )
    assert by_name["weight"].rms == pytest.approx(size_of(net.weight.detach().to_dense() @ x.T), rel=1e-4)
    assert size_of(net.weight) == pytest.approx(size_of(net.weight.detach().to_dense()), rel=1e-5)
    by_targets = examine(nn.Linear(64, 3), x.to_sparse(layout=layout), torch.randn(32, 3), steps=1)
    assert by_targets.facts["input_rms"] == pytest.approx(size_of(x), rel=1e-5)


class Part(nn.Module):
    def __init__(self, parent: nn.Module) -> None:
        super().__init__()
        self.parent, self.fc = parent, nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x)


class HoldsItself(nn.Module):
    """By a part that knows what it is in: torch's `.to()` goes through that without an end."""

    def __init__(self) -> None:
        super().__init__()
        self.part, self.out = Part(self), nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.part(x).relu())


def test_a_net_that_holds_itself_is_seen_all_the_same():
    found = examine(HoldsItself(), torch.randn(8, 8), steps=1)
    assert [one.name for one in found.layers] == ["part.fc", "out"] and found.facts["steps"] == 1
    assert any(note.startswith("part.parent: a module that it is in itself") for note in found.notes)
    assert _on(HoldsItself(), "cpu")
    with pytest.raises(Refused, match=r"cannot be moved to meta, for part\.parent is a module that it is in"):
        _on(HoldsItself(), "meta")


class Watched(nn.Module):
    """Grows a buffer as it is called, as what watches a net before it is quantized."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 3)
        self.register_buffer("seen", torch.zeros(0))

    def forward(self, x: Tensor) -> Tensor:
        y = self.fc(x)
        self.seen.resize_(3).copy_(y.detach().amax(0))
        return y


def test_a_buffer_that_grows_is_made_small_again():
    net = Watched()
    assert examine(net, torch.randn(8, 8)).layers and net.seen.shape == (0,)


class Pixels(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x / 255)


def test_a_net_that_makes_something_else_of_noise_is_told_of():
    """For a batch that is made up alone."""
    net, x = Pixels(), torch.randn(8, 8)
    events = examining(net, x, None, loss=None, lr=0.1, steps=0, own_input=False)
    notes = [one.text for one in events if isinstance(one, Note)]
    assert any("Before fc the net makes rms 0.00" in note and "--batch gives it" in note for note in notes)
    assert not examine(net, x).notes


class Waves(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(8, 9, dtype=torch.cfloat) / 16)

    def forward(self, x: Tensor) -> Tensor:
        return torch.fft.irfft(torch.fft.rfft(x)[:, None] * self.weight, n=x.shape[-1]).mean(1)


def test_complex_weights_are_read_with_both_their_parts():
    net = Waves()
    found = examine(net, torch.randn(32, 16), steps=1)
    assert (found.layers[0].scheme or "").startswith("uniform_ from 0 to 0.062") and found.layers[
        0
    ].update_ratio
    assert size_of(net.weight) == pytest.approx(net.weight.abs().square().mean().sqrt().item(), rel=1e-5)


class LastStep(nn.Module):
    """Of a recurrent layer only the last hidden state is read."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.fc = nn.GRU(4, 8, batch_first=True), nn.Linear(8, 1)

    def forward(self, x: Tensor) -> Tensor:
        _, h = self.rnn(x)
        return self.fc(h[-1])


def test_a_layer_of_several_outputs_has_the_gradient_of_the_one_that_counts():
    net, x = LastStep(), torch.randn(16, 5, 4)
    y = torch.randn(16, 1)
    found = examine(net, x, y)
    _, h = net.rnn(x)
    h.retain_grad()
    nn.functional.mse_loss(net.fc(h[-1]), y).backward()
    assert h.grad is not None and found.layers[0].grad_rms == pytest.approx(size_of(h.grad), rel=1e-4)


class WithItsLoss(nn.Module):
    """As nanoGPT has it: logits, and a loss where there are targets."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x: Tensor, targets: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        logits = self.fc(x)
        loss = None if targets is None else nn.functional.cross_entropy(logits, targets)
        return logits, loss


def test_logits_beside_a_loss_or_beside_none():
    net, x, y = WithItsLoss(), torch.randn(16, 8), torch.randint(3, (16,))
    expected = pytest.approx(nn.functional.cross_entropy(net.fc(x), y).item())
    assert examine(net, x, y).facts["loss"] == expected
    own = examine(net, (x, y))
    assert own.facts["loss"] == expected and own.facts["loss_name"] == "the net's own"
    assert "The loss is taken of output[1]" in " ".join(own.notes)


def test_a_loss_of_the_file_gets_a_target_that_is_made_up_where_there_is_none():
    net = nn.Linear(4, 3)
    found = examine(net, torch.randn(8, 4), loss=lambda output, y: nn.functional.cross_entropy(output, y))
    assert found.facts["loss"] > 0


def test_a_weight_that_is_made_anew_at_each_call_is_set_and_not_drawn_in_place():
    """`nn.init` would fill a tensor that the next call throws away."""
    layers = [parametrizations.weight_norm(nn.Linear(64, 64)) for _ in range(5)]
    net: Any = nn.Sequential(*(part for one in layers for part in (one, nn.ReLU())), nn.Linear(64, 4))
    [verdict] = examine(net, torch.randn(32, 64)).verdicts
    assert (
        verdict.change
        and "layer.weight = nn.init.kaiming_normal_(torch.empty_like(layer.weight)" in verdict.change
    )
    exec(verdict.change, {"net": net, "nn": nn, "torch": torch})
    assert not examine(net, torch.randn(32, 64), cure=False).verdicts


def test_a_weight_whose_size_another_part_says_is_left_alone():
    held: Any = [
        parametrizations.orthogonal(nn.Linear(64, 64)),
        parametrizations.spectral_norm(nn.Linear(64, 64)),
    ]
    free = [nn.Linear(64, 64) for _ in range(4)]
    net: Any = nn.Sequential(*(part for one in (*free, *held) for part in (one, nn.ReLU())), nn.Linear(64, 4))
    [verdict] = examine(net, torch.randn(32, 64)).verdicts
    assert verdict.change and "net[6]" in verdict.change and "net[8]" not in verdict.change


class Remembered(nn.Module):
    def __init__(self, *, reentrant: bool) -> None:
        super().__init__()
        self.stem, self.fc, self.head = nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 3)
        self.reentrant = reentrant

    def forward(self, x: Tensor) -> Any:
        return self.head(checkpoint(self.fc, self.stem(x), use_reentrant=self.reentrant))


@pytest.mark.long  # of torch's compiler, which the first checkpoint imports
def test_checkpoints_are_seen_through_or_named_with_the_mend():
    x = torch.randn(8, 8)
    assert all(one.grad_rms for one in examine(Remembered(reentrant=False), x).layers)
    [verdict] = examine(Remembered(reentrant=True), x).verdicts
    assert "write use_reentrant=False in each call of it" in verdict.text


def test_a_generators_picture_is_no_class():
    """What ends with tanh is held against a target of its shape, and not taken for logits."""
    net = nn.Sequential(
        nn.ConvTranspose2d(8, 16, 4, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(True),
        nn.ConvTranspose2d(16, 3, 4, 2, 1, bias=False),
        nn.Tanh(),
    )
    found = examine(net, torch.randn(8, 8, 1, 1))
    assert found.facts["loss_name"] == "mse" and found.verdicts == []


def test_softmax_before_cross_entropy_is_a_fault():
    """By its module, with the change; and as a function. With a loss of one's own it is none."""
    x, y = torch.randn(32, 20), torch.randint(10, (32,))
    net = nn.Sequential(nn.Linear(20, 10), nn.Softmax(-1))
    [verdict] = examine(net, x, y).verdicts
    best = nn.functional.cross_entropy(torch.eye(10), torch.arange(10)).item()
    assert f"even the best net has a loss of {best:.2f}" in verdict.text
    assert verdict.change == "net[1] = nn.Identity()" and " gives logits and a first loss" in verdict.text
    exec(verdict.change, {"net": net, "nn": nn})
    assert examine(net, x, y).verdicts == []
    shares = Shares()
    assert examine(shares, x, y).verdicts[0].change is None
    assert examine(shares, x, y, loss=lambda p, y: nn.functional.nll_loss(p.log(), y)).verdicts == []


class Shares(nn.Linear):
    """Gives shares by a function."""

    def __init__(self) -> None:
        super().__init__(20, 10)

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input).softmax(-1)


class Siamese(nn.Module):
    """One encoder for three inputs; `normed` says whether its end is made one of length 1."""

    def __init__(self, *, normed: bool) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU()
        )
        self.head, self.normed = nn.Linear(64, 16), normed

    def forward(self, *three: Tensor) -> list[Tensor]:
        ends = [self.head(self.encoder(one)) for one in three]
        return [nn.functional.normalize(one, dim=-1) for one in ends] if self.normed else ends


def triplet(ends: list[Tensor]) -> Tensor:
    anchor, positive, negative = ends
    return nn.functional.triplet_margin_loss(anchor, positive, negative)


def test_one_encoder_for_several_inputs_is_told_of_once():
    x = tuple(torch.randn(32, 64) for _ in range(3))
    found = examine(Siamese(normed=False), x, loss=triplet)
    [verdict] = found.verdicts
    assert verdict.text.startswith("encoder.0 … ") and "(call" not in verdict.text
    assert [layer.name for layer in found.layers].count("head (call 3)") == 1


def test_what_is_made_of_length_1_has_no_size_of_its_own_to_lose():
    """Of two layers and a head that `F.normalize` follows nothing is lost that would come back as less."""
    net: Any = Siamese(normed=True)
    del net.encoder[4:]
    x = tuple(torch.randn(32, 64) for _ in range(3))
    assert examine(net, x, loss=triplet).verdicts == []


@pytest.mark.filterwarnings("ignore:.*weight_norm. is deprecated:FutureWarning")
def test_a_net_that_keeps_a_tensor_it_computed_is_copied_all_the_same():
    """As the weight_norm of old does, of which torch makes no copy."""
    layers: Any = [torch.nn.utils.weight_norm(nn.Linear(64, 64)) for _ in range(5)]
    net = nn.Sequential(*(part for one in layers for part in (one, nn.ReLU())), nn.Linear(64, 4))
    found = examine(net, torch.randn(32, 64))
    assert {layer.scheme for layer in found.layers} == {"torch's default"}
    [verdict] = found.verdicts
    assert "cannot be copied" not in verdict.text and "torch's default under ReLU" in verdict.text
    exec(verdict.change or "", {"net": net, "nn": nn, "torch": torch})
    assert not examine(net, torch.randn(32, 64), cure=False).verdicts


@pytest.mark.filterwarnings("ignore")
def test_a_net_with_nothing_to_initialize_is_refused_with_the_reason():
    with pytest.raises(Refused, match="no parameters, so that nothing in it is initialized"):
        examine(nn.ReLU(), torch.randn(2, 2))
    quantized = torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.Linear(4, 4)), {nn.Linear})
    with pytest.raises(Refused, match=r"quantized.*name the net that it was made of"):
        examine(quantized, torch.randn(2, 4))


COMPILED = """
import torch
from torch import nn
from initplay.lab import examine

net = nn.Sequential(torch.compile(nn.Sequential(nn.Linear(8, 8), nn.ReLU())), nn.Linear(8, 3))
print([layer.name for layer in examine(net, torch.randn(4, 8)).layers])
"""


@pytest.mark.long
def test_a_part_that_torch_compile_was_given_is_seen_as_it_was_written():
    done = subprocess.run([sys.executable, "-c", COMPILED], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['0._orig_mod.0', '1']"
