"""Every value of a tensor is counted exactly once, whatever it is and wherever the tensor lies."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from initplay.worker import binning
from initplay.worker.binning import BINS, bin_values

INF, NAN = math.inf, math.nan
HUGE = float(np.finfo(np.float32).max)
TINY = float(np.float32(1e-45))

floats32 = st.floats(width=32) | st.sampled_from(
    [NAN, INF, -INF, HUGE, -HUGE, 1e38, TINY, -TINY, 0.0, -0.0, 1.0]
)
floats64 = st.floats() | st.sampled_from([NAN, INF, -INF, 1.7e308, -1.7e308, 5e-324, 1.0, 1.0 + 2**-52])
arrays = hnp.arrays(np.float32, st.integers(0, 80), elements=floats32) | hnp.arrays(
    np.float64, st.integers(0, 80), elements=floats64
)
finite = floats64.filter(math.isfinite) | st.floats(-10, 10)
ranges = st.none() | st.tuples(finite, finite).map(sorted).filter(lambda pair: pair[0] < pair[1]).map(tuple)


def fields(counted: binning.Counted) -> dict[str, Any]:
    parts, build = counted
    return build([part.tolist() for part in parts])


def counted_all(found: dict[str, Any]) -> int:
    return sum(found["counts"]) + sum(
        found.get(name, 0) for name in ("below", "above", "nan", "posinf", "neginf")
    )


@given(arrays, ranges)
@example(np.array([1.7e308, 1.7e308]), None)
@example(np.array([-1.7e308, 1.7e308]), None)
@example(np.array([HUGE, -HUGE], np.float32), None)
@example(np.array([TINY], np.float32), None)
@example(np.array([NAN, INF, -INF], np.float32), None)
@example(np.array([0.1], np.float32), (0.1, 0.2))
@example(np.array([0.1, 0.2], np.float32), (0.1, 0.1 + 1e-12))
@example(np.array([5e-324]), (-1e38, 0.0))
@example(np.array([0.0], np.float32), (0.0, 1e-50))
@example(np.array([3.0, 1e38], np.float32), (-1e300, 1e300))
@example(np.array([1e300, 0.5]), (0.0, 1.0))
def test_every_value_is_counted_once(values: np.ndarray, edges: tuple[float, float] | None) -> None:
    """On the CPU: NaN and each infinity by itself, the others in a bin or below or above the range."""
    found = fields(bin_values(torch.from_numpy(values), edges))
    assert len(found["counts"]) == BINS
    assert all(count >= 0 for count in found["counts"])
    assert counted_all(found) == len(values)
    assert found.get("nan", 0) == np.isnan(values).sum()
    assert found.get("posinf", 0) == (values == INF).sum()
    assert found.get("neginf", 0) == (values == -INF).sum()
    assert math.isfinite(found["low"])
    assert math.isfinite(found["high"])
    assert found["low"] < found["high"]


on_edges = st.tuples(st.sampled_from([0.0, -3.0, 0.1]), st.sampled_from([1.0, 60.0, 1e-3, 1e6])).map(
    lambda pair: np.concatenate([[pair[0]], pair[0] + np.arange(1, BINS + 1) * pair[1] / BINS])
)
spreads = (arrays | on_edges | on_edges.map(np.float32)).map(lambda values: values[np.isfinite(values)])


@given(spreads)
@example(np.array([TINY, 0.0, -TINY], np.float32))
@example(np.array([0.0, 1.0 - 2**-24, 1.0], np.float32))
@example(np.random.default_rng(1).normal(size=100_000).astype(np.float32))
@example(np.random.default_rng(1).normal(size=100_000))
def test_the_bins_are_those_that_torch_would_find(values: np.ndarray) -> None:
    """numpy, which counts on the CPU, puts every value where the same arithmetic of torch puts it."""
    found = fields(bin_values(torch.from_numpy(values), None))
    low, high = found["low"], found["high"]
    if len(np.unique(values)) < 2 or not 1e-30 < high - low < 1e38:
        return
    places = torch.from_numpy(values).sub(low).mul(BINS / (high - low)).long().clamp(0, BINS - 1)
    assert found["counts"] == torch.bincount(places, minlength=BINS).tolist()


@given(arrays, ranges)
@example(np.array([1.7e308, 1.7e308]), None)
@example(np.array([-1.7e308, 1.7e308]), None)
@example(np.array([HUGE, -HUGE], np.float32), None)
@example(np.array([TINY, 3 * TINY], np.float32), None)
@example(np.array([0.5, 0.5], np.float32), (1.0, 1.0 + 2**-23))
def test_an_accelerator_counts_as_the_cpu_does(values: np.ndarray, edges: tuple[float, float] | None) -> None:
    """The way that never waits for the device gives the same edges, kinds and bins, but for values
    that rounding moves over an edge."""
    tensor = torch.from_numpy(values)
    here = fields(bin_values(tensor, edges))
    rounded = binning._held(edges, is_double=tensor.dtype == torch.float64)
    there = fields(binning._on_device(tensor, rounded)) if len(values) else here
    assert counted_all(there) == len(values)
    for name in ("below", "above", "nan", "posinf", "neginf"):
        assert there.get(name, 0) == here.get(name, 0), name
    if edges:
        here["low"], here["high"] = there["low"], there["high"]  # as the values' type holds them
    assert (there["low"], there["high"]) == pytest.approx((here["low"], here["high"]), rel=1e-6)
    width = here["high"] / 2 - here["low"] / 2
    if width > 1e-30:  # of narrower ones an accelerator's float32 has no halves
        farthest = np.cumsum(np.array(here["counts"]) - np.array(there["counts"]))
        finite_values = values[np.isfinite(values)].astype(np.float64)
        finite_values = finite_values[(finite_values >= here["low"]) & (finite_values <= here["high"])]
        share = (finite_values / 2 - here["low"] / 2) / width * BINS
        # An edge is known to one rounding of the values around it.
        with np.errstate(over="ignore"):  # then anything may be near
            blur = 1e-5 * BINS + 4 * np.abs(finite_values / 2) / width * np.finfo(values.dtype).eps * BINS
        near_an_edge = (np.abs(share - np.round(share)) <= blur).sum()
        assert np.abs(farthest).max() <= near_an_edge


@pytest.mark.parametrize("value", [0.0, 1.0, -3.5, HUGE, -HUGE, TINY, 1e30])
@pytest.mark.parametrize("way", [bin_values, binning._on_device])
def test_equal_values_lie_in_the_middle(value: float, way: Any) -> None:
    found = fields(way(torch.full((1000,), value), None))
    assert found["counts"][BINS // 2] == 1000
    assert found["low"] < value < found["high"]


def test_equal_values_at_the_end_of_float64_have_finite_edges() -> None:
    found = fields(bin_values(torch.full((3,), 1.7e308, dtype=torch.float64), None))
    assert sum(found["counts"]) == 3
    assert math.isfinite(found["high"])


def test_more_values_than_float32_can_count_are_counted_exactly() -> None:
    """torch counts in the values' own type, and float32 sticks at 2**24."""
    values = torch.zeros(2**24 + 3)
    values[0] = 1.0
    found = fields(bin_values(values, (0.0, 1.0)))
    assert found["counts"][0] == 2**24 + 2
    assert found["counts"][-1] == 1


@pytest.mark.parametrize("way", [bin_values, binning._on_device])
def test_a_fixed_range_tells_what_lies_outside(way: Any) -> None:
    values = torch.tensor([-5.0, 0.0, 0.5, 1.0, 1.5, 9.0, NAN, INF, -INF])
    found = fields(way(values, (0.0, 1.0)))
    assert (found["low"], found["high"]) == (0.0, 1.0)
    assert (found["below"], found["above"]) == (1, 2)
    assert (found["nan"], found["posinf"], found["neginf"]) == (1, 1, 1)
    assert found["counts"][0] == 1
    assert found["counts"][BINS // 2] == 1
    assert found["counts"][-1] == 1, "the greatest value belongs to the last bin"


def test_a_uniform_spread_fills_every_bin_alike() -> None:
    values = torch.arange(6000) / 6000
    assert fields(bin_values(values, (0.0, 1.0)))["counts"] == [100] * BINS


def test_nothing_is_counted_as_nothing() -> None:
    assert fields(bin_values(torch.empty(0), None)) == {"low": 0.0, "high": 1.0, "counts": [0] * BINS}
