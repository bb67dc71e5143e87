"""Real digits for lessons: 5,000 embedded ones, or the full MNIST from the cache or from a path.

Lesson code calls `digits()`. Which digits those are was settled before the run, by `use()`.
"""

from __future__ import annotations

import os
import warnings
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from initplay.lab.mnist.arrays import read_npz, read_npz_apart
from initplay.lab.mnist.files import FILES, SIDE, Rows, Unusable, locate, read_idx, spellings
from initplay.lab.mnist.naming import name_of
from initplay.lab.mnist.pickled import read_pickle
from initplay.lab.mnist.tables import has_labels, read_csv

if TYPE_CHECKING:
    import numpy as np
    import torch
    from torch import Tensor

Split = Literal["validation", "test"]

_EMBEDDED = Path(__file__).parent / "digits" / "mnist_5k.npz"
_EMBEDDED_TRAIN = 4_000
_VALIDATION_SHARE = 6  # the last 10,000 of 60,000 training rows, as mnist.pkl.gz split them
_TEST_SHARE = 7  # of rows that come all in one: 10,000 of 70,000

_FETCH = "run `initplay data fetch`"
_ANOTHER = (
    "point --data to a folder of intact MNIST files, to mnist.pkl.gz, mnist.npz or train.csv, "
    "or choose `--data embedded`"
)
_MEANWHILE = "the embedded 5,000 digits serve meanwhile"


class DataError(Exception):
    """Digits that cannot be had. The message is one sentence: which file, what is wrong, what to do."""


class Digits(NamedTuple):
    """Digits to learn from and digits held out: images uint8 (n, 784), 0 to 255; labels int64 (n,)."""

    x_train: Tensor
    y_train: Tensor
    x_valid: Tensor
    y_valid: Tensor


_Pair = tuple["Tensor", "Tensor"]
_Splits = dict[Split, Digits]


class _Source(NamedTuple):
    label: str
    splits: _Splits
    """On the CPU; splits share memory where they share rows."""
    placed: dict[tuple[Split, torch.device], Digits]
    """Copies on the devices that have asked."""


_in_use: _Source | None = None


# What lessons call


def digits(split: Split = "validation") -> Digits:
    """The digits in use, on torch's default device; the caller may overwrite them.

    "validation": 50,000 rows to train on and the next 10,000 held out (embedded: 4,000 and 1,000).
    "test": all 60,000 training rows and the 10,000 test rows, for a final score (embedded: as above).
    """
    import torch

    source = _current()
    if split not in source.splits:
        raise ValueError(f'digits(split={split!r}) is not known: choose "validation" or "test".')
    key = (split, torch.empty(0).device)  # torch 2.5 cannot say it once it was told None
    if key not in source.placed:
        source.placed[key] = Digits(*(rows.to(key[1]) for rows in source.splits[split]))
    return Digits(*(rows.clone() for rows in source.placed[key]))  # about 10 ms for all 70,000


def normalized_digits(split: Split = "validation") -> Digits:
    """`digits(split)` with images as float32, minus the training pixels' mean, divided by their std.

    So the training images have mean 0 and std 1, and each held-out digit enters as it would alone.
    """
    x_train, y_train, x_valid, y_valid = digits(split)
    x_train, x_valid = x_train / 255, x_valid / 255
    mean, std = x_train.mean(), x_train.std()
    for pixels in (x_train, x_valid):
        pixels.sub_(mean).div_(std)  # in place: all 50,000 are 157 MB, and to make room takes longest
    return Digits(x_train, y_train, x_valid, y_valid)


def describe() -> str:
    """What the digits in use are, short enough for a title bar: "MNIST 5k", "MNIST 70k (my-folder)"."""
    return _current().label


def is_mnist() -> bool:
    """Whether the digits in use are MNIST's, or another set that has its shape."""
    return describe().startswith("MNIST")


# What the engine calls


def use(source: str) -> str | None:
    """Choose the digits for the runs to come: "auto", "embedded", "full" or a path.

    A path is a folder with the four IDX files (packed or not), a torchvision root, or mnist.pkl.gz. "auto"
    takes the full set if the cache has it; if the cache is damaged it takes the embedded digits and returns
    the sentence to show. DataError if the digits cannot be had: those in use before stay in use.
    """
    global _in_use
    trouble = None
    if source == "embedded":
        chosen = _embedded()
    elif source == "full":
        chosen = _full()
    elif source == "auto":
        chosen, trouble = _best()
    else:
        chosen = _at(Path(os.path.expanduser(source)))
    _in_use = chosen
    return trouble


def cache_dir() -> Path:
    """Where the fetched MNIST lies: the folder `mnist` in $INITPLAY_CACHE or the user's cache folder."""
    return Path(_cache())


def _cache() -> str:
    """As text, for each run looks whether it is there: to make a path of it would take longer."""
    within = os.environ.get("INITPLAY_CACHE") or _users_cache(*map(os.environ.get, _SAY_WHERE))
    return os.path.join(within, "mnist")


_SAY_WHERE = ("HOME", "XDG_CACHE_HOME")


@lru_cache
def _users_cache(*_said: str | None) -> str:
    """Found once for what the environment says of it: a run's process has it from the one that it is forked
    from, and to find it takes half a millisecond there."""
    import platformdirs

    return platformdirs.user_cache_dir("initplay")


# Sources


def _current() -> _Source:
    if _in_use is None:  # lesson code in a notebook: no engine has chosen
        trouble = use("auto")
        if trouble:
            warnings.warn(trouble, stacklevel=3)
    assert _in_use is not None
    return _in_use


def _best() -> tuple[_Source, str | None]:
    if not _in_cache():
        return _embedded(), None
    try:
        return _full(), None
    except DataError as trouble:
        return _embedded(), f"{str(trouble).rstrip('.')}; {_MEANWHILE}."


def _full() -> _Source:
    if not _in_cache():
        raise DataError(f"The full MNIST is not in {cache_dir()}; {_FETCH}, or choose `--data embedded`.")
    try:
        return _read(cache_dir(), in_cache=True)
    except (Unusable, OSError) as problem:
        raise DataError(f"{problem}; {_FETCH} to mend it.") from problem


def _at(path: Path) -> _Source:
    try:
        return _read(path, in_cache=False)
    except (Unusable, OSError) as problem:
        raise DataError(f"{problem}; {_ANOTHER}.") from problem


@lru_cache(maxsize=1)
def _embedded() -> _Source:
    import numpy as np

    try:
        with np.load(_EMBEDDED, allow_pickle=False) as rows:
            images, labels = _tensors(rows["images"], rows["labels"], _EMBEDDED, _EMBEDDED)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, zlib.error, Unusable) as problem:
        raise DataError(f"{_EMBEDDED} cannot be read ({problem}); install initplay again.") from problem
    halves = Digits(
        images[:_EMBEDDED_TRAIN], labels[:_EMBEDDED_TRAIN], images[_EMBEDDED_TRAIN:], labels[_EMBEDDED_TRAIN:]
    )
    return _Source(f"MNIST {_short(len(images))}", {"validation": halves, "test": halves}, {})


def _in_cache() -> bool:
    """Whether any of the four files is there: that another is missing is then an error to report."""
    folder = _cache()
    return os.path.isdir(folder) and any(
        os.path.lexists(os.path.join(folder, name)) for file in FILES for name in spellings(file)
    )


def _read(path: Path, in_cache: bool) -> _Source:
    files = locate(path)
    return _load(files, tuple(_stamp(file) for file in files), "" if in_cache else path.resolve().name)


def _stamp(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=1)  # a second run is instant; one full MNIST in memory is enough
def _load(files: tuple[Path, ...], _stamps: tuple[tuple[int, int], ...], where: str) -> _Source:
    """The stamps are part of the cache's key: a file that changed is read again."""
    splits = _splits_of(_rows(files), files)
    x, y, x_test, _ = splits["test"]
    count = _short(len(x) + len(x_test))
    if not where:
        return _Source(f"MNIST {count}", splits, {})
    name = name_of(files, x.numpy(), y.numpy(), known=_embedded().splits["test"].x_train.numpy())
    return _Source(f"{name} {count} ({where})", splits, {})


def _short(count: int) -> str:
    return f"{count / 1000:.3g}k" if count >= 1000 else str(count)


# From files to tensors


def _rows(files: tuple[Path, ...]) -> list[Rows]:
    """All rows; or those to train on, (to validate with,) and to test with."""
    first, *others = files
    if len(files) == 4:
        if first.suffix == ".npz":
            return read_npz_apart(files)
        return [_from_idx(*files[:2]), _from_idx(*files[2:])]
    if first.name.endswith((".csv", ".csv.gz")):
        return [read_csv(first), *(read_csv(other) for other in others if has_labels(other))]
    return read_npz(first) if first.suffix == ".npz" else read_pickle(first)


def _from_idx(images_at: Path, labels_at: Path) -> Rows:
    images = read_idx(images_at, (SIDE, SIDE))
    if images_at.name.startswith("emnist"):
        images = images.transpose(0, 2, 1)  # they lie on their side
    return images.reshape(len(images), SIDE * SIDE), read_idx(labels_at, ())


def _splits_of(parts: list[Rows], files: tuple[Path, ...]) -> _Splits:
    """Where nothing is held out, the last seventh is for testing; the last sixth of the rest validates."""
    import torch

    pairs = [_tensors(*rows, *_named(files, number)) for number, rows in enumerate(parts)]
    if len(pairs) == 3:
        (x, y), (x_valid, y_valid), (x_test, y_test) = pairs
        return _splits(torch.cat([x, x_valid]), torch.cat([y, y_valid]), x_test, y_test, train=len(x))
    if len(pairs) == 1:
        x, y = pairs[0]
        kept = len(x) - len(x) // _TEST_SHARE
        pairs = [(x[:kept], y[:kept]), (x[kept:], y[kept:])]
    (x, y), (x_test, y_test) = pairs
    return _splits(x, y, x_test, y_test, train=len(x) - len(x) // _VALIDATION_SHARE)


def _named(files: tuple[Path, ...], part: int) -> tuple[Path, Path]:
    """Which files to blame for the images and the labels of a part."""
    if len(files) == 4:
        return files[2 * part], files[2 * part + 1]
    at = files[min(part, len(files) - 1)]
    return at, at


def _splits(x: Tensor, y: Tensor, x_test: Tensor, y_test: Tensor, train: int) -> _Splits:
    return {
        "validation": Digits(x[:train], y[:train], x[train:], y[train:]),
        "test": Digits(x, y, x_test, y_test),
    }


def _tensors(images: np.ndarray, labels: np.ndarray, images_at: Path, labels_at: Path) -> _Pair:
    """Images uint8 (n, 784) and labels int64 (n,) on the CPU, if they are that."""
    import torch

    if len(images) == 0:
        raise Unusable(f"{images_at} holds no digits")
    if len(images) != len(labels):
        raise Unusable(f"{labels_at} has {len(labels):,} labels for {len(images):,} images")
    if labels.min() < 0 or labels.max() > 9:
        raise Unusable(f"{labels_at} has labels from {labels.min()} to {labels.max()}, not from 0 to 9")
    flat = images.reshape(len(images), SIDE * SIDE)
    return torch.from_numpy(flat), torch.from_numpy(labels.astype("int64"))
