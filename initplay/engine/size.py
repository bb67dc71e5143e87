"""How long the texts of an order may be: they travel to its process in one frame."""

from __future__ import annotations

import math

from initplay.engine import wire
from initplay.engine.order import Order

MB = 2**20


def too_long(order: Order) -> str:
    """What cannot be sent to a process for its length, and what to do."""
    texts = {
        order.filename: order.source,
        "What you wrote for the exercise": order.mine,
        "The text of the exercise's checks": order.checks,
        "The solution of the exercise": order.solution,
        "What its knobs are set to": str(order.knobs),
    }
    name = max(texts, key=lambda name: len(texts[name]))
    size = len(texts[name].encode(errors="replace"))
    return (
        f"{name} is {math.ceil(10 * size / MB) / 10:g} MB long, and a text that is run is at most "
        f"{wire.MAX_FRAME // MB} MB: keep its weights or data in a file of their own, and load them there."
    )
