"""What a learner's file gets, and what becomes of a folder that takes nothing: the learner never waits."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from initplay.classroom.learner import learner_of
from initplay.classroom.line import GoalReached, Line, Missed, Predicted, Reached
from initplay.classroom.member import Member

STEPS = [Reached(lesson="blowup", step=step, of=9) for step in range(1, 6)]


def tell(path: Path, *lines: Line, name: str = "amber otter") -> Member:
    """One start of a learner, from its beginning to its end."""
    member = Member(path, name)
    for line in lines:
        member.tell(line)
    member.close()
    return member


def objects(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line]


def test_a_file_begins_with_the_name_and_has_a_line_for_each_thing_in_its_order(tmp_path):
    tell(tmp_path / "me.jsonl", *STEPS, Predicted(key="blowup/1/predict/1", guess=2.0))
    said = objects(tmp_path / "me.jsonl")
    assert [one["type"] for one in said] == ["joined", *["step"] * 5, "predicted"]
    assert [one["step"] for one in said[1:6]] == [1, 2, 3, 4, 5]
    assert said[-1] | {"at": ""} == {"type": "predicted", "key": "blowup/1/predict/1", "guess": 2.0, "at": ""}


def test_who_only_looks_leaves_no_file(tmp_path):
    tell(tmp_path / "me.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_the_next_start_goes_on_in_the_same_file_also_after_half_a_line(tmp_path):
    path = tmp_path / "me.jsonl"
    tell(path, STEPS[0])
    with path.open("ab") as file:
        file.write(b'{"type":"step","lesson":"blo')  # killed in the middle
    tell(path, STEPS[2], name="teal wren")
    learner = learner_of("me.jsonl", path.read_bytes())
    assert learner and (learner.name, learner.step, learner.broken) == ("teal wren", 3, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_file_can_be_read_by_the_one_with_the_board_whatever_the_umask(tmp_path):
    before = os.umask(0o077)
    try:
        tell(tmp_path / "me.jsonl", STEPS[0])
    finally:
        os.umask(before)
    assert (tmp_path / "me.jsonl").stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(not hasattr(os, "fchmod"), reason="Windows has no such modes")
def test_a_disk_that_has_rights_of_its_own_takes_the_lines(tmp_path, monkeypatch):
    def refuses(*_):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "fchmod", refuses)
    member = tell(tmp_path / "me.jsonl", STEPS[0])
    assert not member.trouble
    assert [one["type"] for one in objects(tmp_path / "me.jsonl")] == ["joined", "step"]


def test_half_characters_become_question_marks_and_cost_no_line(tmp_path):
    path = tmp_path / "me.jsonl"
    half = "caf\udce9"
    tell(path, Reached(lesson=half, step=1, of=9), Missed(lesson="a", says=(half, "σ")), name=half)
    said = objects(path)
    assert [said[0]["name"], said[1]["lesson"], said[2]["says"]] == ["caf?", "caf?", ["caf?", "σ"]]


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_a_folder_that_is_gone_is_said_once_however_often_it_is_tried(tmp_path):
    folder, said = tmp_path / "class", []
    member = Member(folder / "me.jsonl", "amber otter")
    member.on_trouble(said.append)
    member.tell(STEPS[0])
    until(lambda: said)
    member.tell(STEPS[1])
    member.close()
    assert said == [member.trouble]
    assert f"{folder} cannot be written (No such file or directory)" in member.trouble


def test_a_folder_that_comes_back_is_told_everything(tmp_path):
    folder = tmp_path / "class"
    member = Member(folder / "me.jsonl", "amber otter")
    member.tell(STEPS[0])
    until(lambda: member.trouble)
    folder.mkdir()
    member.tell(STEPS[1])
    member.close()
    assert [one.get("step") for one in objects(folder / "me.jsonl")] == [None, 1, 2]
    assert member.trouble == ""


def test_a_folder_that_is_made_anew_in_the_middle_gets_a_file_with_the_name_again(tmp_path):
    folder = tmp_path / "class"
    folder.mkdir()
    path = folder / "me.jsonl"
    member = Member(path, "amber otter")
    member.tell(STEPS[0])
    until(lambda: path.exists() and path.read_bytes().endswith(b"\n"))
    path.unlink()
    folder.rmdir()
    folder.mkdir()
    member.tell(STEPS[1])
    member.close()
    assert [one["type"] for one in objects(path)] == ["joined", "step"]


def test_trouble_from_before_somebody_listens_is_said_once_too(tmp_path):
    member, said = Member(tmp_path / "gone" / "me.jsonl", "amber otter"), []
    member.tell(STEPS[0])
    until(lambda: member.trouble)
    member.on_trouble(said.append)
    member.tell(STEPS[1])
    member.close()
    assert said == [member.trouble] != [""]


def test_no_link_is_followed_out_of_the_folder(tmp_path):
    (tmp_path / "theirs").write_text("theirs")
    (tmp_path / "me.jsonl").symlink_to(tmp_path / "theirs")
    member = tell(tmp_path / "me.jsonl", STEPS[0])
    assert (tmp_path / "theirs").read_text() == "theirs"
    assert member.trouble


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_folder_that_hangs_holds_nobody_up(tmp_path):
    os.mkfifo(tmp_path / "me.jsonl")  # whoever opens it to write waits for a reader
    member = Member(tmp_path / "me.jsonl", "amber otter")
    for line in STEPS:
        member.tell(line)
    member.close(patience=0.01)
    assert member._thread.is_alive()
    os.close(os.open(tmp_path / "me.jsonl", os.O_RDONLY | os.O_NONBLOCK))


_FULL = """
import resource, sys
from pathlib import Path
from initplay.classroom.line import Reached
from initplay.classroom.member import Member

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

path = Path(sys.argv[1])
member = Member(path, "amber otter")
member.on_trouble(print)
limit(200)
for step in range(1, 6):
    member.tell(Reached(lesson="blowup", step=step, of=9))
while not member.trouble:
    pass
limit(resource.RLIM_INFINITY)
member.tell(Reached(lesson="blowup", step=6, of=9))
member.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_disk_that_is_full_and_then_is_not_loses_nothing(tmp_path):
    """In a process whose files may grow to 200 bytes: half a line is written, and more after it."""
    path = tmp_path / "me.jsonl"
    child = subprocess.run(
        [sys.executable, "-c", _FULL, path], capture_output=True, text=True, check=True, timeout=60
    )
    assert child.stdout.count("The class does not hear of you") == 1
    learner = learner_of("me.jsonl", path.read_bytes())
    assert learner and learner.furthest == {"blowup": 6}
    assert learner.broken == 1
    assert learner.name == "amber otter"


def test_a_clock_that_is_wrong_is_only_noted(tmp_path):
    member = Member(tmp_path / "me.jsonl", "amber otter", clock=lambda: 0.0)
    member.tell(GoalReached(key="blowup/2/goal/1"))
    member.close()
    assert {one["at"] for one in objects(tmp_path / "me.jsonl")} == {"1970-01-01T00:00:00Z"}
