"""What learner code gave, as plain numbers and text: how it is read, compared and shown.

An object of the learner's that says it equals everything is here only what it is, `<Everything>`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_NUMBERS = 20_000
"""In one value; a probe of more than that should say what it asks of them: a mean, a std."""
DEEPEST = 6
"""Lists in lists; more is no answer."""
_SHOWN = 6
"""Numbers of a tensor."""


@dataclass(frozen=True)
class Array:
    """A tensor as it is compared: its numbers in reading order, whatever their dtype and device."""

    shape: tuple[int, ...]
    numbers: tuple[float, ...]


def plain(value: Any, depth: int = DEEPEST) -> Any:
    """The value as numbers, text, None, `Array`s, and lists and dicts of them.

    Of anything else it is only said what it is: <dict_keys>, <Everything>, and of a complex number, which no
    answer is, also roughly how large.
    """
    import numpy
    import torch

    kind = type(value)
    if value is None or kind in (bool, str):
        return value
    if kind in (int, float):
        return (
            float(value)
            if abs(value) < 2**1000 or kind is float
            else f"<an int of {value.bit_length()} bits>"
        )
    if issubclass(kind, numpy.ndarray | numpy.generic):
        value, kind = torch.as_tensor(value), torch.Tensor
    if issubclass(kind, torch.Tensor):
        return _array(value)
    if depth and issubclass(kind, list | tuple) and len(value) <= MOST_NUMBERS:
        return [plain(item, depth - 1) for item in value]
    if depth and kind is dict and len(value) <= MOST_NUMBERS:
        return {str(name): plain(item, depth - 1) for name, item in value.items()}
    return f"<complex: {value:.4g}>" if kind is complex else f"<{kind.__name__}>"


def _array(tensor: Any) -> Any:
    import torch

    if tensor.numel() > MOST_NUMBERS or tensor.is_complex():
        what = "complex numbers" if tensor.is_complex() else f"{tensor.numel():,} numbers"
        return f"<a tensor of {what}>"
    numbers = tensor.detach().to("cpu", torch.float64).reshape(-1).tolist()
    return Array(tuple(tensor.shape), tuple(numbers)) if tensor.dim() else numbers[0]


def alike(got: Any, right: Any, within: float | Mapping[str, float], slack: float) -> bool:
    """Whether two plain values are the same as far as the tolerance goes; NaN is like NaN."""
    if isinstance(right, Array):
        same_shape = isinstance(got, Array) and got.shape == right.shape
        return same_shape and _all_near(got.numbers, right.numbers, _share(within), slack)
    if type(got) is not type(right):
        return False
    if isinstance(right, list):
        pairs = zip(got, right, strict=False)
        return len(got) == len(right) and all(alike(a, b, within, slack) for a, b in pairs)
    if isinstance(right, dict):
        return got.keys() == right.keys() and all(
            alike(got[name], value, _of(within, name), slack) for name, value in right.items()
        )
    if isinstance(right, float):
        return _near(got, right, _share(within), slack)
    return got == right


def _all_near(got: tuple[float, ...], right: tuple[float, ...], share: float, slack: float) -> bool:
    """Of two tensors' numbers; most often they are the same, or the first ones differ."""
    return got == right or all(_near(a, b, share, slack) for a, b in zip(got, right, strict=True))


def _near(got: float, right: float, share: float, slack: float) -> bool:
    if not math.isfinite(right):
        return got == right or (math.isnan(got) and math.isnan(right))
    return abs(got - right) <= max(share * abs(right), slack)


def _share(within: float | Mapping[str, float]) -> float:
    """For what has no name of its own."""
    return within if isinstance(within, (float, int)) else 1e-5


def _of(within: float | Mapping[str, float], name: str) -> float:
    return within if isinstance(within, (float, int)) else within.get(name, 1e-5)


def shown(what: Any, digits: int = 4) -> str:
    """A plain value in a few words: "(2, 2): 0, 2, 13, 30"."""
    if isinstance(what, Array):
        numbers = ", ".join(shown(number, digits) for number in what.numbers[:_SHOWN])
        numbers += " …" if len(what.numbers) > _SHOWN else ""
        return f"{what.shape}: {numbers}" if len(what.shape) > 1 else numbers or "no numbers"
    if isinstance(what, list):
        return ", ".join(shown(item, digits) for item in what) or "nothing"
    if isinstance(what, dict):
        return ", ".join(f"{name} {shown(value, digits)}" for name, value in what.items())
    if isinstance(what, float):
        return f"{what:.{digits}g}"
    return {True: "yes", False: "no"}[what] if isinstance(what, bool) else str(what)


def kind_of(value: Any) -> str:
    """What sort of value it is, so that one is not compared with another by its numbers."""
    if isinstance(value, Array):
        return f"a tensor of shape {value.shape}"
    if isinstance(value, list):
        return f"{len(value)} result{'' if len(value) == 1 else 's'} in a list or tuple"
    if isinstance(value, str):
        return value if value.startswith("<") else "text"
    if isinstance(value, dict):
        return f"({', '.join(value)})"
    return {float: "one number", bool: "yes or no"}.get(type(value), "None")


def first_difference(
    got: Any, right: Any, within: float | Mapping[str, float], slack: float, *, number: bool = False
) -> tuple[str, Any, Any]:
    """Where two values of one kind begin to differ (", entry 7"), and both of them there.

    Few numbers are easier read together, so a tensor of them is not taken apart unless a number is asked for.
    """
    parts: list[tuple[str, Any, Any, float | Mapping[str, float]]] = []
    if isinstance(right, Array) and (number or len(right.numbers) > _SHOWN):
        pairs = zip(got.numbers, right.numbers, strict=True)
        parts = [(f", entry {_place(n, right.shape)}", *both, within) for n, both in enumerate(pairs)]
    elif isinstance(right, list):
        pairs = zip(got, right, strict=True)
        parts = [(f", result {n}", *both, within) for n, both in enumerate(pairs, 1)]
    elif isinstance(right, dict) and got.keys() == right.keys():
        parts = [(f", {name}", got[name], right[name], _of(within, name)) for name in right]
    for where, ours, theirs, share in parts:
        if not alike(ours, theirs, share, slack):
            if kind_of(ours) != kind_of(theirs):
                return where, ours, theirs
            deeper, *both = first_difference(ours, theirs, share, slack, number=number)
            return where + deeper, both[0], both[1]
    return "", got, right


def _place(number: int, shape: tuple[int, ...]) -> str:
    """The index of an entry from its place in reading order: [2, 0]."""
    index: list[int] = []
    for size in reversed(shape):
        number, at = divmod(number, size)
        index.insert(0, at)
    return str(index)


def without_their_shape(got: Any, right: Any) -> tuple[Any, Any]:
    """Two tensors of one shape as their numbers alone: the shape is not the matter then."""
    if isinstance(got, Array) and isinstance(right, Array) and got.shape == right.shape:
        flat = (len(got.numbers),)
        return Array(flat, got.numbers), Array(flat, right.numbers)
    return got, right
