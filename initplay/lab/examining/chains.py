"""Runs of layers that read one another, and what they keep of their signal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import nn

from initplay.lab.examining.call import Call
from initplay.lab.examining.fan import CONVS, TRANSPOSED
from initplay.lab.examining.xray import Xray

SHORTEST = 3
"""Layers of a run that is worth a word."""


def is_plain(call: Call) -> bool:
    """Whether it multiplies by a weight and adds up, so that a scheme can keep its signal."""
    return isinstance(call.module, (nn.Linear, *CONVS, *TRANSPOSED)) or call.products is not None


def chains(xray: Xray) -> list[list[Call]]:
    """Runs of plain layers that read one another with nothing but activations and reshaping between."""
    ending: dict[int, list[Call]] = {}
    found: list[list[Call]] = []
    for call in xray.calls:
        if not is_plain(call) or call.normed or call.summed:
            continue
        chain = ending.pop(id(call.before), None) if call.before else None
        if chain is None:
            chain = []
            found.append(chain)
        chain.append(call)
        ending[id(call)] = chain
    return found


def keeps(call: Call) -> float:
    """What a layer makes of its input's size, its activation included."""
    after = call.rms if call.rms_after is None else call.rms_after
    return after / call.rms_in if call.rms_in > 0 else math.nan


def factors(calls: Sequence[Call]) -> list[float]:
    """What each of consecutive layers makes of its input's size: activations and dropout included."""
    between = [
        following.rms_in / call.rms_in if call.rms_in > 0 else math.nan for call, following in pairwise(calls)
    ]
    return [*between, keeps(calls[-1])] if calls else []


def passed_on(calls: Sequence[Call]) -> float:
    """The same of each, in the geometric mean."""
    return _mean(factors(calls))


def _mean(numbers: Sequence[float]) -> float:
    """Their geometric mean; 0 where one is 0, NaN where one is."""
    if any(not math.isfinite(one) for one in numbers) or not numbers:
        return math.nan
    if any(one <= 0 for one in numbers):
        return 0.0
    return math.exp(sum(map(math.log, numbers)) / len(numbers))


def without_its_end(xray: Xray, chain: list[Call]) -> list[Call]:
    """The chain without a layer that the net ends with, whose size is for the loss to say: one of several
    heads, too, or of one for several inputs."""
    return chain[:-1] if chain and (chain[-1] is head_of(xray) or _is_end(chain[-1])) else chain


def _is_end(call: Call) -> bool:
    return not call.read and call.activation is None


def head_of(xray: Xray) -> Call | None:
    """The last plain layer, where the net ends with what it gives; else None."""
    plain = [call for call in xray.calls if is_plain(call)]
    if not plain or plain[-1].activation or plain[-1].normed:
        return None
    return plain[-1]


def in_another_look(xray: Xray, calls: Sequence[Call]) -> list[Call]:
    """The same calls in another look."""
    wanted = {(call.name, call.number) for call in calls}
    return [call for call in xray.calls if (call.name, call.number) in wanted]
