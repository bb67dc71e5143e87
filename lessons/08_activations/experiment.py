"""Why the nonlinearity decides the scale."""

import math
from typing import Literal

import torch
from torch.nn.functional import cross_entropy

from initplay.lab import (
    Chart,
    LogRange,
    Note,
    Range,
    Result,
    Table,
    bell_average,
    normal,
    normalized_digits,
    rms,
    yours,
)

ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky relu": lambda z: torch.where(z > 0, z, 0.1 * z),
}


def curves():
    """Four activations and their slopes."""
    heights = Chart("activation", x="z", y="f(z)")
    slopes = Chart("slope", x="z", y="f'(z)")
    z = torch.linspace(-5, 5, 201)
    from_sigmoid = 2 * torch.sigmoid(2 * z) - 1
    curves = {name: (f(z).tolist(), slope(f, z).tolist()) for name, f in ACTIVATIONS.items()}
    for number, value in enumerate(z.tolist()):
        for name, (height, steepness) in curves.items():
            yield heights.at(value, height[number], series=name)
            yield slopes.at(value, steepness[number], series=name)
        yield heights.at(value, from_sigmoid[number], series="2σ(2z) − 1")

    largest = {name: max(steepness) for name, (_, steepness) in curves.items()}
    table = Table("largest slope", "of", "slope", "ten_layers")
    for name, steepest in largest.items():
        yield table.row(name, steepest, steepest**10)
    twice = Table("tanh is a sigmoid, stretched", "z", "σ(2z)", "2σ(2z) − 1", "tanh(z)")
    for value in (-2.0, -1.0, 0.0, 1.0, 2.0):
        at = torch.tensor(value)
        yield twice.row(value, torch.sigmoid(2 * at), 2 * torch.sigmoid(2 * at) - 1, at.tanh())
    yield Result(
        sigmoid_slope=largest["sigmoid"], tanh_slope=largest["tanh"],
        tanh_from_sigmoid=(from_sigmoid - z.tanh()).abs().max(), sigmoid_middle=torch.tensor(0.0).sigmoid(),
    )


def bell():
    """A million numbers of std 1: what each activation makes of them."""
    outputs = Chart("f(z) of a bell", x="activation")
    forward = Table("mean square of f(z)", "of", "theory", "you")
    backward = Table("mean square of the slope", "of", "theory", "you")
    middle = Table("mean of f(z)", "of", "theory", "you", "its share of the mean square")
    z = torch.randn(1_000_000)
    squares, slope_squares, mean_shares = {}, {}, {}
    for number, (name, f) in enumerate(ACTIVATIONS.items()):
        squares[name] = f(z).square().mean().item()
        slope_squares[name] = slope(f, z).square().mean().item()
        theory = bell_average(lambda z, f=f: f(z).square())
        slope_theory = bell_average(lambda z, f=f: slope(f, z).square())
        mean = f(z).mean().item()
        mean_shares[name] = mean**2 / squares[name]

        yield outputs.histogram(f(z), at=number, range=(-2, 3), theory=made_of_a_bell(f))
        yield forward.row(name, theory, squares[name])
        yield backward.row(name, slope_theory, slope_squares[name])
        yield middle.row(name, bell_average(f), mean, mean_shares[name])
    yield Result(
        sigmoid_square=squares["sigmoid"], tanh_square=squares["tanh"],
        relu_square=squares["relu"], leaky_relu_square=squares["leaky relu"],
        sigmoid_slope_square=slope_squares["sigmoid"], tanh_slope_square=slope_squares["tanh"],
        relu_slope_square=slope_squares["relu"],
        leaky_relu_slope_square=slope_squares["leaky relu"],
        sigmoid_mean_share=mean_shares["sigmoid"], tanh_mean_share=mean_shares["tanh"],
        relu_mean_share=mean_shares["relu"],
    )


def made_of_a_bell(f):
    """How f(z) is distributed: f rises, so what lies below f(z) is what lies below z."""
    z = torch.linspace(-8, 8, 40_000, dtype=torch.float64)
    f_of_z, below = f(z), normal()(z)
    return lambda y: below[torch.searchsorted(f_of_z, y).clamp(max=len(z) - 1)]


def chain(
    activation: Literal["sigmoid", "tanh", "relu", "leaky relu"] = "tanh",
    gain: LogRange[0.5, 4.0] = 1.0,
    depth: Range[2, 50] = 20,
):
    """Layers of weights gain/√n: the rms going forward, the gradient coming back."""
    f = ACTIVATIONS[activation]
    a = torch.randn(64, 512) / gain  # so that the first z has std 1
    middle = (a[:32] + a[32:]) / 2  # 32 pairs of inputs, and the point half way between
    sums, bends = [], []
    for _ in range(depth):
        w = gain * torch.randn(512, 512) / math.sqrt(512)
        bends.append(bend(a @ w, middle @ w))
        middle = f(middle @ w)
        z = (a @ w).requires_grad_()
        z.retain_grad()
        a = f(z)
        sums.append(z)
    a.backward(torch.randn(64, 512))

    forward, backward = [rms(z) for z in sums], [rms(z.grad) for z in sums]
    growth = (forward[-1] / forward[0]) ** (1 / (depth - 1))
    reached = next(layer for layer in range(depth) if backward[layer] > 0)  # the lowest layer
    gradient_growth = None
    if reached < depth - 1:
        gradient_growth = (backward[reached] / backward[-1]) ** (1 / (depth - 1 - reached))

    rms_by_layer = Chart("rms of z by layer", x="layer", y="rms", log_y=True)
    gradient_by_layer = Chart("gradient by layer", x="layer", y="rms", log_y=True)
    outputs = Chart("f(z)", x="layer")
    bend_by_layer = Chart("bend by layer", x="layer", y="of the scatter")
    stds, gradients = theory_of_chain(f, gain, depth)
    for layer in range(depth):
        yield rms_by_layer.at(layer + 1, forward[layer], theory=stds[layer])
        yield gradient_by_layer.at(layer + 1, backward[layer], theory=gradients[layer])
        yield outputs.histogram(f(sums[layer]), at=layer + 1)
        if bends[layer] is not None:
            yield bend_by_layer.at(layer + 1, bends[layer])
    factors = Table("factor per layer", "going", "theory", "you")
    yield factors.row("forward", (stds[-1] / stds[0]) ** (1 / (depth - 1)), growth)
    yield factors.row("backward", (gradients[0] / gradients[-1]) ** (1 / (depth - 1)), gradient_growth)
    if reached > 0:
        yield Note(f"Below layer {reached + 1} the gradient is exactly 0: float32 ends at 1.4e-45.")
    yield Result(
        final_rms=forward[-1], growth=growth, gradient_growth=gradient_growth,
        gradient_left=backward[0] / backward[-1], theory_rms=stds[-1],
        theory_gradient_left=gradients[0] / gradients[-1],
        second_bend=bends[1], final_bend=bends[-1],
    )


@torch.no_grad()
def bend(z, z_of_middle):
    """How far the layers so far are from a straight line: what they make of the point half way between two
    inputs, less the point half way between what they make of the two. A share of how z scatters; None where
    all inputs give so nearly the same that float32 cannot tell."""
    half_way = (z[:32] + z[32:]) / 2
    scatter = rms(z - z.mean(0))
    return (rms(z_of_middle - half_way) / scatter).item() if scatter > 1e-4 * rms(z) else None


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


def slope(f, z):
    """f'(z) at every z at once, by autograd."""
    z = z.detach().clone().requires_grad_()
    f(z).sum().backward()
    return z.grad


def saturation(input_std: LogRange[0.1, 50.0] = 1.0):
    """tanh of wider and wider inputs: how much of it is flat?"""
    shares = Chart("share", x="std of the input", y="share", log_x=True)
    outputs = Chart("tanh(z)", x="std of the input")
    slopes_at_z = Chart("slope at z", x="std of the input")
    for std in growing(0.1, input_std):
        z = std * torch.randn(1000, 200)
        slopes = slope(torch.tanh, z)
        saturated = (z.tanh().abs() > 0.97).float().mean()
        vanishing = (slopes < 1e-3).float().mean()
        # |tanh z| > 0.97 is |z| > 2.09, and 1 - tanh² < 0.001 is |z| > 4.15.
        saturated_theory = share_beyond(math.atanh(0.97), std)
        vanishing_theory = share_beyond(math.atanh(math.sqrt(0.999)), std)

        yield shares.at(std, saturated, saturated_theory, series="|tanh| > 0.97")
        yield shares.at(std, vanishing, series="slope < 0.001")
        theory = made_of_a_bell(lambda z, std=std: (std * z).tanh())
        yield outputs.histogram(z.tanh(), at=std, range=(-1, 1), theory=theory)
        yield slopes_at_z.histogram(slopes, at=std, range=(0, 1), theory=slopes_of_tanh(std))

    table = Table("shares", "of", "theory", "you")
    yield table.row("|tanh| > 0.97", saturated_theory, saturated)
    yield table.row("slope < 0.001", vanishing_theory, vanishing)
    yield Result(saturated_share=saturated, vanishing_share=vanishing, slope_rms=rms(slopes))


def slopes_of_tanh(std):
    """How 1 - tanh² of a bell is distributed: below a slope lies what is further out on either side."""
    bell = normal(0, std)
    return lambda slopes: 2 * bell(-(1 - slopes).clamp(0, 1).sqrt().atanh())


def growing(low, high):
    """From low to high, each a quarter more than the one before."""
    values = [low]
    while values[-1] < high:
        values.append(min(values[-1] * 1.25, high))
    return values


def share_beyond(bound, std):
    """Of a bell of mean 0, the share that lies further out than the bound."""
    return 1 - math.erf(bound / (std * math.sqrt(2)))


def dead(
    lr: LogRange[0.01, 10.0] = 0.1,
    bias: Range[-5.0, 1.0] = 0.0,
    activation: Literal["relu", "leaky relu"] = "relu",
):
    """Train 784-100-10 and count the dead units: those that ReLU makes 0 for every digit."""
    f = ACTIVATIONS[activation]
    x_train, y_train, x_valid, y_valid = normalized_digits()
    probe = x_valid[:1000]
    w1 = torch.randn(784, 100) * math.sqrt(2 / 784)
    b1 = torch.full((100,), bias)
    w2 = torch.randn(100, 10) * math.sqrt(2 / 100)
    b2 = torch.zeros(10)
    net = [w.requires_grad_() for w in (w1, b1, w2, b2)]
    count = yours("dead_units", units_of_zeros)

    deaths = Chart("dead units", x="step", y="of 100")
    loss_by_step = Chart("loss", x="step", y="loss", log_y=True)
    zeros = Chart("zeros among all activations", x="step", y="share")
    answered = Chart("probe digits that a unit answers", x="step")
    yield deaths.axes  # so that it stands first
    for step in range(201):
        batch = torch.randint(len(x_train), (64,))
        out = f(x_train[batch] @ w1 + b1) @ w2 + b2
        loss = cross_entropy(out, y_train[batch])
        yield loss_by_step.at(step, loss.detach())
        if step % 10 == 0:
            z = (probe @ w1 + b1).detach()
            h = torch.where(z > 0, z, 0)  # what ReLU gives, in a leaky net too: dead is what it makes 0
            dead_now = torch.as_tensor(count(h))
            dead_at_first = dead_now if step == 0 else dead_at_first
            most_dead = dead_now if step == 0 else torch.maximum(most_dead, dead_now)
            answers = (h > 0).float()
            zero_share = 1 - answers.mean()
            yield deaths.at(step, dead_now)
            yield zeros.at(step, zero_share)
            yield answered.histogram(answers.sum(0), at=step, range=(0, 1000))
        sgd_step(net, loss, lr)

    out = f(x_valid @ w1 + b1) @ w2 + b2
    kind = "zero" if activation == "relu" else "below zero"
    yield Note(
        f"{dead_now:g} of 100 units are above 0 for none of the 1,000 probe digits; "
        f"{100 * zero_share:.0f} % of all activations are {kind}."
    )
    if activation == "leaky relu":
        yield Note("Those are the units that ReLU would make dead. Leaky, they still have a slope.")
    if not loss.isfinite():
        yield Note("The steps were too long: the loss left the numbers that float32 has.")
    if mine := yours("dead_units", None):
        of_fewer = Table("dead, as you count", "digits asked", "dead")
        for digits in (10, 100, 1000):
            yield of_fewer.row(digits, int(mine(h[:digits])))
    yield Result(
        dead_units=dead_now, units=100, dead_at_first=dead_at_first, zero_share=zero_share,
        most_dead=most_dead, accuracy=(out.argmax(1) == y_valid).float().mean(),
    )


def units_of_zeros(h):
    return (h == 0).all(dim=0).sum()


def symmetry(
    value: Range[0.0, 0.02] = 0.0,
    noise: Range[0.0, 0.1] = 0.0,
    hidden: Range[1, 50] = 10,
    dtype: Literal["float32", "float64"] = "float32",
    nudge: bool = False,
):
    """Start every weight at value + noise · randn, and count the hidden units that differ."""
    x_train, y_train, x_valid, y_valid = normalized_digits()
    w1 = value + noise * torch.randn(784, hidden)
    b1 = torch.zeros(hidden)
    w2 = value + noise * torch.randn(hidden, 10)
    b2 = torch.zeros(10)
    if nudge:  # one weight, of a pixel in the middle, to the next number that float32 has
        w1[406, 0] = torch.nextafter(w1[406, 0], torch.tensor(1.0))
    dtype = getattr(torch, dtype)
    x_train, x_valid = x_train.to(dtype), x_valid.to(dtype)
    net = [w.to(dtype).requires_grad_() for w in (w1, b1, w2, b2)]
    w1, b1, w2, b2 = net
    _, first_difference = compare_units(w1, w2)

    distinct = Chart("distinct units", x="step", y=f"of {hidden}")
    loss_by_step = Chart("loss", x="step", y="loss", reference="ten equal guesses")
    weights = Chart("weights into the first units", x="step")
    apart = Chart("largest difference of two units", x="step", log_y=True)
    yield distinct.axes  # so that it stands first
    for step in range(301):
        batch = torch.randint(len(x_train), (64,))
        out = (x_train[batch] @ w1 + b1).tanh() @ w2 + b2
        loss = cross_entropy(out, y_train[batch])
        yield loss_by_step.at(step, loss.detach())
        yield loss_by_step.at(step, math.log(10), series="ten equal guesses")
        if step % 25 == 0:
            distinct_units, difference = compare_units(w1, w2)
            yield distinct.at(step, distinct_units)
            yield weights.image(w1.T[:8].reshape(-1, 28, 28), at=step)
            yield apart.at(step, difference)
        sgd_step(net, loss, lr=0.1)

    out = (x_valid @ w1 + b1).tanh() @ w2 + b2
    yield Result(
        distinct_units=distinct_units, units=hidden, final_loss=cross_entropy(out, y_valid),
        accuracy=(out.argmax(1) == y_valid).float().mean(), difference=difference,
        largest_weight=max(w1.abs().max().item(), w2.abs().max().item()),
        first_difference=first_difference,
        growth=difference / first_difference if first_difference > 0 else None,
    )


def compare_units(w1, w2):
    """How many units differ by more than 0.001 in some weight, in or out; and the largest difference."""
    units = torch.cat([w1.T, w2], dim=1).detach()  # one row a unit
    apart = (units[:, None] - units[None]).abs().amax(dim=2)
    twin_of_earlier = (apart <= 1e-3).tril(-1).any(dim=1)
    return int((~twin_of_earlier).sum()), apart.max()


def sgd_step(net, loss, lr):
    loss.backward()
    with torch.no_grad():
        for tensor in net:
            tensor -= lr * tensor.grad
            tensor.grad = None
