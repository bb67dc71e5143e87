"""What is said of a run that went wrong: the mechanism and where it began, from the recording alone."""

from __future__ import annotations

import math
from typing import Any

import pytest

from initplay.lab.events import Axes, Band, Bins, Cells, Facts, Note, Point, Recorded, Started
from initplay.recording.run import Run, replay
from initplay.recording.why import OF_ONE_DRAW, all_well, explain
from initplay.words.numbers import short

nan, inf = math.nan, math.inf


def curve(
    chart: str, *ys: float, x: str = "step", series: str = "measured", log_y: bool = True, reference: str = ""
) -> list[Recorded]:
    """A curve over steps 0, 1, 2 and so on."""
    axes = Axes(chart, x, "", False, log_y, reference)
    return [axes, *(Point(chart, place, y, series) for place, y in enumerate(ys))]


def run_of(
    *parts: list[Recorded], seeds: tuple[int, ...] = (), facts: dict[str, Any] | None = None, **knobs: Any
) -> Run:
    started = Started(lesson="any", experiment="one", knobs=knobs, seed=42, device="cpu", seeds=seeds)
    events = [event for part in parts for event in part]
    return replay([started, *events, Facts(facts or {})])


def about(run: Run, *words: str) -> str:
    """The one sentence that has all these words in it."""
    found = [said for said in explain(run) if all(word in said for word in words)]
    assert len(found) == 1, explain(run)
    return found[0]


def test_a_run_with_nothing_to_explain_says_so_in_one_line():
    assert explain(Run()) == [] and explain(replay([Note("hello")])) == []
    nothing = "Nothing broke: every number is finite, and no theory stands beside them."
    assert all_well(Run()) == nothing
    near = run_of(curve("rms", 1, 1.1, x="layer"), curve("rms", 1, 1, x="layer", series="theory"))
    assert explain(near) == []
    assert all_well(near) == "All went as theory says. Farthest from it, rms at layer 1 is 1.1, theory 1."


WRITTEN_OUT = [{"of": "mean", "theory": 0, "you": "0.0000"}, {"of": "std", "theory": 1, "you": "1.0000"}]
A_COMPUTED_0 = [{"of": "mean", "theory": 1e-17, "you": -1e-4}, {"of": "rms", "theory": 1.0, "you": None}]
WELL = "All went as theory says. Farthest from it,"


@pytest.mark.parametrize(
    ("table", "cells", "said"),
    [
        ("theory and you", WRITTEN_OUT, f"{WELL} “std” is 1, theory 1."),
        ("growth", [{"theory": 2.0, "you": 2.0}], f"{WELL} growth is 2, theory 2."),
        ("the end", A_COMPUTED_0, "Nothing broke. “mean” (the end) is -1e-4, theory 1e-17."),
        (
            "the end",
            [{"of": "mean", "theory": 0, "you": 5.0}, {"of": "std", "theory": 1, "you": 1.05}],
            "Where theory is not 0, all went as it says. Farthest from it, “std” (the end) is 1.05, "
            "theory 1.",
        ),
        (
            "the end",
            [{"of": "rms", "theory": 2.0, "you": 0.5}],
            "Nothing broke. Farthest from theory, “rms” (the end) is 0.5, theory 2: 0.25 times as much.",
        ),
        (
            "what ReLU does",
            [{"of": "mean", "before": 0.1, "theory": 0.4}],
            "Nothing broke: every number is finite. Theory stands beside them in “what ReLU does”.",
        ),
        (
            "the end",
            [{"of": "rms", "you": 0.5}],
            "Nothing broke: every number is finite, and no theory stands beside them.",
        ),
    ],
)
def test_theory_in_a_table_is_told(table, cells, said):
    run = run_of([Cells(table, row) for row in cells])
    assert explain(run) == [] and all_well(run) == said


def test_a_row_that_lies_farther_from_theory_than_any_curve_is_the_farthest():
    curves = [curve("rms", 1, 1.0), curve("rms", 1, 1, series="theory")]
    row: list[Recorded] = [Cells("the end", {"of": "rms", "theory": 2.0, "you": 2.1})]
    assert all_well(run_of(row, *curves)) == f"{WELL} “rms” (the end) is 2.1, theory 2."


def test_a_line_to_compare_with_is_told_for_what_it_is():
    run = run_of(curve("times", 1, 2), curve("times", 1, 3, series="if so", reference="if so"))
    assert all_well(run) == (
        "Nothing broke: every number is finite. “if so” is drawn to compare with, and is no theory."
    )


def test_a_theory_within_the_error_bar_is_not_far():
    """A factor tells little of what was measured that roughly: 0.5 ± 0.7 where theory says 1."""

    def all_well_with(error: float) -> str:
        square: dict[str, Any] = {"of": "square", "theory": 1.0, "you": 0.5, "error": error}
        std: dict[str, Any] = {"of": "std", "theory": 1.0, "you": 0.93, "error": None}
        return all_well(run_of([Cells("theory and you", square), Cells("theory and you", std)]))

    assert all_well_with(0.7) == f"{WELL} “square” is 0.5 ± 0.7, theory 1."
    assert all_well_with(0.1).startswith("Nothing broke. Farthest from theory, “square” is 0.5 ± 0.1, theory")


@pytest.mark.parametrize(
    ("theory", "you", "error", "said"),
    [
        (0.0, 0.5, 0.01, "Nothing broke. Farthest from theory, “one” is 0.5 ± 0.01, theory 0."),
        (0.0, 0.02, 0.01, "Nothing is far from theory. Farthest from it, “one” is 0.02 ± 0.01, theory 0."),
        (0.0, 0.01, 0.02, f"{WELL} “other” is 1, theory 1."),
        (
            1.0,
            1.02,
            0.001,
            "Nothing is far from theory. Farthest from it, “one” is 1.02 ± 0.001, theory 1: "
            "1.02 times as much.",
        ),
    ],
)
def test_an_error_bar_decides_what_is_near(theory, you, error, said):
    one: dict[str, Any] = {"of": "one", "theory": theory, "you": you, "error": error}
    other: dict[str, Any] = {"of": "other", "theory": 1.0, "you": 1.0, "error": None}
    assert all_well(run_of([Cells("theory and you", one), Cells("theory and you", other)])) == said


def test_a_row_within_its_error_bar_does_not_hide_one_that_is_apart():
    within: dict[str, Any] = {"of": "within", "theory": 1.0, "you": 0.6, "error": 0.5}
    apart: dict[str, Any] = {"of": "apart", "theory": 1.0, "you": 0.75, "error": None}
    assert all_well(run_of([Cells("theory and you", within), Cells("theory and you", apart)])) == (
        "Nothing is far from theory. Farthest from it, “apart” is 0.75, theory 1: 0.75 times as much."
    )


@pytest.mark.parametrize(("low", "high", "is_far"), [(0.1, 1.2, False), (0.1, 0.9, True), (1.0, nan, True)])
def test_a_theory_inside_the_band_that_a_lesson_draws_is_not_far(low, high, is_far):
    """Nor is it near for that: the band may be the range of sixteen nets."""
    axes = Axes("square", "trials", "", False, False)
    theory = Point("square", 10, 1.0, "theory")
    run = run_of([axes, Band("square", 10, low, 0.5, high, "measured"), theory])
    assert len(explain(run)) == is_far
    said = explain(run)[0] if is_far else all_well(run)
    assert f"square at trials 10 is 0.5 ({short(low)} to {short(high)}), theory 1: 0.5 times as much." in said
    assert is_far or said.startswith("Nothing is far from theory.")


def test_a_theory_of_0_that_was_computed_has_no_scale_but_on_a_log_axis():
    for log_y, theory, is_told in ((False, -1.11e-16, False), (True, 1e-30, True)):
        parts = [curve("mean", 1e-29, log_y=log_y), curve("mean", theory, series="theory", log_y=log_y)]
        assert bool(explain(run_of(*parts))) == is_told


def test_the_range_of_several_draws_does_not_make_a_theory_near():
    """One draw of eight may lie anywhere: the middle one is what theory is held against."""
    axes = Axes("square", "layer", "", False, False)
    theory = Point("square", 10, 1.0, "theory")
    run = run_of([axes, Band("square", 10, 0.5, 74.0, 1e5, "measured"), theory], seeds=(1, 2, 3))
    assert explain(run) == ["square at layer 10 is 74 (0.5 to 1e5), theory 1: 74 times as much."]


def test_a_net_without_parameters_is_told_for_what_it_is():
    loss = curve("loss", 80.0, 75.0, 82.0)
    assert "model.parameters() is empty" in about(run_of(loss, facts={"parameters": 0}), "No weight")
    assert not any("No weight" in said for said in explain(run_of(loss, facts={"parameters": 2})))
    assert not any("No weight" in said for said in explain(run_of(facts={"parameters": 0})))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (["z", "x", "w1"], "z, x, w1 differ from what autograd gives. They stand in the order"),
        (["b2"], "b2 differs from what autograd gives: the mistake is in its line,"),
    ],
)
def test_gradients_that_are_not_autograds_are_told(wrong, words):
    run = run_of(facts={"wrong_tensors": len(wrong), "wrong": ", ".join(wrong)})
    assert about(run, "Worked out by hand, ", words)
    assert explain(run_of(facts={"wrong_tensors": 0, "wrong": "none"})) == []


def test_what_lies_apart_from_theory_did_not_all_go_as_it_says():
    parts = [curve("rms", 1, 0.7, x="layer"), curve("rms", 1, 1, x="layer", series="theory")]
    assert all_well(run_of(*parts)) == (
        "Nothing is far from theory. Farthest from it, rms at layer 1 is 0.7, theory 1: 0.7 times as much."
    )


def test_theory_beside_a_histogram_stands_there():
    bins = Bins("weights", 0, -1, 1, [1, 2], 3, 0, 0, theory=[1.0, 2.0])
    assert all_well(run_of([bins])).endswith("Theory stands beside them in “weights”.")


# Signals


def test_a_signal_that_every_layer_halves_has_collapsed_and_it_is_said_from_where_on():
    run = run_of(curve("rms by layer", *(0.5**layer for layer in range(21)), x="layer"))
    assert explain(run) == [
        "rms by layer collapses: each layer multiplies it by about 0.5, and factors multiply: 1 at layer 0, "
        "less than a hundredth of that from layer 7 on, 9.54e-7 at layer 20."
    ]


def test_a_gradient_is_followed_on_its_way_back():
    run = run_of(curve("gradient by layer", *(0.5 ** (10 - layer) for layer in range(11)), x="layer"))
    assert about(
        run, "collapses on its way back", "by about 0.5", "1 at layer 10", "from layer 3 on", "layer 0."
    )


def test_growth_is_told_up_to_the_break():
    run = run_of(curve("std", 1, 22, 484, 10648, inf, nan, x="layer"))
    assert about(run, "blows up", "by 22 from layer 0 to 1, by 22 from", "from layer 2 on, 10648 at layer 3")
    assert about(run, "std is inf from layer 4 on")


def test_of_few_layers_each_has_its_own_factor():
    two = run_of(curve("rms by layer", 1, 28, 252, x="layer"))
    assert explain(two) == [
        "rms by layer blows up: it is multiplied by 28 from layer 0 to 1, by 9 from layer 1 to 2: "
        "1 at layer 0, 252 at layer 2."
    ]
    three = run_of(curve("gradient by layer", 0.002, 0.02, 0.5, 1, x="layer"))
    assert explain(three) == [
        "gradient by layer collapses on its way back: it is multiplied by 0.5 from layer 3 to 2, "
        "by 0.04 from layer 2 to 1, by 0.1 from layer 1 to 0: 1 at layer 3, 0.002 at layer 0."
    ]


def test_of_factors_that_differ_the_average_is_said_to_be_one():
    growth = 1.0
    ys = [growth] + [growth := growth * factor for factor in (2, 6, 2, 6, 2, 6)]
    assert about(run_of(curve("rms", *ys, x="layer")), "a layer multiplies it by 3.46 on average")


@pytest.mark.parametrize(
    "run",
    [
        run_of(curve("rms of each gradient", 1, 1e3, 1e-3, 1e3, 1e-3, 1, 1e4, x="step")),
        run_of(curve("rms", 1, 1e3, 1e-3, 1e3, 1e-3, 1, 1e4, x="layer")),
        run_of(curve("rms", 1, 0.9, 0.8, 0.7, x="layer")),
        run_of(curve("rms", *(0.5**n for n in range(21)), x="layer", log_y=False)),
        run_of(curve("rms", 1e-9, 1e9, x="layer")),
        run_of([Axes("rms", "layer", "", False, True), *(Point("rms", 3, 10.0**n) for n in range(9))]),
    ],
    ids=["numbered tensors", "up and down", "hardly", "on a linear axis", "two points", "x stands still"],
)
def test_one_factor_per_layer_is_told_only_where_one_tells_of_it(run):
    assert explain(run) == []


def test_of_a_chart_the_curve_is_told_that_theory_is_about():
    axes = Axes("rms", "layer", "", False, True)
    events: list[Recorded] = [axes]
    for layer in range(9):
        events += [Point("rms", layer, 1.0, "divided"), Point("rms", layer, 1.0, "theory")]
        events += [Point("rms", layer, 20.0**layer, "not divided")]
    assert explain(run_of(events)) == []


# Training


def test_a_loss_that_is_thrown_up_diverged_from_its_lowest_point_on():
    thrown = run_of(curve("loss", 2.9, 2.4, 30, 400, 5e6))
    assert about(thrown, "loss diverges from step 1 on: it went from 2.4 to 5e6 at step 4. So it goes where")
    assert about(run_of(curve("loss", 2.9, 30, 400, 6)), "diverges", "and ended at 6.")
    assert about(run_of(curve("loss", 2.9, 30, 4e30, inf, nan)), "diverges from step 0 on", "4e30 at step 2.")


@pytest.mark.parametrize(
    "ys",
    [(2.3, 0.2, 25, 2, *[60] * 40), (2.3, 0.2, 25, 2, *[30] * 400), (2.3, 2.1, 40, 3.4, *[110] * 400)],
    ids=lambda ys: f"{max(ys)} for {len(ys)}",
)
def test_a_loss_that_came_back_once_and_then_stays_up_for_good_diverged(ys):
    assert about(run_of(curve("loss", *ys)), "loss diverges from step")


@pytest.mark.parametrize(
    "ys",
    [
        (2.9, 30, 400, 2.3),
        (2.3, 1, 1e-3, 14, 2, 1e-3, 16, 2, 1e-3, 15, 4),  # it is up in the end, and will come back again
        (2.3, 1, 1e-3, 14, 2, 1e-3),
    ],
)
def test_a_loss_that_leaps_and_comes_back_did_not_diverge(ys):
    said = explain(run_of(curve("loss", *ys)))
    assert len(said) == 1 and said[0].startswith("loss leaps and falls back: from ")
    assert "diverge" not in said[0] and "overshoot" not in said[0]


def test_a_leap_is_told_from_its_lowest_point_to_where_it_is_back():
    assert explain(run_of(curve("loss", 2.3, 1, 1e-3, 14, 8, 2, 1))) == [
        "loss leaps and falls back: from 0.001 at step 2 to 14 at step 3, and down to 2 at step 5. A step "
        "that is too long does that, and so does a batch unlike those before it."
    ]


@pytest.mark.parametrize("ys", [(2.3, 50, 1, 40, nan), (2.3, 50, 1, 400, 9000), (1, 0.01, 0.3, 4)])
def test_a_loss_that_broke_off_or_rose_above_its_leaps_diverged(ys):
    assert about(run_of(curve("loss", *ys)), "loss diverges from")


def test_of_several_losses_the_one_that_diverged_is_told():
    leaps, diverges = (
        curve("loss", *ys, series=name) for ys, name in (((2, 90, 1), "a"), ((2, 90, 99), "b"))
    )
    assert about(run_of(leaps, diverges), "loss (b) diverges from step 0 on")


def test_an_input_far_from_1_is_named_before_what_its_training_made_of_the_net():
    grown: list[Recorded] = [Point("rms", layer, 50.0 * 100**layer, "step 2") for layer in range(6)]
    loss = curve("loss", 90, 1e6, 1e19, nan)
    for size in (50.0, 0.05):
        level = curve("rms", *6 * [size], x="layer", series="step 0")
        said = explain(run_of(level, grown, loss))
        assert said[0].startswith(f"The input's rms is {size:g}, ")
        assert any("loss diverges from step 0 on" in one for one in said)
        assert not any("overshoot" in one or "multiplies" in one for one in said)
    level = curve("rms", *6 * [1.0], x="layer", series="step 0")
    said = " ".join(explain(run_of(level, grown, loss)))
    assert "input" not in said and "overshoot" in said and "multiplies it by about 100" in said
    assert "input's rms is 80," in explain(run_of(loss, facts={"input_rms": 80.0}))[0]


def test_layers_that_blow_up_before_any_training_do_so_with_a_large_input_too():
    blown = curve("rms", *(50 * 30.0**layer for layer in range(6)), x="layer")
    assert about(run_of(blown, curve("loss", 5, 4)), "multiplies it by about 30")
    assert len(explain(run_of(blown))) == 1  # and an untrained stack's input may have any size


@pytest.mark.parametrize(
    "run",
    [
        run_of(curve("loss", 2.9, 0.01, 0.3, 0.02)),
        run_of(curve("loss", 5, 1, 12, 1)),
        run_of(curve("loss", 0, 0, 5)),
        run_of(curve("loss", 1, -1, 50)),
        run_of(curve("loss by gain", 1, 10, 100, x="gain")),
        run_of(curve("accuracy", 0.01, 0.9)),
        run_of(
            curve("loss", 100, 1, series="a"), curve("loss", *[50] * 9, reference="best answer", series="b")
        ),
    ],
)
def test_a_loss_that_jumps_about_has_not_diverged(run):
    assert explain(run) == []


def test_dead_units_are_told_from_the_step_at_which_the_first_were_counted():
    said = about(run_of(curve("dead units", 0, 0, 42, 61, log_y=False)), "dead")
    assert said.startswith(
        "42 units are dead at step 2, and none was at step 1; at step 3 there are 61. A ReLU"
    )
    assert about(
        run_of(curve("dead units", 90, 92)), "90 units are dead from the start; at step 1 there are 92."
    )
    assert explain(run_of(curve("dead units", 0, 0, 0))) == []
    assert explain(run_of(curve("dead units", 0, 5), activation="leaky relu")) == [], "its slope is not 0"


def test_dead_units_that_were_counted_at_the_end_are_laid_to_the_long_steps():
    thrown = run_of(curve("loss", 9, 4e6, 30), facts={"dead_units": 50})
    assert about(
        thrown, "50 units are dead in the end; long steps carry units there, as those from step 0 on."
    )
    assert about(run_of(facts={"dead_units": 1}), "1 unit is dead in the end. A ReLU")
    assert explain(run_of(facts={"dead_units": 0})) == explain(run_of(facts={"dead_units": None})) == []


def test_the_only_unit_died_where_its_weight_and_its_bias_stopped():
    moving = [curve("weight", 1, 2, -7, -7, -7, log_y=False), curve("bias", 1, 2, -3, -4, -4, log_y=False)]
    died = run_of(*moving, facts={"dead": True, "dead_at_first": False})
    assert about(died, "The unit died at step 3: nothing has moved since. A ReLU that is below 0")
    assert about(run_of(facts={"dead": True, "dead_at_first": True}), "The unit is dead from the start.")
    assert explain(run_of(*moving, facts={"dead": False})) == []


def test_labels_that_wrapped_are_known_by_their_type_and_their_size():
    facts = {"smallest_label": 0, "largest_label": 255}
    assert about(run_of(facts=facts, labels="uint8"), "wrapped before step 0", "−1 became 255", "up to 255")
    assert explain(run_of(facts=facts, labels="int64")) == []
    assert explain(run_of(facts={"largest_label": 4}, labels="uint8")) == []


def test_units_that_are_copies_are_one_unit():
    alike = {"distinct_units": 1, "units": 10}
    assert about(
        run_of(facts=alike), "All 10 units are copies from step 0 on, and alike they stay: same weights"
    )
    assert about(run_of(facts={**alike, "largest_weight": 0.0}), "no weight has moved")
    for apart in ({"distinct_units": 10, "units": 10}, {"distinct_units": 1, "units": 1}):
        assert explain(run_of(facts=apart)) == []


def test_a_loss_that_stands_at_guessing_has_learned_nothing_yet():
    guess = curve("loss", *[2.3] * 20, series="ten equal guesses", reference="ten equal guesses")
    fell = run_of(guess, curve("loss", *[9.0] * 5, *[2.31, 2.29] * 8, reference="ten equal guesses"))
    assert about(fell, "loss stays from 2.29 to 2.31 from step 5 on, beside 2.3 of ten equal guesses")
    still = run_of(guess, curve("loss", *[2.3] * 20, reference="ten equal guesses"))
    assert about(still, "loss stands at 2.3 from step 0 on, beside 2.3 of ten equal guesses")
    learns = run_of(guess, curve("loss", *[2.3] * 19, 1.5, reference="ten equal guesses"))
    assert explain(learns) == []


# Theory


@pytest.mark.parametrize(
    ("measured", "theory", "words"),
    [
        ([1, 2], [1, 4], "rms at layer 1 is 2, theory 4: 0.5 times as much."),
        ([1, -2], [1, 2], "rms at layer 1 is -2, theory 2: -1 times as much."),
        ([1, 3, 7], [1, 2], "rms at layer 1 is 3, theory 2: 1.5 times as much."),
        ([1, 3, nan], [1, 2, 3], "rms at layer 1 is 3, theory 2: 1.5 times as much."),
        ([1, 3, 5], [1, 2, inf], "rms at layer 1 is 3, theory 2: 1.5 times as much."),
    ],
)
def test_theory_that_is_far_off_is_held_against_the_newest_sound_point(measured, theory, words):
    parts = [curve("rms", *measured, x="layer", log_y=False)]
    parts.append(curve("rms", *theory, x="layer", series="theory", log_y=False))
    assert about(run_of(*parts), "theory") == f"{words} {OF_ONE_DRAW}"
    assert about(run_of(*parts, seeds=(1, 2)), "theory") == words, "that is over several seeds"


def test_of_gradients_the_lowest_layer_is_held_against_theory():
    parts = [curve("gradients", 0.1, 1, x="layer"), curve("gradients", 0.3, 1, x="layer", series="theory")]
    assert about(run_of(*parts), "gradients at layer 0 is 0.1, theory 0.3: 0.333 times as much.")


def test_theory_that_says_0_or_speaks_elsewhere_has_no_scale_to_be_far_off_on():
    assert explain(run_of(curve("mean", 1, 2), curve("mean", 0, 0, series="theory"))) == []
    apart: list[Recorded] = [Axes("a", "x"), Point("a", 1, 1.0), Point("a", 5, 9.0, "theory")]
    assert explain(run_of(apart)) == []


def test_of_an_edited_text_the_lessons_theory_says_nothing():
    parts = [curve("std", 1, 2, x="layer"), curve("std", 1, 9, x="layer", series="theory")]
    assert len(explain(run_of(*parts))) == 1
    started = Started(lesson="any", experiment="one", knobs={}, seed=42, device="cpu", edited=True)
    edited = replay([started, *parts[0], *parts[1]])
    assert explain(edited) == []
    assert all_well(edited).endswith("What an edited text calls theory is held against nothing.")


def test_a_reference_is_no_measurement():
    """It breaks nothing, it has no growth to tell of, and theory is not held against it."""
    fades = curve("std", 1.0, 1e-20, 1e-40, 0.0, x="layer", series="a formula", reference="a formula")
    theory = curve("std", 1, 2, 4, x="layer", series="theory")[1:]
    assert explain(run_of(fades, theory)) == []


def test_theory_is_held_against_the_curve_that_it_came_with():
    """`Chart.at(x, y, theory)` gives both at once; a theory yielded by itself is about every curve."""
    own, other, theory = (
        [Point("std", layer, y, series) for layer in (1, 2)]
        for y, series in ((1.0, "own"), (5.0, "other"), (2.0, "theory"))
    )
    together = run_of(
        [Axes("std", "layer"), *(p for three in zip(other, own, theory, strict=True) for p in three)]
    )
    assert about(together, "theory").startswith("std (own) at layer 2 is 1, theory 2: 0.5 times")
    apart = run_of([Axes("std", "layer"), *theory, *own, *other])
    assert sum("times as much" in said for said in explain(apart)) == 2
