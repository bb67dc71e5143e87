"""Who imports whom: each wall is proven in a fresh interpreter by what is loaded at the end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).parent.parent

_REPORT = """
import json, sys
print("\\n" + json.dumps(sorted(sys.modules)))
"""

_ALL_OF = """
import importlib, pkgutil
def load(name):
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, name + "."):
        importlib.import_module(module.name)
"""


def loaded_after(code: str, *arguments: str) -> set[str]:
    """The names of all modules that are loaded once the code has run."""
    ended = subprocess.run(
        [sys.executable, "-c", code + _REPORT, *arguments],
        capture_output=True,
        text=True,
        cwd=REPO,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    return set(json.loads(ended.stdout.splitlines()[-1]))


def loaded_by_command(*arguments: str) -> set[str]:
    code = """
from initplay.cli import main
try:
    main()
except SystemExit as ending:
    assert not ending.code
"""
    return loaded_after(code, *arguments)


def test_the_screen_loads_neither_torch_nor_numpy_nor_the_worker():
    modules = loaded_after(f"{_ALL_OF}\nload('initplay.ui')")
    assert "textual" in modules and "initplay.engine.client" in modules
    assert not modules & {"torch", "numpy", "initplay.worker.worker", "initplay_experiment"}


@pytest.mark.parametrize(
    "module",
    [
        "course.course",
        "recording.run",
        "charts.draw",
        "learner.progress",
        "commands.report",
        "engine.headless",
        "commands.findings",
    ],
)
def test_what_the_screen_is_fed_from_knows_no_screen(module):
    modules = loaded_after(f"import initplay.{module}")
    assert f"initplay.{module}" in modules
    assert not modules & {"textual", "torch", "numpy", "plotext"}


def test_drawing_a_chart_loads_plotext_and_no_screen():
    code = """
from initplay.charts.draw import draw
from initplay.lab.events import Point
from initplay.recording.run import replay
draw(replay([Point("rms", x, x) for x in range(9)]).charts["rms"], 60, 12)
"""
    modules = loaded_after(code)
    assert "plotext" in modules
    assert not modules & {"textual", "torch", "numpy"}


def test_the_lab_is_there_before_torch_is():
    modules = loaded_after("import initplay.lab, initplay.lab.events, initplay.lab.knobs")
    assert not modules & {"torch", "numpy", "textual", "initplay.engine"}


def test_lessons_and_the_lab_know_neither_screen_nor_engine():
    code = f"""{_ALL_OF}
import runpy
from initplay.course.course import Course
load("initplay.lab")
for lesson in Course.load({str(REPO / "lessons")!r}).lessons:
    runpy.run_path(str(lesson.source_path))
"""
    modules = loaded_after(code)
    assert {"torch", "initplay.lab.mnist.dataset"} <= modules
    assert not {name for name in modules if name.split(".")[0] == "textual"}
    assert not {name for name in modules if name.startswith(("initplay.engine", "initplay.ui"))}


def test_the_version_is_told_before_anything_is_loaded():
    modules = loaded_by_command("--version")
    assert not modules & {"click", "msgspec", "asyncio", "textual", "numpy", "torch", "plotext"}


def test_listing_lessons_loads_nothing_heavy():
    modules = loaded_by_command("list")
    assert "initplay.course.course" in modules
    assert not modules & {"msgspec", "asyncio", "textual", "numpy", "torch", "plotext"}
