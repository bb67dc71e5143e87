"""A learner writes each exercise in a real terminal, with a mistake first, and runs one in its lesson."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest
from bundled import COURSE
from terminal import INITPLAY, Terminal

from initplay.course.exercise import exercise_of
from initplay.course.lesson import Lesson
from initplay.learner.progress import Progress
from initplay.ui.terminal.input import AT_ONCE

UP, DOWN, END, BACK, ESCAPE = "\x1b[A", "\x1b[B", "\x1b[F", "\x7f", "\x1b"
FIRST = "\x1b[H"  # the home key, in a list
ENTER, F5 = "\r", "\x1b[15~"
CTRL_N, CTRL_O, CTRL_S, CTRL_U = "\x0e", "\x0f", "\x13", "\x15"
MISTAKE = "def rms(x):\rreturn x.std()"
MENDED = (
    "    largest = x.abs().max()\rif largest == 0:\rreturn largest\rreturn largest * (x / largest).square()"
)


def test_rms_from_an_empty_page(tmp_path: Path) -> None:
    own_editor = tmp_path / "editor.py"
    own_editor.write_text(
        "import pathlib, sys\nfile = pathlib.Path(sys.argv[-1])\n"
        "file.write_text(file.read_text() + '.mean().sqrt()')\n"
    )
    mine = tmp_path / "data" / "exercises" / "blowup" / "rms_3.py"
    env = {"EDITOR": f"{sys.executable} {own_editor}", "VISUAL": None}
    with Terminal(tmp_path, size=(80, 24), command=INITPLAY, env=env) as terminal:
        terminal.until("Press enter to begin", "A layer", "lab ready")
        terminal.send(DOWN + DOWN + ENTER)
        terminal.until("Random weights", "step 1 of")
        for step in range(2, exercise_step(COURSE.find("blowup")) + 1):
            terminal.go_on(step)
        terminal.until("Write it: rms", "Level 1 of 3, fill the blanks: not begun")
        terminal.send("u")
        terminal.until("3 write it all", "ctrl+s writes it")
        for level in (2, 3):
            terminal.send(CTRL_N)
            terminal.wait_for(mine.with_name(f"rms_{level}.py").exists, f"level {level}")
        terminal.send(MISTAKE + CTRL_S)
        terminal.until("takes the mean away first: 2.872 where 2.5 is right")
        assert mine.read_text().endswith("def rms(x):\n    return x.std()"), "it stood where Python wants it"
        terminal.send(CTRL_U)
        terminal.wait_for(lambda: "std" not in mine.read_text(), "the file without that line")
        terminal.send(MENDED)
        terminal.wait_for(lambda: "square()" in mine.read_text(), "the file with what was typed")
        terminal.send(CTRL_O)
        terminal.until("✓ all 8 checks pass", "3 write it all ✓", "F5 runs chain with yours")
        assert mine.read_text().endswith("    return largest * (x / largest).square().mean().sqrt()")
        terminal.send(F5)
        terminal.until("finished", "with your own code")
        terminal.send("U")
        terminal.wait_for(
            lambda: terminal.shows("run 2", "finished") and not terminal.shows("with your own code"),
            "the lesson's own code",
        )
        terminal.send("q")
        assert terminal.wait() == 0


TYPED = {
    "neuron": (
        "def layer(x, w, b):\rreturn (x @ w.T + b)",
        "ReLU is missing: -11, 2, 13, 30, where 0, 2, 13, 30 is right.",
        ".relu()",
    ),
    "normalize": (
        "def normalize(train, valid):\rtrain, valid = train.float(), valid.float()\r"
        "mean, std = train.mean(), train.std()\rreturn (train - mean) / std, valid",
        "valid is left as it is: its mean is 49.21, where 0.3338 is right.",
        BACK * 5 + "(valid - mean) / std",
    ),
    "sqrt_n": (
        "def xavier_uniform_(w, gain=1.0):\rbound = gain * (2 / sum(w.shape)) ** 0.5\r"
        "with torch.no_grad():\rreturn w.uniform_(-bound, bound)",
        "That takes the std for the bound: std 0.0373, where 0.0645 is right.",
        UP + UP + END + " * 3**0.5",
    ),
    "relu_halving": (
        "def gain_for(f):\ry = f(torch.randn(200_000))\rreturn 1 / y.std()",
        "a std takes the mean away: 1.713, where 1.415 is right.",
        BACK * 5 + "square().mean().sqrt()",
    ),
    "kaiming": (
        "def kaiming_normal_(w, a=0.0, mode='fan_in'):\r"
        "if w.dim() < 2 or mode not in ('fan_in', 'fan_out'):\rraise ValueError(mode)\r"
        "fan = w[0, 0].numel() * w.shape[mode == 'fan_out']\r"
        "with torch.no_grad():\rreturn w.normal_(0, (2 / (1 + a * a) / fan) ** 0.5)",
        "The fans have changed places: std 0.09151, where 0.1585 is right.",
        UP + UP + END + BACK * 5 + "in']",
    ),
    "mylinear": (
        "class MyLinear(nn.Module):\r"
        "def __init__(self, in_features, out_features, bias=True):\rsuper().__init__()\r"
        "self.in_features, self.out_features = in_features, out_features\r"
        "self.weight = nn.Parameter(torch.empty(out_features, in_features))\r"
        "self.bias = nn.Parameter(torch.empty(out_features)) if bias else None\r"
        f"self.reset_parameters()\r{BACK}"
        "def reset_parameters(self):\rbound = self.in_features**-0.5\r"
        f"for p in self.parameters():\rp.data.uniform_(-bound, bound)\r{BACK}{BACK}"
        "def extra_repr(self):\rn_in, n_out = self.in_features, self.out_features\r"
        'return f"in_features={n_in}, out_features={n_out}, bias={self.bias is not None}"\r'
        "def forward(self, x):\rreturn x @ self.weight.T",
        "The bias is never added: -2.5 where 7.5 is right.",
        " + (0 if self.bias is None else self.bias)",
    ),
    "activations": (
        "def dead_units(h):\rreturn (h == 0).sum()",
        "You counted zeros, 8 of them; dead units are 2.",
        BACK * 5 + "all(0).sum()",
    ),
    "backward": (
        "def backward(x, y, w1, b1, w2, b2):\rz = x @ w1 + b1\rh = z.relu()\r"
        "d_out = 2 * (h @ w2 + b2 - y) / y.numel()\rd_z = d_out @ w2.T\r"
        "return x.T @ d_z, d_z.sum(0), h.T @ d_out, d_out.sum(0)",
        "ReLU let the whole gradient back: 0.8546 where 0.5964 is right.",
        UP + END + " * (z > 0)",
    ),
    "optimizer": (
        "class Momentum:\r"
        "def __init__(self, parameters, lr=0.1, momentum=0.9, weight_decay=0.01):\r"
        "self.ps, self.lr = list(parameters), lr\rself.momentum, self.decay = momentum, weight_decay\r"
        f"self.vs = [torch.zeros_like(p) for p in self.ps]\r{BACK}"
        "@torch.no_grad()\rdef step(self):\rfor p, v in zip(self.ps, self.vs):\r"
        "v.mul_(self.momentum).add_(p.grad + self.decay * p)\rp += self.lr * v",
        "It walks uphill: 1.085 where 0.9149 is right.",
        BACK * len("+= self.lr * v") + "-= self.lr * v",
    ),
    "leaderboard": (
        "from statistics import mean, stdev\r\rdef interval(a):\rn = len(a)\rif n == 1:\rreturn a[0], None\r"
        "return mean(a), stdev(a) / n**0.5 * 1.96",
        "1.96 is for a known scatter: 0.98 where 6.353 is right.",
        BACK * 4 + "T[n - 2]",
    ),
    "deep": (
        "def lsuv_(w, x):\rwith torch.no_grad():\rorthogonal_(w)\rreturn w.mul_((x @ w.T).std())",
        "You multiplied by the std, and it divides: the std of x @ w.T is 9.189, where 1 is right.",
        BACK * len("mul_((x @ w.T).std())") + "div_((x @ w.T).std())",
    ),
}
"""For each lesson what is typed below the task, what the checks say of it, and the keys that mend it."""


def exercise_step(lesson: Lesson) -> int:
    """The step of the exercise, counted from 1."""
    return next(n for n, step in enumerate(lesson.steps, 1) if lesson.exercise_block in step.blocks)


def type_in(terminal: Terminal, text: str) -> None:
    """Some lines at a time: hundreds of characters at once are a paste."""
    while text:
        end = len(text) if len(text) < AT_ONCE else text.rindex("\r", 0, AT_ONCE)
        terminal.send(text[:end])
        terminal.until(" ".join(text[:end].rpartition("\r")[2].replace(BACK, "")[-20:].split()))
        text = text[end:]


EDITED = ["sqrt_n", "mylinear", "leaderboard"]
"""Lines above are mended, methods end, and two lines are left empty: what an editor may get wrong."""


@pytest.mark.parametrize(
    "slugs", [EDITED, pytest.param([slug for slug in TYPED if slug not in EDITED], marks=pytest.mark.long)]
)
def test_exercises_from_an_empty_page(tmp_path: Path, slugs: list[str]) -> None:
    """One playground for all; the learner has read up to each exercise and worked at the hardest level."""
    others = [lesson for lesson in COURSE.lessons if lesson.exercise and lesson.slug != "blowup"]
    assert TYPED.keys() == {lesson.slug for lesson in others}
    lessons = [lesson for lesson in others if lesson.slug in slugs]
    (tmp_path / "data").mkdir()
    progress = Progress.open(tmp_path / "data" / "progress.db")
    for lesson in lessons:
        progress.reach(lesson.slug, exercise_step(lesson) - 1, len(lesson.steps))
        progress.exercise_at(lesson.slug, 3)
    progress.close()
    with Terminal(tmp_path, size=(80, 24), command=INITPLAY) as terminal:
        terminal.until("lab ready")
        for lesson in lessons:
            typed, says, mends = TYPED[lesson.slug]
            exercise = exercise_of(lesson)
            terminal.send(FIRST + DOWN * COURSE.lessons.index(lesson) + ENTER)
            terminal.until(f"· step {exercise_step(lesson) - 1} of", "n next")
            terminal.go_on(exercise_step(lesson))
            terminal.until(f"Write it: {exercise.name}", "write it all: not begun")
            terminal.send("u")
            terminal.until(f"write {exercise.name}", "3 write it all")
            type_in(terminal, typed)
            terminal.send(CTRL_S)
            terminal.until(says)
            terminal.send(mends + CTRL_S)
            terminal.until("✓ all", "checks pass", "3 write it all ✓")
            terminal.send(ESCAPE)
            terminal.until(f"◆ Write it: {exercise.name}", "passed at level 3")
            terminal.send(ESCAPE)
            terminal.until("lessons done")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes a file's room from another process")
def test_files_of_every_kind_and_a_disk_that_is_full(tmp_path: Path) -> None:
    """What is wrong with a file is said beside the text, which is checked all the same; none is touched."""
    folder = tmp_path / "data" / "exercises" / "blowup"
    folder.mkdir(parents=True)
    files = {
        1: b"\xef\xbb\xbfdef rms(x):\r\n\treturn x.double().square().mean().sqrt()\r\n",
        2: b"\xff\xfed\x00e\x00f\x00",
        3: b"def rms(x):\n    return x.std()",
    }
    for level, content in files.items():
        (folder / f"rms_{level}.py").write_bytes(content)
    progress = Progress.open(tmp_path / "data" / "progress.db")
    blowup = COURSE.find("blowup")
    progress.reach("blowup", exercise_step(blowup) - 1, len(blowup.steps))
    progress.close()
    with Terminal(tmp_path, size=(80, 24), command=INITPLAY) as terminal:
        terminal.until("lab ready")
        psutil.Process(terminal.process.pid).rlimit(psutil.RLIMIT_FSIZE, (0, 0))
        terminal.send(ENTER)
        terminal.until(f"· step {exercise_step(blowup) - 1} of", "n next")
        terminal.go_on(exercise_step(blowup))
        terminal.until("Write it: rms", "Level 1 of 3, fill the blanks: begun")
        terminal.send("u")
        terminal.until("1 fill the blanks", "def rms(x):")
        terminal.send(CTRL_S)
        terminal.until("✓ all 8 checks pass", "1 fill the blanks ✓")
        terminal.send(CTRL_N)
        terminal.until("since it is in UTF-16: save it as UTF-8")
        terminal.send(CTRL_N)
        terminal.until("return x.std()")
        terminal.send(CTRL_S)
        terminal.until("takes the mean away first: 2.872 where 2.5 is right")
        terminal.send(DOWN + END + "  # typed" + CTRL_S)
        terminal.until("could not be written (File too large). Your text is on the screen alone.")
        terminal.until("takes the mean away first", "# typed")
        terminal.send(ESCAPE)
        terminal.until("✓ passed at level 1")
        terminal.send(ESCAPE)
        terminal.until("Progress is kept in memory only", "cannot be written")
    assert {level: (folder / f"rms_{level}.py").read_bytes() for level in files} == files
    assert {path.name for path in folder.iterdir()} <= {"rms_1.py", "rms_2.py", "rms_3.py", ".rms_3.py.new"}
