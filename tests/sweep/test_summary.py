"""The cells of a sweep as curves, a map and a table."""

from __future__ import annotations

import math

import pytest

from initplay.charts.draw import draw
from initplay.charts.maps import rows_of
from initplay.charts.tables import table
from initplay.course.experiment import experiments
from initplay.lab.events import NO_NUMBER, SHADES_FROM
from initplay.recording.cell import Cell
from initplay.sweep.grid import read_grid
from initplay.sweep.summary import fullest_first, summary

(CHAIN,) = experiments(
    "def chain(depth: Range[1, 200] = 100, scale: LogRange[1e-3, 10.0] = 1.0,\n"
    '          init: Literal["he", "lecun"] = "he"):\n    yield\n'
)


def cells(grid, fact, seeds=(0, 1, 2)):
    for knobs in grid.settings():
        for seed in seeds:
            swept = {name: knobs[name] for name in grid.swept}
            yield Cell(swept, seed, {"std": fact(knobs, seed)}, "finished")


def written(lines):
    return ["".join(text for text, _ in line) for line in lines]


def test_one_knob_is_a_curve_with_the_range_of_its_seeds():
    grid = read_grid(CHAIN, ["scale=0.1..10:3:log"])
    run = summary(grid, ["std"], cells(grid, lambda knobs, seed: knobs["scale"] * 2**seed))
    chart = run.charts["std"]
    assert chart.axes.log_x and chart.axes.x == "scale"
    (curve,) = chart.curves.values()
    assert (list(curve.low), list(curve.y), list(curve.high)) == ([0.1, 1, 10], [0.2, 2, 20], [0.4, 4, 40])
    assert [row["std"] for row in run.tables["std by scale"].items] == [0.2, 2, 20]


@pytest.mark.parametrize("seeds", [(0,), (0, 1)])
def test_what_a_run_says_is_inf_is_inf_in_chart_and_table(seeds):
    grid = read_grid(CHAIN, ["depth=1..4:4"])
    value = {1: 1.0, 2: math.inf, 3: -math.inf, 4: math.nan}
    run = summary(grid, ["std"], cells(grid, lambda knobs, _: value[knobs["depth"]], seeds))
    assert [str(row["std"]) for row in run.tables["std by depth"].items] == ["1.0", "inf", "-inf", "nan"]
    title = written(draw(run.charts["std"], 80, 12))[0].rstrip()
    assert title.endswith("inf at depth 2 and 1 more, NaN from 4")


def test_the_first_is_one_that_no_other_has_more_numbers_of():
    """Unless it was said which are to be drawn."""
    grid = read_grid(CHAIN, ["scale=0.1..10:3:log"])
    facts = [
        {"zero_after": 3, "name": "a", "std": 1.0, "mean": 0.0, "top": math.inf},
        {"zero_after": None, "name": "b", "std": 2.0, "mean": 0.0, "top": math.inf},
        {"zero_after": None, "name": "c", "std": 3.0, "mean": 0.0, "top": 1.0},
    ]
    made = [
        Cell({"scale": knobs["scale"]}, 0, found, "finished")
        for knobs, found in zip(grid.settings(), facts, strict=True)
    ]
    tables = list(summary(grid, [], made).tables)
    assert tables == [f"{name} by scale" for name in ("std", "zero_after", "name", "mean", "top")]
    assert next(iter(summary(grid, ["zero_after", "std"], made).charts)) == "zero_after"
    assert fullest_first([], made) == []


def test_two_knobs_are_a_map_from_low_to_high():
    grid = read_grid(CHAIN, ["depth=1,2", "init=he,lecun"])
    value = {(1, "he"): 0.0, (1, "lecun"): 1.0, (2, "he"): 2.0, (2, "lecun"): math.nan}
    run = summary(grid, ["std"], cells(grid, lambda knobs, _: value[knobs["depth"], knobs["init"]]))
    (chart,) = run.charts.values()
    (picture,) = chart.pictures.items
    assert (picture.low, picture.high, picture.nonfinite) == (0, 2, 1)
    assert list(picture.pixels) == [SHADES_FROM, 128, 255, NO_NUMBER]
    assert (picture.rows, picture.columns) == (["1", "2"], ["he", "lecun"])
    assert (chart.axes.y, chart.axes.x) == ("depth", "init")


def test_a_map_shows_its_scale_its_knobs_and_every_setting_at_80_columns():
    grid = read_grid(CHAIN, ["depth=1..12:12", "scale=0.01..1:5:log"])
    made = list(cells(grid, lambda knobs, _: knobs["depth"] * knobs["scale"], seeds=(0,)))[:-1]
    made[3] = Cell(made[3].knobs, 0, {"std": math.inf}, "finished")
    chart = summary(grid, ["std"], made).charts["std"]
    (picture,) = chart.pictures.items
    lines = ["".join(text for text, _ in line) for line in draw(chart, 80, rows_of(picture), ascii=True)]
    assert "1 NaN or inf" in lines[0]
    assert lines[1].startswith("0.01 .:-=+*#%@ 11 in ratios   depth down, scale across")
    assert [line.split()[0] for line in lines[2:14]] == [str(depth) for depth in range(1, 13)]
    assert lines[2].split()[1:] == ["........::::::::--------xxxxxxxx********"]
    assert lines[12].rstrip().endswith("@" * 8)
    assert lines[13].rstrip().endswith("%" * 8), "the last setting has not been run, and is blank"
    assert lines[14].split() == ["0.01", "0.0316", "0.1", "0.316", "1"]


@pytest.mark.parametrize(
    ("width", "said"),
    [(60, "depth down, scale across"), (45, "depth ↓ scale →"), (38, "scale →"), (28, "")],
)
def test_where_a_map_is_small_no_knob_is_named_by_half(width, said):
    grid = read_grid(CHAIN, ["depth=1,2", "scale=0.1,1"])
    chart = summary(grid, ["std"], cells(grid, lambda knobs, _: knobs["scale"] * knobs["depth"])).charts[
        "std"
    ]
    line = written(draw(chart, width, 8))[1]
    assert line.partition("   ")[2].strip() == said


def test_zeros_among_numbers_of_many_decades_leave_them_apart_and_are_said():
    grid = read_grid(CHAIN, ["scale=0.1..10:5:log"])
    made = cells(grid, lambda knobs, _: (knobs["scale"] > 0.11) * knobs["scale"] ** 9)
    chart = summary(grid, ["std"], made).charts["std"]
    lines = written(draw(chart, 80, 12))
    assert chart.axes.log_y and "log scale" in lines[0] and lines[0].rstrip().endswith("0 at scale 0.1")
    assert "▾" in lines[9], "on the lowest row"
    of_seeds = summary(grid, ["std"], cells(grid, lambda knobs, seed: seed * knobs["scale"] ** 9))
    said = written(draw(of_seeds.charts["std"], 80, 12))[0].rstrip()
    assert said.endswith("band down to 0 or less at 5 points")
    below = summary(grid, ["std"], cells(grid, lambda knobs, _: knobs["scale"] ** 9 - 1))
    assert not below.charts["std"].axes.log_y

    grid = read_grid(CHAIN, ["depth=1..4:4", "init=he,lecun"])
    made = list(cells(grid, lambda knobs, _: (knobs["init"] == "he") * 1e3 ** knobs["depth"], seeds=(0,)))
    for level, zeros in ((None, 4), (1e4, 4), (1.0, 0)):
        chart = summary(grid, ["std"], made, {} if level is None else {"std": level}).charts["std"]
        (picture,) = chart.pictures.items
        assert (picture.zeros, picture.log) == (zeros, zeros > 0)
        assert (picture.low, picture.high) == (1e3 if zeros else 0, 1e12)
        assert list(picture.pixels[1::2]) == [SHADES_FROM] * 4
        assert ("4 of 0 as the lowest" in written(draw(chart, 80, 7))[0]) == (zeros > 0)


def test_a_map_without_room_shows_some_settings_and_never_more_than_it_may():
    grid = read_grid(CHAIN, ["depth=1..200:200", "scale=0.001..10:100"])
    chart = summary(grid, ["std"], cells(grid, lambda knobs, _: knobs["depth"], seeds=(0,))).charts["std"]
    for width, height in [(40, 9), (13, 5), (12, 4), (140, 40)]:
        lines = draw(chart, width, height)
        assert len(lines) == height
        assert all(sum(len(text) for text, _ in line) == width for line in lines)


def test_a_choice_is_a_table_and_a_run_that_failed_is_counted():
    grid = read_grid(CHAIN, ["init=he,lecun"])
    made = [*cells(grid, lambda knobs, seed: seed), Cell({"init": "he"}, 3, {}, "failed", "It raised.")]
    run = summary(grid, ["std"], made)
    assert not run.charts
    he, lecun = run.tables["std by init"].items
    assert (he["runs"], he["failed"], he["std"]) == (4, 1, 1) and "failed" not in lecun


def test_many_facts_of_a_choice_have_a_table_each_that_is_no_wider_than_80_columns():
    grid = read_grid(CHAIN, ["init=he,lecun"])
    facts = {f"a_fact_with_a_name_{number}": 1 / 3 + number for number in range(9)}
    made = [Cell({"init": name}, seed, facts, "finished") for name in ("he", "lecun") for seed in (0, 1)]
    run = summary(grid, [], made)
    assert list(run.tables) == [f"{fact} by init" for fact in facts]
    for rows in run.tables.values():
        lines = written(table(rows.items, 80, 3))
        assert lines[0].split()[-3:] == ["low", "high", "runs"]
        assert not any("…" in line for line in lines)


def test_the_numbers_of_a_map_stand_as_its_cells_do_and_blank_is_what_has_not_run():
    grid = read_grid(CHAIN, ["depth=1,2", "init=he,lecun"])
    made = list(cells(grid, lambda knobs, _: knobs["depth"] + 0.5, seeds=(0,)))[:-1]
    (rows,) = summary(grid, [], made).tables.values()
    assert rows.items == [{"depth": 1, "he": 1.5, "lecun": 1.5}, {"depth": 2, "he": 2.5}]


def test_a_table_that_leaves_out_settings_says_so():
    grid = read_grid(CHAIN, ["scale=0.001..10:201"])
    ((name, rows),) = summary(grid, [], cells(grid, lambda knobs, _: knobs["scale"])).tables.items()
    assert name == "std by scale (the first 200 of 201 settings)" and len(rows.items) == 200


@pytest.mark.parametrize(("ascii", "line", "signs"), [(False, "▁▕", "▁" * 8), (True, "_|", "+_+_+_+_")])
def test_a_level_of_a_fact_is_a_border_on_its_map_and_is_named(ascii, line, signs):
    grid = read_grid(CHAIN, ["depth=1..4:4", "init=he,lecun"])
    made = list(cells(grid, lambda knobs, _: knobs["depth"] - (knobs["init"] == "lecun"), seeds=(0,)))
    chart = summary(grid, [], made, {"std": 2.5}).charts["std"]
    drawn = written(draw(chart, 80, 7, ascii=ascii))
    assert drawn[0].rstrip().endswith(f"{line} where it crosses 2.5")
    bordered = [row for row, text in enumerate(drawn[2:6], 1) if set(text) & set(line)]
    assert bordered == [2, 3], "he is above from 3 on, lecun from 4 on"
    assert signs in drawn[3] and line[1] in drawn[4]
    nowhere = summary(grid, [], made, {"std": 9, "other": 1}).charts["std"]
    assert written(draw(nowhere, 80, 7))[0].rstrip().endswith("all below 9")
    elsewhere = summary(grid, [], made, {"other": 1}).charts["std"]
    assert written(draw(elsewhere, 80, 7))[0].split() == ["std"]


def test_a_level_of_a_fact_is_a_dashed_line_of_its_curve():
    grid = read_grid(CHAIN, ["scale=0.1..10:3:log"])
    run = summary(grid, [], cells(grid, lambda knobs, _: knobs["scale"]), {"std": 1})
    chart = run.charts["std"]
    assert chart.axes.reference == "level 1" and list(chart.curves["level 1"].y) == [1, 1, 1]
