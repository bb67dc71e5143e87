"""Experiments without the program around them, in a process of their own: what the engine is compared with.

    python -m benchmarks.bare

Each line on stdin is a JSON object {"path", "experiment", "knobs", "seed", "events"}; the answer is a line
with the seconds it took. With `events` the generator is drained as a notebook would, `for event in ...`;
without, it is rewritten to the loop one would write by hand: what it computes for an event is computed, but
no event is made and nothing is yielded.
"""

from __future__ import annotations

import ast
import io
import json
import random
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy
import torch

from initplay.engine.cores import cores
from initplay.lab.mnist import dataset


def main() -> None:
    torch.set_num_threads(max(1, cores() - 1))  # as a run has: what is compared is not torch
    dataset.use("embedded")
    for line in sys.stdin:
        with redirect_stdout(io.StringIO()):
            taken = measure(**json.loads(line))
        print(taken, flush=True)


def measure(path: str, experiment: str, knobs: dict[str, Any], seed: int, events: bool) -> float:
    """Seconds from the source text to the end of the experiment."""
    text = Path(path).read_text(encoding="utf-8")
    began = time.perf_counter()
    tree = ast.parse(text, path)
    if not events:
        tree = ast.fix_missing_locations(WithoutEvents().visit(tree))
    run = load(tree, path, experiment)
    torch.manual_seed(seed)
    random.seed(seed)
    numpy.random.seed(seed)
    if events:
        for _event in run(**knobs):
            pass
    else:
        run(**knobs)
    return time.perf_counter() - began


def load(tree: ast.Module, path: str, experiment: str) -> Callable[..., Any]:
    names: dict[str, Any] = {"__name__": "bare"}
    exec(compile(tree, path, "exec"), names)
    return names[experiment]


class WithoutEvents(ast.NodeTransformer):
    """`yield Point("loss", step, loss)` becomes `("loss", step, loss)`."""

    def visit_Yield(self, node: ast.Yield) -> ast.expr:
        if not isinstance(node.value, ast.Call):
            raise ValueError(f"line {node.lineno} yields something that is not made right there")
        arguments = [*node.value.args, *(keyword.value for keyword in node.value.keywords)]
        return ast.Tuple(arguments, ast.Load())


if __name__ == "__main__":
    main()
