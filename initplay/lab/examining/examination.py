"""Examine a net: `print(examine(net, x, y))`."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

import torch
from torch import Tensor, nn

from initplay.lab.chart import Chart
from initplay.lab.events import Layer, Note, Result, Verdict
from initplay.lab.examining.called import NotTaken, call_once, warned_once
from initplay.lab.examining.crossed import of_shapes
from initplay.lab.examining.cures import Patient
from initplay.lab.examining.findings import findings
from initplay.lab.examining.inputs import (
    PICTURES,
    Guess,
    as_tensors,
    bytes_of,
    called_with,
    examples_of,
    guesses,
    guesses_by_weight,
    made,
    moved,
    refuse_without_numbers,
)
from initplay.lab.examining.losses import Loss, losing
from initplay.lab.examining.memory import free_memory, gigabytes, refuse_what_is_too_large
from initplay.lab.examining.net import examinable
from initplay.lab.examining.notes import facts_of_silence, of_made_up_input, of_silence, what_is_not_seen
from initplay.lab.examining.refused import Refused
from initplay.lab.examining.remade import Remade, remade_of
from initplay.lab.examining.silence import silence_of
from initplay.lab.examining.table import layers
from initplay.lab.examining.text import written
from initplay.lab.examining.training import Learning
from initplay.lab.examining.trying import Trial, untried
from initplay.lab.examining.untouched import read
from initplay.lab.examining.xray import Xray, look
from initplay.lab.examining.zeros import zeros
from initplay.words.numbers import short

LR = 0.01
_COPIES = 2
"""Of an input: itself, and what the net is given, for it may work in place."""


@dataclass(repr=False)
class Examination:
    """What was found of a net. `print` it, or read its parts."""

    layers: list[Layer] = field(default_factory=list)
    """In the order of the forward pass."""
    verdicts: list[Verdict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What could not be seen, and what was assumed."""
    facts: dict[str, Any] = field(default_factory=dict)
    """The numbers of the net as a whole: loss, loss_of_knowing_nothing, input_rms, output_rms."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What a notebook shows where a cell ends with it."""
        printer.text("…" if cycle else str(self))

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return written(self.layers, self.verdicts, self.facts, self.notes)


def examine(
    net: nn.Module,
    x: Any,
    y: Any = None,
    *,
    loss: Loss = None,
    lr: float = LR,
    steps: int = 0,
    cure: bool = True,
) -> Examination:
    """Look at a net without changing it: its weights' schemes, its signals and gradients, and what to change.

    `x` is a batch as the net takes it: a tensor, a tuple of several inputs, or a dict of them by name. `y` is
    the target; without one it is made up. `loss` is "cross_entropy", "mse", the name of another in
    torch.nn.functional, or a function of output and target; by default what fits the target. `lr` is the rate
    that the update ratios are of. With `steps` a copy is trained so long on the batch. With `cure=False` no
    change is tried.

    Raises Refused with one sentence, where the net does not take `x` or gives what no loss can be taken of,
    and where `loss`, `lr` or `steps` is none.
    """
    found = Examination()
    events = examining(net, as_tensors(x), as_tensors(y), loss=loss, lr=lr, steps=steps, cure=cure)
    for event in _said_in_python(events):
        if isinstance(event, Layer):
            found.layers.append(event)
        elif isinstance(event, Verdict):
            found.verdicts.append(event)
        elif isinstance(event, Note):
            found.notes.append(event.text)
        elif isinstance(event, Result):
            found.facts.update(event.values)
    return found


def _said_in_python(events: Iterator[Any]) -> Iterator[Any]:
    """The same, with what an option of the command would mend said for who calls a function."""
    try:
        with warned_once():
            yield from events
    except NotTaken as error:
        raise error.mended_by(
            "x is a tensor, a tuple of several inputs, or a dict of them by name, and the target is y"
        ) from error


def examining(
    net: nn.Module,
    x: Any,
    y: Any,
    *,
    loss: Loss,
    lr: float,
    steps: int,
    cure: bool = True,
    own_input: bool = True,
) -> Iterator[Any]:
    """The same as events, one after the other, as an experiment yields them."""
    _refuse_steps(steps, lr)
    net = examinable(net)
    refuse_without_numbers(x, "x")
    refuse_without_numbers(y, "y")
    refuse_what_is_too_large(net, 5 if cure and steps else 3 if cure else 2)
    net = _with_its_shapes(net)
    inputs = called_with(net, moved(x, net))
    way = losing(loss)
    y = moved(y, net)
    xray = look(net, inputs, y, way)
    patient = Patient(net, x, y, lr)
    silence = silence_of(patient, xray, way, try_it=cure)
    remade = remade_of(patient) if cure else Remade()
    with read(net):
        table = list(layers(net, xray, lr))
        begin = list(zeros(net, xray))
        faults = findings(net, xray, silence, remade, own_input=own_input, lr=lr)
    yield from table  # before the first moment, so that it is there at all of them
    yield from _drawn(table[: len(xray.calls)])
    yield from map(Note, what_is_not_seen(net, xray))
    yield from map(Note, of_shapes(xray))
    yield from map(Note, of_silence(net, xray, begin, silence))
    if not own_input and (said := of_made_up_input(xray)):
        yield Note(said)
    yield Result(**_facts(xray, lr), **facts_of_silence(net, xray, begin, silence))
    learning, refused = Learning(patient, way, steps) if steps else None, None
    if learning:  # before what goes by how it ends
        try:
            yield from learning.drawn()
        except Refused as error:
            refused = error
    given = Trial(patient, xray, way, learning).verdict_on if cure else untried
    verdicts = [
        verdict for finding in faults if (verdict := given(finding)).change or not finding.only_if_cured
    ]
    verdicts = verdicts or list(not_finite(table))
    yield from verdicts
    if refused:
        raise refused
    if learning:
        yield from learning.judged(cure, known=bool(verdicts))


def _refuse_steps(steps: Any, lr: Any) -> None:
    """Raises Refused for what is no number of steps, or no rate of one."""
    if not isinstance(steps, Integral) or steps < 0:
        raise Refused(f"steps={steps!r} is no number of steps: it is a whole number from 0 on, such as 100.")
    if not isinstance(lr, Real) or not 0 < float(lr) < math.inf:
        raise Refused(f"lr={lr!r} is no learning rate: it is a number above 0, such as 0.01.")


def _with_its_shapes(net: nn.Module) -> nn.Module:
    """The net itself, or a copy where a lazy layer would take its shape from the first batch."""
    lazy = [own for own in (*net.parameters(), *net.buffers()) if nn.parameter.is_lazy(own)]
    # torch copies a parameter without a shape, and no buffer.
    buffers = {id(own): type(own)() for own in lazy if isinstance(own, nn.parameter.UninitializedBuffer)}
    return copy.deepcopy(net, buffers) if lazy else net


def input_for(net: nn.Module, shapes: list[tuple[int, ...]] | None) -> tuple[tuple[Tensor, ...], str]:
    """A made-up batch that the net takes, and what it is in words: of these shapes, or of one that it may
    take.

    Raises Refused, where the net takes none.
    """
    named: list[Guess] = [(shapes, "noise"), (shapes, "ids")] if shapes else []
    if shapes:
        _refuse_too_large(shapes)
    likely = named or list(guesses(net))
    pictures: list[Guess] = [([shape], "noise") for shape in PICTURES]
    others: list[Guess] = [] if shapes else [*guesses_by_weight(net), *pictures]
    if any(own.is_complex() for own in net.parameters()):
        others = [*((each, "complex") for each, kind in likely if kind == "noise"), *others]
    refusal: Refused | None = None
    for number, (each, kind) in enumerate((*likely, *others)):
        try:
            inputs = made(net, each, kind)
            call_once(_with_its_shapes(net), called_with(net, inputs))
        except NotTaken as error:
            refusal = refusal or (error if number < len(likely) else None)
            continue
        sizes = ", ".join("x".join(map(str, one.shape)) for one in inputs)
        what = {"ids": "token ids", "noise": "noise N(0, 1)", "complex": "complex noise, E|z|² = 1,"}[kind]
        return inputs, f"The batch is made up: {what} of shape {sizes}." + (
            "" if shapes else " --input names another."
        )
    raise refusal or Refused(
        "What the net takes cannot be told from its layers: name the shape of one example, such as --input "
        "1x28x28."
    )


def _refuse_too_large(shapes: list[tuple[int, ...]]) -> None:
    """Raises Refused where a batch of these shapes is more than what memory is left."""
    one, examples, left = bytes_of(shapes), examples_of(shapes), free_memory(torch.device("cpu"))
    if left is not None and _COPIES * examples * one > left:
        said = ",".join("x".join(map(str, shape)) for shape in shapes)
        raise Refused(
            f"--input {said} takes {gigabytes(one)} for one example, {gigabytes(examples * one)} for a batch "
            f"of {examples}, and {gigabytes(left)} are free: name a smaller shape."
        )


def _facts(xray: Xray, lr: float) -> dict[str, Any]:
    facts: dict[str, Any] = {"loss": xray.loss, "loss_name": xray.loss_name}
    facts["loss_of_knowing_nothing"] = xray.unknowing
    facts["input_rms"] = None if math.isnan(xray.trace.input_rms) else xray.trace.input_rms
    facts["output_rms"] = None if math.isnan(xray.output_rms) else xray.output_rms
    facts["first_broken"] = xray.broken.title if xray.broken else None
    facts["lr"] = lr
    return facts


def _drawn(called: list[Layer]) -> Iterator[Any]:
    """Sizes by layer, as charts."""
    rms = Chart("rms by layer", x="layer", y="rms", log_y=True)
    gradients = Chart("gradient by layer", x="layer", y="rms of gradient", log_y=True)
    for number, layer in enumerate(called, 1):
        yield rms.at(number, math.nan if layer.rms is None else layer.rms, theory=layer.theory_rms)
        if layer.grad_rms is not None:
            yield gradients.at(number, layer.grad_rms)


def not_finite(table: list[Layer]) -> Iterator[Verdict]:
    """The first number of the table that is not finite, where no rule tells of it."""
    for layer in table:
        numbers = {"rms": layer.rms, "gradient": layer.grad_rms, "update": layer.update_ratio}
        for what, number in numbers.items():
            if number is not None and not math.isfinite(number):
                yield Verdict(
                    layer.name, f"{layer.name}: its {what} is {short(number)}, and no rule tells why."
                )
                return


class Watch:
    """Examine a net every so many steps of a training loop, without a framework.

    >>> watch = Watch(net, every=100)
    >>> for step, (x, y) in enumerate(batches):
    ...     watch(step, x, y)
    ...     # your own step
    """

    def __init__(
        self,
        net: nn.Module,
        every: int = 100,
        *,
        loss: Loss = None,
        lr: float = LR,
        cure: bool = False,
        say: Callable[[str], object] = print,
    ) -> None:
        if every < 1:
            raise ValueError(f"every must be at least 1, not {every}")
        self._net, self._every, self._loss, self._lr, self._cure, self._say = net, every, loss, lr, cure, say
        self.seen: dict[int, Examination] = {}
        """Each look, by its step."""

    def __call__(self, step: int, x: Any, y: Any = None) -> Examination | None:
        """Look, where it is time to; a line for it, and one for each verdict."""
        if step % self._every:
            return None
        found = examine(self._net, x, y, loss=self._loss, lr=self._lr, cure=self._cure)
        self.seen[step] = found
        self._say(f"step {step}: {_in_a_line(found)}")
        for verdict in found.verdicts:
            self._say(f"  ! {verdict.text}")
        return found


def _in_a_line(found: Examination) -> str:
    parts = [f"loss {short(found.facts['loss'])}"] if found.facts.get("loss") is not None else []
    for what, numbers in (
        ("rms", [layer.rms for layer in found.layers]),
        ("gradient", [layer.grad_rms for layer in found.layers]),
        ("update", [layer.update_ratio for layer in found.layers]),
    ):
        there = [one for one in numbers if one is not None]
        if there:
            parts.append(f"{what} {short(min(there))} … {short(max(there))}")
    return ", ".join(parts)
