"""What lesson code hands over, read as single numbers, texts and tensors, or refused in one sentence."""

from __future__ import annotations

import math
from typing import Any

import torch

MAX_TEXT = 10_000
_FLOATS = (torch.float32, torch.float64)
EXACT = 2**53
"""Up to here every integer is a float."""


class EventError(Exception):
    """What was yielded is no event, or holds what no event can; the message is one sentence."""


def shown(value: object) -> str:
    if isinstance(value, torch.Tensor):
        text = "a nested tensor" if value.is_nested else f"a tensor of shape {tuple(value.shape)}"
    else:
        text = repr(value)
    return f"{text[:60]} ({type(value).__name__})"


def number_of(value: Any, what: str) -> float | torch.Tensor:
    """A float, or a one-element device tensor that will become one."""
    if type(value) is float:
        return value
    if type(value) is torch.Tensor and value.is_cpu and value.dim() == 0:  # as nearly all tensors here are
        number = value.item()
        if type(number) is float:
            return number
    if type(value) is int and -EXACT <= value <= EXACT:
        return float(value)
    if isinstance(value, torch.Tensor):
        refuse_unreadable(value, what)
        if value.numel() != 1:
            raise EventError(f"{what} must be one number, not a tensor of shape {tuple(value.shape)}")
        if value.is_cpu:
            return float(value.item())
        return value.detach().clone().reshape(1)
    if isinstance(value, str):  # which float would read
        raise EventError(f"{what} must be a number, not {shown(value)}")
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    except (TypeError, ValueError):
        raise EventError(f"{what} must be a number, not {shown(value)}") from None


def refuse_unreadable(tensor: torch.Tensor, what: str) -> None:
    """Raises EventError for a tensor that has no real numbers lying in order."""
    if tensor.is_complex():
        raise EventError(f"{what} must be real, not complex; take its .abs() or its .real")
    if tensor.is_meta:
        raise EventError(f"{what} is on the meta device, where tensors have shapes but no numbers")
    if tensor.is_nested:
        raise EventError(f"{what} is nested; hand over one of its .unbind()")
    if tensor.is_quantized:
        raise EventError(f"{what} is quantized; hand over its .dequantize()")
    if tensor.layout != torch.strided:
        kind = "sparse" if "sparse" in str(tensor.layout) else f"laid out as {tensor.layout}"
        raise EventError(f"{what} is {kind}; hand over its .to_dense()")


def text_of(value: object, what: str) -> str:
    if type(value) is str and len(value) <= MAX_TEXT:
        return value
    if not isinstance(value, str):
        raise EventError(f"{what} must be text, not {shown(value)}")
    value = str.__str__(value)  # of a class of its own it could not travel
    return value if len(value) <= MAX_TEXT else value[:MAX_TEXT] + " …"


def tensor_of(value: Any, what: str) -> torch.Tensor:
    if not isinstance(value, torch.Tensor):
        try:
            value = torch.as_tensor(value)
        except (TypeError, ValueError, RuntimeError):
            raise EventError(f"{what} must be a tensor, not {shown(value)}") from None
    refuse_unreadable(value, what)
    return value.detach() if value.requires_grad else value


def floats_of(tensor: torch.Tensor) -> torch.Tensor:
    """Its values in a row, as float32; as float64 what is that, and whole numbers too wide for float32."""
    values = tensor if tensor.dim() == 1 else tensor.reshape(-1)
    if values.dtype in _FLOATS:
        return values
    is_wide = values.element_size() > 2 and not values.is_floating_point()
    has_doubles = values.device.type != "mps"
    return values.double() if is_wide and has_doubles else values.float()


def copy_of_few(tensor: Any, most: int) -> torch.Tensor | None:
    """A copy of a tensor of at most `most` floats on the CPU; None for any other.

    Between the steps of an experiment, which take the processor's cache, what is asked of a tensor costs a
    microsecond, and what makes another of it five: so no more is done here than must be.
    """
    if (
        type(tensor) in (torch.Tensor, torch.nn.Parameter)
        and tensor.is_cpu
        and tensor.dtype in _FLOATS
        and tensor.layout is torch.strided
        and not tensor.is_nested
        and tensor.numel() <= most
    ):
        return tensor.clone() if not tensor.requires_grad else tensor.detach().clone()
    return None


def position_of(value: Any, what: str) -> float:
    """A position. It may be a tensor, but then it is waited for: nobody counts layers on a device."""
    number = number_of(value, what)
    return float(number.item()) if isinstance(number, torch.Tensor) else number
