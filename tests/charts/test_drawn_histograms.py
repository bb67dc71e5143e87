"""Histograms are filled in proportion, say what they leave out, and hold still."""

from __future__ import annotations

import os
from itertools import chain

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pixels import chart_of, dots_of, roles_of, text

from initplay.charts.cells import DOTS_UP, FULL, over
from initplay.charts.dots import Stroke
from initplay.charts.draw import draw
from initplay.charts.histograms import value_ticks
from initplay.charts.scales import Scale
from initplay.charts.sheet import OVER
from initplay.charts.strokes import fill, plot
from initplay.lab.events import Axes, Bins


@settings(max_examples=150 if "INITPLAY_LONG" in os.environ else 50)
@given(st.integers(1, 40), st.integers(1, 12), st.data())
def test_a_fill_is_every_dot_up_to_its_height_and_no_other(columns, rows, data):
    """The ink is the sum of the heights, and it stands on the axis without a hole."""
    height = st.sampled_from([0, 1, DOTS_UP * rows]) | st.integers(0, DOTS_UP * rows)
    heights = data.draw(st.lists(height, min_size=2 * columns, max_size=2 * columns))
    drawn = dots_of(
        ["".join(character for character, _ in row) for row in fill(heights, "s0", columns, rows)]
    )
    assert [[dot < height for dot in range(DOTS_UP * rows)] for height in heights] == drawn


def frame(content: list[str], first: int = 1) -> list[str]:
    """What stands right of the axis."""
    rows = content[first:-2]
    return [row[row.index("┤" if "┤" in row else "│") + 1 :] for row in rows]


def heights_of(content: list[str], first: int = 1) -> list[int]:
    return [sum(column) for column in dots_of(frame(content, first))]


def test_bars_of_a_histogram_are_proportional_and_the_axis_gives_the_density():
    content = text(draw(chart_of(Bins("h", 0, 0.0, 4.0, [10, 20, 40, 80])), 47, 13))
    heights = heights_of(content)
    shares = [height / heights[-1] for height in heights]
    assert shares == pytest.approx([1 / 8] * 20 + [1 / 4] * 20 + [1 / 2] * 20 + [1] * 20, abs=0.03)
    labels = [line.split("┤")[0].strip() for line in content if "┤" in line]
    assert labels == ["0.6", "0.4", "0.2", "0"], "80 of 150 values lie in a stretch of 1"


@pytest.mark.parametrize(
    ("low", "high"), [(1e308, 1.5e308), (8e307, 8.1e307), (-1.7e308, -1.2e300), (-9e307, 9e307)]
)
def test_values_beyond_what_can_be_drawn_are_said_to_be_so(low, high):
    """Also beside a histogram of the chart that can be, and as a pinned one over it."""
    beyond, usual = Bins("h", 1, low, high, [1, 2]), Bins("h", 1, 0.0, 4.0, [10, 20])
    for chart in (chart_of(beyond), chart_of(usual, beyond)):
        assert any("values beyond 8e307 have no room" in row for row in text(draw(chart, 60, 12)))
    assert text(draw(chart_of(beyond, usual), 60, 12))[1:] == text(draw(chart_of(usual), 60, 12))[1:]
    pinned = draw(chart_of(usual), 60, 12, pinned=[("other", chart_of(beyond))])
    assert any("values beyond 8e307 have no room" in row for row in text(pinned))


@pytest.mark.parametrize("width", range(12, 130, 7))
def test_a_flat_histogram_is_flat_at_every_width(width):
    content = text(draw(chart_of(Bins("h", 0, -1.0, 1.0, [500] * 60)), width, 10))
    assert len(set(heights_of(content))) == 1


def test_a_histogram_says_where_it_is_and_what_is_in_no_bin():
    first = Bins("h", 16, -1.0, 1.0, [1, 2, 1])
    second = Bins("h", 17, -1.0, 1.0, [1, 2, 1], below=5, above=7, nan=12, posinf=3, neginf=1)
    chart = chart_of(Axes("h", x="layer"), first, second)
    content = text(draw(chart, 100, 10))
    assert content[0].startswith("h at layer 17")
    assert content[1].endswith("12 NaN, 3 inf, 1 -inf, 5 below -1, 7 above 1")
    assert text(draw(chart, 100, 7))[0].endswith("12 NaN, 3 inf, 1 -inf, 5 below -1, 7 above 1")
    earlier = text(draw(chart, 100, 10, end=2))
    assert earlier[0].startswith("h at layer 16")
    assert heights_of(earlier, 2) and not earlier[1].strip(), "the row stays, so that nothing jumps"


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize(
    ("bins", "said"),
    [
        (Bins("h", 0, 0.0, 0.0, [], nan=9), "no finite values"),
        (Bins("h", 0, 0.0, 0.0, []), "no values"),
        (Bins("h", 0, 0.0, 1.0, [0, 0], above=3), "no value in this range"),
        (Bins("h", 0, 1.0, 1.0, [3, 0]), "its edges are no range"),
    ],
)
def test_an_empty_histogram_says_why(bins, said, ascii):
    assert said in "".join(text(draw(chart_of(bins), 50, 10, ascii=ascii)))


def test_a_value_outside_the_bins_lowers_the_density_of_those_within():
    within, half = Bins("h", 0, 0.0, 1.0, [5, 5]), Bins("h", 0, 0.0, 1.0, [5, 5], above=10)
    drawn = [text(draw(chart_of(bins), 40, height)) for bins, height in ((within, 12), (half, 13))]
    ticks = [[line.split("┤")[0].strip() for line in content if "┤" in line] for content in drawn]
    assert ticks == [["1.0", "0.5", "0"], ["0.50", "0.25", "0"]]
    assert heights_of(drawn[0]) == [32] * 66 == heights_of(drawn[1], 2), "up to 1, and up to 0.5"


BELL = [1, 4, 16, 40, 60, 60, 40, 16, 4, 1]
EXPECTED = [0.004, 0.018, 0.066, 0.165, 0.247, 0.247, 0.165, 0.066, 0.018, 0.004]


@pytest.mark.parametrize("ascii", [False, True])
def test_theory_lies_over_the_fill_where_it_expects_as_many(ascii):
    chart = chart_of(Axes("h"), Bins("h", 0, -2.0, 2.0, BELL, theory=EXPECTED))
    lines = draw(chart, 60, 14, ascii=ascii)
    assert "theory" in text(lines)[1] and "measured" in text(lines)[1]
    tops: dict[int, int] = {}
    for number, line in enumerate(lines[2:-2]):
        column = 0
        for piece, role in line:
            if role.removesuffix(OVER) == "expected":
                tops |= {at: number for at in range(column, column + len(piece)) if at not in tops}
            column += len(piece)
    assert len(tops) >= 25, "it goes all the way across"
    heights = [tops[column] for column in sorted(tops)]
    peak = heights.index(min(heights))
    assert heights[:peak] == sorted(heights[:peak], reverse=True), "up to the middle"
    last = len(heights) - 1 - heights[::-1].index(min(heights))
    assert heights[last:] == sorted(heights[last:]), "and down again"


@given(
    st.lists(st.integers(0, 12), min_size=6, max_size=6), st.lists(st.integers(0, 11), min_size=6, max_size=6)
)
def test_a_line_over_what_is_filled_hides_none_of_it(heights, places):
    """Nor does what is filled hide the line: it has its own dots, and its own hue."""
    filled = fill(heights, "s0", 3, 3)
    line = Stroke(range(6), [place / 11 for place in places], "expected", 2)
    lines = plot([line], Scale(0.0, 5.0), Scale(0.0, 1.0), 3, 3)
    for below, above, drawn in zip(chain(*filled), chain(*lines), chain(*over(filled, lines)), strict=True):
        if above[0] == " ":
            assert drawn == below
        elif below[0] == FULL:
            assert drawn == (above[0], f"{above[1]}{OVER}")
        else:
            assert drawn[1] == above[1]
            assert all(not (ord(each[0]) & 255 & ~ord(drawn[0])) for each in (above, below) if each[0] != " ")


def test_theory_of_a_spike_does_not_hide_the_spike():
    spike = Bins("h", 0, 0.0, 4.0, [500] + [10] * 50, theory=[0.5] + [0.01] * 50)
    content = draw(chart_of(spike), 60, 14)
    first = [piece for line in content[2:-2] for piece, role in line if role == "s0"]
    assert len(first) >= 7, "the column of the spike keeps its own colour under the dot on top"


def test_no_theory_takes_no_room():
    content = text(draw(chart_of(Bins("h", 0, -2.0, 2.0, BELL)), 60, 14))
    assert "theory" not in "".join(content) and content[1].strip()[-1] in "┤│⣿"


def test_pinned_runs_are_outlines_in_the_same_frame():
    here = chart_of(Axes("h", x="layer"), Bins("h", 1, 0.0, 9.0, [9]), Bins("h", 2, -1.0, 1.0, [5, 5]))
    wide = chart_of(Axes("h", x="layer"), Bins("h", 2, -2.0, 2.0, [50, 50, 50, 50]))
    lines = draw(here, 47, 15, pinned=[("run 7", wide)])
    content = text(lines)
    assert "─ run 7" in content[1] and "(" not in content[1]
    assert content[-1].split() == ["-2", "-1", "0", "1", "2"], "one axis that holds both"
    outline = [number for number, line in enumerate(lines[2:-2]) for piece, role in line if role == "outline"]
    assert outline and min(outline) > 1, "half as dense, so half as high"


def test_a_pinned_run_far_outside_does_not_squash_what_is_shown_and_says_how_far_it_goes():
    here = chart_of(Bins("h", 2, -1.0, 1.0, [5, 5]))
    far = chart_of(Bins("h", 2, -70.0, 70.0, [5] * 60))
    narrow = chart_of(Bins("h", 2, -0.01, 0.01, [5] * 60))
    content = text(draw(here, 80, 15, pinned=[("run 1", far), ("run 2", narrow)]))
    assert content[-1].split()[0] == "-1.0" and content[-1].split()[-1] == "1.0"
    assert "run 1 (from -70 to 70)" in content[1] and "run 2 (goes higher)" in content[1]
    assert heights_of(content, 2).count(0) == 0, "its own fills the width"


def test_a_pinned_run_that_has_no_histogram_there_takes_no_room():
    here = chart_of(Bins("h", 2, -1.0, 1.0, [5, 5]))
    elsewhere = chart_of(Bins("h", 9, -7.0, 7.0, [5, 5]))
    assert draw(here, 40, 15, pinned=[("run 1", elsewhere)]) == draw(here, 40, 15)


def test_the_frame_holds_still_from_one_moment_to_the_next():
    """Oddities that come and go, and densities of all sizes, move neither the axes nor the title's rows."""
    events = [
        Bins("h", at, -(1 + at / 9), 1 + at / 9, [at, 9, 50, 9, at], nan=at % 2, theory=[0.2] * 5)
        for at in range(9)
    ]
    chart = chart_of(Axes("h", x="layer"), *events)
    frames = set()
    for end in range(2, 11):
        content = text(draw(chart, 60, 14, end=end))
        frames.add((content[-1], content[-2], "".join(line[6] for line in content[2:-2]).replace("┤", "│")))
    assert len(frames) == 1


def test_ascii_bars_are_of_ascii_and_in_proportion():
    lines = draw(chart_of(Bins("h", 0, 0.0, 2.0, [10, 40])), 40, 12, ascii=True)
    filled = roles_of(lines[1:-2], "s0")
    assert "".join(text(lines)).isascii()
    assert set(filled) <= set(" .:|#")
    columns = [[line[column] for line in text(lines)[1:-2]].count("#") for column in (10, 36)]
    assert columns[1] >= 3 * columns[0] > 0


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.9999965, 1.0000031, ["0.999996", "1.000003"]),
        (1e8, 1e8 + 8, ["100000000", "100000008"]),
        (5.0, 5.00002, ["5.00000", "5.00002"]),
        (123456.5, 123457.52, ["123456.5", "123457.5"]),
        (1.7e9 + 0.5, 1.7e9 + 1.5, ["1700000000.5", "1700000001.5"]),
        (0.0, 1e-310, ["0", "1e-310"]),
    ],
)
def test_ends_that_are_near_each_other_are_told_apart(low: float, high: float, said: list[str]) -> None:
    assert [label for _, label in value_ticks(low, high, 60)] == said


@given(st.floats(0.5, 1000), st.floats(-9, -5))
def test_the_labels_of_ends_that_are_near_each_other_stand_where_they_say(low: float, size: float) -> None:
    high = low + low * 10**size
    for end, (_, label) in zip((low, high), value_ticks(low, high, 60), strict=False):
        assert abs(float(label) - end) <= (high - low) / 9, label


@given(st.floats(-1e9, 1e9), st.floats(1e-9, 1e-5))
def test_labels_of_ends_that_are_near_are_as_far_apart_as_these(low: float, share: float) -> None:
    high = low + share * abs(low)
    width = high - low
    assume(abs(low) > 1e-200 and 1e-11 * abs(low) < width <= 1e-5 * max(abs(low), abs(high)))
    first, last = (float(label) for _, label in value_ticks(low, high, 60))
    assert abs(last - first - width) <= 0.11 * width


@pytest.mark.parametrize(
    ("theory", "said"),
    [([0.0] * 4, "theory (0 here)"), ([0.0, 1.0, 0.0, 0.0], "theory (goes higher)"), ([0.25] * 4, "theory")],
)
def test_theory_that_the_frame_does_not_show_is_said(theory: list[float], said: str) -> None:
    counts = [25] * 4 if said == "theory" else [24, 26, 25, 25]
    lines = text(draw(chart_of(Bins("h", 0, 0.0, 4.0, counts, theory=theory)), 60, 14))
    assert lines[1].split("measured")[1].strip().partition(" ")[2] == said
