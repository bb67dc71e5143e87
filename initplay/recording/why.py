"""Why a run's numbers are what they are, in sentences of one line each."""

from __future__ import annotations

from collections.abc import Iterator

from initplay.recording.breakage import breaks
from initplay.recording.mechanisms import far_input, mechanisms
from initplay.recording.run import Run
from initplay.recording.theory import Residual, residuals
from initplay.words.numbers import short

OF_ONE_DRAW = (
    "Theory is of the average over draws; over several seeds (f) one sees how far single ones lie from it."
)


def explain(run: Run) -> list[str]:
    """All that wants a reason: what broke, by which mechanism, and where theory is far off.

    Empty where all went as theory says, or where there is nothing to say. Of a net that was examined, what is
    wrong with it was found by that.
    """
    if run.layers:
        return [" ".join(verdict.text.split()) for verdict in run.verdicts]
    far = [f"{residual.said}: {_times(residual.factor)}." for residual in _residuals(run) if residual.is_far]
    if far and not is_of_several(run):
        far[-1] += f" {OF_ONE_DRAW}"
    said = [" ".join(words.split()) for words in (*far_input(run), *breaks(run), *mechanisms(run), *far)]
    return list(dict.fromkeys(said))


def all_well(run: Run) -> str:
    """One line about a run with nothing to explain."""
    if run.layers:
        return "Nothing is found wrong with this net."
    near = max(_residuals(run), key=lambda residual: residual.decades, default=None)
    if near is None and is_edited(run):
        return "Nothing to explain: every number is finite, and theory is of the lesson's own text."
    if near is None:
        return "Nothing to explain: every number is finite, and no theory stands beside them."
    return " ".join(f"All went as theory says. Farthest from it, {near.said}.".split())


def _residuals(run: Run) -> Iterator[Residual]:
    """None of a text that the learner edited: theory is of the lesson's own."""
    return iter(()) if is_edited(run) else residuals(run)


def is_edited(run: Run) -> bool:
    return run.started is not None and run.started.edited


def is_of_several(run: Run) -> bool:
    return run.started is not None and len(run.started.seeds) > 1


def _times(factor: float | None) -> str:
    return f"{short(factor or 0)} times as much"
