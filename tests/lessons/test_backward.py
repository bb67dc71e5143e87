"""What `backward` says, held against its runs on the embedded digits and on the full MNIST."""

from __future__ import annotations

import builtins
import math
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx
from runs import LONG, SEEDS, answer, course, goal, missed, perform, perform_with_solution

from initplay.course.lesson import Goal
from initplay.lab.mnist import dataset
from initplay.recording.run import Run
from initplay.worker import source

NAMES = ["out", "h", "w2", "b2", "z", "x", "w1", "b1"]


def _runs(experiment: str, **knobs: Any) -> list[Run]:
    return [perform("backward", experiment, seed=seed, **knobs) for seed in SEEDS]


def _experiment():
    """The lesson's module, for its functions that are no experiments."""
    lesson = course().find("backward")
    return source.load(lesson.source, str(lesson.source_path))


def _net(n: int, n_in: int, hidden: int, seed: int, dtype: torch.dtype = torch.float32) -> list[torch.Tensor]:
    """x, y, w1, b1, w2, b2 as the lesson draws them, with biases that are not 0."""
    torch.manual_seed(seed)
    w1, w2 = torch.randn(n_in, hidden) * (2 / n_in) ** 0.5, torch.randn(hidden, 1) * (2 / hidden) ** 0.5
    b1, b2 = torch.randn(hidden) / 10, torch.randn(1) / 10
    net = [torch.randn(n, n_in), torch.randn(n, 1), w1, b1, w2, b2]
    return [tensor.to(dtype) for tensor in net]


@settings(max_examples=60)
@given(numbers=st.tuples(*[st.integers(-12, 12)] * 4))
def test_the_chain_rule_of_one_unit_is_autograds(numbers: tuple[int, int, int, int]) -> None:
    """In quarters, which float32 has exactly: so are the gradients."""
    *_, result = _experiment().scalar(*(number / 4 for number in numbers))
    assert result.values["max_difference"] == 0


def test_the_gradient_of_w_is_what_a_nudge_says() -> None:
    """8 as a product of three slopes, by autograd, and by a nudge; and 0.008 of loss for 0.001 of w."""
    run = perform("backward", "scalar")
    assert (run.facts["d_w"], run.facts["d_x"], run.facts["d_b"], run.facts["loss"]) == (8, 12, 4, 4)
    for row in run.tables["from the loss back"].items:
        assert row["gradient"] == approx(row["autograd"], rel=1e-6)
        assert row["by a nudge"] is None or row["by a nudge"] == approx(row["gradient"], rel=1e-3)
    assert _experiment().loss_of(3.001, 2, -1, 3) - 4 == approx(0.008, rel=0.01)


@pytest.mark.parametrize("w", [-3.0, 3.0])
def test_the_loss_is_drawn_from_1_below_w_to_1_above(w: float) -> None:
    """20 points to each side, so that two times ten back lies w; at 3 it ends at w = 4 and a loss of 16."""
    run = perform("backward", "scalar", w=w)
    loss = run.charts["loss against w"].curves["measured"]
    assert (loss.x[0], loss.x[20], loss.x[40]) == (w - 1, w, w + 1)
    assert loss.y[20] == run.facts["loss"]
    assert len(loss.x) == 41
    assert w < 0 or loss.y[40] == 16
    tangent = run.charts["loss against w"].curves["tangent"]
    assert tangent.y[20] == loss.y[20]
    assert tangent.y[40] - tangent.y[20] == approx(run.facts["d_w"], abs=1e-9), "its slope is the gradient"


@pytest.mark.parametrize("knobs", [{"w": -2.0}, {"b": -5.0, "w": 2.0}, {"x": 0.0}])
def test_no_gradient_reaches_w(knobs: dict[str, Any]) -> None:
    wanted = goal("backward", "d_w")
    assert missed(wanted, perform("backward", "scalar", **knobs)) == ()
    assert missed(wanted, perform("backward", "scalar")) == ("d_w",)


@pytest.mark.parametrize("shift", [False, True])
def test_the_graph_that_autograd_wrote_is_walked_in_four_rounds(shift: bool) -> None:
    """Every tensor once, below what it waits for; operations are those of the forward pass."""
    run = perform("backward", "check", shift=shift)
    rows = run.tables["what autograd wrote down"].items
    assert run.facts["rounds"] == 4
    rounds = {row["made"]: row["round"] for row in rows if row["made"]}
    assert rounds == {"out": 1, "h": 2, "w2": 2, "b2": 2, "z": 3, "x": 4, "w1": 4, "b1": 4}
    operations = [row["operation"].strip() for row in rows]
    assert sorted(set(operations)) == ["AccumulateGrad", "Add", "Mean", "Mm", "Pow", "Relu", "Sub"]
    assert (operations.count("Mm"), operations.count("AccumulateGrad")) == (2, 5)
    indents = [len(row["operation"]) - len(row["operation"].lstrip()) for row in rows]
    assert indents[0] == 0 and all(after - before <= 2 for before, after in pairwise(indents))


@settings(max_examples=150 if LONG else 40)
@given(
    n=st.integers(1, 200),
    n_in=st.integers(1, 200),
    hidden=st.integers(1, 200),
    seed=st.integers(0, 2**31),
    shift=st.sampled_from([0.0, 0.5]),
)
def test_by_hand_is_autograd(n: int, n_in: int, hidden: int, seed: int, shift: float) -> None:
    """In float32 no entry of the eight gradients is off by 1e-5, whatever the shapes and the draw."""
    lesson, net = _experiment(), _net(n, n_in, hidden, seed)
    loss, ours = lesson.by_hand(*net, shift)
    torch_loss, torchs = lesson.by_autograd(*net, shift)
    assert loss.item() == approx(torch_loss.item(), rel=1e-5)
    for name, a, b in zip(NAMES, ours, torchs, strict=True):
        assert a.shape == b.shape, name
        assert (a - b).abs().max() < 1e-5, name


@pytest.mark.parametrize("seed", SEEDS)
def test_by_hand_is_the_slope_of_the_loss(seed: int) -> None:
    """A third opinion: moving a tensor a little to either side moves the loss as its gradient says."""
    by_hand, net = _experiment().by_hand, _net(7, 11, 5, seed, torch.float64)
    gradients = dict(zip(NAMES, by_hand(*net)[1], strict=True))
    for place, name in ((0, "x"), (2, "w1"), (3, "b1"), (4, "w2"), (5, "b2")):
        direction = torch.randn_like(net[place])
        ends = [
            by_hand(*net[:place], net[place] + e * direction, *net[place + 1 :])[0] for e in (1e-6, -1e-6)
        ]
        assert ((ends[0] - ends[1]) / 2e-6).item() == approx((gradients[name] * direction).sum(), rel=1e-5)


def test_by_hand_needs_no_autograd() -> None:
    """Where torch records nothing, the eight gradients come out the same."""
    by_hand, net = _experiment().by_hand, _net(20, 30, 10, 0)
    _, recorded = by_hand(*net)
    with torch.inference_mode():
        _, bare = by_hand(*net)
    for a, b in zip(recorded, bare, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)
    assert not any(gradient.requires_grad for gradient in recorded)


@pytest.mark.parametrize("shift", [False, True])
@pytest.mark.parametrize(
    ("batch", "hidden"),
    [(1, 1), pytest.param(3, 512, marks=pytest.mark.long), (64, 50), (100, 20), (512, 512)],
)
def test_on_digits_the_largest_difference_is_below_1e_5(batch: int, hidden: int, shift: bool) -> None:
    for run in _runs("check", batch=batch, hidden=hidden, shift=shift):
        assert run.facts["max_difference"] < 1e-5
        assert run.facts["wrong_tensors"] == 0
        assert [row["of"].split()[0] for row in run.tables["gradients"].items] == NAMES
    assert answer("backward", "How far apart") == "less than 0.00001"


def test_the_full_digits_agree_too(full_mnist: str) -> None:
    for run in _runs("check", data=full_mnist):
        assert run.facts["max_difference"] < 1e-5


def test_the_gradient_of_w1_has_the_shape_of_w1() -> None:
    rows = perform("backward", "check", batch=100, hidden=20).tables["gradients"].items
    shapes = dict(row["of"].split() for row in rows)
    assert (shapes["w1"], shapes["b1"], shapes["w2"], shapes["b2"]) == ("784×20", "20", "20×1", "1")
    assert answer("backward", "What shape") == "(784, 20)"


@pytest.mark.parametrize(
    ("mistake", "wrong"),
    [("no mask", "z, x, w1, b1"), ("no 1/n", ", ".join(NAMES)), ("mean for sum", "b2, b1")],
)
def test_each_mistake_leaves_its_own_marks(mistake: str, wrong: str) -> None:
    """The same tensors in every draw, and none of them by less than 1e-3."""
    for run in _runs("check", mistake=mistake):
        assert run.facts["wrong"] == wrong
        rows = [row for row in run.tables["gradients"].items if row["of"].split()[0] in wrong.split(", ")]
        assert all(row["off_by"] > 1e-3 for row in rows)
    assert answer("backward", "Without 1/n") == "all eight"


def test_in_the_chart_the_curves_part_where_the_mistake_is() -> None:
    """Without the mask the rms of out, h, w2 and b2 agrees, and that of z is larger."""
    curves = perform("backward", "check", mistake="no mask").charts["rms of each gradient"].curves
    ours, torchs = curves["by hand"].y, curves["autograd"].y
    assert list(ours[:4]) == approx(list(torchs[:4]), rel=1e-4)
    assert ours[4] > 1.1 * torchs[4]


def test_without_1_over_n_all_are_n_times_too_large() -> None:
    curves = perform("backward", "check", mistake="no 1/n", batch=64).charts["rms of each gradient"].curves
    for ours, torchs in zip(curves["by hand"].y, curves["autograd"].y, strict=True):
        assert ours == approx(64 * torchs, rel=1e-4)


def test_with_one_sample_the_test_is_blind() -> None:
    """For 1/n and for a mean in place of a sum; with two samples it sees, and the mask it always sees."""
    wanted = goal("backward", "max_difference")
    assert all(missed(wanted, run) == () for run in _runs("check", mistake="no 1/n", batch=1))
    assert all(missed(wanted, run) for run in _runs("check", mistake="no 1/n", batch=2))
    assert all(run.facts["wrong"] == "none" for run in _runs("check", mistake="mean for sum", batch=1))
    assert all(run.facts["wrong"] == "z, x, w1, b1" for run in _runs("check", mistake="no mask", batch=1))


def test_one_sample_and_one_unit_may_not_even_miss_the_mask() -> None:
    """In some draws of ten, not in all: the unit must be alive for the one digit."""
    blind = [
        perform("backward", "check", seed=seed, mistake="no mask", batch=1, hidden=1).facts["wrong_tensors"]
        == 0
        for seed in range(10)
    ]
    assert any(blind)
    assert not all(blind)


def test_a_shift_moves_the_mean_and_not_the_backward_lines() -> None:
    """The mean of h goes from 0.6 to 0.1, each within 0.1, and the same eight lines pass."""
    for plain, shifted in zip(_runs("check"), _runs("check", shift=True), strict=True):
        assert plain.facts["hidden_mean"] == approx(0.6, abs=0.1)
        assert shifted.facts["hidden_mean"] == approx(0.1, abs=0.1)
        assert shifted.facts["max_difference"] < 1e-5
    assert answer("backward", "relu(z) − 0.5") == "nothing"


def test_broadcasting_runs_and_learns_the_mean(data: str) -> None:
    """The loss ends within 0.5 of the labels' variance, near 8, and all digits get nearly one answer."""
    for run in _runs("broadcast", data=data):
        facts = run.facts
        assert facts["differences"] == 64 * 64
        assert facts["variance"] == approx(8, abs=0.5)
        assert facts["loss"] == approx(facts["variance"], abs=0.5)
        assert facts["true_loss"] == approx(facts["variance"], abs=0.5)
        assert facts["output_std"] < 0.3
        answers = [row["you"] for row in run.tables["mean output"].items]
        assert max(answers) - min(answers) < 0.5
        first, *_, last = run.charts["outputs"].bins.items
        assert max(last.counts) > 2 * max(first.counts)


def test_a_column_learns_the_digits(data: str) -> None:
    """The loss as written is the true one, ends below 1.5, and a 9 is answered far above a 0."""
    for run in _runs("broadcast", data=data, column=True):
        assert run.facts["differences"] == 64
        assert run.facts["loss"] == approx(run.facts["true_loss"], rel=1e-5)
        assert missed(_goal("float32"), run) == ()
        answers = [row["you"] for row in run.tables["mean output"].items]
        assert answers == sorted(answers)
        assert answers[-1] - answers[0] > 5


@pytest.mark.parametrize("squeeze", ["squeeze(-1)", "squeeze()"])
def test_either_mend_will_do_and_both_together_are_the_bug(squeeze: str) -> None:
    """Without the output's column training is that with the labels' column, but for rounding."""
    for seed in SEEDS:
        run = perform("backward", "broadcast", seed=seed, squeeze=squeeze)
        column = perform("backward", "broadcast", seed=seed, column=True)
        assert run.facts["differences"] == 64
        assert run.facts["true_loss"] == approx(column.facts["true_loss"], rel=0.01)
        assert missed(_goal("float32"), run) == ()
    both = perform("backward", "broadcast", column=True, squeeze=squeeze)
    assert both.facts["differences"] == 64 * 64
    assert missed(_goal("float32"), both) == ("true_loss",)
    assert answer("backward", "both mends") == "4,096"


def test_squeeze_without_a_dimension_leaves_no_size_of_a_batch_of_one() -> None:
    rows = perform("backward", "broadcast").tables["a size of 1, taken away and put in"].items
    assert [tuple(row.values())[1:] for row in rows] == [
        ("(64,)", "(1,)", "1"),
        ("(64,)", "()", "TypeError"),
        ("(64, 1)", "(1, 1)", "1"),
        ("(64, 1)", "(1, 1)", "1"),
    ]
    one = perform("backward", "broadcast", n=1, squeeze="squeeze()", lr=1e-4).tables["shapes"].items
    assert one[0]["shape"] == "()"


def _goal(labels: str) -> Goal:
    """One of the two goals about the true loss: for labels as they are, or for int64."""
    goals = [b for b in course().find("backward").blocks if isinstance(b, Goal) and "true_loss" in b.targets]
    (found,) = (goal for goal in goals if goal.targets.get("labels", "float32") == labels)
    return found


def test_by_hand_the_broadcast_fits_nowhere() -> None:
    """With labels (n,) the hand-written backward pass raises instead of running on."""
    x, y, *rest = _net(8, 5, 3, 0)
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        _experiment().by_hand(x, y[:, 0], *rest)


def test_int64_does_no_harm_and_uint8_wraps() -> None:
    """int64 trains as float32 does, but for rounding; uint8 makes 254 of 3 − 5, and learns no digits."""
    for whole, real in zip(
        _runs("broadcast", column=True, labels="int64"), _runs("broadcast", column=True), strict=True
    ):
        assert whole.facts["true_loss"] == approx(real.facts["true_loss"], rel=1e-3)
        assert missed(_goal("int64"), whole) == ()
    for run in _runs("broadcast", column=True, labels="uint8"):
        assert not run.facts["true_loss"] < 1000  # thousands, or NaN
        assert (run.facts["smallest_label"], run.facts["largest_label"]) == (0, 255)
        assert run.facts["variance"] > 10_000
        assert run.facts["dead_units"] == 50
        assert "50 of the 50 hidden units are dead" in run.notes.items[-1]
    assert answer("backward", "minus 5") == "254"


def test_a_loss_that_is_no_number_is_explained() -> None:
    """One digit at a time, or steps ten times as long; and one digit is not called digits."""
    changes: tuple[dict[str, Any], ...] = ({"n": 1}, {"lr": 0.1})
    for knobs in changes:
        run = perform("backward", "broadcast", column=True, **knobs)
        assert math.isfinite(run.facts["loss"]) or "too long" in run.notes.items[-1]
    assert perform("backward", "broadcast", n=1).notes.items[0].startswith("1 digit, ")


def test_the_table_of_labels() -> None:
    rows = perform("backward", "broadcast").tables["the label 3"].items
    assert [(row["dtype"], row["minus_5"]) for row in rows] == [
        ("float32", -2),
        ("int64", -2),
        ("uint8", 254),
    ]
    of_floats, *refused = [row["mean"] for row in rows]
    assert of_floats == "3"
    # Of a kind that newer releases of torch name more exactly.
    assert all(issubclass(getattr(builtins, error), RuntimeError) for error in refused)


def test_both_bugs_must_be_mended() -> None:
    only_type = perform("backward", "broadcast", labels="int64")
    only_column = perform("backward", "broadcast", labels="uint8", column=True)
    assert missed(_goal("int64"), only_type) == ("true_loss",)
    assert set(missed(_goal("int64"), only_column)) == {"labels", "true_loss"}


@pytest.mark.parametrize(("scheme", "factor"), [("lecun", 0.5**0.5), ("kaiming", 1.0), ("large", 2**0.5)])
def test_a_gradient_vanishes_is_held_or_explodes(scheme: str, factor: float) -> None:
    """Per layer within 1 % of theory; after 50 layers within 30 % of 2⁻²⁵, 1 or 2²⁵, in every draw."""
    for run in _runs("flow", scheme=scheme):
        assert run.facts["per_layer"] == approx(factor, rel=0.01)
        assert run.facts["theory_rms"] == approx(factor**50)
        assert run.facts["bottom_rms"] == approx(factor**50, rel=0.3)
        assert run.facts["forward_rms"] == approx(factor**50, rel=0.4)


@pytest.mark.parametrize("scheme", ["lecun", "kaiming", "large"])
def test_the_weights_of_all_layers_get_gradients_of_one_size(scheme: str) -> None:
    """Within a factor of 2 of each other and of theory, though activations and gradients span 2²⁵."""
    for run in _runs("flow", scheme=scheme):
        curves = run.charts["gradient of the weights"].curves
        theory = curves["theory"].y
        assert max(theory) == approx(min(theory))
        assert all(0.5 < y / theory[0] < 2 for y in curves["measured"].y)
    assert answer("backward", "smallest gradient") == "all about the same"


def test_the_flow_by_hand_is_autograds() -> None:
    """The gradient at the bottom, from the same draws, with torch walking back."""
    torch.manual_seed(0)
    x = torch.randn(8, 32, 256, requires_grad=True)
    out = x
    for _ in range(5):
        out = (out @ (torch.randn(8, 256, 256) * math.sqrt(2) / math.sqrt(256))).relu()
    (gradient,) = torch.autograd.grad(out, x, torch.randn_like(out))
    found = perform("backward", "flow", seed=0, depth=5, scheme="kaiming").facts["bottom_rms"]
    assert found == approx(gradient.square().mean().sqrt().item(), rel=1e-4)


def test_kaiming_gets_a_gradient_through_a_hundred_layers() -> None:
    wanted = goal("backward", "bottom_rms")
    assert all(missed(wanted, run) == () for run in _runs("flow", depth=100, scheme="kaiming"))
    for scheme in ("lecun", "large") if LONG else ("large",):
        assert missed(wanted, perform("backward", "flow", depth=100, scheme=scheme)) == ("bottom_rms",)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
def test_on_cuda_each_experiment_says_the_same() -> None:
    lesson = _experiment()
    dataset.use("embedded")
    with torch.device("cuda"):
        for seed in SEEDS:
            torch.manual_seed(seed)
            for shift in (False, True):
                *_, check = lesson.check(batch=100, shift=shift)
                assert check.values["max_difference"] < 1e-5
            *_, wrong = lesson.broadcast()
            assert wrong.values["output_std"].item() < 0.3
            *_, right = lesson.broadcast(column=True)
            assert right.values["true_loss"].item() < 1.5
            *_, flow = lesson.flow()
            assert flow.values["bottom_rms"].item() == approx(2.0**-25, rel=0.3)


def test_check_draws_the_learner_s_gradients_on_autograd_s() -> None:
    curves = perform_with_solution("backward", "check").charts["rms of each gradient"].curves
    autograd = dict(zip(curves["autograd"].x, curves["autograd"].y, strict=True))
    assert list(curves["yours"].x) == [3, 4, 7, 8]  # w2, b2, w1, b1
    assert [autograd[step] for step in curves["yours"].x] == approx(list(curves["yours"].y), rel=1e-4)
    assert "yours" not in perform("backward", "check").charts["rms of each gradient"].curves


def test_a_lost_dimension_fails_the_test() -> None:
    """(n,) fails loudly, and would have been compared as n × n."""
    run = perform("kaiming", "regression", column=False)
    assert run.facts["passed"] is False
    assert run.facts["difference"] == [1000, 1000]
    assert any("AssertionError" in note for note in run.notes.items)
    assert answer("backward", "Does the test pass") == "no"


def test_kaiming_trains_the_regression_and_std_1_does_not(data: str) -> None:
    """Kaiming ends below 4, where the mean answer costs 8; std 1 begins above 1,000 and ends nowhere."""
    asked = goal("backward", "passed")
    for seed in SEEDS:
        run = perform("kaiming", "regression", seed=seed, data=data)
        assert not missed(asked, run)
        assert run.facts["mean_answer_loss"] == approx(8, abs=0.8)
        wild = perform("kaiming", "regression", seed=seed, weights="std 1").facts
        assert wild["first_loss"] > 1000
        assert not math.isfinite(wild["final_loss"])
