"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from initplay.words.whole import remove_abandoned, whole


def write(path: Path, text: str) -> None:
    with whole(path) as beside:
        beside.write_text(text)


def test_what_goes_wrong_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write(path, "old")
    with pytest.raises(ZeroDivisionError), whole(path) as beside:
        beside.write_text("half")
        _ = 1 / 0
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_an_error_names_the_file_as_it_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError) as gone:
        write(Path("gone/a"), "new")
    assert gone.value.filename == "gone/a"
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError) as folder:
        write(Path("folder"), "new")
    assert folder.value.filename == "folder"


def test_rights_and_links_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "a", tmp_path / "link"
    write(path, "old")
    path.chmod(0o600)
    link.symlink_to(path)
    write(link, "new")
    assert link.is_symlink() and path.read_text() == "new" and path.stat().st_mode & 0o777 == 0o600


def test_a_name_may_be_as_long_as_a_file_may_have_it(tmp_path: Path) -> None:
    """In bytes: of each of these characters there are four."""
    for name in ("x" * 255, "\N{FRAME WITH PICTURE}" * 63):
        write(tmp_path / name, "new")
        assert (tmp_path / name).read_text() == "new"


def test_several_may_write_one_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a"
    texts = [str(number) * 1_000 for number in range(8)]
    with ThreadPoolExecutor() as writers:
        list(writers.map(lambda text: [write(path, text) for _ in range(50)], texts))
    assert path.read_text() in texts and list(tmp_path.iterdir()) == [path]


def test_parts_of_those_that_were_killed_go_after_a_day(tmp_path: Path) -> None:
    old, new, other = tmp_path / ".a.0a1b.part", tmp_path / ".a.4e5f.part", tmp_path / "a"
    for path in (old, new, other):
        path.touch()
    for path in (old, other):
        os.utime(path, (1e9, 1e9))
    remove_abandoned(tmp_path)
    assert sorted(tmp_path.iterdir()) == [new, other]
