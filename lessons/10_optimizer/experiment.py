"""What an optimizer is: whatever changes the parameters in `step`."""

import cmath
import copy
import warnings
from typing import Literal

import torch
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss

from initplay.lab import Chart, Histogram, LogRange, Note, Range, Result, Table
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
    draw: Literal["as drawn", "positive", "negative"] = "as drawn",
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

    weights = Chart("weight", x="step", y="weight")
    loss_by_step = Chart("loss", x="step", y="loss", log_y=True)
    biases = Chart("bias", x="step", y="bias")
    zero_after = None
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
        zero_after=zero_after,
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
    loss_by_step = Chart("loss", x="step", y="loss", log_y=True)
    biases = Chart("bias", x="step", y="bias")
    losses = {name: [] for name in models}
    errors = {name: [] for name in models}  # along the flat way, which is the last to shrink
    for step in range(steps + 1):
        for name, model in models.items():
            loss = mse_loss(model(x), y)
            losses[name].append(loss.item())
            errors[name].append((directions @ offset(model))[0].item() ** 2)
            yield loss_by_step.at(step, loss, series=name)
            yield biases.at(step, model.fc1.bias, series=name)
            model.zero_grad()
            loss.backward()
            optimizers[name].step()
        # Along each direction SGD multiplies the offset by 1 - lr * curvature.
        left = offsets * (1 - lr * curvatures) ** step
        yield loss_by_step.at(step, (curvatures * left.square()).sum() / 2, series="theory")

    first_below = {name: first_index_below(curve, 0.001) for name, curve in losses.items()}
    factors = {name: factor_per_step(curve) for name, curve in errors.items()}
    table = Table("error per step", "optimizer", "theory", "you", "loss < 0.001")
    for name, model in models.items():
        theory = theory_factor(name, lr, momentum, curvatures[0].item())
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
):
    """A scheduler multiplies the learning rate by gamma; which rates are ever used?"""
    used = Chart("learning rate used", x="step", y="lr", log_y=True)
    loss_by_step = Chart("loss", x="step", y="loss", log_y=True)
    for step in range(10):
        yield used.at(step, 0.1 * gamma**step, series="as meant")

    x, y = four_examples()
    model = Triple()
    give_sign(model, "positive")
    opt = torch.optim.SGD(
        model.parameters(), lr=0.1
    )  # torch loads much for its first one: what is meant is drawn by now
    rates = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        scheduler = torch.optim.lr_scheduler.ExponentialLR(opt, gamma)
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
    """Keep the size of the two numbers drawn, and choose their sign."""
    for p in model.parameters():
        if draw == "positive":
            p.abs_()
        elif draw == "negative":
            p.abs_().neg_()


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
