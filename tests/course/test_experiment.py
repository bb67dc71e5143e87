"""Experiments as their source text tells them, and the control panel that a signature makes."""

import re
import subprocess
import sys

import pytest

from initplay.course.experiment import Experiment, SignatureError, experiments
from initplay.course.knob import Knob, KnobError

SOURCE = '''\
"""A lesson."""
import torch
from typing import Literal
from initplay.lab import LogRange, Point, Range

def chain(
    depth: Range[1, 200] = 100,
    scale: LogRange[1e-3, 10.0] = 1.0,
    width: LogRange[2**4, 2**10] = 512,
    shift: Range[-1, 1.0] = -1 / 2,
    init: Literal["lecun", "xavier"] = "xavier",
    divide_by: Literal[255, 256] = 255,
    same_weights: bool = True,
    seed: int = -3,
    lr: float = 1,
    title: str = "a = b",
    *,
    seeds: Range[1, 16] = 4,
):
    """Multiply again and again.

    And look.
    """
    yield Point("std", 1, 2)

def _batches(x):
    yield x

def helper(x):
    def inner():
        yield 1
    return [y for y in inner()]

@torch.no_grad()
def delegated():
    with open("f") as f:
        for line in f:
            yield from line
'''


def read(signature: str) -> Experiment:
    (found,) = experiments(f"def chain({signature}):\n    yield 1\n")
    return found


def knob(signature: str) -> Knob:
    (found,) = read(signature).knobs
    return found


def test_public_generators_are_the_experiments_in_order_of_definition():
    """Private generators, plain functions and functions that only hold a generator are none."""
    chain, delegated = experiments(SOURCE)
    assert (chain.name, chain.line, chain.doc) == ("chain", 6, "Multiply again and again.\n\nAnd look.")
    assert (delegated.name, delegated.knobs, delegated.doc) == ("delegated", (), "")


def test_every_annotation_makes_its_control():
    chain = experiments(SOURCE)[0]
    assert chain.knobs == (
        Knob("depth", "range", 100, 1, 200),
        Knob("scale", "log range", 1.0, 1e-3, 10.0),
        Knob("width", "log range", 512, 16, 1024),
        Knob("shift", "range", -0.5, -1.0, 1.0),
        Knob("init", "choice", "xavier", options=("lecun", "xavier")),
        Knob("divide_by", "choice", 255, options=(255, 256)),
        Knob("same_weights", "switch", True),
        Knob("seed", "input", -3),
        Knob("lr", "input", 1.0),
        Knob("title", "input", "a = b"),
        Knob("seeds", "range", 4, 1, 16),
    )
    types = [type(knob.default).__name__ for knob in chain.knobs]
    assert " ".join(types) == "int float int float str int bool int float str int"


def test_qualified_names_are_understood():
    assert knob("x: lab.Range[1, 2] = 1") == Knob("x", "range", 1, 1, 2)
    assert knob('x: typing.Literal["a", "b"] = "a"').options == ("a", "b")


MISTAKES = {
    "x=1": "x has no annotation",
    "x: Range[1, 2]": "x has no default",
    "x: list = 1": "annotated 'list', which is no control: allowed are Range[low, high]",
    "x: Optional[int] = 1": "no control",
    "x: Range = 1": "no control",
    "x: Range[1] = 1": "needs two bounds",
    "x: Range[1, 2, 3] = 1": "needs two bounds",
    "x: Range[1, top] = 1": "'top', where a number is needed",
    "x: Range[1, True] = 1": "where a number is needed",
    "x: Range[1, __import__('os').abort()] = 1": "where a number is needed",
    "x: Range[2, 1] = 1": "low < high",
    "x: Range[1, 1] = 1": "low < high",
    "x: Range[1, 2] = 3": "default 3, outside its range from 1 to 2",
    "x: Range[1, 2] = 'a'": "where a number is needed",
    "x: Range[1, 1/0] = 1": "has no value (division by zero)",
    "x: Range[1, 1e999] = 1": "not finite",
    "x: Range[1, 9**9**9] = 1": "too large",
    "x: Range[1, 2**1000*2**1000] = 1": "has no value",
    "x: Range[1, 2.0**5000] = 1": "has no value",
    "x: Range[1, (-1)**0.5] = 1": "complex",
    "x: Range[1, 2**64] = 1": "64 bits",
    "x: Range[1e9, 1e9 + 1e-6] = 1e9": "too much or too little",
    "x: Range[-1e308, 1e308] = 0": "too much or too little",
    "x: LogRange[0, 1] = 1": "not above zero",
    "x: Literal['a'] = 'a'": "two or more different options",
    "x: Literal['a', 'a'] = 'a'": "two or more different options",
    "x: Literal['a', None] = 'a'": "where a number is needed",
    "x: Literal['a', 'b'] = 'c'": "'c', which is none of its options 'a', 'b'",
    "x: bool = 1": "write True or False",
    "x: int = 1.0": "write a whole number",
    "x: int = True": "where a number is needed",
    "x: int = 2**63": "write a whole number",
    "x: float = None": "where a number is needed",
    "x: str = 1": "write a string",
    "x: str = f'a'": "write a string",
    "*x": "collects positional arguments",
    "**x": "collects keyword arguments",
    "x: int = 1, /": "x is positional-only",
    "*, x: int": "x has no default",
}


@pytest.mark.parametrize(("signature", "reason"), MISTAKES.items())
def test_an_authors_mistake_names_file_line_experiment_and_parameter(signature, reason):
    source = f"import torch\n\ndef chain(\n    {signature}\n):\n    yield 1\n"
    with pytest.raises(SignatureError) as caught:
        experiments(source)
    assert re.match(r"experiment\.py:4: chain: x ", str(caught.value)), str(caught.value)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.line == 4


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("x = 1\ndef chain(:\n", 2, "not Python"),
        ("def chain():\n    yield 1\n    oops oops\n", 3, "not Python"),
        ("\0", 1, "not Python"),
        ("x = " + "(" * 500, 1, "not Python"),
        ("x = " + "-" * 100_000 + "1", 1, "not Python"),
        ("async def chain():\n    yield 1\n", 1, "plain `def`"),
        ("def chain():\n    yield 1\n\ndef chain():\n    yield 2\n", 4, "defined twice, here and on line 1"),
    ],
)
def test_a_source_that_cannot_be_read_says_the_line(source, line, reason):
    with pytest.raises(SignatureError, match=reason) as caught:
        experiments(source)
    assert caught.value.line == line


def test_nothing_in_the_source_is_executed(tmp_path):
    trace = tmp_path / "trace"
    experiments(f"open({str(trace)!r}, 'w')\ndef chain(x: int = 1):\n    yield open({str(trace)!r}, 'w')\n")
    assert not trace.exists()


def test_an_experiment_fills_in_defaults_and_names_the_nearest_knob():
    chain = read("depth: Range[1, 200] = 100, scale: LogRange[1e-3, 10.0] = 1.0")
    assert chain.defaults() == {"depth": 100, "scale": 1.0}
    assert chain.check({"scale": 2}) == {"depth": 100, "scale": 2.0}
    assert chain.parse(["depth=7", "scale=1/2"]) == {"depth": 7, "scale": 0.5}
    with pytest.raises(KnobError, match=r"no knob 'dept' \(did you mean 'depth'\?\): its knobs are"):
        chain.parse(["dept=7"])
    with pytest.raises(KnobError, match="write it as knob=value"):
        chain.parse(["depth"])
    with pytest.raises(KnobError, match="depth is named twice: give it one value"):
        chain.parse(["depth=7", "scale=1", "depth=8"])
    with pytest.raises(KnobError, match="it has no knobs"):
        read("").check({"depth": 1})


def test_the_panel_is_read_without_torch_numpy_or_textual():
    code = (
        "import sys, initplay.course.experiment as s\n"
        "s.experiments('def f(x: int = 1):\\n    yield x')\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'torch', 'numpy', 'textual', 'msgspec'}))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"
