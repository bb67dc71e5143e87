"""The history of a histogram shows what happened to a spread."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pixels import pixels_of, text

from initplay.charts.history import history, shades, strips_of, value_scale
from initplay.charts.scales import Scale, SymmetricLog
from initplay.lab.events import Axes, Bins
from initplay.recording.run import Run

BELL = [int(1000 * math.exp(-(((k - 29.5) / 9) ** 2))) for k in range(60)]


def growing(factor: float, layers: int = 20) -> Run:
    run = Run()
    run.add(Axes("a", x="layer", y="value"))
    for layer in range(layers):
        run.add(Bins("a", layer, -(factor**layer), factor**layer, BELL))
    return run


def test_a_spread_that_grows_fills_more_rows():
    chart = growing(1.1).charts["a"]
    columns = list(zip(*pixels_of(history(chart, 60, 16)), strict=True))
    lit = [sum(level > 0 for level in column) for column in columns if -1 not in column]
    assert lit == sorted(lit) and lit[0] < lit[-1]


def test_the_value_axis_is_linear_until_widths_differ_a_thousandfold():
    assert isinstance(value_scale(growing(1.1).charts["a"].bins.items), Scale)
    assert isinstance(value_scale(growing(22.6).charts["a"].bins.items), SymmetricLog)
    assert "symmetric log" in text(history(growing(22.6).charts["a"], 90, 16))[0]


@pytest.mark.parametrize(
    "other", [Bins("a", 3, -0.5, 0.5, [0] * 60, nan=5), Bins("a", 3, -math.inf, math.inf, [1])]
)
def test_a_histogram_without_a_value_or_an_edge_widens_no_axis(other):
    sound = [Bins("a", at, -0.01, 0.01, BELL) for at in range(3)]
    assert value_scale([*sound, other]) == value_scale(sound)


def test_many_decades_stay_visible_from_the_first_layer_to_the_last():
    columns = list(zip(*pixels_of(history(growing(22.6).charts["a"], 60, 20)), strict=True))
    lit = [sum(level > 0 for level in column) for column in columns if -1 not in column]
    assert min(lit) >= 2 and lit == sorted(lit)


def test_brightness_grows_with_the_count():
    column = shades(Bins("a", 0, -3.0, 3.0, BELL), Scale(-3.0, 3.0), 20)
    assert column == column[::-1]
    assert column[:10] == sorted(column[:10]) and column[0] < column[9]


@pytest.mark.parametrize("factor", [1.1, 3.0, 10.0, 22.6, 1e6])
@pytest.mark.parametrize("height", [8, 9, 12, 20, 40])
def test_two_values_at_least_are_labelled(factor, height):
    """Zero alone says nothing of how wide the spread is."""
    for layers in range(2, 40, 4):
        lines = text(history(growing(factor, layers).charts["a"], 60, height))
        labels = [line.split("┤")[0].strip() for line in lines if "┤" in line]
        assert len(labels) >= 2 and len(set(labels)) == len(labels)


def test_columns_with_nan_are_marked_and_the_first_is_said():
    run = growing(1.1)
    run.add(Bins("a", 20, 0.0, 0.0, [], nan=5))
    run.add(Bins("a", 21, 0.0, 0.0, [], nan=5))
    lines = history(run.charts["a"], 60, 16)
    assert text(lines)[0].endswith("NaN from layer 20")
    assert "".join(piece for piece, role in lines[1] if role == "warn") == "××" * 2


@pytest.mark.parametrize(
    ("counts", "said"),
    [({"posinf": 2}, "inf"), ({"neginf": 2}, "-inf"), ({"posinf": 1, "neginf": 1}, "inf and -inf")],
)
def test_infinities_are_called_by_their_signs(counts, said):
    run = growing(1.1)
    run.add(Bins("a", 20, 0.0, 0.0, [], **counts))
    assert text(history(run.charts["a"], 60, 16))[0].endswith(f" {said} from layer 20")


def test_more_histograms_than_columns_are_thinned_and_that_is_said():
    lines = history(growing(1.001, 500).charts["a"], 60, 16)
    assert "1 in 16" in text(lines)[0]


@given(st.integers(1, 3000), st.integers(1, 250))
def test_every_histogram_has_a_strip_and_the_strips_fill_the_room(count, columns):
    strips = strips_of(count, columns)
    taken = [strips.place(number) for number in range(count)]
    assert all(place.start < place.stop <= columns for place in taken)
    assert all(before == after or before.stop == after.start for before, after in pairwise(taken))
    assert taken[0].start == 0 and taken[-1].stop >= 0.75 * columns - 1


@pytest.mark.parametrize(
    ("at", "labels"),
    [
        (range(1, 101), ["20", "40", "60", "80", "100"]),
        (range(21), ["0", "5", "10", "15", "20"]),
        ([0, 50, 100, 150], ["0", "50", "100", "150"]),
        ([1, 2, 4, 8, 16], ["1", "2", "4", "8", "16"]),
        ([0.25, 0.5, 0.75, 1.0], ["0.25", "0.5", "0.75", "1"]),
        ([3, 1, 2], ["3", "1", "2"]),
        ([2**i for i in range(14)], ["1", "4", "16", "64", "256", "1024", "4096"]),
        ([1, 3, 10, 30, 100, 300, 1000, 3000, 10_000], ["1", "10", "100", "1000", "10000"]),
        ([*range(1, 10), 1000], ["1", "3", "5", "7", "9"]),
        ([1_000_000 + i for i in range(5)], ["1000000", "1000001", "1000002", "1000003", "1000004"]),
        ([0.1 * i for i in range(50)], ["0", "1", "2", "3", "4"]),
        ([-0.3 + 0.1 * i for i in range(20)], ["0", "0.5", "1", "1.5"]),
        (
            [10**9 + i for i in range(0, 101, 5)],
            [f"10000000{end}0" for end in ("0", "2", "4", "6", "8")] + ["1000000100"],
        ),
        ([i * i for i in range(40)], ["0", "100", "400", "900"]),
        ([7], ["7"]),
    ],
)
def test_round_positions_are_labelled_each_below_its_strip(at, labels):
    run = Run()
    for position in at:
        run.add(Bins("a", position, -1.0, 1.0, BELL))
    lines = text(history(run.charts["a"], 80, 16))
    assert lines[-1].split() == labels
    ticks = [column for column, drawn in enumerate(lines[-2]) if drawn == "┬"]
    left, strips = lines[-2].index("└") + 1, strips_of(len(at), 80 - lines[-2].index("└") - 1)
    nearest = [min(range(len(at)), key=lambda number: abs(at[number] - float(label))) for label in labels]
    assert ticks == [left + strips.middle(number) for number in nearest]


def test_in_little_room_two_round_positions_are_labelled_at_least():
    run = Run()
    for position in range(1, 38):
        run.add(Bins("a", position, -1.0, 1.0, BELL))
    assert text(history(run.charts["a"], 40, 10))[-1].split() == ["10", "20", "30"]


def test_what_comes_after_the_cursor_is_dim_and_the_cursor_is_marked():
    run = growing(1.0)
    lines = history(run.charts["a"], 60, 16, end=run.end(9))
    column = lines[-2]
    assert any(role == "cursor" for _, role in column)
    levels = [max(column) for column in zip(*pixels_of(lines), strict=True) if -1 not in column]
    assert levels[0] > levels[-1] > 0


@settings(max_examples=60)
@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=90), st.integers(1, 60))
def test_no_value_is_lost_in_a_column(counts, rows):
    column = shades(Bins("a", 0, -1.0, 1.0, counts), Scale(-1.0, 1.0), rows)
    assert len(column) == rows
    assert (max(column) > 0) == (sum(counts) > 0)


def test_where_there_are_few_rows_a_power_far_from_zero_is_labelled():
    """The powers next to zero lie in its row, which then is labelled with one of them alone."""
    ticks = SymmetricLog(1e-6, -6.0, 6.0).ticks(2)
    labels = [label for _, label in ticks]
    assert labels == ["-1e-2", "-1e-4", "0", "1e-4", "1e-2"]
    assert min(at for at, _ in ticks) <= 1 / 4
