"""Runs without a screen, where a program is told to end in the middle of many."""

from __future__ import annotations

import os
import signal

import pytest
from bundled import COURSE
from msgspec.structs import replace

from initplay.engine.headless import Refused, perform
from initplay.engine.order import Order
from initplay.lab.events import Failed, Progress, Recorded
from initplay.recording.run import Run

pytestmark = pytest.mark.usefixtures("shares_a_fork_server")


def order(seeds: int, **knobs: object) -> Order:
    lesson, experiment = COURSE.find_experiment("blowup/chain")
    return Order(
        lesson=lesson.slug,
        experiment=experiment.name,
        filename="experiment.py",
        source=lesson.source,
        knobs={**experiment.defaults(), **knobs},
        seeds=tuple(range(1, seeds + 1)),
        device="cpu",
        data="embedded",
    )


def finished_in(batch: list[Recorded]) -> list[float]:
    return [event.done for event in batch if isinstance(event, Progress)]


@pytest.mark.parametrize("after", [1, pytest.param(5, marks=pytest.mark.long)])
def test_a_signal_among_many_seeds_ends_them_with_those_it_has(after):
    """No other begins; what runs at that moment is taken in if it finishes all the same."""
    sent = False

    def watch(batch: list[Recorded], _recording: Run) -> None:
        nonlocal sent
        if after in finished_in(batch) and not sent:
            sent = True
            os.kill(os.getpid(), signal.SIGINT)

    run = perform(order(200, depth=5, width=8), watch)
    assert run.state == "stopped"
    assert after <= run.facts["seeds"] <= after + 2 * (os.cpu_count() or 1)


def test_all_seeds_make_one_finished_recording():
    counts: list[float] = []
    run = perform(order(3, depth=5, width=8), lambda batch, _: counts.extend(finished_in(batch)))
    assert run.state == "finished" and run.facts["seeds"] == 3 and counts == [0, 1, 2]


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize(
    ("of", "whose"), [("source", "experiment.py"), ("mine", "What you wrote for the exercise")]
)
def test_a_text_too_long_to_be_sent_is_said_with_its_size_and_what_to_do(of, whose, seeds):
    one = replace(order(seeds), **{of: "# " + "x" * 18_000_000})
    run = perform(one, lambda _batch, _run: None)
    assert isinstance(run.ending, Failed) and run.ending.message == (
        f"{whose} is 17.2 MB long, and a text that is run is shorter than 16 MB: keep its weights or data in "
        "a file of their own, and load them there."
    )


@pytest.mark.parametrize(
    ("lengths", "whose"),
    [
        ({"source": 9, "mine": 8}, "experiment.py (9 MB) and what you wrote for the exercise (8 MB)"),
        (
            {"source": 5, "mine": 6, "checks": 7, "solution": 0.5},
            "the text of the exercise's checks (7 MB) and what you wrote for the exercise (6 MB) and "
            "experiment.py (5 MB)",
        ),
    ],
)
def test_texts_that_are_too_long_only_together_are_named_together(lengths, whose):
    texts = {of: "#" * int(megabytes * 2**20) for of, megabytes in lengths.items()}
    run = perform(replace(order(1), **texts), lambda _batch, _run: None)
    assert isinstance(run.ending, Failed) and run.ending.message == (
        f"Together {whose} are too long, for all texts of a run are shorter than 16 MB: keep weights or data "
        "in a file of their own, and load them there."
    )


def test_what_is_too_long_is_told_by_its_bytes():
    """Of a text with letters of three bytes there are fewer."""
    texts = {"source": "#" + "€" * 6_000_000, "mine": "#" * 9_000_000}
    run = perform(replace(order(1), **texts), lambda _batch, _run: None)
    assert isinstance(run.ending, Failed)
    assert run.ending.message.startswith("experiment.py is 17.2 MB long, and a text that is run is shorter")


def test_a_text_that_is_too_long_with_all_that_goes_along_is_no_shorter_than_what_is_allowed():
    one = order(1)
    run = perform(replace(one, source="#" * (16 * 2**20 - 8)), lambda _batch, _run: None)
    assert isinstance(run.ending, Failed)
    assert run.ending.message.startswith(
        "experiment.py is 16 MB long, and a text that is run is shorter than 16 MB"
    )


@pytest.mark.parametrize("seeds", [3, pytest.param(1, marks=pytest.mark.long)])
def test_a_process_that_dies_as_it_begins_has_failed_and_is_not_refused(seeds):
    """Refused is what cannot be had here, and that is the caller's mistake."""
    dies = replace(order(seeds), source="import os\nos._exit(3)\n")
    run = perform(dies, lambda batch, recording: None)
    assert run.state == "failed" and "exit code 3" in getattr(run.ending, "message", "")
    with pytest.raises(Refused, match="no device"):
        perform(replace(order(seeds), device="cuda:7"), lambda batch, recording: None)
