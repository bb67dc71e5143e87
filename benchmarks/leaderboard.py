"""The leaderboard's stacked net against a plain loop that trains one net, and against its own products.

    python -m benchmarks.leaderboard THREADS ITERATIONS PAIRS WITHIN

measures in a process that is warmed as that of a run is, with so many of torch's threads, and prints as JSON
what the pairs took, and the products. `python -m benchmarks leaderboard` does so for as many threads as there
are cores.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from benchmarks.figures import Figure, Unmeasured, alternate, ratio
from benchmarks.runs import LESSONS, SEED
from benchmarks.terminal import ROOT
from initplay.engine.cores import cores
from initplay.lab.mnist import dataset
from initplay.worker import source
from initplay.worker.torch_import import import_torch

SEEDS = 4
BATCH = HIDDEN = 100
THREADS = (1, 2, 4, 8)
MOST = 0.35
WHAT = "leaderboard/table"


def leaderboard(quick: bool) -> Iterator[Figure]:
    """Seconds per net and iteration, of the whole table and of one net trained alone: digits, draws and
    looks at the accuracy included in both, so that the work is the same."""
    for threads in THREADS:
        if threads <= cores():
            # 3,000 as the lesson has it
            yield from of(threads, *((300, 3, 10) if quick else (3000, 7, 90)))


def of(threads: int, iterations: int, pairs: int, within: int) -> Iterator[Figure]:
    asked = map(str, (threads, iterations, pairs, within))
    command = [sys.executable, "-m", "benchmarks.leaderboard", *asked]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unmeasured(f"the leaderboard ended with {done.stderr.strip().splitlines()[-1:]}.")
    with_threads = f"{threads} thread{'s' * (threads > 1)}"
    stacked, alone, multiplied = json.loads(done.stdout)
    yield ratio(f"{WHAT}: a step of each of 24 nets / of one, {with_threads}", stacked, alone, MOST)
    yield ratio(f"{WHAT}: a step of each of 24 nets / its products, {with_threads}", stacked, multiplied)


def main() -> None:
    threads, iterations, pairs, within = map(int, sys.argv[1:])
    import_torch("embedded")
    torch.set_num_threads(threads)
    table, rows = experiment()
    ours, theirs = partial(drained, table, iterations, rows), partial(plain_loop, iterations)
    drained(table, 50, rows)  # torch's first use of anything is slow
    plain_loop(50)
    taken = alternate(ours, theirs, pairs, within)
    multiplied = [products(max(iterations // 20, 50), rows) for _ in taken[0]]
    print(json.dumps([*taken, multiplied]))


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


def products(iterations: int, rows: int) -> float:
    """Seconds per net and iteration of nothing but the five products of a step, of the sizes that the stacked
    net has: no program of this net can be faster without another multiplication."""
    train, _, test, _ = dataset.digits(split="test")
    pixels = int((train.any(0) | test.any(0)).sum())
    x = torch.rand(SEEDS, BATCH, pixels)
    w1, w2 = torch.rand(SEEDS, rows * HIDDEN, pixels), torch.rand(SEEDS * rows, 10, HIDDEN)
    hidden, outputs = torch.rand(SEEDS * rows, HIDDEN, BATCH), torch.rand(SEEDS * rows, 10, BATCH)
    began = time.perf_counter()
    for _ in range(iterations):
        torch.bmm(w1, x.mT)
        torch.bmm(w2, hidden)
        torch.bmm(outputs, hidden.mT)  # the gradient of w2
        backward = torch.bmm(w2.mT, outputs)
        torch.bmm(backward.view(SEEDS, rows * HIDDEN, BATCH), x)  # the gradient of w1
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


if __name__ == "__main__":
    main()
