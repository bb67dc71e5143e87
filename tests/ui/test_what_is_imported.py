"""The process of the screens stays light: whatever is run, torch and numpy are in the worker alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from initplay.engine.cores import cores
from initplay.engine.own_server import SHARED

PLAY = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from pilots import in_lesson, run_to, tap, until, shows

async def play():
    async with in_lesson(Path(sys.argv[2])) as pilot:
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "spread at 5"))
        await pilot.press("e", "escape", "p", "o", "c", "left")
    heavy = {"torch", "numpy", "initplay_experiment", "initplay.worker.worker"} & set(sys.modules)
    print("heavy:", sorted(heavy))

asyncio.run(play())
"""


def test_the_screens_import_neither_torch_nor_numpy_nor_lesson_code(home):
    script = [sys.executable, "-c", PLAY, str(Path(__file__).parent), str(home)]
    ended = subprocess.run(script, capture_output=True, text=True, timeout=120)
    assert ended.stdout == "heavy: []\n", ended.stderr


START = """
import os, sys
from pathlib import Path
from textual.app import App
from initplay.course.course import Course
from initplay.learner.progress import Progress
from initplay.ui.app import Playground

def first(app, screen, update):
    if update is not None:
        later = "initplay.course.lesson initplay.learner.quiz initplay.engine.engine msgspec plotext"
        early = set(later.split()) & set(sys.modules)
        print("early:", sorted(early), file=sys.__stdout__, flush=True)  # past the app, which takes prints
        os._exit(0)

App._display = first
course, progress = Course.load(Path(sys.argv[1])), Progress.open(Path(sys.argv[2]) / "progress.db")
Playground(course, progress).run(headless=True)
"""


def test_the_first_frame_comes_before_what_a_lesson_is_made_of(home):
    """To set that up takes as long as a third of what Home needs beyond Textual."""
    script = [sys.executable, "-c", START, str(Path(__file__).parent / "course"), str(home)]
    ended = subprocess.run(script, capture_output=True, text=True, timeout=120)
    assert ended.stdout == "early: []\n", ended.stderr


LAUNCH = """
import os, sys
from initplay import opening
from initplay.engine.own_server import OwnServer

def start(data):
    print("ahead of:", data, sorted({"asyncio", "textual", "initplay.ui.app"} & set(sys.modules)))
    sys.stdout.flush()
    os._exit(0)

opening.has_terminal = lambda: True
OwnServer.start = start
opening.open_playground(data="embedded")
"""


@pytest.mark.skipif(sys.platform == "darwin" or cores() == 1, reason="nothing is started ahead")
def test_the_fork_server_is_started_before_what_the_screen_is_made_of(home, monkeypatch):
    """Which takes a tenth of what torch takes, and the two go on side by side."""
    monkeypatch.delenv(SHARED, raising=False)
    script = [sys.executable, "-c", LAUNCH]
    ended = subprocess.run(script, capture_output=True, text=True, timeout=120)
    assert ended.stdout == "ahead of: embedded []\n", ended.stderr
