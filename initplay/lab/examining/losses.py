"""The loss that a net is measured by: what is compared with what, and what a net that knows nothing has."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from initplay.lab.examining.refused import Refused
from initplay.words.nearest import did_you_mean

Loss = str | Callable[..., Any] | None
"""A name, a function of the net's output and the target, or what fits these two."""


@dataclass(frozen=True)
class Losing:
    """How the loss is made of what the net gives."""

    name: str
    of: Callable[[Any, Any], Any]
    given: bool
    """Whether it is a function of the user's, which takes whatever the net gives."""


def losing(loss: Loss) -> Losing | None:
    """The way to the loss, or None where it is to be chosen by output and target. Raises Refused for a name
    that torch does not know."""
    if loss is None:
        return None
    if callable(loss):
        return Losing(getattr(loss, "__name__", type(loss).__name__), _with_or_without_target(loss), True)
    if not isinstance(loss, str):
        raise Refused(
            f"loss is of type {type(loss).__name__} and no loss: give a name, such as cross_entropy or mse, "
            "or a function that takes output and target."
        )
    if loss == "cross_entropy":
        return Losing(loss, cross_entropy, False)
    if loss in ("mse", "mse_loss"):
        return Losing("mse", mse, False)
    found = getattr(F, loss, None)
    known = [name for name in dir(F) if "loss" in name or "entropy" in name]
    if not callable(found) or loss not in known:
        raise Refused(
            f"No loss {loss!r}{did_you_mean(loss, ['cross_entropy', 'mse', *known])}: it is cross_entropy, "
            "mse, "
            "one of torch.nn.functional, or a function of your file that takes output and target."
        )
    return Losing(loss, found, False)


def chosen(output: Tensor, target: Any, *, ends: str | None = None) -> Losing:
    """Cross entropy where the target counts classes, or where there is none and the net gives several numbers
    for each example that are no activation's, as a generator's pictures are; else the mean square error.
    `ends` is the activation that the net ends with."""
    if isinstance(target, Tensor):
        classes = not target.is_floating_point()
        one_each = target.shape == output.shape and classes
        return (
            Losing("cross_entropy", cross_entropy, False)
            if classes and not one_each
            else Losing("mse", mse, False)
        )
    several = (
        ends not in ("tanh", "sigmoid")
        and output.dim() >= 2
        and output.shape[1 if output.dim() == 4 else -1] > 1
    )
    return Losing("cross_entropy", cross_entropy, False) if several else Losing("mse", mse, False)


def made_up(name: str, output: Tensor) -> Tensor:
    """A target where none was given: classes drawn evenly for cross entropy, else N(0, 1)."""
    if name == "cross_entropy":
        shape = _without_classes(output)
        return torch.randint(output.shape[class_dimension(output)], shape, device=output.device)
    return torch.randn_like(output, requires_grad=False)


def class_dimension(output: Tensor, target: Tensor | None = None) -> int:
    """Where the classes are: dimension 1 of images and volumes, the last one of rows and sequences."""
    if target is not None and not target.is_floating_point():
        if tuple(target.shape) == tuple(output.shape[:-1]):
            return output.dim() - 1
        return min(1, output.dim() - 1)
    return 1 if output.dim() >= 4 else output.dim() - 1


def _without_classes(output: Tensor) -> tuple[int, ...]:
    classes = class_dimension(output)
    return tuple(size for dim, size in enumerate(output.shape) if dim != classes)


def cross_entropy(output: Tensor, target: Tensor) -> Tensor:
    """torch's, in float32, with the classes wherever they are in the output."""
    if not target.is_floating_point():
        output = output.movedim(class_dimension(output, target), min(1, output.dim() - 1))
        target = target.long()
    return F.cross_entropy(output.float(), target)


def mse(output: Tensor, target: Tensor) -> Tensor:
    """The mean square error, in float32; a target of one number each may lack the output's last dimension."""
    if reshapes("mse", output, target):
        target = target.reshape(output.shape)
    return F.mse_loss(output.float(), target.float())


def reshapes(name: str, output: Tensor, target: Tensor) -> bool:
    """Whether the loss of that name gives the target the output's shape."""
    return name == "mse" and target.shape != output.shape and target.numel() == output.numel()


def of_one_who_knows_nothing(name: str, output: Tensor, target: Any) -> float | None:
    """The loss of a net that says the same of every example: ln C, or the target's variance."""
    if not isinstance(target, Tensor):
        return None
    if name == "cross_entropy" and not target.is_floating_point():
        return math.log(output.shape[class_dimension(output, target)])
    if name in ("mse", "mse_loss") and target.is_floating_point():
        return _dense(target).var(correction=0).item()
    return None


def mean_of(target: Tensor) -> float:
    """What a net that knows nothing says of every example."""
    return _dense(target).mean().item()


def _dense(target: Tensor) -> Tensor:
    return (target if target.layout is torch.strided else target.to_dense()).float()


def _with_or_without_target(loss: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    """A function of output and target, or of the output alone."""
    try:
        parameters = inspect.signature(loss).parameters.values()
    except (TypeError, ValueError):
        return loss
    places = [one for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    any_number = any(one.kind is one.VAR_POSITIONAL for one in parameters)
    if len(places) == 1 and not any_number:
        return lambda output, _target: loss(output)
    return loss
