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
from initplay.recording.breakage import explain, growth, wreck
from initplay.recording.run import Curve, Run, replay

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


def sentence(run: Run, about: str) -> str:
    found = [said for said in explain(run) if about in said]
    assert len(found) == 1, explain(run)
    return found[0]


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
        ([inf], "std is inf from layer 1 on. The largest number float32 can hold is 3.4e38."),
    ],
)
def test_a_break_is_told_with_its_place_the_number_before_and_what_float32_has_to_do_with_it(ys, words):
    assert explain(made_of(curve(*ys)))[0] == words


def test_a_run_with_nothing_out_of_the_ordinary_needs_no_words():
    assert explain(Run()) == [] and wreck(Run()) is None
    assert explain(replay([Note("hello")])) == []
    assert explain(made_of(curve(1, 1.001, 1, 1.002))) == []


@pytest.mark.parametrize(
    ("ys", "factor"),
    [
        ([1, 22, 484], 22.0),
        ([8, 4, 2, 1], 0.5),
        ([1, nan, 4, nan], 2.0),
        ([nan, 3, inf, 12], 2.0),
        ([-1, 0, 5, 10], 2.0),
        ([5], None),
        ([nan, 5], None),
        ([], None),
        ([1e-300, 1e300], inf),
    ],
)
def test_growth_is_the_geometric_mean_over_what_is_positive_and_finite(ys, factor):
    grown = Curve("measured")
    step = 1e-3 if factor == inf else 1
    for place, y in enumerate(ys):
        grown.add(place * step, y, place)
    assert growth(grown) == (None if factor is None else pytest.approx(factor))


def test_growth_stops_before_the_break_and_is_told_where_x_counts_something():
    run = made_of(curve(1, 22, 484, inf, 3))
    assert sentence(run, "factor") == "std changed by a factor of 22 per layer."
    assert not any("factor" in said for said in explain(made_of(curve(1, 22, 484, log_y=False))))
    swept = replay([Axes("loss", "lr", "loss", True, True), Point("loss", 1, 1.0), Point("loss", 10, 9.0)])
    assert explain(swept) == []
    halves = replay([Axes("loss", "scale", "", False, True), Point("loss", 0.5, 1.0), Point("loss", 1, 9.0)])
    assert explain(halves) == []


def test_growth_where_x_stands_still_is_unknown():
    still = Curve("measured")
    still.add(3, 1, 0)
    still.add(3, 2, 1)
    assert growth(still) is None


@pytest.mark.parametrize(
    ("measured", "theory", "words"),
    [
        ([1, 2.08], [1, 4], "std at layer 2 is 2.08, theory 4: 0.52 times as much."),
        ([1, 2], [1, 2.0001], "std at layer 2 is 2, theory 2: the same to three digits."),
        ([1, 2], [1, 0], "std at layer 2 is 2, theory 0: 2 apart."),
        ([1, -2], [1, 2], "std at layer 2 is -2, theory 2: -4 apart."),
        ([1, 3, 7], [1, 2], "std at layer 2 is 3, theory 2: 1.5 times as much."),
        ([1, 3, nan], [1, 2, 3], "std at layer 2 is 3, theory 2: 1.5 times as much."),
        ([1, 3, 5], [1, 2, inf], "std at layer 2 is 3, theory 2: 1.5 times as much."),
        ([1e-30, 3e-40, 0], [1e-30, 1e-40, 1e-50], "std at layer 2 is 3e-40, theory 1e-40: 3 times as much."),
    ],
)
def test_theory_is_held_against_the_newest_sound_point_that_it_speaks_of(measured, theory, words):
    run = made_of(curve(*measured, log_y=False), curve(*theory, series="theory", log_y=False))
    assert sentence(run, "theory") == words


def test_theory_elsewhere_says_nothing():
    assert explain(made_of(curve(1, 1), curve(1, 2, series="theory", start=7))) == []
    assert explain(made_of(curve(nan), curve(1, series="theory")))[-1].startswith("std is NaN")


def test_half_a_million_points_are_explained_while_one_presses_a_key():
    falling = [10.0 ** -(place % 40) for place in range(499_999)]
    run = made_of(curve(*falling, 0.0))
    began = time.perf_counter()
    assert wreck(run) == 499_999
    assert explain(run)
    assert time.perf_counter() - began < 5, "looking back from every point would take hours"


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


def test_a_reference_is_no_measurement():
    """It breaks nothing, it has no growth to tell of, and theory is not held against it."""
    axes = Axes("std", "layer", "std", False, True, reference="a formula")
    fades = [Point("std", layer, y, "a formula") for layer, y in enumerate((1.0, 1e-20, 1e-40, 0.0), 1)]
    run = made_of([axes, *fades], curve(1, 2, 4, series="theory")[1:])
    assert wreck(run) is None and explain(run) == []
    measured = made_of([axes, *fades], curve(1, 2, 4)[1:])
    assert [said.partition(" changed")[0] for said in explain(measured)] == ["std"]


def test_theory_is_held_against_the_curve_that_it_came_with():
    """`Chart.at(x, y, theory)` gives both at once; a theory yielded by itself is about every curve."""
    axes = Axes("std", "layer", "std", False, False)
    own, other, theory = (
        [Point("std", layer, y, series) for layer in (1, 2)]
        for y, series in ((1.0, "own"), (5.0, "other"), (2.0, "theory"))
    )
    together = made_of([axes, *(p for three in zip(other, own, theory, strict=True) for p in three)])
    assert [said for said in explain(together) if "theory" in said] == [
        "std (own) at layer 2 is 1, theory 2: 0.5 times as much."
    ]
    apart = made_of([axes, *theory, *own, *other])
    assert sum("theory" in said for said in explain(apart)) == 2
