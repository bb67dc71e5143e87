"""Units that are alike, dead or saturated."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from torch import Tensor, nn

from initplay.lab.examining import cures
from initplay.lab.examining.alike import is_constant, is_told_apart, is_told_by_bias_alone
from initplay.lab.examining.call import Call
from initplay.lab.examining.chains import head_of, in_another_look, is_plain
from initplay.lab.examining.finding import Finding, Judge
from initplay.lab.examining.saying import said_loss, said_scheme, span, under
from initplay.lab.examining.silence import Silence
from initplay.lab.examining.xray import Xray
from initplay.words.numbers import short

TOO_DEAD = 0.3
ENOUGH = 32
"""Values of a unit that have to be 0 before it is called dead."""
TOO_SATURATED = 0.4


def equal_units(net: nn.Module, xray: Xray, silence: Silence) -> Iterator[Finding]:
    """Weights that are all alike make all units of a layer the same unit, for ever; nearly so where their
    biases differ, and the gradient hardly."""
    parted = silence.waiting - silence.alike
    constant = [call for call in _all_alike(xray) if call.name not in parted]
    apart = {id(call) for call in constant if is_told_apart(call, xray)}
    by_bias = {id(call) for call in constant if id(call) in apart and is_told_by_bias_alone(call, xray)}
    alike = [call for call in constant if id(call) in by_bias or id(call) not in apart]
    if not alike:
        return

    def judge(after: Xray) -> tuple[bool, str]:
        different = not any(map(is_constant, in_another_look(after, alike)))
        return different, f"units that differ, and {said_loss(after)}"

    same = (
        "nearly the same unit, told apart by its bias alone" if by_bias else "the same unit, in training too"
    )
    text = f"{span(alike)}: {said_scheme(alike)} makes every unit of a layer {same}"
    yield Finding(alike[0].name, text, [cures.drawn_anew(net, alike)], judge)


def _all_alike(xray: Xray) -> list[Call]:
    """The layers within the net whose weight is one number, but for the ends of branches."""
    head = head_of(xray)
    plain = (call for call in xray.calls if is_plain(call) and call is not head and not call.summed)
    return [call for call in plain if call.number == 1 and is_constant(call)]


def same_for_all(net: nn.Module, xray: Xray, silence: Silence) -> Iterator[Finding]:
    """Zeros that wait for others to move, and that nothing goes around: what the head gets is the layers'
    biases, and so the same for every example."""
    head = head_of(xray)
    found = _all_alike(xray)
    if not any(call.name in silence.waiting for call in found) or head is None or not _is_the_same(head):
        return

    def judge(after: Xray) -> tuple[bool, str]:
        again = head_of(after)
        differ = again is not None and not _is_the_same(again)
        return differ, f"examples that differ, and {said_loss(after)}"

    text = (
        f"{span(found)}: {said_scheme(found)} gives the same whatever comes in, so "
        f"that what goes into {head.title} is the same for every example"
    )
    yield Finding(found[0].name, text, [cures.drawn_anew(net, found)], judge)


def _is_the_same(head: Call) -> bool:
    """Whether what goes into a layer has no scatter over examples and places, but for rounding."""
    if head.means is None or not head.rms_in > 0:
        return False
    return head.rms_in**2 - head.means.entering < 1e-6 * head.rms_in**2


def biases_that_kill(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    """Units that are dead by a bias, not by their weights."""
    found = [
        call
        for call in xray.calls
        if is_plain(call) and call.activation and _bias(call) < -0.5 * call.rms < 0
        if not _is_by_chance(call)
    ]
    worst = max(found, key=lambda call: call.dead or 0, default=None)
    if worst is None or (worst.dead or 0) < TOO_DEAD:
        return
    share = f"{worst.dead or 0:.0%}"
    bias = f"a bias of {short(_bias(worst))} in the mean"
    text = f"{span(found)}: {bias} leaves {share} of the units of {worst.title} dead"
    ways = [cures.without_bias(net, found), cures.drawn_anew(net, found)]
    yield Finding(found[0].name, text, ways, _fewer_dead(found))


def _bias(call: Call) -> float:
    """Its mean; 0 where there is none, or where it is complex."""
    bias = getattr(call.module, "bias", None)
    if not isinstance(bias, Tensor) or bias.is_complex():
        return 0.0
    return bias.detach().float().mean().item()


def _is_by_chance(call: Call) -> bool:
    """Whether a bias of few units, drawn about 0, may have such a mean."""
    bias = getattr(call.module, "bias", None)
    if not isinstance(bias, Tensor):
        return False
    bias = bias.detach().float()
    return bool(bias.mean() > -4 * bias.std(correction=0) / math.sqrt(bias.numel()))


def saturated(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    """Values at the ends of tanh or of a sigmoid, by the weights."""
    calls = [
        call
        for call in xray.calls
        if is_plain(call) and call.activation in ("tanh", "sigmoid") and (call.saturated or 0) > TOO_SATURATED
    ]
    if not calls:
        return
    worst = max(call.saturated or 0 for call in calls)

    def judge(after: Xray) -> tuple[bool, str]:
        share = max((call.saturated or 0 for call in in_another_look(after, calls)), default=1)
        return share < worst / 2, f"{share:.0%} at most and {said_loss(after)}"

    text = (
        f"{span(calls)}: {said_scheme(calls)} {under(calls[0])} leaves up to {worst:.0%} of the values "
        "at its ends, where no gradient passes"
    )
    yield Finding(calls[0].name, text, [cures.drawn_anew(net, calls)], judge)


def dead(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    """Units of ReLU that are 0 for the whole batch."""
    calls = [
        call
        for call in xray.calls
        if is_plain(call)
        and not call.normed
        and (call.dead or 0) > TOO_DEAD
        and call.values_of_a_unit >= ENOUGH
    ]
    if calls:
        worst = max(call.dead or 0 for call in calls)
        text = f"{span(calls)}: up to {worst:.0%} of the units are dead for the whole batch"
        yield Finding(calls[0].name, text, [cures.drawn_anew(net, calls)], _fewer_dead(calls), True)


def _fewer_dead(calls: Sequence[Call]) -> Judge:
    def judge(after: Xray) -> tuple[bool, str]:
        worst = max((call.dead or 0 for call in in_another_look(after, calls)), default=0)
        return worst < TOO_DEAD / 2, f"{worst:.0%} dead at most"

    return judge
