"""A first loss far above that of a net which knows nothing, and the head that makes it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from torch import Tensor, nn

from initplay.lab.examining import cures
from initplay.lab.examining.call import Call
from initplay.lab.examining.chains import head_of
from initplay.lab.examining.cures import Cure
from initplay.lab.examining.fan import products
from initplay.lab.examining.finding import Finding
from initplay.lab.examining.fitting import as_layer
from initplay.lab.examining.saying import said_scheme, weight_at
from initplay.lab.examining.sizes import size_of
from initplay.lab.examining.xray import Xray
from initplay.words.numbers import short

_TIMES = 3.0
"""So many times the loss of knowing nothing is loud, where the loss is no cross entropy."""
_FAR = 2.5
"""So many times as large a head makes a kept signal before that is surely loud. Usual gains are 1 to 5/3."""
_STDS = (0.02, 0.01, 0.001)


def loud_start(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    """A first loss far above that of a net which knows nothing."""
    loss, unknowing = xray.loss, xray.unknowing
    if loss is None or unknowing is None or not math.isfinite(loss):
        return
    most = _most(xray, unknowing)
    if loss < most:
        return
    what = f"the target's variance {short(unknowing)}"
    if xray.loss_name == "cross_entropy":
        what = f"ln {round(math.exp(unknowing))} = {short(unknowing, 4)}"
    is_off = abs(xray.target_mean) > xray.output_rms
    beside = f", and the target's mean is {short(xray.target_mean)}" if is_off else ""
    text = (
        f"the first loss is {short(loss, 4)} against {what} of a net that knows nothing: its outputs have "
        f"rms {short(xray.output_rms)}{beside}"
    )

    def judge(after: Xray) -> tuple[bool, str]:
        new = math.nan if after.loss is None else after.loss
        return new < most, f"a first loss of {short(new, 4)}"

    head = head_of(xray)
    ways: list[Cure] = []
    if head is not None:
        ways = _quieter(net, head)
        if xray.loss_name != "cross_entropy" and isinstance(getattr(head.module, "bias", None), Tensor):
            path = cures.path_to(net, cures.name_of(net, head))
            way = Cure(
                f"nn.init.constant_({path}.bias, y.mean().item())", "the last bias at the target's mean"
            )
            ways = [way, *ways] if is_off else [*ways, way]
    yield Finding("" if head is None else head.name, text, ways, judge)


def _most(xray: Xray, unknowing: float) -> float:
    return unknowing + 1 if xray.loss_name == "cross_entropy" else _TIMES * unknowing


def _quieter(net: nn.Module, head: Call) -> list[Cure]:
    return [cures.smaller(net, head, std) for std in _STDS]


def is_louder(after: Xray, before: Xray) -> bool:
    """Whether a change made the first loss larger, and loud. Where nobody knows what a net that knows nothing
    has, the loss before stands for that."""
    if before.loss is None or not math.isfinite(before.loss):
        return False
    if after.loss is None or not math.isfinite(after.loss):
        return True
    if after.unknowing is not None:
        most = _most(after, after.unknowing)
    else:
        most = _TIMES * before.loss if before.loss > 0 else math.inf
    return after.loss >= most and after.loss > before.loss


def with_a_quiet_head(net: nn.Module, head: Call, cure: Cure) -> list[Cure]:
    """The cure together with a smaller head: it may bring a signal to it that it had never got."""
    return [cures.together(cure, smaller, as_layer(head.title)) for smaller in _quieter(net, head)]


def is_far_too_large(xray: Xray, head: Call) -> bool:
    """Whether by its weight alone a head is too large for what a net that keeps its signal brings to it,
    however little comes now. How large the outputs ought to be is known of cross entropy alone."""
    return xray.loss_name == "cross_entropy" and gain(head) > _FAR


def of_the_head(head: Call) -> str:
    """What a head is, and how much too large."""
    times = gain(head)
    too_large = (
        f"makes a signal {short(times)} times as large" if times > 1 else "is too large for what comes"
    )
    return f"{as_layer(head.title)}, {said_scheme([head])}, {too_large}"


def gain(head: Call) -> float:
    """What its weights, were they random, make of a signal's size; NaN where theory has no number for it."""
    weight, summed = weight_at(head), head.products or products(head.module, head.entering)
    return math.nan if weight is None or summed is None else math.sqrt(summed) * size_of(weight)
