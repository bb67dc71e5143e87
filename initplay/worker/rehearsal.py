"""What stands around every run, gone through before any is made.

Python learns as it runs: an operation writes beside its code what it was given, and a table of methods what a
type has. A process that is forked before that has to learn it all anew, and each such write copies a page:
150 pages and 0.7 ms of every run. To go through it ten times takes 3 ms, once.
"""

from __future__ import annotations

import io
import linecache
import sys

from initplay.engine.order import Order
from initplay.engine.wire import Start
from initplay.lab.events import Ending
from initplay.worker.child import performed
from initplay.worker.control import Control
from initplay.worker.devices import none_asked_for
from initplay.worker.outbox import FactsBox
from initplay.worker.source import MODULE

TURNS = 10
"""Python has learned by then: more change nothing."""
_NAME = "rehearsal.py"
_TEXT = """
from initplay.lab import Chart, Result

def go():
    chart = Chart("c", x="x", y="y")
    yield chart.at(1, 1.0)
    yield Result(fact=1.0)
"""


def rehearse(data: str) -> Ending:
    """With these digits, which are in use afterwards; how it went. Nothing else is left of it."""
    order = Order(
        lesson="rehearsal",
        experiment="go",
        filename=_NAME,
        source=_TEXT,
        knobs={},
        seeds=(42,),
        device="cpu",
        data=data,
    )
    start = Start(order=order, seed=42, threads=1, among_many=True)
    with none_asked_for():
        for _ in range(TURNS):
            box = FactsBox(io.BytesIO())
            ending = performed(start, Control(), box)
            box.end(ending)
    sys.modules.pop(MODULE, None)
    linecache.cache.pop(_NAME, None)
    return ending
