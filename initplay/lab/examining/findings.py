"""What is wrong with a net, read off one look at it. Each rule is a function that knows one fault."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

import torch
from torch import Tensor, nn

from initplay.lab.examining import cures
from initplay.lab.examining.call import Call
from initplay.lab.examining.cures import Cure
from initplay.lab.examining.fan import CONVS, TRANSPOSED
from initplay.lab.examining.finding import Finding, Judge
from initplay.lab.examining.kinds import NORMS
from initplay.lab.examining.schemes import Scheme, scheme_of
from initplay.lab.examining.unreached import no_gradient, stuck, unused
from initplay.lab.examining.xray import Xray
from initplay.words.numbers import short

SHRINKS, GROWS = 0.75, 1.33
"""A layer that keeps less or more of its signal, on average over a run of layers, loses it."""
LOST = 4.0
"""By how much the signal must have changed over the run."""
SHORTEST = 3
"""Layers of a run that is worth a word."""
FADES = 0.6
"""What a layer passes on of its gradient, in the mean; below it the first layers hear nothing."""
FADED = 100.0
LOST_TO_DEPTH = 1e6
"""So much less gradient is a fault whatever a layer passes on: in a hundred layers little losses add up."""
TOO_DEAD = 0.3
ENOUGH = 32
"""Values of a unit that have to be 0 before it is called dead."""
TOO_SATURATED = 0.4
LARGE_INPUT = 10.0
STREAM_GROWS = 4.0


def findings(net: nn.Module, xray: Xray, *, own_input: bool) -> list[Finding]:
    """The faults that a look shows, roots before what follows; `own_input` says whether the batch is the
    user's."""
    found: list[Finding] = []
    found += _large_input(xray) if own_input else ()
    found += _equal_units(net, xray)
    found += _biases_that_kill(net, xray)
    if not found:
        found += _lost_signal(net, xray)
    found += _broken(net, xray, found)
    if not found:
        found += _grown_stream(net, xray)
    if not found:  # what is lost or grown on the way is loud at the end by itself
        found += _saturated(net, xray)
        found += _faded_gradient(net, xray)
        found += _dead(net, xray)
        found += _loud_start(net, xray)
    found += _softmax_twice(net, xray)
    found += no_gradient(net, xray)
    found += unused(net, xray)
    found += stuck(net, xray)
    return found


def is_plain(call: Call) -> bool:
    """Whether it multiplies by a weight and adds up, so that a scheme can keep its signal."""
    return isinstance(call.module, (nn.Linear, *CONVS, *TRANSPOSED)) or call.products is not None


def chains(xray: Xray) -> list[list[Call]]:
    """Runs of plain layers that read one another with nothing but activations and reshaping between."""
    ending: dict[int, list[Call]] = {}
    found: list[list[Call]] = []
    for call in xray.calls:
        if not is_plain(call) or call.normed or call.summed:
            continue
        chain = ending.pop(id(call.before), None) if call.before else None
        if chain is None:
            chain = []
            found.append(chain)
        chain.append(call)
        ending[id(call)] = chain
    return found


def keeps(call: Call) -> float:
    """What a layer makes of its input's size, its activation included."""
    after = call.rms if call.rms_after is None else call.rms_after
    return after / call.rms_in if call.rms_in > 0 else math.nan


def passed_on(calls: Sequence[Call]) -> float:
    """What consecutive layers make of their input's size, each, in the geometric mean: activations, pooling
    and dropout included."""
    factors = [
        following.rms_in / call.rms_in if call.rms_in > 0 else math.nan for call, following in pairwise(calls)
    ]
    return _mean([*factors, keeps(calls[-1])]) if calls else math.nan


def _mean(factors: Sequence[float]) -> float:
    """Their geometric mean; 0 where one is 0, NaN where one is."""
    if any(not math.isfinite(one) for one in factors) or not factors:
        return math.nan
    if any(one <= 0 for one in factors):
        return 0.0
    return math.exp(sum(map(math.log, factors)) / len(factors))


def _inner(xray: Xray, chain: list[Call]) -> list[Call]:
    """The chain without a layer that the net ends with, whose size is for the loss to say: one of several
    heads, too, or of one for several inputs."""
    return chain[:-1] if chain and (chain[-1] is _head(xray) or _is_end(chain[-1])) else chain


def _is_end(call: Call) -> bool:
    return not call.read and call.activation is None


def _head(xray: Xray) -> Call | None:
    plain = [call for call in xray.calls if is_plain(call)]
    if not plain or plain[-1].activation or plain[-1].normed:
        return None
    return plain[-1]


def _again(xray: Xray, calls: Sequence[Call]) -> list[Call]:
    """The same calls in another look."""
    wanted = {(call.name, call.number) for call in calls}
    return [call for call in xray.calls if (call.name, call.number) in wanted]


def span(calls: Sequence[Call]) -> str:
    """`fc1 … fc6 (6 layers)`, or the one layer's name."""
    if len(calls) == 1:
        return calls[0].title
    return f"{calls[0].title} … {calls[-1].title} ({len(calls)} layers)"


def said_scheme(call: Call) -> str:
    scheme = _scheme(call)
    return scheme.text if scheme else "weights"


def _scheme(call: Call) -> Scheme | None:
    weight = _weight(call)
    return None if weight is None else scheme_of(call.module, weight)


def _weight(call: Call) -> Tensor | None:
    weight = getattr(call.module, cures.weight_of(call.module), None)
    if not isinstance(weight, Tensor) or not weight.numel():
        return None
    return weight if weight.layout is torch.strided else weight.to_dense()


_IN_WORDS = {
    None: "with no activation",
    "leaky_relu": "under leaky ReLU",
    "relu": "under ReLU",
    "gelu": "under GELU",
    "silu": "under SiLU",
}


def _named(activation: str | None) -> str:
    return _IN_WORDS.get(activation, f"under {activation}").removeprefix("under ")


def _under(call: Call) -> str:
    return _IN_WORDS.get(call.activation, f"under {call.activation}")


def _large_input(xray: Xray) -> Iterator[Finding]:
    size = xray.trace.input_rms
    first = next(iter(xray.calls), None)
    normalized = first is not None and (first.normed or isinstance(first.module, NORMS))
    if size <= LARGE_INPUT or not math.isfinite(size) or normalized:
        return

    def judge(after: Xray) -> tuple[bool, str]:
        return after.trace.input_rms < 2, f"an input of rms {short(after.trace.input_rms)} and {_loss(after)}"

    text = f"the input has rms {short(size)}, and schemes expect about 1: {_loss(xray)}"
    yield Finding("", text, [Cure("x = (x - x.mean()) / x.std()", "x = (x − mean) / std")], judge)


def _loss(xray: Xray) -> str:
    if xray.loss is None:
        return "no loss"
    beside = "" if xray.unknowing is None else f" (knowing nothing: {short(xray.unknowing, 4)})"
    return f"a first loss of {short(xray.loss, 4)}{beside}"


def _equal_units(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    """Weights that are all alike make all units of a layer the same unit, for ever."""
    head = _head(xray)
    plain = [
        call
        for call in xray.calls
        if is_plain(call) and call is not head and not call.summed and call.number == 1
    ]
    alike = [call for call in plain if _is_constant(call) and not _is_told_apart(call, xray)]
    if not alike:
        return

    def judge(after: Xray) -> tuple[bool, str]:
        different = not any(map(_is_constant, _again(after, alike)))
        return different, f"units that differ, and {_loss(after)}"

    text = (
        f"{span(alike)}: {said_scheme(alike[0])} makes every unit of a layer the same unit, in training too"
    )
    yield Finding(alike[0].name, text, [cures.drawn_anew(net, alike)], judge)


def _is_told_apart(call: Call, xray: Xray) -> bool:
    """Whether the units' gradients differ, so that one step makes them differ, as in LoRA's zeros; or whether
    nothing of them is trained, so that they are meant to be alike."""
    weight = _weight(call)
    if not isinstance(weight, nn.Parameter):
        return False
    gradient = xray.gradients.get(weight)
    if gradient is None:
        return not weight.requires_grad
    rows = (gradient if gradient.layout is torch.strided else gradient.to_dense()).detach().flatten(1)
    # Of gradients that cancel each other a float keeps what its rounding left, which differs by chance.
    by_rounding = 1e-6 * max(one.detach().abs().max().item() for one in xray.gradients.values())
    return bool((rows - rows[:1]).abs().max() > max(1e-3 * rows.abs().max().item(), by_rounding))


def _is_constant(call: Call) -> bool:
    weight = _weight(call)
    if weight is None or weight.shape[0] < 2:
        return False
    if weight.is_complex():
        return bool((weight == weight.flatten()[0]).all())
    return bool(weight.min() == weight.max())


def _biases_that_kill(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    """Units that are dead by a bias, not by their weights."""
    found = [
        call
        for call in xray.calls
        if is_plain(call) and call.activation and _bias(call) < -0.5 * call.rms < 0
    ]
    worst = max(found, key=lambda call: call.dead or 0, default=None)
    if worst is None or (worst.dead or 0) < TOO_DEAD:
        return
    share = f"{worst.dead or 0:.0%}"
    bias = f"a bias of {short(_bias(worst))} in the mean"
    text = f"{span(found)}: {bias} leaves {share} of the units of {worst.title} dead"
    ways = [cures.without_bias(net, found), cures.drawn_anew(net, found)]
    yield Finding(found[0].name, text, ways, _fewer_dead(found))


def _bias(call: Call) -> float:
    """Its mean; 0 where there is none, or where it is complex."""
    bias = getattr(call.module, "bias", None)
    if not isinstance(bias, Tensor) or bias.is_complex():
        return 0.0
    return bias.detach().float().mean().item()


def _fewer_dead(calls: Sequence[Call]) -> Judge:
    def judge(after: Xray) -> tuple[bool, str]:
        worst = max((call.dead or 0 for call in _again(after, calls)), default=0)
        return worst < TOO_DEAD / 2, f"{worst:.0%} dead at most"

    return judge


def _lost_signal(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    told: set[nn.Module] = set()
    for chain in chains(xray):
        inner = _inner(xray, chain)
        calls = list(takewhile(lambda call: math.isfinite(keeps(call)), inner))
        # Behind a sigmoid the size is 1/2 whatever the weights are: there only gradients show.
        if len(calls) < SHORTEST or any(call.activation == "sigmoid" for call in calls):
            continue
        mean = passed_on(calls)
        total = mean ** len(calls)
        if SHRINKS <= mean <= GROWS or 1 / LOST < total < LOST or _is_told(calls, told):
            continue
        yield Finding(
            calls[0].name, _of_signal(calls, mean), [cures.drawn_anew(net, inner)], _kept(calls, mean)
        )


def _is_told(calls: list[Call], told: set[nn.Module]) -> bool:
    """Whether these layers were told of before, as where two inputs go through one encoder; else they are
    now."""
    if told.issuperset(call.module for call in calls):
        return True
    told.update(call.module for call in calls)
    return False


def _of_signal(calls: list[Call], mean: float) -> str:
    verb = "falls" if mean < 1 else "grows"
    schemes = {said_scheme(call): None for call in calls}
    scheme = next(iter(schemes)) if len(schemes) == 1 else f"{next(iter(schemes))} and others"
    return (
        f"{span(calls)}: {scheme} {_under(calls[0])}, {short(mean)} a layer: the signal {verb} from rms "
        f"{short(calls[0].rms_in)} into {calls[0].title} to {_leaving(calls[-1])}"
    )


def _leaving(call: Call) -> str:
    """How large what a layer gives is, behind its activation too, which the table does not have."""
    own = f"{short(call.rms)} out of {call.title}"
    if call.rms_after is None:
        return own
    return f"{own}, {short(call.rms_after)} behind its {_named(call.activation)}"


def _kept(calls: list[Call], before: float) -> Judge:
    def judge(after: Xray) -> tuple[bool, str]:
        mean = passed_on(_again(after, calls))
        if not math.isfinite(mean) or mean <= 0:
            return False, f"{short(mean)} a layer"
        better = before <= 0 or abs(math.log(mean)) < abs(math.log(before)) / 2
        return better, f"{short(mean)} a layer and {_loss(after)}"

    return judge


def _broken(net: nn.Module, xray: Xray, so_far: list[Finding]) -> Iterator[Finding]:
    call = xray.broken
    empty = next((call for call in xray.calls if 0 in call.leaving), None)
    if empty is not None or 0 in xray.output_shape:
        what, shape = (empty.title, empty.leaving) if empty else ("the net", xray.output_shape)
        yield Finding(
            empty.name if empty else "",
            f"{what} gives no numbers: its output has shape {'x'.join(map(str, shape))}, with nothing in it",
        )
        return
    if call is None:
        if xray.loss is not None and not math.isfinite(xray.loss):
            yield Finding(
                "",
                f"every layer is finite, and the loss is {short(xray.loss)}: look into the loss and the "
                "target",
            )
        return
    what = "NaN" if math.isnan(call.rms) else "infinite"
    if xray.trace.input_is_broken:
        yield Finding(
            call.name,
            f"{call.title} is the first whose output is {what}: the input itself has NaN or inf in it, which "
            "no weights mend",
        )
        return
    if math.isfinite(call.rms_in) or (call.rms_in != call.rms_in and not call.before):
        scheme = _scheme(call)
        weights_broken = scheme is not None and scheme.values.kind == "broken"
        why = (
            "its weight is NaN or infinite itself"
            if weights_broken
            else f"its input has rms {short(call.rms_in)}"
        )
        dtype = next((own.dtype for own in call.module.parameters()), None)
        half = dtype is not None and dtype.itemsize == 2
        again = [one for one in xray.calls[: xray.calls.index(call) + 1] if is_plain(one)]
        ways = [] if so_far or not again else [cures.drawn_anew(net, [call] if weights_broken else again)]
        if half and not weights_broken:
            ways.append(Cure("net.float()\nx = x.float()", "float32"))

        def judge(after: Xray) -> tuple[bool, str]:
            mended = after.broken is None and (after.loss is None or math.isfinite(after.loss))
            where = f"up to {after.broken.title}" if after.broken else "in every layer"
            return mended, f"finite numbers {where} and {_loss(after)}"

        yield Finding(call.name, f"{call.title} is the first whose output is {what}: {why}", ways, judge)
    else:
        yield Finding(
            call.name, f"{call.title} is the first whose output is {what}, and its input is so already"
        )


def _grown_stream(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    """A residual stream that grows with every block that is added to it."""
    sums = [one for one in xray.trace.sums if one.branch and is_plain(one.branch)]
    if len(sums) < SHORTEST or sums[0].rms <= 0 or not math.isfinite(sums[-1].rms):
        return
    growth = sums[-1].rms / sums[0].rms
    ends = [one.branch for one in sums if one.branch]
    if growth < STREAM_GROWS or any(isinstance(call.module, NORMS) for call in ends):
        return

    def judge(after: Xray) -> tuple[bool, str]:
        again = [one for one in after.trace.sums if one.branch and is_plain(one.branch)]
        new = again[-1].rms / again[0].rms if again and again[0].rms > 0 else math.nan
        return new < math.sqrt(growth), f"a stream that grows {short(new)}-fold and {_loss(after)}"

    text = (
        f"the residual stream grows {short(growth)}-fold over {len(sums)} sums: x + branch has rms "
        f"{short(sums[0].rms)} behind {ends[0].title}, and {short(sums[-1].rms)} behind {ends[-1].title}"
    )
    yield Finding(ends[0].name, text, [cures.shrunk(net, ends, len(sums))], judge)


def _saturated(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    calls = [
        call
        for call in xray.calls
        if is_plain(call) and call.activation in ("tanh", "sigmoid") and (call.saturated or 0) > TOO_SATURATED
    ]
    if not calls:
        return
    worst = max(call.saturated or 0 for call in calls)

    def judge(after: Xray) -> tuple[bool, str]:
        share = max((call.saturated or 0 for call in _again(after, calls)), default=1)
        return share < worst / 2, f"{share:.0%} at most and {_loss(after)}"

    text = (
        f"{span(calls)}: {said_scheme(calls[0])} {_under(calls[0])} leaves up to {worst:.0%} of the values "
        "at its ends, where no gradient passes"
    )
    yield Finding(calls[0].name, text, [cures.drawn_anew(net, calls)], judge)


def _faded_gradient(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    told: set[nn.Module] = set()
    for chain in chains(xray):
        calls = [call for call in chain if call.rms_gradient]
        if len(calls) < SHORTEST:
            continue
        too_small = list(takewhile(lambda call: call.rms_gradient == 0, chain))  # for a float
        fade = _fade(calls)
        total = fade ** (len(calls) - 1)
        if not ((fade < FADES and total < 1 / FADED) or total < 1 / LOST_TO_DEPTH):
            continue
        if _is_told(calls, told):
            continue

        many = len(too_small) + len(calls)

        def judge(
            after: Xray, chain: list[Call] = chain, fade: float = fade, many: int = many
        ) -> tuple[bool, str]:
            new = _fade([call for call in _again(after, chain) if call.rms_gradient])
            kept = new > 0 and abs(math.log(new)) < abs(math.log(fade)) / 2
            over_all = abs(math.log(new)) * many if kept else math.inf
            return over_all < 2 * math.log(FADED), f"{short(new)} a layer"

        text = (
            f"{span([*too_small, *calls])}: {said_scheme(calls[0])} {_under(calls[0])} passes on "
            f"{short(fade)} of the gradient a layer: its length {short(_length(calls[-1]))} at "
            f"{calls[-1].title} is {short(_length(chain[0]))} at {chain[0].title}"
        )
        inner = _inner(xray, chain)
        ways = [cures.drawn_anew(net, inner)]
        if any(call.activation == "tanh" for call in inner):
            ways.append(cures.drawn_anew(net, inner, deep=True))
        yield Finding(chain[0].name, text, ways, judge)


def _length(call: Call) -> float:
    """Of the gradient by its output. The rms would fall in each convolution that a larger picture goes into,
    over whose places the same gradient is spread; the length does not."""
    return (call.rms_gradient or 0) * math.sqrt(math.prod(call.leaving))


def _fade(calls: list[Call]) -> float:
    if len(calls) < 2:
        return math.nan
    first, last = _length(calls[0]), _length(calls[-1])
    return (first / last) ** (1 / (len(calls) - 1)) if first > 0 and last > 0 else math.nan


def _dead(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    calls = [
        call
        for call in xray.calls
        if is_plain(call)
        and not call.normed
        and (call.dead or 0) > TOO_DEAD
        and call.values_of_a_unit >= ENOUGH
    ]
    if calls:
        worst = max(call.dead or 0 for call in calls)
        text = f"{span(calls)}: up to {worst:.0%} of the units are dead for the whole batch"
        yield Finding(calls[0].name, text, [cures.drawn_anew(net, calls)], _fewer_dead(calls), True)


def _loud_start(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    """A first loss far above that of a net which knows nothing."""
    loss, unknowing = xray.loss, xray.unknowing
    if loss is None or unknowing is None or not math.isfinite(loss):
        return
    if xray.loss_name == "cross_entropy":
        most = unknowing + 1
        what = f"ln {round(math.exp(unknowing))} = {short(unknowing, 4)}"
    else:
        most = 3 * unknowing
        what = f"the target's variance {short(unknowing)}"
    if loss < most:
        return
    text = (
        f"the first loss is {short(loss, 4)} against {what} of a net that knows nothing: its outputs have "
        f"rms {short(xray.output_rms)}"
    )

    def judge(after: Xray) -> tuple[bool, str]:
        new = math.nan if after.loss is None else after.loss
        return new < most, f"a first loss of {short(new, 4)}"

    head = _head(xray)
    ways: list[Cure] = []
    if head is not None:
        ways = [cures.smaller(net, head, std) for std in (0.02, 0.01, 0.001)]
        if xray.loss_name != "cross_entropy" and isinstance(getattr(head.module, "bias", None), Tensor):
            path = cures.path_to(net, cures.name_of(net, head))
            ways.append(
                Cure(f"nn.init.constant_({path}.bias, y.mean().item())", "the last bias at the target's mean")
            )
    yield Finding("" if head is None else head.name, text, ways, judge)


def _softmax_twice(net: nn.Module, xray: Xray) -> Iterator[Finding]:
    """cross_entropy takes a softmax itself: of shares from 0 to 1 it makes ones that are nearly equal."""
    if not xray.ends_with_softmax or xray.loss_name != "cross_entropy" or xray.unknowing is None:
        return
    modules = [name for name, module in net.named_modules() if name and isinstance(module, nn.Softmax)]
    ways = (
        [Cure(f"{cures.path_to(net, modules[-1])} = nn.Identity()", "no softmax in the net")]
        if modules
        else []
    )

    def judge(after: Xray) -> tuple[bool, str]:
        return not after.ends_with_softmax, f"logits and {_loss(after)}"

    best = short(_best_of_shares(xray.unknowing))
    text = (
        "the net ends with softmax, and cross_entropy takes another one of that, so that even the best net "
        f"has a loss of {best}: return the logits, or name the loss that you train with"
    )
    yield Finding("", text, ways, judge)


def _best_of_shares(unknowing: float) -> float:
    """The loss where all of the share is that of the right one of C classes: ln(e + C - 1) - 1."""
    return math.log(math.e + math.exp(unknowing) - 1) - 1
