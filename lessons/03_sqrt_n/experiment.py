"""Divide by √n: what a sum of n products does to the scale, and how to undo it."""

import math
from typing import Literal

import torch

from initplay.lab import (
    Axes,
    Band,
    Histogram,
    LogRange,
    Note,
    Point,
    Range,
    Result,
    Row,
)
from initplay.lab import digits as load_digits


def scalar(trials: LogRange[10, 100_000] = 10_000):
    """Multiply two random numbers, again and again, and average what comes out."""
    yield Axes("mean square", x="trials", log_x=True)
    yield Axes("mean", x="trials", log_x=True)
    yield Axes("error bar of the mean", x="trials", log_x=True, log_y=True)

    y = torch.randn(trials) * torch.randn(trials)
    for n in _growing(trials):
        mean, mean_bar = average(y[:n])
        square, square_bar = average(y[:n].square())
        yield Band("mean", n, mean - mean_bar, mean, mean + mean_bar)
        yield Point("mean", n, 0, series="theory")
        yield Band("mean square", n, square - square_bar, square, square + square_bar)
        yield Point("mean square", n, 1, series="theory")
        yield Point("error bar of the mean", n, mean_bar)
        yield Point("error bar of the mean", n, 2 / math.sqrt(n), series="theory")

    for quantity, theory, you, bar in (
        ("mean", 0, mean, mean_bar),
        ("mean square", 1, square, square_bar),
    ):
        yield Row("theory and you", quantity=quantity, theory=theory, you=you, error=bar)
    yield Result(
        mean=mean,
        mean_square=square,
        mean_error=mean_bar,
        mean_square_error=square_bar,
    )


def dot(n: LogRange[2, 1024] = 512, trials: Range[10, 200] = 100):
    """Each output of w @ x is a sum of n products: average n outputs in every trial."""
    yield Axes("mean square", x="trials")
    yield Axes("mean", x="trials")
    yield Axes("w @ x", x="trial")

    edge = 4 * math.sqrt(n)
    means, squares = [], []
    for trial in range(1, trials + 1):
        x = torch.randn(n)
        w = torch.randn(n, n)
        y = w @ x
        means.append(y.mean())
        squares.append(y.square().mean())
        yield Histogram("w @ x", y, at=trial, range=(-edge, edge))
        if trial > 1:  # one trial has no error bar
            mean, mean_bar = average(torch.stack(means))
            square, square_bar = average(torch.stack(squares))
            yield Band("mean", trial, mean - mean_bar, mean, mean + mean_bar)
            yield Point("mean", trial, 0, series="theory")
            low, high = square - square_bar, square + square_bar
            yield Band("mean square", trial, low, square, high)
            yield Point("mean square", trial, n, series="theory")

    # The article averaged 100 trials of 512 outputs; with other knobs nothing compares.
    article = (-0.017, 511.4) if (n, trials) == (512, 100) else (None, None)
    for quantity, printed, theory, you, bar in (
        ("mean", article[0], 0, mean, mean_bar),
        ("mean square", article[1], n, square, square_bar),
        ("rms", None, math.sqrt(n), square.sqrt(), None),
    ):
        yield Row(
            "three texts",
            quantity=quantity,
            article=printed,
            theory=theory,
            you=you,
            error=bar,
        )
    yield Result(
        mean=mean,
        mean_square=square,
        rms=square.sqrt(),
        mean_error=mean_bar,
        mean_square_error=square_bar,
    )


def first_layer(hidden: Range[1, 512] = 50):
    """Real digits through one random layer, with weights divided by √784."""
    x_train, _, x_valid, _ = load_digits()
    mean, std = (x_train / 255).mean(), (x_train / 255).std()
    x = (x_valid / 255 - mean) / std

    z = torch.randn(784, hidden)
    w = z / math.sqrt(784)
    large, h = x @ z, x @ w

    yield Axes("rms by layer", x="layer", y="rms", log_y=True)
    yield Axes("values", x="layer")
    for layer, undivided, values in (0, x, x), (1, large, h):
        yield Point("rms by layer", layer, rms(values))
        yield Point("rms by layer", layer, 1, series="theory")
        yield Point("rms by layer", layer, rms(undivided), series="not divided")
        yield Histogram("values", values, at=layer)

    # As in lesson 2: the digits share a mean picture, and every output has its trace.
    spread = x.mean(0).norm().item() / math.sqrt(784 * hidden)
    for quantity, with_z, with_w in (
        ("std of the weights", z.std(), w.std()),
        ("mean of the outputs", large.mean(), h.mean()),
        ("std of the outputs", large.std(), h.std()),
    ):
        yield Row("one draw, two scales", quantity=quantity, z=with_z, w=with_w)
    yield Result(mean=h.mean(), std=h.std(), weights_std=w.std(), mean_spread=spread)


def same_draw(
    gain: LogRange[0.7, 1.4] = 1.0,
    depth: Range[1, 100] = 50,
    width: LogRange[8, 256] = 256,
    seeds: Range[1, 32] = 16,
):
    """Several deep nets of one fixed draw: only the scale of their weights is yours."""
    yield Axes("rms by layer", x="layer", y="rms", log_y=True)
    yield Axes("activations", x="layer")
    x = torch.randn(seeds, width, 1)
    first = rms(x, dim=(1, 2))
    for layer in range(1, depth + 1):
        z = torch.randn(seeds, width, width)  # whatever the gain, the same numbers
        w = gain * z / math.sqrt(width)
        x = torch.bmm(w, x)  # one layer of all the nets
        final = rms(x, dim=(1, 2))
        low, middle, high = final.quantile(torch.tensor([0.05, 0.5, 0.95]))
        yield Band("rms by layer", layer, low, middle, high)
        yield Point("rms by layer", layer, gain**layer, series="theory")
        yield Histogram("activations", x, at=layer)

    growth = (final / first).log().mean().div(depth).exp()
    # Averaged over draws, the mean square grows by gain² a layer. A few lucky nets carry
    # that average, so the middle one lags behind: log rms is a bell of this variance.
    variance = depth / (2 * width)
    typical = gain**depth * math.exp(-variance)
    spread = math.exp(1.645 * math.sqrt(variance))  # 5 % of a bell lie beyond 1.645
    for quantity, theory, you in (
        ("growth per layer", gain, growth),
        ("median rms", typical, middle),
        ("5 % of nets below", typical / spread, low),
        ("5 % of nets above", typical * spread, high),
    ):
        yield Row("after the last layer", quantity=quantity, theory=theory, you=you)
    yield Result(final_rms=middle, low=low, high=high, growth_per_layer=growth)


def chain(
    depth: Range[1, 200] = 100,
    width: LogRange[32, 1024] = 512,
    same_weights: bool = False,
):
    """The hundred multiplications of lesson 2, with weights divided by √n."""
    yield Axes("std by layer", x="layer", y="std", log_y=True)
    yield Axes("activations", x="layer")
    x = torch.randn(width)
    w = torch.randn(width, width) / math.sqrt(width)
    std = x.std()
    yield Point("std by layer", 0, std)
    yield Point("std by layer", 0, 1, series="theory")
    if same_weights:
        largest = largest_eigenvalue(w)

    for layer in range(1, depth + 1):
        if not same_weights:
            w = torch.randn(width, width) / math.sqrt(width)
        x = w @ x
        std = x.std()
        yield Point("std by layer", layer, std)
        yield Point("std by layer", layer, 1, series="theory")
        if same_weights:
            yield Point("std by layer", layer, largest**layer, series="eigenvalue")
        yield Histogram("activations", x, at=layer)

    # The article used one matrix, 512 wide, a hundred times.
    article = 7.06 if same_weights and (depth, width) == (100, 512) else None
    yield Row("three texts", quantity="final std", article=article, theory=1, you=std)
    if same_weights:
        yield Row("three texts", quantity="eigenvalue", article=None, theory=1, you=largest)
        yield Note(
            f"The largest eigenvalue of this matrix has size {largest:.4f}. "
            f"To the power {depth} that is {largest**depth:.3g}."
        )
    yield Result(
        final_std=std,
        largest_eigenvalue=largest if same_weights else None,
        eigenvalue_growth=largest**depth if same_weights else None,
    )


def schemes(
    n_in: LogRange[16, 1024] = 256,
    n_out: LogRange[16, 1024] = 1024,
    scheme: Literal["LeCun", "Xavier", "1/n_out"] = "LeCun",
    form: Literal["normal", "uniform"] = "normal",
):
    """One layer with n_in ≠ n_out: what comes out forward, and what comes back."""
    yield Axes("forward rms", x="n_out", y="rms", log_x=True, log_y=True)
    yield Axes("backward rms", x="n_out", y="rms", log_x=True, log_y=True)
    yield Axes("weights", x="n_out")
    for outputs in _growing(n_out, start=16):
        if scheme == "LeCun":
            variance = 1 / n_in
        elif scheme == "Xavier":
            variance = 2 / (n_in + outputs)
        else:
            variance = 1 / outputs

        if form == "normal":
            w = torch.randn(n_in, outputs) * math.sqrt(variance)
        else:
            bound = math.sqrt(3 * variance)  # U(-bound, bound) has variance bound²/3
            w = torch.empty(n_in, outputs).uniform_(-bound, bound)

        x = torch.randn(200, n_in, requires_grad=True)
        y = x @ w
        y.backward(torch.randn(200, outputs))  # a gradient of rms 1 comes from above
        forward, backward = rms(y.detach()), rms(x.grad)
        forward_theory = math.sqrt(n_in * variance)
        backward_theory = math.sqrt(outputs * variance)
        yield Point("forward rms", outputs, forward)
        yield Point("forward rms", outputs, forward_theory, series="theory")
        yield Point("backward rms", outputs, backward)
        yield Point("backward rms", outputs, backward_theory, series="theory")
        yield Histogram("weights", w, at=outputs)

    std, largest = w.std(), w.abs().max()
    bound_theory = math.sqrt(3 * variance) if form == "uniform" else None
    for quantity, theory, you in (
        ("forward rms", forward_theory, forward),
        ("backward rms", backward_theory, backward),
        ("std of the weights", math.sqrt(variance), std),
        ("largest weight", bound_theory, largest),
    ):
        yield Row("this layer", quantity=quantity, theory=theory, you=you)
    yield Result(
        forward=forward,
        backward=backward,
        weights_std=std,
        largest_weight=largest,
        largest_over_std=largest / std,
    )


def _growing(last, start=2):
    """Counts from `start` to `last`, each about a fifth more than the one before."""
    n = start
    while n < last:
        yield n
        n = math.ceil(n * 1.2)
    yield last


def average(samples):
    """Their mean, and its error bar: two standard errors."""
    return samples.mean(), 2 * samples.std() / math.sqrt(len(samples))


def largest_eigenvalue(w):
    """Its size: what w multiplies a vector by in the long run, whatever the vector."""
    x = torch.randn(len(w))
    growth = []
    for _ in range(1000):
        x = w @ x
        growth.append(x.norm())
        x = x / x.norm()
    return torch.stack(growth[500:]).log().mean().exp().item()


def rms(x, dim=None):
    return x.square().mean(dim).sqrt()
