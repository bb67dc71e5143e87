"""Whatever a run does to its process, the next run finds everything as the first one found it.

On every path that starts runs: one after the other as the bench does, several seeds of one order, and the
command line.
"""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path

import pytest
from recorder import HEAD, Lab
from shell import initplay

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
    "half a GB kept in a global": (
        "int(open('/proc/self/statm').read().split()[1]) * 4096 > 7 * 10**8",
        "torch.kept = torch.ones(2**27)",
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


NAMES = [name for name, texts in TRACES.items() if sys.platform == "linux" or "/proc" not in "".join(texts)]


def _source(found: str, mark: str, left: str = "0") -> str:
    return f"""
import builtins, os, signal, sys, threading, time, warnings
from initplay.lab import digits
from initplay.lab.mnist import dataset
kept = []
def go():
    yield Result({found})
    {mark}
    yield Result(left={left})
"""


def _all_at_once() -> str:
    """Every look, then every mark."""
    looks = ", ".join(f"str({TRACES[name][0]})" for name in NAMES if "rand(" not in TRACES[name][0])
    # A default dtype comes last, or what is kept before it would be twice as much. Two are left out: on a
    # default device without numbers no look would find any, and to be deterministic takes torch a second.
    left_out = ("default device", "deterministic algorithms")
    marks = [TRACES[name][1] for name in NAMES if name not in left_out]
    marks.sort(key=lambda mark: "dtype" in mark)
    return _source(f"found=[{looks}]", "\n    ".join(marks))


async def test_of_one_run_in_the_next(lab: Lab) -> None:
    """Each mark is really left, and whatever the run before it has left, a run finds what the first found."""
    everything = ", ".join(f"look_{place}={TRACES[name][0]}" for place, name in enumerate(NAMES))
    first, before = None, "none"
    for name in [*NAMES, NAMES[0]]:
        look, mark = TRACES[name]
        run = await lab.run(_source(everything, mark, look))
        assert isinstance(run.ending, Finished), (name, run.ending)
        found = {NAMES[n]: run.facts[f"look_{n}"] for n in range(len(NAMES))}
        first = first or found
        assert found == first, f"after a run that left: {before}"
        assert run.facts["left"] != found[name], f"it leaves no mark, so that this shows nothing: {name}"
        before = name


async def test_of_one_run_among_many_in_the_next(lab: Lab) -> None:
    source = "import os\ndef go():\n    yield Result(pid=os.getpid(), x=torch.randn(3))\n"
    first, second = [await lab.run(source, among_many=True) for _ in range(2)]
    assert first.facts["pid"] != second.facts["pid"] and first.facts["x"] == second.facts["x"]


async def test_of_one_seed_in_the_others(lab: Lab) -> None:
    """The same seed twice in one order, with all the marks at once: both found the same."""
    run = await lab.run(_all_at_once(), seeds=(1, 1))
    assert isinstance(run.ending, Finished), run.ending
    assert "found" in run.facts, "not all found the same"


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
async def test_of_one_seed_in_the_others_each_mark_alone(lab: Lab, name: str) -> None:
    look, mark = TRACES[name]
    run = await lab.run(_source(f"found=str({look})", mark), seeds=(1, 1))
    assert isinstance(run.ending, Finished), run.ending
    assert "found" in run.facts, "not all found the same"


async def test_on_the_command_line(tmp_path: Path, shares_a_fork_server: None) -> None:
    """All the marks at once, over two seeds."""
    lesson = tmp_path / "01_trace"
    lesson.mkdir()
    (lesson / "lesson.md").write_text(
        "# Traces\n\n## One\n\nText.\n\n```run go\n```\n\n## Sources\n\n- None.\n"
    )
    (lesson / "experiment.py").write_text(HEAD + textwrap.dedent(_all_at_once()), encoding="utf-8")
    ended = initplay("--lessons", tmp_path, "run", "trace/go", "--json", "--seeds", "2")
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
    (await lab.process(killed)).kill()
    await lab.ended(killed)
    after: Run = await lab.run(source)
    assert after.facts == before.facts
