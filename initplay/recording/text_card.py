"""A run as a short text to paste into a mail: what it was, what came out, and how to do it again."""

from __future__ import annotations

import shlex

from initplay.recording.run import Run
from initplay.words.numbers import short_fact

_DATA = {"MNIST 5k": "embedded", "MNIST 70k": "full"}
"""What `--data` takes, by what the digits are called."""


def card(run: Run, seeds: int = 1) -> str:
    """The run as a text; `seeds`: of how many it is a fan. Raises ValueError for a run that never started."""
    started = run.started
    if started is None:
        raise ValueError("a run that never started has no card")
    seed = f"seed {started.seed}" if seeds == 1 else f"{seeds} seeds from {started.seed}"
    lines = [
        f"initplay {started.lesson}/{started.experiment} · {run.state}",
        " · ".join(part for part in (seed, started.device, started.data) if part),
        f"torch {started.torch} · initplay {started.initplay}",
        "",
    ]
    width = max((len(name) for name in [*started.knobs, *run.facts]), default=0)
    lines += [f"  {name:<{width}}  {_shown(value)}" for name, value in started.knobs.items()]
    if run.facts:
        lines += ["", *(f"  {name:<{width}}  {_shown(value)}" for name, value in run.facts.items())]
    return "\n".join([*lines, "", f"  {command(run, seeds)}", ""])


def command(run: Run, seeds: int = 1) -> str:
    """The shell command that runs it again, on the same device and digits, if its source is the lesson's.

    Digits from a folder of the learner's own are not named, for only the learner has them.
    """
    started = run.started
    if started is None:
        raise ValueError("a run that never started has no command")
    knobs = [f"{name}={_typed(value)}" for name, value in started.knobs.items()]
    words = ["initplay", "run", f"{started.lesson}/{started.experiment}", *knobs]
    words += ["--seed", str(started.seed), *(["--seeds", str(seeds)] if seeds > 1 else [])]
    words += ["--device", started.device]
    if started.data in _DATA:
        words += ["--data", _DATA[started.data]]
    return " ".join(shlex.quote(word) for word in words)


def _shown(value: object) -> str:
    return " ".join(short_fact(value).split())


def _typed(value: object) -> str:
    """As a knob takes it, with every digit that matters to repeat the run."""
    return str(value).lower() if isinstance(value, bool) else str(value)
