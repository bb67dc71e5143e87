"""Pictures keep their shape, and say what there was no room for."""

import random

import pytest
from pixels import pixels_of, text

from initplay.charts.draw import draw
from initplay.lab.events import Picture
from initplay.recording.run import replay


def test_a_picture_is_drawn_pixel_by_pixel_where_it_fits():
    pixels = bytes([0, 255, 128, 64] * 4)
    run = replay([Picture("p", 0, 1, 4, 4, 0.0, 1.0, pixels)])
    drawn = pixels_of(draw(run.charts["p"], 12, 4))
    assert [row[:4] for row in drawn][:4] == [[0, 15, 8, 4]] * 4


def test_a_picture_that_grows_is_doubled_not_smeared():
    run = replay([Picture("p", 0, 1, 2, 2, 0.0, 1.0, bytes([0, 255, 255, 0]))])
    drawn = pixels_of(draw(run.charts["p"], 12, 5))
    size = len(drawn)
    assert size == 8 and [set(row[:8]) for row in drawn] == [{0, 15}] * 8
    assert drawn[0][:8] == [0] * 4 + [15] * 4 and drawn[7][:8] == [15] * 4 + [0] * 4


def test_a_picture_that_shrinks_keeps_the_mean():
    run = replay([Picture("p", 0, 1, 64, 64, 0.0, 1.0, bytes([0, 255] * (32 * 64)))])
    drawn = pixels_of(draw(run.charts["p"], 32, 17))
    assert {shade for row in drawn for shade in row if shade >= 0} == {7}


def test_ten_digits_share_the_room():
    run = replay([Picture("p", 0, 10, 28, 28, 0.0, 1.0, bytes([200]) * (10 * 784))])
    drawn = pixels_of(draw(run.charts["p"], 90, 20))
    blank_columns = [x for x in range(90) if all(row[x] == -1 for row in drawn)]
    assert sum(shade == 12 for row in drawn for shade in row) > 0.5 * 90 * 38
    assert blank_columns


def test_pictures_without_room_are_counted():
    run = replay([Picture("p", 0, 500, 28, 28, 0.0, 1.0, bytes(500 * 784))])
    assert "more" in text(draw(run.charts["p"], 20, 6))[-1]


def test_ascii_pictures_are_ascii():
    run = replay([Picture("p", 0, 1, 4, 4, 0.0, 1.0, bytes(range(0, 256, 16)))])
    assert "".join(text(draw(run.charts["p"], 30, 8, ascii=True))).isascii()


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize(("width", "height"), [(82, 15), (78, 12), (100, 30), (38, 10), (64, 28)])
def test_ten_pictures_of_weights_look_like_ten(width, height, ascii):
    """Noise up to its edges, as weights are: between them a column and a row stay free."""
    noise = random.Random(0).randbytes(10 * 784)
    run = replay([Picture("p", 0, 10, 28, 28, 0.0, 1.0, noise)])
    lines = draw(run.charts["p"], width, height, ascii=ascii)
    inked = [[character != " " for character in line] for line in text(lines)[1:]]
    assert _patches(inked) == 10


def _patches(inked: list[list[bool]]) -> int:
    """How many pieces there are that do not touch."""
    left = {(row, column) for row, line in enumerate(inked) for column, ink in enumerate(line) if ink}
    count = 0
    while left:
        count += 1
        edge = [left.pop()]
        while edge:
            row, column = edge.pop()
            for near in [(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)]:
                if near in left:
                    left.remove(near)
                    edge.append(near)
    return count


def test_the_scale_of_a_picture_is_said_in_a_line_of_its_own_where_its_name_is_long():
    name = "path in the bowl: sgd, momentum, nesterov"
    run = replay([Picture(name, 0, 1, 4, 4, -2.0, 7.0, bytes(range(0, 256, 16)))])
    wide, narrow = (text(draw(run.charts[name], width, 8)) for width in (90, 50))
    assert wide[0].rstrip() == f"{name} · faint -2, strong 7"
    assert [line.rstrip() for line in narrow[:2]] == [name, "faint -2, strong 7"]
