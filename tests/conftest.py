"""What holds for every test, the full MNIST, and a fork server for all tests that only want to run things."""

from __future__ import annotations

import contextlib
import gc
import gzip
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, settings

from initplay.engine.own_server import SHARED, worker_command
from initplay.lab.mnist.dataset import cache_dir
from initplay.lab.mnist.files import FILES, Unusable, locate
from initplay.worker.manners import die_with

# The tests run in as many processes as there are cores. Were each to use every core as well, most of the
# time would go into threads that wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A learner's shell has no such thing, and it hides what only a flush at the end meets.
os.environ.pop("PYTHONUNBUFFERED", None)

# No test fails because the machine is busy.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

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
    """What all test processes share: a folder for runs (tests/lessons/runs.py), and a fork server."""
    tests_are_run_here = config.getoption("dist", "no") == "no"
    if tests_are_run_here:
        gc.disable()  # until all are known, for little of what is made until then is garbage
    if not hasattr(config, "workerinput"):
        folder = tempfile.TemporaryDirectory(prefix="initplay-test-runs-")
        os.environ["INITPLAY_TEST_RUNS"] = folder.name
        config.add_cleanup(folder.cleanup)
        if sys.platform != "win32":
            os.environ[OF_ALL] = tempfile.mkdtemp(prefix="initplay-", dir="/tmp")
            server = start_fork_server(Path(os.environ[OF_ALL]), when_asked=tests_are_run_here)
            config.add_cleanup(partial(end_fork_server, server))


def pytest_collection_finish() -> None:
    """The garbage collector passes over thousands of tests, and looks through the young a tenth as often."""
    gc.freeze()
    gc.set_threshold(10 * gc.get_threshold()[0])
    gc.enable()


OF_ALL = "INITPLAY_TEST_SERVER"
"""The variable with the folder of the one fork server of all test processes: each would wait two seconds for
torch. It starts while several processes collect tests, some of which will want it; and with a line in its
pipe where there is one, for most single files of tests need none."""


def start_fork_server(folder: Path, *, when_asked: bool) -> subprocess.Popen[bytes]:
    os.mkfifo(folder / "wanted")
    program = Path(__file__).with_name("shared_server_of_all.py")
    arguments = sys.executable, program, folder / "socket", os.getpid(), "auto"
    command = f"exec {shlex.join(map(str, arguments))}"
    process = subprocess.Popen(
        ["sh", "-c", f'read _ < "$0" && {command}' if when_asked else command, folder / "wanted"],
        preexec_fn=partial(die_with, os.getpid()),
    )
    (folder / "pid").write_text(str(process.pid))
    return process


def end_fork_server(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    shutil.rmtree(os.environ.pop(OF_ALL))


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
def fork_server_of_all() -> Path:
    """The socket of the fork server that all tests share."""
    folder = Path(os.environ[OF_ALL])
    server = psutil.Process(int((folder / "pid").read_text()))
    while not _answers(folder / "socket"):
        assert server.status() != psutil.STATUS_ZOMBIE, "the fork server of all does not start"
        _ask_for_it(folder / "wanted")
        time.sleep(0.01)
    return folder / "socket"


def _ask_for_it(pipe: Path) -> None:
    with contextlib.suppress(OSError):  # nobody reads it: not yet, or not any more, for it was asked for
        wanted = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        with contextlib.closing(os.fdopen(wanted, "w")) as line:
            line.write("\n")


@pytest.fixture
def shares_a_fork_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Playgrounds of this test join that one, but for tests that are marked `own_fork_server`."""
    if not request.node.get_closest_marker("own_fork_server") and sys.platform == "linux":
        monkeypatch.setenv(SHARED, str(request.getfixturevalue("fork_server_of_all")))
