"""What `layer(x, w, b)` is asked, and what people write instead."""

import torch

from initplay.lab.checking import Mistake, Probe, verdicts


def of(x, w, b):
    """A probe's question: what this layer says."""
    return lambda mine: mine.layer(torch.tensor(x), torch.tensor(w), torch.tensor(b))


def many(mine):
    return mine.layer(torch.randn(50, 784), torch.randn(10, 784) / 28, torch.randn(10))


def changed(mine):
    given = torch.tensor([[-1.0, 2.0]]), torch.tensor([[3.0, -4.0]]), torch.tensor([-2.0])
    before = [tensor.clone() for tensor in given]
    mine.layer(*given)
    pairs = zip("xwb", given, before, strict=True)
    return " and ".join(name for name, now, then in pairs if not torch.equal(now, then)) or "nothing"


X, W = [[1.0, 2.0], [3.0, 4.0]], [[5.0, 7.0], [6.0, 8.0]]
PROBES = [
    Probe("x=[[1,2],[3,4]], w=[[5,7],[6,8]], b=[-30,-20]", of(X, W, [-30.0, -20.0])),
    Probe("the same with b=[0,0]", of(X, W, [0.0, 0.0])),
    Probe(
        "x=[[1,-2],[-3,4],[0,0]], w=[[1,2],[-1,1],[2,0],[-3,-1]], b=[1,-1,-2,3]",
        of(
            [[1.0, -2.0], [-3.0, 4.0], [0.0, 0.0]],
            [[1.0, 2.0], [-1.0, 1.0], [2.0, 0.0], [-3.0, -1.0]],
            [1.0, -1.0, -2.0, 3.0],
        ),
    ),
    Probe("one sample, one neuron: x=[[-2,3]], w=[[-1,2]], b=[-1]", of([[-2.0, 3.0]], [[-1.0, 2.0]], [-1.0])),
    Probe(
        "all sums below 0: x=[[1,1]], w=[[-1,0],[0,-2]], b=[0,0]",
        of([[1.0, 1.0]], [[-1.0, 0.0], [0.0, -2.0]], [0.0, 0.0]),
    ),
    Probe("50 samples of 784 inputs, 10 neurons", many, slack=1e-4),
    Probe(
        "x, w and b are as they were",
        changed,
        says="It changed {got} itself. Whoever calls it still needs that: work on a new tensor.",
        beside=True,
    ),
]


def written(*slips):
    """The layer with these slips in it."""

    def layer(x, w, b):
        if "relu on x" in slips:
            x = x.relu()
        z = x @ w if "w not turned" in slips else x @ w.T
        if "bias last" in slips:
            return z.relu() + b
        z = z if "no bias" in slips else z + b
        return z if {"no relu", "relu on x"} & set(slips) else z.relu()

    return layer


MISTAKES = [
    Mistake(
        "w is not turned: {got}, where {right} is right. It has a row for each neuron, and x @ w multiplies "
        "by its columns. What turns rows into columns?",
        layer=written("w not turned"),
    ),
    Mistake(
        "b is not added: {got}, where {right} is right.",
        layer=written("no bias"),
    ),
    Mistake(
        "ReLU is missing: {got}, where {right} is right. What is below 0 should be 0.",
        layer=written("no relu"),
    ),
    Mistake(
        "b comes after ReLU: {got}, where {right} is right. It is part of the sum that ReLU cuts off.",
        layer=written("bias last"),
    ),
    Mistake(
        "ReLU is on the inputs: {got}, where {right} is right. It belongs on the sums, with b in them.",
        layer=written("relu on x"),
    ),
    Mistake(
        "w is not turned, and b is not added: {got}, where {right} is right. Look at the shapes of x, w "
        "and b first.",
        layer=written("w not turned", "no bias"),
    ),
    Mistake(
        "w is not turned, and ReLU is missing: {got}, where {right} is right. Look at the shapes of x, w "
        "and b first.",
        layer=written("w not turned", "no relu"),
    ),
    Mistake(
        "Two things are missing, b and ReLU: {got}, where {right} is right.",
        layer=written("no bias", "no relu"),
    ),
    Mistake(
        "w is not turned, and b and ReLU are missing: {got}, where {right} is right. Look at the shapes "
        "of x, w and b first.",
        layer=written("w not turned", "no bias", "no relu"),
    ),
    Mistake(
        "Samples and neurons have changed places: {got}, where {right} is right. Each sample has a row.",
        layer=lambda x, w, b: (w @ x.T + b[:, None]).relu(),
    ),
    Mistake(
        "Samples and neurons have changed places, and so b goes to the samples: {got}, where {right} is "
        "right. Each sample has a row: x comes first.",
        layer=lambda x, w, b: (w @ x.T + b).relu(),
    ),
    *(
        Mistake(
            f"{product} is not every sample with every neuron: {{got}}, where {{right}} is right. A row of x "
            "meets a row of w: which of the two is to be turned?",
            layer=layer,
        )
        for product, layer in (
            ("w @ x", lambda x, w, b: (w @ x + b).relu()),
            ("w @ x", lambda x, w, b: w @ x + b),
            ("x.T @ w", lambda x, w, b: (x.T @ w + b).relu()),
            ("x.T @ w", lambda x, w, b: x.T @ w + b),
        )
    ),
    Mistake(
        "b goes to the samples: {got}, where {right} is right. Each neuron has its own, and a neuron is "
        "a column of what comes out.",
        layer=lambda x, w, b: (x @ w.T + b[:, None]).relu(),
    ),
    Mistake(
        "x * w multiplies entry by entry and adds nothing up: {got}, where {right} is right. Use the "
        "matrix product, @.",
        layer=lambda x, w, b: (x * w + b).relu(),
    ),
    Mistake(
        "x * w.T multiplies entry by entry and adds nothing up: {got}, where {right} is right. Use the "
        "matrix product, @.",
        layer=lambda x, w, b: (x * w.T + b).relu(),
    ),
    Mistake(
        "That is the mean of the products: {got}, where {right} is right. A neuron adds them up.",
        layer=lambda x, w, b: (x @ w.T / x.shape[1] + b).relu(),
    ),
    Mistake(
        "That keeps what is below 0 and cuts off the rest: {got}, where {right} is right. ReLU is max(0, z).",
        layer=lambda x, w, b: (x @ w.T + b).clamp(max=0),
    ),
    Mistake(
        "That says only whether a sum is above 0: {got}, where {right} is right. ReLU keeps the sum itself.",
        layer=lambda x, w, b: (x @ w.T + b > 0).float(),
    ),
    Mistake(
        "That says only whether a sum is above 0: {got}, where {right} is right. ReLU keeps the sum itself.",
        layer=lambda x, w, b: x @ w.T + b > 0,
    ),
    Mistake(
        "What is below 0 came out positive: {got}, where {right} is right. ReLU makes 0 of it.",
        layer=lambda x, w, b: (x @ w.T + b).abs(),
    ),
    Mistake(
        "That is a sigmoid: {got}, where {right} is right. ReLU is max(0, z).",
        layer=lambda x, w, b: (x @ w.T + b).sigmoid(),
    ),
    Mistake(
        "b is subtracted: {got}, where {right} is right. It is added.",
        layer=lambda x, w, b: (x @ w.T - b).relu(),
    ),
]


def checks(mine):
    yield from verdicts(mine, PROBES, MISTAKES)
