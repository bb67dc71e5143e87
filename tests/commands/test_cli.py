"""The command line, as a shell sees it: exit codes, what is on which stream, and nothing left behind."""

from __future__ import annotations

import functools
import itertools
import json
import os
import pty
import re
import select
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest
import shell
from bundled import COURSE

from initplay.lab.events import Point
from initplay.recording.saved import from_json, load

REPO = Path(__file__).parents[2]
LONG = 60  # seconds; a limit for what takes two

LESSON = """\
# Things that go wrong

## Look

```run points
```

## Sources

- None.
"""

EXPERIMENTS = '''\
import ctypes
import os
import sys
import time

import torch

from initplay.lab import Axes, Histogram, Image, Note, Point, Progress, Range, Result, Row, digits


def points(count: Range[1, 100_000] = 3, mean: float = 0.0, name: str = "rms"):
    """Points, and one of everything else."""
    yield Axes(name, x="step", y="value")
    yield Note("it begins: μ = 0, σ² = 2/fan_in")
    print("said by the experiment")
    for step in range(count):
        yield Progress(step + 1, count, "points")
        yield Point(name, step, torch.randn(()) + mean)
    yield Point(name, count, float("nan"))
    yield Histogram("weights", torch.randn(1000), at=0)
    yield Histogram("weights", torch.randn(1000) * 2, at=1)
    yield Image("digit", digits().x_train[:2].reshape(2, 28, 28))
    yield Row("sums", neuron=1, total=19.0)
    yield Result(last=torch.tensor(float("inf")), steps=count, shape=[2, 3], passed=True)


def raises(after: int = 2):
    for step in range(after):
        yield Point("before", step, step)
    raise RuntimeError("the author's mistake")


def exits(how: str = "sys.exit"):
    yield Point("before", 0, 1)
    if how == "sys.exit":
        sys.exit(0)
    time.sleep(0.2)  # what was yielded is on its way by then
    if how == "os._exit":
        os._exit(7)
    ctypes.string_at(0)


def no_event():
    yield Point("before", 0, 1)
    yield 42


def unlucky(fatal: int = -1):
    if torch.initial_seed() == fatal:
        raise RuntimeError("an unlucky seed")
    yield Point("drawn", 0, torch.initial_seed())
    yield Result(drawn=torch.initial_seed())


def forever(politely: bool = True):
    yield Point("forever", 0, 0)
    print(f"going round {os.getpid()}", flush=True)  # in one piece: others may be told apart
    step = 0
    while True:
        step += 1
        if politely:
            time.sleep(0.001)
            yield Point("forever", step, step)


def rude():
    yield Note("\\x1b[31mred\\x1b[0m")
    print("\\x1b[2J\\x07cleared\\rkept")
'''


@pytest.fixture(scope="module")
def lessons(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("lessons")
    (folder / "01_trouble").mkdir()
    (folder / "01_trouble" / "lesson.md").write_text(LESSON, encoding="utf-8")
    (folder / "01_trouble" / "experiment.py").write_text(EXPERIMENTS, encoding="utf-8")
    return folder


@pytest.fixture
def environment(tmp_path_factory, joined) -> dict[str, str]:
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS")}
    return kept | {
        "INITPLAY_HOME": str(home / "data"),
        "INITPLAY_CACHE": str(home / "cache"),
        "TERM": "xterm-256color",
        "PYTHONPATH": str(REPO),
    }


@pytest.fixture
def initplay(lessons: Path, environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the program to its end in a shell's way: arguments in, streams and exit code out."""

    def call(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return shell.initplay("--lessons", lessons, *arguments, env=environment | extra)

    return call


@pytest.fixture
def python(lessons: Path, environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The same in a Python that begins anew: slower, and it heeds what is said to Python itself."""

    def call(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "initplay", "--lessons", str(lessons), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            env=environment | extra,
            timeout=LONG,
        )

    return call


@pytest.fixture
def begun(lessons: Path, environment: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts the program and lets it go on; whatever still lives at the end of the test is killed."""
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "initplay", "--lessons", str(lessons), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def one_sentence(text: str) -> str:
    assert text.count("\n") == 1 and text.startswith("initplay: ") and text.endswith(".\n"), text
    return text


def events(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def worker_of(process: subprocess.Popen[str]) -> psutil.Process:
    return psutil.Process(process.pid).children()[0]


def run_of(process: subprocess.Popen[str]) -> psutil.Process:
    """The process in which trouble/forever goes round, as it says of itself."""
    assert process.stdout is not None
    early = itertools.islice(process.stdout, 1000)
    said = next(found for line in early if (found := re.search(r"going round (\d+)", line)))
    return psutil.Process(int(said[1]))


def gone(process: psutil.Process) -> bool:
    """Whether it ends within a few seconds."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


# Wrong arguments


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rnu"], "did you mean 'run'?"),
        (["run"], "LESSON/EXPERIMENT"),
        (["run", "truoble/points"], "did you mean 'trouble'?"),
        (["run", "trouble"], "trouble/points"),
        (["run", "trouble/point"], "did you mean 'points'?"),
        (["run", "trouble/points", "cuont=3"], "did you mean 'count'?"),
        (["run", "trouble/points", "count=0"], "from 1 to 100000"),
        (["run", "trouble/points", "count=many"], "is not a whole number"),
        (["run", "trouble/points", "count"], "knob=value"),
        (["run", "trouble/points", "--seed", "-1"], "--seed"),
        (["run", "trouble/points", "--seed", str(2**63)], "--seed"),
        (
            ["run", "trouble/points", "--seed", str(2**63 - 1), "--seeds", "2"],
            f"--seeds 2 from --seed {2**63 - 1} on goes past the last seed, {2**63 - 1}.",
        ),
        (
            ["sweep", "trouble/points", "count=1,2", "--seed", str(2**63 - 1), "--seeds", "2"],
            "goes past the last seed",
        ),
        (["run", "trouble/points", "--sede", "1"], "--seed"),
        (["run", "trouble/points", "--json", "--plain"], "choose one"),
        (["run", "trouble/points", "--data", "/not/there"], "/not/there"),
        (["run", "trouble/points", "--data", "full"], "initplay data fetch"),
        (["run", "trouble/points", "--save", "/not/there/run.jsonl"], "/not/there/run.jsonl"),
        (["run", "trouble/points", "--save", "/dev/null"], "is no file"),
        (["--lessons", "/not/there", "list"], "/not/there"),
        (["--lessons", "/dev", "run", "trouble/points"], "/dev"),
        (["replay", "/not/there.jsonl"], "/not/there.jsonl"),
        (["data"], "fetch, path or verify"),
        (["data", "fecth"], "did you mean 'fetch'?"),
        (["progress", "rest"], "did you mean 'reset'?"),
        (["new", "Not A Name"], "is no name for a lesson"),
        ([], "needs a terminal"),
    ],
)
def test_a_wrong_argument_is_one_sentence_and_exit_code_2(initplay, arguments, said):
    ended = initplay(*arguments)
    assert said in one_sentence(ended.stderr)
    assert (ended.returncode, ended.stdout) == (2, "")


@pytest.mark.parametrize("command", ["run trouble/points --save run.jsonl", "examine ../net.py"])
def test_in_a_folder_that_is_gone_it_is_said_that_it_is(lessons, environment, tmp_path, command):
    (tmp_path / "net.py").write_text("from torch import nn\nnet = nn.Linear(4, 2)\n")
    program = f"'{sys.executable}' -m initplay --lessons '{lessons}' {command}"
    ended = subprocess.run(
        ["sh", "-c", f"mkdir gone && cd gone && rmdir ../gone && {program}"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        env=environment,
        timeout=LONG,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "The folder that you are in is gone: change to one that is there." in one_sentence(ended.stderr)


def test_help_says_what_each_command_is_for_to_the_end(initplay):
    listed = initplay("--help").stdout.partition("Commands:\n")[2].splitlines()
    assert len(listed) > 10
    assert [line for line in listed if not line.endswith(".") or line.endswith("...")] == []


def test_a_device_that_is_not_here_is_a_wrong_argument(initplay):
    ended = initplay("run", "trouble/points", "--device", "cuda:99", "--json")
    assert "cuda:99" in one_sentence(ended.stderr)
    assert (ended.returncode, ended.stdout) == (2, "")


def test_damaged_digits_that_were_asked_for_are_a_wrong_argument(initplay, tmp_path):
    (tmp_path / "mnist.pkl.gz").write_bytes(b"not a pickle at all")
    ended = initplay("run", "trouble/points", "--data", str(tmp_path))
    assert "mnist.pkl.gz" in one_sentence(ended.stderr)
    assert (ended.returncode, ended.stdout) == (2, "")


def test_lessons_with_a_mistake_in_each_of_them_say_the_first(initplay, tmp_path):
    (tmp_path / "01_empty").mkdir()
    ended = initplay("--lessons", str(tmp_path), "list")
    assert "01_empty/lesson.md:1: is missing" in one_sentence(ended.stderr)
    assert ended.returncode == 2


# Runs to their end


def test_json_is_one_event_a_line_from_started_to_finished(initplay, python, tmp_path):
    """NaN and inf are strings there, a saved run is the same lines, and the seed settles the numbers."""
    saved = tmp_path / "run.jsonl"
    arguments = ["run", "trouble/points", "count=4", "mean=1/4", "--seed", "7", "--json", "--device", "cpu"]
    first = python(*arguments, "--save", str(saved), PYTHONIOENCODING="ascii")
    assert (first.returncode, first.stderr) == (0, "")
    told = events(first.stdout)
    assert told[0]["type"] == "started"
    assert (told[0]["seed"], told[0]["device"], told[0]["knobs"]["mean"]) == (7, "cpu", 0.25)
    assert told[-1]["type"] == "finished"
    assert [event["y"] for event in told if event["type"] == "point"][-1] == "nan"
    assert next(event for event in told if event["type"] == "result")["values"] == {
        "last": "inf", "steps": 4, "shape": [2, 3], "passed": True,
    }  # fmt: skip
    assert saved.read_text(encoding="utf-8") == first.stdout

    again = [from_json(line) for line in initplay(*arguments).stdout.splitlines()]
    values = [event.y for event in again if isinstance(event, Point)][:4]
    assert values == [event.y for event in load(saved).events if isinstance(event, Point)][:4]


def test_a_run_in_a_pipe_is_plain_text_with_everything_it_recorded(initplay, tmp_path):
    saved = tmp_path / "run.jsonl"
    ended = initplay("run", "1/points", "--save", str(saved))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "\x1b" not in ended.stdout
    for said in ("trouble/points", "seed 42", "MNIST 5k", "σ² = 2/fan_in", "said by the experiment", "NaN",
                 "weights", "digit", "sums", "19", "last", "inf", "finished in"):  # fmt: skip
        assert said in ended.stdout
    assert max(map(len, ended.stdout.splitlines())) <= 80

    replayed = initplay("replay", str(saved))
    assert (replayed.returncode, replayed.stderr) == (0, "")
    assert replayed.stdout == ended.stdout


def test_an_ascii_terminal_gets_ascii(python):
    ended = python("run", "trouble/points", PYTHONIOENCODING="ascii")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.isascii() and "finished" in ended.stdout


def test_ascii_before_a_command_is_for_all_of_them(initplay, tmp_path):
    saved = tmp_path / "run.jsonl"
    commands = (
        ("run", "trouble/points", "--save", str(saved)),
        ("replay", str(saved)),
        ("list",),
        ("lint", str(REPO / "lessons" / "10_depth")),
    )
    for command in commands:
        ended = initplay("--ascii", *command)
        assert (ended.returncode, ended.stderr) == (0, ""), command
        assert ended.stdout.isascii() and ended.stdout, command


def test_no_ascii_writes_what_the_locale_lacks(python):
    ended = python("--no-ascii", "--lessons", str(REPO / "lessons"), "list", PYTHONIOENCODING="ascii")
    assert "Divide by √n" in ended.stdout
    spelled = python("--lessons", str(REPO / "lessons"), "list", PYTHONIOENCODING="ascii")
    assert "Divide by sqrt(n)" in spelled.stdout


@pytest.mark.parametrize("fps", ["0", "61", "many"])
def test_redraws_that_cannot_be_are_refused_in_a_sentence(initplay, fps):
    ended = initplay("--fps", fps, "list")
    assert ended.returncode == 2 and ended.stdout == ""
    assert ended.stderr.startswith("initplay: Invalid value for '--fps'") and ended.stderr.count("\n") == 1


def test_what_the_experiment_says_cannot_steer_the_terminal(initplay):
    ended = initplay("run", "trouble/rude", COLUMNS="60")
    assert "· red\n" in ended.stdout and "kept\n" in ended.stdout
    assert "cleared" not in ended.stdout and "\x1b" not in ended.stdout and "\x07" not in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["trouble/raises"], "stopped at line 30, `raise RuntimeError"),
        (["trouble/exits"], "sys.exit(0)"),
        (["trouble/exits", "how=os._exit"], "exit code 7"),
        (["trouble/exits", "how=segfault"], "SIGSEGV"),
        (["trouble/no_event"], "trouble/no_event"),
    ],
)
def test_a_failed_run_ends_with_failed_and_exit_code_1(initplay, arguments, said):
    ended = initplay("run", *arguments, "--json")
    assert (ended.returncode, ended.stderr) == (1, "")
    told = events(ended.stdout)
    assert (told[0]["type"], told[1]["type"], told[-1]["type"]) == ("started", "point", "failed")
    assert said in told[-1]["message"]


def test_a_failed_run_is_reported_with_its_traceback(initplay):
    ended = initplay("run", "trouble/raises")
    assert ended.returncode == 1
    assert "failed: trouble/raises stopped at line" in ended.stdout
    assert 'File "01_trouble/experiment.py"' in ended.stdout and "before" in ended.stdout


@pytest.mark.own_fork_server
def test_without_torch_a_run_fails_and_the_doctor_says_why(python, tmp_path):
    (tmp_path / "torch.py").write_text('raise ImportError("no torch in this test")')
    path = f"{tmp_path}{os.pathsep}{REPO}"
    ended = python("run", "trouble/points", "--json", PYTHONPATH=path)
    assert ended.returncode == 1
    assert events(ended.stdout)[-1]["type"] == "failed"
    assert "no torch in this test" in events(ended.stdout)[-1]["message"]

    doctor = python("doctor", "--json", PYTHONPATH=path)
    assert doctor.returncode == 1
    findings = {found["name"]: found for found in json.loads(doctor.stdout)["findings"]}
    assert findings["torch"]["state"] == "problem" and "no torch in this test" in findings["torch"]["text"]
    assert findings["torch"]["mend"]


# Ended from outside


@pytest.mark.parametrize(
    "sign",
    [signal.SIGINT, *(pytest.param(s, marks=pytest.mark.long) for s in (signal.SIGTERM, signal.SIGHUP))],
)
def test_a_signal_stops_the_run_and_what_was_recorded_is_kept(begun, tmp_path, sign):
    saved = tmp_path / "run.jsonl"
    process = begun("run", "trouble/forever", "--json", "--save", str(saved))
    run = run_of(process)
    process.send_signal(sign)
    rest, complaints = process.communicate(timeout=LONG)
    assert (process.returncode, complaints) == (1, "")
    assert events(rest)[-1]["type"] == "stopped"
    assert load(saved).state == "stopped"
    assert gone(run)


def test_an_experiment_that_does_not_listen_is_stopped_all_the_same(begun):
    process = begun("run", "trouble/forever", "politely=no", "--plain")
    run = run_of(process)
    process.send_signal(signal.SIGINT)
    rest, complaints = process.communicate(timeout=LONG)
    assert (process.returncode, complaints) == (1, "")
    assert "forever" in rest and rest.splitlines()[-1].startswith("stopped: ")
    assert gone(run)


@pytest.mark.own_fork_server
def test_a_stop_before_torch_is_loaded_ends_at_once(begun):
    process = begun("run", "trouble/forever", "--json")
    deadline = time.monotonic() + LONG
    while not psutil.Process(process.pid).children() and time.monotonic() < deadline:
        time.sleep(0.005)
    worker = worker_of(process)
    process.send_signal(signal.SIGINT)
    told, complaints = process.communicate(timeout=LONG)
    assert (process.returncode, complaints) == (1, "")
    assert events(told)[-1]["type"] == "stopped"
    assert gone(worker)


def test_a_reader_that_has_seen_enough_ends_the_run_in_silence(begun):
    """As under `| head`."""
    process = begun("run", "trouble/forever", "--json")
    run = run_of(process)
    process.stdout.close()
    assert process.wait(timeout=LONG) == 1
    assert process.stderr.read() == ""
    assert gone(run)


@pytest.mark.long
def test_a_reader_of_plain_text_that_has_seen_enough_ends_it_in_silence(begun):
    process = begun("run", "trouble/points", "--plain")
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=LONG) == 1
    assert process.stderr.read() == ""


@pytest.mark.parametrize("options", [["--json"], ["--plain"], ["--plain", "--seeds", "3"]])
def test_a_run_that_is_to_be_saved_goes_on_where_nobody_reads_it(begun, tmp_path, options):
    """As under `| head -1`: it is saved to its end, in silence."""
    kept = tmp_path / "run.jsonl"
    process = begun("run", "trouble/points", "count=200", *options, "--save", str(kept))
    process.stdout.close()
    assert process.wait(timeout=LONG) == 1
    assert process.stderr.read() == ""
    assert load(kept).state == "finished" and load(kept).facts["steps"] == 200


def on_a_full_disk(
    arguments: Sequence[str | Path], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """What came of a command that may write nothing of what it prints."""
    with open("/dev/full", "w") as full:
        return subprocess.run(
            [sys.executable, "-m", "initplay", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment,
            timeout=LONG,
        )


@pytest.mark.parametrize("command", ["run trouble/points --json", "run trouble/points", "examine {net}"])
def test_a_run_is_saved_though_there_is_no_room_for_what_it_prints(lessons, environment, tmp_path, command):
    net, kept = tmp_path / "net.py", tmp_path / "run.jsonl"
    net.write_text("from torch import nn\nprint('made')\nnet = nn.Linear(4, 2)\n")
    arguments = ["--lessons", lessons, *command.format(net=net).split(), "--save", kept]
    ended = on_a_full_disk(arguments, environment)
    assert ended.returncode == 1 and "No space left" in one_sentence(ended.stderr)
    assert load(kept).state == "finished"


def test_a_second_signal_gets_through_where_the_reader_has_fallen_asleep(begun):
    process = begun("run", "trouble/forever", "--json")
    run = run_of(process)
    time.sleep(1.5)  # the pipe fills
    process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    process.stdout.close()
    assert process.wait(timeout=LONG) != 0
    assert gone(run)


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("command", ["list", "list --json", "--help", "run trouble/points", "--version"])
def test_a_full_disk_is_a_sentence(lessons, environment, command, unbuffered):
    arguments = command.split() if command.startswith("-") else ["--lessons", str(lessons), *command.split()]
    environment = environment | {"PYTHONUNBUFFERED": unbuffered}
    ended = on_a_full_disk(arguments, environment)
    assert ended.returncode == 1
    assert "No space left" in one_sentence(ended.stderr)


# On a terminal


def on_a_terminal(arguments: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Exit code and everything that a terminal of 100x30 was sent."""
    pid, screen = pty.fork()
    if pid == 0:
        os.execvpe(sys.executable, [sys.executable, "-m", "initplay", *arguments], environment)
    received = b""
    deadline = time.monotonic() + LONG
    while time.monotonic() < deadline:
        if select.select([screen], [], [], 0.1)[0]:
            try:
                chunk = os.read(screen, 65536)
            except OSError:  # what a pty says when the other side is gone
                break
            if not chunk:
                break
            received += chunk
    _, status = os.waitpid(pid, 0)
    os.close(screen)
    return os.waitstatus_to_exitcode(status), received.decode()


def test_a_terminal_gets_colours_and_progress(lessons, environment):
    code, text = on_a_terminal(["--lessons", str(lessons), "run", "trouble/points"], environment)
    assert code == 0
    assert "\x1b[32mfinished\x1b[m" in text and "starting torch ..." in text


@pytest.mark.parametrize("extra", [{"TERM": "dumb"}, {"NO_COLOR": "1"}])
def test_a_terminal_that_wants_none_gets_no_escape_codes(lessons, environment, extra):
    code, text = on_a_terminal(["--lessons", str(lessons), "run", "trouble/points"], environment | extra)
    assert code == 0
    assert "\x1b" not in text and "finished in" in text


# The other commands


def test_list_names_every_experiment_that_run_takes(initplay):
    assert "trouble/points  count=3 mean=0.0 name=rms" in initplay("list").stdout
    listed = json.loads(initplay("list", "--json").stdout)
    assert listed["problems"] == []
    (lesson,) = listed["lessons"]
    assert lesson["slug"] == "trouble"
    count = lesson["experiments"][0]["knobs"][0]
    assert (count["name"], count["kind"], count["low"], count["high"], count["default"]) == (
        "count", "range", 1, 100_000, 3,
    )  # fmt: skip


def test_a_new_lesson_passes_lint_and_runs(initplay, tmp_path):
    made = initplay("new", str(tmp_path / "13_mine"))
    assert made.returncode == 0 and str(tmp_path / "13_mine") in made.stdout
    checked = initplay("lint", str(tmp_path))
    assert (checked.returncode, checked.stdout) == (0, f"{tmp_path}: no mistakes.\n")
    assert initplay("new", str(tmp_path / "13_mine")).returncode == 2


def test_lint_lists_mistakes_and_exits_1(initplay, tmp_path):
    (tmp_path / "01_empty").mkdir()
    ended = initplay("lint", str(tmp_path))
    assert ended.returncode == 1
    assert "01_empty/experiment.py:1: is missing" in ended.stdout


def test_replay_refuses_what_is_no_run(initplay, tmp_path):
    for name, content in (("binary", b"\xff\xfe"), ("text", b"hello\nyou\n"), ("empty", b"")):
        (tmp_path / name).write_bytes(content)
        ended = initplay("replay", str(tmp_path / name))
        assert name in one_sentence(ended.stderr)
        assert ended.returncode == 2


def test_replay_refuses_a_file_of_two_runs(initplay, tmp_path):
    saved = tmp_path / "run.jsonl"
    initplay("run", "trouble/points", "--save", str(saved))
    saved.write_text(saved.read_text(encoding="utf-8") * 2, encoding="utf-8")
    ended = initplay("replay", str(saved))
    assert "begins a second run: keep each run in its own file" in one_sentence(ended.stderr)
    assert ended.returncode == 2


def test_a_failed_save_leaves_the_earlier_run_as_it_was(initplay, tmp_path):
    """The check before the run must not touch the file."""
    kept = tmp_path / "run.jsonl"
    initplay("run", "trouble/points", "--save", str(kept))
    before = kept.read_bytes()
    assert initplay("run", "trouble/points", "--device", "cuda:99", "--save", str(kept)).returncode == 2
    assert kept.read_bytes() == before
    assert list(tmp_path.iterdir()) == [kept]


OTHERS = {
    "net.py": b"import torch\n",
    "sweep.jsonl": b'{"type": "sweep", "experiment": "deep/phase"}\n',
    "numbers.json": b"[1, 2]",
    "picture.png": b"\x89PNG\r\n\x1a\n\xff\xfe",
    "blank.txt": b"\n\n",
    "deep.json": b"[" * 100_000,
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_run_is_not_saved_over_what_is_no_run(initplay, tmp_path, name):
    """Nothing runs for it; nor over what a link leads to."""
    other, link = tmp_path / name, tmp_path / "run.jsonl"
    other.write_bytes(OTHERS[name])
    link.symlink_to(other)
    for path in (other, link):
        ended = initplay("run", "trouble/points", "--save", str(path))
        assert (ended.returncode, ended.stdout) == (2, "")
        assert f"--save {path} is there and is no saved run: name a new file." in one_sentence(ended.stderr)
    assert other.read_bytes() == OTHERS[name] and link.is_symlink()


def test_a_run_is_saved_over_one_that_was_saved_and_over_an_empty_file(initplay, tmp_path):
    """Also one that was cut off after its first line."""
    kept = tmp_path / "run.jsonl"
    kept.touch()
    for count in (4, 5):
        ended = initplay("run", "trouble/points", f"count={count}", "--save", str(kept))
        assert ended.returncode == 0 and load(kept).facts["steps"] == count
        kept.write_bytes(kept.read_bytes()[:-20])


def test_a_name_that_cannot_be_written_is_refused_before_the_run(initplay, tmp_path):
    """Too long for a file, though its folder takes others. One that is just short enough is written."""
    (tmp_path / "round.jsonl").symlink_to("round.jsonl")
    for name, says in (("x" * 256, "cannot be written (File name too long)"), ("round.jsonl", "is no file")):
        ended = initplay("run", "trouble/points", "--save", str(tmp_path / name))
        assert (ended.returncode, ended.stdout) == (2, "") and says in one_sentence(ended.stderr)
    kept = tmp_path / ("x" * 249 + ".jsonl")
    assert initplay("run", "trouble/points", "--save", str(kept)).returncode == 0
    assert load(kept).state == "finished" and len(list(tmp_path.iterdir())) == 2


def test_several_seeds_are_one_run_of_medians_and_bands(initplay, tmp_path):
    saved = tmp_path / "fan.jsonl"
    arguments = ["run", "trouble/unlucky", "--seeds", "5", "--seed", "10", "--save", str(saved)]
    ended = initplay(*arguments, "--json")
    assert (ended.returncode, ended.stderr) == (0, "")
    told = events(ended.stdout)
    assert [event["type"] for event in (told[0], told[-1])] == ["started", "finished"]
    assert next(event for event in told if event["type"] == "result")["values"] == {
        "seeds": 5, "drawn": 12.0, "drawn_band": [10.0, 14.0],
    }  # fmt: skip
    assert saved.read_text(encoding="utf-8") == ended.stdout
    plain = initplay("replay", str(saved), "--plain").stdout
    assert "5 seeds, 10 to 14" in plain and told[0]["seeds"] == [10, 11, 12, 13, 14]
    assert "5 seeds: the line is the median, the band the range of all runs." in plain
    again = initplay(*arguments[:-2], "--plain").stdout
    assert plain.rpartition(" in ")[0] == again.rpartition(" in ")[0], "all but the time it took"


def test_seeds_end_with_the_one_that_fails_and_say_how_far_they_came(initplay):
    ended = initplay("run", "trouble/unlucky", "fatal=44", "--seeds", "5", "--plain")
    assert ended.returncode == 1
    assert "2 seeds: the line is the median" in ended.stdout and "an unlucky seed" in ended.stdout
    alone = initplay("run", "trouble/unlucky", "fatal=42", "--seeds", "5", "--plain")
    assert alone.returncode == 1 and "an unlucky seed" in alone.stdout and "median" not in alone.stdout


@pytest.mark.parametrize("count", ["0", "-3", "1001", "two"])
def test_no_seeds_or_too_many_are_refused(initplay, count):
    ended = initplay("run", "trouble/unlucky", "--seeds", count)
    assert ended.returncode == 2 and "--seeds" in ended.stderr


def test_doctor_finds_this_machine_usable(initplay):
    ended = initplay("doctor")
    assert ended.returncode == 0, ended.stdout
    for name in ("torch", "device", "terminal", "lessons", "progress", "cache", "digits"):
        assert f" {name}" in ended.stdout


def test_progress_shows_what_was_done_and_reset_keeps_a_copy(initplay, environment):
    from initplay.learner.progress import Progress

    assert "Nothing begun yet" in initplay("progress").stdout
    with_steps = Progress.open(Path(environment["INITPLAY_HOME"]) / "progress.db")
    with_steps.reach("trouble", 1, 2)
    with_steps.goal_reached("trouble/1/goal/1", "run 1")
    assert initplay("progress").stdout == "01 trouble  step 1 of 2, 1 goal reached\n"
    with_steps.close()
    assert json.loads(initplay("progress", "--json").stdout)["lessons"]["trouble"]["step"] == 1
    home = Path(environment["INITPLAY_HOME"])
    stays = [home / "runs" / "blowup-1.jsonl", home / "exercises" / "blowup.py"]
    for path in (gone := home / "benches" / "blowup.bench", *stays):
        path.parent.mkdir(exist_ok=True)
        path.write_text("kept")
    ended = initplay("progress", "reset")
    assert ended.returncode == 0
    assert not gone.exists() and all(path.exists() for path in stays)
    assert "the runs on 1 bench." in ended.stdout and f"exercises stay in {home}." in ended.stdout
    assert Path(ended.stdout.split()[-1].rstrip(".")).exists()
    assert json.loads(initplay("progress", "--json").stdout)["lessons"] == {}


def test_progress_says_how_well_the_learner_predicts_and_what_was_seen(initplay, environment):
    from initplay.course.prediction import Predict
    from initplay.learner.progress import Progress

    asked = [block for lesson in COURSE.lessons for block in lesson.blocks if isinstance(block, Predict)]
    choices, numbers = [p for p in asked if p.options], [p for p in asked if p.result]
    kept = Progress.open(Path(environment["INITPLAY_HOME"]) / "progress.db")
    for predict in choices[:3]:
        kept.settled(predict.key, 1.0, predict.answer, predict.answer == 1, float(predict.answer == 1))
    for predict in numbers[:3]:
        kept.settled(predict.key, 6.0, 10.0, False, 0.7)
    kept.observed(numbers[0].key, "a line, σ = 1")
    kept.close()
    ours = ("--lessons", str(REPO / "lessons"))
    right = sum(predict.answer == 1 for predict in choices[:3])
    words = f"{right} of 3 choices right · 0 of 3 numbers right, about 1.7 times too low"
    assert initplay(*ours, "progress").stdout.splitlines()[-1] == f"Predictions: {words}"
    told = json.loads(initplay(*ours, "progress", "--json").stdout)
    assert told["calibration"]["right"] == right and told["calibration"]["lean"] == pytest.approx(0.6)
    lesson = told["lessons"][numbers[0].key.partition("/")[0]]
    assert "a line, σ = 1" in [prediction["seen"] for prediction in lesson["predictions"]]
    assert lesson["predictions_open"] == 0, "no step of it was seen"
    assert lesson["number"] == COURSE.find(numbers[0].key.partition("/")[0]).number
    kept = Progress.open(Path(environment["INITPLAY_HOME"]) / "progress.db")
    late = choices[0]
    kept.asks_another(late.key)
    kept.shown(late.key)
    kept.settled(late.key, 1.0, late.answer, late.answer == 1, float(late.answer == 1))
    kept.reach("blowup", 3, 8)
    kept.close()
    said = initplay(*ours, "progress").stdout
    assert "1 answered after the run" in said.splitlines()[-1] and "of 2 choices right" in said
    assert "step 3 of 8, 2 not read" in said
    numbers = [line.partition(" ")[0] for line in said.splitlines()[:-1]]
    assert numbers == sorted(numbers) and any(line.startswith("02 blowup ") for line in said.splitlines())
    page = initplay(*ours, "progress", "--page").stdout
    assert "- **LeCun**: " in page and "you said 6, it was 10" in page
    assert initplay("progress", "--page", "--json").returncode == 2
    without = initplay("--lessons", "nowhere", "progress")
    assert without.returncode == 0 and "nowhere" in without.stderr and "Predictions" not in without.stdout
    assert initplay("progress", "reset").returncode == 0


def test_data_says_where_it_is_and_what_is_missing(initplay, environment):
    assert initplay("data", "path").stdout == f"{environment['INITPLAY_CACHE']}/mnist\n"
    ended = initplay("data", "verify")
    assert ended.returncode == 1 and ended.stdout.count("initplay data fetch") == 4


def test_fetch_names_each_file_and_the_full_set_is_in_use_after_it(initplay, tmp_path, packed_digits):
    handler = functools.partial(Silent, directory=str(packed_digits))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as mirror:
        threading.Thread(target=mirror.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{mirror.server_port}/"
        ended = initplay("data", "fetch", "--mirror", address, INITPLAY_CACHE=str(tmp_path))
        mirror.shutdown()
    assert ended.returncode == 0 and ended.stderr.count("fetching ") == 4
    assert initplay("data", "verify", INITPLAY_CACHE=str(tmp_path)).returncode == 0
    told = events(initplay("run", "trouble/points", "--json", INITPLAY_CACHE=str(tmp_path)).stdout)
    assert told[0]["data"] == "MNIST 70k"


class Silent(SimpleHTTPRequestHandler):
    """A mirror that does not tell every request on stderr."""

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


def test_a_fetch_that_cannot_succeed_is_one_sentence_and_exit_code_1(initplay):
    ended = initplay("data", "fetch", "--mirror", "http://127.0.0.1:9/")
    assert ended.returncode == 1 and ended.stdout == ""
    assert "--mirror" in ended.stderr.splitlines()[-1] and "Traceback" not in ended.stderr


def test_version_takes_at_most_three_times_as_long_as_python(environment):
    def seconds(*arguments: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, env=environment, stdout=subprocess.DEVNULL)
        return time.perf_counter() - began

    pairs = [(seconds("-c", "pass"), seconds("-m", "initplay", "--version")) for _ in range(15)]
    assert statistics.median(version / bare for bare, version in pairs) <= 3


@pytest.mark.parametrize("typed", ["x" * 10_000 + "=1", "x" * 10_000, "count=" + "x" * 10_000])
def test_what_was_typed_is_not_said_again_by_the_screenful(initplay, typed):
    ended = initplay("run", "trouble/points", typed)
    assert ended.returncode == 2
    assert "x" * 30 in ended.stderr and len(ended.stderr) < 300
