"""What `optimizer` says, held against its runs, and its optimizers against those of torch."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from pytest import approx
from runs import LONG, SEEDS, answer, course, goal, missed, perform, perform_anew, perform_with_solution
from torch import nn

from initplay.recording.run import Run
from initplay.recording.why import explain
from initplay.worker import source


def _triples(**knobs: Any) -> list[Run]:
    return [perform("optimizer", "triple", seed=seed, **knobs) for seed in SEEDS]


def _module():
    lesson = course().find("optimizer")
    return source.load(lesson.source, str(lesson.source_path))


@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov"])
def test_the_optimizers_step_as_those_of_torch_do(name: str) -> None:
    """Same net, same gradients: after 20 steps every parameter agrees to 1e-6."""
    lesson = _module()
    torch.manual_seed(0)
    nets = [nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 3)) for _ in range(2)]
    nets[1].load_state_dict(nets[0].state_dict())
    kinds: dict[str, Any] = {
        "sgd": lambda p: lesson.SGD(p, 0.1),
        "momentum": lambda p: lesson.Momentum(p, 0.1, 0.9),
        "nesterov": lambda p: lesson.Nesterov(p, 0.1, 0.9),
    }
    mine = kinds[name](nets[0].parameters())
    torchs = torch.optim.SGD(
        nets[1].parameters(), lr=0.1, momentum=0.0 if name == "sgd" else 0.9, nesterov=name == "nesterov"
    )
    start = next(nets[0].parameters()).detach().clone()
    for _ in range(20):
        x, y = torch.randn(16, 5), torch.randn(16, 3)
        for net, opt in zip(nets, (mine, torchs), strict=True):
            net.zero_grad()
            (net(x) - y).square().mean().backward()
            opt.step()
    for a, b in zip(nets[0].parameters(), nets[1].parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)
    assert (next(nets[0].parameters()) - start).abs().max() > 0.01


def test_sgd_brings_the_weight_within_7_percent_of_3() -> None:
    """And the bias is still further from 0 than the weight from 3."""
    for run in _triples(draw="positive"):
        assert run.facts["weight"] == approx(3, rel=0.07)
        assert abs(run.facts["bias"]) > abs(run.facts["weight"] - 3)
        assert not run.facts["dead"]
    assert answer("optimizer", "still further off") == "the bias"


@pytest.mark.parametrize("draw", ["as drawn", "positive", "negative"])
def test_solved_has_zero_loss_after_one_step(draw: str) -> None:
    for run in _triples(optimizer="solved", draw=draw):
        facts = run.facts
        assert (facts["zero_after"], facts["final_loss"], facts["weight"], facts["bias"]) == (1, 0, 3, 0)


def test_too_long_a_step_kills_a_unit_that_was_alive() -> None:
    """Past 2/16.7 = 0.12 in every draw, at 0.11 in none."""
    for run in (*_triples(draw="positive", lr=0.2), *_triples(draw="positive", lr=0.125)):
        assert not run.facts["dead_at_first"]
        assert run.facts["dead"]
        assert run.facts["final_loss"] == approx(67.5)
    assert not any(run.facts["dead"] for run in _triples(draw="positive", lr=0.11))
    assert answer("optimizer", "lr = 0.2") == "it dies"


def test_the_bowl_has_the_curvatures_that_the_text_says() -> None:
    lesson = _module()
    curvatures, _ = lesson.curvatures_of_loss(lesson.four_examples()[0])
    assert curvatures.tolist() == approx([0.30, 16.7], rel=0.01)
    assert [1 - 0.02 * c for c in curvatures.tolist()] == approx([0.994, 0.67], abs=0.005)


@pytest.mark.parametrize("lr", [0.07, 0.09, 0.11])
def test_a_longer_step_reaches_the_goal_of_sgd(lr: float) -> None:
    wanted = goal("optimizer", "steps")
    assert all(missed(wanted, run) == () for run in _triples(draw="positive", lr=lr))
    assert all(missed(wanted, run) for run in _triples(draw="positive", lr=0.02))


def test_the_race_goes_as_the_text_says() -> None:
    """Below 0.001: Nesterov after 33 to 36 steps, momentum after 95 to 105, SGD not within 200."""
    for seed in SEEDS:
        facts = perform("optimizer", "race", seed=seed).facts
        assert facts["sgd_steps"] is None
        assert 95 <= facts["momentum_steps"] <= 105
        assert 33 <= facts["nesterov_steps"] <= 36


@pytest.mark.parametrize("momentum", [0.5, 0.9])
def test_the_error_shrinks_as_theory_says(momentum: float) -> None:
    """The factor per step within 0.0005 of theory for SGD, 0.005 for the two that swing."""
    for seed in SEEDS:
        rows = perform("optimizer", "race", seed=seed, momentum=momentum).tables["error per step"].items
        for row in rows:
            assert row["you"] == approx(row["theory"], abs=5e-4 if row["optimizer"] == "sgd" else 5e-3)
        if momentum == 0.9:
            assert rows[1]["theory"] == approx(math.sqrt(0.9), abs=1e-6)


@pytest.mark.parametrize(
    "lr",
    [
        0.001,
        pytest.param(0.002, marks=pytest.mark.long),
        pytest.param(0.003, marks=pytest.mark.long),
        0.07,
    ],
)
@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_the_error_shrinks_as_theory_says_at_the_ends_too(lr: float, momentum: float) -> None:
    """The flat way's own error: within 0.002 of theory, though the steep way still rules the loss."""
    for seed in SEEDS if LONG else SEEDS[-1:]:
        for row in (
            perform("optimizer", "race", seed=seed, lr=lr, momentum=momentum).tables["error per step"].items
        ):
            if row["theory"] is not None:
                assert row["you"] == approx(row["theory"], abs=2e-3)


def test_targets_are_not_called_theory() -> None:
    run = perform("optimizer", "triple", draw="negative")
    assert all("theory" not in chart.curves for chart in run.charts.values())
    assert [row["what triples"] for row in run.tables["parameters"].items] == [3, 0]


def test_the_theory_of_sgd_lies_on_the_measured_curve() -> None:
    for seed in SEEDS:
        curves = perform("optimizer", "race", seed=seed).charts["loss"].curves
        assert list(curves["theory"].y) == approx(list(curves["sgd"].y), rel=0.01)


def test_less_momentum_reaches_the_goal_of_the_race() -> None:
    wanted = goal("optimizer", "momentum_steps")
    for seed in SEEDS:
        assert missed(wanted, perform("optimizer", "race", seed=seed, momentum=0.85)) == ()
        assert missed(wanted, perform("optimizer", "race", seed=seed)) == ("momentum_steps",)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov"])
def test_a_negative_draw_is_dead_and_stays_so(optimizer: str) -> None:
    """The loss stays at exactly 67.5 and the weight where it was drawn."""
    for run in _triples(optimizer=optimizer, draw="negative"):
        assert run.facts["dead_at_first"]
        assert run.facts["dead"]
        assert run.facts["final_loss"] == 67.5
        assert len(set(run.charts["weight"].curves["measured"].y)) == 1


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov"])
def test_from_zero_no_gradient_ever_starts(optimizer: str) -> None:
    """ReLU's slope at 0 is 0: both gradients are exactly 0, and the loss stays at 67.5."""
    run = perform("optimizer", "triple", optimizer=optimizer, draw="zero")
    assert (run.facts["weight"], run.facts["bias"], run.facts["final_loss"]) == (0, 0, 67.5)
    assert run.facts["first_gradient"] == 0
    assert missed(goal("optimizer", "draw"), run) == ("final_loss",)
    assert perform("optimizer", "triple", draw="positive").facts["first_gradient"] > 0


def test_only_solved_mends_a_dead_unit() -> None:
    for draw in ("negative", "zero"):
        for run in _triples(optimizer="solved", draw=draw):
            assert (run.facts["final_loss"], run.facts["zero_after"]) == (0, 1)
    assert (
        missed(goal("optimizer", "draw"), perform("optimizer", "triple", optimizer="solved", draw="zero"))
        == ()
    )
    assert missed(goal("optimizer", "draw"), perform("optimizer", "triple", optimizer="solved"))


def test_13_in_32_units_are_dead_as_torch_draws_them() -> None:
    """Over 2,000 draws within 0.04 of 13/32 = 0.41."""
    lesson = _module()
    x, _ = lesson.four_examples()
    torch.manual_seed(0)
    dead = sum(lesson.is_dead(lesson.Triple(), x) for _ in range(2000))
    assert dead / 2000 == approx(13 / 32, abs=0.04)


def test_the_old_order_never_uses_the_first_learning_rate() -> None:
    """It starts at half the rate, and torch warns; the right order starts at 0.1 and is quiet."""
    for seed in SEEDS:
        old = perform("optimizer", "schedule", seed=seed, order="scheduler first")
        right = perform("optimizer", "schedule", seed=seed)
        assert (old.facts["first_lr"], old.facts["warned"]) == (0.05, True)
        assert (right.facts["first_lr"], right.facts["warned"]) == (0.1, False)
        assert "before `optimizer.step()`" in old.notes.items[0]
        rates = right.charts["learning rate used"].curves
        assert list(rates["measured"].y) == approx(list(rates["as meant"].y))


@pytest.mark.parametrize(("step_size", "last"), [(1, 0.1 / 2**9), (3, 0.0125), (5, 0.05)])
def test_step_size_says_how_often_the_rate_changes(step_size: int, last: float) -> None:
    run = perform("optimizer", "schedule", step_size=step_size)
    assert run.facts["last_lr"] == approx(last)
    rates = run.charts["learning rate used"].curves
    assert list(rates["measured"].y) == approx(list(rates["as meant"].y))
    assert (missed(goal("optimizer", "last_lr"), run) == ()) is (step_size == 3)


def test_decay_goes_far_and_comes_to_rest(data: str) -> None:
    """Decaying ends at 0.35 to 0.55, long at 0.5 to 1, short at 1.03 to 1.15; long scatters most."""
    for seed in SEEDS:
        facts = perform("optimizer", "decay", seed=seed, data=data).facts
        assert 0.35 < facts["loss_decaying"] < 0.55
        assert facts["share_left"] < 0.8
        assert 0.5 < facts["loss_long"] < 1 < 1.03 < facts["loss_short"] < 1.15
        assert facts["scatter_decaying"] < 1.1 < facts["scatter_long"]
    assert answer("optimizer", "In which order do they end") == "decaying, long, short"


def test_three_halvings_reach_the_goal_of_decay(data: str) -> None:
    for seed in SEEDS:
        run = perform("optimizer", "decay", seed=seed, data=data, step_size=100, gamma=0.5)
        assert missed(goal("optimizer", "share_left"), run) == ()


def test_without_decay_all_three_rates_are_one() -> None:
    facts = perform("optimizer", "decay", gamma=1.0, lr=1.0, step_size=100).facts
    assert facts["loss_long"] == facts["loss_short"] == facts["loss_decaying"]


def test_gradients_that_nobody_clears_end_learning(data: str) -> None:
    """At lr 0.05: NaN or a loss above 2, and about one digit in ten; with zero_grad 0.85 to 0.93. No word
    blames the rate, at which a net learns whose gradients are cleared."""
    for seed in SEEDS:
        run = perform("optimizer", "forgotten", seed=seed, data=data)
        facts = run.facts
        said = [*run.notes.items, *explain(run)]
        assert not any("steps were too long" in one for one in said)
        assert facts["nan_after"] is None or said[0].startswith("The gradients added up,")
        assert not any("diverges" in one for one in said) or any("never cleared" in one for one in said)
        assert facts["nan_after"] is not None or facts["final_loss"] > 2
        assert facts["accuracy"] < 0.25
    cleared = perform("optimizer", "forgotten", data=data, zero_grad=True).facts
    assert 0.85 < cleared["accuracy"] < 0.95
    assert answer("optimizer", "sum of all gradients").startswith("it learns nothing")


def test_with_short_steps_the_mistake_hides() -> None:
    """At lr 0.002 it even learns faster than with zero_grad."""
    wanted = goal("optimizer", "zero_grad")
    for seed in SEEDS:
        hidden = perform("optimizer", "forgotten", seed=seed, lr=0.002)
        right = perform("optimizer", "forgotten", seed=seed, lr=0.002, zero_grad=True)
        assert missed(wanted, hidden) == ()
        assert 0.5 < right.facts["accuracy"] < 0.75 < hidden.facts["accuracy"]


def test_gradients_add_up_to_that_of_the_larger_batch() -> None:
    """Four times 16 digits, each loss / 4, are 64 digits at once, but for rounding."""
    run = perform("optimizer", "forgotten")
    assert run.facts["parts_off_by"] < 1e-6
    once, parts = (row["rms of the gradient"] for row in run.tables["64 digits"].items)
    assert once == approx(parts, rel=1e-5)


def test_gradients_never_cleared_are_a_momentum_of_1() -> None:
    """Step by step: SGD along the sum of all gradients, and Momentum with 1."""
    lesson = _module()
    x, y = lesson.four_examples()
    torch.manual_seed(0)
    summed, momentum = lesson.Triple(), lesson.Triple()
    momentum.load_state_dict(summed.state_dict())
    sgd, one = lesson.SGD(summed.parameters(), 0.01), lesson.Momentum(momentum.parameters(), 0.01, 1.0)
    for _ in range(20):
        momentum.zero_grad()
        for model, opt in ((summed, sgd), (momentum, one)):
            nn.functional.mse_loss(model(x), y).backward()
            opt.step()
    for a, b in zip(summed.parameters(), momentum.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)


def test_the_paths_lie_in_the_bowl() -> None:
    """Dark in the middle, where weight and bias are right; Nesterov's path ends there."""
    lesson = _module()
    x, _ = lesson.four_examples()
    bowl = lesson.picture_of_path(x, [torch.tensor([9.0, 9.0])])  # a path outside of it
    assert bowl.shape == (31, 61)
    assert bowl[15, 30] == bowl.min() < 1e-6
    assert lesson.picture_of_path(x, [torch.tensor([1.0, -2.0])])[5, 40] == 1.5
    assert (
        len(perform("optimizer", "race").charts["path in the bowl: sgd, momentum, nesterov"].pictures.items)
        > 1
    )


def test_asking_for_the_gradient_of_inputs_changes_no_weight_gradient(data: str) -> None:
    """But for rounding; it costs 64 × 784 numbers more, and only where it is asked for."""
    for seed in SEEDS:
        asked = perform("optimizer", "inputs", seed=seed, data=data).facts
        plain = perform("optimizer", "inputs", seed=seed, data=data, requires_grad=False).facts
        assert max(asked["largest_difference"], plain["largest_difference"]) < 1e-6
        assert (asked["extra_numbers"], plain["extra_numbers"]) == (50_176, 0)
    assert answer("optimizer", "Which weight gradients") == "none"


def test_the_same_seed_gives_the_same_numbers() -> None:
    one = perform("optimizer", "triple", seed=1).charts["loss"].curves["measured"].y
    again = perform_anew("optimizer", "triple", seed=1).charts["loss"].curves["measured"].y
    assert list(one) == approx(list(again), rel=1e-5)
    assert one != perform("optimizer", "triple", seed=2).charts["loss"].curves["measured"].y


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
@pytest.mark.parametrize("name", ["triple", "race", "schedule", "decay", "forgotten", "inputs"])
def test_it_runs_on_a_gpu(name: str) -> None:
    lesson = _module()
    with torch.device("cuda"):
        assert list(getattr(lesson, name)())


def test_the_learner_s_optimizer_is_the_fourth_curve_of_the_race() -> None:
    """Without decay it lies on momentum's; the other three are as they were."""
    known, run = perform("optimizer", "race"), perform_with_solution("optimizer", "race")
    curves = run.charts["loss"].curves
    assert list(curves["yours"].y) == approx(list(curves["momentum"].y), rel=1e-3, abs=1e-6)
    assert str(run.facts) == str(known.facts)
    assert "yours" not in known.charts["loss"].curves
