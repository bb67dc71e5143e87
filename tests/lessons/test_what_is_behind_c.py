"""A text that speaks of a table, or of a chart that is not the first one, says the key that shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from runs import course

from initplay.course.lesson import Lesson, Prose, Step
from initplay.course.prediction import Predict

BEHIND = re.compile(r"\b[Tt]ables?\b|\b(?:second|third|last|other) chart\b|\bten pictures\b|\bcharts of\b")
"""In every experiment a chart comes first: tables stand behind it."""
KEY = re.compile(r"`c`|\(c\)")
OF_OTHERS = {
    ("activations", "torch's table"),
    ("leaderboard", "quick table"),
    ("leaderboard", "Now the table"),
    ("leaderboard", "one table"),
    ("deep", "no table"),
    ("deep", "table of gains"),
}
"""What is called a table and is none on the bench."""


def texts(step: Step) -> Iterator[str]:
    for block in step.blocks:
        if isinstance(block, Prose):
            yield block.text
        elif isinstance(block, Predict):
            yield block.why


def unsaid(lesson: Lesson, step: Step) -> list[str]:
    """The places at which a step speaks of what is behind, where it says no key at all."""
    said = " ".join(" ".join(texts(step)).split())
    for slug, words in OF_OTHERS:
        said = said.replace(words, "") if slug == lesson.slug else said
    return [] if step.run is None or KEY.search(said) else BEHIND.findall(said)


@pytest.mark.parametrize("lesson", course().lessons, ids=lambda lesson: lesson.slug)
def test_what_a_text_speaks_of_can_be_found(lesson: Lesson) -> None:
    assert {step.title: found for step in lesson.steps if (found := unsaid(lesson, step))} == {}
