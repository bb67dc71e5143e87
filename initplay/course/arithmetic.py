"""Numbers as people type them: digits, or constant arithmetic such as `1 / 3` and `2**10`.

Read by `ast`, so that nothing is executed. Where it is no number, the ValueError is the end of a sentence
whose subject is what was to be set: "is written '1 / 0', which has no value (division by zero)".
"""

from __future__ import annotations

import ast
import math
import operator

_LONGEST = 80  # characters; what a person types is far shorter

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


def read_number(text: str) -> int | float:
    """The number in `text`: digits, or constant arithmetic. Raises ValueError."""
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    if len(text) > _LONGEST:
        raise ValueError("is too long to be a number")
    try:
        expression = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        raise ValueError("is not a number") from None
    return constant(expression)


def constant(node: ast.expr) -> int | float:
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


def as_typed(number: float, digits: int = 6) -> str:
    """`number` in up to `digits` significant digits; a float keeps the look of one (`1.0`, `1e-5`)."""
    if isinstance(number, int):
        return str(number)
    text = f"{number:.{digits}g}"
    mantissa, e, exponent = text.partition("e")
    if e:
        return f"{mantissa}e{int(exponent)}"
    return text if "." in text else text + ".0"
