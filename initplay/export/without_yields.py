"""The text of experiments as plain functions: where one yields what it drew, it calls `lab.draw` instead."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

KEYWORD = re.compile(rb"yield(\s+from\b)?[ \t]*")


def without_yields(source: str, experiments: Iterable[str]) -> str:
    """The text with the generators among `experiments`, and those that they yield from, as plain functions.

    `yield x` becomes `lab.draw(x)`, and `yield from f()` becomes `f()`; all else stays, comments too.
    Generators of another kind, such as context managers, are left as they are.
    """
    module = ast.parse(source)
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    plain: dict[str, ast.FunctionDef] = {}
    waiting = [name for name in experiments if name in functions]
    while waiting:
        name = waiting.pop()
        if name not in plain:
            plain[name] = functions[name]
            waiting += [
                called for node in yields_of(functions[name]) if (called := _lends(node)) in functions
            ]
    lines = source.splitlines(keepends=True)
    for line, start, end, instead in sorted(_changes(plain, lines), reverse=True):
        raw = lines[line - 1].encode()  # ast counts bytes
        lines[line - 1] = (raw[:start] + instead.encode() + raw[end:]).decode()
    return "".join(lines)


def yields_of(function: ast.FunctionDef) -> Iterator[ast.Yield | ast.YieldFrom]:
    """Those of the function itself, and not of functions and lambdas within it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting += ast.iter_child_nodes(node)


def _lends(node: ast.Yield | ast.YieldFrom) -> str:
    """The function that it yields from, by name."""
    called = node.value.func if isinstance(node, ast.YieldFrom) and isinstance(node.value, ast.Call) else None
    return called.id if isinstance(called, ast.Name) else ""


def _changes(plain: dict[str, ast.FunctionDef], lines: list[str]) -> Iterator[tuple[int, int, int, str]]:
    """What is to be written instead: the line, from where to where in it in bytes, and the text."""
    for node in (node for function in plain.values() for node in yields_of(function)):
        start, last, end = node.col_offset, node.end_lineno, node.end_col_offset
        assert last is not None and end is not None, "they come from a text"
        keyword = KEYWORD.match(lines[node.lineno - 1].encode(), start)
        assert keyword, "a yield begins with its keyword"
        if node.value is None:
            yield node.lineno, start, end, "None"
        elif _lends(node) in plain:
            yield node.lineno, start, keyword.end(), ""
        else:
            each = isinstance(node, ast.YieldFrom)
            yield node.lineno, start, keyword.end(), "[lab.draw(one) for one in " if each else "lab.draw("
            yield last, end, end, "]" if each else ")"
