"""A net called with an input, and why it could not be."""

from __future__ import annotations

import os
import re
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TextIO

import torch
from torch import Tensor, nn

from initplay.lab.examining.call import Trace
from initplay.lab.examining.fitting import as_layer, unfitting
from initplay.lab.examining.inputs import Inputs
from initplay.lab.examining.memory import NO_MEMORY
from initplay.lab.examining.nesting import are_too_many, running, shortened, too_deep
from initplay.lab.examining.refused import Refused, is_of_memory
from initplay.lab.examining.sizes import shape_of, tensors_in
from initplay.lab.examining.trace import tracing
from initplay.lab.examining.untouched import untouched


class NotTaken(Refused):
    """The net raised at this input."""

    def __init__(self, without_mend: str, mend: str) -> None:
        super().__init__(f"{without_mend}; {mend}.")
        self._without_mend = without_mend

    def mended_by(self, mend: str) -> Refused:
        """The same with another mend, for who gave the input another way."""
        return Refused(f"{self._without_mend}; {mend}.")


class NotFitting(NotTaken):
    """The net raised at this input between two layers of its own, and what would mend that is said."""

    def mended_by(self, mend: str) -> Refused:
        return Refused(f"{self._without_mend}.")


def call_once(net: nn.Module, inputs: Inputs) -> None:
    """Whether the net takes these inputs: raises NotTaken where it does not."""
    with untouched(net), torch.no_grad(), as_python(), quiet(), tracing(net) as trace:
        called(net, inputs, trace)


def as_python() -> AbstractContextManager[object]:
    """Within it parts that were given to torch.compile run as they were written, so that they can be seen."""
    if "torch._dynamo" not in sys.modules or not hasattr(torch.compiler, "set_stance"):
        return nullcontext()
    return torch.compiler.set_stance("force_eager")


@contextmanager
def quiet() -> Iterator[None]:
    """Within it nobody is warned of what is done here: of a hook of the net's at a gradient that is taken by
    the parameters alone. What else torch warns of may be a fault of the net's, and is said."""
    with warnings.catch_warnings():
        # A mode stands between a loss and what torch warns of in it, so that this seems to be warned of here.
        warnings.filterwarnings("ignore", module=r"initplay\b(?!\.lab\.examining\.comparing\b)")
        warnings.filterwarnings("ignore", message="Using a target size")  # that is told, with the mend
        warnings.filterwarnings("ignore", message="Full backward hook is firing")
        yield


@contextmanager
def warned_once() -> Iterator[None]:
    """Within it the same warning of the same line is said once, however many looks are taken. Python itself
    forgets what it has said whenever a filter is set, as `quiet` does."""
    told: set[tuple[Any, ...]] = set()
    with warnings.catch_warnings():
        show = warnings.showwarning

        def once(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            warning = (str(message), category, filename, lineno)
            if warning not in told:
                told.add(warning)
                show(message, category, filename, lineno, file, line)

        warnings.showwarning = once
        yield


def called(net: nn.Module, inputs: Inputs, trace: Trace) -> Any:
    """What the net gives. `trace` is that of this pass, which knows how far it came."""
    args, kwargs = _copied(inputs)  # a net may work on its input in place
    try:
        output = net(*args, **kwargs)
    except Exception as error:
        if is_of_memory(error):
            raise Refused(NO_MEMORY) from error
        raise _why_not_called(net, error, inputs, running(net, error), trace) from error
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


def _why_not_called(
    net: nn.Module, error: Exception, inputs: Inputs, within: list[str], trace: Trace
) -> Refused:
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
    if isinstance(error, StopIteration):
        return Refused(
            f"The net's forward{where} takes the next of an iterator that has ended (StopIteration"
            f"{_line_of(error)}): an examination calls the net several times, so make the iterator in "
            "forward itself, or give what it yields as the input."
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
    raised = f"{kind}{where}" if said == kind else f"{kind}{where}, {said}"
    if isinstance(error, RuntimeError) and trace.calls:
        taken = f"The net takes {shapes} as far as {as_layer(trace.calls[-1].name)}"
        if unfit := unfitting(trace, within[-1]) if within else "":
            return NotFitting(f"{taken}, and then {unfit}", f"or {mend}")
        return NotTaken(f"{taken}: {raised}", mend)
    return NotTaken(f"The net does not take {shapes}: {raised}", mend)


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


def _in_words(inputs: Inputs) -> str:
    args, kwargs = inputs
    parts = [shape_of(one) for one in args] + [f"{name}={shape_of(one)}" for name, one in kwargs.items()]
    if not parts:
        return "an input of no tensor at all"
    if not any(isinstance(one, Tensor) for one in (*args, *kwargs.values())):
        return f"an input of type {', '.join(parts)}"
    return ("an input of shape " if len(parts) == 1 else "inputs of shapes ") + ", ".join(parts)
