"""What a net is shown: a batch of the user's, noise of a shape they name, or of one that the net takes."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator
from typing import Any, Literal

import torch
from torch import Tensor, nn

from initplay.lab.examining.refused import Refused
from initplay.lab.examining.sizes import tensors_in

Inputs = tuple[tuple[Any, ...], dict[str, Any]]
"""What the net is called with."""
Shapes = list[tuple[int, ...]]
"""Of one example, one for each input."""
Kind = Literal["noise", "ids", "complex"]
Guess = tuple[Shapes, Kind]
"""Shapes, and what they are filled with."""
EXAMPLES = 32
"""In a batch that is made up."""
MOST_NUMBERS = 2**21
"""In a batch that is made up; a large picture comes in fewer examples."""
_FEWEST = 4
_SIDES = (28, 32, 64, 224)
_LENGTHS = (32, 16, 8)
PICTURES = [(3, 32, 32), (1, 28, 28)]
"""What a net may take whose first layer does not say, for it cuts its input up before."""


def called_with(net: nn.Module, x: Any) -> Inputs:
    """A tuple is several inputs, a dict inputs by name, or the one input of a net that has none of these
    names; anything else is the one."""
    if isinstance(x, dict):
        return ((x,), {}) if _takes_whole(net, x) else ((), x)
    return _by_place(net, tuple(x) if isinstance(x, (tuple, list)) else (x,))


def _parameters(net: nn.Module) -> list[inspect.Parameter]:
    """Of its forward; none where Python does not know them."""
    try:
        return list(inspect.signature(net.forward).parameters.values())
    except (TypeError, ValueError):
        return []


def _takes_whole(net: nn.Module, x: dict[Any, Any]) -> bool:
    """Whether a dict is one input and not inputs by name."""
    parameters = _parameters(net)
    if not parameters or any(one.kind is one.VAR_KEYWORD for one in parameters):
        return False
    return parameters[0].kind is not parameters[0].KEYWORD_ONLY and not any(
        one.name in x for one in parameters
    )


def _by_place(net: nn.Module, given: tuple[Any, ...]) -> Inputs:
    """By place, and by name from where the net takes them by name alone."""
    parameters = _parameters(net)
    by_name = [one.name for one in parameters if one.kind is one.KEYWORD_ONLY]
    if not by_name or any(one.kind is one.VAR_POSITIONAL for one in parameters):
        return given, {}
    places = len(parameters) - len(by_name) - any(one.kind is one.VAR_KEYWORD for one in parameters)
    return given[:places], dict(zip(by_name, given[places:], strict=False))


def made(net: nn.Module, shapes: Shapes, kind: Kind) -> tuple[Tensor, ...]:
    """Noise N(0, 1) for shapes of one example, complex noise, or ids: whole numbers below its smallest
    vocabulary."""
    examples = examples_of(shapes)
    own = _of_its_precision(net)
    like = torch.empty(0) if own is None else own
    return tuple(_noise(net, (examples, *shape), kind, like) for shape in shapes)


def examples_of(shapes: Shapes) -> int:
    """How many are in a batch that is made up, by the shapes of one."""
    return max(_FEWEST, min(EXAMPLES, MOST_NUMBERS // max(_numbers(shapes), 1)))


def _numbers(shapes: Shapes) -> int:
    return sum(math.prod(shape) for shape in shapes)


def bytes_of(shapes: Shapes) -> int:
    """What one example takes while it is made, in float32 before all else."""
    return _numbers(shapes) * torch.float32.itemsize


def _of_its_precision(net: nn.Module) -> Tensor | None:
    """A parameter of the precision that most of the net's numbers have, where they are floats. Of a byte each
    they are only kept so: nothing is computed in that."""
    floats = [own for own in net.parameters() if own.is_floating_point() and own.itemsize > 1]
    counts: dict[torch.dtype, int] = {}
    for own in floats:
        counts[own.dtype] = counts.get(own.dtype, 0) + (1 if nn.parameter.is_lazy(own) else own.numel())
    return max(floats, key=lambda own: counts[own.dtype], default=None)


def _noise(net: nn.Module, shape: tuple[int, ...], kind: Kind, like: Tensor) -> Tensor:
    if kind == "ids":
        return torch.randint(_smallest_vocabulary(net), shape, device=like.device)
    if kind == "complex":
        return torch.randn(shape, device="cpu", dtype=torch.complex64).to(like.device)
    return torch.randn(shape, device="cpu").to(like.device, like.dtype)


def _smallest_vocabulary(net: nn.Module) -> int:
    return min((one.num_embeddings for one in net.modules() if isinstance(one, nn.Embedding)), default=2)


def guesses(net: nn.Module) -> Iterator[Guess]:
    """Shapes of one example that the net may take, judged by its first layer, the likeliest first."""
    for module in net.modules():
        if isinstance(module, nn.Embedding):
            for length in _LENGTHS:
                yield [(length,)], "ids"
        elif isinstance(module, nn.LazyLinear | nn.LazyConv2d):
            return
        elif isinstance(module, nn.Linear):
            yield [(module.in_features,)], "noise"
            side = math.isqrt(module.in_features)
            if side * side == module.in_features:
                yield [(1, side, side)], "noise"
            yield [(16, module.in_features)], "noise"
        elif isinstance(module, nn.Conv1d):
            yield [(module.in_channels, 64)], "noise"
        elif isinstance(module, nn.Conv2d):
            sides = _SIDES if module.in_channels == 1 else _SIDES[1:]
            for side in sides:
                yield [(module.in_channels, side, side)], "noise"
        elif isinstance(module, nn.Conv3d):
            yield [(module.in_channels, 16, 16, 16)], "noise"
        elif isinstance(module, nn.RNNBase):
            yield [(16, module.input_size)], "noise"
        else:
            continue
        return


def guesses_by_weight(net: nn.Module) -> Iterator[Guess]:
    """The same by the first weight, where no layer says it: a matrix may be kept both ways round."""
    known = (own for own in net.parameters() if not nn.parameter.is_lazy(own))
    first = next((own for own in known if own.dim() > 1), None)
    if first is None:
        return
    if first.dim() == 2:
        yield [(first.shape[0],)], "noise"
        yield [(first.shape[1],)], "noise"
    elif first.dim() == 4:
        for side in _SIDES:
            yield [(first.shape[1], side, side)], "noise"


def read_batch(path: str) -> tuple[Any, Any]:
    """Input and target of a file that torch.save wrote: a tensor, a pair, or a dict with "x" and "y".

    Raises Refused.
    """
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise Refused(f"--batch {path} cannot be read ({error.strerror}).") from error
    except Exception as error:
        raise Refused(
            f"--batch {path} is no file of tensors ({type(error).__name__}): write one with torch.save((x, "
            "y), 'batch.pt')."
        ) from error
    if isinstance(found, Tensor):
        return found, None
    if isinstance(found, dict) and "x" in found and found.keys() <= {"x", "y"}:
        return found["x"], found.get("y")
    if isinstance(found, dict):
        named = {name: value for name, value in found.items() if name not in ("y", "labels", "target")}
        return named, next((found[name] for name in ("y", "labels", "target") if name in found), None)
    if isinstance(found, (tuple, list)) and len(found) in (1, 2):
        return found[0], found[1] if len(found) == 2 else None
    raise Refused(
        f"--batch {path} holds a {type(found).__name__} that is no batch: save (x, y) in it, two tensors."
    )


def as_tensors(value: Any) -> Any:
    """The batch with tensors in place of what numpy has. Raises Refused for what holds many batches."""
    if isinstance(value, torch.utils.data.DataLoader):
        raise Refused("That is a DataLoader: give one batch of it, as `x, y = next(iter(loader))` makes it.")
    if isinstance(value, dict):
        return {name: as_tensors(one) for name, one in value.items()}
    if type(value) in (tuple, list):
        return type(value)(map(as_tensors, value))
    is_array = not isinstance(value, Tensor) and hasattr(value, "__array_interface__")
    return torch.as_tensor(value) if is_array else value


def refuse_without_numbers(value: Any, what: str) -> None:
    """Raises Refused for a batch of which nothing can be measured; `what` says whether it is x or y."""
    tensors = list(tensors_in(value))
    for one in tensors:
        if one.is_meta:
            raise Refused(
                f"{what} is on the meta device, where tensors have a shape and no numbers: give one with "
                "numbers."
            )
        if one.is_quantized:
            raise Refused(f"{what} is quantized: give it as floats, such as {what}.dequantize().")
        if one.is_nested:
            raise Refused(
                f"{what} is a nested tensor, of which torch does not give all sizes: pad it, such as "
                f"torch.nested.to_padded_tensor({what}, 0.0)."
            )
    if tensors and not any(one.numel() for one in tensors):
        shape = "x".join(map(str, tensors[0].shape))
        raise Refused(f"{what} is empty, of shape {shape}: give a batch with examples in it.")


def moved(value: Any, net: nn.Module) -> Any:
    """The batch where the net is; numbers in the net's own precision."""
    like = _of_its_precision(net)
    if like is None:
        like = next(net.parameters(), None)
    if like is None:
        return value
    if isinstance(value, Tensor):
        floats = value.is_floating_point() and like.is_floating_point()
        return value.to(like.device, like.dtype) if floats else value.to(like.device)
    if isinstance(value, dict):
        return {name: moved(one, net) for name, one in value.items()}
    return type(value)(moved(one, net) for one in value) if type(value) in (tuple, list) else value
