"""Past Kaiming: the right size at every layer, and what can be lost all the same."""

import math
from typing import Literal

import torch
from torch.nn.functional import (
    conv2d,
    cosine_similarity,
    cross_entropy,
    gelu,
    layer_norm,
    leaky_relu,
    normalize,
    pad,
    scaled_dot_product_attention,
    silu,
)

from initplay.lab import (
    Chart,
    LogRange,
    Note,
    Progress,
    Range,
    Result,
    Table,
    bell_average,
    normalized_digits,
    rms,
    yours,
)
from initplay.lab.init import fans, gain_of, orthogonal_

PAIRS = 8
WIDTH = 200
DOUBLE = {"dtype": torch.float64, "device": "cpu"}  # for what spans more decades than float32 has digits


def angle(
    depth: Range[1, 100] = 50,
    slope: Range[-1.0, 1.0] = 0.0,
    width: LogRange[64, 1024] = 512,
    start: Range[-1.0, 1.0] = 0.0,
):
    """Pairs of inputs through layers of the right gain: their size stays, the angle between them does not."""
    _, _, x_valid, y_valid = normalized_digits()
    digits, labels = x_valid[:200], y_valid[:200]
    ten = [labels.tolist().index(digit) for digit in range(10)]
    gain = math.sqrt(2 / (1 + slope**2))

    cosine_by_layer = Chart("cosine by layer", x="layer", y="cosine")
    rms_by_layer = Chart("rms by layer", x="layer", y="rms")
    matrices = Chart("cosines of ten digits")
    classes = Table("cosine of two digits", "layer", "same_class", "other_class", "gap")
    cosine, theory, gaps, pictures = {}, start, [], []
    h = torch.cat([*pairs(start, 784), digits])
    for layer in range(depth + 1):
        if layer > 0:
            w = torch.randn(h.shape[1], width) * gain / math.sqrt(h.shape[1])
            h = leaky_relu(h @ w, slope)
            theory = next_cosine(theory, slope)
        a, b, seen = h.split([PAIRS, PAIRS, len(digits)])
        of_pairs, sizes = cosine_similarity(a, b), rms(a, dim=1)
        cosine[layer] = of_pairs.mean()
        yield cosine_by_layer.band(layer, of_pairs.min(), cosine[layer], of_pairs.max(), theory)
        yield rms_by_layer.band(layer, sizes.min(), sizes.median(), sizes.max(), 1.0)
        if layer in (0, 1, 5, 10, 20, 50, 100, depth):
            same, other = within_and_between(seen, labels)
            gaps.append(same - other)
            yield classes.row(layer, same, other, gaps[-1])
        if layer in (0, 5, 20, 50):
            directions = normalize(seen[ten])
            pictures.append(directions @ directions.T)
            yield matrices.image(torch.stack(pictures), at=layer)  # side by side: of one scale

    if depth > width / 8:
        yield Note(f"Theory averages over draws of wide layers: {depth} layers of {width} may lie far off.")
    yield Result(
        cosine_1=cosine.get(1), cosine_5=cosine.get(5), cosine_10=cosine.get(10),
        cosine_20=cosine.get(20), cosine_50=cosine.get(50), cosine_last=cosine[depth],
        theory_last=theory, rms_last=sizes.median(), gap_first=gaps[0], gap_last=gaps[-1],
    )


def pairs(cosine, n):
    """Two times eight vectors of rms 1: each of the first at this cosine to its partner, and no others."""
    directions = torch.linalg.qr(torch.randn(n, 2 * PAIRS)).Q.T * math.sqrt(n)
    a, aside = directions.split(PAIRS)
    return a, cosine * a + math.sqrt(1 - cosine**2) * aside


def next_cosine(c, slope):
    """By theory: the cosine of relu(w·a) and relu(w·b), where that of a and b is c. Cho and Saul (2009)."""
    c = min(max(c, -1.0), 1.0)
    relus = (math.sqrt(1 - c**2) + c * (math.pi - math.acos(c))) / (2 * math.pi)
    return 2 * (slope * c + (1 - slope) ** 2 * relus) / (1 + slope**2)


def within_and_between(h, labels):
    """The mean cosine of two digits of the same class, and of two of different ones."""
    directions = normalize(h)
    cosines = directions @ directions.T
    alike = labels[:, None] == labels
    others = ~torch.eye(len(h), dtype=torch.bool)
    return cosines[alike & others].mean(), cosines[~alike].mean()


def orthogonal(
    kind: Literal["gaussian", "orthogonal"] = "gaussian",
    depth: Range[1, 50] = 20,
    width: LogRange[16, 256] = 200,
    activation: Literal["linear", "relu", "tanh"] = "linear",
):
    """By how much each direction of the input is stretched from one end of the net to the other."""
    f, slope, gain = {
        "linear": (lambda z: z, torch.ones_like, 1.0),
        "relu": (torch.relu, lambda z: (z > 0).double(), math.sqrt(2)),
        "tanh": (torch.tanh, lambda z: 1 - z.tanh().square(), 1.0),
    }[activation]
    known = activation == "linear"

    medians = Chart("middle direction", x="layer", y="stretch", log_x=True, log_y=True)
    tops = Chart("longest direction", x="layer", y="stretch", log_x=True, log_y=True)
    all_of_them = Chart("stretch, in decades", x="layer")
    x = torch.randn(width, **DOUBLE)
    jacobian = torch.eye(width, **DOUBLE)
    for layer in range(1, depth + 1):
        if kind == "gaussian":
            w = torch.randn(width, width, **DOUBLE) / math.sqrt(width)
        else:
            w = orthogonal_(torch.empty(width, width, **DOUBLE))
        z = gain * w @ x
        jacobian = gain * slope(z)[:, None] * (w @ jacobian)
        x = f(z)
        if layer in (1, 2, 5, 10, 20, 50, depth):
            stretch = torch.linalg.svdvals(jacobian)  # the longest first
            top_theory, median_theory = stretched(kind, layer) if known else (None, None)
            yield medians.at(layer, stretch.median(), median_theory)
            yield tops.at(layer, stretch[0], top_theory)
            yield all_of_them.histogram(stretch.clamp(min=1e-20).log10(), at=layer)

    squares = stretch.square()
    beside = Table("theory and you", "stretch", "theory", "you")
    yield beside.row("longest direction", top_theory, stretch[0])
    yield beside.row("middle direction", median_theory, stretch.median())
    yield beside.row("rms of all", None if activation == "tanh" else 1.0, rms(stretch))
    if known and kind == "gaussian" and depth > width / 8:
        yield Note(f"Theory averages over draws of wide layers: {depth} layers of {width} may lie far off.")
    yield Result(
        top=stretch[0], median=stretch.median(), top_theory=top_theory, median_theory=median_theory,
        mean_square=squares.mean(), top_share=squares[0] / squares.sum(),
        lost=(stretch < stretch[0] / 100).double().mean(),
    )


def stretched(kind, depth):
    """The longest and the middle singular value of so many wide layers of variance 1/n, by theory.

    The longest is the edge of the Fuss-Catalan law, and 2 for one layer. The middle one of n directions has
    half of them below it and is left half of its square by each layer.
    """
    if kind == "orthogonal":
        return 1.0, 1.0
    return math.sqrt((depth + 1) ** (depth + 1) / depth**depth), 2 ** (-depth / 2)


def learn(kind: Literal["gaussian", "orthogonal"] = "gaussian", depth: Range[1, 40] = 20):
    """A deep linear net learns a random map: how many steps until it is halfway there?"""
    n = 32
    target = torch.randn(n, n) / math.sqrt(n)
    layers = [torch.randn(n, n) / math.sqrt(n) for _ in range(depth)]
    if kind == "orthogonal":
        layers = [orthogonal_(w) for w in layers]
    for w in layers:
        w.requires_grad_()
    lr = 0.64 / depth

    loss_by_step = Chart("loss", x="step", y="loss", log_y=True, reference="half of answering 0")
    half = target.square().sum() / n / 2
    reached = None
    for step in range(601):
        product = layers[0]
        for w in layers[1:]:
            product = w @ product
        loss = (product - target).square().sum() / n
        loss.backward()
        if step == 0:
            first = loss.detach()
        yield loss_by_step.at(step, loss.detach())
        yield loss_by_step.at(step, half, series="half of answering 0")
        if loss < half:
            reached = step
        if loss < half or not loss.isfinite():
            break
        with torch.no_grad():
            for w in layers:
                w -= lr * w.grad
                w.grad = None
    if not loss.isfinite():
        yield Note(f"Step {step}: a direction was too long for these steps, and the loss is NaN or inf.")
    elif reached is None:
        yield Note("600 steps, and it is not halfway there.")
    yield Result(steps_to_half=reached, first_loss=first, last_loss=loss.detach())


FUNCTIONS = {
    "relu": torch.relu,
    "leaky": lambda z: leaky_relu(z, 0.1),
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": gelu,
    "silu": silu,
}
GAINS = {
    "relu": "gain_relu", "leaky": "gain_leaky", "tanh": "gain_tanh", "sigmoid": "gain_sigmoid",
    "gelu": "gain_gelu", "silu": "gain_silu",
}


def lsuv(
    activation: Literal["relu", "leaky", "tanh", "sigmoid", "gelu", "silu"] = "relu",
    start: Literal["orthonormal", "normal", "tiny"] = "orthonormal",
    measure: Literal["z", "f(z)"] = "z",
    depth: Range[1, 30] = 20,
    tol: LogRange[0.01, 0.5] = 0.1,
    tries: Range[1, 20] = 10,
):
    """Send digits through, and divide each layer's weights by the std that really comes out of it."""
    x_train, _, x_valid, _ = normalized_digits()
    f, mine = FUNCTIONS[activation], yours("lsuv_", None)
    seen = f if measure == "f(z)" else lambda z: z
    derived, exact = gain_of(f), measure == "z" and tol <= 0.1  # or theory's z is not what is measured

    std_by_layer = Chart("std by layer", x="layer", y="std", log_y=True, reference="1")
    gain_by_layer = Chart("gain that was found", x="layer", y="std of w · √n")
    layers = Table("a layer", "layer", "std_before", "divisions", "std", "held_out", "gain")
    as_drawn = h = x_train[:256]
    held_out, with_yours = x_valid[:256], x_train[:256]
    divisions, gains = [], []
    for layer in range(1, depth + 1):
        w = drawn(start, WIDTH, h.shape[1])
        as_drawn = as_drawn @ w.T
        before = std_of(seen(as_drawn))
        if mine:
            with torch.random.fork_rng():  # what is drawn below stays as it is
                theirs = mine(torch.empty_like(w), with_yours)
            with_yours = with_yours @ theirs.T
            yield std_by_layer.at(layer, std_of(with_yours), series="yours")
            with_yours = f(with_yours)

        count = 0
        while abs((std := std_of(seen(h @ w.T))) - 1) > tol and count < tries:
            w /= std
            count += 1

        divisions.append(count)
        gains.append(w.std() * math.sqrt(w.shape[1]))
        on_others = std_of(seen(held_out @ w.T))
        yield std_by_layer.at(layer, before, series="as drawn")
        yield std_by_layer.at(layer, std, series="divided")
        yield std_by_layer.at(layer, 1, series="1")
        if layer > 1:  # the first reads digits, and no f
            yield gain_by_layer.at(layer, gains[-1], derived if exact else None)
        yield layers.row(layer, before, count, std, on_others, gains[-1])
        h, held_out, as_drawn = f(h @ w.T), f(held_out @ w.T), f(as_drawn)

    found = torch.stack(gains[5:]).mean() if depth > 5 else None  # by then nothing is left of the digits
    beside = Table("theory and you", "gain", "theory", "you")
    if exact and found is not None:
        yield beside.row(activation, derived, found)
    if abs(std - 1) > tol:
        yield Note(f"After {count} divisions the std is {std:.2g}: it gives up.")
    yield Result(
        divisions=max(divisions), first_divisions=divisions[0], std_before=before, std_last=std,
        held_out=on_others, gain_theory=derived, **{GAINS[activation]: found},
    )


def drawn(start, n_out, n_in):
    """A weight as torch keeps it, (out, in)."""
    if start == "orthonormal":
        return orthogonal_(torch.empty(n_out, n_in))
    return torch.randn(n_out, n_in) * {"normal": 1, "tiny": 0.01}[start]


def std_of(z):
    """Also of numbers whose squares float32 does not hold."""
    return rms(z - z.mean())


def residual(
    scheme: Literal["kaiming", "1/√L", "1/L", "zero", "plain"] = "kaiming",
    blocks: Range[1, 100] = 50,
    width: LogRange[32, 256] = 128,
):
    """x + f(x), many times over; plain is f(x) alone. f is two layers with a ReLU between them."""
    scale = {"kaiming": 1, "plain": 1, "1/√L": blocks**-0.5, "1/L": 1 / blocks, "zero": 0}[scheme]
    growth = 1.0 if scheme == "plain" else math.sqrt(1 + scale**2)

    rms_by_block = Chart("rms by block", x="block", y="rms", log_y=True)
    gradient_by_block = Chart("rms of gradients", x="block", y="rms", log_y=True)
    cosine_by_block = Chart("cosine of two inputs", x="block", y="cosine")
    x = torch.cat(pairs(0.0, width)).requires_grad_()
    stream = [x]
    for _ in range(blocks):
        w1 = torch.randn(width, width) * math.sqrt(2 / width)
        w2 = torch.randn(width, width) * math.sqrt(1 / width) * scale
        f = (x @ w1).relu() @ w2
        x = f if scheme == "plain" else x + f
        x.retain_grad()
        stream.append(x)
    x.backward(torch.randn_like(x))

    size, gradient, cosine = {}, {}, {}
    for block, x in enumerate(stream):
        a, b = x.detach().split(PAIRS)
        size[block], cosine[block] = rms(x), cosine_similarity(a, b).mean()
        yield rms_by_block.at(block, size[block], growth**block)
        yield cosine_by_block.at(block, cosine[block])
    for block in range(blocks, -1, -1):
        gradient[blocks - block] = rms(stream[block].grad)  # after so many blocks of its way
        yield gradient_by_block.at(block, gradient[blocks - block], growth ** (blocks - block))
    beside = Table("theory and you", "at the end", "theory", "you")
    yield beside.row("rms", growth**blocks, size[blocks])
    yield beside.row("gradient at the input", growth**blocks, gradient[blocks])
    yield Result(
        rms_10=size.get(10), rms_50=size.get(50), rms_100=size.get(100), rms_last=size[blocks],
        gradient_10=gradient.get(10), gradient_50=gradient.get(50), gradient_100=gradient.get(100),
        gradient_last=gradient[blocks], cosine_last=cosine[blocks], theory=growth**blocks,
    )


def fixup(
    scheme: Literal["plain", "kaiming", "1/√L", "zero", "fixup"] = "kaiming",
    blocks: Range[1, 20] = 15,
    lr: LogRange[0.003, 0.3] = 0.1,
    steps: Range[10, 200] = 200,
):
    """The same blocks, 64 wide, learn digits. Does the start decide?"""
    width = 64
    first = 1 / math.sqrt(blocks) if scheme == "fixup" else 1
    last = {"plain": 1, "kaiming": 1, "1/√L": blocks**-0.5, "zero": 0, "fixup": 0}[scheme]
    net = [torch.randn(784, width) * math.sqrt(1 / 784)]
    for _ in range(blocks):
        net.append(first * torch.randn(width, width) * math.sqrt(2 / width))
        net.append(last * torch.randn(width, width) * math.sqrt(1 / width))
    net.append((scheme != "fixup") * torch.randn(width, 10) * math.sqrt(1 / width))
    for w in net:
        w.requires_grad_()

    def out(x):
        into, *pairs_of_layers, classifier = net
        x = x @ into
        for w1, w2 in zip(pairs_of_layers[::2], pairs_of_layers[1::2], strict=True):
            f = (x @ w1).relu() @ w2
            x = f if scheme == "plain" else x + f
        return x @ classifier

    accuracy, losses = yield from _train(out, net, [lr] * len(net), steps)
    yield Result(
        accuracy=accuracy, first_loss=losses[0], loss=losses[-20:].mean(), nan_at=first_nan(losses)
    )


def _train(out, net, rates, steps):
    """SGD on digits, with a rate for each tensor of the net.

    Draws the loss, and gives back the share of validation digits that come out right, and all losses.
    """
    x_train, y_train, x_valid, y_valid = normalized_digits()
    loss_by_step = Chart("loss", x="step", y="loss", log_y=True, reference="ten equal guesses")
    losses = []
    for step in range(steps):
        chosen = torch.randint(len(x_train), (64,))
        loss = cross_entropy(out(x_train[chosen]), y_train[chosen])
        losses.append(loss.detach())
        yield loss_by_step.at(step, losses[-1])
        yield loss_by_step.at(step, math.log(10), series="ten equal guesses")
        if not loss.isfinite():
            yield Note(f"Step {step}: the loss is {loss:g}. No step brings it back from NaN or inf.")
            break
        loss.backward()
        with torch.no_grad():
            for w, lr in zip(net, rates, strict=True):
                w -= lr * w.grad
                w.grad = None
    with torch.no_grad():
        right = out(x_valid).argmax(1) == y_valid
    return right.float().mean(), torch.stack(losses)


def first_nan(losses):
    """The step whose loss was no number any more; None if all were."""
    return None if losses[-1].isfinite() else len(losses) - 1


def phase(
    weight_variance: Range[0.1, 6.0] = 1.76,
    bias_variance: Range[0.0, 0.5] = 0.05,
    depth: Range[1, 100] = 50,
    width: LogRange[64, 512] = 300,
):
    """Pairs of inputs through tanh layers, of w from N(0, σ_w²/n) and b from N(0, σ_b²)."""
    cosine_by_layer = Chart("cosine by layer", x="layer", y="cosine")
    square_by_layer = Chart("mean square of z", x="layer", y="z²")
    gradient_by_layer = Chart("rms of gradients", x="layer", y="rms", log_y=True)
    h = torch.cat(pairs(0.5, width)).requires_grad_()
    cosine, layers = {0: 0.5}, []
    q, covariance = 1.0, 0.5  # of the inputs
    expected = []
    for layer in range(1, depth + 1):
        w = torch.randn(width, width) * math.sqrt(weight_variance / width)
        b = torch.randn(width) * math.sqrt(bias_variance)
        z = h @ w + b
        h = z.tanh()
        z.retain_grad()
        layers.append(z)
        a, b = z.detach().split(PAIRS)
        cosine[layer] = cosine_similarity(a, b).mean()

        # Theory: z is a bell of mean square q, and of two inputs these bells have a covariance.
        q = weight_variance * q + bias_variance
        covariance = weight_variance * covariance + bias_variance
        expected.append((q, covariance / q))
        yield cosine_by_layer.at(layer, cosine[layer], covariance / q)
        yield square_by_layer.at(layer, z.detach().square().mean(), q)
        q, covariance = after_tanh(q, covariance / q)

    h.backward(torch.randn_like(h))
    top = rms(layers[-1].grad)
    factors = [math.sqrt(chi(weight_variance, q)) for q, _ in expected]
    for layer in range(depth, 0, -1):
        left = math.prod(factors[layer - 1 : depth - 1])
        yield gradient_by_layer.at(layer, rms(layers[layer - 1].grad) / top, left)

    first = rms(layers[0].grad) / top
    a_layer = first ** (1 / (depth - 1)) if depth > 1 else None
    theory = factors[-1]
    beside = Table("theory and you", "after the last layer", "theory", "you")
    yield beside.row("mean square of z", expected[-1][0], layers[-1].detach().square().mean())
    yield beside.row("cosine", expected[-1][1], cosine[depth])
    yield Note(f"√χ = {theory:.3f}: below 1 the gradient fades on its way down, above 1 it grows.")
    yield Note("Theory is of wide layers, and averages over draws: at the edge and beyond, nets differ.")
    yield Result(
        cosine_10=cosine.get(10), cosine_20=cosine.get(20), cosine_50=cosine.get(50),
        cosine_last=cosine[depth], cosine_theory=expected[-1][1],
        q=layers[-1].detach().square().mean(), q_theory=expected[-1][0],
        gradient_a_layer=a_layer, root_chi=theory,
    )


def after_tanh(q, cosine):
    """E[tanh(a)²] and E[tanh(a)·tanh(b)] of two bells of mean square q and this cosine: sums on a grid."""
    z = torch.linspace(-8, 8, 129, **DOUBLE)
    density = torch.exp(-z.square() / 2)
    density = density / density.sum()
    a = (math.sqrt(q) * z).tanh()
    c = min(max(cosine, -1.0), 1.0)
    b = (math.sqrt(q) * (c * z[:, None] + math.sqrt(1 - c**2) * z)).tanh() @ density
    return (a.square() @ density).item(), (a * b @ density).item()


def chi(weight_variance, q):
    """By what a tanh layer multiplies the square of a small difference, and of a gradient: σ_w²·E[tanh'²]."""
    return weight_variance * bell_average(lambda z: (1 - (math.sqrt(q) * z).tanh().square()).square())


def edge(
    weight_variance: Range[0.1, 6.0] = 1.0,
    depth: Range[1, 40] = 40,
    lr: LogRange[0.003, 0.1] = 0.01,
    steps: Range[10, 200] = 200,
):
    """A tanh net of 100 units a layer learns digits: on which side of the edge does it begin?"""
    widths = [784, *[100] * depth]
    weights = [torch.randn(n, 100) * math.sqrt(weight_variance / n) for n in widths[:-1]]
    biases = [torch.randn(100) * math.sqrt(0.05) for _ in range(depth)]
    last = torch.randn(100, 10) * math.sqrt(1 / 100)
    net = [tensor.requires_grad_() for tensor in (*weights, *biases, last)]

    def out(h):
        for w, b in zip(weights, biases, strict=True):
            h = torch.addmm(b, h, w).tanh()
        return h @ last

    accuracy, losses = yield from _train(out, net, [lr] * len(net), steps)
    yield Result(
        accuracy=accuracy, first_loss=losses[0], loss=losses[-20:].mean(), nan_at=first_nan(losses)
    )


def function(gain: Range[0.5, 4.0] = 1.0, depth: Range[1, 30] = 20):
    """One output of a random tanh net, without biases, as its input goes around a circle."""
    n, points = 300, 2000
    angles = torch.arange(points) * (2 * math.pi / points)
    u, v = torch.linalg.qr(torch.randn(n, 2)).Q.T * math.sqrt(n)
    h = angles.cos()[:, None] * u + angles.sin()[:, None] * v
    q, cosine = 1.0, math.cos(2 * math.pi / points)  # by theory, of two neighbors on the circle
    draws = Chart("an output around the circle", x="angle", y="z")
    turns = Chart("sign changes by layer", x="layer", y="sign changes", log_y=True)
    for layer in range(1, depth + 1):
        z = h @ (torch.randn(n, n) * gain / math.sqrt(n))
        h = z.tanh()
        changes = sign_changes(z)
        expected = points * math.acos(cosine) / math.pi  # two bells differ in sign so often
        yield turns.at(layer, changes.mean(), expected)
        square, covariance = after_tanh(gain**2 * q, cosine)
        q, cosine = square, covariance / square
    for angle, value in zip(angles[::4], z[::4, 0], strict=True):
        yield draws.at(angle, value)

    path = (z - z.roll(1, 0)).norm(dim=1).sum() / z.norm(dim=1).mean()
    beside = Table("theory and you", "sign changes", "theory", "you")
    yield beside.row("mean of 300 outputs", expected, changes.mean())
    if expected > points / 5:
        yield Note(f"We look at {points} points of the circle. Between them there is more.")
    yield Result(
        sign_changes=changes[0], mean_changes=changes.mean(), theory_changes=expected,
        length=path / (2 * math.pi),
    )


def sign_changes(z):
    """How often each output changes its sign on the way around."""
    return ((z > 0) != (z.roll(1, 0) > 0)).sum(0).float()


def norm(
    kind: Literal["none", "layer", "rms", "batch"] = "none",
    gain: LogRange[0.1, 10.0] = 1.0,
    lr: LogRange[0.01, 0.2] = 0.05,
    depth: Range[1, 8] = 8,
    lr_by_gain: bool = False,
    steps: Range[10, 200] = 200,
):
    """ReLU layers of 64, with weights of std gain/√n and normalized before each ReLU, learn digits."""
    x_train, y_train, _, _ = normalized_digits()
    width = 64
    drawn_weights = [torch.randn(n, width) / math.sqrt(n) for n in [784, *[width] * (depth - 1)]]
    last = (torch.randn(width, 10) / math.sqrt(width)).requires_grad_()
    normalized = {
        "none": lambda z: z,
        "layer": lambda z: (z - z.mean(1, keepdim=True)) / z.std(1, correction=0, keepdim=True),
        "rms": lambda z: z / z.square().mean(1, keepdim=True).sqrt(),
        "batch": lambda z: (z - z.mean(0)) / z.std(0, correction=0),
    }[kind]

    def scaled(gain):
        return [(gain * w).requires_grad_() for w in drawn_weights]

    def through(hidden, h):
        for w in hidden:
            h = normalized(h @ w).relu()
            yield h

    def out(hidden, x):
        *_, h = through(hidden, x)
        return h @ last

    rms_by_layer = Chart("rms by layer", x="layer", y="rms", log_y=True)
    factor = math.sqrt(1 / 2) * (gain if kind == "none" else 1)
    hidden = scaled(gain)
    with torch.no_grad():
        for layer, h in enumerate(through(hidden, x_train[:256]), 1):
            theory = factor**layer if kind == "none" else factor
            yield rms_by_layer.at(layer, rms(h), theory)

    gradient_by_gain = Chart("gradient by gain", x="gain", y="rms", log_x=True, log_y=True)
    x, y = x_train[:64], y_train[:64]
    at_1 = gradient_of_last(out, scaled(1), x, y)
    for other in (0.1, 0.3, 1, 3, 10):
        there = gradient_of_last(out, scaled(other), x, y)
        yield gradient_by_gain.at(other, there, None if kind == "none" else at_1 / other)
    gradient = gradient_of_last(out, hidden, x, y)

    rate = lr * gain**2 if lr_by_gain else lr
    accuracy, losses = yield from _train(
        lambda x: out(hidden, x), [*hidden, last], [*[rate] * depth, lr], steps
    )
    beside = Table("theory and you", "before training", "theory", "you")
    yield beside.row(f"rms of layer {depth}", theory, rms(h))
    yield Result(
        accuracy=accuracy, rms_last=rms(h), gradient=gradient,
        first_loss=losses[0], loss=losses[-20:].mean(), last_loss=losses[-1],
        nan_at=first_nan(losses),
    )


def gradient_of_last(out, hidden, x, y):
    """The rms of the gradient of the last hidden layer's weights."""
    return rms(torch.autograd.grad(cross_entropy(out(hidden, x), y), hidden[-1])[0])


def stream(
    scheme: Literal["plain", "scaled", "no norm"] = "plain",
    blocks: Range[1, 96] = 48,
    width: LogRange[32, 128] = 128,
):
    """A random transformer: each block adds attention, then two layers, to the stream of 32 tokens."""
    scale = 1 / math.sqrt(2 * blocks) if scheme == "scaled" else 1
    by_block = Chart("rms of the stream", x="block", y="rms", log_y=True)
    x = torch.randn(32, width)
    sizes = {0: rms(x)}
    for block in range(1, blocks + 1):
        for layers in (attention, two_layers):
            h = x if scheme == "no norm" else layer_norm(x, x.shape[1:])
            x = x + scale * layers(h)
        sizes[block] = rms(x)
        yield by_block.at(block, sizes[block], alike(scheme, block, blocks))

    theory = alike(scheme, blocks, blocks)
    beside = Table("theory and you", "rms of the stream", "theory", "you")
    lost = not sizes[blocks].isfinite()
    yield beside.row("if all tokens were alike", None if lost else theory, sizes[blocks])
    if lost:
        yield Note("Sums beyond 3e38, of which float32 makes inf, and attention NaN.")
    yield Result(
        rms_6=sizes.get(6), rms_12=sizes.get(12), rms_24=sizes.get(24), rms_48=sizes.get(48),
        rms_96=sizes.get(96), rms_last=sizes[blocks], theory=theory,
        square_a_block=(sizes[blocks] ** 2 - sizes[0] ** 2) / blocks,
    )


def attention(h):
    """Each token takes a mean of the values of those before it and its own. Of variance 1/n all the way."""
    n = h.shape[1]
    q, k, v = h @ torch.randn(3, n, n) / math.sqrt(n)
    means = scaled_dot_product_attention(q, k, v, is_causal=True)
    return means @ torch.randn(n, n) / math.sqrt(n)


def two_layers(h):
    """n to 4n, ReLU, and back: a mean square of 1 in, 1 out."""
    n = h.shape[1]
    w1, w2 = torch.randn(n, 4 * n) * math.sqrt(2 / n), torch.randn(4 * n, n) / math.sqrt(4 * n)
    return (h @ w1).relu() @ w2


def alike(scheme, block, blocks):
    """The rms of the stream, by theory, if attention added as much as the two layers do: a square of 1 each.

    So it does where all tokens are alike; the mean of different tokens is shorter.
    """
    if scheme == "no norm":
        return 2.0**block  # each of the two doubles the square
    return math.sqrt(1 + (2 * block if scheme == "plain" else block / blocks))


def coordinate(
    parametrization: Literal["standard", "muP"] = "standard", width: LogRange[64, 2048] = 1024
):
    """How far four steps of Adam move what comes out of each layer, in nets of more and more width."""
    x_train, y_train, x_valid, _ = normalized_digits()
    moved = Chart("change after four steps", x="width", y="rms", log_x=True, log_y=True, reference="∝ √n")
    table = Table("change", "width", "h1", "z2", "logits")
    logits = {}
    for n in widths_up_to(width):
        net, rates = perceptron(parametrization, n)
        before = layers_of(net, x_valid[:256])
        means = zero_means(net)
        for step in range(1, 5):
            chosen = torch.randint(len(x_train), (64,))
            loss = cross_entropy(layers_of(net, x_train[chosen])[-1], y_train[chosen])
            adam(net, torch.autograd.grad(loss, net), [rate / 256 for rate in rates], means, step)
        change = [rms(b - a) for a, b in zip(before, layers_of(net, x_valid[:256]), strict=True)]
        logits[n] = change[-1]
        for name, value in zip(("h1", "z2", "logits"), change, strict=True):
            yield moved.at(n, value, series=name)
        yield moved.at(n, logits[64] * math.sqrt(n / 64), series="∝ √n")
        yield table.row(n, *change)
    yield Result(
        logits_64=logits[64], logits_last=change[2], z2_last=change[1], h1_last=change[0],
        growth=change[2] / logits[64],
    )


def widths_up_to(width):
    """64, 128, 256 and so on, and the width itself."""
    return [n for n in (64, 128, 256, 512, 1024) if n < width] + [width]


def perceptron(parametrization, n):
    """784-n-n-10 with ReLU, and by what the learning rate of each weight is multiplied.

    muP: seen from 64 units on, the last weights' std goes down by 1/n in place of 1/√n, and the rates of
    all that read a hidden layer by 1/n.
    """
    w1 = torch.randn(784, n) / math.sqrt(784)
    w2 = torch.randn(n, n) * math.sqrt(2 / n)
    w3 = torch.randn(n, 10) / math.sqrt(n)
    rates = [1.0, 1.0, 1.0]
    if parametrization == "muP":
        w3 = w3 * math.sqrt(64 / n)
        rates = [1.0, 64 / n, 64 / n]
    return [w.requires_grad_() for w in (w1, w2, w3)], rates


def layers_of(net, x):
    """What the first layer gives, the sums of the second, and the ten outputs."""
    w1, w2, w3 = net
    h1 = (x @ w1).relu()
    z2 = h1 @ w2
    return [h1, z2, z2.relu() @ w3]


def zero_means(net):
    """What Adam begins with: for each weight the mean of its gradients, and of their squares."""
    return [(torch.zeros_like(w), torch.zeros_like(w)) for w in net]


@torch.no_grad()
def adam(net, gradients, rates, means, step):
    """One step of Adam, the first of which is number 1."""
    for w, g, rate, (m, v) in zip(net, gradients, rates, means, strict=True):
        m.lerp_(g, 0.1)
        v.lerp_(g.square(), 0.001)
        w -= rate * (m / (1 - 0.9**step)) / ((v / (1 - 0.999**step)).sqrt() + 1e-8)


def transfer(
    parametrization: Literal["standard", "muP"] = "standard",
    width: LogRange[64, 1024] = 512,
    lr: LogRange[0.001, 0.016] = 0.004,
    steps: Range[5, 120] = 120,
):
    """Eleven learning rates, lr in their middle, in a net of 64 units a layer and in a wide one."""
    rates = lr * 2.0 ** torch.arange(-5, 6)
    by_rate = Chart("loss by rate", x="rate", y="loss", log_x=True, log_y=True)
    sweep = Table("loss at the end", "rate", "narrow", "wide")
    losses = {}
    batches = torch.randint(len(normalized_digits()[0]), (steps, 64))  # the same for both
    for n in (64, width):
        losses[n] = yield from _of_all_rates(parametrization, n, rates, batches)
        for rate, loss in zip(rates, losses[n], strict=True):
            if loss.isfinite():
                yield by_rate.at(rate, loss, series=f"{n} units")
    narrow, wide = losses[64], losses[width]
    for row in zip(rates, narrow, wide, strict=True):
        yield sweep.row(*row)
    best = [lowest(rates, loss) for loss in (narrow, wide)]
    yield Note(f"Best: {best[0]:.2g} with 64 units, {best[1]:.2g} with {width}.")
    if not torch.stack([narrow, wide]).isfinite().all():
        yield Note("The longest steps end in NaN or inf.")
    yield Result(
        best_64=best[0], best_wide=best[1], halvings=math.log2(best[0] / best[1]),
        loss_64=narrow.nan_to_num(math.inf).min(), loss_wide=wide.nan_to_num(math.inf).min(),
    )


def lowest(rates, losses):
    """The rate at the bottom of the parabola through the lowest loss and its neighbors, in decades of both.

    Where the lowest is the first or the last, or a neighbor is no number, it is that rate itself.
    """
    k = losses.nan_to_num(math.inf).argmin().item()
    if 0 < k < len(rates) - 1 and losses[k - 1 : k + 2].isfinite().all():
        below, here, above = losses[k - 1 : k + 2].log().tolist()
        if (bend := below - 2 * here + above) > 0:
            return rates[k].item() * (rates[1] / rates[0]).item() ** ((below - above) / 2 / bend)
    return rates[k].item()


def _of_all_rates(parametrization, n, rates, batches):
    """Trains one net for each rate, all at once, with Adam; gives the mean of each one's last 40 losses."""
    x_train, y_train, _, _ = normalized_digits()
    drawn_net, factors = perceptron(parametrization, n)
    net = [w.detach().expand(len(rates), -1, -1).clone().requires_grad_() for w in drawn_net]
    means = zero_means(net)
    rates_of = [factor * rates[:, None, None] for factor in factors]
    losses = []
    for step, chosen in enumerate(batches, 1):
        logits = layers_of(net, x_train[chosen])[-1]  # (rates, 64, 10)
        digits = y_train[chosen, None].expand(-1, len(rates))
        of_each = cross_entropy(logits.permute(1, 2, 0), digits, reduction="none").mean(0)
        losses.append(of_each.detach())
        adam(net, torch.autograd.grad(of_each.sum(), net), rates_of, means, step)
        yield Progress(step, len(batches), f"{n} units")
    return torch.stack(losses[-40:]).mean(0)


def dropout(
    p: Range[0.0, 0.8] = 0.5,
    gain: Literal["√2", "√(2(1 − p))"] = "√2",
    depth: Range[1, 30] = 20,
    width: LogRange[128, 1024] = 512,
):
    """ReLU layers that drop the share p of what they give, and divide the rest by 1 − p."""
    variance = {"√2": 2, "√(2(1 − p))": 2 * (1 - p)}[gain] / width
    factor = math.sqrt(variance * width / 2 / (1 - p))
    rms_by_layer = Chart("rms by layer", x="layer", y="rms", log_y=True)
    h = torch.randn(64, width)
    for layer in range(1, depth + 1):
        w = torch.randn(width, width) * math.sqrt(variance)
        h = torch.dropout((h @ w).relu(), p, train=True)
        yield rms_by_layer.at(layer, rms(h), factor**layer)
    beside = Table("theory and you", "quantity", "theory", "you")
    yield beside.row("rms at the end", factor**depth, rms(h))
    yield Result(rms_last=rms(h), theory=factor**depth, factor=rms(h) ** (1 / depth))


def groups(
    groups: Literal["1", "2", "4", "8"] = "4",
    fan_out: Literal["torch's", "counted"] = "torch's",
    depth: Range[1, 10] = 4,
):
    """Convolutions of 64 channels in groups, 3 × 3, drawn for the gradient: what arrives at the bottom?"""
    g, channels = int(groups), 64
    w = torch.empty(channels, channels // g, 3, 3)
    fan = fans(w)[1] if fan_out == "torch's" else fans(w)[1] / g
    factor = math.sqrt(fans(w)[1] / g / fan)
    gradient_by_layer = Chart("rms of gradients", x="layer", y="rms", log_y=True)
    h = torch.randn(8, channels, 8, 8).requires_grad_()
    layers = [h]
    for _ in range(depth):
        w = torch.randn_like(w) * math.sqrt(2 / fan)
        around = pad(layers[-1], (1, 1, 1, 1), mode="circular")  # so that there is no edge
        h = conv2d(around, w, groups=g).relu()
        h.retain_grad()
        layers.append(h)
    h.backward(torch.randn_like(h))
    for layer in range(depth, -1, -1):
        gradient = rms(layers[layer].grad)
        yield gradient_by_layer.at(layer, gradient, factor ** (depth - layer))
    counts = Table("fan_out", "counted by", "of", "std")
    yield counts.row("torch", fans(w)[1], math.sqrt(2 / fans(w)[1]))
    yield counts.row("what an input feeds", fans(w)[1] // g, math.sqrt(2 * g / fans(w)[1]))
    yield Result(gradient_left=gradient, theory=factor**depth)


def embedding(
    std: LogRange[0.01, 1.0] = 1.0,
    tied: bool = True,
    vocabulary: LogRange[50, 2000] = 1000,
    width: LogRange[16, 512] = 256,
):
    """A language model before its first step: a token's vector, a LayerNorm, and a score for each token."""
    vectors = torch.randn(vocabulary, width) * std
    scores = vectors if tied else torch.randn(vocabulary, width) * std
    token, following = torch.randint(vocabulary, (2, 512))
    h = layer_norm(vectors[token], (width,), eps=0)
    logits = h @ scores.T
    first = cross_entropy(logits, following)

    own = logits[torch.arange(len(token)), token]  # the score of the token that was just read
    yield Chart("scores of all tokens", x="score").histogram(logits)
    yield Chart("scores of the token that was read", x="score").histogram(own)
    z = std * math.sqrt(width) * torch.randn(512, vocabulary)  # the scores of all tokens but that one
    if tied:
        z[:, 0] = std * width  # |e| · |LayerNorm(e)|
    theory = z.logsumexp(1).mean() - (0 if not tied else std * width / vocabulary)
    beside = Table("theory and you", "quantity", "theory", "you")
    yield beside.row("first loss", theory, first)
    yield Result(
        first_loss=first, theory_loss=theory, ln_vocabulary=math.log(vocabulary),
        excess=first - math.log(vocabulary), own_score=own.mean(),
    )
