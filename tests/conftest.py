"""What holds for every test, the full MNIST, and a fork server for all tests that only want to run things."""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from initplay.engine.fork_server import SHARED, worker_command
from initplay.lab.mnist.dataset import cache_dir
from initplay.lab.mnist.files import FILES, Unusable, locate

# The tests run in as many processes as there are cores. Were each to use every core as well, most of the
# time would go into threads that wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

PLACES = [
    *([Path(os.environ["INITPLAY_MNIST"])] if os.environ.get("INITPLAY_MNIST") else []),
    cache_dir(),
    Path(__file__).resolve().parents[2] / "shared" / "mnist",
]
"""Where the full MNIST may lie: as the variable says, where `initplay data fetch` puts it, or beside the
checkout."""


LONG = "INITPLAY_LONG" in os.environ
"""Whether there is time for every draw, all digits and every kind of terminal: `make test-long`."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is marked `long` is left for when there is time."""
    if not LONG:
        is_long = [item.get_closest_marker("long") is not None for item in items]
        config.hook.pytest_deselected(items=[item for item, long in zip(items, is_long, strict=True) if long])
        items[:] = [item for item, long in zip(items, is_long, strict=True) if not long]


def pytest_configure(config: pytest.Config) -> None:
    """A folder for the runs that one test process has made and another needs (tests/lessons/runs.py)."""
    if not hasattr(config, "workerinput"):
        folder = tempfile.TemporaryDirectory(prefix="initplay-test-runs-")
        os.environ["INITPLAY_TEST_RUNS"] = folder.name
        config.add_cleanup(folder.cleanup)


@pytest.fixture(scope="session")
def full_digits() -> Path:
    """A folder with the four files of the full MNIST, packed or not."""
    for place in PLACES:
        try:
            if len(locate(place)) == len(FILES):
                return place
        except Unusable:
            continue
    places = ", ".join(map(str, PLACES))
    pytest.skip(f"the full MNIST is in none of {places}: run `initplay data fetch` or set INITPLAY_MNIST")


@pytest.fixture(scope="session")
def packed_digits(full_digits: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the four files as a mirror has them, FILE.gz."""
    folder = tmp_path_factory.mktemp("packed")
    for file, path in zip(FILES, locate(full_digits), strict=True):
        if path.suffix == ".gz":
            (folder / f"{file}.gz").symlink_to(path.resolve())
        else:
            with path.open("rb") as plain, gzip.open(folder / f"{file}.gz", "wb", compresslevel=1) as packed:
                shutil.copyfileobj(plain, packed)
    return folder


@pytest.fixture(scope="session")
def start_shared_server() -> Callable[[Path], subprocess.Popen[bytes]]:
    """Starts a fork server that listens at a path, which must be short; returns when it does."""

    def start(path: Path) -> subprocess.Popen[bytes]:
        server = subprocess.Popen(worker_command("shared_server", path, os.getpid(), "auto"))
        while not _answers(path):
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(0.01)
            assert server.returncode is None, "the shared fork server does not start"
        return server

    return start


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line, contextlib.suppress(OSError):
        line.connect(str(path))
        return True
    return False


@pytest.fixture(scope="session")
def fork_server_of_all(start_shared_server: Callable[[Path], subprocess.Popen[bytes]]) -> Iterator[Path]:
    """The socket of one fork server: each test with a torch of its own would wait two seconds for it."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        path = Path(folder, "socket")
        server = start_shared_server(path)
        yield path
        server.kill()
        server.wait()


@pytest.fixture
def shares_a_fork_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Playgrounds of this test join that one, but for tests that are marked `own_fork_server`."""
    if not request.node.get_closest_marker("own_fork_server") and sys.platform == "linux":
        monkeypatch.setenv(SHARED, str(request.getfixturevalue("fork_server_of_all")))
