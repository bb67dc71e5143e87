"""One net with every knob, an X-ray of it, and a clinic for nets in which somebody has turned one."""

import math
from itertools import pairwise
from types import SimpleNamespace
from typing import Literal

import torch
from torch.nn.functional import cross_entropy, gelu, leaky_relu, linear

from initplay.lab import (
    Chart,
    LogRange,
    Note,
    Range,
    Result,
    Table,
    bell_average,
    digits,
    normalized_digits,
    rms,
)
from initplay.lab.clinic import one_fault, two_faults
from initplay.lab.init import calculate_gain, constant_, gain_of, normal_, orthogonal_, uniform_

HEALTHY = {
    "depth": 5, "width": 100, "activation": "relu", "init": "he", "gain": 1.0, "last_gain": 1.0,
    "bias": 0.0, "norm": "none", "residual": False, "optimizer": "sgd", "lr": 0.05, "weight_decay": 0.0,
    "steps": 200, "inputs": "normalized", "zero_grad": True,
}  # fmt: skip
FUNCTIONS = {
    "relu": torch.relu,
    "leaky": lambda z: leaky_relu(z, 0.1),
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": gelu,
}
SEEN = 256  # digits in every X-ray


def net(
    depth: Range[1, 24] = 5,
    width: LogRange[16, 256] = 100,
    activation: Literal["relu", "leaky", "tanh", "sigmoid", "gelu"] = "relu",
    init: Literal[
        "normal", "default", "lecun", "xavier", "he", "orthogonal", "lsuv", "constant", "cosine"
    ] = "he",
    gain: LogRange[0.1, 10.0] = 1.0,
    last_gain: LogRange[0.1, 10.0] = 1.0,
    bias: Range[-3.0, 3.0] = 0.0,
    norm: Literal["none", "layer", "batch", "rms"] = "none",
    residual: bool = False,
    optimizer: Literal["sgd", "momentum", "nesterov", "adam"] = "sgd",
    lr: LogRange[0.0001, 1.0] = 0.05,
    weight_decay: Range[0.0, 0.1] = 0.0,
    steps: Range[1, 200] = 200,
    inputs: Literal["normalized", "0 to 1", "0 to 255"] = "normalized",
    zero_grad: bool = True,
):
    """A net of your own learns the digits, under the X-ray."""
    mine = SimpleNamespace(**locals())
    found = yield from _train(mine, expected(mine))
    yield Result(**found)


def clinic(
    case: Literal["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "two"] = "a",
    patient: Range[1, 26] = 1,
    activation: Literal["as it came", "relu", "leaky"] = "as it came",
    init: Literal["as it came", "he", "orthogonal"] = "as it came",
    gain: Literal["as it came", "1"] = "as it came",
    last_gain: Literal["as it came", "1"] = "as it came",
    bias: Literal["as it came", "0"] = "as it came",
    inputs: Literal["as it came", "normalized"] = "as it came",
    lr: Literal["as it came", "0.5", "0.05", "0.0005"] = "as it came",
    zero_grad: Literal["as it came", "called"] = "as it came",
    steps: Range[1, 200] = 200,
):
    """A net with one fault, or with "two", which others have for each patient. Which knobs were it?"""
    knobs = {
        "activation": activation, "init": init, "gain": gain, "last_gain": last_gain, "bias": bias,
        "inputs": inputs, "lr": lr, "zero_grad": zero_grad,
    }  # fmt: skip
    turned = {name: value for name, value in knobs.items() if value != "as it came"}
    fault = two_faults(patient) if case == "two" else one_fault(case)
    found = yield from _train(treated(fault, turned, steps))
    yield Result(**found, changed=len(turned))


def treated(fault, turned, steps=200):
    """The healthy net with a fault, and then with the knobs that were turned."""
    values = {name: True if value == "called" else value for name, value in turned.items()}
    for name in values.keys() & {"gain", "last_gain", "bias", "lr"}:
        values[name] = float(values[name])
    return SimpleNamespace(**{**HEALTHY, **fault, **values, "steps": steps})


def _train(net, theory=None):
    """Trains the net and X-rays it on the way; gives what there is to say of it, by name."""
    x_train, y_train, x_valid, y_valid = pixels(net.inputs)
    x, y = x_valid[:SEEN], y_valid[:SEEN]
    layers = drawn(net, x)
    distinct = [len(w.detach().unique(dim=0)) for w, _ in layers[:-1]]
    parameters = [p for layer in layers for p in layer]
    memory = [SimpleNamespace(v=torch.zeros_like(p), squares=torch.zeros_like(p)) for p in parameters]

    charts, losses, looks, shown = new_charts(), [], [], []
    halfway = net.steps // 2
    at_once = {1, 2, 3, 5, 8, halfway, net.steps}  # where much happens, or is to be seen
    for step in range(net.steps + 1):
        chosen = torch.randint(len(x_train), (64,))
        loss = cross_entropy(forward(net, layers, x_train[chosen]).out, y_train[chosen])
        losses.append(loss.item())
        alive = math.isfinite(losses[-1])
        to_look = step == 0 or (alive and (step % 20 == 0 or step in at_once))
        if to_look:
            looks.append(look(net, layers, x, y, step))
        if alive:
            before = [w.detach().clone() for w, _ in layers] if to_look else []
            loss.backward()
            with torch.no_grad():
                for p, of_p in zip(parameters, memory, strict=True):
                    p -= net.lr * (direction(net.optimizer, p.grad, of_p, step + 1) + net.weight_decay * p)
            if net.zero_grad:
                for p in parameters:
                    p.grad = None
            for w, old in zip((w for w, _ in layers), before, strict=False):
                looks[-1].ratios.append((rms(w - old) / rms(old)).item())
        if to_look and step in (0, halfway):
            shown.append(step)
            yield from _by_layer(charts, looks[-1], theory if step == 0 else None)
        yield charts.loss.at(step, losses[-1])
        yield charts.loss.at(step, math.log(10), series="ten equal guesses")
        if to_look:
            yield from _at_this_step(charts, looks[-1])
        if not alive:
            break

    first, last = looks[0], looks[-1]
    if last.step not in shown:
        yield from _by_layer(charts, last)
    yield charts.picture.image(torch.stack([first.flat[net.depth // 2], last.flat[net.depth // 2]]))
    for title, seen in ("step 0", first), ("the last X-ray", last):
        yield from _table(title, seen, distinct)
    if not alive:
        yield Note(f"At step {step} the loss is NaN or inf. The last X-ray is of step {last.step}.")
    with torch.no_grad():
        right = forward(net, layers, x_valid).out.argmax(1) == y_valid
    return {
        "accuracy": right.float().mean(), "first_loss": losses[0], "last_loss": losses[-1],
        "dead": mean(last.dead), "saturated": mean(last.saturated),
        "rms_first": first.rms[1], "rms_last": first.rms[-1],
        "grad_first": first.gradients[0], "grad_last": first.gradients[-2],
        "ratio_first": (first.ratios or [None])[0], "ratio_last": (first.ratios or [None, None])[-2],
    }  # fmt: skip


def new_charts():
    return SimpleNamespace(
        activations=Chart("rms of activations", x="layer", y="rms", log_y=True),
        dead=Chart("dead units", x="layer", y="share", reference="all"),
        saturated=Chart("saturated", x="layer", y="share", reference="all"),
        gradients=Chart("rms of gradients", x="layer", y="rms", log_y=True),
        updates=Chart("update / weight", x="layer", y="ratio", log_y=True, reference="a thousandth"),
        loss=Chart("loss", x="step", y="loss", log_y=True, reference="ten equal guesses"),
        rms=Chart("rms over time", x="step", y="rms", log_y=True),
        moved=Chart("update / weight over time", x="step", y="ratio", log_y=True, reference="a thousandth"),
        flat=Chart("saturated over time", x="step", y="share", reference="all"),
        picture=Chart("where a middle layer is flat"),
    )


def _by_layer(charts, seen, theory=None):
    """One X-ray: every layer going up, then every gradient coming down."""
    series = f"step {seen.step}"
    for k, size in enumerate(seen.rms):
        yield charts.activations.at(k, size, theory and theory[k], series)
        if k > 0:
            yield charts.dead.at(k, seen.dead[k - 1], series=series)
            yield charts.saturated.at(k, seen.saturated[k - 1], series=series)
            yield charts.dead.at(k, 1, series="all")
            yield charts.saturated.at(k, 1, series="all")
    for k in range(len(seen.gradients), 0, -1):
        yield charts.gradients.at(k, seen.gradients[k - 1], series=series)
        if seen.ratios:
            yield charts.updates.at(k, seen.ratios[k - 1], series=series)
            yield charts.updates.at(k, 1e-3, series="a thousandth")


def _at_this_step(charts, seen):
    """The same as points in time: of the first hidden layer, one in the middle, and the last."""
    depth = len(seen.dead)
    for name, k in (("first layer", 0), ("middle", depth // 2), ("last", depth - 1)):
        yield charts.rms.at(seen.step, seen.rms[k + 1], series=name)
        if seen.ratios:
            yield charts.moved.at(seen.step, seen.ratios[k], series=name)
    yield charts.moved.at(seen.step, 1e-3, series="a thousandth")
    yield charts.flat.at(seen.step, mean(seen.dead), series="dead")
    yield charts.flat.at(seen.step, mean(seen.saturated), series="saturated")
    yield charts.flat.at(seen.step, 1, series="all")


def _table(title, seen, distinct):
    table = Table(title, "layer", "rms", "mean", "gradient", "ratio", "dead", "saturated", "distinct")
    for k in range(len(distinct)):
        yield table.row(
            k + 1, seen.rms[k + 1], seen.means[k], seen.gradients[k],
            seen.ratios[k] if seen.ratios else None,
            seen.dead[k], seen.saturated[k], distinct[k] if seen.step == 0 else None,
        )  # fmt: skip


def look(net, layers, x, y, step):
    """What the X-ray sees, layer by layer."""
    seen = forward(net, layers, x)
    gradients = torch.autograd.grad(cross_entropy(seen.out, y), [w for w, _ in layers])
    flat = torch.stack([is_flat(net.activation, z) for z in seen.z])  # (layers, digits, units)
    return SimpleNamespace(
        step=step,
        rms=[rms(h).item() for h in seen.h],
        means=[h.mean().item() for h in seen.h[1:]],
        gradients=[rms(g).item() for g in gradients],
        ratios=[],  # until the step is made
        flat=flat,
        saturated=flat.float().mean((1, 2)).tolist(),
        dead=flat.all(1).float().mean(1).tolist(),  # saturated for every digit
    )


def is_flat(activation, z):
    """Where the slope of f is below a twentieth of its steepest: there no gradient comes through."""
    z = z.detach().requires_grad_()
    (slope,) = torch.autograd.grad(FUNCTIONS[activation](z).sum(), z)
    return slope.abs() < (0.25 if activation == "sigmoid" else 1) / 20


def mean(shares):
    return sum(shares) / len(shares)


def pixels(inputs):
    """The digits to train on and those held out, normalized or as they are."""
    if inputs == "normalized":
        return normalized_digits()
    x_train, y_train, x_valid, y_valid = digits()
    largest = 255 if inputs == "0 to 1" else 1
    return x_train / largest, y_train, x_valid / largest, y_valid


def drawn(net, x):
    """The weights and biases of every layer, the output's last. Only lsuv looks at the digits x."""
    layers = []
    for n_in, n_out in pairwise([784, *net.depth * [net.width], 10]):
        w, b, is_last = torch.zeros(n_out, n_in), torch.zeros(n_out), len(layers) == net.depth
        if net.init == "constant":
            constant_(w, 0.01)
        elif net.init == "default":
            uniform_(w, -1 / math.sqrt(n_in), 1 / math.sqrt(n_in))
        elif net.init == "cosine":
            w += cosines(n_out, n_in) * (1 if is_last else gain_for(net.activation))
        elif is_last:
            normal_(w, std=1 / math.sqrt(n_in))
        elif net.init == "orthogonal":
            orthogonal_(w, gain_for(net.activation) * math.sqrt(max(1, n_out / n_in)))
        elif net.init == "lsuv":
            orthogonal_(w)
            w /= linear(forward(net, [*layers, (w, b)], x).h[-1], w).std()
        else:
            normal_(w, std=std_of(net, n_in, n_out))
        w *= net.last_gain if is_last else net.gain
        b += 0 if is_last else net.bias
        layers.append((w, b))
    return [(w.requires_grad_(), b.requires_grad_()) for w, b in layers]


def cosines(n_out, n_in):
    """Waves without chance, one frequency a row, at right angles for n_out ≤ n_in; each has rms 1/√n_in."""
    row, column = torch.arange(n_out)[:, None] + 0.5, torch.arange(n_in) + 0.5
    return torch.cos(math.pi * row * column / n_in) * math.sqrt(2 / n_in)


def std_of(net, n_in, n_out):
    """That of a hidden layer's weights, before `gain` multiplies them; None where they are not random."""
    if net.init in ("he", "orthogonal"):
        return gain_for(net.activation) / math.sqrt(n_in)
    return {
        "normal": 1.0,
        "default": 1 / math.sqrt(3 * n_in),
        "lecun": 1 / math.sqrt(n_in),
        "xavier": math.sqrt(2 / (n_in + n_out)),
    }.get(net.init)


def gain_for(activation):
    """What makes up for the activation: torch's table, and for gelu what follows from its curve."""
    if activation == "gelu":
        return gain_of(gelu)
    return calculate_gain("leaky_relu" if activation == "leaky" else activation, 0.1)


def forward(net, layers, x):
    """The input and what leaves each hidden layer (h), what their functions read (z), and the ten outputs."""
    f, h, sums = FUNCTIONS[net.activation], [x], []
    for w, b in layers[:-1]:
        z = normalized(net.norm, linear(h[-1], w, b))
        sums.append(z)
        h.append(h[-1] + f(z) if net.residual and h[-1].shape == z.shape else f(z))
    return SimpleNamespace(h=h, z=sums, out=linear(h[-1], *layers[-1]))


def normalized(kind, z):
    """Each digit's mean off and divided by its std (layer), divided alone (rms), or each unit's (batch)."""
    if kind == "layer":
        return (z - z.mean(1, keepdim=True)) / (z.var(1, keepdim=True) + 1e-5).sqrt()
    if kind == "rms":
        return z / (z.square().mean(1, keepdim=True) + 1e-5).sqrt()
    if kind == "batch":
        return (z - z.mean(0)) / (z.var(0) + 1e-5).sqrt()
    return z


def direction(optimizer, g, of_p, step):
    """Where a step goes, times lr. `of_p` is what the optimizer remembers of this parameter."""
    if optimizer == "sgd":
        return g
    if optimizer == "adam":
        of_p.v.lerp_(g, 0.1)
        of_p.squares.lerp_(g.square(), 0.001)
        return (of_p.v / (1 - 0.9**step)) / ((of_p.squares / (1 - 0.999**step)).sqrt() + 1e-8)
    of_p.v.mul_(0.9).add_(g)
    return g + 0.9 * of_p.v if optimizer == "nesterov" else of_p.v


def expected(net):
    """By theory and before training: the rms of the input and of every hidden layer of a wide net.

    A sum z over many random weights is a bell; normalization makes its std 1. None where weights are not
    random, where layers are added up, where pixels do not have mean 0 and rms 1, and where a bias shifts sums
    that are longer for one digit than for another.
    """
    f, sizes = FUNCTIONS[net.activation], [784, *net.depth * [net.width]]
    if net.init in ("constant", "cosine") or net.residual or net.inputs != "normalized":
        return None
    if net.bias and net.norm not in ("layer", "batch"):
        return None
    sizes_of_h = [1.0]
    for n_in, n_out in pairwise(sizes):
        one = net.gain if net.init == "lsuv" else net.gain * std_of(net, n_in, n_out) * math.sqrt(n_in)
        std = 1.0 if net.norm != "none" else one * (1 if net.init == "lsuv" else sizes_of_h[-1])
        square = bell_average(lambda z, std=std: f(std * z).square())
        sizes_of_h.append(math.sqrt(square))
    return sizes_of_h
