"""A normalization that next to nothing comes out of, for there is hardly more in its input than the mean."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from initplay.lab.examining.call import Call
from initplay.lab.examining.finding import Finding, listed
from initplay.lab.examining.kinds import NORMS
from initplay.lab.examining.theory import expected_rms
from initplay.lab.examining.xray import Xray
from initplay.words.numbers import short

_FLAT = 0.01
"""Of what a normalization is to give: below it all that it normalizes is small beside its eps."""


def flat_norms(xray: Xray) -> Iterator[Finding]:
    """Of those behind it nothing else can be told, and so the first one stands for all."""
    found = [call for call in xray.calls if _is_flat(call)]
    if not found or xray.trace.input_is_zero:
        return
    first, *others = found
    more = f" (and so {listed([call.title for call in others])})" if others else ""
    yield Finding(
        first.name,
        f"{first.title}: the normalization makes rms {short(first.rms)} of an input of rms "
        f"{short(first.rms_in)}, and theory has {short(expected_rms(first) or 1)}{more}: "
        f"{_why(first, is_first=first is xray.calls[0])}",
    )


def _is_flat(call: Call) -> bool:
    if not isinstance(call.module, NORMS) or not call.rms_in > 0:
        return False
    expected = expected_rms(call)
    return bool(expected) and call.rms < _FLAT * expected


def _why(call: Call, *, is_first: bool) -> str:
    eps = getattr(call.module, "eps", None)
    if eps and call.rms_in < _FLAT * eps**0.5:  # else eps alone would leave more
        mend = "give the net larger numbers" if is_first else "draw larger weights before it"
        return f"that is small beside √eps = {short(eps**0.5)}, so {mend}"
    if isinstance(call.module, nn.modules.batchnorm._BatchNorm):
        return (
            "it takes away what all examples have in common, and these are all the same to it: give a batch "
            "of examples that differ"
        )
    return (
        "it takes away the mean of the numbers that it normalizes together, and these are all the same: let "
        "it have several that differ"
    )
