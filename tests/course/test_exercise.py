"""The three levels of an exercise, made of one text."""

import ast

import pytest

from initplay.course.course import Course
from initplay.course.exercise import exercise_of, exercises_in, task_alone, without_bodies
from initplay.course.lesson import CourseError
from initplay.course.scaffold import new_lesson

TEXT = '''"""Write `Layer`."""

import torch
from torch import nn

# how wide
WIDTH = 3


class Layer(nn.Module):
    """A layer."""

    def __init__(self, n):
        """n inputs."""
        super().__init__()
        self.w = ...

    def forward(self, x):
        return (
            x
            @ ...
        )


def helper(x): return x
'''


def test_the_second_level_keeps_names_and_docstrings() -> None:
    text = without_bodies(TEXT)
    ast.parse(text)
    assert "super()" not in text and "return" not in text and text.count("...") == 3
    for kept in (
        '"""Write `Layer`."""',
        "import torch",
        "WIDTH = 3",
        '"""n inputs."""',
        "def forward(self, x):",
    ):
        assert kept in text


def test_the_third_level_is_the_task() -> None:
    text = task_alone(TEXT)
    ast.parse(text)
    assert text.startswith('"""Write `Layer`."""') and "class" not in text and "def" not in text
    assert "\n\nimport torch\nfrom torch import nn\n\n# how wide\nWIDTH = 3\n\n\n" in text, (
        "as it was written"
    )


def test_an_exercise_is_read_with_its_hints(tmp_path) -> None:
    new_lesson(tmp_path, "plain")
    new_lesson(tmp_path, "written", exercise=True)
    (exercise,) = exercises_in(tmp_path)
    assert (exercise.lesson, exercise.name) == ("written", "std_after")
    assert exercise.start(1) == exercise.starter
    assert len({exercise.start(level) for level in (1, 2, 3)}) == 3
    with pytest.raises(CourseError, match="Lesson plain has no exercise"):
        exercise_of(Course.load(tmp_path).find("plain"))


def test_a_file_that_is_no_python_is_said_with_its_line(tmp_path) -> None:
    new_lesson(tmp_path, "written", exercise=True)
    lesson = Course.load(tmp_path).find("written")
    (lesson.path / "exercise.py").write_text("x = 1\ndef (:\n")
    with pytest.raises(CourseError, match=r"exercise\.py:2: this is not Python: .+\.$"):
        exercise_of(lesson)
    assert exercises_in(tmp_path) == []
