"""Torch as it was imported, so that what one run patches the next one does not find patched."""

from __future__ import annotations

import builtins
import math
import random
import time
from types import ModuleType
from typing import Any

import torch
from torch.nn import functional, init

_MODULES: tuple[ModuleType, ...] = (builtins, math, random, time, torch, torch.nn, functional, init)


class Pristine:
    """What the modules and layers that lessons play with hold now; `restore` puts that back.

    Learners replace functions of `torch.nn.init` and methods of layers to see what happens. A notebook keeps
    that until it is restarted, but here every run begins as the first one did.
    """

    def __init__(self) -> None:
        layers = [value for value in vars(torch.nn).values() if isinstance(value, type)]
        self._namespaces: list[tuple[Any, dict[str, Any]]] = [
            (space, dict(vars(space))) for space in [*_MODULES, torch.Tensor, *layers]
        ]

    def restore(self) -> None:
        for space, before in self._namespaces:
            now = dict(vars(space))
            for name, value in before.items():
                if now.get(name) is not value:
                    setattr(space, name, value)
            if not isinstance(space, type):
                continue  # what is new in a module stays: it imports parts of its own late
            for name in now.keys() - before.keys():
                if callable(now[name]) or not name.startswith("__"):  # Python itself adds __annotations__
                    delattr(space, name)
