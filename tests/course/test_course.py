"""A course is found and read lesson by lesson; a broken lesson leaves the others standing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from authoring import write
from ordinary_user import who_is_kept_out_of_folders

from initplay.course.course import Course, find_lessons_dir
from initplay.course.lesson import CourseError
from initplay.course.lint import lint

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
    "no solution": ("solution.py", None, "lesson.md", 57, "exercise: add solution.py"),
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


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")
def test_a_folder_that_may_not_be_searched_is_a_problem_of_its_own(folder):
    folder.chmod(0)
    try:
        with who_is_kept_out_of_folders():
            problems = Course.load(folder.parent).problems
    finally:
        folder.chmod(0o700)
    assert problems and all("cannot be read: Permission denied" in problem.message for problem in problems)


def test_no_experiment_in_the_source_is_said_of_the_source(tmp_path):
    write(tmp_path / "02_blowup", "# T\n\n## S\n\ntext\n", experiment="x = 1\n")
    (problem,) = Course.load(tmp_path).problems
    assert "holds no experiment" in problem.message
    assert problem.path.name == "experiment.py"


def test_a_run_of_a_lesson_without_experiments_is_said_how_to_have_one(tmp_path):
    write(tmp_path / "02_blowup", "# T\n\n## S\n\n```run chain\n```\n", experiment="x = 1\n")
    said = [problem.message for problem in Course.load(tmp_path).problems]
    mend = "write a function in experiment.py that yields events, and name it here"
    assert f"run: experiment.py has no 'chain': {mend}" in said


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
    with (folder / "experiment.py").open("a") as file:
        file.write("\ndef plain():\n    return 1\n")
    course = Course.load(folder.parent)
    lesson, experiment = course.find_experiment("2/layer")
    assert (lesson.slug, experiment.name) == ("blowup", "layer")
    with pytest.raises(
        CourseError, match=r"no experiment 'lair' \(did you mean 'layer'\?\): it has chain, layer\."
    ):
        course.find_experiment("blowup/lair")
    with pytest.raises(CourseError, match="has a function 'plain' that yields nothing, so that it is no exp"):
        course.find_experiment("blowup/plain")
    with pytest.raises(CourseError, match="name one of its experiments, blowup/chain or blowup/layer"):
        course.find_experiment("blowup")
    with pytest.raises(CourseError, match="did you mean 'blowup'"):
        course.find_experiment("blowpu/chain")
    with pytest.raises(CourseError, match="'chain' is an experiment: name its lesson too, blowup/chain"):
        course.find_experiment("chain")


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


def test_the_lessons_are_found_beside_the_package():
    assert find_lessons_dir() == Path(__file__).parents[2] / "lessons"


def test_reading_checking_and_starting_a_lesson_load_no_torch_screen_or_engine(folder):
    code = f"""
import sys
from initplay.course.course import Course
from initplay.course.lint import lint
from initplay.course.scaffold import new_lesson
lint({str(folder)!r})
new_lesson({str(folder.parent)!r}, "momentum")
Course.load({str(folder.parent)!r}).find("blowup")
ours = sorted({{name.split(".")[1] for name in sys.modules if name.startswith("initplay.")}})
top = {{name.split(".")[0] for name in sys.modules}}
print(ours, sorted(top & {{"torch", "numpy", "textual", "msgspec"}}))
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=os.getcwd()
    )
    assert run.stdout.strip() == "['course', 'words'] []"


def test_a_course_is_found_before_anything_that_reads_lessons_is_loaded():
    """The first frame comes before that."""
    code = (
        "import sys; from initplay.course.course import Course\n"
        "Course.load()\n"
        "print(sorted({'tomllib', 'tomli', 'markdown_it', 'initplay.course.experiment'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=os.getcwd()
    )
    assert run.stdout.strip() == "[]"
