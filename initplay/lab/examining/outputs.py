"""What a net gave, and what of it a loss can be taken of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import Tensor

from initplay.lab.examining.call import Trace
from initplay.lab.examining.losses import chosen
from initplay.lab.examining.refused import Refused
from initplay.lab.examining.sizes import shape_of


def floats_in(output: Any) -> Iterator[Tensor]:
    """The tensors of floats in an output that have dimensions, in order."""
    if isinstance(output, Tensor):
        if output.is_floating_point() and output.dim():
            yield output
    elif isinstance(output, (tuple, list, dict)):
        for one in output.values() if isinstance(output, dict) else output:
            yield from floats_in(one)


def one_tensor(output: Any, target: Any, trace: Trace) -> Tensor:
    """What the loss is taken of: the output, or what alone in it a loss can be taken of."""
    if not isinstance(output, Tensor) and (found := _only_one(output, own_loss=target is None)):
        name, output = found
        trace.unseen.append(f"The loss is taken of {name}: --loss names a function that takes them all.")
    if isinstance(output, Tensor):
        if output.is_complex():
            raise Refused(
                f"The net gives {output.dtype} numbers, of which no loss is taken: "
                "let it return real ones, such as output.abs(), or name a loss of your own with --loss NAME."
            )
        if not output.is_floating_point():
            raise Refused(
                f"The net gives {output.dtype} numbers, through which no gradient flows: let it return its "
                "logits."
            )
        return output
    if output is None:
        raise Refused("The net gives nothing: let its forward end with `return` and what it computed.")
    if isinstance(output, (str, bool, int, float)) or not _has_parts(output):
        raise Refused(
            f"The net gives {in_words(output)} and no tensor: let its forward return the tensor of its "
            "outputs, from which gradients come."
        )
    raise Refused(
        f"The net gives {in_words(output)} and no tensor: write `def loss(output, y): return "
        f"{_loss_of_first(output, target, trace)}` into the file, and name it with --loss loss."
    )


def _loss_of_first(output: Any, target: Any, trace: Trace) -> str:
    """The Python that takes a loss of the first tensor in what the net gives: the one that fits it."""
    found = next((one for one in _parts(output) if isinstance(one[1], Tensor)), None)
    if found is None:
        return "torch.nn.functional.cross_entropy(output[0], y)"
    take, first = found
    if first in trace.shares:
        return f"torch.nn.functional.nll_loss({take}.log(), y)"
    fits = chosen(first, target, ends=trace.activation_behind(first)).name
    return f"torch.nn.functional.{'mse_loss' if fits == 'mse' else fits}({take}, y)"


def _has_parts(output: Any) -> bool:
    return isinstance(output, (tuple, list, dict)) or bool(getattr(output, "__dict__", {}))


def _parts(output: Any) -> list[tuple[str, Any]]:
    """What is in an output, with the Python that takes it."""
    if isinstance(output, dict):
        return [(f"output[{name!r}]", one) for name, one in output.items()]
    if isinstance(output, tuple) and hasattr(output, "_fields"):
        return [(f"output.{name}", one) for name, one in zip(output._fields, output, strict=True)]
    if isinstance(output, (tuple, list)):
        return [(f"output[{place}]", one) for place, one in enumerate(output)]
    return [(f"output.{name}", one) for name, one in getattr(output, "__dict__", {}).items()]


def _only_one(output: Any, own_loss: bool) -> tuple[str, Tensor] | None:
    """The loss among what the net gives where that is asked for, or the only tensor that gradients come from;
    with the Python that takes it."""
    found = [(name, one) for name, one in _parts(output) if isinstance(one, Tensor) and one.requires_grad]
    losses = [(name, one) for name, one in found if one.dim() == 0]
    if own_loss and len(losses) == 1:
        return losses[0]
    found = [(name, one) for name, one in found if one.dim()]
    return found[0] if len(found) == 1 else None


def in_words(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"a tensor of shape {shape_of(value)}"
    if isinstance(value, dict):
        return f"a dict of {', '.join(map(str, value)) or 'nothing'}"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    if value is None:
        return "nothing"
    return f"{'an object of' if hasattr(value, '__dict__') else 'a'} {type(value).__name__}"
