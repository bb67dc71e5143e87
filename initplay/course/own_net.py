"""A file of the user's with a net in it, as a lesson of one step whose experiment is to examine that net."""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from initplay.course.agreed import FIRST_SEED, MOST_STEPS
from initplay.course.experiment import Experiment, parsed
from initplay.course.knob import Knob, Value
from initplay.course.lesson import Lesson, Prose, RunBlock, Step

HOW_TO = """\
`e` edits `{0}`, and `ctrl+r` there runs what stands on the screen. `ctrl+s` there writes the file, and
nothing else does; `r` takes in what another editor wrote to it.

`p` keeps a run behind the next ones. `k` has the knobs: so many `steps` of SGD at `lr`, over which `←→`
scrub; another `name` of the file, shape of `input` or `loss`. `c` shows the next chart or the table of
layers, `o` all that was said.
"""
"""What one can do there, in Markdown, with the name of the file for {0}."""
MEANINGS = {
    "loss": "the net's loss on the batch, before the first step",
    "loss_name": "what the loss is",
    "loss_of_knowing_nothing": "the loss of a net that says the same of every example",
    "input_rms": "how large the batch is: √ of its mean square; schemes expect about 1",
    "output_rms": "how large what the net gives is",
    "first_broken": "the first layer whose output is not finite",
    "begins_with_zeros": "what begins with zeros, and passes no gradient on before it has moved",
    "waits_for_zeros": "the layers whose gradient is 0 until that has moved, as a copy shows that is trained",
    "may_wait_for_zeros": "the layers whose gradient is 0, and that may wait for it: none has come yet",
    "left_out": "what the dice left out of this look, as layer drop does",
    "lr": "the learning rate of the steps, and of the column `update`",
    "steps": "how many steps of SGD were taken, always on this batch",
    "loss_last": "the loss behind the last of them",
    "nan_step": "the first step at which the loss was not finite",
}
"""Of what an examination results in."""
KNOBS = (
    Knob("steps", "range", 0, 0, MOST_STEPS),
    Knob("lr", "log range", 0.01, 1e-6, 1e3),
    Knob("name", "input", ""),
    Knob("input", "input", ""),
    Knob("batch", "input", ""),
    Knob("loss", "input", ""),
)
"""What `initplay examine` takes beside the file, with its defaults. Text that is empty is not given."""


@dataclass(frozen=True, kw_only=True)
class OwnNet(Lesson):
    """The file. Its text is `source`, and what stands on the screen may be another."""

    file: str
    """Its path, beside which its neighbours are imported."""
    seed: int
    """Of its weights, at first."""

    @property
    def examines(self) -> bool:
        return True

    @property
    def filename(self) -> str:
        return self.file

    def read(self, text: str) -> list[Experiment]:
        """To examine the net of this text. Raises SignatureError where it is no Python."""
        module = parsed(text, os.path.basename(self.file))
        return [replace(found, line=_line_of_net(module)) for found in self.experiments]


def own_net(
    file: str,
    source: str,
    words: str,
    *,
    experiment: str = "",
    knobs: Mapping[str, Value] | None = None,
    seed: int = FIRST_SEED,
) -> OwnNet:
    """The file with this text, beside which `words` stand, in Markdown.

    experiment: what examining it is called, by default as the file. knobs: as they are set at first.
    """
    name = os.path.basename(file)
    examining = Experiment(experiment or name, KNOBS, doc="", line=1)
    blocks = (Prose(words, 1), RunBlock(examining.name, dict(knobs or {}), 1))
    return OwnNet(
        number=0,
        slug=_slug(file),
        path=Path(file).parent,
        title=name,
        summary="",
        part="",
        minutes=None,
        steps=(Step(name, blocks, 1),),
        sources="",
        in_course=False,
        source=source,
        experiments=(examining,),
        meanings={examining.name: MEANINGS},
        file=file,
        seed=seed,
    )


def _slug(file: str) -> str:
    """One for each file, with no character that means something in a pattern."""
    return f"examine-{hashlib.sha256(file.encode(errors='backslashreplace')).hexdigest()[:16]}"


def _line_of_net(module: ast.Module) -> int:
    """Where to begin to read: the first class, or else the first function."""
    for kind in (ast.ClassDef, ast.FunctionDef):
        for node in module.body:
            if isinstance(node, kind):
                return node.lineno
    return 1
