"""Divide by √n: what a sum of n products does to the scale, and how to undo it."""

import math
from typing import Literal

import torch

from initplay.lab import (
    Chart,
    LogRange,
    Note,
    Range,
    Result,
    Table,
    init,
    log_mean_square,
    normal,
    normalized_digits,
    rms,
    uniform,
    yours,
)


def scalar(trials: LogRange[10, 100_000] = 10_000):
    """Multiply two random numbers, again and again, and average what comes out."""
    squares = Chart("mean square", x="trials", log_x=True)
    means = Chart("mean", x="trials", log_x=True)
    bars = Chart("error bar of the mean", x="trials", log_x=True, log_y=True)

    y = torch.randn(trials) * torch.randn(trials)
    for n in growing(trials, start=10):
        mean, mean_bar = average(y[:n])
        square, square_bar = average(y[:n].square())
        low = (square - square_bar).clamp(min=0)  # no mean square is below 0
        yield squares.band(n, low, square, square + square_bar, theory=1)
        yield means.band(n, mean - mean_bar, mean, mean + mean_bar, theory=0)
        yield bars.at(n, mean_bar, theory=2 / math.sqrt(n))

    printed = {"notebook": [0.00027, 0.947]} if trials == 10_000 else {}
    both = Table("theory and you", "quantity", "theory", "you", "error", printed=printed)
    yield both.row("mean", 0, mean, mean_bar)
    yield both.row("mean square", 1, square, square_bar)
    yield Result(mean=mean, mean_square=square, mean_error=mean_bar, mean_square_error=square_bar)


def dot(n: LogRange[2, 1024] = 512, trials: Range[10, 200] = 100):
    """Each output of w @ x is a sum of n products: average n outputs in every trial."""
    squares_so_far = Chart("mean square", x="trials")
    means_so_far = Chart("mean", x="trials")
    outputs = Chart("w @ x", x="trial")
    yield squares_so_far.axes  # so that these two stand first
    yield means_so_far.axes

    edge = 4 * math.sqrt(n)
    means, squares = [], []
    for trial in range(1, trials + 1):
        x = torch.randn(n)
        w = torch.randn(n, n)
        y = w @ x
        means.append(y.mean())
        squares.append(y.square().mean())

        bell = normal(0, x.norm())  # of one x: the root of its squares' sum, which is close to √n
        yield outputs.histogram(y, at=trial, range=(-edge, edge), theory=bell)
        if trial > 1:  # one trial has no error bar
            mean, mean_bar = average(torch.stack(means))
            square, square_bar = average(torch.stack(squares))
            yield means_so_far.band(trial, mean - mean_bar, mean, mean + mean_bar, theory=0)
            low = (square - square_bar).clamp(min=0)
            yield squares_so_far.band(trial, low, square, square + square_bar, theory=n)

    # The notebook summed 512 products; with other knobs nothing compares.
    printed = {"notebook": [-0.017, 511.4, None, None]} if (n, trials) == (512, 100) else {}
    texts = Table("theory and you", "quantity", "theory", "you", "error", printed=printed)
    yield texts.row("mean", 0, mean, mean_bar)
    yield texts.row("mean square", n, square, square_bar)
    yield texts.row("rms", math.sqrt(n), square.sqrt(), None)
    std = (square - mean**2).sqrt()  # the mean square less what the mean takes of it
    yield texts.row("std", math.sqrt(n), std, None)
    yield Result(
        mean=mean, mean_square=square, rms=square.sqrt(), std=std, mean_error=mean_bar,
        mean_square_error=square_bar,
    )


def first_layer(hidden: Range[1, 512] = 50):
    """Real digits through one random layer, with weights divided by √784."""
    _, _, x, _ = normalized_digits()
    z = torch.randn(784, hidden)
    w = z / math.sqrt(784)
    large, h = x @ z, x @ w

    by_layer = Chart("rms by layer", x="layer", y="rms", log_y=True)
    histograms = Chart("values", x="layer")
    for layer, undivided, values in (0, x, x), (1, large, h):
        yield by_layer.at(layer, rms(values), theory=1)
        yield by_layer.at(layer, rms(undivided), series="not divided")
        yield histograms.histogram(values, at=layer)

    # As in lesson 2: the digits share a mean picture, and every output has its trace.
    spread = x.mean(0).norm().item() / math.sqrt(784 * hidden)
    printed = FIRST_LAYER if hidden == 50 else {}
    scales = Table("one draw, two scales", "quantity", "z", "w", *printed)
    for row, cells in enumerate((
        ("mean of the weights", z.mean(), w.mean()),
        ("std of the weights", z.std(), w.std()),
        ("mean of the outputs", large.mean(), h.mean()),
        ("std of the outputs", large.std(), h.std()),
    )):
        yield scales.row(*cells, *(theirs[row] for theirs in printed.values()))
    yield Result(mean=h.mean(), std=h.std(), weights_std=w.std(), mean_spread=spread)


FIRST_LAYER = {  # of 50 units: weights divided by √784, under three names
    "fast.ai": [None, None, -0.0516, 0.9354],
    "notebook": [-3.4e-05, 0.0358, -0.098, 0.945],
    "notebook, Xavier": [None, None, 0.0082, 0.981],
}


def assumptions(
    broken: Literal[
        "nothing",
        "inputs have mean 3",
        "all inputs are equal",
        "one input carries all",
        "weights are ±1/√n",
        "weights have heavy tails",
        "weights have mean 0.05",
        "the same, inputs positive",
        "weights lean on the inputs",
    ] = "nothing",
    n: LogRange[32, 1024] = 512,
    trials: Range[10, 100] = 40,
):
    """Sums of n products, with one assumption of the derivation broken: is their rms still 1?"""
    squares_so_far = Chart("mean square", x="trials")
    yield squares_so_far.axes  # so that it stands first
    outputs = Chart("w @ x", x="trial")
    squares = []
    parts = parts_of_mean_square(broken, n)
    theory = sum(parts.values())
    for trial in range(1, trials + 1):
        x, w = drawn(broken, n)
        y = w @ x
        squares.append(y.square().mean())
        yield outputs.histogram(y, at=trial)
        if trial > 1:  # one trial has no error bar
            square, bar = average(torch.stack(squares))
            low = (square - bar).clamp(min=0)
            yield squares_so_far.band(trial, low, square, square + bar, theory)

    texts = Table("theory and you", "quantity", "theory", "you", "error")
    yield texts.row("mean square", theory, square, bar)
    yield texts.row("rms", math.sqrt(theory), square.sqrt(), bar / (2 * square.sqrt()))
    worth = Table("where the mean square comes from", "part", "worth")
    for part, value in parts.items():
        yield worth.row(part, value)
    each = Table("rms with each broken", "broken", "theory", "you", "error")
    for other in BREAKS:
        draws = [drawn(other, n, units=32) for _ in range(100)]
        its_square, its_bar = average(torch.stack([(w @ x).square().mean() for x, w in draws]))
        its_theory = math.sqrt(sum(parts_of_mean_square(other, n).values()))
        yield each.row(other, its_theory, its_square.sqrt(), its_bar / (2 * its_square.sqrt()))
    yield Result(rms=square.sqrt(), mean_square=square, theory_rms=math.sqrt(theory))


BREAKS = (
    "inputs have mean 3",
    "all inputs are equal",
    "one input carries all",
    "weights are ±1/√n",
    "weights have heavy tails",
    "weights have mean 0.05",
    "the same, inputs positive",
    "weights lean on the inputs",
)


def drawn(broken, n, units=None):
    """Inputs of mean square 1, and weights of variance 1/n for n units, or so many."""
    x, z = torch.randn(n), torch.randn(units or n, n)
    if broken == "inputs have mean 3":
        x = (x + 3) / math.sqrt(10)
    elif broken == "all inputs are equal":
        x = torch.ones(n)
    elif broken == "one input carries all":
        x = math.sqrt(n) * (torch.arange(n) == 0)
    elif broken == "weights are ±1/√n":
        z = z.sign()
    elif broken == "weights have heavy tails":
        z = z**3 / math.sqrt(15)  # most are tiny and a few are huge; E[z⁶] = 15
    elif broken == "weights have mean 0.05":
        z = z + 0.05 * math.sqrt(n)
    elif broken == "the same, inputs positive":
        z = z + 0.05 * math.sqrt(n)
        x = math.sqrt(2) * x.relu()
    elif broken == "weights lean on the inputs":
        z = LEAN * x + math.sqrt(1 - LEAN**2) * z
    return x, z / math.sqrt(n)


LEAN = 0.06  # the correlation of a weight with the input that it is multiplied by


def parts_of_mean_square(broken, n):
    """What the mean square of a sum is made of, where E[x²] = 1 and Var(w) = 1/n."""
    mean_w, mean_x, lean = moments(broken, n)
    return {
        "n × E[w]² × Var(x)": n * mean_w**2 * (1 - mean_x**2),
        "n × E[x]² × Var(w)": mean_x**2,
        "n × Var(w) × Var(x)": 1 - mean_x**2,
        "(n × E[w] × E[x])²": (n * mean_w * mean_x) ** 2,
        "not independent": lean**2 * (n + 1),
    }


def moments(broken, n):
    """E[w], E[x] and the correlation of the two, in theory."""
    mean_w = 0.05 if broken in ("weights have mean 0.05", "the same, inputs positive") else 0
    mean_x = {
        "inputs have mean 3": 3 / math.sqrt(10),
        "all inputs are equal": 1,
        "one input carries all": 1 / math.sqrt(n),
        "the same, inputs positive": 1 / math.sqrt(math.pi),
    }.get(broken, 0)
    return mean_w, mean_x, LEAN if broken == "weights lean on the inputs" else 0


def same_draw(
    gain: LogRange[0.7, 1.4] = 1.0,
    depth: Range[1, 100] = 50,
    width: LogRange[8, 256] = 256,
    seeds: Range[1, 32] = 16,
):
    """Several deep nets of one fixed draw: only the scale of their weights is yours."""
    by_layer = Chart("rms by layer", x="layer", y="rms", log_y=True, reference="gain^layer")
    activations = Chart("activations", x="layer")
    x = torch.randn(seeds, width, 1)
    first = rms(x, dim=(1, 2))
    for layer in range(1, depth + 1):
        z = torch.randn(seeds, width, width)  # whatever the gain, the same numbers
        w = gain * z / math.sqrt(width)
        x = torch.bmm(w, x)  # one layer of all the nets
        final = rms(x, dim=(1, 2))
        low, middle, high = final.quantile(torch.tensor([0.05, 0.5, 0.95]))
        typical, spread = middle_of_nets(gain, layer, width)
        yield by_layer.band(layer, low, middle, high, theory=typical)
        yield by_layer.at(layer, gain**layer, series="gain^layer")
        yield activations.histogram(x, at=layer)

    growth = (final / first).log().mean().div(depth).exp()
    growth_theory = gain * math.exp(log_mean_square(width)[0] / 2)
    last = Table("after the last layer", "quantity", "theory", "you")
    yield last.row("growth per layer", growth_theory, growth)
    yield last.row("median rms", typical, middle)
    yield last.row(f"5 % of draws, {(final < low).sum()} of {seeds}, below", typical / spread, low)
    yield last.row(f"5 % of draws, {(final > high).sum()} of {seeds}, above", typical * spread, high)
    yield Result(
        final_rms=middle, low=low, high=high, growth_per_layer=growth, theory_rms=typical,
    )


def middle_of_nets(gain, depth, width):
    """The rms of the middle net in theory, and the factor within which nine in ten lie.

    Averaged over draws, the mean square grows by gain² a layer. A few large nets hold that
    average up, and the middle one lags behind: x and each layer multiply the mean square by
    a random factor, and of a product of many such the logarithm is a bell.
    """
    mean, variance = log_mean_square(width)
    factors = depth + 1  # a layer each, and one for x, which is drawn too
    typical = gain**depth * math.exp(factors * mean / 2)  # half: the rms is a root
    return typical, math.exp(1.645 * math.sqrt(factors * variance) / 2)  # 5 % lie beyond 1.645


def chain(
    depth: Range[1, 200] = 100,
    width: LogRange[32, 1024] = 512,
    same_weights: bool = False,
):
    """The hundred multiplications of lesson 2, with weights divided by √n."""
    by_layer = Chart("std by layer", x="layer", y="std", log_y=True, reference="eigenvalue")
    activations = Chart("activations", x="layer")
    x = torch.randn(width)
    w = torch.randn(width, width) / math.sqrt(width)
    largest = largest_eigenvalue(w) if same_weights else None

    for layer in range(depth + 1):
        if layer > 0:
            if not same_weights:
                w = torch.randn(width, width) / math.sqrt(width)
            bell = None if same_weights else normal(0, rms(x))  # of weights that x knows nothing of
            x = w @ x
            yield activations.histogram(x, at=layer, theory=bell)
        std = rms(x - x.mean())
        typical, _ = middle_of_nets(1, layer, width)
        if same_weights:
            yield by_layer.at(layer, std)
            yield by_layer.at(layer, largest**layer, series="eigenvalue")
        else:
            yield by_layer.at(layer, std, theory=typical)

    # fast.ai used one matrix, 512 wide, a hundred times.
    printed = {"fast.ai": [5.5337]} if same_weights and (depth, width) == (100, 512) else {}
    texts = Table("theory and you", "quantity", "theory", "you", printed=printed)
    yield texts.row("final std", None if same_weights else typical, std)
    ends, kept = [std], None
    if same_weights:
        yield Note(
            f"The largest eigenvalue of this matrix has size {largest:.4f}. "
            f"To the power {depth} that is {largest**depth:.3g}."
        )
        more = Table("seven more matrices", "matrix", "final std")
        for matrix in range(2, 9):
            x, w = torch.randn(width), torch.randn(width, width) / math.sqrt(width)
            for _ in range(depth):
                x = w @ x
            ends.append(rms(x - x.mean()))
            yield more.row(matrix, ends[-1])
        x, w = torch.randn(width), init.orthogonal_(torch.empty(width, width))
        first = rms(x)
        for _ in range(depth):
            x = w @ x
        kept = rms(x) / first
        turned = Table("one orthogonal matrix", "rms after", "theory", "you")
        yield turned.row(f"{depth} layers", first, rms(x))
    growth = largest**depth if same_weights else None
    yield Result(
        final_std=std, largest_eigenvalue=largest, eigenvalue_growth=growth,
        lowest=min(ends), highest=max(ends), orthogonal_keeps=kept,
    )


def schemes(
    n_in: LogRange[16, 1024] = 256,
    n_out: LogRange[16, 1024] = 1024,
    scheme: Literal["LeCun", "Xavier", "1/n_out", "1/(3 n_in)"] = "LeCun",
    form: Literal["normal", "uniform"] = "normal",
):
    """One layer with n_in ≠ n_out: what comes out forward, and what comes back."""
    going = Chart("forward rms", x="n_out", y="rms", log_x=True, log_y=True)
    coming = Chart("backward rms", x="n_out", y="rms", log_x=True, log_y=True)
    weights = Chart("weights", x="n_out")
    for outputs in growing(n_out, start=4):
        if scheme == "LeCun":
            variance = 1 / n_in
        elif scheme == "Xavier":
            variance = 2 / (n_in + outputs)
        elif scheme == "1/n_out":
            variance = 1 / outputs
        else:
            variance = 1 / (3 * n_in)

        if form == "normal":
            w = torch.randn(n_in, outputs) * math.sqrt(variance)
            theory = normal(0, math.sqrt(variance))
        else:
            bound = math.sqrt(3 * variance)  # U(-bound, bound) has variance bound²/3
            w = torch.empty(n_in, outputs).uniform_(-bound, bound)
            theory = uniform(-bound, bound)

        x = torch.randn(200, n_in, requires_grad=True)
        y = x @ w
        y.backward(torch.randn(200, outputs))  # a gradient of rms 1 comes from above
        forward, forward_theory = rms(y), math.sqrt(n_in * variance)
        backward, backward_theory = rms(x.grad), math.sqrt(outputs * variance)
        yield going.at(outputs, forward, forward_theory)
        yield coming.at(outputs, backward, backward_theory)
        yield weights.histogram(w, at=outputs, theory=theory)
        if mine := yours("xavier_uniform_", None):
            with torch.random.fork_rng():  # the lesson's own draws stay as they are
                v = mine(torch.empty(outputs, n_in))  # as torch keeps it, (out, in)
                back = rms(torch.randn(200, outputs) @ v)
            yield going.at(outputs, rms(x @ v.T), series="yours")
            yield coming.at(outputs, back, series="yours")

    std, largest = w.std(), w.abs().max()
    layer = Table("this layer", "quantity", "theory", "you")
    yield layer.row("forward rms", forward_theory, forward)
    yield layer.row("backward rms", backward_theory, backward)
    yield layer.row("std of the weights", math.sqrt(variance), std)
    yield layer.row("largest weight", bound if form == "uniform" else None, largest)
    if scheme == "1/(3 n_in)":
        torchs = torch.nn.Linear(n_in, outputs).weight
        yield layer.row("std of nn.Linear's", math.sqrt(variance), torchs.std())
    z = y / forward  # a bell of rms 1
    leaves = Table("what f leaves of the rms", "f", "of 0.01", "of 1")
    for name, f in (("tanh", torch.tanh), ("relu", torch.relu), ("sigmoid", torch.sigmoid)):
        yield leaves.row(name, rms(f(0.01 * z)) / 0.01, rms(f(z)))
    yield Result(
        forward=forward, backward=backward, weights_std=std, largest_weight=largest,
        largest_over_std=largest / std,
    )


def growing(last, start=2):
    """Counts from `start` to `last`, each about a fifth more than the one before."""
    counts = [start]
    while counts[-1] < last:
        counts.append(min(math.ceil(counts[-1] * 1.2), last))
    return counts


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
