"""What `relu_halving` says, held against its runs."""

from __future__ import annotations

import math
from statistics import mean, stdev
from typing import Any

import pytest
import torch
from pytest import approx
from runs import (
    LONG,
    MORE_SEEDS,
    SEEDS,
    answer,
    goal,
    missed,
    perform,
    perform_with,
    perform_with_solution,
)


def _facts(experiment: str, seeds: tuple[int, ...] = SEEDS, **knobs: Any) -> list[dict[str, Any]]:
    return [perform("relu_halving", experiment, seed=seed, **knobs).facts for seed in seeds]


def test_relu_of_a_product_has_mean_one_over_pi_and_mean_square_a_half() -> None:
    """Within two of the error bars that the run itself prints, in every draw; the mean moved up."""
    for facts in _facts("scalar", MORE_SEEDS):
        assert facts["mean"] == approx(1 / math.pi, abs=2 * facts["mean_error"])
        assert facts["mean_square"] == approx(1 / 2, abs=2 * facts["mean_square_error"])
    assert answer("relu_halving", "Which way") == "up"


def test_relu_of_a_sum_of_512_has_the_mean_and_mean_square_of_a_cut_bell() -> None:
    """9.03 and 256, within two error bars in every draw and within 1 % on average."""
    all_facts = _facts("dot", MORE_SEEDS)
    for facts in all_facts:
        assert facts["mean"] == approx(9.03, abs=2 * facts["mean_error"])
        assert facts["mean_square"] == approx(256, abs=2 * facts["mean_square_error"])
        assert facts["mean_square_error"] == approx(6, abs=1.5)
    assert mean(facts["mean"] for facts in all_facts) == approx(9.03, rel=0.01)
    assert (512 / 2 / math.pi) ** 0.5 == approx(9.027, abs=5e-4), "of a bell"
    assert perform("relu_halving", "dot").charts["mean"].curves["theory"].y[-1] == approx(9.0227, abs=5e-4)
    assert mean(facts["mean_square"] for facts in all_facts) == approx(256, rel=0.01)


def test_the_notebook_lies_within_the_error_bars() -> None:
    """8.90 and 250.1 are as far from theory as 100 trials may be: within the error bar of one run. Around
    its own average a run's band misses 250.1 in about half of the draws."""
    all_facts = _facts("dot", tuple(range(40 if LONG else 20)))
    missed_by = [abs(facts["mean_square"] - 250.1) > facts["mean_square_error"] for facts in all_facts]
    assert mean(missed_by) == approx(0.5, abs=0.2)
    assert mean(facts["mean_square_error"] for facts in all_facts) == approx(6, abs=0.3)
    assert 250.1 + 6 > 256
    for facts in _facts("dot"):
        assert abs(250.1 - 256) < 1.1 * facts["mean_square_error"]
        assert abs(8.90 - 9.03) < 1.2 * facts["mean_error"]


@pytest.mark.parametrize(
    ("experiment", "knobs", "printed"),
    [
        ("scalar", {}, [0.317, 0.506]),
        ("scalar", {"trials": 100}, None),
        ("dot", {}, [8.90, 250.1]),
        ("dot", {"n": 100}, None),
        ("dot", {"trials": 20}, None),
    ],
)
def test_the_notebook_stands_beside_theory_and_you_only_at_its_knobs(
    experiment: str, knobs: dict[str, Any], printed: list[float] | None
) -> None:
    run = perform("relu_halving", experiment, **knobs)
    rows = run.tables["theory and you"].items
    assert [row.get("notebook") for row in rows] == (printed or [None, None])
    assert all(("notebook" in row) is (printed is not None) for row in rows)
    assert [row["you"] for row in rows] == [run.facts["mean"], run.facts["mean_square"]]


@pytest.mark.parametrize("n", [2, 3, 16, 512])
def test_the_mean_of_a_cut_sum_is_exact_at_every_n(n: int) -> None:
    """0.5 for two products, where √(n/2π) gives 0.56: 20,000 outputs, within four standard errors."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(20_000, n, generator=generator, dtype=torch.float64)
    y = (x.norm(dim=1) * torch.randn(20_000, generator=generator, dtype=torch.float64)).relu()
    theory = perform("relu_halving", "dot", n=n).tables["theory and you"].items[0]["theory"]
    assert y.mean().item() == approx(theory, abs=4 * y.std().item() / math.sqrt(len(y)))
    if n == 2:
        assert theory == approx(0.5)


def test_relu_halves_the_mean_square_of_a_layer_on_digits(data: str) -> None:
    """500 units: mean 0.40 ± 0.06, std 0.58 ± 0.04, mean square 0.5 ± 0.1, about half of all zero."""
    for facts in _facts("layer", data=data, hidden=500):
        assert facts["mean"] == approx(0.40, abs=0.06)
        assert facts["std"] == approx(0.584, abs=0.04)
        assert facts["before_std"] == approx(1, abs=0.05)
        assert facts["mean_square"] == approx(1 / 2, abs=0.1)
        assert facts["zero_share"] == approx(1 / 2, abs=0.05)
    assert answer("relu_halving", "std was 1") == "0.58"


@pytest.mark.parametrize("hidden", [50, 500])
def test_the_three_histograms_are_of_x_of_what_w_makes_of_it_and_of_what_relu_leaves(hidden: int) -> None:
    """1,000 digits of 784 pixels at step 0, of so many units after it; nothing below 0 at step 2 alone."""
    run = perform("relu_halving", "layer", hidden=hidden)
    steps = {one.at: one for one in run.charts["x, x @ w, relu"].bins.items}
    size = {at: sum(one.counts) + one.below + one.above for at, one in steps.items()}
    assert size == {0: 784_000, 1: 1000 * hidden, 2: 1000 * hidden}
    assert steps[0].low < 0 and steps[1].low < 0 and steps[2].low >= 0


def test_the_weights_of_the_layer_have_a_histogram_of_their_own() -> None:
    """All 784 · 50 of them, of std 1/28."""
    (bins,) = perform("relu_halving", "layer").charts["weights"].bins.items
    assert sum(bins.counts) + bins.below + bins.above == 784 * 50
    assert 0.1 < bins.high < 0.25


def test_what_the_notebook_printed_of_a_layer_stands_there_for_50_units_alone() -> None:
    rows = perform("relu_halving", "layer").tables["what ReLU does"].items
    assert [row["notebook"] for row in rows] == [0.325, 0.509, None, None]
    other = perform("relu_halving", "layer", hidden=500).tables["what ReLU does"].items
    assert all("notebook" not in row for row in other)


def test_fifty_units_scatter_more(data: str) -> None:
    """One draw of 50: mean square from 0.3 to 0.7, std 0.58 ± 0.09, mean 0.39 ± 0.1; right on average."""
    seeds = MORE_SEEDS if data == "embedded" else SEEDS
    narrow, wide = _facts("layer", seeds, data=data), _facts("layer", data=data, hidden=500)
    for facts in narrow:
        assert 0.3 < facts["mean_square"] < 0.7
        assert facts["std"] == approx(0.58, abs=0.09)
        assert facts["mean"] == approx(0.39, abs=0.1)
    assert mean(facts["mean"] for facts in narrow) == approx(0.39, abs=0.05)
    assert mean(facts["std"] for facts in narrow) == approx(0.58, abs=0.05)
    assert stdev(facts["mean_square"] for facts in narrow) > stdev(facts["mean_square"] for facts in wide)


def test_theory_is_that_of_a_bell_cut_at_zero() -> None:
    """0.399, 0.584, 0.5 and 0.707, against an integral done numerically."""
    x = torch.linspace(0, 12, 200_001, dtype=torch.float64)
    bell = torch.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    cut_mean, square = torch.trapezoid(x * bell, x).item(), torch.trapezoid(x * x * bell, x).item()
    rows = perform("relu_halving", "layer").tables["what ReLU does"].items
    theory = {row["quantity"]: row["theory"] for row in rows}
    assert theory["mean"] == approx(cut_mean, abs=1e-6) == approx(0.399, abs=5e-4)
    assert theory["mean square"] == approx(square, abs=1e-6) == approx(0.5)
    assert theory["std"] == approx(math.sqrt(square - cut_mean**2), abs=1e-6) == approx(0.584, abs=5e-4)
    assert theory["rms"] == approx(0.707, abs=5e-4)


def test_fifty_layers_end_at_two_to_the_minus_25() -> None:
    """A third of 3e-8 to twice 3e-8 in every draw; 2.8e-8 on average, within 25 %."""
    rms = [facts["final_rms"] for facts in _facts("chain", tuple(range(20 if LONG else 8)))]
    assert approx(3e-8, rel=0.01) == 2**-25
    assert all(2**-25 / 3 < one < 2 * 2**-25 for one in rms)
    assert mean(rms) == approx(2.8e-8, rel=0.25)


@pytest.mark.parametrize("width", [64, 512, 1024])
def test_the_factor_stays_at_a_half_and_scatters_less_in_a_wider_net(width: int) -> None:
    """The average factor is 0.5 ± 0.03 (0.05 in the narrowest); its scatter √(5/(4·width)), within 30 %."""
    for seed in SEEDS:
        run = perform("relu_halving", "chain", seed=seed, width=width)
        factors = run.charts["factor on the mean square"].curves["measured"].y
        assert mean(factors) == approx(0.5, abs=0.05 if width == 64 else 0.03)
        assert stdev(factors) == approx(math.sqrt(5 / (4 * width)), rel=0.3)
        assert run.facts["mean_square_factor"] < mean(factors)
    assert answer("relu_halving", "64 wide") == "it stays around 0.5 and scatters more"


def test_the_scatter_of_the_factor_falls_with_the_root_of_the_width() -> None:
    """That of 64 units is more than twice that of 512 in every draw, and about four times that of 1024."""
    ratios = []
    for seed in SEEDS:
        scatter = {}
        for width in (64, 512, 1024):
            run = perform("relu_halving", "chain", seed=seed, width=width)
            scatter[width] = stdev(run.charts["factor on the mean square"].curves["measured"].y)
        assert scatter[64] > 2 * scatter[512]
        ratios.append(scatter[64] / scatter[1024])
    assert mean(ratios) == approx(4, rel=0.25)


@pytest.mark.parametrize(
    ("width", "depth", "gain"), [(16, 100, math.sqrt(2)), (64, 50, math.sqrt(2)), (64, 50, 0.5)]
)
def test_a_typical_narrow_net_is_where_theory_puts_it(width: int, depth: int, gain: float) -> None:
    """The mean of the log of their rms, within three standard errors."""
    runs = [
        perform("relu_halving", "chain", seed=s, width=width, depth=depth, gain=gain)
        for s in range(20 if LONG else 8)
    ]
    logs = [math.log(run.facts["final_rms"]) for run in runs if run.facts["final_rms"] > 0]
    error = stdev(logs) / math.sqrt(len(logs))
    assert mean(logs) == approx(math.log(runs[0].facts["theory_rms"]), abs=3 * error + 1 / width)


def test_underflow_is_not_called_a_dead_net() -> None:
    """Gain 0.5: by layer 100 nothing is as large as 1.4e-45, yet half of the sums are positive;
    the factor is that of the layers that float32 held."""
    for seed in SEEDS:
        run = perform("relu_halving", "chain", seed=seed, gain=0.5, depth=100)
        assert run.facts["dead_after"] is None
        assert run.facts["mean_square_factor"] == approx(0.125, rel=0.03)
        assert not any("negative" in note for note in run.notes.items)
        assert run.facts["final_rms"] > 0 or "float32 ends" in run.notes.items[-1]


def test_a_net_two_units_wide_dies() -> None:
    """Within the 50 layers both sums of some layer are negative: the rest is 0, and the run says where."""
    for seed in SEEDS:
        run = perform("relu_halving", "chain", seed=seed, width=2)
        assert run.facts["final_rms"] == 0
        assert 1 <= run.facts["dead_after"] <= 50
        assert "negative" in run.notes.items[-1]


def test_a_gain_of_root_2_gives_back_what_relu_took() -> None:
    """It reaches the goal in every draw, and the factor on the mean square is 1, within 5 %."""
    for seed in MORE_SEEDS:
        run = perform("relu_halving", "chain", seed=seed, gain=math.sqrt(2))
        assert missed(goal("relu_halving", "final_rms"), run) == ()
        assert run.facts["mean_square_factor"] == approx(1, rel=0.05)
    assert answer("relu_halving", "By how much") == "2"


def test_a_gain_of_3_percent_more_is_a_factor_of_4() -> None:
    for seed in SEEDS:
        right = perform("relu_halving", "chain", seed=seed, gain=math.sqrt(2)).facts["final_rms"]
        off = perform("relu_halving", "chain", seed=seed, gain=1.03 * math.sqrt(2)).facts["final_rms"]
        assert off / right == approx(4, rel=0.15)


def test_the_chain_runs_a_second_net_with_the_learner_s_gain() -> None:
    """It ends near 1 where the first is halved away; with the knob at √2 the two are one net."""
    curves = perform_with_solution("relu_halving", "chain").charts["rms by layer"].curves
    assert curves["measured"].y[-1] < 1e-6
    assert 0.3 < curves["with your gain"].y[-1] < 3
    exactly = "def gain_for(f):\n    return 2**0.5\n"
    curves = perform_with(exactly, "relu_halving", "chain", gain=2**0.5).charts["rms by layer"].curves
    assert curves["with your gain"].y == approx(curves["measured"].y[1:], rel=1e-3)
    assert "with your gain" not in perform("relu_halving", "chain").charts["rms by layer"].curves
