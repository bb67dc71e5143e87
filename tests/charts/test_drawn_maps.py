"""Maps of settings as shades."""

from __future__ import annotations

import pytest
from pixels import text

from initplay.charts.maps import draw_map
from initplay.lab.events import SHADES_FROM, Picture
from initplay.recording.run import Chart


def cell_of(width: int, height: int) -> tuple[int, int]:
    """Columns and lines that a setting takes, of a map of two by two."""
    pixels = bytes([255, SHADES_FROM, SHADES_FROM, 255])
    picture = Picture("map", 0, 1, 2, 2, 0.0, 1.0, pixels, rows=["1", "2"], columns=["a", "b"])
    lines = text(draw_map(Chart("map"), picture, width, height, ascii=True))
    darkest = [line.count("@") for line in lines[2:]]
    return max(darkest), sum(count == max(darkest) for count in darkest) // 2


@pytest.mark.parametrize(
    ("size", "cell"), [((80, 9), (8, 3)), ((100, 30), (24, 12)), ((100, 40), (24, 12)), ((30, 30), (14, 7))]
)
def test_a_map_of_few_settings_grows_into_the_room_square_to_the_eye(size, cell):
    assert cell_of(*size) == cell
