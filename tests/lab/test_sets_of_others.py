"""The digits as Keras, Kaggle, KMNIST and EMNIST keep them, and what a set is called."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from initplay.lab.mnist import dataset
from initplay.lab.mnist.dataset import DataError, describe, digits, is_mnist, use
from initplay.lab.mnist.files import SIDE

PIXELS = SIDE * SIDE
HEADER = ",".join(["label", *(f"pixel{n}" for n in range(PIXELS))])


@pytest.fixture(autouse=True)
def nothing_chosen(tmp_path, monkeypatch):
    monkeypatch.setenv("INITPLAY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(dataset, "_in_use", None)


def some(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (count, 28, 28) and labels (count,), all ten of them."""
    random = np.random.RandomState(seed)
    return random.randint(0, 256, (count, SIDE, SIDE)).astype(np.uint8), (np.arange(count) % 10).astype(
        np.uint8
    )


def table(images: np.ndarray, labels: np.ndarray | None, header: str | None) -> str:
    rows = [] if header is None else [header]
    for number, image in enumerate(images.reshape(len(images), -1)):
        rows.append(",".join(map(str, image if labels is None else [labels[number], *image])))
    return "\n".join(rows) + "\n"


def keras(path: Path, **changed: np.ndarray) -> Path:
    (x, y), (x_test, y_test) = some(60), some(20, 1)
    arrays: dict[str, Any] = {"x_train": x, "y_train": y, "x_test": x_test, "y_test": y_test} | changed
    np.savez(path, **arrays)
    return path


def refusal(source: Path) -> str:
    with pytest.raises(DataError) as refused:
        use(str(source))
    sentence = str(refused.value)
    assert sentence.endswith(".") and "\n" not in sentence and str(source) in sentence
    return sentence


def assert_has(
    train: tuple[np.ndarray, np.ndarray], test: tuple[np.ndarray, np.ndarray] | None = None
) -> None:
    """The digits in use are these, in their order."""
    whole = digits("test")
    if test is None:
        got = torch.cat([whole.x_train, whole.x_valid]), torch.cat([whole.y_train, whole.y_valid])
    else:
        got = whole.x_train, whole.y_train
        assert np.array_equal(whole.x_valid, test[0].reshape(-1, PIXELS)) and np.array_equal(
            whole.y_valid, test[1]
        )
    assert np.array_equal(got[0], train[0].reshape(-1, PIXELS)) and np.array_equal(got[1], train[1])


@pytest.mark.parametrize("by_folder", [False, True])
def test_keras_npz(tmp_path, by_folder):
    path = keras(tmp_path / "mnist.npz")
    use(str(tmp_path if by_folder else path))
    assert_has(some(60), some(20, 1))
    assert [len(part) for part in digits()] == [50, 50, 10, 10]


def test_npz_under_other_names_and_of_other_kinds_of_numbers(tmp_path):
    (x, y), (x_test, y_test) = some(60), some(20, 1)
    path = tmp_path / "medical.npz"
    np.savez(
        path,
        train_images=x.astype(np.float64),
        train_labels=y[:, None].astype(np.int64),
        test_images=x_test.reshape(20, PIXELS),
        test_labels=y_test,
    )
    use(str(path))
    assert_has((x, y), (x_test, y_test))


def test_kmnist_in_four_npz(tmp_path):
    (x, y), (x_test, y_test) = some(60), some(20, 1)
    for name, array in {
        "train-imgs": x,
        "train-labels": y,
        "test-imgs": x_test,
        "test-labels": y_test,
    }.items():
        np.savez(tmp_path / f"kmnist-{name}.npz", array)
    use(str(tmp_path))
    assert_has((x, y), (x_test, y_test))


def test_emnist_digits_lie_on_their_side(tmp_path):
    from test_mnist import idx

    (x, y), (x_test, y_test) = some(60), some(20, 1)
    for part, (images, labels) in {"train": (x, y), "test": (x_test, y_test)}.items():
        for what, array in {"images-idx3": images.transpose(0, 2, 1).copy(), "labels-idx1": labels}.items():
            (tmp_path / f"emnist-digits-{part}-{what}-ubyte.gz").write_bytes(gzip.compress(idx(array), 1))
    use(str(tmp_path))
    assert_has((x, y), (x_test, y_test))
    assert describe() == f"EMNIST digits 80 ({tmp_path.name})"


@pytest.mark.parametrize(
    "header", [HEADER, None, HEADER.replace("label", '"label"')], ids=["named", "bare", "quoted"]
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_table_for_all(tmp_path, header, packed):
    """The last seventh is for the test."""
    text = table(*some(70), header).encode()
    path = tmp_path / ("train.csv.gz" if packed else "train.csv")
    path.write_bytes(gzip.compress(text, 1) if packed else text)
    use(str(path))
    assert_has(some(70))
    assert [len(part) for part in digits("test")] == [60, 60, 10, 10]


def test_a_table_with_the_label_at_its_end_and_windows_lines(tmp_path):
    images, labels = some(70)
    rows = [
        ",".join(map(str, [*image, label]))
        for image, label in zip(images.reshape(70, -1), labels, strict=True)
    ]
    names = ",".join([*(f"pixel{n}" for n in range(PIXELS)), "class"])
    (tmp_path / "openml.csv").write_bytes("\ufeff".encode() + "\r\n".join([names, *rows]).encode())
    use(str(tmp_path / "openml.csv"))
    assert_has(some(70))


def test_tables_to_train_and_to_test_with(tmp_path):
    (tmp_path / "mnist_train.csv").write_text(table(*some(60), HEADER))
    (tmp_path / "mnist_test.csv").write_text(table(*some(20, 1), HEADER))
    use(str(tmp_path))
    assert_has(some(60), some(20, 1))


def test_what_is_handed_in_at_kaggle_has_no_labels_and_is_left_out(tmp_path):
    (tmp_path / "train.csv").write_text(table(*some(70), HEADER))
    (tmp_path / "test.csv").write_text(table(some(20, 1)[0], None, HEADER.partition(",")[2]))
    use(str(tmp_path))
    assert_has(some(70))
    assert "has pixels and no labels" in refusal(tmp_path / "test.csv")


def test_mnist_is_known_in_any_order_and_another_set_is_not_called_so(tmp_path):
    use("embedded")
    x, y, _, _ = (rows.numpy() for rows in digits())
    order = np.random.RandomState(3).permutation(len(x))[: len(x) * 3 // 5]  # Kaggle's are 42,000 of 70,000
    keras(tmp_path / "shuffled.npz", x_train=x[order], y_train=y[order])
    use(str(tmp_path / "shuffled.npz"))
    assert describe() == "MNIST 2.42k (shuffled.npz)" and is_mnist()
    use(str(keras(tmp_path / "others.npz")))
    assert describe() == "10 classes, 28x28, 80 (others.npz)" and not is_mnist()


BAD = {
    "nothing known": ({"weights": np.zeros(3)}, "holds weights, not x_train"),
    "other images": ({"x_train": np.zeros((60, 32, 32), np.uint8)}, "images of shape [32, 32]"),
    "shares of one": ({"x_train": np.full((60, 28, 28), 0.5)}, "float64 where whole numbers from 0 to 255"),
    "labels of two columns": ({"y_train": np.zeros((60, 2), np.uint8)}, "labels of shape [60, 2]"),
    "too few labels": ({"y_train": np.zeros(59, np.uint8)}, "59 labels for 60 images"),
    "letters": ({"y_train": np.full(60, 11, np.uint8)}, "labels from 11 to 11"),
    "objects": ({"x_train": np.array([{}] * 60, object)}, "cannot be read as numpy's arrays"),
}


@pytest.mark.parametrize("kind", BAD)
def test_an_npz_of_something_else_is_a_sentence(tmp_path, kind):
    arrays, said = BAD[kind]
    path = tmp_path / "mnist.npz"
    if kind == "nothing known":
        np.savez(path, **arrays)  # pyrefly: ignore[bad-argument-type]
    else:
        keras(path, **arrays)
    assert said in refusal(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and rubbish", b"<!DOCTYPE html>"])
def test_an_npz_that_is_none_is_a_sentence(tmp_path, content):
    (tmp_path / "mnist.npz").write_bytes(content)
    assert "is damaged" in refusal(tmp_path / "mnist.npz")


TABLES = {
    "empty": ("", "columns"),
    "a header alone": (HEADER + "\n", "holds no digits"),
    "words": (table(*some(3), HEADER) + "a" + ",1" * PIXELS + "\n", "no table of whole numbers"),
    "too large": (table(*some(3), HEADER) + "1" + ",256" * PIXELS + "\n", "no table of whole numbers"),
    "a row that is short": (table(*some(3), HEADER) + "1,2,3\n", "no table of whole numbers"),
    "another table": ("sepal,petal\n1,2\n", "rows of 2 columns"),
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_of_something_else_is_a_sentence(tmp_path, kind):
    content, said = TABLES[kind]
    (tmp_path / "train.csv").write_text(content)
    assert said in refusal(tmp_path / "train.csv")


def test_which_of_two_tables_is_meant_is_asked(tmp_path):
    for name in ("mnist_train.csv", "fashion-mnist_train.csv"):
        (tmp_path / name).write_text(table(*some(3), HEADER))
    assert "fashion-mnist_train.csv and mnist_train.csv: give the path" in refusal(tmp_path)
