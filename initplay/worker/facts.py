"""The facts of a Result and the cells of a Row, as plain numbers and texts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch

from initplay.lab.events import Cells, Facts, Recorded, Result, Row
from initplay.worker.values import EventError, refuse_unreadable, shown, text_of

MAX_FACTS = 10_000
MAX_DEPTH = 8
MAX_CHARACTERS = 1_000_000
"""Of all texts of one event: it travels in one piece, which 16 MB bound."""
_Take = Callable[[object, str], str]


def result(event: Result) -> Recorded:
    return Facts(_plain(event.values, "Result", "name"))


def row(event: Row) -> Recorded:
    return Cells(text_of(event.table, "Row's table"), _plain(event.cells, "Row", "cell"))


def _plain(values: Mapping[str, Any], kind: str, called: str) -> dict[str, Any]:
    take = _texts(kind)
    return {
        take(name, f"{kind}'s {called}"): _fact(value, f"{kind}'s {name}", take)
        for name, value in values.items()
    }


def _texts(kind: str) -> _Take:
    """Takes the texts of one event, as long as there is room for them."""
    left = MAX_CHARACTERS

    def take(value: object, what: str) -> str:
        nonlocal left
        text = text_of(value, what)
        left -= len(text)
        if left < 0:
            raise EventError(f"{kind}'s texts hold more than {MAX_CHARACTERS:,} characters together")
        return text

    return take


def _fact(value: Any, what: str, take: _Take) -> Any:
    """A number, text, boolean, None, or nested lists of them; small tensors and arrays become lists."""
    left = MAX_FACTS

    def plain(value: Any, depth: int) -> Any:
        nonlocal left
        size = math.prod(getattr(value, "shape", ()))
        left -= 1
        if left < 0 or size > left or depth > MAX_DEPTH:
            raise EventError(
                f"{what} holds more than {MAX_FACTS:,} values, or lists nested too deep, for a fact"
            )
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return take(value, what)
        if isinstance(value, float):
            return float(value)  # numpy's own cannot travel
        if isinstance(value, int):
            return int(value) if abs(value) < 2**63 else _large(value, what)
        if isinstance(value, list | tuple):
            return [plain(inner, depth + 1) for inner in value]
        if isinstance(value, torch.Tensor):
            refuse_unreadable(value, what)
        if hasattr(value, "tolist"):  # tensors, numpy's arrays and scalars
            return plain(value.tolist(), depth)
        raise EventError(
            f"{what} must be a number, text, a boolean, None, or a list of them, not {shown(value)}"
        )

    return plain(value, 0)


def _large(value: int, what: str) -> float:
    """A whole number that 64 bits do not hold. As infinite it would be taken for one that overflowed."""
    try:
        return float(value)
    except OverflowError:
        raise EventError(f"{what} is a whole number too large for a number here, over 1.8e308") from None
