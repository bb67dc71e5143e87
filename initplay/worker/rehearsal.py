"""What stands around every run, gone through before any is made: by the fork server, and again by each fork.

Python learns as it runs: an operation writes beside its code what it was given, and a table of methods what a
type has. A process that is forked before that has to learn it all anew. And what a fork then writes to, if it
is only to count who holds an object, is a page that is copied, at 5 us each: some 350 of those of a run are
copied by a rehearsal in the fork, while nobody waits for it.
"""

from __future__ import annotations

import io
import linecache
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

from initplay.engine.order import Order
from initplay.engine.wire import Start
from initplay.lab.events import Ending, Failed
from initplay.worker.control import Control
from initplay.worker.devices import none_asked_for
from initplay.worker.outbox import FactsBox, Outbox
from initplay.worker.perform import performed
from initplay.worker.source import MODULE

TURNS = 10
"""Python has learned by then: more change nothing."""
LAYERS = 100
"""Of a fork's: what it keeps until it is sent then takes as much memory as that of a run does."""
_NAME = "rehearsal.py"
_TEXT = """
import torch
from torch.nn.functional import cross_entropy

from initplay.lab import Chart, Note, Result, Table

def go(layers, learns):
    std, values = Chart("std", x="layer", y="std", log_y=True), Chart("values", x="layer")
    x = torch.randn(1024)
    for layer in range(layers):
        x = x * 1.01
        yield std.at(layer, x.std(), theory=1.01**layer)
        yield values.histogram(x, at=layer)
    broken = x.isnan().any() | x.isinf().any() | (x == 0).all() | ~x.isfinite().all()
    if broken or x.max() < x.min():
        yield Note("No draw comes to that.")
    w = torch.randn(64, 64) * 0.1
    bias = torch.zeros(64)
    if learns:
        w.requires_grad_()
        bias.requires_grad_()
    h = (w @ w.detach() - w.mean(0) + bias).relu()
    loss = cross_entropy(h, torch.arange(64))
    if learns:
        loss.backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
            w.grad.zero_()
    rms = h.detach().square().mean().sqrt().log().exp()
    yield Table("growth", "rms", "sum").row(rms.item(), x.abs().sum() / x.numel())
    yield Result(rms=rms, loss=loss, std=(x - x.mean()).tanh().var().sqrt())
"""


def rehearse_to_fork(data: str) -> None:
    """With these digits, which are in use afterwards. Nothing else is left of it, no thread either: so that
    it takes no gradient, for which torch starts threads.

    A rehearsal that fails costs time alone; the log says why, which is shown should the process end.
    """
    for _ in range(TURNS):
        ending = _rehearsed(data, FactsBox, layers=1, learns=False)
        if isinstance(ending, Failed):
            print(f"the rehearsal failed: {ending.message}", file=sys.stderr, flush=True)
            break


def rehearse_as_fork(data: str, *, has_memory: bool = True) -> None:
    """The same once, with all that a run does. Should it fail, the run will say so.

    `has_memory`: with as much to keep as a run has.
    """
    _rehearsed(data, Outbox, layers=LAYERS if has_memory else 1, learns=True)


def _rehearsed(data: str, box_into: Callable[[BinaryIO], FactsBox | Outbox], **knobs: Any) -> Ending:
    order = Order(
        lesson="rehearsal",
        experiment="go",
        filename=_NAME,
        source=_TEXT,
        knobs=knobs,
        seeds=(42,),
        device="cpu",
        data=data,
    )
    with none_asked_for():
        box = box_into(io.BytesIO())
        ending = performed(Start(order=order, seed=42, threads=1), Control(), box)
        box.end(ending)
    sys.modules.pop(MODULE, None)
    linecache.cache.pop(_NAME, None)
    return ending
