"""Steps that run an experiment of another lesson, `run LESSON/EXPERIMENT`."""

from __future__ import annotations

from pathlib import Path

import pytest
from authoring import END, EXPERIMENT, lesson_with, write

from initplay.course.course import Course
from initplay.course.lesson import Goal, RunBlock, Step
from initplay.course.lint import lint
from initplay.course.prediction import Predict

OWN = "from initplay.lab import Result\n\ndef own():\n    yield Result(size=1)\n"
RUN = "```run blowup/chain\ndepth = 7\n```\n"
PREDICT = '```predict\nask = "How long?"\nresult = "nonfinite_after"\n```\n'
GOAL = '```goal\nask = "Keep it."\nfinal_std = [0.5, 2.0]\ndepth = 100\n```\n'


def _borrowing(folder: Path, block: str = PREDICT + GOAL, run: str = RUN) -> Path:
    """A lesson beside that of `folder`, with this block below this run."""
    made = write(folder.parent / "03_after", lesson_with(block, run, END), experiment=OWN, exercise=False)
    (made / "results.toml").write_text('[own]\nsize = "how large it is"\n')
    return made


def test_a_step_runs_an_experiment_of_another_lesson_with_its_knobs(folder):
    """What is asked about it names it in full, so that an own experiment of that name is another one."""
    _borrowing(folder)
    course = Course.load(folder.parent)
    borrower, lender = course.find("after"), course.find("blowup")
    run = borrower.steps[0].run
    assert isinstance(run, RunBlock) and run.code is not None
    assert (run.address, run.experiment, run.knobs) == ("blowup/chain", "chain", {"depth": 7})
    assert (run.code.slug, run.code.source, run.code.path) == (lender.slug, lender.source, lender.path)
    assert run.code.meanings == lender.meanings
    asked = [block for block in borrower.blocks if isinstance(block, Predict | Goal)]
    assert [block.experiment for block in asked] == ["blowup/chain"] * 2
    assert [block.key for block in asked] == ["after/1/predict/1", "after/1/goal/1"]
    code, experiment = borrower.code_of("blowup/chain")
    assert (code.slug, experiment) == ("blowup", lender.experiment("chain"))
    assert borrower.code_of("own") == (borrower, borrower.experiment("own"))


def test_an_own_experiment_may_be_named_in_full(folder):
    write(folder.parent / "04_own", lesson_with("", "```run own/chain\n```\n"), exercise=False)
    run = Course.load(folder.parent).find("own").steps[0].run
    assert run is not None and (run.code, run.address) == (None, "chain")


def test_two_lessons_may_run_each_other_s(folder):
    _borrowing(folder)
    text = (folder / "lesson.md").read_text()
    step = "## The other\n\n```run after/own\n```\n\n"
    (folder / "lesson.md").write_text(text.replace("## Make it", f"{step}## Make it"))
    one, other = Course.load(folder.parent).lessons
    assert [step.run and step.run.address for step in one.steps] == ["chain", "after/own", "chain"]
    assert [step.run and step.run.address for step in other.steps] == ["blowup/chain"]


@pytest.mark.parametrize(
    ("run", "sentence"),
    [
        (
            "```run blowap/chain\n```\n",
            "run: there is no lesson 'blowap' beside this one (did you mean 'blowup'?)",
        ),
        ("```run blowup/chian\n```\n", "run: 02_blowup/experiment.py has no 'chian' (did you mean 'chain'?)"),
        ("```run blowup/plain\n```\n", "02_blowup/experiment.py has a function 'plain' that yields nothing"),
        ("```run blowup/\n```\n", "run: names no experiment"),
        ("```run blowup/chain\ndepth = 0\n```\n", "depth"),
    ],
)
def test_what_is_not_there_is_said_with_the_nearest_name(folder, run, sentence):
    with (folder / "experiment.py").open("a") as file:
        file.write("\ndef plain():\n    return 1\n")
    made = _borrowing(folder, "", run)
    (problem,) = Course.load(folder.parent).problems
    assert problem.path == made / "lesson.md"
    assert sentence in str(problem)


def test_a_lesson_that_cannot_run_lends_nothing(folder):
    """Its own mistake is said, and beside it at the step that would run it; a mistake in its text is none."""
    made = _borrowing(folder)
    (folder / "experiment.py").write_text("def chain(:\n")
    course = Course.load(folder.parent)
    assert course.lessons == ()
    told = [str(problem) for problem in course.problems if problem.path == made / "lesson.md"]
    assert any(
        "run: lesson blowup cannot run: mend " in words and "experiment.py:1" in words for words in told
    )
    (folder / "experiment.py").write_text(EXPERIMENT)
    (folder / "lesson.md").write_text("no title\n")
    assert [lesson.slug for lesson in Course.load(folder.parent).lessons] == ["after"]


def test_lint_holds_what_is_asked_against_the_lesson_that_lends(folder):
    """Alone or with its course; what the lender does not yield or draw is named with its file."""
    made = _borrowing(folder)
    assert lint(made) == [] and lint(folder.parent) == []
    wrong = PREDICT.replace("nonfinite_after", "size")
    problems = lint(_rewritten(made, wrong + wrong.replace('"size"', '"final_std"\nmark = "nowhere"')))
    assert [problem.message for problem in problems if not problem.warning] == [
        "02_blowup/experiment.py yields no Result value 'size': name one that it yields",
        "02_blowup/experiment.py draws no chart 'nowhere': let mark name one that it draws",
    ]


def _rewritten(made: Path, block: str) -> Path:
    (made / "lesson.md").write_text(lesson_with(block, RUN, END))
    return made


# What an exercise runs


def _with_exercise(folder: Path, body: str) -> None:
    text = (folder / "lesson.md").read_text()
    (folder / "lesson.md").write_text(text.replace('hint = "reset_parameters"', body))


def test_an_exercise_sets_the_knobs_of_what_it_runs(folder):
    """Where its step has no run block, the bench is set to that when the step opens."""
    _with_exercise(folder, 'experiment = "chain"\nknobs = { depth = 20, bias = true }')
    block = Course.load(folder.parent).find("blowup").exercise_block
    assert block is not None and block.run is not None
    assert (block.experiment, block.run.knobs) == ("chain", {"depth": 20, "bias": True})
    assert Step("Write it", (block,), 1).run == block.run
    other = RunBlock("layer", {}, 2)
    assert Step("Write it", (block, other), 1).run == other


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ('experiment = "chain"\nknobs = { depht = 20 }', "did you mean 'depth'?"),
        ('experiment = "chain"\nknobs = { depth = 0 }', "depth"),
        ('experiment = "chain"\nknobs = 3', "exercise: knobs are those of its experiment: knobs = {"),
        ("knobs = { depth = 20 }", "exercise: knobs are those of its experiment: knobs = {"),
    ],
)
def test_knobs_that_its_experiment_does_not_take_are_a_mistake(folder, body, sentence):
    _with_exercise(folder, body)
    (problem,) = Course.load(folder.parent).problems
    assert sentence in str(problem)
