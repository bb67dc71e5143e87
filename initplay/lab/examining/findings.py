"""What is wrong with a net, read off one look at it. Each rule is a function that knows one fault."""

from __future__ import annotations

import math
from collections.abc import Iterator

from torch import nn

from initplay.lab.examining import cures
from initplay.lab.examining.along import faded_gradient, grown_stream, lost_signal
from initplay.lab.examining.between import lost_between
from initplay.lab.examining.broken import broken
from initplay.lab.examining.broken_gradients import broken_gradients
from initplay.lab.examining.broken_weights import broken_weights
from initplay.lab.examining.crossed import crossed
from initplay.lab.examining.cures import Cure
from initplay.lab.examining.finding import Finding
from initplay.lab.examining.flat_norms import flat_norms
from initplay.lab.examining.kinds import NORMS
from initplay.lab.examining.loud import loud_start
from initplay.lab.examining.remade import Remade, never_trained, without_those_of
from initplay.lab.examining.saying import said_loss
from initplay.lab.examining.silence import Silence
from initplay.lab.examining.sizes import has_size
from initplay.lab.examining.units import biases_that_kill, dead, equal_units, same_for_all, saturated
from initplay.lab.examining.unreached import no_gradient, stuck, unused
from initplay.lab.examining.updates import leaps, no_update
from initplay.lab.examining.xray import Xray
from initplay.words.numbers import short

LARGE_INPUT = 10.0


def findings(
    net: nn.Module, xray: Xray, silence: Silence, remade: Remade, *, own_input: bool, lr: float
) -> list[Finding]:
    """The faults that a look shows, roots before what follows; `own_input` says whether the batch is the
    user's, and `lr` is the rate of a step."""
    anew = list(never_trained(net, remade))
    found = _faults(net, xray, silence, own_input=own_input, lr=lr)
    return [*anew, *without_those_of(remade, found)]


def _faults(net: nn.Module, xray: Xray, silence: Silence, *, own_input: bool, lr: float) -> list[Finding]:
    if _has_only_whole_weights(net):  # no scheme draws these, and no gradient comes to them
        return [*broken(net, xray, []), *stuck(net, xray)]
    corrupt = list(broken_weights(net, xray))
    if none := list(_no_target(xray)):  # all else would be measured by a loss of nothing
        return [*corrupt, *none]
    if corrupt and (xray.broken or not math.isfinite(xray.loss or 0.0)):  # all else follows
        return [*(broken(net, xray, []) if xray.trace.input_is_broken else ()), *corrupt]
    askew = list(crossed(xray))
    back = [*corrupt, *broken_gradients(net, xray)]
    found: list[Finding] = []
    is_known = True  # why a gradient is 0, where it is
    found += _no_input(xray)
    found += _large_input(xray) if own_input else ()
    found += equal_units(net, xray, silence)
    found += same_for_all(net, xray, silence)
    found += biases_that_kill(net, xray)
    if not found:
        found += lost_signal(net, xray)
    found += broken(net, xray, found)
    if not found:
        found += grown_stream(net, xray)
    if not found:  # what is lost or grown on the way is loud at the end by itself
        found += flat_norms(xray)
        ends = list(saturated(net, xray))
        found += ends
        found += faded_gradient(net, xray) if not back else ()
        found += lost_between(xray) if not (back or ends) else ()
        found += dead(net, xray)
        is_known = not all(one.only_if_cured for one in found)
        found += loud_start(net, xray)
    found += _softmax_twice(net, xray)
    found += no_gradient(net, xray, silence, is_known=is_known)
    found += no_update(net, xray)
    found += leaps(net, xray, lr, by_hooks_alone=bool(found or back))
    found += unused(net, xray, silence)
    found += stuck(net, xray)
    return [*askew, *back, *found]


def _has_only_whole_weights(net: nn.Module) -> bool:
    own = list(net.parameters())
    return not any(map(has_size, [one for one in own if one.dim() > 1] or own))


def _no_input(xray: Xray) -> Iterator[Finding]:
    """Zeros show nothing: a layer makes its bias of them, and the first weights get no gradient."""
    first = next(iter(xray.calls), None)
    if xray.trace.input_is_zero:
        into = "" if first is None else f" into {first.title}"
        yield Finding(
            "",
            f"the input is all zeros: no signal goes{into}, and no gradient by a weight that multiplies it: "
            "give a batch with numbers in it",
        )


def _no_target(xray: Xray) -> Iterator[Finding]:
    if (found := xray.ignored) and xray.loss is not None:
        yield Finding(
            "",
            f"no target counts: all {found.targets} are {found.index}, which {found.loss} ignores "
            f"(ignore_index), so that the loss is {short(xray.loss)} and says nothing of the net: give a "
            "batch of which some count",
        )


def _large_input(xray: Xray) -> Iterator[Finding]:
    size = xray.trace.input_rms
    first = next(iter(xray.calls), None)
    normalized = first is not None and (first.normed or isinstance(first.module, NORMS))
    if size <= LARGE_INPUT or not math.isfinite(size) or normalized:
        return

    def judge(after: Xray) -> tuple[bool, str]:
        return (
            after.trace.input_rms < 2,
            f"an input of rms {short(after.trace.input_rms)} and {said_loss(after)}",
        )

    text = f"the input has rms {short(size)}, and schemes expect about 1: {said_loss(xray)}"
    yield Finding("", text, [Cure("x = (x - x.mean()) / x.std()", "x = (x − mean) / std")], judge)


def _softmax_twice(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    """cross_entropy takes a softmax itself: of shares from 0 to 1 it makes ones that are nearly equal."""
    if not xray.ends_with_softmax or xray.loss_name != "cross_entropy" or xray.unknowing is None:
        return
    modules = [name for name, module in net.named_modules() if name and isinstance(module, nn.Softmax)]
    ways = (
        [Cure(f"{cures.path_to(net, modules[-1])} = nn.Identity()", "no softmax in the net")]
        if modules
        else []
    )

    def judge(after: Xray) -> tuple[bool, str]:
        return not after.ends_with_softmax, f"logits and {said_loss(after)}"

    best = short(_best_of_shares(xray.unknowing))
    text = (
        "the net ends with softmax, and cross_entropy takes another one of that, so that even the best net "
        f"has a loss of {best}: return the logits, or name the loss that you train with"
    )
    yield Finding("", text, ways, judge)


def _best_of_shares(unknowing: float) -> float:
    """The loss where all of the share is that of the right one of C classes: ln(e + C - 1) - 1."""
    return math.log(math.e + math.exp(unknowing) - 1) - 1
