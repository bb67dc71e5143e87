"""Depth decides: the init that one hidden layer forgives, and six do not."""

import math
from itertools import pairwise
from typing import Literal

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from initplay.lab import (
    Chart,
    LogRange,
    Note,
    Range,
    Result,
    Table,
    bell_average,
    log_mean_square_of_relu,
    normalized_digits,
    rms,
)
from initplay.lab.init import (
    calculate_gain,
    kaiming_normal_,
    lecun_normal_,
    orthogonal_,
    xavier_normal_,
    zeros_,
)

WIDTH = 100
STEPS = 200
LOOKS = (0, 50, 200)  # the steps at which every layer is measured


def depth(
    init: Literal["default", "xavier", "he", "orthogonal"] = "default",
    activation: Literal["relu", "tanh"] = "relu",
    depth: Range[1, 16] = 6,
    lr: LogRange[0.005, 0.2] = 0.05,
    biases: bool = False,
):
    """Train a net of any depth on the digits, and look into every layer on the way."""
    x_train, y_train, x_valid, y_valid = normalized_digits()
    layers = net(init, activation, depth, biases)
    hidden, parameters = layers[:-1], [p for layer in layers for p in layer.parameters()]
    f = getattr(torch, activation)
    theory, factors = expected(init, activation, depth, biases)

    loss_by_step = Chart("loss", x="step", y="loss", reference="ten equal guesses")
    right_by_step = Chart("accuracy", x="step", y="accuracy", reference="one digit in ten")
    activations = Chart("rms of activations", x="layer", y="rms", log_y=True)
    gradients = Chart("rms of gradients", x="layer", y="rms", log_y=True)
    moved = Chart("update / weight", x="step", y="ratio", log_y=True, reference="a thousandth")
    at_first = Table("step 0", "layer", "h", "gradient_of_h", "gradient_of_w", "update_ratio")
    losses, ratios = [], []
    for step in range(STEPS + 1):
        chosen = torch.randint(len(x_train), (64,))
        h = forward(layers, f, x_train[chosen])
        loss = cross_entropy(h[-1], y_train[chosen])
        if step in LOOKS:
            for activation_of_layer in h[1:-1]:
                activation_of_layer.retain_grad()
        loss.backward()
        losses.append(loss.detach())

        if step in LOOKS:
            series = f"step {step}"
            sizes, coming_down = [rms(a) for a in h[:-1]], [rms(a.grad) for a in h[1:-1]]
            for k in range(depth + 1):
                yield activations.at(k, sizes[k], theory[k] if step == 0 else None, series)
            for k in range(depth, 0, -1):
                from_the_top = coming_down[-1] * math.prod(factors[k:])
                yield gradients.at(k, coming_down[k - 1], from_the_top if step == 0 else None, series)
        if step == 0:
            rms_last, gradient_left = sizes[-1], coming_down[0] / coming_down[-1]
            grad_first = rms(layers[0].weight.grad)
            for k, layer in enumerate(hidden, 1):
                ratio = update_ratio(layer.weight, lr)
                yield at_first.row(k, sizes[k], coming_down[k - 1], rms(layer.weight.grad), ratio)
        yield loss_by_step.at(step, losses[-1])
        yield loss_by_step.at(step, math.log(10), series="ten equal guesses")
        if step % 10 == 0:
            ratios.append([update_ratio(layer.weight, lr) for layer in layers])
            for name, k in (("first layer", 0), ("middle", depth // 2), ("output", depth)):
                yield moved.at(step, ratios[-1][k], series=name)
            yield moved.at(step, 1e-3, series="a thousandth")

        with torch.no_grad():
            for p in parameters:
                p -= lr * p.grad
                p.grad = None
        if step % 10 == 0:
            with torch.no_grad():
                right = (forward(layers, f, x_valid)[-1].argmax(1) == y_valid).float().mean()
            yield right_by_step.at(step, right)
            yield right_by_step.at(step, 0.1, series="one digit in ten")

    of_hidden = torch.tensor([ratio for look in ratios for ratio in look[:-1]])
    beside = Table("theory and you", "at step 0", "theory", "you")
    yield beside.row(f"rms of layer {depth}", theory[-1], rms_last)
    yield beside.row("gradient left at layer 1", math.prod(factors[1:]), gradient_left)
    if activation == "relu" and init != "orthogonal" and not biases:
        low, high = range_of_one_net(theory[-1], depth)
        yield Note(
            f"Theory's {theory[-1]:.2g} is a mean over draws (of the square). Of single nets, for one "
            f"digit, 95 % have {low:.2g} to {high:.2g}."
        )
    if not losses[-1].isfinite():
        yield Note("The steps were too long: the loss is NaN.")
    yield Result(
        accuracy=right, rms_last=rms_last, grad_first=grad_first,
        update_ratio=of_hidden.median(), first_loss=losses[0], loss=torch.stack(losses[-20:]).mean(),
        gradient_left=gradient_left,
    )


def net(init, activation, depth, biases):
    """784 inputs, `depth` hidden layers of 100, 10 outputs."""
    layers = [nn.Linear(*fans) for fans in pairwise([784, *depth * [WIDTH], 10])]
    gain = calculate_gain(activation)
    for layer in layers[:-1]:
        if init == "xavier":
            xavier_normal_(layer.weight)
        elif init == "he":
            kaiming_normal_(layer.weight, nonlinearity=activation)
        elif init == "orthogonal":
            orthogonal_(layer.weight, gain)
    if init != "default":  # which is a net as torch makes it
        lecun_normal_(layers[-1].weight)
    if not biases:
        for layer in layers:
            zeros_(layer.bias)
    return layers


def forward(layers, f, x):
    """The input, what leaves each hidden layer, and the ten outputs."""
    h = [x]
    for layer in layers[:-1]:
        h.append(f(layer(h[-1])))
    return [*h, layers[-1](h[-1])]


def update_ratio(weight, lr):
    """By what share of its size a step of SGD moves a weight."""
    return (lr * rms(weight.grad) / rms(weight)).item()


def expected(init, activation, depth, biases):
    """By theory and before training: the rms of the input and of every hidden layer; and by what each
    hidden layer multiplies the rms of a gradient on its way down.

    Both squares are means over all draws of the weights. For ReLU that holds at any width.
    """
    gain = calculate_gain(activation)
    squares, factors = [1.0], []
    for n_in in [784, *(depth - 1) * [WIDTH]]:
        variance = {
            "default": 1 / (3 * n_in),
            "xavier": 2 / (n_in + WIDTH),
            "he": gain**2 / n_in,
            "orthogonal": gain**2 / n_in,
        }[init]
        of_bias = 1 / (3 * n_in) if biases else 0
        std = math.sqrt(n_in * variance * squares[-1] + of_bias)  # of z
        if activation == "relu":
            square, slope_square = std**2 / 2, 1 / 2
        else:
            square = bell_average(lambda z, std=std: (std * z).tanh().square())
            slope_square = bell_average(lambda z, std=std: (1 - (std * z).tanh().square()).square())
        squares.append(square)
        factors.append(math.sqrt(WIDTH * variance * slope_square))
    return [math.sqrt(square) for square in squares], factors


def range_of_one_net(theory, depth):
    """From where to where the rms of the last layer lies in 95 % of draws, for one input.

    A layer multiplies the mean square by a random factor; of many the logarithm is a bell.
    """
    mean, variance = log_mean_square_of_relu(WIDTH)
    middle, sigma = depth * mean / 2, math.sqrt(depth * variance) / 2  # of the rms, the root
    return [theory * math.exp(middle + z * sigma) for z in (-1.96, 1.96)]


def first_loss(gain: Range[0.0, 30.0] = 1.0, lr: LogRange[0.005, 0.2] = 0.05):
    """784-100-10 with He's weights, and a last layer of std gain/√100: how wrong is it before it learns?"""
    x_train, y_train, x_valid, y_valid = normalized_digits()
    w1 = kaiming_normal_(torch.empty(WIDTH, 784)).T
    w2 = torch.randn(WIDTH, 10) / math.sqrt(WIDTH)
    nets = {"your gain": two_layers(w1, gain * w2), "gain 0.1": two_layers(w1, 0.1 * w2)}

    x, y = x_valid[:500], y_valid[:500]
    h = (x @ w1).relu()
    sigma = rms(h).item()  # of an output, for each unit of gain
    draws = h @ torch.randn(32, WIDTH, 10) / math.sqrt(WIDTH)  # of 32 last layers
    by_gain = Chart("first loss by gain", x="gain", y="loss", log_x=True, log_y=True)
    loss_by_step = Chart("loss", x="step", y="loss", log_y=True, reference="ten equal guesses")
    yield loss_by_step.axes  # so that it stands first
    for k in range(21):
        other = 0.1 * 300 ** (k / 20)  # up to 30
        losses = torch.stack([cross_entropy(other * out, y) for out in draws])
        error = losses.std() / math.sqrt(len(losses))
        yield by_gain.band(
            other, losses.mean() - error, losses.mean(), losses.mean() + error, of_ten_bells(other * sigma)
        )

    first = {name: loss_of(net, x, y).item() for name, net in nets.items()}
    recent = {name: [] for name in nets}
    for step in range(STEPS + 1):
        chosen = torch.randint(len(x_train), (64,))
        for name, net in nets.items():
            loss = loss_of(net, x_train[chosen], y_train[chosen])
            loss.backward()
            with torch.no_grad():
                for tensor in net:
                    tensor -= lr * tensor.grad
                    tensor.grad = None
            recent[name].append(loss.detach())
            yield loss_by_step.at(step, recent[name][-1], series=name)
        yield loss_by_step.at(step, math.log(10), series="ten equal guesses")

    std = gain * sigma
    theory_loss = of_ten_bells(std)
    formulas = Table("first loss", "of", "loss")
    yield formulas.row("you", first["your gain"])
    yield formulas.row("ten bells of std σ", theory_loss)
    yield formulas.row("ln 10 + σ²/2", math.log(10) + std**2 / 2)
    yield formulas.row("1.54 · σ", 1.54 * std)
    both = Table("before and after", "net", "first loss", "last 20, mean", "digits right")
    right = {name: accuracy(net, x_valid, y_valid).item() for name, net in nets.items()}
    last = {name: torch.stack(recent[name][-20:]).mean().item() for name in nets}
    for name in nets:
        yield both.row(name, first[name], last[name], right[name])
    dead = {name: dead_units(net, x_valid) for name, net in nets.items()}
    yield Note(f"Before training the ten outputs have an rms of σ = {std:.2g}.")
    yield Result(
        first_loss=first["your gain"], theory_loss=theory_loss, sigma=std,
        loss=last["your gain"], accuracy=right["your gain"], small_first_loss=first["gain 0.1"],
        small_loss=last["gain 0.1"], small_accuracy=right["gain 0.1"],
        dead_units=dead["your gain"], small_dead_units=dead["gain 0.1"],
    )


def two_layers(w1, w2):
    net = (w1, torch.zeros(WIDTH), w2, torch.zeros(10))
    return [tensor.clone().requires_grad_() for tensor in net]


def out_of(net, x):
    w1, b1, w2, b2 = net
    return (x @ w1 + b1).relu() @ w2 + b2


def loss_of(net, x, y):
    return cross_entropy(out_of(net, x), y)


def accuracy(net, x, y):
    return (out_of(net, x).argmax(1) == y).float().mean()


def dead_units(net, x):
    """How many hidden units give 0 to every digit."""
    w1, b1, _, _ = net
    return int((x @ w1 + b1 <= 0).all(dim=0).sum())


def of_ten_bells(std):
    """The loss of ten outputs that know nothing, drawn from N(0, std²): averaged over 20,000 draws."""
    z = std * torch.randn(20_000, 10)
    return z.logsumexp(1).mean().item()  # less the right one's z, which is 0 on average
