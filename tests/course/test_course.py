"""Lessons found, read, and refused with sentences that say what to do."""

import math
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from initplay.course.course import Course, find_lessons_dir
from initplay.course.lesson import CourseError, ExerciseBlock, Goal, Prose, RunBlock
from initplay.course.lesson_md import _Mistake, _pieces
from initplay.course.lint import lint
from initplay.course.prediction import NUDGES, Predict

EXPERIMENT = """\
import torch
from typing import Literal
from initplay.lab import LogRange, Point, Range, Result

def chain(
    depth: Range[1, 200] = 100,
    scale: LogRange[1e-3, 10.0] = 1.0,
    init: Literal["lecun", "he"] = "he",
    bias: bool = False,
):
    \"\"\"Multiply.\"\"\"
    yield Result(final_std=1.0, nonfinite_after=28)

def layer():
    yield Result(mean=0.0)
"""

LESSON = """\
# Random weights blow up

```lesson
minutes = 12
summary = "One layer is fine. A hundred are not."
```

Before anything else.

## Multiply a hundred times

One layer multiplied the spread by 22.

```python
# a comment that is no heading
x = w @ x
```

- a list with a fence:

  ```run nothing
  ```

```run chain
depth = 100
scale = 1
```

And then?

```predict
ask = "After how many multiplications is the std no longer a number?"
result = "nonfinite_after"
unit = "layers"
why = "Each multiplies by 22.6."
hint = "22 to the n, against 1e38."
```

## Make it survive ##

<!-- a note to the next author
```run never
-->
```goal
ask = "Keep the final std within [0.5, 2] at depth 100."
final_std = [0.5, 2.0]
depth = 100
init = "he"
```
```predict
ask = "Which way does the mean move?"
options = ["down", "stays", "up"]
answer = 2
```
```exercise my_linear
hint = "reset_parameters"
```

## Sources

He et al. 2015.
"""


def write(folder: Path, lesson: str = LESSON, experiment: str = EXPERIMENT, exercise: bool = True) -> Path:
    folder.mkdir(parents=True)
    (folder / "lesson.md").write_text(lesson, encoding="utf-8")
    (folder / "experiment.py").write_text(experiment, encoding="utf-8")
    for name in ("exercise.py", "solution.py", "checks.py") if exercise else ():
        (folder / name).write_text("x = 1\n")
    return folder


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "lessons" / "02_blowup")


def load_one(folder: Path):
    (lesson,) = Course.load(folder.parent).lessons
    return lesson


def test_a_lesson_is_read_into_steps_and_blocks_in_order(folder):
    lesson = load_one(folder)
    assert (lesson.number, lesson.slug, lesson.folder_name) == (2, "blowup", "02_blowup")
    assert (lesson.title, lesson.minutes) == ("Random weights blow up", 12)
    assert lesson.summary == "One layer is fine. A hundred are not."
    assert lesson.sources == "He et al. 2015."
    assert lesson.source == EXPERIMENT
    assert [experiment.name for experiment in lesson.experiments] == ["chain", "layer"]
    assert lesson.exercise == "my_linear"

    first, second = lesson.steps
    assert (first.title, first.line) == ("Multiply a hundred times", 10)
    before, prose, run, between, predict = first.blocks
    assert before == Prose("Before anything else.", 8)
    assert isinstance(prose, Prose)
    assert prose.text.startswith("One layer multiplied")
    assert "# a comment that is no heading" in prose.text
    assert prose.text.endswith("```run nothing\n  ```")
    assert run == RunBlock("chain", {"depth": 100, "scale": 1.0}, 24)
    assert between == Prose("And then?", 29)
    assert predict == Predict(
        key="blowup/1/predict/1",
        ask="After how many multiplications is the std no longer a number?",
        experiment="chain",
        line=31,
        result="nonfinite_after",
        unit="layers",
        why="Each multiplies by 22.6.",
        hint="22 to the n, against 1e38.",
    )

    assert second.title == "Make it survive"
    goal, question, exercise = second.blocks
    assert goal == Goal(
        key="blowup/2/goal/1",
        ask="Keep the final std within [0.5, 2] at depth 100.",
        experiment="chain",
        targets={"final_std": (0.5, 2.0), "depth": 100, "init": "he"},
        line=44,
    )
    assert isinstance(question, Predict)
    assert (question.key, question.options, question.answer) == (
        "blowup/2/predict/1",
        ("down", "stays", "up"),
        2,
    )
    assert exercise == ExerciseBlock("my_linear", 55, hint="reset_parameters")
    assert lint(folder.parent) == []


def test_crlf_and_a_byte_order_mark_change_nothing(folder):
    plain = load_one(folder)
    for name in ("lesson.md", "experiment.py"):
        path = folder / name
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_one(folder) == plain


def lesson_with(block: str, run: str = "```run chain\n```\n") -> str:
    return f"# T\n\n## S\n\n{run}{block}\n\n## Sources\n\nA paper.\n"


AFTER_RUN = 7  # the line on which the block of `lesson_with` starts

MISTAKES = {
    "no title": ("## S\n\ntext\n", 1, "no title: begin it with a line such as"),
    "empty": ("", 1, "no title"),
    "text before the title": ("text\n\n# T\n\n## S\n\ntext\n", 1, "no title"),
    "two titles": ("# T\n\n## S\n\ntext\n\n# U\n", 7, "a second title"),
    "no step": ("# T\n\ntext\n", 1, "no step: start one with"),
    "only sources": ("# T\n\n## Sources\n\ntext\n", 1, "no step"),
    "an empty step": ("# T\n\n## S\n\n## Next\n\ntext\n", 3, "the step 'S' is empty"),
    "a fence left open": (lesson_with("```python\nx = 1\n"), AFTER_RUN, "``` block is never closed"),
    "a comment left open": (lesson_with("<!-- oops\n"), AFTER_RUN, "comment is never closed"),
    "a run above the steps": (
        "# T\n\n```run chain\n```\n\n## S\n\ntext\n",
        3,
        "move it below a `## ` heading",
    ),
    "a misspelt block": (lesson_with("```predic\n```"), AFTER_RUN, "'predic' (did you mean 'predict'?)"),
    "a block in capitals": (lesson_with("```Goal\n```"), AFTER_RUN, "'Goal' (did you mean 'goal'?)"),
    "an unknown block": (
        lesson_with("```widget\n```"),
        AFTER_RUN,
        "unknown block 'widget': allowed are lesson,",
    ),
    "a block with a colon": (
        lesson_with("```run: chain\n```"),
        AFTER_RUN,
        "unknown block 'run:' (did you mean 'run'?)",
    ),
    "bad TOML": (
        lesson_with("```goal\nask = 'a'\nfinal_std = [0.5,\n```"),
        AFTER_RUN + 2,
        "the goal block is not TOML",
    ),
    "a value without quotes": (
        lesson_with("```goal\n\nask = why\n```"),
        AFTER_RUN + 2,
        "not TOML: invalid value",
    ),
    "a key twice": (lesson_with("```goal\nask = 'a'\nask = 'b'\n```"), AFTER_RUN + 2, "not TOML"),
    "two lesson blocks": ("# T\n```lesson\n```\n```lesson\n```\n## S\ntext", 4, "stands once"),
    "a lesson block in a step": (lesson_with("```lesson\n```"), AFTER_RUN, "stands once"),
    "minutes as text": ('# T\n```lesson\nminutes = "9"\n```\n## S\ntext', 3, "whole number from 1 to 600"),
    "an unknown lesson key": ("# T\n```lesson\nminute = 9\n```\n## S\ntext", 3, "(did you mean 'minutes'?)"),
    "a run of nothing": (lesson_with("```run\n```"), AFTER_RUN, "run: names no experiment: write `run NAME`"),
    "a run of a stranger": (
        lesson_with("```run chian\n```"),
        AFTER_RUN,
        "no 'chian' (did you mean 'chain'?)",
    ),
    "a strange knob": (lesson_with("```run chain\ndept = 1\n```"), AFTER_RUN + 1, "(did you mean 'depth'?)"),
    "a knob out of range": (
        lesson_with("```run chain\nscale = 1.0\ndepth = 900\n```"),
        AFTER_RUN + 2,
        "run: depth=900 is out of range: depth takes a whole number from 1 to 200",
    ),
    "a knob of another type": (
        lesson_with("```run chain\nbias = 1\n```"),
        AFTER_RUN + 1,
        "takes true or false",
    ),
    "neither result nor options": (
        lesson_with("```predict\nask = 'a'\n```"),
        AFTER_RUN,
        "give either `result`",
    ),
    "both result and options": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\noptions = ['a', 'b']\nanswer = 1\n```"),
        AFTER_RUN,
        "give either `result`",
    ),
    "an empty ask": (
        lesson_with("```predict\nask = ' '\nresult = 'mean'\n```"),
        AFTER_RUN + 1,
        "ask is empty",
    ),
    "no ask": (lesson_with("```predict\nresult = 'mean'\n```"), AFTER_RUN, "ask is empty or missing"),
    "an ask that is a number": (
        lesson_with("```predict\nask = 1\nresult = 'mean'\n```"),
        AFTER_RUN + 1,
        "ask is text",
    ),
    "a misspelt key": (
        lesson_with("```predict\nask = 'a'\noptions = ['a', 'b']\nanser = 1\n```"),
        AFTER_RUN + 3,
        "unknown key 'anser' (did you mean 'answer'?)",
    ),
    "one option": (
        lesson_with("```predict\nask = 'a'\noptions = ['a']\nanswer = 1\n```"),
        AFTER_RUN + 2,
        "two or more",
    ),
    "the same option twice": (
        lesson_with("```predict\nask = 'a'\noptions = ['a', 'a', 'b']\nanswer = 1\n```"),
        AFTER_RUN + 2,
        "two or more different texts",
    ),
    "options that are numbers": (
        lesson_with("```predict\nask = 'a'\noptions = [1, 2]\nanswer = 1\n```"),
        AFTER_RUN + 2,
        "list of texts",
    ),
    "an answer out of range": (
        lesson_with("```predict\nask = 'a'\noptions = ['a', 'b']\nanswer = 3\n```"),
        AFTER_RUN + 3,
        "from 1 to 2",
    ),
    "no answer": (lesson_with("```predict\nask = 'a'\noptions = ['a', 'b']\n```"), AFTER_RUN, "from 1 to 2"),
    "an answer to a result": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\nanswer = 1\n```"),
        AFTER_RUN + 3,
        "keep one",
    ),
    "a chart for options": (
        lesson_with("```predict\nask = 'a'\noptions = ['a', 'b']\nanswer = 1\nmark = 'c'\n```"),
        AFTER_RUN + 4,
        "mark belongs to `result`",
    ),
    "a range on no chart": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\nrange = [1, 100]\n```"),
        AFTER_RUN + 3,
        'name the chart, mark = "..."',
    ),
    "a range that is empty": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\nmark = 'c'\nrange = [100, 100]\n```"),
        AFTER_RUN + 4,
        "two numbers, the lower first",
    ),
    "a range without an end": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\nmark = 'c'\nrange = [1, inf]\n```"),
        AFTER_RUN + 4,
        "two numbers, the lower first",
    ),
    "a range that is a word": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\nmark = 'c'\nrange = '1 to 100'\n```"),
        AFTER_RUN + 4,
        "write range = [1, 100]",
    ),
    "decades from 0 on": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\nmark = 'c'\nrange = [0, 9]\nlog = true\n```"),
        AFTER_RUN + 4,
        "begins above 0 where log is true",
    ),
    "decades of nothing": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\nlog = true\n```"),
        AFTER_RUN + 3,
        "log is about a range",
    ),
    "log that is no switch": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\nlog = 1\n```"),
        AFTER_RUN + 3,
        "log is true or false",
    ),
    "a prediction above every run": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\n```", run=""),
        5,
        "predict: put a `run` block above it",
    ),
    "a goal above every run": (
        lesson_with("```goal\nask = 'a'\nmean = 1\n```", run=""),
        5,
        "put a `run` block",
    ),
    "a goal without targets": (lesson_with("```goal\nask = 'a'\n```"), AFTER_RUN, "no target"),
    "a range the wrong way round": (
        lesson_with("```goal\nask = 'a'\nmean = [2, 1]\n```"),
        AFTER_RUN + 2,
        "mean is a range mean = [low, high] with low <= high",
    ),
    "a range of three": (
        lesson_with("```goal\nask = 'a'\nmean = [1, 2, 3]\n```"),
        AFTER_RUN + 2,
        "is a range",
    ),
    "a target that is no number": (
        lesson_with("```goal\nask = 'a'\nmean = nan\n```"),
        AFTER_RUN + 2,
        "is a range",
    ),
    "a date for a target": (
        lesson_with("```goal\nask = 'a'\nmean = 2020-01-01\n```"),
        AFTER_RUN + 2,
        "is a range",
    ),
    "a knob that cannot get there": (
        lesson_with("```goal\nask = 'a'\ndepth = 900\n```"),
        AFTER_RUN + 2,
        "out of range",
    ),
    "a knob range out of reach": (
        lesson_with("```goal\nask = 'a'\ndepth = [300, 400]\n```"),
        AFTER_RUN + 2,
        "depth can never lie in [300, 400]: it takes a whole number from 1 to 200",
    ),
    "a range for a choice": (
        lesson_with("```goal\nask = 'a'\ninit = [1, 2]\n```"),
        AFTER_RUN + 2,
        "one value",
    ),
    "an exercise without a name": (lesson_with("```exercise\n```"), AFTER_RUN, "needs a name"),
    "two exercises": (lesson_with("```exercise a\n```\n```exercise b\n```"), AFTER_RUN + 2, "one exercise"),
    "a live block in Sources": (lesson_with("") + "```run chain\n```\n", 9, "below Sources"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence_at_its_line(tmp_path, mistake):
    """Exactly one problem is reported: a mistake does not drag others behind it."""
    text, line, sentence = MISTAKES[mistake]
    folder = write(tmp_path / "02_blowup", text)
    course = Course.load(tmp_path)
    (problem,) = course.problems
    assert course.lessons == ()
    assert (problem.path, problem.line) == (folder / "lesson.md", line), problem
    assert sentence in problem.message
    assert "\n" not in str(problem)
    assert problem in lint(folder)


def test_every_mistake_of_a_lesson_is_reported_at_once(tmp_path):
    text = lesson_with("```run chain\ndepth = 900\n```\n```goal\nask = ''\nmean = 1\n```\n```widget\n```")
    write(tmp_path / "02_blowup", text)
    assert [problem.line for problem in Course.load(tmp_path).problems] == [8, 11, 14]


FILE_MISTAKES = {
    "no lesson.md": ("lesson.md", None, "lesson.md", 1, "is missing"),
    "no experiment.py": ("experiment.py", None, "experiment.py", 1, "is missing"),
    "not UTF-8": ("lesson.md", b"# T\n\n## S\n\n\xe9t\xe9\n", "lesson.md", 5, "not UTF-8 (byte 0xe9)"),
    "source not UTF-8": ("experiment.py", b"\xff\xfe", "experiment.py", 1, "not UTF-8"),
    "a syntax error": ("experiment.py", b"import torch\ndef chain(:\n", "experiment.py", 2, "not Python"),
    "a bad signature": (
        "experiment.py",
        b"\ndef chain(depth):\n  yield",
        "experiment.py",
        2,
        "chain: depth has no",
    ),
    "no solution": ("solution.py", None, "lesson.md", 55, "exercise: add solution.py"),
    "a folder for a file": ("lesson.md", "folder", "lesson.md", 1, "cannot be read"),
}


@pytest.mark.parametrize("mistake", FILE_MISTAKES)
def test_a_file_that_is_missing_or_unreadable_is_named(folder, mistake):
    name, content, where, line, sentence = FILE_MISTAKES[mistake]
    (folder / name).unlink()
    if content == "folder":
        (folder / name).mkdir()
    elif isinstance(content, bytes):
        (folder / name).write_bytes(content)
    (problem,) = Course.load(folder.parent).problems
    assert (problem.path, problem.line) == (folder / where, line)
    assert sentence in problem.message


def test_no_experiment_in_the_source_is_said_of_the_source(tmp_path):
    write(tmp_path / "02_blowup", "# T\n\n## S\n\ntext\n", experiment="x = 1\n")
    (problem,) = Course.load(tmp_path).problems
    assert "holds no experiment" in problem.message
    assert problem.path.name == "experiment.py"


def test_one_broken_lesson_leaves_the_others_standing(tmp_path):
    write(tmp_path / "01_first")
    write(tmp_path / "02_broken", "oops")
    write(tmp_path / "10_last")
    write(tmp_path / "03_first")
    write(tmp_path / "10_other")
    write(tmp_path / "Blowup")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "README.md").write_text("about")
    course = Course.load(tmp_path)
    assert [lesson.folder_name for lesson in course.lessons] == ["01_first", "10_last"]
    found = {(problem.path.relative_to(tmp_path).parts[0], problem.message) for problem in course.problems}
    assert ("03_first", "has the same slug as 01_first: rename one of the two folders") in found
    assert ("10_other", "has the same number as 10_last: rename one of the two folders") in found
    assert ("Blowup", "a lesson's folder is a number and a slug, such as 02_blowup: rename it") in found
    assert {name for name, _ in found} == {"02_broken", "03_first", "10_other", "Blowup"}
    with pytest.raises(
        CourseError, match=r"Lesson broken has a mistake: .*02_broken/lesson\.md:1: the lesson has no"
    ):
        course.find("broken")


@pytest.mark.parametrize("name", ["blowup", "02_blowup", "2", "02", "lessons/02_blowup/"])
def test_a_lesson_is_found_by_slug_folder_and_number(folder, name):
    assert Course.load(folder.parent).find(name).slug == "blowup"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("blwup", r"No lesson 'blwup' \(did you mean 'blowup'\?\): there are neuron, blowup\."),
        ("9", r"No lesson '9': there are neuron, blowup\."),
        ("", r"No lesson '': there are"),
    ],
)
def test_an_unknown_lesson_is_answered_with_the_nearest_name(folder, name, sentence):
    write(folder.parent / "00_neuron")
    with pytest.raises(CourseError, match=sentence):
        Course.load(folder.parent).find(name)


def test_an_experiment_is_found_by_lesson_and_name(folder):
    course = Course.load(folder.parent)
    lesson, experiment = course.find_experiment("2/layer")
    assert (lesson.slug, experiment.name) == ("blowup", "layer")
    with pytest.raises(
        CourseError, match=r"no experiment 'lair' \(did you mean 'layer'\?\): it has chain, layer\."
    ):
        course.find_experiment("blowup/lair")
    with pytest.raises(CourseError, match="name one of its experiments, blowup/chain or blowup/layer"):
        course.find_experiment("blowup")
    with pytest.raises(CourseError, match="did you mean 'blowup'"):
        course.find_experiment("blowpu/chain")


def test_a_folder_without_lessons_is_a_sentence(tmp_path):
    for read in (Course.load, lint):
        with pytest.raises(CourseError, match=r"Cannot read the lessons in .*: No such file"):
            read(tmp_path / "nothing")
        with pytest.raises(CourseError, match="no lesson"):
            read(tmp_path)
        (tmp_path / "file").write_text("")
        with pytest.raises(CourseError, match="Not a directory"):
            read(tmp_path / "file")
        (tmp_path / "file").unlink()


def test_lint_takes_one_lesson_folder_from_inside_it_too(folder, monkeypatch):
    (folder / "solution.py").write_text("x = 1\ndef (")
    monkeypatch.chdir(folder)
    assert [str(problem) for problem in lint(".")] == [str(problem) for problem in lint(folder)]
    (problem,) = lint(".")
    assert (problem.path.name, problem.line) == ("solution.py", 2)
    assert "this is not Python" in problem.message


def test_lint_is_stricter_than_loading(tmp_path):
    """No sources and a Result value that nothing yields are mistakes; the rest is advice."""
    block = "```predict\nask = 'a'\nresult = 'final_sd'\nmark = 'loss'\n```"
    text = f"# T\n\n## S\n\n```run chain\n```\n{block}\n"
    write(tmp_path / "00_one", text)
    write(tmp_path / "01_two", "# T\n\n## S\n\ntext\n\n## Sources\n\nA paper.\n")
    assert Course.load(tmp_path).problems == ()
    found = [(p.path.parent.name, p.line, p.message.partition(":")[0], p.warning) for p in lint(tmp_path)]
    assert found == [
        ("00_one", 1, "no goal", True),
        ("00_one", 3, "no sources", False),
        ("00_one", 7, "experiment.py yields no Result value 'final_sd'", False),
        ("00_one", 7, "experiment.py draws no chart 'loss'", False),
        ("01_two", 1, "no prediction", True),
        ("01_two", 1, "no goal", True),
    ]
    assert ": warning: no goal" in str(lint(tmp_path)[0])


def predict(**answer) -> Predict:
    return Predict(key="a/1/predict/1", ask="?", experiment="chain", line=1, **answer)


def test_a_prediction_may_be_a_place_on_a_chart(tmp_path):
    place = "mark = 'std by layer'\nrange = [1, 1000]\nlog = true\n"
    write(tmp_path / "01_one", lesson_with(f"```predict\nask = 'a'\nresult = 'mean'\n{place}```"))
    (asked,) = (b for b in Course.load(tmp_path).lessons[0].blocks if isinstance(b, Predict))
    assert (asked.mark, asked.span, asked.log, asked.whole) == ("std by layer", (1, 1000), True, True)


@pytest.mark.parametrize(
    ("span", "log", "x", "placed"),
    [
        ((1, 100), False, 40.4, 40),
        ((1, 100), False, -3, 1),
        ((1, 100), False, 1e9, 100),
        ((1, 1000), True, 31.7, 32),
        ((0.0, 1.0), False, 0.31836, 0.318),
        ((0, 1.0), False, 0.31836, 0.318),
        ((0.0, 2e4), False, 1234.5, 1230),
        ((1e-6, 1.0), True, 3.14159e-4, 3.14e-4),
        ((1.2345, 2.3456), False, 9.0, 2.3456),
    ],
)
def test_a_place_stands_for_a_guess_within_the_range_and_no_finer_than_one_can_point(span, log, x, placed):
    assert predict(result="n", mark="c", span=span, log=log).placed(x) == pytest.approx(placed, rel=1e-12)


@pytest.mark.parametrize(
    ("span", "log", "guess", "by", "moved"),
    [
        ((1, 100), False, None, 1, 50),
        ((1, 100), False, 40, 1, 42),
        ((1, 100), False, 40, -1, 38),
        ((1, 100), False, 100, 1, 100),
        ((1, 100), False, 700, -1, 98),
        ((0, 10), False, 3, 1, 4),
        ((0, 10), False, 3, -1, 2),
        ((0.0, 1.0), False, 0.5, 1, 0.52),
        ((1, 10_000), True, None, -1, 100),
        ((1, 10_000), True, 2, 1, 3),
        ((1e-4, 1.0), True, 0.01, 1, 0.012),
    ],
)
def test_a_nudge_is_a_fiftieth_of_the_range_in_whole_numbers_where_it_is_whole(span, log, guess, by, moved):
    assert predict(result="n", mark="c", span=span, log=log).nudged(guess, by) == pytest.approx(moved)


@given(st.integers(-1000, 1000), st.integers(1, 10_000), st.floats(-2000, 20_000), st.sampled_from([1, -1]))
def test_nudges_lead_from_anywhere_to_either_end_of_a_whole_range(low, length, guess, by):
    asked = predict(result="n", mark="c", span=(low, low + length))
    for _ in range(NUDGES * 3):
        guess = asked.nudged(guess, by)
    assert guess == (low + length if by > 0 else low)


@pytest.mark.parametrize(
    ("guess", "outcome", "right", "score"),
    [
        (28, 28, True, 1.0),
        (30, 28, True, 0.97),
        (280, 28, False, 0.0),
        (2.8, 28, False, 0.0),
        (28000, 28, False, 0.0),
        (-28, 28, False, 0.0),
        (0, 0.0, True, 1.0),
        (0, 28, False, 0.0),
        (-3.1, -3, True, 0.986),
        (1e300, 1e-300, False, 0.0),
        (1, math.nan, None, 0.0),
        (1, math.inf, None, 0.0),
        (math.inf, 3, False, 0.0),
        (1, None, None, 0.0),
        (1, "never", None, 0.0),
        (1, True, None, 0.0),
    ],
)
def test_a_number_is_judged_on_a_log_scale(guess, outcome, right, score):
    verdict = predict(result="mean").judge(guess, outcome)
    assert verdict.right is right
    assert verdict.score == pytest.approx(score, abs=1e-3)


def test_an_option_is_right_or_not():
    question = predict(options=("down", "up"), answer=2)
    assert question.judge(2) == (True, 1.0)
    assert question.judge(1) == (False, 0.0)


@pytest.mark.parametrize(
    ("values", "missed"),
    [
        ({"std": 1.0, "depth": 100, "same": True}, ()),
        ({"std": 0.5, "depth": 100.0, "same": True}, ()),
        ({"std": math.nan, "depth": 100, "same": True}, ("std",)),
        ({"std": None, "depth": 99, "same": 1}, ("std", "depth", "same")),
        ({"std": True}, ("std", "depth", "same")),
    ],
)
def test_a_goal_is_reached_when_no_target_is_missed(values, missed):
    targets = {"std": (0.5, 2.0), "depth": 100, "same": True}
    assert Goal("a/1/goal/1", "?", "chain", targets, 1).missed(values) == missed


LINES = [
    "# A",
    "## B",
    "text",
    "",
    "- item",
    "> quote",
    "```",
    "```python",
    "```run x",
    "~~~",
    "  ```",
    "    ```",
    "> ```",
]


@given(st.lists(st.sampled_from(LINES), max_size=12))
def test_headings_and_live_fences_are_where_markdown_has_them(lines):
    """Against markdown-it: what is live here is a top-level fence there; a heading here is one there."""
    try:
        pieces = list(_pieces("\n".join(lines)))
    except _Mistake as mistake:
        assert "never closed" in str(mistake)
        return
    tokens = MarkdownIt("commonmark").parse("\n".join(lines))
    theirs = {
        (t.map[0] + 1, t.type)
        for t in tokens
        if t.level == 0 and t.map and t.type in ("fence", "heading_open")
    }
    for piece in pieces:
        if piece.kind == "fence":
            assert (piece.line, "fence") in theirs
        if piece.kind in ("#", "##"):
            assert (piece.line, "heading_open") in theirs


@given(st.lists(st.sampled_from([*LINES, "<!-- a", "b -->"]), max_size=14))
def test_no_line_of_prose_is_lost(lines):
    try:
        pieces = list(_pieces("\n".join(lines)))
    except _Mistake as mistake:
        assert "never closed" in str(mistake)
        return
    for piece in pieces:
        if piece.kind == "text":
            text = piece.body.split("\n")
            assert lines[piece.line - 1 : piece.line - 1 + len(text)] == text
    spans = {"text": 0, "fence": 2, "comment": 2, "#": 1, "##": 1}
    kept = sum(bool(text.strip()) for piece in pieces for text in piece.body.split("\n"))
    kept += sum(spans[piece.kind] for piece in pieces if "<!-- a" not in lines)
    if "<!-- a" not in lines:
        assert kept == sum(bool(line.strip()) for line in lines)


def test_the_lessons_are_found_beside_the_package():
    assert find_lessons_dir() == Path(__file__).parents[2] / "lessons"


def test_a_course_of_thirteen_lessons_loads_in_a_blink(tmp_path):
    for number in range(13):
        steps = "".join(
            f"\n## Step {n}\n\n{'Prose about variance. ' * 30}\n\n```run chain\ndepth = {n + 1}\n```\n"
            for n in range(6)
        )
        write(
            tmp_path / f"{number:02}_lesson{chr(97 + number)}",
            f"# T\n{steps}",
            EXPERIMENT,
            exercise=False,
        )
    times = []
    for _ in range(5):
        start = time.perf_counter()
        assert len(Course.load(tmp_path).lessons) == 13
        times.append(time.perf_counter() - start)
    assert min(times) < 0.1


def test_reading_a_course_imports_no_torch_numpy_textual_or_markdown_library(folder):
    code = (
        "import sys; from initplay.course.course import Course; from initplay.course.lint import lint\n"
        f"lint({str(folder)!r}); Course.load({str(folder.parent)!r}).find('blowup')\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'torch', 'numpy', 'textual', 'markdown_it'}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=os.getcwd()
    )
    assert run.stdout.strip() == "[]"
