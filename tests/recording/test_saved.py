"""A run comes back from a file as it was written, and a file that holds none is refused in a sentence."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from recordings import STARTED, a_run, as_wire, endings, events

from initplay.lab.events import Cells, Facts, Finished, Note, Point, Printed, Recorded, Started, Stopped
from initplay.recording import saved


@given(st.lists(events, max_size=20), endings)
@example([Printed("a\u2028b\x85c\x0bd\re\n")], Finished(1.0))
def test_a_saved_run_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, between: list[Recorded], ending: Recorded
) -> None:
    """Events of every kind, with NaN, infinities, text that reads like them, and any character."""
    path = tmp_path_factory.mktemp("runs") / "run.jsonl"
    run = a_run(*between, ending=ending)
    saved.save(run, path)
    assert as_wire(saved.load(path).events) == as_wire(run.events)


def test_a_cut_off_last_line_costs_only_itself(tmp_path: Path) -> None:
    """Killed while writing, a run is kept up to there and counts as stopped."""
    path = tmp_path / "cut.jsonl"
    saved.save(a_run(Point("c", 1, 2), Point("c", 2, 3)), path)
    whole = path.read_text()
    for length in range(len(saved.to_json(STARTED)) + 1, len(whole) - 1):
        path.write_text(whole[:length])
        run = saved.load(path)
        assert isinstance(run.ending, Stopped)
        kept = whole[:length].count("\n") - 1
        points = run.charts["c"].curves["measured"].x if run.charts else []
        assert list(points)[:kept] == [1, 2][:kept]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty: it holds no run"),
        (b"\n\n", "is empty: it holds no run"),
        (b'{"type": "sweep", "experiment": "deep/phase"}\n', "holds the runs of a sweep, not one run: the"),
        (b'{"type": ["sweep"]}\n', "line 1, is not an event"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe", "is not text"),
        (b"hello\n", "line 1, is not an event"),
        (b"[1, 2]\n" * 2, "line 1, is not an event"),
        (b'{"type": "note", "text": "no start"}\n', "first line should be a `started` event"),
    ],
)
def test_a_file_that_is_no_run_is_said_to_be_none(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "other.txt"
    path.write_bytes(content)
    with pytest.raises(saved.RunFileError) as error:
        saved.load(path)
    assert said in str(error.value)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    "line", ["{", '{"type": "point"}', '{"type": "surprise"}', pytest.param("[" * 100_000, id="nested")]
)
def test_a_corrupt_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "corrupt.jsonl"
    path.write_text("\n".join([saved.to_json(STARTED), line, saved.to_json(Finished(1))]))
    with pytest.raises(saved.RunFileError, match="line 2"):
        saved.load(path)


def test_a_missing_file_and_a_folder_are_said(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.jsonl", tmp_path):
        with pytest.raises(saved.RunFileError, match="cannot be read"):
            saved.load(path)


def test_a_saved_run_may_be_read_by_whom_the_umask_lets(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        saved.save(a_run(Note("shared")), tmp_path / "run.jsonl")
    finally:
        os.umask(before)
    assert (tmp_path / "run.jsonl").stat().st_mode & 0o777 == 0o644


def test_a_save_that_fails_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole or not at all: the disk filling up halfway does not cost the run that was there."""
    path = tmp_path / "run.jsonl"
    saved.save(a_run(Note("old")), path)
    old = path.read_bytes()
    new = a_run(*[Note("new")] * 5)
    lines = iter(range(3))

    def full(event: Recorded) -> str:
        if next(lines, None) is None:
            raise OSError(28, "No space left on device")
        return json.dumps(msgspec.to_builtins(event))

    monkeypatch.setattr("initplay.recording.saved.to_json", full)
    with pytest.raises(OSError, match="No space left"):
        saved.save(new, path)
    assert path.read_bytes() == old
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.jsonl"]


def test_json_spells_what_json_lacks() -> None:
    line = saved.to_json(Point("c", math.nan, -math.inf))
    assert json.loads(line) == {"type": "point", "chart": "c", "x": "nan", "y": "-inf", "series": "measured"}
    back = saved.from_json(line)
    assert isinstance(back, Point)
    assert math.isnan(back.x)
    assert back.y == -math.inf


@pytest.mark.parametrize(
    ("value", "spelling"),
    [
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        ("nan", "\\nan"),
        ("-inf", "\\-inf"),
        ("\\nan", "\\\\nan"),
        ("NaN", "NaN"),
        ("\\section", "\\section"),
        ("he", "he"),
        (0.5, 0.5),
        ([1, "inf", [math.inf]], [1, "\\inf", ["inf"]]),
    ],
)
def test_text_that_reads_like_a_number_stays_text(value: object, spelling: object) -> None:
    """In results, rows and knobs, where either may stand; anything else is spelled as it is."""
    for event, field in (
        (Facts({"found": value}), "values"),
        (Cells("table", {"found": value}), "cells"),
        (Started(lesson="a", experiment="b", knobs={"found": value}, seed=1, device="cpu"), "knobs"),
    ):
        line = saved.to_json(event)
        assert json.loads(line)[field] == {"found": spelling}
        assert as_wire([saved.from_json(line)]) == as_wire([event])


@given(st.builds(Point, st.text(), st.floats(), st.floats(), st.text()))
def test_a_point_is_spelled_as_any_other_event(point: Point) -> None:
    """Though it is written in a way of its own, for speed."""
    spelled = {
        name: str(value) if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in msgspec.to_builtins(point).items()
    }
    assert saved.to_json(point) == json.dumps(spelled, ensure_ascii=False)


def test_text_that_can_be_nothing_else_needs_no_escape() -> None:
    assert json.loads(saved.to_json(Note("nan"))) == {"type": "note", "text": "nan"}
    assert saved.from_json(saved.to_json(Note("nan"))) == Note("nan")


def test_a_start_without_seeds_is_one_of_a_single_run() -> None:
    """Files that were written before a run could be one of several seeds."""
    line = '{"type": "started", "lesson": "a", "experiment": "b", "knobs": {}, "seed": 4, "device": "cpu"}'
    started = saved.from_json(line)
    assert isinstance(started, Started) and (started.seeds, started.edited) == ((), False)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([STARTED, Note("of the second"), Finished(1)], "line 4, begins a second run"),
        ([Note("afterwards")], "line 4, comes after the end of the run"),
        ([Finished(2)], "line 4, comes after the end of the run"),
    ],
)
def test_a_file_of_more_than_one_run_is_refused(tmp_path: Path, more: list[Recorded], said: str) -> None:
    path = tmp_path / "two.jsonl"
    path.write_text(
        "".join(saved.to_json(event) + "\n" for event in [STARTED, Note("x"), Finished(1), *more])
    )
    with pytest.raises(saved.RunFileError, match=said):
        saved.load(path)


def test_a_second_run_is_refused_though_the_first_never_ended(tmp_path: Path) -> None:
    path = tmp_path / "two.jsonl"
    path.write_text("".join(saved.to_json(event) + "\n" for event in [STARTED, STARTED, Finished(1)]))
    with pytest.raises(saved.RunFileError, match="line 2, begins a second run"):
        saved.load(path)


BINS = {"type": "histogram", "chart": "h", "at": 1, "low": -1, "high": 1, "counts": [1, 2]}
PICTURE = {"type": "image", "chart": "p", "at": 0, "n": 1, "height": 2, "width": 1, "low": 0, "high": 1}
PICTURE["pixels"] = "YWI="
COUNT = "a count is a whole number from 0 up"
PIXELS = "a picture has n times height times width pixels"
DAMAGED = [
    (BINS | {"counts": [1, -1000]}, COUNT),
    (BINS | {"counts": [1, 10**400]}, COUNT),
    (BINS | {"nan": -1}, COUNT),
    (BINS | {"theory": [0.5]}, "theory has a share for each count"),
    (PICTURE | {"height": 0}, PIXELS),
    (PICTURE | {"n": 10**18}, PIXELS),
    (PICTURE | {"width": 10**400}, PIXELS),
    (PICTURE | {"rows": ["one"]}, "a map has a name for each row and each column"),
    ({"type": "layer", "name": "l", "kind": "Linear", "sure": "nan"}, "how sure a scheme is"),
]


@pytest.mark.parametrize(("event", "sentence"), DAMAGED)
def test_a_number_that_no_run_has_is_refused_with_its_line(
    tmp_path: Path, event: dict[str, object], sentence: str
) -> None:
    path = tmp_path / "neg.jsonl"
    whole = [saved.to_json(STARTED), json.dumps(BINS), json.dumps(PICTURE), saved.to_json(Finished(1.0))]
    path.write_text("\n".join(whole))
    assert saved.load(path).ending == Finished(1.0)
    path.write_text("\n".join([whole[0], json.dumps(event), whole[-1]]))
    with pytest.raises(saved.RunFileError, match=f"neg.jsonl, line 2: {sentence}"):
        saved.load(path)
