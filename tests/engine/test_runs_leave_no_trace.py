"""Whatever a run does to its process, the next run finds everything as the first one found it.

On every path that starts runs: one after the other as the bench does, several seeds of one order, and the
command line.
"""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from recorder import HEAD, Lab

from initplay.lab.events import Finished
from initplay.recording.run import Run

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Each leaves its mark, then looks for it; `look` says what it found before it did anything.
TRACES = {
    "torch.optim.SGD.step patched": (
        "torch.optim.SGD.step.__name__",
        "torch.optim.SGD.step = lambda self: None",
    ),
    "torch.linalg.norm replaced": ("torch.linalg.norm.__name__", "torch.linalg.norm = lambda x: 0"),
    "flush_denormal": ("(torch.tensor([1e-40]) * 1).item() > 0", "torch.set_flush_denormal(True)"),
    "default dtype": ("str(torch.get_default_dtype())", "torch.set_default_dtype(torch.float64)"),
    "default device": ("str(torch.empty(1).device)", "torch.set_default_device('meta')"),
    "gradients off": ("torch.is_grad_enabled()", "torch.set_grad_enabled(False)"),
    "deterministic algorithms": (
        "torch.are_deterministic_algorithms_enabled()",
        "torch.use_deterministic_algorithms(True)",
    ),
    "threads": ("torch.get_num_threads()", "torch.set_num_threads(7)"),
    "print options": ("str(torch.tensor([1.23456789]))", "torch.set_printoptions(precision=1)"),
    "the working folder": ("os.getcwd()", "os.chdir('/')"),
    "the environment": ("os.environ.get('TRACE', '')", "os.environ['TRACE'] = 'left'"),
    "a thread": (
        "threading.active_count()",
        "threading.Thread(target=threading.Event().wait, daemon=True).start()",
    ),
    "sys.modules edited": ("sys.modules.get('decimal', '') is None", "sys.modules['decimal'] = None"),
    "sys.path edited": ("len(sys.path)", "sys.path.insert(0, '/nowhere')"),
    "a file left open": ("len(os.listdir('/proc/self/fd'))", "kept.append(open('/dev/null'))"),
    "a signal's handler": (
        "str(signal.getsignal(signal.SIGUSR1))",
        "signal.signal(signal.SIGUSR1, signal.SIG_IGN)",
    ),
    "a warning's filter": ("len(warnings.filters)", "warnings.filterwarnings('ignore', 'a trace')"),
    "2 GB kept in a global": (
        "int(open('/proc/self/statm').read().split()[1]) * 4096 > 2 * 10**9",
        "torch.kept = torch.ones(2**29)",
    ),
    "a layer's method": ("hasattr(torch.nn.Linear, 'trace')", "torch.nn.Linear.trace = True"),
    "a builtin": ("print.__name__", "builtins.print = builtins.len"),
    "the clock": ("time.monotonic.__name__", "time.monotonic = time.time"),
    "the generator of numbers": ("torch.rand(1).item()", "torch.manual_seed(99)"),
    "the digits": (
        "digits().x_train.sum().item()",
        "dataset._in_use.splits['validation'].x_train.zero_()",
    ),
}


def _source(look: str, mark: str) -> str:
    return f"""
import builtins, os, signal, sys, threading, time, warnings
from initplay.lab import digits
from initplay.lab.mnist import dataset
kept = []
def go():
    yield Result(found={look})
    {mark}
    yield Result(left={look})
"""


def _linux_only(name: str) -> None:
    if sys.platform != "linux" and "/proc" in "".join(TRACES[name]):
        pytest.skip("/proc is Linux's")


@pytest.mark.parametrize("name", TRACES)
async def test_of_one_run_in_the_next(lab: Lab, name: str) -> None:
    """The mark is really left, and the next run finds what the first one found."""
    _linux_only(name)
    source = _source(*TRACES[name])
    first, second = await lab.run(source), await lab.run(source)
    for run in (first, second):
        assert isinstance(run.ending, Finished), run.ending
    assert first.facts["left"] != first.facts["found"], "it leaves no mark, so that this shows nothing"
    assert second.facts["found"] == first.facts["found"]


@pytest.mark.parametrize("name", TRACES)
async def test_of_one_seed_in_the_others(lab: Lab, name: str) -> None:
    """The same seed twice in one order: both found the same."""
    _linux_only(name)
    look, mark = TRACES[name]
    run = await lab.run(_source(f"str({look})", mark), seeds=(1, 1))
    assert isinstance(run.ending, Finished), run.ending
    assert "found" in run.facts, "not all found the same"


async def test_on_the_command_line(tmp_path: Path) -> None:
    """All the marks at once, over two seeds."""
    looks = ", ".join(f"str({look})" for look, _ in TRACES.values() if "rand(" not in look)
    # A default dtype comes last, or the gigabytes before it would be twice as many. A default device is left
    # out: on one without numbers no look would find any.
    marks = sorted((mark for _, mark in TRACES.values() if "device" not in mark), key=lambda m: "dtype" in m)
    lesson = tmp_path / "01_trace"
    lesson.mkdir()
    (lesson / "lesson.md").write_text(
        "# Traces\n\n## One\n\nText.\n\n```run go\n```\n\n## Sources\n\n- None.\n"
    )
    (lesson / "experiment.py").write_text(
        HEAD + textwrap.dedent(_source(f"[{looks}]", "\n    ".join(marks))), encoding="utf-8"
    )
    command = [sys.executable, "-m", "initplay", "--lessons", str(tmp_path), "run", "trace/go", "--json"]
    ended = subprocess.run([*command, "--seeds", "2"], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (facts,) = (
        line["values"] for line in map(json.loads, ended.stdout.splitlines()) if line["type"] == "result"
    )
    assert "found" in facts, "not all found the same"


async def test_the_next_run_after_a_kill_has_the_same_numbers(lab: Lab) -> None:
    """A process that was killed in the middle leaves nothing either."""
    source = "def go():\n    yield Result(x=torch.randn(3), y=torch.nn.Linear(3, 3).weight)\n"
    before = await lab.run(source)
    killed = lab.start("def go():\n    yield Note('on')\n    while True:\n        torch.randn(1000)\n")
    await lab.said(killed, "on")
    lab.process(killed).kill()
    await lab.ended(killed)
    after: Run = await lab.run(source)
    assert after.facts == before.facts
