"""Numbers as people type them: digits, or constant arithmetic such as `1 / 3`, `70%`, `ln 10` and `√512`.

Nothing is executed: what a person types is read here, what stands in an experiment's signature by `ast`.
Where it is no number, the ValueError is the end of a sentence whose subject is what was to be set: "is
written '1 / 0', which has no value (division by zero)".
"""

from __future__ import annotations

import ast
import math
import operator
import re
import unicodedata
from collections.abc import Callable

_LONGEST = 80  # characters; what a person types is far shorter

_BINARY = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}
_IN_PYTHON: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
}
_UNARY: dict[type[ast.unaryop], Callable[[float], float]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}

_ALIKE = str.maketrans({"−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/", "^": "**"})
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?|[½⅓⅔¼¾])"
    r"|(?P<power>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    r"|(?P<word>[A-Za-z]\w*|√|π)"
    r"|(?P<sign>\*\*|//|[-+*/%()])|(?P<end>$))"
)
_CONSTANTS = {"pi": math.pi, "π": math.pi, "e": math.e}
_LETTERS = re.compile(r"[^\W\d_π½⅓⅔¼¾⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_SIGNS = re.compile(r"[\d\s.,_+\-*/%()√π½⅓⅔¼¾−–×·⋅÷^⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]*")
_AT_ONCE = frozenset("-−(√π½⅓⅔¼¾")
_COMMA = "with a comma: write 1000 for a thousand, 0.5 for a half"
_SUCH_AS = "where a number is needed, such as 1, 1e-3, 70%, ln 10 or 2**10"


def read_number(text: str) -> int | float:
    """The number in `text`: digits, or constant arithmetic. Raises ValueError.

    Arithmetic as in Python, and as on paper: `^`, `·`, `−` and superscripts, `70%`, `π` and `e`, `√`, `sqrt`,
    `ln`, `log10` and `exp`. What is written without parentheses behind one of these is the next number alone:
    `√512/2` is half of √512. What could be read in two ways is refused, such as `1/2π`.
    """
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    if len(text) > _LONGEST:
        raise ValueError("is too long to be a number")
    if not text.strip():
        raise ValueError("is not a number")
    try:
        value = _Reader(text).read()
        if math.isfinite(value):  # of a whole number beyond floats an OverflowError
            return value
    except (ArithmeticError, RecursionError) as error:
        raise _without_value(text.strip(), error) from None
    raise ValueError(f"is written {_shortened(text.strip())!r}, which is not finite")


def begins_number(character: str) -> bool:
    """Whether a number may be typed at once from here on. An expression that begins with a name may not: its
    letters are keys."""
    return character.isdecimal() or character in _AT_ONCE


def may_become_number(typed: str) -> bool:
    """Whether a number may begin so: its signs are those of arithmetic, and each of its words begins one that
    `read_number` knows."""
    words = _LETTERS.findall(typed)
    names = (*_CONSTANTS, *_FUNCTIONS, "log10")
    known = all(any(name.startswith(word.lower()) for name in names) for word in words)
    return known and _SIGNS.fullmatch(_LETTERS.sub("", typed)) is not None


class _Reader:
    """Reads one text from left to right. Each method takes what its name says, and returns its value."""

    def __init__(self, text: str) -> None:
        self._text = text.strip()
        self._tokens: list[tuple[str, str]] = []
        """Kinds and words, the next one last."""
        translated, at = self._text.translate(_ALIKE), 0
        while not self._tokens or self._tokens[-1][0] != "end":
            found = _TOKEN.match(translated, at)
            if found is None:
                comma = translated[at:].lstrip().startswith(",")
                raise self._refusal(_COMMA if comma else _SUCH_AS)
            at, kind = found.end(), str(found.lastgroup)
            self._tokens.append((kind, found[kind].lower()))
        self._tokens.reverse()

    def read(self) -> int | float:
        value = self._sum()
        if self._next[0] != "end":
            raise self._refusal()
        return value

    @property
    def _next(self) -> tuple[str, str]:
        return self._tokens[-1]

    def _take(self, *words: str) -> str:
        """The next word where it is one of these; else empty, and nothing is taken."""
        kind, word = self._next
        if kind == "sign" and word in words:
            self._tokens.pop()
            return word
        return ""

    def _sum(self) -> int | float:
        value = self._product()
        while sign := self._take("+", "-"):
            value = _applied(sign, value, self._product())
        return value

    def _product(self) -> int | float:
        value = self._signed()
        while sign := self._take("*", "/", "//", "%"):
            value = _applied(sign, value, self._signed())
        return value

    def _signed(self) -> int | float:
        if sign := self._take("+", "-"):
            value = self._signed()
            return -value if sign == "-" else value
        return self._power()

    def _power(self) -> int | float:
        value = self._percentage()
        if self._next[0] == "power":
            value = _applied("**", value, int(self._tokens.pop()[1].translate(_SUPERSCRIPTS)))
        elif self._take("**"):
            value = _applied("**", value, self._signed())
        self._refuse_neighbour()
        return value

    def _percentage(self) -> int | float:
        """`70%`; where a number follows, % is the rest of a division, and no part of this."""
        value = self._operand()
        while self._next == ("sign", "%") and not self._starts_operand(-2):
            self._tokens.pop()
            if self._next[1] in ("+", "-"):
                raise self._refusal("where % stands before a sign: put the percentage into parentheses")
            value = value / 100
        return value

    def _operand(self) -> int | float:
        kind, word = self._tokens.pop()
        if kind == "number":
            if word in "½⅓⅔¼¾":
                return unicodedata.numeric(word)
            return _digits(word, self._refusal())
        if word in _CONSTANTS:
            return _CONSTANTS[word]
        if word in _FUNCTIONS:
            return _FUNCTIONS[word](self._argument(word))
        if word == "log":
            raise self._refusal("where log may be ln or log10: write one of them")
        if kind == "sign" and word == "(":
            return self._in_parentheses()
        raise self._refusal()

    def _argument(self, function: str) -> int | float:
        """What a function is of: in parentheses, or the next number alone."""
        if self._take("("):
            return self._in_parentheses()
        value = self._operand()
        if function != "√" and (self._next[0] == "power" or self._next[1] == "**"):
            raise self._refusal(f"which can be read in two ways: put what {function} is of into parentheses")
        return value

    def _in_parentheses(self) -> int | float:
        value = self._sum()
        if not self._take(")"):
            raise self._refusal()
        return value

    def _starts_operand(self, place: int) -> bool:
        kind, word = self._tokens[place]
        return kind in ("number", "word") or word == "("

    def _refuse_neighbour(self) -> None:
        """`2π` would multiply, and `1/2π` be read in two ways."""
        kind, word = self._next
        if word in _CONSTANTS or word in _FUNCTIONS or word == "(" or kind == "number":
            raise self._refusal(f"where a * is missing before {word}")

    def _refusal(self, reason: str = _SUCH_AS) -> ValueError:
        return ValueError(f"is written {_shortened(self._text)!r}, {reason}")


def _digits(word: str, refusal: ValueError) -> int | float:
    for read in (int, float):
        try:
            return read(word)
        except ValueError:
            continue
    raise refusal  # 1__0


def _ln(x: float) -> float:
    if x <= 0:
        raise ArithmeticError("only numbers above 0 have a logarithm")
    return math.log(x)


def _log10(x: float) -> float:
    return math.log10(x) if x > 0 else _ln(x)


def _root(x: float) -> float:
    if x < 0:
        raise ArithmeticError("a number below 0 has no root")
    return math.sqrt(x)


_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "√": _root,
    "sqrt": _root,
    "ln": _ln,
    "log10": _log10,
    "exp": math.exp,
}


def constant(node: ast.expr) -> int | float:
    """The finite number that constant arithmetic of Python comes to. Raises ValueError for anything else."""
    try:
        value = _evaluated(node)
        if math.isfinite(value):
            return value
    except (ArithmeticError, RecursionError) as error:
        raise _without_value(ast.unparse(node), error) from None
    raise ValueError(f"is written {_excerpt(node)!r}, which is not finite")


def _evaluated(node: ast.expr) -> int | float:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value  # type: ignore[return-value]  # int or float, by the line above
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        return _UNARY[type(node.op)](_evaluated(node.operand))
    if isinstance(node, ast.BinOp) and type(node.op) in _IN_PYTHON:
        return _applied(_IN_PYTHON[type(node.op)], _evaluated(node.left), _evaluated(node.right))
    raise ValueError(f"is written {_excerpt(node)!r}, where a number is needed, such as 1, 1e-3 or 2**10")


def _applied(sign: str, left: float, right: float) -> int | float:
    if sign == "**":
        _refuse_huge_power(left, right)
    value = _BINARY[sign](left, right)
    if isinstance(value, complex):
        raise ArithmeticError("it is a complex number")
    return value


def _refuse_huge_power(base: float, exponent: float) -> None:
    """Keeps `9**9**9` from filling the memory: whole powers stay below 2**1024, as floats do."""
    if isinstance(base, int) and abs(base).bit_length() * abs(exponent) > 1100:
        raise ArithmeticError("it is too large")


def _without_value(written: str, error: BaseException) -> ValueError:
    reason = "it is too large" if isinstance(error, OverflowError) else error
    return ValueError(f"is written {_shortened(written)!r}, which has no value ({reason})")


def _excerpt(node: ast.expr) -> str:
    return _shortened(ast.unparse(node))


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."


def as_typed(number: float, digits: int = 6) -> str:
    """`number` in up to `digits` significant digits; a float keeps the look of one (`1.0`, `1e-5`)."""
    if isinstance(number, int):
        return str(number)
    text = f"{number:.{digits}g}"
    mantissa, e, exponent = text.partition("e")
    if e:
        return f"{mantissa}e{int(exponent)}"
    return text if "." in text else text + ".0"
