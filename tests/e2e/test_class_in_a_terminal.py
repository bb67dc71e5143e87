"""A class in real terminals: a learner joins, the board follows, and both end in good order."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest
from terminal import COURSE, Terminal

from initplay.classroom.folder import Folder

NARROW = (80, 24)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "class"
    path.mkdir()
    return path


def board(folder: Path) -> tuple[str, ...]:
    return (sys.executable, "-m", "initplay", "--lessons", str(COURSE), "class", str(folder))


def names(folder: Path) -> list[str]:
    return [learner.name for learner in Folder(folder).look().learners]


def test_a_learner_is_asked_for_a_name_once_and_stands_on_the_board(tmp_path, folder):
    with Terminal(tmp_path, size=NARROW, command=board(folder)) as screen:
        screen.until("Nobody is here yet.")
        with Terminal(tmp_path, size=NARROW, env={"INITPLAY_CLASS": str(folder)}) as learner:
            learner.until("It is told what you predict", "Your name there (enter for")
            learner.send("Ada\r")
            learner.until("In class as Ada", "01 A line that climbs")
            learner.send("\r")
            learner.until("What is the last value?")
            screen.until("1 learner", "01 A line that climbs ██████████ 1")
            learner.send("q")
            assert learner.wait() == 0
            assert all(learner.restored().values())
        screen.send("mn")
        screen.until("1 How high ████████████████████ 1", "Ada")
        screen.process.send_signal(signal.SIGTERM)
        assert screen.wait() == 0
        assert all(screen.restored().values())
    with Terminal(tmp_path, "--class", str(folder), size=NARROW) as learner:
        learner.until("In class as Ada")
        assert "Your name" not in bytes(learner.written).decode()
        learner.send("q")
        assert learner.wait() == 0
    assert names(folder) == ["Ada"]


def test_who_would_rather_not_say_a_name_leaves_with_nothing_told(tmp_path, folder):
    with Terminal(tmp_path, size=NARROW, env={"INITPLAY_CLASS": str(folder)}) as learner:
        learner.until("Your name there")
        learner.send("\x03")
        assert learner.wait() == 130
        assert "Traceback" not in bytes(learner.written).decode()
    assert names(folder) == []
