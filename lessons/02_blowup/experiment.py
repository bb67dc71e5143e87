"""Random weights explode or vanish."""

import math
from itertools import count

import torch

from initplay.lab import (
    Chart,
    LogRange,
    Note,
    Range,
    Result,
    Table,
    log_mean_square,
    normal,
    normalized_digits,
    yours,
)


def first_layer(hidden: Range[1, 512] = 50, weight_std: LogRange[1e-3, 10.0] = 1.0):
    """Real digits through one random layer, then through one unit on top."""
    x_train, y_train, x, _ = normalized_digits()  # x: the validation digits
    w1 = torch.randn(784, hidden) * weight_std
    w2 = torch.randn(hidden, 1) * weight_std
    h = x @ w1
    out = h @ w2

    rms_h = math.sqrt(784) * weight_std  # 784 inputs of rms 1
    rms_out = math.sqrt(hidden) * weight_std * rms_h
    # All digits share their mean picture: what the weights make of it is in every
    # output, and so no average over digits removes it.
    spread_h = x.mean(0).norm().item() * weight_std / math.sqrt(hidden)
    spread_out = spread_h * hidden * weight_std
    std_h = math.sqrt(rms_h**2 - spread_h**2)  # the rms less what the mean takes of it
    std_out = math.sqrt(max(rms_out**2 - spread_out**2, 0))

    by_layer = Chart("std by layer", x="layer", y="std", log_y=True)
    histograms = Chart("values", x="layer")
    for layer, values, theory in (0, x, 1.0), (1, h, std_h), (2, out, std_out):
        yield by_layer.at(layer, values.std(), theory)
        yield histograms.histogram(values, at=layer)
        if layer == 1:
            yield Chart("weights", x="layer").histogram(w1, at=1, theory=normal(0, weight_std))

    theirs = (hidden, weight_std) == (50, 1)  # with other knobs nothing compares
    printed = PRINTED if theirs else {}
    texts = Table("theory and you", "quantity", "theory", "you", printed=printed)
    yield texts.row("mean of layer 1", f"0 ± {spread_h:.3g}", h.mean())
    yield texts.row("std of layer 1", std_h, h.std())
    yield texts.row("mean of layer 2", f"0 ± {spread_out:.3g}", out.mean())
    yield texts.row("std of layer 2", std_out, out.std())

    printed = PRINTED_BEFORE if theirs else {}
    before = Table("digits and weights", "quantity", "theory", "you", printed=printed)
    yield before.row("n, training digits", None, len(x_train))
    yield before.row("m, pixels", None, x_train.shape[1])
    yield before.row("c, classes", None, y_train.max() + 1)
    error = weight_std / math.sqrt(w1.numel())
    yield before.row("mean of the weights", f"0 ± {error:.2g}", w1.mean())
    yield before.row("std of the weights", weight_std, w1.std())
    yield Result(
        mean=h.mean(), std=h.std(), mean_spread=spread_h, second_mean=out.mean(),
        second_std=out.std(), weights_mean=w1.mean(), weights_std=w1.std(),
    )


PRINTED = {  # 50 hidden units, weights of std 1
    "fast.ai": [2.32, 27.03, -58.3, 171.0],
    "notebook": [-2.47, 29.24, None, None],
}
PRINTED_BEFORE = {
    "fast.ai": [50_000, 784, 10, None, None],
    "notebook": [50_000, 784, 10, -0.0009, 1.0037],
}


def chain(
    depth: Range[1, 200] = 100,
    width: LogRange[2, 1024] = 512,
    scale: LogRange[1e-3, 10.0] = 1.0,
    same_weights: bool = True,
):
    """Multiply one random vector by a random matrix, again and again."""
    x = torch.randn(width)
    w = torch.randn(width, width) * scale
    factor = largest_eigenvalue(w) if same_weights and width <= 64 else typical_growth(width, scale)
    theory = _stds_of_one(w) if same_weights else (factor**layer for layer in count())
    first_rms, last_rms, last_layer = measured(x), measured(x), 0
    std = measured(x - x.mean())
    by_layer = Chart("std by layer", x="layer", y="std", log_y=True)
    activations = Chart("activations", x="layer")
    yield by_layer.at(0, std, next(theory))
    after, wreck = dict.fromkeys(BREAKS), x  # how many layers; x when its first entry broke

    for layer in range(1, depth + 1):
        if not same_weights:
            w = torch.randn(width, width) * scale
        x = w @ x
        std = measured(x - x.mean())
        yield by_layer.at(layer, std, next(theory))
        yield activations.histogram(x, at=layer)

        if torch.finfo(x.dtype).tiny < measured(x) < math.inf:
            last_rms, last_layer = measured(x), layer
        for what, is_broken in BREAKS.items():
            if after[what] is None and is_broken(x, std):
                after[what] = layer
                wreck = x if what == "an entry" else wreck
                yield Note(f"Layer {layer}: {said_of(what, x, last_rms, last_layer)}")
        if layer - 2 in (after["an entry"], after["everything: 0"]):
            break  # two layers more, to see what is left; nothing changes from here

    growth = None
    if last_layer:  # by logarithms: the quotient itself may be too large for float32
        growth = math.exp((last_rms.log() - first_rms.log()).item() / last_layer)
    yield Table("growth per layer", "theory", "you").row(factor, growth)
    first = Table("what broke first", "what", "after")
    for what, layer in after.items():
        yield first.row(what, layer)
    yield Result(
        nonfinite_after=after["the std"], zero_after=after["everything: 0"], final_std=std,
        growth_per_layer=growth, last_finite_rms=last_rms,
        first_inf_square=after["an entry squared"], first_inf_entry=after["an entry"],
        inf_entries=wreck.isinf().sum(), nan_entries=wreck.isnan().sum(),
    )


def typical_growth(width, scale):
    """What a layer multiplies the rms by in a typical draw: scale·√width, and a little less
    in a narrow layer, for that is the growth of the mean square over all draws."""
    mean, _ = log_mean_square(width)
    return scale * math.sqrt(width) * math.exp(mean / 2)


def _stds_of_one(w):
    """The std after 0, 1, 2, … layers of one and the same matrix, over all vectors that could have
    gone in: the root of the mean square over the axes, of which 64 are enough in a wide layer."""
    x, log_size = torch.eye(len(w))[:, :64], 0.0
    while True:
        std = (x - x.mean(0)).square().sum(0).mean().sqrt().item()
        yield std * math.exp(log_size)
        x = w @ x
        size = x.abs().max().item()
        x, log_size = x / size, log_size + math.log(size)  # kept apart, or it would not fit float32


def largest_eigenvalue(w):
    """Its size: what one matrix, used again and again, multiplies by in the long run."""
    return torch.linalg.eigvals(w).abs().max().item()


BREAKS = {
    "an entry squared": lambda x, std: not x.square().isfinite().all(),
    "the std": lambda x, std: not std.isfinite(),
    "an entry": lambda x, std: not x.isfinite().all(),
    "the std: 0": lambda x, std: std == 0,
    "everything: 0": lambda x, std: not x.any(),
}


def said_of(what, x, last_rms, last_layer):
    return {
        "an entry squared": "the square of an entry passed 3.4e38, where float32 ends. "
        f"The largest entry is {x.abs().max():.1e}.",
        "the std": f"the std is not finite, though {x.isfinite().sum()} of {len(x)} entries are. "
        f"Their sum, which the mean needs, is {x.sum()}.",
        "an entry": f"{x.isinf().sum()} entries are inf and {x.isnan().sum()} NaN."
        + (" A sum inside w @ x that meets inf and -inf is NaN." if x.isnan().any() else ""),
        "the std: 0": f"the std has rounded to 0, though {x.count_nonzero()} of {len(x)} entries "
        "have not." if x.any() else "the std is 0.",
        "everything: 0": "every entry is exactly 0. The last rms that float32 "
        f"held in full was {last_rms:.1e}, at layer {last_layer}.",
    }[what]


def rms(x):
    """Root mean square; the largest entry is divided out, or squares would overflow."""
    largest = x.abs().max()
    return largest * (x / largest).square().mean().sqrt() if largest > 0 else largest


def measured(x):
    """The rms of the chain: by your own function, once the exercise has one."""
    return torch.as_tensor(yours("rms", rms)(x), dtype=x.dtype)
