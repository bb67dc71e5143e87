"""The doctor says what is so, and only calls a problem what keeps initplay from being used."""

from __future__ import annotations

from collections import namedtuple
from importlib.metadata import version
from pathlib import Path

import pytest

from initplay.commands.findings import Finding, examine, extra, of_device, terminal, usable
from initplay.engine.wire import Device

FULL = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


@pytest.mark.parametrize(
    ("environment", "size", "encoding", "notes"),
    [
        (FULL, (120, 40), "utf-8", set()),
        (FULL, (79, 24), "utf-8", {"terminal"}),
        (FULL, None, "utf-8", {"terminal"}),
        (FULL, (120, 40), "ANSI_X3.4-1968", {"encoding"}),
        (FULL, (120, 40), None, {"encoding"}),
        ({**FULL, "LC_ALL": "en_US.ISO-8859-1"}, (120, 40), "utf-8", {"encoding"}),
        ({"TERM": "dumb"}, (120, 40), "UTF-8", {"terminal", "colours"}),
        ({}, (120, 40), "UTF-8", {"terminal", "colours"}),
        ({**FULL, "NO_COLOR": "1"}, (120, 40), "utf8", {"colours"}),
        ({"TERM": "screen"}, (120, 40), "utf-8", {"colours"}),
    ],
)
def test_a_terminal_that_lacks_something_is_noted_with_a_mend(environment, size, encoding, notes):
    found = list(terminal(environment, size, encoding))
    assert {finding.name for finding in found if finding.state == "note"} == notes
    assert all(finding.mend for finding in found if finding.state == "note")
    assert usable(found)


def test_tmux_and_ssh_are_said():
    environment = {**FULL, "TMUX": "/tmp/tmux-0/default,1,0", "SSH_CONNECTION": "a 1 b 2"}
    assert next(terminal(environment, (80, 24), "utf-8")).text == "xterm-256color, 80x24, in tmux over SSH"


def test_a_problem_makes_it_unusable_and_a_note_does_not():
    assert usable([Finding("a", "ok", ""), Finding("b", "note", "")])
    assert not usable([Finding("a", "ok", ""), Finding("b", "problem", "")])


def test_a_disk_that_is_full_is_found(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("INITPLAY_HOME", str(tmp_path))
    full = namedtuple("full", "total used free")(2**30, 2**30, 1000)
    monkeypatch.setattr("shutil.disk_usage", lambda path: full)
    (progress,) = (finding for finding in examine() if finding.name == "progress")
    assert progress.state == "note" and progress.text.endswith("is on a disk that is full")


def test_folders_that_cannot_be_written_and_lessons_that_are_not_there_are_found(monkeypatch, tmp_path: Path):
    """It goes on to the end, and writes nothing."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("INITPLAY_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setenv("INITPLAY_CACHE", str(tmp_path / "new"))
    found = {finding.name: finding for finding in examine(tmp_path / "absent")}
    assert found["progress"].state == "note" and "INITPLAY_HOME" in found["progress"].mend
    assert found["cache"].state == "ok"
    assert found["lessons"].state == "problem"
    assert {"cluster", "serve"} <= found.keys()
    assert found["torch"].state == "ok" and "cpu" in found["device"].text
    assert found["full MNIST"].state == "note"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("device", "says", "state"),
    [
        (Device("cpu", "cpu"), "cpu", "ok"),
        (Device("mps", "Apple GPU"), "mps: Apple GPU", "ok"),
        (Device("cuda:0", "NVIDIA T4", 15 * 2**30), "cuda:0: NVIDIA T4, 15 GiB", "ok"),
        (
            Device("cuda:0", "NVIDIA T4", 15 * 2**30, 14 * 2**30),
            "cuda:0: NVIDIA T4, 15 GiB, 14 free: room for 18 runs at once, each 0.8 with its context",
            "ok",
        ),
        (
            Device("cuda:1", "old", 2**30, 0),
            "cuda:1: old, 1 GiB, 0 free: room for 0 runs at once, each 0.8 with its context",
            "note",
        ),
    ],
)
def test_a_device_is_said_with_the_runs_that_fit_where_it_is_known_what_is_free(device, says, state):
    found = of_device(device)
    assert (found.text, found.state, bool(found.mend)) == (says, state, state == "note")


def test_a_class_folder_is_looked_at_where_there_is_one(monkeypatch, tmp_path: Path):
    for folder, state in ((tmp_path, "ok"), (tmp_path / "absent", "note")):
        monkeypatch.setenv("INITPLAY_CLASS", str(folder))
        assert next(finding for finding in examine() if finding.name == "class").state == state
    assert list(tmp_path.iterdir()) == []


def test_an_extra_is_said_to_be_there_or_how_to_have_it():
    assert extra("cluster", "click", "sweeps").text == f"click {version('click')}: sweeps"
    absent = extra("cluster", "not_a_package", "sweeps on many machines")
    assert absent.state == "note" and "pip install 'initplay[cluster]'" in absent.mend
    assert absent.mend.endswith("sweeps on many machines") and usable([absent])
