"""Why a run's numbers are what they are, in sentences of one line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from initplay.lab.events import Finished
from initplay.recording.breakage import breaks
from initplay.recording.mechanisms import far_input, mechanisms
from initplay.recording.run import Run
from initplay.recording.theory import (
    Residual,
    is_of_several,
    references,
    residuals,
    residuals_in_tables,
    where_theory_stands,
)
from initplay.words.names import listed

NOTHING = "Nothing broke: every number is finite"
ALL_WELL = "All went as theory says."
WELL_WITH_A_SCALE = "Where theory is not 0, all went as it says."
"""Of what is near 0 nothing says whether it is near enough."""
OF_ONE_DRAW = "One draw may lie far from it: over several seeds (f) one sees how far they lie."


def explain(run: Run) -> list[str]:
    """All that wants a reason: what broke, by which mechanism, and where theory is far off.

    Empty where all went as theory says, or where there is nothing to say. Of a net that was examined, what is
    wrong with it was found by that.
    """
    if run.layers:
        return [" ".join(verdict.text.split()) for verdict in run.verdicts]
    far = [f"{residual.in_words}." for residual in _residuals(run) if residual.is_far]
    if far and not is_of_several(run):
        far[-1] += f" {OF_ONE_DRAW}"
    said = [" ".join(words.split()) for words in (*far_input(run), *breaks(run), *mechanisms(run), *far)]
    return list(dict.fromkeys(said))


def all_well(run: Run) -> str:
    """One line about a run with nothing to explain."""
    if run.layers and not isinstance(run.ending, Finished):
        return "The examination ended before all was looked at."
    if run.layers:
        return "Nothing is found wrong with this net."
    if is_edited(run):
        return f"{NOTHING}. What an edited text calls theory is held against nothing."
    beside = [*residuals(run), *residuals_in_tables(run)]
    if not beside:
        return f"{NOTHING}{_without_a_scale(run)}"
    farthest = max(beside, key=_distance)
    if not farthest.has_scale:
        said = f"Nothing broke. {farthest.said}."
    elif farthest.is_near:
        where = ALL_WELL if all(one.has_scale for one in beside) else WELL_WITH_A_SCALE
        said = f"{where} Farthest from it, {farthest.said}."
    elif farthest.is_far:
        said = f"Nothing broke. Farthest from theory, {farthest.in_words}."
    else:
        said = f"Nothing is far from theory. Farthest from it, {farthest.in_words}."
    return " ".join(said.split())


def _distance(residual: Residual) -> tuple[bool, bool, float, bool]:
    """To order by: one that is not near lies farther than all that are."""
    return residual.is_far, not residual.is_near, residual.decades, residual.factor is not None


def _without_a_scale(run: Run) -> str:
    """What stands beside the numbers, where none of it is a number of theory for one of them."""
    if stands_in := where_theory_stands(run):
        return f". Theory stands beside them in {_quoted(stands_in)}."
    if lines := references(run):
        are, theories = ("are", "no theories") if len(lines) > 1 else ("is", "no theory")
        return f". {_quoted(lines)} {are} drawn to compare with, and {are} {theories}."
    return ", and no theory stands beside them."


def _quoted(names: Sequence[str]) -> str:
    return listed([f"“{name}”" for name in names])


def _residuals(run: Run) -> Iterator[Residual]:
    """None of a text that the learner edited: theory is of the lesson's own."""
    return iter(()) if is_edited(run) else residuals(run)


def is_edited(run: Run) -> bool:
    return run.started is not None and run.started.edited
