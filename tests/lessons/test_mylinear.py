"""What `mylinear` says, held against its runs."""

from __future__ import annotations

import inspect
import math
import re
from statistics import mean
from typing import Any

import pytest
import torch
from pytest import approx
from runs import SEEDS, answer, course, goal, missed, perform, perform_with_solution
from torch import nn

from initplay.course.lesson import Goal, Prose
from initplay.lab.events import Picture
from initplay.worker import source

LESSON = "mylinear"


def _experiment():
    lesson = course().find(LESSON)
    return source.load(lesson.source, str(lesson.source_path))


def _train(layer: str, seed: int = 42, **knobs: Any):
    knobs.setdefault("epochs", 10)
    return perform(LESSON, "train", seed=seed, layer=layer, **knobs)


def _code(language: str) -> list[str]:
    prose = "\n".join(block.text for block in course().find(LESSON).blocks if isinstance(block, Prose))
    return re.findall(rf"```{language}\n(.*?)```", prose, re.DOTALL)


def _text(kind: type) -> list[str]:
    return inspect.getsource(kind).splitlines()


def _in_order(lines: list[str], text: list[str]) -> bool:
    rest = iter(text)
    return all(line in rest for line in lines)


@pytest.mark.parametrize(
    ("place", "before", "after"),
    [(0, "Linear1", "NoParameter"), (1, "Linear1", "Linear2"), (2, "Linear2", "Linear")],
)
def test_the_diffs_in_the_text_are_those_of_the_source(place: int, before: str, after: str) -> None:
    """What a diff takes away and keeps stands in the earlier class, what it keeps and adds in the later."""
    module = _experiment()
    diff = _code("diff")[place].splitlines()
    old = [line[1:] for line in diff if line[:1] in "- " and line.strip()]
    new = [line[1:] for line in diff if line[:1] in "+ " and line[1:].strip()]
    assert old != new
    assert _in_order(old, _text(getattr(module, before)))
    assert _in_order(new, _text(getattr(module, after)))


def test_the_code_in_the_text_is_that_of_the_source() -> None:
    module = _experiment()
    layer, update = _code("python")
    assert layer.strip() == inspect.getsource(module.Linear1).strip()
    train = [line.strip() for line in _text(module.train)]
    assert _in_order([line.strip() for line in update.splitlines()], train)


def test_randn_starts_far_away_and_ends_near_3() -> None:
    """Ten epochs of 4,000 digits are 630 steps: from 11 to 19, to 3 ± 0.5, right on 0.4 to 0.6."""
    for seed in SEEDS:
        facts = _train("randn", seed).facts
        assert facts["steps"] == 630
        assert 11 < facts["first_loss"] < 19
        assert facts["final_loss"] == approx(3, abs=0.5)
        assert 0.4 < facts["accuracy"] < 0.6
    (first, final, *_) = _train("randn").tables["theory and you"].items
    assert first["theory"] == approx(14.3, abs=0.3)
    assert final["article, 2019"] == 2.5


@pytest.mark.parametrize(
    ("layer", "knobs", "printed"),
    [
        ("randn", {}, 2.5),
        ("reset_parameters", {}, 0.5),
        ("nn.Linear", {}, None),
        ("randn", {"lr": 0.5}, None),
        pytest.param("randn", {"batch_size": 128}, None, marks=pytest.mark.long),
        pytest.param("randn", {"weight_decay": 1e-3}, None, marks=pytest.mark.long),
        ("randn", {"epochs": 1}, None),
    ],
)
def test_what_the_article_printed_stands_there_only_at_its_knobs(layer, knobs, printed) -> None:
    (_, final, *_) = _train(layer, **knobs).tables["theory and you"].items
    assert final.get("article, 2019") == printed


def test_without_parameter_nothing_is_found_and_nothing_learned() -> None:
    """Not a weight moves in 63 steps, though each has a gradient; the loss scatters about where it began."""
    for seed in SEEDS:
        run = _train("no Parameter", seed, epochs=1)
        facts = run.facts
        assert (facts["parameters"], facts["saved"], facts["border_left"]) == (0, 0, 1)
        assert 11 < facts["first_loss"] < 19 and 11 < facts["final_loss"] < 19
        assert facts["accuracy"] < 0.3
        first, *_, last = run.charts["weights"].pictures.items
        assert first.pixels == last.pixels
        assert any("finds nothing" in note for note in run.notes.items)
    assert answer(LESSON, "What does training make of it") == "no error, and the loss stays where it was"


def test_a_tensor_that_is_no_parameter_gets_gradients_added_up_and_stays_out_of_the_books() -> None:
    layer, x = _experiment().NoParameter(3, 2), torch.randn(4, 3)
    for times in (1, 2):
        layer(x).sum().backward()
        torch.testing.assert_close(layer.weight.grad, times * x.sum(0).expand(2, 3))
    assert not list(layer.parameters()) and not layer.state_dict()
    assert layer.to(torch.float64).weight.dtype == torch.float32
    layer.weight, layer.bias = layer.weight.detach(), layer.bias.detach()
    with pytest.raises(RuntimeError, match="does not require grad"):
        layer(x).sum().backward()


@pytest.mark.parametrize(("decay", "factor"), [("in the step", 0.99), ("in the loss", 0.98)])
def test_decay_in_the_loss_decays_twice_as_fast(decay: str, factor: float) -> None:
    """Of the border 0.99 or 0.98 to the power 63 is left, in every draw."""
    for seed in SEEDS:
        run = _train("reset_parameters", seed, epochs=1, lr=0.1, weight_decay=0.1, decay=decay)
        assert run.facts["steps"] == 63
        assert run.facts["border_left"] == approx(factor**63, rel=1e-4)
        assert run.tables["theory and you"].items[3]["theory"] == approx(factor**63)
    assert float(answer(LESSON, "How much of the border")) == approx(0.98**63, abs=0.005)
    half = _train("reset_parameters", epochs=1, lr=0.1, weight_decay=0.05, decay="in the loss")
    assert not missed(goal(LESSON, "border_left"), half)


@pytest.mark.parametrize("layer", ["randn", "reset_parameters", "nn.Linear"])
def test_the_first_loss_is_what_theory_says(layer: str) -> None:
    """Averaged over draws within 12 % for randn, 0.05 for the small ones."""
    runs = [_train(layer, seed, epochs=1, batch_size=512) for seed in (*range(10), 42)]
    theory = runs[0].tables["theory and you"].items[0]["theory"]
    measured = mean(run.facts["first_loss"] for run in runs)
    assert measured == approx(theory, rel=0.12 if layer == "randn" else 0.02)


@pytest.mark.parametrize(
    ("fan_in", "lowest", "highest"), [(8, 0.55, 0.95), (32, 0.8, 1.0), (784, 0.97, 1.03)]
)
def test_a_typical_draw_of_narrow_layers_ends_below_the_average(fan_in, lowest, highest) -> None:
    """The geometric mean of what is left after ten layers, as a share of theory, over 20 draws."""
    runs = [perform(LESSON, "bounds", seed=s, fan_in=fan_in) for s in range(3 if fan_in == 784 else 20)]
    share = math.exp(mean(math.log(run.facts["rms_after_10"] / run.facts["theory_rms"]) for run in runs))
    assert lowest < share < highest
    assert any("averages over draws" in note for note in runs[0].notes.items) is (fan_in < 100)


def test_the_pictures_pixels_are_0_to_1_and_a_digit_is_9_long() -> None:
    x, _ = _experiment().validation_digits()
    assert (x.min(), x.max()) == (0, 1)
    assert x.square().sum(1).mean().sqrt().item() == approx(9.3, abs=0.3)


def test_reset_parameters_starts_at_ln_10_and_ends_at_a_half() -> None:
    """Starts at 2.3 ± 0.1 and ends at 0.54 ± 0.03."""
    for seed in SEEDS:
        facts = _train("reset_parameters", seed).facts
        assert facts["first_loss"] == approx(2.3, abs=0.1)
        assert facts["final_loss"] == approx(0.54, abs=0.03)
        assert facts["accuracy"] > 0.85


@pytest.mark.long
def test_one_epoch_of_the_full_digits_ends_where_the_article_did(full_mnist: str) -> None:
    """782 steps: reset_parameters from 2.3 to 0.53 ± 0.03, randn from 11 to 19 to 2.4 to 3.3."""
    for seed in SEEDS[:2]:
        drawn = _train("reset_parameters", seed, data=full_mnist, epochs=1).facts
        assert drawn["steps"] == 782
        assert drawn["first_loss"] == approx(2.3, abs=0.1)
        assert drawn["final_loss"] == approx(0.53, abs=0.03)
        wild = _train("randn", seed, data=full_mnist, epochs=1).facts
        assert 11 < wild["first_loss"] < 19
        assert 2.4 < wild["final_loss"] < 3.3


@pytest.mark.parametrize("seed", SEEDS)
def test_nn_linear_is_the_same_curve(seed: int) -> None:
    """The same seed gives nn.Linear the same losses, step by step."""
    ours = _train("reset_parameters", seed).charts["loss"].curves["measured"].y
    theirs = _train("nn.Linear", seed).charts["loss"].curves["measured"].y
    assert list(ours) == approx(list(theirs), rel=1e-4)
    assert answer(LESSON, "Its loss curve is") == "the same"


def test_a_larger_learning_rate_reaches_both_goals() -> None:
    """randn is rescued with lr 0.5, and lr 0.1 takes reset_parameters to 0.36, on every seed."""
    rescue, further = (
        block
        for block in course().find(LESSON).blocks
        if isinstance(block, Goal) and "final_loss" in block.targets
    )
    for seed in SEEDS:
        assert not missed(rescue, _train("randn", seed, lr=0.5))
        assert not missed(further, _train("reset_parameters", seed, lr=0.1))


def test_the_pictures_grow_inside_and_the_border_stays() -> None:
    """Corner pixels keep their draw to within the 256 shades; the middle of the picture moves far more."""
    pictures = _train("reset_parameters").charts["weights"].pictures.items
    first, last = (_values(picture) for picture in (pictures[0], pictures[-1]))
    shade = (pictures[-1].high - pictures[-1].low) / 255
    moved = (last - first).abs()
    assert moved[:, 0].max() <= 1.5 * shade
    assert moved[:, 8:20, 8:20].mean() > 20 * moved[:, 0].mean()
    assert len(pictures) == 630 // 25 + 2


def _values(picture: Picture) -> torch.Tensor:
    shades = torch.tensor(list(picture.pixels)).view(picture.n, picture.height, picture.width)
    return picture.low + shades / 255 * (picture.high - picture.low)


def test_torchs_default_is_a_third_of_lecuns() -> None:
    """Bound 1/√n ± 0.1 %, variance a third ± 2 %; ten layers leave 0.004 ± 10 %, LeCun's 1 ± 10 %."""
    for seed in SEEDS:
        facts = perform(LESSON, "bounds", seed=seed).facts
        assert facts["bound"] == approx(1 / math.sqrt(784), rel=1e-3)
        assert facts["share_of_lecun"] == approx(1 / 3, rel=0.02)
        assert facts["variance_times_fan_in"] == approx(1 / 3, rel=0.02)
        assert facts["rms_after_10"] == approx(3**-5, rel=0.1)
        assert facts["lecun_rms_after_10"] == approx(1, rel=0.1)
    assert not missed(goal(LESSON, "bound"), perform(LESSON, "bounds", fan_in=100))


def test_with_relu_the_default_leaves_a_sixth_of_the_mean_square() -> None:
    """6⁻⁵ after ten layers of 784, within a factor of 1.3, where LeCun's leaves 2⁻⁵."""
    for seed in SEEDS:
        facts = perform(LESSON, "bounds", seed=seed, relu=True).facts
        assert facts["theory_rms"] == approx(6**-5)
        assert 1 / 1.3 < facts["rms_after_10"] / 6**-5 < 1.3
        assert 1 / 1.3 < facts["lecun_rms_after_10"] / 2**-5 < 1.3


def test_the_default_is_one_bound_written_three_ways() -> None:
    """torch's bound to 0.4 and since 1.0, and Glorot and Bengio's heuristic; n · Var is a third."""
    for fan_in in (8, 784, 1024):
        run = perform(LESSON, "bounds", fan_in=fan_in)
        for row in run.tables["one bound, three ways to write it"].items:
            assert row["bound"] == approx(fan_in**-0.5)
        (n_var,) = (row for row in run.tables["weights"].items if row["of"] == "n · variance")
        assert (n_var["theory"], n_var["you"]) == (1 / 3, approx(1 / 3, rel=0.05))
    assert math.sqrt(3) * math.sqrt(2 / (1 + 5)) == approx(1)


def test_the_layer_reads_the_last_size_and_keeps_the_others() -> None:
    rows = perform(LESSON, "versions").tables["20 numbers in, 10 out"].items
    assert all(row["yours"] == row["nn.Linear"] for row in rows)
    shapes = {row["in"]: row["yours"] for row in rows}
    assert shapes["5 × 20"] == "5 × 10"
    assert shapes["2 × 3 × 20"] == answer(LESSON, "And of 2 × 3 × 20") == "2 × 3 × 10"


@pytest.mark.parametrize("bias", [True, False])
def test_torchs_source_stands_beside_yours_and_works_on_your_layer(
    bias: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    run = perform(LESSON, "compare", seed=7, bias=bias)  # its own seed: what is remembered prints nothing
    rows = run.tables["torch's own method on your layer"].items
    assert [row["method"] for row in rows] == ["reset_parameters", "forward", "extra_repr"]
    assert all(row["result"] == "the same" for row in rows)
    printed = capsys.readouterr().out
    for method in (nn.Linear.reset_parameters, _experiment().Linear.reset_parameters):
        *_, last = inspect.getsource(method).splitlines()
        assert last.strip() in printed
    assert printed.count("def reset_parameters(self") == printed.count("def forward(self") == 2
    assert '"""' not in printed


def test_each_version_can_do_more() -> None:
    """1 of the 5 abilities, then 2, then all; version 2 starts at 2.3 ± 0.15, version 1 above 11."""
    for seed in SEEDS:
        facts = perform(LESSON, "versions", seed=seed).facts
        assert [facts[f"abilities_{version}"] for version in (1, 2, 3)] == [1, 2, 5]
        randn, *others = facts["first_losses"]
        assert randn > 11
        assert others == approx([2.3] * 3, abs=0.15)
    rows = {row["what"]: row for row in perform(LESSON, "versions").tables["what each version does"].items}
    assert rows["error names layer"]["3"] == "yes"
    assert rows["error names layer"]["nn.Linear"] == "no"
    assert answer(LESSON, "A batch of the wrong size") == "no"


@pytest.mark.parametrize("bias", [True, False])
def test_nobody_can_tell_the_layer_from_nn_linear(bias: bool) -> None:
    """All nine questions get a yes, though the two differed before one loaded the other's weights."""
    for seed in SEEDS:
        facts = perform(LESSON, "compare", seed=seed, bias=bias).facts
        assert facts["all_agree"] is True
        assert facts["agreeing"] == facts["questions"] == 9
        assert facts["largest_difference"] < 1e-4 < facts["difference_before"]
    assert not missed(goal(LESSON, "all_agree"), perform(LESSON, "compare", bias=False))


def test_the_finished_layer_says_what_it_was_given() -> None:
    """The size check names the layer and the size; None stays a registered name that saves nothing."""
    module = _experiment()
    layer = module.Linear(784, 10, bias=False)
    with pytest.raises(ValueError, match=r"Linear\(in_features=784, .*bias=False\): 28 inputs"):
        layer(torch.randn(2, 28))
    assert layer.bias is None and "bias" in layer._parameters
    assert repr(layer) == repr(nn.Linear(784, 10, bias=False))


def test_weight_decay_shrinks_what_no_gradient_holds() -> None:
    """With lr 2 and decay 0.1 a corner weight shrinks to 0.8 a step: nothing is left after 63."""
    pictures = _train("reset_parameters", epochs=1, lr=2.0, weight_decay=0.1).charts["weights"].pictures.items
    first, last = (_values(picture) for picture in (pictures[0], pictures[-1]))
    assert first[:, 0].abs().mean() > 0.01
    assert last[:, 0].abs().mean() < 0.005


def test_the_losses_of_all_seeds_differ() -> None:
    """A seed is a draw: no two of them give one first loss."""
    first = [_train("randn", seed).facts["first_loss"] for seed in SEEDS]
    assert len(set(first)) == len(SEEDS)
    assert mean(first) == approx(14, abs=2)


def test_compare_asks_the_learner_s_own_layer_three_questions_more() -> None:
    """The solution answers all twelve with yes; without one the run asks nine."""
    run = perform_with_solution("mylinear", "compare")
    assert run.facts["agreeing"] == run.facts["questions"] == 12
    assert perform("mylinear", "compare").facts["questions"] == 9
    assert perform_with_solution("mylinear", "compare", bias=False).facts["all_agree"]


def test_the_learner_s_own_layer_trains_as_torch_s() -> None:
    run = perform_with_solution("mylinear", "train", layer="reset_parameters")
    theirs = perform("mylinear", "train", layer="nn.Linear")
    assert run.facts["final_loss"] == approx(theirs.facts["final_loss"], rel=1e-3)
