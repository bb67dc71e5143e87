"""Shapes of a net's inputs, as people write them."""

from __future__ import annotations

from initplay.lab.examining.refused import Refused
from initplay.words.numbers import whole_number

_LARGEST = 2**31 - 1


def shapes_of(text: str) -> list[tuple[int, ...]]:
    """`1x28x28` as a shape, `1x28x28,10` as two. Raises Refused."""
    return [tuple(_size(size, text) for size in _sizes(part)) for part in text.split(",")]


def _sizes(part: str) -> list[str]:
    return part.strip().lower().replace("×", "x").split("x")


def _size(written: str, text: str) -> int:
    size = whole_number(written, _LARGEST)
    if not size:
        raise Refused(
            f"--input {text!r} is no shape: write the sizes of one example, such as 1x28x28 for a picture, "
            "784 for a row or 32 for 32 token ids, and a comma between several inputs."
        )
    return size
