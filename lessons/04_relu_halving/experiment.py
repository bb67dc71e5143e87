"""What ReLU takes away: half of the mean square, in every layer."""

import math

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
    """Lesson 3's product of two random numbers, with ReLU on it."""
    yield Axes("mean square", x="trials", log_x=True)
    yield Axes("mean", x="trials", log_x=True)
    yield Axes("error bar of the mean", x="trials", log_x=True, log_y=True)

    std = math.sqrt(1 / 2 - 1 / math.pi**2)  # √(mean square − mean²)
    y = (torch.randn(trials) * torch.randn(trials)).relu()
    for n in _growing(trials):
        mean, mean_bar = average(y[:n])
        square, square_bar = average(y[:n].square())
        yield Band("mean", n, mean - mean_bar, mean, mean + mean_bar)
        yield Point("mean", n, 1 / math.pi, series="theory")
        yield Band("mean square", n, square - square_bar, square, square + square_bar)
        yield Point("mean square", n, 1 / 2, series="theory")
        yield Point("error bar of the mean", n, mean_bar)
        yield Point("error bar of the mean", n, 2 * std / math.sqrt(n), series="theory")

    for quantity, article, theory, you, bar in (
        ("mean", 0.317, 1 / math.pi, mean, mean_bar),
        ("mean square", 0.506, 1 / 2, square, square_bar),
    ):
        yield Row(
            "three texts",
            quantity=quantity,
            article=article,
            theory=theory,
            you=you,
            error=bar,
        )
    yield Result(
        mean=mean,
        mean_square=square,
        mean_error=mean_bar,
        mean_square_error=square_bar,
    )


def dot(n: LogRange[2, 1024] = 512, trials: Range[10, 200] = 100):
    """Sums of n products, cut off at zero: average n outputs in every trial."""
    yield Axes("mean square", x="trials")
    yield Axes("mean", x="trials")
    yield Axes("relu(w @ x)", x="trial")

    means, squares = [], []
    mean_theory = math.sqrt(n / (2 * math.pi))
    for trial in range(1, trials + 1):
        x = torch.randn(n)
        w = torch.randn(n, n)
        y = (w @ x).relu()
        means.append(y.mean())
        squares.append(y.square().mean())
        yield Histogram("relu(w @ x)", y, at=trial, range=(0, 4 * math.sqrt(n)))
        if trial > 1:  # one trial has no error bar
            mean, mean_bar = average(torch.stack(means))
            square, square_bar = average(torch.stack(squares))
            yield Band("mean", trial, mean - mean_bar, mean, mean + mean_bar)
            yield Point("mean", trial, mean_theory, series="theory")
            low, high = square - square_bar, square + square_bar
            yield Band("mean square", trial, low, square, high)
            yield Point("mean square", trial, n / 2, series="theory")

    # The article averaged 100 trials of 512 outputs; with other knobs nothing compares.
    article = (8.90, 250.1) if (n, trials) == (512, 100) else (None, None)
    for quantity, printed, theory, you, bar in (
        ("mean", article[0], mean_theory, mean, mean_bar),
        ("mean square", article[1], n / 2, square, square_bar),
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
        mean_error=mean_bar,
        mean_square_error=square_bar,
    )


def layer(hidden: Range[1, 512] = 50):
    """Real digits through one layer of 1/√n weights, before and after ReLU."""
    x_train, _, x_valid, _ = load_digits()
    mean, std = (x_train / 255).mean(), (x_train / 255).std()
    x = (x_valid / 255 - mean) / std

    w = torch.randn(784, hidden) / math.sqrt(784)
    h = x @ w
    a = h.relu()

    # A bell of std 1, cut in half: mean 1/√(2π), mean square 1/2.
    cut_mean = 1 / math.sqrt(2 * math.pi)
    cut_std = math.sqrt(1 / 2 - cut_mean**2)
    yield Axes("x, x @ w, relu", x="step")
    yield Axes("mean square", x="x, x @ w, relu", y="mean square")
    yield Axes("mean", x="x, x @ w, relu", y="mean")
    for step, values, mean_theory, square_theory in (
        (0, x, 0, 1),
        (1, h, 0, 1),
        (2, a, cut_mean, 1 / 2),
    ):
        yield Histogram("x, x @ w, relu", values, at=step)
        yield Point("mean square", step, values.square().mean())
        yield Point("mean square", step, square_theory, series="theory")
        yield Point("mean", step, values.mean())
        yield Point("mean", step, mean_theory, series="theory")

    for quantity, before, after, theory in (
        ("mean", h.mean(), a.mean(), cut_mean),
        ("std", h.std(), a.std(), cut_std),
        ("mean square", h.square().mean(), a.square().mean(), 1 / 2),
        ("rms", rms(h), rms(a), math.sqrt(1 / 2)),
    ):
        yield Row(
            "what ReLU does",
            quantity=quantity,
            before=before,
            after=after,
            theory=theory,
        )
    yield Result(
        mean=a.mean(),
        std=a.std(),
        mean_square=a.square().mean(),
        rms=rms(a),
        before_mean=h.mean(),
        before_std=h.std(),
        zero_share=(a == 0).float().mean(),
    )


def chain(
    depth: Range[1, 100] = 50,
    width: LogRange[2, 1024] = 512,
    gain: LogRange[0.5, 2.0] = 1.0,
):
    """Fifty layers of weights gain/√n, each with ReLU."""
    yield Axes("rms by layer", x="layer", y="rms", log_y=True)
    yield Axes("factor on the mean square", x="layer", y="factor")
    yield Axes("activations", x="layer")
    growth = gain / math.sqrt(2)  # of the rms, in theory
    x = torch.randn(width)
    first = last = rms(x)
    dead_after = None
    yield Point("rms by layer", 0, first)
    yield Point("rms by layer", 0, 1, series="theory")

    for layer in range(1, depth + 1):
        w = gain * torch.randn(width, width) / math.sqrt(width)
        x = (w @ x).relu()
        yield Point("rms by layer", layer, rms(x))
        yield Point("rms by layer", layer, growth**layer, series="theory")
        yield Point("factor on the mean square", layer, (rms(x) / last) ** 2)
        yield Point("factor on the mean square", layer, growth**2, series="theory")
        yield Histogram("activations", x, at=layer)
        last = rms(x)
        if last == 0:
            dead_after = layer
            yield Note(f"Layer {layer}: all {width} sums were negative. ReLU left only zeros.")
            break

    factor = (last / first) ** (2 / layer)
    for quantity, theory, you in (
        ("final rms", growth**depth, last),
        ("mean square, a layer", growth**2, factor),
    ):
        yield Row("theory and you", quantity=quantity, theory=theory, you=you)
    yield Result(
        final_rms=last,
        final_mean=x.mean(),
        mean_square_factor=factor,
        dead_after=dead_after,
    )


def _growing(last):
    """Counts from 2 to `last`, each about a fifth more than the one before."""
    n = 2
    while n < last:
        yield n
        n = math.ceil(n * 1.2)
    yield last


def average(samples):
    """Their mean, and its error bar: two standard errors."""
    return samples.mean(), 2 * samples.std() / math.sqrt(len(samples))


def rms(x):
    """Root mean square. The largest entry is divided out: its square could underflow."""
    largest = x.abs().max()
    return largest * (x / largest).square().mean().sqrt() if largest > 0 else largest
