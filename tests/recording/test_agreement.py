"""Whether two runs came to the same: their results, and the curves and tables that both have."""

from __future__ import annotations

import math

import pytest

from initplay.lab.events import Cells, Facts, Point, Recorded
from initplay.recording.agreement import agreement
from initplay.recording.run import Run

RESULTS = Facts({"last": 2.0})
ROW = Cells("sums", {"neuron": 1, "sum": 19.0})
CURVE = [Point("loss", 0, math.nan), Point("loss", 1, 0.5)]
THEIRS = Cells("your layer", {"neuron": 1, "yours": 999.0})


def of(*events: Recorded) -> Run:
    run = Run()
    for event in events:
        run.add(event)
    return run


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ([RESULTS], [RESULTS], "the same results"),
        ([*CURVE, RESULTS], [*CURVE, RESULTS], "the same results and curves"),
        ([*CURVE, ROW, RESULTS], [*CURVE, ROW, RESULTS], "the same results, curves and tables"),
        ([RESULTS], [Facts({"last": 3.0})], "other results: last 2 → 3"),
        ([RESULTS], [Facts({"last": 2.0000001})], "the same results to three digits, not to the last one"),
        (
            [CURVE[1], RESULTS],
            [Point("loss", 1, 0.50001), RESULTS],
            "the same results to three digits, not to the last one",
        ),
        ([CURVE[1], RESULTS], [Point("loss", 1, 0.6), RESULTS], "the same results, other numbers in “loss”"),
        ([CURVE[1], RESULTS], [*CURVE, RESULTS], "the same results, other numbers in “loss”"),
        (
            [ROW, RESULTS],
            [Cells("sums", {"neuron": 1, "sum": 20.0}), RESULTS],
            "the same results, other numbers in “sums”",
        ),
    ],
)
def test_it_says_what_was_compared_and_what_differs(
    one: list[Recorded], other: list[Recorded], words: str
) -> None:
    assert agreement(of(*one), of(*other)) == words


def test_what_only_one_of_them_has_is_named_and_not_taken_for_the_same() -> None:
    lesson, own = of(ROW, RESULTS), of(ROW, THEIRS, RESULTS)
    words = "yours is shown beside it, in “your layer”; the rest has the same results and tables"
    assert agreement(lesson, own) == words
    assert agreement(own, lesson) == words.replace("shown beside it", "drawn in the other run")
    assert agreement(of(ROW, Point("loss", 0, 1.0), RESULTS), of(*own_and_lesson())) == (
        "yours is shown beside it, in “loss”; the rest has the same results, curves and tables"
    )


def own_and_lesson() -> list[Recorded]:
    """A run in whose chart the learner's code has a line of its own."""
    return [ROW, Point("loss", 0, 1.0), Point("loss", 0, 7.0, "yours"), RESULTS]


def test_a_line_of_one_s_own_that_lies_on_another_is_said_to_be_one_with_it() -> None:
    """To three digits, in the run that has it, and of a chart in which both are."""

    def lines(last: float) -> list[Recorded]:
        of_torch, own = ([Point("rms", n, y, series) for n, y in enumerate(ys)] for series, ys in both(last))
        return [*of_torch, *own, RESULTS]

    def both(last: float) -> list[tuple[str, list[float]]]:
        return [("torch's", [1.0, 0.181]), ("yours", [1.0, last])]

    one = (
        "yours is shown beside it, in “rms”, where “torch's” and “yours” are one line; the rest has the same"
    )
    assert agreement(of(RESULTS), of(*lines(0.18101))) == f"{one} results"
    there = one.replace("shown beside it", "drawn in the other run")
    assert agreement(of(*lines(0.181)), of(RESULTS)) == f"{there} results"
    two = "yours is shown beside it, in “rms”; the rest has the same results"
    assert agreement(of(RESULTS), of(*lines(0.19))) == two
    elsewhere = [Point("other", n, y, "lesson's") for n, y in enumerate([1.0, 0.19])]
    assert agreement(of(*elsewhere, RESULTS), of(*elsewhere, *lines(0.19))) == f"{two} and curves"


def test_of_many_names_the_first_are_told() -> None:
    names = ["a", "b, c", "d", "e", "f"]
    more = [Cells(name, {"x": 1}) for name in names]
    assert agreement(of(RESULTS), of(*more, RESULTS)) == (
        "yours is shown beside it, in “a”, “b, c”, “d” and 2 more; the rest has the same results"
    )
