"""What a run may leave behind in its process: looked at before and after it, where another is to follow.

A sweep has a thousand runs of some milliseconds, and to fork a process with torch and to warm it takes longer
than such a run. So a process serves the next run where the last one has left it as it was. What cannot be
seen at once, such as memory in C, is not looked at; whatever looks other than before costs a new process.
"""

from __future__ import annotations

import builtins
import math
import operator
import os
import random
import signal
import sys
import threading
import time
import types
import warnings
from collections.abc import Iterator
from typing import Any

import numpy
import torch
import torch._tensor_str

from initplay.lab.mnist import dataset
from initplay.worker.source import MODULE

_LEAST = 5e-324
_OPEN_FILES = "/proc/self/fd"
_NAMESPACES = (
    builtins, math, random, time, numpy, numpy.random, torch, torch.Tensor, torch.autograd, torch.linalg,
    torch.nn, torch.nn.functional, torch.nn.init, torch.optim, torch.random, torch.nn.Module,
    torch.optim.Optimizer,
)  # fmt: skip
"""Where a name that is bound anew would change what later runs compute."""
_WITH_THEIR_CLASSES = (torch.nn, torch.optim)


class Traces:
    """A process as it was before its first run; modules that a run imports are no trace."""

    def __init__(self, threads: int) -> None:
        """`threads` are those that each of the runs is given."""
        torch.set_num_threads(threads)
        self._take()

    def _take(self) -> None:
        self._names = list(_names())
        self._settings = _settings()
        self._filters = list(warnings.filters)
        self._modules = len(sys.modules)

    def none_are_left(self) -> bool:
        """Whether it is still so. Imported modules belong to it from then on."""
        try:
            return self._is_as_before()
        except Exception:  # noqa: BLE001 (the run may have replaced anything that is called here)
            return False

    def _is_as_before(self) -> bool:
        has_imported = len(sys.modules) > self._modules
        same = (
            self._settings == _settings()
            and (self._filters == warnings.filters or (has_imported and not _makes_errors(self._filters)))
            and all(map(_is_as_before, self._names, _names()))
        )
        if same and has_imported:
            self._take()
        return same


def _is_as_before(before: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether every name has what it had, and new ones are those of modules."""
    if len(now) == len(before):
        return all(map(operator.is_, before.values(), now.values()))
    return all(now.get(name, _GONE) is value for name, value in before.items()) and all(
        isinstance(now[name], types.ModuleType) for name in now.keys() - before.keys()
    )


_GONE = object()


def _makes_errors(before: list[Any]) -> bool:
    """Whether a filter is new that raises what would be printed; imported modules bring others."""
    return any(one[0] == "error" and one not in before for one in warnings.filters)


def _names() -> Iterator[dict[str, Any]]:
    """Namespaces as they are now, always in the same order."""
    yield {name: module for name, module in sys.modules.items() if name not in (MODULE, "mine")}
    for namespace in _NAMESPACES:
        yield dict(vars(namespace))
    for module in _WITH_THEIR_CLASSES:
        for thing in vars(module).values():
            if isinstance(thing, type):
                yield dict(vars(thing))
    for name in _OURS:
        yield dict(vars(sys.modules[name]))


_OURS = sorted(name for name in sys.modules if name.startswith("initplay.lab") and ".mnist" not in name)


def _settings() -> list[Any]:
    """All else that a run finds."""
    return [
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.is_grad_enabled(),
        torch.are_deterministic_algorithms_enabled(),
        torch.get_num_threads(),
        torch.get_float32_matmul_precision(),
        _LEAST * 1.0 > 0.0,  # not where the processor was told to flush such numbers
        dict(vars(torch._tensor_str.PRINT_OPTS)),
        [rows._version for rows in dataset.in_use()],
        os.getcwd(),
        dict(os.environ),
        list(sys.path),
        [signal.getsignal(number) for number in _SIGNALS],
        threading.active_count(),
        len(os.listdir(_OPEN_FILES)) if os.path.isdir(_OPEN_FILES) else 0,
    ]


_SIGNALS = sorted(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP})
