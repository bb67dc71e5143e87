"""What this machine can run on. Imported by the worker alone, for it asks torch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from initplay.engine.wire import Device

_asks = True


class DeviceError(Exception):
    """The device asked for is not here; the message is one sentence."""


def available(*, measures: bool = False) -> list[Device]:
    """Every device torch can use now, the CPU first; what is free on it takes a context there."""
    found = [Device("cpu", "cpu")]
    if not _asks:
        return found
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            properties = torch.cuda.get_device_properties(index)
            free = _free_on(index) if measures else None
            found.append(Device(f"cuda:{index}", properties.name, properties.total_memory, free))
    if torch.backends.mps.is_available():
        found.append(Device("mps", "Apple GPU"))
    return found


@contextmanager
def none_asked_for() -> Iterator[None]:
    """There is the CPU alone in here. Who asks for others opens their driver, and may not be forked then."""
    global _asks
    _asks = False
    try:
        yield
    finally:
        _asks = True


def _free_on(index: int) -> int:
    """Bytes of a CUDA device that nobody uses, our own context not counted among them."""
    try:
        return torch.cuda.mem_get_info(index)[0]
    except RuntimeError:  # there is no room for a context
        return 0


def resolve(name: str) -> str:
    """The device of that name: "auto" takes the first accelerator, "cuda" the first CUDA device.

    Whoever wants the CPU asks no driver: to open one takes CUDA 90 ms, and all processes stand in one line
    for it.
    """
    if name == "cpu":
        return name
    names = [device.name for device in available()]
    if name == "auto":
        return names[1] if len(names) > 1 else "cpu"
    if name == "cuda" and "cuda:0" in names:
        return "cuda:0"
    if name not in names:
        raise DeviceError(f"This machine has no device {name!r}; it has {', '.join(names)}.")
    return name


def begin_with_seed(seed: int, device: str) -> None:
    """Set it for whatever lesson code may draw from there, and on the CPU.

    `torch.manual_seed` writes down its caller's stack for each kind of device there could be, for when that
    is first used, which takes longer than a short run. A run on the CPU has no use for it.
    """
    if device == "cpu":
        torch.default_generator.manual_seed(seed)
    else:
        torch.manual_seed(seed)
