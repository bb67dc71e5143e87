"""Several seeds as one run: bands that hold what is said of them, no x that some never reached, verdicts."""

from __future__ import annotations

import math
import os
import time

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from initplay.lab.events import (
    Axes,
    Band,
    Bins,
    Cells,
    Facts,
    Failed,
    Finished,
    Note,
    Picture,
    Point,
    Printed,
    Recorded,
    Started,
)
from initplay.recording import saved
from initplay.recording.run import Run, replay
from initplay.recording.seeds import (
    ENOUGH,
    are_consecutive,
    combine,
    seeds_in_words,
    seeds_of,
    spread,
    verdicts,
)

nan, inf = math.nan, math.inf


def member(seed: int, *events: Recorded, seconds: float = 1.0) -> Run:
    started = Started(lesson="blowup", experiment="chain", knobs={"depth": 3}, seed=seed, device="cpu")
    return replay([started, *events, Finished(seconds)])


def std(*ys: float, series: str = "measured", start: int = 1) -> list[Recorded]:
    return [Point("std", layer, y, series) for layer, y in enumerate(ys, start)]


def with_facts(*values: object) -> Run:
    return combine([member(seed, Facts({"found": value})) for seed, value in enumerate(values)])


finite = st.floats(allow_nan=False, allow_infinity=False, width=32)


@given(st.lists(finite, min_size=1, max_size=ENOUGH - 1))
def test_of_few_values_the_band_holds_all(values):
    found = spread(values)
    assert (found.low, found.high) == (min(values), max(values))
    assert found.mid == pytest.approx(float(np.median(np.array(values, dtype=np.float64))), rel=1e-12)


@settings(max_examples=100 if "INITPLAY_LONG" in os.environ else 30)
@given(st.lists(finite, min_size=ENOUGH, max_size=60))
def test_of_many_values_the_band_reaches_from_quantile_to_quantile(values):
    """As numpy has them."""
    expected = np.quantile(np.array(values, dtype=np.float64), [0.05, 0.5, 0.95])
    assert spread(values) == pytest.approx(tuple(expected), rel=1e-12, abs=1e-300)


@given(st.lists(st.floats(), min_size=1, max_size=30))
def test_bands_are_in_order_and_no_further_than_the_values(values):
    found = spread(values)
    assert all(value in values for value in found if math.isinf(value))
    sound = [value for value in found if not math.isnan(value)]
    assert sound == sorted(sound)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3], (3, 3, 3)),
        ([1, 2, nan], (1, 2, nan)),
        ([nan, 1, 2], (1, 2, nan)),
        ([1, nan, nan], (1, nan, nan)),
        ([1, 2, inf], (1, 2, inf)),
        ([-inf, 1, 2], (-inf, 1, 2)),
        ([inf], (inf, inf, inf)),
        ([-inf, -inf], (-inf, -inf, -inf)),
        ([inf, 1], (1, inf, inf)),
        ([-inf, 1], (-inf, -inf, 1)),
        ([-inf, inf], (-inf, nan, inf)),
        ([nan, inf, 1], (1, inf, nan)),
        ([nan, inf], (inf, nan, nan)),
        ([nan, nan], (nan, nan, nan)),
        ([-1.7e308, 1.7e308], (-1.7e308, 0, 1.7e308)),
        ([nan] + [1] * 19, (1, 1, nan)),
        ([nan] + [1] * 39, (1, 1, 1)),
        ([inf] + [1] * 19, (1, 1, inf)),
        ([inf] * 30, (inf, inf, inf)),
    ],
)
def test_a_run_that_broke_counts_as_beyond_everything(values, expected):
    assert spread(values) == pytest.approx(expected, nan_ok=True)


def test_no_values_are_refused():
    with pytest.raises(ValueError, match="no values"):
        spread([])


def test_several_seeds_are_a_band_of_medians_with_axes_and_theory_of_the_first():
    runs = [
        member(seed, Axes("std", "layer", "std", False, True), *std(1, 2 * seed), *std(1, 2, series="theory"))
        for seed in (1, 2, 3)
    ]
    combined = combine(runs)
    chart = combined.charts["std"]
    assert chart.axes == Axes("std", "layer", "std", False, True)
    assert list(chart.curves["theory"].y) == [1, 2]
    measured = chart.curves["measured"]
    assert measured.is_band and list(measured.x) == [1, 2] and list(measured.y) == [1, 4]
    assert [measured.low[1], measured.high[1]] == [2, 6]
    assert runs[0].started is not None and combined.ending == Finished(3.0)
    assert combined.started == msgspec.structs.replace(runs[0].started, seeds=(1, 2, 3))
    assert combined.notes.items == ["3 seeds: the line is the median, the band the range of all runs."]


def test_theory_that_is_another_with_each_seed_is_drawn_as_its_median_and_said_to_be():
    """As far as all runs came, as the bands are. What all share goes on to the end of the first run."""
    ends = {1: (7, 8), 2: (9,), 3: ()}
    runs = [
        member(
            seed,
            *std(1, 2, 2, series="measured"),
            *std(1, 10**seed, *ends[seed], series="theory"),
            Point("loss", 1, 5.0, "theory"),
        )
        for seed in (1, 2, 3)
    ]
    combined = combine(runs)
    assert list(combined.charts["std"].curves["theory"].y) == [1, 100]
    assert list(combined.charts["loss"].curves["theory"].y) == [5]
    assert combined.notes.items[1:] == ["Theory is another with each seed: its line is their median."]


def test_two_theories_at_one_place_stay_two_over_seeds():
    runs = [
        member(seed, Point("std", 1, 5.0, "theory"), Point("std", 1, seed, "theory")) for seed in (1, 2, 4)
    ]
    assert list(combine(runs).charts["std"].curves["theory"].y) == [5, 2]


def test_what_is_kept_of_a_run_for_combining_makes_the_same_run_and_weighs_little():
    def runs() -> list[Run]:
        pictures = [Picture("weights", at, 1, 1, 100_000, 0.0, 1.0, bytes(100_000), 0) for at in range(3)]
        said = [Note("n" * 10_000), Printed("p" * 10_000), Cells("rows", {"text": "c" * 10_000})]
        return [
            member(
                seed,
                *std(1, 2 * seed),
                *pictures,
                Bins("spread", 1, -1.0, 1.0, [seed, 2]),
                *std(3, 4),
                *said,
                Facts({"a": seed}),
            )
            for seed in (1, 2, 3)
        ]

    kept = runs()
    for run in kept:
        run.keep_what_is_combined()
        assert run.size < 5_000
    assert list(combine(kept).events) == list(combine(runs()).events)


def test_of_twenty_seeds_the_band_is_said_to_be_one_of_quantiles():
    combined = combine([member(seed, *std(seed), Facts({"a": seed})) for seed in range(ENOUGH)])
    assert combined.notes.items == ["20 seeds: the line is the median, the band 5 % to 95 % of the runs."]
    assert combined.facts["a_band"] == pytest.approx([0.95, 18.05])


def test_only_what_every_run_reached_is_shown():
    combined = combine([member(1, *std(1, 2, 3)), member(2, *std(1, 2)), member(3, *std(9, 9, 9, start=2))])
    assert list(combined.charts["std"].curves["measured"].x) == [2]


def test_a_series_or_chart_that_some_never_came_to_is_left_out():
    one = member(1, *std(1, 2), Point("late", 1, 1.0), *std(5, series="other"))
    combined = combine([one, member(2, *std(3, 4))])
    assert list(combined.charts) == ["std"] and list(combined.charts["std"].curves) == ["measured"]


def test_moments_are_those_of_the_first_run():
    def interleaved(seed: int) -> Run:
        return member(
            seed,
            *(Point(chart, layer, float(seed)) for layer in range(5) for chart in ("std", "mean")),
        )

    combined = combine([interleaved(1), interleaved(2)])
    assert combined.moments == 5
    assert [combined.position(cursor) for cursor in range(5)] == [0, 1, 2, 3, 4]


def test_histograms_of_one_seed_are_not_passed_off_as_those_of_all():
    runs = [member(seed, Bins("spread", 1, 0.0, float(seed), [seed]), *std(1)) for seed in (1, 2)]
    missing = [member(1, Bins("spread", 1, 0.0, 1.0, [1]), *std(1)), member(2, *std(1))]
    for several in (runs, missing):
        combined = combine(several)
        assert list(combined.charts) == ["std"]
        assert "Left out are histograms that not all runs have on the same edges: spread." in _noted(combined)


def test_a_line_to_compare_with_is_a_line_over_several_seeds_too():
    axes = Axes("loss", x="step", reference="guessing")
    runs = [
        member(seed, axes, Point("loss", 1, float(seed)), Point("loss", 1, 2.3, "guessing"))
        for seed in (1, 2)
    ]
    curves = combine(runs).charts["loss"].curves
    assert curves["measured"].is_band and not curves["guessing"].is_band
    assert list(curves["guessing"].y) == [2.3]


def test_of_histograms_that_all_runs_have_nothing_is_left_out():
    runs = [member(seed, Bins("spread", 1, 0.0, 1.0, [seed]), *std(1)) for seed in (1, 2)]
    assert not any("Left out" in said for said in _noted(combine(runs)))


@pytest.mark.parametrize("seeds", [1, 2])
def test_a_histogram_without_values_is_not_missed(seeds):
    broken = [member(seed, Bins("spread", 1, 0.0, 0.0, [], nan=5), *std(1)) for seed in range(seeds)]
    combined = combine(broken)
    assert list(combined.charts) == ["std"]
    assert not any("Left out" in said for said in _noted(combined))


def _noted(run: Run) -> list[str]:
    return list(run.notes.items)


def test_histograms_on_the_same_edges_are_counted_together():
    """With what lies in no bin, at the moments of the first run, and with theory where all have the same."""
    runs = [
        member(
            seed,
            Bins("spread", 1, 0.0, 1.0, [seed, 0], above=seed, nan=1, theory=[0.5, 0.25]),
            *std(1),
            Bins("spread", 2, 0.0, 1.0, [0, seed], theory=[seed / 10, 0.0]),
        )
        for seed in (1, 2, 3)
    ]
    combined = combine(runs)
    assert combined.charts["spread"].bins.items == [
        Bins("spread", 1, 0.0, 1.0, [6, 0], above=6, nan=3, theory=[0.5, 0.25]),
        Bins("spread", 2, 0.0, 1.0, [0, 6]),
    ]
    assert [combined.position(cursor) for cursor in range(combined.moments)] == [1, 2]


def test_a_seed_that_stops_early_takes_away_only_what_it_never_came_to():
    """What one run has on other edges is left out as well; of the same place, the first go with the first."""

    def histograms(*places: tuple[int, float], count: int) -> Run:
        return member(count, *(Bins("spread", at, 0.0, high, [count, 0]) for at, high in places), *std(1))

    long = histograms((1, 1.0), (2, 1.0), (2, 1.0), (3, 1.0), (4, 1.0), count=1)
    short = histograms((1, 1.0), (3, 1.0), (2, 9.0), (2, 1.0), (2, 1.0), count=2)
    for runs, order in (([long, short], [1, 2, 2, 3]), ([short, long], [1, 3, 2, 2])):
        assert combine(runs).charts["spread"].bins.items == [
            Bins("spread", at, 0.0, 1.0, [3, 0]) for at in order
        ]


def test_histograms_of_which_only_those_without_values_agree_are_left_out():
    """A chart of NaN alone would say that there was never anything else. On fixed edges they stay."""

    def broken(seed: int, low: float) -> Run:
        return member(
            seed, Bins("spread", 1, low, 1.0, [seed, 1]), Bins("spread", 2, 0.0, 1.0, [0, 0], nan=2), *std(1)
        )

    assert "spread" not in combine([broken(1, 0.1), broken(2, 0.2)]).charts
    fixed = combine([broken(1, 0.1), broken(2, 0.1)]).charts["spread"].bins.items
    assert [(one.counts, one.nan) for one in fixed] == [([3, 2], 0), ([0, 0], 4)]


def test_an_x_that_comes_twice_counts_with_its_last_value():
    combined = combine([member(1, *std(1), *std(3)), member(2, *std(2), *std(5))])
    assert list(combined.charts["std"].curves["measured"].y) == [4]


def test_bands_of_the_experiment_itself_go_in_with_their_middle():
    runs = [member(seed, Band("std", 1, 0.0, float(seed), 99.0)) for seed in (1, 2, 3)]
    measured = combine(runs).charts["std"].curves["measured"]
    assert (measured.low[0], measured.y[0], measured.high[0]) == (1, 2, 3)


@pytest.mark.parametrize(
    ("values", "facts"),
    [
        ([1, 2, 4.0], {"found": 2.0, "found_band": [1, 4]}),
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
    assert math.isnan(facts["found"]) and facts["found_band"] == pytest.approx([1, nan], nan_ok=True)


def test_a_fact_that_is_inf_in_every_run_is_inf_of_all():
    for value in (inf, -inf):
        facts = with_facts(value, value, value).facts
        assert (facts["found"], facts["found_band"]) == (value, [value, value])


def test_a_fact_that_some_runs_lack_is_left_out():
    combined = combine([member(1, Facts({"a": 1, "b": 2})), member(2, Facts({"b": 4, "c": 5}))])
    assert combined.facts == {"seeds": 2, "b": 3.0, "b_band": [2, 4]}


def test_a_combined_run_that_was_cut_off_ends_with_what_cut_it_off():
    ending = Failed("it broke", line=3)
    combined = combine([member(1, *std(1))], ending)
    assert combined.ending == ending and combined.state == "failed"
    assert combined.notes.items[0].startswith("1 seed:")


def test_runs_that_cannot_be_combined_are_refused():
    for runs in ([], [member(1), Run()], [Run()]):
        with pytest.raises(ValueError, match="each of which has started"):
            combine(runs)


def test_a_combined_run_can_be_saved_and_read_again():
    one = member(1, *std(1, nan, inf), Facts({"a": nan, "b": inf}))
    combined = combine([one, member(2, *std(2, 3, 4), Facts({"a": 1, "b": 1}))])
    again = replay([saved.from_json(saved.to_json(event)) for event in combined.events])
    assert again.charts["std"].curves["measured"].y[0] == 1.5
    assert again.facts["b_band"] == [1, inf]
    assert again.started is not None and again.started.seeds == (1, 2)
    assert [saved.to_json(event) for event in again.events] == [
        saved.to_json(event) for event in combined.events
    ]


@pytest.mark.parametrize(
    ("mine", "theirs", "said"),
    [
        ([1, 2], [5, 6], ["found is smaller here, in every one of these runs"]),
        ([5, 6], [1, 2], ["found is larger here, in every one of these runs"]),
        ([1, 5], [4, 9], []),
        ([1, 1], [1, 1], []),
        ([1, 2], [nan, nan], []),
        ([nan, nan], [1, 2], []),
        ([1, 2], [inf, inf], ["found is smaller here, in every one of these runs"]),
        ([inf, 1], [inf, inf], []),
        (["a", "a"], [1, 2], []),
    ],
)
def test_a_verdict_is_given_only_where_bands_part(mine, theirs, said):
    assert verdicts(with_facts(*mine), with_facts(*theirs)) == said


def test_single_runs_settle_nothing():
    assert verdicts(member(1, Facts({"found": 1})), member(2, Facts({"found": 9}))) == []
    assert verdicts(with_facts(1, 2), member(2, Facts({"found": 9, "found_band": 3}))) == []


def test_a_verdict_over_many_seeds_is_one_of_quantiles():
    """One run may lie beyond the others, so that it does not hold of every one."""
    mine = with_facts(*[1] * 39, 99)
    assert verdicts(mine, with_facts(*[5] * 40)) == ["found is smaller here, by the bands of 5 % to 95 %"]
    assert verdicts(mine, with_facts(5, 6)) == ["found is smaller here, by the bands of 5 % to 95 %"]


@given(st.lists(finite, min_size=2, max_size=8), st.lists(finite, min_size=2, max_size=8))
def test_a_verdict_over_few_seeds_holds_of_every_pair(mine, theirs):
    said = verdicts(with_facts(*mine), with_facts(*theirs))
    if all(one < other for one in mine for other in theirs):
        assert said == ["found is smaller here, in every one of these runs"]
    elif all(one > other for one in mine for other in theirs):
        assert said == ["found is larger here, in every one of these runs"]
    else:
        assert said == []


@pytest.mark.parametrize(
    ("seeds", "words", "consecutive"),
    [
        ((42,), "seed 42", True),
        ((42, 43, 44), "3 seeds, 42 to 44", True),
        ((1, 3, 4, 5, 9), "5 seeds: 1, 3 to 5, 9", False),
        ((44, 42, 43), "3 seeds, 42 to 44", False),
        ((7, 9), "2 seeds: 7, 9", False),
        ((7, 7), "2 seeds: 7, 7", False),
    ],
)
def test_seeds_in_words(seeds, words, consecutive):
    assert seeds_in_words(seeds) == words
    assert are_consecutive(seeds) == consecutive


def test_a_single_run_has_its_own_seed():
    single = member(7).started
    assert single is not None and seeds_of(single) == (7,)
    assert seeds_of(msgspec.structs.replace(single, seeds=(7, 8))) == (7, 8)


def test_eight_long_runs_become_one_in_a_blink():
    runs = [member(seed, *std(*map(float, range(10_000)))) for seed in range(8)]
    began = time.perf_counter()
    assert len(combine(runs).charts["std"].curves["measured"].x) == 10_000
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


@settings(max_examples=100 if "INITPLAY_LONG" in os.environ else 30)
@given(st.lists(members, min_size=1, max_size=4), st.lists(members, min_size=1, max_size=4))
def test_any_runs_can_be_combined(mine, theirs):
    one, other = combine(mine), combine(theirs)
    assert one.state == "finished"
    for chart in one.charts.values():
        for curve in chart.curves.values():
            reached = [
                set(run.charts[chart.name].curves[curve.series].x) for run in mine[: not curve.is_theory]
            ]
            assert all(set(curve.x) <= xs for xs in reached)
    assert all(said.endswith("in every one of these runs") for said in verdicts(one, other))
