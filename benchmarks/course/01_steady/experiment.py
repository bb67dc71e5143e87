"""A training run that keeps going, for what is measured meanwhile."""

import math
import time
from itertools import pairwise

import torch
from torch.nn.functional import cross_entropy

from initplay.lab import Axes, Histogram, Point, Progress, Range
from initplay.lab import digits as load_digits


def train(seconds: Range[1, 900] = 300, width: Range[1, 2048] = 512):
    """Train 784-width-width-10 on digits for so many seconds, reporting each step."""
    x_train, y_train, _, _ = load_digits()
    x_train = x_train / 255
    sizes = (784, width, width, 10)
    weights = [torch.randn(n, m) * math.sqrt(2 / n) for n, m in pairwise(sizes)]
    for w in weights:
        w.requires_grad_()
    yield Axes("loss", x="step", y="loss")
    yield Axes("hidden", x="step")

    began, step = time.monotonic(), 0
    while (elapsed := time.monotonic() - began) < seconds:
        batch = torch.randint(len(x_train), (256,))
        hidden = (x_train[batch] @ weights[0]).relu()
        loss = cross_entropy((hidden @ weights[1]).relu() @ weights[2], y_train[batch])
        loss.backward()
        with torch.no_grad():
            for w in weights:
                w -= 0.01 * w.grad
                w.grad = None
        yield Point("loss", step, loss)
        yield Point("loss", step, math.log(10), series="theory")
        if step % 10 == 0:
            yield Histogram("hidden", hidden, at=step)
            yield Progress(round(elapsed), seconds, "seconds")
        step += 1
