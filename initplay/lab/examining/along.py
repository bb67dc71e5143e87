"""What a signal or a gradient loses, or gains, along a run of layers or of residual sums."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import takewhile

from torch import nn

from initplay.lab.examining import cures
from initplay.lab.examining.call import Call
from initplay.lab.examining.chains import (
    SHORTEST,
    chains,
    factors,
    head_of,
    in_another_look,
    is_plain,
    keeps,
    passed_on,
    without_its_end,
)
from initplay.lab.examining.finding import Finding, Judge, listed
from initplay.lab.examining.kinds import NORMS
from initplay.lab.examining.loud import is_far_too_large, of_the_head, with_a_quiet_head
from initplay.lab.examining.means import bias_of
from initplay.lab.examining.saying import named, said_loss, said_scheme, span, under
from initplay.lab.examining.sizes import size_of
from initplay.lab.examining.xray import Xray
from initplay.words.numbers import short

SHRINKS, GROWS = 0.75, 1.33
"""A layer that keeps less or more of its signal, on average over a run of layers, loses it."""
LOST = 4.0
"""By how much the signal must have changed over the run."""
SHRINKS_SLOWLY, GROWS_SLOWLY = 0.85, 1.18
"""The same of a run so long that the signal changes by LOST_SLOWLY; 40 layers of 32 units keep more."""
LOST_SLOWLY = 100.0
LOST_AT_ONCE = 1e-3
"""What is left of a signal that a run too short for an average has surely lost: small layers that are usual
keep more of it."""
FADES = 0.6
"""What a layer passes on of its gradient, in the mean; below it the first layers hear nothing."""
FADED = 100.0
LOST_TO_DEPTH = 1e6
"""So much less gradient is a fault whatever a layer passes on: in a hundred layers little losses add up."""
STREAM_GROWS = 4.0


def lost_signal(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    """A signal that each layer of a run makes smaller, or larger, until it is another one."""
    told: set[nn.Module] = set()
    for chain in chains(xray):
        inner = without_its_end(xray, chain)
        if inner and inner[-1].activation == "sigmoid" and not inner[-1].read:  # the net's end
            inner = inner[:-1]
        calls = list(takewhile(lambda call: math.isfinite(keeps(call)), inner))
        # Behind a sigmoid the size is 1/2 whatever the weights are: there only gradients show.
        if not calls or any(call.activation == "sigmoid" for call in calls):
            continue
        mean = passed_on(calls)
        if _is_kept(mean, len(calls)) or _is_told(calls, told):
            continue
        way = cures.drawn_anew(net, inner)
        if _is_spread(calls, mean):
            text = _of_signal(calls, mean)
        else:
            text = f"{_of_a_leap(calls, mean)}{_of_gradient_too(chain)}"
        head = chain[-1]
        if mean < 1 and head is head_of(xray) and is_far_too_large(xray, head):
            text += f", and {of_the_head(head)}"
            ways = with_a_quiet_head(net, head, way)
            yield Finding(calls[0].name, text, ways, _kept(calls, mean), fills_head=True)
        else:
            yield Finding(calls[0].name, text, [way], _kept(calls, mean))


def _is_kept(mean: float, many: int) -> bool:
    """Whether so many layers, each of which keeps so much in the mean, leave the signal what it is."""
    total = mean**many
    if many < SHORTEST:  # zeros are another fault, or none
        return not 0 < total < LOST_AT_ONCE
    if SHRINKS <= mean <= GROWS:
        return SHRINKS_SLOWLY <= mean <= GROWS_SLOWLY or 1 / LOST_SLOWLY < total < LOST_SLOWLY
    return 1 / LOST < total < LOST


def _is_told(calls: list[Call], told: set[nn.Module]) -> bool:
    """Whether these layers were told of before, as where two inputs go through one encoder; else they are
    now."""
    if told.issuperset(call.module for call in calls):
        return True
    told.update(call.module for call in calls)
    return False


def _is_spread(calls: list[Call], mean: float) -> bool:
    """Whether one factor a layer tells of it: not where a few layers lose it and all others keep it, one by
    one and all together."""
    each = factors(calls)
    others = [factor for factor in each if not _is_lost(factor, mean)]
    if 2 * len(others) < len(each) or not all(SHRINKS <= factor <= GROWS for factor in others):
        return True
    return not 1 / LOST < math.prod(others) < LOST


def _of_signal(calls: list[Call], mean: float) -> str:
    return (
        f"{_drawn(calls)}, {short(mean)} a layer: the signal {_verb(mean)} from rms "
        f"{short(calls[0].rms_in)} into {calls[0].title} to {_leaving(calls[-1])}"
    )


def _of_a_leap(calls: list[Call], mean: float) -> str:
    """Of a signal that a few layers make another one, and the others keep."""
    places = [place for place, factor in enumerate(factors(calls)) if _is_lost(factor, mean)]
    first, last = places[0], places[-1]
    reached = calls[last + 1] if last + 1 < len(calls) else None
    to = _leaving(calls[last]) if reached is None else f"{short(reached.rms_in)} into {reached.title}"
    others = [call for place, call in enumerate(calls) if place not in places]
    return (
        f"{_drawn(calls)}: the signal {_verb(mean)} in {listed([calls[place].title for place in places])}, "
        f"from rms {short(calls[first].rms_in)} into {calls[first].title} to {to}, and the other layers keep "
        f"what they get{_by_biases(others)}"
    )


def _is_lost(factor: float, mean: float) -> bool:
    return factor < SHRINKS if mean < 1 else factor > GROWS


def _by_biases(calls: list[Call]) -> str:
    """Of layers that give little but their biases: at least half of the mean square is theirs."""
    biases = [bias_of(call.module) for call in calls]
    mostly = [
        bias is not None and size_of(bias) ** 2 > call.rms**2 / 2
        for call, bias in zip(calls, biases, strict=True)
    ]
    return ", for most of what they give are their biases" if all(mostly) else ""


def _of_gradient_too(chain: list[Call]) -> str:
    """Of a gradient that fades, where the signal does not by the layers that fade it."""
    calls = [call for call in chain if call.rms_gradient]
    if len(calls) < SHORTEST or not _is_faded(_fade(calls), len(calls)):
        return ""
    return f"; of the gradient a layer passes on {short(_fade(calls))}: {_faded(chain[0], calls)}"


def _drawn(calls: list[Call]) -> str:
    return f"{span(calls)}: {said_scheme(calls)} {under(calls[0])}"


def _verb(mean: float) -> str:
    return "falls" if mean < 1 else "grows"


def _leaving(call: Call) -> str:
    """How large what a layer gives is, behind its activation too, which the table does not have."""
    own = f"{short(call.rms)} out of {call.title}"
    if call.rms_after is None:
        return own
    return f"{own}, {short(call.rms_after)} behind its {named(call.activation)}"


def _kept(calls: list[Call], before: float) -> Judge:
    def judge(after: Xray) -> tuple[bool, str]:
        mean = passed_on(in_another_look(after, calls))
        if not math.isfinite(mean) or mean <= 0:
            return False, f"{short(mean)} a layer"
        better = before <= 0 or abs(math.log(mean)) < abs(math.log(before)) / 2
        return better, f"{short(mean)} a layer and {said_loss(after)}"

    return judge


def grown_stream(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    """A residual stream that grows with every block that is added to it."""
    sums = [one for one in xray.trace.sums if one.branch and is_plain(one.branch)]
    if len(sums) < SHORTEST or sums[0].rms <= 0 or not math.isfinite(sums[-1].rms):
        return
    growth = sums[-1].rms / sums[0].rms
    ends = [one.branch for one in sums if one.branch]
    if growth < STREAM_GROWS or any(isinstance(call.module, NORMS) for call in ends):
        return

    def judge(after: Xray) -> tuple[bool, str]:
        again = [one for one in after.trace.sums if one.branch and is_plain(one.branch)]
        new = again[-1].rms / again[0].rms if again and again[0].rms > 0 else math.nan
        return new < math.sqrt(growth), f"a stream that grows {short(new)}-fold and {said_loss(after)}"

    text = (
        f"the residual stream grows {short(growth)}-fold over {len(sums)} sums: x + branch has rms "
        f"{short(sums[0].rms)} behind {ends[0].title}, and {short(sums[-1].rms)} behind {ends[-1].title}"
    )
    yield Finding(ends[0].name, text, [cures.shrunk(net, ends, len(sums))], judge)


def faded_gradient(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    """A gradient of which little comes to the first layers of a run."""
    told: set[nn.Module] = set()
    for chain in chains(xray):
        calls = [call for call in chain if call.rms_gradient]
        if len(calls) < SHORTEST:
            continue
        too_small = list(takewhile(lambda call: call.rms_gradient == 0, chain))  # for a float
        fade = _fade(calls)
        if not _is_faded(fade, len(calls)) or _is_told(calls, told):
            continue

        many = len(too_small) + len(calls)

        def judge(
            after: Xray, chain: list[Call] = chain, fade: float = fade, many: int = many
        ) -> tuple[bool, str]:
            new = _fade([call for call in in_another_look(after, chain) if call.rms_gradient])
            kept = new > 0 and abs(math.log(new)) < abs(math.log(fade)) / 2
            over_all = abs(math.log(new)) * many if kept else math.inf
            return over_all < 2 * math.log(FADED), f"{short(new)} a layer"

        text = (
            f"{span([*too_small, *calls])}: {said_scheme([*too_small, *calls])} {under(calls[0])} passes on "
            f"{short(fade)} of the gradient a layer: {_faded(chain[0], calls)}"
        )
        inner = without_its_end(xray, chain)
        ways = [cures.drawn_anew(net, inner)]
        if any(call.activation == "tanh" for call in inner):
            ways.append(cures.drawn_anew(net, inner, deep=True))
        yield Finding(chain[0].name, text, ways, judge)


def _is_faded(fade: float, many: int) -> bool:
    total = fade ** (many - 1)
    return (fade < FADES and total < 1 / FADED) or total < 1 / LOST_TO_DEPTH


def _faded(first: Call, calls: list[Call]) -> str:
    """From the last of the layers to the first of the run, which may get none of it."""
    last = calls[-1]
    at_last, at_first = short(length_of_gradient(last)), short(length_of_gradient(first))
    return f"its length {at_last} at {last.title} is {at_first} at {first.title}"


def length_of_gradient(call: Call) -> float:
    """Of the gradient by its output. The rms would fall in each convolution that a larger picture goes into,
    over whose places the same gradient is spread; the length does not."""
    return (call.rms_gradient or 0) * math.sqrt(math.prod(call.leaving))


def _fade(calls: list[Call]) -> float:
    if len(calls) < 2:
        return math.nan
    first, last = length_of_gradient(calls[0]), length_of_gradient(calls[-1])
    return (first / last) ** (1 / (len(calls) - 1)) if first > 0 and last > 0 else math.nan
