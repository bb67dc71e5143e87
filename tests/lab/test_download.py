"""Fetching MNIST from a real HTTP server that behaves, and from one that misbehaves in every way we know."""

import contextlib
import functools
import gzip
import hashlib
import http.server
import os
import random
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from initplay.lab.mnist import dataset
from initplay.lab.mnist.download import MD5, FetchError, fetch, verify
from initplay.lab.mnist.files import FILES

REPO = Path(__file__).parents[2]
QUICK, PATIENT = 0.3, 10.0


def small_files() -> dict[str, bytes]:
    """Four files in the IDX format: 240 training digits and 30 test digits of noise."""
    noise = random.Random(11)
    made = {}
    for file, count in zip(FILES, (240, 240, 30, 30), strict=True):
        if "images" in file:
            made[file] = struct.pack(">4I", 0x803, count, 28, 28) + noise.randbytes(count * 784)
        else:
            made[file] = struct.pack(">2I", 0x801, count) + bytes(noise.randrange(10) for _ in range(count))
    return made


UNPACKED = small_files()
PACKED = {f"{file}.gz": gzip.compress(content) for file, content in UNPACKED.items()}
SMALL = {file: hashlib.md5(content).hexdigest() for file, content in UNPACKED.items()}


class Handler(http.server.BaseHTTPRequestHandler):
    """The first part of the path says how to behave: /stalls/train-images-idx3-ubyte.gz."""

    server: "Server"  # pyrefly: ignore[bad-override-mutable-attribute]

    def do_GET(self):
        _, behaviour, name = self.path.split("/")
        self.server.asked.append(self.path)
        getattr(self, behaviour)(PACKED[name])

    def serves(self, content):
        self._head(len(content))
        self.wfile.write(content)

    def stalls(self, content):
        self._head(len(content))
        self.wfile.write(content[: len(content) // 2])
        self.wfile.flush()
        self.server.released.wait(10)

    def stalls_at_once(self, content):
        self.server.released.wait(10)

    def drops(self, content):
        """Announces everything, sends half, hangs up."""
        self._head(len(content))
        self.wfile.write(content[: len(content) // 2])

    def drops_once(self, content):
        first = self.server.asked.count(self.path) == 1
        (self.drops if first else self.serves)(content)

    def resets(self, content):
        self._head(len(content))
        self.wfile.write(content[:100])
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def truncates(self, content):
        """Half a file, and says that this is all."""
        self.serves(content[: len(content) // 2])

    def promises_less(self, content):
        self._head(len(content) - 9)
        self.wfile.write(content)

    def promises_more(self, content):
        self._head(len(content) + 1)
        self.wfile.write(content)

    def promises_nothing(self, content):
        """No Content-Length, which is allowed: the end of the connection is the end of the file."""
        self._head(None)
        self.wfile.write(content)

    def promises_nonsense(self, content):
        self._head("plenty")
        self.wfile.write(content)

    def unpacks_on_the_way(self, content):
        """Calls the packing a transfer encoding, which some clients undo."""
        self._head(len(content), ("Content-Encoding", "gzip"))
        self.wfile.write(content)

    def redirects(self, content):
        self.send_response(302)
        self.send_header("Location", self.path.replace("redirects", "serves"))
        self.end_headers()

    def redirects_for_ever(self, content):
        self.send_response(302)
        self.send_header("Location", self.path)
        self.end_headers()

    def speaks_no_http(self, content):
        self.wfile.write(b"220 mail.example.org ESMTP\r\n")

    def hangs_up(self, content):
        """Before a word is said."""

    def sends_without_end(self, content):
        self._head(None)
        for _ in range(70):
            self.wfile.write(bytes(2**20))

    def serves_another(self, content):
        self.serves(gzip.compress(b"another data set"))

    def serves_a_web_page(self, content):
        self.serves(b"<!DOCTYPE html><title>Sign in to this network</title>")

    def serves_rubbish(self, content):
        self.serves(content[:20] + bytes(500) + content[520:])

    def serves_a_bomb(self, content):
        """80 MB of zeros in 80 kB."""
        self.serves(80 * gzip.compress(bytes(2**20)))

    def is_missing(self, content):
        self.send_error(404)

    def is_busy(self, content):
        self.send_error(503)

    def _head(self, length, *headers):
        self.send_response(200)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for header in headers:
            self.send_header(*header)
        self.end_headers()

    def log_message(self, format, *args):
        """Not onto the screen."""


class Server(http.server.ThreadingHTTPServer):
    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.asked: list[str] = []
        self.released = threading.Event()
        self.root = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        """A client that gave up is what these tests are about."""


@contextlib.contextmanager
def running(handler):
    server = Server(handler)
    thread = threading.Thread(target=functools.partial(server.serve_forever, poll_interval=0.01))
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def shared_server():
    with running(Handler) as server:
        yield server


@pytest.fixture
def server(shared_server, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    shared_server.asked.clear()
    shared_server.released.clear()
    yield shared_server
    shared_server.released.set()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache" / "mnist"


def get(server, behaviour, folder, **options):
    usual: dict[str, Any] = {"files": SMALL, "timeout": QUICK if "stalls" in behaviour else PATIENT}
    return fetch(f"{server.root}/{behaviour}", folder=folder, **usual | options)


def refusal(server, behaviour, folder, **options) -> str:
    with pytest.raises(FetchError) as refused:
        get(server, behaviour, folder, **options)
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def assert_whole(folder):
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert all((folder / file).read_bytes() == UNPACKED[file] for file in FILES)


@pytest.mark.parametrize(
    "behaviour",
    ["serves", "drops_once", "promises_nothing", "promises_nonsense", "unpacks_on_the_way", "redirects"],
)
def test_whatever_brings_the_files_is_good_enough(server, folder, behaviour):
    assert get(server, behaviour, folder) == folder
    assert_whole(folder)
    assert all(ok and sentence.endswith("is whole.") for _, ok, sentence in verify(folder, SMALL))


@pytest.mark.parametrize(
    ("behaviour", "said", "tries"),
    [
        ("stalls", "did not answer in time", 2),
        ("stalls_at_once", "did not answer in time", 2),
        ("drops", "broke off before the end", 2),
        ("resets", "broke off before the end", 2),
        ("truncates", "broke off before the end", 2),
        ("promises_less", "broke off before the end", 2),
        ("promises_more", "broke off before the end", 2),
        ("speaks_no_http", "gave no usable answer", 2),
        ("hangs_up", "broke off before the end", 2),
        ("sends_without_end", "sends more than 67,108,864 bytes", 1),
        ("serves_another", "sent another file than MNIST's", 1),
        ("serves_a_web_page", "sent another file than MNIST's", 1),
        ("serves_rubbish", "sent a damaged file", 2),
        ("serves_a_bomb", "sent another file than MNIST's", 1),
        ("is_missing", "answered 404 Not Found", 1),
        ("is_busy", "answered 503 Service Unavailable", 2),
    ],
)
def test_what_a_bad_mirror_did_is_a_sentence_and_leaves_nothing(server, folder, behaviour, said, tries):
    told = []
    sentence = refusal(server, behaviour, folder, on_failure=told.append)
    assert sentence.startswith(f"{server.root}/{behaviour}/{FILES[0]}.gz {said}")
    assert "--mirror" in sentence
    assert len(told) == len(server.asked) == tries
    assert all(said in line for line in told)
    assert list(folder.iterdir()) == []


def test_a_mirror_that_redirects_in_a_circle_is_given_up(server, folder):
    sentence = refusal(server, "redirects_for_ever", folder)
    assert f"{FILES[0]}.gz answered 302 Found: check the network" in sentence


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate, and is not here")
def test_a_certificate_that_nobody_vouches_for_is_refused_with_what_to_do(server, folder, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1"]
    made += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with running(Handler) as encrypted:
        encrypted.socket = context.wrap_socket(encrypted.socket, server_side=True)
        address = encrypted.root.replace("http:", "https:")
        with pytest.raises(FetchError, match=r"certificate that cannot be verified \(.*SSL_CERT_FILE\)"):
            fetch(f"{address}/serves", folder=folder, files=SMALL, timeout=PATIENT)


def test_the_next_mirror_serves_what_the_first_does_not(server, folder, monkeypatch):
    mirrors = tuple(f"{server.root}/{behaviour}/" for behaviour in ("is_missing", "truncates", "serves"))
    monkeypatch.setattr("initplay.lab.mnist.download.MIRRORS", mirrors)
    told = []
    fetch(folder=folder, files=SMALL, timeout=PATIENT, on_failure=told.append)
    assert_whole(folder)
    assert [line.split("/")[3] for line in told] == ["is_missing", "truncates"] * 4


def test_when_all_mirrors_fail_each_is_named(server, folder, monkeypatch):
    mirrors = tuple(f"{server.root}/{behaviour}/" for behaviour in ("is_missing", "truncates"))
    monkeypatch.setattr("initplay.lab.mnist.download.MIRRORS", mirrors)
    with pytest.raises(FetchError, match=r"is_missing.*404.*; .*truncates.*broke off"):
        fetch(folder=folder, files=SMALL, timeout=PATIENT)


def test_no_server_at_all_is_a_sentence(folder):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(FetchError, match="cannot be reached"):
            fetch(address, folder=folder, files=SMALL, timeout=PATIENT)


@pytest.mark.parametrize("mirror", ["ftp://example.org/mnist", "example.org/mnist", "/mnt/usb"])
def test_a_mirror_that_is_no_http_address_is_a_sentence(folder, mirror):
    with pytest.raises(FetchError, match="is no mirror: give the http"):
        fetch(mirror, folder=folder, files=SMALL)
    assert not folder.exists()


@pytest.mark.parametrize(
    "mirror",
    ["http://", "http://a b/", "http://[::1/", "http://127.0.0.1:port/", "http://127.0.0.1/é/", "http://\\"],
)
def test_an_address_that_leads_nowhere_is_a_sentence(folder, mirror):
    with pytest.raises(
        FetchError, match=r"(cannot be reached|gave no usable answer \(\w+\)): check the net"
    ) as caught:
        fetch(mirror, folder=folder, files=SMALL, timeout=QUICK)
    assert "\n" not in str(caught.value)


def test_what_is_there_and_whole_is_not_fetched_again(server, folder):
    get(server, "serves", folder)
    server.asked.clear()
    get(server, "serves", folder)
    assert server.asked == []


def test_only_what_is_missing_or_damaged_is_fetched(server, folder):
    get(server, "serves", folder)
    (folder / FILES[1]).unlink()
    (folder / FILES[2]).write_bytes(UNPACKED[FILES[2]][:-1])
    checked = {file: (ok, sentence) for file, ok, sentence in verify(folder, SMALL)}
    assert [checked[file][0] for file in FILES] == [True, False, False, True]
    assert checked[FILES[1]][1] == f"{folder / FILES[1]} is not there: run `initplay data fetch`."
    assert f"{folder / FILES[2]} is damaged" in checked[FILES[2]][1]
    server.asked.clear()
    get(server, "serves", folder)
    assert server.asked == [f"/serves/{FILES[1]}.gz", f"/serves/{FILES[2]}.gz"]
    assert_whole(folder)


def test_a_broken_fetch_goes_on_where_it_stopped(server, folder):
    """File by file: what came whole is kept."""
    calls = []

    def interrupt(file, _done, _total):
        calls.append(file)
        if file == FILES[2]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get(server, "serves", folder, on_progress=interrupt)
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES[:2])
    server.asked.clear()
    get(server, "serves", folder)
    assert server.asked == [f"/serves/{file}.gz" for file in FILES[2:]]
    assert_whole(folder)


@pytest.mark.parametrize("behaviour", ["serves", "promises_nothing"])
def test_progress_counts_the_bytes_that_came(server, folder, behaviour):
    seen = {file: [] for file in FILES}
    get(server, behaviour, folder, on_progress=lambda file, done, total: seen[file].append((done, total)))
    for file, calls in seen.items():
        size = len(PACKED[f"{file}.gz"])
        counts = [done for done, _ in calls]
        assert counts == sorted(counts)
        assert counts[-1] == size
        assert {total for _, total in calls} == {size if behaviour == "serves" else None}
    assert len(seen[FILES[0]]) > 2  # the one file of more than one chunk


# The disk


def test_a_folder_that_cannot_be_made_is_a_sentence(server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    sentence = refusal(server, "serves", tmp_path / "file" / "mnist")
    assert f"{tmp_path / 'file' / 'mnist'} cannot be written" in sentence
    assert "INITPLAY_CACHE" in sentence
    assert server.asked == []


def test_a_file_system_that_takes_no_files_is_a_sentence(server):
    """/proc refuses even root."""
    if not Path("/proc/self").exists():
        pytest.skip("needs Linux's /proc")
    assert "cannot be written" in refusal(server, "serves", Path("/proc/self/mnist"))


def test_something_else_under_the_name_is_a_sentence(server, folder):
    (folder / FILES[0]).mkdir(parents=True)
    assert "cannot be read" in verify(folder, SMALL)[0].sentence
    assert "cannot be written" in refusal(server, "serves", folder)
    assert [path.name for path in folder.iterdir()] == [FILES[0]]


FETCH = """
import json, resource, sys
from pathlib import Path
from initplay.lab.mnist.download import FetchError, fetch
mirror, folder, files, limit = sys.argv[1:]
if int(limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
try:
    fetch(mirror, lambda *_: print("bytes", flush=True), folder=Path(folder), files=json.loads(files))
except FetchError as error:
    sys.exit(str(error))
"""


def fetch_elsewhere(server, behaviour, folder, limit=0):
    """The same in a process of its own; `limit`: the largest file, in bytes, that it may write."""
    table = str(SMALL).replace("'", '"')
    command = [sys.executable, "-c", FETCH, f"{server.root}/{behaviour}", str(folder), table, str(limit)]
    return subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_disk_that_fills_up_is_a_sentence_and_leaves_no_part(server, folder):
    process = fetch_elsewhere(server, "serves", folder, limit=100_000)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert f"{folder} cannot be written (File too large)" in errors
    assert "Traceback" not in errors
    assert list(folder.iterdir()) == []


def test_a_killed_fetch_leaves_no_half_file(server, folder):
    process = fetch_elsewhere(server, "stalls", folder)
    assert process.stdout is not None
    assert process.stdout.readline() == "bytes\n"  # it is in the middle of the first file
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)
    assert not any((folder / file).exists() for file in FILES)
    get(server, "serves", folder)
    assert_whole(folder)


def test_parts_of_a_fetch_killed_long_ago_are_swept_away(server, folder):
    folder.mkdir(parents=True)
    old, new = folder / f".{FILES[0]}.0a1b2c3d.part", folder / f".{FILES[0]}.4e5f6a7b.part"
    for part in (old, new):
        part.write_bytes(b"half a file")
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(old, (two_days_ago, two_days_ago))
    get(server, "serves", folder)
    assert not old.exists()
    assert new.exists()  # another fetch may be writing it


def test_many_fetches_at_once_never_show_a_half_file(server, folder):
    """Eight threads fetch, one looks: under a final name it only ever finds the whole file."""
    troubles, done = [], threading.Event()

    def one():
        try:
            get(server, "serves", folder, timeout=10)
        except FetchError as error:
            troubles.append(error)

    def look():
        while not done.is_set():
            for checked in verify(folder, SMALL):
                if not checked.ok and "is not there" not in checked.sentence:
                    troubles.append(checked)

    threads = [threading.Thread(target=one) for _ in range(8)]
    looker = threading.Thread(target=look)
    for thread in (looker, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    looker.join()
    assert troubles == []
    assert_whole(folder)


# The whole way


def test_what_was_fetched_is_what_lessons_get(server, tmp_path, monkeypatch):
    monkeypatch.setenv("INITPLAY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(dataset, "_in_use", None)
    get(server, "serves", None)
    assert dataset.use("full") is None
    x_train, y_train, _, _ = dataset.digits(split="test")
    assert x_train.numpy().tobytes() == UNPACKED[FILES[0]][16:]
    assert y_train.tolist() == list(UNPACKED[FILES[1]][8:])


def test_the_real_files_match_the_real_hashes(tmp_path, monkeypatch, packed_digits):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("INITPLAY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(dataset, "_in_use", None)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format, *args):
            """Not onto the screen."""

    with running(functools.partial(Quiet, directory=str(packed_digits))) as server:
        folder = fetch(server.root)
    assert folder == tmp_path / "cache" / "mnist"
    assert all(checked.ok for checked in verify())
    assert [checked.file for checked in verify()] == list(MD5)
    assert dataset.use("auto") is None
    assert dataset.describe() == "MNIST 70k"


def test_the_module_imports_neither_torch_nor_numpy():
    heavy = {"torch", "numpy", "textual"}
    check = f"import sys, initplay.lab.mnist.download; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", check], cwd=REPO).returncode == 0
