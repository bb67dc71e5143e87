"""Why layers get no gradient in a look that get one later: the dice left them out, or zeros hold it back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from initplay.lab.examining.alike import is_constant, is_told_apart
from initplay.lab.examining.call import Call
from initplay.lab.examining.cures import Cure, NoCopy, Patient
from initplay.lab.examining.inputs import called_with, moved
from initplay.lab.examining.losses import Losing
from initplay.lab.examining.refused import Refused
from initplay.lab.examining.sizes import size_of
from initplay.lab.examining.xray import SEED, Xray, look
from initplay.lab.examining.zeros import moving, without_gradient, zeros

DRAWS = 8
"""Further throws of the dice; what none of them reaches is not left out by chance."""
MOST_STEPS = 24
"""Of a copy, where one zero lies behind another: by each step the next one moves."""
_IDLE = 2
"""Steps in which nothing new moves, behind which nothing does that had not."""
_STEP = 0.01
"""By how much the largest number of a parameter moves."""


@dataclass
class Silence:
    """What is known of the layers that get no gradient in a look, and of parameters that it leaves out."""

    left_out: set[str] = field(default_factory=set)
    """The parameters that the dice left out, and do not with another throw."""
    came: dict[str, int] = field(default_factory=dict)
    """The layers whose gradient is 0 and comes once zeros have moved, with the step behind which it came."""
    alike: set[str] = field(default_factory=set)
    """Of these the ones whose units are one and the same then too."""
    still: set[str] = field(default_factory=set)
    """The layers that had none behind the last step, while zeros were moving yet."""
    untried: set[str] = field(default_factory=set)
    """The layers whose gradient is 0 and may come once zeros have moved, which was not tried."""
    steps: int = 0
    """How many were tried."""
    stuck: list[str] = field(default_factory=list)
    """What begins with zeros and had not moved by then."""

    @property
    def waiting(self) -> set[str]:
        """The layers whose gradient of 0 is no fault that is known."""
        return self.came.keys() | self.still | self.untried


def silence_of(patient: Patient, xray: Xray, way: Losing | None, *, try_it: bool) -> Silence:
    """What is known of a look's layers without a gradient: by steps of a copy where these may be tried, and
    by looks with other dice."""
    found = Silence()
    silent = without_gradient(xray)
    if silent and not (try_it and _try(patient, way, silent, found, xray)) and _may_open(patient.net, xray):
        found.untried = {call.name for call in silent}
    silent = [call for call in silent if call.name not in found.waiting]
    if xray.by_chance and (silent or xray.unused):
        found.left_out = _left_out(patient, xray, way, silent)
        left_out = {id(patient.net.get_parameter(name)) for name in found.left_out}
        silent = [call for call in silent if not is_left_out(call, left_out)]
        if silent and try_it:  # zeros that the dice left out themselves
            _try(patient, way, silent, found, xray, other_dice=True)
    return found


def _may_open(net: nn.Module, xray: Xray) -> bool:
    """Whether a step moves any of what begins with zeros."""
    return any(_size(xray, own) > 0 for each in zeros(net, xray).values() for own in each)


def is_left_out(call: Call, left_out: set[int]) -> bool:
    """Whether all that is trained of a layer is of these parameters."""
    return left_out.issuperset(id(own) for own in call.module.parameters() if own.requires_grad)


def _left_out(patient: Patient, xray: Xray, way: Losing | None, silent: list[Call]) -> set[str]:
    """The parameters that the loss does not depend on, or by a factor of 0, and does with other dice."""
    own = dict(patient.net.named_parameters())
    unused = set(xray.unused)
    theirs = {id(one) for call in silent for one in call.module.parameters()}
    times_0 = {name for name, one in own.items() if id(one) in theirs and one in xray.gradients}
    inputs = called_with(patient.net, moved(patient.x, patient.net))
    found: set[str] = set()
    for draw in range(1, DRAWS + 1):
        try:
            other = look(patient.net, inputs, patient.y, way, seed=SEED + draw)
        except Refused:  # of what the net does with these dice nothing is known
            continue
        found |= {name for name in unused if own[name] in other.gradients}
        found |= {name for name in times_0 if _size(other, own[name]) > 0}
        if found == unused | times_0:
            break
    return found


def _size(xray: Xray, own: nn.Parameter) -> float:
    gradient = xray.gradients.get(own)
    return 0.0 if gradient is None else size_of(gradient)


def _try(
    patient: Patient,
    way: Losing | None,
    silent: list[Call],
    found: Silence,
    now: Xray,
    *,
    other_dice: bool = False,
) -> bool:
    """Move the zeros of a copy until all of these layers have a gradient, or nothing new moves any more.
    False, where that cannot be tried."""
    if not any(size_of(own) == 0 for own in now.gradients):
        return True
    came: dict[str, int] = {}
    most_idle = DRAWS if other_dice else _IDLE
    left, idle = {call.name for call in silent}, 0
    seen: set[int] = set()
    try:
        copied = patient.cured(Cure("", ""))
        for step, xray in enumerate(_steps(copied, way, other_dice=other_dice)):
            here = left & {call.name for call in xray.calls if call.rms_gradient}
            came |= dict.fromkeys(here, step)
            found.alike |= {call.name for call in xray.calls if call.name in here and _are_alike(call, xray)}
            new = moving(xray) - seen
            idle = 0 if here or new else idle + 1
            left, seen, found.steps = left - here, seen | new, step
            if not left or idle == most_idle:
                break
    except (NoCopy, Refused):
        return False
    found.came |= came
    if left:
        begin = zeros(copied.net, xray).items()
        found.stuck = [name for name, each in begin if not any(_size(xray, own) for own in each)]
        found.still = left if idle < most_idle else set()
    return True


def _are_alike(call: Call, xray: Xray) -> bool:
    """Whether the units are one and the same once there is a gradient. Behind many zeros it is small beside
    others, and no rounding: it was 0 before."""
    return call.number == 1 and is_constant(call) and not is_told_apart(call, xray, by_rounding=0)


def _steps(copied: Patient, way: Losing | None, *, other_dice: bool) -> Iterator[Xray]:
    """Look before each step of what begins with zeros, and behind the last. How
    far a step goes does not depend on how large the gradient is, as with Adam: that of the last of many zeros
    in a row is too small for a float else."""
    inputs = called_with(copied.net, moved(copied.x, copied.net))
    begin = [own for own in copied.net.parameters() if own.requires_grad and size_of(own) == 0]
    for step in range(MOST_STEPS + 1):
        xray = look(copied.net, inputs, copied.y, way, seed=SEED + step * other_dice)
        yield xray
        for own in begin:
            gradient = xray.gradients.get(own)
            largest = 0.0 if gradient is None else _largest(gradient)
            if gradient is not None and 0 < largest < math.inf:
                own.detach().sub_(gradient / largest, alpha=_STEP)


def _largest(gradient: Tensor) -> float:
    values = gradient.coalesce().values() if gradient.layout is torch.sparse_coo else gradient
    return values.detach().abs().max().item() if values.numel() else 0.0
