"""Use a net and leave it as it was found: buffers, modes, random numbers, gradients."""

from __future__ import annotations

import pickle
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.parameter import is_lazy
from torch.nn.utils import parametrize


@contextmanager
def untouched(net: nn.Module) -> Iterator[None]:
    """Whatever is done to the net's buffers, training modes, `.grad`s and to torch's dice is undone.

    Its parameters are not: who changes them takes a copy. Buffers are cloned; of gradients nothing is copied,
    so that they may be replaced here but not added to.
    """
    modules = list(net.modules())
    # A compiled module has no dict of buffers that could be put back; their contents can.
    buffers = [(one, dict(one._buffers)) for one in modules if not isinstance(one, torch.jit.ScriptModule)]
    contents = [(buffer, buffer.detach().clone()) for buffer in net.buffers() if not is_lazy(buffer)]
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
                if buffer.shape != content.shape:  # as what watches for quantizing grows one
                    buffer.resize_(content.shape)
                buffer.copy_(content)
        for parameter, gradient in gradients:
            parameter.grad = gradient


@contextmanager
def read(net: nn.Module) -> Iterator[None]:
    """Within it every weight that is made of others, as spectral_norm makes one, is made once, and as the
    next pass would: it steps on with each reading, which is undone."""
    if any("parametrizations" in module._modules for module in net.modules()):
        with untouched(net), parametrize.cached():
            yield
    else:
        yield


@contextmanager
def own_dice() -> Iterator[None]:
    """Random numbers within it, of torch on every device that is in use, of Python and of numpy, are none of
    the user's."""
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_initialized() else []
    python = random.getstate()
    numpy = sys.modules["numpy"].random if "numpy" in sys.modules else None
    of_numpy = numpy.get_state() if numpy else None
    apple = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None
    try:
        with torch.random.fork_rng(devices):
            yield
    finally:
        random.setstate(python)
        if numpy:
            numpy.set_state(of_numpy)
        if apple is not None:
            torch.mps.set_rng_state(apple)


def dice() -> tuple[object, ...]:
    """How the dice of torch, Python and numpy lie: who threw one in between finds them another way."""
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    found: list[object] = [random.getstate(), torch.get_rng_state().numpy().tobytes()]
    found += [torch.cuda.get_rng_state(device).numpy().tobytes() for device in devices]
    if torch.backends.mps.is_available():
        found.append(torch.mps.get_rng_state().numpy().tobytes())
    if "numpy" in sys.modules:
        found.append(pickle.dumps(sys.modules["numpy"].random.get_state()))
    return tuple(found)


def throw_alike(seed: int) -> None:
    """Let the dice of torch, Python and numpy fall as they always fall after this seed; within `own_dice`."""
    torch.manual_seed(seed)
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)
