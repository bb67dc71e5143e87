"""How large a tensor is, of whatever layout, and which tensors are in an argument or a result."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from initplay.lab.statistics import rms


def has_size(tensor: Tensor) -> bool:
    """Whether it holds numbers that are large or small, and no indices, in one piece."""
    return (tensor.is_floating_point() or tensor.is_complex()) and not tensor.is_nested


def size_of(tensor: Tensor) -> float:
    """Its root mean square, whatever its dtype and layout and however large."""
    return unseen(_size_of)(tensor.detach())


def unseen(measure: Callable[..., Any]) -> Callable[..., Any]:
    """The same function unseen by the mode: what is done to measure is nothing to be followed."""

    def measured(*args: Any) -> Any:
        with torch._C.DisableTorchFunction():
            return measure(*args)

    return measured


def _size_of(tensor: Tensor) -> float:
    count = tensor.numel()
    if count == 0:
        return math.nan
    if tensor.layout is not torch.strided:
        stored = tensor.coalesce().values() if tensor.layout is torch.sparse_coo else tensor.values()
        return _size_of(stored) * math.sqrt(stored.numel() / count) if stored.numel() else 0.0
    if tensor.is_complex():
        return math.sqrt(2) * _size_of(torch.view_as_real(tensor.resolve_conj()))
    tensor = tensor if tensor.dtype == torch.float64 else tensor.float()
    length = torch.linalg.vector_norm(tensor).item()
    if length == 0 and not tensor.any():
        return 0.0
    if length == 0 or not math.isfinite(length):
        return rms(tensor).item()
    return length / math.sqrt(count)


def tensors_in(value: Any, deep: int = 3) -> Iterator[Tensor]:
    """The tensors in an argument, a result or other nested values, in order."""
    if isinstance(value, Tensor):
        yield value
    elif deep and isinstance(value, (tuple, list)):
        for one in value:
            yield from tensors_in(one, deep - 1)
    elif deep and isinstance(value, dict):
        for one in value.values():
            yield from tensors_in(one, deep - 1)


def shape_of(value: Any) -> str:
    return as_shape(value.shape) if isinstance(value, Tensor) else type(value).__name__


def as_shape(sizes: Sequence[int]) -> str:
    return "x".join(map(str, sizes)) or "one number"
