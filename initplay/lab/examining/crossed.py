"""A loss that holds each output beside the targets of other examples, for their shapes do not fit."""

from __future__ import annotations

import math
from collections.abc import Iterator

from initplay.lab.examining.comparing import Compared
from initplay.lab.examining.cures import Cure
from initplay.lab.examining.finding import Finding
from initplay.lab.examining.saying import said_loss
from initplay.lab.examining.sizes import as_shape
from initplay.lab.examining.xray import Xray


def crossed(xray: Xray) -> Iterator[Finding]:
    """A loss for which torch makes more of output and target than either has."""
    found = xray.compared
    if found is None or not found.is_crossed:
        return

    def judge(after: Xray) -> tuple[bool, str]:
        mended = after.compared is None or not after.compared.is_crossed
        return mended, f"each output its own target, and {said_loss(after)}"

    text = (
        f"the loss {_of_all(found)}, for torch makes {as_shape(found.both)} of an output of shape "
        f"{as_shape(found.output)} and a target of shape {as_shape(found.target)}: {_mend(found)}"
    )
    fitting = _fitting(found)
    is_whole = fitting and found.target == xray.target_shape  # else it is no y that this would mend
    ways = [Cure(f"y = y.{fitting[0]}", f"y.{fitting[0]}")] if fitting and is_whole else []
    yield Finding("", text, ways, judge)


def of_shapes(xray: Xray) -> Iterator[str]:
    """What was done to a target of another shape than the output's, where that is no fault or no sure one."""
    if (found := xray.compared) and not found.is_crossed:
        yield (
            f"The loss compares an output of shape {as_shape(found.output)} with a target of shape "
            f"{as_shape(found.target)}: torch stretches the smaller one, and warns that this is seldom meant."
        )
    if found := xray.reshaped:
        yield (
            f"The target of shape {as_shape(found.target)} was given the output's shape, "
            f"{as_shape(found.output)}{_without_that(found)}."
        )


def _without_that(found: Compared) -> str:
    """What a loss does that does not give the target another shape; empty where torch does not take it, or
    where it comes to the same."""
    try:
        is_crossed = found.is_crossed
    except RuntimeError:
        return ""
    return f": a loss that does not do so {_of_all(found)}; {_mend(found)} there" if is_crossed else ""


def _of_all(found: Compared) -> str:
    outputs, targets = math.prod(found.output), math.prod(found.target)
    beside = math.prod(found.both) // outputs
    return f"compares each of {outputs} outputs with {'all ' if beside == targets else ''}{beside} targets"


def _mend(found: Compared) -> str:
    fitting = _fitting(found)
    if not fitting:
        return "give both the same shape"
    return f"write target.{fitting[0]}, or output.{fitting[1]}"


def _fitting(found: Compared) -> tuple[str, str] | None:
    """The method of the target that gives it the output's shape, and that of the output which does the
    opposite; None where a dimension of 1 more or less does not do it."""
    for less, more, ways in (
        (found.target, found.output, ("unsqueeze", "squeeze")),
        (found.output, found.target, ("squeeze", "unsqueeze")),
    ):
        for place in range(len(more)):
            if (*less[:place], 1, *less[place:]) == more:
                return f"{ways[0]}({place})", f"{ways[1]}({place})"
    return None
