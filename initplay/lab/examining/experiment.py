"""Examining as an experiment: from the module of a user's file to events, as `initplay examine` runs it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import torch

from initplay.lab.events import Note
from initplay.lab.examining.called import NotTaken, warned_once
from initplay.lab.examining.circles import KEEP_IT_APART, circles
from initplay.lab.examining.examination import LR, examining, input_for
from initplay.lab.examining.finding import listed
from initplay.lab.examining.inputs import read_batch
from initplay.lab.examining.losses import Loss
from initplay.lab.examining.net import net_of, why_not
from initplay.lab.examining.refused import Refused
from initplay.lab.examining.shapes import shapes_of

SYNTAX = (SyntaxError,)
"""What the loader of texts says better itself, with the line."""


def examined(
    load: Callable[[], ModuleType],
    folder: str,
    *,
    device: str = "cpu",
    name: str = "",
    input: str = "",
    batch: str = "",
    loss: str = "",
    steps: int = 0,
    lr: float = LR,
) -> Iterator[Any]:
    """The events of examining the net of a file. `load` runs the file, whose neighbours are in `folder`.

    Raises Refused, with one sentence.
    """
    sys.path.insert(0, folder)
    module = _loaded(load)
    net, name = net_of(module, name or None)
    net = _on(net, device)
    yield Note(f"{name}: {_size(net)}.")
    with warned_once():
        yield from _on_a_batch(net, _loss_of(module, loss), input, batch, lr=lr, steps=steps)


def _on_a_batch(
    net: torch.nn.Module, way: Loss, input: str, batch: str, *, lr: float, steps: int
) -> Iterator[Any]:
    """The events of examining it on a batch of that file, or on one that is made up."""
    if batch:
        x, y = read_batch(batch)
    else:
        x, said = input_for(net, shapes_of(input) if input else None)
        y = None
        yield Note(said)
    try:
        yield from examining(net, x, y, loss=way, lr=lr, steps=steps, own_input=bool(batch))
    except NotTaken as error:
        if not batch:
            raise
        raise error.mended_by(
            "save (x, y) for --batch, a batch as the net takes it and its target"
        ) from error


def _on(net: torch.nn.Module, device: str) -> torch.nn.Module:
    try:
        return net.to(device)
    except RecursionError as error:  # torch goes through a module that holds itself without an end
        if all(own.device.type == torch.device(device).type for own in (*net.parameters(), *net.buffers())):
            return net
        raise Refused(
            f"The net cannot be moved to {device}, for {listed(circles(net))} is a module that it is in: "
            f"{KEEP_IT_APART}."
        ) from error


def _size(net: torch.nn.Module) -> str:
    known = [own.numel() for own in net.parameters() if not torch.nn.parameter.is_lazy(own)]
    lazy = "" if len(known) == len(list(net.parameters())) else ", and those that the first batch makes"
    return f"{sum(known):,} parameters{lazy}"


def _loaded(load: Callable[[], ModuleType]) -> ModuleType:
    try:
        return load()
    except SYNTAX:
        raise
    except SystemExit as error:
        raise Refused(
            "The file ended by sys.exit(), as a program does that wants other arguments: put what only the "
            'program does below `if __name__ == "__main__":`.'
        ) from error
    except Exception as error:
        sentence = why_not(error, "The file")
        if (
            " stopped with " in sentence
        ):  # nothing is known of it but what Python says, and that names the line
            raise
        raise Refused(sentence) from error


def _loss_of(module: ModuleType, name: str) -> Loss:
    """A function of the file goes before one of torch's."""
    if not name:
        return None
    own = getattr(module, name, None)
    return own if callable(own) else name
