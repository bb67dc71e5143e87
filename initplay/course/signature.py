"""The control panel of an experiment, read from its signature without running it.

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
import operator
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from initplay.words.nearest import did_you_mean

Kind: TypeAlias = Literal["range", "log range", "choice", "switch", "input"]
Value: TypeAlias = int | float | str | bool

_ALLOWED = 'Range[low, high], LogRange[low, high], Literal["a", "b"], bool, int, float or str'
_SWITCH_WORDS = {"true": True, "yes": True, "on": True, "1": True}
_SWITCH_WORDS |= {"false": False, "no": False, "off": False, "0": False}
_INT64 = 2**63  # an int travels to the worker as 64 bits
_LONGEST_ARITHMETIC = 80  # characters; what a person types into a knob is far shorter


class SignatureError(Exception):
    """An experiment whose signature makes no control panel; says where it is and what is allowed."""

    def __init__(self, reason: str, line: int, path: str = "experiment.py") -> None:
        super().__init__(f"{path}:{line}: {reason}")
        self.reason = reason
        self.line = line
        self.path = path


class KnobError(ValueError):
    """A value that a knob cannot take; one sentence that says what it can."""


@dataclass(frozen=True, slots=True)
class Knob:
    """One control: what it is called, where it starts, and what it may be set to."""

    name: str
    kind: Kind
    default: Value
    """Its type is the knob's type: an int slider has an int default, a float slider a float one."""
    low: float | None = None
    high: float | None = None
    """Both ends belong to the slider; None where the kind is not a range."""
    options: tuple[Value, ...] = ()
    """What a choice chooses from, in the order to show them."""

    @property
    def is_slider(self) -> bool:
        """Whether the knob has a position: a range, linear or logarithmic."""
        return self.kind in ("range", "log range")

    @property
    def takes(self) -> str:
        """What the knob accepts, as the end of a sentence: `a whole number from 1 to 200`."""
        if self.kind == "choice":
            return "one of " + ", ".join(str(option) for option in self.options)
        if self.kind == "switch":
            return "true or false"
        if isinstance(self.default, str):
            return "text"
        noun = "a whole number" if isinstance(self.default, int) else "a number"
        if self.low is None or self.high is None:
            return noun
        return f"{noun} from {_short(self.low)} to {_short(self.high)}"

    def parse(self, text: str) -> Value:
        """The value that was typed, checked.

        Numbers may be constant arithmetic (`1/512**0.5`); an int knob takes any spelling of a whole number
        (`1e2`); a switch takes true, yes, on, 1 and their opposites. Raises KnobError.
        """
        if self.kind == "choice":
            return self._option(text)
        if self.kind == "switch":
            return self._switch(text)
        if isinstance(self.default, str):
            return text
        try:
            number = _number(text)
        except ValueError:
            raise self._error(text, f"is not {'a whole number' if self._whole else 'a number'}") from None
        return self._checked_number(number, shown=text)

    def check(self, value: object) -> Value:
        """`value` as the knob's own type, or KnobError where it is of another type or out of range."""
        if self.kind == "choice":
            for option in self.options:
                if value == option and _same_type(value, option):
                    return option
            raise self._error(value, "is not an option")
        if self.kind == "switch" or isinstance(self.default, str):
            if type(value) is type(self.default):
                return value  # type: ignore[return-value]  # bool or str, as the default is
            raise self._error(value, f"is not {self.takes}")
        return self._checked_number(value, shown=value)

    def format(self, value: Value) -> str:
        """`value` in a few characters, such that `parse` gives it back (a float: nearly).

        A float that someone would have typed is shown as typed; any other keeps three significant digits,
        or as many as the slider's own resolution asks for.
        """
        if isinstance(value, bool):
            return "on" if value else "off"
        if self.kind == "choice" or not isinstance(value, float):
            return str(value)
        if float(f"{value:.6g}") == value:
            return _short(value)
        for digits in range(3, 17):
            rounded = float(f"{value:.{digits}g}")
            if self._holds(rounded) and abs(rounded - value) <= self._resolution(value):
                return _short(rounded, digits)
        return repr(value)

    def position(self, value: float) -> float:
        """Where `value` lies on the slider: 0 at `low`, 1 at `high`."""
        low, high = self._bounds()
        value = min(max(value, low), high)
        if self.kind == "log range":
            return (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
        return (value - low) / (high - low)

    def at(self, position: float) -> int | float:
        """The value at a position of the slider (clamped to 0..1), rounded to what a step resolves."""
        low, high = self._bounds()
        if position <= 0:
            return low
        if position >= 1:
            return high
        if self.kind == "log range":
            return self._rounded(math.exp(math.log(low) + (math.log(high) - math.log(low)) * position))
        return self._rounded(low + (high - low) * position)

    def stepped(self, value: Value, steps: int) -> Value:
        """`value` moved by arrow keys: `steps` to the right, or to the left when negative.

        A slider goes to the next round value and stops at its ends; a choice and a switch go round; an
        input has no steps and stays.
        """
        if self.kind == "switch":
            return bool(value) ^ bool(steps % 2)
        if self.kind == "choice":
            return self.options[(self.options.index(value) + steps) % len(self.options)]
        if not self.is_slider or isinstance(value, str):
            return value
        for _ in range(abs(steps)):
            moved = self._next(value, 1 if steps > 0 else -1)
            if moved == value:
                break
            value = moved
        return value

    @property
    def _whole(self) -> bool:
        return isinstance(self.default, int)

    def _option(self, text: str) -> Value:
        for option in self.options:
            if text.strip() == str(option):
                return option
        raise self._error(text, "is not an option")

    def _switch(self, text: str) -> bool:
        word = text.strip().lower()
        if word not in _SWITCH_WORDS:
            raise self._error(text, "is neither on nor off")
        return _SWITCH_WORDS[word]

    def _checked_number(self, value: object, shown: object) -> int | float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self._error(shown, f"is not {'a whole number' if self._whole else 'a number'}")
        if isinstance(value, float) and not math.isfinite(value):
            raise self._error(shown, "is not a finite number")
        if self._whole and value != int(value):
            raise self._error(shown, "is not a whole number")
        if not self._holds(value):
            raise self._error(shown, "is out of range")
        return int(value) if self._whole else float(value)

    def _holds(self, number: float) -> bool:
        if self.low is not None and self.high is not None:
            return self.low <= number <= self.high
        return -_INT64 <= number < _INT64 if self._whole else abs(number) <= sys.float_info.max

    def _error(self, value: object, problem: str) -> KnobError:
        shown = str(value)
        if len(shown) > 40 or not shown.isprintable():
            shown = repr(shown[:40])
        limits = self.takes + (" that fits in 64 bits" if self.kind == "input" and self._whole else "")
        return KnobError(f"{self.name}={shown} {problem}: {self.name} takes {limits}.")

    def _bounds(self) -> tuple[int | float, int | float]:
        if self.low is None or self.high is None:
            raise TypeError(f"{self.name} is a {self.kind}: only a slider has positions")
        return self.low, self.high

    def _resolution(self, value: float) -> float:
        """The difference that no one setting this knob would see: half a percent of what it spans."""
        if self.kind == "range":
            low, high = self._bounds()
            return (high - low) / 200
        low, high = self._bounds() if self.kind == "log range" else (1, math.inf)
        return abs(value) * min(1, math.log(high) - math.log(low)) / 200

    def _rounded(self, number: float) -> int | float:
        """`number` without the digits that the slider cannot resolve, between the ends."""
        low, high = self._bounds()
        if self._whole:
            rounded = round(number)
        elif self.kind == "log range":
            rounded = float(f"{number:.{_log_digits(low, high)}g}")
        else:
            rounded = round(number, -math.floor(math.log10((high - low) / 200)))
        return min(max(rounded, low), high)

    def _next(self, value: int | float, direction: int) -> int | float:
        """The round value beside `value`, or the end of the slider."""
        low, high = self._bounds()
        if self.kind == "log range":
            decades = math.log10(high) - math.log10(low)
            unit = min(max(1 / 20, decades / 200), decades / 50)
            beside = 10 ** (unit * _beside(math.log10(value) / unit, direction, close=0.2))
        else:
            unit = _step_size(low, high, self._whole)
            beside = unit * _beside(value / unit, direction, close=1e-6)
        if not low < beside < high:
            return high if direction > 0 else low
        moved = self._rounded(beside)
        if self._whole and (moved - value) * direction < 1:
            return min(max(value + direction, low), high)
        return moved


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
        listed = f"its knobs are {', '.join(names)}" if names else "it has no knobs"
        raise KnobError(f"{self.name} has no knob {name!r}{did_you_mean(name, names)}: {listed}.")

    def defaults(self) -> dict[str, Value]:
        """What the experiment runs with when nobody touches it."""
        return {knob.name: knob.default for knob in self.knobs}

    def check(self, values: Mapping[str, object]) -> dict[str, Value]:
        """A value for every knob: those given, checked, and the defaults of the others. Raises KnobError."""
        return self.defaults() | {name: self.knob(name).check(value) for name, value in values.items()}

    def parse(self, assignments: Iterable[str]) -> dict[str, Value]:
        """A value for every knob from `knob=value` texts, as a command line gives them. Raises KnobError."""
        values = self.defaults()
        for assignment in assignments:
            name, equals, text = assignment.partition("=")
            if not equals:
                raise KnobError(f"{assignment!r} sets no knob: write it as knob=value, without spaces.")
            values[name] = self.knob(name).parse(text)
        return values


def experiments(source: str, path: str = "experiment.py") -> list[Experiment]:
    """The experiments of a source text in order of definition; nothing is executed.

    An experiment is a top-level generator function whose name has no leading underscore. Raises
    SignatureError, with `path` and the line, for text that is no Python and for a signature that makes no
    control panel.
    """
    try:
        module = ast.parse(source)
    except SyntaxError as error:
        raise SignatureError(f"this is not Python: {error.msg}", error.lineno or 1, path) from None
    except (ValueError, RecursionError, MemoryError) as error:  # NUL bytes; brackets nested too deep
        raise SignatureError(f"this is not Python: {error}", 1, path) from None
    found: dict[str, Experiment] = {}
    for function in _public_generators(module, path):
        name, line = function.name, function.lineno
        if name in found:
            reason = f"{name} is defined twice, here and on line {found[name].line}: rename one"
            raise SignatureError(reason, line, path)
        found[name] = _experiment(function, path)
    return list(found.values())


def _public_generators(module: ast.Module, path: str) -> Iterator[ast.FunctionDef]:
    for node in module.body:
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if node.name.startswith("_") or not _yields(node):
            continue
        if isinstance(node, ast.AsyncFunctionDef):
            reason = f"{node.name} is an async generator: write it with a plain `def`"
            raise SignatureError(reason, node.lineno, path)
        yield node


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


def _experiment(function: ast.FunctionDef, path: str) -> Experiment:
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
                path,
            )
    knobs = tuple(_knob(function.name, argument, default, path) for argument, default in _pairs(arguments))
    return Experiment(function.name, knobs, ast.get_docstring(function) or "", function.lineno)


def _pairs(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    without_default = len(arguments.args) - len(arguments.defaults)
    yield from zip(arguments.args, [None] * without_default + arguments.defaults, strict=True)
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)


def _knob(experiment: str, argument: ast.arg, default: ast.expr | None, path: str) -> Knob:
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
        raise SignatureError(f"{experiment}: {name} {error}", argument.lineno, path) from None


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
    low, high = (_constant(bound) for bound in bounds.elts)
    start = _constant(default)
    if not low < high:
        raise ValueError(f"has bounds in the wrong order: {annotation}[low, high] needs low < high")
    if annotation == "LogRange" and low <= 0:
        raise ValueError("has a bound that is not above zero, which LogRange needs: write Range instead")
    _refuse_unusable_span(low, high)
    if not low <= start <= high:
        raise ValueError(
            f"has the default {ast.unparse(default)}, outside its range from {_short(low)} to {_short(high)}"
        )
    if not all(isinstance(number, int) for number in (low, high, start)):
        low, high, start = float(low), float(high), float(start)
    return Knob(name, "range" if annotation == "Range" else "log range", start, low, high)


def _refuse_unusable_span(low: float, high: float) -> None:
    if max(-low, high) >= _INT64 and isinstance(low, int) and isinstance(high, int):
        raise ValueError("has a bound that does not fit in 64 bits: write smaller bounds, or floats")
    span = float(high) - float(low)
    if not math.isfinite(span) or span < max(1e-9 * max(abs(low), abs(high)), sys.float_info.min * 1e6):
        raise ValueError(f"spans {_short(span)} between its bounds, too much or too little for a slider")


def _choice(name: str, options: ast.expr, default: ast.expr) -> Knob:
    elements = options.elts if isinstance(options, ast.Tuple) else [options]
    values = tuple(_literal(element) for element in elements)
    if len(values) < 2 or len({str(value) for value in values}) < len(values):
        raise ValueError('needs two or more different options: write Literal["a", "b"]')
    start = _literal(default)
    if not any(start == value and _same_type(start, value) for value in values):
        listed = ", ".join(repr(value) for value in values)
        raise ValueError(f"has the default {start!r}, which is none of its options {listed}")
    return Knob(name, "choice", start, options=values)


def _plain(name: str, annotation: str, default: ast.expr) -> Knob:
    if annotation in ("int", "float"):
        number = _constant(default)
        if annotation == "int" and not (isinstance(number, int) and -_INT64 <= number < _INT64):
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
    return _constant(node)


def _last_name(node: ast.expr) -> str:
    """`Range` of both `Range` and `initplay.lab.Range`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


_BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_UNARY = {ast.USub: operator.neg, ast.UAdd: operator.pos}


def _number(text: str) -> int | float:
    """The number in `text`: digits, or constant arithmetic. Raises ValueError."""
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    if len(text) > _LONGEST_ARITHMETIC:
        raise ValueError("is too long to be a number")
    try:
        expression = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        raise ValueError("is not a number") from None
    return _constant(expression)


def _constant(node: ast.expr) -> int | float:
    """The finite number that constant arithmetic comes to. Raises ValueError for anything else."""
    try:
        value = _evaluated(node)
        if math.isfinite(value):
            return value
    except (ArithmeticError, RecursionError) as error:
        raise ValueError(f"is written {_excerpt(node)!r}, which has no value ({error})") from None
    raise ValueError(f"is written {_excerpt(node)!r}, which is not finite")


def _evaluated(node: ast.expr) -> int | float:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value  # type: ignore[return-value]  # int or float, by the line above
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        return _UNARY[type(node.op)](_evaluated(node.operand))
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        left, right = _evaluated(node.left), _evaluated(node.right)
        if isinstance(node.op, ast.Pow):
            _refuse_huge_power(left, right)
        value = _BINARY[type(node.op)](left, right)
        if isinstance(value, complex):
            raise ArithmeticError("it is a complex number")
        return value
    raise ValueError(f"is written {_excerpt(node)!r}, where a number is needed, such as 1, 1e-3 or 2**10")


def _refuse_huge_power(base: float, exponent: float) -> None:
    """Keeps `9**9**9` from filling the memory: whole powers stay below 2**1024, as floats do."""
    if isinstance(base, int) and abs(base).bit_length() * abs(exponent) > 1100:
        raise ArithmeticError("it is too large")


def _excerpt(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 40 else text[:37] + "..."


def _same_type(left: object, right: object) -> bool:
    """Whether two equal values are the same option: True is not 1, though Python says they are equal."""
    return isinstance(left, bool) == isinstance(right, bool)


def _short(number: float, digits: int = 6) -> str:
    """`number` in up to `digits` significant digits; a float keeps the look of one (`1.0`, `1e-5`)."""
    if isinstance(number, int):
        return str(number)
    text = f"{number:.{digits}g}"
    mantissa, e, exponent = text.partition("e")
    if e:
        return f"{mantissa}e{int(exponent)}"
    return text if "." in text else text + ".0"


def _log_digits(low: float, high: float) -> int:
    """Significant digits that tell 200 positions apart on a logarithmic slider."""
    return max(3, 1 + math.ceil(-math.log10((math.log(high) - math.log(low)) / 200)))


def _step_size(low: float, high: float, whole: bool) -> int | float:
    """A round step, 1, 2 or 5 times a power of ten, that crosses the slider in at most 200 (100) steps."""
    wanted = (high - low) / (200 if whole else 100)
    if whole and wanted <= 1:
        return 1
    power = 10.0 ** math.floor(math.log10(wanted))
    step = next(power * nice for nice in (1, 2, 5, 10) if power * nice >= wanted * (1 - 1e-9))
    return round(step) if whole else step


def _beside(index: float, direction: int, close: float) -> int:
    """The next whole index in a direction, where one `close` to the present place counts as being there."""
    if direction > 0:
        return math.floor(index + close) + 1
    return math.ceil(index - close) - 1
