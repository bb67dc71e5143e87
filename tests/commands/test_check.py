"""`initplay check`: what is said of an answer, on which stream, and with which exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from shell import initplay

from initplay.course.scaffold import new_lesson
from initplay.learner.progress import Progress

pytestmark = pytest.mark.usefixtures("shares_a_fork_server")

RIGHT = "def std_after(scale, width, layers):\n    return (scale * width**0.5) ** layers\n"
WRONG = "def std_after(scale, width, layers):\n    print('here')\n    return (scale * width) ** layers\n"


@pytest.fixture
def lessons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INITPLAY_HOME", str(tmp_path / "home"))
    new_lesson(tmp_path / "lessons", "first", exercise=True)
    new_lesson(tmp_path / "lessons", "second")
    return tmp_path / "lessons"


def check(lessons: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return initplay("--lessons", lessons, "check", *arguments)


def test_as_json_each_check_is_a_line(lessons: Path, tmp_path: Path) -> None:
    answer = tmp_path / "answer.py"
    answer.write_text(WRONG)
    ended = check(lessons, "first", str(answer), "--json")
    events = [json.loads(line) for line in ended.stdout.splitlines()]
    checks = [event for event in events if event["type"] == "check"]
    assert ended.returncode == 1 and events[-1]["type"] == "finished"
    assert [set(each) for each in checks] == [
        {"type", "name", "passed", "expected", "got", "says", "reached"}
    ] * 2
    assert "which root is missing?" in checks[0]["says"] and checks[0]["expected"] == "16"
    assert any(event["type"] == "printed" and "here" in event["text"] for event in events)
    answer.write_text(RIGHT)
    ended = check(lessons, "first", str(answer), "--json")
    assert ended.returncode == 0 and ended.stdout.count('"passed": true') == 2


def test_as_text_the_first_failure_has_its_sentence(lessons: Path, tmp_path: Path) -> None:
    answer = tmp_path / "answer.py"
    answer.write_text(WRONG)
    ended = check(lessons, "first", str(answer))
    assert ended.returncode == 1
    assert ended.stdout.count("failed  ") == 2 and ended.stdout.count("which root is missing?") == 1
    assert "right  16" in ended.stdout and "here" in ended.stdout


def test_a_function_that_is_async_is_told_so_without_a_warning(lessons: Path, tmp_path: Path) -> None:
    answer = tmp_path / "answer.py"
    answer.write_text(f"async {RIGHT}")
    ended = check(lessons, "first", str(answer))
    assert ended.returncode == 1 and "It gives a coroutine" in ended.stdout
    assert "Warning" not in ended.stdout + ended.stderr


def test_without_a_file_it_is_the_learners_own_of_that_level(lessons: Path, tmp_path: Path) -> None:
    for level in ("1", "2", "3"):
        own = tmp_path / "home" / "exercises" / "first" / f"std_after_{level}.py"
        assert check(lessons, "first", "--level", level).returncode == 1
        assert own.exists()
        own.write_text(RIGHT)
        assert check(lessons, "first", "--level", level).returncode == 0
    assert noted(tmp_path / "home") == (True, (1, 2, 3))


def noted(home: Path) -> tuple[bool, tuple[int, ...]]:
    """Whether the exercise counts as passed, and at which levels."""
    progress = Progress.open(home / "progress.db")
    try:
        return progress.lesson_state("first").exercise_passed, progress.exercise_state("first").passed
    finally:
        progress.close()


def test_a_pass_is_noted_and_a_miss_is_not(lessons: Path, tmp_path: Path) -> None:
    answer = tmp_path / "answer.py"
    answer.write_text(WRONG)
    check(lessons, "first", str(answer))
    assert not (tmp_path / "home").exists(), "whoever only checks leaves nothing behind"
    answer.write_text(RIGHT)
    ended = check(lessons, "first", str(answer))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert noted(tmp_path / "home") == (True, ()), "it is none of the files that have a level"


def test_a_pass_is_noted_though_there_is_no_room_for_what_is_said(lessons: Path, tmp_path: Path) -> None:
    answer = tmp_path / "answer.py"
    answer.write_text(RIGHT)
    command = [sys.executable, "-m", "initplay", "--lessons", lessons, "check", "first", answer]
    with open("/dev/full", "w") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, encoding="utf-8", timeout=60)
    assert ended.returncode == 1 and "No space left" in ended.stderr
    assert noted(tmp_path / "home") == (True, ())


def test_where_nothing_can_be_kept_it_is_checked_all_the_same_and_says_so(
    lessons: Path, tmp_path: Path
) -> None:
    (tmp_path / "home").write_text("a file where the folder should be, which stops root too")
    answer = tmp_path / "answer.py"
    answer.write_text(RIGHT)
    ended = check(lessons, "first", str(answer))
    assert ended.returncode == 0 and ended.stdout.count("passed  ") == 2
    (said,) = ended.stderr.splitlines()
    assert said.startswith("initplay: Progress is kept in memory only") and "cannot be written" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere"], "nowhere"),
        (["second"], "Lesson second has no exercise"),
        (["first", "not-there.py"], "not-there.py cannot be read"),
        (["first", "--level", "4"], "level"),
        (["first", "--json", "--plain"], "choose one"),
    ],
)
def test_wrong_arguments_get_a_sentence(lessons: Path, arguments: list[str], says: str) -> None:
    ended = check(lessons, *arguments)
    assert ended.returncode == 2 and ended.stdout == "" and says in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


def test_text_that_python_cannot_read_names_its_line(lessons: Path, tmp_path: Path) -> None:
    answer = tmp_path / "answer.py"
    answer.write_text("x = 1\ndef std_after(:\n")
    ended = check(lessons, "first", str(answer), "--json")
    last = json.loads(ended.stdout.splitlines()[-1])
    assert (ended.returncode, last["type"], last["line"]) == (1, "failed", 2)
