"""Runs without a screen, where a program is told to end in the middle of many."""

from __future__ import annotations

import os
import signal

import pytest

from initplay.course.course import Course
from initplay.engine.headless import Request, perform_fan


def request(**knobs: object) -> Request:
    lesson, experiment = Course.load().find_experiment("blowup/chain")
    return Request(
        lesson=lesson.slug,
        experiment=experiment.name,
        filename="experiment.py",
        source=lesson.source,
        knobs={**experiment.defaults(), **knobs},
        seed=1,
        device="cpu",
        data="embedded",
    )


@pytest.mark.parametrize("after", [1, 5])
def test_a_signal_between_two_seeds_ends_the_fan_with_those_it_has(after):
    """There is no run to stop at that moment, and the next one must not begin."""

    def done(count: int) -> None:
        if count == after:
            os.kill(os.getpid(), signal.SIGINT)

    fan = perform_fan(request(depth=5, width=8), 200, done)
    assert fan.state == "stopped" and after <= fan.facts["seeds"] <= after + 1


def test_all_seeds_make_a_finished_fan():
    counts: list[int] = []
    fan = perform_fan(request(depth=5, width=8), 3, counts.append)
    assert fan.state == "finished" and fan.facts["seeds"] == 3 and counts == [1, 2, 3]
