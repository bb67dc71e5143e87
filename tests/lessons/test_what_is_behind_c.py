"""A text that speaks of a chart or a table behind the first one says the key, and calls it by its name; the
key brings it, and on 80x24 it is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from runs import course, perform

from initplay.course.lesson import Lesson, Prose, Step
from initplay.course.prediction import Predict
from initplay.ui.bench.tiles import Tile, View, in_order, lines_of, tiles_of

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
OF_ALL = {"`c` leads from chart to chart", "`c` leads through the charts"}
"""Where the key is said of all that there is."""
OF_YOURS = {"dead, as you count"}
"""Tables that are there once code of the learner's own has passed."""
SHORT = {("leaderboard", "table"): {"iterations": 200, "seeds": 2}}
"""What would take long as the step has it; it draws the same charts and tables however far it goes."""
SENTENCE = re.compile(r"(?<=[.:?!])\s+(?=[A-Z*`])")
AT_80x24 = (78, 10)
"""Columns and rows that a chart has at least on the bench, a few lines of the text above it."""


def texts(step: Step) -> Iterator[str]:
    for block in step.blocks:
        if isinstance(block, Prose):
            yield block.text
        elif isinstance(block, Predict):
            yield block.why


def unsaid(lesson: Lesson, step: Step) -> list[str]:
    """The places at which a step speaks of what is behind, where it says no key at all."""
    said = " ".join(" ".join(texts(step)).split())
    said = said.replace(f"able *{step.shows}*", "")  # which is in sight
    for slug, words in OF_OTHERS:
        said = said.replace(words, "") if slug == lesson.slug else said
    return [] if step.run is None or KEY.search(said) else BEHIND.findall(said)


@pytest.mark.parametrize("lesson", course().lessons, ids=lambda lesson: lesson.slug)
def test_what_a_text_speaks_of_can_be_found(lesson: Lesson) -> None:
    assert {step.title: found for step in lesson.steps if (found := unsaid(lesson, step))} == {}


@pytest.mark.parametrize("lesson", course().lessons, ids=lambda lesson: lesson.slug)
def test_no_text_counts_what_is_behind(lesson: Lesson) -> None:
    """At 80 columns not all names are in sight, so that "the last table" is one that cannot be counted to."""
    said = " ".join(" ".join(text.split()) for step in lesson.steps for text in texts(step))
    assert not re.findall(r"\b(?:first|second|third|last|next|other) tables?\b", said)


def with_the_key(step: Step) -> Iterator[str]:
    """The sentences that say the key."""
    for block in step.blocks:
        if isinstance(block, Prose):
            for sentence in SENTENCE.split(" ".join(block.text.split())):
                if "`c`" in sentence and not any(words in sentence for words in OF_ALL):
                    yield sentence


STEPS = [
    pytest.param(lesson, step, id=f"{lesson.slug}-{number}")
    for lesson in course().lessons
    for number, step in enumerate(lesson.steps, 1)
    if step.run and any(with_the_key(step))
]


@pytest.mark.parametrize(("lesson", "step"), STEPS)
def test_the_key_brings_what_the_sentence_names(lesson: Lesson, step: Step) -> None:
    assert step.run
    slug, experiment = (step.run.code or lesson).slug, step.run.experiment
    knobs: dict[str, Any] = dict(step.run.knobs) | SHORT.get((slug, experiment), {})
    run = perform(slug, experiment, **knobs)
    tiles = in_order(tiles_of(run), step.shows, step.names)
    named = [tile for tile in tiles if tile.title in step.names]
    for sentence in with_the_key(step):
        spoken_of = [name for name in step.names if f"*{name}*" in sentence]
        found = [tile for tile in named if tile.title in spoken_of]
        assert found or OF_YOURS & set(spoken_of), (sentence, [tile.title for tile in tiles])
    behind = [tile for tile in named if tile is not tiles[0]]
    assert tiles[1 : 1 + len(behind)] == behind, "one press brings the first of them, each more the next"
    for tile in behind:
        assert tile.name[:20] in drawn(tile, View(run)), tile


@pytest.mark.parametrize("lesson", course().lessons, ids=lambda lesson: lesson.slug)
def test_no_key_is_said_for_what_is_in_sight(lesson: Lesson) -> None:
    for step in filter(lambda step: step.shows, lesson.steps):
        said = " ".join(" ".join(texts(step)).split())
        assert not re.search(rf"\*{re.escape(step.shows)}\*,? \(?`c`", said), step.title


def drawn(tile: Tile, view: View) -> str:
    return "\n".join("".join(text for text, _ in line) for line in lines_of(tile, view, *AT_80x24))
