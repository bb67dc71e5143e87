"""The learner's text and its file: nothing typed is lost, and nothing that another program wrote."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from initplay.learner import exercises
from initplay.ui.exercise.own_file import OwnFile


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "exercises" / "double_1.py"


@pytest.fixture
def file(path) -> OwnFile:
    return OwnFile(path, "start\n")


def test_where_there_is_none_it_is_begun(file, path):
    assert file.text == path.read_text() == "start\n" and file.is_kept and not file.trouble


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (b"mine\n", "mine\n"),
        (b"a\r\nb\r\n", "a\nb\n"),
        (b"\xef\xbb\xbfa\n", "a\n"),
        (b"if x:\n\ty = 1\n", "if x:\n\ty = 1\n"),
        ("σ = 1\n".encode(), "σ = 1\n"),
        (b"", ""),
    ],
    ids=["text", "CRLF", "byte order mark", "tabs", "other letters", "empty"],
)
def test_what_is_there_is_taken_and_left_as_it_is(path, found, text):
    path.parent.mkdir()
    path.write_bytes(found)
    file = OwnFile(path, "start\n")
    assert file.text == text and not file.trouble and file.keep()
    assert path.read_bytes() == found


def test_what_is_typed_is_written_when_it_is_kept(file, path):
    file.edit("typed\n")
    assert not file.is_kept and path.read_text() == "start\n"
    assert file.keep() and path.read_text() == "typed\n"
    assert list(path.parent.iterdir()) == [path]


def test_what_another_program_writes_is_taken_in(file, path):
    path.write_text("theirs\n")
    assert file.look() and file.text == "theirs\n" and file.is_kept
    assert not file.look()
    os.utime(path, ns=(1, 1))
    assert not file.look(), "touched, and the same"


@pytest.mark.parametrize("take_theirs", [True, False])
def test_where_both_are_changed_one_is_chosen_and_neither_is_lost_before(file, path, take_theirs):
    file.edit("mine\n")
    path.write_text("theirs\n")
    assert not file.keep() and file.theirs == "theirs\n"
    assert (file.text, path.read_text()) == ("mine\n", "theirs\n")
    file.edit("mine, longer\n")
    file.settle(take_theirs=take_theirs)
    assert file.text == path.read_text() == ("theirs\n" if take_theirs else "mine, longer\n")
    assert file.theirs is None and file.is_kept


def test_both_changed_to_the_same_is_no_question(file, path):
    file.edit("same\n")
    path.write_text("same\n")
    assert not file.look() and file.theirs is None and file.is_kept


def test_a_file_that_is_deleted_is_written_again(file, path):
    path.unlink()
    assert not file.look() and file.text == "start\n" and not file.is_kept
    assert file.keep() and path.read_text() == "start\n"


def test_one_that_is_not_to_be_begun_is_written_when_it_is_kept(path):
    file = OwnFile(path, "start\n", begins=False)
    assert file.text == "start\n" and not file.is_kept and not file.trouble and not path.parent.exists()
    assert file.keep() and path.read_text() == "start\n"


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (b"\xff\xfe", "is not read by Python, since it is in UTF-16: save it as UTF-8"),
        (b"\xff", "is not text in UTF-8 (byte 0xff in line 1: invalid start byte): save it so"),
        (b"a\0b", "is no text: there is a zero byte in it."),
        (b"#" * 1_000_001, "is 1,000,001 bytes, too large for a text"),
    ],
)
def test_a_file_that_is_no_text_is_left_alone_until_it_is_mended(file, path, bad, says):
    file.edit("typed\n")
    path.write_bytes(bad)
    assert not file.keep() and says in file.trouble
    assert file.text == "typed\n" and path.read_bytes() == bad
    path.write_text("start\n")
    assert file.keep() and not file.trouble and path.read_text() == "typed\n"


def test_one_that_is_no_text_from_the_start_is_not_written_over(path):
    path.parent.mkdir()
    path.write_bytes(b"\xff")
    file = OwnFile(path, "start\n")
    assert file.text == "start\n" and "not text in UTF-8" in file.trouble
    file.edit("typed\n")
    assert not file.keep() and path.read_bytes() == b"\xff"
    path.unlink()
    assert file.keep() and path.read_text() == "typed\n"


@pytest.mark.parametrize("number", ["ENOSPC", "EROFS", "EACCES"])
def test_a_disk_that_does_not_take_it_is_said_and_the_text_stays(file, path, monkeypatch, number):
    def refuses(self, *_, **__):
        raise OSError(getattr(__import__("errno"), number), os.strerror(getattr(__import__("errno"), number)))

    with monkeypatch.context() as full:
        full.setattr(exercises.Path, "write_bytes", refuses)
        file.edit("typed\n")
        assert not file.keep()
        assert "could not be written" in file.trouble and "on the screen alone" in file.trouble
        assert file.text == "typed\n" and path.read_text() == "start\n"
    assert file.keep() and not file.trouble and path.read_text() == "typed\n"


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    file = OwnFile(tmp_path / "file" / "x.py", "start\n")
    assert "could not be written" in file.trouble and file.text == "start\n"


def test_the_line_ends_the_mark_and_the_rights_of_a_file_stay(path):
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\n")
    path.chmod(0o750)
    rights = path.stat().st_mode
    file = OwnFile(path, "start\n")
    assert file.text == "one\ntwo\n"
    file.edit("one\nthree\n")
    assert (
        file.keep() and path.read_bytes() == b"\xef\xbb\xbfone\r\nthree\r\n" and path.stat().st_mode == rights
    )
