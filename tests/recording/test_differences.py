"""What differs between two runs, in words that name each difference and nothing else."""

from __future__ import annotations

import math
import time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from initplay.lab.events import Started
from initplay.recording.differences import differences, in_words, same_experiment, set_otherwise

SOURCE = "import torch\n\ndef chain():\n    yield 1\n"
BASE = Started(
    lesson="blowup",
    experiment="chain",
    knobs={"depth": 100, "scale": 1.0, "same_weights": True, "init": "kaiming"},
    seed=42,
    device="cpu",
    data="MNIST 5k",
    torch="2.13.0",
    initplay="1.0",
    source=SOURCE,
)


def changed(**fields: Any) -> Started:
    return msgspec.structs.replace(BASE, **fields)


def turned(**knobs: Any) -> Started:
    return changed(knobs={**BASE.knobs, **knobs})


def test_a_run_is_the_same_in_everything_as_itself():
    assert differences(BASE, changed()) == []
    assert in_words(BASE, turned(depth=100.0)) == "the same in everything"


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (turned(scale=0.1), "scale 1 → 0.1 · same seed"),
        (turned(same_weights=False), "same weights yes → no · same seed"),
        (turned(init="zeros"), "init kaiming → zeros · same seed"),
        (turned(depth=50, scale=2.0), "depth 100 → 50, scale 1 → 2 · same seed"),
        (turned(scale=1 / 3), "scale 1 → 0.333 · same seed"),
        (turned(gain=2), "gain – → 2 · same seed"),
        (changed(knobs={"depth": 100}), "scale 1 → –, same weights yes → –, init kaiming → – · same seed"),
        (turned(same_weights=1), "same weights yes → 1 · same seed"),
        (turned(init="two\nlines"), "init kaiming → two lines · same seed"),
        (changed(seed=7), "seed 42 → 7"),
        (changed(seeds=tuple(range(42, 50))), "1 seed → 8"),
        (changed(seeds=(42,)), "the same in everything"),
        (changed(device="cuda:0"), "device cpu → cuda:0"),
        (changed(data="MNIST 70k"), "data MNIST 5k → MNIST 70k"),
        (changed(torch="2.14.0"), "torch 2.13.0 → 2.14.0"),
        (changed(torch=""), "torch 2.13.0 → –"),
        (changed(initplay="1.1"), "initplay 1.0 → 1.1"),
        (changed(source=SOURCE + "\n"), "source, 1 line"),
        (changed(mine="x = 1\n"), "with your own code"),
        (changed(experiment="first_layer"), "another experiment: chain → first layer"),
        (changed(lesson="sqrt_n"), "another experiment: blowup/chain → sqrt_n/chain"),
    ],
)
def test_each_difference_in_words(other, words):
    assert in_words(BASE, other) == words


def test_whose_code_of_the_exercise_it_ran_with():
    mine, other = changed(mine="x = 1\n"), changed(mine="x = 2\n")
    assert in_words(mine, BASE) == "with the lesson's own code"
    assert in_words(mine, other) == "your own code, 1 line"


def test_several_seeds_are_told_from_as_many_others():
    eight, others = changed(seeds=tuple(range(42, 50))), changed(seed=50, seeds=tuple(range(50, 58)))
    assert differences(eight, others) == ["8 seeds, 42 to 49 → 8 seeds, 50 to 57"]
    assert differences(eight, BASE) == ["8 seeds → 1"]
    assert in_words(eight, msgspec.structs.replace(eight, knobs={})).endswith(" · same seeds")


def test_they_come_in_a_fixed_order_with_knobs_first():
    other = msgspec.structs.replace(
        turned(init="zeros", depth=1), seed=1, device="mps", data="", torch="2", initplay="2", source=""
    )
    expected = ["depth", "init", "seed", "device", "data", "torch", "initplay", "source,"]
    assert [words.split()[0] for words in differences(BASE, other)] == expected
    reordered = msgspec.structs.replace(other, knobs=dict(reversed(other.knobs.items())))
    assert differences(BASE, reordered) == differences(BASE, other)


def test_numbers_that_three_digits_do_not_tell_apart_get_as_many_as_do():
    assert differences(turned(scale=0.0442), turned(scale=1 / 512**0.5)) == ["scale 0.0442 → 0.04419"]
    near = math.nextafter(1.0, 2)
    assert differences(turned(scale=1.0), turned(scale=near)) == ["scale 1 → 1.0000000000000002"]
    assert differences(turned(depth=1_000_001), turned(depth=1_000_002)) == ["depth 1000001 → 1000002"]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (changed(), []),
        (turned(same_weights=False, scale=0.1), ["scale 0.1", "same weights no"]),
        (changed(seed=7, knobs={**BASE.knobs, "depth": 50}), ["depth 50", "seed 7"]),
        (changed(seeds=(42, 43)), []),
        (changed(experiment="other", knobs={"depth": 1}), []),
    ],
)
def test_what_another_run_was_set_to_is_said_by_its_own_values(other, words):
    assert set_otherwise(BASE, other) == words


def test_a_knob_that_is_nan_in_both_is_the_same():
    assert differences(turned(scale=math.nan), turned(scale=float("nan"))) == []


def test_a_knob_called_source_is_a_knob():
    assert in_words(turned(source_scale=1), turned(source_scale=2)) == "source scale 1 → 2 · same seed"


def test_the_same_seed_is_worth_saying_only_where_it_gives_the_same_draw():
    assert "same seed" not in in_words(BASE, msgspec.structs.replace(turned(scale=2.0), device="cuda"))
    assert "same seed" not in in_words(BASE, msgspec.structs.replace(turned(scale=2.0), source="x"))


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        ("a\nb\nc", "a\nB\nc", "1 line"),
        ("a\nb\nc", "a\nc", "1 line"),
        ("a\nc", "a\nb\nc", "1 line"),
        ("a\nb\nc\nd", "A\nb\nc\nD", "2 lines"),
        ("a\nb\nc\nd\ne", "b\nc\nd\nx", "2 lines"),
        ("a\nb", "a\r\nb\r", "2 lines"),
        ("", "a", "1 line"),
    ],
)
def test_lines_of_source_are_counted(before, after, count):
    assert differences(changed(source=before), changed(source=after)) == [f"source, {count}"]


def test_a_long_source_is_compared_between_two_ticks_of_the_screen():
    lines = [f"    x = x @ w  # layer {number % 7}" for number in range(2_000)]
    edited = [*lines[:900], "    print(x)", *lines[900:]]
    began = time.perf_counter()
    for _ in range(100):
        before, after = changed(source="\n".join(lines)), changed(source="\n".join(edited))
        assert differences(before, after) == ["source, 1 line"]
    assert time.perf_counter() - began < 2


text = st.text(max_size=8)
knobs = st.dictionaries(
    st.sampled_from(["a", "b_c", "source"]),
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | text,
    max_size=3,
)
starts = st.builds(
    Started,
    lesson=st.sampled_from(["one", "two"]),
    experiment=st.sampled_from(["run", "go"]),
    knobs=knobs,
    seed=st.integers(0, 3),
    device=st.sampled_from(["cpu", "cuda"]),
    source=st.text(alphabet="ab\n\r\x0c", max_size=12),
)


@given(starts, starts)
def test_any_two_runs_can_be_told_apart_on_one_line(one, other):
    words = in_words(one, other)
    assert "\n" not in words and words == " ".join(words.split())
    assert differences(one, one) == []
    assert len(differences(one, other)) == len(differences(other, one))
    if not differences(one, other):
        assert same_experiment(one, other) and (one.seed, one.source) == (other.seed, other.source)
    for part in differences(one, other):
        before, arrow, after = part.partition(" → ")
        if arrow:
            assert before.rpartition(" ")[2] != after or not after
