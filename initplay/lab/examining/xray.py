"""A net measured once: forward, loss and backward, with everything that was seen on the way."""

from __future__ import annotations

import math
import os
import re
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from initplay.lab.examining.backward import Breaking, is_finite, watched
from initplay.lab.examining.call import Call, Trace
from initplay.lab.examining.inputs import Inputs
from initplay.lab.examining.losses import Losing, chosen, made_up, mean_of, of_one_who_knows_nothing
from initplay.lab.examining.nesting import are_too_many, running, shortened, too_deep
from initplay.lab.examining.refused import Refused, is_of_memory
from initplay.lab.examining.sizes import has_size, size_of, tensors_in
from initplay.lab.examining.trace import tracing
from initplay.lab.examining.untouched import dice, throw_alike, untouched

SEED = 0
"""Of dropout and of made-up targets, the same at every look, so that two looks differ by the net alone."""

_NO_MEMORY = "There is not enough memory for a pass of this net: examine fewer examples, or smaller ones."


@dataclass
class Xray:
    """What one look at a net showed."""

    trace: Trace
    loss_name: str = ""
    loss: float | None = None
    unknowing: float | None = None
    """The loss of a net that says the same of every example, where that is known."""
    target_mean: float = math.nan
    """Where the loss is the mean square error."""
    output_rms: float = math.nan
    output_shape: tuple[int, ...] = ()
    ends_with_softmax: bool = False
    by_chance: bool = False
    """Whether the forward pass threw dice, as dropout does."""
    gradients: dict[nn.Parameter, Tensor] = field(default_factory=dict)
    breaking: Breaking = field(default_factory=Breaking)
    """Where a gradient `breaks_back`, what on the way makes it so."""
    unused: list[str] = field(default_factory=list)
    """Parameters that the loss does not depend on."""
    stuck: str = ""
    """Why nothing could be sent back, where there is a loss and no gradient; a sentence without its end."""
    mend: str = "take torch.no_grad(), .detach() and what works in place out of its forward"
    """What is to be done about that."""

    @property
    def calls(self) -> list[Call]:
        return self.trace.calls

    @property
    def broken(self) -> Call | None:
        """The first layer whose output is not finite, in the order of the forward pass."""
        sized = (call for call in self.calls if 0 not in call.leaving)
        return next((call for call in sized if not math.isfinite(call.rms)), None)

    @cached_property
    def breaks_back(self) -> bool:
        """Whether a gradient is not finite, where all that goes forward is: asked of all of them, and so no
        sooner than the look is over."""
        if self.broken or self.loss is None or not math.isfinite(self.loss):
            return False
        by_outputs = (one for call in self.calls for found in call.gradients for one in found)
        return not all(map(math.isfinite, by_outputs)) or not is_finite(*self.gradients.values())

    def call(self, name: str) -> Call | None:
        """The first call of the layer of that name."""
        return next((call for call in self.calls if call.name == name), None)


def look(net: nn.Module, inputs: Inputs, target: Any, losing: Losing | None, *, seed: int = SEED) -> Xray:
    """Call the net, and take the loss and its gradients. The net is left as it was found. `seed` is that of
    the dice.

    Raises Refused, where the net cannot be called with these inputs or gives what no loss can be taken of.
    """
    xray = _look(net, inputs, target, losing, seed)
    if xray.breaks_back:
        xray.breaking = _look(net, inputs, target, losing, seed, watch=True).breaking
    return xray


def _look(
    net: nn.Module, inputs: Inputs, target: Any, losing: Losing | None, seed: int, *, watch: bool = False
) -> Xray:
    """The same, with an eye on each function of the way back where one is to `watch` it, which takes
    longer."""
    with untouched(net), torch.enable_grad(), _as_python(), _quiet():
        throw_alike(seed)
        lie = dice()
        with tracing(net) as trace:
            sized = _with_size(inputs)
            trace.input_rms = size_of(sized[0]) if sized else math.nan
            trace.input_is_broken = not all(math.isfinite(size_of(one)) for one in sized)
            only_floats = len(sized) == len(list(tensors_in(list(inputs))))
            trace.input_is_zero = bool(sized) and only_floats and all(size_of(one) == 0 for one in sized)
            output = _called(net, inputs)
        xray = Xray(trace, by_chance=dice() != lie)
        loss = _loss(output, target, losing, xray)
        if loss is not None and watch:
            with watched(loss) as xray.breaking:
                _backward(net, loss, xray)
        elif loss is not None:
            _backward(net, loss, xray)
    return xray


def call_once(net: nn.Module, inputs: Inputs) -> None:
    """Whether the net takes these inputs: raises NotTaken where it does not."""
    with untouched(net), torch.no_grad(), _as_python(), _quiet():
        _called(net, inputs)


def _as_python() -> AbstractContextManager[object]:
    """Within it parts that were given to torch.compile run as they were written, so that they can be seen."""
    if "torch._dynamo" not in sys.modules or not hasattr(torch.compiler, "set_stance"):
        return nullcontext()
    return torch.compiler.set_stance("force_eager")


@contextmanager
def _quiet() -> Iterator[None]:
    """Within it nobody is warned of what is done here: of a hook of the net's at a gradient that is taken by
    the parameters alone. What else torch warns of may be a fault of the net's, and is said."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"initplay\b")
        warnings.filterwarnings("ignore", message="Full backward hook is firing")
        yield


def _called(net: nn.Module, inputs: Inputs) -> Any:
    args, kwargs = _copied(inputs)  # a net may work on its input in place
    try:
        output = net(*args, **kwargs)
    except Exception as error:
        if is_of_memory(error):
            raise Refused(_NO_MEMORY) from error
        raise _why_not_called(net, error, inputs, running(net, error)) from error
    _refuse_without_shape(net)
    for one in tensors_in(output):
        if one.is_meta:
            raise Refused(
                "The net gives tensors on the meta device, which have a shape and no numbers: take what says "
                "'meta' out of it."
            )
        if one.is_nested:
            raise Refused(
                "The net gives a nested tensor, of which torch does not give all sizes: let it return "
                "torch.nested.to_padded_tensor(output, 0.0)."
            )
    return output


def _refuse_without_shape(net: nn.Module) -> None:
    """Raises Refused where a lazy layer was not called by a pass, and so has no weights yet."""
    lazy = [
        name
        for name, module in net.named_modules()
        if any(
            own is not None and nn.parameter.is_lazy(own)
            for own in (*module._parameters.values(), *module._buffers.values())
        )
    ]
    if lazy:
        is_, its, it = ("is", "its", "it") if len(lazy) == 1 else ("are", "their", "them")
        raise Refused(
            f"{', '.join(lazy)} {is_} never called, so {its} weights never get a shape: call {it} in "
            f"forward, or take {it} out."
        )


def _copied(value: Any) -> Any:
    """The same with tensors of its own."""
    if isinstance(value, Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    if isinstance(value, dict):
        return {name: _copied(one) for name, one in value.items()}
    return type(value)(map(_copied, value)) if type(value) in (tuple, list) else value


def _why_not_called(net: nn.Module, error: Exception, inputs: Inputs, within: list[str]) -> Refused:
    """One sentence with the mend for what the net raised, within these modules."""
    said = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")[:200]
    where = f" in {shortened(within[-1])}" if within and within[-1] else ""
    if _is_of_a_name(error, net):
        kind = type(error).__name__
        return Refused(
            f"The net's forward{where} asks for a name that is not there: {kind}{_line_of(error)}, {said}; "
            "mend it there, for no other input does."
        )
    if isinstance(error, NotImplementedError) and 'missing the required "forward"' in said:
        name = said.partition("[")[2].partition("]")[0]
        return Refused(f"{name} has no forward: write `def forward(self, x):` in it, beside its __init__.")
    if "not compiled with CUDA" in said or "No CUDA GPUs" in said:
        return Refused(
            f"The net's forward{where} needs a GPU that is not here ({said}): take .cuda() out of it, and "
            "make its tensors on x.device."
        )
    if isinstance(error, RecursionError) and are_too_many(within):
        return too_deep(f"they ended {len(within)} modules deep, in {shortened(within[-1])}")
    if isinstance(error, RecursionError):
        return Refused(f"The net's forward{where} calls itself without an end: let it return at some depth.")
    if isinstance(error, EOFError):
        return Refused(
            f"The net's forward{where} asks for input ({said}), and nobody answers: take that out."
        )
    if "Expected more than 1 value per channel" in said:
        return Refused(
            f"The net does not take {_in_words(inputs)}: the normalization{where} goes by the mean and "
            "scatter of each channel, of which this batch has one number; give two examples or more."
        )
    mend = "name the shape of one example with --input, or give a batch of your own"
    if isinstance(error, TypeError) and "required positional argument" in said:
        mend = "name a shape for each input, such as --input 3x8x8,10, or give a batch of your own"
    shapes, kind = _in_words(inputs), type(error).__name__
    return NotTaken(f"The net does not take {shapes}: {kind}{where}, {said}", mend)


def _is_of_a_name(error: Exception, net: nn.Module) -> bool:
    """Whether it asks for a name that is not there, or that one of the net's modules does not have: no other
    input mends that."""
    if isinstance(error, NameError):
        return True
    kinds = {type(module).__name__ for module in net.modules()}
    missing = re.match(r"'(\w+)' object has no attribute", str(error))
    return isinstance(error, AttributeError) and missing is not None and missing[1] in kinds


def _line_of(error: Exception) -> str:
    """` in line 9 of net.py`: where it was raised last, but for torch and what is here; empty where that is
    nowhere."""
    not_theirs = (os.path.dirname(torch.__file__) + os.sep, os.path.dirname(__file__) + os.sep)
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(not_theirs)]
    return f" in line {theirs[-1].lineno} of {os.path.basename(theirs[-1].filename)}" if theirs else ""


class NotTaken(Refused):
    """The net raised at this input."""

    def __init__(self, without_mend: str, mend: str) -> None:
        super().__init__(f"{without_mend}; {mend}.")
        self.without_mend = without_mend


def _in_words(inputs: Inputs) -> str:
    args, kwargs = inputs
    parts = [_shape(one) for one in args] + [f"{name}={_shape(one)}" for name, one in kwargs.items()]
    if not parts:
        return "an input of no tensor at all"
    if not any(isinstance(one, Tensor) for one in (*args, *kwargs.values())):
        return f"an input of type {', '.join(parts)}"
    return ("an input of shape " if len(parts) == 1 else "inputs of shapes ") + ", ".join(parts)


def _shape(value: Any) -> str:
    if isinstance(value, Tensor):
        return "x".join(map(str, value.shape)) or "one number"
    return type(value).__name__


def _with_size(inputs: Inputs) -> list[Tensor]:
    args, kwargs = inputs
    return [one for one in (*args, *kwargs.values()) if isinstance(one, Tensor) and has_size(one)]


def _loss(output: Any, target: Any, losing: Losing | None, xray: Xray) -> Tensor | None:
    if losing is None or not losing.given:
        output = _one_tensor(output, target, xray)
        xray.output_rms, xray.output_shape = size_of(output), tuple(output.shape)
        xray.ends_with_softmax = output in xray.trace.shares
        if losing is None and output.dim() == 0:
            xray.loss_name, xray.loss = "the net's own", output.item()
            return output
        losing = losing or chosen(output, target, ends=xray.trace.activation_behind(output))
        target = made_up(losing.name, output) if target is None else target
        xray.unknowing = of_one_who_knows_nothing(losing.name, output, target)
        if xray.unknowing is not None and losing.name != "cross_entropy":
            xray.target_mean = mean_of(target)
    elif target is None and (first := next(_floats(output), None)) is not None:
        target = made_up(chosen(first, None).name, first)
    xray.loss_name = losing.name
    try:
        loss = losing.of(output, target)
    except Exception as error:
        said = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")[:200]
        shape = _shape(target) if target is not None else "nothing"
        raise Refused(
            f"The loss {losing.name} cannot be taken of {_shape(output)} and a target of {shape} ({said}): "
            "give "
            "another target, or a loss function of your own by --loss NAME."
        ) from error
    if not isinstance(loss, Tensor) or loss.numel() != 1:
        raise Refused(
            f"The loss {losing.name} gives {_what(loss)} and no single number: let it return the mean over "
            "the batch."
        )
    loss = loss.reshape(())
    xray.loss = loss.item()
    return loss


def _floats(output: Any) -> Iterator[Tensor]:
    """The tensors of floats in an output that have dimensions, in order."""
    if isinstance(output, Tensor):
        if output.is_floating_point() and output.dim():
            yield output
    elif isinstance(output, (tuple, list, dict)):
        for one in output.values() if isinstance(output, dict) else output:
            yield from _floats(one)


def _one_tensor(output: Any, target: Any, xray: Xray) -> Tensor:
    """What the loss is taken of: the output, or what alone in it a loss can be taken of."""
    if not isinstance(output, Tensor) and (found := _only_one(output, own_loss=target is None)):
        name, output = found
        xray.trace.unseen.append(f"The loss is taken of {name}: --loss names a function that takes them all.")
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
            f"The net gives {_what(output)} and no tensor: let its forward return the tensor of its outputs, "
            "from which gradients come."
        )
    raise Refused(
        f"The net gives {_what(output)} and no tensor: write `def loss(output, y): return "
        f"{_loss_of_first(output, target, xray)}` into the file, and name it with --loss loss."
    )


def _loss_of_first(output: Any, target: Any, xray: Xray) -> str:
    """The Python that takes a loss of the first tensor in what the net gives: the one that fits it."""
    found = next((one for one in _parts(output) if isinstance(one[1], Tensor)), None)
    if found is None:
        return "torch.nn.functional.cross_entropy(output[0], y)"
    take, first = found
    if first in xray.trace.shares:
        return f"torch.nn.functional.nll_loss({take}.log(), y)"
    fits = chosen(first, target, ends=xray.trace.activation_behind(first)).name
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


def _what(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"a tensor of shape {_shape(value)}"
    if isinstance(value, dict):
        return f"a dict of {', '.join(map(str, value)) or 'nothing'}"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    if value is None:
        return "nothing"
    return f"{'an object of' if hasattr(value, '__dict__') else 'a'} {type(value).__name__}"


def _backward(net: nn.Module, loss: Tensor, xray: Xray) -> None:
    named = {name: own for name, own in net.named_parameters() if own.requires_grad}
    if not loss.requires_grad or not named:
        xray.stuck = "the loss depends on no parameter that is trained"
        xray.trace.unseen.append("The loss depends on no parameter that is trained: there are no gradients.")
        return
    try:
        found = torch.autograd.grad(loss, list(named.values()), allow_unused=True)
    except RuntimeError as error:
        if is_of_memory(error):
            raise Refused(_NO_MEMORY) from error
        said = str(error).splitlines()[0].partition(". Hint:")[0].rstrip(".")
        xray.stuck = f"nothing can be sent back through the net: {said}"
        if "use_reentrant" in said:
            xray.stuck = "torch.utils.checkpoint hides the gradients"
            xray.mend = "write use_reentrant=False in each call of it"
        return
    for (name, own), gradient in zip(named.items(), found, strict=True):
        if gradient is None:
            xray.unused.append(name)
        else:
            xray.gradients[own] = gradient


def train(
    net: nn.Module, inputs: Inputs, target: Any, losing: Losing | None, *, lr: float, steps: int
) -> Iterator[Xray]:
    """Look before each of so many steps of SGD on the one batch, and once behind them. The net is trained:
    give a copy."""
    for step in range(steps + 1):
        xray = look(net, inputs, target, losing)
        yield xray
        if step < steps:
            with torch.no_grad():
                for own, gradient in xray.gradients.items():
                    own.add_(gradient, alpha=-lr)


def refuse_what_is_too_large(net: nn.Module, copies: int) -> None:
    """Raises Refused where the parameters, so many times, are more than what memory is left."""
    need = copies * sum(
        own.numel() * own.element_size() for own in net.parameters() if not nn.parameter.is_lazy(own)
    )
    device = next((own.device for own in net.parameters() if own.device.type != "meta"), torch.device("cpu"))
    left = free_memory(device)
    if left is not None and need > left:
        count = sum(own.numel() for own in net.parameters() if not nn.parameter.is_lazy(own))
        raise Refused(
            f"The net is too large for here: {count:,} parameters take {gigabytes(need / copies)}, with "
            "gradients and "
            f"a copy {gigabytes(need)}, and {gigabytes(left)} are free: examine a smaller one of its "
            "kind, with "
            "fewer or narrower layers."
        )


def free_memory(device: torch.device) -> int | None:
    """Bytes that are left on a device, or None where nobody says."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None


def gigabytes(count: float) -> str:
    return f"{count / 2**30:.1f} GB" if count >= 2**30 / 10 else f"{count / 2**20:.0f} MB"
