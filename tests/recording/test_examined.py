"""A net's layers and verdicts in a recording: as they came, as a table, as notes, and from a file again."""

from __future__ import annotations

import math
from pathlib import Path

from initplay.lab.events import Finished, Layer, Started, Verdict
from initplay.recording import saved
from initplay.recording.run import LAYERS, replay

LAYERS_OF_ONE = [
    Layer(name="fc", kind="Linear", shape=[3, 4], scheme="torch's default", sure=0.5, rms=math.nan, dead=0.0),
    Layer(name="nan\x1b[2J", kind="Parameter"),
]
VERDICTS = [
    Verdict("fc", "fc: it breaks.\x1b[2J", "nn.init.zeros_(net.fc.bias)\nx = x / 2"),
    Verdict("", "slow."),
]


def recorded():
    started = Started(lesson="examine", experiment="net.py", knobs={}, seed=1, device="cpu")
    return replay([started, *LAYERS_OF_ONE, *VERDICTS, Finished(0.1)])


def test_they_are_kept_shown_as_a_table_and_said_as_notes():
    run = recorded()
    assert [layer.name for layer in run.layers] == ["fc", "nan"], "without what steers a terminal"
    assert [verdict.change for verdict in run.verdicts] == [VERDICTS[0].change, None]
    first, second = run.tables[LAYERS].items
    assert first["looks like"] == "torch's default" and math.isnan(first["rms"]) and second["rms"] is None
    assert run.notes.items == ["fc: it breaks.\nnn.init.zeros_(net.fc.bias)\nx = x / 2", "slow."]


def test_a_file_gives_them_back(tmp_path: Path):
    run = recorded()
    saved.save(run, tmp_path / "run.jsonl")
    again = saved.load(tmp_path / "run.jsonl")
    assert again.verdicts == run.verdicts and len(again.layers) == 2
    assert math.isnan(again.layers[0].rms or 0) and again.layers[0].shape == [3, 4]
    assert again.layers[1] == run.layers[1] and again.layers[0].grad_rms is None
