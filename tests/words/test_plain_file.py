"""A file that somebody names is read to its end; what has none, or never begins, is not waited for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from initplay.words.plain_file import contents


def test_a_file_and_a_pipe_that_is_written_to_are_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"what is in it")
    assert contents(path) == b"what is in it"
    reading, writing = os.pipe()
    os.write(writing, b"through a pipe")
    os.close(writing)
    try:
        assert contents(Path(f"/dev/fd/{reading}")) == b"through a pipe"
    finally:
        os.close(reading)


def test_a_pipe_that_nobody_writes_to_is_empty(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert contents(tmp_path / "pipe") == b""


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null"])
def test_a_device_is_no_file(path: str) -> None:
    with pytest.raises(OSError, match="it is no file"):
        contents(Path(path))


def test_a_folder_is_told_from_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        contents(tmp_path)
    with pytest.raises(FileNotFoundError):
        contents(tmp_path / "nothing")
