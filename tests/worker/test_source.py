"""What a learner's traceback shows: the learner's lines and those of libraries, none of this program's."""

from __future__ import annotations

import sys
import textwrap
from contextlib import redirect_stdout
from pathlib import Path

import pytest

import initplay
from initplay.worker import source
from initplay.worker.outbox import PrintedStream

FILENAME = "/course/01_mine/experiment.py"
OURS = str(Path(initplay.__file__).parent)


def traceback_of(text: str) -> str:
    """Of what `go()` in this text raises, called from a worker as it is."""
    module = source.load(textwrap.dedent(text), FILENAME)
    with redirect_stdout(PrintedStream(lambda text: None)):
        try:
            source.experiment(module, "go")()
        except BaseException as error:  # noqa: BLE001 (whatever it is)
            return source.explain(error, FILENAME, "mine/go").traceback
    raise AssertionError("go() raised nothing")


ERRORS = {
    "of printing": (
        "import sys\ndef go():\n    sys.stdout.write(b'x')\n",
        ["sys.stdout.write(b'x')", "TypeError: write() argument must be str, not bytes"],
    ),
    "of the lab": (
        "import torch\nfrom initplay.lab import init\ndef go():\n    init.xavier_normal_(torch.empty(3))\n",
        ["init.xavier_normal_(torch.empty(3))", "ValueError"],
    ),
    "with its cause": (
        """
        import torch
        from initplay.lab import init
        def go():
            try:
                init.xavier_normal_(torch.empty(3))
            except ValueError as error:
                raise RuntimeError("mine") from error
        """,
        ["init.xavier_normal_", "direct cause", 'raise RuntimeError("mine") from error'],
    ),
    "while another is handled": (
        """
        import torch
        from initplay.lab import init
        def go():
            try:
                1 / 0
            except ZeroDivisionError:
                init.xavier_normal_(torch.empty(3))
        """,
        ["1 / 0", "During handling", "init.xavier_normal_"],
    ),
    "of a library": (
        "import torch\ndef go():\n    torch.nn.Linear(2, 3)(torch.ones(4))\n",
        ["torch.nn.Linear(2, 3)(torch.ones(4))", "torch/nn/modules/linear.py", "RuntimeError"],
    ),
}


@pytest.mark.parametrize(("text", "shown"), ERRORS.values(), ids=ERRORS)
def test_a_traceback_has_no_frame_of_this_program(text, shown):
    said = traceback_of(text)
    assert all(part in said for part in shown), said
    assert FILENAME in said
    assert OURS not in said


@pytest.mark.skipif(sys.version_info < (3, 11), reason="groups of exceptions came with Python 3.11")
def test_nor_has_a_group_of_them():
    said = traceback_of(
        """
        import torch
        from initplay.lab import init
        def go():
            try:
                init.xavier_normal_(torch.empty(3))
            except ValueError as error:
                raise ExceptionGroup("both", [error, KeyError("mine")])
        """
    )
    assert "init.xavier_normal_" in said and "KeyError: 'mine'" in said
    assert OURS not in said


def test_the_frames_of_a_lesson_that_lies_within_this_program_are_shown():
    """Installed, the lessons are in the package's own folder, and one may import a module beside it."""
    lessons = f"{OURS}/lessons/01_mine"
    said = source.traceback_of(raised_in(f"{lessons}/helper.py"), f"{lessons}/experiment.py")
    assert f"{lessons}/helper.py" in said


def raised_in(filename: str) -> Exception:
    try:
        exec(compile("1 / 0", filename, "exec"))
    except ZeroDivisionError as error:
        return error
    raise AssertionError
