"""Examining a net against one bare forward and backward pass of it."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from benchmarks.figures import Figure, alternate, ratio
from benchmarks.runs import SEED
from initplay.lab import examine

MOST = 3.0
BATCH = 8
SIDE = 128
"""Of pictures: smaller ones cost so little that only the instrument is measured."""


Case = tuple[nn.Module, Tensor, Tensor]


def examining(quick: bool) -> Iterator[Figure]:
    """The whole table of layers, recognition and verdicts included, cures that are tried too."""
    torch.set_num_threads(1)
    for name, make in nets(quick).items():
        torch.manual_seed(SEED)
        net, x, y = make()
        ours, theirs = partial(examined, net, x, y), partial(bare, net, x, y)
        ours()  # torch's first use of anything is slow
        theirs()
        taken = alternate(ours, theirs, 3 if quick else 7, within=10 if quick else 60)
        yield ratio(f"examine {name} / its bare forward and backward", *taken, MOST)


def examined(net: nn.Module, x: Tensor, y: Tensor) -> float:
    began = time.perf_counter()
    examine(net, x, y)
    return time.perf_counter() - began


def bare(net: nn.Module, x: Tensor, y: Tensor) -> float:
    began = time.perf_counter()
    torch.autograd.grad(cross_entropy(net(x), y), list(net.parameters()))
    return time.perf_counter() - began


def nets(quick: bool) -> dict[str, Callable[[], Case]]:
    """torchvision's where it is installed, and a transformer of six layers."""
    found: dict[str, Callable[[], Case]] = {"a transformer of 6 layers": transformer}
    if importlib.util.find_spec("torchvision") and importlib.util.find_spec("PIL"):
        names = ["resnet18"] if quick else ["resnet18", "mobilenet_v3_small", "vgg11", "vit_b_16"]
        found |= {name: partial(of_torchvision, name) for name in names}
    return found


def transformer() -> tuple[nn.Module, Tensor, Tensor]:
    layer = nn.TransformerEncoderLayer(256, 4, 1024, dropout=0.0, batch_first=True)
    net = nn.Sequential(nn.TransformerEncoder(layer, 6), nn.Flatten(), nn.Linear(64 * 256, 10))
    return net, torch.randn(BATCH, 64, 256), torch.randint(10, (BATCH,))


def of_torchvision(name: str) -> tuple[nn.Module, Tensor, Tensor]:
    models = torchvision_models()
    options: dict[str, Any] = {"image_size": SIDE} if name.startswith("vit") else {}
    net = getattr(models, name)(**options)
    return net, torch.randn(BATCH, 3, SIDE, SIDE), torch.randint(1000, (BATCH,))


def torchvision_models() -> Any:
    """Where its operators cannot be loaded, as of a CUDA wheel beside torch for the CPU, names are enough."""
    try:
        import torchvision
    except RuntimeError:
        operators = torch.library.Library("torchvision", "FRAGMENT")
        for name in ("nms", "qnms"):
            operators.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        import torchvision
    return torchvision.models
