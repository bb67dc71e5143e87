"""Why the nonlinearity decides the scale."""

import math
from typing import Literal

import torch
from torch.nn.functional import cross_entropy

from initplay.lab import Axes, Histogram, Image, LogRange, Note, Point, Range, Result, Row
from initplay.lab import digits as load_digits

ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky relu": lambda z: torch.where(z > 0, z, 0.1 * z),
}


def curves():
    """Four activations and their slopes."""
    yield Axes("activation", x="z", y="f(z)")
    yield Axes("slope", x="z", y="f'(z)")
    z = torch.linspace(-5, 5, 201)
    heights = {name: f(z).tolist() for name, f in ACTIVATIONS.items()}
    slopes = {name: slope(f, z).tolist() for name, f in ACTIVATIONS.items()}
    for number, value in enumerate(z.tolist()):
        for name in ACTIVATIONS:
            yield Point("activation", value, heights[name][number], series=name)
            yield Point("slope", value, slopes[name][number], series=name)

    for name in ACTIVATIONS:
        steepest = max(slopes[name])
        yield Row("largest slope", of=name, slope=steepest, ten_layers=steepest**10)
    yield Result(sigmoid_slope=max(slopes["sigmoid"]), tanh_slope=max(slopes["tanh"]))


def bell():
    """A million numbers of std 1: what each activation makes of them."""
    yield Axes("f(z) of a bell", x="activation")
    z = torch.randn(1_000_000)
    squares, slope_squares = {}, {}
    for number, (name, f) in enumerate(ACTIVATIONS.items()):
        yield Histogram("f(z) of a bell", f(z), at=number, range=(-2, 3))
        squares[name] = f(z).square().mean().item()
        slope_squares[name] = slope(f, z).square().mean().item()
        theory = bell_average(lambda z, f=f: f(z).square())
        theory_slope = bell_average(lambda z, f=f: slope(f, z).square())
        yield Row("mean square of f(z)", of=name, theory=theory, you=squares[name])
        yield Row("mean square of the slope", of=name, theory=theory_slope, you=slope_squares[name])
    yield Result(
        sigmoid_square=squares["sigmoid"],
        tanh_square=squares["tanh"],
        relu_square=squares["relu"],
        leaky_relu_square=squares["leaky relu"],
        sigmoid_slope_square=slope_squares["sigmoid"],
        tanh_slope_square=slope_squares["tanh"],
        relu_slope_square=slope_squares["relu"],
        leaky_relu_slope_square=slope_squares["leaky relu"],
    )


def chain(
    activation: Literal["sigmoid", "tanh", "relu", "leaky relu"] = "tanh",
    gain: LogRange[0.5, 4.0] = 1.0,
    depth: Range[2, 50] = 20,
):
    """Layers of weights gain/√n: the rms going forward, the gradient coming back."""
    f = ACTIVATIONS[activation]
    yield Axes("rms of z by layer", x="layer", y="rms", log_y=True)
    yield Axes("gradient by layer", x="layer", y="rms", log_y=True)
    yield Axes("f(z)", x="layer")
    a = torch.randn(64, 512) / gain  # so that the first z has std 1
    sums = []
    for _ in range(depth):
        w = gain * torch.randn(512, 512) / math.sqrt(512)
        z = (a @ w).requires_grad_()
        z.retain_grad()
        a = f(z)
        sums.append(z)
    a.backward(torch.randn(64, 512))

    stds, gradients = theory_of_chain(f, gain, depth)
    for layer, z in enumerate(sums, 1):
        yield Point("rms of z by layer", layer, rms(z))
        yield Point("rms of z by layer", layer, stds[layer - 1], series="theory")
        yield Point("gradient by layer", layer, rms(z.grad))
        yield Point("gradient by layer", layer, gradients[layer - 1], series="theory")
        yield Histogram("f(z)", f(z), at=layer)

    growth = (rms(sums[-1]) / rms(sums[0])) ** (1 / (depth - 1))
    gradient_growth = (rms(sums[0].grad) / rms(sums[-1].grad)) ** (1 / (depth - 1))
    yield Row("factor per layer", going="forward", you=growth)
    yield Row("factor per layer", going="backward", you=gradient_growth)
    yield Result(
        final_rms=rms(sums[-1]),
        growth=growth,
        gradient_growth=gradient_growth,
        gradient_left=rms(sums[0].grad) / rms(sums[-1].grad),
    )


def theory_of_chain(f, gain, depth):
    """The std of z and the rms of its gradient in each layer, if every z were a bell."""
    stds = [1.0]
    while len(stds) < depth:
        square = bell_average(lambda z: f(stds[-1] * z).square())
        stds.append(gain * math.sqrt(square))

    gradients = []
    coming_back = 1.0
    for std in reversed(stds):
        slope_square = bell_average(lambda z, std=std: slope(f, std * z).square())
        gradients.append(coming_back * math.sqrt(slope_square))
        coming_back = gain * gradients[-1]
    return stds, gradients[::-1]


def rms(x):
    return x.detach().square().mean().sqrt()


def slope(f, z):
    """f'(z) at every z at once, by autograd."""
    z = z.detach().clone().requires_grad_()
    f(z).sum().backward()
    return z.grad


def bell_average(f):
    """The average of f(z) over z from N(0, 1), as a sum over a fine grid."""
    z = torch.linspace(-8, 8, 4000)  # an even number leaves out 0, where ReLU has its kink
    density = torch.exp(-z.square() / 2)
    return ((f(z) * density).sum() / density.sum()).item()


def saturation(input_std: LogRange[0.1, 50.0] = 1.0):
    """tanh of wider and wider inputs: how much of it is flat?"""
    yield Axes("share", x="std of the input", y="share", log_x=True)
    yield Axes("tanh(z)", x="std of the input")
    yield Axes("slope at z", x="std of the input")
    for std in _growing(0.1, input_std):
        z = std * torch.randn(1000, 200)
        slopes = slope(torch.tanh, z)
        saturated_share = (z.tanh().abs() > 0.97).float().mean()
        vanishing_share = (slopes < 1e-3).float().mean()
        # |tanh z| > 0.97 is |z| > 2.09, and 1 - tanh² < 0.001 is |z| > 4.15.
        saturated_theory = share_beyond(math.atanh(0.97), std)
        vanishing_theory = share_beyond(math.atanh(math.sqrt(0.999)), std)
        yield Point("share", std, saturated_share, series="|tanh| > 0.97")
        yield Point("share", std, vanishing_share, series="slope < 0.001")
        yield Point("share", std, saturated_theory, series="theory")
        yield Histogram("tanh(z)", z.tanh(), at=std, range=(-1, 1))
        yield Histogram("slope at z", slopes, at=std, range=(0, 1))

    yield Row("shares", of="|tanh| > 0.97", theory=saturated_theory, you=saturated_share)
    yield Row("shares", of="slope < 0.001", theory=vanishing_theory, you=vanishing_share)
    yield Result(
        saturated_share=saturated_share,
        vanishing_share=vanishing_share,
        slope_rms=rms(slopes),
    )


def _growing(low, high):
    """From low to high, each a quarter more than the one before."""
    while low < high:
        yield low
        low *= 1.25
    yield high


def share_beyond(bound, std):
    """Of a bell of mean 0, the share that lies further out than the bound."""
    return 1 - math.erf(bound / (std * math.sqrt(2)))


def dead(lr: LogRange[0.01, 10.0] = 0.1, bias: Range[-5.0, 1.0] = 0.0):
    """Train 784-100-10 with ReLU and count the units that never answer any digit."""
    x_train, y_train, x_valid, y_valid = normalized_digits()
    probe = x_valid[:1000]
    w1 = torch.randn(784, 100) * math.sqrt(2 / 784)
    b1 = torch.full((100,), bias)
    w2 = torch.randn(100, 10) * math.sqrt(2 / 100)
    b2 = torch.zeros(10)
    net = [w.requires_grad_() for w in (w1, b1, w2, b2)]

    yield Axes("dead units", x="step", y="of 100")
    yield Axes("loss", x="step", y="loss", log_y=True)
    yield Axes("zeros among all activations", x="step", y="share")
    yield Axes("probe digits that a unit answers", x="step")
    for step in range(201):
        if step % 10 == 0:
            answers = (probe @ w1 + b1 > 0).detach()
            dead_units = (~answers.any(dim=0)).sum()
            zero_share = 1 - answers.float().mean()
            yield Point("dead units", step, dead_units)
            yield Point("zeros among all activations", step, zero_share)
            yield Histogram(
                "probe digits that a unit answers", answers.float().sum(0), at=step, range=(0, 1000)
            )
            if step == 0:
                dead_at_first = dead_units
        batch = torch.randint(len(x_train), (64,))
        out = (x_train[batch] @ w1 + b1).relu() @ w2 + b2
        loss = cross_entropy(out, y_train[batch])
        yield Point("loss", step, loss.detach())
        sgd_step(net, loss, lr)

    out = (x_valid @ w1 + b1).relu() @ w2 + b2
    accuracy = (out.argmax(1) == y_valid).float().mean()
    yield Note(
        f"{dead_units} of 100 units answer none of the 1,000 probe digits; "
        f"{100 * zero_share:.0f} % of all activations are zero."
    )
    yield Result(
        dead_units=dead_units,
        units=100,
        dead_at_first=dead_at_first,
        zero_share=zero_share,
        accuracy=accuracy,
    )


def symmetry(
    value: Range[0.0, 0.02] = 0.0,
    noise: Range[0.0, 0.1] = 0.0,
    hidden: Range[1, 50] = 10,
    dtype: Literal["float32", "float64"] = "float32",
):
    """Start every weight at value + noise · randn, and count the hidden units that differ."""
    x_train, y_train, x_valid, y_valid = normalized_digits()
    w1 = value + noise * torch.randn(784, hidden)
    b1 = torch.zeros(hidden)
    w2 = value + noise * torch.randn(hidden, 10)
    b2 = torch.zeros(10)
    dtype = getattr(torch, dtype)
    x_train, x_valid = x_train.to(dtype), x_valid.to(dtype)
    net = [w.to(dtype).requires_grad_() for w in (w1, b1, w2, b2)]
    w1, b1, w2, b2 = net

    yield Axes("distinct units", x="step", y=f"of {hidden}")
    yield Axes("loss", x="step", y="loss")
    yield Axes("weights into the first units", x="step")
    yield Axes("largest difference of two units", x="step", log_y=True)
    for step in range(301):
        if step % 25 == 0:
            distinct_units, difference = compare_units(w1, w2)
            yield Point("largest difference of two units", step, difference)
            yield Point("distinct units", step, distinct_units)
            yield Image("weights into the first units", w1.T[:8].reshape(-1, 28, 28), at=step)
        batch = torch.randint(len(x_train), (64,))
        out = (x_train[batch] @ w1 + b1).tanh() @ w2 + b2
        loss = cross_entropy(out, y_train[batch])
        yield Point("loss", step, loss.detach())
        yield Point("loss", step, math.log(10), series="theory")  # ten equal guesses
        sgd_step(net, loss, lr=0.1)

    out = (x_valid @ w1 + b1).tanh() @ w2 + b2
    yield Result(
        distinct_units=distinct_units,
        units=hidden,
        final_loss=cross_entropy(out, y_valid),
        accuracy=(out.argmax(1) == y_valid).float().mean(),
        difference=difference,
        largest_weight=max(w1.abs().max().item(), w2.abs().max().item()),
    )


def compare_units(w1, w2):
    """How many units differ by more than 0.001 in some weight, in or out; and the largest difference."""
    units = torch.cat([w1.T, w2], dim=1).detach()  # one row a unit
    apart = (units[:, None] - units[None]).abs().amax(dim=2)
    twin_of_earlier = (apart <= 1e-3).tril(-1).any(dim=1)
    return int((~twin_of_earlier).sum()), apart.max()


def normalized_digits():
    x_train, y_train, x_valid, y_valid = load_digits()
    x_train, x_valid = x_train / 255, x_valid / 255
    mean, std = x_train.mean(), x_train.std()
    return (x_train - mean) / std, y_train, (x_valid - mean) / std, y_valid


def sgd_step(net, loss, lr):
    loss.backward()
    with torch.no_grad():
        for tensor in net:
            tensor -= lr * tensor.grad
            tensor.grad = None
