"""What leaves initplay as a file: a lesson, what the learner did, and refusals in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from initplay.commands import initplay


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INITPLAY_HOME", str(tmp_path / "home"))


def call(*arguments: object) -> Result:
    return CliRunner().invoke(initplay, [str(argument) for argument in arguments])


def test_a_lesson_is_written_with_what_it_needs_and_nothing_is_written_over_unasked(tmp_path: Path):
    book = tmp_path / "blow up.ipynb"
    ended = call("export", "blowup", book)
    assert ended.exit_code == 0 and f"Wrote {book}, and beside it initplay_lab.py" in ended.output
    assert json.loads(book.read_text("utf-8"))["nbformat"] == 4
    assert (tmp_path / "initplay_lab.py").exists() and (tmp_path / "mnist_5k.npz").stat().st_size > 800_000
    book.write_text("mine")
    again = call("export", "blowup", book)
    assert again.exit_code == 2 and "is there already" in again.output and book.read_text() == "mine"
    assert call("export", "blowup", book, "--force").exit_code == 0 and book.read_text("utf-8") != "mine"
    assert call("export", "2", tmp_path / "blowup.py").exit_code == 0
    assert (
        (tmp_path / "blowup.py")
        .read_text("utf-8")
        .startswith("# %% [markdown]\n# # Random weights blow up\n")
    )


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["export", "blowup", "blowup.txt"], 2, "ends in neither .ipynb, a notebook, nor .py, a program"),
        (["export", "blowup", "initplay_lab.py"], 2, "name the lesson's file otherwise"),
        (["export", "blowip", "blowup.py"], 2, "did you mean 'blowup'?"),
        (["export", "blowup", "no/such/folder/blowup.py"], 1, "cannot be written (No such file"),
        (["progress", "export", "notes.txt"], 2, "does not end in .md"),
        (["progress", "export", "no/such/notes.md"], 1, "cannot be written (No such file"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(arguments, code, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = call(*arguments)
    assert ended.exit_code == code and sentence in ended.output
    assert not list(tmp_path.glob("*.*"))


def test_progress_goes_into_one_markdown_file(tmp_path: Path):
    from initplay.learner.progress import Progress

    kept = Progress.open()
    kept.reach("blowup", 2, 8)
    kept.close()
    notes = tmp_path / "notes.md"
    ended = call("progress", "export", notes)
    assert ended.exit_code == 0 and ended.output == f"Wrote {notes}.\n"
    assert "## 02 Random weights blow up\n\nAt step 2 of 8." in notes.read_text("utf-8")
    assert call("progress", "export", notes).exit_code == 2
    assert call("progress", "export", notes, "--force").exit_code == 0
