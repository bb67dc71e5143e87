"""What is on the bench stays in its place as one scrubs and runs again; the scrubber counts what moves."""

from __future__ import annotations

import pytest
from pilots import bench, in_lesson, lesson, playing, run_to, screen, session, shows, state, tap, until
from textual.pilot import Pilot

from initplay.lab.events import Axes, Bins, Facts, Finished, Note, Point, Recorded, Started
from initplay.recording.run import Run, replay
from initplay.ui.bench.outcome import Outcome
from initplay.ui.bench.scrubber import Scrubber, position_label
from initplay.ui.bench.tiles import Tile, TilePlot, View, lines_of

STARTED = Started(lesson="climb", experiment="climb", knobs={}, seed=1, device="cpu")


def points(chart: str, *xs: float) -> list[Recorded]:
    return [Point(chart, x, 1.0) for x in xs]


LAYERS = [Axes("std", x="layer"), *points("std", *range(21))]


@pytest.mark.parametrize(
    ("events", "labels"),
    [
        (LAYERS, ["layer 0 of 20", "layer 20 of 20"]),
        (  # what comes after the layers does not count them
            [*LAYERS, Axes("w", x="histogram"), *(Bins("w", at, 0.0, 1.0, [1]) for at in (1, 2))],
            ["layer 0 of 20", "histogram 2 of 2"],
        ),
        (
            [Axes("g", x="layer"), *points("g", *range(50, -1, -1))],
            ["layer 50 of 50", "layer 0, down from 50"],
        ),
        (  # up through the layers, and down again
            [*LAYERS, Axes("g", x="layer"), *points("g", *range(20, 0, -1))],
            ["layer 0 of 20", "layer 1, down from 20"],
        ),
        (  # a second chart, of which one layer is behind
            [*LAYERS, Axes("g", x="layer"), *points("g", 19)],
            ["layer 0 of 20", "layer 19 of 20"],
        ),
        (  # from the beginning again, as epochs do
            [Axes("loss", x="step"), *points("loss", 0, 1, 2, 3, 0, 1, 2)],
            ["step 0 of 3", "step 2 of 3"],
        ),
        ([Axes("f", x="z"), *points("f", -1.0, 1e-9, 1.0)], ["z -1 · 1 of 3", "z 1 · 3 of 3"]),
        ([Axes("f", x="std"), *points("f", 0.5, 1.0, 2.0)], ["std 0.5 · 1 of 3", "std 2 · 3 of 3"]),
        ([Axes("f", x="w"), *points("f", 2.0, 2.5, 3.0)], ["w 2 · 1 of 3", "w 3 · 3 of 3"]),
        ([Axes("f", x="of 1,000"), *points("f", 0, 10)], ["of 1,000: 0 of 10", "of 1,000: 10 of 10"]),
        (points("f", 3, 4), ["moment 1 of 2", "moment 2 of 2"]),
        ([Axes("f", x="x"), *points("f", float("nan"), float("inf"))], ["x NaN · 1 of 2", "x inf · 2 of 2"]),
    ],
)
def test_the_scrubber_counts_what_moves(events, labels):
    run = replay([STARTED, *events, Finished(1.0)])
    assert [position_label(run, 0), position_label(run, None)] == labels


@pytest.mark.parametrize(
    ("axes", "labels"),
    [
        ("step", ["step 0 of 9 so far", "step 9 so far"]),
        ("", ["moment 1 of 4 so far", "moment 4 so far"]),
    ],
)
def test_of_a_run_that_goes_on_the_scrubber_claims_no_last_moment(axes, labels):
    named = [Axes("loss", x=axes)] if axes else []
    run = replay([STARTED, *named, *points("loss", 0, 3, 6, 9)])
    assert [position_label(run, 0), position_label(run, None)] == labels


def test_where_it_turns_and_where_it_begins_again_it_does_not_count_down():
    there_and_back = replay([Axes("g", x="layer"), *points("g", 0, 1, 2, 3, 2, 1, 0), Finished(1.0)])
    labels = [position_label(there_and_back, at) for at in range(7)]
    assert labels[3:5] == ["layer 3 of 3", "layer 2, down from 3"]
    assert labels[6] == "layer 0, down from 3"
    epochs = replay([Axes("loss", x="step"), *points("loss", 0, 1, 2, 0, 1, 2), Finished(1.0)])
    assert position_label(epochs, 3) == "step 0 of 2"


def test_near_zero_is_zero_where_steps_of_a_tenth_meet_it():
    run = replay([Axes("f", x="z"), *points("f", -1.0, 1e-9, 1.0), Finished(1.0)])
    assert position_label(run, 1) == "z 0 · 2 of 3"


def test_without_moments_the_scrubber_says_nothing():
    assert position_label(Run(), None) == ""


def test_the_mark_stands_on_the_charts_of_its_own_axis_alone():
    """At the second of two histograms no layer is meant, though layer 2 is where the same number lies."""
    events = [*LAYERS, Axes("loss", x="layer"), *points("loss", 20)]
    events += [Axes("w", x="histogram"), *(Bins("w", at, 0.0, 1.0, [1]) for at in (1, 2))]
    run = replay([STARTED, *events])

    def mark(chart: str, cursor: int) -> bool:
        lines = lines_of(Tile("chart", chart), View(run, cursor), 60, 12)
        return any(role == "cursor" for line in lines for _, role in line)

    assert mark("std", 20) and mark("loss", 20) and mark("loss", 5)
    assert not mark("std", run.moments - 1)


def places(pilot: Pilot[None]) -> list[object]:
    """Where the plots and what is below them lie, and the scrubber's track."""
    shown = [plot.region for plot in bench(pilot).query(TilePlot) if plot.display]
    scrubber = lesson(pilot).query_one(Scrubber)
    return [*shown, bench(pilot).query_one(Outcome).region, scrubber.region, scrubber._track]


def with_notes() -> Run:
    """Notes that come late, of a length that takes lines of their own."""
    events: list[Recorded] = [STARTED, Axes("std", x="layer")]
    for layer in range(1, 13):
        events += [*points("std", layer), *[Note(f"layer {layer}: {'so it is. ' * 9}")] * (layer % 4 == 0)]
    return replay([*events, Facts({"last": 1.0}), Finished(1.0)])


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (140, 40)])
async def test_notes_that_come_and_go_move_nothing_while_one_scrubs(home, size):
    async with playing(home, size=size, recording=with_notes()) as pilot:
        await until(pilot, lambda: "layer 12 of 12" in screen(pilot))
        await pilot.pause()
        before = places(pilot)
        for moment in (0, 5, 11):
            bench(pilot).scrub_to(moment)
            await until(pilot, lambda moment=moment: f"layer {moment + 1} of 12" in screen(pilot))
            await pilot.pause()
            assert places(pilot) == before, f"at moment {moment}"


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_the_next_run_of_the_same_has_the_frames_of_the_last(home, size):
    """From its first moment: no chart comes in late, and no fact pushes the charts up."""
    async with in_lesson(home, size=size) as pilot:
        whole = await run_to(pilot)
        await pilot.pause()
        before = places(pilot)
        attempt = session(pilot).attempt
        assert attempt is not None
        for share in (0.0, 0.1, 0.5):
            attempt.run = replay(whole.events[: int(share * len(whole.events))])
            bench(pilot).follow()
            await pilot.pause()
            assert state(pilot) in ("waiting", "running")
            assert places(pilot)[:-2] == before[:-2], f"{share:.0%} of it"


async def test_another_experiment_begins_with_frames_of_its_own(home):
    async with in_lesson(home) as pilot:
        await run_to(pilot)
        assert await bench(pilot).put_up("wait", {})
        tap(pilot, "r")
        await until(pilot, lambda: state(pilot) == "running" and shows(pilot, "time"))
        titles = [plot.tile.name for plot in bench(pilot).query(TilePlot) if plot.display and plot.tile]
        assert titles == ["time"]
        session(pilot).stop()
        await until(pilot, lambda: state(pilot) == "stopped")
