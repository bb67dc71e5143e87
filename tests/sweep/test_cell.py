"""The file of a sweep: what was made is never made again, and nothing that is there is lost."""

from __future__ import annotations

import json
import math
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initplay.recording.cell import Cell, key
from initplay.sweep.cell import SweepFile, SweepFileError

ABOUT = {"experiment": "blowup/chain", "knobs": {"depth": [1, 2]}, "seeds": [42, 2]}
CELLS = [
    Cell({"depth": 1}, 42, {"std": 1.5}, "finished", seconds=0.1),
    Cell({"depth": 2}, 42, {"std": math.inf}, "finished"),
    Cell({"depth": 2}, 43, {}, "failed", "It “raised”."),
]


def written(path: Path, cells: list[Cell] = CELLS) -> Path:
    file = SweepFile(path, ABOUT)
    for cell in cells:
        file.add(cell)
    file.close()
    return path


def test_what_was_written_is_done(tmp_path):
    again = SweepFile(written(tmp_path / "sweep"), ABOUT)
    assert list(again.done.values()) == CELLS
    assert list(again.done) == [key(cell.knobs, cell.seed) for cell in CELLS]


def test_nan_is_nan_again(tmp_path):
    path = written(tmp_path / "sweep", [Cell({"scale": 0.1}, 1, {"std": math.nan}, "finished")])
    (cell,) = SweepFile(path, ABOUT).done.values()
    assert math.isnan(cell.facts["std"])


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_half_a_line_is_made_again(tmp_path, cut):
    path = written(tmp_path / "sweep")
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    file = SweepFile(path, ABOUT)
    assert list(file.done.values()) == CELLS[:2]
    file.add(CELLS[2])
    file.close()
    assert path.read_bytes() == whole


def test_half_a_first_line_is_begun_anew(tmp_path):
    path = written(tmp_path / "sweep", [])
    path.write_bytes(path.read_bytes()[:9])
    assert not SweepFile(path, ABOUT).done
    assert json.loads(path.read_text())["experiment"] == "blowup/chain"


def test_two_sweeps_do_not_write_into_one_file_at_once(tmp_path):
    """The second is told who has it and leaves it alone; once that has ended, it goes on from the file."""
    path = tmp_path / "sweep"
    first = SweepFile(path, ABOUT)
    before = path.read_bytes()
    who = f"process {os.getpid()}" if sys.platform == "linux" else "another sweep"
    with pytest.raises(SweepFileError, match=who):
        SweepFile(path, ABOUT)
    first.add(Cell({"x": 1}, 1, {}, "finished"))
    assert path.read_bytes().startswith(before)
    first.close()
    assert len(SweepFile(path, ABOUT).done) == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"no json\n", "is no sweep"),
        (b"a text without an end", "is no sweep"),
        (b'{"type": "started"}\n', "is no sweep"),
        (b"[1]\n", "is no sweep"),
        (
            json.dumps({"type": "sweep", **ABOUT, "seeds": [0, 9]}).encode() + b"\n",
            "another sweep, by its seeds",
        ),
        (json.dumps({"type": "sweep", **ABOUT}).encode() + b"\nrubbish\n", "line 2, is no cell"),
        (json.dumps({"type": "sweep", **ABOUT}).encode() + b'\n{"type": "cell"}\n', "line 2, is no cell"),
    ],
)
def test_a_file_of_something_else_is_refused_and_stays(tmp_path, content, says):
    path = tmp_path / "mine"
    path.write_bytes(content)
    with pytest.raises(SweepFileError, match=says):
        SweepFile(path, ABOUT)
    assert path.read_bytes() == content


@given(
    knobs=st.dictionaries(
        st.text(),
        st.integers()
        | st.floats(allow_nan=False)
        | st.text()
        | st.booleans()
        | st.sampled_from(["nan", "-inf"]),
    ),
    facts=st.dictionaries(st.text(), st.floats(allow_nan=False) | st.none() | st.booleans()),
)
def test_a_cell_comes_back_from_its_line(tmp_path_factory, knobs, facts):
    path = written(tmp_path_factory.mktemp("one") / "sweep", [Cell(knobs, 1, facts, "finished")])
    (cell,) = SweepFile(path, ABOUT).done.values()
    assert cell.knobs == knobs and cell.facts == facts


def test_half_a_character_of_the_shell_is_written_and_read(tmp_path):
    (cell,) = SweepFile(
        written(tmp_path / "sweep", [Cell({"name": "\udc80"}, 1, {}, "finished")]), ABOUT
    ).done.values()
    assert cell.knobs == {"name": "\udc80"}
