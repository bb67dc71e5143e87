"""Use a net and leave it as it was found: buffers, modes, random numbers, gradients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def untouched(net: nn.Module) -> Iterator[None]:
    """Whatever is done to the net's buffers, training modes, `.grad`s and to torch's dice is undone.

    Its parameters are not: who changes them takes a copy. Buffers are cloned; of gradients nothing is copied,
    so that they may be replaced here but not added to.
    """
    modules = list(net.modules())
    # A compiled module has no dict of buffers that could be put back; their contents can.
    buffers = [(one, dict(one._buffers)) for one in modules if not isinstance(one, torch.jit.ScriptModule)]
    contents = [(buffer, buffer.detach().clone()) for buffer in net.buffers()]
    training = [module.training for module in modules]
    gradients = [(parameter, parameter.grad) for parameter in net.parameters()]
    try:
        with own_dice():
            yield
    finally:
        for module, mode in zip(modules, training, strict=True):
            module.training = mode
        for module, own in buffers:
            module._buffers.clear()
            module._buffers.update(own)
        with torch.no_grad():
            for buffer, content in contents:
                buffer.copy_(content)
        for parameter, gradient in gradients:
            parameter.grad = gradient


@contextmanager
def own_dice() -> Iterator[None]:
    """Random numbers within it, on every device that is in use, are none of the user's."""
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_initialized() else []
    apple = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None
    try:
        with torch.random.fork_rng(devices):
            yield
    finally:
        if apple is not None:
            torch.mps.set_rng_state(apple)
