"""A copy of a net trained some steps on one batch: how its loss goes, and at which rate it falls."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch

from initplay.lab.chart import Chart
from initplay.lab.events import Note, Progress, Result, Verdict
from initplay.lab.examining.broken_gradients import broken_gradients
from initplay.lab.examining.cures import Cure, NoCopy, Patient
from initplay.lab.examining.finding import Finding
from initplay.lab.examining.inputs import called_with, moved
from initplay.lab.examining.losses import Losing
from initplay.lab.examining.table import update_of
from initplay.lab.examining.xray import Xray, look
from initplay.words.numbers import short

_LEARNS = 0.99
"""A net whose loss after the steps is above this share of the first has learned nothing."""
_UNKNOWING = "knowing nothing"
"""The loss of a net that says the same of every example: no theory of this one's."""
_FEW_STEPS = 10
_BLOWN_UP = 10.0
"""Times the first loss: where it is as large the rate is to blame, whatever breaks then."""


class Learning:
    """A copy that is trained so many steps on the batch, and drawn as it is."""

    def __init__(self, patient: Patient, way: Losing | None, steps: int) -> None:
        self._patient, self._way, self.steps = patient, way, steps
        self.losses: list[float] = []
        self._breaks: tuple[int, Finding] | None = None
        self._no_copy = ""

    def losses_with(self, cured: Patient) -> list[float]:
        """Those of a cured copy, which is trained as long."""
        return [_loss_of(xray) for xray in training(cured, self._way, self.steps)]

    def judged(self, cure: bool, known: bool) -> Iterator[Any]:
        """How it went, once all is drawn; where it is `known` why, only what broke."""
        if self._no_copy:
            yield Note(f"No step was taken, for the net cannot be copied: {self._no_copy}.")
            return
        broke = next((step for step, one in enumerate(self.losses) if not math.isfinite(one)), None)
        yield Result(steps=self.steps, loss_last=self.losses[-1], nan_step=broke)
        if self._breaks:
            step, found = self._breaks
            if step:  # else it was told of
                yield Verdict(found.layer, f"at step {step} {found.text}.")
        elif not known or broke is not None:
            yield from _of_training(self._patient, self._way, self.losses, cure)

    def drawn(self) -> Iterator[Any]:
        """Every look, drawn. Raises Refused where one is."""
        loss = Chart("loss by step", x="step", y="loss", reference=_UNKNOWING)
        signal = Chart("rms by step", x="step", y="rms", log_y=True)
        updates = Chart("update ratio by step", x="step", y="update / weight", log_y=True)
        losses = self.losses
        try:
            copied = self._patient.cured(Cure("", ""))
        except NoCopy as error:
            self._no_copy = str(error)
            return
        for step, xray in enumerate(training(copied, self._way, self.steps)):
            losses.append(_loss_of(xray))
            blown_up = abs(losses[-1]) > _BLOWN_UP * abs(losses[0])  # of such numbers gradients overflow, too
            if self._breaks is None and not blown_up:
                found = next(broken_gradients(copied.net, xray), None)
                self._breaks = (step, found) if found else None
            yield loss.at(step, losses[-1])
            if xray.unknowing is not None:
                yield loss.at(step, xray.unknowing, series=_UNKNOWING)
            for call in _few(xray.calls):
                yield signal.at(step, call.rms, series=call.title)
                ratio = update_of(call.module, xray, self._patient.lr)
                if ratio is not None:
                    yield updates.at(step, ratio, series=call.title)
            yield Progress(step, self.steps, "steps")


def ends_worse(losses: list[float], without: list[float]) -> bool:
    """Whether with a cure the loss breaks, or ends above where it began, and does not without. One that falls
    more slowly wants another rate."""
    return without[-1] <= without[0] and not losses[-1] <= max(losses[0], without[-1])


def training(copied: Patient, way: Losing | None, steps: int) -> Iterator[Xray]:
    """Look at a copy before each of so many steps of SGD on the one batch, and once behind them: it is
    trained."""
    inputs = called_with(copied.net, moved(copied.x, copied.net))
    for step in range(steps + 1):
        xray = look(copied.net, inputs, copied.y, way)
        yield xray
        if step < steps:
            with torch.no_grad():
                for own, gradient in xray.gradients.items():
                    own.add_(gradient, alpha=-copied.lr)


def _loss_of(xray: Xray) -> float:
    return math.nan if xray.loss is None else xray.loss


def _few(calls: list[Any], most: int = 6) -> list[Any]:
    """So many of them, the first and the last among them."""
    if len(calls) <= most:
        return calls
    return [calls[round(place * (len(calls) - 1) / (most - 1))] for place in range(most)]


def _of_training(patient: Patient, way: Losing | None, losses: list[float], cure: bool) -> Iterator[Verdict]:
    steps = len(losses) - 1
    broke = next((step for step, one in enumerate(losses) if not math.isfinite(one)), None)
    if broke == 0:
        return
    if broke is not None or losses[-1] > losses[0]:
        rises = f"the loss rises from {short(losses[0])} to {short(losses[-1])}"
        what = rises if broke is None else f"NaN at step {broke}"
        rates = [patient.lr / by for by in (10, 100, 1000)]
    elif steps >= _FEW_STEPS and losses[-1] > _LEARNS * losses[0]:
        what = f"after {steps} steps the loss is {short(losses[-1], 4)}, and it was {short(losses[0], 4)}"
        rates = [patient.lr * by for by in (10, 100)]
    else:
        return
    text, change = f"{what}, at a learning rate of {patient.lr:g}", f"lr = {rates[0]:g}"
    if cure:
        said, change = _rate_that_learns(patient, way, rates, steps, losses[0])
        text += f"; {said}"
    yield Verdict("", f"{text}.", change)


def _rate_that_learns(
    patient: Patient, way: Losing | None, rates: list[float], steps: int, first: float
) -> tuple[str, str | None]:
    """What came of the rates, tried in turn, and the change to the first at which the loss falls."""
    last = math.nan
    for lr in rates:
        copied = Patient(patient.net, patient.x, patient.y, lr).cured(Cure("", ""))
        last = [_loss_of(xray) for xray in training(copied, way, steps)][-1]
        if last < _LEARNS * first:
            return f"{lr:g} gives {short(last, 4)} after as many steps", f"lr = {lr:g}"
    return f"{rates[-1]:g} was tried last and gives {short(last, 4)} after as many steps", None
