"""Several seeds as one run: quantiles as numpy's, no x that some never reached, verdicts where bands part."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from initplay.lab.events import (
    Axes,
    Band,
    Bins,
    Facts,
    Failed,
    Finished,
    Point,
    Recorded,
    Started,
)
from initplay.recording.run import Run, from_json, replay, to_json
from initplay.recording.seeds import fan, spread, verdicts

nan, inf = math.nan, math.inf


def member(seed: int, *events: Recorded, seconds: float = 1.0) -> Run:
    started = Started(lesson="blowup", experiment="chain", knobs={"depth": 3}, seed=seed, device="cpu")
    return replay([started, *events, Finished(seconds)])


def std(*ys: float, series: str = "measured", start: int = 1) -> list[Recorded]:
    return [Point("std", layer, y, series) for layer, y in enumerate(ys, start)]


def with_facts(*values: object) -> Run:
    return fan([member(seed, Facts({"found": value})) for seed, value in enumerate(values)])


finite = st.floats(allow_nan=False, allow_infinity=False, width=32)


@given(st.lists(finite, min_size=1, max_size=20))
def test_quantiles_are_those_of_numpy(values):
    expected = np.quantile(np.array(values, dtype=np.float64), [0.05, 0.5, 0.95])
    assert spread(values) == pytest.approx(tuple(expected), rel=1e-12, abs=1e-300)


@given(st.lists(st.floats(), min_size=1, max_size=12))
def test_quantiles_are_in_order_and_finite_or_nan(values):
    found = spread(values)
    assert not any(map(math.isinf, found))
    sound = [value for value in found if not math.isnan(value)]
    assert sound == sorted(sound)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3], (3, 3, 3)),
        ([1, 2, nan], (1.1, 2, nan)),
        ([nan, 1, 2], (1.1, 2, nan)),
        ([1, nan, nan], (nan, nan, nan)),
        ([1, 2, inf], (1.1, 2, nan)),
        ([-inf, 1, 2], (nan, 1, 1.9)),
        ([nan, nan], (nan, nan, nan)),
        ([-1.7e308, 1.7e308], (-1.53e308, 0, 1.53e308)),
    ],
)
def test_a_run_that_broke_counts_as_beyond_everything(values, expected):
    assert spread(values) == pytest.approx(expected, nan_ok=True)


def test_no_values_are_refused():
    with pytest.raises(ValueError, match="no values"):
        spread([])


def test_a_fan_is_a_band_of_medians_with_axes_and_theory_of_the_first():
    runs = [
        member(seed, Axes("std", "layer", "std", False, True), *std(1, 2 * seed), *std(1, 2, series="theory"))
        for seed in (1, 2, 3)
    ]
    combined = fan(runs)
    chart = combined.charts["std"]
    assert chart.axes == Axes("std", "layer", "std", False, True)
    assert list(chart.curves["theory"].y) == [1, 2]
    measured = chart.curves["measured"]
    assert measured.is_band and list(measured.x) == [1, 2] and list(measured.y) == [1, 4]
    assert [measured.low[1], measured.high[1]] == pytest.approx([2.2, 5.8])
    assert combined.started == runs[0].started and combined.ending == Finished(3.0)
    assert combined.notes.items == ["3 seeds: the line is the median, 90 % of the runs lie in the band."]


def test_only_what_every_run_reached_is_shown():
    combined = fan([member(1, *std(1, 2, 3)), member(2, *std(1, 2)), member(3, *std(9, 9, 9, start=2))])
    assert list(combined.charts["std"].curves["measured"].x) == [2]


def test_a_series_or_chart_that_some_never_came_to_is_left_out():
    one = member(1, *std(1, 2), Point("late", 1, 1.0), *std(5, series="other"))
    combined = fan([one, member(2, *std(3, 4))])
    assert list(combined.charts) == ["std"] and list(combined.charts["std"].curves) == ["measured"]


def test_moments_are_those_of_the_first_run():
    def interleaved(seed: int) -> Run:
        return member(
            seed,
            *(Point(chart, layer, float(seed)) for layer in range(5) for chart in ("std", "mean")),
        )

    combined = fan([interleaved(1), interleaved(2)])
    assert combined.moments == 5
    assert [combined.position(cursor) for cursor in range(5)] == [0, 1, 2, 3, 4]


def test_histograms_of_one_seed_are_not_passed_off_as_those_of_all():
    runs = [member(seed, Bins("spread", 1, 0.0, 1.0, [seed]), *std(1)) for seed in (1, 2)]
    assert list(fan(runs).charts) == ["std"]


def test_an_x_that_comes_twice_counts_with_its_last_value():
    combined = fan([member(1, *std(1), *std(3)), member(2, *std(2), *std(5))])
    assert list(combined.charts["std"].curves["measured"].y) == [4]


def test_bands_of_the_experiment_itself_go_in_with_their_middle():
    runs = [member(seed, Band("std", 1, 0.0, float(seed), 99.0)) for seed in (1, 2, 3)]
    measured = fan(runs).charts["std"].curves["measured"]
    assert measured.y[0] == 2 and measured.high[0] < 3


@pytest.mark.parametrize(
    ("values", "facts"),
    [
        ([1, 2, 4.0], {"found": 2.0, "found_band": pytest.approx([1.1, 3.8])}),
        ([5, 5], {"found": 5.0, "found_band": [5, 5]}),
        (["he", "he"], {"found": "he"}),
        (["he", "she"], {}),
        ([True, True], {"found": True}),
        ([True, False], {}),
        ([None, None], {"found": None}),
        ([None, 3], {}),
        ([3, None], {}),
        ([[1, 2], [1, 2]], {"found": [1, 2]}),
        ([[1, 2], [1, 3]], {}),
        ([3, "three"], {}),
    ],
)
def test_facts_are_medians_of_numbers_and_what_all_agree_on(values, facts):
    assert with_facts(*values).facts == {"seeds": len(values), **facts}


def test_numbers_that_broke_are_nan_in_the_facts():
    facts = with_facts(1, nan, nan).facts
    assert math.isnan(facts["found"]) and all(map(math.isnan, facts["found_band"]))


def test_a_fact_that_some_runs_lack_is_left_out():
    combined = fan([member(1, Facts({"a": 1, "b": 2})), member(2, Facts({"b": 4, "c": 5}))])
    assert combined.facts == {"seeds": 2, "b": 3.0, "b_band": pytest.approx([2.1, 3.9])}


def test_a_fan_that_was_cut_off_ends_with_what_cut_it_off():
    ending = Failed("it broke", line=3)
    combined = fan([member(1, *std(1))], ending)
    assert combined.ending == ending and combined.state == "failed"
    assert combined.notes.items[0].startswith("1 seed:")


def test_what_is_no_fan_is_refused():
    for runs in ([], [member(1), Run()], [Run()]):
        with pytest.raises(ValueError, match="fan takes runs"):
            fan(runs)


def test_a_fan_can_be_saved_and_read_again():
    combined = fan([member(1, *std(1, nan), Facts({"a": nan})), member(2, *std(2, 3), Facts({"a": 1}))])
    again = replay([from_json(to_json(event)) for event in combined.events])
    assert again.charts["std"].curves["measured"].y[0] == 1.5
    assert [to_json(event) for event in again.events] == [to_json(event) for event in combined.events]


@pytest.mark.parametrize(
    ("mine", "theirs", "said"),
    [
        ([1, 2], [5, 6], ["found is smaller here, in more than nine runs of ten"]),
        ([5, 6], [1, 2], ["found is larger here, in more than nine runs of ten"]),
        ([1, 5], [4, 9], []),
        ([1, 1], [1, 1], []),
        ([1, 2], [nan, nan], []),
        ([nan, nan], [1, 2], []),
        (["a", "a"], [1, 2], []),
    ],
)
def test_a_verdict_is_given_only_where_bands_part(mine, theirs, said):
    assert verdicts(with_facts(*mine), with_facts(*theirs)) == said


def test_single_runs_settle_nothing():
    assert verdicts(member(1, Facts({"found": 1})), member(2, Facts({"found": 9}))) == []
    assert verdicts(with_facts(1, 2), member(2, Facts({"found": 9, "found_band": 3}))) == []


def test_eight_long_runs_become_one_in_a_blink():
    runs = [member(seed, *std(*map(float, range(10_000)))) for seed in range(8)]
    began = time.perf_counter()
    assert len(fan(runs).charts["std"].curves["measured"].x) == 10_000
    assert time.perf_counter() - began < 3


names = st.sampled_from(["std", "loss", ""])
numbers = st.floats() | st.integers(0, 4).map(float)
values = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=3)
events = st.one_of(
    st.builds(Axes, names, names),
    st.builds(Point, names, numbers, numbers, st.sampled_from(["measured", "theory"])),
    st.builds(Band, names, numbers, numbers, numbers, numbers),
    st.builds(
        Facts,
        st.dictionaries(
            st.sampled_from(["a", "a_band", "seeds"]), values | st.lists(values, max_size=2), max_size=3
        ),
    ),
)
members = st.builds(lambda found: member(1, *found), st.lists(events, max_size=12))


@given(st.lists(members, min_size=1, max_size=4), st.lists(members, min_size=1, max_size=4))
def test_any_runs_make_a_fan(mine, theirs):
    one, other = fan(mine), fan(theirs)
    assert one.state == "finished"
    for chart in one.charts.values():
        for curve in chart.curves.values():
            reached = [
                set(run.charts[chart.name].curves[curve.series].x) for run in mine[: not curve.is_theory]
            ]
            assert all(set(curve.x) <= xs for xs in reached)
    assert all(said.endswith("in more than nine runs of ten") for said in verdicts(one, other))
