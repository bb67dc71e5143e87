"""What ReLU takes away: half of the mean square, in every layer."""

import math

import torch

from initplay.lab import (
    Chart,
    LogRange,
    Note,
    Range,
    Result,
    Table,
    log_mean_square_of_relu,
    normal,
    normalized_digits,
    rectified,
    rms,
    yours,
)


def scalar(trials: LogRange[10, 100_000] = 10_000):
    """Lesson 3's product of two random numbers, with ReLU on it."""
    squares = Chart("mean square", x="trials", log_x=True)
    means = Chart("mean", x="trials", log_x=True)
    bars = Chart("error bar of the mean", x="trials", log_x=True, log_y=True)

    std = math.sqrt(1 / 2 - 1 / math.pi**2)  # √(mean square − mean²)
    y = (torch.randn(trials) * torch.randn(trials)).relu()
    for n in growing(trials):
        mean, mean_bar = average(y[:n])
        square, square_bar = average(y[:n].square())
        low = (square - square_bar).clamp(min=0)  # no mean square is below 0
        yield squares.band(n, low, square, square + square_bar, theory=1 / 2)
        yield means.band(n, mean - mean_bar, mean, mean + mean_bar, theory=1 / math.pi)
        yield bars.at(n, mean_bar, theory=2 * std / math.sqrt(n))

    printed = {"notebook": [0.317, 0.506]} if trials == 10_000 else {}
    both = Table("theory and you", "quantity", "theory", "you", "error", printed=printed)
    yield both.row("mean", 1 / math.pi, mean, mean_bar)
    yield both.row("mean square", 1 / 2, square, square_bar)
    yield Result(mean=mean, mean_square=square, mean_error=mean_bar, mean_square_error=square_bar)


def dot(n: LogRange[2, 1024] = 512, trials: Range[10, 200] = 100):
    """Sums of n products, cut off at zero: average n outputs in every trial."""
    squares_so_far = Chart("mean square", x="trials")
    means_so_far = Chart("mean", x="trials")
    outputs = Chart("relu(w @ x)", x="trial")
    yield squares_so_far.axes  # so that these two stand first
    yield means_so_far.axes

    means, squares = [], []
    # |x| averages √2·Γ((n+1)/2)/Γ(n/2), and relu's mean is |x|/√(2π): √(n/2π) for a large n.
    mean_theory = math.exp(math.lgamma((n + 1) / 2) - math.lgamma(n / 2)) / math.sqrt(math.pi)
    edge = 4 * math.sqrt(n)
    for trial in range(1, trials + 1):
        x = torch.randn(n)
        w = torch.randn(n, n)
        y = (w @ x).relu()
        means.append(y.mean())
        squares.append(y.square().mean())

        cut_bell = rectified(normal(0, x.norm()))  # of one x, whose norm is close to √n
        yield outputs.histogram(y, at=trial, range=(0, edge), theory=cut_bell)
        if trial > 1:  # one trial has no error bar
            mean, mean_bar = average(torch.stack(means))
            square, square_bar = average(torch.stack(squares))
            yield means_so_far.band(trial, mean - mean_bar, mean, mean + mean_bar, mean_theory)
            low = (square - square_bar).clamp(min=0)
            yield squares_so_far.band(trial, low, square, square + square_bar, n / 2)

    printed = {"notebook": [8.90, 250.1]} if (n, trials) == (512, 100) else {}
    both = Table("theory and you", "quantity", "theory", "you", "error", printed=printed)
    yield both.row("mean", mean_theory, mean, mean_bar)
    yield both.row("mean square", n / 2, square, square_bar)
    yield Result(mean=mean, mean_square=square, mean_error=mean_bar, mean_square_error=square_bar)


def layer(hidden: Range[1, 512] = 50):
    """Real digits through one layer of 1/√n weights, before and after ReLU."""
    _, _, x, _ = normalized_digits()
    w = torch.randn(784, hidden) / math.sqrt(784)
    h = x @ w
    a = h.relu()

    # A bell of std 1, cut in half: mean 1/√(2π), mean square 1/2.
    cut_mean = 1 / math.sqrt(2 * math.pi)
    cut_std = math.sqrt(1 / 2 - cut_mean**2)

    histograms = Chart("x, x @ w, relu", x="step")
    squares = Chart("mean square", x="x, x @ w, relu", y="mean square")
    means = Chart("mean", x="x, x @ w, relu", y="mean")
    for step, values, mean, square in (0, x, 0, 1), (1, h, 0, 1), (2, a, cut_mean, 1 / 2):
        yield histograms.histogram(values, at=step)
        yield squares.at(step, values.square().mean(), theory=square)
        yield means.at(step, values.mean(), theory=mean)
    yield Chart("weights").histogram(w, theory=normal(0, 1 / math.sqrt(784)))

    printed = {"notebook": [0.325, 0.509, None, None]} if hidden == 50 else {}
    does = Table("what ReLU does", "quantity", "before", "after", "theory", printed=printed)
    yield does.row("mean", h.mean(), a.mean(), cut_mean)
    yield does.row("std", h.std(), a.std(), cut_std)
    yield does.row("mean square", h.square().mean(), a.square().mean(), 1 / 2)
    yield does.row("rms", rms(h), rms(a), math.sqrt(1 / 2))
    if hidden < 20:
        yield Note(f"Theory averages over draws. One draw of {hidden} units may lie far from it.")
    yield Result(
        mean=a.mean(), std=a.std(), mean_square=a.square().mean(), rms=rms(a),
        before_mean=h.mean(), before_std=h.std(), zero_share=(a == 0).float().mean(),
    )


def chain(
    depth: Range[1, 100] = 50,
    width: LogRange[2, 1024] = 512,
    gain: LogRange[0.5, 2.0] = 1.0,
):
    """Fifty layers of weights gain/√n, each with ReLU."""
    by_layer = Chart("rms by layer", x="layer", y="rms", log_y=True, reference="average over draws")
    factors = Chart("factor on the mean square", x="layer", y="factor")
    activations = Chart("activations", x="layer")
    x = torch.randn(width)
    first = last = rms(x)
    alive = dead_after = None  # the last layer with an rms above 0; the first without a sum above 0
    yield by_layer.at(0, first, theory=1)
    mine = yours("gain_for", None)
    with torch.random.fork_rng():  # so that the draws below stay as they are
        own_gain = float(mine(torch.relu)) if mine else None
    h = x  # of a second net, of the same weights

    for layer in range(1, depth + 1):
        w = gain * torch.randn(width, width) / math.sqrt(width)
        cut_bell = rectified(normal(0, gain * last.item()))
        sums = w @ x
        x = sums.relu()
        before, last = last, rms(x)
        yield by_layer.at(layer, last, theory=typical_rms(gain, layer, width))
        yield by_layer.at(layer, (gain / math.sqrt(2)) ** layer, series="average over draws")
        if mine:
            h = (own_gain * (w / gain) @ h).relu()
            yield by_layer.at(layer, rms(h), series="with your gain")
        yield factors.at(layer, (last / before) ** 2, theory=gain**2 / 2)
        yield activations.histogram(x, at=layer, theory=cut_bell)
        if last > 0:
            alive, rms_alive = layer, last
        elif (sums < 0).all():
            dead_after = layer
            yield Note(f"Layer {layer}: all {width} sums were negative. ReLU left only zeros.")
            break
        else:
            yield Note(f"Layer {layer}: no sum above 0 was as large as 1.4e-45, where float32 ends.")
            break

    factor = (rms_alive / first) ** (2 / alive) if alive else None
    factor_theory = typical_rms(gain, 1, width) ** 2
    both = Table("theory and you", "quantity", "theory", "you")
    if dead_after is None:
        yield both.row("final rms", typical_rms(gain, layer, width), last)
    yield both.row("mean square, a layer", factor_theory, factor)
    yield Result(
        final_rms=last, final_mean=x.mean(), mean_square_factor=factor, dead_after=dead_after,
        theory_rms=typical_rms(gain, depth, width),
    )


def typical_rms(gain, depth, width):
    """Of a typical net that is still alive: (gain/√2)^depth is the average over draws, which
    a few large nets hold up, and in a narrow net the more."""
    mean, _ = log_mean_square_of_relu(width)
    return (gain / math.sqrt(2)) ** depth * math.exp(depth * mean / 2)


def growing(last):
    """Counts from 10 to `last`, each about a fifth more than the one before."""
    counts = [10]
    while counts[-1] < last:
        counts.append(min(math.ceil(counts[-1] * 1.2), last))
    return counts


def average(samples):
    """Their mean, and its error bar: two standard errors."""
    return samples.mean(), 2 * samples.std() / math.sqrt(len(samples))
