"""The leaderboard's stacked net against a plain loop that trains one net."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from benchmarks.figures import Figure, alternate, ratio
from benchmarks.runs import LESSONS, SEED
from initplay.lab.mnist import dataset
from initplay.worker import source

SEEDS = 4
MOST = 0.5
WHAT = "leaderboard/table"


def leaderboard(quick: bool) -> Iterator[Figure]:
    """Seconds per net and iteration, of the whole table and of one net trained alone: digits, draws and
    looks at the accuracy included in both, so that the work is the same."""
    dataset.use("embedded")
    table, rows = experiment()
    iterations = 300 if quick else 3000  # as the lesson has it
    ours, theirs = partial(drained, table, iterations, rows), partial(plain_loop, iterations)
    drained(table, 50, rows)  # torch's first use of anything is slow
    plain_loop(50)
    taken = alternate(ours, theirs, 3 if quick else 7, within=10 if quick else 90)
    yield ratio(f"{WHAT}: a step of each of {rows * SEEDS} nets / of one, plain loop", *taken, MOST)


def experiment() -> tuple[Callable[..., Iterator[Any]], int]:
    path = LESSONS / "12_leaderboard" / "experiment.py"
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
    began = time.perf_counter()
    x, y, x_test, y_test = dataset.digits(split="test")
    x, x_test = x / 255, x_test / 255
    net = nn.Sequential(nn.Linear(784, 100), nn.Tanh(), nn.Linear(100, 10))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    rest = max(25, iterations // 30)
    for done, batch in enumerate(batches(len(x), iterations), start=1):
        loss = cross_entropy(net(x[batch]), y[batch])
        opt.zero_grad()
        loss.backward()
        opt.step()
        if done % rest == 0:
            accuracy(net, x_test[:1000], y_test[:1000])
    return (time.perf_counter() - began) / iterations


@torch.no_grad()
def accuracy(net: nn.Module, x: Tensor, y: Tensor) -> float:
    return (net(x).argmax(1) == y).float().mean().item()


def batches(count: int, iterations: int) -> Iterator[Tensor]:
    done = 0
    while done < iterations:
        for batch in torch.randperm(count).split(100)[: iterations - done]:
            yield batch
            done += 1
