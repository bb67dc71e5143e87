"""What a sweep came to, in sentences that its own numbers bear out."""

from __future__ import annotations

import math

from initplay.recording.cell import Cell
from initplay.sweep.told import told


def cell(final_std: object, seed: int = 0, **knobs: object) -> Cell:
    return Cell(knobs, seed, {"final_std": final_std}, "finished")


def test_it_says_where_a_result_is_least_and_most():
    cells = [cell(2.0 / depth, depth=depth, same_weights=True) for depth in (1, 2, 4)]
    assert told(cells, ["final std"]) == [
        "final std: least 0.5 at depth 4, same weights on; most 2 at depth 1, same weights on."
    ]
    assert told(cells, ["final_std"]) == told(cells, ["final std"]), "as an earlier version named it"
    assert told(cells, ["loss"]) == told([], ["final std"]) == []


def test_of_several_seeds_the_median_counts():
    cells = [cell(value, seed, depth=depth) for depth in (1, 2) for seed, value in enumerate((1, depth, 90))]
    assert told(cells, ["final std"]) == [
        "final std: least 1 at depth 1; most 2 at depth 2. Of several seeds the median counts."
    ]


def test_it_says_where_a_result_is_no_number():
    cells = [
        cell(math.nan if scale > 0.5 else scale, scale=scale) for scale in (0.1, 0.2, 1.0, 2.0, 3.0, 4.0)
    ]
    assert told(cells, ["final std"]) == [
        "final std: least 0.1 at scale 0.1; most 0.2 at scale 0.2.",
        "final std: NaN or inf at 4 of 6 settings: scale 1; scale 2; scale 3 and 1 more.",
    ]
    assert told([cell(3, depth=1), cell(3, depth=2)], ["final std"]) == [
        "final std: 3 at each of 2 settings."
    ]
    assert told([cell("a word", depth=1)], ["final std"]) == []
