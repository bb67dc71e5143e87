"""A drawn chart as an SVG: every dot, every word and every shade at its place, whatever the text is."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from initplay.charts.draw import draw
from initplay.charts.sheet import OVER, SERIES, as_columns
from initplay.charts.svg import CELL, COLOURS, MARGIN, as_svg
from initplay.lab.events import Axes, Bins, Point
from initplay.recording.run import replay

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*lines: list[tuple[str, str]]) -> ET.Element:
    return ET.fromstring(as_svg(list(lines), "a chart"))


def test_a_word_stands_at_its_column_and_row_in_its_colour():
    root = drawn([("up", "axis")], [("a  ", "axis"), ("std & <b>", "s1")])
    texts = [(each.text, each.get("x"), each.get("y"), each.get("fill")) for each in root.iter(f"{SVG}text")]
    top = MARGIN + 15
    assert texts == [
        ("up", "20", str(top), "#555555"),
        ("a", "20", str(top + CELL[1]), "#555555"),
        ("std", str(20 + 3 * CELL[0]), str(top + CELL[1]), COLOURS["s1"]),
        ("&", str(20 + 7 * CELL[0]), str(top + CELL[1]), COLOURS["s1"]),
        ("<b>", str(20 + 9 * CELL[0]), str(top + CELL[1]), COLOURS["s1"]),
    ]
    assert root.get("width") == str(12 * CELL[0] + 2 * MARGIN)


def test_what_is_wide_has_the_room_of_two():
    root = drawn([(as_columns("層 x"), "axis"), ("│", "axis")])
    texts = [(each.text, each.get("x"), each.get("textLength")) for each in root.iter(f"{SVG}text")]
    assert texts == [("層", "20", str(2 * CELL[0])), ("x", str(20 + 3 * CELL[0]), str(CELL[0]))]
    assert root.get("width") == str(5 * CELL[0] + 2 * MARGIN)


def test_braille_is_dots_and_a_box_is_strokes_that_meet():
    root = drawn([("\u2801\u2880", "s0")], [("└─", "axis")])
    paths = {each.get("fill"): each.get("d") for each in root.iter(f"{SVG}path")}
    assert paths[COLOURS["s0"]] == "M20 20h5v5h-5zM35 35h5v5h-5z", "top left; bottom right of the next"
    assert str(paths["#555555"]).count("M") == 4 and not list(root.iter(f"{SVG}text"))


def test_a_line_over_what_is_filled_stands_on_its_hue_and_not_below_it():
    bell = Bins("h", 0, 0.0, 4.0, [10, 90, 90, 10], theory=[0.15, 0.35, 0.35, 0.15])
    lines = draw(replay([bell]).charts["h"], 60, 14)
    covered = sum(len(text) for line in lines for text, role in line if role == f"expected{OVER}")
    assert covered > 0
    first, *others = drawn(*lines).iter(f"{SVG}path")
    assert first.get("fill") == COLOURS["s0"]
    area = sum(float(box.split("h")[1].split("v")[0]) for box in str(first.get("d")).split("z") if box)
    assert area == covered * CELL[0]
    assert {path.get("fill") for path in others} >= {COLOURS["expected"], COLOURS["s0"]}


def test_a_half_block_is_two_shades():
    rects = list(drawn([("▀", "shade:15/0")]).iter(f"{SVG}rect"))[1:]
    assert [(each.get("y"), each.get("fill")) for each in rects] == [("20", "#ffffff"), ("30", "#000000")]


def test_a_real_chart_is_whole_and_each_series_has_a_hue():
    points = [
        Point("loss", step, step**power, name) for step in range(9) for power, name in ((1, "a"), (2, "b"))
    ]
    chart = replay([Axes("loss", "step", "loss"), *points]).charts["loss"]
    root = ET.fromstring(as_svg(draw(chart, 80, 20), "loss"))
    hues = {each.get("fill") for each in root.iter(f"{SVG}path")}
    assert {COLOURS[SERIES[0]], COLOURS[SERIES[1]]} <= hues
    words = [each.text for each in root.iter(f"{SVG}text")]
    assert {"loss", "a", "b", "step"} <= set(words)


@settings(max_examples=100 if "INITPLAY_LONG" in os.environ else 30)
@given(st.lists(st.lists(st.tuples(st.text(max_size=9), st.sampled_from(["s0", "warn", "shade:3/4"])))))
def test_any_text_makes_an_svg_that_can_be_read(lines):
    assert ET.fromstring(as_svg(lines, "\x00 & \x1b")).tag == f"{SVG}svg"


def test_a_border_of_a_map_is_a_thin_line_on_its_cells_shade():
    cell, line = list(drawn([("▁▁", "shade:15/3")]).iter(f"{SVG}rect"))[1:]
    assert (cell.get("fill"), line.get("fill")) == ("#333333", "#ffffff")
    assert float(line.get("height", 0)) < float(cell.get("height", 0)) / 4
