"""On a Textual whose private parts have other names the playground is as Textual has it, and works."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from other_textual import HANDLERS, PRIVATE
from terminal import COURSE, Terminal

from initplay.ui.terminal import textual_private

PRIVATE_PARTS = Path(textual_private.__file__).parent
UI = PRIVATE_PARTS.parents[1]
OTHER = Path(__file__).with_name("other_textual.py")


def private_names(files: Iterable[Path]) -> set[str]:
    """What these files take of Textual: attributes that are not their own, names for getattr, and modules."""
    own, attributes, found = set(), set(), set()
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            own.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            own.add(node.target.id)
        elif isinstance(node, ast.Attribute):
            assigned_here = isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self"
            (own if assigned_here else attributes).add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update(node.module.split("."))
            found.update(alias.name for alias in node.names)
    found |= attributes - own
    return {name for name in found if re.fullmatch(r"_[a-z]\w*", name)}


def test_every_private_part_that_is_used_is_one_that_is_missing_here():
    assert private_names(PRIVATE_PARTS.glob("*.py")) == PRIVATE | set(HANDLERS)


def test_no_other_folder_uses_one():
    others = [file for file in UI.rglob("*.py") if PRIVATE_PARTS not in file.parents]
    assert not private_names(others)


def test_without_them_it_starts_runs_a_lesson_and_leaves_the_terminal_as_it_was(tmp_path):
    command = (sys.executable, str(OTHER), "--lessons", str(COURSE))
    with Terminal(tmp_path, command=command) as terminal:
        terminal.until("A line that climbs", "? help")
        terminal.run_first()
        terminal.until("✓ run 1 · finished in", "last 5")
        terminal.resize(120, 40)
        terminal.send("?")
        terminal.until("esc closes")
        terminal.send("\x1b")
        terminal.wait_for(lambda: not terminal.shows("esc closes"), "the lesson again")
        terminal.send("q")
        assert terminal.wait() == 0
        assert all(terminal.restored().values()), terminal.restored()
        assert b"Traceback" not in terminal.written
