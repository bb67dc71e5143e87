"""Definitions taken out of a text with all that they need, so that they stand alone."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import initplay

OURS = "initplay."


@dataclass
class Taken:
    """What was taken: imports of others' libraries and definitions, in the order in which they are needed."""

    imports: dict[str, None] = field(default_factory=dict)
    definitions: dict[str, None] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "\n".join(self.imports) + "\n\n\n" + "\n\n\n".join(self.definitions) + "\n"


class Text:
    """A module's text by its top-level names. What it imports of initplay is taken from there too or, with
    `instead`, imported from that module."""

    def __init__(self, source: str, instead: str = "") -> None:
        self.source = source
        self.instead = instead
        self.nodes: dict[str, ast.stmt] = {}
        self.order: dict[str, int] = {}
        for number, node in enumerate(_statements(ast.parse(source).body)):
            for name in _names(node):
                self.nodes[name] = node
                self.order[name] = number

    def take(self, names: Iterable[str], taken: Taken) -> None:
        """Add the definitions of these names, and of all that they use."""
        wanted, waiting = set[str](), list(names)
        while waiting:
            name = waiting.pop()
            if name not in wanted and name in self.nodes:
                wanted.add(name)
                waiting += _used(self.nodes[name])
        for name in sorted(wanted, key=self.order.__getitem__):
            self._take_one(name, self.nodes[name], taken)

    def _take_one(self, name: str, node: ast.stmt, taken: Taken) -> None:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(OURS):
            original = next(alias.name for alias in node.names if (alias.asname or alias.name) == name)
            if self.instead:
                taken.imports[f"from {self.instead} import {original} as {name}"] = None
            else:
                text_of_module(f"{node.module}").take([original], taken)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            alias = next(one for one in node.names if (one.asname or one.name.split(".")[0]) == name)
            single = (
                ast.Import([alias])
                if isinstance(node, ast.Import)
                else ast.ImportFrom(node.module, [alias], 0)
            )
            taken.imports[ast.unparse(single)] = None
        else:
            taken.definitions[_text_of(node, self.source)] = None


def text_of_module(name: str) -> Text:
    """A module of ours, by its dotted name, read and not imported."""
    return Text(
        (Path(initplay.__file__).parent / Path(*name.split(".")[1:]).with_suffix(".py")).read_text("utf-8")
    )


def _statements(body: list[ast.stmt]) -> list[ast.stmt]:
    """Top-level statements, with what is imported for type checkers alone."""
    return [
        inner
        for node in body
        for inner in (
            node.body if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) else [node]
        )
    ]


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import):
        return [alias.asname or alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names if node.module != "__future__"]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [one.id for target in targets if target for one in ast.walk(target) if isinstance(one, ast.Name)]


def _used(node: ast.stmt) -> list[str]:
    return [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]


def _text_of(node: ast.stmt, source: str) -> str:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(one.lineno for one in decorators)])
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])
