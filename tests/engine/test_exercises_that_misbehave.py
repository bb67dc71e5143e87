"""What a learner may write for an exercise: it gets one sentence, and none of it passes or stays."""

from __future__ import annotations

import re

import pytest
from bundled import COURSE

from initplay.course.exercise import exercise_of
from initplay.engine.headless import perform
from initplay.engine.order import Order, to_check
from initplay.lab.checking import Probe
from initplay.lab.events import Failed
from initplay.recording.run import Run
from initplay.worker import pupil

pytestmark = pytest.mark.usefixtures("shares_a_fork_server")


EXERCISE = exercise_of(COURSE.find("blowup"))


def order(text: str) -> Order:
    return to_check(EXERCISE, text, "rms.py")


def checked(text: str) -> Run:
    return perform(order(text), lambda _batch, _run: None)


PLAIN = "x.square().mean().sqrt()"

FAILS = {
    "it raises": ("def rms(x):\n    return 1 / 0", r"ZeroDivisionError \(line 2\): division by zero"),
    "it leaves Python": ("import sys\ndef rms(x):\n    sys.exit('bye')", "SystemExit"),
    "it raises what is no exception": ("def rms(x):\n    raise KeyboardInterrupt", "KeyboardInterrupt"),
    "it asks somebody": ("def rms(x):\n    return float(input())", "EOFError"),
    "it ends its process": ("import os\ndef rms(x):\n    os._exit(3)", r"ended its process \(exit code 3\)"),
    "it kills its process": ("import os\ndef rms(x):\n    os.kill(os.getpid(), 9)", "ended by SIGKILL"),
    "it fills memory": (
        "import torch\ndef rms(x):\n    return [torch.empty(2**28) for _ in range(99)]",
        "allocate memory",
    ),
    "it recurses": ("def rms(x):\n    return rms(x)", "RecursionError"),
    "it equals everything": (
        "class Everything:\n    def __eq__(self, other): return True\n    def __bool__(self): return True\n"
        "def rms(x):\n    return Everything()",
        "<Everything>",
    ),
    "a float that equals everything": (
        "class Everything(float):\n    def __eq__(self, other): return True\n"
        "    def __sub__(self, other): return 0\ndef rms(x):\n    return Everything(0)",
        "<Everything>",
    ),
    "a tensor that equals everything": (
        "import torch\nclass Everything(torch.Tensor):\n    def __eq__(self, other): return True\n"
        "def rms(x):\n    return torch.zeros(()).as_subclass(Everything)",
        "gives 0",
    ),
    "it returns itself": ("def rms(x):\n    y = []\n    y.append(y)\n    return y", "1 result in a list"),
    "it returns too much": ("import torch\ndef rms(x):\n    return torch.ones(10**6)", "1,000,000 numbers"),
    "it patches what compares": (
        "import torch, math\ntorch.allclose = torch.equal = torch.isclose = lambda *a, **k: True\n"
        "math.isclose = torch.equal\n"
        f"def rms(x):\n    return {PLAIN}",
        "leaves float32",
    ),
    "it patches the checks": (
        "import sys\nfrom initplay.lab import checking\nchecks = sys.modules['checks']\n"
        "checking.alike = checking._same = lambda *a: True\n"
        "checks.checks = lambda mine: iter(())\nchecks.PROBES[2:] = checks.PROBES[:2] * 2\n"
        f"def rms(x):\n    return {PLAIN}",
        "is right",
    ),
    "it writes into every line it finds": (
        "import os\ndef rms(x):\n    for number in range(3, 64):\n        try:\n"
        "            os.write(number, b'\\0' * 64)\n        except OSError: pass\n    return x.std()",
        "answers take|its process|takes the mean",
    ),
}


@pytest.mark.parametrize(("text", "says"), FAILS.values(), ids=FAILS)
def test_one_sentence_says_what_it_did(text: str, says: str) -> None:
    run = checked(text)
    assert run.state == "finished"
    first = next(check for check in run.checks if not check.passed)
    assert re.search(says, first.says), first.says
    assert "\n" not in first.says
    assert not run.facts["all_passed"]


def test_what_forks_answers_once() -> None:
    run = checked("import os\ndef rms(x):\n    os.fork()\n    return x.double().square().mean().sqrt()")
    assert run.facts["all_passed"] and len(run.checks) == run.facts["checks"]


def test_after_a_loop_without_an_end_no_other_check_is_tried() -> None:
    run = checked("def rms(x):\n    while True: pass")
    assert run.state == "finished" and not run.facts["all_passed"]
    assert re.search("still computing|no answer within", run.checks[0].says) and not run.checks[0].passed
    assert [check.reached for check in run.checks] == [True] + [False] * (len(run.checks) - 1)


def test_who_handles_the_timer_s_signal_is_stopped_by_the_limit() -> None:
    run = checked(
        "import signal\nsignal.signal(signal.SIGPROF, signal.SIG_IGN)\ndef rms(x):\n    while True: pass"
    )
    assert "still computing" in run.checks[0].says


def test_a_question_about_something_beside_the_answer_is_not_reached_where_the_code_raises() -> None:
    run = checked("def rms(x):\n    return x @ x.T.sum(1)")
    told = {check.name: (check.passed, check.reached) for check in run.checks}
    assert told.pop("x is as it was") == (False, False)
    assert set(told.values()) == {(False, True)}
    run = checked(f"def rms(x):\n    if x.max() == 3: 1 / 0\n    return {PLAIN}")
    assert run.checks[-1].name == "x is as it was" and not run.checks[-1].reached


def test_of_a_million_lines_the_first_are_shown() -> None:
    run = checked(f"def rms(x):\n    print('line\\n' * 10**6)\n    return {PLAIN}")
    assert len(run.checks) == run.facts["checks"]
    said = "".join(run.printed)
    assert set(said.splitlines()[:-1]) <= {"line", *re.findall(r"… and [\d,]+ characters more", said)}
    assert (
        said.startswith("line\nline\n") and len(said) < 12 * pupil.MOST_PRINTED and "characters more" in said
    )


def test_all_blanks_of_a_text_are_named_though_it_stops_at_the_first() -> None:
    run = checked("def rms(x):\n    largest = ...\n    scaled = x / ...\n    return largest * scaled")
    said = {check.says for check in run.checks if check.reached}
    assert said == {"2 blanks, `...`, are still to be filled in (lines 2 and 3)."}


def test_text_that_cannot_begin_names_its_line() -> None:
    for text, line in (
        ("def rms(x)\n    return 1", 1),
        ("import torch\n1 / 0", 2),
        ("\n\nimport nothing_at_all", 3),
    ):
        ending = checked(text).ending
        assert isinstance(ending, Failed) and ending.line == line


def test_what_it_breaks_is_whole_in_the_next_check() -> None:
    checked(
        "import torch\ntorch.Tensor.abs = None\ntorch.set_default_dtype(torch.float64)\ndef rms(x): return 0"
    )
    assert checked(EXERCISE.solution).facts["all_passed"]


def test_it_may_take_its_time_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sleep costs no processor time."""
    monkeypatch.setattr(pupil, "PATIENCE", 0.3)
    asked = order("import time\ndef rms(x):\n    time.sleep(60)")
    waiting = pupil.Pupil(asked, None, lambda _text: None)
    try:
        assert "no answer within 0.3 seconds" in waiting.of(0, Probe("asks", len)).trouble
    finally:
        waiting.close()
