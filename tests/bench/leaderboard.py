"""Lesson 10's stacked net against a plain loop that trains one net."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from initplay.engine import source
from initplay.lab import mnist
from tests.bench.figures import Figure, alternate, ratio
from tests.bench.runs import LESSONS, SEED

SEEDS = 4
MOST = 0.5
WHAT = "leaderboard/table"


def leaderboard(quick: bool) -> Iterator[Figure]:
    """Seconds per net and iteration of the whole experiment, events and accuracies included."""
    mnist.use("embedded")
    table, rows = experiment()
    iterations = 100 if quick else 300

    def compared(ours: Callable[[], float]) -> tuple[list[float], list[float]]:
        theirs = partial(plain_loop, 4 * iterations)
        ours()  # torch's first use of anything is slow
        theirs()
        return alternate(ours, theirs, 3 if quick else 9, within=10 if quick else 60)

    taken = compared(partial(drained, table, iterations, rows))
    yield ratio(f"{WHAT}: a step of each of {rows * SEEDS} nets / of one, plain loop", *taken, MOST)


def experiment() -> tuple[Callable[..., Iterator[Any]], int]:
    path = LESSONS / "10_leaderboard" / "experiment.py"
    module = source.load(path.read_text(encoding="utf-8"), str(path))
    return module.table, len(module.ROWS)


def drained(table: Callable[..., Iterator[Any]], iterations: int, rows: int) -> float:
    """Seconds per net and iteration of the experiment as it stands: draws, digits, accuracies, events."""
    torch.manual_seed(SEED)
    began = time.perf_counter()
    for _event in table(iterations=iterations, seeds=SEEDS):
        pass
    return (time.perf_counter() - began) / (iterations * rows * SEEDS)


def plain_loop(iterations: int) -> float:
    """Seconds per iteration of one net, written as a notebook would, the digits in memory as tensors."""
    torch.manual_seed(SEED)
    x, y, _, _ = mnist.digits(split="test")
    x = x / 255
    net = nn.Sequential(nn.Linear(784, 100), nn.Tanh(), nn.Linear(100, 10))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    began = time.perf_counter()
    for batch in batches(len(x), iterations):
        loss = cross_entropy(net(x[batch]), y[batch])
        opt.zero_grad()
        loss.backward()
        opt.step()
    return (time.perf_counter() - began) / iterations


def batches(count: int, iterations: int) -> Iterator[Tensor]:
    done = 0
    while done < iterations:
        for batch in torch.randperm(count).split(100)[: iterations - done]:
            yield batch
            done += 1
