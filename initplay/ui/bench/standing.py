"""The line below the knobs: how a run stands, beside which it is shown, and what the next would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from initplay.course.experiment import Experiment
from initplay.course.knob import Value
from initplay.ui.bench.attempt import Attempt, against

SIGNS = {"waiting": "…", "running": "▶", "paused": "‖", "finished": "✓", "failed": "✗", "stopped": "■"}
"""Of each state that a run can be in."""


def standing(
    attempt: Attempt,
    now: float,
    *,
    pinned: Sequence[Attempt],
    experiment: Experiment,
    knobs: Mapping[str, Value],
    seed: int,
    modes: Sequence[str] = (),
) -> str:
    """`✓ run 2 · finished in 17 ms · against run 1: scale 1 → 0.1 · same seed`

    now: `time.monotonic()`. experiment, knobs, seed: what the next run would be. modes: switches that are on.
    """
    changed = _changed(attempt, experiment, knobs, seed)
    parts = [f"{SIGNS[attempt.state]} {attempt.label}", attempt.status(now), *modes, _beside(attempt, pinned)]
    return " · ".join([*parts, f"r: {', '.join(changed)}"] if changed else parts)


def _beside(attempt: Attempt, pinned: Sequence[Attempt]) -> str:
    """What it changed of the one pinned last, the cause of what differs on the charts; else its seed."""
    seed = f"seed {attempt.seed}"
    if attempt in pinned:
        return f"{seed} · pinned"
    other = pinned[-1] if pinned else None
    if other is None or other.experiment.name != attempt.experiment.name:
        return seed
    return against(other, attempt) or seed


def _changed(attempt: Attempt, experiment: Experiment, knobs: Mapping[str, Value], seed: int) -> list[str]:
    """What stands on the screen and is not as it was in the run."""
    changed = [
        f"{knob.name} {knob.format(knobs[knob.name])}"
        for knob in experiment.knobs
        if attempt.knobs.get(knob.name) != knobs[knob.name]
    ]
    return [*changed, f"seed {seed}"] if seed != attempt.seed else changed
