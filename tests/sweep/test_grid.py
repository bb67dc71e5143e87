"""What is typed for a sweep, as the settings that it goes through."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initplay.course.experiment import experiments
from initplay.course.knob import KnobError
from initplay.sweep.cell import cell_of
from initplay.sweep.grid import read_grid

(CHAIN,) = experiments(
    "def chain(depth: Range[1, 200] = 100, scale: LogRange[1e-3, 10.0] = 1.0,\n"
    '          init: Literal["he", "a..b", "(2, 3)", "the same, twice", "the same"] = "he",\n'
    "          bias: bool = True):\n    yield\n"
)


@pytest.mark.parametrize(
    ("typed", "name", "values"),
    [
        ("depth=1,2,4", "depth", (1, 2, 4)),
        ("depth=1..200:3", "depth", (1, 100, 200)),
        ("depth=1..4:10", "depth", (1, 2, 3, 4)),
        ("depth=8,8,2", "depth", (8, 2)),
        ("depth=4..1:4", "depth", (4, 3, 2, 1)),
        ("scale=0.01..1:3:log", "scale", (0.01, 0.1, 1.0)),
        ("scale=1/512**0.5,√2", "scale", (1 / 512**0.5, math.sqrt(2))),
        ("init=he,a..b", "init", ("he", "a..b")),
        ("init=(2, 3),he", "init", ("(2, 3)", "he")),
        ("init=the same,the same, twice,(2, 3)", "init", ("the same", "the same, twice", "(2, 3)")),
        ("bias=on,off", "bias", (True, False)),
    ],
)
def test_values_of_a_knob(typed, name, values):
    grid = read_grid(CHAIN, [typed])
    assert list(grid.swept) == [name] and grid.swept[name] == pytest.approx(values)
    assert grid.count == len(values)


def test_every_combination_and_the_last_knob_turns_fastest():
    grid = read_grid(CHAIN, ["depth=1,2", "bias=off", "scale=0.1,1,10"])
    assert [(knobs["depth"], knobs["scale"]) for knobs in grid.settings()] == [
        (1, 0.1), (1, 1), (1, 10), (2, 0.1), (2, 1), (2, 10),
    ]  # fmt: skip
    assert all(knobs["bias"] is False and knobs["init"] == "he" for knobs in grid.settings())


def test_what_is_left_are_the_runs_without_a_cell():
    grid = read_grid(CHAIN, ["depth=1,2", "init=he,a..b"])
    left = [*grid.left((7, 8), ())]
    assert left == [*grid.runs((7, 8))] and len(left) == 8
    done = [cell_of(grid, knobs, seed, {}, "failed") for seed, knobs in left if knobs["depth"] == 1]
    assert [*grid.left((7, 8), done)] == [run for run in left if run[1]["depth"] == 2]


def test_without_a_knob_it_is_one_setting():
    assert list(read_grid(CHAIN, []).settings()) == [CHAIN.defaults()]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (["depth"], "write it as knob=value"),
        (["dpeth=1,2"], "did you mean 'depth'"),
        (["depth=1,two"], "whole number"),
        (["depth=0..10:3"], "out of range"),
        (["depth=1..10"], "write low..high:count"),
        ([f"depth=1..10:{'9' * 5_000}"], "so many values cannot be"),
        (["init=(2,he"], "is not an option"),
        (["init=he,"], "is not an option"),
        (["depth=1..10:three"], "write low..high:count"),
        (["depth=1.."], "is no range: write low..high:count"),
        (["depth=..3:2"], "is no range: write low..high:count"),
        (["depth=1..10:1"], "2 to 10,000 can"),
        (["scale=0.1..1:3:lin"], "write low..high:count"),
        (["bias=on..off:2"], "has no range"),
        (["depth=1", "depth=2"], "named twice"),
        (["depth="], "whole number"),
    ],
)
def test_what_is_no_grid_is_a_sentence(typed, says):
    with pytest.raises(KnobError, match=says) as refused:
        read_grid(CHAIN, typed)
    assert "\n" not in str(refused.value) and str(refused.value).endswith(".")


@given(low=st.floats(1e-3, 10), high=st.floats(1e-3, 10), count=st.integers(2, 50), log=st.booleans())
def test_a_range_has_its_ends_and_stays_between_them(low, high, count, log):
    (values,) = read_grid(CHAIN, [f"scale={low!r}..{high!r}:{count}{':log' * log}"]).swept.values() or [
        (low,)
    ]
    assert values[0] == low and (values[-1] == high or low == high)
    assert all(min(low, high) * (1 - 1e-12) <= value <= max(low, high) * (1 + 1e-12) for value in values)


@given(st.lists(st.text(max_size=12), max_size=3))
def test_any_text_is_a_grid_or_a_sentence(typed):
    try:
        assert read_grid(CHAIN, typed).count >= 1
    except KnobError as refused:
        assert str(refused)
