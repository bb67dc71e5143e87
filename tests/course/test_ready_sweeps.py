"""What `sweeps.toml` says an experiment is swept over, and what is said of the file where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from bundled import COURSE

from initplay.course.sweeps import read_sweeps
from initplay.sweep.grid import read_grid

FILE = Path("sweeps.toml")
READY = [
    pytest.param(lesson, name, id=f"{lesson.slug}/{name}")
    for lesson in COURSE.lessons
    for name in lesson.sweeps
]


@pytest.mark.parametrize(("lesson", "name"), READY)
def test_what_the_course_has_ready_can_be_run_soon_and_keeps_what_there_is(lesson, name):
    ready = lesson.sweeps[name]
    grid = read_grid(lesson.experiment(name), ready.over)
    assert 1 <= len(grid.swept) <= 2 and grid.count * ready.seeds <= 100
    assert {*ready.facts, *ready.levels} <= set(lesson.meanings[name])


def test_the_course_has_the_edge_of_chaos_and_inits_by_depth():
    assert {case.id for case in READY} >= {"deep/phase", "depth/depth"}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[chain]\nover = ['a=1,2'\n", 2, "is not TOML"),
        ("[chain]\n", 1, "says over what"),
        ("\n[chain]\nover = 'a=1,2'\n", 2, "says over what"),
        ("chain = 1\n", 1, "says over what"),
        ("[chain]\nover = ['a=1,2']\nseed = 1\n", 1, "has seed, which means nothing"),
        ("[chain]\nover = ['a=1,2']\nfacts = [1]\n", 1, "facts that are no names"),
        ("[chain]\nover = ['a=1,2']\nseeds = 0\n", 1, "seeds that are no number"),
        ("[chain]\nover = ['a=1,2']\nlevels = {std = 'one'}\n", 1, "levels that are no numbers"),
    ],
)
def test_a_mistake_is_named_with_its_line(text, line, says):
    ready, (problem,) = read_sweeps(FILE, text)
    assert not ready and says in problem.message and problem.line >= line


@pytest.mark.parametrize(
    ("digits", "says"),
    [(400, "has levels that are no numbers"), (5_000, "is not TOML: it has a number of too many digits")],
)
def test_a_number_that_is_none_is_a_mistake_of_its_file_and_no_more(digits, says):
    text = f"[go]\nover = ['k=1..2:3']\nlevels = {{x = {'9' * digits}}}\n"
    ready, [problem] = read_sweeps(FILE, text)
    assert not ready and says in str(problem)
