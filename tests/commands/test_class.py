"""`initplay class` without a screen, and taking part by the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from initplay.classroom.folder import Folder
from initplay.classroom.line import (
    GoalReached,
    Joined,
    Missed,
    Passed,
    Predicted,
    Reached,
    Settled,
    encoded,
)
from initplay.commands import initplay
from initplay.commands.root import Wrong
from initplay.course.scaffold import new_lesson
from initplay.learner.progress import Progress

COURSE = Path(__file__).parents[1] / "ui" / "course"
ADA = (
    Joined(name="ada"),
    Reached(lesson="climb", step=2, of=3),
    Settled(key="climb/1/predict/1", guess=50.0, outcome=5.0, right=False),
    Predicted(key="climb/2/predict/1", guess=2.0),
    GoalReached(key="climb/3/goal/1"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "class"
    path.mkdir()
    (path / "learner-1.jsonl").write_bytes(b"".join(map(encoded, ADA)) + b"half of a li")
    (path / "learner-2.jsonl").write_bytes(b"garbage\n")
    return path


def call(*arguments: str, lessons: Path = COURSE) -> Result:
    return CliRunner().invoke(initplay, ["--lessons", str(lessons), *arguments], standalone_mode=False)


def objects(folder: Path, *options: str, lessons: Path = COURSE) -> list[dict]:
    ended = call("class", str(folder), "--json", *options, lessons=lessons)
    assert ended.exception is None
    return [json.loads(line) for line in ended.stdout.splitlines()]


def of(kind: str, found: list[dict]) -> list[dict]:
    return [{k: v for k, v in one.items() if k != "type"} for one in found if one["type"] == kind]


def test_as_json_it_is_an_object_a_line_and_the_last_says_that_it_is_whole(folder):
    found = objects(folder)
    assert list(dict.fromkeys(one["type"] for one in found)) == [
        "lesson",
        "step",
        "question",
        "goal",
        "finished",
    ]
    assert all(next(iter(one)) == "type" for one in found)
    assert of("lesson", found) == [
        {"lesson": "climb", "number": 1, "title": "A line that climbs", "here": 1, "been": 1, "at_end": 0}
    ]
    assert [one["here"] for one in of("step", found)] == [0, 1, 0]
    number, option = of("question", found)
    assert (number["value"], number["said"], number["settled"], number["right"]) == (5.0, 1, 1, 0)
    assert number["rows"] == [
        {"label": "5", "count": 0, "settled": True},
        {"label": "50", "count": 1, "settled": False},
    ]
    assert (option["value"], [row["count"] for row in option["rows"]]) == (None, [0, 1])
    assert [(one["reached"], one["came"]) for one in of("goal", found)] == [(1, 1)]
    assert of("finished", found) == [{"learners": 1, "elsewhere": 0, "strange_files": 1, "broken_lines": 0}]


def test_names_and_answers_are_there_where_they_are_asked_for(folder):
    assert "ada" not in json.dumps(objects(folder))
    assert of("step", objects(folder, "--names"))[1]["names"] == ["ada"]
    number, _ = of("question", objects(folder, "--hide-answers"))
    assert number["rows"] == [{"label": "50", "count": 1}]
    assert not {"value", "right", "settled"} & set(number)
    said = [call("class", str(folder), "--plain", *options).stdout for options in ([], ["--names"])]
    assert ["ada" in text for text in said] == [False, True]


def test_as_text_it_is_the_overview_and_a_page_for_each_lesson_that_was_begun(folder):
    said = call("class", str(folder), "--plain").stdout
    assert said.startswith("1 learner · 1 file is no learner's\n")
    assert "01  A line that climbs" in said and "Where they are" in said and "◆ 5 " in said
    assert said.count("Things that go wrong") == 1
    assert "\x1b" not in said


def test_exercises_and_mistakes_are_lines_too(folder, tmp_path):
    new_lesson(tmp_path / "lessons", "first", exercise=True)
    told = [
        Joined(name="bob"),
        Reached(lesson="first", step=1, of=2),
        Missed(lesson="first", level=1, says=("Which root is missing?",)),
        Passed(lesson="first", level=1),
    ]
    (folder / "learner-3.jsonl").write_bytes(b"".join(map(encoded, told)))
    found = objects(folder, lessons=tmp_path / "lessons")
    (exercise,) = of("exercise", found)
    assert (exercise["tried"], exercise["passed"], exercise["levels"]) == (1, 1, [1, 0, 0])
    assert of("mistake", found) == [
        {"lesson": "first", "says": "Which root is missing?", "learners": 1, "still": 0}
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["class", "/not/there"], "/not/there is no folder"),
        (["class", "/not/there", "--json", "--plain"], "choose one"),
        (["--class", "/not/there", "list"], "--class /not/there is no folder"),
        (["--as", "Ada", "list"], "--class DIR"),
    ],
)
def test_a_wrong_argument_is_one_sentence_and_exit_code_2(arguments, said, monkeypatch):
    monkeypatch.delenv("INITPLAY_CLASS", raising=False)
    error = call(*arguments).exception
    assert isinstance(error, Wrong)
    assert said in error.format_message()
    assert error.exit_code == 2


@pytest.mark.usefixtures("shares_a_fork_server")
def test_what_is_checked_by_the_command_line_is_told_too(tmp_path, folder):
    new_lesson(tmp_path / "lessons", "first", exercise=True)
    answer = tmp_path / "answer.py"

    def check(text: str, *options: str, **extra: str) -> subprocess.CompletedProcess[str]:
        answer.write_text(text)
        command = [sys.executable, "-m", "initplay", "--lessons", str(tmp_path / "lessons"), *options]
        return subprocess.run(
            [*command, "check", "first", str(answer)],
            capture_output=True,
            encoding="utf-8",
            env=os.environ | {"INITPLAY_HOME": str(tmp_path / "home")} | extra,
            timeout=60,
        )

    wrong = "def std_after(scale, width, layers):\n    return (scale * width) ** layers\n"
    assert check(wrong, "--class", str(folder), "--as", "Ada").returncode == 1
    right = "def std_after(scale, width, layers):\n    return (scale * width**0.5) ** layers\n"
    assert check(right, INITPLAY_CLASS=str(folder)).returncode == 0
    ada = next(learner for learner in Folder(folder).look().learners if learner.name == "Ada")
    assert list(ada.missed) == list(ada.passed) == ["first"]
    assert any("which root is missing?" in says for says in ada.missed["first"])
    gone = check(right, INITPLAY_CLASS=str(tmp_path / "gone"))
    assert gone.returncode == 0
    assert gone.stderr.count("The class does not hear of you") == gone.stderr.count("\n") == 1
    kept = Progress.open(tmp_path / "home" / "progress.db")
    assert kept.lesson_state("first").exercise_passed
    kept.close()
