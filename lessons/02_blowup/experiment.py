"""Random weights explode or vanish."""

import math

import torch

from initplay.lab import Axes, Histogram, LogRange, Note, Point, Range, Result, Row
from initplay.lab import digits as load_digits


def first_layer(hidden: Range[1, 512] = 50, weight_std: LogRange[1e-3, 10.0] = 1.0):
    """Real digits through one random layer, then through one unit on top."""
    x_train, _, x_valid, _ = load_digits()
    mean, std = (x_train / 255).mean(), (x_train / 255).std()
    x = (x_valid / 255 - mean) / std

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
    std_out = math.sqrt(max(rms_out**2 - spread_out**2, 0))

    yield Axes("rms by layer", x="layer", y="rms", log_y=True)
    yield Axes("values", x="layer")
    for layer, values, theory in (0, x, 1.0), (1, h, rms_h), (2, out, rms_out):
        yield Point("rms by layer", layer, rms(values))
        yield Point("rms by layer", layer, theory, series="theory")
        yield Histogram("values", values, at=layer)

    # The articles drew 50 hidden units with std 1; with other knobs nothing compares.
    same_knobs = hidden == 50 and weight_std == 1
    for what, article, theory, you in (
        ("mean of layer 1", "-2.47, 2.32", f"0 ± {spread_h:.3g}", h.mean()),
        ("std of layer 1", "29.24, 27.03", f"{rms_h:.3g}", h.std()),
        ("mean of layer 2", "-58.3", f"0 ± {spread_out:.3g}", out.mean()),
        ("std of layer 2", "171.0", f"{std_out:.3g}", out.std()),
    ):
        article = article if same_knobs else None
        yield Row("three texts", quantity=what, article=article, theory=theory, you=you)
    yield Result(
        mean=h.mean(),
        std=h.std(),
        mean_spread=spread_h,
        second_mean=out.mean(),
        second_std=out.std(),
    )


def chain(
    depth: Range[1, 200] = 100,
    width: LogRange[2, 1024] = 512,
    scale: LogRange[1e-3, 10.0] = 1.0,
    same_weights: bool = True,
):
    """Multiply one random vector by a random matrix, again and again."""
    yield Axes("std by layer", x="layer", y="std", log_y=True)
    yield Axes("activations", x="layer")
    x = torch.randn(width)
    w = torch.randn(width, width) * scale
    factor = scale * math.sqrt(width)  # what theory says one layer multiplies by
    first_rms, last_rms, last_layer = rms(x), rms(x), 0
    std = rms(x - x.mean())
    yield Point("std by layer", 0, std)
    yield Point("std by layer", 0, 1, series="theory")
    square_after = nonfinite_after = entry_after = zero_after = None
    inf_entries = nan_entries = 0

    for layer in range(1, depth + 1):
        if not same_weights:
            w = torch.randn(width, width) * scale
        x = w @ x
        std = rms(x - x.mean())
        yield Point("std by layer", layer, std)
        yield Point("std by layer", layer, factor**layer, series="theory")
        yield Histogram("activations", x, at=layer)

        if torch.finfo(x.dtype).tiny < rms(x) < math.inf:
            last_rms, last_layer = rms(x), layer

        if square_after is None and not x.square().isfinite().all():
            square_after = layer
            yield Note(
                f"Layer {layer}: the square of an entry passed 3.4e38, where float32 "
                f"ends. The largest entry is {x.abs().max():.1e}."
            )
        if nonfinite_after is None and not std.isfinite():
            nonfinite_after = layer
            yield Note(
                f"Layer {layer}: the std is not finite, though {x.isfinite().sum()} "
                f"of {width} entries are. Their sum, which the mean needs, is {x.sum()}."
            )
        if entry_after is None and not x.isfinite().all():
            entry_after = layer
            inf_entries, nan_entries = int(x.isinf().sum()), int(x.isnan().sum())
            yield Note(
                f"Layer {layer}: {inf_entries} entries are inf and {nan_entries} NaN. "
                f"A sum inside w @ x that meets inf and -inf is NaN."
            )
        if zero_after is None and not x.any():
            zero_after = layer
            yield Note(
                f"Layer {layer}: every entry is exactly 0. The last rms that float32 "
                f"held in full was {last_rms:.1e}, at layer {last_layer}."
            )
        if layer - 2 in (entry_after, zero_after):
            break  # two layers more, to see what is left; nothing changes from here

    growth = (last_rms / first_rms).item() ** (1 / last_layer) if last_layer else None
    yield Row("growth per layer", theory=factor, you=growth)
    yield Row("what broke first", what="an entry squared", after=square_after)
    yield Row("what broke first", what="the std", after=nonfinite_after)
    yield Row("what broke first", what="an entry", after=entry_after)
    yield Row("what broke first", what="everything: 0", after=zero_after)
    yield Result(
        nonfinite_after=nonfinite_after,
        zero_after=zero_after,
        final_std=std,
        growth_per_layer=growth,
        last_finite_rms=last_rms,
        first_inf_square=square_after,
        first_inf_entry=entry_after,
        inf_entries=inf_entries,
        nan_entries=nan_entries,
    )


def rms(x):
    """Root mean square; the largest entry is divided out, or squares would overflow."""
    largest = x.abs().max()
    return largest * (x / largest).square().mean().sqrt() if largest > 0 else largest
