"""What `activations` says, held against its runs."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from pytest import approx
from runs import LONG, SEEDS, answer, course, goal, missed, perform, perform_with, perform_with_solution

from initplay.course.lesson import Goal
from initplay.worker import source


def _facts(experiment: str, data: str = "embedded", **knobs: Any) -> list[dict[str, Any]]:
    return [perform("activations", experiment, seed=seed, data=data, **knobs).facts for seed in SEEDS]


def _module():
    lesson = course().find("activations")
    return source.load(lesson.source, str(lesson.source_path))


def test_the_steepest_slopes() -> None:
    """1/4 for the sigmoid, 1 for tanh: exact, whatever the draw."""
    for facts in _facts("curves"):
        assert (facts["sigmoid_slope"], facts["tanh_slope"]) == approx((0.25, 1), rel=1e-6)


def test_the_slopes_are_those_of_the_formulas() -> None:
    """By autograd, against f(1 − f), 1 − f², and the two straight pieces of each ReLU."""
    lesson = _module()
    z = torch.linspace(-5, 5, 100)
    positive = (z > 0).float()
    formulas = {
        "sigmoid": z.sigmoid() * (1 - z.sigmoid()),
        "tanh": 1 - z.tanh().square(),
        "relu": positive,
        "leaky relu": positive + 0.1 * (1 - positive),
    }
    for name, expected in formulas.items():
        torch.testing.assert_close(lesson.slope(lesson.ACTIVATIONS[name], z), expected, rtol=1e-4, atol=1e-6)


def test_tanh_is_a_stretched_sigmoid() -> None:
    """2σ(2z) − 1 is tanh to a millionth, steeper by a factor of 4, and its middle is 0 and not ½."""
    run = perform("activations", "curves")
    assert run.facts["tanh_from_sigmoid"] < 1e-6
    assert run.facts["tanh_slope"] == approx(4 * run.facts["sigmoid_slope"])
    assert run.facts["sigmoid_middle"] == 0.5
    curves = run.charts["activation"].curves
    assert list(curves["2σ(2z) − 1"].y) == approx(list(curves["tanh"].y), abs=1e-6)
    for row in run.tables["tanh is a sigmoid, stretched"].items:
        assert row["2σ(2z) − 1"] == approx(row["tanh(z)"], abs=1e-6)


def test_most_of_what_a_sigmoid_hands_on_is_its_mean() -> None:
    """0.25 of 0.293, and nothing for tanh."""
    for facts in _facts("bell"):
        assert facts["sigmoid_mean_share"] == approx(0.85, abs=0.01)
        assert facts["tanh_mean_share"] < 1e-4
        assert facts["relu_mean_share"] == approx(1 / math.pi, abs=0.01)


def test_what_each_activation_leaves_of_a_bell() -> None:
    """0.293, 0.394 and 1/2 forward, 0.045, 0.464 and 1/2 backward, within 0.002 in every draw."""
    for facts in _facts("bell"):
        forward = [facts[f"{name}_square"] for name in ("sigmoid", "tanh", "relu", "leaky_relu")]
        backward = [facts[f"{name}_slope_square"] for name in ("sigmoid", "tanh", "relu", "leaky_relu")]
        assert forward == approx([0.293, 0.394, 0.5, 0.505], abs=3e-3)
        assert backward == approx([0.045, 0.464, 0.5, 0.505], abs=3e-3)


@pytest.mark.parametrize("table", ["mean square of f(z)", "mean square of the slope"])
def test_the_bell_averages_agree_with_theory(table: str) -> None:
    for seed in SEEDS:
        for row in perform("activations", "bell", seed=seed).tables[table].items:
            assert row["you"] == approx(row["theory"], abs=3e-3)


def test_the_gain_of_tanh() -> None:
    tanh_square = _module().bell_average(lambda z: z.tanh().square())
    assert 1 / math.sqrt(tanh_square) == approx(1.59, abs=0.005)
    assert torch.nn.init.calculate_gain("tanh") == 5 / 3


def test_tanh_with_gain_1_loses_ever_more_slowly() -> None:
    """An rms of 0.14 to 0.19 at layer 20; what a layer leaves grows from under 0.7 to over 0.96."""
    for seed in SEEDS:
        run = perform("activations", "chain", seed=seed)
        assert run.facts["final_rms"] == approx(0.165, abs=0.025)
        y = run.charts["rms of z by layer"].curves["measured"].y
        assert y[1] / y[0] < 0.7 < 0.96 < y[19] / y[18]


def _bends(seed: int, **knobs: Any) -> list[float]:
    run = perform("activations", "chain", seed=seed, **knobs)
    return list(run.charts["bend by layer"].curves["measured"].y)


def test_too_small_a_tanh_bends_once_and_depth_adds_nothing() -> None:
    """Gain 0.5: 0.23 after the first tanh, less than 0.04 more in all others; with gain 1 it stops at 0.4."""
    for seed in SEEDS:
        small = _bends(seed, gain=0.5)
        assert small[0] < 1e-5
        assert small[1] == approx(0.23, abs=0.02)
        assert small[19] == approx(0.25, abs=0.03)
        assert small[19] - small[2] < 0.03
        one = _bends(seed)
        assert one[19] == approx(0.4, abs=0.05)
        assert one[19] - one[9] < 0.05
        held = perform("activations", "chain", seed=seed, gain=1 / 0.394**0.5)
        assert missed(goal("activations", "final_bend"), held) == ()


def test_the_bend_of_relu_is_the_same_with_every_gain() -> None:
    """Whatever the size, to a thousandth; and it grows all the way."""
    for seed in SEEDS:
        small, large = (_bends(seed, activation="relu", gain=gain) for gain in (0.5, 4.0))
        assert small == approx(large, rel=1e-3, abs=1e-5)
        assert small[19] > small[9] > small[1] > 0.3


def test_a_slope_of_1_wherever_tanh_is_small() -> None:
    z = 0.01 * torch.randn(1000, generator=torch.Generator().manual_seed(0))
    module = _module()
    torch.testing.assert_close(module.slope(torch.tanh, z), torch.ones(1000), rtol=0, atol=2e-3)


@pytest.mark.parametrize(
    ("activation", "gain", "depth"), [("tanh", 1.0, 20), ("sigmoid", 1.85, 20), ("relu", 1.4142, 10)]
)
def test_forward_and_backward_follow_the_theory(activation: str, gain: float, depth: int) -> None:
    """Every layer's rms and gradient within 15 % of it, and within 35 % for ReLU, whose draws scatter."""
    close = 0.35 if activation == "relu" else 0.15
    for seed in SEEDS:
        charts = perform(
            "activations", "chain", seed=seed, activation=activation, gain=gain, depth=depth
        ).charts
        forward = charts["rms of z by layer"].curves
        assert list(forward["measured"].y) == approx(list(forward["theory"].y), rel=close)
        backward = charts["gradient by layer"].curves
        assert list(backward["measured"].y) == approx(list(backward["theory"].y), rel=close)


@pytest.mark.parametrize("gain", [0.5, 4.0])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "leaky relu"])
def test_theory_and_you_agree_at_the_ends_of_the_gain(activation: str, gain: float) -> None:
    """Through 50 layers within 3 % a layer, and finite: z may be 1e22 or 1e-23, whose squares float32 lacks.

    Where the gradient itself falls below float32, the run says from which layer on."""
    for seed in SEEDS if LONG else SEEDS[:1]:
        run = perform("activations", "chain", seed=seed, activation=activation, gain=gain, depth=50)
        for row in run.tables["factor per layer"].items:
            assert row["you"] == approx(row["theory"], rel=0.03)
        assert math.isfinite(run.facts["final_rms"]) and run.facts["final_rms"] > 0
        assert run.facts["gradient_left"] > 0 or "exactly 0" in run.notes.items[-1]


def test_tanh_is_held_by_its_end_and_relu_by_nothing() -> None:
    """Gain 4: tanh's z stays below an rms of 4, and ReLU's is at (4/√2)¹⁹ = 4e8 after twenty layers."""
    bounded = perform("activations", "chain", activation="tanh", gain=4.0, depth=20)
    assert max(bounded.charts["rms of z by layer"].curves["measured"].y) < 4
    free = perform("activations", "chain", activation="relu", gain=4.0, depth=20)
    assert free.facts["final_rms"] == approx((4 / math.sqrt(2)) ** 19, rel=0.5)
    assert (4 / math.sqrt(2)) ** 19 == approx(4e8, rel=0.1)


def test_1_over_root_0_394_keeps_tanh_and_its_gradient_grows() -> None:
    """The goal is reached in every draw, and the gradient grows by 8 to 9 % a layer."""
    wanted = goal("activations", "final_rms")
    for seed in SEEDS:
        run = perform("activations", "chain", seed=seed, gain=1 / 0.394**0.5)
        assert missed(wanted, run) == ()
        assert run.facts["gradient_growth"] == approx(1.085, abs=0.005)


def test_the_sigmoid_holds_the_signal_and_loses_the_gradient() -> None:
    """0.39 of its rms a layer, about 2e-8 after 19."""
    for facts in _facts("chain", activation="sigmoid", gain=1.85):
        assert facts["growth"] == approx(1, abs=0.005)
        assert facts["gradient_growth"] == approx(0.39, abs=0.005)
        assert 1e-8 < facts["gradient_left"] < 3e-8
        assert facts["theory_gradient_left"] == approx(0.3915**19, rel=5e-3)


def test_relu_with_root_2_holds_both() -> None:
    wanted = goal("activations", "gradient_growth")
    for seed in SEEDS:
        run = perform("activations", "chain", seed=seed, activation="relu", gain=2**0.5)
        assert missed(wanted, run) == ()
        tanh = perform("activations", "chain", seed=seed, gain=1 / 0.394**0.5)
        assert missed(wanted, tanh) == ("gradient_growth",)


@pytest.mark.parametrize("input_std", [1.0, 28.0])
def test_saturation_agrees_with_theory(input_std: float) -> None:
    """Both shares within 0.005 of the bell's tails; at 28 they are 0.94 and 0.88."""
    for seed in SEEDS:
        run = perform("activations", "saturation", seed=seed, input_std=input_std)
        for row in run.tables["shares"].items:
            assert row["you"] == approx(row["theory"], abs=5e-3)
        if input_std == 28:
            shares = (run.facts["saturated_share"], run.facts["vanishing_share"])
            assert shares == approx((0.94, 0.88), abs=6e-3)


def test_the_tails_begin_where_the_text_says() -> None:
    assert math.atanh(0.97) == approx(2.09, abs=0.005)
    assert math.atanh(math.sqrt(0.999)) == approx(4.15, abs=0.005)


@pytest.mark.parametrize("input_std", [1.5, pytest.param(1.55, marks=pytest.mark.long), 1.6])
def test_the_goal_of_saturation(input_std: float) -> None:
    for seed in SEEDS:
        run = perform("activations", "saturation", seed=seed, input_std=input_std)
        assert missed(goal("activations", "vanishing_share"), run) == ()


def test_a_learning_rate_of_a_half_kills_units(data: str) -> None:
    """15 to 60 of 100, none at the start, and 3 in 4 digits are right; at 0.1 none dies."""
    for facts in _facts("dead", data, lr=0.5):
        assert facts["units"] == 100
        assert facts["dead_at_first"] == 0
        assert 15 <= facts["dead_units"] <= 60
        assert facts["accuracy"] > 0.75
    for facts in _facts("dead", data):
        assert facts["dead_units"] == 0
        assert facts["zero_share"] == approx(0.5, abs=0.1)


def test_a_dead_unit_gets_no_gradient() -> None:
    """Exactly 0 for each of its weights, beside units that get some."""
    lesson = _module()
    torch.manual_seed(0)
    x = torch.randn(50, 20)
    w1 = torch.randn(20, 4, requires_grad=True)
    shift = torch.tensor([0.0, 0.0, 0.0, -1000.0])
    lesson.cross_entropy((x @ w1 + shift).relu(), torch.randint(4, (50,))).backward()
    assert w1.grad is not None
    assert (w1.grad[:, 3] == 0).all()
    assert (w1.grad[:, :3] != 0).any(dim=0).all()


def _dead_goal(number: int) -> Goal:
    goals = [
        b for b in course().find("activations").blocks if isinstance(b, Goal) and "dead_units" in b.targets
    ]
    return goals[number]


def test_low_biases_reach_the_goal_of_the_dead(data: str) -> None:
    for seed in SEEDS:
        run = perform("activations", "dead", seed=seed, data=data, bias=-3.0)
        assert missed(_dead_goal(0), run) == ()


def test_leaky_units_come_back(data: str) -> None:
    """Bias −5: over 80 start below 0 for every digit. Leaky ReLU wakes a third of them or more, ReLU next to
    none, and is right on less than 0.82 of the digits, where leaky is right on more than 0.85."""
    for seed in SEEDS:
        leaky = perform("activations", "dead", seed=seed, data=data, bias=-5.0, activation="leaky relu")
        relu = perform("activations", "dead", seed=seed, data=data, bias=-5.0)
        assert leaky.facts["dead_at_first"] == relu.facts["dead_at_first"] > 80
        assert missed(_dead_goal(1), leaky) == ()
        assert missed(_dead_goal(1), relu) == ("dead_units",)
        assert relu.facts["dead_units"] > 80
        assert leaky.facts["accuracy"] > 0.85 > 0.82 > relu.facts["accuracy"]
        assert any("that ReLU would make dead" in note for note in leaky.notes.items)
        assert not any("that ReLU would make dead" in note for note in relu.notes.items)


def test_the_dead_are_counted_with_what_the_learner_wrote() -> None:
    """The solution counts as the lesson does; of fewer digits more units seem dead; another count shows."""
    known = perform("activations", "dead", lr=0.5)
    run = perform_with_solution("activations", "dead", lr=0.5)
    assert run.facts == known.facts and "dead, as you count" not in known.tables
    seen = {row["digits asked"]: row["dead"] for row in run.tables["dead, as you count"].items}
    assert seen[10] > seen[100] >= seen[1000] == run.facts["dead_units"]
    in_numpy = "def dead_units(h):\n    return float((h.numpy() == 0).all(0).sum())\n"
    leaky = {"lr": 10.0, "activation": "leaky relu"}
    known = perform("activations", "dead", **leaky)
    run = perform_with(in_numpy, "activations", "dead", **leaky)
    assert run.facts == known.facts and run.notes.items == known.notes.items
    none = "def dead_units(h):\n    return 0\n"
    assert perform_with(none, "activations", "dead", lr=0.5).facts["most_dead"] == 0


def test_steps_that_are_far_too_long_are_no_death() -> None:
    """At lr 10 leaky's loss leaves float32, and the run says so."""
    assert any(
        "too long" in note
        for note in perform("activations", "dead", lr=10.0, activation="leaky relu").notes.items
    )


def test_all_zero_weights_leave_one_unit(data: str) -> None:
    """No weight moves at all, and the loss stays within 0.02 of ln 10."""
    for facts in _facts("symmetry", data):
        assert facts["distinct_units"] == 1
        assert facts["largest_weight"] == 0
        assert facts["final_loss"] == approx(math.log(10), abs=0.02)


def test_equal_weights_learn_and_stay_equal_in_float64(data: str) -> None:
    """One unit, and 0.15 to 0.27 of the digits right."""
    for facts in _facts("symmetry", data, value=0.01, dtype="float64"):
        assert facts["distinct_units"] == 1
        assert facts["difference"] < 1e-6
        assert facts["largest_weight"] > 0.1
        assert facts["accuracy"] == approx(0.21, abs=0.06)


def test_float64_rounds_half_a_billion_times_finer() -> None:
    assert torch.finfo(torch.float32).eps / torch.finfo(torch.float64).eps == approx(0.5e9, rel=0.1)


def test_a_nudge_of_one_ulp_feeds_itself(data: str) -> None:
    """From 9e-10 to ten thousand times that and more, in every draw, and faster towards the end."""
    ulp = torch.nextafter(torch.tensor(0.01), torch.tensor(1.0)).double() - torch.tensor(0.01).double()
    for seed in SEEDS:
        run = perform(
            "activations", "symmetry", seed=seed, data=data, value=0.01, dtype="float64", nudge=True
        )
        apart = run.charts["largest difference of two units"].curves["measured"].y
        assert apart[0] == run.facts["first_difference"] == approx(ulp.item())
        assert apart[12] > 30 * apart[6] > 30 * apart[0]
        assert run.facts["growth"] == approx(apart[12] / apart[0])
        assert run.facts["growth"] > 1e4
        assert run.facts["distinct_units"] <= 2
        assert missed(goal("activations", "distinct_units"), run)
    assert answer("activations", "The difference begins") == "more than ten thousand times as large"


def test_what_grows_is_the_nudge_and_not_rounding(data: str) -> None:
    """Without it float64 leaves a difference a thousand times smaller, or none, whatever kernel adds up."""
    for nudged, plain in zip(
        _facts("symmetry", data, value=0.01, dtype="float64", nudge=True),
        _facts("symmetry", data, value=0.01, dtype="float64"),
        strict=True,
    ):
        assert plain["difference"] < nudged["difference"] / 1000
        assert plain["first_difference"] == 0
        assert plain["growth"] is None


@pytest.mark.parametrize("noise", [0.001, pytest.param(0.05, marks=pytest.mark.long), 0.1])
def test_any_noise_breaks_the_symmetry(noise: float) -> None:
    """Ten different units, and 0.8 right."""
    for seed in SEEDS:
        facts = perform("activations", "symmetry", seed=seed, value=0.01, noise=noise).facts
        assert facts["distinct_units"] == 10
        assert facts["accuracy"] > 0.8
    assert answer("activations", "the least noise") == "0.001"


def test_a_noise_a_thousand_times_smaller_parts_the_units_too_late() -> None:
    """1e-7: ten different units, of which at most 0.7 come out right, on every seed."""
    wanted = goal("activations", "distinct_units")
    for seed in SEEDS:
        late = perform("activations", "symmetry", seed=seed, value=0.01, noise=1e-7)
        assert missed(wanted, late) == ()
        plenty = perform("activations", "symmetry", seed=seed, value=0.01, noise=0.001)
        assert missed(wanted, plenty) == ("accuracy",)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
@pytest.mark.parametrize("name", ["curves", "bell", "chain", "saturation", "dead", "symmetry"])
def test_it_runs_on_a_gpu(name: str) -> None:
    lesson = _module()
    with torch.device("cuda"):
        assert list(getattr(lesson, name)())
