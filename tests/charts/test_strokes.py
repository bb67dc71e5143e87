"""What is handed to plotext of a line is little, and yet the line."""

from __future__ import annotations

from itertools import chain, pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from initplay.charts import strokes
from initplay.charts.scales import Scale
from initplay.charts.strokes import MOST_POINTS, Stroke, plot

COLUMNS, ROWS = 90, 26
rises = st.lists(st.tuples(st.integers(0, 3), st.integers(-9, 9)), max_size=60)


def path(steps: list[tuple[int, int]]) -> strokes.Dots:
    dots = [(0, 0)]
    for run, rise in steps:
        dots.append((dots[-1][0] + run, dots[-1][1] + rise))
    return dots


@given(rises)
@example([(1, 0)] * 50)
@example([(0, 5), (0, -5), (2, 1), (0, 3)])
def test_no_dot_that_is_left_out_lies_half_a_dot_off_the_line(steps: list[tuple[int, int]]) -> None:
    dots = path(steps)
    kept = strokes._straightened(dots)
    assert (kept[0], kept[-1]) == (dots[0], dots[-1])
    place = 0
    for (x0, y0), (x1, y1) in pairwise(kept):
        place = dots.index((x0, y0), place)
        for x, y in dots[place : dots.index((x1, y1), place) + 1]:
            at = y0 + (y1 - y0) * (x - x0) / (x1 - x0) if x1 > x0 else y
            assert abs(y - at) <= 0.5 + 1e-9


@given(rises, st.integers(1, 7))
def test_thinned_a_piece_keeps_its_ends_and_its_extremes(steps: list[tuple[int, int]], each: int) -> None:
    dots = path(steps)
    thin = strokes._thin(dots, each)
    assert [dot for dot in dots if dot in thin], "in the order in which they came"
    assert (thin[0][0] // each, thin[-1][0]) == (0, dots[-1][0])
    for extreme in (min, max):
        assert extreme(y for _, y in thin) == extreme(y for _, y in dots)
    assert len(thin) <= 2 * (dots[-1][0] // each + 1) + 1


@given(st.integers(1, 40), st.booleans())
@settings(max_examples=20)
def test_however_many_lines_there_are_plotext_is_given_few_points(lines: int, ascii: bool) -> None:
    """Each point takes it 5 µs, so that 9,000 would take longer than a key may wait."""
    pieces = [[[(x, x * (line + 7) % 100) for x in range(2 * COLUMNS)]] for line in range(lines)]
    paths = strokes._within_budget(pieces, ascii)
    assert 0 < sum(map(len, chain.from_iterable(paths))) <= 2 * MOST_POINTS + 3 * lines


def test_the_dots_of_a_dotted_line_lie_where_a_whole_one_does() -> None:
    x = list(range(50))
    whole, dotted = (
        plot([Stroke(x, [at * at for at in x], "s0", every)], Scale(0, 49), Scale(0, 2401), COLUMNS, ROWS)
        for every in (0, 3)
    )
    dots = [
        (a, b) for above, below in zip(dotted, whole, strict=True) for a, b in zip(above, below, strict=True)
    ]
    seen = [(ord(a[0]) - 0x2800, ord(b[0]) - 0x2800) for a, b in dots if a[0] != " "]
    assert len(seen) > 30
    assert sum(few & ~many != 0 for few, many in seen) < len(seen) / 4, (
        "a straightened line is half a dot off"
    )
