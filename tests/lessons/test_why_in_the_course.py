"""What `w` says of the course's own runs, where they go wrong and where they do not."""

from __future__ import annotations

import pytest
from runs import perform

from initplay.recording.why import all_well, explain


@pytest.mark.parametrize(
    ("lesson", "experiment", "knobs", "words"),
    [
        ("blowup", "first_layer", {}, ["from layer 0 to 1, by", "from layer 1 to 2: ", "at layer 2."]),
        ("blowup", "chain", {}, ["std by layer is NaN from layer", "std by layer blows up: each layer"]),
        ("blowup", "chain", {"scale": 0.01}, ["std by layer is 0 from layer", "std by layer collapses"]),
        (
            "relu_halving",
            "chain",
            {"width": 256},
            ["collapses: each layer multiplies it by about 0.7", "less than a hundredth of that"],
        ),
        ("optimizer", "triple", {"draw": "negative"}, ["The unit is dead from the start."]),
        (
            "optimizer",
            "triple",
            {"draw": "positive", "lr": 0.5},
            ["loss diverges from step 0", "died at step 2"],
        ),
        ("activations", "dead", {"lr": 10.0}, ["loss leaps and falls back", "and none was at step 0"]),
        ("activations", "dead", {"bias": -5.0}, ["units are dead from the start"]),
        (
            "backward",
            "broadcast",
            {"labels": "uint8"},
            ["labels wrapped before step 0", "units are dead in the end"],
        ),
        (
            "activations",
            "symmetry",
            {},
            ["All 10 units are copies", "no weight has moved", "beside 2.3 of ten equal guesses"],
        ),
        (
            "mylinear",
            "train",
            {"layer": "no Parameter"},
            ["model.parameters() is empty"],
        ),
        ("backward", "check", {"mistake": "no mask"}, ["by hand, z, x, w1, b1 differ"]),
        ("optimizer", "forgotten", {}, ["loss is NaN from step", "loss diverges from step"]),
    ],
)
def test_what_goes_wrong_has_its_mechanism_and_its_beginning(lesson, experiment, knobs, words):
    said = "\n".join(explain(perform(lesson, experiment, **knobs)))
    for part in words:
        assert part in said


@pytest.mark.parametrize(
    ("lesson", "experiment", "begins"),
    [
        ("neuron", "layer", "Nothing broke: every number is finite, and no theory stands beside them."),
        ("neuron", "batch", "Nothing broke: every number is finite. “if only calls cost” is drawn"),
        ("normalize", "digits", "All went as theory says. Farthest from it, “training std after” is 1, th"),
        ("normalize", "train", "All went as theory says. Farthest from it, “rms out” (first layer) is "),
        ("kaiming", "leaky", "Nothing is far from theory. Farthest from it, rms by layer (gain for a)"),
        (
            "relu_halving",
            "scalar",
            "All went as theory says. Farthest from it, mean square at trials 10000 is 0.4",
        ),
        ("kaiming", "fans", "All went as theory says. Farthest from it, gradients at layer 0 is"),
        ("backward", "check", "Nothing broke"),
        ("activations", "dead", "Nothing broke"),
        ("optimizer", "triple", "Nothing broke"),
    ],
)
def test_what_goes_right_is_said_in_one_line(lesson, experiment, begins):
    run = perform(lesson, experiment)
    assert explain(run) == [] and all_well(run).startswith(begins)


def test_a_row_that_theory_is_far_from_did_not_go_as_it_says():
    run = perform("kaiming", "chain")
    assert explain(run) == [] and all_well(run).startswith(
        "Nothing broke. Farthest from theory, “5 % of draws,"
    )


SORTED = {"relu": (1, 5), "leaky relu": (1, 2), "tanh": (1, 2), "sigmoid": (2, 5)}
"""Epochs of digits that come sorted, by activation."""


@pytest.mark.parametrize(
    ("activation", "epochs"),
    [(f, epochs) for f, of_each in SORTED.items() for epochs in of_each],
)
def test_a_loss_that_leaps_when_the_next_digit_begins_did_not_diverge(activation, epochs):
    run = perform("leaderboard", "program", order="sorted", activation=activation, epochs=epochs)
    said = "\n".join(explain(run))
    assert "loss leaps and falls back" in said and "diverge" not in said


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov"])
def test_steps_that_are_too_long_diverge(optimizer):
    said = explain(perform("optimizer", "triple", optimizer=optimizer, draw="positive", lr=1.0))
    assert said[0].startswith("loss diverges from step 0 on")


@pytest.mark.parametrize("lr", [0.005, 0.5])
def test_a_loss_that_jumps_about_from_batch_to_batch_is_nothing_to_explain(lr):
    said = " ".join(explain(perform("normalize", "train", normalized=True, lr=lr)))
    assert "diverges" not in said and "leaps" not in said
