"""Knobs that do nothing while another leaves them out: what `knobs.toml` says, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from initplay.course.course import Course
from initplay.course.experiment import experiments
from initplay.course.needs import idle, lint_needs, read_needs

FILE = Path("knobs.toml")
LESSONS = Path(__file__).parents[2] / "lessons"
[GO] = experiments(
    "def go(norm: bool = True, how: Literal['a', 'b', 'c'] = 'a', lr: float = 0.1):\n    yield 1\n"
)


def test_a_knob_does_nothing_while_another_is_none_of_what_it_needs():
    needs, problems = read_needs(FILE, "[go.lr]\nnorm = true\nhow = ['a', 'b']\n\n[go.norm]\nhow = 'c'\n")
    assert not problems
    of = needs["go"]
    assert idle(GO, of, GO.defaults()) == {"norm": "how is a"}
    assert idle(GO, of, {**GO.defaults(), "norm": False}) == {"norm": "how is a", "lr": "norm is off"}
    assert idle(GO, of, {**GO.defaults(), "how": "c"}) == {"lr": "how is c"}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[go.lr]\nnorm = \n", 2, "is not TOML"),
        ("lr = true\n", 1, "lr says no other knob: write [EXPERIMENT.KNOB]"),
        ("[go]\nlr = true\n", 2, "lr says no other knob"),
        ("\n[go.lr]\n", 1, "lr says no other knob"),
    ],
)
def test_a_mistake_is_named_with_its_line(text, line, says):
    needs, [problem] = read_needs(FILE, text)
    assert not needs and says in problem.message and problem.line == line


@pytest.mark.parametrize(
    ("needs", "says"),
    [
        ({"go": {"lr": {"norm": (True,)}}}, "[go] is no experiment of this lesson"),
        (
            {"train": {"lrr": {"normalized": (True,)}}},
            "[train.lrr] train has no knob 'lrr' (did you mean 'lr'?)",
        ),
        ({"train": {"lr": {"normal": (True,)}}}, "[train.lr] train has no knob 'normal'"),
        ({"train": {"lr": {"normalized": ("yes",)}}}, "[train.lr] normalized=yes is not"),
    ],
)
def test_lint_finds_what_there_is_not(needs, says):
    lesson = Course.load(LESSONS).find("normalize")
    assert not list(lint_needs(lesson))
    [problem] = lint_needs(replace(lesson, needs=needs))
    assert says in problem.message
