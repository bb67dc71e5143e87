"""Whose sentence is said, and what is said of an answer that nobody foresaw."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from initplay.lab.checking import Here, Mistake, Probe, verdicts
from initplay.lab.events import Check


def double(mine: Any) -> Any:
    return mine.f(3.0)


def negative(mine: Any) -> Any:
    return mine.f(-2.0)


PROBES = [Probe("the double of 3", double), Probe("the double of -2", negative)]
MISTAKES = [
    Mistake("You squared: {got}, not {right}.", f=lambda x: x * x),
    Mistake("You added 3: {got}.", f=lambda x: x + 3),
]


def judged(f: Any, **more: Any) -> list[Check]:
    return list(
        verdicts(Here(SimpleNamespace(f=f, **more), SimpleNamespace(f=lambda x: 2 * x)), PROBES, MISTAKES)
    )


def test_who_is_right_passes() -> None:
    assert [check.passed for check in judged(lambda x: x + x)] == [True, True]


def test_a_known_mistake_is_named_with_its_numbers() -> None:
    first, second = judged(lambda x: x**2)
    assert (first.says, second.says) == ("You squared: 9, not 6.", "You squared: 4, not -4.")
    assert (first.expected, first.got) == ("6", "9")


def test_the_mistake_that_does_the_same_on_more_probes_is_named() -> None:
    """6 is what both give for 3; only one of them gives 1 for -2."""
    (second,) = [check for check in judged(lambda x: x + 3) if not check.passed]
    assert second.says == "You added 3: 1."


@pytest.mark.parametrize(
    ("f", "says"),
    [
        (lambda x: 7.5, "the double of 3: 6 is right, yours gives 7.5."),
        (lambda x: None, "It gave None where 6 is right: does it end with `return`?"),
        (lambda x: 1 / 0, "It raised ZeroDivisionError: division by zero"),
        (
            lambda x: torch.ones(2),
            "the double of 3: it gave a tensor of shape (2,) where one number is right.",
        ),
        (lambda x, y: x, "It raised TypeError"),
    ],
)
def test_what_nobody_foresaw_gets_a_sentence_too(f: Any, says: str) -> None:
    assert judged(f)[0].says.startswith(says)


def test_what_is_not_there_is_said() -> None:
    mine = Here(SimpleNamespace(), SimpleNamespace(f=lambda x: 2 * x))
    assert "has no attribute 'f'" in next(verdicts(mine, PROBES, MISTAKES)).says
