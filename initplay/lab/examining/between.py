"""A gradient that is lost between two layers, by nothing that either of them is."""

from __future__ import annotations

import math
from collections.abc import Iterator

from initplay.lab.examining.along import LOST_AT_ONCE, length_of_gradient
from initplay.lab.examining.call import Call
from initplay.lab.examining.chains import SHORTEST, chains, head_of, is_plain
from initplay.lab.examining.finding import Finding
from initplay.lab.examining.loud import gain
from initplay.lab.examining.xray import Xray
from initplay.words.numbers import short

_LEFT = 1e-6
"""Of what the later layer's weights pass on; below it no activation that is usual is to blame."""


def lost_between(xray: Xray) -> Iterator[Finding]:
    """Of runs of two layers, for along a longer one it shows as a gradient that fades."""
    for before, after in _pairs(xray):
        passed = length_of_gradient(before) / (length_of_gradient(after) or math.nan)
        if not 0 < passed < _LEFT * min(1.0, gain(after)):
            continue
        gave = before.rms if before.rms_after is None else before.rms_after
        what = "a backward, a hook or a saturated function, such as softmax,"
        signal = ""
        if after.rms_in < LOST_AT_ONCE * gave:
            what = "a factor"
            signal = f", and the signal from rms {short(gave)} to {short(after.rms_in)}"
        elif after.alone is not before:  # a factor may be hidden by what else is read
            continue
        yield Finding(
            before.name,
            f"between {before.title} and {after.title} the gradient is lost: its length falls from "
            f"{short(length_of_gradient(after))} at {after.title} to {short(length_of_gradient(before))} at "
            f"{before.title}{signal}, where the weights of {after.title} pass on about "
            f"{short(gain(after))} of it: look for {what} between them that makes it so small",
        )


def _pairs(xray: Xray) -> list[tuple[Call, Call]]:
    """Two layers, of which the one reads the other: as far as that is seen, or where a net has no others."""
    found = [(chain[0], chain[1]) for chain in chains(xray) if 1 < len(chain) < SHORTEST]
    plain = [call for call in xray.calls if is_plain(call)]
    if not found and len(plain) == 2 and plain[1] is head_of(xray):
        before, after = plain
        if not (before.normed or before.summed or after.summed or before.read):
            found.append((before, after))
    return found
