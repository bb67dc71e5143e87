"""What lesson 00 says, held against its runs."""

from __future__ import annotations

import pytest
import torch
from pytest import approx
from runs import SEEDS, answer, course, goal, missed, perform

from initplay.lab import Result
from initplay.lab.mnist import dataset
from initplay.worker import source


def _experiment():
    """The lesson's module, for its functions that are no experiments."""
    lesson = course().find("neuron")
    return source.load(lesson.source, str(lesson.source_path))


def test_the_four_outputs() -> None:
    """19 and 22, then 43 and 50, summed in loops and as one product; 50 is what the prediction asks for."""
    facts = perform("neuron", "layer").facts
    assert facts["outputs"] == facts["product"] == [[19, 22], [43, 50]]
    assert facts["same"] is True
    assert facts["largest"] == 50


def test_each_sum_is_spelled_out() -> None:
    """The terms of a row, computed as they are written, give the row's sum."""
    rows = perform("neuron", "layer", bias=-30.0, relu=True).tables["each sum"].items
    assert rows[0]["terms"] == "1×5 + 2×7 - 30"
    for row in rows:
        assert eval(row["terms"].replace("×", "*")) == row["sum"]
        assert row["output"] == max(row["sum"], 0)
    assert [(row["sample"], row["neuron"]) for row in rows] == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_the_chart_builds_a_sum_term_by_term() -> None:
    curve = perform("neuron", "layer", bias=-30.0, relu=True).charts["four sums"].curves["sample 1, neuron 2"]
    assert list(curve.y) == [0, 6, 22, -8, 0]


@pytest.mark.parametrize("bias", [-60.0, -20.0, -0.5, 0.0, 7.25, 60.0])
@pytest.mark.parametrize("relu", [False, True])
def test_the_sums_are_the_product_with_any_bias(bias: float, relu: bool) -> None:
    facts = perform("neuron", "layer", bias=bias, relu=relu).facts
    assert facts["outputs"] == facts["product"]
    expected = [[total + bias for total in row] for row in ([19, 22], [43, 50])]
    assert facts["outputs"] == [[max(v, 0) if relu else v for v in row] for row in expected]


def test_a_bias_of_minus_30_puts_two_below_zero_and_relu_makes_them_0() -> None:
    assert perform("neuron", "layer", bias=-30.0).facts["negative"] == 2
    facts = perform("neuron", "layer", bias=-30.0, relu=True).facts
    assert facts["outputs"] == [[0, 0], [13, 20]]
    assert answer("neuron", "−11 and −8") == "0 and 0"


@pytest.mark.parametrize(("bias", "reached"), [(-18.9, False), (-19.0, True), (-21.9, True), (-22.0, False)])
def test_one_output_is_silent_between_19_and_22(bias: float, reached: bool) -> None:
    run = perform("neuron", "layer", bias=bias, relu=True)
    assert (missed(goal("neuron", "zeros"), run) == ()) is reached


def test_without_relu_no_bias_reaches_the_goal() -> None:
    """A sum that is exactly 0 is not silenced."""
    assert missed(goal("neuron", "zeros"), perform("neuron", "layer", bias=-19.0)) == ("relu",)


def test_the_shape_of_a_product() -> None:
    rows = perform("neuron", "batch").tables["shapes"].items
    shapes = {row["tensor"]: f"({row['rows']}, {row['columns']})" for row in rows}
    assert (shapes["x"], shapes["w"]) == ("(256, 784)", "(10, 784)")
    assert answer("neuron", "What shape") == shapes["x @ w.T"]


def test_loop_and_product_give_the_same_numbers(data: str) -> None:
    """But for rounding: within 1e-5, outputs being of size 1."""
    for seed in SEEDS:
        assert perform("neuron", "batch", seed=seed, data=data, size=64).facts["max_difference"] < 1e-5


def test_a_larger_batch_gains_more() -> None:
    """One digit gains hardly anything (under 2.5 times); 4,096 gain more than 64, and these more than one."""
    ratios = [perform("neuron", "batch", size=size).facts["ratio"] for size in (1, 64, 4096)]
    assert ratios == sorted(ratios)
    assert 0.4 < ratios[0] < 2.5
    assert answer("neuron", "One single digit") == "hardly at all"


def test_the_gain_stays_below_the_number_of_digits() -> None:
    """The line of equal calls is a ceiling, from 8 digits on; far from it at 4,096."""
    curve = perform("neuron", "batch", size=4096).charts["times faster"].curves["measured"]
    assert all(ratio < n for n, ratio in zip(curve.x, curve.y, strict=True) if n >= 8)
    assert curve.y[-1] < curve.x[-1] / 4


def test_the_goal_of_the_batch_wants_more_than_two_digits() -> None:
    wanted = goal("neuron", "ratio")
    assert missed(wanted, perform("neuron", "batch", size=4096)) == ()
    assert missed(wanted, perform("neuron", "batch", size=2)) == ("ratio",)


def test_timing_gives_the_threads_back() -> None:
    torch.set_num_threads(2)
    list(_experiment().batch(size=4))
    assert torch.get_num_threads() == 2


def test_the_shortest_time_is_a_time() -> None:
    """Positive, and longer for a thousand times the work."""
    fastest, all_at_once = _experiment().fastest, _experiment().all_at_once
    w = torch.randn(10, 784)
    few, many = (fastest(all_at_once, torch.randn(n, 784), w) for n in (4, 4000))
    assert 0 < few < many


def test_a_ratio_is_loop_by_product() -> None:
    facts = perform("neuron", "batch", size=64).facts
    assert facts["ratio"] == approx(facts["loop_us"] / facts["product_us"])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
def test_on_cuda_the_sums_are_the_same_and_a_batch_gains() -> None:
    dataset.use("embedded")
    with torch.device("cuda"):
        *_, layer = _experiment().layer()
        *_, batch = _experiment().batch(size=256)
    assert isinstance(layer, Result)
    assert layer.values["outputs"].tolist() == [[19, 22], [43, 50]]
    assert batch.values["ratio"] > 4
    assert batch.values["max_difference"].item() < 1e-5
