"""What is left out of a long curve is never what a drawing would show."""

from __future__ import annotations

import math
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from initplay.charts.decimation import DRAWN_WHOLE, decimation_of
from initplay.recording.run import Curve


def curve_of(values: list[float]) -> Curve:
    curve = Curve("measured")
    extend(curve, values)
    return curve


def extend(curve: Curve, values: list[float]) -> None:
    for value in values:
        curve.x.append(len(curve.x))
        curve.y.append(value)
        curve.index.append(len(curve.index))


@settings(max_examples=40 if "INITPLAY_LONG" in os.environ else 15)
@given(
    st.dictionaries(st.integers(0, 39_999), st.floats(), max_size=8),
    st.sampled_from([5_000, 20_000, 40_000]),
    st.integers(0, 40_000),
)
def test_what_stands_out_is_kept_on_both_sides_of_the_cursor(odd, count, end):
    values = [1.0 + math.sin(number) / 2 for number in range(count)]
    for number, value in odd.items():
        values[number % count] = value
    end = min(end, count)
    curve = curve_of(
        values[:end]
    )  # it was looked at before it was whole, and its blocks are joined to larger
    decimation_of(curve)
    extend(curve, values[end:])
    decimated = decimation_of(curve)
    for first, last in ((0, end), (end, count)):
        kept = decimated.points(first, last)
        assert list(kept) == sorted(set(kept)) and all(first <= number < last for number in kept)
        finite = [value for value in values[first:last] if math.isfinite(value)]
        drawn = [values[number] for number in kept if math.isfinite(values[number])]
        if finite:
            assert (min(drawn), max(drawn)) == (min(finite), max(finite))
        broken = [number for number in range(first, last) if not math.isfinite(values[number])]
        assert broken[:1] == [number for number in kept if not math.isfinite(values[number])][:1]


@pytest.mark.parametrize("count", [2 * DRAWN_WHOLE, 30_000, 100_000])
def test_a_long_curve_is_drawn_by_fewer_points(count):
    assert len(decimation_of(curve_of([float(n) for n in range(count)])).points(0, count)) <= 1_100


def test_decimation_follows_its_curve_through_every_size():
    curve = curve_of([1.0] * 10)
    assert len(decimation_of(curve).nan) == 0
    for size in (4_000, 9_000, 60_000):
        extend(curve, [2.0] * (size - len(curve.y)) + [math.nan, -1.0, 0.0, math.inf])
        found = decimation_of(curve)
        assert (found.nan[-1], found.negative[-1], found.zero[-1], found.inf[-1]) == (
            size,
            size + 1,
            size + 2,
            size + 3,
        )
        assert size + 1 in found.points(0, len(curve.y))


@given(st.lists(st.floats(-2, 2), max_size=12), st.sets(st.integers(0, 12)))
def test_whether_x_rises_is_known_however_the_points_came(xs, looked_at):
    curve = Curve("measured")
    for number, x in enumerate(xs):
        extend(curve, [1.0])
        curve.x[number] = x
        if number in looked_at:
            decimation_of(curve)
    assert decimation_of(curve).x_rises == (xs == sorted(xs))
