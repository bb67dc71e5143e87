"""What `sandbox` says, held against its runs: each case is cured by its knob, and by no other."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from pytest import approx
from runs import LONG, SEEDS, answer, course, missed, perform

from initplay.course.lesson import Goal
from initplay.course.prediction import Predict
from initplay.course.shortfall import shortfall
from initplay.lab.clinic import PAIRS, PATIENTS, two_faults
from initplay.recording.run import Run
from initplay.worker import source

long = pytest.mark.long

CURES: dict[str, tuple[str, str]] = {
    "a": ("init", "he"),
    "b": ("init", "he"),
    "c": ("gain", "1"),
    "d": ("gain", "1"),
    "e": ("activation", "relu"),
    "f": ("gain", "1"),
    "g": ("bias", "0"),
    "h": ("inputs", "normalized"),
    "i": ("last_gain", "1"),
    "j": ("lr", "0.05"),
    "k": ("init", "he"),
    "l": ("zero_grad", "called"),
}
"""By case, the one knob that cures it."""
SAME = sorted(set(CURES) - {"b", "f"})
"""Cured, they are the healthy net itself; b is deeper than that, and f is of tanh."""


def _module() -> Any:
    lesson = course().find("sandbox")
    return source.load(lesson.source, str(lesson.source_path))


def _clinic(case: str, **knobs: Any) -> list[Run]:
    """Three draws where there is time, and one where there is not."""
    seeds = SEEDS if LONG else SEEDS[-1:]
    return [perform("sandbox", "clinic", seed=seed, case=case, **knobs) for seed in seeds]


def _healthy(run: Run) -> Run:
    """The healthy net of the same draw."""
    assert run.started is not None
    return perform("sandbox", "net", seed=run.started.seed)


def _goal(case: str) -> Goal:
    goals = (block for block in course().find("sandbox").blocks if isinstance(block, Goal))
    return next(goal for goal in goals if goal.targets.get("case") == case)


def _repairs() -> Iterator[tuple[str, str]]:
    """Every knob of the clinic with every value that is not "as it came"."""
    for knob in course().find("sandbox").experiment("clinic").knobs:
        if knob.default == "as it came":
            yield from ((knob.name, str(value)) for value in knob.options if value != knob.default)


def _layers(run: Run, chart: str, series: str = "step 0") -> list[float]:
    """A curve by layer, from the first on."""
    curve = run.charts[chart].curves[series]
    return [y for _, y in sorted(zip(curve.x, curve.y, strict=True))]


# --- the clinic


@pytest.mark.parametrize("case", SAME)
def test_the_intended_cure_gives_the_healthy_net(case: str) -> None:
    """To the last setting, so that one run of that net answers for them all."""
    module = _module()
    assert vars(module.treated(PATIENTS[case], dict([CURES[case]]))) == module.HEALTHY


@pytest.mark.parametrize("case", sorted(CURES) if LONG else ["b", "f"])
def test_the_intended_cure_reaches_the_goal(case: str) -> None:
    knob, value = CURES[case]
    for run in _clinic(case, **{knob: value}):
        assert missed(_goal(case), run) == ()


def test_the_healthy_net_is_well_beyond_every_goal(data: str) -> None:
    for seed in SEEDS if data == "embedded" else SEEDS[-1:]:
        assert perform("sandbox", "net", seed=seed, data=data).facts["accuracy"] > 0.89


@long
@pytest.mark.parametrize("case", ["a", "b", "d", "f"])
def test_cures_serve_all_of_mnist_too(case: str, full_mnist: str) -> None:
    turned: dict[str, Any] = {"case": case, CURES[case][0]: CURES[case][1]}
    sick = perform("sandbox", "clinic", data=full_mnist, case=case)
    assert {"accuracy", "first_loss"} & set(missed(_goal(case), sick))
    assert missed(_goal(case), perform("sandbox", "clinic", data=full_mnist, **turned)) == ()


@pytest.mark.parametrize("case", sorted(CURES))
def test_a_case_as_it_came_misses_what_its_goal_measures(case: str) -> None:
    for run in _clinic(case):
        assert run.facts["changed"] == 0
        assert ("first_loss" if case == "d" else "accuracy") in missed(_goal(case), run)


def test_no_case_is_cured_by_a_knob_that_is_turned_to_where_it_stood() -> None:
    """Such a turn changes no setting: only turns that do are put to the test below."""
    module = _module()
    for case, fault in PATIENTS.items():
        idle = [
            turn for turn in _repairs() if module.treated(fault, dict([turn])) == module.treated(fault, {})
        ]
        assert CURES[case] not in idle


@long
@pytest.mark.parametrize("case", sorted(CURES))
def test_no_other_knob_cures_a_case(case: str) -> None:
    module = _module()
    for knob, value in _repairs():
        untouched = module.treated(PATIENTS[case], {knob: value}) == module.treated(PATIENTS[case], {})
        if knob != CURES[case][0] and not untouched:
            for run in _clinic(case, **{knob: value}):
                assert missed(_goal(case), run), (knob, value)


def test_some_other_knobs_that_do_not_cure() -> None:
    """Of the test above, the turn that comes nearest, and two whose run ends at once."""
    for case, knob, value in (
        ("l", "lr", "0.0005"),
        ("c", "init", "orthogonal"),
        ("i", "activation", "leaky"),
    ):
        turned: dict[str, Any] = {"case": case, knob: value}
        assert "accuracy" in missed(_goal(case), perform("sandbox", "clinic", **turned))


@pytest.mark.parametrize("case", sorted(CURES))
def test_the_fault_is_no_knob_of_its_run_and_not_in_the_lessons_text(case: str) -> None:
    lesson = course().find("sandbox")
    knobs = lesson.experiment("clinic").defaults()
    assert all(knobs.get(name, "as it came") == "as it came" for name in PATIENTS[case] if name != "depth")
    assert repr(PATIENTS[case]) not in lesson.source


# --- what the X-ray of each case shows


def test_case_a_loses_a_factor_a_layer_up_and_down() -> None:
    for run in _clinic("a"):
        rms = _layers(run, "rms of activations")
        assert (rms[5] / rms[1]) ** (1 / 4) == approx(6**-0.5, rel=0.15)
        assert max(_layers(run, "rms of gradients")[:5]) < 2e-4
        assert run.facts["first_loss"] == approx(math.log(10), abs=0.01)
        assert 2 < run.facts["last_loss"] < 2.31
        assert run.facts["dead"] < 0.1


def test_case_b_loses_less_in_more_layers() -> None:
    for run in _clinic("b"):
        rms = _layers(run, "rms of activations")
        assert (rms[12] / rms[1]) ** (1 / 11) == approx(2**-0.5, rel=0.1)
        assert 0.25 < run.facts["accuracy"] < 0.55


def test_case_c_grows_tenfold_a_layer_before_any_step() -> None:
    for run in _clinic("c"):
        rms = _layers(run, "rms of activations")
        assert rms[0] == approx(1, abs=0.15)
        assert all(5 < after / before < 20 for before, after in pairwise(rms))
        assert run.facts["first_loss"] > 5e4
        assert any("NaN" in note for note in run.notes.items)


def test_case_d_is_well_but_for_its_first_loss() -> None:
    for run in _clinic("d"):
        assert run.facts["accuracy"] > 0.84
        assert run.facts["first_loss"] > 6
        assert 4 < run.facts["rms_last"] / _healthy(run).facts["rms_last"] < 7


def test_case_e_is_a_staircase_of_gradients() -> None:
    for run in _clinic("e"):
        assert all(0.4 < rms < 0.65 for rms in _layers(run, "rms of activations")[1:])
        gradients = _layers(run, "rms of gradients")
        assert all(0.15 < low / high < 0.35 for low, high in pairwise(gradients[1:5]))
        assert run.facts["dead"] == 0
        assert run.facts["accuracy"] < 0.15
    module = _module()
    torch.manual_seed(42)
    _, _, x, _ = module.pixels("normalized")
    sick = module.treated(PATIENTS["e"], {})
    h = module.forward(sick, module.drawn(sick, x), x).h[-1].detach()
    assert (h - h.mean(0)).square().mean().sqrt() < 0.05 * module.rms(h)
    assert answer("sandbox", "Case e") == "rms of gradients"


def test_case_f_is_saturated_and_learns_for_all_that() -> None:
    for run in _clinic("f"):
        assert all(0.55 < share < 0.75 for share in _layers(run, "saturated"))
        assert all(0.85 < rms < 0.95 for rms in _layers(run, "rms of activations")[1:])
        assert run.facts["dead"] == 0
        assert 0.5 < run.facts["accuracy"] < 0.75
        exploded = perform("sandbox", "clinic", case="f", activation="relu", steps=1)
        assert exploded.facts["rms_last"] > 50


def test_case_g_is_dead_and_no_weight_moves() -> None:
    for run in _clinic("g"):
        assert _layers(run, "dead units")[1:] == [1] * 4
        assert _layers(run, "dead units")[0] < 0.8
        moved = run.charts["update / weight over time"].curves
        assert all(y == 0 for name in ("first layer", "middle", "last") for y in moved[name].y)
        assert run.facts["last_loss"] == approx(2.3, abs=0.06)


def test_case_g_under_a_leaky_relu_has_its_units_back_and_learns_nothing() -> None:
    for run in _clinic("g", activation="leaky"):
        assert _layers(run, "dead units") == [0] * 5
        assert run.facts["accuracy"] < 0.15


def test_case_h_is_large_from_the_input_on() -> None:
    for run in _clinic("h"):
        assert all(60 < rms < 150 for rms in _layers(run, "rms of activations"))
        assert run.facts["first_loss"] > 50
        assert any("NaN" in note for note in run.notes.items)


def test_case_i_is_well_up_to_its_last_matrix() -> None:
    for run in _clinic("i"):
        assert all(0.7 < rms < 1.7 for rms in _layers(run, "rms of activations"))
        assert run.facts["first_loss"] > 30
        healthy = _healthy(run)
        for sick, well in zip(
            _layers(run, "rms of gradients")[:5], _layers(healthy, "rms of gradients"), strict=False
        ):
            assert sick > 10 * well


def test_case_j_has_a_healthy_x_ray_and_short_steps() -> None:
    for run in _clinic("j"):
        healthy = _healthy(run)
        for chart in ("rms of activations", "rms of gradients", "dead units"):
            assert _layers(run, chart) == _layers(healthy, chart)
        assert run.facts["ratio_first"] < 2.5e-4
        assert run.facts["accuracy"] < 0.4


def test_case_k_has_one_unit_a_layer() -> None:
    for run in _clinic("k"):
        assert [row["distinct"] for row in run.tables["step 0"].items] == [1] * 5
        assert all(rms == approx(0.77, abs=0.05) for rms in _layers(run, "rms of activations")[1:])
        assert run.facts["accuracy"] < 0.3


def test_case_l_begins_well_and_ends_in_wreckage() -> None:
    for run in _clinic("l"):
        healthy = _healthy(run)
        assert run.facts["ratio_first"] == healthy.facts["ratio_first"]
        losses = run.charts["loss"].curves["measured"].y
        assert min(losses[:12]) < 2 < 5 < max(y for y in losses[12:] if math.isfinite(y))
        assert run.facts["dead"] > 0.25 or not math.isfinite(losses[-1])
        ratios = run.charts["update / weight over time"].curves["middle"].y
        assert all(before < after for before, after in pairwise(ratios[:6]))


# --- two at once


def test_every_patient_has_two_faults_of_its_own_and_two_knobs_restore_it() -> None:
    module = _module()
    patient = next(k for k in course().find("sandbox").experiment("clinic").knobs if k.name == "patient")
    numbers = range(int(patient.low or 0), int(patient.high or 0) + 1)
    faults = [two_faults(number) for number in numbers]
    assert len({repr(fault) for fault in faults}) == len(faults) == len(PAIRS)
    for fault in faults:
        assert len(fault) == 2
        assert vars(module.treated(fault, dict(_cure_of(name) for name in fault))) == module.HEALTHY


def _cure_of(setting: str) -> tuple[str, str]:
    """What cures the patient of the ward in whom this setting is wrong."""
    return next(cure for case, cure in CURES.items() if list(PATIENTS[case]) == [setting])


IN_A_HURRY = 1 + [two_faults(number) for number in range(1, 27)].index({"gain": 10.0, "inputs": "0 to 255"})
"""Whose runs end at once."""


def _half_cured(patient: int, seed: int = 42) -> Iterator[Run]:
    for setting in two_faults(patient):
        knob, value = _cure_of(setting)
        yield perform("sandbox", "clinic", seed=seed, case="two", patient=patient, **{knob: value})


@pytest.mark.parametrize("patient", range(1, 27) if LONG else [IN_A_HURRY])
def test_one_knob_is_not_enough_for_two_faults(patient: int) -> None:
    runs = [perform("sandbox", "clinic", case="two", patient=patient), *_half_cured(patient)]
    assert all(run.facts["accuracy"] < 0.85 for run in runs)


# --- yours


def test_two_faults_may_cancel() -> None:
    for seed in SEEDS if LONG else SEEDS[-1:]:
        facts = perform("sandbox", "net", seed=seed, init="default", inputs="0 to 255").facts
        assert facts["accuracy"] > 0.75
        assert facts["rms_last"] == approx(0.93, rel=0.4)
    assert answer("sandbox", "Both together") == "about 0.9"


def _yours(word: str) -> Goal:
    goals = [block for block in course().find("sandbox").blocks if isinstance(block, Goal)]
    return next(goal for goal in goals if word in goal.ask)


def test_adam_trains_what_torch_has_drawn() -> None:
    run = perform("sandbox", "net", init="default", depth=6, optimizer="adam", lr=0.003)
    assert missed(_yours("torch's default"), run) == ()
    assert run.facts["rms_last"] < 0.01


@long
def test_24_layers_train_where_each_adds_little() -> None:
    for gain in (0.1, 0.2):
        run = perform("sandbox", "net", depth=24, residual=True, gain=gain)
        assert missed(_yours("24 layers"), run) == ()


def test_93_of_100_can_be_had() -> None:
    for seed in SEEDS if LONG else SEEDS[-1:]:
        best = {"depth": 2, "width": 256, "norm": "batch", "optimizer": "nesterov", "lr": 0.05}
        run = perform("sandbox", "net", seed=seed, **best)
        assert missed(_yours("0.93"), run) == ()


def test_weights_without_chance_learn_in_5_layers_and_are_dead_in_12() -> None:
    module = _module()
    rows = module.cosines(100, 784)
    assert torch.allclose(rows @ rows.T, torch.eye(100), atol=1e-4)
    assert all(module.rms(row).item() == approx(784**-0.5, rel=1e-3) for row in rows)
    for seed in SEEDS if LONG else SEEDS[-1:]:
        run = perform("sandbox", "net", seed=seed, init="cosine")
        assert missed(_yours("not one random number"), run) == ()
        assert run.facts["rms_last"] == approx(6, abs=1)
        assert 0.8 < _healthy(run).facts["rms_last"] < 1.6
    assert perform("sandbox", "net", init="cosine", depth=12, steps=60).facts["dead"] > 0.5


@pytest.mark.parametrize("kill", [{"bias": -3.0}, {"gain": 10.0}, {"lr": 1.0}])
def test_units_are_killed_by_one_knob(kill: dict[str, Any]) -> None:
    run = perform("sandbox", "net", **kill)
    assert missed(_yours("kill"), run) == ()
    assert (sum(_layers(run, "dead units")) / 5 > 0.5) == ("bias" in kill)


def test_the_numbers_of_a_healthy_net() -> None:
    for seed in SEEDS:
        run = perform("sandbox", "net", seed=seed)
        assert all(0.8 < rms < 1.6 for rms in _layers(run, "rms of activations"))
        gradients = _layers(run, "rms of gradients")[:5]
        assert max(gradients) < 5 * min(gradients)
        assert all(0.002 < ratio < 0.03 for ratio in _layers(run, "update / weight")[:5])
        assert 2.4 < run.facts["first_loss"] < 3.7
        assert run.facts["saturated"] == approx(0.5, abs=0.05)
        assert run.facts["dead"] < 0.035
        assert run.facts["accuracy"] == approx(0.9, abs=0.02)
    assert answer("sandbox", "A healthy net") == "about 0.5"


# --- the instrument


@pytest.mark.parametrize(
    ("settings", "rms"),
    [
        ({}, [1, 1, 1, 1]),
        ({"init": "default"}, [6 ** (-k / 2) for k in range(4)]),
        ({"init": "lecun", "gain": 2.0}, [2 ** (k / 2) for k in range(4)]),
        ({"norm": "layer", "gain": 7.0}, [1, *[math.sqrt(0.5)] * 3]),
        ({"init": "lsuv"}, [1, *[math.sqrt(0.5)] * 3]),
        ({"activation": "leaky"}, [1, 1, 1, 1]),
    ],
)
def test_theory_by_hand(settings: dict[str, Any], rms: list[float]) -> None:
    module = _module()
    net = SimpleNamespace(**{**module.HEALTHY, "depth": 3, **settings})
    assert module.expected(net) == approx(rms, rel=2e-3)


@pytest.mark.parametrize(
    "settings", [{"init": "constant"}, {"residual": True}, {"inputs": "0 to 1"}, {"bias": -1.0}]
)
def test_there_is_no_theory_where_sums_are_no_bells(settings: dict[str, Any]) -> None:
    module = _module()
    assert module.expected(SimpleNamespace(**{**module.HEALTHY, **settings})) is None


def test_where_a_function_is_flat() -> None:
    """ReLU below 0, tanh and the sigmoid at their ends; a leaky ReLU of slope 0.1 nowhere."""
    z, flat = torch.tensor([-9.0, -0.1, 0.1, 9.0]), _module().is_flat
    assert flat("relu", z).tolist() == [True, True, False, False]
    assert flat("tanh", z).tolist() == flat("sigmoid", z).tolist() == [True, False, False, True]
    assert not flat("leaky", z).any()


def test_directions_of_the_optimizers() -> None:
    """Two steps with a gradient of 2: velocities add up, Adam's steps have length 1."""
    module = _module()

    def two_steps(optimizer: str) -> list[float]:
        of_p = SimpleNamespace(v=torch.zeros(1), squares=torch.zeros(1))
        return [module.direction(optimizer, torch.tensor([2.0]), of_p, step).item() for step in (1, 2)]

    assert two_steps("sgd") == [2, 2]
    assert two_steps("momentum") == approx([2, 3.8])
    assert two_steps("nesterov") == approx([2 + 1.8, 2 + 0.9 * 3.8])
    assert two_steps("adam") == approx([1, 1], rel=1e-4)


def test_lsuv_gives_every_layer_a_std_of_1() -> None:
    module = _module()
    torch.manual_seed(0)
    net = SimpleNamespace(**{**module.HEALTHY, "init": "lsuv"})
    x = torch.randn(256, 784)
    sums = module.forward(net, module.drawn(net, x), x).z
    assert [z.std().item() for z in sums] == approx([1] * 5, rel=1e-3)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
@pytest.mark.parametrize("name", ["net", "clinic"])
def test_it_runs_on_a_gpu(name: str) -> None:
    with torch.device("cuda"):
        assert list(getattr(_module(), name)())


def test_the_title_of_a_case_names_what_is_seen_and_none_of_the_diagnoses() -> None:
    """No word of three letters or more is in both, by its first five."""
    lesson = course().find("sandbox")
    cases = [step for step in lesson.steps if step.title.startswith("Case ")]
    assert len(cases) == 12
    for step in cases:
        (asked,) = [block for block in step.blocks if isinstance(block, Predict)]
        said = [_stems(option) for option in asked.options]
        assert not _stems(step.title.partition(": ")[2]) & set().union(*said), step.title


def _stems(text: str) -> set[str]:
    words = re.findall(r"[a-z]{3,}", text.lower())
    return {word[:5] for word in words} - {"its", "the", "and", "not"}


def test_before_a_cure_is_tried_it_is_said_what_to_do() -> None:
    lesson = course().find("sandbox")
    run = perform("sandbox", "clinic", case="a")
    meanings = lesson.meanings["clinic"]
    (cure,) = [block for block in lesson.steps[1].blocks if isinstance(block, Goal)]
    said = shortfall(cure, {"case": "a", **run.facts}, lesson.experiment("clinic").knobs, meanings)
    assert said.startswith("Not yet: turn 1 knob, none is turned so far; ")
