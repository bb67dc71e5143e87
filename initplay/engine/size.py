"""How long the texts of an order may be: they travel to its process in one frame."""

from __future__ import annotations

import math

from initplay.engine import wire
from initplay.engine.order import Order

MB = 2**20
_BESIDES = 2**16
"""Bytes of a frame that an order takes besides its texts, at most."""


def too_long(order: Order) -> str:
    """What cannot be sent to a process for its length, and what to do."""
    texts = {
        order.filename: order.source,
        "what you wrote for the exercise": order.mine,
        "the text of the exercise's checks": order.checks,
        "the solution of the exercise": order.solution,
        "what its knobs are set to": "".join(map(str, order.knobs.values())),
    }
    sizes = {name: len(text.encode(errors="replace")) for name, text in texts.items()}
    (name, size), *others = _fewest_too_long(sizes)
    most = f"shorter than {wire.MAX_FRAME // MB} MB"
    if others:
        named = " and ".join(f"{name} ({_in_mb(size)})" for name, size in [(name, size), *others])
        said = f"Together {named} are too long, for all texts of a run are {most}: keep"
    else:
        begins = name if name == order.filename else name.capitalize()
        said = f"{begins} is {_in_mb(size)} long, and a text that is run is {most}: keep its"
    return f"{said} weights or data in a file of their own, and load them there."


def _fewest_too_long(sizes: dict[str, int]) -> list[tuple[str, int]]:
    """The longest one, and those after it that it takes to be too long for a frame."""
    found: list[tuple[str, int]] = []
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        found.append((name, size))
        if sum(size for _, size in found) > wire.MAX_FRAME - _BESIDES:
            break
    return found


def _in_mb(size: int) -> str:
    return f"{math.ceil(10 * size / MB) / 10:g} MB"
