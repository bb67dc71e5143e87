"""The cells of a sweep as curves, a map and a table."""

from __future__ import annotations

import math

from initplay.course.experiment import experiments
from initplay.sweep.cell import Cell
from initplay.sweep.grid import read_grid
from initplay.sweep.summary import PIXELS, summary

(CHAIN,) = experiments(
    "def chain(depth: Range[1, 200] = 100, scale: LogRange[1e-3, 10.0] = 1.0,\n"
    '          init: Literal["he", "lecun"] = "he"):\n    yield\n'
)


def cells(grid, fact, seeds=(0, 1, 2)):
    for knobs in grid.settings():
        for seed in seeds:
            swept = {name: knobs[name] for name in grid.swept}
            yield Cell(swept, seed, {"std": fact(knobs, seed)}, "finished")


def test_one_knob_is_a_curve_with_the_range_of_its_seeds():
    grid = read_grid(CHAIN, ["scale=0.1..10:3:log"])
    run = summary(grid, ["std"], cells(grid, lambda knobs, seed: knobs["scale"] * 2**seed))
    chart = run.charts["std"]
    assert chart.axes.log_x and chart.axes.x == "scale"
    (curve,) = chart.curves.values()
    assert (list(curve.low), list(curve.y), list(curve.high)) == ([0.1, 1, 10], [0.2, 2, 20], [0.4, 4, 40])
    assert [row["std"] for row in run.tables["sweep"].items] == [0.2, 2, 20]


def test_two_knobs_are_a_map_from_low_to_high():
    grid = read_grid(CHAIN, ["depth=1,2", "init=he,lecun"])
    value = {(1, "he"): 0.0, (1, "lecun"): 1.0, (2, "he"): 2.0, (2, "lecun"): math.nan}
    run = summary(grid, ["std"], cells(grid, lambda knobs, _: value[knobs["depth"], knobs["init"]]))
    (chart,) = run.charts.values()
    (picture,) = chart.pictures.items
    assert (picture.low, picture.high, picture.nonfinite) == (0, 2, 1)
    rows = [picture.pixels[n * picture.width : (n + 1) * picture.width] for n in range(picture.height)]
    assert [[row[0], row[PIXELS]] for row in rows[::PIXELS]] == [[0, 128], [255, 0]]


def test_a_choice_is_a_table_and_a_run_that_failed_is_counted():
    grid = read_grid(CHAIN, ["init=he,lecun"])
    made = [*cells(grid, lambda knobs, seed: seed), Cell({"init": "he"}, 3, {}, "failed", "It raised.")]
    run = summary(grid, ["std"], made)
    assert not run.charts
    he, lecun = run.tables["sweep"].items
    assert (he["runs"], he["failed"], he["std"]) == (4, 1, 1) and "failed" not in lecun
