"""The leaderboard's stacked net against a plain loop that trains one net, and against its own products.

    python -m benchmarks.leaderboard THREADS ITERATIONS ROUNDS

measures in a process that is warmed as that of a run is, with so many of torch's threads, and prints as JSON
what a few tables took, and what the others did that ran in turn with them; at most so many rounds of that,
until they tell on which side of the budget the stacked net is. `python -m benchmarks leaderboard` does so
for as many threads as there are cores.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from types import ModuleType

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from benchmarks.figures import ROUNDS, Figure, Unmeasured, ratio, tells
from benchmarks.runs import LESSONS, SEED
from benchmarks.terminal import ROOT
from initplay.engine.cores import cores
from initplay.lab import Progress
from initplay.lab.mnist import dataset
from initplay.worker import source
from initplay.worker.torch_import import import_torch

SEEDS = 4
BATCH = HIDDEN = 100
THREADS = (1, 2, 4, 8)
TABLES = 3  # in each round
MOST = 0.35
"""Of the plain loop's step, for a net of the stack, with two threads and more. With one thread the products
alone can take as much: those have no budget, and stand beside what they are to be compared with."""
WHAT = "leaderboard/table"
DONE = object()


def leaderboard(quick: bool) -> Iterator[Figure]:
    """Seconds per net and iteration, of the whole table and of one net trained alone: digits, draws and
    looks at the accuracy included in both, so that the work is the same."""
    for threads in THREADS:
        if threads <= cores():
            # 3,000 as the lesson has it
            yield from of(threads, *((300, 1) if quick else (3000, ROUNDS)))


def of(threads: int, iterations: int, rounds: int) -> Iterator[Figure]:
    asked = map(str, (threads, iterations, rounds))
    command = [sys.executable, "-m", "benchmarks.leaderboard", *asked]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unmeasured(f"the leaderboard ended with {done.stderr.strip().splitlines()[-1:]}.")
    with_threads = f"{threads} thread{'s' * (threads > 1)}"
    stacked, alone, multiplied = json.loads(done.stdout)
    most = MOST if threads > 1 else None
    yield ratio(f"{WHAT}: a step of each of 24 nets / of one, {with_threads}", stacked, alone, most)
    yield ratio(f"{WHAT}: a step of each of 24 nets / its products, {with_threads}", stacked, multiplied)
    yield ratio(f"{WHAT}: its products / a step of one, {with_threads}", multiplied, alone)


def main() -> None:
    threads, iterations, rounds = map(int, sys.argv[1:])
    import_torch("embedded")
    torch.set_num_threads(threads)
    lesson = experiment()
    together(lesson, 50)  # torch's first use of anything is slow
    taken: list[list[float]] = []
    for _ in range(rounds):
        taken += [together(lesson, iterations) for _ in range(TABLES)]
        if threads == 1 or tells([stacked / alone for stacked, alone, _ in taken], MOST):
            break
    print(json.dumps(list(zip(*taken, strict=True))))


def experiment() -> ModuleType:
    path = LESSONS / "12_leaderboard" / "experiment.py"
    return source.load(path.read_text(encoding="utf-8"), str(path))


def together(lesson: ModuleType, iterations: int) -> list[float]:
    """Seconds per net and iteration of the table, of the plain loop, and of the products alone.

    They take turns every ten iterations: a machine that others use is slow for a second and fast for the
    next, and a whole table takes half a minute.
    """
    torch.manual_seed(SEED)
    nets = len(lesson.ROWS) * SEEDS
    parts = [table(lesson, iterations), plain_loop(iterations), products(lesson, iterations)]
    taken = [0.0] * len(parts)
    running = list(range(len(parts)))
    while running:
        for which in tuple(running):
            began = time.perf_counter()
            if next(parts[which], DONE) is DONE:
                running.remove(which)
            taken[which] += time.perf_counter() - began
    stacked, alone, multiplied = taken
    return [stacked / iterations / nets, alone / iterations, multiplied / iterations / nets]


def table(lesson: ModuleType, iterations: int) -> Iterator[None]:
    """The experiment as it stands, draws, digits, accuracies and events and all, ten iterations at a time."""
    for event in lesson.table(iterations=iterations, seeds=SEEDS):
        if isinstance(event, Progress):
            yield


def products(lesson: ModuleType, iterations: int) -> Iterator[None]:
    """Nothing but the five products of a step, of the sizes that the stacked net has, ten steps at a time:
    no program of this net can be faster without another multiplication."""
    train, _, test, _ = dataset.digits(split="test")
    rows, pixels = len(lesson.ROWS), len(lesson.pixels_in_use(train, test))
    x = torch.rand(SEEDS, BATCH, pixels)
    w1, w2 = torch.rand(SEEDS, rows * HIDDEN, pixels), torch.rand(SEEDS * rows, 10, HIDDEN)
    hidden, outputs = torch.rand(SEEDS * rows, HIDDEN, BATCH), torch.rand(SEEDS * rows, 10, BATCH)
    for done in range(1, iterations + 1):
        torch.bmm(w1, x.mT)
        torch.bmm(w2, hidden)
        torch.bmm(outputs, hidden.mT)  # the gradient of w2
        backward = torch.bmm(w2.mT, outputs)
        torch.bmm(backward.view(SEEDS, rows * HIDDEN, BATCH), x)  # the gradient of w1
        if done % 10 == 0:
            yield


def plain_loop(iterations: int) -> Iterator[None]:
    """One net, written as a notebook would, the digits in memory as tensors, ten iterations at a time."""
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
        if done % 10 == 0:
            yield


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
