"""What `depth` says, held against its runs."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
import torch
from pytest import approx
from runs import MORE_SEEDS, SEEDS, answer, course, goal, missed, perform

from initplay.recording.run import Run
from initplay.worker import source

INITS = ("default", "xavier", "he", "orthogonal")


def _runs(experiment: str = "depth", data: str = "embedded", **knobs: Any) -> list[Run]:
    """Three draws; of the full digits one, for a run of them takes as long as three."""
    seeds = SEEDS if data == "embedded" else SEEDS[-1:]
    return [perform("depth", experiment, seed=seed, data=data, **knobs) for seed in seeds]


def _facts(experiment: str = "depth", data: str = "embedded", **knobs: Any) -> list[dict[str, Any]]:
    return [run.facts for run in _runs(experiment, data, **knobs)]


def _module():
    lesson = course().find("depth")
    return source.load(lesson.source, str(lesson.source_path))


def test_with_one_hidden_layer_all_are_alike(data: str) -> None:
    """Each init gets 0.88 to 0.93, and none is 0.05 from another on the same draw."""
    of_all = [[facts["accuracy"] for facts in _facts(data=data, depth=1, init=init)] for init in INITS]
    for accuracies in zip(*of_all, strict=True):
        assert 0.88 < min(accuracies) <= max(accuracies) < 0.93
        assert max(accuracies) - min(accuracies) < 0.05
    assert answer("depth", "One hidden layer, drawn as torch does") == "about 0.9"


def test_six_layers_of_the_default_do_not_begin(data: str) -> None:
    """0.08 to 0.17, the loss at ln 10: and in all six layers the weights' gradient is as small."""
    for run in _runs(data=data):
        assert 0.08 < run.facts["accuracy"] < 0.17
        assert run.facts["loss"] == approx(math.log(10), abs=0.02)
        assert run.facts["first_loss"] == approx(math.log(10), abs=0.005)
        assert run.facts["rms_last"] == approx(0.0043, rel=0.35)
        assert run.facts["gradient_left"] == approx(0.011, rel=0.25)
        of_weights = [row["gradient_of_w"] for row in run.tables["step 0"].items]
        assert len(of_weights) == 6
        for below, here in pairwise(run.tables["step 0"].items):
            assert 5 < here["gradient_of_w"] / (below["h"] * here["gradient_of_h"]) < 9
        assert all(4e-5 < size < 1.2e-4 for size in of_weights)
        assert run.facts["grad_first"] == of_weights[0]


def test_long_steps_help_six_layers_and_not_eight() -> None:
    for facts in _facts(lr=0.2):
        assert 0.25 < facts["accuracy"] < 0.85
    eight = perform("depth", "depth", lr=0.2, depth=8)
    assert eight.facts["accuracy"] < 0.3


def test_nothing_but_the_last_bias_learns() -> None:
    """After 200 steps of six default layers the outputs are the same for every digit, to 0.01."""
    module = _module()
    torch.manual_seed(42)
    layers = module.net("default", "relu", 6, False)
    x, y, x_valid, _ = module.normalized_digits()
    for _ in range(module.STEPS):
        chosen = torch.randint(len(x), (64,))
        loss = module.cross_entropy(module.forward(layers, torch.relu, x[chosen])[-1], y[chosen])
        parameters = [p for layer in layers for p in layer.parameters()]
        for p, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
            p.data -= 0.05 * gradient
    out = module.forward(layers, torch.relu, x_valid)[-1].detach()
    assert out.std(0).max() < 0.01
    assert layers[-1].bias.detach().std() > 0.02


@pytest.mark.parametrize("init", ["default", "xavier", "he"])
@pytest.mark.parametrize("layers", [1, 6, 16])
def test_theory_of_relu_is_a_power(init: str, layers: int) -> None:
    """1/√6 a layer for the default, 1/√2 for Xavier but for its first layer, 1 for He."""
    going_up, coming_down = _module().expected(init, "relu", layers, False)
    factor = {"default": 6**-0.5, "xavier": 2**-0.5, "he": 1}[init]
    first = math.sqrt(784 / 884) if init == "xavier" else factor  # 2/884, and half of it is left
    assert going_up == approx([1, *(first * factor**k for k in range(layers))])
    assert coming_down[1:] == approx([factor] * (layers - 1))


def test_theory_is_the_mean_over_draws_and_one_net_within_the_range() -> None:
    """Of 400 nets for one input: the mean of the mean square is 6^-k, 92 to 98 % have an rms in the range."""
    module = _module()
    torch.manual_seed(0)
    for layers in (1, 3):
        h = torch.ones(400, 1, 100)
        for _ in range(layers):
            w = (2 * torch.rand(400, 100, 100) - 1) / math.sqrt(100)
            h = (h @ w).relu()
        squares = h.square().mean((1, 2))
        assert squares.mean().item() == approx(6.0**-layers, rel=0.06)
        low, high = module.range_of_one_net(6 ** (-layers / 2), layers)
        within = ((squares.sqrt() > low) & (squares.sqrt() < high)).float().mean()
        assert 0.92 < within < 0.985


def test_ten_layers_leave_a_power_of_six() -> None:
    """In the run that is asked for, and of the nets of several seeds before any step."""
    assert 1 / 2.2 < perform("depth", "depth", depth=10).facts["rms_last"] / 6**-5 < 2.2
    module = _module()
    _, _, x, _ = module.normalized_digits()
    for seed in MORE_SEEDS:
        torch.manual_seed(seed)
        h = module.forward(module.net("default", "relu", 10, False), torch.relu, x[:64])[-2]
        assert 1 / 2.2 < module.rms(h.detach()) / 6**-5 < 2.2


def test_each_layer_follows_the_theory() -> None:
    """At step 0, up and down, in each of six layers, of eight: ReLU within a factor of 2, tanh of 1.4."""
    for init, activation, layers, close in (
        ("default", "relu", 6, 2),
        ("he", "relu", 6, 2),
        ("he", "tanh", 8, 1.4),
    ):
        charts = perform("depth", "depth", init=init, activation=activation, depth=layers).charts
        for chart in "rms of activations", "rms of gradients":
            curves = charts[chart].curves
            for you, theory in zip(curves["step 0"].y, curves["theory"].y, strict=True):
                assert 1 / close < you / theory < close, (init, activation, chart)


def test_biases_hold_the_rms_and_no_signal() -> None:
    """The rms stays near 0.045, the accuracy near 0.1; what differs between digits is under a fifth of it."""
    for facts in _facts(biases=True):
        assert facts["rms_last"] == approx(math.sqrt(0.01 / 5), rel=0.3)
        assert facts["accuracy"] < 0.26
    module = _module()
    _, _, x, _ = module.normalized_digits()
    for seed in SEEDS:
        torch.manual_seed(seed)
        h = module.forward(module.net("default", "relu", 6, True), torch.relu, x)[-2].detach()
        assert (h - h.mean(0)).square().mean().sqrt() < 0.2 * module.rms(h)


def test_xavier_trains_six_layers_and_not_sixteen() -> None:
    """At sixteen, 2⁻⁸ or so is left of the rms, about what the default leaves after six."""
    for facts in _facts(init="xavier"):
        assert 0.78 < facts["accuracy"] < 0.93
    for facts in _facts(init="xavier", depth=16):
        assert facts["accuracy"] < 0.45
        assert 0.4 < facts["rms_last"] / 2**-8 < 2.5
    assert answer("depth", "With Xavier six layers") == "below 0.5"


def test_sixteen_layers_of_orthogonal_weights_reach_the_goal(data: str) -> None:
    wanted = goal("depth", "accuracy")
    for run in _runs(data=data, init="orthogonal", depth=16, lr=0.03):
        assert missed(wanted, run) == ()
    he = perform("depth", "depth", data=data, init="he", depth=16)
    assert 0.6 < he.facts["accuracy"] < 0.89
    of_he, orthogonal = (_facts(data=data, init=init, depth=16, lr=0.03) for init in ("he", "orthogonal"))
    for one, other in zip(of_he, orthogonal, strict=True):
        assert 0 < other["accuracy"] - one["accuracy"] < 0.15


def test_tanh_is_milder_than_relu(data: str) -> None:
    """0.18 to 0.45 against 0.1, an rms of 0.01 against 0.001; with He's weights about 0.9."""
    for facts in _facts(data=data, activation="tanh", depth=8):
        assert 0.18 < facts["accuracy"] < 0.45
        assert facts["rms_last"] == approx(0.009, abs=0.002)
    for facts in _facts(data=data, depth=8):
        assert facts["accuracy"] < 0.12
        assert facts["rms_last"] == approx(0.0008, abs=0.0005)
    he = perform("depth", "depth", data=data, activation="tanh", depth=8, init="he")
    assert he.facts["accuracy"] == approx(0.9, abs=0.05)
    assert answer("depth", "which is further") == "tanh"


def test_the_ratio_tells_a_healthy_net_from_a_sick_one(data: str) -> None:
    wanted = goal("depth", "update_ratio")
    for run in _runs(data=data, init="he"):
        assert 0.003 < run.facts["update_ratio"] < 0.0045
    for run in _runs(data=data):
        assert run.facts["update_ratio"] < 0.00015
        assert missed(wanted, run) == ()
    assert answer("depth", "moves a weight of the hidden layers") == "about 4 in 1,000"


def test_the_ratio_is_the_length_of_a_step() -> None:
    """A weight of 3 and a gradient of 6 at lr 0.1: a step of 0.6, a fifth of the weight."""
    weight = torch.full((4, 5), 3.0, requires_grad=True)
    weight.grad = torch.full((4, 5), -6.0)
    assert _module().update_ratio(weight, 0.1) == approx(0.2)


def test_scrubbing_shows_every_layer_before_during_and_after() -> None:
    """Three moments of every layer, one whole look after the other."""
    run = perform("depth", "depth")
    for chart, layers in (
        ("rms of activations", [0, 1, 2, 3, 4, 5, 6]),
        ("rms of gradients", [6, 5, 4, 3, 2, 1]),
    ):
        curves = run.charts[chart].curves
        looks = [curves[f"step {step}"] for step in (0, 50, 200)]
        assert all(list(look.x) == layers for look in looks)
        assert all(before.index[-1] < after.index[0] for before, after in pairwise(looks))


@pytest.mark.parametrize("gain", [0.0, 0.1, 0.5, 1.0])
def test_the_first_loss_is_that_of_ten_bells(gain: float) -> None:
    """ln 10 + σ²/2 up to σ = 1: within 3.5 % of ten bells' loss, and to a thousandth up to σ = 0.1."""
    torch.manual_seed(0)
    bells = _module().of_ten_bells(gain)
    assert bells == approx(math.log(10) + gain**2 / 2, rel=0.035 * gain**2 + 1e-3)


@pytest.mark.parametrize("gain", [10.0, 28.0])
def test_the_first_loss_of_loud_outputs_is_their_largest(gain: float) -> None:
    torch.manual_seed(0)
    assert _module().of_ten_bells(gain) == approx(1.54 * gain, rel=0.02)


def test_the_first_loss_of_a_net(data: str) -> None:
    """σ is the gain within 13 %; 2.55 to 2.9 with gain 1, and 12 to 18 with gain 10."""
    for facts in _facts("first_loss", data):
        assert facts["sigma"] == approx(1, abs=0.13)
        assert 2.55 < facts["first_loss"] < 2.9
    for facts in _facts("first_loss", data, gain=10.0):
        assert 12 < facts["first_loss"] < 18
    assert answer("depth", "And with gain 10") == "about 15"


def test_the_loss_by_gain_follows_the_theory(data: str) -> None:
    """The mean of 32 last layers lies within 6 % of ten bells at every gain."""
    for run in _runs("first_loss", data):
        curves = run.charts["first loss by gain"].curves
        assert list(curves["measured"].y) == approx(list(curves["theory"].y), rel=0.06)


def test_a_loud_last_layer_kills_units(data: str) -> None:
    """Gain 28: it starts at 33 to 52, has 15 to 55 dead units, gain 0.1 none, and fewer right than it; the
    table has the losses that are asked about."""
    for run in _runs("first_loss", data, gain=28.0):
        facts = run.facts
        last = [row["last 20, mean"] for row in run.tables["before and after"].items]
        assert last == [approx(facts["loss"]), approx(facts["small_loss"])]
        assert 0.45 < facts["loss"] < 0.8
        assert 0.25 < facts["small_loss"] < 0.4
        assert 33 < facts["first_loss"] < 52
        assert facts["loss"] > facts["small_loss"]
        assert facts["accuracy"] < facts["small_accuracy"]
        assert 15 <= facts["dead_units"] <= 55
        assert facts["small_dead_units"] == 0
        assert facts["small_accuracy"] == approx(0.9, abs=0.02)
    assert answer("depth", "Gain 28 starts") == "gain 0.1"


def test_gain_4_ends_lower_than_the_small_one(data: str) -> None:
    for facts in _facts("first_loss", data, gain=4.0):
        assert facts["first_loss"] == approx(6.2, abs=1.3)
        assert facts["loss"] < facts["small_loss"]


@pytest.mark.parametrize("gain", [0.0, pytest.param(0.1, marks=pytest.mark.long)])
def test_a_quiet_last_layer_reaches_the_goal(gain: float, data: str) -> None:
    for run in _runs("first_loss", data, gain=gain):
        assert missed(goal("depth", "first_loss"), run) == ()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
@pytest.mark.parametrize("name", ["depth", "first_loss"])
def test_it_runs_on_a_gpu(name: str) -> None:
    lesson = _module()
    with torch.device("cuda"):
        assert list(getattr(lesson, name)())
