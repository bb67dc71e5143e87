"""The way back, function by function: which is the first that makes numbers of finite ones that are not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from initplay.lab.examining.sizes import has_size, size_of


@dataclass
class Breaking:
    """The first step of the way back that gives a gradient which is not finite."""

    name: str = ""
    """Of the function, as it is called in the forward pass; empty where it is no one function."""
    kind: str = ""
    """`own` for an autograd.Function of the net's, `hook` for a hook on a tensor or a module."""


@contextmanager
def watched(loss: Tensor) -> Iterator[Breaking]:
    """Within it what each function sends back of the loss is looked at."""
    found = Breaking()
    handles = [node.register_hook(_watching(node, found)) for node in _nodes(loss)]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()


def is_finite(*gradients: Tensor | None) -> bool:
    sized = (one for one in gradients if one is not None and has_size(one) and one.numel())
    return all(math.isfinite(size_of(one)) for one in sized)


def _nodes(loss: Tensor) -> list[Any]:
    found: dict[Any, None] = {}
    left = [loss.grad_fn]
    while left:
        node = left.pop()
        if node is not None and node not in found:
            found[node] = None
            left += [before for before, _ in node.next_functions]
    return list(found)


def _watching(node: Any, found: Breaking) -> Callable[[Any, Any], None]:
    def watch(given: tuple[Tensor | None, ...], got: tuple[Tensor | None, ...]) -> None:
        if found.kind:
            return
        if not is_finite(*got):  # no function gave it: what stands on the tensor did
            found.name, found.kind = _name(node), "hook"
        elif not is_finite(*given):
            found.name, found.kind = _name(node), _kind(node)

    return watch


_OF_HOOKS = "BackwardHookFunctionBackward"
"""What torch puts around a module that has a full backward hook."""


def _kind(node: Any) -> str:
    if node.name() == _OF_HOOKS:
        return "hook"
    return "own" if hasattr(node, "_forward_cls") else "torch's"


def _name(node: Any) -> str:
    """`SqrtBackward0` is what torch calls the way back through sqrt."""
    if node.name() == _OF_HOOKS:
        return ""
    if hasattr(node, "_forward_cls"):
        return node._forward_cls.__name__
    name = node.name().rpartition("Backward")[0]
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in name).removeprefix("_")
