"""Who imports whom. Each wall is proven in the text, lazy imports included, and in a fresh interpreter."""

from __future__ import annotations

import ast
import functools
import json
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

REPO = Path(__file__).parent.parent
PACKAGE = REPO / "initplay"


class Wall(NamedTuple):
    """What a room may import."""

    ours: frozenset[str]
    """Other rooms, or single modules of them."""
    others: frozenset[str] = frozenset()
    """Libraries of others, of those in LIBRARIES."""


def wall(ours: str, others: str = "") -> Wall:
    return Wall(frozenset(ours.split()), frozenset(others.split()))


WALLS = {
    "words": wall(""),
    "lab": wall("words", "torch numpy msgspec platformdirs"),
    "course": wall("words", "markdown_it tomli"),
    "recording": wall("lab.events words", "msgspec"),
    "charts": wall("recording lab.events words", "plotext rich"),
    "engine": wall("lab.events recording words", "msgspec"),
    "worker": wall(
        "lab engine.wire engine.order engine.orphans engine.peer engine.session words", "torch numpy msgspec"
    ),
    "sweep": wall("course lab.events recording words", "msgspec distributed"),
    "learner": wall("course recording words", "platformdirs"),
    "classroom": wall("charts.sheet course learner words", "msgspec"),
    "export": wall("course"),
    "serving": wall("engine", "aiohttp psutil"),
    "commands": wall(
        "look opening lab course recording charts engine export learner classroom serving sweep words",
        "click",
    ),
    "ui": wall(
        "look opening lab course recording charts engine learner classroom sweep words",
        "textual rich tree_sitter tree_sitter_python markdown_it",
    ),
}
"""The rooms. What lies beside them, `cli`, `opening` and `look`, starts the others."""
LIBRARIES = frozenset(
    {
        "torch",
        "numpy",
        "msgspec",
        "platformdirs",
        "markdown_it",
        "tomli",
        "plotext",
        "click",
        "distributed",
        "aiohttp",
        "psutil",
        "textual_serve",
        "textual",
        "rich",
        "tree_sitter",
        "tree_sitter_python",
    }
)
LATER = frozenset({"torch", "numpy", "plotext"})
"""Loaded when they are needed, and not by importing a room that draws or reads."""


def modules_of(room: str) -> list[Path]:
    """Not the lesson that new ones are made from, which is a lesson."""
    return sorted(path for path in (PACKAGE / room).rglob("*.py") if "template" not in path.parts)


@functools.cache
def imports_in(path: Path) -> frozenset[str]:
    """Every module that a file imports, wherever in it: `initplay.course.lesson`, `torch`."""
    return frozenset(_imports_in(path))


def _imports_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names if _is_module(node.module, name))


def _is_module(package: str, name: ast.alias) -> bool:
    if package.partition(".")[0] != "initplay":
        return False
    where = REPO / package.replace(".", "/") / name.name
    return where.with_suffix(".py").is_file() or where.is_dir()


def may(room: str, module: str) -> bool:
    """Whether a room may import a module."""
    root, _, rest = module.partition(".")
    if root != "initplay":
        return root not in LIBRARIES or root in WALLS[room].others
    if not rest or rest == "__version__":
        return True
    return any(rest == one or rest.startswith(f"{one}.") for one in (room, *WALLS[room].ours)) or any(
        one.startswith(f"{rest}.")
        for one in WALLS[room].ours  # the package around what is allowed
    )


@pytest.mark.parametrize("room", WALLS)
def test_a_room_imports_what_its_wall_allows(room):
    """In any line of it, also inside a function and for the type checker alone."""
    for path in modules_of(room):
        breaches = {module for module in imports_in(path) if not may(room, module)}
        assert not breaches, f"{path.relative_to(REPO)} imports {', '.join(sorted(breaches))}"


def test_every_folder_is_a_room_with_a_wall_and_says_what_lives_there():
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    assert folders == set(WALLS)
    for init in PACKAGE.rglob("__init__.py"):
        assert ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))), f"{init} says nothing"


_REPORT = """
import json, sys
def report():
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
    """The names of all modules that are loaded once the code has run in a fresh interpreter."""
    return _reports(f"{code}\nreport()", *arguments)[-1]


def _reports(code: str, *arguments: str) -> list[set[str]]:
    """The names of the modules that are loaded at each `report()` in the code."""
    ended = subprocess.run(
        [sys.executable, "-c", _REPORT + code, *arguments],
        capture_output=True,
        text=True,
        cwd=REPO,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    return [set(json.loads(line)) for line in ended.stdout.splitlines() if line.startswith("[")]


@pytest.fixture(scope="module")
def lab_then_lessons() -> list[set[str]]:
    """What is loaded after all of the lab, and then after every lesson too: torch takes two seconds."""
    code = f"""{_ALL_OF}
load("initplay.lab")
report()
import runpy
from initplay.course.course import Course
for lesson in Course.load({str(REPO / "lessons")!r}).lessons:
    runpy.run_path(str(lesson.source_path))
report()
"""
    return _reports(code)


def loaded_by_command(*arguments: str) -> set[str]:
    code = """
from initplay.cli import main
try:
    main()
except SystemExit as ending:
    assert not ending.code
"""
    return loaded_after(code, *arguments)


@pytest.mark.parametrize("room", sorted(set(WALLS) - {"worker"}))
def test_a_room_loads_what_its_wall_allows(room, request):
    """All of it, in a fresh interpreter; torch, numpy and plotext come when they are needed."""
    if room == "serving":
        pytest.importorskip("textual_serve", reason="without it nothing is served")
    if room == "lab":
        modules = request.getfixturevalue("lab_then_lessons")[0]
    else:
        modules = loaded_after(f"{_ALL_OF}\nload('initplay.{room}')")
    rooms = {name.split(".")[1] for name in modules if name.startswith("initplay.")}
    reached, grown = {room}, True
    while grown:  # whom it may import, and whom they may
        more = {one.partition(".")[0] for here in reached & set(WALLS) for one in WALLS[here].ours} | reached
        grown, reached = more != reached, more
    assert rooms <= reached
    if room != "lab":  # its `init` is torch through and through
        assert not modules & LATER


def test_nobody_imports_the_worker():
    for path in PACKAGE.rglob("*.py"):
        if path.relative_to(PACKAGE).parts[0] != "worker":
            assert not any(module.startswith("initplay.worker") for module in imports_in(path)), path


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


def test_lessons_and_the_lab_know_neither_screen_nor_engine(lab_then_lessons):
    _, modules = lab_then_lessons
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


def test_no_module_imports_one_that_imports_it():
    """By whatever way round, in any line: also inside a function, and for the type checker alone."""
    files = {_name(path): path for path in sorted(PACKAGE.rglob("*.py")) if "template" not in path.parts}
    imported = {
        # A package may gather its parts, and they may import it.
        name: {one for one in imports_in(path) if one in files and not f"{one}.".startswith(f"{name}.")}
        for name, path in files.items()
    }
    try:
        TopologicalSorter(imported).prepare()
    except CycleError as cycle:
        pytest.fail(" is imported by ".join(cycle.args[1]))


def _name(path: Path) -> str:
    parts = path.relative_to(REPO).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
