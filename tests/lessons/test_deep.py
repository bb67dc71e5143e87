"""What `deep` says, held against its runs."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from pytest import approx
from runs import LONG, SEEDS, answer, course, goal, missed, perform, perform_with_solution

from initplay.course.lesson import Goal
from initplay.recording.run import Run
from initplay.worker import source

long = pytest.mark.long


def _runs(experiment: str, data: str = "embedded", **knobs: Any) -> list[Run]:
    seeds = SEEDS if data == "embedded" else SEEDS[-1:]
    return [perform("deep", experiment, seed=seed, data=data, **knobs) for seed in seeds]


def _slow(experiment: str, **knobs: Any) -> list[Run]:
    """Several draws where there is time, and one where there is not."""
    return [perform("deep", experiment, seed=seed, **knobs) for seed in (SEEDS if LONG else SEEDS[-1:])]


def _facts(experiment: str, data: str = "embedded", **knobs: Any) -> list[dict[str, Any]]:
    return [run.facts for run in _runs(experiment, data, **knobs)]


def _module():
    lesson = course().find("deep")
    return source.load(lesson.source, str(lesson.source_path))


def _goals(experiment: str) -> list[Goal]:
    return [b for b in course().find("deep").blocks if isinstance(b, Goal) and b.experiment == experiment]


# --- angle


@pytest.mark.parametrize(
    ("slope", "start", "after"),
    [
        (0.0, 0.0, {1: 1 / math.pi, 2: 0.4937, 5: 0.7359, 10: 0.8715, 20: 0.9484, 50: 0.9879, 100: 0.9964}),
        (0.5, 0.0, {1: 0.064, 2: 0.121, 5: 0.264, 10: 0.432, 20: 0.630, 50: 0.849, 100: 0.941}),
        (0.9, 0.0, {50: 0.082}),
        (-1.0, 0.0, {1: 2 / math.pi, 20: 0.985}),
        (0.0, -1.0, {1: 0.0, 50: 0.9874}),
        (0.0, 0.9, {50: 0.9917}),
        (1.0, 0.3, {100: 0.3}),
    ],
)
def test_the_cosine_by_theory(slope: float, start: float, after: dict[int, float]) -> None:
    cosine, module = start, _module()
    for layer in range(1, 101):
        cosine = module.next_cosine(cosine, slope)
        if layer in after:
            assert cosine == approx(after[layer], abs=6e-4), layer


def test_the_rest_to_1_falls_like_the_square_of_layers() -> None:
    cosine, module = 0.0, _module()
    for _ in range(1000):
        cosine = module.next_cosine(cosine, 0.0)
    assert 1 - cosine == approx(4.5 * math.pi**2 / 1000**2, rel=0.03)


def test_pairs_begin_at_their_cosine_and_at_rms_1() -> None:
    torch.manual_seed(0)
    for cosine in (-1.0, -0.3, 0.0, 0.9, 1.0):
        a, b = _module().pairs(cosine, 300)
        assert torch.cosine_similarity(a, b).tolist() == approx([cosine] * 8, abs=1e-5)
        assert torch.cat([a, b]).square().mean(1).tolist() == approx([1.0] * 16, abs=1e-4)


def test_two_inputs_become_one(data: str) -> None:
    """0.31 after a layer, 0.95 after 20; of the classes' gap less than 0.002 is left after 50."""
    for run in _runs("angle", data):
        facts = run.facts
        assert facts["cosine_1"] == approx(0.318, abs=0.04)
        assert facts["cosine_5"] == approx(0.736, abs=0.1)
        assert facts["cosine_10"] == approx(0.872, abs=0.06)
        assert facts["cosine_20"] == approx(0.948, abs=0.04)
        assert 0.97 < facts["cosine_50"] < 0.998
        assert 0.3 < facts["rms_last"] < 2.5
        assert 0.16 < facts["gap_first"] < 0.195
        assert 0 < facts["gap_last"] < 0.002
        assert [row["layer"] for row in run.tables["cosine of two digits"].items] == [0, 1, 5, 10, 20, 50]
        assert run.charts["cosines of ten digits"].kind == "pictures"


def test_only_what_the_net_is_deep_enough_for_is_told() -> None:
    facts = perform("deep", "angle", depth=10).facts
    assert facts["cosine_20"] is facts["cosine_50"] is None
    assert facts["cosine_last"] == facts["cosine_10"]


@pytest.mark.parametrize("slope", [0.5, 0.6])
def test_a_slope_keeps_the_angle(slope: float) -> None:
    for run in _runs("angle", slope=slope, depth=10):
        assert missed(goal("deep", "cosine_10"), run) == ()


# --- orthogonal


def test_twenty_gaussian_layers_lose_most_directions() -> None:
    """The middle one is at 2^-10, the longest at 5 to 9, and no rms tells it."""
    for facts in _facts("orthogonal"):
        assert facts["median"] == approx(2**-10, rel=0.3)
        assert 5 < facts["top"] < 9
        assert facts["lost"] == approx(0.72, abs=0.03)
        assert 0.12 < facts["top_share"] < 0.32
        assert facts["mean_square"] == approx(1, abs=0.35)


@pytest.mark.parametrize(
    ("layers", "top", "median"),
    [
        (1, (1.9, 2.1), (0.77, 0.83)),
        (2, (2.3, 2.8), (0.53, 0.59)),
        (5, (3.3, 4.4), (0.17, 0.21)),
        (10, (4.0, 6.6), (0.026, 0.037)),
        (50, (5.0, 18.0), (1.3e-8, 3.7e-8)),
    ],
)
def test_gaussian_layers_by_depth(layers: int, top: tuple[float, float], median: tuple[float, float]) -> None:
    """The deeper, the further one draw is from the next."""
    for facts in _facts("orthogonal", depth=layers):
        assert top[0] < facts["top"] < top[1]
        assert median[0] < facts["median"] < median[1]


def test_the_longest_by_theory() -> None:
    """2 for one layer, 7.5 for twenty; and the middle is left half of its square by each."""
    stretched = _module().stretched
    assert stretched("gaussian", 1) == approx((2.0, math.sqrt(0.5)))
    assert stretched("gaussian", 20) == approx((7.46, 2**-10), rel=1e-3)
    assert stretched("orthogonal", 50) == (1.0, 1.0)


@pytest.mark.parametrize("layers", [1, 20])
def test_orthogonal_layers_keep_every_direction(layers: int) -> None:
    for facts in _facts("orthogonal", kind="orthogonal", depth=layers):
        assert [facts["top"], facts["median"], facts["mean_square"]] == approx([1.0] * 3, abs=1e-9)


def test_the_mask_of_relu_undoes_it_and_tanh_does_not() -> None:
    for kind in ("gaussian", "orthogonal"):
        for run in _slow("orthogonal", kind=kind, activation="relu"):
            assert run.facts["median"] < 1e-12
            assert 3.5 < run.facts["top"] < 15
    for run in _slow("orthogonal", activation="tanh"):
        assert run.facts["median"] < 1e-3
    for run in _slow("orthogonal", kind="orthogonal", activation="tanh"):
        assert run.facts["top"] == approx(0.4, abs=0.05)
        assert missed(goal("deep", "median"), run) == ()


# --- learn


def test_gaussian_layers_delay_learning() -> None:
    """Two layers take 17 to 26 steps, twenty more than 200."""
    for facts in _facts("learn", depth=2):
        assert 17 <= facts["steps_to_half"] <= 26
    for run in _slow("learn"):
        assert 200 <= run.facts["steps_to_half"] <= 600
    assert answer("deep", "Gaussian weights: two layers") == "200 or more"


@pytest.mark.parametrize("layers", [10, 20, 40])
def test_orthogonal_layers_do_not(layers: int) -> None:
    for run in _runs("learn", kind="orthogonal", depth=layers):
        assert 30 <= run.facts["steps_to_half"] <= 50
        if layers == 40:
            assert missed(goal("deep", "steps_to_half"), run) == ()


# --- lsuv


@pytest.mark.parametrize("start", ["orthonormal", "normal", "tiny"])
def test_one_division_is_enough(start: str) -> None:
    """From any start; orthonormal ones need none in the first layer, and other digits agree within 5 %."""
    for facts in _facts("lsuv", start=start):
        assert facts["divisions"] == 1
        assert facts["first_divisions"] == (0 if start == "orthonormal" else 1)
        assert facts["std_last"] == approx(1, abs=1e-4)
        assert facts["held_out"] == approx(1, abs=0.06)


def test_what_it_was_before() -> None:
    """Of relu and normal weights a std of 28 in the first layer, and 2e20 in the last."""
    for run in _runs("lsuv", start="normal"):
        assert run.tables["a layer"].items[0]["std_before"] == approx(28, abs=1)
        assert 5e19 < run.facts["std_before"] < 1e21
    for facts in _facts("lsuv"):
        assert 2e-4 < facts["std_before"] < 3e-3


@pytest.mark.parametrize(
    ("activation", "found", "theory"),
    [
        ("relu", 1.42, 1.414),
        ("leaky", 1.41, 1.407),
        ("tanh", 1.59, 1.593),
        ("sigmoid", 1.855, 1.846),
        ("gelu", 1.5, 1.534),
        ("silu", 1.56, 1.677),
    ],
)
def test_the_gain_that_is_found(activation: str, found: float, theory: float) -> None:
    for run in _slow("lsuv", activation=activation):
        facts = run.facts
        assert facts[f"gain_{activation}"] == approx(found, abs=0.08)
        assert facts["gain_theory"] == approx(theory, abs=1e-3)
        assert activation != "silu" or facts["gain_silu"] < theory
        assert facts["divisions"] == 1


def test_after_f_tanh_takes_seven_and_the_sigmoid_gives_up() -> None:
    for run in _slow("lsuv", measure="f(z)"):
        assert run.facts["divisions"] == 1
    for run in _slow("lsuv", measure="f(z)", activation="tanh"):
        assert run.facts["divisions"] == 7
    for run in _slow("lsuv", measure="f(z)", activation="sigmoid"):
        assert run.facts["divisions"] == 10
        assert run.facts["std_last"] == approx(0.5, abs=0.005)
        assert missed(goal("deep", "std_last"), run) == ()


def test_with_an_lsuv_of_ones_own_every_layer_is_at_1() -> None:
    """The curve of the learner's own, beside which the rest is as it was."""
    run, plain = perform_with_solution("deep", "lsuv"), perform("deep", "lsuv")
    curves = run.charts["std by layer"].curves
    assert list(curves["yours"].x) == list(range(1, 21))
    assert list(curves["yours"].y) == approx([1.0] * 20, abs=1e-4)
    assert "yours" not in plain.charts["std by layer"].curves


# --- residual


@pytest.mark.parametrize(
    ("scheme", "blocks", "low", "high"),
    [
        ("kaiming", 10, 20, 50),
        ("kaiming", 50, 1e7, 8e7),
        ("kaiming", 100, 1e14, 6e15),
        ("1/√L", 10, 1.45, 1.8),
        ("1/√L", 50, 1.45, 1.8),
        ("1/√L", 100, 1.45, 1.8),
        ("1/L", 50, 0.95, 1.08),
        ("zero", 50, 0.95, 1.06),
    ],
)
def test_what_sums_come_to(scheme: str, blocks: int, low: float, high: float) -> None:
    """The rms at the end, and the gradient's at the input, both."""
    for facts in _facts("residual", scheme=scheme, blocks=blocks):
        assert low < facts[f"rms_{blocks}"] < high
        assert low < facts[f"gradient_{blocks}"] < high
        assert facts["rms_last"] == facts[f"rms_{blocks}"]
        assert facts["gradient_last"] == facts[f"gradient_{blocks}"]


def test_the_angle_lasts_longer() -> None:
    """Cosines after 50 blocks: 0.1 to 0.4 with 1/√L, 0 with zero; without the sum 0.94 and more."""
    for facts in _facts("residual", scheme="1/√L"):
        assert 0.1 < facts["cosine_last"] < 0.4
    for facts in _facts("residual", scheme="zero"):
        assert facts["cosine_last"] == approx(0, abs=1e-4)
    for facts in _facts("residual", scheme="plain"):
        assert facts["cosine_last"] > 0.94


def test_only_one_scheme_reaches_the_goal() -> None:
    wanted = goal("deep", "rms_50")
    reached = [
        scheme
        for scheme in ("kaiming", "1/√L", "1/L", "zero", "plain")
        if not any(missed(wanted, run) for run in _runs("residual", scheme=scheme))
    ]
    assert reached == ["1/√L"]


def test_fixup_learns_at_any_rate() -> None:
    """At lr 0.1 it gets 0.85 or more, from a first loss of ln 10."""
    for run in _slow("fixup", scheme="fixup"):
        assert missed(goal("deep", "lr"), run) == ()
        assert run.facts["first_loss"] == approx(math.log(10), abs=1e-4)


@pytest.mark.parametrize("lr", [0.003, 0.01, 0.1])
def test_kaiming_blocks_end_at_once(lr: float) -> None:
    for facts in _facts("fixup", lr=lr):
        assert 70 < facts["first_loss"] < 700
        assert facts["nan_at"] <= 4
    assert answer("deep", "Kaiming in every block") == "hundreds"


def test_the_other_starts_need_shorter_steps() -> None:
    for scheme in ("1/√L", "zero"):
        assert perform("deep", "fixup", scheme=scheme).facts["nan_at"] is not None


@long
@pytest.mark.parametrize(("scheme", "lr"), [("1/√L", 0.01), ("zero", 0.03)])
def test_with_shorter_steps_they_learn(scheme: str, lr: float) -> None:
    for facts in _facts("fixup", scheme=scheme, lr=lr):
        assert facts["accuracy"] > 0.85


# --- phase


@pytest.mark.parametrize(
    ("variance", "q", "root_chi"),
    [(1.0, 0.194, 0.871), (1.5, 0.418, 0.969), (1.76, 0.570, 1.0), (2.5, 1.06, 1.065), (4.0, 2.2, 1.159)],
)
def test_q_and_the_gradient(variance: float, q: float, root_chi: float) -> None:
    for facts in _facts("phase", weight_variance=variance):
        assert facts["q_theory"] == approx(q, rel=0.01)
        assert facts["q"] == approx(q, rel=0.3)
        assert facts["root_chi"] == approx(root_chi, abs=0.001)
        assert facts["gradient_a_layer"] == approx(root_chi, abs=0.022)


@pytest.mark.parametrize(
    ("variance", "after_10", "after_20", "after_50"),
    [
        (1.0, (0.90, 0.96), (0.99, 1.0), (0.999, 1.01)),
        (1.5, (0.63, 0.84), (0.80, 0.94), (0.94, 0.997)),
        (1.76, (0.51, 0.77), (0.63, 0.86), (0.78, 0.97)),
        (2.5, (0.28, 0.60), (0.28, 0.62), (0.23, 0.69)),
        (4.0, (0.11, 0.41), (0.05, 0.32), (0.00, 0.40)),
    ],
)
def test_the_cosine_on_both_sides_of_the_edge(variance: float, after_10, after_20, after_50) -> None:
    for facts in _facts("phase", weight_variance=variance):
        for layers, (low, high) in ((10, after_10), (20, after_20), (50, after_50)):
            assert low < facts[f"cosine_{layers}"] < high, layers
    assert answer("deep", "σ_w² = 4.") == "nearly strangers"


@pytest.mark.parametrize("bias, critical", [(0.01, 1.424), (0.05, 1.761), (0.1, 1.986), (0.5, 2.843)])
def test_where_the_edge_is(bias: float, critical: float) -> None:
    module, q = _module(), 1.0
    for _ in range(300):
        q = critical * module.after_tanh(q, 1.0)[0] + bias
    assert module.chi(critical, q) == approx(1, abs=0.002)


def test_the_edge_reaches_the_goal_of_phase() -> None:
    wanted = goal("deep", "gradient_a_layer")
    for run in _runs("phase", weight_variance=1.76):
        assert missed(wanted, run) == ()
    for variance in (1.0, 4.0):
        assert missed(wanted, perform("deep", "phase", weight_variance=variance))


@long
def test_forty_layers_of_the_ordered_phase_do_not_learn() -> None:
    for run in _runs("edge"):
        assert run.facts["accuracy"] < 0.3
    assert answer("deep", "in the ordered phase") == "about 0.1"


@long
def test_forty_layers_learn_at_the_edge() -> None:
    (wanted,) = _goals("edge")
    runs = _runs("edge", weight_variance=1.76)
    assert all(0.67 < run.facts["accuracy"] < 0.88 for run in runs)
    assert missed(wanted, runs[-1]) == ()
    for facts in _facts("edge", weight_variance=1.0):
        assert facts["accuracy"] < 0.3
    for facts in _facts("edge", weight_variance=3.0):
        assert 0.35 < facts["accuracy"] < 0.65
    for facts in _facts("edge", weight_variance=6.0):
        assert facts["accuracy"] < 0.3


# --- function


@pytest.mark.parametrize(
    ("gain", "low", "high"),
    [
        (1.0, 2, 3),
        pytest.param(1.33, 3.5, 6, marks=long),
        (1.6, 9, 13),
        (2.5, 150, 230),
        pytest.param(4.0, 800, 900, marks=long),
    ],
)
def test_how_often_an_output_changes_its_sign(gain: float, low: float, high: float) -> None:
    for run in _slow("function", gain=gain):
        assert low <= run.facts["mean_changes"] <= high
        assert run.facts["mean_changes"] == approx(run.facts["theory_changes"], rel=0.15)
        if gain == 1.6:
            assert missed(goal("deep", "mean_changes"), run) == ()
    assert answer("deep", "At gain 1 the output") == "150 times and more"


# --- norm


@pytest.mark.parametrize("kind", ["layer", "rms", "batch"])
@pytest.mark.parametrize("gain", [pytest.param(0.1, marks=long), 10.0])
def test_the_output_does_not_depend_on_the_gain(kind: str, gain: float) -> None:
    """An rms of 0.45 to 0.95 at the last layer, and at each the same first loss as with gain 1."""
    runs = zip(_slow("norm", kind=kind, gain=gain, steps=10), _slow("norm", kind=kind, steps=10), strict=True)
    for facts, of_1 in ((run.facts, other.facts) for run, other in runs):
        assert 0.45 < facts["rms_last"] < 0.95
        assert facts["rms_last"] == approx(of_1["rms_last"], rel=1e-4)
        assert facts["first_loss"] == approx(of_1["first_loss"], rel=1e-4)
        assert facts["gradient"] * gain == approx(of_1["gradient"], rel=1e-3)


def test_without_it_all_depends_on_the_gain() -> None:
    for gain in (0.5, 1.0, 2.0):
        for facts in (run.facts for run in _slow("norm", gain=gain, steps=10)):
            assert 1 / 4 < facts["rms_last"] / (gain / math.sqrt(2)) ** 8 < 4
    assert perform("deep", "norm", gain=4.0).facts["nan_at"] <= 4


def test_too_large_a_gain_makes_steps_too_short() -> None:
    for run in _slow("norm", kind="layer", gain=4.0):
        assert 0.6 < run.facts["accuracy"] < 0.82
    for run in _slow("norm", kind="layer"):
        assert 0.82 < run.facts["accuracy"] < 0.93
    assert answer("deep", "LayerNorm in every layer") == "as with gain 1"


def test_the_rate_makes_up_for_the_gain() -> None:
    """At gain 4 to the last bit; at gain 10 the goal is reached."""
    of_1 = perform("deep", "norm", kind="layer", steps=20)
    of_4 = perform("deep", "norm", kind="layer", steps=20, gain=4.0, lr_by_gain=True)
    assert list(of_4.charts["loss"].curves["measured"].y) == list(of_1.charts["loss"].curves["measured"].y)
    (wanted,) = _goals("norm")
    for run in _slow("norm", kind="layer", gain=10.0, lr_by_gain=True):
        assert missed(wanted, run) == ()


# --- stream


def test_the_stream_grows_like_a_root() -> None:
    """By 1 to 2.5 in the mean square a block: 7.7 to 10.7 after 48 of them, 9 in the mean."""
    ranges = {6: (2.6, 3.8), 12: (3.6, 5.3), 24: (5.1, 7.7), 48: (7.7, 10.7), 96: (10.2, 15.8)}
    for facts in _facts("stream", blocks=96):
        for blocks, (low, high) in ranges.items():
            assert low < facts[f"rms_{blocks}"] < high
        assert 1 < facts["square_a_block"] < 2.5
    assert answer("deep", "48 blocks, 96 sums") == "about 9"


@pytest.mark.parametrize("blocks", [6, 48])
def test_the_scaled_stream_does_not(blocks: int) -> None:
    for run in _runs("stream", scheme="scaled", blocks=blocks):
        assert 1.15 < run.facts["rms_last"] < math.sqrt(2)
        assert blocks == 6 or missed(goal("deep", "rms_48"), run) == ()


def test_without_layer_norm_it_doubles() -> None:
    for facts in _facts("stream", scheme="no norm"):
        assert 2**44 < facts["rms_48"] < 2**51


# --- coordinate, transfer


def test_four_steps_move_a_wide_net_further() -> None:
    for facts in (run.facts for run in _slow("coordinate")):
        assert 0.7 < facts["logits_64"] < 1.8
        assert 1.3 < facts["growth"] < 9
    assert answer("deep", "Standard: four steps") == "by about 4"


def test_with_mup_as_far_at_any_width() -> None:
    (wanted,) = _goals("coordinate")
    for run in _slow("coordinate", parametrization="muP"):
        assert missed(wanted, run) == ()


@long
def test_two_thousand_units_move_further_still() -> None:
    for facts in _facts("coordinate", width=2048):
        assert 1.7 < facts["growth"] < 14
    for facts in _facts("coordinate", width=2048, parametrization="muP"):
        assert 0.7 < facts["growth"] < 1.7


@long
def test_the_rate_can_be_taken_along_with_mup() -> None:
    """To 512 units the standard rate goes down by 2 to 5, muP's by 1.5 at most; the standard loss is less."""
    for standard, mup in zip(_facts("transfer"), _facts("transfer", parametrization="muP"), strict=True):
        assert 1 < standard["halvings"] < math.log2(5)
        assert -2.3 < mup["halvings"] < math.log2(1.5)
        assert standard["loss_wide"] < mup["loss_wide"]
    assert answer("deep", "the best rate at 64 units") == "about a third"


def test_the_best_rate_is_the_bottom_of_a_parabola() -> None:
    """Found between the rates; where there is no neighbor, the lowest one itself."""
    lowest, rates = _module().lowest, 2.0 ** torch.arange(-5, 6)
    decades = (rates.log2() - 0.3).square()
    assert lowest(rates, decades.exp()) == approx(2**0.3, rel=1e-4)
    assert lowest(rates, rates) == rates[0]
    assert lowest(rates, torch.where(rates > 1, torch.nan, 1 / rates)) == 1


# --- dropout, groups, embedding


def test_dropout_doubles_what_the_gain_does_not_take_back() -> None:
    for facts in _facts("dropout"):
        assert 500 < facts["rms_last"] < 2000
        assert facts["factor"] == approx(math.sqrt(2), rel=0.03)
    for run in _runs("dropout", gain="√(2(1 − p))"):
        assert missed(goal("deep", "p"), run) == ()
    for p in (0.0, 0.3, 0.8):
        facts = perform("deep", "dropout", p=p, gain="√(2(1 − p))", width=256).facts
        assert facts["factor"] == approx(1, abs=0.05)
        assert perform("deep", "dropout", p=p, width=128).facts["theory"] == approx((1 - p) ** -10)


@pytest.mark.parametrize("groups", ["1", "2", "4", "8"])
def test_groups_take_a_root_of_the_gradient(groups: str) -> None:
    for facts in _facts("groups", groups=groups):
        assert facts["gradient_left"] == approx(int(groups) ** -2, rel=0.2)
    for run in _runs("groups", groups=groups, fan_out="counted"):
        assert missed(goal("deep", "gradient_left"), run) == ()


def test_with_as_many_channels_out_as_in_fan_in_is_the_fan_out_that_counts() -> None:
    w = torch.empty(64, 64 // 4, 3, 3)
    fan_in, fan_out = _module().fans(w)
    assert fan_in == fan_out / 4


def test_a_tied_embedding_of_std_1_repeats_what_it_read() -> None:
    for facts in _facts("embedding"):
        assert facts["first_loss"] == approx(256, abs=6)
        assert facts["own_score"] == approx(256, abs=3)
    for facts in _facts("embedding", tied=False):
        assert facts["first_loss"] == approx(52, abs=3)
    assert answer("deep", "Tied, std 1.") == "about 250"


@pytest.mark.parametrize("std", [0.01, 0.02])
def test_a_small_one_begins_at_equal_guesses(std: float) -> None:
    for run in _runs("embedding", std=std):
        assert run.facts["own_score"] == approx(256 * std, abs=0.1)
        assert missed(goal("deep", "excess"), run) == ()
