"""`initplay sweep` as a shell sees it: each combination once, whatever dies, and no run made twice."""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from shell import initplay

REPO = Path(__file__).parents[2]
LONG = 90
LESSON = "# A product\n\n## Look\n\n```run product\n```\n\n## Sources\n\n- None.\n"
EXPERIMENT = """\
import os
import signal
import time
from pathlib import Path

import torch

from initplay.lab import Point, Range, Result


def product(
    a: Range[-10.0, 10.0] = 1.0, b: Range[1, 10] = 1, kind: str = "plain", wait: float = 0.0, once: str = ""
):
    yield Point("a", 0, a)
    time.sleep(wait)
    if kind == "raises" and b == 2:
        raise RuntimeError("b is 2")
    if once and b == 2 and not Path(once).exists():
        Path(once).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    noise, many = torch.randn(()), torch.randn(100_000)
    yield Result(product=a * b, noise=noise, sums=many.sum(), threads=torch.get_num_threads(), name=kind)
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("lessons")
    (folder / "01_sum").mkdir()
    (folder / "01_sum" / "lesson.md").write_text(LESSON)
    (folder / "01_sum" / "experiment.py").write_text(EXPERIMENT)
    return folder


@pytest.fixture
def environment(tmp_path: Path, joined: None) -> dict[str, str]:
    return os.environ | {"INITPLAY_HOME": str(tmp_path / "home"), "PYTHONPATH": str(REPO)}


@pytest.fixture
def begun(course: Path, environment: dict[str, str]) -> Callable[..., subprocess.Popen[str]]:
    """Starts `initplay sweep sum/product` with these arguments, and lets it go on."""

    def begin(
        *arguments: str, python: tuple[str, ...] = ("-m", "initplay"), **how: Any
    ) -> subprocess.Popen[str]:
        command = [sys.executable, *python, "--lessons", str(course), "sweep", "sum/product"]
        return subprocess.Popen(
            [*command, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env=environment,
            **how,
        )

    return begin


@pytest.fixture
def swept(course: Path, environment: dict[str, str]) -> Callable[..., tuple[int, list[dict[str, Any]], str]]:
    """Its exit code, its lines of JSON, and what it complains of."""

    def sweep(*arguments: str) -> tuple[int, list[dict[str, Any]], str]:
        ended = initplay("--lessons", course, "sweep", "sum/product", *arguments, "--json", env=environment)
        return ended.returncode, [json.loads(line) for line in ended.stdout.splitlines()], ended.stderr

    return sweep


def by_place(lines: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        json.dumps([line["knobs"], line["seed"]]): line["facts"] for line in lines if line["type"] == "cell"
    }


def test_every_combination_and_seed_once_and_the_same_on_one_worker_and_on_three(swept):
    asked = ("a=0.5,2", "b=1..3:3", "--seeds", "2")
    code, lines, complaints = swept(*asked, "--workers", "1")
    assert (code, complaints) == (0, "")
    *cells, ending = lines
    assert ending["type"] == "finished" and (ending["runs"], ending["failed"]) == (12, 0)
    assert len(by_place(cells)) == 12
    for cell in cells:
        assert list(cell) == ["type", "knobs", "seed", "facts", "ending", "message", "seconds"]
        assert cell["ending"] == "finished"
        assert cell["facts"]["product"] == cell["knobs"]["a"] * cell["knobs"]["b"]
        assert "name" not in cell["facts"], "numbers, where nothing else was asked for"
    assert len({cell["facts"]["noise"] for cell in cells}) == 2, "one draw a seed"
    assert by_place(swept(*asked, "--workers", "3")[1]) == by_place(lines)


def test_what_fails_is_a_cell_too(swept):
    code, (*cells, ending), _ = swept("b=1,2,3", "kind=raises", "--fact", "product")
    assert code == 1 and ending["failed"] == 1
    failed = {cell["knobs"]["b"]: cell for cell in cells}[2]
    assert (
        failed["ending"] == "failed"
        and "b is 2" in failed["message"]
        and failed["facts"] == {"product": None}
    )


def test_a_run_whose_process_is_killed_is_made_again(swept, tmp_path):
    code, lines, _ = swept("b=1,2,3", f"once={tmp_path / 'killed'}")
    assert code == 0 and (tmp_path / "killed").exists()
    assert sorted(cell["facts"]["product"] for cell in lines[:-1]) == [1, 2, 3]


def test_what_was_interrupted_goes_on_and_repeats_nothing(begun, swept, tmp_path):
    kept = tmp_path / "sweep.jsonl"
    asked = ("b=1..5:5", "wait=0.1", "--seeds", "3", "--save", str(kept))
    process = begun(*asked, "--json")
    lines = [process.stdout.readline() for _ in range(3)]
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    rest, complaints = process.communicate(timeout=LONG)
    assert (process.returncode, complaints) == (1, "")
    assert json.loads(rest.splitlines()[-1])["type"] == "stopped"
    assert not psutil.wait_procs(family, timeout=LONG)[1]
    before = kept.read_bytes()
    assert before.count(b'"cell"') >= len(lines)

    code, lines, _ = swept(*asked)
    assert code == 0 and len(by_place(lines)) == 15 == len(lines) - 1
    assert kept.read_bytes().startswith(before) and kept.read_bytes().count(b'"cell"') == 15
    began = time.monotonic()
    assert by_place(swept(*asked)[1]) == by_place(lines)
    assert time.monotonic() - began < LONG, "nothing is left to run"

    code, _, complaints = swept("b=1..5:5", "wait=0.2", "--seeds", "3", "--save", str(kept))
    assert code == 2 and "another sweep, by its knobs" in complaints


def test_as_text_it_draws_and_counts(begun):
    process = begun("a=-1..1:5", "--seeds", "3", "--fact", "product", "--plain")
    out, complaints = process.communicate(timeout=LONG)
    assert (process.returncode, complaints) == (0, "")
    assert "product by a" in out and "finished: 15 runs" in out
    assert max(map(len, out.splitlines())) <= 80, "numbers of every setting, at the width that there is"


def test_a_reader_that_has_seen_enough_ends_it(begun):
    process = begun("b=1..10:10", "--seeds", "50", "--json")
    process.stdout.readline()
    family = psutil.Process(process.pid).children(recursive=True)
    process.stdout.close()
    assert process.wait(timeout=LONG) == 1
    assert process.stderr.read() == ""
    assert not psutil.wait_procs(family, timeout=LONG)[1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["q=1,2"], "no knob 'q'"),
        (["b=0..3:4"], "out of range"),
        (["b=1,2", "--seed", "-1"], "--seed -1 is out of range"),
        (["b=1,2", "--save", "/"], "cannot be written"),
        (["b=1,2", "--plain"], "choose one"),
        (["b=1,2", "--cluster", "tcp://x:1", "--workers", "2"], "has as many as it has"),
        (["a=-10..10:10000", "b=1..10:10", "--seeds", "10"], "1,000,000 runs at about"),
    ],
)
def test_a_wrong_argument_is_a_sentence(swept, arguments, says):
    code, lines, complaints = swept(*arguments)
    assert (code, lines) == (2, [])
    assert says in complaints and complaints.count("\n") == 1


IMPATIENT = """
from initplay.cli import main
from initplay.sweep import cluster

cluster.PATIENCE = 0.3
main()
"""
"""The program, which gives up sooner what does not answer."""


def test_an_address_of_another_kind_of_server_is_a_sentence(begun):
    """The beginning of its greeting was taken for the length of a message: 3 EiB."""
    pytest.importorskip("distributed")
    with socket.create_server(("127.0.0.1", 0)) as web:
        greeting = threading.Thread(target=lambda: web.accept()[0].sendall(b"HTTP/1.1 400 Bad Request\r\n"))
        greeting.start()
        address = f"tcp://127.0.0.1:{web.getsockname()[1]}"
        process = begun("b=1,2", "--cluster", address, python=("-c", IMPATIENT))
        out, complaints = process.communicate(timeout=LONG)
        greeting.join()
    assert (process.returncode, out) == (1, "")
    assert complaints.startswith(f"initplay: No scheduler of Dask answers at {address} (")
    assert complaints.count("\n") == 1


def test_without_dask_a_cluster_is_a_sentence_and_one_that_is_not_there_too(begun, swept):
    there = importlib.util.find_spec("distributed")
    process = begun("b=1,2", "--cluster", "tcp://127.0.0.1:9", python=("-c", IMPATIENT))
    out, complaints = process.communicate(timeout=LONG)
    assert (process.returncode, out) == (1, "")
    assert ("answers at tcp://127.0.0.1:9" if there else "pip install 'initplay[cluster]'") in complaints
    code, lines, complaints = swept("b=1,2", "--cluster", "no/such.json")
    assert (code, lines) == (1, [])
    assert ("There is no no/such.json" if there else "pip install 'initplay[cluster]'") in complaints


def test_a_fact_that_the_text_does_not_have_is_refused_before_anything_runs(swept):
    code, lines, complaints = swept("b=1,2", "--fact", "prodct")
    assert (code, lines) == (2, []) and "no result 'prodct' (did you mean 'product'?)" in complaints


def test_a_file_that_takes_no_more_ends_it_and_the_same_command_goes_on(begun, swept, tmp_path):
    kept = tmp_path / "sweep.jsonl"
    asked = ("b=1..10:10", "--seeds", "3", "--fact", "product", "--save", str(kept))
    process = begun(
        *asked, "--json", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    )
    out, complaints = process.communicate(timeout=LONG)
    assert process.returncode == 1 and json.loads(out.splitlines()[-1])["type"] == "failed"
    assert "cannot take more" in complaints and "goes on from its file" in complaints
    assert complaints.count("\n") == 1
    before = kept.read_bytes().rpartition(b"\n")[0]
    assert 0 < before.count(b'"cell"') < 30
    code, lines, _ = swept(*asked)
    assert code == 0 and len(by_place(lines)) == 30
    assert kept.read_bytes().startswith(before) and kept.read_bytes().count(b'"cell"') == 30


class Cluster:
    """A scheduler and workers of Dask's, each a process of its own."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._said = folder / "scheduler.json"
        self.workers: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._start("scheduler", "--port", "0", "--no-dashboard")
        until(lambda: self._said.exists() and self._said.read_text())
        self.address: str = json.loads(self._said.read_text())["address"]

    def add_workers(self, count: int, **environment: str) -> None:
        """All at once, for each takes a second to start."""
        from distributed import Client

        place = ("--local-directory", str(self._folder))
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", *place)
        self.workers += [self._start("worker", *options, **environment) for _ in range(count)]
        living = [worker for worker in self.workers if worker.poll() is None]
        with Client(self.address, set_as_default=False) as client:
            until(lambda: len(client.scheduler_info(n_workers=-1)["workers"]) == len(living))

    def _start(self, what: str, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        module = f"distributed.cli.dask_{what}"
        return subprocess.Popen(
            [sys.executable, "-m", module, "--scheduler-file", str(self._said), *options],
            env=self._environment | environment,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


@pytest.fixture
def dask(tmp_path: Path, environment: dict[str, str]) -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    made = Cluster(tmp_path, environment)
    yield made
    made.end()


def test_a_cluster_gives_the_same_numbers_and_when_it_dies_the_rest_is_made_elsewhere(
    begun, swept, dask, tmp_path
):
    dask.add_workers(2)
    kept = tmp_path / "sweep.jsonl"
    asked = ("b=1..10:10", "wait=0.1", "--seeds", "3", "--save", str(kept))
    process = begun(*asked, "--cluster", dask.address, "--json")
    process.stdout.readline()
    dask.workers[0].kill()
    lost = dask.workers[0].wait() == -signal.SIGKILL and [process.stdout.readline() for _ in range(4)]
    assert lost, "the other worker goes on"
    dask.scheduler.kill()
    rest, complaints = process.communicate(timeout=LONG)
    assert process.returncode == 1 and json.loads(rest.splitlines()[-1])["type"] == "failed"
    assert "The cluster is gone, with " in complaints and complaints.count("\n") == 1, complaints
    before = kept.read_bytes()
    assert 5 <= before.count(b'"cell"') < 30

    code, lines, _ = swept(*asked)
    assert code == 0 and kept.read_bytes().startswith(before)
    assert kept.read_bytes().count(b'"cell"') == 30, "nothing was made twice"
    at_once = swept("b=1..10:10", "--seeds", "3")[1]
    assert by_place(at_once) == by_place(lines), "wherever each was made"


@pytest.mark.long
def test_a_cluster_that_cannot_do_it_is_a_sentence(swept, dask, tmp_path):
    asked = ("b=1,2", "--cluster", str(tmp_path / "scheduler.json"))
    code, lines, complaints = swept(*asked)
    assert (code, lines) == (1, []) and f"`dask worker --scheduler-file {asked[-1]}`" in complaints
    for name, text, says in [
        ("none", "raise ModuleNotFoundError('No module named initplay')", "install initplay in its Python"),
        ("other", "__version__ = '0.0.1'", "has initplay 0.0.1, and this machine"),
    ]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "initplay.py").write_text(text)
        dask.add_workers(1, PYTHONPATH=str(tmp_path / name))
        worker = dask.workers[-1]
        code, lines, complaints = swept(*asked)
        assert (code, lines) == (1, []) and says in complaints and complaints.count("\n") == 1
        worker.kill()
        worker.wait()


@pytest.mark.long
def test_a_cluster_that_is_made_here_replaces_a_worker_that_is_killed(begun, swept):
    pytest.importorskip("distributed")
    asked = ("b=1..10:10", "wait=0.2", "--seeds", "4")
    process = begun(*asked, "--cluster", "local", "--workers", "2", "--json")
    first = process.stdout.readline()
    workers = [
        p
        for p in psutil.Process(process.pid).children(recursive=True)
        if "spawn_main" in " ".join(p.cmdline())
    ]
    workers[-1].kill()
    rest, _ = process.communicate(timeout=LONG)
    assert process.returncode == 0
    lines = [json.loads(line) for line in [first, *rest.splitlines()]]
    assert by_place(lines) == by_place(swept(*asked)[1])
