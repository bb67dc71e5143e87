"""Which set of 28x28 images it is: MNIST, a set that looks like it to a program, or one nobody knows."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_BY_MD5 = {
    "8d4fb7e6c68d591d4c3dfef9ec88bf0d": "Fashion-MNIST",
    "bdb82020997e1d708af4cf47b453dcf7": "KMNIST",
}
"""What the file of training images, packed, hashes to.

Source: torchvision/datasets/mnist.py, `resources` of FashionMNIST and KMNIST.
"""
_SHARE = 0.3
"""Of the embedded digits, how many a set must have to be MNIST: of a random half of it, half are there."""


def name_of(files: tuple[Path, ...], images: np.ndarray, labels: np.ndarray, known: np.ndarray) -> str:
    """The set's name; "10 classes, 28x28," where it has none.

    images: uint8 (n, 784), labels (n,), known: uint8 (m, 784), digits that are MNIST's whatever their order.
    """
    if files[0].name.startswith("emnist-digits"):
        return "EMNIST digits"
    rows = {image.tobytes() for image in known}
    if sum(image.tobytes() in rows for image in images) > _SHARE * len(rows):
        return "MNIST"
    return _BY_MD5.get(_md5(files[0])) or f"{len(set(labels.tolist()))} classes, 28x28,"


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        hashed = hashlib.md5(usedforsecurity=False)
        while block := file.read(2**20):
            hashed.update(block)
    return hashed.hexdigest()
