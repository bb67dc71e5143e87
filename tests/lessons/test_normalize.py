"""What `normalize` says, held against its runs on the embedded digits and on the full MNIST."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest
import torch
from pytest import approx
from runs import (
    MORE_SEEDS,
    SEEDS,
    answer,
    course,
    goal,
    missed,
    perform,
    perform_anew,
    perform_with,
    perform_with_solution,
)

from initplay.lab.mnist import dataset
from initplay.worker import source


def _finals(data: str, normalized: bool, lr: float) -> list[float]:
    runs = (perform("normalize", "train", seed=s, data=data, normalized=normalized, lr=lr) for s in SEEDS)
    return [run.facts["final_loss"] for run in runs]


def _leaks(data: str, outliers: int, **knobs: Any) -> list[dict[str, Any]]:
    return [
        perform("normalize", "leak", seed=seed, data=data, outliers=outliers, **knobs).facts for seed in SEEDS
    ]


@pytest.mark.parametrize(("divide_by", "mean", "std"), [(255, 0.1315, 0.3087), (256, 0.1310, 0.3074)])
def test_embedded_mean_and_std(divide_by: int, mean: float, std: float) -> None:
    """The numbers of the text, to their four decimals."""
    facts = perform("normalize", "digits", divide_by=divide_by).facts
    assert (facts["train_mean"], facts["train_std"]) == approx((mean, std), abs=6e-5)


@pytest.mark.parametrize(
    ("divide_by", "mean", "std"),
    [(255, 0.1310, 0.3085), pytest.param(256, 0.1304, 0.3073, marks=pytest.mark.long)],
)
def test_full_mean_and_std(divide_by: int, mean: float, std: float, full_mnist: str) -> None:
    """0.1304 and 0.3073 belong to pixels divided by 256."""
    facts = perform("normalize", "digits", data=full_mnist, divide_by=divide_by).facts
    assert (facts["train_mean"], facts["train_std"]) == approx((mean, std), abs=6e-5)


def test_validation_digits_keep_their_own_mean_and_std(full_mnist: str) -> None:
    """With the training statistics the validation mean is −0.003 (embedded) and −0.006 (full)."""
    embedded = perform("normalize", "digits").facts
    full = perform("normalize", "digits", data=full_mnist).facts
    assert (embedded["valid_mean_after"], embedded["valid_std_after"]) == approx((-0.0028, 0.9983), abs=6e-5)
    assert (full["valid_mean_after"], full["valid_std_after"]) == approx((-0.0059, 0.9924), abs=6e-5)


def test_normalizing_cancels_the_divisor(data: str) -> None:
    """Divided by 255 or by 256: mean 0 and std 1, and the validation digits the same to five decimals."""
    by_255, by_256 = (perform("normalize", "digits", data=data, divide_by=by).facts for by in (255, 256))
    for facts in (by_255, by_256):
        assert (facts["train_mean_after"], facts["train_std_after"]) == approx((0, 1), abs=1e-5)
    for name in ("train_mean_after", "train_std_after", "valid_mean_after", "valid_std_after"):
        assert by_256[name] == approx(by_255[name], abs=1e-5)
    assert answer("normalize", "256 instead of 255") == "neither"


def test_the_histogram_keeps_its_shape() -> None:
    """It slides left, then stretches: no value off the axis, one bar of pixels without ink, later wider."""
    raw, centered, scaled = perform("normalize", "digits").charts["pixels"].bins.items
    assert sum(raw.counts) == sum(centered.counts) == sum(scaled.counts) == 784_000
    assert max(raw.counts) == approx(max(scaled.counts), rel=0.05)
    assert _tallest(scaled.counts) < _tallest(centered.counts) < _tallest(raw.counts)
    assert _width(centered.counts) == approx(_width(raw.counts), abs=1)
    assert _width(scaled.counts) > 2 * _width(raw.counts)


def _tallest(counts: list[int]) -> int:
    return counts.index(max(counts))


def _width(counts: list[int]) -> int:
    filled = [number for number, count in enumerate(counts) if count]
    return filled[-1] - filled[0]


def test_the_first_test_fails_on_raw_pixels_and_says_so(data: str) -> None:
    """The assertion fails, the lesson does not."""
    raw = perform("normalize", "check", data=data)
    assert raw.facts["passed"] is False
    assert raw.facts["mean"] == approx(0.13, abs=0.005)
    assert raw.notes.items[-1].startswith("AssertionError: 0.131")
    assert answer("normalize", "Does the test pass") == "no"


@pytest.mark.parametrize("normalized", [False, True])
def test_the_curve_of_the_first_test_ends_with_all_digits(normalized: bool) -> None:
    """At what the assertion is about: the same number of digits, and the same mean."""
    run = perform("normalize", "check", normalized=normalized)
    for curve, level in (("measured", run.facts["mean"]), ("the most that passes", 0.01)):
        found = run.charts["mean of the first n digits"].curves[curve]
        assert (found.x[-1], found.y[-1]) == (4000, approx(level))
        assert list(found.x) == sorted(set(found.x))


def test_the_first_test_passes_after_normalizing_and_not_by_loosening(data: str) -> None:
    wanted = goal("normalize", "passed")
    assert missed(wanted, perform("normalize", "check", data=data, normalized=True)) == ()
    loosened = perform("normalize", "check", data=data, tolerance=1.0)
    assert loosened.facts["passed"] is True
    assert missed(wanted, loosened) == ("tolerance",)


@pytest.mark.parametrize("how", ["inverted", "brightened"])
def test_outliers_move_an_untouched_digit_only_through_own_statistics(how: str, data: str) -> None:
    """More outliers, more change; none, no change. With the training statistics exactly 0, always."""
    run = perform("normalize", "leak", data=data, outliers=500, how=how)
    curves = run.charts["change of one digit"].curves
    shifts = list(curves["own mean and std"].y)
    assert len(shifts) == 11
    assert shifts[0] == 0
    assert shifts == sorted(set(shifts))
    assert set(curves["training's"].y) == {0.0}
    assert run.facts["shift_own"] == shifts[-1]
    assert run.facts["shift_train"] == 0


def test_shift_is_the_rms_change_of_the_last_digit() -> None:
    """Recomputed here from the digits: rms of the difference between its two normalized pictures."""
    dataset.use("embedded")
    pixels = dataset.digits().x_valid[:1000].double() / 255
    spoiled = pixels.clone()
    spoiled[:100] = 1 - spoiled[:100]
    before = (pixels[-1] - pixels.mean()) / pixels.std()
    after = (pixels[-1] - spoiled.mean()) / spoiled.std()
    expected = (after - before).square().mean().sqrt().item()
    assert perform("normalize", "leak", outliers=100).facts["shift_own"] == approx(expected, rel=1e-4)


def test_pixels_without_ink_enter_lower_when_outliers_are_inverted(data: str) -> None:
    """A pixel of 0 enters the net as −mean/std: lower by more than 0.1 with 100 outliers."""
    clean, spoiled = (perform("normalize", "leak", data=data, outliers=n).facts for n in (0, 100))
    assert -spoiled["own_mean"] / spoiled["own_std"] < -clean["own_mean"] / clean["own_std"] - 0.1
    assert answer("normalize", "inkless") == "a lower one"


def test_two_hundred_outliers_reach_the_goal_of_the_leak(data: str) -> None:
    assert missed(goal("normalize", "shift_own"), perform("normalize", "leak", data=data, outliers=200)) == ()


def test_what_a_leak_costs(data: str) -> None:
    """100 outliers cost at most 4 points of accuracy, 500 at least 15, in every draw; before, above 0.88."""
    for few, many in zip(_leaks(data, 100), _leaks(data, 500), strict=True):
        assert few["accuracy_train"] == approx(many["accuracy_train"], abs=0.002)
        assert few["accuracy_train"] > 0.88
        assert few["accuracy_train"] - few["accuracy_own"] < 0.04
        assert many["accuracy_train"] - many["accuracy_own"] > 0.15


def test_half_of_the_set_inverted_leaves_0_57_to_0_74() -> None:
    runs = [perform("normalize", "leak", seed=seed, outliers=500) for seed in MORE_SEEDS]
    draws = [run.facts["accuracy_own"] for run in runs]
    assert 0.56 < min(draws) < 0.61
    assert 0.68 < max(draws) < 0.75
    assert median(draws) == approx(0.65, abs=0.04)


def test_accuracy_with_training_statistics_is_flat(data: str) -> None:
    flat = perform("normalize", "leak", data=data, outliers=500).charts["accuracy"].curves["training's"].y
    assert max(flat) - min(flat) <= 0.002


def test_first_loss_of_a_net_that_knows_nothing(data: str) -> None:
    """On raw pixels within 0.2 of ln 10, in every draw."""
    for seed in SEEDS:
        first = perform("normalize", "train", seed=seed, data=data, normalized=False).facts["first_loss"]
        assert first == approx(math.log(10), abs=0.2)


def test_the_first_loss_is_what_theory_says(data: str) -> None:
    """ln 10 and half the variance of the outputs: each draw within 0.5 of it, their mean within 0.2."""
    for normalized in (False, True):
        found = [
            perform("normalize", "train", seed=seed, data=data, normalized=normalized).facts for seed in SEEDS
        ]
        off = [facts["first_loss"] - facts["first_loss_theory"] for facts in found]
        assert all(abs(one) < 0.5 for one in off)
        assert sum(off) / len(off) == approx(0, abs=0.2)


def test_raw_steps_do_a_ninth_as_much() -> None:
    """Input times input: 0.335² = 1/8.9."""
    facts = perform("normalize", "train", normalized=False).facts
    assert 1 / facts["input_rms"] ** 2 == approx(9, abs=0.3)


def test_brightened_digits_cost_little(data: str) -> None:
    """100 of them 2 points at most, and in some draws hardly anything."""
    lost = [f["accuracy_train"] - f["accuracy_own"] for f in _leaks(data, 100, how="brightened")]
    assert max(lost) < 0.02
    assert min(lost) <= 0.005


def test_no_outlier_is_no_change_and_nothing_is_noted() -> None:
    run = perform("normalize", "leak", outliers=0)
    assert run.facts["shift_own"] == 0
    assert not run.notes.items
    assert "so it changed too" in perform("normalize", "leak").notes.items[-1]


def test_fast_ais_numbers_stand_beside_pixels_in_256ths_alone() -> None:
    rows = perform("normalize", "digits", divide_by=256).tables["theory and you"].items
    assert [row["fast.ai"] for row in rows] == ["0.1304", "0.3073", None, None, "-0.0058", "0.9924"]
    assert all("fast.ai" not in row for row in perform("normalize", "digits").tables["theory and you"].items)


def test_normalized_pixels_end_at_about_half_the_loss(data: str) -> None:
    """At the same learning rate: raw 0.65 to 0.8, normalized 0.4 to 0.6 of that, in every draw."""
    for raw, normalized in zip(_finals(data, False, 0.02), _finals(data, True, 0.02), strict=True):
        assert 0.65 < raw < 0.8
        assert 0.4 < normalized / raw < 0.6


def test_the_final_loss_is_of_fifty_batches_and_the_curve_ends_on_one() -> None:
    run = perform("normalize", "train", normalized=True)
    losses = list(run.charts["loss"].curves["measured"].y)
    assert run.facts["final_loss"] == approx(sum(losses[-50:]) / 50, rel=1e-4)
    assert max(losses[-50:]) > 1.5 * min(losses[-50:])


def test_normalized_pixels_give_the_better_accuracy(data: str) -> None:
    for seed in SEEDS:
        raw, normalized = (
            perform("normalize", "train", seed=seed, data=data, normalized=on).facts["accuracy"]
            for on in (False, True)
        )
        assert normalized > raw + 0.02


@pytest.mark.parametrize(("normalized", "rms"), [(False, 0.335), (True, 1.0)])
def test_the_first_layer_keeps_the_rms_of_its_input(normalized: bool, rms: float, data: str) -> None:
    """Inputs of rms 0.34 or 1; the layer's output within 10 % of that, in every draw."""
    for seed in SEEDS:
        facts = perform("normalize", "train", seed=seed, data=data, normalized=normalized).facts
        assert facts["input_rms"] == approx(rms, abs=0.01)
        assert facts["first_layer_rms"] == approx(facts["input_rms"], rel=0.1)


def test_a_larger_learning_rate_makes_up_for_raw_pixels(data: str) -> None:
    """Raw at 0.1 is where normalized is at 0.02, within 15 %; and five times the rate reaches the goal."""
    for raw, normalized in zip(_finals(data, False, 0.1), _finals(data, True, 0.02), strict=True):
        assert raw == approx(normalized, rel=0.15)
    for lr in (0.1, 0.2):
        run = perform("normalize", "train", data=data, normalized=False, lr=lr)
        assert missed(goal("normalize", "final_loss"), run) == ()


def test_at_a_tenth_normalized_leads_and_at_a_half_it_loses(data: str) -> None:
    """At 0.1 normalized is ahead in every draw; at 0.5 raw is, in all but one of them at most."""
    at_a_tenth = zip(_finals(data, True, 0.1), _finals(data, False, 0.1), strict=True)
    assert all(normalized < raw for normalized, raw in at_a_tenth)
    at_a_half = list(zip(_finals(data, True, 0.5), _finals(data, False, 0.5), strict=True))
    assert sum(raw < normalized for normalized, raw in at_a_half) >= len(at_a_half) - 1


def _trained(data: str, **knobs: Any) -> list[dict[str, Any]]:
    return [perform("normalize", "train", seed=seed, data=data, **knobs).facts for seed in SEEDS]


def test_the_strongest_direction_is_mostly_the_average_digit(data: str) -> None:
    """Raw 38 of 88; normalized 250 of 784; with each pixel's own mean 76, a tenth; within 5 %."""
    (raw,) = {f["strongest"] for f in _trained(data, normalized=False)}
    (one,) = {f["strongest"] for f in _trained(data)}
    (each,) = {f["strongest"] for f in _trained(data, centre="each pixel's", lr=0.1)}
    assert (raw, one, each) == (approx(38, rel=0.05), approx(250, rel=0.05), approx(76, rel=0.1))
    assert answer("normalize", "strongest direction") == "about 76"
    assert raw / 0.3087**2 > 1.5 * one  # in the same units: one number for all pixels takes away a part
    for normalized, total in ((False, 88), (True, 784)):
        (facts,) = {f["strongest"] / f["strongest_share"] for f in _trained(data, normalized=normalized)}
        assert facts == approx(total, rel=0.04)


def test_the_strongest_direction_is_the_largest_eigenvalue() -> None:
    """Of the mean of x xᵀ, as LAPACK finds it, to four digits; and all of them add up to its trace."""
    x = torch.randn(200, 20) + 1
    lesson = course().find("normalize")
    found = source.load(lesson.source, str(lesson.source_path)).strongest_direction(x)
    eigenvalues = torch.linalg.eigvalsh(x.T @ x / len(x))
    assert found[0].item() == approx(eigenvalues[-1].item(), rel=1e-4)
    assert found[1].item() == approx(eigenvalues.sum().item(), rel=1e-4)


@pytest.mark.parametrize("lr", [pytest.param(0.02, marks=pytest.mark.long), 0.1])
def test_each_pixels_own_mean_ends_lower_in_every_draw(lr: float, data: str) -> None:
    each = _trained(data, centre="each pixel's", lr=lr)
    for own, one in zip(each, _trained(data, lr=lr), strict=True):
        assert own["final_loss"] < one["final_loss"]
        assert own["input_rms"] == approx(1, abs=0.015)


def test_both_runs_of_a_seed_draw_the_same_net_and_batches() -> None:
    """Same seed, same knobs: the same losses; another seed: others."""
    raw = perform("normalize", "train", normalized=False).charts["loss"].curves["measured"].y
    again = perform_anew("normalize", "train", seed=42, normalized=False).charts["loss"].curves["measured"].y
    other = perform("normalize", "train", seed=0, normalized=False).charts["loss"].curves["measured"].y
    assert len(raw) == 300
    assert list(raw) == approx(list(again), rel=1e-3)
    assert list(raw) != approx(list(other), rel=1e-3)
    assert torch.get_default_dtype() == torch.float32


def test_what_the_learner_wrote_is_held_against_the_leak(data: str) -> None:
    """The solution moves the untouched digit by nothing; each set by its own moves it as the leak does."""
    run = perform_with_solution("normalize", "leak", data=data)
    change = run.charts["change of one digit"].curves
    assert set(change["yours"].y) == {0.0}
    right = run.charts["accuracy"].curves
    assert right["yours"].y == approx(right["training's"].y, abs=0.01)
    assert len(set(right["yours"].y)) == 1
    leaky = "def normalize(train, valid):\n    return [(x - x.mean()) / x.std() for x in (train, valid)]\n"
    change = perform_with(leaky, "normalize", "leak", data=data).charts["change of one digit"].curves
    assert change["yours"].y == approx(change["own mean and std"].y, abs=1e-4)


def test_a_run_on_other_pictures_says_so(tmp_path: Path) -> None:
    """Its numbers are not those that the text speaks of; a lesson without digits has nothing to say."""
    images = torch.arange(700 * 784).reshape(700, 28, 28).remainder(251).to(torch.uint8).numpy()
    labels = (torch.arange(700) % 10).to(torch.uint8).numpy()
    np.savez(tmp_path / "mnist.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    others = str(tmp_path / "mnist.npz")
    says = (
        "The digits are 10 classes, 28x28, 1.4k (mnist.npz): what the lesson's text says of them is MNIST's."
    )
    assert says in perform("normalize", "digits", data=others).notes.items
    assert says not in perform("scatter", "coin", data=others).notes.items
    assert says not in perform("normalize", "digits").notes.items
