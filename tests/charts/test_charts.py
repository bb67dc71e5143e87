"""Charts tell the truth, keep their size, and survive every number there is."""

from __future__ import annotations

import itertools
import math
import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pixels import chart_of, roles_of, text
from rich.cells import cell_len

from initplay.charts.dots import Stroke
from initplay.charts.draw import draw, place_of
from initplay.charts.guess import Guess, frame
from initplay.charts.history import history
from initplay.charts.legend import legend, without_what_all_say
from initplay.charts.scales import Scale
from initplay.charts.series import NEWEST, series_of
from initplay.charts.sheet import LEVELS, OVER, SERIES, Grid, Line, as_columns, cut, without_fillers
from initplay.charts.strokes import plot
from initplay.charts.tables import table, whole_table
from initplay.lab.events import THEORY, Axes, Band, Bins, Picture, Point, Started
from initplay.recording.run import Chart, Run, replay

LONG = "INITPLAY_LONG" in os.environ

NASTY = [
    0.0,
    -0.0,
    5e-324,
    -5e-324,
    1e-300,
    1e300,
    1.8e308,
    1e308,
    -1e308,
    math.nan,
    math.inf,
    -math.inf,
    1.0,
    -1.0,
]
numbers = st.one_of(st.sampled_from(NASTY), st.floats(width=64), st.floats(-10, 10))
names = st.one_of(st.text(max_size=12), st.text("aσ漢字あ😀한\u200b\u0301", max_size=12))
ROLES = {
    "axis",
    "label",
    "title",
    "muted",
    "cursor",
    "warn",
    "theory",
    "reference",
    "ghost",
    "expected",
    "outline",
    *SERIES,
}
ROLES |= {f"shade:{upper}/{lower}" for upper in range(LEVELS) for lower in range(LEVELS)}
ROLES |= {f"{line}{OVER}" for line in ("expected", "outline")}
counts = st.lists(st.one_of(st.just(0), st.integers(0, 50_000_000)), max_size=70)


def assert_sheet(lines: list[Line], width: int, height: int, ascii: bool = False) -> None:
    assert len(lines) == height
    for line in lines:
        content = "".join(piece for piece, _ in line)
        assert len(content) == cell_len(without_fillers(content)) == width
        assert as_columns(content) == content
        assert all(role in ROLES for _, role in line)
        assert content.isascii() or not ascii


def curve(ys: list[float], axes: Axes | None = None, series: str = "measured", first: int = 1) -> Chart:
    points = [Point("c", x, y, series) for x, y in enumerate(ys, first)]
    return chart_of(axes or Axes("c", x="layer"), *points)


@pytest.mark.parametrize("ascii", [False, True])
def test_a_chart_may_have_more_curves_than_plotext_has_colours(ascii):
    points = [Point("c", float(x), float(curve), str(curve)) for curve in range(300) for x in range(2)]
    assert len(draw(chart_of(*points), 100, 30, ascii=ascii)) == 30


@st.composite
def recorded(draw: st.DrawFn) -> Run:
    run = Run()
    reference = draw(st.sampled_from(["", "σ² 漢字\n"]))
    run.add(Axes("c", draw(names), draw(names), draw(st.booleans()), draw(st.booleans()), reference))
    kind = draw(st.sampled_from(["points", "bands", "bins", "images"]))
    for _ in range(draw(st.integers(0, 40))):
        series = draw(st.sampled_from(["measured", THEORY, "σ² 漢字\n", ""]))
        if kind == "points":
            run.add(Point("c", draw(numbers), draw(numbers), series))
        elif kind == "bands":
            run.add(Band("c", draw(numbers), draw(numbers), draw(numbers), draw(numbers), series))
        elif kind == "bins":
            odd = [draw(st.integers(0, 5)) for _ in range(5)]
            counted = draw(counts)
            theory = [draw(st.one_of(numbers, st.floats(0, 1)))] * (len(counted) - draw(st.integers(0, 1)))
            run.add(Bins("c", draw(numbers), draw(numbers), draw(numbers), counted, *odd, theory=theory))
        else:
            n, high, wide = draw(st.integers(0, 12)), draw(st.integers(0, 30)), draw(st.integers(0, 30))
            pixels = bytes(draw(st.integers(0, 255)) for _ in range(3)) * (n * high * wide // 3)
            run.add(Picture("c", draw(numbers), n, high, wide, draw(numbers), draw(numbers), pixels, 2))
    return run


@settings(max_examples=250 if LONG else 80)
@given(recorded(), st.integers(1, 130), st.integers(1, 40), st.booleans(), st.booleans(), numbers, st.data())
def test_any_recording_at_any_size_gives_a_sheet(run, width, height, ascii, has_span, x, data):
    for chart in run.charts.values():
        end = data.draw(st.one_of(st.none(), st.integers(0, len(run.events))))
        lines = draw(
            chart,
            width,
            height,
            end=end,
            cursor=x,
            ascii=ascii,
            pinned=[("old", chart)],
            guess=Guess("c", x, -x, (1, 100) if has_span else None),
        )
        assert_sheet(lines, width, height, ascii)
        assert_sheet(history(chart, width, height, end, ascii), width, height, ascii)


@settings(max_examples=100)
@given(
    st.lists(st.tuples(numbers, numbers), max_size=50), st.integers(1, 60), st.integers(1, 20), st.booleans()
)
def test_plot_takes_any_points_whatever_the_scales(points, columns, rows, ascii):
    xs, ys = [x for x, _ in points], [y for _, y in points]
    strokes = [Stroke(xs, ys, "s0"), Stroke(xs, ys, "theory", every=3)]
    for scale in (Scale(0.0, 1.0), Scale(-1e300, 1e300), Scale(-320, 308, log=True)):
        cells = plot(strokes, scale, scale, columns, rows, ascii)
        assert [len(row) for row in cells] == [columns] * rows


def test_hopeless_data_ends_no_process():
    """NaN inside a line made plotext abort the whole process; here it is drawn in one, which ends well."""
    program = """
import math
from initplay.charts.draw import draw
from initplay.charts.legend import legend, without_what_all_say
from initplay.lab.events import Axes, Point
from initplay.recording.run import replay
hopeless = ([math.nan] * 9, [1, math.nan, 2], [math.inf], [-math.inf, 0, 1e308], [0, 0], [-1, -2], [5e-324])
for values in hopeless:
    for log in (False, True):
        run = replay([Axes("c", "x", "y", log, log), *(Point("c", i, y) for i, y in enumerate(values))])
        for chart in run.charts.values():
            draw(chart, 60, 12)
print("drawn")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "drawn\n"), done.stderr


def test_charts_import_no_screen_no_course_and_plotext_at_the_first_drawing():
    program = (
        "import sys, initplay.charts.draw, initplay.charts.history, initplay.charts.tables; "
        "kept_out = ('textual', 'torch', 'numpy', 'plotext', 'initplay.course', 'initplay.engine'); "
        "print([module for module in kept_out if module in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def rows_with(lines: list[Line], role: str) -> list[int]:
    return [number for number, line in enumerate(lines) for _, found in line if found == role]


def test_lowest_and_highest_values_lie_on_the_rows_of_their_ticks():
    lines = draw(curve([0.0, 10.0, 0.0, 10.0] * 10), 60, 20)
    content = text(lines)
    top = next(number for number, line in enumerate(content) if line.strip().startswith("10┤"))
    bottom = next(number for number, line in enumerate(content) if line.strip().startswith("0┤"))
    drawn = [number for number in rows_with(lines, "s0") if number > 1]
    assert (min(drawn), max(drawn)) == (top, bottom)


def test_each_decade_of_a_log_axis_is_as_high_as_the_next():
    chart = curve([10.0**k for k in range(7)], Axes("c", x="layer", log_y=True), first=0)
    lines = draw(chart, 60, 24)
    ticks = {line.split("┤")[0].strip(): n for n, line in enumerate(text(lines)) if "┤" in line}
    assert list(ticks) == ["1e6", "1e5", "1e4", "1e3", "1e2", "1e1", "1e0"]
    marks = [number for number, line in enumerate(text(lines)) for c in line if c == "●" and number > 1]
    assert marks == list(ticks.values())


def test_many_decades_are_labelled_in_steps():
    lines = draw(curve([22.6**k for k in range(28)], Axes("c", log_y=True)), 60, 16)
    labels = [line.split("┤")[0].strip() for line in text(lines) if "┤" in line]
    assert labels == ["1e40", "1e30", "1e20", "1e10", "1e0"]


@pytest.mark.parametrize(
    ("values", "log_y", "said"),
    [
        ([1.0] * 27 + [math.nan] * 3, False, "NaN from layer 28"),
        ([1.0] * 27 + [math.inf, math.nan, math.nan], True, "inf at layer 28, NaN from 29"),
        ([1.0] * 2 + [-math.inf] * 3, False, "-inf from layer 3"),
        ([1.0] * 2 + [-math.inf, math.inf] * 30, False, "inf and -inf from layer 3"),
        ([1.0] * 4 + [math.nan] + [1.0] * 4, False, "NaN at layer 5"),
        ([1.0, math.nan, 1.0, math.nan, 1.0], False, "NaN at layer 2 and 1 more"),
        ([1.0] * 69 + [0.0] * 31, True, "0 from layer 70"),
        ([1.0, -1.0, -2.0, -3.0], True, "3 negative values not shown"),
        ([1.0, -1.0], True, "1 negative value not shown"),
        ([1.0, 0.0, -1.0], False, ""),
    ],
)
def test_what_cannot_be_drawn_is_said(values, log_y, said):
    lines = draw(curve(values, Axes("c", x="layer", log_y=log_y)), 60, 14)
    assert text(lines)[0].removeprefix("c").removeprefix(" · log scale").strip() == said
    assert (said != "") == (len(roles_of(lines, "warn")) > 0)


def test_a_mark_stands_at_the_layer_where_nan_begins():
    lines = draw(curve([1.0] * 50 + [math.nan] * 50), 107, 14)
    columns = [line.index("×") for line in text(lines) if "×" in line]
    axis = next(line for line in text(lines) if "└" in line)
    tick_row = text(lines)[text(lines).index(axis) + 1]
    fifty = tick_row.index("50")
    assert columns and abs(columns[0] - fifty) <= 2


def test_a_value_that_is_not_finite_leaves_a_gap():
    lines = draw(curve([1.0] * 20 + [math.nan] * 10 + [1.0] * 20, Axes("c")), 60, 12)
    (row,) = [line for line in text(lines)[2:] if "⠤" in line or "⠒" in line or "⣀" in line or "⠉" in line]
    left, right = row.index("┊"), row.rstrip().rindex(" ")
    assert row[left + 1 : left + 8].strip() == "" and right > left


def test_values_at_the_cursor_are_in_the_legend_and_the_rest_is_a_ghost():
    events = [Axes("c", "step"), *(Point("c", x, float(x)) for x in range(100))]
    run = replay(events)
    lines = draw(run.charts["c"], 80, 16, end=run.end(40), cursor=run.position(40))
    assert "● measured 40 " in text(lines)[1]
    assert roles_of(lines, "ghost").strip() and roles_of(lines, "cursor").endswith("▲")
    ghost_columns = _columns(lines, "ghost")
    assert min(ghost_columns) >= max(_columns(lines[2:], "s0")) - 1


def _columns(lines: list[Line], role: str) -> list[int]:
    found = []
    for line in lines:
        at = 0
        for piece, name in line:
            found += range(at, at + len(piece)) if name == role and piece.strip() else []
            at += len(piece)
    return found


def test_the_axes_hold_still_while_a_run_grows():
    """Over 1,000 points the axes take few different shapes, not one for each point."""
    shapes = set()
    run = Run()
    run.add(Axes("c", "step", "loss"))
    for x in range(1000):
        run.add(Point("c", x, 2.3 * math.exp(-x / 300)))
        if x % 10 == 0:
            lines = text(draw(run.charts["c"], 60, 12))
            shapes.add(("".join(line[:6] for line in lines[2:]), lines[-1]))
    assert len(shapes) < 40


@pytest.mark.parametrize(
    ("names", "width", "says"),
    [
        (["loss", "accuracy"], 20, "● loss  ▲ accuracy"),
        (
            [f"sample {s}, neuron {n}" for s in (1, 2) for n in (1, 2)],
            60,
            "● sample 1, neuron 1  ▲ 1, 2  ■ 2, 1  ◆ 2, 2",
        ),
        (["before the nonlinearity", "after the nonlinearity"], 46, "● before the nonlinearity  ▲ after"),
        (["gradient of the loss", "everything else"], 30, "● gradie…loss  ▲ everyt…else"),
        ([f"a long series name {n}" for n in range(6)], 24, "● a…0  ▲ 1  ■ 2  +3 more"),
    ],
)
def test_a_legend_too_long_is_shortened_so_that_each_name_is_told_apart(names, width, says):
    """In one row: what all names say is said once, then their middles go, and the rest is counted."""
    chart = chart_of(*(Point("c", x, 1.0, name) for name in names for x in range(3)))
    (row,) = legend(series_of(chart, NEWEST, False), [], None, width, 1)
    assert "".join(piece for piece, _ in row) == says and len(says) <= width


@pytest.mark.parametrize("name", ["x{}", "scheme {}", "sample {0}, neuron {0}", "a long name {} of a series"])
def test_no_name_in_a_legend_is_cut_without_a_sign(name):
    for count, width, ascii in itertools.product([2, 5, 9, 20], [20, 40, 80], [False, True]):
        names = [name.format(n) for n in range(count)]
        chart = chart_of(*(Point("c", x, 1.0, one) for one in names for x in range(3)))
        rows = legend(series_of(chart, NEWEST, ascii), [], None, width, 2, ascii=ascii)
        assert len(rows) <= 2
        said = [
            row[place + 1][0].strip() for row in rows for place, (_, role) in enumerate(row) if role in SERIES
        ]
        told = {*names, *without_what_all_say(names)}
        assert all(one in told or ("~" if ascii else "…") in one for one in said), (rows, width)
        if len(said) < count:
            assert rows[-1][-1] == (f"+{count - len(said)} more", "muted")


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (0.505, "0.505  "),
        (-0.0123, "-0.0123"),
        (-1.23e-10, "-1.23e-10"),
        (math.nan, "NaN    "),
    ],
)
def test_a_value_does_not_go_on_a_digit_of_its_name(y, says):
    """Nor one beside it, which has the same look."""

    def row(*names: str) -> str:
        chart = chart_of(*(Point("c", x, y, name) for name in names for x in range(3)))
        (line,) = legend(series_of(chart, NEWEST, False), [], None, 80, 1)
        return "".join(piece for piece, _ in line)

    assert row("half of answering x") == f"● half of answering x {says}"
    assert row("half of answering 0") == f"● half of answering 0: {says}"
    assert row("your gain", "gain 0.1") == f"● your gain: {says}  ▲ gain 0.1: {says}"


def test_a_legend_moves_by_no_column_when_a_value_comes():
    """As where one scrubs to before a series' first point."""
    chart = chart_of(Point("c", 0, 1.5, "gain 2"), Point("c", 1, 1.5, "gain 1"), Point("c", 2, 1.5, "last"))
    whole, *earlier = (
        "".join(piece for piece, _ in legend(series_of(chart, end, False), [], None, 80, 1)[0])
        for end in (NEWEST, 1, 2)
    )
    for name in ("gain 1", "last"):
        assert {line.index(f" {name}") for line in earlier} == {whole.index(f" {name}")}


def test_the_edges_of_a_band_do_not_go_on_a_digit_either():
    chart = chart_of(*(Band("c", x, 0.1, 0.2, 0.3, "one in 10") for x in range(3)))
    (line,) = legend(series_of(chart, NEWEST, False), [], None, 80, 1)
    assert "".join(piece for piece, _ in line).startswith("● one in 10: 0.2 [0.1, 0.3]")


def test_what_is_wide_is_shown_and_moves_nothing():
    names = ["初期化 なし", "Xavier 初期化", "😀 ok"]
    events = [Axes("層", "層の番号", "標準偏差"), *(Point("層", x, x, n) for n in names for x in range(9))]
    lines = draw(chart_of(*events), 60, 14)
    assert_sheet(lines, 60, 14)
    said = "\n".join(map(without_fillers, text(lines)))
    assert all(words in said for words in [*names, "層 · 標準偏差", "層の番号"])
    table_of_it = table([{"層": 1, "説明": "とても長い説明文ですから折り返します"}], 20, 8)
    assert_sheet(table_of_it, 20, 8)
    told = "".join(without_fillers(line) for line in text(table_of_it)[1:])
    assert "とても長い説明文ですから折り返します" in "".join(told.split()).lstrip("1")


@given(names, st.integers(-1, 30), st.booleans())
def test_what_is_cut_ends_between_characters(name, width, ascii):
    said = cut(as_columns(name, ascii), width, ascii)
    assert len(said) == cell_len(without_fillers(said)) <= max(width, 0)


@given(st.lists(st.tuples(st.integers(-3, 12), names), max_size=4))
def test_what_is_drawn_over_what_is_wide_leaves_no_half(puts):
    grid = Grid(10, 1)
    for column, name in puts:
        grid.put(column, 0, as_columns(name), "label")
    assert_sheet(grid.lines(), 10, 1)


def test_the_legend_takes_a_second_row_before_it_leaves_a_series_out():
    events = [Point("c", x, 1.0, f"scheme {n}") for n in range(5) for x in range(3)]
    said = " ".join(text(draw(chart_of(*events), 38, 12))[1:3])
    assert [f"scheme {n}" in said for n in range(5)] == [True] * 5


def test_series_differ_by_hue_mark_and_name():
    events = [Point("c", x, n + 0.1 * x, f"row {n}") for n in range(8) for x in range(5)]
    lines = draw(chart_of(*events), 120, 24)
    said = [(piece, role) for line in lines[1:3] for piece, role in line if role.startswith("s")]
    assert len({piece for piece, _ in said}) == len({role for _, role in said}) == 8


@pytest.mark.parametrize(
    ("curves", "points", "most"), [(12, 40, 60), (13, 40, 60), (20, 12, 60), (100, 40, 100), (100, 5, 100)]
)
def test_the_marks_of_a_crowd_leave_its_lines_to_be_seen(curves, points, most):
    events = [Point("c", x, 3 * n + math.sin(n + x), f"{n}") for n in range(curves) for x in range(points)]
    drawn = [line.partition("│")[2] for line in text(draw(chart_of(*events), 140, 120))]
    marks = sum(character in "●▲■◆▼○△□" for line in drawn for character in line)
    assert most / 2 <= marks <= most


def test_theory_that_leaves_float32_does_not_flatten_what_was_measured():
    events = [Axes("c", "layer", log_y=True), *(Point("c", x, 22.6**x, THEORY) for x in range(100))]
    events += [Point("c", x, 22.6**x) for x in range(28)]
    ticks = [line.split("┤")[0].strip() for line in text(draw(chart_of(*events), 60, 16)) if "┤" in line]
    assert ticks[0] == "1e40"


@pytest.mark.parametrize(
    ("missing", "log_y"), [(math.nan, False), (math.inf, False), (0.0, True), (1e60, True)]
)
@pytest.mark.parametrize("series", [THEORY, "reference"])
def test_theory_that_has_no_place_is_a_gap_and_joins_nothing(series, missing, log_y):
    lines = [(x, missing if 10 <= x < 20 else 5.0 + x) for x in range(30)]
    chart = chart_of(
        Axes("c", "x", log_y=log_y, reference="reference"),
        *(Point("c", x, y, series) for x, y in lines),
        *(Point("c", x, 3.0, "measured") for x in range(30)),
    )
    role = "theory" if series == THEORY else "reference"
    columns = set()
    for line in draw(chart, 70, 16)[2:]:
        column = 0
        for words, its in line:
            columns |= set(range(column, column + len(words))) if its == role else set()
            column += len(words)
    drawn = [x for x in (place_of(column, chart, 70, 16) for column in columns) if x is not None]
    assert any(x < 9 for x in drawn) and any(x > 20 for x in drawn)
    assert not [x for x in drawn if 10 < x < 19]


@pytest.mark.parametrize(("edited", "says"), [(False, "theory"), (True, "theory as edited")])
def test_what_an_edited_text_calls_theory_is_named_so(edited, says):
    started = Started(lesson="a", experiment="b", knobs={}, seed=1, device="cpu", source="", edited=edited)
    curves = [Point("c", x, x, series) for x in range(3) for series in ("", THEORY)]
    bins = Bins("h", at=0, low=0.0, high=1.0, counts=[1, 2, 1], theory=[0.25, 0.5, 0.25])
    run = replay([started, *curves, bins])
    for chart in run.charts.values():
        said = " ".join(text(draw(chart, 80, 12))[:2])
        assert f"┄ {says}" in said and (edited or "edited" not in said)


def test_what_the_instrument_expects_of_an_edited_net_is_theory():
    """The text is the user's file, and says nothing of what theory is."""
    started = Started(
        lesson="", experiment="examine", knobs={}, seed=1, device="cpu", edited=True, filename="/net.py"
    )
    run = replay([started, *(Point("c", x, x, series) for x in range(3) for series in ("", THEORY))])
    said = " ".join(text(draw(run.charts["c"], 80, 12))[:2])
    assert "┄ theory" in said and "edited" not in said


def test_pinned_runs_are_drawn_and_named():
    lines = draw(curve([1.0, 2.0, 3.0]), 80, 12, pinned=[("run 1", curve([3.0, 2.0, 1.0]))])
    assert "─ run 1" in text(lines)[1] and roles_of(lines[2:], "ghost").strip()


@pytest.mark.parametrize(
    ("width", "height", "says"),
    [
        (80, 12, "─ run 1, layer mine, lr 0.2"),
        (62, 8, "─ run 1, layer mine, lr 0.2"),
        (48, 8, "─ run 1, lr 0.2, …"),
        (40, 8, "─ run 1"),
    ],
)
def test_a_pinned_run_says_what_it_was_set_to_where_nothing_else_gives_way(width, height, says):
    own, pinned = curve([1.0, 2.0, 3.0]), [("run 1", curve([3.0, 2.0, 1.0]))]
    apart = {"run 1": ["layer mine", "lr 0.2"]}
    bare, told = (draw(own, width, height, pinned=pinned, apart=one) for one in ({}, apart))
    rows, bare_rows = ([row.rstrip() for row in text(lines)] for lines in (told, bare))
    assert next(row for row in rows if "run 1" in row).endswith(says)
    assert [row.partition("run 1")[0] for row in rows] == [row.partition("run 1")[0] for row in bare_rows]


def ticks_of(lines: list[Line]) -> list[str]:
    return [line.split("┤")[0].strip() for line in text(lines) if "┤" in line]


def test_a_pinned_run_that_goes_far_beyond_is_cut_off_and_says_how_far_it_goes():
    """It would squash what is shown to a flat line."""
    own = curve([1.0, 2.0, 3.0, 2.0])
    far = curve([0.0, 2.0, 900.0, -40.0, 2.5, 1.5, 1.0, *[1.0] * 20])
    lines = draw(own, 80, 12, pinned=[("run 1", far)])
    assert ticks_of(lines) == ticks_of(draw(own, 80, 12)) and text(lines)[-1] == text(draw(own, 80, 12))[-1]
    assert "─ run 1 (layer to 27, from -40 to 900)" in " ".join(text(lines)[1:3])
    assert set(rows_with(lines[3:], "ghost")) <= set(range(9)), "within the frame"
    near = draw(own, 80, 12, pinned=[("run 1", curve([5.0, 4.0, 3.0, 2.0, 1.0]))])
    assert "─ run 1" in text(near)[1] and "(" not in text(near)[1] and ticks_of(near)[0] == "4"


def test_a_pinned_run_cut_off_leaves_no_line_along_the_edge():
    own = curve([1.0, 1.5, 1.0, 1.5, 1.0, 1.5])
    lines = draw(own, 80, 12, pinned=[("run 1", curve([1000.0] * 6))])
    assert not roles_of(lines[2:], "ghost").strip()


def test_the_edges_of_a_band_do_not_squash_its_middle():
    bands = [Band("c", x, -100 / x, 1.0 + 0.1 / x, 100 / x) for x in range(1, 100)]
    low, high = ticks_of(draw(chart_of(*bands), 80, 20))[-1], ticks_of(draw(chart_of(*bands), 80, 20))[0]
    assert float(high) - float(low) < 10


@pytest.mark.parametrize("log", [False, True])
def test_a_band_around_a_flat_line_is_in_the_frame(log):
    bands = [Band("c", x, 0.09, 0.1, 0.95) for x in range(9)]
    lines = draw(chart_of(Axes("c", log_y=log), *bands), 80, 20)
    rows = rows_with(lines[2:], "s0")
    assert max(rows) - min(rows) > 6, "the line and both edges"
    assert "band" not in "".join(text(lines))


def test_what_is_not_shown_of_a_band_is_said():
    bands = [Band("c", x, 0.09, 0.1 + x / 50, 0.95, name) for x in range(6) for name in ("a", "b")]
    assert "a: band to 0.95, b: band to 0.95" in text(draw(chart_of(*bands), 80, 20))[0]
    assert text(draw(chart_of(*bands[::2]), 80, 20))[0].endswith(" band to 0.95")
    many = [Band("a chart", x, 0.09, 0.1 + x / 50, 0.95, f"scheme {n}") for x in range(6) for n in range(6)]
    assert text(draw(chart_of(*many), 80, 20))[0].split("  ")[0] == "a chart", "the title does not give way"
    assert text(draw(chart_of(*many), 80, 20))[0].endswith("  bands go beyond")


@pytest.mark.parametrize("start", [1.7e9, -1.7e9, 2e6, 1e12])
def test_moments_that_are_near_each_other_are_told_apart(start):
    lines = text(draw(chart_of(*(Point("c", start + x, x) for x in range(10))), 80, 12))
    near = text(draw(chart_of(*(Point("c", 10 + x, x) for x in range(10))), 80, 12))
    assert sum("●" in line for line in lines) == sum("●" in line for line in near) > 4


def test_the_ends_of_a_scale_are_told_apart():
    ends = {"c": 1.0 + 2e-15, "d": 1.0}
    run = replay([Picture(name, 0, 1, 2, 2, 1.0, high, bytes(4)) for name, high in ends.items()])
    assert "faint 1, strong 1.000000000000002" in "".join(text(draw(run.charts["c"], 60, 10)))
    assert "faint 1, strong 1 " in "".join(text(draw(run.charts["d"], 60, 10))) + " "


@pytest.mark.parametrize("rows", range(5, 30))
@pytest.mark.parametrize("log", [False, True])
@settings(max_examples=20 if LONG else 8)
@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_two_ticks_at_least_are_labelled_each_its_own_and_in_order(rows, log, low, spread):
    """Wherever there are five rows, so at 80x24: a single number says nothing of the distance."""
    values = [abs(low) + 1e-3, abs(low) + spread] if log else [low, low + spread]
    lines = draw(curve(values, Axes("c", x="layer", log_y=log)), 60, rows + 4)
    labels = ticks_of(lines)
    numbers = [float(label) for label in labels]
    assert len(labels) >= 2 and len(set(labels)) == len(labels)
    assert numbers == sorted(numbers, reverse=True)


@settings(max_examples=200 if LONG else 60)
@given(st.floats(-1e6, 1e6), st.floats(1e-5, 1e9), st.integers(1, 9), st.booleans())
def test_ticks_of_any_axis_are_two_or_more_and_within_it(low, width, most, whole):
    high = low + width * max(abs(low), 1.0)
    scale = Scale(math.floor(low), math.ceil(high), whole=True) if whole else Scale(low, high)
    ticks = scale.ticks(most)
    assert len(ticks) >= 2
    assert all(-1e-5 <= at <= 1 + 1e-5 for at, _ in ticks)
    assert [at for at, _ in ticks] == sorted(at for at, _ in ticks)
    assert len({label for _, label in ticks}) == len(ticks)


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize(("width", "height"), [(80, 12), (40, 9), (110, 30)])
def test_the_guess_and_what_it_was_stand_beside_the_curve_each_with_its_own_sign(width, height, ascii):
    chart = curve([22.0**x for x in range(40)], Axes("c", x="layer", log_y=True), first=0)
    guess = Guess("c", 30, 12)
    lines = text(draw(chart, width, height, guess=guess, ascii=ascii))
    sheet = "\n".join(lines)
    assert "you said 30" in sheet and "it was 12" in sheet
    said, was = ("?", "=") if ascii else ("◆", "■")
    axis = lines[-2]
    assert axis.count(said) == axis.count(was) == 1
    assert 0 < axis.index(was) < axis.index(said)
    for sign, line in (said, "!" if ascii else "╎"), (was, ";" if ascii else "║"):
        assert any(row[axis.index(sign)] == line for row in lines[2:-2]), "a line of its own stands on it"


def test_a_guess_that_no_run_has_settled_stands_alone():
    sheet = "\n".join(text(draw(curve([1.0, 2.0, 3.0]), 80, 12, guess=Guess("c", 2))))
    assert "you said 2" in sheet and "it was" not in sheet and "■" not in sheet


SPAN = (1, 100)


def test_before_any_run_there_is_a_frame_over_the_span_and_nothing_made_up():
    guess = Guess("std by layer", span=SPAN, unit="layers")
    lines = text(draw(frame(guess), 80, 14, guess=guess))
    assert lines[0].startswith("std by layer") and " layers " in lines[-2]
    assert lines[-1].split() == ["0", "20", "40", "60", "80", "100"]
    assert not any(character.isdigit() for line in lines[:-1] for character in line), "no ticks along y"
    assert "┤" not in "".join(lines) and "the run will draw here. Place your guess" in "".join(lines)
    placed = text(draw(frame(guess), 80, 14, guess=Guess("std by layer", 40, span=SPAN)))
    assert "you said 40" in "".join(placed) and "◆" in placed[-2]
    decades = Guess("c", span=(1, 1000), log=True)
    assert text(draw(frame(decades), 80, 14, guess=decades))[-1].split() == ["1", "10", "100", "1000"]


def test_while_a_guess_may_be_placed_anywhere_an_earlier_run_leaves_room_for_it():
    chart = curve([1.0] * 30)
    assert text(draw(chart, 80, 12, guess=Guess("c", span=SPAN)))[-1].split()[-1] == "100"
    assert text(draw(chart, 80, 12, guess=Guess("c", 40)))[-1].split()[-1] == "40"


@st.composite
def guessed(draw: st.DrawFn) -> tuple[Chart, Guess]:
    """A frame, or a chart with a run in it, and a guess within the span that it may be placed in."""
    log = draw(st.booleans())
    low = draw(st.floats(1e-6, 1e6)) if log else draw(st.floats(-1e6, 1e6))
    high = low * draw(st.floats(1.01, 1e9)) if log else low + max(1.0, abs(low)) * draw(st.floats(0.01, 100))
    x = min(max(draw(st.floats(low, high)), low), high)
    guess = Guess("c", x, span=(low, high), log=log)
    chart = frame(guess)
    for point in draw(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e30, 1e30)), max_size=5)):
        chart.curve("measured").add(*point, index=0)
    return chart, guess


@settings(max_examples=200 if LONG else 60)
@given(guessed(), st.integers(12, 130), st.integers(4, 40), st.booleans())
def test_placing_at_the_drawn_column_gives_back_the_guess_to_within_a_column(drawing, width, height, ascii):
    chart, guess = drawing
    foot = text(draw(chart, width, height, guess=guess, ascii=ascii))[-2]
    column = foot.index("?" if ascii else "◆")
    here, left, right = (
        place_of(number, chart, width, height, guess=guess, ascii=ascii)
        for number in (column, column - 1, column + 1)
    )
    assert here is not None and left is not None and right is not None
    assert guess.x is not None and guess.span is not None
    low, high = guess.span
    placed = replace(guess, x=min(max(here, low), high))
    again = text(draw(chart, width, height, guess=placed, ascii=ascii))[-2]
    assert abs(again.index("?" if ascii else "◆") - column) <= 1
    assert left <= here <= right
    slack = (right - left) * 1e-6  # where the axis begins at a round number that the guess is a hair below
    assert left - slack <= guess.x <= right + slack


def test_there_is_no_place_on_what_has_no_x_axis():
    assert place_of(5, curve([1.0]), 11, 10) is None, "a line of text"
    assert place_of(5, chart_of(Axes("c")), 60, 10) is None, "nothing yet"
    histogram = chart_of(Bins("c", 0, 0.0, 1.0, [1, 2]))
    assert place_of(5, histogram, 60, 10) is None


def test_a_long_curve_keeps_its_one_spike_and_draws_fast_once_known():
    ys = [0.0] * 300_000
    ys[123_456] = 10.0
    ys[200_000] = math.nan
    chart = curve(ys, Axes("c", "step"))
    draw(chart, 100, 30)
    began = time.perf_counter()
    lines = draw(chart, 100, 30)
    print(f"300,000 points: {(time.perf_counter() - began) * 1000:.0f} ms")
    assert "NaN at step 2e5" in text(lines)[0]
    top = next(number for number, line in enumerate(text(lines)) if line.strip().startswith("10┤"))
    assert top in rows_with(lines, "s0")


def test_appending_after_a_drawing_shows_in_the_next():
    run = replay([Axes("c", "step"), *(Point("c", x, 1.0) for x in range(20_000))])
    draw(run.charts["c"], 60, 12)
    run.add(Point("c", 20_000, math.inf))
    assert "inf from step 20000" in text(draw(run.charts["c"], 60, 12))[0]


def test_a_chart_with_nothing_says_so():
    assert "nothing yet" in "".join(text(draw(chart_of(Axes("loss")), 40, 10)))


@pytest.mark.parametrize("guess", [30, 33, 36, 38, 39])
def test_a_guess_never_stands_on_the_name_of_the_axis(guess):
    chart = curve([1.0] * 41, Axes("c", x="layer"))
    floor = text(draw(chart, 60, 14, guess=Guess("c", guess, committed=True)))[-2]
    assert floor.count("◆") == 1 and " layer " in floor


# tables


def test_a_table_aligns_numbers_right_and_text_left():
    rows = [
        {"init": "He", "accuracy": 97.8123, "ok": True},
        {"init": "normal(0, 1)", "accuracy": 9, "ok": None},
    ]
    assert text(table(rows, 40, 3)) == [
        "init          accuracy   ok             ",
        "He                97.8  yes             ",
        "normal(0, 1)         9    –             ",
    ]


def test_a_table_keeps_the_last_rows_and_counts_the_others():
    content = text(table([{"step": n} for n in range(100)], 20, 6))
    assert [line.strip() for line in content] == ["step", "96 rows above", "96", "97", "98", "99"]


def test_a_table_from_its_start_keeps_the_first_rows_and_counts_the_others_below():
    rows = [{"step": n} for n in range(100)]
    content = [line.strip() for line in text(table(rows, 20, 6, from_start=True))]
    assert content == ["step", "0", "1", "2", "3", "96 rows below"]
    assert text(table(rows, 20, 2, from_start=True))[1].strip() == "0"
    assert table(rows[:5], 20, 6, from_start=True) == table(rows[:5], 20, 6)


def test_a_table_too_wide_cuts_text_and_says_so():
    content = text(table([{"what": "a very long sentence indeed", "n": 12}], 20, 2))
    assert content == ["what               n", "a very long sen…  12"]


def test_text_that_is_too_long_goes_on_below():
    rows = [
        {"what": "ones_", "n": 3},
        {"what": "kaiming_normal_, fan_in", "n": 12},
        {"what": "zeros_", "n": 4},
    ]
    wrapped = [line.split() for line in text(table(rows, 22, 5))]
    assert wrapped == [["what", "n"], ["ones_", "3"], ["kaiming_normal_,", "12"], ["fan_in"], ["zeros_", "4"]]
    assert [line.split()[0] for line in text(table(rows, 22, 4))] == [
        "what",
        "ones_",
        "kaiming_normal_,…",
        "zeros_",
    ]
    assert [line.strip() for line in text(table(rows, 22, 3))][1:] == ["2 rows above", "zeros_  4"]


def test_no_row_is_hidden_by_the_text_of_another_and_names_are_cut_last():
    """As in a net's layers in a narrow tile: the newest row, which the cursor is on, is there."""
    rows = [
        {"quantity": f"a text of layer {n} that is long", "what else": "no shorter one", "rms": n}
        for n in range(9)
    ]
    for height in range(3, 12):
        lines = text(table(rows, 34, height))
        assert lines[0].split() == ["quantity", "what", "else", "rms"]
        shown = [line.split()[-1] for line in lines[1:] if line.strip() and "above" not in line]
        assert shown == [str(row) for row in range(9 - (height - 2 if height < 10 else 9), 9)]
    (head, *_) = text(table(rows, 20, 4))
    assert "…" in head
    assert "quantity" in text(whole_table(rows, 20))[0], "there is room below"


@pytest.mark.parametrize("width", [22, 30, 60])
def test_a_table_of_too_many_columns_keeps_the_first_and_the_last(width):
    """The last is what the run gave; those of sources and theory before it are the first to go."""
    head, row = text(table([{f"column {n}": n for n in range(9)}], width, 2))
    assert (
        head.startswith("column 0  …") and head.rstrip().endswith("column 8") and row.rstrip().endswith("8")
    )


def test_a_whole_table_has_every_row_and_goes_on_below_where_it_is_too_wide():
    rows = [
        {"init": init, "depth": depth} | {f"fact {n}": n + depth / 3 for n in range(6)}
        for init in ("he", "lecun")
        for depth in range(60)
    ]
    lines = text(whole_table(rows, 40))
    assert all(len(line) <= 40 for line in lines) and not any(
        "…" in line or "above" in line for line in lines
    )
    heads = [line.split() for line in lines if "depth" in line]
    assert heads == [
        ["init", "depth", "fact", "0", "fact", "1", "fact", "2"],
        ["init", "depth", "fact", "3", "fact", "4", "fact", "5"],
    ]
    assert len(lines) == 2 * (1 + len(rows)) + 1
    assert lines[-1].split() == ["lecun", "59", "22.7", "23.7", "24.7"]
    assert text(whole_table(rows[:1], 200)) == text(table(rows[:1], 200, 2)), "one block where there is room"


@settings(max_examples=150 if LONG else 50)
@given(
    st.lists(
        st.dictionaries(
            names, st.one_of(numbers, names, st.none(), st.booleans(), st.lists(numbers)), max_size=6
        ),
        max_size=30,
    ),
    st.integers(1, 90),
    st.integers(1, 20),
    st.booleans(),
)
def test_any_table_gives_a_sheet(rows, width, height, ascii):
    assert_sheet(table(rows, width, height, ascii), width, height, ascii)


def test_a_reference_that_stands_still_goes_from_end_to_end_though_it_was_yielded_once():
    measured = [Point("c", x, 1 + x % 2) for x in range(60)]
    chart = chart_of(Axes("c", x="step", reference="a guess"), Point("c", 0, 3.0, "a guess"), *measured)
    assert len(_drawn(draw(chart, 60, 12), "reference")) > 20


@pytest.mark.parametrize("ascii", [False, True])
def test_a_reference_is_told_apart_from_theory_by_its_dashes_and_its_sign(ascii):
    """Without colours, too: dashes in place of dots, another sign in the legend, no mark on its points."""
    axes = Axes("c", x="step", reference="a guess")
    points = [
        Point("c", x, y, series)
        for x in range(50)
        for y, series in ((1.0, "measured"), (2.0, THEORY), (3.0, "a guess"))
    ]
    lines = draw(chart_of(axes, *points), 60, 20, ascii=ascii)
    theory, reference = (".", "-") if ascii else ("┄", "╌")
    assert f"{reference} a guess 3" in "\n".join(text(lines)) and f"{theory} theory 2" in "\n".join(
        text(lines)
    )
    dots, dashes = (_drawn(lines, role) for role in ("theory", "reference"))
    assert len(dots) > 10 and len(dashes) > 10
    if ascii:
        assert (set(dots), set(dashes)) == ({"."}, {"-"})
    else:
        assert sum(_dots(cell) for cell in dashes) > 1.5 * sum(_dots(cell) for cell in dots)
    unnamed = draw(chart_of(Axes("c", x="step"), *points), 60, 20, ascii=ascii)
    assert not any(role == "reference" for line in unnamed for _, role in line)


def _drawn(lines: list[Line], role: str) -> str:
    """The characters of that role below the legend."""
    return "".join(words for line in lines[2:] for words, of in line if of == role and words.strip())


def _dots(cell: str) -> int:
    return (ord(cell) - 0x2800).bit_count()


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf])
def test_a_point_without_a_place_is_said_beside_the_chart(x: float) -> None:
    """It has no column, so that no mark can stand for it."""
    chart = replay([Axes("c", x="step"), Point("c", 0, 1), Point("c", x, 1)]).charts["c"]
    lines = ["".join(text for text, _ in line) for line in draw(chart, 60, 14)]
    assert "1 point not shown: step is NaN or inf" in lines[0]


def test_points_that_a_logarithmic_x_axis_has_no_place_for_are_counted_beside_the_chart() -> None:
    points = [Point("c", x, 1) for x in (-1, math.nan, 0, 1, 10)]
    for axes, said in ((Axes("c", x="lr", log_x=True), True), (Axes("c", x="lr"), False)):
        chart = replay([axes, *points]).charts["c"]
        lines = ["".join(text for text, _ in line) for line in draw(chart, 78, 14)]
        assert ("2 points not shown: lr is 0 or less" in lines[0]) == said, lines[0]
        assert "1 point not shown: lr is NaN" in lines[0]


def test_a_chart_keeps_its_name_beside_whatever_is_not_shown():
    points = [
        Point("rms of activations", x, math.nan if x > 3 else 1.0, f"step {n}00")
        for n in range(3)
        for x in range(9)
    ]
    (title, *_) = text(draw(chart_of(*points), 40, 12))
    assert title.startswith("rms of activ") and "NaN from" in title
