"""What leaves initplay as a file: a lesson, what the learner did, and refusals in one sentence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from initplay.commands import initplay
from initplay.lab.events import Bins, Finished, Point, Recorded, Started
from initplay.recording import saved
from initplay.recording.run import replay


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


@pytest.mark.parametrize("name", ["initplay_lab.py", "mnist_5k.npz"])
def test_a_file_beside_it_that_is_another_s_is_not_written_over_unasked(name: str, tmp_path: Path):
    book, other = tmp_path / "blowup.ipynb", tmp_path / name
    other.write_text("mine")
    ended = call("export", "blowup", book)
    assert ended.exit_code == 2 and f"{other} is there and was not written by export" in ended.output
    assert other.read_text() == "mine" and list(tmp_path.iterdir()) == [other]
    assert call("export", "blowup", book, "--force").exit_code == 0 and other.read_bytes() != b"mine"


def test_what_another_version_wrote_beside_it_is_written_anew(tmp_path: Path):
    call("export", "blowup", tmp_path / "blowup.ipynb")
    lab = tmp_path / "initplay_lab.py"
    text = lab.read_text("utf-8")
    lab.write_text(text.splitlines()[0] + "\n", "utf-8")
    assert call("export", "2", tmp_path / "blowup.py").exit_code == 0 and lab.read_text("utf-8") == text


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["export", "blowup", "blowup.txt"], 2, "ends in neither .ipynb, a notebook, nor .py, a program"),
        (["export", "blowup", "initplay_lab.py"], 2, "name the lesson's file otherwise"),
        (["export", "blowip", "blowup.py"], 2, "did you mean 'blowup'?"),
        (["export", "blowup", "no/such/b.py"], 1, "Error: no/such/b.py cannot be written (No such file"),
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


@pytest.fixture
def saved_run(tmp_path: Path) -> Path:
    """Three layers: a curve, and a histogram in each but the first."""
    events: list[Recorded] = [
        Started(lesson="any", experiment="one", knobs={}, seed=42, device="cpu"),
        *(Point("std", layer, 2.0**layer) for layer in range(3)),
        *(Bins("values", layer, -1.0, 1.0, [layer, 2, 1]) for layer in (1, 2)),
        Finished(0.1),
    ]
    path = tmp_path / "run.jsonl"
    saved.save(replay(events), path)
    return path


def test_a_chart_becomes_a_picture_as_it_stood(saved_run: Path, tmp_path: Path):
    svg = tmp_path / "std.svg"
    ended = call("replay", saved_run, "--picture", svg)
    assert ended.exit_code == 0 and ended.output == f"Wrote {svg}.\n"
    assert "<title>std</title>" in svg.read_text("utf-8")
    earlier, last = (tmp_path / name for name in ("earlier.svg", "last.svg"))
    for file, at in ((earlier, 1), (last, 2)):
        assert call("replay", saved_run, "--picture", file, "--chart", "values", "--at", at).exit_code == 0
    assert earlier.read_text("utf-8") != last.read_text("utf-8")


@pytest.mark.skipif(not shutil.which("rsvg-convert"), reason="a PNG is made by rsvg-convert")
def test_a_png_is_made_by_what_is_installed(saved_run: Path, tmp_path: Path):
    png = tmp_path / "std.png"
    assert call("replay", saved_run, "--picture", png).exit_code == 0
    assert png.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--picture", "std.gif"], 2, "ends in neither .svg nor .png"),
        (["--picture", "std.svg", "--chart", "stt"], 2, "did you mean 'std'?"),
        (["--picture", "std.svg", "--chart", "values", "--at", "0"], 2, "it is drawn from 1 to 2"),
        (["--picture", "std.svg", "--at", "nan"], 2, "std has nothing at x NaN"),
        (["--picture", "no/such/std.svg"], 1, "cannot be written (No such file"),
        (["--picture", "std.png"], 1, "A .png is made by rsvg-convert or cairosvg, and neither is here"),
        (["--at", "1"], 2, "add --picture FILE.svg"),
    ],
)
def test_a_picture_that_cannot_be_is_refused_in_one_sentence(
    arguments, code, sentence, saved_run, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    if arguments == ["--picture", "std.png"]:
        monkeypatch.setenv("PATH", "")
    ended = call("replay", saved_run, *arguments)
    assert ended.exit_code == code and sentence in ended.output
    assert not list(tmp_path.glob("std.*"))


def test_a_run_without_a_chart_has_no_picture(tmp_path: Path):
    empty = tmp_path / "run.jsonl"
    started = Started(lesson="any", experiment="one", knobs={}, seed=42, device="cpu")
    saved.save(replay([started, Finished(0.1)]), empty)
    ended = call("replay", empty, "--picture", tmp_path / "x.svg")
    assert ended.exit_code == 2 and "drew no chart" in ended.output
