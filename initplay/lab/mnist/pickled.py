"""mnist.pkl.gz, read without trusting it.

The file holds ((x_train, y_train), (x_valid, y_valid), (x_test, y_test)); pixels are float32, divided by 256.
Source: http://deeplearning.net/data/mnist/mnist.pkl.gz (50,000 / 10,000 / 10,000 rows; written by Python 2).
"""

from __future__ import annotations

import pickle
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from initplay.lab.mnist.files import SIDE, Rows, Unusable, opened

if TYPE_CHECKING:
    import numpy as np


def read_pickle(path: Path) -> list[Rows]:
    """The rows to train on, to validate with and to test with. Unusable if the file is another one."""
    with opened(path) as content:
        try:
            train, valid, test = _ArrayUnpickler(content).load()
            return [_rows(*pair) for pair in (train, valid, test)]
        except (OSError, EOFError, zlib.error):
            raise  # the file, not the pickle in it
        except Exception as error:  # a pickle of anything else can fail in any way
            raise Unusable(f"{path} is not mnist.pkl.gz ({error})") from error


def _rows(images: _Array, labels: _Array) -> Rows:
    import numpy as np

    scaled = images.decoded() * np.float32(256)  # exact: a power of two
    with np.errstate(invalid="ignore"):
        pixels = scaled.astype(np.uint8)
    if not np.array_equal(pixels, scaled):
        raise ValueError("the pixels are not whole 256ths")
    digits = labels.decoded()
    if pixels.shape[1:] != (SIDE * SIDE,) or digits.shape != pixels.shape[:1]:
        raise ValueError(f"images of shape {pixels.shape} and labels of shape {digits.shape}")
    return pixels, digits


class _ArrayUnpickler(pickle.Unpickler):
    """Reads arrays, tuples and numbers. A pickle may name no other function or class, so it can run nothing.

    numpy's own functions are not called either: they trust what a pickle tells them about memory.
    """

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file, encoding="bytes")  # Python 2 wrote bytes as strings

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        stand_in = _STAND_INS.get((module_name.replace("numpy._core", "numpy.core"), global_name))
        if stand_in is None:
            asked = repr(f"{module_name}.{global_name}")[:80]  # escaped: it may say anything
            raise pickle.UnpicklingError(f"it asks for {asked}, which no array needs")
        return stand_in


class _Dtype:
    """What a pickle says of a numpy.dtype."""

    order = b""

    def __init__(self, code: bytes | str, *_flags: object) -> None:
        self.code = code

    def __setstate__(self, state: tuple) -> None:
        self.order = state[1]

    def decoded(self) -> np.dtype:
        import numpy as np

        order, code = _text(self.order), _text(self.code)
        if code not in ("f4", "f8", "i4", "i8", "u1"):
            raise pickle.UnpicklingError(f"its arrays are of type {code!r}")
        return np.dtype(order.replace("|", "") + code)


def _text(name: bytes | str) -> str:
    return name.decode("ascii") if isinstance(name, bytes) else name


class _Array:
    """What a pickle says of a numpy.ndarray."""

    def __setstate__(self, state: tuple) -> None:
        _version, self.shape, self.dtype, self.is_fortran, self.content = state

    def decoded(self) -> np.ndarray:
        """A read-only view; ValueError if shape and content do not match."""
        import numpy as np

        flat = np.frombuffer(self.content, self.dtype.decoded())
        return flat.reshape(self.shape, order="F" if self.is_fortran else "C")


def _new_array(_kind: object, _shape: object, _dtype: object) -> _Array:
    return _Array()


def _new_array_of(content: bytes, dtype: _Dtype, shape: tuple, order: str) -> _Array:
    array = _Array()
    array.__setstate__((1, shape, dtype, order == "F", content))
    return array


def _bytes_of(text: str, _encoding: str) -> bytes:
    return text.encode("latin-1")


_STAND_INS = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("numpy.core.multiarray", "_reconstruct"): _new_array,
    ("numpy.core.numeric", "_frombuffer"): _new_array_of,  # protocol 5
    ("_codecs", "encode"): _bytes_of,  # bytes in protocols 0 to 2, written by Python 3
}
