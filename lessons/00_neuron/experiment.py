"""A layer is a matrix product."""

import time
from collections import Counter
from contextlib import contextmanager
from typing import Literal

import torch

from initplay.lab import Chart, LogRange, Note, Range, Result, Table, yours
from initplay.lab import digits as load_digits


def layer(bias: Range[-60.0, 60.0] = 0.0, relu: bool = False):
    """Two samples through two neurons: four sums, and one product that is all four."""
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])  # a row for each sample
    w = torch.tensor([[5.0, 7.0], [6.0, 8.0]])  # a row for each neuron
    pairs = [(sample, neuron) for sample in range(2) for neuron in range(2)]

    sums = torch.zeros(2, 2)  # a row for each sample, a column for each neuron
    yield from _four_points(0, sums, pairs)
    for i in range(2):
        for sample, neuron in pairs:
            sums[sample, neuron] += x[sample, i] * w[neuron, i]
        yield from _four_points(i + 1, sums, pairs)
    sums += bias
    yield from _four_points(3, sums, pairs)
    outputs = sums.relu() if relu else sums
    yield from _four_points(4, outputs, pairs)

    product = x @ w.T + bias
    if relu:
        product = product.relu()

    each = Table("each sum", "sample", "neuron", "terms", "sum", "output")
    for pair in pairs:
        terms = spelled(x[pair[0]].tolist(), w[pair[1]].tolist(), bias)
        yield each.row(pair[0] + 1, pair[1] + 1, terms, sums[pair], outputs[pair])
    yield Note(f"x @ w.T + bias{', then relu' if relu else ''}: {product.tolist()}.")
    if mine := yours("layer", None):  # what the exercise asks for has ReLU, whatever the knob says
        theirs = torch.as_tensor(mine(x, w, torch.full((2,), bias)))
        with_relu = Table("your layer", "sample", "neuron", "max(0, sum)", "yours")
        for pair in pairs:
            yield with_relu.row(pair[0] + 1, pair[1] + 1, sums[pair].clamp(min=0), theirs[pair])
    yield Result(
        outputs=outputs, product=product, same=torch.equal(outputs, product),
        largest=outputs.max(), negative=int((outputs < 0).sum()),
        zeros=int((outputs == 0).sum()),
    )


def _four_points(step, sums, pairs):
    chart = Chart("four sums", x="step", y="so far")
    for sample, neuron in pairs:
        series = f"sample {sample + 1}, neuron {neuron + 1}"
        yield chart.at(step, sums[sample, neuron], series=series)


def spelled(x, w, bias):
    """The terms of one sum, as one would write them: 1×5 + 2×7 - 30."""
    terms = " + ".join(f"{a:g}×{b:g}" for a, b in zip(x, w, strict=True))
    return f"{terms} {'-' if bias < 0 else '+'} {abs(bias):g}" if bias else terms


def shapes(
    x: Literal["(256, 784)", "(784,)", "(2, 3, 784)", "(2, 3, 28, 28)"] = "(256, 784)",
):
    """Digits lying one way or another, through one layer of ten neurons."""
    x_train, _, _, _ = load_digits()
    shape = [int(size) for size in x.strip("()").split(",") if size]
    pixels = torch.Size(shape).numel()
    inputs = (x_train.flatten()[:pixels] / 255).reshape(shape)
    w = torch.randn(10, 784) / 28
    yield Chart("digits").image(inputs.reshape(-1, 28, 28)[:6])

    sizes = Table("shapes", "tensor", "shape")
    yield sizes.row("x", x)
    yield sizes.row("w", str(tuple(w.shape)))
    yield sizes.row("w.T", str(tuple(w.T.shape)))
    try:
        product = inputs @ w.T
    except RuntimeError as error:
        yield Note(f"RuntimeError: {error}.")
        yield Note("The 784 pixels must lie in the last dimension: it is the one that is summed away.")
        yield sizes.row("x @ w.T", "an error")
        yield Result(fits=False, dimensions=0, outputs=0)
        return
    yield sizes.row("x @ w.T", str(tuple(product.shape)))
    yield Chart("outputs").histogram(product)

    one_by_one = torch.stack([w @ digit for digit in inputs.reshape(-1, 784)])
    yield Result(
        fits=True, dimensions=product.dim(), outputs=product.numel(),
        max_difference=(one_by_one - product.reshape(-1, 10)).abs().max(),
    )


def graph(units: Range[1, 8] = 2, layers: Range[1, 6] = 2):
    """What waits for what: the graph that torch notes down while it computes."""
    x = [_number() for _ in range(units)]
    for _ in range(layers):  # each neuron by itself: products, their sum, a bias, ReLU
        x = [(_added([_number() * one for one in x]) + _number()).relu() for _ in range(units)]
    singly = rounds(x)

    v = torch.randn(units, requires_grad=True)
    begun = {v: "x"}
    for layer in range(1, layers + 1):  # the same net, a whole layer at once
        w = torch.randn(units, units, requires_grad=True)
        b = torch.randn(units, requires_grad=True)
        begun |= {w: f"w{layer}", b: f"b{layer}"}
        v = (w @ v + b).relu()
    together = rounds([v])

    chart = Chart("operations in each round", x="round", y="operations")
    for number, operations in enumerate(singly, 1):
        yield chart.at(number, operations.total(), series="number by number")
        if number <= len(together):
            yield chart.at(number, together[number - 1].total(), series="layer by layer")

    tree = Table("the graph, from its end", "layer by layer")
    for line in _tree(v.grad_fn, begun, deepest=7):
        yield tree.row(line)
    each = Table("what can be done at once", "round", "number by number", "layer by layer")
    for number, operations in enumerate(singly):
        whole = together[number] if number < len(together) else Counter()
        yield each.row(number + 1, _counted(operations), _counted(whole))
    yield Result(
        operations=sum(found.total() for found in singly), rounds=len(singly),
        calls=sum(found.total() for found in together), call_rounds=len(together),
    )


def _number():
    return torch.randn((), requires_grad=True)  # or torch would not note down what becomes of it


def _added(terms):
    """In pairs, and then pairs of pairs: eight terms take three rounds and not seven."""
    while len(terms) > 1:
        pairs = zip(terms[::2], terms[1::2], strict=False)
        terms = [a + b for a, b in pairs] + terms[len(terms) // 2 * 2 :]
    return terms[0]


def rounds(outputs):
    """The operations behind these tensors, counted by kind, each in the first round it can be done in."""
    first = {}

    def round_of(step):
        if step not in first:
            waits_for = [one for one, _ in step.next_functions if one.next_functions]
            first[step] = 1 + max(map(round_of, waits_for), default=0)
        return first[step]

    last = max(round_of(output.grad_fn) for output in outputs)
    return [Counter(_name(step) for step in first if first[step] == n + 1) for n in range(last)]


def _tree(step, begun, deepest):
    """The graph from one step back, a line for each; `begun` names the tensors that it began with."""
    if not step.next_functions:
        yield f"{begun[step.variable]} {tuple(step.variable.shape)}"
        return
    yield _name(step) if deepest > 0 else "…"
    befores = [before for before, _ in step.next_functions] if deepest > 0 else []
    for before in befores:
        first, rest = ("└─ ", "   ") if before is befores[-1] else ("├─ ", "│  ")
        for n, line in enumerate(_tree(before, begun, deepest - 1)):
            yield (rest if n else first) + line


def _name(step):
    """MulBackward0 is what goes back through a multiplication: mul."""
    return step.name().removesuffix("Backward0").lower()


def _counted(operations):
    return ", ".join(f"{count} × {name}" for name, count in operations.items())


def batch(size: LogRange[1, 4096] = 256):
    """Digits through ten neurons: one at a time in a loop, and all in one product."""
    x_train, _, _, _ = load_digits()
    chosen = torch.arange(size) % len(x_train)
    x_all = x_train[chosen] / 255
    w = torch.randn(10, 784) / 28

    faster = Chart(
        "times faster", x="digits", y="loop / product", log_x=True, log_y=True, reference="if only calls cost"
    )
    times = Chart("time", x="digits", y="microseconds", log_x=True, log_y=True)
    sizes = [2**k for k in range(13) if 2**k < size] + [size]
    for n in sizes:
        x = x_all[:n]
        with _one_thread():
            loop_us = fastest(one_at_a_time, x, w)
            product_us = fastest(all_at_once, x, w)
        ratio = loop_us / product_us
        yield faster.at(n, ratio)
        yield faster.at(n, n, series="if only calls cost")  # n of them against one
        yield times.at(n, loop_us, series="loop")
        yield times.at(n, product_us, series="one product")

    looped, product = one_at_a_time(x, w), all_at_once(x, w)
    multiply_adds = size * w.numel()  # each digit meets every weight once, either way

    shapes = Table("shapes", "tensor", "rows", "columns")
    for name, tensor in (("x", x), ("w", w), ("w.T", w.T), ("x @ w.T", product)):
        yield shapes.row(name, *tensor.shape)
    calls = Table("calls", "digits", "loop", "one product", "saved")
    for n in sizes:
        yield calls.row(n, n, 1, n - 1)
    work = Table("the same work", "way", "calls", "multiply-adds in each", "µs")
    yield work.row("loop", size, multiply_adds // size, round(loop_us))
    yield work.row("one product", 1, multiply_adds, round(product_us))
    yield Note(f"{size:,} digits: {loop_us:,.0f} µs in a loop, {product_us:,.0f} µs in one product.")
    yield Result(
        ratio=ratio, loop_us=loop_us, product_us=product_us,
        max_difference=(looped - product).abs().max(), loop_calls=size,
        multiply_adds=multiply_adds,
    )


@contextmanager
def _one_thread():
    """Both ways on one core: what is compared is the calls, not the cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def one_at_a_time(x, w):
    return torch.stack([w @ sample for sample in x])


def all_at_once(x, w):
    return x @ w.T


def fastest(multiply, x, w):
    """The shortest time of many, in microseconds: what else runs adds to it."""
    best, begun, tries = float("inf"), time.perf_counter(), 0
    while tries < 3 or (tries < 100 and time.perf_counter() - begun < 0.05):
        start = time.perf_counter()
        out = multiply(x, w)
        out[-1, -1].item()  # work may still be queued; reading a value waits for it
        best = min(best, time.perf_counter() - start)
        tries += 1
    return best * 1e6
