"""The facts of a Result and the cells of a Row, as plain numbers and texts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch

from initplay.lab.events import Cells, Facts, Recorded, Result, Row
from initplay.worker.values import EventError, refuse_unreadable, shown, text_of

MAX_FACTS = 10_000
MAX_DEPTH = 8
MAX_CHARACTERS = 1_000_000
"""Of all texts of one event: it travels in one piece, which 16 MB bound."""


def result(event: Result) -> Recorded:
    return Facts(_Facts("Result").read(event.values, "name"))


def row(event: Row) -> Recorded:
    return Cells(text_of(event.table, "Row's table"), _Facts("Row").read(event.cells, "cell"))


class _Facts:
    """Reads those of one event."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._values_left = 0
        """How many more values the fact that is read may hold."""
        self._characters_left = MAX_CHARACTERS

    def read(self, values: Mapping[str, Any], called: str) -> dict[str, Any]:
        return {
            self._text(name, f"{self._kind}'s {called}"): self._fact(value, f"{self._kind}'s {name}")
            for name, value in values.items()
        }

    def _fact(self, value: Any, what: str) -> Any:
        """A number, text, boolean, None, or nested lists of them; small tensors and arrays become lists."""
        self._values_left = MAX_FACTS
        return self._plain(value, what, 0)

    def _plain(self, value: Any, what: str, depth: int) -> Any:
        if isinstance(value, torch.Tensor):
            refuse_unreadable(value, what)  # before it is asked for its shape, which not all have
        size = math.prod(getattr(value, "shape", ()))
        self._values_left -= 1
        if self._values_left < 0 or size > self._values_left or depth > MAX_DEPTH:
            raise EventError(
                f"{what} holds more than {MAX_FACTS:,} values, or lists nested too deep, for a fact"
            )
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(value, what)
        if isinstance(value, float):
            return float(value)  # numpy's own cannot travel
        if isinstance(value, int):
            return int(value) if abs(value) < 2**63 else _large(value, what)
        if isinstance(value, list | tuple):
            return [self._plain(inner, what, depth + 1) for inner in value]
        if hasattr(value, "tolist"):  # tensors, numpy's arrays and scalars
            return self._plain(value.tolist(), what, depth)
        raise EventError(
            f"{what} must be a number, text, a boolean, None, or a list of them, not {shown(value)}"
        )

    def _text(self, value: object, what: str) -> str:
        text = text_of(value, what)
        self._characters_left -= len(text)
        if self._characters_left < 0:
            raise EventError(f"{self._kind}'s texts hold more than {MAX_CHARACTERS:,} characters together")
        return text


def _large(value: int, what: str) -> float:
    """A whole number that 64 bits do not hold. As infinite it would be taken for one that overflowed."""
    try:
        return float(value)
    except OverflowError:
        raise EventError(f"{what} is a whole number too large for a number here, over 1.8e308") from None
