"""Which initialization a weight came from is recognized, on kinds of layers times schemes, over seeds."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn
from torch.nn import init

from initplay.lab import examine
from initplay.lab.examining.distribution import distribution_of
from initplay.lab.examining.fan import products, ways_to_read
from initplay.lab.examining.schemes import Scheme, scheme_of, schemes_of

SEEDS = range(5)


def linear() -> nn.Module:
    return nn.Linear(96, 160)


def conv() -> nn.Module:
    return nn.Conv2d(16, 40, 3)


def untouched(_: Tensor) -> None:
    """As torch made it."""


def per_gate(fill: Callable[[Tensor], object], size: int) -> Callable[[Tensor], None]:
    def apply(weight: Tensor) -> None:
        for part in weight.detach().split(size):
            fill(part)

    return apply


DEFAULT = "torch's default"
PAIRS: dict[str, tuple[Callable[[], nn.Module], str, Callable[[Tensor], object], str]] = {
    "Linear": (linear, "weight", untouched, DEFAULT),
    "Conv1d": (lambda: nn.Conv1d(16, 32, 5), "weight", untouched, DEFAULT),
    "Conv2d": (conv, "weight", untouched, DEFAULT),
    "Conv3d": (lambda: nn.Conv3d(4, 8, 3), "weight", untouched, DEFAULT),
    "Conv2d 1x1": (lambda: nn.Conv2d(48, 64, 1), "weight", untouched, DEFAULT),
    "Conv2d grouped": (lambda: nn.Conv2d(64, 32, 3, groups=4), "weight", untouched, DEFAULT),
    "Conv2d depthwise": (lambda: nn.Conv2d(64, 64, 5, groups=64), "weight", untouched, DEFAULT),
    "ConvTranspose1d": (lambda: nn.ConvTranspose1d(16, 24, 4), "weight", untouched, DEFAULT),
    "ConvTranspose2d": (lambda: nn.ConvTranspose2d(16, 24, 3), "weight", untouched, DEFAULT),
    "ConvTranspose3d": (lambda: nn.ConvTranspose3d(8, 4, 3), "weight", untouched, DEFAULT),
    "Embedding": (lambda: nn.Embedding(80, 32, padding_idx=0), "weight", untouched, DEFAULT),
    "EmbeddingBag": (lambda: nn.EmbeddingBag(80, 32), "weight", untouched, DEFAULT),
    "Bilinear": (lambda: nn.Bilinear(12, 14, 16), "weight", untouched, DEFAULT),
    "RNN input": (lambda: nn.RNN(24, 64), "weight_ih_l0", untouched, DEFAULT),
    "LSTM recurrent": (lambda: nn.LSTM(24, 48), "weight_hh_l0", untouched, DEFAULT),
    "GRU recurrent": (lambda: nn.GRU(24, 48), "weight_hh_l0", untouched, DEFAULT),
    "LSTMCell": (lambda: nn.LSTMCell(24, 40), "weight_ih", untouched, DEFAULT),
    "attention": (lambda: nn.MultiheadAttention(48, 4), "in_proj_weight", untouched, DEFAULT),
    "attention xavier": (
        lambda: nn.MultiheadAttention(48, 4),
        "in_proj_weight",
        per_gate(init.xavier_uniform_, 48),
        "xavier_uniform_, a projection",
    ),
    "LSTM orthogonal": (
        lambda: nn.LSTM(24, 48),
        "weight_hh_l0",
        per_gate(init.orthogonal_, 48),
        "orthogonal_, a gate",
    ),
    "LSTM xavier": (
        lambda: nn.LSTM(24, 48),
        "weight_ih_l0",
        per_gate(init.xavier_uniform_, 48),
        "xavier_uniform_, a gate",
    ),
    "RNN identity": (lambda: nn.RNN(24, 64), "weight_hh_l0", init.eye_, "eye_"),
    "Linear kaiming": (
        linear,
        "weight",
        lambda w: init.kaiming_normal_(w, nonlinearity="relu"),
        "kaiming_normal_, fan_in, relu",
    ),
    "Linear kaiming out": (
        linear,
        "weight",
        lambda w: init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"),
        "kaiming_normal_, fan_out, relu",
    ),
    "Linear kaiming uniform": (
        linear,
        "weight",
        lambda w: init.kaiming_uniform_(w, nonlinearity="relu"),
        "kaiming_uniform_, fan_in, relu",
    ),
    "Linear kaiming leaky": (
        linear,
        "weight",
        lambda w: init.kaiming_uniform_(w, a=0.2),
        "kaiming_uniform_, fan_in, a=0.2",
    ),
    "Linear lecun": (
        linear,
        "weight",
        lambda w: init.kaiming_normal_(w, nonlinearity="linear"),
        "lecun_normal_",
    ),
    "Linear lecun uniform": (
        linear,
        "weight",
        lambda w: init.kaiming_uniform_(w, nonlinearity="linear"),
        "lecun_uniform_",
    ),
    "Linear xavier": (linear, "weight", init.xavier_normal_, "xavier_normal_"),
    "Linear xavier uniform": (linear, "weight", init.xavier_uniform_, "xavier_uniform_"),
    "Linear xavier tanh": (
        linear,
        "weight",
        lambda w: init.xavier_uniform_(w, gain=5 / 3),
        "xavier_uniform_, gain 5/3",
    ),
    "Linear square xavier": (lambda: nn.Linear(64, 64), "weight", init.xavier_normal_, "xavier_normal_"),
    "Linear orthogonal": (linear, "weight", init.orthogonal_, "orthogonal_"),
    "Linear orthogonal √2": (
        linear,
        "weight",
        lambda w: init.orthogonal_(w, math.sqrt(2)),
        "orthogonal_, gain √2",
    ),
    "Linear 0.02": (linear, "weight", lambda w: init.normal_(w, std=0.02), "normal_, std 0.02"),
    "Linear 0.01": (linear, "weight", lambda w: init.normal_(w, std=0.01), "normal_, std 0.01"),
    "Linear GPT-2": (
        linear,
        "weight",
        lambda w: init.normal_(w, std=0.02 / math.sqrt(24)),
        "normal_, std 0.02 / √24 (GPT-2's)",
    ),
    "Linear N(0, 1)": (linear, "weight", init.normal_, "normal_, std 1"),
    "Linear ±0.1": (linear, "weight", lambda w: init.uniform_(w, -0.05, 0.05), "uniform_ to ±0.05"),
    "Linear from 0": (linear, "weight", init.uniform_, "uniform_ from 0 to 1"),
    "Linear truncated": (
        linear,
        "weight",
        lambda w: init.trunc_normal_(w, std=0.02, a=-0.04, b=0.04),
        "trunc_normal_, std 0.02, cut at 2 stds",
    ),
    "Linear zeros": (linear, "weight", init.zeros_, "zeros_"),
    "Linear constant": (linear, "weight", lambda w: init.constant_(w, 0.01), "constant_, 0.01"),
    "Linear sparse": (
        linear,
        "weight",
        lambda w: init.sparse_(w, 0.9, 0.01),
        "sparse, 90% zeros: normal_, std 0.01",
    ),
    "Conv2d kaiming out": (
        conv,
        "weight",
        lambda w: init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"),
        "kaiming_normal_, fan_out, relu",
    ),
    "Conv2d kaiming": (
        conv,
        "weight",
        lambda w: init.kaiming_normal_(w, nonlinearity="relu"),
        "kaiming_normal_, fan_in, relu",
    ),
    "Conv2d xavier": (conv, "weight", init.xavier_uniform_, "xavier_uniform_"),
    "Conv2d orthogonal": (conv, "weight", init.orthogonal_, "orthogonal_"),
    "Conv2d dirac": (lambda: nn.Conv2d(16, 16, 3), "weight", init.dirac_, "dirac_"),
    "Conv2d by group": (
        lambda: nn.Conv2d(64, 128, 3, groups=4),
        "weight",
        lambda w: init.normal_(w, std=math.sqrt(2 / (128 * 9 / 4))),
        "kaiming_normal_, fan_out, relu, by group",
    ),
    "ConvTranspose2d as wired": (
        lambda: nn.ConvTranspose2d(64, 16, 3),
        "weight",
        lambda w: init.normal_(w, std=math.sqrt(2 / (64 * 9))),
        "kaiming_normal_, fan_in, relu, as a transposed layer is wired",
    ),
    "Conv1d kaiming": (
        lambda: nn.Conv1d(16, 32, 5),
        "weight",
        lambda w: init.kaiming_normal_(w, nonlinearity="relu"),
        "kaiming_normal_, fan_in, relu",
    ),
    "Conv3d xavier": (lambda: nn.Conv3d(8, 12, 3), "weight", init.xavier_normal_, "xavier_normal_"),
    "ConvTranspose2d kaiming": (
        lambda: nn.ConvTranspose2d(48, 16, 3),
        "weight",
        lambda w: init.kaiming_normal_(w, nonlinearity="relu"),
        "kaiming_normal_, fan_in, relu",
    ),
    "Conv2d Fixup": (
        lambda: nn.Conv2d(64, 50, 3),
        "weight",
        lambda w: init.normal_(w, std=math.sqrt(2 / (50 * 9) / 8)),
        "kaiming_normal_, fan_out, relu / √8 (Fixup's)",
    ),
    "Linear LSUV": (linear, "weight", lambda w: init.orthogonal_(w, 1.3), "orthogonal_, gain 1.3"),
    "Linear SIREN": (
        linear,
        "weight",
        lambda w: init.uniform_(w, -math.sqrt(6 / 96) / 30, math.sqrt(6 / 96) / 30),
        "uniform_ to ±√(6 / fan_in) / 30 (SIREN's)",
    ),
    "Linear float16": (
        lambda: nn.Linear(96, 160).half(),
        "weight",
        lambda w: init.kaiming_normal_(w, nonlinearity="relu"),
        "kaiming_normal_, fan_in, relu",
    ),
    "Conv2d bfloat16": (lambda: conv().bfloat16(), "weight", untouched, DEFAULT),
    "LSTM bfloat16": (lambda: nn.LSTM(24, 48).bfloat16(), "weight_hh_l0", untouched, DEFAULT),
    "Embedding zeros": (lambda: nn.Embedding(80, 32), "weight", init.zeros_, "zeros_"),
    "Embedding 0.02": (
        lambda: nn.Embedding(80, 32),
        "weight",
        lambda w: init.normal_(w, std=0.02),
        "normal_, std 0.02",
    ),
}


def made(pair: str, seed: int) -> Scheme:
    make, name, fill, _ = PAIRS[pair]
    torch.manual_seed(seed)
    module = make()
    weight = getattr(module, name)
    with torch.no_grad():
        fill(weight)
    return scheme_of(module, weight)


def names(scheme: Scheme) -> set[str]:
    """All that the text says that it may be."""
    found = scheme.text.split(" = ")
    return {one.replace("either fan", fan) for one in found for fan in ("fan_in", "fan_out")}


def test_what_was_done_is_recognized_in_95_of_100():
    """The first name is right, or a scheme that comes to the same in this shape is named first."""
    assert len(PAIRS) >= 40
    wrong = [
        f"{pair}, seed {seed}: {scheme.text} ({scheme.sure})"
        for pair in PAIRS
        for seed in SEEDS
        if PAIRS[pair][3] not in names(scheme := made(pair, seed))
    ]
    assert len(wrong) <= 0.05 * len(PAIRS) * len(SEEDS), wrong


def test_how_sure_it_says_it_is_is_how_often_it_is_right():
    """Over all pairs, the mean of `sure` is no further than 5 % above the share that is right."""
    schemes = [(PAIRS[pair][3], made(pair, seed)) for pair in PAIRS for seed in range(3)]
    right = sum(expected in names(scheme) for expected, scheme in schemes) / len(schemes)
    assert sum(scheme.sure or 0 for _, scheme in schemes) / len(schemes) < right + 0.05


def test_less_is_known_of_a_small_weight():
    torch.manual_seed(0)
    small, large = nn.Linear(6, 4), nn.Linear(600, 400)
    sure = []
    for layer in (small, large):
        init.kaiming_normal_(layer.weight, nonlinearity="relu")
        sure.append(scheme_of(layer, layer.weight).sure or 0)
    assert sure[0] < 0.8 < 0.9 < sure[1]


@pytest.mark.parametrize(
    "layer",
    [
        lambda: nn.Linear(1, 1),
        lambda: nn.Linear(2, 1),
        lambda: nn.Linear(1, 2),
        lambda: nn.Conv2d(1, 1, 1),
        lambda: nn.Embedding(1, 1),
        lambda: nn.Embedding(3, 1, padding_idx=0),
        lambda: nn.Linear(1, 1, dtype=torch.complex64),
    ],
)
def test_of_one_or_two_values_nothing_is_told(layer: Callable[[], nn.Module]):
    """But that they are all 0, all 1 or the same, which no dice give."""
    for seed in range(20):
        torch.manual_seed(seed)
        module = layer()
        weight = module.get_parameter("weight")
        scheme = scheme_of(module, weight)
        assert (scheme.text, scheme.sure) == ("too few to tell", None)
    for value, said in ((0.0, "zeros_"), (1.0, "ones_")):
        nn.init.constant_(weight, value)
        if not weight.is_complex():
            assert scheme_of(module, weight).text == said
    assert scheme_of(nn.Linear(2, 1), torch.full((1, 2), 0.3)).text == "constant_, 0.3"


def test_no_verdict_says_that_values_are_too_few():
    """Where it has to name a scheme it speaks of weights."""
    torch.manual_seed(0)
    layers = [nn.Linear(1, 1, bias=False) for _ in range(8)]
    for layer in layers:
        nn.init.constant_(layer.weight, 0.1)
    net = nn.Sequential(*layers, nn.Linear(1, 1))
    found = examine(net, torch.randn(32, 1), torch.randn(32, 1))
    assert all(layer.scheme == "too few to tell" and layer.sure is None for layer in found.layers)
    assert found.verdicts and "too few" not in " ".join(verdict.text for verdict in found.verdicts)
    assert "weights with no activation" in found.verdicts[0].text


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_precision_does_not_matter(dtype: torch.dtype):
    torch.manual_seed(0)
    layer = nn.Linear(300, 200).to(dtype)
    assert scheme_of(layer, layer.weight).text == DEFAULT
    init.kaiming_normal_(layer.weight, nonlinearity="relu")
    assert scheme_of(layer, layer.weight).text == "kaiming_normal_, fan_in, relu"


def test_a_trained_weight_is_called_none_of_them():
    """Heavy tails: a few weights have grown."""
    torch.manual_seed(0)
    layer = nn.Linear(100, 100)
    with torch.no_grad():
        layer.weight.copy_(torch.distributions.StudentT(4).sample(layer.weight.shape))
    scheme = scheme_of(layer, layer.weight)
    assert scheme.sure is None and scheme.text.startswith("none known")


def test_one_std_for_layers_of_all_sizes_is_no_scheme_that_goes_by_the_fan():
    """Among 784 inputs a std of 0.05 is within a draw's scatter of kaiming's with a = 0.2, and among 128 of
    that with a = √5: the other layers say which it was."""
    sizes = [784, *[128] * 12]
    for seed in range(12):
        torch.manual_seed(seed)
        layers = [nn.Linear(*size) for size in pairwise(sizes)]
        for layer in layers:
            init.normal_(layer.weight, std=0.05)
        found = schemes_of({layer: layer.weight for layer in layers})
        assert {scheme.text for scheme in found.values()} == {"normal_, std 0.05"}, seed


def test_layers_of_another_scheme_do_not_make_it_that_of_all():
    torch.manual_seed(0)
    layers = [nn.Linear(784, 128), *(nn.Linear(128, 128) for _ in range(4))]
    init.kaiming_normal_(layers[0].weight, nonlinearity="relu")
    for layer in layers[1:]:
        init.normal_(layer.weight, std=0.05)
    first, *others = schemes_of({layer: layer.weight for layer in layers}).values()
    assert first.text == "kaiming_normal_, fan_in, relu"
    assert {scheme.text for scheme in others} == {"normal_, std 0.05"}


def test_a_scale_of_no_scheme_is_told_by_its_gain():
    torch.manual_seed(0)
    layer = nn.Linear(100, 256)
    init.normal_(layer.weight, std=0.0371)
    assert scheme_of(layer, layer.weight).text.startswith("normal_, std 0.037")
    assert "/ √fan_in" in scheme_of(layer, layer.weight).text


def test_broken_and_empty_weights_are_named():
    layer = nn.Linear(4, 4)
    layer.weight.data[0, 0] = math.nan
    assert scheme_of(layer, layer.weight).text == "NaN or infinite"
    assert scheme_of(layer, torch.empty(0, 4)).sure is None


def test_recognizing_draws_from_no_dice_of_the_user():
    torch.manual_seed(3)
    layer = nn.Linear(700, 700)  # more values than are looked at
    state = torch.get_rng_state()
    distribution_of(layer.weight)
    assert torch.equal(state, torch.get_rng_state())


def test_a_shape_is_read_as_torch_reads_it_and_as_it_is_wired():
    grouped = nn.Conv2d(8, 16, 3, groups=4)
    assert [tuple(way)[:2] for way in ways_to_read(grouped, grouped.weight)] == [(18, 144), (18, 36)]
    upward = nn.ConvTranspose2d(8, 16, 3)
    assert [tuple(way)[:2] for way in ways_to_read(upward, upward.weight)] == [(144, 72), (72, 144)]


LAYERS = [
    (nn.Linear(7, 3), (2, 7)),
    (nn.Conv1d(4, 2, 5, padding=2), (2, 4, 9)),
    (nn.Conv2d(4, 2, 3, padding=1, stride=2), (2, 4, 8, 7)),
    (nn.Conv2d(4, 6, 3, padding="same", dilation=2, groups=2), (2, 4, 8, 8)),
    (nn.Conv2d(4, 2, 3, padding=1, padding_mode="circular"), (2, 4, 8, 8)),
    (nn.Conv3d(2, 2, 3), (1, 2, 5, 5, 5)),
    (nn.ConvTranspose1d(3, 2, 4, stride=2, padding=1), (1, 3, 6)),
    (nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2), (1, 4, 5, 5)),
]


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=lambda one: type(one).__name__)
def test_the_products_of_a_sum_are_counted_with_its_padding(layer: nn.Module, shape: tuple[int, ...]):
    """With all weights and all inputs 1, an output without bias is how many products it sums."""
    for name, own in layer.named_parameters():
        nn.init.constant_(own, 1.0 if name == "weight" else 0.0)
    counted = layer(torch.ones(shape)).mean().item()
    assert products(layer, shape) == pytest.approx(counted, rel=1e-5)
