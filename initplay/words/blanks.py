"""Blanks in Python: each `...` that stands for code which is still to be written."""

from __future__ import annotations

import ast
from typing import NamedTuple


class Blank(NamedTuple):
    """Where one stands in a text."""

    line: int
    """Counted from 1."""
    begin: int
    end: int
    """Characters of that line, counted from 0."""


def blanks_in(text: str) -> list[Blank]:
    """All of them, in order: no `...` that stands for axes, as in `x[..., 0]`, for a type, or in a docstring.

    The text's lines end with a line feed alone. Raises SyntaxError where it is no Python.
    """
    tree = ast.parse(text)
    others = [node.slice for node in ast.walk(tree) if isinstance(node, ast.Subscript)]
    no_blanks = {id(node) for other in others for node in ast.walk(other)}
    lines = text.split("\n")
    return sorted(
        _place(node, lines[node.lineno - 1])
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value is ... and id(node) not in no_blanks
    )


def _place(node: ast.Constant, line: str) -> Blank:
    begin = len(line.encode()[: node.col_offset].decode())  # Python counts bytes of UTF-8
    return Blank(node.lineno, begin, begin + len("..."))
