"""Forward and backward by hand."""

import math
from typing import Literal

import torch

from initplay.lab import Chart, LogRange, Note, Range, Result, Table, normalized_digits, rms, yours


def scalar(
    x: Range[-3.0, 3.0] = 2.0,
    w: Range[-3.0, 3.0] = 3.0,
    b: Range[-5.0, 5.0] = -1.0,
    y: Range[-10.0, 10.0] = 3.0,
):
    """One number through one unit: the chain rule, a slope at a time, and a nudge to see that it is right."""
    z = x * w + b
    h = max(z, 0.0)
    loss = (h - y) ** 2

    d_h = 2 * (h - y)
    d_z = d_h if z > 0 else 0.0
    d_w, d_x, d_b = d_z * x, d_z * w, d_z * 1.0

    passed = autograd_of_one_unit(x, w, b, y)
    e = 1e-4
    by_nudge = [(loss_of(w + e, x, b, y) - loss) / e, (loss_of(w, x + e, b, y) - loss) / e]
    by_nudge.append((loss_of(w, x, b + e, y) - loss) / e)
    walk = Table("from the loss back", "of", "value", "slope here", "gradient", "autograd", "by a nudge")
    yield walk.row("loss", loss, "1", 1.0, 1.0, None)
    yield walk.row("h", h, "2 · (h − y)", d_h, passed["h"], None)
    yield walk.row("z", z, "1 where z > 0, else 0", d_z, passed["z"], None)
    yield walk.row("w", w, "x", d_w, passed["w"], by_nudge[0])
    yield walk.row("x", x, "w", d_x, passed["x"], by_nudge[1])
    yield walk.row("b", b, "1", d_b, passed["b"], by_nudge[2])

    by_w = Chart("loss against w", x="w", y="loss")
    for step in range(-20, 21):
        at = w + step / 20
        yield by_w.at(at, loss_of(at, x, b, y))
        yield by_w.at(at, loss + d_w * (at - w), series="tangent")
    if z <= 0:
        yield Note("z is not above 0: ReLU gives 0, and neither w, x nor b gets a gradient.")
    ours = {"h": d_h, "z": d_z, "w": d_w, "x": d_x, "b": d_b}
    yield Result(
        d_w=d_w, d_x=d_x, d_b=d_b, loss=loss,
        max_difference=max(abs(ours[name] - passed[name]) for name in ours),
    )


def loss_of(w, x, b, y):
    return (max(x * w + b, 0.0) - y) ** 2


def autograd_of_one_unit(x, w, b, y):
    x, w, b = (torch.tensor(value, requires_grad=True) for value in (x, w, b))
    z = x * w + b
    h = z.relu()
    loss = (h - y) ** 2
    gradients = torch.autograd.grad(loss, (h, z, w, x, b))
    return dict(zip("hzwxb", (gradient.item() for gradient in gradients), strict=True))


def by_hand(x, y, w1, b1, w2, b2, shift=0.0, mistake="none"):
    """The loss, and the gradient of each tensor on the way back, by the chain rule."""
    n = len(x)
    z = x @ w1 + b1
    h = z.relu() - shift
    out = h @ w2 + b2
    loss = ((out - y) ** 2).sum() / n

    if mistake == "no 1/n":
        n = 1
    mask = 1 if mistake == "no mask" else z > 0
    over_samples = torch.mean if mistake == "mean for sum" else torch.sum

    d_out = (out - y) * (2 / n)
    d_h = d_out @ w2.T
    d_w2 = h.T @ d_out
    d_b2 = over_samples(d_out, 0)
    d_z = d_h * mask
    d_x = d_z @ w1.T
    d_w1 = x.T @ d_z
    d_b1 = over_samples(d_z, 0)
    return loss, (d_out, d_h, d_w2, d_b2, d_z, d_x, d_w1, d_b1)


def recorded(x, y, w1, b1, w2, b2, shift=0.0):
    """The same forward pass, with torch keeping the books; every tensor by its name."""
    x, w1, b1, w2, b2 = (t.clone().requires_grad_() for t in (x, w1, b1, w2, b2))
    z = x @ w1 + b1
    h = z.relu() - shift
    out = h @ w2 + b2
    loss = (out - y).square().mean()
    return loss, {"out": out, "h": h, "w2": w2, "b2": b2, "z": z, "x": x, "w1": w1, "b1": b1}


def by_autograd(x, y, w1, b1, w2, b2, shift=0.0):
    loss, tensors = recorded(x, y, w1, b1, w2, b2, shift)
    return loss.detach(), torch.autograd.grad(loss, tuple(tensors.values()))


def graph(node, names, indent=0, done=0):
    """What torch wrote down, walked from the loss to the leaves: for every operation how deep it lies, its
    name, the tensor that it made, and in which round that tensor's gradient can be had."""
    name = names.get(id(getattr(node, "variable", node)), "")  # a leaf has no operation, but a variable
    done += name != ""
    found = [(indent, type(node).__name__.removesuffix("Backward0"), name, done if name else None)]
    for before, _ in node.next_functions:
        if before is not None:  # as for y, which asks for no gradient
            found += graph(before, names, indent + 1, done)
    return found


FORMULAS = {
    "out": "(out - y) × 2/n",
    "h": "d_out @ w2.T",
    "w2": "h.T @ d_out",
    "b2": "sum of d_out",
    "z": "d_h where z > 0",
    "x": "d_z @ w1.T",
    "w1": "x.T @ d_z",
    "b1": "sum of d_z",
}


def check(
    batch: LogRange[1, 512] = 64,
    hidden: LogRange[1, 512] = 50,
    shift: bool = False,
    mistake: Literal["none", "no 1/n", "no mask", "mean for sum"] = "none",
):
    """lin, relu, lin, mse: every gradient by hand, held against autograd."""
    _, _, x, labels = normalized_digits()
    y = labels[:, None].float()
    x, y = x[:batch], ((y - y.mean()) / y.std())[:batch]
    w1, b1 = torch.randn(784, hidden) * math.sqrt(2 / 784), torch.zeros(hidden)
    w2, b2 = torch.randn(hidden, 1) * math.sqrt(2 / hidden), torch.zeros(1)
    below = 0.5 if shift else 0.0

    loss, ours = by_hand(x, y, w1, b1, w2, b2, below, mistake)
    torch_loss, torchs = by_autograd(x, y, w1, b1, w2, b2, below)
    off_by = [(a - b).abs().max().item() for a, b in zip(ours, torchs, strict=True)]
    wrong = [name for name, off in zip(FORMULAS, off_by, strict=True) if off >= 1e-5]
    mine = {}  # a learner's own; theirs is of the net without a shift
    if (backward := yours("backward", None)) and not shift:
        mine = dict(zip(("w1", "b1", "w2", "b2"), backward(x, y, w1, b1, w2, b2), strict=True))

    sizes = Chart("rms of each gradient", x="step", y="rms", log_y=True)
    gradients = Table("gradients", "of", "formula", "off_by")
    for step, (name, formula) in enumerate(FORMULAS.items()):
        shape = "×".join(str(size) for size in ours[step].shape)
        yield sizes.at(step + 1, rms(ours[step]), series="by hand")
        yield sizes.at(step + 1, rms(torchs[step]), series="autograd")
        if name in mine:
            yield sizes.at(step + 1, rms(mine[name]), series="yours")
        yield gradients.row(f"{name} {shape}", formula, off_by[step])
    recorded_loss, tensors = recorded(x, y, w1, b1, w2, b2, below)
    names = {id(tensor if tensor.is_leaf else tensor.grad_fn): name for name, tensor in tensors.items()}
    books = Table("what autograd wrote down", "operation", "made", "round")
    rounds = 0
    for indent, operation, name, done in graph(recorded_loss.grad_fn, names):
        rounds = max(rounds, done or 0)
        yield books.row("  " * indent + operation, name, done)
    if mine:
        of_torch = dict(zip(FORMULAS, torchs, strict=True))
        off = max((mine[name] - of_torch[name]).abs().max().item() for name in mine)
        yield Note(f"Yours differs from autograd by {off:g} at most.")
    d_w1 = ours[6]
    yield Chart("gradient of w1").image(d_w1.T[:8].reshape(-1, 28, 28), at=8)
    if wrong:
        yield Note(f"Off by 1e-5 or more: {', '.join(wrong)}.")
    else:
        yield Note(f"All agree with autograd. Largest difference: {max(off_by):g}.")
    yield Result(
        max_difference=max(off_by), wrong_tensors=len(wrong), wrong=", ".join(wrong) or "none",
        loss=loss, loss_difference=(loss - torch_loss).abs(),
        rounds=rounds, hidden_mean=(x @ w1).relu().mean() - below,
    )


def broadcast(
    column: bool = False,
    squeeze: Literal["no", "squeeze(-1)", "squeeze()"] = "no",
    labels: Literal["float32", "int64", "uint8"] = "float32",
    n: LogRange[1, 256] = 64,
    lr: LogRange[1e-4, 0.1] = 0.01,
):
    """Learn the digit as one number: with output and labels of one shape, or of two by mistake."""
    _, _, x, digit = normalized_digits()
    x, digit = x[:1000], digit[:1000]
    y = digit.to(getattr(torch, labels)) - 5  # near mean 0
    if column:
        y = y[:, None]

    right = digit.float()[:, None] - 5  # what y should be
    variance = y.float().var(correction=0)  # of the labels as they are used
    w1, b1 = torch.randn(784, 50) * math.sqrt(2 / 784), torch.zeros(50)
    w2, b2 = torch.randn(50, 1) * math.sqrt(2 / 50), torch.zeros(1)
    net = [tensor.requires_grad_() for tensor in (w1, b1, w2, b2)]

    loss_by_step = Chart("loss", x="step", y="mse", log_y=True, reference="best single answer")
    outputs = Chart("outputs", x="step")
    losses, true_losses = [], []
    for step in range(300):
        chosen = torch.randint(len(x), (n,))
        column_out = (x[chosen] @ w1 + b1).relu() @ w2 + b2
        out = without_column(column_out, squeeze)
        difference = out - y[chosen]
        loss = difference.square().mean()
        loss.backward()
        with torch.no_grad():
            for tensor in net:
                tensor -= lr * tensor.grad
                tensor.grad = None
        losses.append(loss.detach())
        true_losses.append((column_out - right[chosen]).square().mean().detach())

        yield loss_by_step.at(step, losses[-1], series="as written")
        yield loss_by_step.at(step, true_losses[-1], series="one to one")
        yield loss_by_step.at(step, variance, series="best single answer")
        if step % 20 == 0:
            yield outputs.histogram(out, at=step, range=(-10, 10))

    with torch.no_grad():
        h = (x @ w1 + b1).relu()
        out = h @ w2 + b2
    dead_units = (h == 0).all(dim=0).sum()
    means = Table("mean output", "digit", "right", "you")
    for d in (0, 3, 6, 9):
        yield means.row(d, d - 5, out[digit == d].mean())
    shapes = Table("shapes", "tensor", "shape")
    for name, tensor in (("out", without_column(out[:n], squeeze)), ("y", y[:n]), ("out - y", difference)):
        yield shapes.row(name, str(tuple(tensor.shape)))
    sizes = Table("a size of 1, taken away and put in", "call", "of 64 × 1", "of 1 × 1", "its len")
    for call, change in CHANGES.items():
        many, one = change(torch.zeros(64, 1)), change(torch.zeros(1, 1))
        yield sizes.row(call, str(tuple(many.shape)), str(tuple(one.shape)), len_or_error(one))
    threes = Table("the label 3", "dtype", "minus_5", "mean")
    for dtype in (torch.float32, torch.int64, torch.uint8):
        three = torch.tensor([3], dtype=dtype)
        yield threes.row(str(dtype).removeprefix("torch."), (three - 5).item(), mean_or_error(three))
    yield Note(f"{n} digit{'s' if n > 1 else ''}, and out - y has {difference.numel():,} entries.")
    if not losses[-1].isfinite():
        yield Note("The steps were too long: the loss left the numbers that float32 has.")
    elif dead_units:
        yield Note(f"{dead_units} of the 50 hidden units are dead: they say 0 to every digit.")
    yield Result(
        loss=torch.stack(losses[-50:]).mean(), true_loss=torch.stack(true_losses[-50:]).mean(),
        differences=difference.numel(), output_std=out.std(), variance=variance,
        smallest_label=y.min(), largest_label=y.max(), dead_units=dead_units,
    )


CHANGES = {
    "squeeze(-1)": lambda t: t.squeeze(-1),
    "squeeze()": lambda t: t.squeeze(),
    "squeeze(-1), unsqueeze(-1)": lambda t: t.squeeze(-1).unsqueeze(-1),
    "squeeze(-1), [:, None]": lambda t: t.squeeze(-1)[:, None],
}


def without_column(out, squeeze):
    return CHANGES[squeeze](out) if squeeze in CHANGES else out


def len_or_error(tensor):
    try:
        return str(len(tensor))
    except TypeError as error:
        return type(error).__name__


def mean_or_error(tensor):
    try:
        return f"{tensor.mean():g}"
    except RuntimeError as error:
        return type(error).__name__


def flow(
    depth: Range[1, 100] = 50,
    scheme: Literal["lecun", "kaiming", "large"] = "lecun",
):
    """A gradient of rms 1 enters a deep ReLU net at the top: what is left below?"""
    nets, samples, width = 8, 32, 256
    gain = {"lecun": 1, "kaiming": math.sqrt(2), "large": 2}[scheme]
    factor = gain / math.sqrt(2)  # ReLU halves the mean square, forward and backward

    x = torch.randn(nets, samples, width)
    inputs, weights, masks = [], [], []
    for _ in range(depth):
        w = torch.randn(nets, width, width) * gain / math.sqrt(width)
        z = x @ w
        inputs.append(x)
        weights.append(w)
        masks.append(z > 0)
        x = z.relu()

    by_layer = Chart("gradient by layer", x="layer", y="rms", log_y=True)
    of_weights = Chart("gradient of the weights", x="layer", y="rms", log_y=True)
    histograms = Chart("gradient", x="layer")
    d_x = torch.randn_like(x)
    top_rms = rms(d_x)
    yield by_layer.at(depth, top_rms, theory=1)
    yield of_weights.axes  # so that it stands second
    yield histograms.histogram(d_x, at=depth)
    weight_rms = []
    for layer in range(depth - 1, -1, -1):  # layer 0 is the input
        d_z = d_x * masks[layer]
        d_w = inputs[layer].mT @ d_z
        d_x = d_z @ weights[layer].mT
        weight_rms.append(rms(d_w))
        # Its sum over the samples adds up products of x, of rms factor^layer, and d_z.
        d_z_theory = factor ** (depth - layer - 1) / math.sqrt(2)
        d_w_theory = math.sqrt(samples) * factor**layer * d_z_theory

        yield by_layer.at(layer, rms(d_x), theory=factor ** (depth - layer))
        yield histograms.histogram(d_x, at=layer)
        yield of_weights.at(layer, weight_rms[-1], theory=d_w_theory)

    per_layer = (rms(d_x) / top_rms) ** (1 / depth)
    gradient = Table("gradient", "quantity", "theory", "you")
    yield gradient.row("factor per layer", factor, per_layer)
    yield gradient.row(f"after {depth} layers", factor**depth, rms(d_x))
    yield Result(
        bottom_rms=rms(d_x), theory_rms=factor**depth, per_layer=per_layer,
        first_weight_rms=weight_rms[-1], last_weight_rms=weight_rms[0], forward_rms=rms(x),
    )
