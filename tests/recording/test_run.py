"""A run answers questions about any of its moments, and comes back from a file as it was written."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from initplay.lab.events import (
    Axes,
    Band,
    Bins,
    Cells,
    Facts,
    Failed,
    Finished,
    Note,
    Picture,
    Point,
    Printed,
    Progress,
    Recorded,
    Started,
    Stopped,
)
from initplay.recording.run import Run, RunFileError, from_json, replay, to_json

STARTED = Started(lesson="02_blowup", experiment="chain", knobs={"scale": math.inf}, seed=3, device="cpu")

# One NaN: JSON spells them all alike.
numbers = st.just(math.nan) | st.floats(allow_nan=False)
# What msgpack can carry: no lone surrogates.
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
counts = st.integers(0, 2**40)
# In facts the words "nan", "inf" and "-inf" are how JSON spells the numbers.
facts = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | numbers
    | text.filter(lambda word: word not in ("nan", "inf", "-inf")),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)
named_facts = st.dictionaries(text, facts, max_size=3)

events: st.SearchStrategy[Recorded] = st.one_of(
    st.builds(Axes, text, text, text, st.booleans(), st.booleans()),
    st.builds(Point, st.sampled_from("ab"), numbers, numbers, st.sampled_from(["measured", "theory"])),
    st.builds(Band, st.sampled_from("ab"), numbers, numbers, numbers, numbers),
    st.builds(Bins, text, numbers, numbers, numbers, st.lists(counts, max_size=3), counts, counts, counts),
    st.builds(Picture, text, numbers, counts, counts, counts, numbers, numbers, st.binary(max_size=9)),
    st.builds(Cells, text, named_facts),
    st.builds(Progress, numbers, numbers, text),
    st.builds(Note, text),
    st.builds(Facts, named_facts),
    st.builds(Printed, text),
)
endings = st.one_of(
    st.builds(Finished, numbers),
    st.builds(Failed, text, st.none() | st.integers(1, 9999), text),
    st.builds(Stopped, text),
)


def as_wire(recorded: list[Recorded]) -> list[bytes]:
    """Events as bytes, for NaN is not equal to itself."""
    return [msgspec.msgpack.encode(event) for event in recorded]


def a_run(*between: Recorded, ending: Recorded | None = None) -> Run:
    return replay([STARTED, *between, ending or Finished(0.5)])


@given(st.lists(events, max_size=20), endings)
@example([Printed("a\u2028b\x85c\x0bd\re\n")], Finished(1.0))
def test_a_saved_run_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, between: list[Recorded], ending: Recorded
) -> None:
    """Events of every kind, with NaN, infinities and any character, survive saving and loading."""
    path = tmp_path_factory.mktemp("runs") / "run.jsonl"
    run = a_run(*between, ending=ending)
    run.save(path)
    assert as_wire(list(Run.load(path).events)) == as_wire([STARTED, *between, ending])


@given(st.lists(events | endings, max_size=30))
def test_the_recording_gives_every_event_back(recorded: list[Recorded]) -> None:
    """By iteration, by number from either end, and by slice, points included."""
    run = replay(recorded)
    assert as_wire(list(run.events)) == as_wire(recorded)
    assert as_wire([run.events[number - len(recorded)] for number in range(len(recorded))]) == as_wire(
        recorded
    )
    assert as_wire(run.events[1:-1:2]) == as_wire(recorded[1:-1:2])
    with pytest.raises(IndexError):
        run.events[len(recorded)]


@given(
    st.lists(st.builds(Point, st.just("c"), numbers, numbers) | st.builds(Band, st.just("c"), *[numbers] * 4))
)
def test_points_among_bands_keep_the_columns_of_equal_length(recorded: list[Recorded]) -> None:
    run = replay(recorded)
    for curve in run.charts["c"].curves.values() if recorded else []:
        assert len(curve.x) == len(curve.y) == len(curve.index) == len(recorded)
        assert len(curve.low) == len(curve.high) == (len(curve.x) if curve.is_band else 0)


def test_events_that_share_a_position_are_one_moment() -> None:
    """A point and a histogram of one layer belong together; theory alone moves nothing."""
    run = a_run(
        Axes("std"),
        Point("std", 1, 2.0),
        Bins("values", 1, 0, 1, [3]),
        Point("std", 9, 7.0, "theory"),
        Note("said in the first"),
        Point("std", 2, 4.0),
        Cells("layers", {"layer": 2}),
        Picture("weights", 3, 1, 1, 1, 0, 1, b"\0"),
    )
    assert run.moments == 3
    assert [run.position(cursor) for cursor in (0, 1, 2, -1)] == [1, 2, 3, 3]
    assert [run.end(cursor) for cursor in (0, 1, 2, -1)] == [6, 8, 10, 10]
    assert isinstance(run.events[run.end(0) - 1], Note)


@given(st.lists(events, max_size=30))
def test_the_moments_split_the_run_in_order(recorded: list[Recorded]) -> None:
    """Each moment ends after the one before it, and the last ends with the run."""
    run = replay(recorded)
    ends = [run.end(cursor) for cursor in range(run.moments)]
    assert ends == sorted(set(ends))
    assert run.end(-1) == len(recorded)
    assert not ends or ends[-1] == len(recorded)


def test_the_state_at_a_cursor_is_what_had_come_until_then() -> None:
    run = a_run(
        Point("std", 1, 2.0),
        Bins("values", 1, 0, 1, [1]),
        Cells("layers", {"layer": 1}),
        Point("std", 2, math.nan),
        Bins("values", 2, 0, 1, [2]),
        Cells("layers", {"layer": 2}),
    )
    first, newest = run.end(0), run.end(-1)
    bins = run.charts["values"].bins
    assert [bins.last(end) for end in (0, first, newest)] == [None, *bins.items]
    assert run.charts["std"].curves["measured"].until(first) == 1
    assert run.rows("layers", 0) == [{"layer": 1}]
    assert run.rows("layers", -1) == [{"layer": 1}, {"layer": 2}]


@given(
    st.lists(st.integers(-9, 9) | st.sampled_from([math.nan, math.inf, -math.inf]), max_size=12),
    st.integers(-10, 10) | st.floats(-10, 10) | st.sampled_from([math.inf, -math.inf]),
    st.booleans(),
)
def test_the_nearest_moment_is_found_in_any_order(
    positions: list[float], sought: float, rising: bool
) -> None:
    """Rising positions are searched by halving, others one by one; NaN among them misleads neither."""
    if rising:
        positions = sorted({position for position in positions if not math.isnan(position)})
    run = replay([Point("c", position, 0) for position in positions])
    found = run.moment_at(sought)
    if not positions:
        assert found == 0
        return

    def distance(position: float) -> float:
        return (
            0
            if position == sought
            else math.inf
            if not math.isfinite(position - sought)
            else abs(position - sought)
        )

    there = run.position(found)
    assert there is not None
    assert distance(there) == min(map(distance, positions))


@pytest.mark.parametrize(
    ("ending", "state"), [(Finished(1), "finished"), (Failed("x"), "failed"), (Stopped(), "stopped")]
)
def test_a_run_knows_how_it_ended(ending: Recorded, state: str) -> None:
    run = replay([STARTED])
    assert run.state == "running"
    run.add(ending)
    assert run.state == state
    assert run.ending is ending


def test_half_a_million_points_are_cheap() -> None:
    """Adding one touches nothing that grows, and keeps numbers only: under 40 MB for the longest run."""
    run = Run()
    tracemalloc.start()
    for step in range(500_000 // 10):
        # A name of its own for each, as decoding makes them.
        run.add(Point("".join(["lo", "ss"]), float(step), step / 7, "".join(["tra", "in"])))
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used * 10 < 40e6
    assert run.events[-1] == Point("loss", 49_999.0, 49_999 / 7, "train")


def test_a_cut_off_last_line_costs_only_itself(tmp_path: Path) -> None:
    """Killed while writing, a run is kept up to there and counts as stopped."""
    path = tmp_path / "cut.jsonl"
    a_run(Point("c", 1, 2), Point("c", 2, 3)).save(path)
    whole = path.read_text()
    for length in range(len(to_json(STARTED)) + 1, len(whole) - 1):
        path.write_text(whole[:length])
        run = Run.load(path)
        assert isinstance(run.ending, Stopped)
        kept = whole[:length].count("\n") - 1
        points = run.charts["c"].curves["measured"].x if run.charts else []
        assert list(points)[:kept] == [1, 2][:kept]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1, is not an event"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe", "is not text"),
        (b"hello\n", "line 1, is not an event"),
        (b"[1, 2]\n" * 2, "line 1, is not an event"),
        (b'{"type": "note", "text": "no start"}\n', "first line should be a `started` event"),
    ],
)
def test_a_file_that_is_no_run_is_said_to_be_none(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "other.txt"
    path.write_bytes(content)
    with pytest.raises(RunFileError) as error:
        Run.load(path)
    assert said in str(error.value)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    "line", ["{", '{"type": "point"}', '{"type": "surprise"}', pytest.param("[" * 100_000, id="nested")]
)
def test_a_corrupt_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "corrupt.jsonl"
    path.write_text("\n".join([to_json(STARTED), line, to_json(Finished(1))]))
    with pytest.raises(RunFileError, match="line 2"):
        Run.load(path)


def test_a_missing_file_and_a_folder_are_said(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.jsonl", tmp_path):
        with pytest.raises(RunFileError, match="cannot be read"):
            Run.load(path)


def test_a_saved_run_may_be_read_by_whom_the_umask_lets(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        a_run(Note("shared")).save(tmp_path / "run.jsonl")
    finally:
        os.umask(before)
    assert (tmp_path / "run.jsonl").stat().st_mode & 0o777 == 0o644


def test_a_save_that_fails_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole or not at all: the disk filling up halfway does not cost the run that was there."""
    path = tmp_path / "run.jsonl"
    a_run(Note("old")).save(path)
    old = path.read_bytes()
    new = a_run(*[Note("new")] * 5)
    lines = iter(range(3))

    def full(event: Recorded) -> str:
        if next(lines, None) is None:
            raise OSError(28, "No space left on device")
        return json.dumps(msgspec.to_builtins(event))

    monkeypatch.setattr("initplay.recording.run.to_json", full)
    with pytest.raises(OSError, match="No space left"):
        new.save(path)
    assert path.read_bytes() == old
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.jsonl"]


def test_json_spells_what_json_lacks() -> None:
    line = to_json(Point("c", math.nan, -math.inf))
    assert json.loads(line) == {"type": "point", "chart": "c", "x": "nan", "y": "-inf", "series": "measured"}
    back = from_json(line)
    assert isinstance(back, Point)
    assert math.isnan(back.x)
    assert back.y == -math.inf


def test_reading_a_run_loads_neither_a_screen_nor_torch_nor_numpy() -> None:
    """In a fresh interpreter, for here others have loaded them."""
    program = (
        "import sys, initplay.recording.run;"
        "print([name for name in ('textual', 'torch', 'numpy', 'initplay.engine') if name in sys.modules])"
    )
    said: Any = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
