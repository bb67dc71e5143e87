"""A net measured once: forward, loss and backward, with everything that was seen on the way."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from initplay.lab.examining.backward import Breaking, is_finite, watched
from initplay.lab.examining.call import Call, Trace
from initplay.lab.examining.called import as_python, called, quiet
from initplay.lab.examining.comparing import Compared, Comparing, Ignored
from initplay.lab.examining.inputs import Inputs
from initplay.lab.examining.losses import Losing, chosen, made_up, mean_of, of_one_who_knows_nothing, reshapes
from initplay.lab.examining.memory import NO_MEMORY
from initplay.lab.examining.outputs import floats_in, in_words, one_tensor
from initplay.lab.examining.refused import Refused, is_of_memory
from initplay.lab.examining.sizes import has_size, shape_of, size_of, tensors_in
from initplay.lab.examining.trace import tracing
from initplay.lab.examining.untouched import dice, throw_alike, untouched

SEED = 0
"""Of dropout and of made-up targets, the same at every look, so that two looks differ by the net alone."""


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
    target_shape: tuple[int, ...] = ()
    """Of a target that was given, where it is one tensor."""
    compared: Compared | None = None
    """The shapes that the loss stretched to fit each other, where it did so with a target that was given."""
    reshaped: Compared | None = None
    """The same where the target got the output's shape."""
    ignored: Ignored | None = None
    """The targets, where none of them counts."""
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
    with untouched(net), torch.enable_grad(), as_python(), quiet():
        throw_alike(seed)
        lie = dice()
        with tracing(net) as trace:
            sized = _with_size(inputs)
            trace.input_rms = size_of(sized[0]) if sized else math.nan
            trace.input_is_broken = not all(math.isfinite(size_of(one)) for one in sized)
            only_floats = len(sized) == len(list(tensors_in(list(inputs))))
            trace.input_is_zero = bool(sized) and only_floats and all(size_of(one) == 0 for one in sized)
            output = called(net, inputs, trace)
        xray = Xray(trace, by_chance=dice() != lie)
        loss = _loss(output, target, losing, xray)
        if loss is not None and watch:
            with watched(loss) as xray.breaking:
                _backward(net, loss, xray)
        elif loss is not None:
            _backward(net, loss, xray)
    return xray


def _with_size(inputs: Inputs) -> list[Tensor]:
    args, kwargs = inputs
    return [one for one in (*args, *kwargs.values()) if isinstance(one, Tensor) and has_size(one)]


def _loss(output: Any, target: Any, losing: Losing | None, xray: Xray) -> Tensor | None:
    given = target
    if losing is None or not losing.given:
        output = one_tensor(output, target, xray.trace)
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
    elif target is None and (first := next(floats_in(output), None)) is not None:
        target = made_up(chosen(first, None).name, first)
    xray.loss_name = losing.name
    try:
        with Comparing(output, given) as comparing:
            loss = losing.of(output, target)
    except Exception as error:
        said = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")[:200]
        shape = shape_of(target) if target is not None else "nothing"
        raise Refused(
            f"The loss {losing.name} cannot be taken of {shape_of(output)} and a target of {shape} ({said}): "
            "give another target, or a loss function of your own by --loss NAME."
        ) from error
    if not isinstance(loss, Tensor) or loss.numel() != 1:
        raise Refused(
            f"The loss {losing.name} gives {in_words(loss)} and no single number: let it return the mean "
            "over the batch."
        )
    loss = loss.reshape(())
    xray.loss = loss.item()
    xray.compared = comparing.found if given is not None else None
    xray.ignored = comparing.ignored
    if isinstance(given, Tensor):
        xray.target_shape = tuple(given.shape)
        if not losing.given and reshapes(losing.name, output, given):
            xray.reshaped = Compared(xray.output_shape, xray.target_shape)
    return loss


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
            raise Refused(NO_MEMORY) from error
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
