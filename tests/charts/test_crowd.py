"""Of a crowd of curves a chart draws as many as a frame has time for, and says so."""

from __future__ import annotations

import math
import re
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixels import chart_of, text

from initplay.charts.crowd import ROOM, _work, drawn_of
from initplay.charts.draw import draw
from initplay.charts.series import NEWEST, Series, series_of
from initplay.charts.sheet import Line
from initplay.lab.events import THEORY, Axes, Band, Point, Recorded
from initplay.recording.run import Run

ALL_KINDS = ("line", "own x", "out of order", "gaps", "band", "long")
KINDS = st.sampled_from(ALL_KINDS)


def lines(count: int, points: int) -> list[Recorded]:
    """Level lines, the first of them at the bottom."""
    return [Point("c", x, float(n), str(n)) for n in range(count) for x in range(points)]


@cache
def one_of(kind: str, number: int) -> Series:
    (one,) = series(of_kind(kind, str(number)))
    return one


def of_kind(kind: str, name: str, points: int = 700) -> list[Recorded]:
    xs = range(points)
    if kind == "long":
        return [Point("c", x, math.sin(x), name) for x in range(max(points, 5_000))]
    if kind == "own x":
        return [Point("c", x + int(name) / 97, 1.0, name) for x in xs]
    if kind == "out of order":
        return [Point("c", -x, 1.0, name) for x in xs]
    if kind == "gaps":
        return [Point("c", x, math.nan if x % 3 else 1.0, name) for x in xs]
    if kind == "band":
        return [Band("c", x, 0.0, 1.0, 2.0, name) for x in xs]
    return [Point("c", x, 1.0, name) for x in xs]


def series(events: list[Recorded]) -> list[Series]:
    return series_of(chart_of(*events), NEWEST, ascii=False) if events else []


def names(several: list[Series]) -> list[int]:
    return [int(one.name) for one in several]


def whole(drawn: list[Line]) -> str:
    return "\n".join(text(drawn))


@pytest.mark.parametrize(
    ("count", "points"), [(1, 100_000), (12, 4_000), (12, 10_000), (30, 1_000), (60, 20)]
)
def test_what_there_is_room_for_is_drawn_whole_and_nothing_is_said(count, points):
    chart = chart_of(*lines(count, points))
    several = series_of(chart, NEWEST, ascii=False)
    assert drawn_of(several, [], log_y=False) == (several, [])
    assert "drawn" not in whole(draw(chart, 80, 14))


def test_a_chart_that_leaves_curves_out_says_how_many_and_names_those_it_draws():
    chart = chart_of(*lines(60, 2_000))
    drawn, _ = drawn_of(series_of(chart, NEWEST, ascii=False), [], log_y=False)
    title, *legend = whole(draw(chart, 120, 20)).splitlines()[:3]
    assert title.endswith(f"{len(drawn)} of 60 drawn")
    named = [int(word) for word in " ".join(legend).split() if word.isdigit()]
    assert named == names(drawn)[: len(named)] and len(named) > 10


def test_up_to_64_curves_no_two_are_drawn_alike():
    chart = chart_of(*(Point("c", 0, number, f"curve {number}") for number in range(64)))
    for ascii in (False, True):
        looks = {(one.role, one.mark) for one in series_of(chart, NEWEST, ascii)}
        assert len(looks) == 64


def test_the_lines_that_are_drawn_are_those_that_are_named():
    """Level lines far enough apart that each has rows of its own."""
    chart = chart_of(*lines(60, 2_000))
    drawn, _ = drawn_of(series_of(chart, NEWEST, ascii=False), [], log_y=False)
    sheet = draw(chart, 100, 240)
    rows = [row for row, line in enumerate(sheet) if any(role == "s1" for _, role in line[1:])]
    shown = {one.role for one in drawn}
    assert {role for line in sheet for _, role in line if role[0] == "s" and role[1:].isdigit()} <= shown
    assert rows
    levels = sum(1 for line in sheet[5:-2] if sum(whole([line]).count(dot) for dot in "⠒⠤⠉⣀") > 40)
    assert levels == len(drawn)


@given(st.integers(41, 200), st.sampled_from([1_000, 2_000]))
def test_the_outermost_are_drawn_and_the_others_at_even_distances(count, points):
    several = _many(count, points)
    low, high = count // 3, count // 2
    several[low], several[high] = _at(-5.0, low, points), _at(1e6, high, points)
    kept = names(drawn_of(several, [], log_y=False)[0])
    assert {0, low, high, count - 1} <= set(kept) and len(kept) < count
    assert max(b - a for a, b in pairwise(kept)) <= 3 * count / (len(kept) - 4) + 1


@given(st.integers(45, 199))
def test_a_curve_that_comes_moves_no_other(count):
    before, after = (names(drawn_of(_many(n, 1_000), [], log_y=False)[0]) for n in (count, count + 1))
    assert set(after) - set(before) <= {count}  # the new last one
    assert len(set(before) - set(after)) <= 2


@given(st.lists(KINDS, max_size=30), st.lists(st.lists(KINDS, max_size=20), max_size=3), st.booleans())
def test_no_drawing_is_more_than_there_is_time_for(kinds, behind, log_y):
    shown = [one_of(kind, number) for number, kind in enumerate(kinds)]
    pinned = [[one_of(kind, number) for number, kind in enumerate(its)] for its in behind]
    drawn, drawn_behind = drawn_of(shown, pinned, log_y=log_y)
    assert all(one in shown for one in drawn)
    assert bool(drawn) == bool(shown)
    assert [bool(its) for its in drawn_behind] == [bool(its) for its in pinned]
    work, *work_behind = [_work(some, log_y) for some in (shown, *pinned)]
    taken = [
        sum(its for one, its in zip(some, their, strict=True) if any(one is other for other in left))
        for some, their, left in zip(
            (shown, *pinned), (work, *work_behind), (drawn, *drawn_behind), strict=True
        )
        if len(left) > 1  # one there always is
    ]
    assert sum(taken) <= ROOM


def test_pinned_runs_leave_most_of_the_room_to_the_one_that_is_shown():
    chart = chart_of(*lines(12, 300))
    sheet = whole(draw(chart, 120, 24, pinned=[("run 1", chart_of(*lines(150, 1_000)))]))
    assert "of 12 drawn" not in sheet
    assert "of 150 drawn" in sheet
    both = whole(
        draw(chart_of(*lines(150, 1_000)), 120, 24, pinned=[("run 1", chart_of(*lines(150, 1_000)))])
    )
    shown, behind = (int(number) for number in re.findall(r"(\d+) of 150 drawn", both))
    assert shown >= 1.5 * behind


def test_the_axes_hold_and_the_header_tells_what_is_not_drawn():
    events = lines(100, 1_000)
    unnamed = next(n for n in range(100) if n not in names(drawn_of(series(events), [], log_y=False)[0]))
    events += [Point("c", 5_000, math.nan, str(unnamed))]
    said = whole(draw(chart_of(*events), 100, 20))
    assert f"{unnamed}: NaN from 5000" in said and "drawn" in said
    assert "5000" in said.splitlines()[-1]


def test_how_far_a_pinned_run_goes_is_said_of_all_its_curves():
    events = lines(150, 1_000)
    unnamed = next(n for n in range(150) if n not in names(drawn_of(series(events), [], log_y=False)[0]))
    events += [Point("c", 50_000, 1.0, str(unnamed))]
    said = whole(draw(chart_of(*lines(3, 100)), 120, 24, pinned=[("run 1", chart_of(*events))]))
    assert "to 50000" in said and "of 150 drawn" in said


def test_what_takes_longer_to_draw_has_less_room():
    of_one = {kind: _work([one_of(kind, 0), one_of(kind, 1)], log_y=False)[1] for kind in ALL_KINDS}
    line = of_one["line"]
    assert of_one["own x"] > 2 * line and of_one["gaps"] > 2 * line
    assert of_one["out of order"] > 1.5 * line
    assert of_one["band"] > 3 * line and of_one["long"] > 3 * line


@pytest.mark.parametrize("kind", ["line", "own x", "band", "long"])
def test_as_a_run_grows_no_curve_leaves_and_comes_back(kind):
    """Neither in the middle of a step, when some have a point more, nor when blocks are made of two."""
    events = [of_kind(kind, str(n), 9_000 if kind == "long" else 700) for n in range(40)]
    step_by_step = [event for step in zip(*events, strict=True) for event in step]
    run, before = Run(), set(range(40))
    for start in range(0, len(step_by_step), 1_499):
        for event in step_by_step[start : start + 1_499]:
            run.add(event)
        drawn = {*names(drawn_of(series_of(run.charts["c"], NEWEST, False), [], log_y=False)[0])}
        assert drawn <= before
        before = drawn
    assert len(before) < 40


def test_a_run_of_one_heavy_curve_leaves_a_pinned_one_without_curves_as_it_is():
    heavy = [Point("c", -x, math.nan if x % 2 else 1.0, "0") for x in range(4_000)]
    of_theory = chart_of(*(Point("c", x, 1.0, THEORY) for x in range(20)))
    draw(chart_of(*heavy), 100, 30, pinned=[("run 1", of_theory), ("run 2", chart_of(Axes("c")))])


def test_what_a_small_pinned_run_leaves_is_for_the_larger_ones():
    small, large = series(lines(1, 300)), series(lines(25, 1_000))
    _, (first, second) = drawn_of(series(lines(3, 300)), [large, small], log_y=False)
    assert (len(first), len(second)) == (25, 1)


def test_of_curves_without_a_number_none_is_called_drawn():
    events: list[Recorded] = [
        Point("c", x, 1.0 if n % 2 else math.nan, str(n)) for n in range(150) for x in range(1_000)
    ]
    drawn, _ = drawn_of(series(events), [], log_y=False)
    assert len(drawn) > 10 and all(number % 2 for number in names(drawn))
    nothing = [one for one in series(events) if not one.decimation.y.ends(log=False)]
    assert len(drawn_of(nothing, [], log_y=False)[0]) == 1 < len(nothing)


def test_on_a_logarithmic_axis_the_lowest_is_the_lowest_that_has_a_place():
    several = series(lines(100, 1_000))
    several[41] = _at(-1.0, 41, 1_000)
    several[67] = _at(1e-9, 67, 1_000)
    kept = names(drawn_of(several, [], log_y=True)[0])
    assert 67 in kept and 41 not in kept


def test_a_logarithmic_axis_counts_what_it_has_no_place_for():
    several = series([Axes("c", log_y=True), *(Point("c", x, -1.0, "0") for x in range(100))])
    assert _work(several, log_y=True) > _work(several, log_y=False)


def _many(count: int, points: int) -> list[Series]:
    return _all(points)[:count]


@cache
def _all(points: int) -> list[Series]:
    return series(lines(200, points))


def _at(level: float, number: int, points: int) -> Series:
    (one,) = series([Point("c", x, level, str(number)) for x in range(points)])
    return one
