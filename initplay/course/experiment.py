"""The experiments of a source text, and the control panel of each, read without running anything.

| in the signature                    | control                                                   |
|-------------------------------------|-----------------------------------------------------------|
| `depth: Range[1, 200] = 100`        | slider; of whole numbers when all three are ints          |
| `scale: LogRange[1e-3, 10.0] = 1.0` | slider by equal factors; whole numbers as above           |
| `init: Literal["a", "b"] = "a"`     | choice among strings or numbers                           |
| `bias: bool = True`                 | switch                                                    |
| `seed: int = 0`, `float`, `str`     | input                                                     |

Bounds and number defaults may be constant arithmetic (`1 / 3`, `2**10`). Everything here is standard
library and `ast`, so that the panel is on the screen before torch is loaded.
"""

from __future__ import annotations

import ast
import math
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from initplay.course.arithmetic import as_typed, constant
from initplay.course.knob import INT64, Knob, KnobError, Value, is_same
from initplay.words.nearest import did_you_mean

_ALLOWED = 'Range[low, high], LogRange[low, high], Literal["a", "b"], bool, int, float or str'


class SignatureError(Exception):
    """An experiment whose signature makes no control panel; says where it is and what is allowed."""

    def __init__(self, reason: str, line: int, file: str = "experiment.py") -> None:
        super().__init__(f"{file}:{line}: {reason}")
        self.reason = reason
        self.line = line


@dataclass(frozen=True, slots=True)
class Experiment:
    """One experiment of a lesson: a public top-level generator function and its knobs."""

    name: str
    knobs: tuple[Knob, ...]
    doc: str
    """The docstring, dedented; empty where there is none."""
    line: int

    def knob(self, name: str) -> Knob:
        """The knob of that name; KnobError names the nearest where there is none."""
        for knob in self.knobs:
            if knob.name == name:
                return knob
        names = [knob.name for knob in self.knobs]
        some = "its knobs are" if len(names) > 1 else "its one knob is called"
        listed = f"{some} {', '.join(names)}" if names else "it has no knobs"
        raise KnobError(f"{self.name} has no knob {name!r}{did_you_mean(name, names)}: {listed}.")

    def defaults(self) -> dict[str, Value]:
        """What the experiment runs with when nobody touches it."""
        return {knob.name: knob.default for knob in self.knobs}

    def check(self, values: Mapping[str, object]) -> dict[str, Value]:
        """A value for every knob: those given, checked, and the defaults of the others. Raises KnobError."""
        return self.defaults() | {name: self.knob(name).check(value) for name, value in values.items()}

    def parse(self, assignments: Iterable[str]) -> dict[str, Value]:
        """A value for every knob from `knob=value` texts, as a command line gives them. Raises KnobError."""
        values: dict[str, Value] = {}
        for assignment in assignments:
            name, equals, text = assignment.partition("=")
            if not equals:
                raise KnobError(f"{assignment!r} sets no knob: write it as knob=value, without spaces.")
            knob = self.knob(name)
            if name in values:
                raise KnobError(f"{name} is named twice: give it one value.")
            values[name] = knob.parse(text)
        return self.defaults() | values


def experiments(source: str) -> list[Experiment]:
    """The experiments of a source text in order of definition; nothing is executed.

    An experiment is a top-level generator function whose name has no leading underscore. Raises
    SignatureError, with the line, for text that is no Python and for a signature that makes no
    control panel.
    """
    module = parsed(source)
    found: dict[str, Experiment] = {}
    for function in _public_generators(module):
        name, line = function.name, function.lineno
        if name in found:
            reason = f"{name} is defined twice, here and on line {found[name].line}: rename one"
            raise SignatureError(reason, line)
        found[name] = _experiment(function)
    return list(found.values())


def parsed(source: str, file: str = "experiment.py") -> ast.Module:
    """The text as Python reads it. Raises SignatureError, with the line, for text that is none."""
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise SignatureError(f"this is not Python: {error.msg}", error.lineno or 1, file) from None
    except ValueError as error:  # NUL bytes
        raise SignatureError(f"this is not Python: {error}", 1, file) from None
    except (RecursionError, MemoryError):  # either may be raised, and neither says where
        reason = "this is not Python: it nests too deep to be read. Write it in several statements"
        raise SignatureError(reason, _line_too_deep(source), file) from None


def _line_too_deep(source: str) -> int:
    """The first line with which the text cannot be read for its depth."""
    lines = [line + "\n" for line in source.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return 1 + bisect_left(range(1, len(lines)), True, key=lambda count: _is_too_deep("".join(lines[:count])))


def _is_too_deep(source: str) -> bool:
    try:
        ast.parse(source)
    except (RecursionError, MemoryError):
        return True
    except (SyntaxError, ValueError):  # as a text may be that stops half-way
        return False
    return False


def _public_generators(module: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in module.body:
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if node.name.startswith("_") or not _yields(node):
            continue
        if isinstance(node, ast.AsyncFunctionDef):
            reason = f"{node.name} is an async generator: write it with a plain `def`"
            raise SignatureError(reason, node.lineno)
        yield node


def yields_nothing(name: str, source: str) -> bool:
    """Whether the text has a function of that name at its top level that is no experiment for want of a
    `yield`."""
    try:
        module = parsed(source)
    except SignatureError:  # said already, by who reads its experiments
        return False
    return any(
        isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name and not _yields(node)
        for node in module.body
    )


def _yields(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether the function itself yields, not one defined inside it."""
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(node))
    return False


def _experiment(function: ast.FunctionDef) -> Experiment:
    arguments = function.args
    for refused, what in (
        (arguments.posonlyargs[0] if arguments.posonlyargs else None, "is positional-only"),
        (arguments.vararg, "collects positional arguments with *"),
        (arguments.kwarg, "collects keyword arguments with **"),
    ):
        if refused is not None:
            raise SignatureError(
                f"{function.name}: {refused.arg} {what}, and each knob needs a name of its own: "
                f"write name: annotation = default, with {_ALLOWED}",
                refused.lineno,
            )
    knobs = tuple(_knob(function.name, argument, default) for argument, default in _pairs(arguments))
    return Experiment(function.name, knobs, ast.get_docstring(function) or "", function.lineno)


def _pairs(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    without_default = len(arguments.args) - len(arguments.defaults)
    yield from zip(arguments.args, [None] * without_default + arguments.defaults, strict=True)
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)


def _knob(experiment: str, argument: ast.arg, default: ast.expr | None) -> Knob:
    name = argument.arg
    try:
        if argument.annotation is None:
            raise ValueError(
                f"has no annotation: allowed are {_ALLOWED} "
                f"(a generator that is no experiment has a name starting with an underscore)"
            )
        if default is None:
            raise ValueError("has no default: give it the value that the experiment starts with")
        return _annotated(name, argument.annotation, default)
    except ValueError as error:
        raise SignatureError(f"{experiment}: {name} {error}", argument.lineno) from None


def _annotated(name: str, annotation: ast.expr, default: ast.expr) -> Knob:
    """The knob that an annotation and its default make; ValueError with the rest of the sentence."""
    kind = _last_name(annotation.value if isinstance(annotation, ast.Subscript) else annotation)
    if isinstance(annotation, ast.Subscript):
        if kind in ("Range", "LogRange"):
            return _slider(name, kind, annotation.slice, default)
        if kind == "Literal":
            return _choice(name, annotation.slice, default)
    if isinstance(annotation, ast.Name) and kind in ("bool", "int", "float", "str"):
        return _plain(name, kind, default)
    raise ValueError(f"is annotated {ast.unparse(annotation)!r}, which is no control: allowed are {_ALLOWED}")


def _slider(name: str, annotation: str, bounds: ast.expr, default: ast.expr) -> Knob:
    if not isinstance(bounds, ast.Tuple) or len(bounds.elts) != 2:
        raise ValueError(f"needs two bounds: write {annotation}[low, high]")
    low, high = (constant(bound) for bound in bounds.elts)
    start = constant(default)
    if not low < high:
        raise ValueError(f"has bounds in the wrong order: {annotation}[low, high] needs low < high")
    if annotation == "LogRange" and low <= 0:
        raise ValueError("has a bound that is not above zero, which LogRange needs: write Range instead")
    _refuse_unusable_span(low, high)
    if not low <= start <= high:
        span = f"its range from {as_typed(low)} to {as_typed(high)}"
        raise ValueError(f"has the default {ast.unparse(default)}, outside {span}")
    if not all(isinstance(number, int) for number in (low, high, start)):
        low, high, start = float(low), float(high), float(start)
    return Knob(name, "range" if annotation == "Range" else "log range", start, low, high)


def _refuse_unusable_span(low: float, high: float) -> None:
    if max(-low, high) >= INT64 and isinstance(low, int) and isinstance(high, int):
        raise ValueError("has a bound that does not fit in 64 bits: write smaller bounds, or floats")
    span = float(high) - float(low)
    if not math.isfinite(span) or span < max(1e-9 * max(abs(low), abs(high)), sys.float_info.min * 1e6):
        raise ValueError(f"spans {as_typed(span)} between its bounds, too much or too little for a slider")


def _choice(name: str, options: ast.expr, default: ast.expr) -> Knob:
    elements = options.elts if isinstance(options, ast.Tuple) else [options]
    values = tuple(_literal(element) for element in elements)
    if len(values) < 2 or len({str(value) for value in values}) < len(values):
        raise ValueError('needs two or more different options: write Literal["a", "b"]')
    start = _literal(default)
    if not any(is_same(start, value) for value in values):
        listed = ", ".join(repr(value) for value in values)
        raise ValueError(f"has the default {start!r}, which is none of its options {listed}")
    return Knob(name, "choice", start, options=values)


def _plain(name: str, annotation: str, default: ast.expr) -> Knob:
    if annotation in ("int", "float"):
        number = constant(default)
        if annotation == "int" and not (isinstance(number, int) and -INT64 <= number < INT64):
            raise ValueError(f"is an int with the default {ast.unparse(default)}: write a whole number")
        return Knob(name, "input", number if annotation == "int" else float(number))
    value = default.value if isinstance(default, ast.Constant) else None
    wanted = bool if annotation == "bool" else str
    if not isinstance(value, wanted):
        allowed = "True or False" if wanted is bool else "a string"
        raise ValueError(f"is a {annotation} with the default {ast.unparse(default)}: write {allowed}")
    return Knob(name, "switch" if wanted is bool else "input", value)


def _literal(node: ast.expr) -> Value:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return constant(node)


def _last_name(node: ast.expr) -> str:
    """`Range` of both `Range` and `initplay.lab.Range`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
