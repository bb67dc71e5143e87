"""The line below the knobs: how a run stands, beside which it is shown, and what the next would change."""

from __future__ import annotations

from collections.abc import Sequence

from initplay.course.experiment import Experiment
from initplay.ui.bench.attempt import Attempt, against

SIGNS = {"waiting": "…", "running": "▶", "paused": "‖", "finished": "✓", "failed": "✗", "stopped": "■"}
"""Of each state that a run can be in."""


def standing(
    attempt: Attempt, *, pinned: Sequence[Attempt], modes: Sequence[str] = (), pending: Sequence[str] = ()
) -> str:
    """`✓ run 2 · r: scale 0.2 · finished in 17 ms · against run 1: scale 1 → 0.1 · same seed`

    modes: switches that are on. pending: what the next run would change.
    """
    other = ["edited source"] * attempt.order.edited + ["with your own code"] * bool(attempt.order.mine)
    # What is cut off where the line is too long must be what matters least.
    next_ = [f"r: {', '.join(pending)}"] * bool(pending)
    # With other knobs or another seed it would be another sweep.
    onward = ["M goes on"] * (attempt.state == "stopped" and bool(attempt.cells) and not pending)
    sign = f"{SIGNS[attempt.state]} {attempt.label}"
    return " · ".join([sign, *other, *next_, attempt.status, *onward, *modes, _beside(attempt, pinned)])


def instead_of_charts(attempt: Attempt | None, experiment: Experiment) -> str:
    """What is said while there is no chart."""
    if attempt is None:
        return f"{experiment.doc}\n\npress r to run" if experiment.doc else "press r to run"
    words = {"waiting": f"the run {attempt.status}", "failed": "no chart: the run failed"}
    return words.get(attempt.state, "nothing to draw yet")


def _beside(attempt: Attempt, pinned: Sequence[Attempt]) -> str:
    """What it changed of the one pinned last, the cause of what differs on the charts; else its seed."""
    seed = f"seed {attempt.seed}"
    if attempt in pinned:
        return f"{seed} · pinned"
    other = pinned[-1] if pinned else None
    if other is None or other.experiment.name != attempt.experiment.name:
        return seed
    return against(other, attempt) or seed
