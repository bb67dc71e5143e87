"""The files that MNIST and sets of its shape come in: which of them lie in a folder, and reading one in the
IDX format.

Sources: LeCun, Cortes, Burges, http://yann.lecun.com/exdb/mnist/; EMNIST (Cohen et al. 2017) names its files
emnist-digits-train-images-idx3-ubyte and so on, and its images lie on their side.
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:
    import numpy as np

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
"""The four files of the full MNIST, by the names that they have when unpacked."""

_OF_EMNIST = tuple(f"emnist-digits-{file.replace('t10k', 'test')}" for file in FILES)
_OF_KMNIST = tuple(f"kmnist-{part}-{what}.npz" for part in ("train", "test") for what in ("imgs", "labels"))
_IN_TORCHVISION = ("MNIST/raw", "raw", "FashionMNIST/raw", "KMNIST/raw", "EMNIST/raw")
"""Where torchvision keeps them, below its ROOT."""

SIDE = 28
"""A digit is SIDE x SIDE pixels."""

MOST_ITEMS = 1_000_000
"""A damaged header may claim billions."""

Rows = tuple["np.ndarray", "np.ndarray"]
"""Images uint8 (n, 784) and labels (n,)."""


class Unusable(Exception):
    """What is wrong with which file. The caller, who knows where the file came from, adds what to do."""


def locate(path: Path) -> tuple[Path, ...]:
    """The files of a set: four, images and labels to train on, then to test with (IDX, or an `.npz` each); or
    two tables to train and to test; or one file with all of it (pickle, `.npz`, `.csv`). Unusable if there
    are none."""
    try:
        is_folder = path.is_dir()
        if not is_folder and not path.is_file():
            path.stat()  # says what is wrong, if it is missing
            raise Unusable(f"{path} is neither a file nor a folder")
        return _in_folder(path) if is_folder else (path,)
    except OSError as error:
        raise Unusable(f"{path} cannot be read ({error.strerror})") from error


def _in_folder(folder: Path) -> tuple[Path, ...]:
    for place in (folder, *(folder / kept for kept in _IN_TORCHVISION)):
        for names in (FILES, _OF_EMNIST, _OF_KMNIST):
            found = {file: _first(place, spellings(file)) for file in names}
            if any(found.values()):
                missing = [file for file, path in found.items() if path is None]
                if missing:
                    raise Unusable(f"{place} lacks {' and '.join(missing)}")
                return tuple(path for path in found.values() if path is not None)
    alone = _first(folder, ("mnist.pkl.gz", "mnist.pkl", "mnist.npz"))
    if alone is not None:
        return (alone,)
    tables = tuple(table for table in (_table(folder, "train"), _table(folder, "test")) if table is not None)
    if not tables:
        raise Unusable(
            f"{folder} holds neither the four MNIST files ({FILES[0]}, ...) nor mnist.pkl.gz, mnist.npz "
            "or train.csv"
        )
    return tables


def _table(folder: Path, part: str) -> Path | None:
    """Kaggle's `train.csv`, or `mnist_train.csv`, `fashion-mnist_train.csv`; packed or not."""
    found = [path for end in ("csv", "csv.gz") for path in folder.glob(f"*{part}.{end}") if path.is_file()]
    if len(found) > 1:
        names = " and ".join(sorted(path.name for path in found))
        raise Unusable(f"{folder} holds {names}: give the path of one of them")
    return found[0] if found else None


def spellings(file: str) -> tuple[str, ...]:
    """The names under which one of FILES is found."""
    dotted = file.replace("-idx", ".idx")  # how some archives unpack it
    return file, dotted, f"{file}.gz", f"{dotted}.gz"


def _first(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The unpacked content, or Unusable. Told by its first bytes: some browsers unpack a .gz unasked."""
    try:
        with open(path, "rb") as file:
            packed = file.peek(2).startswith(b"\x1f\x8b")
            with gzip.GzipFile(fileobj=file) if packed else file as content:
                yield cast("IO[bytes]", content)
    except EOFError as error:
        raise Unusable(f"{path} is cut short") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise Unusable(f"{path} is damaged ({error})") from error
    except OSError as error:
        raise Unusable(f"{path} cannot be read ({error.strerror or error})") from error


def read_idx(path: Path, item_shape: tuple[int, ...]) -> np.ndarray:
    """One IDX file of unsigned bytes: u32 magic number, u32 sizes, all big-endian, then the items."""
    import numpy as np

    with opened(path) as content:
        header = content.read(4 * (2 + len(item_shape)))
        if not header:
            raise Unusable(f"{path} is empty")
        magic, expected = header[:4].hex(), f"0000080{1 + len(item_shape)}"
        if magic != expected:
            raise Unusable(f"{path} is no MNIST file (it begins with {magic}, not {expected})")
        if len(header) < 4 * (2 + len(item_shape)):
            raise Unusable(f"{path} is cut short")
        count, *shape = (int(size) for size in np.frombuffer(header, ">u4")[1:])
        if tuple(shape) != item_shape or count > MOST_ITEMS:
            raise Unusable(f"{path} claims {count:,} items of {shape}, not digits of {list(item_shape)}")
        length = count * math.prod(item_shape)
        data = bytearray(content.read(length + 1))
    if len(data) < length:
        raise Unusable(f"{path} is cut short")
    if len(data) > length:
        raise Unusable(f"{path} is longer than the {count:,} items that it claims")
    return np.frombuffer(data, np.uint8).reshape(count, *item_shape)
