"""Numbers that are not finite: which layer, or what between two of them, is the first to give any."""

from __future__ import annotations

import math
from collections.abc import Iterator

from torch import nn

from initplay.lab.examining import cures
from initplay.lab.examining.call import Call
from initplay.lab.examining.chains import is_plain
from initplay.lab.examining.cures import Cure
from initplay.lab.examining.finding import Finding
from initplay.lab.examining.saying import in_word, said_loss
from initplay.lab.examining.xray import Xray
from initplay.words.numbers import short

_BETWEEN = {
    "NaN": "a division by 0, a log or root of what is below 0, or a softmax over a row that is masked whole",
    "infinite": "an exp or a power of large numbers, or a division by 0",
}
"""What makes such numbers of finite ones."""


def broken(net: nn.Module, xray: Xray, so_far: list[Finding]) -> Iterator[Finding]:
    """The first output that is not finite, or that has no numbers in it, be it the net's own; `so_far` may
    have its cure."""
    call = xray.broken
    empty = next((call for call in xray.calls if 0 in call.leaving), None)
    if empty is not None or 0 in xray.output_shape:
        yield _empty(empty, xray)
    elif call is not None:
        yield _first(net, xray, call, so_far)
    elif xray.calls and xray.output_shape and not math.isfinite(xray.output_rms):
        came = in_word(xray.output_rms)
        yield Finding(
            "",
            f"every layer is finite, and the net's output is {came}: look behind {xray.calls[-1].title}, "
            f"the last of them, for {_BETWEEN[came]}",
        )
    elif xray.loss is not None and not math.isfinite(xray.loss):
        yield Finding(
            "",
            f"every layer is finite, and the loss is {short(xray.loss)}: look into the loss and the target",
        )


def _empty(call: Call | None, xray: Xray) -> Finding:
    name, what, shape = (call.name, call.title, call.leaving) if call else ("", "the net", xray.output_shape)
    return Finding(
        name, f"{what} gives no numbers: its output has shape {'x'.join(map(str, shape))}, with nothing in it"
    )


def _first(net: nn.Module, xray: Xray, call: Call, so_far: list[Finding]) -> Finding:
    text = f"{call.title} is the first whose output is {in_word(call.rms)}"
    if xray.trace.input_is_broken:
        return Finding(call.name, f"{text}: the input itself has NaN or inf in it, which no weights mend")
    before = xray.calls[: xray.calls.index(call)]
    if math.isfinite(call.rms_in) or not before or isinstance(call.module, nn.Embedding):
        why = f"its input has rms {short(call.rms_in)}"
    else:
        came = in_word(call.rms_in)
        return Finding(
            call.name,
            f"{text}, and what goes into it is {came} already, while {before[-1].title} gives finite "
            f"numbers: look between the two for {_BETWEEN[came]}",
        )
    if isinstance(call.module, nn.MultiheadAttention):
        return Finding(call.name, f"{text}: {why}, so look for a row that its masks mask whole")
    dtype = next((own.dtype for own in call.module.parameters()), None)
    half = dtype is not None and dtype.itemsize == 2
    again = [one for one in [*before, call] if is_plain(one)]
    ways = [] if so_far or not again else [cures.drawn_anew(net, again)]
    if half and not so_far:
        ways.append(Cure("net.float()\nx = x.float()", "float32"))

    return Finding(call.name, f"{text}: {why}", ways, is_mended)


def is_mended(after: Xray) -> tuple[bool, str]:
    """Whether another look has nothing but finite numbers."""
    mended = after.broken is None and (after.loss is None or math.isfinite(after.loss))
    where = f"up to {after.broken.title}" if after.broken else "in every layer"
    return mended, f"finite numbers {where} and {said_loss(after)}"
