"""Digits as numpy keeps them: `mnist.npz` of Keras, and the four `.npz` of KMNIST with an array in each.

Sources: https://keras.io/api/datasets/mnist/ (x_train, y_train, x_test, y_test);
https://codh.rois.ac.jp/kmnist/ (kmnist-train-imgs.npz and so on, arr_0 in each).
"""

from __future__ import annotations

import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from initplay.lab.mnist.files import MOST_ITEMS, SIDE, Rows, Unusable

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.lib.npyio import NpzFile

_NAMES = (
    (("x_train", "y_train"), ("x_test", "y_test")),
    (("X_train", "Y_train"), ("X_test", "Y_test")),
    (("train_images", "train_labels"), ("test_images", "test_labels")),
)
"""What images and labels are called, to train on and to test with."""


def read_npz(path: Path) -> list[Rows]:
    """The rows to train on and those to test with. Unusable if the file holds none under a usual name."""
    with _opened(path) as archive:
        for names in _NAMES:
            if all(name in archive for pair in names for name in pair):
                return [(_images(archive[x], path), _labels(archive[y], path)) for x, y in names]
        held = ", ".join(sorted(archive)[:6]) or "nothing"
        raise Unusable(f"{path} holds {held}, not x_train, y_train, x_test and y_test")


def read_npz_apart(paths: tuple[Path, ...]) -> list[Rows]:
    """The same of four files with one array each, images and labels to train on, then to test with."""
    alone = []
    for path in paths:
        with _opened(path) as archive:
            if len(archive.files) != 1:
                raise Unusable(f"{path} holds {len(archive.files)} arrays, not one")
            alone.append(archive[archive.files[0]])
    x, y, x_test, y_test = alone
    train = _images(x, paths[0]), _labels(y, paths[1])
    return [train, (_images(x_test, paths[2]), _labels(y_test, paths[3]))]


@contextmanager
def _opened(path: Path) -> Iterator[NpzFile]:
    """numpy's archive without pickles, which could run what they please."""
    import numpy as np

    try:
        with zipfile.ZipFile(path) as parts:
            largest = max((part.file_size for part in parts.infolist()), default=0)
        if largest > 8 * MOST_ITEMS * SIDE * SIDE:
            raise Unusable(f"{path} claims an array of {largest:,} bytes, far more than digits take")
        with np.load(path, allow_pickle=False) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise Unusable(f"{path} is damaged ({error})") from error
    except (ValueError, MemoryError) as error:
        raise Unusable(f"{path} cannot be read as numpy's arrays ({str(error).splitlines()[0]})") from error
    except OSError as error:
        raise Unusable(f"{path} cannot be read ({error.strerror or error})") from error


def _images(array: np.ndarray, path: Path) -> np.ndarray:
    """uint8 (n, 784)."""
    shape = array.shape[1:]
    if shape not in ((SIDE, SIDE), (SIDE * SIDE,), (SIDE, SIDE, 1), (1, SIDE, SIDE)):
        raise Unusable(f"{path} has images of shape {list(shape)}, not {SIDE}x{SIDE}")
    return _bytes(array, path).reshape(len(array), SIDE * SIDE)


def _labels(array: np.ndarray, path: Path) -> np.ndarray:
    """Whole numbers (n,)."""
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise Unusable(f"{path} has labels of shape {list(array.shape)}, not one for each image")
    return _bytes(array, path)


def _bytes(array: np.ndarray, path: Path) -> np.ndarray:
    import numpy as np

    if array.dtype == np.uint8:
        return array
    with np.errstate(invalid="ignore"):
        whole = array.astype(np.uint8) if array.dtype.kind in "iuf" else None
    if whole is None or not np.array_equal(whole, array):
        raise Unusable(f"{path} has {array.dtype} where whole numbers from 0 to 255 belong")
    return whole
