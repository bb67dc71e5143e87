"""A class folder with whatever people have put in it."""

from __future__ import annotations

import os
import shutil
import sys
import threading

import pytest

from initplay.classroom.folder import Folder
from initplay.classroom.line import Joined, Reached, encoded
from initplay.classroom.member import Member

WREN = encoded(Joined(name="teal wren")) + encoded(Reached(lesson="climb", step=1, of=3))


def names(folder: Folder) -> list[str]:
    return [learner.name for learner in folder.look().learners]


def test_files_of_others_are_counted_and_those_with_another_ending_are_not_looked_at(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(WREN)
    (tmp_path / "b.jsonl").write_bytes(os.urandom(1000))
    (tmp_path / "c.jsonl").write_bytes(b"")
    (tmp_path / "d.jsonl").mkdir()
    (tmp_path / "e.jsonl").symlink_to("/etc/passwd")
    (tmp_path / "notes.txt").write_text("not for the board")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "f.jsonl")
    else:
        (tmp_path / "f.jsonl").mkdir()
    folder = Folder(tmp_path)
    assert names(folder) == ["teal wren"]
    assert folder.look().strange == 5


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text there")
def test_a_file_whose_name_is_no_text_is_read_as_any_other(tmp_path):
    (tmp_path / os.fsdecode(b"\xff.jsonl")).write_bytes(encoded(Reached(lesson="climb", step=1, of=3)))
    (tmp_path / "a.jsonl").write_bytes(WREN)
    first, second = names(Folder(tmp_path))
    assert first == "teal wren" and len(second.split()) == 2


def test_what_was_added_is_read_and_what_was_not_is_not_read_again(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_bytes(WREN)
    folder = Folder(tmp_path)
    before = folder.look().learners
    with (tmp_path / "a.jsonl").open("ab") as file:
        file.write(encoded(Reached(lesson="climb", step=2, of=3)))
    after = folder.look().learners
    assert [learner.step for learner in after] == [2, 1]
    assert after[1] is before[1]


def test_a_file_that_was_emptied_or_taken_away_is_no_learner_any_more(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_bytes(WREN)
    folder = Folder(tmp_path)
    assert len(folder.look().learners) == 2
    (tmp_path / "a.jsonl").write_bytes(b"")
    (tmp_path / "b.jsonl").unlink()
    assert names(folder) == []


def test_a_folder_that_is_gone_leaves_the_board_as_it_was_and_says_so(tmp_path):
    path = tmp_path / "class"
    path.mkdir()
    (path / "a.jsonl").write_bytes(WREN)
    folder = Folder(path)
    folder.look()
    shutil.move(path, tmp_path / "elsewhere")
    assert names(folder) == ["teal wren"]
    assert str(path) in folder.look().trouble
    shutil.move(tmp_path / "elsewhere", path)
    assert folder.look().trouble == ""


def test_a_folder_that_goes_while_it_is_read_leaves_the_board_as_it_was(tmp_path, monkeypatch):
    """A share that is lost between the list of its files and the first of them."""
    path = tmp_path / "class"
    path.mkdir()
    (path / "a.jsonl").write_bytes(WREN)
    folder = Folder(path)
    assert names(folder) == ["teal wren"]
    listed = os.listdir

    def listed_and_gone(where):
        found = listed(where)
        path.rename(tmp_path / "elsewhere")
        return found

    monkeypatch.setattr(os, "listdir", listed_and_gone)
    seen = folder.look()
    assert [one.name for one in seen.learners] == ["teal wren"]
    assert not seen.strange and "cannot be read" in seen.trouble


def test_a_file_that_can_no_longer_be_read_is_strange_and_no_learner(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(WREN)
    folder = Folder(tmp_path)
    assert names(folder) == ["teal wren"]
    (tmp_path / "a.jsonl").rename(tmp_path / "kept")
    (tmp_path / "a.jsonl").symlink_to("kept")
    seen = folder.look()
    assert (len(seen.learners), seen.strange, seen.trouble) == (0, 1, "")


def test_thirty_learners_at_once_lose_no_line(tmp_path):
    """Each from a thread of their own, while the board reads."""
    folder = Folder(tmp_path)
    members = [Member(tmp_path / f"{number}.jsonl", f"learner {number}") for number in range(30)]

    def work(member: Member) -> None:
        for step in range(1, 21):
            member.tell(Reached(lesson="climb", step=step, of=20))
        member.close(patience=60)

    threads = [threading.Thread(target=work, args=(member,)) for member in members]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        seen = folder.look()
        assert (seen.broken, seen.trouble) == (0, "")
    seen = folder.look()
    assert [learner.step for learner in seen.learners] == [20] * 30
    assert seen.broken == seen.strange == 0
