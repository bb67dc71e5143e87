"""What an optimizer is: whatever changes the parameters in `step`."""

import cmath
import copy
import math
import warnings
from itertools import pairwise
from typing import Literal

import torch
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss

from initplay.lab import Chart, Histogram, LogRange, Note, Range, Result, Table, normalized_digits, rms, yours
from initplay.lab import digits as load_digits


class SGD:
    def __init__(self, parameters, lr):
        self.parameters = list(parameters)
        self.lr = lr

    @torch.no_grad()
    def step(self):
        for p in self.parameters:
            p -= self.lr * p.grad


class Momentum:
    def __init__(self, parameters, lr, momentum=0.9):
        self.parameters = list(parameters)
        self.lr = lr
        self.momentum = momentum
        self.velocities = [torch.zeros_like(p) for p in self.parameters]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.parameters, self.velocities, strict=True):
            v *= self.momentum
            v += p.grad
            p -= self.lr * v


class Nesterov(Momentum):
    @torch.no_grad()
    def step(self):
        for p, v in zip(self.parameters, self.velocities, strict=True):
            v *= self.momentum
            v += p.grad
            p -= self.lr * (p.grad + self.momentum * v)


class Solved:
    def __init__(self, named_parameters):
        self.named = dict(named_parameters)

    @torch.no_grad()
    def step(self):
        self.named["fc1.weight"].fill_(3)
        self.named["fc1.bias"].fill_(0)


class Triple(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(1, 1)

    def forward(self, x):
        return self.fc1(x).relu()


def triple(
    optimizer: Literal["sgd", "momentum", "nesterov", "solved"] = "sgd",
    draw: Literal["as drawn", "positive", "negative", "zero"] = "as drawn",
    lr: LogRange[0.001, 1.0] = 0.02,
    steps: Range[1, 500] = 200,
):
    """One weight, one bias and a ReLU learn y = 3x from four examples."""
    x, y = four_examples()
    model = Triple()
    give_sign(model, draw)
    drawn_weight, drawn_bias = model.fc1.weight.item(), model.fc1.bias.item()
    if optimizer == "sgd":
        opt = SGD(model.parameters(), lr)
    elif optimizer == "momentum":
        opt = Momentum(model.parameters(), lr)
    elif optimizer == "nesterov":
        opt = Nesterov(model.parameters(), lr)
    else:
        opt = Solved(model.named_parameters())

    weights = Chart("weight", x="step", y="weight", reference="what triples")
    loss_by_step = Chart("loss", x="step", y="loss", log_y=True)
    biases = Chart("bias", x="step", y="bias", reference="what triples")
    zero_after = largest_gradient = None
    dead_at_first = is_dead(model, x)
    before = model(x).detach()

    for step in range(steps + 1):
        loss = mse_loss(model(x), y)
        yield weights.at(step, model.fc1.weight)
        yield weights.at(step, 3, series="what triples")
        yield loss_by_step.at(step, loss)
        yield biases.at(step, model.fc1.bias)
        yield biases.at(step, 0, series="what triples")
        if loss == 0 and zero_after is None:
            zero_after = step
        if step < steps:
            model.zero_grad()
            loss.backward()
            if largest_gradient is None:
                largest_gradient = max(p.grad.abs().max().item() for p in model.parameters())
            opt.step()

    weight, bias = model.fc1.weight.item(), model.fc1.bias.item()
    dead = is_dead(model, x)
    outputs = Table("outputs", "x", "drawn", "3x", "you")
    for value, first, last in zip(x, before, model(x), strict=True):
        yield outputs.row(value, first, 3 * value, last)
    parameters = Table("parameters", "parameter", "drawn", "what triples", "you")
    yield parameters.row("fc1.weight", drawn_weight, 3, weight)
    yield parameters.row("fc1.bias", drawn_bias, 0, bias)
    if dead:
        when = "was dead as drawn" if dead_at_first else "was alive when drawn and died in training"
        yield Note(f"The unit {when}: it gives 0 for every x, and its gradient is 0.")
    yield Result(
        final_loss=loss, weight=weight, bias=bias, dead=dead, dead_at_first=dead_at_first,
        zero_after=zero_after, first_gradient=largest_gradient,
    )


def race(
    lr: LogRange[0.001, 0.07] = 0.02,
    momentum: Range[0.0, 0.99] = 0.9,
    steps: Range[150, 500] = 200,
):
    """SGD, momentum and Nesterov from the same draw, each beside its theory."""
    x, y = four_examples()
    model = Triple()
    give_sign(model, "positive")
    curvatures, directions = curvatures_of_loss(x)
    offsets = directions @ offset(model)

    models = {name: copy.deepcopy(model) for name in ("sgd", "momentum", "nesterov")}
    optimizers = {
        "sgd": SGD(models["sgd"].parameters(), lr),
        "momentum": Momentum(models["momentum"].parameters(), lr, momentum),
        "nesterov": Nesterov(models["nesterov"].parameters(), lr, momentum),
    }
    if mine := yours("Momentum", None):  # without decay it is to go where momentum goes
        models["yours"] = copy.deepcopy(model)
        optimizers["yours"] = mine(models["yours"].parameters(), lr, momentum, weight_decay=0)
    loss_by_step = Chart("loss", x="step", y="loss", log_y=True)
    biases = Chart("bias", x="step", y="bias")
    bowl = Chart("path in the bowl: sgd, momentum, nesterov", x="step")
    paths = {name: [] for name in models}
    losses = {name: [] for name in models}
    errors = {name: [] for name in models}  # along the flat way, which is the last to shrink
    for step in range(steps + 1):
        # Along each direction SGD multiplies the offset by 1 - lr * curvature.
        left = offsets * (1 - lr * curvatures) ** step
        sgd_theory = (curvatures * left.square()).sum() / 2
        for name, model in models.items():
            loss = mse_loss(model(x), y)
            losses[name].append(loss.item())
            paths[name].append(offset(model))
            errors[name].append((directions @ offset(model))[0].item() ** 2)
            yield loss_by_step.at(step, loss, sgd_theory if name == "sgd" else None, series=name)
            yield biases.at(step, model.fc1.bias, series=name)
            model.zero_grad()
            loss.backward()
            optimizers[name].step()
        if step % 50 == 0:
            first_three = list(paths.values())[:3]
            yield bowl.image(torch.stack([picture_of_path(x, path) for path in first_three]), at=step)

    first_below = {name: first_index_below(curve, 0.001) for name, curve in losses.items()}
    factors = {name: factor_per_step(curve) for name, curve in errors.items()}
    table = Table("error per step", "optimizer", "theory", "you", "loss < 0.001")
    for name, model in models.items():
        kind = "momentum" if name == "yours" else name
        theory = theory_factor(kind, lr, momentum, curvatures[0].item())
        if is_dead(model, x):
            yield Note(f"{name} swung so far that its unit died; theory knows no ReLU.")
            theory = None
        yield table.row(name, theory, factors[name], first_below[name])
    yield Result(
        sgd_steps=first_below["sgd"], momentum_steps=first_below["momentum"],
        nesterov_steps=first_below["nesterov"], sgd_factor=factors["sgd"],
        momentum_factor=factors["momentum"], nesterov_factor=factors["nesterov"],
    )


def schedule(
    order: Literal["optimizer first", "scheduler first"] = "optimizer first",
    gamma: Range[0.1, 1.0] = 0.5,
    step_size: Range[1, 5] = 1,
):
    """A scheduler multiplies the rate by gamma every step_size steps; which rates are ever used?"""
    used = Chart("learning rate used", x="step", y="lr", log_y=True, reference="as meant")
    loss_by_step = Chart("loss", x="step", y="loss", log_y=True)
    for step in range(10):
        yield used.at(step, 0.1 * gamma ** (step // step_size), series="as meant")

    x, y = four_examples()
    model = Triple()
    give_sign(model, "positive")
    opt = torch.optim.SGD(
        model.parameters(), lr=0.1
    )  # torch loads much for its first one: what is meant is drawn by now
    rates = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        scheduler = torch.optim.lr_scheduler.StepLR(opt, step_size, gamma)
        for step in range(10):
            loss = mse_loss(model(x), y)
            model.zero_grad()
            loss.backward()
            if order == "scheduler first":
                scheduler.step()
            rates.append(opt.param_groups[0]["lr"])
            opt.step()
            if order == "optimizer first":
                scheduler.step()
            yield used.at(step, rates[-1])
            yield loss_by_step.at(step, loss)

    said = [str(warning.message) for warning in caught if "lr_scheduler.step" in str(warning.message)]
    for sentence in said:
        yield Note("torch warns: " + sentence.partition(".  ")[0] + ".")
    yield Result(first_lr=rates[0], last_lr=rates[-1], warned=bool(said), final_loss=loss)


def decay(
    lr: LogRange[0.01, 1.0] = 0.5,
    gamma: Range[0.5, 1.0] = 0.8,
    step_size: Range[1, 100] = 20,
):
    """Ten scores learn digits, 8 at a time: at a long rate, at a short one, and at one that decays from the
    first to the second."""
    x_train, y_train, x_valid, y_valid = load_digits()
    x_train, x_valid, y_valid = x_train / 255, x_valid[:1000] / 255, y_valid[:1000]
    names = ("long", "short", "decaying")
    steps = 400
    last = lr * gamma ** ((steps - 1) // step_size)

    begin = nn.Linear(784, 10)
    w = begin.weight.detach().T.repeat(3, 1, 1).requires_grad_()  # three copies of one draw
    b = begin.bias.detach().repeat(3, 1, 1).requires_grad_()
    loss_by_step = Chart("loss of 1,000 held-out digits", x="step", y="loss", log_y=True)
    rate_by_step = Chart("learning rate", x="step", y="lr", log_y=True)
    losses = {name: [] for name in names}
    for step in range(steps):
        rates = (lr, last, lr * gamma ** (step // step_size))
        batch = torch.randint(len(x_train), (8,))
        loss_of_each(x_train[batch] @ w + b, y_train[batch]).sum().backward()
        with torch.no_grad():
            for p in (w, b):
                p -= torch.tensor(rates)[:, None, None] * p.grad
                p.grad = None
        if step % 20 == 19:
            held_out = loss_of_each(x_valid @ w + b, y_valid).tolist()
            for name, rate, loss in zip(names, rates, held_out, strict=True):
                losses[name].append(loss)
                yield loss_by_step.at(step, loss, series=name)
                yield rate_by_step.at(step, rate, series=name)

    ends = {name: sum(curve[-5:]) / 5 for name, curve in losses.items()}
    scatter = {name: max(curve[-5:]) / min(curve[-5:]) for name, curve in losses.items()}
    table = Table("the last 100 steps", "rate", "from", "to", "loss", "highest over lowest")
    for name, first, final in zip(names, (lr, last, lr), (lr, last, last), strict=True):
        yield table.row(name, first, final, ends[name], scatter[name])
    yield Result(
        loss_long=ends["long"], loss_short=ends["short"], loss_decaying=ends["decaying"],
        scatter_long=scatter["long"], scatter_short=scatter["short"],
        scatter_decaying=scatter["decaying"], share_left=ends["decaying"] / ends["long"],
    )


def loss_of_each(out, labels):
    """The mean loss of each of several nets on one batch: out (nets, batch, 10), losses (nets,)."""
    each = cross_entropy(out.flatten(0, 1), labels.repeat(len(out)), reduction="none")
    return each.view(len(out), -1).mean(1)


def forgotten(
    zero_grad: bool = False,
    lr: LogRange[0.0005, 0.1] = 0.05,
):
    """Six layers of 100 learn digits, and nobody sets the gradients back to 0."""
    x_train, y_train, x_valid, y_valid = normalized_digits()
    sizes = [784, *[100] * 6, 10]
    layers = [nn.Linear(n_in, n_out) for n_in, n_out in pairwise(sizes)]
    for layer in layers:
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)
    parts = [part for layer in layers for part in (layer, nn.ReLU())]
    model = nn.Sequential(*parts[:-1])
    opt = SGD(model.parameters(), lr)

    loss_by_step = Chart("loss", x="step", y="loss", log_y=True, reference="ten equal guesses")
    gradient = Chart("gradient of the first weights", x="step", y="rms", log_y=True)
    nan_after = None
    losses = []
    for step in range(200):
        batch = torch.randint(len(x_train), (64,))
        loss = cross_entropy(model(x_train[batch]), y_train[batch])
        losses.append(loss.item())
        if not math.isfinite(losses[-1]) and nan_after is None:
            nan_after = step
        if zero_grad:
            model.zero_grad()
        loss.backward()
        yield loss_by_step.at(step, losses[-1])
        yield loss_by_step.at(step, math.log(10), series="ten equal guesses")
        yield gradient.at(step, rms(layers[0].weight.grad))
        opt.step()

    with torch.no_grad():
        right = (model(x_valid).argmax(1) == y_valid).float().mean()
    x, y = x_train[:64], y_train[:64]
    at_once, in_parts = nn.Linear(784, 10), nn.Linear(784, 10)
    in_parts.load_state_dict(at_once.state_dict())
    cross_entropy(at_once(x), y).backward()
    for some, labels in zip(x.split(16), y.split(16), strict=True):
        (cross_entropy(in_parts(some), labels) / 4).backward()
    meant = Table("64 digits", "backward", "rms of the gradient")
    yield meant.row("once, of all 64", rms(at_once.weight.grad))
    yield meant.row("four times, of 16, each loss / 4", rms(in_parts.weight.grad))
    if nan_after is not None:
        why = "The steps were too long" if zero_grad else "The gradients added up, and the steps with them"
        yield Note(f"{why}: from step {nan_after} on float32 has no number for the loss.")
    yield Result(
        final_loss=sum(losses[-20:]) / 20, accuracy=right, nan_after=nan_after,
        parts_off_by=(at_once.weight.grad - in_parts.weight.grad).abs().max(),
    )


def inputs(requires_grad: bool = True):
    """Ask for the gradient of the inputs as well, and see what that changes."""
    x, labels, _, _ = load_digits()
    x, labels = x[:64] / 255, labels[:64]
    model = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10))
    plain = weight_gradients(model, x, labels)
    with_x = x.clone().requires_grad_(requires_grad)
    asked = weight_gradients(model, with_x, labels)
    differences = [(a - b).abs().max().item() for a, b in zip(plain, asked, strict=True)]

    yield Histogram("gradient of the first weights", plain[0], at=0)
    yield Histogram("gradient of the first weights", asked[0], at=1)
    table = Table("gradients, plain and asked", "of", "largest_difference")
    for (name, _), difference in zip(model.named_parameters(), differences, strict=True):
        yield table.row(name, difference)
    extra = 0 if with_x.grad is None else with_x.grad.numel()
    yield Result(largest_difference=max(differences), extra_numbers=extra)


def four_examples():
    x = torch.tensor([[1.0], [2.0], [3.0], [4.0]])
    return x, 3 * x


@torch.no_grad()
def give_sign(model, draw):
    """Keep the size of the two numbers drawn, and choose their sign; or set both to 0."""
    for p in model.parameters():
        if draw == "positive":
            p.abs_()
        elif draw == "negative":
            p.abs_().neg_()
        elif draw == "zero":
            p.zero_()


@torch.no_grad()
def is_dead(model, x):
    return bool((model(x) == 0).all())


@torch.no_grad()
def curvatures_of_loss(x):
    """The loss is a bowl: how steep along its two directions, the flat one first."""
    columns = torch.cat([x, torch.ones_like(x)], dim=1)
    curvatures, directions = torch.linalg.eigh(2 * columns.T @ columns / len(x))
    return curvatures, directions.T


@torch.no_grad()
def picture_of_path(x, path):
    """The bowl from above: weights 0 to 6 across, biases −3 to 3 down, the best in the middle. Dark where
    the loss is low, bright where the path went."""
    weights = torch.linspace(-3, 3, 61)[:, None]
    biases = torch.linspace(-3, 3, 31)[:, None, None]
    picture = (weights * x[:, 0] + biases).square().mean(2).sqrt() / 10
    for weight, bias in torch.stack(path).tolist():
        if abs(weight) < 3 and abs(bias) < 3:
            picture[round(5 * bias) + 15, round(10 * weight) + 30] = 1.5
    return picture


@torch.no_grad()
def offset(model):
    """How far weight and bias are from 3 and 0."""
    return torch.stack([model.fc1.weight[0, 0] - 3, model.fc1.bias[0]])


def theory_factor(name, lr, momentum, curvature):
    """What a step leaves of the error along a direction: |z|, the larger root of
    z² - sum_of_roots z + product_of_roots."""
    shrink = 1 - lr * curvature
    if name == "sgd":
        return abs(shrink)
    if name == "momentum":
        sum_of_roots, product_of_roots = shrink + momentum, momentum
    else:
        sum_of_roots, product_of_roots = (1 + momentum) * shrink, momentum * shrink
    root = cmath.sqrt(sum_of_roots**2 - 4 * product_of_roots)
    return max(abs(sum_of_roots + root), abs(sum_of_roots - root)) / 2


def factor_per_step(squares):
    """From the mean square of steps 50 to 99 to that of steps 100 to 149."""
    before, after = sum(squares[50:100]), sum(squares[100:150])
    return (after / before) ** (1 / 100) if before > 0 else None  # 50 steps apart, and squares


def first_index_below(losses, bound):
    """The first step from which on the loss stays below the bound; None if it never does."""
    above = [step for step, loss in enumerate(losses) if not loss < bound]
    if not above:
        return 0
    return above[-1] + 1 if above[-1] + 1 < len(losses) else None


def weight_gradients(model, x, labels):
    model.zero_grad()
    cross_entropy(model(x), labels).backward()
    return [p.grad.clone() for p in model.parameters()]
