"""`initplay new`: what it writes lints clean and runs; what it will not do, it says."""

import re
import runpy
from pathlib import Path

import pytest
from shell import initplay

from initplay.course.course import Course
from initplay.course.exercise import exercise_of
from initplay.course.lesson import Goal
from initplay.course.lint import lint
from initplay.course.prediction import Predict
from initplay.course.scaffold import ScaffoldError, new_lesson


def test_a_new_lesson_lints_clean_and_shows_every_habit(tmp_path):
    folder = new_lesson(tmp_path / "lessons", "momentum", "Why momentum √2 helps")
    assert folder == tmp_path / "lessons" / "01_momentum"
    assert lint(folder) == []
    assert lint(folder.parent) == []
    (lesson,) = Course.load(folder.parent).lessons
    assert lesson.title == "Why momentum √2 helps"
    kinds = {type(block) for block in lesson.blocks}
    assert {Goal, Predict} <= kinds


def test_numbers_go_on_from_the_last_lesson(tmp_path):
    assert new_lesson(tmp_path, "first").name == "01_first"
    assert new_lesson(tmp_path, "41_middle").name == "41_middle"
    assert new_lesson(tmp_path, "last_one").name == "42_last_one"
    course = Course.load(tmp_path)
    assert [lesson.title for lesson in course.lessons] == ["First", "Middle", "Last one"]


@pytest.mark.parametrize(
    ("slug", "title", "sentence"),
    [
        ("Momentum", "T", "'Momentum' is no name for a lesson: use lower-case"),
        ("../escape", "T", "no name for a lesson"),
        ("", "T", "no name for a lesson"),
        ("momentum", " ", "title is empty"),
        ("momentum", "a\n# b", "line break"),
        ("taken", "T", "03_taken has that lesson already"),
        ("03_other", "T", "03_taken has that number already"),
        ("03_taken", "T", "has that lesson already"),
    ],
)
def test_what_it_refuses_it_says_and_leaves_no_trace(tmp_path, slug, title, sentence):
    kept = new_lesson(tmp_path, "03_taken")
    (kept / "lesson.md").write_text("mine")
    with pytest.raises(ScaffoldError, match=sentence):
        new_lesson(tmp_path, slug, title)
    assert [entry.name for entry in tmp_path.iterdir()] == ["03_taken"]
    assert (kept / "lesson.md").read_text() == "mine"


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ScaffoldError, match=r"Cannot write the lesson into .*file: Not a directory"):
        new_lesson(tmp_path / "file", "momentum")
    with pytest.raises(ScaffoldError, match="Cannot write the lesson into /proc/nowhere: "):
        new_lesson("/proc/nowhere", "momentum")


def test_half_a_lesson_is_taken_away_again(tmp_path, monkeypatch):
    """As where the disk is full: it would be in the way of the next try."""
    write = Path.write_text

    def refuse(path, text, encoding):
        if path.name == "experiment.py":
            raise OSError(28, "No space left on device")
        return write(path, text, encoding)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", refuse)
        with pytest.raises(ScaffoldError, match="No space left on device"):
            new_lesson(tmp_path, "momentum")
    assert not list(tmp_path.iterdir())
    assert (new_lesson(tmp_path, "momentum") / "experiment.py").exists()


def test_the_experiment_runs_and_its_goal_can_be_reached(tmp_path):
    """With torch and the vocabulary of events, and nothing else of initplay."""
    import torch

    experiment = new_lesson(tmp_path, "momentum") / "experiment.py"
    imported = re.findall(r"^(?:from|import) (\S+)", experiment.read_text("utf-8"), re.MULTILINE)
    assert set(imported) <= {"math", "torch", "initplay.lab"}
    spread = runpy.run_path(str(experiment))["spread"]
    torch.manual_seed(0)
    *_, wild = spread(scale=1.0)
    assert float(wild.values["growth_per_layer"]) == pytest.approx(16, rel=0.1)
    tame = list(spread(scale=1 / 16))
    assert len(tame) == 2 * 20 + 1
    assert float(tame[-1].values["growth_per_layer"]) == pytest.approx(1, rel=0.1)
    assert 0.1 <= float(tame[-1].values["final_std"]) <= 10


@pytest.mark.usefixtures("shares_a_fork_server")
def test_a_new_lesson_with_an_exercise_lints_clean_and_its_checks_know_the_mistake(tmp_path):
    folder = new_lesson(tmp_path, "first", exercise=True)
    assert lint(folder) == []
    exercise = exercise_of(Course.load(tmp_path).lessons[0])
    assert len(exercise.hints) == 3
    wrong = folder / "wrong.py"
    wrong.write_text("def std_after(scale, width, layers):\n    return (scale * width) ** layers\n")
    for args, code, says in (
        (["lint", str(folder)], 0, "no mistakes"),
        (["--lessons", str(tmp_path), "check", "first", str(folder / "solution.py")], 0, "finished"),
        (["--lessons", str(tmp_path), "check", "first", str(wrong)], 1, "which root is missing"),
    ):
        ended = initplay(*args)
        assert (ended.returncode, says in " ".join(ended.stdout.split())) == (code, True), ended


@pytest.mark.usefixtures("shares_a_fork_server")
def test_lint_finds_an_exercise_that_nobody_can_learn_from(tmp_path):
    """A solution that fails, a level that passes as it is, a mistake that is none."""
    folder = new_lesson(tmp_path, "first", exercise=True)
    right, wrong = "scale * width**0.5", "scale * width**0.4"
    for name, old, new in (
        ("solution.py", right, wrong),
        ("exercise.py", "...", wrong),
        ("checks.py", "(scale * width)", f"({wrong})"),
    ):
        (folder / name).write_text((folder / name).read_text().replace(old, new, 1))
    ended = initplay("lint", folder)
    assert ended.returncode == 1
    said = " ".join(ended.stdout.split())
    assert f"{folder / 'exercise.py'}:1: level 1 passes its checks before anything is filled in" in said
    assert f"{folder / 'checks.py'}:1: the mistake that is told 'You multiplied by the" in said
    assert "… passes" in said.replace("'", "")
    (folder / "solution.py").write_text(
        "def std_after(scale, width, layers):\n    return scale * width\n" + "1 / 0\n"
    )
    ended = initplay("lint", folder)
    assert "cannot be checked" in ended.stdout and "Traceback" not in ended.stdout + ended.stderr
