"""What a run's numbers came to, said in sentences that hold of the run."""

from __future__ import annotations

import math
import re
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from initplay.lab.events import Axes, Bins, Note, Picture, Point, Recorded
from initplay.recording.breakage import breaks, wreck
from initplay.recording.run import Run, replay
from initplay.recording.why import explain

nan, inf = math.nan, math.inf


def curve(
    *ys: float, chart: str = "std", series: str = "measured", log_y: bool = True, start: int = 1
) -> list[Recorded]:
    """The events of one curve over layers."""
    axes = Axes(chart, "layer", "std", False, log_y)
    return [axes, *(Point(chart, layer, y, series) for layer, y in enumerate(ys, start))]


def bins(at: float, **kinds: int) -> Bins:
    return msgspec.structs.replace(Bins("activations", at, 0.0, 1.0, [3, 4]), **kinds)


def made_of(*parts: list[Recorded]) -> Run:
    return replay(event for part in parts for event in part)


@pytest.mark.parametrize(
    ("ys", "moment"),
    [
        ([1, 2, 3], None),
        ([1, 2, nan], 2),
        ([nan], 0),
        ([1, inf, nan, nan], 1),
        ([1, -inf], 1),
        ([1, nan, 3], 1),
        ([1e-30, 1e-40, 0, 0], 2),
        ([0, 0, 0], None),
        ([1, 0, 1], None),
        ([-1, 1, 0], None),
        ([1, 0, 0, nan], 3),
        ([1, 0, 1, nan], 3),
        ([0, nan], 1),
    ],
)
def test_the_wreck_is_the_first_moment_that_is_nan_inf_or_underflowed(ys, moment):
    assert wreck(made_of(curve(*ys))) == moment


def test_an_honest_zero_on_a_linear_axis_is_no_wreck():
    assert wreck(made_of(curve(3, 1, 0, log_y=False))) is None
    assert explain(made_of(curve(3, 1, 0, log_y=False))) == []
    assert wreck(made_of(curve(1e-20, 1e-30, 0, log_y=False))) == 2


def test_the_earliest_of_several_series_and_charts_counts():
    events = [
        Point("a", 1, 1.0),
        Point("b", 1, 1.0, "second"),
        Point("a", 2, 1.0),
        Point("b", 2, nan, "second"),
        Point("a", 3, inf),
    ]
    run = replay(events)
    assert wreck(run) == 1
    assert run.position(1) == 2
    assert [said.split(" is ")[0] for said in explain(run)] == ["a", "b (second)"]


def test_theory_breaks_nothing():
    run = made_of(curve(1, 2, 3), curve(1, inf, inf, series="theory"))
    assert wreck(run) is None


def test_histograms_and_pictures_break_a_run_that_has_no_curve():
    run = replay([bins(1), bins(2, nan=5, posinf=2), bins(3, nan=7)])
    assert wreck(run) == 1
    assert explain(run) == ["activations at x 2: 5 NaN, 2 inf, of 14 values."]
    shown = [
        Picture("weights", at, 2, 3, 4, 0.0, 1.0, bytes(24), nonfinite) for at, nonfinite in ((0, 0), (1, 6))
    ]
    assert wreck(replay(shown)) == 1
    assert explain(replay(shown)) == ["weights at x 1: 6 of 24 values are not finite."]


@pytest.mark.parametrize(
    ("ys", "words"),
    [
        (
            [1e36, 2.08e38, nan, nan],
            "std is NaN from layer 3 on; at layer 2 it was 2.08e38. "
            "The largest number float32 can hold is 3.4e38.",
        ),
        (
            [1.0, inf, nan],
            "std is inf from layer 2 on, and NaN later; at layer 1 it was 1. "
            "The largest number float32 can hold is 3.4e38.",
        ),
        (
            [1.0, nan],
            "std is NaN from layer 2 on; at layer 1 it was 1. "
            "NaN is what inf - inf, 0 / 0 or the log of a negative number gives.",
        ),
        (
            [1.0, nan, 2.0],
            "std is NaN at layer 2; at layer 1 it was 1. "
            "NaN is what inf - inf, 0 / 0 or the log of a negative number gives.",
        ),
        (
            [1e-40, 9.67e-44, 0.0],
            "std is 0 from layer 3 on; at layer 2 it was 9.67e-44. "
            "The smallest number float32 can hold is 1.4e-45.",
        ),
        ([0.4, 0.0], "std is 0 from layer 2 on; at layer 1 it was 0.4."),
        (
            [2.0, -inf],
            "std is -inf from layer 2 on; at layer 1 it was 2. -inf is the log of 0, or lies below -3.4e38, "
            "the lowest number float32 can hold.",
        ),
        ([inf], "std is inf from layer 1 on. The largest number float32 can hold is 3.4e38."),
    ],
)
def test_a_break_is_told_with_its_place_the_number_before_and_what_float32_has_to_do_with_it(ys, words):
    assert next(breaks(made_of(curve(*ys)))) == words


def test_a_run_with_nothing_out_of_the_ordinary_needs_no_words():
    assert explain(Run()) == [] and wreck(Run()) is None
    assert explain(replay([Note("hello")])) == []
    assert explain(made_of(curve(1, 1.001, 1, 1.002))) == []


def test_a_hundred_thousand_points_are_explained_while_one_presses_a_key():
    falling = [10.0 ** -(place % 40) for place in range(99_999)]
    run = made_of(curve(*falling, 0.0))
    began = time.perf_counter()
    assert wreck(run) == 99_999
    assert explain(run)
    assert time.perf_counter() - began < 5, "looking back from every point would take many minutes"


numbers = st.floats() | st.sampled_from([nan, inf, -inf, 0.0, -0.0, 1e308, 5e-324, 123456789.0])
names = st.sampled_from(["std", "a\nb", "", "loss"])
series = st.sampled_from(["measured", "theory", "se\nries"])
counts = st.integers(0, 2**40)
events = st.one_of(
    st.builds(Axes, names, names, names, st.booleans(), st.booleans()),
    st.builds(Point, names, numbers | st.integers(0, 5).map(float), numbers, series),
    st.builds(
        Bins, names, numbers, numbers, numbers, st.lists(counts, max_size=3), counts, counts, counts, counts
    ),
    st.builds(Picture, names, numbers, counts, counts, counts, numbers, numbers, st.just(b""), counts),
)


@given(st.lists(events, max_size=30))
def test_any_run_is_explained_in_short_lines(recorded):
    run = replay(recorded)
    for said in explain(run):
        assert said.isprintable() and said.endswith(".")
        assert not re.search(r"\d{6}", said), "three digits that matter, never nine"
    moment = wreck(run)
    assert moment is None or 0 <= moment < max(1, run.moments)


@given(st.lists(numbers, min_size=1, max_size=12), st.lists(numbers, min_size=1, max_size=12))
def test_nothing_before_the_wreck_is_broken(one, other):
    run = made_of(curve(*one, series="one"), curve(*other, series="other"))
    moment = wreck(run)
    broken = [y for y in [*one, *other] if not math.isfinite(y)]
    if moment is None:
        assert not broken
    else:
        before = [y for y in [*one, *other][:moment] if not math.isfinite(y)]
        assert not before
