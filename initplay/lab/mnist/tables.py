"""Digits as a table: a row for each, its label and its 784 pixels, as Kaggle hands them out.

Source: https://www.kaggle.com/c/digit-recognizer/data (label,pixel0,...,pixel783; a header; 42,000 rows).
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from initplay.lab.mnist.files import MOST_ITEMS, SIDE, Rows, Unusable, opened

if TYPE_CHECKING:
    import numpy as np

_PIXELS = SIDE * SIDE
_LABEL = ("label", "class", "target", "y")


def has_labels(path: Path) -> bool:
    """Whether a table has a label in each row: what is handed in at Kaggle has none. Unusable if neither."""
    with opened(path) as content:
        first = content.readline(2**16).decode("utf-8-sig", "replace")
    columns = len(first.split(","))
    if columns not in (_PIXELS, _PIXELS + 1):
        raise Unusable(f"{path} has rows of {columns:,} columns, not a label and {_PIXELS} pixels")
    return columns == _PIXELS + 1


def read_csv(path: Path) -> Rows:
    """Its images and labels, with a header or without. Unusable if it is another table."""
    import numpy as np

    if not has_labels(path):
        raise Unusable(f"{path} has pixels and no labels")
    with opened(path) as content, io.TextIOWrapper(content, "utf-8-sig", errors="replace") as text:
        header = text.readline().rstrip("\r\n")
        names = [name.strip().strip('"').lower() for name in header.split(",")]
        label = next((names.index(name) for name in _LABEL if name in names), 0)
        rows: list[np.ndarray] = []
        try:
            if all(name.isdecimal() for name in names):  # no header
                rows.append(np.loadtxt([header], np.uint8, delimiter=",", ndmin=2))
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "loadtxt: input contained no data")  # _tensors says so
                rows.append(np.loadtxt(text, np.uint8, delimiter=",", ndmin=2, max_rows=MOST_ITEMS))
        except ValueError as error:
            why = str(error).splitlines()[0].partition(";")[0].rstrip(".")
            raise Unusable(f"{path} is no table of whole numbers from 0 to 255 ({why})") from error
    table = np.concatenate([part for part in rows if part.size] or [np.empty((0, _PIXELS + 1), np.uint8)])
    return np.delete(table, label, axis=1), table[:, label]
