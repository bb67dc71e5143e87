"""A run answers questions about any of its moments, and takes no more of the memory than it may."""

from __future__ import annotations

import math
import subprocess
import sys
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import STARTED, a_run, as_wire, endings, events, numbers

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
    Thinned,
)
from initplay.recording.harmless import harmless_event
from initplay.recording.run import PICTURED_BYTES, SAID_BYTES, Run, replay


@given(st.lists(events | endings, max_size=30))
def test_the_recording_gives_every_event_back(recorded: list[Recorded]) -> None:
    """By iteration, by number from either end, and by slice, points included."""
    run = replay(recorded)
    recorded = list(map(harmless_event, recorded))
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


def picture(at: float, size: int = 1_000_000, chart: str = "weights", nonfinite: int = 0) -> Picture:
    return Picture(chart, at, 1, 1, size, 0.0, 1.0, bytes(size), nonfinite)


def histogram(at: float, chart: str = "activations", nan: int = 0) -> Bins:
    return Bins(chart, at, 0.0, 1.0, [1] * 60, nan=nan)


def shown(run: Run, chart: str = "weights") -> list[float]:
    return [item.at for item in run.charts[chart].pictures.items]


def test_pictures_are_decimated_evenly_once_they_take_too_many_bytes() -> None:
    """Four hundred of a megabyte each: the first, the newest, and every so many between them are kept."""
    run = replay(picture(step) for step in range(400))
    kept = shown(run)
    assert PICTURED_BYTES / 2 < run.size <= PICTURED_BYTES
    assert kept[0] == 0 and kept[-1] == 399
    assert len({kept[place + 1] - kept[place] for place in range(len(kept) - 2)}) == 1
    assert run.thinned == f"To save memory, these are not kept: {400 - len(kept)} pictures of weights."
    assert run.moments == len(run.events) == 400
    assert [run.position(cursor) for cursor in range(400)] == list(range(400))
    assert run.events[1] == Thinned("image", "weights", 1)


def test_a_cursor_on_a_picture_that_was_let_go_shows_the_one_before() -> None:
    run = replay(picture(step) for step in range(100))
    kept = shown(run)
    for cursor in range(100):
        picked = run.charts["weights"].pictures.last(run.end(cursor))
        assert picked is not None and picked.at == max(at for at in kept if at <= cursor)


def test_the_first_picture_and_histogram_that_broke_are_never_let_go() -> None:
    run = replay(
        event
        for step in range(200)
        for event in (picture(step, nonfinite=step >= 77), histogram(step, nan=int(step >= 33)))
    )
    assert 77 in shown(run)
    assert 33 in [bins.at for bins in run.charts["activations"].bins.items]


def test_what_takes_few_bytes_does_not_pay_for_what_takes_many() -> None:
    run = replay(event for step in range(200) for event in (picture(step), histogram(step)))
    assert len(run.charts["activations"].bins.items) == 200


def test_more_charts_than_there_is_room_for_keep_what_fits() -> None:
    """Nothing replaces anything here, so there is nothing to decimate."""
    run = replay(picture(step, chart=f"layer {step}") for step in range(100))
    assert run.size <= PICTURED_BYTES + 100 * 200
    assert shown(run, "layer 0") == [0]
    assert run.moments == 100 and "pictures of layer 99" not in run.thinned
    assert "1 picture of layer 99" in run.thinned


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Note("x" * 10_000), "notes"),
        (Printed("x" * 10_000), "pieces of printed text"),
        (Cells("layers", {"text": "x" * 10_000}), "rows of layers"),
        (Facts({"text": ["x" * 1_000] * 10}), "results"),
    ],
)
def test_of_what_is_said_the_beginning_is_kept(event: Recorded, said: str) -> None:
    """And a result is not lost for notes that came before it."""
    run = replay([event] * 2_000)
    assert SAID_BYTES / 2 < run.size < SAID_BYTES * 1.1
    assert said in run.thinned
    run.add(Facts({"accuracy": 0.9}) if not isinstance(event, Facts) else Note("done"))
    assert run.facts.get("accuracy") == 0.9 or run.notes.items == ["done"]


def test_a_run_that_fits_is_not_thinned() -> None:
    run = a_run(picture(1), histogram(1), Note("x"))
    assert run.thinned == "" and 1_000_000 < run.size < 1_010_000


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 9), st.sampled_from([0, 0, 0, 1]), st.booleans()),
        max_size=60,
    )
)
def test_thinned_runs_are_replayed_moment_by_moment(drawn: list[tuple[int, int, int, bool]]) -> None:
    """What is left of any run is within the budget and parallel, and its events make the same run again."""
    recorded = [
        picture(at, size * 400_000, f"c{chart}", broken) if pictured else Point(f"c{chart}", float(at), 1.0)
        for at, (chart, size, broken, pictured) in enumerate(drawn)
    ]
    run = replay(recorded)
    assert run.size <= PICTURED_BYTES + 300 * len(recorded)
    again = replay(run.events)
    assert len(run.events) == len(recorded)
    assert [run.position(cursor) for cursor in range(run.moments)] == [
        again.position(cursor) for cursor in range(again.moments)
    ]
    assert again.thinned == run.thinned
    for name, chart in run.charts.items():
        pictures = chart.pictures
        assert [run.events[number] for number in pictures.index] == pictures.items
        if name in again.charts:
            assert again.charts[name].pictures.items == pictures.items


def test_no_text_of_a_recording_can_steer_a_terminal() -> None:
    """Names are on one line; what has lines of its own keeps them; the source is what ran."""
    bad = "\x1b[31ma\x9b\u202e\u2066b\r\nc\x1b]0;title\x07"
    line, lines = "ab  c", "ab\nc"
    run = replay(
        [
            Started(lesson=bad, experiment=bad, knobs={bad: bad}, seed=1, device=bad, source=bad),
            Axes(bad, bad, bad),
            Point(bad, 1, 1, bad),
            Band(bad, 1, 1, 1, 1, bad),
            histogram(1, bad),
            picture(1, 4, bad),
            Cells(bad, {bad: [bad, None, 1.5]}),
            Progress(1, 2, bad),
            Note(bad),
            Facts({bad: [[bad], True]}),
            Failed(bad, 1, bad),
        ]
    )
    assert run.started is not None and run.started.knobs == {line: lines} and run.started.source == bad
    assert (run.started.lesson, run.started.experiment, run.started.device) == (line, line, line)
    assert list(run.charts) == [line] and list(run.charts[line].curves) == [line]
    assert run.charts[line].axes == Axes(line, line, line)
    assert run.charts[line].kind == "pictures" and run.charts[line].bins.items
    assert run.rows(line, -1) == [{line: [lines, None, 1.5]}]
    assert run.progress is not None and run.progress.label == line
    assert run.notes.items == [lines] and run.facts == {line: [[lines], True]}
    assert run.ending == Failed(lines, 1, lines)


def test_reading_a_run_loads_neither_a_screen_nor_torch_nor_numpy() -> None:
    """In a fresh interpreter, for here others have loaded them."""
    program = (
        "import sys, initplay.recording.run;"
        "print([name for name in ('textual', 'torch', 'numpy', 'initplay.engine') if name in sys.modules])"
    )
    said: Any = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
