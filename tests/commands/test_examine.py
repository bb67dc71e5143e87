"""`initplay examine`: what it says of a file, on which stream, and with which exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from shell import initplay

from initplay.recording import saved

pytestmark = pytest.mark.usefixtures("shares_a_fork_server")

NET = """
import torch
from torch import nn

class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, width)

    def forward(self, x):
        return self.fc(x).relu()

class Net(nn.Module):
    def __init__(self, depth=5):
        super().__init__()
        self.stem = nn.Linear(784, 100)
        self.blocks = nn.ModuleList(Block(100) for _ in range(depth))
        self.head = nn.Linear(100, 10)

    def forward(self, x):
        x = self.stem(x.flatten(1)).relu()
        for block in self.blocks:
            x = block(x)
        return self.head(x)
"""
LAYER = {
    "type", "name", "kind", "shape", "scheme", "sure", "rms", "theory_rms", "grad_rms", "dead", "saturated",
    "update_ratio",
}  # fmt: skip


def examine(*arguments: object, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    return initplay("examine", *arguments, cwd=home)


@pytest.fixture
def net(tmp_path: Path) -> Path:
    path = tmp_path / "net.py"
    path.write_text(NET)
    return path


def events(ended: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_as_json_a_line_a_layer_then_verdicts_then_how_it_ended(net: Path, tmp_path: Path) -> None:
    run = tmp_path / "run.jsonl"
    ended = examine(
        f"{net}:Net", "--input", "1x28x28", "--steps", 2, "--device", "cpu", "--json", "--save", run
    )
    assert ended.returncode == 0, ended.stderr
    found = events(ended)
    layers = [event for event in found if event["type"] == "layer"]
    assert [layer["name"] for layer in layers] == ["stem", *(f"blocks.{n}.fc" for n in range(5)), "head"]
    assert all(set(layer) == LAYER for layer in layers)
    assert (
        layers[0]["shape"] == [100, 784]
        and layers[0]["scheme"] == "torch's default"
        and layers[0]["sure"] > 0.9
    )
    assert layers[0]["saturated"] is None and layers[0]["rms"] == pytest.approx(
        layers[0]["theory_rms"], rel=0.1
    )
    verdicts = [event for event in found if event["type"] == "verdict"]
    assert [set(verdict) for verdict in verdicts] == [{"type", "layer", "text", "change"}]
    assert verdicts[0]["layer"] == "stem" and "kaiming_normal_" in verdicts[0]["change"]
    assert found[-1]["type"] == "finished" and "nan_step" in found[-2]["values"]
    # What was saved is the run, and shows the layers as a table and by charts.
    kept = saved.load(run)
    assert kept.state == "finished" and len(kept.layers) == 7 and len(kept.tables["layers"].items) == 7
    assert {"rms by layer", "gradient by layer", "loss by step"} <= set(kept.charts)
    shown = initplay("replay", run, "--plain")
    assert shown.returncode == 0 and "torch's default under ReLU" in shown.stdout
    assert "nn.init.kaiming_normal_(layer.weight" in shown.stdout and "rms by layer" in shown.stdout


def test_as_text_a_table_and_the_change(net: Path) -> None:
    """Without a name the one net that is no part of another; the input is what its first layer takes."""
    ended = examine(net)
    assert ended.returncode == 0 and ended.stderr == ""
    assert "torch's default under ReLU" in ended.stdout and "noise N(0, 1) of shape 32x784" in ended.stdout
    assert "        nn.init.kaiming_normal_" in ended.stdout


def test_a_batch_a_loss_of_the_file_and_its_neighbour(tmp_path: Path) -> None:
    """The file imports its neighbour, prints what would wipe a screen, and its net gives a dict that its own
    loss takes."""
    (tmp_path / "parts.py").write_text("from torch import nn\n\ndef part():\n    return nn.Linear(6, 3)\n")
    (tmp_path / "mine.py").write_text(
        "import torch\nfrom torch import nn\nfrom parts import part\nprint('\\x1b[2Jhere')\n"
        "class Mine(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.fc = part()\n"
        "    def forward(self, x):\n        return {'logits': self.fc(x), 'bias': self.fc.bias}\n"
        "def make():\n    return Mine()\n"
        "def distance(output, y):\n    return (output['logits'] - y).square().mean()\n"
    )
    torch.save((torch.randn(8, 6), torch.zeros(8, 3)), tmp_path / "batch.pt")
    ended = examine("mine.py:make", "--batch", "batch.pt", "--loss", "distance", home=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("here\n") and "(distance)" in ended.stdout
    refused = examine("mine.py:make", "--batch", "batch.pt", home=tmp_path)
    assert refused.returncode == 1 and "a dict of logits, bias and no tensor" in refused.stderr


def test_what_its_forward_warns_of_is_printed_once(tmp_path: Path) -> None:
    (tmp_path / "warns.py").write_text(
        "import warnings\nfrom torch import nn\n"
        "class Warns(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(6, 3)\n"
        "    def forward(self, x):\n        warnings.warn('mind the gap')\n        return self.fc(x)\n"
    )
    ended = examine("warns.py", "--steps", 20, "--json", home=tmp_path)
    assert ended.returncode == 0, ended.stderr
    printed = "".join(event["text"] for event in events(ended) if event["type"] == "printed")
    assert printed.count("UserWarning: mind the gap") == 1


def test_token_ids_are_made_up_for_a_net_that_begins_with_an_embedding(tmp_path: Path) -> None:
    path = tmp_path / "text.py"
    path.write_text(
        "from torch import nn\nnet = nn.Sequential(nn.Embedding(20, 8), nn.Flatten(), nn.Linear(8 * 12, 4))\n"
    )
    for arguments in ([path, "--input", "12"], [f"{path}:net", "--input", "12", "--seed", "3"]):
        ended = examine(*arguments)
        assert ended.returncode == 0 and "token ids of shape 32x12" in ended.stdout, ended.stderr


def test_what_a_loop_left_behind_is_no_second_net(tmp_path: Path) -> None:
    path = tmp_path / "loop.py"
    path.write_text(
        "from torch import nn\nnet = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3))\n"
        "for layer in net[::2]:\n    nn.init.orthogonal_(layer.weight)\n"
    )
    ended = examine(path)
    assert ended.returncode == 0 and ended.stdout.count("orthogonal_") == 2, ended.stderr


def test_a_file_is_read_in_the_encoding_that_it_names(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    text = "# Größe\nfrom torch import nn\nnet = nn.Linear(8, 3)\n"
    path.write_bytes(("# -*- coding: latin-1 -*-\n" + text).encode("latin-1"))
    ended = examine(path)
    assert ended.returncode == 0 and "Linear" in ended.stdout, ended.stderr
    for raw, says in (
        (
            text.encode("latin-1"),
            "(byte 0xf6 in line 1: invalid start byte): save it so, or name its encoding",
        ),
        (b"# coding: foobar\n", "is not read by Python (unknown encoding: foobar)"),
    ):
        path.write_bytes(raw)
        ended = examine(path)
        assert ended.returncode == 2 and says in ended.stderr and ended.stderr.count("\n") == 1


WRONG = [
    (["gone.py"], "gone.py is no file"),
    (["net.py:Nett"], "has no 'Nett' (did you mean 'Net'?)"),
    (["net.py:1x"], "is no name in Python"),
    (["net.py", "--input", "1xx28"], "--input '1xx28' is no shape"),
    (["net.py", "--batch", "gone.pt"], "gone.pt is no file"),
    (["net.py", "--input", "784", "--batch", "net.py"], "choose one"),
    (["net.py", "--lr", "-1"], "no learning rate"),
    (["net.py", "--device", "tpu"], "no device 'tpu'"),
    (["net.py", "--save", "/gone/run.jsonl"], "cannot be written"),
    (["net.py", "--save", "net.py"], "--save net.py is there and is no saved run"),
    (["net.py", "--open"], "needs a terminal"),
    (["net.py", "--open", "--json"], "--open shows it on the screen"),
    (["net.py", "--open", "--lr", "1e9"], "lr takes a number from"),
]


@pytest.mark.parametrize(("arguments", "says"), WRONG)
def test_wrong_arguments_are_one_sentence_and_2(net: Path, arguments: list[str], says: str) -> None:
    ended = examine(*arguments, home=net.parent)
    assert ended.returncode == 2 and ended.stdout == "" and says in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    assert net.read_text() == NET


def test_a_file_in_place_of_a_command_is_said_how_to_open(net: Path) -> None:
    command = [sys.executable, "-m", "initplay", f"{net}:Net"]
    ended = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60)
    assert ended.returncode == 2 and f"`initplay examine {net}:Net --open` opens a net" in ended.stderr


FILES = {
    "imports what is not there": ("import torchtoise\n", "imports 'torchtoise', which is not installed"),
    "Python cannot read": ("class Net(:\n", "at line 1"),
    "raises": (
        "from torch import nn\nnet = nn.Linear(4, 2)\n1 / 0\n",
        "at line 3, `1 / 0`: ZeroDivisionError",
    ),
    "needs a GPU": (
        "from torch import nn\nnet = nn.Linear(4, 2).to('cuda')\n",
        "needs a GPU that is not here",
    ),
    "needs a GPU to make it": (
        "from torch import nn\ndef net():\n    return nn.Linear(4, 2).cuda()\n",
        "needs a GPU that is not here",
    ),
    "has no net": ("import torch\nx = 3\n", "has no nn.Module, neither a class nor an instance"),
    "has five": (
        "from torch import nn\n" + "".join(f"net{n} = nn.Linear(4, {n + 2})\n" for n in range(5)),
        "has 5 nets, net0, net1, net2, net3, net4: name one after the file, such as",
    ),
    "needs arguments": (
        "from torch import nn\nclass Net(nn.Linear):\n    def __init__(self, width, depth):\n"
        "        super().__init__(width, depth)\n",
        "Net needs width, depth: write `def net(): return Net(width=…, depth=…)`",
    ),
    "is no net": ("net = 3\n", "net is a int and no net"),
    "makes no net": ("def net():\n    return 3\n", "net() gives a int and no nn.Module"),
    "gives nothing": (
        "from torch import nn\nclass Net(nn.Linear):\n"
        "    def __init__(self):\n        super().__init__(4, 2)\n"
        "    def forward(self, x):\n        super().forward(x)\n",
        "gives nothing: let its forward end with `return`",
    ),
    "ends itself": (
        "import argparse\nfrom torch import nn\nnet = nn.Linear(4, 2)\n"
        "argparse.ArgumentParser(add_help=False).exit(2)\n",
        'put what only the program does below `if __name__ == "__main__":`',
    ),
    "imports by a dot": ("from .parts import net\n", "import without the dot"),
    "fills the memory": (
        "from torch import nn\nnet = nn.Linear(2**30, 2**20)\n",
        "The file needs more memory than there is",
    ),
    "is too large": (
        "from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.fc = nn.Linear(2**20, 2**20)\n",
        "is too large for here: 1,099,512,676,352 parameters",
    ),
}
NAMED = {"is no net", "makes no net", "needs a GPU to make it"}


@pytest.mark.parametrize("what", FILES)
def test_a_file_that_cannot_be_examined_is_one_sentence_and_1(what: str, tmp_path: Path) -> None:
    """What it prints, where it stops, what it lacks: with the mend, and on stdout nothing."""
    if "needs a GPU" in what and torch.cuda.is_available():
        pytest.skip("there is one here")
    text, says = FILES[what]
    path = tmp_path / "file.py"
    path.write_text(text)
    ended = examine(f"{path}:net" if what in NAMED else path)
    assert ended.returncode == 1 and says in ended.stderr, ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1 and ended.stdout == ""


@pytest.mark.parametrize("shape", ["100000x100000x10", "2147483647x2147483647x10,4"])
def test_an_input_that_no_memory_holds_is_said_with_what_it_takes(net: Path, shape: str) -> None:
    """And the file is not blamed."""
    ended = examine(net, "--input", shape)
    assert ended.returncode == 1 and len(ended.stderr.strip().splitlines()) == 1
    assert f"--input {shape} takes " in ended.stderr and "are free: name a smaller shape" in ended.stderr
    assert shape != "100000x100000x10" or "takes 372.5 GB for one example, 1490.1 GB for" in ended.stderr


@pytest.mark.parametrize("shape", ["3x32x32", "28"])
def test_a_wrong_shape_is_said_with_the_layer(net: Path, shape: str) -> None:
    ended = examine(net, "--input", shape, "--json")
    last = events(ended)[-1]
    assert ended.returncode == 1 and last["type"] == "failed" and ended.stderr == ""
    assert f"shape 32x{shape}: RuntimeError in stem" in last["message"] and "--input" in last["message"]


def test_a_batch_that_the_net_does_not_take_is_mended_by_another_one(net: Path, tmp_path: Path) -> None:
    torch.save({"pictures": torch.randn(4, 784)}, tmp_path / "batch.pt")
    ended = examine(net, "--batch", tmp_path / "batch.pt")
    assert ended.returncode == 1 and "an input of type dict" in ended.stderr
    assert "save (x, y) for --batch" in ended.stderr and "--input" not in ended.stderr


def test_a_batch_that_is_none_is_said(net: Path, tmp_path: Path) -> None:
    (tmp_path / "batch.pt").write_text("no tensors")
    ended = examine(net, "--batch", tmp_path / "batch.pt")
    assert ended.returncode == 1 and "is no file of tensors" in ended.stderr and "torch.save" in ended.stderr
